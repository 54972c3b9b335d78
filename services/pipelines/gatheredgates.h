#pragma once

#include "models/domain/result.h"
#include "models/pipelines/gate.h"

// What a server's projects, or runs, say of the gates they wait at, put together. Pure.
namespace signalbox
{

struct GatheredGates
{
    QList<WaitingGate> gates;
    QString unread; // GateKeeper::unread()
};

// Of what one of them answered: whether the others need be asked all the same. No: it ails the server, or us.
bool asksTheOthersToo(const Result<QList<WaitingGate>> &answer);

// What "not found" says: a run has ended, and waits for nobody. A project may be hidden from us, which servers tell
// with the same words, and its gates wait unseen.
enum class GoneMeans { Ended, Hidden };

// `names` of those that were asked, in the order of their answers. What ails one of them alone (it is hidden,
// malformed, tells no gates) takes no other's gates away, and is the answer where no other was read; what ails the
// server, or us, is the answer at once.
Result<GatheredGates> gatheredGates(const QStringList &names, const QList<Result<QList<WaitingGate>>> &answers,
                                    GoneMeans gone);

} // namespace signalbox
