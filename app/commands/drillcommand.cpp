#include "app/commands/drillcommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/drilltext.h"
#include "app/commands/sandboxcommand.h"
#include "app/commands/tell.h"
#include "app/drillname.h"
#include "app/paths.h"
#include "services/async/deliver.h"
#include "services/drills/practicedrills.h"
#include "services/sandbox/sandbox.h"

#include <QCoreApplication>

namespace signalbox::commands
{

namespace
{

using drills::PracticeDrills;

constexpr int mostAttempts = 500;

QList<DrillInfo> knownDrills()
{
    QList<DrillInfo> all;
    for (const drills::Scenario &scenario : drills::builtInScenarios())
        all.append(scenario.info);
    return all;
}

Result<QList<Debrief>> readHistory(cli::Terminal &terminal)
{
    drills::DebriefBook book(dataFolder());
    Result<drills::DebriefBook::Pages> read = drills::DebriefBook::Pages();
    QObject context;
    deliver(book.read(mostAttempts), StopToken{}, &context, [&read](const Result<drills::DebriefBook::Pages> &pages) {
        read = pages;
        QCoreApplication::quit();
    });
    QCoreApplication::exec();
    if (!read)
        return read.error();
    for (const Error &problem : read->problems)
        terminal.say(QStringLiteral("signalbox: ") + problem.message);
    return read->debriefs;
}

// One drill played here: the clock in the last line, what the operator says from the keyboard.
class TerminalDrill : public QObject
{
public:
    TerminalDrill(DrillYard &yard, const DrillInfo &info, bool isJson, cli::Terminal &terminal)
        : m_yard(yard)
        , m_info(info)
        , m_isJson(isJson)
        , m_terminal(terminal)
    {
        connect(&yard, &DrillYard::progressChanged, this, [this] { show(); });
        connect(&yard, &DrillYard::over, this, [this](const Debrief &debrief) { tellOutcome(debrief); });
        connect(&yard, &DrillYard::recorded, this, [] { QCoreApplication::quit(); });
        connect(&yard, &DrillYard::problemOccurred, this, [this](const Error &problem) {
            m_terminal.say(QStringLiteral("signalbox: ") + problem.message);
            if (!m_yard.progress().isUnderWay())
                QCoreApplication::quit();
        });
    }

    void start()
    {
        m_terminal.say(
            CommandsText::tr(
                "\n%1\n%2\n%3\n\nYou have %4 minutes. Here: Enter says \"I see it\", f and Enter \"a false "
                "alarm, stand down\", q and Enter gives up.")
                .arg(m_info.title, m_info.briefing, m_info.task, drillClockText(m_info.limitSeconds * 1000LL)));
        if (const auto started = m_yard.start(m_info.name); !started)
            m_terminal.say(QStringLiteral("signalbox: ") + started.error().message);
        read();
    }
    ExitStatus status() const { return m_status; }

private:
    void read()
    {
        auto *reader = new cli::LineReader(m_terminal, this);
        connect(reader, &cli::LineReader::entered, this, [this, reader](const QString &line) {
            reader->deleteLater();
            obey(line.trimmed().toLower());
            read();
        });
    }

    void obey(const QString &word)
    {
        if (word.isEmpty())
            m_yard.acknowledge();
        else if (word == QLatin1String("f"))
            m_yard.standDown();
        else if (word == QLatin1String("q"))
            giveUp();
    }

public:
    void giveUp()
    {
        const bool wasRunning = m_yard.progress().phase == DrillProgress::Phase::Running;
        m_yard.abandon();
        if (!wasRunning)
            QCoreApplication::quit();
    }

private:
    void show()
    {
        const DrillProgress progress = m_yard.progress();
        switch (progress.phase) {
        case DrillProgress::Phase::Preparing:
            m_terminal.progress(progress.text);
            break;
        case DrillProgress::Phase::Countdown:
            m_terminal.progress(CommandsText::tr("Begins in %1").arg(progress.countdown));
            break;
        case DrillProgress::Phase::Running:
            m_terminal.progress(runningText(progress));
            break;
        case DrillProgress::Phase::Idle:
        case DrillProgress::Phase::Over:
            break;
        }
    }

    // Where lines cannot be rewritten a line a second would be noise.
    QString runningText(const DrillProgress &progress) const
    {
        if (!m_terminal.isOutputTerminal())
            return progress.isSeen ? CommandsText::tr("Running, seen") : CommandsText::tr("Running");
        const QString clock =
            QStringLiteral("%1 / %2").arg(drillClockText(progress.elapsedMs), drillClockText(progress.limitMs));
        return progress.sinceBadMs ? CommandsText::tr("%1 · seen, %2 since the first bad sample")
                                         .arg(clock, drillClockText(*progress.sinceBadMs))
                                   : clock;
    }

    void tellOutcome(const Debrief &debrief)
    {
        m_terminal.clearProgress();
        m_status = debrief.verdict == DrillVerdict::Passed ? ExitStatus::Done : ExitStatus::Refused;
        m_terminal.print(m_isJson ? debriefJson(debrief, m_status) : debriefText(debrief));
    }

    DrillYard &m_yard;
    DrillInfo m_info;
    bool m_isJson;
    cli::Terminal &m_terminal;
    ExitStatus m_status = ExitStatus::Refused;
};

ExitStatus playHere(const DrillInfo &info, const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const cli::InterruptWatcher interrupts;
    const auto world = sandbox::Sandbox::start();
    if (!world)
        return tell(world.error(), arguments, terminal);
    PracticeDrills yard(**world, {dataFolder(), 1});
    terminal.say(CommandsText::tr("A practice world is open. Lead a second terminal to it:"));
    terminal.say(sandboxExports((*world)->kubeconfigFile(), (*world)->workspaceFile()).trimmed());
    TerminalDrill drill(yard, info, arguments.has(QStringLiteral("json")), terminal);
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &drill, [&drill] { drill.giveUp(); });
    drill.start();
    QCoreApplication::exec();
    terminal.clearProgress();
    return drill.status();
}

} // namespace

bool opensDrillWindow(const cli::Arguments &arguments)
{
    return arguments.command && arguments.command->name == QLatin1String("drill") && !arguments.positionals.isEmpty() &&
           !arguments.has(QStringLiteral("terminal")) && !arguments.has(QStringLiteral("history")) &&
           !arguments.has(QStringLiteral("json"));
}

Result<void> checkDrill(const cli::Arguments &arguments)
{
    const QString name = arguments.positionals.value(0);
    const bool isTerminal = arguments.has(QStringLiteral("terminal"));
    if (isTerminal && arguments.has(QStringLiteral("history")))
        return Error{ErrorKind::Invalid, CommandsText::tr("--history plays nothing, hence takes no --terminal."), {}};
    if (name.isEmpty())
        return isTerminal ? Result<void>(Error{ErrorKind::Invalid,
                                               CommandsText::tr("--terminal needs the name of a drill: %1.")
                                                   .arg(drillNames().join(QStringLiteral(", "))),
                                               {}})
                          : Result<void>();
    return checkDrillName(name);
}

ExitStatus runDrill(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    if (const auto checked = checkDrill(arguments); !checked)
        return tell(checked.error(), arguments, terminal);
    const QString name = arguments.positionals.value(0);
    QList<DrillInfo> shown;
    for (const DrillInfo &one : knownDrills()) {
        if (name.isEmpty() || one.name == name)
            shown.append(one);
    }
    if (arguments.has(QStringLiteral("terminal")))
        return playHere(shown.first(), arguments, terminal);
    auto history = readHistory(terminal);
    if (!history)
        return tell(history.error(), arguments, terminal);
    if (!name.isEmpty())
        erase_if(*history, [&name](const Debrief &one) { return one.drill != name; });
    if (arguments.has(QStringLiteral("json")))
        terminal.print(drillsJson(shown, *history));
    else
        terminal.print(arguments.has(QStringLiteral("history")) ? attemptsText(*history) : drillsText(shown, *history));
    return ExitStatus::Done;
}

} // namespace signalbox::commands
