#include "services/adapters/github/githubdeployments.h"

#include "models/domain/application.h"
#include "services/adapters/github/githubfields.h"
#include "services/pipelines/redeployplan.h"
#include "services/pipelines/redeploytarget.h"

#include <algorithm>

namespace signalbox::github
{

namespace
{

constexpr int listedDeployments = 15; // each takes a question of its own; one that did not change is free
constexpr int keptDays = 30;          // GitHub Docs, "Re-running workflows and jobs"

Check finding(CheckId id, CheckState state, const QString &text, const QString &wayOut = {})
{
    return {id, state, text, {}, wayOut};
}

RunState stateOfStatuses(const QList<DeploymentStatusSaid> &statuses)
{
    if (statuses.isEmpty())
        return RunState::NotStarted;
    const QString word = statuses.first().state;
    if (word == QLatin1String("success"))
        return RunState::Passed;
    if (word == QLatin1String("failure") || word == QLatin1String("error"))
        return RunState::Failed;
    if (word == QLatin1String("in_progress"))
        return RunState::Running;
    if (word == QLatin1String("queued") || word == QLatin1String("pending"))
        return RunState::Queued;
    if (word == QLatin1String("waiting"))
        return RunState::Waiting;
    if (word == QLatin1String("inactive")) { // another one took its place
        const bool hasSucceeded = std::any_of(statuses.begin(), statuses.end(), [](const DeploymentStatusSaid &one) {
            return one.state == QLatin1String("success");
        });
        return hasSucceeded ? RunState::Passed : RunState::Cancelled;
    }
    return RunState::Unknown;
}

} // namespace

EnvironmentDeployment deploymentFrom(const DeploymentSaid &said, const QList<DeploymentStatusSaid> &statuses,
                                     const PipelineRef &project)
{
    EnvironmentDeployment one;
    one.id = said.id;
    one.environment = said.environment;
    one.ref = said.ref == said.commit ? QString() : said.ref;
    one.commit = said.commit;
    one.who = said.who;
    one.at = said.at;
    one.state = stateOfStatuses(statuses);
    one.run.pipeline = project;
    for (const DeploymentStatusSaid &status : statuses) {
        const bool isEnd = status.state == QLatin1String("success") || status.state == QLatin1String("failure") ||
                           status.state == QLatin1String("error");
        if (isEnd && !one.finishedAt.isValid()) {
            one.finishedAt = status.at;
            one.reason = status.state == QLatin1String("success") ? QString() : status.text;
        }
        const JobPage page = jobOfPage(status.page);
        if (one.run.id.isEmpty() && !page.run.isEmpty()) {
            one.run.id = page.run;
            one.job = page.job;
            one.page = status.page;
        }
    }
    if (one.run.id.isEmpty())
        one.whyNot = GitHubText::tr("No run of GitHub Actions made it: there is nothing to run again.");
    return one;
}

QFuture<Result<EnvironmentDeployments>> readDeployments(GitHubClient &client, const QString &project,
                                                        const QString &environment, int count, const StopToken &stop)
{
    GitHubClient *from = &client;
    return after(from, client.deployments(project, environment, count, stop), [=](const QList<DeploymentSaid> &said) {
        QList<QFuture<Result<QList<DeploymentStatusSaid>>>> asked;
        for (const DeploymentSaid &one : said)
            asked.append(from->deploymentStatuses(project, one.id, stop));
        return after(from, gathered(from, asked), [=](const QList<Result<QList<DeploymentStatusSaid>>> &answers) {
            EnvironmentDeployments told;
            told.environment = environment;
            told.readAt = QDateTime::currentDateTimeUtc();
            for (qsizetype i = 0; i < said.size(); ++i) {
                // A list with holes would name the wrong one live.
                if (!answers.at(i))
                    return ready(Result<EnvironmentDeployments>(answers.at(i).error()));
                told.all.append(deploymentFrom(said.at(i), *answers.at(i), from->place(project)));
            }
            std::stable_sort(told.all.begin(), told.all.end(),
                             [](const auto &a, const auto &b) { return b.id.toLongLong() < a.id.toLongLong(); });
            markLive(told.all);
            return ready(Result<EnvironmentDeployments>(told));
        });
    });
}

QByteArray toData(const RedeployErrand &errand)
{
    const Json json = {{"act", "redeploy"},
                       {"project", errand.project.toStdString()},
                       {"environment", errand.environment.toStdString()},
                       {"commit", errand.commit.toStdString()},
                       {"run", errand.run.toStdString()},
                       {"attempt", errand.attempt},
                       {"job", errand.job.toStdString()},
                       {"who", errand.who.toStdString()},
                       {"live", errand.live},
                       {"last", errand.last}};
    return QByteArray::fromStdString(json.dump());
}

std::optional<RedeployErrand> redeployErrandOf(const PlanStep &step)
{
    if (step.expectation.kind != QLatin1String("github-redeployed"))
        return std::nullopt;
    const QByteArray &data = step.expectation.data;
    const Json json = Json::parse(data.constBegin(), data.constEnd(), nullptr, false);
    RedeployErrand errand;
    errand.project = textOf(json, "project");
    errand.environment = textOf(json, "environment");
    errand.commit = textOf(json, "commit");
    errand.run = textOf(json, "run");
    errand.attempt = static_cast<int>(numberOf(json, "attempt", 1));
    errand.job = textOf(json, "job");
    errand.who = textOf(json, "who");
    errand.live = numberOf(json, "live");
    errand.last = numberOf(json, "last");
    return errand.project.isEmpty() || errand.commit.isEmpty() ? std::nullopt : std::optional(errand);
}

GitHubDeployments::GitHubDeployments(GitHubClient &client)
    : m_client(client)
{}

GitHubDeployments::~GitHubDeployments() = default;

QFuture<Result<QStringList>> GitHubDeployments::environments(QString project, StopToken stop)
{
    return m_client.environments(project, stop);
}

QFuture<Result<EnvironmentDeployments>> GitHubDeployments::deployments(QString project, QString environment,
                                                                       StopToken stop)
{
    return readDeployments(m_client, project, environment, listedDeployments, stop);
}

// All that a plan is made of.
struct GitHubDeployments::Way
{
    Repository repository;
    QString who;
    EnvironmentDeployments known;
    EnvironmentDeployment target;
    std::optional<RunSaid> run; // always when planOf() is asked
    std::optional<JobSaid> job; // of the newest attempt; none: no job was named, the whole run is run again
    RerunReach reach = {};
};

QFuture<Result<Plan>> GitHubDeployments::plan(RedeployOrder order, StopToken stop)
{
    const QString project = order.pipeline.project;
    const auto listed = deployments(project, order.environment, stop);
    return after(this, m_client.repository(project, stop), [=, this](const Repository &repository) {
        return after(this, m_client.login(stop), [=, this](const QString &who) {
            return after(this, listed, [=, this](const EnvironmentDeployments &known) {
                const auto target = redeployTarget(known, order.to);
                if (!target)
                    return ready(Result<Plan>(target.error()));
                Way way{repository, who, known, *target, std::nullopt, std::nullopt};
                if (!way.target.whyNot.isEmpty())
                    return ready(Result<Plan>(nothingToRunAgain(way.target, way.target.whyNot)));
                return afterAny(this, m_client.run(target->run, stop), [=, this](const Result<RunSaid> &run) {
                    Way whole = way;
                    if (!run && run.error().kind != ErrorKind::NotFound)
                        return ready(Result<Plan>(run.error()));
                    if (!run)
                        return ready(Result<Plan>(nothingToRunAgain(
                            way.target, GitHubText::tr("Its run %1 is no longer there.").arg(way.target.run.id))));
                    whole.run = *run;
                    return planned(order, whole, stop);
                });
            });
        });
    });
}

// The job by its name: each attempt gives it another number. What named a job is never run again as a whole.
QFuture<Result<Plan>> GitHubDeployments::planned(const RedeployOrder &order, const Way &way, const StopToken &stop)
{
    const auto newest = m_client.jobs(way.target.run, stop);
    if (way.target.job.isEmpty())
        return after(this, newest, [=, this](const QList<JobSaid> &jobs) { return reached(order, way, jobs, stop); });
    return afterAny(this, m_client.job(way.target.run, way.target.job, stop), [=, this](const Result<JobSaid> &old) {
        if (!old && old.error().kind != ErrorKind::NotFound)
            return ready(Result<Plan>(old.error()));
        return after(this, newest, [=, this](const QList<JobSaid> &jobs) {
            Way whole = way;
            const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const JobSaid &one) {
                return one.job.id == way.target.job || (old && one.job.name == old->job.name);
            });
            if (found == jobs.end()) {
                const QString why = GitHubText::tr("Its job %1 is no longer among the jobs of run %2.")
                                        .arg(old ? old->job.name : way.target.job, way.run->run.number);
                return ready(Result<Plan>(nothingToRunAgain(way.target, why)));
            }
            whole.job = *found;
            whole.target.jobName = found->job.name;
            return reached(order, whole, jobs, stop);
        });
    });
}

// Where else it leads, by the file of the run's commit: an attempt more takes that of the first.
QFuture<Result<Plan>> GitHubDeployments::reached(const RedeployOrder &order, const Way &way, const QList<JobSaid> &jobs,
                                                 const StopToken &stop)
{
    Way whole = way;
    whole.reach.isKnown = false;
    const QString path = way.run->path;
    if (pipelineOf(path, QString()).isEmpty())
        return ready(Result<Plan>(planOf(order, whole)));
    const auto asked = m_client.workflow(order.pipeline.project, path, way.run->run.commit, stop);
    return afterAny(this, asked, [=, this](const Result<WorkflowFile> &file) mutable {
        using Kind = ErrorKind;
        const Kind kind = file ? Kind::Internal : file.error().kind;
        if (file)
            whole.reach =
                reachOf(*file, order.pipeline.project, jobs, way.job ? way.job->job.id : QString(), order.environment);
        else if (kind == Kind::RateLimited || kind == Kind::Unreachable || kind == Kind::TimedOut ||
                 kind == Kind::Cancelled || kind == Kind::Unauthorized)
            return ready(Result<Plan>(file.error())); // the next try may tell
        return ready(Result<Plan>(planOf(order, whole)));
    });
}

Plan GitHubDeployments::planOf(const RedeployOrder &order, const Way &way) const
{
    const EnvironmentDeployment &target = way.target;
    Plan plan = redeployHead(order, way.known, target);
    plan.connection = m_client.connection();
    const QStringList &others = way.reach.environments;
    plan.isProtected =
        plan.isProtected || !way.reach.isKnown ||
        std::any_of(others.begin(), others.end(), [](const QString &name) { return isProtectedByName(name); });
    plan.places = way.reach.isKnown ? plan.places + others : QStringList(); // what runs along holds its place, too
    const QString number = way.run->run.number;
    plan.effect =
        way.job ? GitHubText::tr("Job %1 of run %2 and what needs it run again and deploy to %3 what deployment %4 "
                                 "brought there")
                      .arg(target.jobName, number, order.environment, target.id)
                : GitHubText::tr("All of run %1 runs again and deploys to %2 what deployment %3 brought there")
                      .arg(number, order.environment, target.id);
    if (!others.isEmpty())
        plan.effect +=
            GitHubText::tr(", and to %1 what run %2 deploys there").arg(others.join(QStringLiteral(", ")), number);
    plan.steps = {stepOf(order, way)};
    plan.checks = checksOf(order, way);
    return plan;
}

PlanStep GitHubDeployments::stepOf(const RedeployOrder &order, const Way &way) const
{
    const EnvironmentDeployment &target = way.target;
    const EnvironmentDeployment *const live = way.known.live();
    const EnvironmentDeployment *const newest = newestOf(way.known);
    RedeployErrand errand;
    errand.project = order.pipeline.project;
    errand.environment = order.environment;
    errand.commit = target.commit;
    errand.run = target.run.id;
    errand.attempt = way.run->run.attempt;
    errand.job = target.jobName;
    errand.who = way.who;
    errand.live = live ? live->id.toLongLong() : 0;
    errand.last = newest ? newest->id.toLongLong() : 0;
    PlanStep step;
    step.id = QStringLiteral("1");
    step.title = GitHubText::tr("Deploy %1 to %2 again").arg(deployedText(target), order.environment);
    step.through = GitHubText::tr("GitHub Actions of %1").arg(errand.project);
    const QByteArray path = way.job ? GitHubClient::repositoryPath(errand.project) + "/actions/jobs/" +
                                          QUrl::toPercentEncoding(way.job->job.id) + "/rerun"
                                    : GitHubClient::runPath(target.run) + "/rerun";
    step.call = {m_client.connection(), QStringLiteral("POST"), QString::fromLatin1(path), {}, {}};
    step.precondition = GitHubText::tr("only while %1 has what is shown here, and attempt %2 of the run is the last")
                            .arg(order.environment)
                            .arg(errand.attempt);
    step.diff = redeployDiff(way.known, target);
    setRedeployTimes(step, way.job ? &way.job->job : nullptr);
    step.expectation.kind = QStringLiteral("github-redeployed");
    step.expectation.object = {m_client.connection(), {}, QStringLiteral("Run"), errand.project, errand.run, {}};
    step.expectation.data = toData(errand);
    return step;
}

QList<Check> GitHubDeployments::checksOf(const RedeployOrder &order, const Way &way)
{
    const EnvironmentDeployment &target = way.target;
    const QString number = way.run->run.number;
    QList<Check> checks{finding(CheckId::Freshness, CheckState::Pass, GitHubText::tr("Read from GitHub just now"))};
    const std::optional<bool> mayWrite = way.repository.mayWrite;
    checks.append(!mayWrite ? finding(CheckId::Rights, CheckState::Warn,
                                      GitHubText::tr("GitHub does not say what the token may do"))
                  : *mayWrite && !way.repository.isArchived
                      ? finding(CheckId::Rights, CheckState::Pass,
                                GitHubText::tr("The token's user may write to %1").arg(way.repository.fullName))
                      : finding(CheckId::Rights, CheckState::Block,
                                GitHubText::tr("The token's user may not write to %1").arg(way.repository.fullName),
                                GitHubText::tr("Ask an administrator of the repository for the role Write.")));
    const bool isTooOld = target.at.isValid() && target.at.daysTo(way.known.readAt) > keptDays;
    checks.append(
        isTooOld ? finding(CheckId::TargetExists, CheckState::Block,
                           GitHubText::tr("It was made on %1: GitHub runs nothing again after %2 days")
                               .arg(target.at.toString(QStringLiteral("yyyy-MM-dd")))
                               .arg(keptDays),
                           startNewRun(target))
        : way.run->isCompleted
            ? finding(CheckId::TargetExists, CheckState::Pass, GitHubText::tr("Run %1 has ended").arg(number))
            : finding(
                  CheckId::TargetExists, CheckState::Block,
                  GitHubText::tr("Run %1 is still on, and GitHub runs nothing of it again before it ends").arg(number),
                  GitHubText::tr("Wait for its end, or cancel it first.")));
    checks += redeployChecks(way.known, target);
    const QStringList &others = way.reach.environments;
    if (!others.isEmpty())
        checks.append(finding(CheckId::OtherOwner, CheckState::Warn,
                              GitHubText::tr("GitHub runs again what needs it: that deploys to %1, too")
                                  .arg(others.join(QStringLiteral(", "))),
                              GitHubText::tr("Where that is not wanted, start a new run for %1 alone, or reject "
                                             "the others at their gates.")
                                  .arg(order.environment)));
    if (!way.reach.isKnown)
        checks.append(
            finding(CheckId::OtherOwner, CheckState::Warn,
                    GitHubText::tr("Nothing tells for certain which other environments run %1 deploys to").arg(number),
                    GitHubText::tr("Look into the workflow's file: what needs this job runs again with it.")));
    return checks;
}

} // namespace signalbox::github
