#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/ports/gatekeeper.h"

#include <QHash>

namespace signalbox
{

namespace gitlab
{

inline const QString representedAs = QStringLiteral("represented_as"); // a parameter of a deployment's gate
// "deployment/42@group/project"
QString gateId(const QString &kind, qint64 id, const QString &project);
inline QString refKey(const QString &project, const QString &ref, bool isTag)
{
    return project + u'\n' + (isTag ? QStringLiteral("tags/") : QStringLiteral("heads/")) + ref;
}

} // namespace gitlab

// Where GitLab's pipelines wait for people: deployments that are blocked until they are approved or started, and manual
// jobs that hold their pipeline, or a child of it, up. Manual jobs that hold nothing up are offered of the runs that
// somebody looks at.
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
    QString unread() const override { return m_unread; }
    [[nodiscard]] QFuture<Result<WaitingGate>> optional(QString id, StopToken stop) override;
    void lookAt(const RunRef &run) override;

private:
    struct Found
    {
        WaitingGate gate;
        QString starter;          // of a deployment
        QList<qint64> users = {}; // ids of those whom its rules name
        bool isTag = false;       // WaitingGate::branch is a tag's name
    };
    using Gates = QList<Found>;
    // The newest ones: what is left out is said at the oldest of them, or at another gate.
    struct Listed
    {
        Gates gates;
        bool isCut = false;
    };
    using Held = QList<gitlab::PipelineAnswer>;
    // Manual jobs of a held pipeline, as long as it is the same.
    struct Kept
    {
        QByteArray version;
        Gates gates;
    };
    using KeptRuns = QHash<QString, Kept>;        // by RunRef::id
    using Environments = QHash<QString, QString>; // by the id of a job
    QFuture<Result<QList<WaitingGate>>> waitingOf(const QString &project, const StopToken &stop);
    QFuture<Result<Listed>> blockedOf(const QString &project, const StopToken &stop);
    QFuture<Result<gitlab::Deployment>> whole(const QString &project, const gitlab::Deployment &listed,
                                              const StopToken &stop);
    QFuture<Result<Listed>> manualOf(const QString &project, const StopToken &stop);
    QFuture<Result<Gates>> optionalOf(const QString &project, const StopToken &stop);
    QFuture<Result<Held>> heldOf(const QString &project, const StopToken &stop);
    static bool sayCut(Gates &all, const Listed &list, const QString &text); // false: there is no gate to say it at
    QFuture<Result<KeptRuns>> readHeld(const QString &project, const Held &held, const StopToken &stop);
    // GitLab's jobs do not say where they deploy; a deployment is made with each job that does.
    QFuture<Result<Environments>> environmentsOf(const QString &project, const StopToken &stop);
    // Who may start jobs that deploy somewhere, by environment: what is protected. Asked for once an hour, a project.
    using Levels = QHash<QString, QList<gitlab::DeployAccess>>;
    // What groups protect, by tier: each of these rules must admit who starts a job.
    struct GroupRules
    {
        QHash<QString, QList<QList<gitlab::DeployAccess>>> levels;
        bool isHidden = false; // of some group it is not told
        bool isFinal = true;
    };
    struct Access
    {
        QDateTime at;
        std::optional<Levels> levels; // none: not told
        GroupRules groups = {};
        QHash<QString, QString> tiers = {}; // by environment; empty: not told
        bool isFinal = true;                // what was told will be told again: refused, or there is none
        bool isAsked = false;               // the answer is on its way
    };
    // Who may push or merge to a branch, and with it start its jobs.
    struct BranchAccess
    {
        QDateTime at;
        std::optional<gitlab::BranchRights> rights;             // none: not told
        std::optional<QList<gitlab::DeployAccess>> levels = {}; // none: not told
        bool isFinal = true;
        bool isAsked = false;
    };
    bool isUpToBranch(const Found &found, const QString &project) const;
    QFuture<Result<bool>> branchesOf(const QString &project, const Gates &gates, const StopToken &stop);
    QFuture<Result<bool>> askBranch(const QString &project, const QString &ref, bool isTag, const StopToken &stop);
    void keepBranch(const QString &key, BranchAccess known, const std::optional<Error> &error);
    void tellStarters(WaitingGate &gate, const BranchAccess &access, bool isTag, const gitlab::Project &known) const;
    // What is known soon: the gates do not wait for it.
    QFuture<Result<bool>> inTime(const QFuture<Result<bool>> &asked);
    QFuture<Result<bool>> accessesOf(const QString &project, const Gates &gates, const StopToken &stop);
    QFuture<Result<GroupRules>> groupRules(const QStringList &groups, const StopToken &stop);
    QFuture<Result<bool>> tiersOf(const QString &project, const Gates &gates, const StopToken &stop);
    void keepAccess(const QString &project, const Result<QList<gitlab::ProtectedEnvironment>> &answer,
                    const Result<GroupRules> &groups);
    struct Rule
    {
        QList<gitlab::DeployAccess> levels; // any one of them
        bool isOfGroup = false;
        bool isHidden = false; // there may be one, and whom it admits is not told
    };
    // All must admit; empty: the environment is open. None: not told.
    std::optional<QList<Rule>> rulesOf(const QString &project, const QString &environment) const;
    enum class Named { Us, Perhaps, Others };
    Named named(const QList<gitlab::DeployAccess> &levels, const gitlab::Project *project) const;
    qint64 lasts(const Access &access) const; // s
    void tellDeciders(WaitingGate &gate, const QList<Rule> &rules, const gitlab::Project &project) const;
    // What takes our rights: who may decide, as far as GitLab says it.
    QFuture<Result<QList<WaitingGate>>> judged(const QString &project, const Gates &gates, const StopToken &stop);
    void judge(WaitingGate &gate, const Found &found, const gitlab::Project &project, const QString &me) const;
    WaitingGate gateOf(const QString &project, const gitlab::Deployment &deployment) const;
    WaitingGate gateOf(const gitlab::PipelineAnswer &pipeline, const gitlab::JobAnswer &job) const;

    QFuture<Result<Plan>> deploymentPlan(const GateOrder &order, const QString &project, const QString &id,
                                         const StopToken &stop);
    QFuture<Result<Plan>> jobPlan(const GateOrder &order, const QString &project, const QString &id,
                                  const StopToken &stop);
    Plan head(const GateOrder &order, const QString &project, const QString &environment) const;
    // Of a deployment, whose approvals are read again before its job is played.
    struct Approved
    {
        QString deployment; // id; empty: the job deploys nothing that is approved
        bool isJustNow = false;
    };
    PlanStep othersStep(const QString &project, const QString &id, const QString &deployment, int missing) const;
    PlanStep playStep(const QMap<QString, QString> &parameters, const QString &project, const gitlab::JobAnswer &job,
                      const QString &id, const QString &who, const Approved &approved) const;

    GitLabApi &m_api;
    QString m_unread;
    QHash<QString, KeptRuns> m_kept; // by project
    struct Look
    {
        RunRef run;
        QDateTime at;
    };
    QList<Look> m_looks; // the newest first
    // Deployments for which nobody's approval was asked, and when that was read: by project, and id.
    QHash<QString, QHash<qint64, QDateTime>> m_unasked;
    QHash<QString, Access> m_accesses;       // by project
    QHash<QString, BranchAccess> m_branches; // by refKey()
};

} // namespace signalbox
