#include "services/adapters/kubernetes/deployer.h"

#include "services/adapters/kubernetes/imageplan.h"
#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/workloadmanagers.h"

namespace signalbox::kubernetes
{

KubernetesDeployer::KubernetesDeployer(std::shared_ptr<KubeClient> client, QObject *parent)
    : Deployer(parent)
    , m_client(std::move(client))
{}

KubernetesDeployer::~KubernetesDeployer() = default;

QFuture<Result<RunningRelease>> KubernetesDeployer::running(ObjectRef workload, QString application, StopToken stop)
{
    return mapped(readWorkload(m_client, workload, WorkloadReading::Revisions, stop),
                  [application](const WorkloadView &view) -> Result<RunningRelease> {
                      return runningRelease(view, application, {});
                  });
}

QFuture<Result<Plan>> KubernetesDeployer::plan(SetImageOrder order, StopToken stop)
{
    if (order.workload.connection.isEmpty())
        order.workload.connection = order.connection;
    const auto limit = patienceFor(Direction::Forward, false);
    return plannedAnew([client = m_client, nodes = m_nodeImages, order, stop, limit]() mutable {
        return andThen(readForRollback(client, nodes, order.workload, stop, limit), [=](const WorkloadView &view) {
            const Result<Draft> draft = draftSetImage(view, order);
            if (!draft)
                return ready(Result<Plan>(draft.error()));
            return withSuspension(client, view.discovery, *draft, managersOfWorkload(view), false, stop,
                                  view.hiddenControllers);
        });
    });
}

} // namespace signalbox::kubernetes
