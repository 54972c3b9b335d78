#include "services/adapters/jenkins/jenkinsstages.h"

#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinstext.h"
#include "services/async/chain.h"

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

constexpr int mostStepAsks = 12; // a look
constexpr int mostKnownSteps = 2000;

// A run as its only job: of freestyle jobs, and where nothing tells the stages.
RunGraph coreGraph(const SeenRun &seen, const QString &note)
{
    Job job;
    job.id = coreJob;
    job.name = branchNameOf(seen.run.ref.pipeline.project);
    job.state = seen.run.state;
    job.reason = seen.run.reason;
    job.hasLog = true;
    job.startedAt = seen.run.startedAt;
    job.finishedAt = seen.run.finishedAt;
    job.runner = seen.runner;
    job.page = seen.run.page;
    return {{job}, {}, note, {}};
}

} // namespace

JenkinsStages::JenkinsStages(JenkinsClient &client)
    : m_client(client)
{}

QFuture<Result<RunGraph>> JenkinsStages::graph(const SeenRun &seen, const StopToken &stop)
{
    if (!seen.isPipeline())
        return ready(Result<RunGraph>(coreGraph(seen, {}))); // a freestyle job has no stages
    const RunRef ref = seen.run.ref;
    return after(this, m_client.blue(ref.pipeline.project, stop), [=, this](const QByteArray &blue) {
        if (blue.isEmpty())
            return stageGraph(seen, stop);
        const bool isOver = isEnded(seen.run.state);
        const auto ask = JenkinsClient::plain(blue + "/runs/" + encoded(ref.id) + "/nodes/?limit=10000",
                                              JenkinsText::tr("the stages of run %1").arg(ref.id));
        const auto answer = m_client.rest().read(
            ask, stop, [=](const HttpResponse &response) { return parseNodes(response.body, ref.pipeline, isOver); });
        return afterAny(this, answer, [=, this](const Result<QList<Job>> &jobs) {
            if (jobs && !jobs->isEmpty())
                return ready(Result<RunGraph>(RunGraph{*jobs, {}, {}, blue + "/runs/" + encoded(ref.id)}));
            if (!jobs && jobs.error().kind == ErrorKind::Cancelled)
                return ready(Result<RunGraph>(jobs.error()));
            return stageGraph(seen, stop);
        });
    });
}

QFuture<Result<RunGraph>> JenkinsStages::stageGraph(const SeenRun &seen, const StopToken &stop)
{
    const auto ask = JenkinsClient::plain(runPath(seen.run.ref.pipeline.project, seen.run.ref.id) + "/wfapi/describe",
                                          JenkinsText::tr("the stages of run %1").arg(seen.run.number));
    const auto answer =
        m_client.rest().read(ask, stop, [](const HttpResponse &response) { return parseStages(response.body); });
    return afterAny(this, answer, [seen](const Result<Stages> &stages) {
        if (!stages && (stages.error().kind == ErrorKind::NotFound || stages.error().kind == ErrorKind::Unsupported))
            return ready(Result<RunGraph>(coreGraph(
                seen, JenkinsText::tr("This Jenkins has neither Blue Ocean nor Pipeline: REST API, so it does not tell "
                                      "the stages of a pipeline; what it tells is the run as a whole."))));
        if (!stages)
            return ready(Result<RunGraph>(stages.error()));
        if (stages->jobs.isEmpty())
            return ready(Result<RunGraph>(coreGraph(seen, {})));
        return ready(Result<RunGraph>(
            RunGraph{stages->jobs,
                     JenkinsText::tr("In the order in which the stages began: which of them run side by side only Blue "
                                     "Ocean tells, and this Jenkins does not."),
                     {},
                     {}}));
    });
}

// One question a job: those that matter first, and of those that ended never again. What is left out comes with the
// next looks.
QFuture<Result<RunGraph>> JenkinsStages::withSteps(const RunRef &run, const RunGraph &graph, const StopToken &stop)
{
    RunGraph whole = graph;
    QList<qsizetype> open;
    for (qsizetype i = 0; i < whole.jobs.size(); ++i) {
        Job &job = whole.jobs[i];
        const auto known = m_steps.constFind(run.key() + u'|' + job.id);
        if (known != m_steps.cend() && isEnded(job.state))
            job.steps = *known;
        else if (job.hasLog && job.id != coreJob)
            open.append(i);
    }
    const auto matters = [&whole](qsizetype i) {
        const RunState state = whole.jobs.at(i).state;
        return !isEnded(state) ? 0 : state == RunState::Failed || state == RunState::Unstable ? 1 : 2;
    };
    std::stable_sort(open.begin(), open.end(), [&](qsizetype a, qsizetype b) { return matters(a) < matters(b); });
    open = open.mid(0, mostStepAsks);
    QList<QFuture<Result<QList<JobStep>>>> asked;
    for (const qsizetype i : qAsConst(open))
        asked.append(steps(run, whole.jobs.at(i).id, whole.blue, stop));
    return after(this, gathered(this, asked), [=, this](const QList<Result<QList<JobStep>>> &answers) {
        RunGraph told = whole;
        if (m_steps.size() > mostKnownSteps)
            m_steps.clear();
        for (qsizetype i = 0; i < answers.size(); ++i) {
            if (!answers.at(i))
                continue; // the run is told without them
            Job &job = told.jobs[open.at(i)];
            job.steps = *answers.at(i);
            if (isEnded(job.state))
                m_steps.insert(run.key() + u'|' + job.id, job.steps);
        }
        return ready(Result<RunGraph>(told));
    });
}

QFuture<Result<QList<JobStep>>> JenkinsStages::steps(const RunRef &run, const QString &job, const QByteArray &blue,
                                                     const StopToken &stop)
{
    const QString what = JenkinsText::tr("the steps of a stage of run %1 of %2").arg(run.id, run.pipeline.project);
    if (!blue.isEmpty())
        return m_client.rest().read(JenkinsClient::plain(blue + "/nodes/" + encoded(job) + "/steps/?limit=10000", what),
                                    stop, [](const HttpResponse &response) { return parseSteps(response.body); });
    return m_client.rest().read(
        JenkinsClient::plain(
            runPath(run.pipeline.project, run.id) + "/execution/node/" + encoded(job) + "/wfapi/describe", what),
        stop, [](const HttpResponse &response) -> Result<QList<JobStep>> {
            const auto nodes = parseStageNodes(response.body);
            return nodes ? Result<QList<JobStep>>(stepsOf(*nodes)) : Result<QList<JobStep>>(nodes.error());
        });
}

} // namespace signalbox::jenkins
