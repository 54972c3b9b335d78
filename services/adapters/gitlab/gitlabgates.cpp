#include "services/adapters/gitlab/gitlabgates.h"

#include "models/domain/ulid.h"
#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

using GateJson = nlohmann::json;

const QString representedAs = QStringLiteral("represented_as");

// "deployment/42@group/project"
QString gateId(const QString &kind, qint64 id, const QString &project)
{
    return QStringLiteral("%1/%2@%3").arg(kind).arg(id).arg(project);
}

QStringList openRules(const Deployment &deployment)
{
    QStringList names;
    for (const ApprovalRule &rule : deployment.rules) {
        const auto given =
            std::count_if(rule.given.begin(), rule.given.end(), [](const GateDecision &one) { return one.approves; });
        if (given < rule.required && !rule.name.isEmpty())
            names.append(rule.name);
    }
    return names;
}

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

} // namespace

// ---- what waits

QFuture<Result<QList<WaitingGate>>> GitLabGates::waiting(StopToken stop)
{
    const auto ofAll = [this, stop](const QStringList &projects) {
        QList<QFuture<Result<QList<WaitingGate>>>> each;
        for (const QString &project : projects)
            each.append(waitingOf(project, stop));
        return after(this, gathered(this, each), [](const QList<Result<QList<WaitingGate>>> &answers) {
            QList<WaitingGate> all;
            std::optional<Error> problem;
            bool isAnyGood = answers.isEmpty();
            for (const Result<QList<WaitingGate>> &one : answers) {
                if (one) {
                    all += *one;
                    isAnyGood = true;
                } else if (one.error().kind != ErrorKind::NotFound && one.error().kind != ErrorKind::Forbidden) {
                    return ready(Result<QList<WaitingGate>>(one.error()));
                } else if (!problem) {
                    problem = one.error();
                }
            }
            return ready(isAnyGood ? Result<QList<WaitingGate>>(all) : Result<QList<WaitingGate>>(*problem));
        });
    };
    if (!m_api.config().projects.isEmpty())
        return ofAll(m_api.config().projects);
    return after(this, m_api.projects(stop), [ofAll](const QList<Project> &projects) {
        QStringList paths;
        for (const Project &one : projects) {
            if (one.hasPipelines)
                paths.append(one.path);
        }
        return ofAll(paths);
    });
}

QFuture<Result<QList<WaitingGate>>> GitLabGates::waitingOf(const QString &project, const StopToken &stop)
{
    const auto blocked = blockedOf(project, stop);
    return after(this, manualOf(project, stop), [=, this](const Gates &manual) {
        return afterAny(this, blocked, [=, this](const Result<Gates> &deployments) {
            // A server, or a project, without environments has none that block.
            if (!deployments && deployments.error().kind != ErrorKind::NotFound &&
                deployments.error().kind != ErrorKind::Forbidden)
                return ready(Result<QList<WaitingGate>>(deployments.error()));
            Gates all = deployments.value_or(Gates());
            for (const Found &found : manual) { // a blocked deployment's job is manual as well
                const bool isKnown = std::any_of(all.begin(), all.end(),
                                                 [&](const Found &one) { return one.gate.job == found.gate.job; });
                if (!isKnown)
                    all.append(found);
            }
            return judged(project, all, stop);
        });
    });
}

QFuture<Result<GitLabGates::Gates>> GitLabGates::blockedOf(const QString &project, const StopToken &stop)
{
    const auto list = m_api.deployments(project, "status=blocked&order_by=id&sort=desc", stop);
    return after(this, list, [=, this](const QList<Deployment> &blocked) {
        QList<QFuture<Result<Deployment>>> each; // the list does not tell approvals
        for (const Deployment &one : blocked)
            each.append(m_api.deployment(project, QString::number(one.id), stop));
        return after(this, gathered(this, each), [=, this](const QList<Result<Deployment>> &answers) {
            Gates gates;
            for (const Result<Deployment> &one : answers) {
                if (!one && one.error().kind != ErrorKind::NotFound)
                    return ready(Result<Gates>(one.error()));
                if (one && isWaiting(*one))
                    gates.append({gateOf(project, *one), one->who});
            }
            return ready(Result<Gates>(gates));
        });
    });
}

QFuture<Result<GitLabGates::Gates>> GitLabGates::manualOf(const QString &project, const StopToken &stop)
{
    const PipelineRef pipeline{m_api.config().id, project, {}};
    return after(this, m_api.pipelines(pipeline, "status=manual&per_page=50", stop),
                 [=, this](const QList<PipelineAnswer> &held) {
                     QList<QFuture<Result<QList<JobAnswer>>>> each;
                     for (const PipelineAnswer &one : held)
                         each.append(m_api.manualJobs(one.run.ref, stop));
                     return after(this, gathered(this, each),
                                  [=, this](const QList<Result<QList<JobAnswer>>> &answers) {
                                      Gates gates;
                                      for (qsizetype i = 0; i < answers.size(); ++i) {
                                          if (!answers.at(i) && answers.at(i).error().kind != ErrorKind::NotFound)
                                              return ready(Result<Gates>(answers.at(i).error()));
                                          for (const JobAnswer &job : answers.at(i).value_or(QList<JobAnswer>())) {
                                              if (isWaiting(job) && !job.job.mayFail)
                                                  gates.append({gateOf(held.at(i), job), {}});
                                          }
                                      }
                                      return ready(Result<Gates>(gates));
                                  });
                 });
}

QFuture<Result<QList<WaitingGate>>> GitLabGates::judged(const QString &project, const Gates &gates,
                                                        const StopToken &stop)
{
    if (gates.isEmpty())
        return ready(Result<QList<WaitingGate>>(QList<WaitingGate>()));
    const auto who = m_api.me(stop);
    return after(this, m_api.project(project, stop), [=, this](const Project &known) {
        return after(this, who, [=](const QString &me) {
            QList<WaitingGate> all;
            for (const Found &found : gates) {
                WaitingGate gate = found.gate;
                const bool hasDone = std::any_of(gate.given.begin(), gate.given.end(),
                                                 [&](const GateDecision &one) { return one.who == me; });
                if (known.access && *known.access < 30) {
                    gate.mayDecide = false;
                    gate.whyNot = GitLabText::tr("It takes the role Developer in %1.").arg(project);
                } else if (hasDone && gate.canReject) {
                    gate.mayDecide = false;
                    gate.whyNot = GitLabText::tr("You have decided already; it takes others, too.");
                } else if (found.starter == me && gate.canReject && known.mayStarterApprove == false) {
                    gate.mayDecide = false;
                    gate.whyNot = GitLabText::tr("You started this deployment, and %1 wants somebody else to approve "
                                                 "it. You may reject it.")
                                      .arg(project);
                }
                all.append(gate);
            }
            return ready(Result<QList<WaitingGate>>(all));
        });
    });
}

WaitingGate GitLabGates::gateOf(const QString &project, const Deployment &deployment) const
{
    WaitingGate gate;
    gate.connection = connection();
    gate.vendor = QStringLiteral("GitLab CI");
    gate.id = gateId(QStringLiteral("deployment"), deployment.id, project);
    gate.run.pipeline = {connection(), project, {}};
    gate.environment = deployment.environment;
    gate.branch = deployment.ref;
    gate.commit = deployment.commit;
    gate.since = deployment.createdAt;
    gate.given = decisionsOf(deployment);
    gate.needed = approvalsOf(deployment).needed;
    for (const ApprovalRule &rule : deployment.rules)
        gate.deciders.append({rule.name, rule.isGroup});
    const bool isApproved = deployment.pending && *deployment.pending <= 0;
    gate.title = isApproved ? GitLabText::tr("Start the approved deployment to %1?").arg(deployment.environment)
                            : GitLabText::tr("Deploy to %1?").arg(deployment.environment);
    gate.canReject = !isApproved; // "This deployment is not waiting for approvals"
    if (deployment.job) {
        gate.run.id = QString::number(deployment.job->pipelineId);
        gate.runNumber = gate.run.id;
        gate.job = deployment.job->job.id;
        gate.message = deployment.job->commitTitle;
        gate.page = deployment.job->job.page;
    }
    const QStringList open = openRules(deployment);
    if (deployment.rules.size() > 1 && open.size() > 1)
        gate.parameters.append(
            {representedAs,
             RunParameter::Kind::Choice,
             GitLabText::tr("For whom you decide, if you are in several of them; else GitLab chooses"),
             {},
             open,
             false});
    gate.readAt = QDateTime::currentDateTimeUtc();
    return gate;
}

WaitingGate GitLabGates::gateOf(const PipelineAnswer &pipeline, const JobAnswer &job) const
{
    WaitingGate gate;
    gate.connection = connection();
    gate.vendor = QStringLiteral("GitLab CI");
    gate.id = gateId(QStringLiteral("job"), job.id, pipeline.run.ref.pipeline.project);
    gate.run = pipeline.run.ref;
    gate.runNumber = pipeline.run.number;
    gate.job = job.job.id;
    gate.title = GitLabText::tr("Start %1?").arg(job.job.name);
    gate.message = job.commitTitle;
    gate.branch = pipeline.ref;
    gate.commit = pipeline.run.commit;
    gate.canReject = false; // GitLab has no word for no: the run can be cancelled
    gate.since = job.job.createdAt;
    gate.page = job.job.page;
    gate.readAt = QDateTime::currentDateTimeUtc();
    return gate;
}

// ---- deciding

QFuture<Result<Plan>> GitLabGates::plan(GateOrder order, StopToken stop)
{
    const QString kind = order.gate.id.section(u'/', 0, 0);
    const QString rest = order.gate.id.section(u'/', 1);
    const QString id = rest.section(u'@', 0, 0);
    const QString project = rest.section(u'@', 1);
    bool isNumber = false;
    if (id.toLongLong(&isNumber) <= 0 || !isNumber || project.isEmpty())
        return ready(
            Result<Plan>(Error{ErrorKind::Invalid, GitLabText::tr("This gate is none of GitLab's."), order.gate.id}));
    return kind == QLatin1String("deployment") ? deploymentPlan(order, project, id, stop)
                                               : jobPlan(order, project, id, stop);
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

// All that a decision on a deployment is planned from.
struct GitLabGates::Seen
{
    QString id; // of the deployment
    Deployment deployment;
    Project rights;
    QString me;
};

QFuture<Result<Plan>> GitLabGates::deploymentPlan(const GateOrder &order, const QString &project, const QString &id,
                                                  const StopToken &stop)
{
    const auto who = m_api.me(stop);
    const auto known = m_api.project(project, stop);
    return after(this, m_api.deployment(project, id, stop), [=, this](const Deployment &deployment) {
        return after(this, known, [=, this](const Project &rights) {
            return after(this, who, [=, this](const QString &me) {
                return ready(decisionPlan(order, project, {id, deployment, rights, me}));
            });
        });
    });
}

Result<Plan> GitLabGates::decisionPlan(const GateOrder &order, const QString &project, const Seen &seen) const
{
    const Deployment &deployment = seen.deployment;
    if (!isWaiting(deployment))
        return fasterError(deployment);
    const int pending = deployment.pending.value_or(1);
    if (!order.approves && pending <= 0)
        return Error{ErrorKind::Conflict,
                     GitLabText::tr("All approvals are given by now, and GitLab takes no rejection any more: cancel "
                                    "the run instead."),
                     {}};
    Plan plan = head(order, project, deployment.environment);
    plan.fromHash = plan.toHash = deployment.commit;
    const QString target = GitLabText::tr("%1 to %2").arg(deployment.commit.left(8), deployment.environment);
    const Approvals approvals = approvalsOf(deployment);
    const bool isLast = pending <= 1;
    if (pending > 0)
        plan.steps.append(decisionStep(order, project, seen, target));
    // T9: the approval does not start the job.
    if (order.approves && isLast && deployment.job)
        plan.steps.append(playStep({}, project, *deployment.job, QStringLiteral("2"), seen.me, {seen.id, pending > 0}));
    plan.to = !order.approves ? GitLabText::tr("not deployed: %1").arg(target)
              : isLast        ? GitLabText::tr("deployed: %1").arg(target)
                              : GitLabText::tr("approved, %1 of %2: %3 still waits")
                             .arg(approvals.given() + 1)
                             .arg(approvals.needed)
                             .arg(target);
    plan.effect = !order.approves ? GitLabText::tr("The job ends as failed, the run with it")
                  : isLast        ? GitLabText::tr("The job starts: GitLab waits for that after the approval")
                                  : GitLabText::tr("The job stays blocked: %n approval(s) of others are "
                                                          "missing",
                                                   nullptr, pending - 1);
    plan.checks = decisionChecks(order, project, seen);
    return plan;
}

PlanStep GitLabGates::decisionStep(const GateOrder &order, const QString &project, const Seen &seen,
                                   const QString &target) const
{
    GateJson body = {{"status", order.approves ? "approved" : "rejected"}};
    const QString comment = order.comment.isEmpty() ? order.reason : order.comment;
    if (!comment.isEmpty())
        body["comment"] = comment.toStdString();
    const QString rule = order.parameters.value(representedAs);
    if (!rule.isEmpty())
        body["represented_as"] = rule.toStdString();
    PlanStep step =
        postStep(m_api, QStringLiteral("1"),
                 m_api.projectPath(project, "/deployments/" + encoded(seen.id) + "/approval"), bytesOf(body));
    step.title = order.approves ? GitLabText::tr("Approve the deployment of %1").arg(target)
                                : GitLabText::tr("Reject the deployment of %1").arg(target);
    step.precondition = GitLabText::tr("only while it waits for approval");
    expect(step, m_api, gateDecided, project,
           {{"deployment", seen.id.toStdString()},
            {"job", seen.deployment.job ? seen.deployment.job->id : 0},
            {"who", seen.me.toStdString()},
            {"approves", order.approves},
            {"isLast", seen.deployment.pending.value_or(1) <= 1}});
    return step;
}

QList<Check> GitLabGates::decisionChecks(const GateOrder &order, const QString &project, const Seen &seen) const
{
    const Deployment &deployment = seen.deployment;
    const bool isOwn = order.approves && deployment.who == seen.me && seen.rights.mayStarterApprove == false;
    return {passedCheck(CheckId::Freshness, GitLabText::tr("Read from %1 just now").arg(m_api.title())),
            isOwn ? blockedCheck(CheckId::Rights, GitLabText::tr("You started this deployment"),
                                 GitLabText::tr("%1 wants somebody else to approve it.").arg(project),
                                 GitLabText::tr("Ask somebody of those who may."))
                  : rightsCheck(seen.rights, GitLabText::tr("decide on deployments")),
            passedCheck(CheckId::TargetExists, GitLabText::tr("The deployment waits: %n approval(s) are missing",
                                                              nullptr, std::max(0, deployment.pending.value_or(1)))),
            hasDecided(deployment, seen.me, order.approves)
                ? blockedCheck(CheckId::SameState, GitLabText::tr("You have decided so already"), {},
                               GitLabText::tr("It takes others, too."))
                : passedCheck(CheckId::SameState, GitLabText::tr("You have not decided yet"))};
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
