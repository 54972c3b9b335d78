#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/ports/rollbackprovider.h"

#include <memory>

namespace signalbox::kubernetes
{

// Scale (through the scale subresource), restart (kubectl's annotation in the template), pause and resume of a
// Deployment's roll-outs. Only reads; the steps are carried out by KubernetesStepRunner.
class KubernetesWorkloads : public WorkloadActions
{
    Q_OBJECT
public:
    explicit KubernetesWorkloads(std::shared_ptr<KubeClient> client, QObject *parent = nullptr);
    ~KubernetesWorkloads() override;

    [[nodiscard]] QFuture<Result<Plan>> plan(WorkloadOrder order, StopToken stop) override;

private:
    std::shared_ptr<KubeClient> m_client;
};

} // namespace signalbox::kubernetes
