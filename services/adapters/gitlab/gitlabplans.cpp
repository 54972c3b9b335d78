#include "services/adapters/gitlab/gitlabplans.h"

#include "models/domain/ulid.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

using PlanJson = nlohmann::json;

constexpr int developer = 30; // lib/gitlab/access.rb

QString shortSha(const QString &commit)
{
    return commit.left(8);
}

QString runName(const Run &run)
{
    return GitLabText::tr("run %1").arg(run.number.isEmpty() ? run.ref.id : run.number);
}

bool hasFailed(const JobAnswer &job)
{
    return job.status == QLatin1String("failed") || job.status == QLatin1String("canceled");
}

Error noRun()
{
    return {ErrorKind::Invalid, GitLabText::tr("No run was named."), {}};
}

Check freshCheck(const GitLabApi &api)
{
    return passedCheck(CheckId::Freshness, GitLabText::tr("Read from %1 just now").arg(api.title()));
}

Plan finished(Plan plan, PlanStep step)
{
    plan.steps = {std::move(step)};
    return plan;
}

} // namespace

QByteArray gitlab::bytesOf(const PlanJson &json)
{
    return QByteArray::fromStdString(json.dump(-1, ' ', false, PlanJson::error_handler_t::replace));
}

Check gitlab::passedCheck(CheckId id, const QString &text, const QString &detail)
{
    return {id, CheckState::Pass, text, detail, {}};
}

Check gitlab::blockedCheck(CheckId id, const QString &text, const QString &detail, const QString &wayOut)
{
    return {id, CheckState::Block, text, detail, wayOut};
}

Check gitlab::rightsCheck(const Project &project, const QString &forWhat)
{
    if (!project.access)
        return {CheckId::Rights, CheckState::Warn,
                GitLabText::tr("GitLab does not say which rights we have in %1").arg(project.path),
                GitLabText::tr("The token's user is no member of it: an administrator, perhaps."),
                GitLabText::tr("It refuses the call where they do not suffice.")};
    if (*project.access < developer)
        return blockedCheck(CheckId::Rights, GitLabText::tr("You may not %1").arg(forWhat),
                            GitLabText::tr("It takes the role Developer in %1.").arg(project.path),
                            GitLabText::tr("Ask a maintainer of the project for it."));
    return passedCheck(CheckId::Rights, GitLabText::tr("Our role in %1 suffices").arg(project.path));
}

PlanStep gitlab::postStep(const GitLabApi &api, const QString &id, const QByteArray &target, const QByteArray &body)
{
    PlanStep step;
    step.id = id;
    step.through = QStringLiteral("GitLab %1").arg(api.client().host());
    step.call = {api.config().id, QStringLiteral("POST"), QString::fromLatin1(target),
                 body.isEmpty() ? QString() : QStringLiteral("application/json"), body};
    return step;
}

void gitlab::expect(PlanStep &step, const GitLabApi &api, const QString &kind, const QString &project,
                    const PlanJson &data)
{
    PlanJson whole = data;
    whole["project"] = project.toStdString();
    step.expectation.kind = kind;
    step.expectation.object.connection = api.config().id;
    step.expectation.object.kind = QStringLiteral("GitLab project");
    step.expectation.object.name = project;
    step.expectation.data = bytesOf(whole);
}

Plan GitLabPlans::head(const RunOrder &order, OperationKind kind, Direction direction) const
{
    Plan plan;
    plan.id = newUlid();
    plan.kind = kind;
    plan.direction = direction;
    plan.application = order.application.isEmpty() ? order.pipeline.project : order.application;
    plan.environment = QStringLiteral("pipelines");
    plan.connection = m_api.config().id;
    plan.ns = order.pipeline.project;
    plan.isProtected = order.isProtected;
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    return plan;
}

QFuture<Result<Plan>> GitLabPlans::plan(const RunOrder &order, const StopToken &stop)
{
    if (order.kind != RunOrder::Kind::Trigger && !order.run)
        return ready(Result<Plan>(noRun()));
    return after(this, m_api.project(order.pipeline.project, stop), [this, order, stop](const Project &project) {
        switch (order.kind) {
        case RunOrder::Kind::Rerun:
            return order.job.isEmpty() ? againPlan(order, project, stop) : jobPlan(order, project, stop);
        case RunOrder::Kind::RerunFailed:
            return retryPlan(order, project, stop);
        case RunOrder::Kind::Cancel:
            return cancelPlan(order, project, stop);
        case RunOrder::Kind::Trigger:
            break;
        }
        return triggerPlan(order, project, stop);
    });
}

QFuture<Result<Plan>> GitLabPlans::retryPlan(const RunOrder &order, const Project &project, const StopToken &stop)
{
    return after(this, m_api.graph(order.run->ref, stop), [this, order, project](const QList<JobAnswer> &jobs) {
        const Run &run = *order.run;
        PlanJson failed = PlanJson::array();
        QStringList names;
        for (const JobAnswer &job : jobs) {
            if (!hasFailed(job))
                continue;
            failed.push_back(job.id);
            names.append(job.job.name);
        }
        Plan plan = head(order, OperationKind::RerunRun, Direction::Forward);
        plan.from = QStringLiteral("%1: %2").arg(runName(run), runStateLabel(run.state));
        plan.to = GitLabText::tr("%n job(s) again", nullptr, static_cast<int>(names.size()));
        plan.fromHash = plan.toHash = run.commit;
        plan.effect = names.join(QStringLiteral(", "));
        PlanStep step = postStep(m_api, QStringLiteral("1"),
                                 m_api.projectPath(project.path, "/pipelines/" + encoded(run.ref.id) + "/retry"));
        step.title = GitLabText::tr("Run what failed or was cancelled in %1 again").arg(runName(run));
        step.precondition = GitLabText::tr("only while these are the newest attempts");
        expect(step, m_api, runRetried, project.path, {{"run", run.ref.id.toStdString()}, {"failed", failed}});
        plan.checks = {freshCheck(m_api), rightsCheck(project, GitLabText::tr("run jobs again")),
                       names.isEmpty()
                           ? blockedCheck(CheckId::SameState,
                                          GitLabText::tr("Nothing in %1 failed or was cancelled").arg(runName(run)), {},
                                          GitLabText::tr("Start a new run instead."))
                           : passedCheck(CheckId::SameState, GitLabText::tr("%n job(s) failed or were cancelled",
                                                                            nullptr, static_cast<int>(names.size())))};
        return ready(Result<Plan>(finished(plan, step)));
    });
}

QFuture<Result<Plan>> GitLabPlans::cancelPlan(const RunOrder &order, const Project &project, const StopToken &stop)
{
    return after(this, m_api.graph(order.run->ref, stop), [this, order, project](const QList<JobAnswer> &jobs) {
        const Run &run = *order.run;
        QStringList running;
        int left = 0;
        for (const JobAnswer &job : jobs) {
            left += isCancelable(job.status) ? 1 : 0;
            if (job.status == QLatin1String("running"))
                running.append(job.job.name);
        }
        Plan plan = head(order, OperationKind::CancelRun, Direction::Back);
        plan.from = QStringLiteral("%1: %2").arg(runName(run), runStateLabel(run.state));
        plan.to = runStateLabel(RunState::Cancelled);
        plan.fromHash = plan.toHash = run.commit;
        plan.effect = running.isEmpty() ? GitLabText::tr("%n job(s) will not run", nullptr, left)
                                        : GitLabText::tr("%n job(s) end, of them running: %1", nullptr, left)
                                              .arg(running.join(QStringLiteral(", ")));
        PlanStep step = postStep(m_api, QStringLiteral("1"),
                                 m_api.projectPath(project.path, "/pipelines/" + encoded(run.ref.id) + "/cancel"));
        step.title = GitLabText::tr("Cancel %1 of %2").arg(runName(run), project.path);
        step.precondition = GitLabText::tr("only if it goes on");
        step.deadline = std::chrono::minutes(3); // "canceling": after_script still runs
        expect(step, m_api, runCancelled, project.path, {{"run", run.ref.id.toStdString()}});
        plan.checks = {
            freshCheck(m_api), rightsCheck(project, GitLabText::tr("cancel runs")),
            left == 0
                ? blockedCheck(CheckId::SameState, GitLabText::tr("Nothing of %1 goes on").arg(runName(run)), {}, {})
                : passedCheck(CheckId::SameState, GitLabText::tr("%n job(s) are not done", nullptr, left))};
        return ready(Result<Plan>(finished(plan, step)));
    });
}

QFuture<Result<GitLabPlans::Mark>> GitLabPlans::mark(const QString &project, const StopToken &stop)
{
    const auto newest = m_api.pipelines({m_api.config().id, project, {}}, "per_page=1", stop);
    return after(this, m_api.me(stop), [this, newest](const QString &who) {
        return after(this, newest, [who](const QList<PipelineAnswer> &runs) {
            return ready(Result<Mark>(Mark{runs.isEmpty() ? 0 : runs.first().id, who}));
        });
    });
}

void GitLabPlans::addNewRun(Plan &plan, const RunOrder &order, const QString &ref, bool isTag, const QString &commit,
                            bool isOnlyThatCommit, const Mark &mark) const
{
    PlanJson body = {{"ref", ref.toStdString()}};
    PlanJson variables = PlanJson::array();
    for (auto it = order.parameters.cbegin(); it != order.parameters.cend(); ++it)
        variables.push_back({{"key", it.key().toStdString()}, {"value", it.value().toStdString()}});
    if (!variables.empty())
        body["variables"] = variables;
    PlanStep step =
        postStep(m_api, QStringLiteral("1"), m_api.projectPath(order.pipeline.project, "/pipeline"), bytesOf(body));
    step.title = GitLabText::tr("Start a run of %1 on %2").arg(order.pipeline.project, ref);
    if (isOnlyThatCommit)
        step.precondition = GitLabText::tr("only while %1 is at %2").arg(ref, shortSha(commit));
    PlanJson data = {{"ref", ref.toStdString()},
                     {"isTag", isTag},
                     {"commit", isOnlyThatCommit ? commit.toStdString() : std::string()},
                     {"shown", commit.toStdString()},
                     {"lastId", mark.lastId},
                     {"who", mark.who.toStdString()}};
    expect(step, m_api, runMade, order.pipeline.project, data);
    plan.steps = {step};
}

// GitLab runs no whole pipeline again: it is a new one of the same commit, as far as the branch is still there.
QFuture<Result<Plan>> GitLabPlans::againPlan(const RunOrder &order, const Project &project, const StopToken &stop)
{
    const Run run = *order.run;
    const bool isTag = !run.tag.isEmpty();
    const QString ref = isTag ? run.tag : run.branch;
    if (ref.isEmpty() || ref.startsWith(QLatin1String("refs/")) || run.trigger.kind == TriggerKind::PullRequest)
        return ready(Result<Plan>(Error{
            ErrorKind::Unsupported,
            GitLabText::tr("GitLab makes a run of a merge request only from the merge request itself. What failed can "
                           "be run again, and single jobs."),
            {}}));
    const auto marked = mark(project.path, stop);
    return after(this, m_api.tip(project.path, ref, isTag, stop), [=, this](const QString &tip) {
        return after(this, marked, [=, this](const Mark &mark) {
            Plan plan = head(order, OperationKind::RerunRun, Direction::Forward);
            plan.from = QStringLiteral("%1: %2").arg(runName(run), runStateLabel(run.state));
            plan.to = GitLabText::tr("a new run of %1 at %2").arg(ref, shortSha(run.commit));
            plan.fromHash = plan.toHash = run.commit;
            plan.effect =
                GitLabText::tr("All jobs, under a new number; variables that were given by hand are not given again");
            addNewRun(plan, order, ref, isTag, run.commit, true, mark);
            plan.checks = {
                freshCheck(m_api), rightsCheck(project, GitLabText::tr("start runs")),
                tip == run.commit
                    ? passedCheck(CheckId::TargetExists,
                                  GitLabText::tr("%1 is still at %2").arg(ref, shortSha(run.commit)))
                    : blockedCheck(CheckId::TargetExists,
                                   GitLabText::tr("%1 is at %2 by now, the run was of %3")
                                       .arg(ref, shortSha(tip), shortSha(run.commit)),
                                   {},
                                   GitLabText::tr("Run its jobs again one by one, or start a new run of the branch."))};
            return ready(Result<Plan>(plan));
        });
    });
}

QFuture<Result<Plan>> GitLabPlans::triggerPlan(const RunOrder &order, const Project &project, const StopToken &stop)
{
    const QString ref = order.branch.isEmpty() ? project.defaultBranch : order.branch;
    struct Found
    {
        QString commit;
        bool isTag = false;
    };
    const auto asBranch = m_api.tip(project.path, ref, false, stop);
    const auto found = afterAny(this, asBranch, [=, this](const Result<QString> &branch) {
        if (branch || branch.error().kind != ErrorKind::NotFound)
            return ready(branch ? Result<Found>(Found{*branch, false}) : Result<Found>(branch.error()));
        return afterAny(this, m_api.tip(project.path, ref, true, stop), [](const Result<QString> &tag) {
            if (tag)
                return ready(Result<Found>(Found{*tag, true}));
            return ready(tag.error().kind == ErrorKind::NotFound ? Result<Found>(Found{}) : Result<Found>(tag.error()));
        });
    });
    const auto marked = mark(project.path, stop);
    return after(this, found, [=, this](const Found &at) {
        return after(this, marked, [=, this](const Mark &mark) {
            Plan plan = head(order, OperationKind::TriggerRun, Direction::Forward);
            plan.to = GitLabText::tr("a new run of %1 at %2").arg(ref, shortSha(at.commit));
            plan.toHash = at.commit;
            const QStringList names = order.parameters.keys();
            plan.effect = names.isEmpty() ? GitLabText::tr("No variables")
                                          : GitLabText::tr("With variables: %1").arg(names.join(QStringLiteral(", ")));
            addNewRun(plan, order, ref, at.isTag, at.commit, false, mark);
            plan.checks = {
                freshCheck(m_api), rightsCheck(project, GitLabText::tr("start runs")),
                at.commit.isEmpty()
                    ? blockedCheck(CheckId::TargetExists,
                                   GitLabText::tr("%1 has no branch or tag %2").arg(project.path, ref), {},
                                   GitLabText::tr("Name one that is there."))
                    : passedCheck(CheckId::TargetExists, GitLabText::tr("%1 is at %2").arg(ref, shortSha(at.commit)))};
            if (!project.hasPipelines)
                plan.checks.append(blockedCheck(CheckId::TargetExists,
                                                GitLabText::tr("CI/CD is switched off for %1").arg(project.path), {},
                                                GitLabText::tr("A maintainer can switch it on in the settings.")));
            return ready(Result<Plan>(plan));
        });
    });
}

// One job again; of a deployment that was followed by others: the way back to what it deployed.
QFuture<Result<Plan>> GitLabPlans::jobPlan(const RunOrder &order, const Project &project, const StopToken &stop)
{
    const Run run = *order.run;
    const QByteArray query =
        "order_by=updated_at&sort=asc&updated_after=" + encoded(run.createdAt.toUTC().toString(Qt::ISODateWithMs));
    const auto deployed = m_api.deployments(project.path, query, stop);
    return after(this, m_api.job(project.path, order.job, stop), [=, this](const JobAnswer &job) {
        return afterAny(this, deployed, [=, this](const Result<QList<Deployment>> &deployments) {
            QString environment;
            for (const Deployment &one : deployments.value_or(QList<Deployment>())) {
                if (one.job && one.job->id == job.id)
                    environment = one.environment;
            }
            bool wasFollowed = false; // by one that was deployed
            bool wasBegun = false;    // a newer one; what failed half-way is what one goes back from, too
            for (const Deployment &one : deployments.value_or(QList<Deployment>())) {
                if (environment.isEmpty() || one.environment != environment || !one.job || one.job->id <= job.id)
                    continue;
                // Statuses: https://docs.gitlab.com/api/deployments/
                wasFollowed = wasFollowed || one.status == QLatin1String("success");
                wasBegun =
                    wasBegun || (one.status != QLatin1String("created") && one.status != QLatin1String("blocked") &&
                                 one.status != QLatin1String("skipped"));
            }
            // What never got there itself is no way back from another attempt.
            const bool isBack = wasFollowed || (wasBegun && job.job.state == RunState::Passed);
            Plan plan = head(order, OperationKind::RerunRun, isBack ? Direction::Back : Direction::Forward);
            if (!environment.isEmpty()) {
                plan.environment = environment;
                if (job.job.state == RunState::Passed)
                    plan.places = {environment}; // nothing of the run was skipped because of it
            }
            plan.from = QStringLiteral("%1: %2").arg(job.job.name, runStateLabel(job.job.state));
            plan.to = environment.isEmpty() ? GitLabText::tr("%1 of %2 again").arg(job.job.name, runName(run))
                                            : GitLabText::tr("%1 in %2 again").arg(shortSha(job.commit), environment);
            plan.fromHash = plan.toHash = job.commit;
            plan.effect = wasFollowed ? GitLabText::tr("Deploys what %1 deployed to %2; newer ones were deployed since")
                                            .arg(runName(run), environment)
                          : isBack ? GitLabText::tr("Deploys what %1 deployed to %2; a newer deployment was begun "
                                                    "since and has not succeeded")
                                         .arg(runName(run), environment)
                                   : GitLabText::tr("One job of %1").arg(runName(run));
            PlanStep step = postStep(m_api, QStringLiteral("1"),
                                     m_api.projectPath(project.path, "/jobs/" + QByteArray::number(job.id) + "/retry"));
            step.title = GitLabText::tr("Run %1 of %2 again").arg(job.job.name, runName(run));
            step.precondition = GitLabText::tr("only while this is its newest attempt");
            expect(step, m_api, jobRetried, project.path,
                   {{"run", run.ref.id.toStdString()}, {"job", job.id}, {"name", job.job.name.toStdString()}});
            const bool isDone = isEnded(job.job.state) && job.job.state != RunState::Skipped;
            plan.checks = {
                freshCheck(m_api), rightsCheck(project, GitLabText::tr("run jobs again")),
                isDone
                    ? passedCheck(CheckId::TargetExists, GitLabText::tr("%1 has ended").arg(job.job.name))
                    : blockedCheck(
                          CheckId::TargetExists,
                          GitLabText::tr("%1 cannot be run again: %2").arg(job.job.name, runStateLabel(job.job.state)),
                          {}, {})};
            return ready(Result<Plan>(finished(plan, step)));
        });
    });
}

} // namespace signalbox
