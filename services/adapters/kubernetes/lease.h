#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/ports/steprunner.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <memory>

namespace signalbox::kubernetes
{

// One operation per application and namespace across operators, by a coordination.k8s.io Lease "signalbox-APPLICATION"
// in the application's namespace. Each write carries the resourceVersion that was read, so of two who want it one wins.
// A Lease whose time is over belongs to nobody; a holder renews well before that. Where the right to Leases is missing
// the lock is not shared, and says why. Thread-safe.
//
// Source: k8s.io/client-go/tools/leaderelection (holderIdentity, leaseDurationSeconds, renewTime, leaseTransitions).
class KubernetesLocker : public RemoteLocker
{
public:
    // `holder` empty: USER@HOST/PID.
    explicit KubernetesLocker(std::shared_ptr<KubeClient> client, QString holder = {});
    ~KubernetesLocker() override;

    static constexpr std::chrono::seconds duration{40};

    [[nodiscard]] QFuture<Result<RemoteLock>> acquire(QString ns, QString application, QString purpose, bool preempt,
                                                      StopToken stop) override;
    // Conflict once somebody else holds it: this operation was pre-empted.
    [[nodiscard]] QFuture<Result<void>> renew(QString ns, QString application, StopToken stop) override;
    [[nodiscard]] QFuture<Result<void>> release(QString ns, QString application, StopToken stop) override;

    static QString leaseName(const QString &application); // a DNS label, different for different applications
    QString holder() const;

private:
    struct State;
    std::shared_ptr<State> d;
};

// Who holds it by the server's clock `now`; empty: nobody (released, or its time is over). Pure.
QString holderOf(const nlohmann::json &lease, const QDateTime &now);

} // namespace signalbox::kubernetes
