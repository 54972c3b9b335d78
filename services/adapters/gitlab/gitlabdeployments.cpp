#include "services/adapters/gitlab/gitlabdeployments.h"

#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabtext.h"
#include "services/pipelines/redeployplan.h"
#include "services/pipelines/redeploytarget.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

using DeployJson = nlohmann::json;

RunState stateOfDeployment(const QString &status)
{
    if (status == QLatin1String("blocked")) // it waits for approvals (doc/ci/environments/deployment_approvals.md)
        return RunState::Waiting;
    if (status == QLatin1String("created"))
        return RunState::Queued;
    return stateOf(status);
}

EnvironmentDeployment asDeployment(const PipelineRef &project, const Deployment &answer)
{
    EnvironmentDeployment one;
    one.id = QString::number(answer.id);
    one.environment = answer.environment;
    one.ref = answer.ref;
    one.commit = answer.commit;
    one.who = answer.who;
    one.at = answer.createdAt;
    one.state = stateOfDeployment(answer.status);
    one.run.pipeline = project;
    if (!answer.job) {
        one.whyNot = GitLabText::tr("No job made it: there is nothing to run again.");
        return one;
    }
    one.title = answer.job->commitTitle;
    one.finishedAt = answer.job->job.finishedAt;
    one.reason = answer.job->job.reason;
    if (answer.job->pipelineId > 0)
        one.run.id = QString::number(answer.job->pipelineId);
    one.job = answer.job->job.id;
    one.jobName = answer.job->job.name;
    one.page = answer.job->job.page;
    if (one.run.id.isEmpty())
        one.whyNot = GitLabText::tr("GitLab does not say which run it belongs to.");
    return one;
}

} // namespace

Result<QStringList> gitlab::parseEnvironments(const QByteArray &body)
{
    const DeployJson json = DeployJson::parse(body.begin(), body.end(), nullptr, false);
    if (!json.is_array())
        return Error{ErrorKind::Protocol, GitLabText::tr("GitLab answered with something that is no list."), {}};
    QStringList names;
    for (const DeployJson &one : json) {
        const auto name = one.is_object() ? one.find("name") : one.end();
        if (!one.is_object() || name == one.end() || !name->is_string())
            return Error{ErrorKind::Protocol, GitLabText::tr("GitLab lists an environment without a name."), {}};
        names.append(QString::fromStdString(name->get_ref<const std::string &>()));
    }
    return names;
}

EnvironmentDeployments gitlab::asDeployments(const PipelineRef &project, const QString &environment,
                                             const QList<Deployment> &answers)
{
    EnvironmentDeployments told;
    told.environment = environment;
    told.readAt = QDateTime::currentDateTimeUtc();
    for (const Deployment &one : answers)
        told.all.append(asDeployment(project, one));
    std::stable_sort(told.all.begin(), told.all.end(),
                     [](const auto &a, const auto &b) { return b.id.toLongLong() < a.id.toLongLong(); });
    markLive(told.all);
    return told;
}

const JobAnswer *gitlab::newestAttempt(const QList<JobAnswer> &graph, const QString &name)
{
    const JobAnswer *newest = nullptr;
    for (const JobAnswer &one : graph) {
        if (one.job.name == name && (!newest || one.id > newest->id))
            newest = &one;
    }
    return newest;
}

QFuture<Result<QStringList>> GitLabDeployments::environments(QString project, StopToken stop)
{
    return m_api.environments(project, stop);
}

QFuture<Result<EnvironmentDeployments>> GitLabDeployments::deployments(QString project, QString environment,
                                                                       StopToken stop)
{
    const QByteArray query = "environment=" + encoded(environment) + "&order_by=id&sort=desc";
    return after(this, m_api.deployments(project, query, stop), [=, this](const QList<Deployment> &answers) {
        return ready(
            Result<EnvironmentDeployments>(asDeployments({m_api.config().id, project, {}}, environment, answers)));
    });
}

// All that a plan is made of.
struct GitLabDeployments::Way
{
    Project project;
    EnvironmentDeployments known;
    EnvironmentDeployment target;
    JobAnswer job; // the newest attempt of the one that deployed it
    QString who;
};

QFuture<Result<Plan>> GitLabDeployments::plan(RedeployOrder order, StopToken stop)
{
    const QString path = order.pipeline.project;
    const auto listed = deployments(path, order.environment, stop);
    const auto asked = m_api.me(stop);
    return after(this, m_api.project(path, stop), [=, this](const Project &project) {
        return after(this, asked, [=, this](const QString &who) {
            return after(this, listed, [=, this](const EnvironmentDeployments &known) {
                const auto target = redeployTarget(known, order.to);
                if (!target)
                    return ready(Result<Plan>(target.error()));
                Way way{project, known, *target, {}, who};
                if (!way.target.whyNot.isEmpty())
                    return ready(Result<Plan>(nothingToRunAgain(way.target, way.target.whyNot)));
                return afterAny(this, m_api.graph(target->run, stop), [=, this](const Result<QList<JobAnswer>> &graph) {
                    Way whole = way;
                    if (!graph && graph.error().kind != ErrorKind::NotFound)
                        return ready(Result<Plan>(graph.error()));
                    const JobAnswer *const job = graph ? newestAttempt(*graph, whole.target.jobName) : nullptr;
                    if (!job)
                        return ready(Result<Plan>(nothingToRunAgain(
                            way.target,
                            GitLabText::tr("Run %1 was deleted, and its job with it.").arg(way.target.run.id))));
                    whole.job = *job;
                    return ready(Result<Plan>(planOf(order, whole)));
                });
            });
        });
    });
}

Plan GitLabDeployments::planOf(const RedeployOrder &order, const Way &way) const
{
    const EnvironmentDeployment &target = way.target;
    Plan plan = redeployHead(order, way.known, target);
    plan.connection = m_api.config().id;
    // What was skipped because the job failed runs along with it (GitLab,
    // app/services/ci/after_requeue_job_service.rb).
    if (way.job.job.state != RunState::Passed)
        plan.places.clear();
    plan.effect = GitLabText::tr("Job %1 of run %2 runs again and deploys to %3 what deployment %4 brought there")
                      .arg(target.jobName, target.run.id, order.environment, target.id);
    PlanStep step = postStep(m_api, QStringLiteral("1"),
                             m_api.projectPath(way.project.path, "/jobs/" + QByteArray::number(way.job.id) + "/retry"));
    step.title = GitLabText::tr("Deploy %1 to %2 again").arg(deployedText(target), order.environment);
    step.precondition = GitLabText::tr("only while %1 has what is shown here, and this is the job's newest attempt")
                            .arg(order.environment);
    step.diff = redeployDiff(way.known, target);
    setRedeployTimes(step, &way.job.job);
    const EnvironmentDeployment *const live = way.known.live();
    const EnvironmentDeployment *const newest = newestOf(way.known);
    expect(step, m_api, redeployed, way.project.path,
           {{"environment", order.environment.toStdString()},
            {"commit", target.commit.toStdString()},
            {"run", target.run.id.toStdString()},
            {"job", way.job.id},
            {"name", target.jobName.toStdString()},
            {"who", way.who.toStdString()},
            {"live", live ? live->id.toLongLong() : 0},
            {"last", newest ? newest->id.toLongLong() : 0}});
    plan.steps = {step};
    plan.checks = {passedCheck(CheckId::Freshness, GitLabText::tr("Read from %1 just now").arg(m_api.title())),
                   rightsCheck(way.project, GitLabText::tr("run jobs again"))};
    const bool isDone = isEnded(way.job.job.state) && way.job.job.state != RunState::Skipped;
    plan.checks.append(
        isDone ? passedCheck(CheckId::TargetExists, GitLabText::tr("Job %1 can be run again").arg(target.jobName))
               : blockedCheck(CheckId::TargetExists,
                              GitLabText::tr("Job %1 cannot be run again: %2")
                                  .arg(target.jobName, runStateLabel(way.job.job.state)),
                              {}, GitLabText::tr("Wait for its end, or cancel it.")));
    plan.checks += redeployChecks(way.known, target);
    return plan;
}

} // namespace signalbox
