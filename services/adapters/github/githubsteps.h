#pragma once

#include "services/adapters/github/githubplans.h"
#include "services/adapters/github/githubredeploy.h"
#include "services/ports/steprunner.h"

namespace signalbox::github
{

// Carries out the plans of githubplans.h. Before each call the run is read again: GitHub takes no preconditions.
class GitHubSteps : public StepRunner
{
public:
    explicit GitHubSteps(GitHubClient &client); // which outlives it

    QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;
    QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) override;

private:
    using Seen = QFuture<Result<Observation>>;
    // What stands in the way of the call now; nothing: it may be made.
    QFuture<Result<void>> asPlanned(const Errand &errand, const StopToken &stop);
    QFuture<Result<Receipt>> call(const PlanStep &step, const Errand &errand, const StopToken &stop);
    Seen observeJob(const Errand &errand, const RunSaid &run, const StopToken &stop);
    Seen observeRun(const Errand &errand, const StopToken &stop);
    Seen observeTrigger(const Errand &errand, const QString &run, const StopToken &stop);
    Seen observeGate(const Errand &errand, const StopToken &stop);
    // Oldest first: runs that we may have started.
    QFuture<Result<QList<RunSaid>>> started(const Errand &errand, const StopToken &stop);
    struct GateNow
    {
        bool isPending = false;
        RunSaid run;
        QList<Review> since;
    };
    QFuture<Result<GateNow>> gateNow(const Errand &errand, const StopToken &stop);

    GitHubClient &m_client;
    GitHubRedeploy m_redeploy;
};

} // namespace signalbox::github
