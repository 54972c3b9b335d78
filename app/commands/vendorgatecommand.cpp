#include "app/commands/vendorgatecommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/runscommand.h"
#include "app/commands/vendorgatetext.h"
#include "services/async/chain.h"
#include "services/promotions/ledgerdesk.h"

namespace signalbox::commands
{

Result<void> checkGateArguments(const cli::Arguments &arguments)
{
    const QString name = arguments.positionals.value(0);
    if (isGateName(name)) {
        const auto parameters = parametersOf(arguments);
        return parameters ? Result<void>() : Result<void>(parameters.error());
    }
    for (const QString &option : {QStringLiteral("set"), QStringLiteral("dry-run")}) {
        if (arguments.has(option))
            return invalid(CommandsText::tr("--%1 goes with a gate of a vendor, and \"%2\" is a promotion's id.")
                               .arg(option, name));
    }
    return {};
}

DecideGateCommand::DecideGateCommand(bool approves, Context context, QObject *parent)
    : OperationCommand(std::move(context), parent)
    , m_approves(approves)
{}

void DecideGateCommand::listed()
{
    if (const auto checked = checkConnections(); !checked) {
        fail(checked.error());
        return;
    }
    terminal().progress(CommandsText::tr("asking for gates"));
    deliver(meant(), stopToken(), this, [this](const Result<FoundGate> &one) {
        terminal().clearProgress();
        const auto taken = one ? take(*one) : Result<void>(one.error());
        if (!taken)
            fail(taken.error());
        else
            makePlan();
    });
}

Result<void> DecideGateCommand::checkConnections() const
{
    if (!session().pipelines().all().empty())
        return {};
    return invalid(CommandsText::tr("\"%1\" is a gate of a vendor, and no server with pipelines is known. Add a "
                                    "connection of kind jenkins, github or gitlab to the workspace.")
                       .arg(application()));
}

QFuture<Result<FoundGate>> DecideGateCommand::meant()
{
    const std::optional<Workspace> workspace =
        context().sources.workspace ? std::optional(context().sources.workspace->workspace()) : std::nullopt;
    return after(this, findGates(this, session().pipelines(), workspace, patienceOf(context().arguments), stopToken()),
                 [this, workspace](const FoundGates &found) {
                     return findGate(this, session().pipelines(), workspace, found, application(), stopToken());
                 });
}

Result<void> DecideGateCommand::take(const FoundGate &found)
{
    if (!context().isJson())
        terminal().print(waitingGateText(found));
    m_order.gate = found.gate;
    m_order.approves = m_approves;
    m_order.comment = option(context().arguments.has(QStringLiteral("reason")) ? "reason" : "comment").trimmed();
    m_order.reason = m_order.comment;
    m_order.parameters = *parametersOf(context().arguments);
    m_order.application = found.application;
    m_order.isMapped = found.isMapped;
    m_order.environment = found.gate.environment;
    if (const auto named = checkConfirm(context().arguments, found.application); !named)
        return named.error();
    if (!m_approves && !found.gate.canReject)
        return Error{ErrorKind::Refused,
                     CommandsText::tr("%1 lets nobody reject this gate. \"signalbox run cancel\" stops its run.")
                         .arg(found.gate.vendor),
                     {}};
    if (found.gate.needsComment && m_order.comment.isEmpty())
        return invalid(
            CommandsText::tr("%1 wants a comment with a decision: give --comment TEXT.").arg(found.gate.vendor));
    return m_approves ? checkParameters(found.gate, m_order.parameters) : Result<void>();
}

Result<QFuture<Result<Plan>>> DecideGateCommand::askPlan()
{
    PipelineServer *const server = session().pipelines().find(m_order.gate.connection);
    if (!server || !server->gates())
        return connectionGone(m_order.gate.connection);
    return session().promotions().planGate(*server->gates(), m_order, stopToken());
}

LedgerDesk *DecideGateCommand::recorder()
{
    return &session().promotions();
}

} // namespace signalbox::commands
