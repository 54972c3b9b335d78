#pragma once

#include "services/promotions/promotionrunner.h"

#include <QPointer>

namespace signalbox
{

class LedgerDesk;

class GitopsSteps;

// The claim of a promotion, carried out by the desk: one entry that wins by fast-forward. Steps in a repository are
// handed on.
class ClaimSteps : public PromotionSteps
{
public:
    explicit ClaimSteps(LedgerDesk &desk, GitopsSteps *gitops = nullptr); // null: no repository can be written
    ~ClaimSteps() override;

    bool isOurs(const PlanStep &step) const override;
    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;

private:
    QPointer<LedgerDesk> m_desk;
    GitopsSteps *m_gitops; // the desk's
};

} // namespace signalbox
