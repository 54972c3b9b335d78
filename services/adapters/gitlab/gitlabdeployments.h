#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/ports/deploymentsource.h"

namespace signalbox
{

namespace gitlab
{

inline const QString redeployed = QStringLiteral("gitlab-redeployed"); // of an expectation

// "name" of each (doc/api/environments.md).
Result<QStringList> parseEnvironments(const QByteArray &body);
// Newest first, the live one marked.
EnvironmentDeployments asDeployments(const PipelineRef &project, const QString &environment,
                                     const QList<Deployment> &answers);
// The newest attempt of a job; null: the run has none of that name.
const JobAnswer *newestAttempt(const QList<JobAnswer> &graph, const QString &name);

} // namespace gitlab

// Environments of GitLab's projects, and the way back that its own "Rollback" button takes: the job of the older
// deployment is run again (doc/ci/environments/deployments.md, "Environment rollback"). GUI thread.
class GitLabDeployments : public DeploymentSource
{
    Q_OBJECT
public:
    explicit GitLabDeployments(GitLabApi &api)
        : m_api(api)
    {}

    [[nodiscard]] QFuture<Result<QStringList>> environments(QString project, StopToken stop) override;
    [[nodiscard]] QFuture<Result<EnvironmentDeployments>> deployments(QString project, QString environment,
                                                                      StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(RedeployOrder order, StopToken stop) override;

private:
    struct Way;
    Plan planOf(const RedeployOrder &order, const Way &way) const;

    GitLabApi &m_api;
};

} // namespace signalbox
