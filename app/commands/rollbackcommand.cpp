#include "app/commands/rollbackcommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"
#include "services/async/deliver.h"

namespace signalbox::commands
{

Result<QFuture<Result<Plan>>> RollbackCommand::order(const Deployed &deployed, ClusterConnection &cluster)
{
    const auto workload = findWorkload(deployed, option("track"), option("workload"));
    if (!workload)
        return workload.error();
    RollbackOrder wanted;
    wanted.connection = deployed.connection;
    wanted.ns = deployed.ns;
    wanted.application = deployed.application;
    wanted.environment = deployed.environment;
    wanted.workload = *workload;
    wanted.to = option("to");
    wanted.reason = option("reason");
    wanted.pauseReconciliation = has("pause-reconciliation");
    return cluster.rollback->plan(wanted, stopToken());
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
