#include "services/adapters/travis/travissource.h"

#include "services/adapters/travis/travislog.h"
#include "services/adapters/travis/travisplan.h"
#include "services/adapters/travis/travistext.h"
#include "services/async/inturn.h"

#include <algorithm>

namespace signalbox
{

using namespace travis;

namespace
{

constexpr int mostRepositories = 200;     // of those that nobody named: each is asked for builds
constexpr qsizetype mostSlugsAtOnce = 32; // of them, and of those that were named

} // namespace

TravisSource::TravisSource(Reads reads, QString title, QStringList projects, QObject *parent)
    : PipelineSource(parent)
    , m_reads(std::move(reads))
    , m_title(std::move(title))
    , m_projects(std::move(projects))
{}

TravisSource::~TravisSource() = default;

QFuture<Result<QStringList>> TravisSource::followed(const StopToken &stop)
{
    return m_projects.isEmpty() ? moreRepositories(0, {}, stop) : ready(Result<QStringList>(m_projects));
}

QFuture<Result<QStringList>> TravisSource::moreRepositories(int offset, const QStringList &known, const StopToken &stop)
{
    return after(this, m_reads.repositories(offset, stop), [this, offset, known, stop](const RepositoryPage &page) {
        QStringList slugs = known;
        for (const Pipeline &one : page.pipelines)
            slugs.append(one.ref.project);
        const bool goesOn = page.next && *page.next > offset && slugs.size() < mostRepositories;
        return goesOn ? moreRepositories(*page.next, slugs, stop)
                      : ready(Result<QStringList>(slugs.mid(0, mostRepositories)));
    });
}

// Crons are asked for beside it; where they may not be read there are none.
QFuture<Result<Pipeline>> TravisSource::pipeline(const QString &slug, const StopToken &stop)
{
    return after(this, m_reads.repository(slug, stop), [this, slug, stop](const Pipeline &pipeline) {
        return afterAny(this, m_reads.crons(slug, stop), [this, slug, pipeline](const Result<QStringList> &crons) {
            Pipeline whole = pipeline;
            if (crons)
                m_crons.insert(slug, *crons);
            whole.schedules = crons ? *crons : QStringList();
            return ready(Result<Pipeline>(whole));
        });
    });
}

QFuture<Result<QList<Pipeline>>> TravisSource::pipelines(StopToken stop)
{
    return after(this, followed(stop), [this, stop](const QStringList &slugs) {
        const auto ask = [=, this](qsizetype i) { return pipeline(slugs.at(i), stop); };
        const auto goesOn = [](const Result<Pipeline> &answer) {
            return answer || answer.error().kind == ErrorKind::NotFound;
        };
        const auto each = gatheredInTurn(this, slugs.size(), mostSlugsAtOnce, stop, ask, goesOn);
        return after(this, each, [](const QList<Result<Pipeline>> &answers) {
            QList<Pipeline> all;
            std::optional<Error> gone;
            for (const Result<Pipeline> &answer : answers) {
                if (answer)
                    all.append(*answer);
                else if (answer.error().kind != ErrorKind::NotFound)
                    return ready(Result<QList<Pipeline>>(answer.error()));
                else if (!gone)
                    gone = answer.error();
            }
            // One repository that went away does not hide the others.
            return ready(gone && all.isEmpty() ? Result<QList<Pipeline>>(*gone) : Result<QList<Pipeline>>(all));
        });
    });
}

QFuture<Result<RunPage>> TravisSource::runs(RunQuery query, StopToken stop)
{
    const auto builds = m_reads.builds(query.pipeline.project, query.branch, query.count, query.after, stop);
    return after(this, builds, [this, stop](const RunPage &page) {
        return after(this, needCrons(page.runs, stop), [this, page](bool) {
            RunPage timed = page;
            for (Run &run : timed.runs)
                run = withCron(run);
            return ready(Result<RunPage>(timed));
        });
    });
}

QFuture<Result<bool>> TravisSource::needCrons(const QList<Run> &runs, const StopToken &stop)
{
    const auto needs = std::find_if(runs.cbegin(), runs.cend(), [this](const Run &run) {
        return run.trigger.kind == TriggerKind::Schedule && !m_crons.contains(run.ref.pipeline.project);
    });
    if (needs == runs.cend())
        return ready(Result<bool>(true));
    const QString slug = needs->ref.pipeline.project;
    return afterAny(this, m_reads.crons(slug, stop), [this, slug](const Result<QStringList> &crons) {
        // Where they may not be read there are none for us; a question that failed is asked again.
        if (crons || crons.error().kind == ErrorKind::NotFound || crons.error().kind == ErrorKind::Forbidden)
            m_crons.insert(slug, crons.value_or(QStringList()));
        return ready(Result<bool>(true));
    });
}

Run TravisSource::withCron(Run run) const
{
    if (run.trigger.kind == TriggerKind::Schedule)
        run.trigger.cron = cronOf(m_crons.value(run.ref.pipeline.project), run.branch);
    return run;
}

QFuture<Result<TravisSource::Seen>> TravisSource::look(const RunRef &run, const StopToken &stop)
{
    return after(this, m_reads.build(run.id, stop), [this, id = run.id, stop](const BuildAnswer &build) {
        return after(this, m_reads.jobs(id, stop), [build](const QList<JobAnswer> &jobs) {
            return ready(Result<Seen>(Seen{build, jobs, detailOf(build, jobs, QDateTime::currentDateTimeUtc())}));
        });
    });
}

QFuture<Result<RunDetail>> TravisSource::run(RunRef run, StopToken stop)
{
    return after(this, look(run, stop), [this, stop](const Seen &seen) {
        return after(this, needCrons({seen.detail.run}, stop), [this, detail = seen.detail](bool) {
            RunDetail timed = detail;
            timed.run = withCron(timed.run);
            return ready(Result<RunDetail>(timed));
        });
    });
}

QFuture<Result<TestReport>> TravisSource::tests(RunRef, StopToken)
{
    return ready(Result<TestReport>(
        Error{ErrorKind::Unsupported,
              TravisText::tr("Travis CI has no test reports: what tests said is in the logs of the jobs."),
              {}}));
}

QFuture<Result<LogEnd>> TravisSource::log(LogQuery query, LogTaker taker, StopToken stop)
{
    return readLog(this, m_reads, query, std::move(taker), m_logPause, stop);
}

QFuture<Result<Plan>> TravisSource::plan(RunOrder order, StopToken stop)
{
    const QString host = m_reads.client().host();
    if (order.kind == RunOrder::Kind::Trigger) {
        return after(this, m_reads.repository(order.pipeline.project, stop),
                     [order, host](const Pipeline &pipeline) { return ready(triggerPlan(order, pipeline, host)); });
    }
    if (!order.run)
        return ready(Result<Plan>(Error{ErrorKind::Invalid, TravisText::tr("It does not say which run."), {}}));
    return after(this, look(order.run->ref, stop), [order, host](const Seen &seen) {
        if (order.kind == RunOrder::Kind::Cancel)
            return ready(Result<Plan>(cancelPlan(order, seen.detail, seen.build, host)));
        return ready(rerunPlan(order, seen.detail, seen.build, seen.jobs, host));
    });
}

} // namespace signalbox
