#include "app/cli/windowprogram.h"

#include "app/cli/clitext.h"
#include "app/cli/ownsession.h"
#include "app/exitstatus.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>

#include <memory>

namespace signalbox::cli
{

namespace
{

int statusOf(ExitStatus status)
{
    return static_cast<int>(status);
}

// Empty: it is not there, and that was said.
QString consoleProgram(Terminal &terminal)
{
    const QDir folder(QCoreApplication::applicationDirPath());
#ifdef Q_OS_WIN
    const QString program = folder.filePath(QStringLiteral("signalbox-console.exe"));
#else
    const QString program = folder.filePath(QStringLiteral("signalbox-console"));
#endif
    if (QFileInfo(program).isExecutable())
        return program;
    terminal.say(
        CliText::tr(
            "signalbox: the console is not installed beside this program (%1 is missing). The command line works "
            "without it: see \"signalbox --help\".")
            .arg(QDir::toNativeSeparators(program)));
    return {};
}

int notStarted(Terminal &terminal, const QString &program, const QString &why)
{
    terminal.say(
        CliText::tr("signalbox: %1 could not be started. %2").arg(QDir::toNativeSeparators(program), why).trimmed());
    return statusOf(ExitStatus::Refused);
}

// Windows and macOS always have a desktop to draw on.
bool hasDisplay()
{
#if defined(Q_OS_WIN) || defined(Q_OS_MACOS)
    return true;
#else
    return !qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ||
           !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
#endif
}

// What the window would draw on.
QString displayName()
{
    for (const char *name : {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"}) {
        if (!qEnvironmentVariableIsEmpty(name))
            return QString::fromLatin1(name) + u'=' + qEnvironmentVariable(name);
    }
    return {};
}

constexpr int noDisplay = 69;           // the window's status where its display does not answer (displayguard.h)
constexpr int deadDisplayWithin = 1000; // ms: as long as it may take to find out

} // namespace

int openConsole(Terminal &terminal, const QStringList &arguments)
{
    const QString program = consoleProgram(terminal);
    if (program.isEmpty())
        return statusOf(ExitStatus::Usage);
    if (!hasDisplay()) {
        terminal.say(CliText::tr("signalbox: There is no display for the window: neither DISPLAY nor WAYLAND_DISPLAY "
                                 "is set. Use a command (see \"signalbox --help\"), or \"signalbox tour --out DIR\" "
                                 "for its pictures."));
        return statusOf(ExitStatus::Refused);
    }
    // It outlives us, and with our streams would keep whoever reads them waiting, or end when they are gone (SIGPIPE).
    auto window = std::make_unique<QProcess>();
    window->setProgram(program);
    window->setArguments(arguments);
    window->setStandardInputFile(QProcess::nullDevice());
    window->setStandardOutputFile(QProcess::nullDevice());
    window->setStandardErrorFile(QProcess::nullDevice());
#if defined(Q_OS_WIN) || defined(Q_OS_MACOS)
    if (!window->startDetached())
        return notStarted(terminal, program, {});
#else
    // As a child first: only so is its status told. It leads a session of its own, as a detached one does, and stays.
    leadOwnSession(*window);
    window->start();
    if (!window->waitForStarted())
        return notStarted(terminal, program, window->errorString());
    window->waitForFinished(deadDisplayWithin);
    if (window->state() != QProcess::NotRunning) {
        (void)window.release(); // its destructor would end it
        return statusOf(ExitStatus::Done);
    }
    const bool isCrash = window->exitStatus() != QProcess::NormalExit;
    if (!isCrash && window->exitCode() == noDisplay) {
        terminal.say(CliText::tr("signalbox: There is no display for the window: %1 does not answer. Use a command "
                                 "(see \"signalbox --help\"), or \"signalbox tour --out DIR\" for its pictures.")
                         .arg(displayName()));
        return statusOf(ExitStatus::Refused);
    }
    if (isCrash || window->exitCode() != 0) {
        const QString why = isCrash ? CliText::tr("It ended at once, by signal %1. Start it by itself in a terminal "
                                                  "to see what it says.")
                                    : CliText::tr("It ended at once, with status %1. Start it by itself in a terminal "
                                                  "to see what it says.");
        return notStarted(terminal, program, why.arg(window->exitCode()));
    }
#endif
    return statusOf(ExitStatus::Done);
}

namespace
{

// Runs it with its words on our own output, and waits.
int runProgramOfWindow(Terminal &terminal, const QString &program, const QStringList &given, bool isOffScreen)
{
    QProcess window;
    window.setProcessChannelMode(QProcess::ForwardedChannels);
    if (isOffScreen) {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        window.setProcessEnvironment(environment);
    }
    int status = statusOf(ExitStatus::Refused);
    QObject::connect(&window, &QProcess::finished, &window, [&](int code, QProcess::ExitStatus how) {
        status = how == QProcess::NormalExit ? code : statusOf(ExitStatus::Refused);
        QCoreApplication::exit();
    });
    QObject::connect(&window, &QProcess::errorOccurred, &window, [&](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart)
            return;
        notStarted(terminal, program, window.errorString());
        QCoreApplication::exit();
    });
    const InterruptWatcher interrupts;
    QObject::connect(&interrupts, &InterruptWatcher::interrupted, &window, &QProcess::terminate);
    window.start(program, given);
    if (window.state() != QProcess::NotRunning)
        QCoreApplication::exec();
    return status;
}

} // namespace

int runTour(Terminal &terminal, const Arguments &arguments)
{
    const QString program = consoleProgram(terminal);
    if (program.isEmpty())
        return statusOf(ExitStatus::Usage);
    if (!hasDisplay())
        terminal.say(CliText::tr("There is no display: the window is drawn off screen."));
    QStringList given{QStringLiteral("--tour"), QDir().absoluteFilePath(arguments.value(QStringLiteral("out")))};
    if (arguments.has(QStringLiteral("readme")))
        given << QStringLiteral("--tour-readme");
    const int status = runProgramOfWindow(terminal, program, given, !hasDisplay());
    if (status != noDisplay || !hasDisplay())
        return status;
    terminal.say(CliText::tr("%1 does not answer: the window is drawn off screen.").arg(displayName()));
    return runProgramOfWindow(terminal, program, given, true);
}

int runLedgerReport(Terminal &terminal, const QStringList &given)
{
    const QString program = consoleProgram(terminal);
    if (program.isEmpty())
        return statusOf(ExitStatus::Usage);
    return runProgramOfWindow(terminal, program, given, true); // paper looks the same everywhere
}

} // namespace signalbox::cli
