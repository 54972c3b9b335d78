#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/ports/trafficrouter.h"

#include <memory>

namespace signalbox::kubernetes
{

// Service selectors (all or nothing), Gateway API HTTPRoutes and Istio VirtualServices (any share). Only reads; the
// steps are carried out by KubernetesStepRunner. Other kinds of router are Unsupported.
class KubernetesTraffic : public TrafficRouter
{
    Q_OBJECT
public:
    explicit KubernetesTraffic(std::shared_ptr<KubeClient> client, QObject *parent = nullptr);
    ~KubernetesTraffic() override;

    Capabilities capabilities(const RouterRef &router) const override;
    [[nodiscard]] QFuture<Result<TrafficSplit>> split(QString application, RouterRef router, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(TrafficOrder order, StopToken stop) override;

private:
    std::shared_ptr<KubeClient> m_client;
};

} // namespace signalbox::kubernetes
