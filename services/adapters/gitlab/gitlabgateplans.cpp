#include "models/domain/ulid.h"
#include "services/adapters/gitlab/gitlabgates.h"
#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

// What a decision about a gate consists of.
namespace signalbox
{

using namespace gitlab;

namespace
{

using GateJson = nlohmann::json;

constexpr std::chrono::hours othersWithin{8}; // a working day

Error fasterError(const Deployment &deployment)
{
    const auto last = lastDecision(deployment);
    if (!last)
        return {ErrorKind::Conflict,
                GitLabText::tr("It does not wait any more: the deployment is %1.").arg(deployment.status),
                {}};
    return {ErrorKind::Conflict,
            (last->approves ? GitLabText::tr("Somebody was faster: %1 approved it, and it is %2 by now.")
                            : GitLabText::tr("Somebody was faster: %1 rejected it, and it is %2 by now."))
                .arg(last->who, deployment.status),
            {}};
}

struct GateName
{
    QString kind;
    QString id;
    QString project; // empty: it is none of ours
};

GateName namedBy(const QString &gate)
{
    const QString rest = gate.section(u'/', 1);
    const GateName named{gate.section(u'/', 0, 0), rest.section(u'@', 0, 0), rest.section(u'@', 1)};
    bool isNumber = false;
    return named.id.toLongLong(&isNumber) > 0 && isNumber ? named : GateName();
}

Error noRejection(const Deployment &deployment)
{
    if (!asksForApproval(deployment))
        return {ErrorKind::Unsupported,
                GitLabText::tr("GitLab has no rejection for a manual job: cancel the run instead."),
                {}};
    return {ErrorKind::Conflict,
            GitLabText::tr("All approvals are given by now, and GitLab takes no rejection any more: cancel the run "
                           "instead."),
            {}};
}

} // namespace

QFuture<Result<Plan>> GitLabGates::plan(GateOrder order, StopToken stop)
{
    const GateName named = namedBy(order.gate.id);
    if (named.project.isEmpty())
        return ready(
            Result<Plan>(Error{ErrorKind::Invalid, GitLabText::tr("This gate is none of GitLab's."), order.gate.id}));
    return named.kind == QLatin1String("deployment") ? deploymentPlan(order, named.project, named.id, stop)
                                                     : jobPlan(order, named.project, named.id, stop);
}

QFuture<Result<WaitingGate>> GitLabGates::optional(QString id, StopToken stop)
{
    const GateName named = namedBy(id);
    const auto none = [id] { return ready(Result<WaitingGate>(Error{ErrorKind::NotFound, {}, id})); };
    if (named.project.isEmpty() || named.kind != QLatin1String("job"))
        return none();
    return after(this, m_api.job(named.project, named.id, stop), [=, this](const JobAnswer &job) {
        if (!isWaiting(job) || job.pipelineId <= 0)
            return none();
        const RunRef run{{connection(), named.project, {}}, QString::number(job.pipelineId)};
        const auto environments = environmentsOf(named.project, stop);
        return after(this, m_api.pipeline(run, stop), [=, this](const PipelineAnswer &pipeline) {
            return after(this, environments, [=, this](const Environments &known) {
                WaitingGate gate = gateOf(pipeline, job);
                gate.environment = known.value(job.job.id);
                return after(this, judged(named.project, {{gate, {}}}, stop),
                             [](const QList<WaitingGate> &all) { return ready(Result<WaitingGate>(all.first())); });
            });
        });
    });
}

Plan GitLabGates::head(const GateOrder &order, const QString &project, const QString &environment) const
{
    Plan plan;
    plan.id = newUlid();
    plan.kind = OperationKind::DecideGate;
    plan.direction = order.approves ? Direction::Forward : Direction::Back;
    plan.application = order.application.isEmpty() ? project : order.application;
    plan.environment = !order.environment.isEmpty() ? order.environment
                       : !environment.isEmpty()     ? environment
                                                    : QStringLiteral("pipelines");
    plan.connection = connection();
    plan.ns = project;
    plan.isProtected = order.isProtected;
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    plan.from = GitLabText::tr("run %1 waits").arg(order.gate.runNumber);
    plan.fromHash = plan.toHash = order.gate.commit;
    return plan;
}

PlanStep GitLabGates::playStep(const QMap<QString, QString> &parameters, const QString &project, const JobAnswer &job,
                               const QString &id, const QString &who, const Approved &approved) const
{
    GateJson body = GateJson::object();
    GateJson variables = GateJson::array();
    for (auto it = parameters.cbegin(); it != parameters.cend(); ++it) {
        if (it.key() != representedAs)
            variables.push_back({{"key", it.key().toStdString()}, {"value", it.value().toStdString()}});
    }
    if (!variables.empty())
        body["job_variables_attributes"] = variables;
    PlanStep step =
        postStep(m_api, id, m_api.projectPath(project, "/jobs/" + QByteArray::number(job.id) + "/play"), bytesOf(body));
    step.startsWaiting = true;
    step.title = GitLabText::tr("Start %1").arg(job.job.name);
    step.precondition = GitLabText::tr("only while it waits to be started");
    step.deadline = std::chrono::minutes(2);
    expect(step, m_api, jobPlayed, project,
           {{"job", job.id},
            {"name", job.job.name.toStdString()},
            {"who", who.toStdString()},
            {"deployment", approved.deployment.toStdString()},
            {"mayHaveStarted", approved.isJustNow}});
    return step;
}

// Calls nothing: it is over once the others have approved the deployment, too.
PlanStep GitLabGates::othersStep(const QString &project, const QString &id, const QString &deployment,
                                 int missing) const
{
    PlanStep step = postStep(m_api, id, m_api.projectPath(project, "/deployments/" + encoded(deployment)));
    step.call.method = QStringLiteral("LOOK"); // callsNothing()
    step.title = GitLabText::tr("Wait for %n approval(s) of others", nullptr, missing);
    step.precondition = GitLabText::tr("only while nobody rejects it");
    step.deadline = othersWithin;
    expect(step, m_api, allApproved, project, {{"deployment", deployment.toStdString()}});
    return step;
}

QFuture<Result<Plan>> GitLabGates::deploymentPlan(const GateOrder &order, const QString &project, const QString &id,
                                                  const StopToken &stop)
{
    const auto who = m_api.me(stop);
    const auto known = m_api.project(project, stop);
    return after(this, m_api.deployment(project, id, stop), [=, this](const Deployment &deployment) {
        return after(this, known, [=, this](const Project &rights) {
            return after(this, who, [=, this](const QString &me) {
                if (!isWaiting(deployment))
                    return ready(Result<Plan>(fasterError(deployment)));
                const int pending = missingApprovals(deployment);
                if (!order.approves && pending <= 0)
                    return ready(Result<Plan>(noRejection(deployment)));
                if (pending <= 0 && !deployment.job)
                    return ready(Result<Plan>(
                        Error{ErrorKind::Unsupported,
                              GitLabText::tr("GitLab does not say which job makes this deployment: start it there."),
                              {}}));
                Plan plan = head(order, project, deployment.environment);
                plan.fromHash = plan.toHash = deployment.commit;
                const QString target =
                    GitLabText::tr("%1 to %2").arg(deployment.commit.left(8), deployment.environment);
                const Approvals approvals = approvalsOf(deployment);
                // Who has approved already only waits for the others.
                const bool isGiven = order.approves && order.waitsForOthers && pending > 0 && deployment.job &&
                                     hasDecided(deployment, me, true);
                const int others = isGiven ? pending : pending - 1;
                const bool isLast = others <= 0;
                const auto nextId = [&plan] { return QString::number(plan.steps.size() + 1); };
                if (pending > 0 && !isGiven) {
                    GateJson body = {{"status", order.approves ? "approved" : "rejected"}};
                    const QString comment = order.comment.isEmpty() ? order.reason : order.comment;
                    if (!comment.isEmpty())
                        body["comment"] = comment.toStdString();
                    const QString rule = order.parameters.value(representedAs);
                    if (!rule.isEmpty())
                        body["represented_as"] = rule.toStdString();
                    PlanStep step = postStep(m_api, nextId(),
                                             m_api.projectPath(project, "/deployments/" + encoded(id) + "/approval"),
                                             bytesOf(body));
                    step.title = order.approves ? GitLabText::tr("Approve the deployment of %1").arg(target)
                                                : GitLabText::tr("Reject the deployment of %1").arg(target);
                    step.isVote = order.approves;
                    step.precondition = GitLabText::tr("only while it waits for approval");
                    expect(step, m_api, gateDecided, project,
                           {{"deployment", id.toStdString()},
                            {"job", deployment.job ? deployment.job->id : 0},
                            {"who", me.toStdString()},
                            {"approves", order.approves},
                            {"isLast", isLast}});
                    plan.steps.append(step);
                }
                const bool waits = order.approves && order.waitsForOthers && !isLast && deployment.job;
                if (waits)
                    plan.steps.append(othersStep(project, nextId(), id, others));
                // T9: the approval does not start the job.
                if (order.approves && (isLast || waits) && deployment.job)
                    plan.steps.append(playStep({}, project, *deployment.job, nextId(), me, {id, pending > 0}));
                plan.to = !order.approves   ? GitLabText::tr("not deployed: %1").arg(target)
                          : isLast || waits ? GitLabText::tr("deployed: %1").arg(target)
                                            : GitLabText::tr("approved, %1 of %2: %3 still waits")
                                                  .arg(approvals.given() + 1)
                                                  .arg(approvals.needed)
                                                  .arg(target);
                plan.effect = !order.approves ? GitLabText::tr("The job ends as failed, the run with it")
                              : pending == 0  ? GitLabText::tr("The job starts")
                              : isLast ? GitLabText::tr("The job starts: GitLab waits for that after the approval")
                              : waits
                                  ? GitLabText::tr("The job starts once %n other(s) approved it, too", nullptr, others)
                                  : GitLabText::tr("The job stays blocked: %n approval(s) of others are "
                                                   "missing",
                                                   nullptr, pending - 1);
                const bool isOwn = order.approves && pending > 0 && !isGiven && deployment.who == me &&
                                   rights.mayStarterApprove == false;
                plan.checks = {
                    passedCheck(CheckId::Freshness, GitLabText::tr("Read from %1 just now").arg(m_api.title())),
                    isOwn ? blockedCheck(CheckId::Rights, GitLabText::tr("You started this deployment"),
                                         GitLabText::tr("%1 wants somebody else to approve it.").arg(project),
                                         GitLabText::tr("Ask somebody of those who may."))
                          : rightsCheck(rights, GitLabText::tr("decide on deployments")),
                    passedCheck(CheckId::TargetExists,
                                pending > 0 ? GitLabText::tr("The deployment waits: %n approval(s) are missing",
                                                             nullptr, pending)
                                            : GitLabText::tr("The deployment waits to be started")),
                    pending == 0 ? passedCheck(CheckId::SameState, GitLabText::tr("It has not been started"))
                    : isGiven    ? passedCheck(CheckId::SameState, GitLabText::tr("You have decided so already"))
                    : hasDecided(deployment, me, order.approves)
                        ? blockedCheck(CheckId::SameState, GitLabText::tr("You have decided so already"), {},
                                       GitLabText::tr("It takes others, too."))
                        : passedCheck(CheckId::SameState, GitLabText::tr("You have not decided yet"))};
                return ready(Result<Plan>(plan));
            });
        });
    });
}

QFuture<Result<Plan>> GitLabGates::jobPlan(const GateOrder &order, const QString &project, const QString &id,
                                           const StopToken &stop)
{
    if (!order.approves)
        return ready(
            Result<Plan>(Error{ErrorKind::Unsupported,
                               GitLabText::tr("GitLab has no rejection for a manual job: cancel the run instead."),
                               {}}));
    const auto who = m_api.me(stop);
    const auto known = m_api.project(project, stop);
    return after(this, m_api.job(project, id, stop), [=, this](const JobAnswer &job) {
        return after(this, known, [=, this](const Project &rights) {
            return after(this, who, [=, this](const QString &me) {
                if (!isWaiting(job))
                    return ready(Result<Plan>(
                        Error{ErrorKind::Conflict,
                              GitLabText::tr("Somebody was faster: %1 started %2.")
                                  .arg(job.user.isEmpty() ? GitLabText::tr("somebody") : job.user, job.job.name),
                              {}}));
                Plan plan = head(order, project, order.gate.environment);
                plan.fromHash = plan.toHash = job.commit;
                plan.to = GitLabText::tr("%1 runs").arg(job.job.name);
                plan.effect =
                    GitLabText::tr("Job %1 of the stage %2, then what waits for it").arg(job.job.name, job.job.stage);
                plan.steps = {playStep(order.parameters, project, job, QStringLiteral("1"), me, {})};
                plan.checks = {
                    passedCheck(CheckId::Freshness, GitLabText::tr("Read from %1 just now").arg(m_api.title())),
                    rightsCheck(rights, GitLabText::tr("start jobs")),
                    passedCheck(CheckId::TargetExists, GitLabText::tr("%1 waits to be started").arg(job.job.name)),
                    passedCheck(CheckId::SameState, GitLabText::tr("It has not been started"))};
                return ready(Result<Plan>(plan));
            });
        });
    });
}

} // namespace signalbox
