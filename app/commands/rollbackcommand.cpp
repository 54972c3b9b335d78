#include "app/commands/rollbackcommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"
#include "models/domain/wayback.h"
#include "services/async/deliver.h"

#include <utility>

namespace signalbox::commands
{

Result<QFuture<Result<Plan>>> RollbackCommand::order(const Deployed &deployed, ClusterConnection &cluster)
{
    const auto workload = findWorkload(deployed, option("track"), option("workload"));
    if (!workload)
        return workload.error();
    const bool isChosen = has("to") || has("track") || has("workload") || std::exchange(m_isHintSaid, true);
    if (const std::optional<QString> hint = isChosen ? std::nullopt : quickerWay(deployed))
        terminal().say(QStringLiteral("signalbox: ") + *hint);
    RollbackOrder wanted;
    wanted.connection = deployed.connection;
    wanted.ns = deployed.ns;
    wanted.application = deployed.application;
    wanted.environment = deployed.environment;
    wanted.workload = *workload;
    const Deployed *const now = session().deployed().find(deployed.key()); // it may be planned again
    wanted.liveShare = now ? liveShareOf(*now, *workload) : std::nullopt;
    wanted.to = option("to");
    wanted.reason = option("reason");
    wanted.pauseReconciliation = has("pause-reconciliation");
    return cluster.rollback->plan(wanted, stopToken());
}

std::optional<QString> RollbackCommand::quickerWay(const Deployed &deployed)
{
    const Track *const other = deployed.freshness.isLive() ? trackToGoBackTo(deployed) : nullptr;
    if (!other || hasNothingToLeave(deployed, {}))
        return std::nullopt;
    return tr("%1 %2 runs beside it and needs no start: signalbox traffic %3 %4 --set %1=100 is the quicker way back.")
        .arg(other->name, other->version, deployed.application, deployed.environment);
}

bool RollbackCommand::divert(const Deployed &deployed, ClusterConnection &cluster)
{
    if (!has("list"))
        return false;
    const auto workload = findWorkload(deployed, option("track"), option("workload"));
    if (!workload) {
        fail(workload.error());
        return true;
    }
    deliver(cluster.rollback->targets(*workload, stopToken()), stopToken(), this,
            [this, deployed, workload = *workload](const Result<QList<RollbackTarget>> &targets) {
                if (!targets) {
                    fail(targets.error());
                    return;
                }
                terminal().print(context().isJson() ? revisionsJson(deployed, workload, *targets)
                                                    : revisionsText(deployed, workload, *targets));
                finish(ExitStatus::Done);
            });
    return true;
}

} // namespace signalbox::commands
