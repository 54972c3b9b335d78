#pragma once

#include "services/ports/steprunner.h"
#include "services/promotions/promotionplan.h"

#include <functional>
#include <memory>

namespace signalbox
{

class RevertSteps;

// What a promotion's plan does that no cluster does: its claim in the ledger, a commit to a GitOps repository.
class PromotionSteps
{
public:
    virtual ~PromotionSteps() = default;
    virtual bool isOurs(const PlanStep &step) const = 0;
    [[nodiscard]] virtual QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) = 0;
};

// A connection's step runner that also carries out the steps of promotions. GUI thread. The cluster's runner is
// borrowed; without steps (null) a promotion's own steps are refused, the others go on. So are the steps that undo
// commits (null: none can be undone from here), which need no ledger.
class PromotionRunner : public StepRunner
{
public:
    using StepsSource = std::function<std::shared_ptr<PromotionSteps>()>;
    PromotionRunner(StepRunner &cluster, StepsSource steps, RevertSteps *reverts = nullptr);

    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;
    // A claim is not taken back: its outcome says what became of it. A commit is, by another one.
    [[nodiscard]] QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> hasObject(PlanStep step, StopToken stop) override;

private:
    StepRunner &m_cluster;
    StepsSource m_steps;
    RevertSteps *m_reverts;
};

} // namespace signalbox
