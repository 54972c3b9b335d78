#include "services/adapters/github/githubsource.h"

#include "services/adapters/github/githubplans.h"
#include "services/adapters/github/githubtags.h"
#include "services/adapters/github/githubtext.h"
#include "services/async/inturn.h"

#include <QTimer>

namespace signalbox::github
{

namespace
{

constexpr int mostPerPage = 100; // GitHub's own limit

// How far a list was read: "PAGE/SIZE".
struct Bookmark
{
    int page = 1;
    int size = 30;
};

Bookmark bookmarkOf(const RunQuery &query)
{
    const int size = std::clamp(query.count, 1, mostPerPage);
    const int page = query.after.section(u'/', 0, 0).toInt();
    const int kept = query.after.section(u'/', 1).toInt();
    return page > 1 && kept >= 1 && kept <= mostPerPage ? Bookmark{page, kept} : Bookmark{1, size};
}

QString whyNoTrigger(const Repository &repository, const Workflow &workflow, const WorkflowFile &file)
{
    if (!file.isDispatchable)
        return GitHubText::tr("Its file has no workflow_dispatch.");
    if (repository.isArchived)
        return GitHubText::tr("The repository is archived.");
    if (!workflow.isEnabled)
        return GitHubText::tr("The workflow is switched off.");
    if (repository.mayWrite == false)
        return GitHubText::tr("The token's user may not write to %1.").arg(repository.fullName);
    return {};
}

} // namespace

GitHubSource::GitHubSource(GitHubClient &client, QStringList projects, QObject *parent)
    : PipelineSource(parent)
    , m_client(client)
    , m_projects(std::move(projects))
{
    connect(&client, &GitHubClient::budgetChanged, this, &PipelineSource::budgetChanged);
}

GitHubSource::~GitHubSource() = default;

// ---- pipelines

QFuture<Result<QList<Pipeline>>> GitHubSource::pipelines(StopToken stop)
{
    const auto ask = [=, this](qsizetype i) { return pipelinesOf(m_projects.at(i), stop); };
    const auto isOfOne = [](const Error &error) {
        return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Forbidden;
    };
    const auto goesOn = [isOfOne](const Result<QList<Pipeline>> &answer) { return answer || isOfOne(answer.error()); };
    const auto each = gatheredInTurn(this, m_projects.size(), GitHubClient::mostProjectsAtOnce, stop, ask, goesOn);
    // One repository that was renamed must not hide the others; nothing but errors is an error.
    return after(this, each, [isOfOne](const QList<Result<QList<Pipeline>>> &answers) {
        QList<Pipeline> all;
        std::optional<Error> ofOne;
        std::optional<Error> ofAll;
        bool isAny = false;
        for (const auto &answer : answers) {
            isAny = isAny || answer;
            if (answer)
                all += *answer;
            else if (isOfOne(answer.error()))
                ofOne = ofOne.value_or(answer.error());
            else if (!ofAll || answer.error().kind == ErrorKind::RateLimited)
                ofAll = answer.error();
        }
        // Half a list under a limit would look as if the rest had gone.
        if (ofAll)
            return ready(Result<QList<Pipeline>>(*ofAll));
        return ready(ofOne && !isAny ? Result<QList<Pipeline>>(*ofOne) : Result<QList<Pipeline>>(all));
    });
}

QFuture<Result<QList<Pipeline>>> GitHubSource::pipelinesOf(const QString &project, const StopToken &stop)
{
    return after(this, m_client.repository(project, stop), [=, this](const Repository &repository) {
        return after(this, m_client.workflows(project, stop), [=, this](const QList<Workflow> &workflows) {
            QList<QFuture<Result<Pipeline>>> asked;
            for (const Workflow &workflow : workflows)
                asked.append(pipelineOf(project, repository, workflow, stop));
            return after(this, gathered(this, asked), [](const QList<Result<Pipeline>> &answers) {
                QList<Pipeline> all;
                for (const auto &answer : answers) {
                    if (!answer)
                        return ready(Result<QList<Pipeline>>(answer.error()));
                    all.append(*answer);
                }
                return ready(Result<QList<Pipeline>>(all));
            });
        });
    });
}

QFuture<Result<Pipeline>> GitHubSource::pipelineOf(const QString &project, const Repository &repository,
                                                   const Workflow &workflow, const StopToken &stop)
{
    Pipeline one;
    one.ref = m_client.place(project, github::pipelineOf(workflow.path, workflow.id));
    one.vendor = vendor();
    one.title = workflow.name.isEmpty() ? one.ref.pipeline : workflow.name;
    one.defaultBranch = repository.defaultBranch;
    one.isEnabled = workflow.isEnabled && !repository.isArchived;
    one.page = QUrl(repository.page.toString() + QStringLiteral("/actions/workflows/") + one.ref.pipeline);
    if (one.ref.pipeline == workflow.id) { // it has no file
        one.canTrigger = false;
        one.whyNotTrigger = GitHubText::tr("GitHub runs it by itself.");
        return ready(Result<Pipeline>(one));
    }
    const auto file = m_client.workflow(project, workflow.path, repository.defaultBranch, stop);
    return afterAny(this, file, [=, this](const Result<WorkflowFile> &read) mutable {
        if (!read && read.error().kind != ErrorKind::NotFound && read.error().kind != ErrorKind::Forbidden &&
            read.error().kind != ErrorKind::Invalid)
            return ready(Result<Pipeline>(read.error()));
        if (!read) { // of another branch only, or the token may not read contents
            one.whyNotTrigger = read.error().message;
            return ready(Result<Pipeline>(one));
        }
        one.parameters = read->inputs;
        one.schedules = read->schedules;
        m_client.memory().keepSchedules(one.ref, one.schedules);
        one.whyNotTrigger = whyNoTrigger(repository, workflow, *read);
        one.canTrigger = one.whyNotTrigger.isEmpty();
        return ready(Result<Pipeline>(one));
    });
}

// ---- runs

QFuture<Result<RunPage>> GitHubSource::runs(RunQuery query, StopToken stop)
{
    const Bookmark at = bookmarkOf(query);
    QByteArray ask = "per_page=" + QByteArray::number(at.size) + "&page=" + QByteArray::number(at.page);
    if (!query.branch.isEmpty())
        ask += "&branch=" + QUrl::toPercentEncoding(query.branch);
    return after(this, m_client.runs(query.pipeline, ask, stop), [=, this](const GitHubClient::RunsSaid &said) {
        return after(this, withTags(m_client, said.runs, stop),
                     [=, this, hasMore = said.hasMore](const QList<RunSaid> &runs) {
                         RunPage page;
                         for (const RunSaid &one : runs)
                             page.runs.append(known(one));
                         if (hasMore)
                             page.next = QStringLiteral("%1/%2").arg(at.page + 1).arg(at.size);
                         page.readAt = QDateTime::currentDateTimeUtc();
                         return ready(Result<RunPage>(page));
                     });
    });
}

// With what was learned of it elsewhere. A schedule runs the default branch's file; of several times in it nobody says
// which.
Run GitHubSource::known(const RunSaid &said) const
{
    Run run = said.run;
    m_client.memory().fillTimes(run);
    if (run.trigger.kind == TriggerKind::Schedule) {
        const auto file = m_client.keptWorkflow(run.ref.pipeline.project, said.path, run.commit);
        const QStringList crons = file ? file->schedules : m_client.memory().schedules(run.ref.pipeline);
        if (crons.size() == 1)
            run.trigger.cron = crons.constFirst();
    }
    return run;
}

QFuture<Result<RunDetail>> GitHubSource::run(RunRef run, StopToken stop)
{
    return readDetail(m_client, run, 0, stop);
}

QFuture<Result<RunDetail>> GitHubSource::attempt(RunRef run, int attempt, StopToken stop)
{
    return readDetail(m_client, run, attempt, stop);
}

QFuture<Result<TestReport>> GitHubSource::tests(RunRef, StopToken)
{
    return ready(Result<TestReport>(Error{
        ErrorKind::Unsupported,
        GitHubText::tr("GitHub Actions keeps no test reports. What tests wrote as annotations stands with the run; "
                       "a report that was uploaded is among its artifacts."),
        {}}));
}

// ---- logs

QFuture<Result<LogEnd>> GitHubSource::log(LogQuery query, LogTaker taker, StopToken stop)
{
    if (stop.stop_requested())
        return ready(Result<LogEnd>(Error{ErrorKind::Cancelled, {}, {}}));
    if (!query.step.isEmpty())
        return ready(Result<LogEnd>(Error{
            ErrorKind::Unsupported, GitHubText::tr("GitHub gives the log of a job, not of one of its steps."), {}}));
    return after(this, m_client.job(query.run, query.job, stop), [=, this](const JobSaid &said) {
        if (said.isCompleted)
            return wholeLog(query, taker, stop);
        if (!query.follow) {
            LogEnd end;
            end.bytes = query.from;
            end.isComplete = false;
            end.note = GitHubText::tr("GitHub gives the log of a job when the job has ended; this one is still on.");
            return ready(Result<LogEnd>(end));
        }
        auto promise = std::make_shared<QPromise<Result<LogEnd>>>();
        promise->start();
        QTimer::singleShot(m_logPatience, this, [=, this] {
            deliver(log(query, taker, stop), {}, this, [promise](const Result<LogEnd> &end) {
                promise->addResult(end);
                promise->finish();
            });
        });
        return promise->future();
    });
}

// The address in the 302 belongs to another host and lives a minute: HttpClient goes there without our token.
QFuture<Result<LogEnd>> GitHubSource::wholeLog(const LogQuery &query, const LogTaker &taker, const StopToken &stop)
{
    RestClient::Ask ask;
    ask.target = GitHubClient::repositoryPath(query.run.pipeline.project) + "/actions/jobs/" +
                 QUrl::toPercentEncoding(query.job) + "/logs";
    ask.what = GitHubText::tr("the log of the job %1 of %2").arg(query.job, query.run.pipeline.project);
    ask.headers = {{"Accept", "application/vnd.github+json"}};
    const auto seen = std::make_shared<qint64>(0); // only the network thread, until the end
    const auto take = [seen, taker, from = query.from](const QByteArray &bytes) {
        const qint64 skip = std::clamp<qint64>(from - *seen, 0, bytes.size());
        *seen += bytes.size();
        if (skip < bytes.size())
            taker(bytes.mid(skip));
    };
    m_client.budget().countOne();
    return after(this, m_client.rest().stream(ask, take, stop), [seen](const HttpResponse &) {
        LogEnd end;
        end.bytes = *seen;
        return ready(Result<LogEnd>(end));
    });
}

QFuture<Result<Plan>> GitHubSource::plan(RunOrder order, StopToken stop)
{
    return planRun(m_client, order, stop);
}

} // namespace signalbox::github
