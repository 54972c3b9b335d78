#pragma once

#include "services/adapters/github/githubclient.h"
#include "services/adapters/github/githubreach.h"
#include "services/ports/deploymentsource.h"

namespace signalbox::github
{

// A deployment and what became of it. Its `run.id` is empty where no run of GitHub Actions made it.
EnvironmentDeployment deploymentFrom(const DeploymentSaid &said, const QList<DeploymentStatusSaid> &statuses,
                                     const PipelineRef &project);

// The newest `count` of an environment, newest first, the live one marked.
QFuture<Result<EnvironmentDeployments>> readDeployments(GitHubClient &client, const QString &project,
                                                        const QString &environment, int count, const StopToken &stop);

// What the step of such a plan is to achieve; the journal keeps it.
struct RedeployErrand
{
    QString project;
    QString environment;
    QString commit;
    QString run;
    int attempt = 1; // the newest when it was planned
    QString job;     // name; empty: the whole run
    QString who;     // we; empty: an app's token
    qint64 live = 0; // the deployment that was live
    qint64 last = 0; // the newest deployment there was

    RunRef runRef(const QString &connection) const { return {{connection, project, {}}, run}; }
};
QByteArray toData(const RedeployErrand &errand);
std::optional<RedeployErrand> redeployErrandOf(const PlanStep &step);

// Environments of the repositories, and the way back: the job that made the older deployment is run again, with what
// needs it (POST /actions/jobs/{id}/rerun): the plan says to which environments that leads besides. GitHub does that
// for 30 days. GUI thread.
class GitHubDeployments : public DeploymentSource
{
    Q_OBJECT
public:
    explicit GitHubDeployments(GitHubClient &client); // which outlives it
    ~GitHubDeployments() override;

    QFuture<Result<QStringList>> environments(QString project, StopToken stop) override;
    QFuture<Result<EnvironmentDeployments>> deployments(QString project, QString environment, StopToken stop) override;
    QFuture<Result<Plan>> plan(RedeployOrder order, StopToken stop) override;

private:
    struct Way;
    QFuture<Result<Plan>> planned(const RedeployOrder &order, const Way &way, const StopToken &stop);
    QFuture<Result<Plan>> reached(const RedeployOrder &order, const Way &way, const QList<JobSaid> &jobs,
                                  const StopToken &stop);
    Plan planOf(const RedeployOrder &order, const Way &way) const;
    PlanStep stepOf(const RedeployOrder &order, const Way &way) const;
    static QList<Check> checksOf(const RedeployOrder &order, const Way &way);

    GitHubClient &m_client;
};

} // namespace signalbox::github
