#include "services/promotions/promotionrunner.h"

#include "services/async/deliver.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/promotionstext.h"
#include "services/promotions/revertsteps.h"

namespace signalbox
{

namespace
{

QString keptKind()
{
    return QStringLiteral("ledger-claim-kept");
}

bool isOfTheLedger(const PlanStep &step)
{
    return step.expectation.kind.startsWith(QLatin1String("ledger-")) ||
           step.expectation.kind.startsWith(QLatin1String("gitops-"));
}

Error nobodyThere()
{
    return {ErrorKind::Unreachable,
            PromotionsText::tr("This program has no ledger open that promotions could be claimed in."),
            {}};
}

} // namespace

PromotionRunner::PromotionRunner(StepRunner &cluster, StepsSource steps, RevertSteps *reverts)
    : m_cluster(cluster)
    , m_steps(std::move(steps))
    , m_reverts(reverts)
{}

QFuture<Result<void>> PromotionRunner::dryRun(PlanStep step, StopToken stop)
{
    if (m_reverts && m_reverts->isOurs(step))
        return m_reverts->dryRun(std::move(step), std::move(stop));
    if (!isOfTheLedger(step))
        return m_cluster.dryRun(std::move(step), std::move(stop));
    const auto steps = m_steps();
    return steps ? steps->dryRun(std::move(step), std::move(stop)) : ready(Result<void>(nobodyThere()));
}

QFuture<Result<Receipt>> PromotionRunner::execute(PlanStep step, StopToken stop)
{
    if (step.expectation.kind == keptKind()) {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        return ready(Result<Receipt>(Receipt{now, now, {}}));
    }
    if (m_reverts && m_reverts->isOurs(step))
        return m_reverts->execute(std::move(step), std::move(stop));
    if (!isOfTheLedger(step))
        return m_cluster.execute(std::move(step), std::move(stop));
    const auto steps = m_steps();
    return steps ? steps->execute(std::move(step), std::move(stop)) : ready(Result<Receipt>(nobodyThere()));
}

QFuture<Result<Observation>> PromotionRunner::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    if (step.expectation.kind == keptKind())
        return ready(Result<Observation>(Observation{Observation::State::Effective,
                                                     PromotionsText::tr("The claim stays; its outcome is recorded"),
                                                     {},
                                                     1,
                                                     QDateTime::currentDateTimeUtc()}));
    if (m_reverts && m_reverts->isOurs(step))
        return m_reverts->observe(std::move(step), std::move(receipt), std::move(stop));
    if (!isOfTheLedger(step))
        return m_cluster.observe(std::move(step), std::move(receipt), std::move(stop));
    const auto steps = m_steps();
    return steps ? steps->observe(std::move(step), std::move(receipt), std::move(stop))
                 : ready(Result<Observation>(nobodyThere()));
}

QFuture<Result<bool>> PromotionRunner::tookPlace(PlanStep step, StopToken stop)
{
    if (step.expectation.kind == keptKind())
        return ready(Result<bool>(true));
    if (m_reverts && m_reverts->isOurs(step))
        return m_reverts->tookPlace(std::move(step), std::move(stop));
    if (!isOfTheLedger(step))
        return m_cluster.tookPlace(std::move(step), std::move(stop));
    const auto steps = m_steps();
    return steps ? steps->tookPlace(std::move(step), std::move(stop)) : ready(Result<bool>(nobodyThere()));
}

QFuture<Result<PlanStep>> PromotionRunner::reversal(Plan plan, QStringList doneStepIds, StopToken stop)
{
    QStringList others;
    std::optional<PlanStep> claim;
    std::optional<PlanStep> commit;
    for (const PlanStep &step : plan.steps) {
        if (!doneStepIds.contains(step.id))
            continue;
        if (isClaimStep(step))
            claim = step;
        else if (isAwaitStep(step))
            continue; // it changed nothing
        else if (isOfTheLedger(step) || (m_reverts && m_reverts->isOurs(step)))
            commit = step;
        else
            others.append(step.id);
    }
    if (commit && m_reverts && GitopsSteps::committedBy(*commit))
        return m_reverts->undoing(std::move(plan), *commit, std::move(stop));
    if (commit)
        return ready(Result<PlanStep>(
            Error{ErrorKind::Unsupported,
                  PromotionsText::tr("What was committed to %1 stays there: roll back, or promote again.")
                      .arg(commit->call.connection),
                  {}}));
    if (!others.isEmpty() || !claim) {
        plan.steps.removeIf([](const PlanStep &step) { return isClaimStep(step) || isAwaitStep(step); });
        return m_cluster.reversal(std::move(plan), others, std::move(stop));
    }
    PlanStep kept;
    kept.id = QStringLiteral("claim-kept");
    kept.title = PromotionsText::tr("The claim stays in the ledger");
    kept.through = claim->through;
    kept.call = claim->call;
    kept.expectation.kind = keptKind();
    kept.deadline = std::chrono::seconds(10);
    return ready(Result<PlanStep>(kept));
}

QFuture<Result<bool>> PromotionRunner::hasObject(PlanStep step, StopToken stop)
{
    const bool isOurs = isClaimStep(step) || isAwaitStep(step) || isOfTheLedger(step);
    if (isOurs || (m_reverts && m_reverts->isOurs(step)))
        return StepRunner::hasObject(std::move(step), std::move(stop));
    return m_cluster.hasObject(std::move(step), std::move(stop));
}

} // namespace signalbox
