#pragma once

#include "models/domain/result.h"
#include "models/pipelines/gate.h"
#include "models/pipelines/run.h"

#include <QByteArray>

#include <optional>

// What GitLab's REST answers (v4) say. Pure. Sources: gitlab-org/gitlab doc/api/{projects,pipelines,jobs,deployments,
// pipeline_schedules}.md and lib/api/entities. Malformed answers are Protocol, words we do not know RunState::Unknown.
namespace signalbox::gitlab
{

// Ids go into addresses as they stand: digits only, else the answer is malformed.
struct Project
{
    qint64 id = 0;
    QString path; // "group/project"
    QString defaultBranch;
    QUrl page;
    bool isArchived = false;
    bool hasPipelines = true;
    QStringList groups;        // full paths of those that it is in, the nearest first; empty: a person's, or not told
    std::optional<int> access; // 30 Developer, 40 Maintainer, 50 Owner; none: not told (an administrator's is not)
    std::optional<int> groupAccess;        // of it what we have as members of a group
    std::optional<bool> mayStarterApprove; // "allow_pipeline_trigger_approve_deployment"
    bool operator==(const Project &) const = default;
};
Result<Project> parseProject(const QByteArray &body);
Result<QList<Project>> parseProjects(const QByteArray &body);

struct Schedule
{
    qint64 id = 0;
    QString ref; // "main", or "refs/heads/main" of newer servers
    QString cron;
    QString zone;
    bool isActive = true;
    bool operator==(const Schedule &) const = default;
};
Result<QList<Schedule>> parseSchedules(const QByteArray &body);
// "0 4 * * * (Europe/Berlin)"; UTC is not said.
QString cronText(const Schedule &schedule);

struct PipelineAnswer
{
    Run run; // without what a list does not say: who, times of work, whether `ref` is a tag
    qint64 id = 0;
    qint64 projectId = 0;
    QString status; // GitLab's word
    QString ref;
    QString source;
    QByteArray version; // changes when the pipeline does
    QString yamlErrors;
    std::optional<double> coverage;
    bool isWhole = false;  // not from a list
    QDateTime endedBefore; // of one that goes on again
};
Result<PipelineAnswer> parsePipeline(const QByteArray &body, const PipelineRef &pipeline);
Result<QList<PipelineAnswer>> parsePipelines(const QByteArray &body, const PipelineRef &pipeline);

struct JobAnswer
{
    Job job;
    qint64 id = 0;
    QString status; // GitLab's word
    QString user;   // who made or started it
    QString ref;
    bool isTag = false; // `ref` is
    QString commit;
    QString commitTitle;
    qint64 pipelineId = 0;
    qint64 pipelineIid = 0;
    QList<RunArtifact> artifacts;
    // Of a bridge.
    qint64 downstreamId = 0;
    qint64 downstreamProject = 0;
    QUrl downstreamPage;
    bool isBridge = false;
};
Result<JobAnswer> parseJob(const QByteArray &body);
Result<QList<JobAnswer>> parseJobs(const QByteArray &body);

struct ApprovalRule
{
    QString name; // of a user, group or role: what "represented_as" takes
    bool isGroup = true;
    int required = 1;
    QList<GateDecision> given;
    qint64 user = 0; // id of the one it names; 0: it names a group or role
    bool operator==(const ApprovalRule &) const = default;
};
// Who may start a job that deploys to a protected environment (doc/api/protected_environments.md,
// "deploy_access_levels"): any one of them.
struct DeployAccess
{
    QString name;     // of a user, group or role
    qint64 user = 0;  // id; 0: none
    qint64 group = 0; // id; 0: none
    int role = 0;     // 30 Developer, 40 Maintainer, 60 administrator; 0: none, it names a user or group
    bool operator==(const DeployAccess &) const = default;
};
struct ProtectedEnvironment
{
    QString name;
    QList<DeployAccess> levels;
    bool operator==(const ProtectedEnvironment &) const = default;
};
Result<QList<ProtectedEnvironment>> parseProtectedEnvironments(const QByteArray &body);
// Of a list of environments the tier of one ("production", "staging" ...): what a group protects
// (doc/api/group_protected_environments.md). Empty: not told.
Result<QString> parseTier(const QByteArray &body, const QString &environment);
// A branch as its readers are told of it (doc/api/branches.md, "Get single repository branch").
struct BranchRights
{
    bool isProtected = false;
    bool mayWePush = false;
    bool mayDevelopers = false; // push or merge
    bool operator==(const BranchRights &) const = default;
};
Result<BranchRights> parseBranchRights(const QByteArray &body);
Result<BranchRights> parseTagRights(const QByteArray &body); // whether it is protected only (doc/api/tags.md)
// Who may push or merge, any one of them; those without a user, group or role are left out: nobody, and keys
// (doc/api/protected_branches.md, "List protected branches"). Of a tag: who may create it (doc/api/protected_tags.md).
struct ProtectedBranch
{
    QString name; // with "*" for any text
    QList<DeployAccess> levels;
    bool operator==(const ProtectedBranch &) const = default;
};
Result<QList<ProtectedBranch>> parseProtectedBranches(const QByteArray &body);
Result<QList<ProtectedBranch>> parseProtectedTags(const QByteArray &body);
// Of all rules that hold for the branch, each once; none: no rule does.
std::optional<QList<DeployAccess>> levelsOf(const QList<ProtectedBranch> &rules, const QString &branch);
struct Deployment
{
    qint64 id = 0;
    QString status; // created running success failed canceled skipped blocked
    QString environment;
    QString who;
    QString ref;
    QString commit;
    QDateTime createdAt;
    std::optional<JobAnswer> job;
    std::optional<int> pending; // approvals that are missing; none: no approval is asked for, or not told
    QList<GateDecision> given;
    QList<ApprovalRule> rules;
};
Result<Deployment> parseDeployment(const QByteArray &body);
Result<QList<Deployment>> parseDeployments(const QByteArray &body);
// All decisions of a deployment, each once.
QList<GateDecision> decisionsOf(const Deployment &deployment);

// The newest one; of several with a no among them, the no. None: nobody decided.
std::optional<GateDecision> lastDecision(const Deployment &deployment);
bool hasDecided(const Deployment &deployment, const QString &who, bool approves);
// How far its approval is, as GitLab says it now: of two rules each counts its own.
struct Approvals
{
    int needed = 1;
    int missing = 0;
    int given() const { return needed - missing; }
};
Approvals approvalsOf(const Deployment &deployment);
// Whether anybody's approval is asked for, given or not. A blocked deployment may only wait to be started: newer
// servers block every manual one (app/models/deployment.rb, sync_status_with), and the free edition tells no approvals
// at all (ee/lib/ee/api/entities/deployment_extended.rb).
bool asksForApproval(const Deployment &deployment);
int missingApprovals(const Deployment &deployment);
bool isWaiting(const JobAnswer &job);
bool isWaiting(const Deployment &deployment);

// Of /pipelines/P/test_report_summary: counts alone. NotFound: none.
Result<TestReport> parseTestSummary(const QByteArray &body);
// Of /pipelines/P/test_report.
Result<TestReport> parseTestReport(const QByteArray &body);

// The user of the token: "username".
Result<QString> parseUser(const QByteArray &body);
qint64 userIdIn(const QByteArray &body); // 0: not told
bool isAdminIn(const QByteArray &body);  // told to administrators only (doc/api/users.md)
// The commit that a branch or tag is at.
Result<QString> parseTip(const QByteArray &body);

RunState stateOf(const QString &status);
TriggerKind triggerOf(const QString &source, bool isTag);
// Whether GitLab would cancel a job of this status (Ci::HasStatus::CANCELABLE_STATUSES).
bool isCancelable(const QString &status);

// Jobs and bridges of one pipeline, earlier attempts among them, as nodes: the newest attempt of each name, in the
// order of stages, each needing all jobs of the stage before (REST does not tell `needs`).
QList<JobAnswer> asGraph(QList<JobAnswer> jobs);

// "group/project" of a pipeline's page: "https://gitlab.example/sub/group/project/-/pipelines/7"; empty: none.
QString projectOfPage(const QUrl &page, const QUrl &base);

} // namespace signalbox::gitlab
