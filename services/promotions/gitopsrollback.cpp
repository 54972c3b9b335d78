#include "services/promotions/gitopsrollback.h"

#include "services/async/chain.h"
#include "services/async/within.h"

namespace signalbox
{

namespace
{

using Targets = QList<RollbackTarget>;
// An operator who wants to go back does not wait for a repository or a ledger that does not answer.
constexpr std::chrono::milliseconds ledgerLimit{5000};
constexpr std::chrono::milliseconds repositoryLimit{8000};

using MaybeExecution = Result<std::optional<policy::Execution>>;

Check onlyInTheCluster(const QString &repository)
{
    return {CheckId::OtherOwner,
            CheckState::Warn,
            GitopsRollback::tr("only in the cluster: %1 goes on saying otherwise").arg(repository),
            {},
            GitopsRollback::tr("What applies the repository may put it back: pause it, or go back by a commit.")};
}

Check notFromTheRepository(const Error &error)
{
    return {CheckId::OtherOwner,
            CheckState::Warn,
            GitopsRollback::tr("Not by a commit: %1").arg(error.message),
            {},
            GitopsRollback::tr("What applies the repository may put the present release back: pause it.")};
}

Check policyNotKnown(const Error &error)
{
    return {CheckId::Policy,
            CheckState::Warn,
            GitopsRollback::tr("Whether a repository is followed here is not known: %1").arg(error.message),
            {},
            {}};
}

// Those of the cluster behind those of the repository, which alone are live and suggested.
Targets joined(Targets ofRepository, Targets ofCluster, const Check &warning)
{
    for (RollbackTarget &target : ofCluster) {
        if (target.isLive)
            continue;
        target.isSuggested = false;
        target.readiness.prepend(warning);
        ofRepository.append(target);
    }
    return ofRepository;
}

Targets warned(Targets ofCluster, const Check &warning)
{
    for (RollbackTarget &target : ofCluster)
        target.readiness.prepend(warning);
    return ofCluster;
}

} // namespace

GitopsRollback::GitopsRollback(std::unique_ptr<RollbackProvider> cluster, RevertSteps &steps, PlaceOf placeOf,
                               ExecutionOf executionOf, QObject *parent)
    : RollbackProvider(parent)
    , m_cluster(std::move(cluster))
    , m_steps(steps)
    , m_placeOf(std::move(placeOf))
    , m_executionOf(std::move(executionOf))
{}

GitopsRollback::~GitopsRollback() = default;

QFuture<Result<Targets>> GitopsRollback::targets(ObjectRef workload, StopToken stop)
{
    const auto place = m_placeOf(workload);
    if (!place)
        return m_cluster->targets(workload, stop);
    const auto execution = within(this, m_executionOf(place->application, place->environment, stop), ledgerLimit);
    return afterAny(this, execution, [=, this](const MaybeExecution &found) {
        if (found && !*found)
            return m_cluster->targets(workload, stop);
        const auto inCluster = m_cluster->targets(workload, stop);
        if (!found)
            return after(this, inCluster, [error = found.error()](const Targets &all) {
                return ready(Result<Targets>(warned(all, policyNotKnown(error))));
            });
        const policy::Execution by = **found;
        const auto committed = within(this, m_steps.targets(by, workload, place->application, stop), repositoryLimit);
        return afterAny(this, committed, [=, this](const Result<Targets> &ofRepository) {
            return afterAny(this, inCluster, [=](const Result<Targets> &ofCluster) {
                if (ofRepository && ofCluster)
                    return ready(Result<Targets>(joined(*ofRepository, *ofCluster, onlyInTheCluster(by.repository))));
                if (ofRepository || !ofCluster)
                    return ready(ofRepository);
                return ready(Result<Targets>(warned(*ofCluster, notFromTheRepository(ofRepository.error()))));
            });
        });
    });
}

QFuture<Result<Plan>> GitopsRollback::planInCluster(const RollbackOrder &order, const Check &why, const StopToken &stop)
{
    return after(this, m_cluster->plan(order, stop), [why](Plan plan) {
        plan.checks.prepend(why);
        return ready(Result<Plan>(plan));
    });
}

// A repository or a ledger that is away never stands in the way: the cluster's own revisions are there still.
QFuture<Result<Plan>> GitopsRollback::plan(RollbackOrder order, StopToken stop)
{
    const auto execution = within(this, m_executionOf(order.application, order.environment, stop), ledgerLimit);
    return afterAny(this, execution, [=, this](const MaybeExecution &found) {
        if (found && !*found)
            return m_cluster->plan(order, stop);
        if (!found)
            return planInCluster(order, policyNotKnown(found.error()), stop);
        const policy::Execution by = **found;
        return afterAny(
            this, within(this, m_steps.plan(by, order, stop), repositoryLimit), [=, this](const Result<Plan> &plan) {
                if (plan || plan.error().kind == ErrorKind::Cancelled)
                    return ready(plan);
                const bool isOfTheCluster = !order.to.isEmpty() && plan.error().kind == ErrorKind::NotFound;
                const Check why = isOfTheCluster ? onlyInTheCluster(by.repository) : notFromTheRepository(plan.error());
                return afterAny(this, planInCluster(order, why, stop), [=](const Result<Plan> &other) {
                    // Neither way: what the repository said is what was asked for, unless a revision was named.
                    return ready(other || isOfTheCluster ? other : plan);
                });
            });
    });
}

} // namespace signalbox
