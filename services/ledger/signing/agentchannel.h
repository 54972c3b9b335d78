#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QByteArray>
#include <QString>

#include <chrono>
#include <optional>

namespace signalbox::ssh
{

// Where the system's agent listens, when SSH_AUTH_SOCK does not say it: the pipe of OpenSSH for Windows; empty
// elsewhere.
QString usualAgentPath();

// One question to an agent and its answer, without the four bytes of length: a connection of its own, blocking, for a
// worker. Ends within `timeout` and at once with a stop. TimedOut, Cancelled, Unreachable (no agent there), Protocol
// (it hung up, or answers too much).
Result<QByteArray> agentExchange(const QString &path, const QByteArray &question, std::chrono::milliseconds timeout,
                                 const StopToken &stop);

// The longest answer that is read; OpenSSH's own agent never sends more.
inline constexpr quint32 mostAgentBytes = 256 * 1024;

// For the platforms' files.
Error agentUnreachable(const QString &path, const QString &why);
Error agentTimedOut(const QString &path);
Error agentHungUp(const QString &path);
// The answer once all of it has arrived, without its length; an Error when its length is none. None: read on.
std::optional<Result<QByteArray>> wholeAnswer(const QByteArray &received, const QString &path);

} // namespace signalbox::ssh
