#include "services/ledger/signing/sshagent.h"

#include "services/async/whenended.h"
#include "services/ledger/signing/agentchannel.h"
#include "services/ledger/signing/sshwire.h"

#include <QCoreApplication>
#include <QThreadPool>
#include <QtEndian>

#include <algorithm>

namespace signalbox::ssh
{
namespace
{

struct SshAgentText
{
    Q_DECLARE_TR_FUNCTIONS(SshAgent)
};

// draft-miller-ssh-agent, section 5.
constexpr std::uint8_t agentFailure = 5;
constexpr std::uint8_t requestIdentities = 11;
constexpr std::uint8_t identitiesAnswer = 12;
constexpr std::uint8_t signRequest = 13;
constexpr std::uint8_t signResponse = 14;
constexpr std::uint32_t flagRsaSha512 = 4;
constexpr std::chrono::milliseconds listTimeout{5000};

Error noSense(const QString &path)
{
    return {
        ErrorKind::Protocol,
        SshAgentText::tr("What answers at %1 does not speak the ssh-agent protocol. Check SSH_AUTH_SOCK.").arg(path),
        {}};
}

// One stop out of two.
class EitherStop
{
public:
    EitherStop(const StopToken &one, const StopToken &other)
        : m_one(one, Forward{m_source})
        , m_other(other, Forward{m_source})
    {}
    StopToken token() const { return m_source.get_token(); }

private:
    struct Forward
    {
        StopSource source;
        void operator()() { source.request_stop(); }
    };
    StopSource m_source;
    StopCallback<Forward> m_one;
    StopCallback<Forward> m_other;
};

QString listOf(const QList<AgentKey> &keys)
{
    QStringList lines;
    for (const AgentKey &key : keys)
        lines.append(QStringLiteral("%1 %2").arg(key.key.fingerprint(), key.comment).trimmed());
    return lines.join(QStringLiteral(", "));
}

Result<std::shared_ptr<Signer>> chosen(const std::shared_ptr<SshAgent> &agent, const QList<AgentKey> &keys,
                                       const QString &which)
{
    QList<AgentKey> fitting;
    const auto line = PublicKey::fromLine(which.toUtf8());
    for (const AgentKey &key : keys) {
        const bool fits =
            which.isEmpty() || key.key.fingerprint() == which || key.comment == which || (line && *line == key.key);
        if (fits)
            fitting.append(key);
    }
    if (fitting.size() == 1)
        return std::shared_ptr<Signer>(std::make_shared<AgentSigner>(agent, fitting.first()));
    if (keys.isEmpty())
        return Error{
            ErrorKind::NotFound,
            SshAgentText::tr("The agent at %1 offers no key that can sign a ledger: it is empty or locked. Add one "
                             "with ssh-add, or unlock it with ssh-add -X.")
                .arg(agent->path()),
            {}};
    if (fitting.isEmpty())
        return Error{
            ErrorKind::NotFound,
            SshAgentText::tr("The agent at %1 has no key \"%2\". It has %3.").arg(agent->path(), which, listOf(keys)),
            {}};
    return Error{ErrorKind::NotFound,
                 SshAgentText::tr("The agent at %1 has several keys that fit: %2. Name one by its fingerprint.")
                     .arg(agent->path(), listOf(fitting)),
                 {}};
}

} // namespace

Error agentUnreachable(const QString &path, const QString &why)
{
    return {ErrorKind::Unreachable,
            SshAgentText::tr(
                "No ssh-agent answers at %1: %2. Start one (eval \"$(ssh-agent)\"; ssh-add), or sign with a key "
                "file or the keychain.")
                .arg(path, why),
            {}};
}

Error agentTimedOut(const QString &path)
{
    return {ErrorKind::TimedOut, SshAgentText::tr("The ssh-agent at %1 did not answer in time.").arg(path), {}};
}

Error agentHungUp(const QString &path)
{
    return {
        ErrorKind::Protocol,
        SshAgentText::tr("The ssh-agent at %1 ended the connection without an answer. Look at its log and try again.")
            .arg(path),
        {}};
}

std::optional<Result<QByteArray>> wholeAnswer(const QByteArray &received, const QString &path)
{
    if (received.size() < 4)
        return std::nullopt;
    const quint32 size = qFromBigEndian<quint32>(received.constData());
    if (size == 0 || size > mostAgentBytes)
        return agentHungUp(path);
    if (received.size() < qsizetype(size) + 4)
        return std::nullopt;
    return received.mid(4, size);
}

class SshAgent::Core
{
public:
    QString m_path;
    std::chrono::milliseconds m_timeout;

    Result<QByteArray> ask(const QByteArray &question, std::chrono::milliseconds timeout, const StopToken &stop) const;
    Result<QList<AgentKey>> readKeys(const StopToken &stop) const;
    Result<QByteArray> readSignature(const PublicKey &key, const QByteArray &data, const StopToken &stop) const;
};

SshAgent::SshAgent(QString path, std::chrono::milliseconds timeout)
    : m_queue(std::make_shared<SerialQueue>())
{
    if (path.isEmpty())
        path = qEnvironmentVariable("SSH_AUTH_SOCK");
    if (path.isEmpty())
        path = usualAgentPath();
    m_core = std::make_shared<const Core>(Core{std::move(path), timeout});
}

// The last owner may be a continuation on the queue's own thread, which cannot wait for itself.
SshAgent::~SshAgent()
{
    m_gone.request_stop();
    QThreadPool::globalInstance()->start([queue = std::move(m_queue)]() mutable { queue.reset(); });
}

QString SshAgent::path() const
{
    return m_core->m_path;
}

QFuture<Result<QList<AgentKey>>> SshAgent::keys(StopToken stop)
{
    return m_queue->run([core = m_core, stop = std::move(stop), gone = m_gone.get_token()] {
        const EitherStop either(stop, gone);
        return core->readKeys(either.token());
    });
}

QFuture<Result<QByteArray>> SshAgent::sign(PublicKey key, QByteArray data, StopToken stop)
{
    return m_queue->run([core = m_core, key = std::move(key), data = std::move(data), stop = std::move(stop),
                         gone = m_gone.get_token()] {
        const EitherStop either(stop, gone);
        return core->readSignature(key, data, either.token());
    });
}

Result<QByteArray> SshAgent::Core::ask(const QByteArray &question, std::chrono::milliseconds timeout,
                                       const StopToken &stop) const
{
    if (stop.stop_requested())
        return Error{ErrorKind::Cancelled, {}, {}};
    if (m_path.isEmpty())
        return Error{
            ErrorKind::Unreachable,
            SshAgentText::tr("No ssh-agent runs here: SSH_AUTH_SOCK is not set. Start one (eval \"$(ssh-agent)\"; "
                             "ssh-add), or sign with a key file or the keychain."),
            {}};
    return agentExchange(m_path, question, timeout, stop);
}

Result<QList<AgentKey>> SshAgent::Core::readKeys(const StopToken &stop) const
{
    const auto answer = ask(WireWriter().byte(requestIdentities).bytes(), listTimeout, stop);
    if (!answer)
        return answer.error();
    WireReader reader(*answer);
    const std::uint8_t type = reader.byte();
    if (type == agentFailure)
        return Error{
            ErrorKind::Refused, SshAgentText::tr("The ssh-agent at %1 does not tell its keys.").arg(m_path), {}};
    const std::uint32_t count = reader.number();
    if (type != identitiesAnswer || count > 10000)
        return noSense(m_path);
    QList<AgentKey> keys;
    for (std::uint32_t i = 0; i < count && reader.isGood(); ++i) {
        auto key = PublicKey::fromBlob(reader.string());
        const QString comment = QString::fromUtf8(reader.string());
        if (key)
            keys.append({*std::move(key), comment});
    }
    if (!reader.isGood())
        return noSense(m_path);
    return keys;
}

Result<QByteArray> SshAgent::Core::readSignature(const PublicKey &key, const QByteArray &data,
                                                 const StopToken &stop) const
{
    WireWriter question;
    question.byte(signRequest).string(key.blob()).string(data);
    question.number(key.type() == KeyType::Rsa ? flagRsaSha512 : 0);
    const auto answer = ask(question.bytes(), m_timeout, stop);
    if (!answer) {
        if (answer.error().kind != ErrorKind::TimedOut)
            return answer.error();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(m_timeout).count();
        return Error{
            ErrorKind::TimedOut,
            key.isHardware()
                ? SshAgentText::tr("The security key was not touched within %1 s; nothing was signed. Try again and "
                                   "touch it when it blinks.")
                      .arg(seconds)
                : SshAgentText::tr("The ssh-agent at %1 did not sign within %2 s. It may be waiting for somebody to "
                                   "confirm: look for its window and try again.")
                      .arg(m_path)
                      .arg(seconds),
            {}};
    }
    WireReader reader(*answer);
    const std::uint8_t type = reader.byte();
    if (type == signResponse) {
        const QByteArray signature = reader.string().toByteArray();
        return reader.isAtEnd() ? Result<QByteArray>(signature) : Result<QByteArray>(noSense(m_path));
    }
    if (type != agentFailure)
        return noSense(m_path);
    // The protocol has no reason. Whether it has the key at all tells the two most frequent ones apart.
    const auto there = readKeys(stop);
    if (there) {
        const bool has = std::any_of(there->begin(), there->end(), [&key](const AgentKey &k) { return k.key == key; });
        if (!has)
            return Error{
                ErrorKind::NotFound,
                SshAgentText::tr("The ssh-agent at %1 does not have the key %2: it was removed, or the agent is "
                                 "locked. Add it with ssh-add, or unlock it with ssh-add -X.")
                    .arg(m_path, key.fingerprint()),
                {}};
    }
    return Error{
        ErrorKind::Refused,
        key.isHardware()
            ? SshAgentText::tr("The ssh-agent refused to sign with the security key %1: it is not plugged in, was not "
                               "touched, or its PIN was not given.")
                  .arg(key.fingerprint())
            : SshAgentText::tr("The ssh-agent at %1 has the key %2 and refused to sign with it: its confirmation was "
                               "declined, or the key may not be used for this.")
                  .arg(m_path, key.fingerprint()),
        {}};
}

AgentSigner::AgentSigner(std::shared_ptr<SshAgent> agent, AgentKey key)
    : m_agent(std::move(agent))
    , m_key(std::move(key))
{}

QString AgentSigner::description() const
{
    return SshAgentText::tr("%1 in the agent (%2)")
        .arg(m_key.comment.isEmpty() ? QString::fromLatin1(keyTypeName(m_key.key.type())) : m_key.comment,
             m_key.key.fingerprint());
}

QFuture<Result<QByteArray>> AgentSigner::signData(QByteArray data, StopToken stop)
{
    return m_agent->sign(m_key.key, std::move(data), std::move(stop));
}

SignerFuture agentSigner(std::shared_ptr<SshAgent> agent, QString which, StopToken stop)
{
    auto keys = agent->keys(std::move(stop));
    return continued(keys, [agent = std::move(agent), which](const Result<QList<AgentKey>> &found) {
        return found ? chosen(agent, *found, which) : Result<std::shared_ptr<Signer>>(found.error());
    });
}

} // namespace signalbox::ssh
