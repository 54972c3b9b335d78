#pragma once

#include "services/async/serialqueue.h"
#include "services/async/stoptoken.h"
#include "services/ledger/signing/signer.h"

#include <QList>
#include <QString>

#include <chrono>

namespace signalbox::ssh
{

struct AgentKey
{
    PublicKey key;
    QString comment;
    bool operator==(const AgentKey &) const = default;
};

// An ssh-agent (draft-miller-ssh-agent): OpenSSH's, a desktop's, a hardware token's. Private keys never leave it. One
// question after the other, on a thread of its own; the destructor stops what runs and waits for nothing. Any thread.
class SshAgent
{
public:
    // An empty path: SSH_AUTH_SOCK, else where the system's agent usually listens.
    explicit SshAgent(QString path = {}, std::chrono::milliseconds timeout = std::chrono::seconds(60));
    ~SshAgent();

    QString path() const;
    // Those that can sign a ledger, in the agent's order; others are left out. Unreachable: no agent there.
    [[nodiscard]] QFuture<Result<QList<AgentKey>>> keys(StopToken stop);
    // SSH's encoding. NotFound: the agent has no such key (or is locked); Refused: it said no; TimedOut: nobody touched
    // the security key, or answered the agent's question, in time.
    [[nodiscard]] QFuture<Result<QByteArray>> sign(PublicKey key, QByteArray data, StopToken stop);

private:
    class Core;
    std::shared_ptr<const Core> m_core;
    StopSource m_gone;
    std::shared_ptr<SerialQueue> m_queue;
};

// A key in an agent.
class AgentSigner : public Signer
{
public:
    AgentSigner(std::shared_ptr<SshAgent> agent, AgentKey key);

    const PublicKey &publicKey() const override { return m_key.key; }
    QString description() const override;
    [[nodiscard]] QFuture<Result<QByteArray>> signData(QByteArray data, StopToken stop) override;

private:
    std::shared_ptr<SshAgent> m_agent;
    AgentKey m_key;
};

// The agent's key that `which` names: a fingerprint, a line of a .pub file or a comment; empty: its only one. NotFound
// where there is none or several fit: the sentence lists what there is.
[[nodiscard]] SignerFuture agentSigner(std::shared_ptr<SshAgent> agent, QString which, StopToken stop);

} // namespace signalbox::ssh
