#include "app/commands/registry.h"

#include "app/commands/changescommand.h"
#include "app/commands/commandstext.h"
#include "app/commands/completioncache.h"
#include "app/commands/deploymentscommand.h"
#include "app/commands/drillcommand.h"
#include "app/commands/freezecommand.h"
#include "app/commands/gatecommand.h"
#include "app/commands/ledgercommand.h"
#include "app/commands/ledgerpolicycommand.h"
#include "app/commands/ledgersharecommand.h"
#include "app/commands/logscommand.h"
#include "app/commands/playcommand.h"
#include "app/commands/promotioncommand.h"
#include "app/commands/rehearsecommand.h"
#include "app/commands/rollbackcommand.h"
#include "app/commands/runscommand.h"
#include "app/commands/sandboxcommand.h"
#include "app/commands/statuscommand.h"
#include "app/commands/tell.h"
#include "app/commands/trafficcommand.h"
#include "app/commands/vendorgatecommand.h"
#include "app/commands/workloadcommand.h"
#include "app/drillname.h"
#include "app/wiring/demo.h"
#include "models/domain/duration.h"
#include "services/promotions/ledgerdesk.h"

#include <QCoreApplication>
#include <QLoggingCategory>

#include <memory>

namespace signalbox::commands
{

namespace
{

Q_LOGGING_CATEGORY(registryCategory, "signalbox.app.commands")

SourceOptions sourceOptions(const cli::Arguments &arguments)
{
    SourceOptions options;
    options.workspace = arguments.value(QStringLiteral("workspace"));
    options.kubeconfig = arguments.value(QStringLiteral("kubeconfig"));
    options.context = arguments.value(QStringLiteral("context"));
    options.demo = arguments.has(QStringLiteral("demo"));
    options.prometheus = arguments.value(QStringLiteral("prometheus"));
    return options;
}

std::unique_ptr<Command> make(Context context)
{
    const QString name = context.arguments.command->name;
    if (name == QLatin1String("status"))
        return std::make_unique<StatusCommand>(std::move(context));
    if (name == QLatin1String("logs"))
        return std::make_unique<LogsCommand>(std::move(context));
    if (name == QLatin1String("runs"))
        return std::make_unique<RunsCommand>(std::move(context));
    if (name == QLatin1String("run")) {
        const QString what = context.arguments.positionals.value(0);
        if (what == QLatin1String("show") || what == QLatin1String("log"))
            return std::make_unique<RunCommand>(std::move(context));
        if (what == QLatin1String("deployments"))
            return std::make_unique<DeploymentsCommand>(std::move(context));
        if (what == QLatin1String("redeploy"))
            return std::make_unique<RedeployCommand>(std::move(context));
        if (what == QLatin1String("play"))
            return std::make_unique<PlayCommand>(std::move(context));
        return std::make_unique<RunOperationCommand>(std::move(context));
    }
    if (name == QLatin1String("traffic"))
        return std::make_unique<TrafficCommand>(std::move(context));
    if (name == QLatin1String("rollback"))
        return std::make_unique<RollbackCommand>(std::move(context));
    if (name == QLatin1String("promote"))
        return std::make_unique<PromoteCommand>(std::move(context));
    if (name == QLatin1String("approvals"))
        return std::make_unique<ApprovalsCommand>(std::move(context));
    const bool isGate = isGateName(context.arguments.positionals.value(0));
    if (isGate && (name == QLatin1String("approve") || name == QLatin1String("reject")))
        return std::make_unique<DecideGateCommand>(name == QLatin1String("approve"), std::move(context));
    if (name == QLatin1String("approve"))
        return std::make_unique<DecideCommand>(DecideCommand::What::Approve, std::move(context));
    if (name == QLatin1String("reject"))
        return std::make_unique<DecideCommand>(DecideCommand::What::Reject, std::move(context));
    if (name == QLatin1String("hold"))
        return std::make_unique<StopCommand>(StopCommand::What::Hold, std::move(context));
    if (name == QLatin1String("lift"))
        return std::make_unique<StopCommand>(StopCommand::What::Lift, std::move(context));
    if (name == QLatin1String("break-glass"))
        return std::make_unique<DecideCommand>(DecideCommand::What::BreakGlass, std::move(context));
    if (name == QLatin1String("close-claim"))
        return std::make_unique<DecideCommand>(DecideCommand::What::CloseClaim, std::move(context));
    if (name == QLatin1String("countersign"))
        return std::make_unique<StopCommand>(StopCommand::What::Countersign, std::move(context));
    if (name == QLatin1String("freeze"))
        return std::make_unique<FreezeCommand>(std::move(context));
    if (name == QLatin1String("rehearse"))
        return std::make_unique<RehearseCommand>(std::move(context));
    if (name == QLatin1String("scale"))
        return std::make_unique<WorkloadCommand>(OperationKind::Scale, std::move(context));
    if (name == QLatin1String("restart"))
        return std::make_unique<WorkloadCommand>(OperationKind::Restart, std::move(context));
    if (name == QLatin1String("pause"))
        return std::make_unique<WorkloadCommand>(OperationKind::Pause, std::move(context));
    if (name == QLatin1String("resume"))
        return std::make_unique<WorkloadCommand>(OperationKind::Resume, std::move(context));
    return nullptr;
}

// These need no cluster.
bool isOfPipelines(const cli::Arguments &arguments)
{
    const QString name = arguments.command->name;
    const bool decides = name == QLatin1String("approve") || name == QLatin1String("reject");
    return name == QLatin1String("runs") || name == QLatin1String("run") || name == QLatin1String("approvals") ||
           (decides && isGateName(arguments.positionals.value(0)));
}

// What can be told to be wrong before anything is read.
Result<void> checkValues(const cli::Arguments &arguments)
{
    const QString name = arguments.command->name;
    if (name == QLatin1String("traffic")) {
        if (const auto wish = trafficWishOf(arguments); !wish)
            return wish.error();
    }
    if (name == QLatin1String("runs") || name == QLatin1String("run")) {
        if (const auto checked = checkRunArguments(arguments); !checked)
            return checked;
    }
    if (name == QLatin1String("approve") || name == QLatin1String("reject")) {
        if (const auto checked = checkGateArguments(arguments); !checked)
            return checked;
    }
    if (name == QLatin1String("logs")) {
        if (const auto wish = LogsCommand::wishOf(arguments); !wish)
            return wish.error();
    }
    if (name == QLatin1String("scale")) {
        if (const auto replicas = WorkloadCommand::replicasOf(arguments); !replicas)
            return replicas.error();
    }
    if (name == QLatin1String("promote")) {
        if (const auto order = PromoteCommand::orderOf(arguments); !order)
            return order.error();
    }
    if (name == QLatin1String("freeze")) {
        if (const auto order = FreezeCommand::orderOf(arguments, QDateTime::currentDateTimeUtc()); !order)
            return order.error();
    }
    for (const auto &[option, commands] :
         {std::pair(QStringLiteral("comment"), QStringList{QStringLiteral("reject"), QStringLiteral("countersign")}),
          std::pair(QStringLiteral("reason"),
                    QStringList{QStringLiteral("hold"), QStringLiteral("lift"), QStringLiteral("break-glass"),
                                QStringLiteral("close-claim")})}) {
        if (commands.contains(name) && arguments.value(option).trimmed().isEmpty())
            return Error{ErrorKind::Invalid,
                         CommandsText::tr("\"signalbox %1\" needs --%2 TEXT: say why.").arg(name, option),
                         {}};
    }
    if (name == QLatin1String("approve") || name == QLatin1String("reject") || name == QLatin1String("break-glass") ||
        name == QLatin1String("close-claim") || name == QLatin1String("countersign")) // name no application
        return {};
    if (name == QLatin1String("run")) // names a project as well; the operation compares it with its application
        return {};
    if (const auto named = checkConfirm(arguments, arguments.positionals.value(0)); !named)
        return named.error();
    if (arguments.has(QStringLiteral("list")) && arguments.has(QStringLiteral("to")))
        return Error{ErrorKind::Invalid, CommandsText::tr("--list changes nothing, hence takes no --to."), {}};
    return {};
}

// What the command line can do about it.
Error withWayOut(Error problem)
{
    if (problem.detail == kubernetes::noContextChosen)
        problem.message += QLatin1Char(' ') + CommandsText::tr("Choose one by --context.");
    else if (problem.detail == kubernetes::noKubeConfigFound)
        problem.message +=
            QLatin1Char(' ') + CommandsText::tr("Name one by --kubeconfig or the environment variable "
                                                "KUBECONFIG, or ask for one at whoever runs the cluster. "
                                                "--demo needs none.");
    return problem;
}

// Beside what the command itself prints, as long as it lives.
void sayWhatHappens(Session &session, Command *command, cli::Terminal &terminal)
{
    QObject::connect(
        &session.operations(), &OperationCenter::reconciled, command,
        [&terminal](const ReconciledOperation &operation) {
            terminal.say(
                CommandsText::tr("signalbox: an operation of %1 was cut off and has been compared with the cluster: %2")
                    .arg(operation.startedAt.toUTC().toString(Qt::ISODate), operation.outcome.message));
        });
    QObject::connect(
        &session.operations(), &OperationCenter::problemOccurred, command,
        [&terminal](const Error &problem) { terminal.say(QStringLiteral("signalbox: ") + problem.message); });
    QObject::connect(
        &session.promotions(), &PromotionDesk::problemOccurred, command,
        [&terminal](const Error &problem) { terminal.say(QStringLiteral("signalbox: ") + problem.message); });
}

// These read by themselves what a workspace names: with --demo, what that of the practice world names.
ExitStatus runOfFiles(ExitStatus (*command)(const cli::Arguments &, cli::Terminal &), const cli::Arguments &arguments,
                      cli::Terminal &terminal)
{
    if (!arguments.has(QStringLiteral("demo")))
        return command(arguments, terminal);
    QStringList others{QStringLiteral("workspace"), QStringLiteral("ledger")};
    if (arguments.command->name == QLatin1String("changes"))
        others.append(QStringLiteral("repository"));
    for (const QString &other : std::as_const(others)) {
        if (arguments.has(other))
            return tell(Error{ErrorKind::Invalid,
                              CommandsText::tr("--demo is a world of its own: leave out --%1, or --demo.").arg(other),
                              {}},
                        ExitStatus::Usage, arguments, terminal);
    }
    SourceOptions options;
    options.demo = true;
    const auto demo = startDemo(options); // outlives the command
    if (!demo)
        return tell(demo.error(), exitStatusOf(demo.error().kind), arguments, terminal);
    cli::Arguments inside = arguments;
    inside.options.insert(QStringLiteral("workspace"), {options.workspace});
    inside.options.insert(QStringLiteral("demo"), {options.dataFolder}); // dataFolderOf()
    return command(inside, terminal);
}

} // namespace

Result<void> checkSource(const cli::Arguments &arguments)
{
    if (auto checked = checkSourceOptions(sourceOptions(arguments)); !checked)
        return checked;
    const QString timeout = arguments.value(QStringLiteral("timeout"));
    if (timeout.isEmpty())
        return {};
    const auto parsed = parseDuration(timeout);
    if (!parsed)
        return Error{ErrorKind::Invalid, CommandsText::tr("--timeout: %1").arg(parsed.error().message), {}};
    if (parsed->count() == 0)
        return Error{ErrorKind::Invalid, CommandsText::tr("--timeout must be longer than nothing."), {}};
    return {};
}

ExitStatus run(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    if (arguments.command->name == QLatin1String("sandbox"))
        return runSandbox(arguments, terminal);
    if (arguments.command->name == QLatin1String("drill"))
        return runDrill(arguments, terminal);
    if (arguments.command->name == QLatin1String("changes"))
        return runOfFiles(runChanges, arguments, terminal);
    if (arguments.command->name == QLatin1String("ledger"))
        return runOfFiles(runLedger, arguments, terminal);
    if (arguments.command->name == QLatin1String("gate"))
        return runOfFiles(runGate, arguments, terminal);
    for (const auto &checked : {checkSource(arguments), checkValues(arguments)}) {
        if (!checked)
            return tell(checked.error(), ExitStatus::Usage, arguments, terminal);
    }
    if (arguments.command->name == QLatin1String("countersign") && namesPolicyChange(arguments) &&
        !arguments.has(QStringLiteral("demo")))
        return runPolicyCountersign(arguments, terminal);
    SourceOptions options = sourceOptions(arguments);
    const auto demo = startDemo(options); // outlives the session below
    if (!demo)
        return tell(demo.error(), exitStatusOf(demo.error().kind), arguments, terminal);
    const auto sources = findSources(options);
    if (!sources)
        return tell(withWayOut(sources.error()), ExitStatus::Usage, arguments, terminal);
    for (const QString &warning : sources->warnings) {
        qCWarning(registryCategory).noquote() << warning;
        terminal.say(QStringLiteral("signalbox: ") + warning);
    }
    if (sources->clusters.isEmpty() && !(isOfPipelines(arguments) && !sources->pipelines.isEmpty())) {
        const Error none{
            ErrorKind::NotFound,
            CommandsText::tr("The workspace names no cluster that can be used. Add a connection of kind kubernetes."),
            {}};
        return tell(sources->problems.isEmpty() ? none : sources->problems.first().error, ExitStatus::Usage, arguments,
                    terminal);
    }
    for (const SourceProblem &problem : sources->problems)
        terminal.say(QStringLiteral("signalbox: ") + problem.error.message);

    Session::Options settings;
    settings.hasTerminal = terminal.isInteractive();
    settings.dataFolder = options.dataFolder;
    settings.isTerminalTaken = terminal.takenCheck();
    Session session(std::move(settings));
    const cli::InterruptWatcher interrupts;
    Context context{arguments, terminal, session, *sources};
    if (const auto timeout = parseDuration(arguments.value(QStringLiteral("timeout"))))
        context.timeout = *timeout;
    const std::unique_ptr<Command> command = make(context);
    ExitStatus status = ExitStatus::Refused;
    QObject::connect(command.get(), &Command::finished, command.get(), [&status](ExitStatus ended) {
        status = ended;
        QCoreApplication::quit();
    });
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, command.get(),
                     [&command] { command->interrupt(); });
    sayWhatHappens(session, command.get(), terminal);
    bool hasWritten = false;
    QObject::connect(&session.operations(), &OperationCenter::entryRecorded, command.get(),
                     [&hasWritten] { hasWritten = true; });
    (void)session.promotions(); // what a crash cut off may be one of them
    session.open(*sources);
    command->start();
    QCoreApplication::exec();
    terminal.clearProgress();
    if (hasWritten && session.ledger().sharing().isShared())
        sendWritten(session.ledger(), terminal);
    if (session.listing() == Session::Listing::Complete)
        rememberNames(sourceOptions(arguments), session.deployed().all());
    return status;
}

QStringList completionNames(cli::ValueKind kind, const cli::Arguments &given)
{
    if (kind == cli::ValueKind::Release)
        return releaseNames(given);
    if (kind == cli::ValueKind::Drill)
        return drillNames();
    const SourceOptions options = sourceOptions(given);
    if (kind == cli::ValueKind::Context)
        return contextNames(options);
    QList<KnownPlace> places = rememberedNames(options);
    QStringList names;
    const QString application = given.positionals.value(0);
    for (const KnownPlace &place : places) {
        if (kind == cli::ValueKind::Application)
            names.append(place.application);
        else if (application.isEmpty() || place.application == application)
            names += kind == cli::ValueKind::Environment ? QStringList{place.environment} : place.tracks;
    }
    names.removeDuplicates();
    names.sort();
    if (kind == cli::ValueKind::Track && given.command && given.command->name == QLatin1String("traffic")) {
        for (QString &name : names)
            name += QLatin1Char('=');
    }
    return names;
}

} // namespace signalbox::commands
