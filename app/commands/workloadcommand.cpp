#include "app/commands/workloadcommand.h"

#include "app/commands/targets.h"

#include <QCoreApplication>

namespace signalbox::commands
{

namespace
{

struct WorkloadCommandText
{
    Q_DECLARE_TR_FUNCTIONS(WorkloadCommand)
};

constexpr int maxReplicas = 10000; // far above what one namespace carries: a slip of the finger

} // namespace

WorkloadCommand::WorkloadCommand(OperationKind kind, Context context, QObject *parent)
    : OperationCommand(std::move(context), parent)
    , m_kind(kind)
{}

Result<int> WorkloadCommand::replicasOf(const cli::Arguments &arguments)
{
    const QString given = arguments.value(QStringLiteral("replicas"));
    if (given.isEmpty())
        return Error{ErrorKind::Invalid, WorkloadCommandText::tr("\"signalbox scale\" needs --replicas N."), {}};
    bool isNumber = false;
    const int replicas = given.toInt(&isNumber);
    if (!isNumber || replicas < 0 || replicas > maxReplicas)
        return Error{ErrorKind::Invalid,
                     WorkloadCommandText::tr("--replicas: \"%1\" is no number of pods. Give a whole number from 0 on, "
                                             "at most %2, for example --replicas 3.")
                         .arg(given)
                         .arg(maxReplicas),
                     {}};
    return replicas;
}

Result<QFuture<Result<Plan>>> WorkloadCommand::order(const Deployed &deployed, ClusterConnection &cluster)
{
    WorkloadOrder wanted;
    wanted.connection = deployed.connection;
    wanted.ns = deployed.ns;
    wanted.application = deployed.application;
    wanted.environment = deployed.environment;
    wanted.kind = m_kind;
    wanted.reason = option("reason");
    if (m_kind == OperationKind::Resume && has("reconciliation")) {
        wanted.reconciliation = true;
        wanted.managers = deployed.managers;
        return cluster.workloads->plan(wanted, stopToken());
    }
    const auto workload = findWorkload(deployed, option("track"), option("workload"));
    if (!workload)
        return workload.error();
    wanted.workload = *workload;
    if (m_kind == OperationKind::Scale) {
        const auto replicas = replicasOf(context().arguments);
        if (!replicas)
            return replicas.error();
        wanted.replicas = *replicas;
    }
    return cluster.workloads->plan(wanted, stopToken());
}

} // namespace signalbox::commands
