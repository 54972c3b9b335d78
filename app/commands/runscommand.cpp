#include "app/commands/runscommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/namedrun.h"
#include "services/async/chain.h"
#include "services/pipelines/runreleases.h"

#include <QCoreApplication>
#include <QPointer>
#include <QTimer>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

constexpr int mostListed = 200;
constexpr int listedByDefault = 20;
constexpr int pastRuns = 50; // whose times say what is usual
constexpr std::chrono::milliseconds clustersBy(3000);
constexpr std::chrono::milliseconds pastBy(3000); // what is usual only stands beside the run

Result<int> limitOf(const cli::Arguments &arguments)
{
    const QString given = arguments.value(QStringLiteral("limit"));
    if (given.isEmpty())
        return listedByDefault;
    bool isNumber = false;
    const int limit = given.toInt(&isNumber);
    if (!isNumber || limit < 1 || limit > mostListed)
        return invalid(CommandsText::tr("--limit: \"%1\" is no number of runs. Give a whole number from 1 to %2.")
                           .arg(given)
                           .arg(mostListed));
    return limit;
}

// 0: none was given.
Result<int> attemptOf(const cli::Arguments &arguments)
{
    const QString given = arguments.value(QStringLiteral("attempt"));
    bool isNumber = false;
    const int attempt = given.toInt(&isNumber);
    if (arguments.has(QStringLiteral("attempt")) && (!isNumber || attempt < 1))
        return invalid(CommandsText::tr("--attempt: \"%1\" is no attempt. Give a whole number from 1 on.").arg(given));
    return attempt;
}

} // namespace

Result<QMap<QString, QString>> parametersOf(const cli::Arguments &arguments)
{
    QMap<QString, QString> parameters;
    for (const QString &text : arguments.options.value(QStringLiteral("set"))) {
        const qsizetype equals = text.indexOf(u'=');
        if (equals < 1)
            return invalid(CommandsText::tr("--set: \"%1\" is not NAME=VALUE.").arg(text));
        if (parameters.contains(text.left(equals)))
            return invalid(CommandsText::tr("--set gives %1 twice.").arg(text.left(equals)));
        parameters.insert(text.left(equals), text.mid(equals + 1));
    }
    return parameters;
}

Result<void> checkRunArguments(const cli::Arguments &arguments)
{
    const QString name = arguments.command->name;
    if (const auto limit = limitOf(arguments); !limit)
        return limit.error();
    if (name != QLatin1String("run"))
        return {};
    const QString what = arguments.positionals.value(0);
    const QStringList &known = arguments.command->positionals.first().choices;
    if (!known.contains(what))
        return invalid(
            CommandsText::tr("\"signalbox run %1\": expected one of %2.").arg(what, known.join(QStringLiteral(", "))));
    if (arguments.positionals.value(1).isEmpty())
        return invalid(CommandsText::tr("\"signalbox run %1\" needs APP: an application or a project.").arg(what));
    if (const auto parameters = parametersOf(arguments); !parameters)
        return parameters.error();
    for (const auto &[option, meant] : {std::pair(QStringLiteral("set"), QStringLiteral("trigger")),
                                        {QStringLiteral("branch"), QStringLiteral("trigger")},
                                        {QStringLiteral("failed"), QStringLiteral("rerun")},
                                        {QStringLiteral("follow"), QStringLiteral("log")},
                                        {QStringLiteral("to"), QStringLiteral("redeploy")}}) {
        if (arguments.has(option) && what != meant)
            return invalid(CommandsText::tr("--%1 belongs to \"signalbox run %2\".").arg(option, meant));
    }
    if (arguments.has(QStringLiteral("attempt")) && what != QLatin1String("show") && what != QLatin1String("log"))
        return invalid(CommandsText::tr("--attempt belongs to \"signalbox run show\" and \"signalbox run log\"."));
    if (const auto attempt = attemptOf(arguments); !attempt)
        return attempt.error();
    if (arguments.has(QStringLiteral("job")) && what != QLatin1String("log") && what != QLatin1String("rerun") &&
        what != QLatin1String("play"))
        return invalid(
            CommandsText::tr("--job belongs to \"signalbox run log\", \"signalbox run rerun\" and \"signalbox run "
                             "play\"."));
    if (what == QLatin1String("play") && arguments.value(QStringLiteral("job")).isEmpty())
        return invalid(CommandsText::tr("\"signalbox run play\" needs --job: the job that waits to be started."));
    if (arguments.has(QStringLiteral("job")) && arguments.has(QStringLiteral("failed")))
        return invalid(CommandsText::tr("--job runs one job again, --failed all that failed: give one of them."));
    const bool changes =
        what != QLatin1String("show") && what != QLatin1String("log") && what != QLatin1String("deployments");
    for (const QString &option : {QStringLiteral("confirm"), QStringLiteral("dry-run"), QStringLiteral("reason")}) {
        if (!changes && arguments.has(option))
            return invalid(
                CommandsText::tr("\"signalbox run %1\" changes nothing, hence takes no --%2.").arg(what, option));
    }
    if (what == QLatin1String("trigger") && arguments.positionals.size() > 2)
        return invalid(CommandsText::tr("\"signalbox run trigger\" starts a new run: it takes no RUN."));
    if (what == QLatin1String("redeploy") && arguments.positionals.size() < 3)
        return invalid(CommandsText::tr("\"signalbox run redeploy\" needs APP and ENV: whose environment goes back."));
    if (what == QLatin1String("redeploy") && arguments.value(QStringLiteral("to")).isEmpty())
        return invalid(
            CommandsText::tr("\"signalbox run redeploy\" needs --to: a deployment's number, its commit or its "
                             "tag. \"signalbox run deployments\" lists them."));
    return {};
}

// ---- runs

void RunsCommand::listed()
{
    m_limit = *limitOf(context().arguments);
    if (session().pipelines().all().empty()) {
        fail(noServers(), ExitStatus::Usage);
        return;
    }
    terminal().progress(CommandsText::tr("asking for pipelines"));
    deliver(findPipelines(this, session().pipelines(), workspaceOf(context().sources), patienceOf(context().arguments),
                          stopToken()),
            stopToken(), this, [this](const Result<FoundPipelines> &found) {
                if (found)
                    take(*found);
                else
                    fail(found.error());
            });
}

void RunsCommand::take(const FoundPipelines &found)
{
    m_problems = found.problems;
    if (const QString only = option("connection"); !only.isEmpty()) // the others were not asked about
        m_problems.removeIf([&only](const auto &problem) { return problem.first != only; });
    const auto some = matching(found.pipelines, pipelineWishOf(context().arguments, application()));
    if (!some) {
        terminal().clearProgress();
        fail(explainedBy(some.error(), m_problems, option("connection")));
        return;
    }
    if (!some->isEmpty())
        terminal().progress(some->size() == 1
                                ? CommandsText::tr("asking for the runs of one pipeline")
                                : CommandsText::tr("asking for the runs of %1 pipelines").arg(some->size()));
    QList<QFuture<Result<RunPage>>> asked;
    for (const FoundPipeline &one : *some) {
        RunQuery query;
        query.pipeline = one.pipeline.ref;
        query.branch = option("branch");
        query.count = m_limit;
        asked.append(within(this,
                            session().pipelines().find(query.pipeline.connection)->source().runs(query, stopToken()),
                            patienceOf(context().arguments)));
    }
    deliver(gathered(this, asked), stopToken(), this,
            [this, pipelines = *some](const Result<QList<Result<RunPage>>> &pages) {
                if (pages)
                    show(pipelines, *pages);
                else
                    fail(pages.error());
            });
}

void RunsCommand::show(const QList<FoundPipeline> &pipelines, const QList<Result<RunPage>> &pages)
{
    QList<ListedRun> runs;
    for (qsizetype i = 0; i < pages.size(); ++i) {
        if (!pages.at(i)) {
            m_problems.append({pipelines.at(i).pipeline.ref.connection, pages.at(i).error()});
            continue;
        }
        for (const Run &run : pages.at(i)->runs)
            runs.append({pipelines.at(i), run});
    }
    std::stable_sort(runs.begin(), runs.end(),
                     [](const ListedRun &a, const ListedRun &b) { return a.run.createdAt > b.run.createdAt; });
    runs = runs.mid(0, m_limit);
    const QDateTime readAt = QDateTime::currentDateTimeUtc();
    ExitStatus status = ExitStatus::Done;
    for (const auto &problem : std::as_const(m_problems))
        status = std::max(exitStatusOf(problem.second.kind), ExitStatus::Unreachable);
    terminal().clearProgress();
    if (context().isJson())
        terminal().print(runsJson(runs, m_problems, readAt, status));
    else
        terminal().print(runs.isEmpty() ? noRunsText(option("branch"), m_problems.isEmpty()) : runsText(runs, readAt));
    for (const auto &problem : std::as_const(m_problems))
        terminal().say(QStringLiteral("signalbox: ") + ofServer(problem).message);
    finish(status);
}

// ---- run show, run log

void RunCommand::listed()
{
    terminal().progress(CommandsText::tr("asking for pipelines"));
    deliver(findNamed(this, session(), context().sources, context().arguments, true, stopToken()), stopToken(), this,
            [this](const Result<NamedRun> &named) {
                if (!named) {
                    terminal().clearProgress();
                    fail(toldEnd(named.error(), false));
                } else if (context().arguments.positionals.value(0) == QLatin1String("show")) {
                    show(named->of, *named->run);
                } else {
                    log(named->of, *named->run);
                }
            });
}

QFuture<Result<RunPage>> RunCommand::soon(const QFuture<Result<RunPage>> &asked)
{
    auto promise = std::make_shared<QPromise<Result<RunPage>>>();
    promise->start();
    const auto give = [promise](const Result<RunPage> &page) {
        if (promise->future().isFinished())
            return;
        promise->addResult(page);
        promise->finish();
    };
    QTimer::singleShot(pastBy, this, [give] { give(RunPage()); });
    deliver(asked, {}, this, give);
    return promise->future();
}

QFuture<Result<RunDetail>> RunCommand::detailOf(PipelineSource &source, const Run &run)
{
    const int attempt = *attemptOf(context().arguments);
    return attempt > 0 ? source.attempt(run.ref, attempt, stopToken()) : source.run(run.ref, stopToken());
}

// Servers tell them of the newest attempt: an earlier one must not be taken for it.
QFuture<Result<TestReport>> RunCommand::testsOf(PipelineSource &source, const RunDetail &detail)
{
    if (!isEarlierAttempt(detail))
        return source.tests(detail.run.ref, stopToken());
    return ready(Result<TestReport>(
        Error{ErrorKind::NotFound, CommandsText::tr("tests are told of the newest attempt only."), {}}));
}

void RunCommand::show(const FoundPipeline &of, const Run &run)
{
    PipelineSource &source = session().pipelines().find(of.pipeline.ref.connection)->source();
    const auto others = soon(source.runs({run.ref.pipeline, {}, pastRuns, {}}, stopToken())); // beside the run itself
    const auto asked = after(this, detailOf(source, run), [=, this, &source](const RunDetail &detail) {
        return afterAny(this, testsOf(source, detail), [=, this](const Result<TestReport> &tests) {
            RunReport report{of, detail, std::nullopt, {}};
            if (tests) {
                report.tests = *tests;
            } else {
                report.noTests = tests.error().message;
                if (tests.error().kind != ErrorKind::NotFound && tests.error().kind != ErrorKind::Unsupported)
                    report.testsError = toldEnd(tests.error(), false);
            }
            // What is usual is told beside it, where the server says it.
            return afterAny(this, others, [report](const Result<RunPage> &page) {
                RunReport whole = report;
                for (const Run &one : page ? page->runs : QList<Run>()) {
                    if (!(one.ref == report.detail.run.ref))
                        whole.past.append(one);
                }
                return ready(Result<RunReport>(whole));
            });
        });
    });
    deliver(asked, stopToken(), this, [this](const Result<RunReport> &report) {
        if (!report) {
            terminal().clearProgress();
            fail(toldEnd(report.error(), false));
            return;
        }
        if (isEarlierAttempt(report->detail)) { // what the run made is its newest attempt's
            tell(*report);
            return;
        }
        if (report->of.application.isEmpty() || session().listing() != Session::Listing::Loading) {
            tellReleases(*report);
            return;
        }
        // What the clusters run leads to releases, too. They are not waited for any longer than that.
        auto *patience = new QTimer(this);
        patience->setSingleShot(true);
        connect(patience, &QTimer::timeout, this, [this, patience, report = *report] {
            patience->deleteLater();
            tellReleases(report);
        });
        connect(&session(), &Session::listingChanged, patience, [this, patience] {
            if (patience->isActive() && session().listing() != Session::Listing::Loading)
                patience->start(0);
        });
        patience->start(clustersBy);
    });
}

void RunCommand::tellReleases(RunReport report)
{
    deliver(session().runReleases().of(report.detail.run, report.of.application, stopToken()), stopToken(), this,
            [this, report](const Result<MadeReleases> &made) {
                RunReport whole = report;
                if (made)
                    whole.detail = withReleases(report.detail, *made);
                tell(whole);
            });
}

void RunCommand::tell(const RunReport &report)
{
    terminal().clearProgress();
    terminal().print(context().isJson() ? runJson(report) : runText(report));
    if (report.testsError)
        terminal().say(QStringLiteral("signalbox: ") + report.testsError->message);
    finish(runStatus(report));
}

void RunCommand::log(const FoundPipeline &of, const Run &run)
{
    PipelineSource &source = session().pipelines().find(of.pipeline.ref.connection)->source();
    deliver(detailOf(source, run), stopToken(), this, [this](const Result<RunDetail> &detail) {
        terminal().clearProgress();
        if (!detail) {
            fail(toldEnd(detail.error(), false));
            return;
        }
        const QString wanted = option("job");
        if (!wanted.isEmpty()) {
            if (const auto job = jobNamed(*detail, wanted))
                printLog(*detail, *job);
            else
                fail(job.error());
            return;
        }
        if (detail->jobs.size() == 1) {
            printLog(*detail, detail->jobs.first());
            return;
        }
        QStringList names;
        for (const Job &job : detail->jobs)
            names.append(job.name);
        fail(invalid(CommandsText::tr("The run has several jobs: choose one by --job. There are: %1.")
                         .arg(names.join(QStringLiteral(", ")))));
    });
}

void RunCommand::printLog(const RunDetail &detail, const Job &job)
{
    PipelineSource &source = session().pipelines().find(detail.run.ref.pipeline.connection)->source();
    LogQuery query;
    query.run = detail.run.ref;
    query.job = job.id;
    query.follow = has("follow");
    // Bytes come on a thread of the network; what is cut within a letter is put together again here.
    const auto cut = std::make_shared<QByteArray>();
    const QPointer<RunCommand> self(this);
    const auto taker = [self, cut](const QByteArray &bytes) {
        QMetaObject::invokeMethod(
            QCoreApplication::instance(), // which is there as long as a network is; the command may be gone
            [self, cut, bytes] {
                *cut += bytes;
                const qsizetype end = cut->lastIndexOf('\n') + 1;
                if (self && end > 0)
                    self->terminal().print(QString::fromUtf8(cut->left(end)));
                cut->remove(0, end);
            },
            Qt::QueuedConnection);
    };
    deliver(source.log(query, taker, stopToken()), stopToken(), this, [this, cut](const Result<LogEnd> &end) {
        // Behind the last of the bytes that are on their way to this thread.
        const QPointer<RunCommand> here(this);
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [this, here, cut, end] {
                if (!here)
                    return;
                if (!cut->isEmpty())
                    terminal().print(QString::fromUtf8(*cut) + u'\n');
                if (!end) {
                    fail(toldEnd(end.error(), has("follow")));
                    return;
                }
                if (!end->note.isEmpty())
                    terminal().say(QStringLiteral("signalbox: ") + end->note);
                finish(ExitStatus::Done);
            },
            Qt::QueuedConnection);
    });
}

// ---- run rerun, cancel, trigger

void RunOperationCommand::listed()
{
    const QString what = context().arguments.positionals.value(0);
    const bool isTrigger = what == QLatin1String("trigger");
    terminal().progress(CommandsText::tr("asking for pipelines"));
    deliver(findNamed(this, session(), context().sources, context().arguments, !isTrigger, stopToken()), stopToken(),
            this, [this, what, isTrigger](const Result<NamedRun> &named) {
                terminal().clearProgress();
                if (!named) {
                    fail(named.error());
                    return;
                }
                const Pipeline &pipeline = named->of.pipeline;
                m_order.kind = isTrigger                         ? RunOrder::Kind::Trigger
                               : what == QLatin1String("cancel") ? RunOrder::Kind::Cancel
                               : has("failed")                   ? RunOrder::Kind::RerunFailed
                                                                 : RunOrder::Kind::Rerun;
                m_order.pipeline = pipeline.ref;
                m_order.run = named->run;
                m_order.branch = option("branch").isEmpty() ? pipeline.defaultBranch : option("branch");
                m_order.parameters = *parametersOf(context().arguments);
                m_order.application = named->of.application.isEmpty() ? pipeline.ref.project : named->of.application;
                m_order.isProtected =
                    isProtected(pipeline, named->run, named->isOtherBranch ? m_order.branch : QString());
                m_order.reason = option("reason");
                if (const auto named = checkConfirm(context().arguments, m_order.application); !named)
                    fail(named.error());
                else if (has("job"))
                    findJob();
                else
                    makePlan();
            });
}

void RunOperationCommand::findJob()
{
    PipelineSource &source = session().pipelines().find(m_order.pipeline.connection)->source();
    deliver(source.run(m_order.run->ref, stopToken()), stopToken(), this, [this](const Result<RunDetail> &detail) {
        const auto job = detail ? jobNamed(*detail, option("job")) : Result<Job>(detail.error());
        if (!job) {
            fail(job.error());
            return;
        }
        m_order.run = detail->run; // as it was when its jobs were
        m_order.job = job->id;
        // What it deploys to counts, not the branch alone; what is not told may be production.
        m_order.isProtected = m_order.isProtected || job->environment.isEmpty() || isProtectedByName(job->environment);
        makePlan();
    });
}

Result<QFuture<Result<Plan>>> RunOperationCommand::askPlan()
{
    PipelineServer *const server = session().pipelines().find(m_order.pipeline.connection);
    if (!server)
        return connectionGone(m_order.pipeline.connection);
    return server->source().plan(m_order, stopToken());
}

} // namespace signalbox::commands
