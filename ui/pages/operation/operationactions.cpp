#include "ui/pages/operation/operationactions.h"

#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/rightsfeed.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "ui/pages/operation/actiondialog.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct OperationActionsText
{
    Q_DECLARE_TR_FUNCTIONS(OperationActions)
};

bool canDo(OperationKind kind, const QString &workloadKind)
{
    switch (kind) {
    case OperationKind::Scale:
        return workloadKind != QLatin1String("DaemonSet");
    case OperationKind::Pause:
    case OperationKind::Resume:
        return workloadKind == QLatin1String("Deployment");
    default:
        return true;
    }
}

} // namespace

OperationActions::OperationActions(ConsoleContext &context, RightsFeed &rights,
                                   std::function<void(const NavigationTarget &)> navigate)
    : m_context(context)
    , m_rights(rights)
    , m_navigate(std::move(navigate))
{}

const Deployed *OperationActions::deployedOf(const ActionRequest &request) const
{
    if (!request.deployedKey.isEmpty())
        return m_context.deployed.find(request.deployedKey);
    for (const Deployed &item : m_context.deployed.all()) {
        for (const Track &track : item.tracks) {
            for (const ObjectRef &workload : track.workloads) {
                if (workload.uid == request.workload.uid)
                    return m_context.deployed.find(item.key());
            }
        }
    }
    return nullptr;
}

ObjectRef OperationActions::workloadOf(const ActionRequest &request) const
{
    if (!request.workload.uid.isEmpty())
        return request.workload;
    const Deployed *const deployed = deployedOf(request);
    return deployed && !deployed->tracks.isEmpty() ? deployed->tracks.first().workloads.value(0) : ObjectRef();
}

std::optional<QString> OperationActions::whyNot(const ActionRequest &request) const
{
    const ObjectRef workload = workloadOf(request);
    if (workload.uid.isEmpty())
        return OperationActionsText::tr("Choose an application or a workload first.");
    const bool isRollout = workload.kind == QLatin1String("Rollout");
    if (isRollout)
        return OperationActionsText::tr("Argo Rollouts are shown, not yet operated from here.");
    if (!canDo(request.kind, workload.kind))
        return OperationActionsText::tr("A %1 cannot do this.").arg(workload.kind);
    const std::optional<RightAnswer> right = m_rights.mayDo(request.kind, workload);
    if (right && !right->isAllowed) {
        const QString reason =
            right->reason.isEmpty() ? OperationActionsText::tr("The cluster does not grant it.") : right->reason;
        return OperationActionsText::tr("You may not %1 %2 in %3. %4")
            .arg(QStringLiteral("patch"), RightsFeed::questionFor(request.kind, workload).resource, workload.ns,
                 reason);
    }
    if (request.kind == OperationKind::Rollback) // going back is never harder: it pre-empts what runs
        return std::nullopt;
    const Deployed *const deployed = deployedOf(request);
    if (const Operation *running = deployed ? m_context.operations->holderOf(deployed->key()) : nullptr)
        return OperationActionsText::tr("This runs already: %1").arg(running->title());
    return std::nullopt;
}

void OperationActions::perform(const ActionRequest &request, QWidget *window)
{
    const Deployed *const deployed = deployedOf(request);
    if (request.kind == OperationKind::Rollback) {
        NavigationTarget target;
        target.page = QStringLiteral("rollback");
        target.deployedKey = deployed ? deployed->key() : QString();
        target.object = request.workload;
        m_navigate(target);
        return;
    }
    const ObjectRef workload = workloadOf(request);
    WorkloadOrder order;
    order.connection = workload.connection;
    order.ns = workload.ns;
    order.application = deployed ? deployed->application : workload.name;
    order.environment = deployed ? deployed->environment : workload.ns;
    order.workload = workload;
    order.kind = request.kind;
    order.replicas = request.replicas;
    int replicasNow = -1;
    if (const ClusterConnection *connection = m_context.clusters.find(workload.connection))
        replicasNow = connection->store->workloads().value(workload.uid).desired;
    auto *dialog = new ActionDialog(m_context, order, replicasNow, window);
    dialog->show();
}

} // namespace signalbox
