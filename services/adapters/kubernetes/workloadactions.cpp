#include "services/adapters/kubernetes/workloadactions.h"

#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/workloadmanagers.h"
#include "services/adapters/kubernetes/workloadplan.h"

namespace signalbox::kubernetes
{

namespace
{

QFuture<Result<Plan>> planWorkload(const ClientPtr &client, const WorkloadOrder &order, const StopToken &stop)
{
    return andThen(readWorkload(client, order.workload, WorkloadReading::Present, stop), [=](const WorkloadView &view) {
        const QFuture<Result<std::optional<Json>>> scale =
            order.kind == OperationKind::Scale
                ? fetchIfAny(client, view.resource.path(view.ns(), view.name(), QStringLiteral("scale")), stop)
                : ready(Result<std::optional<Json>>(std::optional<Json>()));
        return andThen(scale, [=](const std::optional<Json> &seenScale) {
            const Result<Draft> draft = draftWorkload(view, seenScale, order);
            if (!draft)
                return ready(Result<Plan>(draft.error()));
            return withSuspension(client, view.discovery, *draft, managersOfWorkload(view), false, stop,
                                  view.hiddenControllers);
        });
    });
}

} // namespace

KubernetesWorkloads::KubernetesWorkloads(std::shared_ptr<KubeClient> client, QObject *parent)
    : WorkloadActions(parent)
    , m_client(std::move(client))
{}

KubernetesWorkloads::~KubernetesWorkloads() = default;

QFuture<Result<Plan>> KubernetesWorkloads::plan(WorkloadOrder order, StopToken stop)
{
    if (order.workload.connection.isEmpty())
        order.workload.connection = order.connection;
    return plannedAnew([client = m_client, order, stop] {
        return order.reconciliation && order.kind == OperationKind::Resume ? planUnsuspension(client, order, stop)
                                                                           : planWorkload(client, order, stop);
    });
}

} // namespace signalbox::kubernetes
