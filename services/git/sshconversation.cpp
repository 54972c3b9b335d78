#include "services/git/conversation.h"

#include "services/git/gittext.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QLoggingCategory>
#include <QProcess>

#include <algorithm>

namespace signalbox::git
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.git")

constexpr int sliceMs = 50; // between looks for a stop
constexpr int startMs = 10000;
constexpr qsizetype keptStderrBytes = 16 * 1024;

QStringList sshCommand(const RemoteAccess &access)
{
    if (!access.sshCommand.isEmpty())
        return access.sshCommand;
    const QString command = qEnvironmentVariable("GIT_SSH_COMMAND");
    if (!command.isEmpty())
        return QProcess::splitCommand(command);
    const QString program = qEnvironmentVariable("GIT_SSH");
    return {program.isEmpty() ? QStringLiteral("ssh") : program};
}

// For the shell on the other side, the way git itself does it.
QString quoted(const QString &text)
{
    QString inner = text;
    inner.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    inner.replace(QLatin1Char('!'), QLatin1String("'\\!'"));
    return QLatin1Char('\'') + inner + QLatin1Char('\'');
}

QStringList arguments(const RemoteAccess &access, Service service)
{
    const RemoteUrl &url = access.url;
    const auto seconds = std::max<qint64>(1, access.connectTimeout.count() / 1000);
    QStringList all{QStringLiteral("-o"), QStringLiteral("BatchMode=yes"), QStringLiteral("-o"),
                    QStringLiteral("ConnectTimeout=%1").arg(seconds)};
    if (url.port > 0)
        all << QStringLiteral("-p") << QString::number(url.port);
    all << (url.user.isEmpty() ? url.host : url.user + QLatin1Char('@') + url.host);
    all << (service == Service::UploadPack ? QStringLiteral("git-upload-pack ") : QStringLiteral("git-receive-pack ")) +
               quoted(url.path);
    return all;
}

// ssh and the git behind it tell what is wrong in words only. Neither translates them.
Error errorOf(const RemoteAccess &access, const QByteArray &said, int exitCode)
{
    struct Case
    {
        const char *words;
        ErrorKind kind;
        const char *sentence; // %1: the address, %2: the host
    };
    static constexpr Case cases[] = {
        {"REMOTE HOST IDENTIFICATION HAS CHANGED", ErrorKind::Refused,
         QT_TRANSLATE_NOOP("signalbox::git",
                           "The host key of %2 is not the one that ssh knows for it: the machine was set up anew, or "
                           "another one answers in its place. Ask its administrator; if the new key is right, remove "
                           "the old one with \"ssh-keygen -R %2\".")},
        {"Host key verification failed", ErrorKind::Refused,
         QT_TRANSLATE_NOOP("signalbox::git",
                           "ssh does not know the host key of %2 and asks nobody here. Run \"ssh %2\" once in a "
                           "terminal, compare the key with what its administrator says, and accept it.")},
        {"Permission denied (", ErrorKind::Unauthorized,
         QT_TRANSLATE_NOOP("signalbox::git",
                           "%2 accepts none of the keys ssh has for %1. Load the right one into the agent "
                           "(\"ssh-add -l\" lists them), or name it in ~/.ssh/config.")},
        {"Could not resolve hostname", ErrorKind::Unreachable,
         QT_TRANSLATE_NOOP("signalbox::git", "There is no host of the name %2, as ssh finds it. Check %1.")},
        {"Connection refused", ErrorKind::Unreachable,
         QT_TRANSLATE_NOOP("signalbox::git", "%2 refuses connections of ssh. Check host and port of %1.")},
        {"timed out", ErrorKind::TimedOut,
         QT_TRANSLATE_NOOP("signalbox::git", "%2 gave ssh no answer in time. Check the network and %1.")},
        {"No route to host", ErrorKind::Unreachable,
         QT_TRANSLATE_NOOP("signalbox::git", "There is no way to %2 from here. Check the network and %1.")},
        {"Network is unreachable", ErrorKind::Unreachable,
         QT_TRANSLATE_NOOP("signalbox::git", "There is no way to %2 from here. Check the network and %1.")},
        {"does not appear to be a git repository", ErrorKind::NotFound,
         QT_TRANSLATE_NOOP("signalbox::git", "There is no repository at %1. Check the path.")},
        {"epository not found", ErrorKind::NotFound,
         QT_TRANSLATE_NOOP("signalbox::git", "There is no repository %1, or this user may not see it.")},
        {"not allowed", ErrorKind::Forbidden,
         QT_TRANSLATE_NOOP("signalbox::git", "%2 does not let this user do that with %1.")},
        {"command not found", ErrorKind::Unsupported,
         QT_TRANSLATE_NOOP("signalbox::git", "There is no git on %2, so it cannot serve %1.")},
    };
    const QString detail = QStringLiteral("ssh ended with status %1: %2").arg(exitCode).arg(tamed(said, 1000));
    for (const Case &one : cases) {
        if (said.contains(one.words))
            return {one.kind,
                    GitText::tr(one.sentence)
                        .replace(QLatin1String("%2"), access.url.host)
                        .replace(QLatin1String("%1"), access.url.shown),
                    detail};
    }
    const QByteArray last = said.trimmed().split('\n').last();
    if (last.trimmed().isEmpty())
        return {
            ErrorKind::Unreachable,
            GitText::tr("The connection to %1 ended before everything had arrived. Try again.").arg(access.url.shown),
            detail};
    return {
        ErrorKind::Unreachable,
        GitText::tr("The connection to %1 ended before everything had arrived: %2").arg(access.url.shown, tamed(last)),
        detail};
}

// One `ssh`, its two pipes both ways for the whole conversation. Lives on one thread, which needs no event loop: only
// the waiting functions are used, in slices.
class SshStream : public ByteStream
{
public:
    explicit SshStream(Operation &operation)
        : m_operation(operation)
    {}

    ~SshStream() override
    {
        m_process.closeWriteChannel();
        if (m_process.state() == QProcess::NotRunning || m_process.waitForFinished(m_isBroken ? 0 : 500))
            return;
        m_process.kill();
        m_process.waitForFinished(2000);
    }

    Result<void> start(Service service)
    {
        QStringList command = sshCommand(m_operation.access);
        const QString program = command.isEmpty() ? QString() : command.takeFirst();
        m_process.setProgram(program);
        m_process.setArguments(command + arguments(m_operation.access, service));
        qCDebug(category) << "ssh to" << m_operation.access.url.host;
        m_process.start(QIODevice::ReadWrite | QIODevice::Unbuffered);
        if (m_process.waitForStarted(startMs))
            return {};
        return Error{
            ErrorKind::Unsupported,
            GitText::tr("\"%1\" cannot be started, and %2 is reached through it: %3. Install OpenSSH's client.")
                .arg(program, m_operation.access.url.shown, m_process.errorString()),
            {}};
    }

    Result<qint64> read(char *buffer, qint64 size) override
    {
        QDeadlineTimer idle(m_operation.access.idleTimeout);
        while (m_process.bytesAvailable() == 0) {
            keepErrors();
            if (m_process.state() == QProcess::NotRunning && m_process.bytesAvailable() == 0)
                return ended();
            if (const auto problem = interruption(idle))
                return *problem;
            m_process.waitForReadyRead(sliceMs);
        }
        const qint64 count = m_process.read(buffer, size);
        if (count < 0)
            return ended();
        return count;
    }

    Result<void> write(const char *bytes, qint64 size) override
    {
        if (m_process.state() == QProcess::NotRunning || m_process.write(bytes, size) != size) {
            const auto end = ended();
            return end ? errorOf(m_operation.access, m_errors, m_process.exitCode()) : end.error();
        }
        QDeadlineTimer idle(m_operation.access.idleTimeout);
        while (m_process.bytesToWrite() > 0 && m_process.state() != QProcess::NotRunning) {
            if (const auto problem = interruption(idle))
                return *problem;
            if (m_process.waitForBytesWritten(sliceMs))
                idle.setRemainingTime(m_operation.access.idleTimeout);
            keepErrors();
        }
        return {};
    }

private:
    std::optional<Error> interruption(const QDeadlineTimer &idle)
    {
        if (m_operation.stop.stop_requested())
            m_isBroken = true;
        if (m_isBroken)
            return cancelledError();
        if (!idle.hasExpired())
            return std::nullopt;
        m_isBroken = true;
        return Error{ErrorKind::TimedOut,
                     GitText::tr("Nothing came from %1 for %2 s. Check the network and try again.")
                         .arg(m_operation.access.url.shown)
                         .arg(m_operation.access.idleTimeout.count() / 1000),
                     {}};
    }

    void keepErrors()
    {
        const QByteArray more = m_process.readAllStandardError();
        if (m_errors.size() < keptStderrBytes)
            m_errors += more.left(keptStderrBytes - m_errors.size());
    }

    // libgit2 reads no further than the protocol says: an end that it sees came too early.
    Result<qint64> ended()
    {
        m_process.waitForFinished(startMs / 10);
        keepErrors();
        return errorOf(m_operation.access, m_errors, m_process.exitCode());
    }

    Operation &m_operation;
    QProcess m_process;
    QByteArray m_errors;
    bool m_isBroken = false; // ended by us: no time for a polite end
};

class SshConversation : public Conversation
{
public:
    explicit SshConversation(Operation &operation)
        : m_operation(operation)
    {}
    bool isStateless() const override { return false; }
    Result<std::unique_ptr<ByteStream>> open(Service service, bool) override
    {
        auto stream = std::make_unique<SshStream>(m_operation);
        if (const auto started = stream->start(service); !started)
            return started.error();
        return std::unique_ptr<ByteStream>(std::move(stream));
    }

private:
    Operation &m_operation;
};

} // namespace

std::unique_ptr<Conversation> makeSshConversation(Operation &operation)
{
    return std::make_unique<SshConversation>(operation);
}

} // namespace signalbox::git
