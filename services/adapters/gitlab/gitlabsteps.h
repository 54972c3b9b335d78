#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/adapters/gitlab/gitlabfacts.h"
#include "services/adapters/gitlab/gitlabredeploy.h"
#include "services/ports/steprunner.h"

namespace signalbox
{

// Carries out what GitLabPlans and GitLabGates plan. Before each call the world is read again: GitLab's writes have no
// precondition of their own. Done when GitLab itself shows it.
class GitLabSteps : public QObject, public StepRunner
{
    Q_OBJECT
public:
    explicit GitLabSteps(GitLabApi &api)
        : m_api(api)
        , m_redeploy(api)
    {}

    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) override;

private:
    using Facts = gitlab::Facts;
    // Whether the call may still be made; ready with an error where the world moved, with true where it is made
    // already.
    QFuture<Result<bool>> isMade(const Facts &facts, const StopToken &stop);
    QFuture<Result<bool>> isPlayed(const Facts &facts, const StopToken &stop);
    QFuture<Result<Receipt>> call(const PlanStep &step, const Facts &facts, const StopToken &stop);
    QFuture<Result<Receipt>> explained(const Facts &facts, const Error &refusal, const StopToken &stop);
    QFuture<Result<Observation>> look(const Facts &facts, const Receipt &receipt, const StopToken &stop);
    QFuture<Result<Observation>> lookAtCancelled(const Facts &facts, const StopToken &stop);
    // The run that a call made; 0: not seen.
    QFuture<Result<qint64>> madeRun(const Facts &facts, const Receipt &receipt, const StopToken &stop);

    GitLabApi &m_api;
    GitLabRedeploy m_redeploy;
};

} // namespace signalbox
