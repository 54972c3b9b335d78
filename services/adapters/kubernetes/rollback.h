#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/nodeimages.h"
#include "services/ports/rollbackprovider.h"

#include <memory>

namespace signalbox::kubernetes
{

// Goes back to kept ReplicaSets (Deployment) and ControllerRevisions (StatefulSet, DaemonSet). See rollbackplan.h for
// how. Only reads; the steps are carried out by KubernetesStepRunner.
class KubernetesRollback : public RollbackProvider
{
    Q_OBJECT
public:
    explicit KubernetesRollback(std::shared_ptr<KubeClient> client, QObject *parent = nullptr);
    ~KubernetesRollback() override;

    [[nodiscard]] QFuture<Result<QList<RollbackTarget>>> targets(ObjectRef workload, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(RollbackOrder order, StopToken stop) override;

private:
    std::shared_ptr<KubeClient> m_client;
    NodeImageReader m_nodeImages;
};

} // namespace signalbox::kubernetes
