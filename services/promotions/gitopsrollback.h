#pragma once

#include "services/promotions/executionreader.h"
#include "services/promotions/revertsteps.h"

#include <memory>

namespace signalbox
{

// The ways back of a connection whose applications may be deployed from a repository: where the policy says so, the
// commits that named earlier releases come first, and what the cluster keeps stays behind them, for the case that the
// repository is away or what applies it is broken. Elsewhere it is the cluster's own provider. GUI thread.
class GitopsRollback : public RollbackProvider
{
    Q_OBJECT
public:
    struct Place
    {
        QString application;
        QString environment;
    };
    // Whose workload it is; none: nobody knows.
    using PlaceOf = std::function<std::optional<Place>(const ObjectRef &workload)>;
    using ExecutionOf = std::function<QFuture<Result<std::optional<policy::Execution>>>(
        const QString &application, const QString &environment, const StopToken &stop)>;

    // The steps are borrowed.
    GitopsRollback(std::unique_ptr<RollbackProvider> cluster, RevertSteps &steps, PlaceOf placeOf,
                   ExecutionOf executionOf, QObject *parent = nullptr);
    ~GitopsRollback() override;

    [[nodiscard]] QFuture<Result<QList<RollbackTarget>>> targets(ObjectRef workload, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(RollbackOrder order, StopToken stop) override;

private:
    QFuture<Result<Plan>> planInCluster(const RollbackOrder &order, const Check &why, const StopToken &stop);

    std::unique_ptr<RollbackProvider> m_cluster;
    RevertSteps &m_steps;
    PlaceOf m_placeOf;
    ExecutionOf m_executionOf;
};

} // namespace signalbox
