#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/ports/steprunner.h"

namespace signalbox
{

struct EnvironmentDeployments;

// Carries out the step that GitLabDeployments plans. Before the call the environment and the job are read again: a
// retry has no precondition of its own. Done when the commit is the environment's newest successful deployment.
class GitLabRedeploy : public QObject
{
    Q_OBJECT
public:
    explicit GitLabRedeploy(GitLabApi &api)
        : m_api(api)
    {}

    static bool isOurs(const PlanStep &step);
    [[nodiscard]] QFuture<Result<Receipt>> execute(const PlanStep &step, const StopToken &stop);
    [[nodiscard]] QFuture<Result<Observation>> observe(const PlanStep &step, const Receipt &receipt,
                                                       const StopToken &stop);
    [[nodiscard]] QFuture<Result<bool>> tookPlace(const PlanStep &step, const StopToken &stop);

private:
    struct Facts;
    static Result<Facts> factsOf(const PlanStep &step);
    QFuture<Result<EnvironmentDeployments>> now(const Facts &facts, const StopToken &stop);
    // Conflict: not as planned any more.
    QFuture<Result<void>> asPlanned(const Facts &facts, const StopToken &stop);
    QFuture<Result<Receipt>> call(const PlanStep &step, const Facts &facts, const StopToken &stop);

    GitLabApi &m_api;
};

} // namespace signalbox
