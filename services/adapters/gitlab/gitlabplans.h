#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/ports/pipelinesource.h"

#include <nlohmann/json_fwd.hpp>

namespace signalbox
{

// What the steps of GitLab's plans expect to see; each with its own data, which the journal keeps.
namespace gitlab
{

inline const QString runRetried = QStringLiteral("gitlab-run-retried");
inline const QString runCancelled = QStringLiteral("gitlab-run-cancelled");
inline const QString runMade = QStringLiteral("gitlab-run-made");
inline const QString jobRetried = QStringLiteral("gitlab-job-retried");
inline const QString gateDecided = QStringLiteral("gitlab-deployment-decided");
inline const QString allApproved = QStringLiteral("gitlab-deployment-approved"); // by all who have to
inline const QString jobPlayed = QStringLiteral("gitlab-job-played");

// The rights that running pipelines takes: Developer (doc/user/permissions.md).
Check rightsCheck(const Project &project, const QString &forWhat);
Check passedCheck(CheckId id, const QString &text, const QString &detail = {});
Check blockedCheck(CheckId id, const QString &text, const QString &detail, const QString &wayOut);
PlanStep postStep(const GitLabApi &api, const QString &id, const QByteArray &target, const QByteArray &body = {});
void expect(PlanStep &step, const GitLabApi &api, const QString &kind, const QString &project,
            const nlohmann::json &data);
QByteArray bytesOf(const nlohmann::json &json);

} // namespace gitlab

// Plans for runs: again, cancelled, new ones. GUI thread.
class GitLabPlans : public QObject
{
    Q_OBJECT
public:
    explicit GitLabPlans(GitLabApi &api)
        : m_api(api)
    {}
    [[nodiscard]] QFuture<Result<Plan>> plan(const RunOrder &order, const StopToken &stop);

private:
    QFuture<Result<Plan>> retryPlan(const RunOrder &order, const gitlab::Project &project, const StopToken &stop);
    QFuture<Result<Plan>> cancelPlan(const RunOrder &order, const gitlab::Project &project, const StopToken &stop);
    QFuture<Result<Plan>> againPlan(const RunOrder &order, const gitlab::Project &project, const StopToken &stop);
    QFuture<Result<Plan>> triggerPlan(const RunOrder &order, const gitlab::Project &project, const StopToken &stop);
    QFuture<Result<Plan>> jobPlan(const RunOrder &order, const gitlab::Project &project, const StopToken &stop);
    Plan head(const RunOrder &order, OperationKind kind, Direction direction) const;
    // The newest run of the project, and who we are: by them a new one is told.
    struct Mark
    {
        qint64 lastId = 0;
        QString who;
    };
    QFuture<Result<Mark>> mark(const QString &project, const StopToken &stop);
    void addNewRun(Plan &plan, const RunOrder &order, const QString &ref, bool isTag, const QString &commit,
                   bool isOnlyThatCommit, const Mark &mark) const;

    GitLabApi &m_api;
};

} // namespace signalbox
