#include "services/adapters/kubernetes/execrun.h"

#include "services/adapters/kubernetes/execplugintext.h"

#include <QEventLoop>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace signalbox::kubernetes
{

namespace
{

constexpr qsizetype longestOutput = 1024 * 1024;
constexpr qsizetype keptComplaint = 16 * 1024;

// All of a run; made, used and freed on its thread.
class Job
{
public:
    // `isTaken`: there is a terminal, but somebody else reads it; the setup says then that there is none.
    Job(const ExecSetup &setup, bool isTaken, StopToken stop)
        : m_setup(setup)
        , m_isTaken(isTaken)
        , m_plugin(setup.plugin)
        , m_stop(std::move(stop))
    {}

    Result<ExecCredential> run();

private:
    QString findProgram() const;
    void prepare();
    void takeOutput();
    void takeComplaint();
    Result<ExecCredential> judge();
    Error failed(const QString &how, const QString &advice) const;
    QString said() const;
    bool isInteractive() const { return m_setup.hasTerminal && m_plugin.interaction != ExecPlugin::Interaction::Never; }

    const ExecSetup &m_setup;
    const bool m_isTaken;
    const ExecPlugin &m_plugin;
    StopToken m_stop;
    QEventLoop m_loop;
    QProcess m_process;
    QByteArray m_output;
    QByteArray m_complaint;
    bool m_isOutOfTime = false;
    bool m_isTooLong = false;
};

Error Job::failed(const QString &how, const QString &advice) const
{
    return {ErrorKind::Unauthorized,
            ExecPluginText::tr("The credential plugin \"%1\" of the user \"%2\" %3. %4 (%5)")
                .arg(m_plugin.command, m_plugin.user, how, advice, m_plugin.place),
            {}};
}

QString Job::said() const
{
    QList<Secret> known;
    for (const auto &[name, value] : m_plugin.environment)
        known.append(value);
    QString line = firstLineRedacted(m_complaint, known);
    while (line.endsWith(u'.'))
        line.chop(1);
    return line.isEmpty() ? QString() : QStringLiteral(": ") + line;
}

QString Job::findProgram() const
{
    const QFileInfo file(m_plugin.command);
    if (file.isAbsolute())
        return file.isFile() && file.isExecutable() ? file.filePath() : QString();
    return QStandardPaths::findExecutable(m_plugin.command);
}

void Job::prepare()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const auto &[name, value] : m_plugin.environment)
        environment.insert(name, QString::fromUtf8(value.reveal()));
    environment.insert(QStringLiteral("KUBERNETES_EXEC_INFO"), QString::fromUtf8(execInfo(m_setup)));
    m_process.setProcessEnvironment(environment);
    if (isInteractive())
        m_process.setInputChannelMode(QProcess::ForwardedInputChannel);
    else
        m_process.setStandardInputFile(QProcess::nullDevice());
    QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_loop, [this] { takeOutput(); });
    QObject::connect(&m_process, &QProcess::readyReadStandardError, &m_loop, [this] { takeComplaint(); });
    QObject::connect(&m_process, &QProcess::finished, &m_loop, [this] { m_loop.quit(); });
    QObject::connect(&m_process, &QProcess::errorOccurred, &m_loop, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            m_loop.quit();
    });
}

void Job::takeOutput()
{
    m_output += m_process.readAllStandardOutput();
    if (m_output.size() > longestOutput && !m_isTooLong) {
        m_isTooLong = true;
        m_loop.quit();
    }
}

void Job::takeComplaint()
{
    const QByteArray text = m_process.readAllStandardError();
    m_complaint += text.left(std::max<qsizetype>(keptComplaint - m_complaint.size(), 0));
    if (isInteractive()) // the plugin's questions
        std::fwrite(text.constData(), 1, static_cast<size_t>(text.size()), stderr);
}

Result<ExecCredential> Job::run()
{
    if (m_plugin.interaction == ExecPlugin::Interaction::Always && m_isTaken) {
        return failed(ExecPluginText::tr("needs the terminal to ask questions (interactiveMode: Always), and the "
                                         "operation under way takes its keys"),
                      ExecPluginText::tr("Log in with the plugin's own command in another terminal."));
    }
    if (m_plugin.interaction == ExecPlugin::Interaction::Always && !m_setup.hasTerminal) {
        return failed(
            ExecPluginText::tr("needs a terminal to ask questions (interactiveMode: Always), and there is none"),
            ExecPluginText::tr(
                "Use the signalbox command in a terminal, or log in with the plugin's own command first."));
    }
    const QString program = findProgram();
    if (program.isEmpty()) {
        const QString hint = m_plugin.installHint.simplified().left(500);
        return failed(ExecPluginText::tr("was not found or may not be run"),
                      hint.isEmpty() ? ExecPluginText::tr("Install it, or correct its name.") : hint);
    }
    prepare();
    QTimer deadline;
    deadline.setSingleShot(true);
    QObject::connect(&deadline, &QTimer::timeout, &m_loop, [this] {
        m_isOutOfTime = true;
        m_loop.quit();
    });
    // From another thread: as an event, for the loop may not run yet.
    const StopCallback<std::function<void()>> onStop(
        m_stop, [this] { QMetaObject::invokeMethod(&m_loop, &QEventLoop::quit, Qt::QueuedConnection); });
    m_process.start(program, m_plugin.arguments, QIODevice::ReadOnly);
    deadline.start(m_setup.timeout);
    if (m_process.state() != QProcess::NotRunning || m_process.error() == QProcess::UnknownError)
        m_loop.exec();
    return judge();
}

Result<ExecCredential> Job::judge()
{
    if (m_process.state() != QProcess::NotRunning) {
        m_process.kill();
        QTimer::singleShot(2'000, &m_loop, [this] { m_loop.quit(); }); // a process that the system cannot end
        m_loop.exec();
    }
    m_process.disconnect(&m_loop);
    if (m_stop.stop_requested())
        return Error{ErrorKind::Cancelled, {}, {}};
    if (m_isOutOfTime) {
        return failed(
            ExecPluginText::tr("did not answer within %1 s%2").arg(m_setup.timeout.count() / 1000.0).arg(said()),
            ExecPluginText::tr("Run it in a terminal to see what it waits for."));
    }
    if (m_isTooLong)
        return failed(ExecPluginText::tr("printed more than %1 bytes").arg(longestOutput),
                      ExecPluginText::tr("Run it in a terminal to see what it says."));
    if (m_process.error() == QProcess::FailedToStart)
        return failed(ExecPluginText::tr("could not be started: %1").arg(m_process.errorString()),
                      ExecPluginText::tr("Check the program and its permissions."));
    if (m_process.exitStatus() == QProcess::CrashExit)
        return failed(ExecPluginText::tr("crashed%1").arg(said()),
                      ExecPluginText::tr("Run it in a terminal to see why."));
    if (m_process.exitCode() != 0) {
        return failed(ExecPluginText::tr("ended with status %1%2").arg(m_process.exitCode()).arg(said()),
                      ExecPluginText::tr("Log in with the plugin's own command, then try again."));
    }
    m_output += m_process.readAllStandardOutput();
    return parseExecCredential(m_output, m_plugin);
}

} // namespace

class ExecRun::Private
{
public:
    StopSource stop;
    std::shared_ptr<std::atomic<bool>> isOver = std::make_shared<std::atomic<bool>>(false);
    std::thread thread;
};

ExecRun::ExecRun(ExecSetup setup, Done done)
    : d(std::make_unique<Private>())
{
    // Once for the run: what it is told and what it gets must agree.
    const bool isTaken = setup.hasTerminal && setup.isTerminalTaken && setup.isTerminalTaken();
    if (isTaken)
        setup.hasTerminal = false;
    d->thread = std::thread(
        [setup = std::move(setup), isTaken, done = std::move(done), stop = d->stop.get_token(), isOver = d->isOver] {
            Result<ExecCredential> result = Error{};
            {
                Job job(setup, isTaken, stop);
                result = job.run();
            }
            *isOver = true;
            done(result);
        });
}

ExecRun::~ExecRun()
{
    d->stop.request_stop();
    // A thread that is past its plugin only delivers: whoever it delivers to may be the one who frees this, or hold a
    // lock it needs. It keeps nothing of ours.
    if (*d->isOver)
        d->thread.detach();
    else
        d->thread.join();
}

} // namespace signalbox::kubernetes
