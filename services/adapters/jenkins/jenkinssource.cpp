#include "services/adapters/jenkins/jenkinssource.h"

#include "services/adapters/jenkins/jenkinscoverage.h"
#include "services/adapters/jenkins/jenkinslog.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinsplan.h"
#include "services/adapters/jenkins/jenkinstext.h"
#include "services/async/chain.h"

#include <QPromise>
#include <QSet>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

constexpr int mostJobs = 2000;
constexpr int mostFolderAsks = 60;
constexpr int deepest = 8;          // folders in folders
constexpr int mostSchedules = 20;   // that are read behind a list of jobs
constexpr int mostLookedInside = 5; // runs of a page that go on

// The server has none, or not the plugin: else it may be there, and was not to be had.
bool isNothingThere(const Error &error)
{
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported;
}

} // namespace

JenkinsSource::JenkinsSource(PipelineServerConfig config, JenkinsClient &client)
    : m_config(std::move(config))
    , m_client(client)
    , m_stages(client)
{}

JenkinsSource::~JenkinsSource()
{
    m_background.request_stop();
}

QString JenkinsSource::connection() const
{
    return m_config.id;
}

QString JenkinsSource::title() const
{
    const QString name = m_config.title.isEmpty() ? m_client.rest().host() : m_config.title;
    return m_isCut ? JenkinsText::tr("%1 (not all of its jobs: name projects in the workspace)").arg(name) : name;
}

QString JenkinsSource::vendor() const
{
    return QStringLiteral("Jenkins");
}

// ---- pipelines

// What a walk through folders has found so far.
struct JenkinsSource::Walk
{
    QStringList open;
    QList<Pipeline> jobs;
    QSet<QString> seen;
    std::optional<Error> firstError;
    int asks = 0;
    bool isCut = false;
    StopToken stop;
    QPromise<Result<QList<Pipeline>>> promise;
};

QFuture<Result<QList<Pipeline>>> JenkinsSource::pipelines(StopToken stop)
{
    const auto state = std::make_shared<Walk>();
    state->stop = stop;
    state->open = named();
    if (state->open.isEmpty())
        state->open.append(QString());
    state->promise.start();
    const auto answer = state->promise.future();
    walk(state);
    return answer;
}

QStringList JenkinsSource::named() const
{
    QStringList projects;
    for (const QString &project : m_config.projects)
        projects.append(project.split(u'/', Qt::SkipEmptyParts).join(u'/'));
    return projects;
}

void JenkinsSource::walk(const std::shared_ptr<Walk> &state)
{
    state->isCut =
        state->isCut || (!state->open.isEmpty() && state->asks >= mostFolderAsks) || state->jobs.size() > mostJobs;
    if (state->open.isEmpty() || state->isCut) {
        m_isCut = state->isCut;
        shortenTitles(state->jobs, named());
        const bool isNothing = state->jobs.isEmpty() && state->firstError;
        state->promise.addResult(isNothing ? Result<QList<Pipeline>>(*state->firstError)
                                           : Result<QList<Pipeline>>(withSchedules(state->jobs.mid(0, mostJobs))));
        state->promise.finish();
        return;
    }
    const QString folder = state->open.takeFirst();
    ++state->asks;
    const auto ask = JenkinsClient::tree(jobPath(folder), jobsTree(mostJobs),
                                         folder.isEmpty() ? JenkinsText::tr("its jobs")
                                                          : JenkinsText::tr("the jobs of %1").arg(folder));
    const auto answer = m_client.rest().read(ask, state->stop, [folder](const HttpResponse &response) {
        return parseJobs(response.body, folder, mostJobs);
    });
    deliver(answer, state->stop, this, [=, this](const Result<FoundJobs> &found) { foundIn(state, folder, found); });
}

// The core lists jobs without their triggers (hudson.model.Job exports none): each has to be asked for its
// configuration. A list does not wait for that: it has what is known, and a few more are read for the next one.
QList<Pipeline> JenkinsSource::withSchedules(QList<Pipeline> jobs)
{
    QStringList projects;
    for (Pipeline &job : jobs) {
        projects.append(job.ref.project);
        if (const auto known = m_client.lastSchedule(job.ref.project)) {
            job.schedules = known->crons;
            job.whyNoSchedules = known->whyNot;
        }
    }
    const StopToken stop = m_background.get_token();
    for (const QString &project : m_client.dueSchedules(projects, mostSchedules)) {
        if (m_asked.contains(project))
            continue;
        m_asked.insert(project);
        deliver(m_client.schedule(project, stop), stop, this,
                [this, project](const Result<Schedule> &) { m_asked.remove(project); }); // the client remembers it
    }
    return jobs;
}

void JenkinsSource::foundIn(const std::shared_ptr<Walk> &state, const QString &folder, const Result<FoundJobs> &found)
{
    if (!found) {
        if (!state->firstError)
            state->firstError = found.error();
        const bool isFatal = found.error().kind != ErrorKind::NotFound && found.error().kind != ErrorKind::Forbidden;
        if (isFatal) { // the others would fail alike, and a half list would look like deleted jobs
            state->jobs.clear();
            state->open.clear();
        }
        walk(state);
        return;
    }
    state->isCut = state->isCut || found->isCut;
    for (const FoundJob &one : found->jobs) {
        Pipeline pipeline = one.pipeline;
        pipeline.ref.connection = m_config.id;
        pipeline.vendor = vendor();
        // Of a job that was asked for itself only its folder could tell.
        if (pipeline.ref.project != folder)
            m_client.setIsBranch(pipeline.ref.project, one.isBranch);
        if (state->seen.contains(pipeline.ref.project))
            continue;
        state->seen.insert(pipeline.ref.project);
        state->jobs.append(pipeline);
    }
    for (const QString &next : found->folders) {
        if (next.count(u'/') < deepest)
            state->open.append(next);
        else
            state->isCut = true;
    }
    walk(state);
}

// ---- runs

QFuture<Result<RunPage>> JenkinsSource::runs(RunQuery query, StopToken stop)
{
    const QString project = query.pipeline.project;
    const int from = query.after.toInt();
    const int count = std::clamp(query.count, 1, 200);
    const auto ask =
        JenkinsClient::tree(jobPath(project), runsTree(from, count), JenkinsText::tr("the runs of %1").arg(project));
    const auto answer = m_client.rest().read(
        ask, stop, [ref = m_client.pipeline(project), page = m_client.page()](const HttpResponse &response) {
            return parseRuns(response.body, ref, page);
        });
    const bool isBranch = m_client.isKnownBranch(project);
    return after(this, answer, [=, this](const SeenRuns &seen) {
        m_client.setRemotes(project, seen.remotes);
        QList<Run> runs;
        if (from == 0 && seen.queued)
            runs.append(*seen.queued);
        for (const SeenRun &one : seen.runs) {
            Run run = one.run;
            if (run.branch.isEmpty() && isBranch)
                run.branch = branchNameOf(project);
            if (query.branch.isEmpty() || run.branch == query.branch)
                runs.append(run);
        }
        // By place, not by number: what begins meanwhile makes pages overlap, never leaves one out.
        const QString next = seen.told < count ? QString() : QString::number(from + seen.told);
        const auto timed = withSchedule(m_client, project, runs, stop);
        const auto whole =
            after(this, timed, [this, stop](const QList<Run> &known) { return withWaiting(known, stop); });
        return after(this, whole, [next](const QList<Run> &looked) {
            RunPage page;
            page.runs = looked;
            page.next = next;
            page.readAt = QDateTime::currentDateTimeUtc();
            return ready(Result<RunPage>(page));
        });
    });
}

// The core says of a run at an input that it is building; that it waits for people only the plugin knows.
QFuture<Result<QList<Run>>> JenkinsSource::withWaiting(QList<Run> runs, const StopToken &stop)
{
    QList<QFuture<Result<bool>>> asked;
    QList<qsizetype> at;
    for (qsizetype i = 0; i < runs.size() && at.size() < mostLookedInside; ++i) {
        if (runs.at(i).state != RunState::Running)
            continue;
        asked.append(isAtInput(runs.at(i).ref, stop));
        at.append(i);
    }
    if (asked.isEmpty())
        return ready(Result<QList<Run>>(runs));
    return after(this, gathered(this, asked), [runs, at](const QList<Result<bool>> &answers) {
        QList<Run> looked = runs;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            if (answers.at(i) && *answers.at(i))
                looked[at.at(i)].state = RunState::Waiting;
        }
        return ready(Result<QList<Run>>(looked));
    });
}

QFuture<Result<bool>> JenkinsSource::isAtInput(const RunRef &run, const StopToken &stop)
{
    if (m_client.lacksStageView()) {
        const auto inputs = m_client.inputsWithoutStageView(run.pipeline.project, run.id, stop);
        return after(this, inputs,
                     [](const QList<PendingInput> &pending) { return ready(Result<bool>(!pending.isEmpty())); });
    }
    const auto ask = JenkinsClient::plain(runPath(run.pipeline.project, run.id) + "/wfapi/describe",
                                          JenkinsText::tr("the stages of run %1").arg(run.id));
    return m_client.rest().read(ask, stop, [](const HttpResponse &response) {
        return parseStages(response.body).transform([](const Stages &stages) {
            return stages.state == RunState::Waiting;
        });
    });
}

// ---- one run

QFuture<Result<RunDetail>> JenkinsSource::run(RunRef run, StopToken stop)
{
    const QString project = run.pipeline.project;
    if (const auto item = queueItemOf(run.id)) {
        return after(this, m_client.queueItem(project, *item, stop), [=, this](const QueueItem &seen) {
            if (!seen.number.isEmpty()) // it began: it has a number now
                return this->run({run.pipeline, seen.number}, stop);
            RunDetail detail;
            detail.run = seen.run;
            detail.canCancel = !seen.isCancelled;
            detail.whyNot = JenkinsText::tr("It waits in the queue and has no number yet.");
            detail.readAt = QDateTime::currentDateTimeUtc();
            return ready(Result<RunDetail>(detail));
        });
    }
    const auto detail = after(this, m_client.run(project, run.id, stop),
                              [=, this](const SeenRun &seen) { return detailOf(seen, stop); });
    return after(this, detail, [=, this](const RunDetail &whole) { return withSchedule(m_client, whole, stop); });
}

QFuture<Result<RunDetail>> JenkinsSource::detailOf(const SeenRun &seen, const StopToken &stop)
{
    const QString project = seen.run.ref.pipeline.project;
    const auto whole = after(this, m_stages.graph(seen, stop), [=, this](const RunGraph &graph) {
        return m_stages.withSteps(seen.run.ref, graph, stop);
    });
    return after(this, whole, [=, this](const RunGraph &graph) {
        return after(this, m_client.permissions(project, stop), [=, this](const Permissions &may) {
            // Without stages only the input step itself tells that the run waits.
            const bool isHidden = seen.isPipeline() && !isEnded(seen.run.state) && graph.jobs.size() == 1 &&
                                  graph.jobs.first().id == coreJob;
            if (!isHidden)
                return ready(Result<RunDetail>(told(seen, graph, may, false)));
            const auto inputs = m_client.inputsWithoutStageView(project, seen.run.ref.id, stop);
            return afterAny(this, inputs, [=, this](const Result<QList<PendingInput>> &pending) {
                return ready(Result<RunDetail>(told(seen, graph, may, pending && !pending->isEmpty())));
            });
        });
    });
}

RunDetail JenkinsSource::told(const SeenRun &seen, const RunGraph &graph, const Permissions &may, bool isAtInput) const
{
    const QString project = seen.run.ref.pipeline.project;
    RunDetail detail;
    detail.run = seen.run;
    if (detail.run.branch.isEmpty() && m_client.isKnownBranch(project))
        detail.run.branch = branchNameOf(project);
    detail.jobs = graph.jobs;
    detail.graphNote = graph.graphNote;
    detail.note = QStringList{graph.note, seen.whyNoCommit}.join(u' ').trimmed();
    detail.artifacts = seen.artifacts;
    const bool waits = isAtInput || std::any_of(graph.jobs.cbegin(), graph.jobs.cend(),
                                                [](const Job &job) { return job.state == RunState::Waiting; });
    if (waits && detail.run.state == RunState::Running)
        detail.run.state = RunState::Waiting;
    QStringList why;
    for (const GivenDecision &one : seen.decisions)
        detail.decisions.append({one.who, one.approves, {}, {}}); // Jenkins tells neither where nor when
    detail.canRerun = may.start.value_or(true) && seen.hiddenParameters.isEmpty();
    if (!may.start.value_or(true))
        why.append(JenkinsText::tr("Starting runs takes the right Job/Build, which we do not have."));
    else if (!detail.canRerun)
        why.append(hiddenParameterSentence(seen.hiddenParameters));
    const bool isOver = isEnded(detail.run.state);
    detail.canCancel = !isOver && may.stop.value_or(true);
    if (isOver)
        why.append(JenkinsText::tr("It has ended: there is nothing to cancel."));
    else if (!detail.canCancel)
        why.append(JenkinsText::tr("Cancelling takes the right Job/Cancel, which we do not have."));
    why.append(JenkinsText::tr("Jenkins runs neither only what failed nor one stage alone."));
    detail.whyNot = why.join(u' ');
    detail.readAt = QDateTime::currentDateTimeUtc();
    return detail;
}

// ---- tests and logs

QFuture<Result<TestReport>> JenkinsSource::tests(RunRef run, StopToken stop)
{
    const QString project = run.pipeline.project;
    if (queueItemOf(run.id))
        return ready(Result<TestReport>(
            Error{ErrorKind::NotFound, JenkinsText::tr("The run has not begun: it has no tests yet."), {}}));
    RestClient::Ask ask = JenkinsClient::tree(runPath(project, run.id) + "/testReport", testTree(),
                                              JenkinsText::tr("the tests of run %1 of %2").arg(run.id, project));
    ask.maxBody = 128ll * 1024 * 1024;
    const auto answer = m_client.rest().read(ask, stop, [](const HttpResponse &response) -> Result<TestReport> {
        return parseTests(response.body).transform([](TestReport report) {
            report.readAt = QDateTime::currentDateTimeUtc();
            return report;
        });
    });
    return afterAny(this, answer, [=, this](const Result<TestReport> &report) {
        if (!report && report.error().kind != ErrorKind::NotFound)
            return ready(report);
        return afterAny(this, coverageOf(m_client, run, stop), [=](const Result<double> &percent) {
            if (!report && !percent)
                return ready(Result<TestReport>(
                    isNothingThere(percent.error())
                        ? Error{ErrorKind::NotFound, JenkinsText::tr("Run %1 reports no tests.").arg(run.id), {}}
                        : percent.error()));
            TestReport whole = report.value_or(TestReport());
            if (percent)
                whole.coverage = *percent;
            else if (!isNothingThere(percent.error()))
                whole.note = JenkinsText::tr("The coverage could not be read: %1").arg(percent.error().message);
            if (!whole.readAt.isValid())
                whole.readAt = QDateTime::currentDateTimeUtc();
            return ready(Result<TestReport>(whole));
        });
    });
}

QFuture<Result<LogEnd>> JenkinsSource::log(LogQuery query, LogTaker taker, StopToken stop)
{
    const RunRef run = query.run;
    const QString project = run.pipeline.project;
    if (queueItemOf(run.id))
        return ready(Result<LogEnd>(
            Error{ErrorKind::NotFound, JenkinsText::tr("The run has not begun: it has no log yet."), {}}));
    const QString what = JenkinsText::tr("the log of run %1 of %2").arg(run.id, project);
    const bool isWhole = query.job.isEmpty() || query.job == coreJob;
    if (isWhole && !query.step.isEmpty())
        return ready(Result<LogEnd>(Error{ErrorKind::Unsupported,
                                          JenkinsText::tr("Jenkins tells the log of a step by its stage: name it too."),
                                          {}}));
    if (isWhole) {
        auto *log = new ProgressiveLog(m_client, runPath(project, run.id) + "/logText/progressiveText", query,
                                       std::move(taker), stop, what);
        return log->begin();
    }
    return after(this, m_client.blue(project, stop), [=, this](const QByteArray &blue) {
        if (blue.isEmpty())
            return (new StageLog(m_client, query, taker, stop))->begin();
        const QByteArray step = query.step.isEmpty() ? QByteArray() : "/steps/" + encoded(query.step);
        const QByteArray target = blue + "/runs/" + encoded(run.id) + "/nodes/" + encoded(query.job) + step + "/log/";
        return (new ProgressiveLog(m_client, target, query, taker, stop, what))->begin();
    });
}

// ---- plans

QFuture<Result<Plan>> JenkinsSource::plan(RunOrder order, StopToken stop)
{
    switch (order.kind) {
    case RunOrder::Kind::Cancel:
        return planCancel(order, stop);
    case RunOrder::Kind::RerunFailed:
        return ready(Result<Plan>(Error{
            ErrorKind::Unsupported, JenkinsText::tr("Jenkins cannot run only what failed: rerun all of it."), {}}));
    case RunOrder::Kind::Rerun:
        if (!order.job.isEmpty())
            return ready(Result<Plan>(
                Error{ErrorKind::Unsupported,
                      JenkinsText::tr("Jenkins cannot run one stage alone: rerun all of it, or restart from a stage in "
                                      "Jenkins, which runs all stages behind it too."),
                      {}}));
        break;
    case RunOrder::Kind::Trigger:
        break;
    }
    return planStart(order, stop);
}

QFuture<Result<Plan>> JenkinsSource::planStart(const RunOrder &order, const StopToken &stop)
{
    const QString project = order.pipeline.project;
    const bool isRerun = order.kind == RunOrder::Kind::Rerun;
    if (isRerun && (!order.run || !isBuildNumber(order.run->ref.id)))
        return ready(Result<Plan>(
            Error{ErrorKind::Invalid, JenkinsText::tr("There is no run to rerun: it has not begun."), {}}));
    return after(this, m_client.job(project, stop), [=, this](const JobState &job) {
        return after(this, m_client.myself(stop), [=, this](const Myself &me) {
            return after(this, m_client.permissions(project, stop), [=, this](const Permissions &may) {
                return after(this, m_client.isBranch(project, stop), [=, this](bool isBranch) {
                    StartFacts facts{order, job, me, may, isBranch, std::nullopt};
                    if (!isRerun)
                        return ready(planOfStart(facts, m_client.connection()));
                    return after(this, m_client.run(project, order.run->ref.id, stop), [=, this](const SeenRun &run) {
                        StartFacts withRun = facts;
                        withRun.run = run;
                        return ready(planOfStart(withRun, m_client.connection()));
                    });
                });
            });
        });
    });
}

QFuture<Result<Plan>> JenkinsSource::planCancel(const RunOrder &order, const StopToken &stop)
{
    if (!order.run)
        return ready(Result<Plan>(Error{ErrorKind::Invalid, JenkinsText::tr("There is no run to cancel."), {}}));
    const QString project = order.pipeline.project;
    const QString id = order.run->ref.id;
    return after(this, m_client.permissions(project, stop), [=, this](const Permissions &may) {
        const auto planned = [=, this](const Run &run) {
            return ready(planOfCancel(order, run, may, m_client.connection()));
        };
        if (const auto item = queueItemOf(id)) {
            return after(this, m_client.queueItem(project, *item, stop), [=, this](const QueueItem &seen) {
                if (seen.number.isEmpty())
                    return planned(seen.run);
                return after(this, m_client.run(project, seen.number, stop),
                             [planned](const SeenRun &began) { return planned(began.run); });
            });
        }
        return after(this, m_client.run(project, id, stop),
                     [planned](const SeenRun &seen) { return planned(seen.run); });
    });
}

} // namespace signalbox::jenkins
