#include "services/adapters/kubernetes/rollback.h"

#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/rollbackplan.h"
#include "services/adapters/kubernetes/workloadmanagers.h"

namespace signalbox::kubernetes
{

KubernetesRollback::KubernetesRollback(std::shared_ptr<KubeClient> client, QObject *parent)
    : RollbackProvider(parent)
    , m_client(std::move(client))
{}

KubernetesRollback::~KubernetesRollback() = default;

QFuture<Result<QList<RollbackTarget>>> KubernetesRollback::targets(ObjectRef workload, StopToken stop)
{
    return mapped(readForRollback(m_client, m_nodeImages, workload, stop, patienceOfGoingBack),
                  [](const WorkloadView &view) { return rollbackTargets(view); });
}

QFuture<Result<Plan>> KubernetesRollback::plan(RollbackOrder order, StopToken stop)
{
    if (order.workload.connection.isEmpty())
        order.workload.connection = order.connection;
    const auto limit = patienceFor(Direction::Back, order.isRehearsal);
    return plannedAnew([client = m_client, nodes = m_nodeImages, order, stop, limit]() mutable {
        return andThen(readForRollback(client, nodes, order.workload, stop, limit), [=](const WorkloadView &view) {
            const Result<Draft> draft = draftRollback(view, order);
            if (!draft)
                return ready(Result<Plan>(draft.error()));
            const QList<Manager> managers = managersOfWorkload(view);
            return withSuspension(client, view.discovery, *draft, managers, order.pauseReconciliation, stop,
                                  view.hiddenControllers);
        });
    });
}

} // namespace signalbox::kubernetes
