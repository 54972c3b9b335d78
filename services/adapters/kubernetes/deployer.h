#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/nodeimages.h"
#include "services/ports/deployer.h"

#include <memory>

namespace signalbox::kubernetes
{

// Sets the image of one container of a Deployment, StatefulSet or DaemonSet by digest, if it still is the one seen.
// Only reads; the steps are carried out by KubernetesStepRunner.
class KubernetesDeployer : public Deployer
{
    Q_OBJECT
public:
    explicit KubernetesDeployer(std::shared_ptr<KubeClient> client, QObject *parent = nullptr);
    ~KubernetesDeployer() override;

    [[nodiscard]] QFuture<Result<RunningRelease>> running(ObjectRef workload, QString application,
                                                          StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(SetImageOrder order, StopToken stop) override;

private:
    std::shared_ptr<KubeClient> m_client;
    NodeImageReader m_nodeImages;
};

} // namespace signalbox::kubernetes
