#include "services/adapters/gitlab/gitlabsource.h"

#include "services/adapters/gitlab/gitlabgates.h"
#include "services/adapters/gitlab/gitlablog.h"
#include "services/adapters/gitlab/gitlabtext.h"
#include "services/async/inturn.h"

#include <algorithm>
#include <iterator>

namespace signalbox
{

using namespace gitlab;

namespace
{

// A list tells neither times of work nor who; that is asked for a run once and again only when it changed.
constexpr int mostAskedAtOnce = 10;
constexpr qsizetype mostKept = 5000;
constexpr int mostPerPage = 100;
constexpr int leastAccess = 30; // Developer

std::optional<Error> firstOf(const QList<Result<Pipeline>> &answers)
{
    const auto bad = std::find_if(answers.begin(), answers.end(), [](const Result<Pipeline> &one) { return !one; });
    return bad == answers.end() ? std::nullopt : std::optional(bad->error());
}

bool isActive(const PipelineAnswer &answer)
{
    return !isEnded(answer.run.state) && answer.run.state != RunState::Unknown;
}

bool isOptional(const JobAnswer &job)
{
    return isWaiting(job) && job.job.mayFail;
}

// How jobs are started that hold nothing up.
QString startedBy(const PipelineAnswer &pipeline, const QList<JobAnswer> &graph, bool isFirst)
{
    QStringList names;
    QString gate;
    for (const JobAnswer &job : graph) {
        if (!isOptional(job))
            continue;
        names.append(job.job.name);
        if (gate.isEmpty())
            gate = pipeline.run.ref.pipeline.connection + u'/' +
                   gateId(QStringLiteral("job"), job.id, pipeline.run.ref.pipeline.project);
    }
    if (names.isEmpty())
        return {};
    return (isFirst ? QString() : QStringLiteral(" ")) +
           GitLabText::tr(
               "To be started by hand, holding nothing up: %1. They are among the gates as long as the run is "
               "looked at, and \"signalbox approve %2\" starts the first.")
               .arg(names.join(QStringLiteral(", ")), gate);
}

} // namespace

GitLabSource::GitLabSource(GitLabApi &api)
    : m_api(api)
    , m_plans(api)
    , m_decisions(api)
{
    connect(&api, &GitLabApi::budgetChanged, this, &PipelineSource::budgetChanged);
}

GitLabSource::~GitLabSource() = default;

// ---- pipelines

QFuture<Result<QList<Pipeline>>> GitLabSource::pipelines(StopToken stop)
{
    const auto together = [this, stop](qsizetype count,
                                       const std::function<QFuture<Result<Pipeline>>(qsizetype)> &ask) {
        const auto goesOn = [](const Result<Pipeline> &answer) { return answer.has_value(); };
        const auto each = gatheredInTurn(this, count, GitLabApi::mostProjectsAtOnce, stop, ask, goesOn);
        return after(this, each, [](const QList<Result<Pipeline>> &answers) {
            if (const auto problem = firstOf(answers))
                return ready(Result<QList<Pipeline>>(*problem));
            QList<Pipeline> all;
            for (const Result<Pipeline> &one : answers)
                all.append(*one);
            return ready(Result<QList<Pipeline>>(all));
        });
    };
    const QStringList &named = m_api.config().projects;
    if (!named.isEmpty())
        return together(named.size(), [=, this](qsizetype i) { return pipelineOf(named.at(i), stop); });
    return after(this, m_api.projects(stop), [this, together, stop](const QList<Project> &projects) {
        QList<Project> those;
        std::copy_if(projects.cbegin(), projects.cend(), std::back_inserter(those),
                     [](const Project &project) { return project.hasPipelines; });
        return together(those.size(), [=, this](qsizetype i) { return withSchedules(those.at(i), stop); });
    });
}

// One that is gone, or hidden, takes none of the others with it.
QFuture<Result<Pipeline>> GitLabSource::pipelineOf(const QString &project, const StopToken &stop)
{
    return afterAny(this, m_api.project(project, stop), [=, this](const Result<Project> &known) {
        if (known) {
            Project named = *known;
            named.path = project; // as the workspace says it: GitLab does not mind capitals, and ids do
            return withSchedules(named, stop);
        }
        if (known.error().kind != ErrorKind::NotFound && known.error().kind != ErrorKind::Forbidden)
            return ready(Result<Pipeline>(known.error()));
        Pipeline gone;
        gone.ref = {connection(), project, {}};
        gone.vendor = vendor();
        gone.title = project;
        gone.isEnabled = false;
        gone.canTrigger = false;
        gone.whyNotTrigger = known.error().message;
        return ready(Result<Pipeline>(gone));
    });
}

QFuture<Result<Pipeline>> GitLabSource::withSchedules(const Project &project, const StopToken &stop)
{
    return afterAny(this, m_api.schedules(project.path, stop), [=, this](const Result<QList<Schedule>> &schedules) {
        Pipeline pipeline;
        pipeline.ref = {connection(), project.path, {}};
        pipeline.vendor = vendor();
        pipeline.title = project.path;
        pipeline.defaultBranch = project.defaultBranch;
        if (project.page.isValid()) {
            pipeline.page = project.page;
            pipeline.page.setPath(project.page.path() + QStringLiteral("/-/pipelines"));
        }
        pipeline.isEnabled = project.hasPipelines && !project.isArchived;
        if (project.access)
            pipeline.canTrigger = *project.access >= leastAccess && pipeline.isEnabled;
        if (pipeline.canTrigger == false)
            pipeline.whyNotTrigger = project.isArchived ? GitLabText::tr("The project is archived.")
                                     : !project.hasPipelines
                                         ? GitLabText::tr("CI/CD is switched off for it.")
                                         : GitLabText::tr("It takes the role Developer in %1.").arg(project.path);
        if (schedules) { // they are nobody's business below Reporter
            m_schedules.insert(project.path, *schedules);
            for (const Schedule &one : *schedules) {
                if (one.isActive)
                    pipeline.schedules.append(cronText(one));
            }
        }
        return ready(Result<Pipeline>(pipeline));
    });
}

// ---- runs

QFuture<Result<RunPage>> GitLabSource::runs(RunQuery query, StopToken stop)
{
    RestClient::Ask ask;
    QByteArray words = "per_page=" + QByteArray::number(std::clamp(query.count, 1, mostPerPage));
    if (!query.branch.isEmpty())
        words += "&ref=" + encoded(query.branch);
    if (const int page = query.after.toInt(); page > 1)
        words += "&page=" + QByteArray::number(page);
    ask.target = m_api.projectPath(query.pipeline.project, "/pipelines?" + words);
    ask.what = GitLabText::tr("the runs of %1").arg(query.pipeline.project);
    const auto answer =
        m_api.client().read(ask, stop, [pipeline = query.pipeline](const HttpResponse &response) -> Result<Listed> {
            const auto listed = parsePipelines(response.body, pipeline);
            if (!listed)
                return listed.error();
            return Listed{*listed, GitLabApi::nextPage(response)};
        });
    return after(this, answer, [=, this](const Listed &listed) { return completed(query, listed, stop); });
}

// A scheduled run's cron text: read the schedules once, pipelines() renews them.
QFuture<Result<bool>> GitLabSource::needSchedules(const RunQuery &query, const Listed &listed, const StopToken &stop)
{
    const QString project = query.pipeline.project;
    const bool isAsked = std::any_of(listed.runs.begin(), listed.runs.end(), [](const PipelineAnswer &one) {
        return one.run.trigger.kind == TriggerKind::Schedule;
    });
    if (!isAsked || m_schedules.contains(project))
        return ready(Result<bool>(true));
    return afterAny(this, m_api.schedules(project, stop), [=, this](const Result<QList<Schedule>> &schedules) {
        // Where they may not be read there are none for us; a question that failed is asked again.
        if (schedules || schedules.error().kind == ErrorKind::NotFound ||
            schedules.error().kind == ErrorKind::Forbidden)
            m_schedules.insert(project, schedules.value_or(QList<Schedule>()));
        return ready(Result<bool>(true));
    });
}

QFuture<Result<RunPage>> GitLabSource::completed(const RunQuery &query, const Listed &listed, const StopToken &stop)
{
    QList<QFuture<Result<PipelineAnswer>>> missing;
    for (const PipelineAnswer &one : listed.runs) {
        const auto known = m_whole.constFind(one.run.ref.key());
        const bool isSame = known != m_whole.constEnd() && known->version == one.version;
        if (!isSame && missing.size() < mostAskedAtOnce)
            missing.append(m_api.pipeline(one.run.ref, stop));
    }
    const auto prepared = needSchedules(query, listed, stop);
    return after(this, gathered(this, missing), [=, this](const QList<Result<PipelineAnswer>> &answers) {
        for (const Result<PipelineAnswer> &one : answers) {
            if (one)
                keep(*one); // what is missing stays as the list says it, and is asked for again
        }
        return after(this, prepared, [=, this](bool) {
            RunPage page;
            page.next = listed.next;
            page.readAt = QDateTime::currentDateTimeUtc();
            for (const PipelineAnswer &one : listed.runs) {
                const auto known = m_whole.constFind(one.run.ref.key());
                const bool isKnown = known != m_whole.constEnd() && known->version == one.version;
                page.runs.append(withCron(isKnown ? known->run : one.run, one.ref));
            }
            return ready(Result<RunPage>(page));
        });
    });
}

void GitLabSource::keep(const PipelineAnswer &whole)
{
    if (m_whole.size() >= mostKept)
        m_whole.clear();
    PipelineAnswer &kept = m_whole[whole.run.ref.key()];
    const QString title = kept.run.title;
    kept = whole;
    if (kept.run.title.isEmpty())
        kept.run.title = title; // the commit's, which only jobs tell
}

// Which schedule began a run is not told; where one alone is for this branch, it is that.
Run GitLabSource::withCron(Run run, const QString &ref) const
{
    if (run.trigger.kind != TriggerKind::Schedule)
        return run;
    QStringList crons;
    for (const Schedule &one : m_schedules.value(run.ref.pipeline.project)) {
        if (one.ref == ref && one.isActive)
            crons.append(cronText(one));
    }
    crons.removeDuplicates();
    if (crons.size() == 1)
        run.trigger.cron = crons.first();
    return run;
}

// ---- one run

RunRef GitLabSource::downstreamOf(const PipelineAnswer &pipeline, const JobAnswer &bridge) const
{
    RunRef ref{pipeline.run.ref.pipeline, QString::number(bridge.downstreamId)};
    if (bridge.downstreamProject != 0 && bridge.downstreamProject == pipeline.projectId)
        return ref;
    // Older servers tell no id of the project; a page tells its path.
    const QString other = projectOfPage(bridge.downstreamPage, m_api.config().url);
    if (other.compare(ref.pipeline.project, Qt::CaseInsensitive) == 0)
        return ref;
    if (!other.isEmpty())
        ref.pipeline.project = other;
    else if (bridge.downstreamProject != 0)
        ref.pipeline.project = QString::number(bridge.downstreamProject); // an id serves as well
    return ref;
}

RunDetail GitLabSource::detailOf(const PipelineAnswer &pipeline, const QList<JobAnswer> &graph,
                                 const Result<QList<Deployment>> &deployments) const
{
    RunDetail detail;
    detail.run = withCron(pipeline.run, pipeline.ref);
    detail.readAt = QDateTime::currentDateTimeUtc();
    detail.graphNote = GitLabText::tr("GitLab's REST API does not tell which job needs which: each stage is drawn as "
                                      "waiting for all jobs of the stage before it.");
    QHash<QString, QString> environments;
    for (const Deployment &one : deployments.value_or(QList<Deployment>())) {
        if (one.job)
            environments.insert(one.job->job.id, one.environment);
    }
    if (!deployments)
        detail.note = GitLabText::tr("Which jobs deploy to which environment cannot be told: %1")
                          .arg(deployments.error().message);
    detail.note += startedBy(pipeline, graph, detail.note.isEmpty());
    bool hasFailed = false;
    bool isCancelableNow = false;
    for (const JobAnswer &node : graph) {
        Job job = node.job;
        // When the first job began after the run had ended: since then it goes on.
        std::optional<QDateTime> &again = detail.run.againSince;
        if (again && job.startedAt > pipeline.endedBefore && (!again->isValid() || job.startedAt < *again))
            again = job.startedAt;
        job.environment = environments.value(job.id);
        if (node.downstreamId > 0)
            job.downstream = downstreamOf(pipeline, node);
        detail.jobs.append(job);
        detail.artifacts += node.artifacts;
        if (detail.run.title.isEmpty())
            detail.run.title = node.commitTitle;
        hasFailed = hasFailed || node.status == QLatin1String("failed") || node.status == QLatin1String("canceled");
        isCancelableNow = isCancelableNow || isCancelable(node.status);
    }
    if (!pipeline.yamlErrors.isEmpty())
        detail.annotations.append({RunAnnotation::Level::Failure,
                                   {},
                                   GitLabText::tr("The pipeline's definition"),
                                   pipeline.yamlErrors,
                                   QStringLiteral(".gitlab-ci.yml"),
                                   0});
    const bool hasBranch = !pipeline.ref.startsWith(QLatin1String("refs/")) &&
                           detail.run.trigger.kind != TriggerKind::PullRequest &&
                           pipeline.source != QLatin1String("parent_pipeline");
    detail.canCancel = isCancelableNow;
    detail.canRerunFailed = hasFailed;
    detail.canRerunJob = std::any_of(detail.jobs.cbegin(), detail.jobs.cend(),
                                     [](const Job &job) { return isEnded(job.state) && job.startedAt.isValid(); });
    detail.canRerun = !isActive(pipeline) && hasBranch;
    QStringList whyNot;
    if (!detail.canRerun)
        whyNot.append(isActive(pipeline)
                          ? GitLabText::tr("The run goes on.")
                          : GitLabText::tr("GitLab starts no new run of a merge request or a child run by itself."));
    if (!hasFailed)
        whyNot.append(GitLabText::tr("No job failed or was cancelled."));
    if (!isCancelableNow)
        whyNot.append(GitLabText::tr("Nothing of it goes on."));
    detail.whyNot = whyNot.join(u' ');
    return detail;
}

QFuture<Result<RunDetail>> GitLabSource::run(RunRef run, StopToken stop)
{
    const auto graph = m_api.graph(run, stop);
    return after(this, m_api.pipeline(run, stop), [=, this](const PipelineAnswer &pipeline) {
        // Jobs do not tell their environment; deployments do. This run's were made after it: the oldest first.
        const QByteArray query =
            "order_by=updated_at&sort=asc&updated_after=" + encoded(pipeline.run.createdAt.toString(Qt::ISODateWithMs));
        const auto deployed = m_api.deployments(run.pipeline.project, query, stop);
        return after(this, graph, [=, this](const QList<JobAnswer> &jobs) {
            return afterAny(this, deployed, [=, this](const Result<QList<Deployment>> &deployments) {
                const bool hasNone = !deployments && (deployments.error().kind == ErrorKind::NotFound ||
                                                      deployments.error().kind == ErrorKind::Forbidden);
                const Result<QList<Deployment>> listed =
                    hasNone ? Result<QList<Deployment>>(QList<Deployment>()) : deployments;
                const auto decisions = m_decisions.of(run, listed.value_or(QList<Deployment>()), stop);
                return after(this, decisions, [=, this](const GitLabDecisions::Told &told) {
                    RunDetail detail = detailOf(pipeline, jobs, listed);
                    detail.decisions = told.all;
                    if (!told.note.isEmpty())
                        detail.note += (detail.note.isEmpty() ? QString() : QStringLiteral(" ")) + told.note;
                    PipelineAnswer known = pipeline;
                    known.run = detail.run;
                    keep(known);
                    return ready(Result<RunDetail>(detail));
                });
            });
        });
    });
}

// ---- tests, logs, plans

QFuture<Result<TestReport>> GitLabSource::tests(RunRef run, StopToken stop)
{
    const auto ask = [&](const QByteArray &below) {
        RestClient::Ask one;
        one.target = m_api.projectPath(run.pipeline.project, "/pipelines/" + encoded(run.id) + below);
        one.what = GitLabText::tr("the tests of run %1 of %2").arg(run.id, run.pipeline.project);
        return one;
    };
    const auto whole = ask("/test_report");
    const auto summary = m_api.client().read(ask("/test_report_summary"), stop, [](const HttpResponse &response) {
        return parseTestSummary(response.body);
    });
    const auto pipeline = m_api.pipeline(run, stop);
    return afterAny(this, summary, [=, this](const Result<TestReport> &told) {
        if (!told && told.error().kind == ErrorKind::NotFound)
            return coverageAlone(pipeline, told.error());
        if (!told)
            return ready(told);
        const TestReport counts = *told;
        const auto report = m_api.client().read(
            whole, stop, [](const HttpResponse &response) { return parseTestReport(response.body); });
        return afterAny(this, report, [=, this](const Result<TestReport> &cases) {
            return afterAny(this, pipeline, [=](const Result<PipelineAnswer> &known) {
                TestReport told = cases.value_or(counts); // a report too large to be read leaves the counts
                if (!cases && cases.error().kind == ErrorKind::Cancelled)
                    return ready(Result<TestReport>(cases.error()));
                QStringList notes;
                if (!cases)
                    notes.append(
                        GitLabText::tr("Which tests they are could not be read: %1").arg(cases.error().message));
                if (known)
                    told.coverage = known->coverage;
                else if (known.error().kind == ErrorKind::Cancelled)
                    return ready(Result<TestReport>(known.error()));
                else
                    notes.append(GitLabText::tr("The coverage could not be read: %1").arg(known.error().message));
                told.note = notes.join(u'\n');
                told.readAt = QDateTime::currentDateTimeUtc();
                return ready(Result<TestReport>(told));
            });
        });
    });
}

// Coverage is read from the log of a job: it takes no report of tests.
QFuture<Result<TestReport>> GitLabSource::coverageAlone(const QFuture<Result<PipelineAnswer>> &pipeline,
                                                        const Error &noTests)
{
    return afterAny(this, pipeline, [noTests](const Result<PipelineAnswer> &known) {
        if (!known) // whether it is covered nobody knows then
            return ready(Result<TestReport>(known.error()));
        if (!known->coverage)
            return ready(Result<TestReport>(noTests));
        TestReport report;
        report.coverage = known->coverage;
        report.readAt = QDateTime::currentDateTimeUtc();
        return ready(Result<TestReport>(report));
    });
}

QFuture<Result<LogEnd>> GitLabSource::log(LogQuery query, LogTaker taker, StopToken stop)
{
    return readTrace(m_api, query, taker, stop);
}

QFuture<Result<Plan>> GitLabSource::plan(RunOrder order, StopToken stop)
{
    return m_plans.plan(order, stop);
}

} // namespace signalbox
