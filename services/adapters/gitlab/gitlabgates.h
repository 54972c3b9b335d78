#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/ports/gatekeeper.h"

namespace signalbox
{

// Where GitLab's pipelines wait for people: deployments to protected environments until they are approved, and manual
// jobs that hold their pipeline up. Optional manual jobs hold nothing up and are no gates.
class GitLabGates : public GateKeeper
{
    Q_OBJECT
public:
    explicit GitLabGates(GitLabApi &api)
        : m_api(api)
    {}

    QString connection() const override { return m_api.config().id; }
    [[nodiscard]] QFuture<Result<QList<WaitingGate>>> waiting(StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(GateOrder order, StopToken stop) override;

private:
    struct Found
    {
        WaitingGate gate;
        QString starter; // of a deployment
    };
    using Gates = QList<Found>;
    QFuture<Result<QList<WaitingGate>>> waitingOf(const QString &project, const StopToken &stop);
    QFuture<Result<Gates>> blockedOf(const QString &project, const StopToken &stop);
    QFuture<Result<Gates>> manualOf(const QString &project, const StopToken &stop);
    // What takes our rights: who may decide, as far as GitLab says it.
    QFuture<Result<QList<WaitingGate>>> judged(const QString &project, const Gates &gates, const StopToken &stop);
    WaitingGate gateOf(const QString &project, const gitlab::Deployment &deployment) const;
    WaitingGate gateOf(const gitlab::PipelineAnswer &pipeline, const gitlab::JobAnswer &job) const;

    QFuture<Result<Plan>> deploymentPlan(const GateOrder &order, const QString &project, const QString &id,
                                         const StopToken &stop);
    struct Seen;
    Result<Plan> decisionPlan(const GateOrder &order, const QString &project, const Seen &seen) const;
    PlanStep decisionStep(const GateOrder &order, const QString &project, const Seen &seen,
                          const QString &target) const;
    QList<Check> decisionChecks(const GateOrder &order, const QString &project, const Seen &seen) const;
    QFuture<Result<Plan>> jobPlan(const GateOrder &order, const QString &project, const QString &id,
                                  const StopToken &stop);
    Plan head(const GateOrder &order, const QString &project, const QString &environment) const;
    // Of a deployment, whose approvals are read again before its job is played.
    struct Approved
    {
        QString deployment; // id; empty: the job deploys nothing that is approved
        bool isJustNow = false;
    };
    PlanStep playStep(const QMap<QString, QString> &parameters, const QString &project, const gitlab::JobAnswer &job,
                      const QString &id, const QString &who, const Approved &approved) const;

    GitLabApi &m_api;
};

} // namespace signalbox
