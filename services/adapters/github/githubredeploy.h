#pragma once

#include "services/adapters/github/githubdeployments.h"
#include "services/ports/steprunner.h"

namespace signalbox::github
{

// Carries out the step that GitHubDeployments plans: reads environment and run again before the call, for GitHub takes
// no preconditions, and is done when the commit is the environment's newest successful deployment.
class GitHubRedeploy
{
public:
    explicit GitHubRedeploy(GitHubClient &client) // which outlives it
        : m_client(client)
    {}

    QFuture<Result<Receipt>> execute(const PlanStep &step, const RedeployErrand &errand, const StopToken &stop);
    QFuture<Result<Observation>> observe(const RedeployErrand &errand, const StopToken &stop);
    QFuture<Result<bool>> tookPlace(const RedeployErrand &errand, const StopToken &stop);

private:
    QFuture<Result<void>> asPlanned(const RedeployErrand &errand, const StopToken &stop);
    QFuture<Result<Receipt>> call(const PlanStep &step, const RedeployErrand &errand, const StopToken &stop);

    GitHubClient &m_client;
};

} // namespace signalbox::github
