// The Travis CI adapter: reads, plans carried out and seen, over HTTPS on the practice world's Travis CI; and what it
// says of servers that misbehave.
#include "services/adapters/travis/travisserver.h"
#include "services/adapters/travis/travissource.h"
#include "services/async/deliver.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"
#include "services/sandbox/ci/travis/travisapi.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QMutex>
#include <QTest>
#include <QUrlQuery>

#include <algorithm>
#include <atomic>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;
namespace ci = signalbox::sandbox::ci;

namespace
{

constexpr std::int64_t noonMs = 1'772'452'800'000; // 2026-03-02T12:00:00Z, a Monday
const QByteArray token = "practice-token";
const QString project = QStringLiteral("voice/speech-to-text");

class TravisTokens : public SecretStore
{
public:
    explicit TravisTokens(QByteArray token)
        : m_token(std::move(token))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_token), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }

private:
    const QByteArray m_token;
};

PipelineServerConfig configOf(const QUrl &url, const QByteArray &caPem = {})
{
    PipelineServerConfig config;
    config.id = QStringLiteral("travis");
    config.url = url;
    config.caPem = caPem;
    config.bearer = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
    return config;
}

PipelineRef pipelineRef()
{
    return {QStringLiteral("travis"), project, {}};
}

// A practice Travis CI whose clock only the test moves, and the adapter on it.
struct Practice
{
    std::atomic<std::int64_t> nowMs = noonMs;
    ci::CiWorld world{ci::builtInPlans(), [this] { return nowMs.load(); }};
    sandbox::TravisApi api{world};
    std::unique_ptr<sandbox::LoopbackServer> loopback;
    QByteArray caPem;
    HttpClient http;
    TravisTokens secrets{token};
    std::unique_ptr<PipelineServer> server;

    Practice()
    {
        const auto certificate = sandbox::LoopbackCertificate::make();
        sandbox::LoopbackServer::Options options;
        options.certificate = *certificate;
        options.token = token.toStdString();
        options.isAuthorized = [](const sandbox::LoopbackRequest &request) {
            return sandbox::TravisApi::isAuthorized(request, token.toStdString());
        };
        options.unauthorized = sandbox::TravisApi::unauthorized();
        options.handler = [this](const sandbox::LoopbackRequest &request) { return api.answer(request); };
        auto started = sandbox::LoopbackServer::start(std::move(options));
        if (!started)
            qFatal("%s", qPrintable(started.error().message));
        loopback = *std::move(started);
        caPem = QByteArray::fromStdString((*certificate)->certificatePem());
        server = makeTravis(configOf(url(), caPem), http, secrets);
        static_cast<TravisSource &>(source()).setLogPause(10ms);
    }
    ~Practice()
    {
        server.reset();
        http.close();
        loopback->stop();
    }
    QUrl url() const { return QUrl(QString::fromStdString(loopback->url())); }
    PipelineSource &source() { return server->source(); }
    StepRunner &runner() { return server->runner(); }

    // The newest run in that phase, of the default branch where it passed; the world begins with some of each.
    std::optional<Run> runIn(ci::Phase phase)
    {
        ci::RunQuery query;
        query.vendor = ci::Vendor::Travis;
        query.limit = 400;
        query.isWanted = [phase](const ci::RunRecord &run) {
            return run.phase == phase && (phase != ci::Phase::Passed || run.branch == "main");
        };
        const auto found = world.runs(query).runs;
        return found.empty() ? std::nullopt : std::optional(seen(found.front().id).run);
    }
    RunDetail seen(std::int64_t id)
    {
        const RunRef ref{pipelineRef(), QString::number(id)};
        const auto detail = waitFor(source().run(ref, {}));
        if (!detail)
            qWarning("%s", qPrintable(detail.error().message));
        return detail.value_or(RunDetail());
    }
    std::int64_t start()
    {
        ci::StartOrder order;
        order.vendor = ci::Vendor::Travis;
        order.project = project.toStdString();
        order.cause = ci::Cause::Push;
        order.who = "erik.lund";
        return world.start(order).run;
    }
    Result<Plan> planned(RunOrder::Kind kind, const std::optional<Run> &run = {}, const QString &branch = {})
    {
        RunOrder order;
        order.kind = kind;
        order.pipeline = pipelineRef();
        order.run = run;
        order.branch = branch;
        order.reason = QStringLiteral("A test");
        return waitFor(source().plan(order, {}));
    }
    Result<Receipt> carriedOut(const PlanStep &step) { return waitFor(runner().execute(step, {})); }
    Observation observed(const PlanStep &step, const Receipt &receipt = {})
    {
        return waitFor(runner().observe(step, receipt, {})).value_or(Observation{});
    }
};

QByteArray logOf(PipelineSource &source, const LogQuery &query, LogEnd *end = nullptr)
{
    QByteArray all;
    QMutex mutex;
    const auto answer = waitFor(source.log(query,
                                           [&](const QByteArray &bytes) {
                                               const QMutexLocker lock(&mutex);
                                               all += bytes;
                                           },
                                           {}));
    if (!answer)
        return answer.error().message.toUtf8();
    if (end)
        *end = *answer;
    return all;
}

} // namespace

class TestTravis : public QObject
{
    Q_OBJECT

private slots:
    void repositoriesAreFound()
    {
        Practice practice;
        const auto pipelines = waitFor(practice.source().pipelines({}));
        QVERIFY2(pipelines, pipelines ? "" : qPrintable(pipelines.error().message));
        QCOMPARE(pipelines->size(), qsizetype(practice.world.projects(ci::Vendor::Travis).size()));
        const Pipeline &one = pipelines->first();
        QCOMPARE(one.ref, pipelineRef());
        QCOMPARE(one.defaultBranch, QStringLiteral("main"));
        QCOMPARE(one.schedules, QStringList{QStringLiteral("daily, main")});
        QVERIFY(one.isEnabled && one.canTrigger == true);
        QVERIFY(!practice.server->gates());
    }

    void runsComeInPages()
    {
        Practice practice;
        RunQuery query;
        query.pipeline = pipelineRef();
        query.count = 7;
        QStringList ids;
        for (int page = 0; page < 3; ++page) {
            const auto runs = waitFor(practice.source().runs(query, {}));
            QVERIFY2(runs, runs ? "" : qPrintable(runs.error().message));
            QCOMPARE(runs->runs.size(), 7);
            for (const Run &run : runs->runs) {
                QVERIFY(!ids.contains(run.ref.id));
                ids.append(run.ref.id);
                QVERIFY(run.state != RunState::Unknown && run.trigger.kind != TriggerKind::Unknown);
                QVERIFY(!run.title.isEmpty() && run.commit.size() == 40);
                QVERIFY(run.createdAt.isValid()); // by its jobs
                QVERIFY(run.tag.isEmpty() != run.branch.isEmpty());
            }
            query.after = runs->next;
            QVERIFY(!query.after.isEmpty());
        }
        query = {pipelineRef(), QStringLiteral("word-times"), 100, {}};
        const auto branch = waitFor(practice.source().runs(query, {}));
        QVERIFY(branch && !branch->runs.isEmpty());
        for (const Run &run : branch->runs)
            QCOMPARE(run.branch, QStringLiteral("word-times"));
        query.pipeline.project = QStringLiteral("voice/gone");
        const auto none = waitFor(practice.source().runs(query, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void stagesAreTheGraph()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const RunDetail detail = practice.seen(run->ref.id.toLongLong());
        QVERIFY(detail.jobs.size() >= 3);
        QVERIFY(!detail.graphNote.isEmpty() && !detail.note.isEmpty());
        for (const Job &job : detail.jobs) {
            QCOMPARE(job.needs.isEmpty(), job.stage == QLatin1String("Test"));
            if (job.stage == QLatin1String("Package"))
                QCOMPARE(job.needs.size(), 3);
        }
        QCOMPARE(detail.jobs.first().name, QStringLiteral("Python 3.11"));
        QVERIFY(detail.jobs.at(2).mayFail);
        QVERIFY(detail.canRerun && !detail.canCancel);
        const auto tests = waitFor(practice.source().tests(run->ref, {}));
        QVERIFY(!tests && tests.error().kind == ErrorKind::NotFound);
        practice.world.remove(run->ref.id.toLongLong());
        const auto gone = waitFor(practice.source().run(run->ref, {}));
        QVERIFY(!gone && gone.error().kind == ErrorKind::NotFound);
    }

    void logsAreReadFromWhereAsked()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const RunDetail detail = practice.seen(run->ref.id.toLongLong());
        LogEnd end;
        LogQuery query{run->ref, detail.jobs.first().id, {}, 0, false};
        const QByteArray all = logOf(practice.source(), query, &end);
        QVERIFY(all.size() > 200);
        QVERIFY(all.contains("travis_fold:start:"));
        QCOMPARE(end.bytes, all.size());
        QVERIFY(end.isComplete);
        query.from = 100;
        QCOMPARE(logOf(practice.source(), query), all.mid(100));
        query.from = all.size() + 50;
        QVERIFY(logOf(practice.source(), query).isEmpty());
    }

    void logsAreFollowedToTheEnd()
    {
        Practice practice;
        const std::int64_t id = practice.start();
        const RunDetail detail = practice.seen(id);
        const LogQuery query{detail.run.ref, detail.jobs.first().id, {}, 0, true};
        QByteArray heard;
        int pieces = 0;
        QMutex mutex;
        const auto followed = practice.source().log(query,
                                                    [&](const QByteArray &bytes) {
                                                        const QMutexLocker lock(&mutex);
                                                        heard += bytes;
                                                        ++pieces;
                                                    },
                                                    {});
        const auto piecesNow = [&] {
            const QMutexLocker lock(&mutex);
            return pieces;
        };
        // Time goes on with each look that the adapter takes, until the job's end.
        QVERIFY(QTest::qWaitFor(
            [&] {
                practice.nowMs += 500;
                return piecesNow() > 0;
            },
            20'000));
        QVERIFY(!followed.isFinished());
        QVERIFY(QTest::qWaitFor(
            [&] {
                practice.nowMs += 1000;
                return followed.isFinished();
            },
            30'000));
        const auto end = waitFor(followed);
        QVERIFY2(end, end ? "" : qPrintable(end.error().message));
        QVERIFY(end->isComplete);
        QVERIFY(pieces > 2);
        QCOMPARE(heard, logOf(practice.source(), {detail.run.ref, query.job, {}, 0, false}));
    }

    void aFollowedLogStops()
    {
        Practice practice;
        const RunDetail detail = practice.seen(practice.start());
        StopSource stop;
        std::atomic<int> pieces = 0;
        const auto followed = practice.source().log(
            {detail.run.ref, detail.jobs.first().id, {}, 0, true}, [&pieces](const QByteArray &) { ++pieces; },
            stop.get_token());
        QVERIFY(QTest::qWaitFor(
            [&] {
                practice.nowMs += 500;
                return pieces > 0;
            },
            20'000));
        QVERIFY(!followed.isFinished());
        stop.request_stop();
        const auto end = waitFor(followed);
        QVERIFY(!end && end.error().kind == ErrorKind::Cancelled);
    }

    void aRestartIsSeen()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const auto plan = practice.planned(RunOrder::Kind::Rerun, run);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->steps.size(), 1);
        const PlanStep &step = plan->steps.first();
        QCOMPARE(practice.observed(step).state, Observation::State::Pending);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), false);
        const auto receipt = practice.carriedOut(step);
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Effective);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), true);
        practice.nowMs += 15 * 60 * 1000; // it ended again: still ours, told by when it started
        QVERIFY(isEnded(practice.seen(run->ref.id.toLongLong()).run.state));
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Effective);
        const auto again = practice.carriedOut(step);
        QVERIFY(!again && again.error().kind == ErrorKind::Conflict);
        QVERIFY(practice.seen(run->ref.id.toLongLong()).run.attempt == 2);
    }

    void somebodyRestartedFirst()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        const auto plan = practice.planned(RunOrder::Kind::Rerun, run);
        practice.world.rerun(run->ref.id.toLongLong(), false, "amara.diallo");
        const auto receipt = practice.carriedOut(plan->steps.first());
        QVERIFY(!receipt && receipt.error().kind == ErrorKind::Conflict);
        const auto late = practice.planned(RunOrder::Kind::Rerun, run);
        QVERIFY(late && late->isBlocked());
    }

    void onlyWhatFailedIsRestarted()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Failed);
        QVERIFY(run);
        const auto id = run->ref.id.toLongLong();
        const RunDetail before = practice.seen(id);
        QVERIFY(before.canRerunFailed);
        const auto plan = practice.planned(RunOrder::Kind::RerunFailed, run);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->steps.isEmpty() && plan->steps.size() < before.jobs.size());
        const auto receipt = practice.carriedOut(plan->steps.first());
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(practice.observed(plan->steps.first(), *receipt).state, Observation::State::Effective);
        QVERIFY(!isEnded(practice.seen(id).run.state));
    }

    void oneJobIsRestartedAlone()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const auto id = run->ref.id.toLongLong();
        const RunDetail before = practice.seen(id);
        QVERIFY(before.canRerunJob);
        const Job last = before.jobs.last();
        RunOrder order;
        order.kind = RunOrder::Kind::Rerun;
        order.pipeline = pipelineRef();
        order.run = run;
        order.job = last.id;
        const auto plan = waitFor(practice.source().plan(order, {}));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->kind, OperationKind::RerunRun);
        QCOMPARE(plan->steps.size(), 1);
        const PlanStep &step = plan->steps.first();
        QCOMPARE(step.call.path, QStringLiteral("/job/%1/restart").arg(last.id));
        QCOMPARE(practice.observed(step).state, Observation::State::Pending);
        const auto receipt = practice.carriedOut(step);
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Effective);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), true);
        const RunDetail after = practice.seen(id);
        QVERIFY(!isEnded(after.jobs.last().state));
        QCOMPARE(after.jobs.first().state, before.jobs.first().state); // the others stay as they are
        QCOMPARE(after.jobs.first().startedAt, before.jobs.first().startedAt);
        const auto again = waitFor(practice.source().plan(order, {})); // it goes on now
        QVERIFY(again && again->isBlocked());
        order.job = QStringLiteral("1");
        const auto none = waitFor(practice.source().plan(order, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void aRunIsCancelled()
    {
        Practice practice;
        const std::int64_t id = practice.start();
        practice.nowMs += 20'000;
        const Run run = practice.seen(id).run;
        QVERIFY(!isEnded(run.state));
        const auto plan = practice.planned(RunOrder::Kind::Cancel, run);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->direction, Direction::Back);
        QVERIFY(!plan->isBlocked());
        const PlanStep &step = plan->steps.first();
        QCOMPARE(practice.observed(step).state, Observation::State::Pending);
        QVERIFY(practice.carriedOut(step));
        QCOMPARE(practice.observed(step).state, Observation::State::Effective);
        QCOMPARE(practice.seen(id).run.state, RunState::Cancelled);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), true);
        const auto again = practice.carriedOut(step);
        QVERIFY(!again && again.error().kind == ErrorKind::Conflict);
        QVERIFY(again.error().message.contains(QStringLiteral("cancelled")));
        QVERIFY(practice.planned(RunOrder::Kind::Cancel, run)->isBlocked());
    }

    void aStartIsFoundAgain()
    {
        Practice practice;
        const auto plan = practice.planned(RunOrder::Kind::Trigger, {}, QStringLiteral("word-times"));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->isBlocked());
        const PlanStep &step = plan->steps.first();
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), false);
        // As after a crash: the request has no word of ours before it was looked at. Our clock is another one here.
        PlanStep journaled = step;
        journaled.call.body.clear();
        const auto receipt = practice.carriedOut(step);
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QVERIFY(!receipt->state.isEmpty());
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Pending);
        practice.nowMs += 2000;
        const Observation seen = practice.observed(step, *receipt);
        QCOMPARE(seen.state, Observation::State::Effective);
        QVERIFY(seen.text.contains(QStringLiteral("run ")));
        QCOMPARE(practice.observed(journaled).state, Observation::State::Effective);
        QCOMPARE(*waitFor(practice.runner().tookPlace(journaled, {})), true);
        RunQuery query;
        query.pipeline = pipelineRef();
        query.count = 1;
        const auto newest = waitFor(practice.source().runs(query, {}));
        QCOMPARE(newest->runs.first().branch, QStringLiteral("word-times"));
        QCOMPARE(newest->runs.first().trigger.kind, TriggerKind::Api);
        QVERIFY(newest->runs.first().title.startsWith(QStringLiteral("A test [")));
    }

    void aBranchThatIsNotThereIsRejected()
    {
        Practice practice;
        const auto plan = practice.planned(RunOrder::Kind::Trigger, {}, QStringLiteral("gone"));
        const auto receipt = practice.carriedOut(plan->steps.first());
        QVERIFY(receipt);
        practice.nowMs += 2000;
        const Observation seen = practice.observed(plan->steps.first(), *receipt);
        QCOMPARE(seen.state, Observation::State::Failed);
        QVERIFY(seen.blocker.contains(QStringLiteral("gone")));
    }

    void startsAreLimited()
    {
        Practice practice;
        const auto plan = practice.planned(RunOrder::Kind::Trigger);
        for (int i = 0; i < 10; ++i)
            QVERIFY(practice.carriedOut(plan->steps.first()));
        const auto refused = practice.carriedOut(plan->steps.first());
        QVERIFY(!refused && refused.error().kind == ErrorKind::RateLimited);
        QVERIFY(refused.error().message.contains(QStringLiteral("10")));
    }

    void aWrongTokenIsTold()
    {
        Practice practice;
        TravisTokens wrong("wrong");
        const auto server = makeTravis(configOf(practice.url(), practice.caPem), practice.http, wrong);
        const auto pipelines = waitFor(server->source().pipelines({}));
        QVERIFY(!pipelines);
        QCOMPARE(pipelines.error().kind, ErrorKind::Unauthorized);
        QVERIFY(!pipelines.error().message.contains(QStringLiteral("wrong-")));
    }

    void errorsHaveTheirKinds_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorKind>("kind");
        const auto error = [](const char *type, const char *message) {
            return QByteArray("{\"@type\":\"error\",\"error_type\":\"") + type + "\",\"error_message\":\"" + message +
                   "\"}";
        };
        QTest::newRow("401") << 401 << QByteArray("no") << ErrorKind::Unauthorized;
        QTest::newRow("no token") << 403 << error("login_required", "login required") << ErrorKind::Unauthorized;
        QTest::newRow("wrong token") << 403 << error("wrong_credentials", "access denied") << ErrorKind::Unauthorized;
        QTest::newRow("no right") << 403 << error("insufficient_access", "operation requires create_request access")
                                  << ErrorKind::Forbidden;
        QTest::newRow("shut out") << 403 << QByteArray("Forbidden\n") << ErrorKind::RateLimited;
        QTest::newRow("gone") << 404 << error("not_found", "build not found (or insufficient access)")
                              << ErrorKind::NotFound;
        QTest::newRow("switched off") << 406 << error("repository_inactive", "inactive") << ErrorKind::Refused;
        QTest::newRow("running") << 409 << error("build_already_running", "already running") << ErrorKind::Conflict;
        QTest::newRow("limit") << 429 << error("request_limit_reached", "request limit reached")
                               << ErrorKind::RateLimited;
        QTest::newRow("later") << 429 << QByteArray("Retry later\n") << ErrorKind::RateLimited;
        QTest::newRow("500") << 500 << QByteArray("{\"error\":\"Travis encountered an error\"}")
                             << ErrorKind::Unreachable;
        QTest::newRow("501") << 501 << error("not_implemented", "not yet") << ErrorKind::Unsupported;
        QTest::newRow("a page") << 200 << QByteArray("<html>sign in</html>") << ErrorKind::Protocol;
        QTest::newRow("half") << 200 << QByteArray("{\"@type\":\"repository\",") << ErrorKind::Protocol;
    }
    void errorsHaveTheirKinds()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        FaultServer fault([&](Exchange &exchange) {
            exchange.answer(status, body, status == 429 ? HttpHeaders{{"Retry-After", "1"}} : HttpHeaders{});
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = pipelineRef();
        const auto plan = waitFor(server->source().plan(order, {}), 20'000);
        QVERIFY(!plan);
        QTEST(plan.error().kind, "kind");
        QVERIFY(!plan.error().message.isEmpty() && !plan.error().message.contains(QString::fromLatin1(token)));
        if (status == 429)
            QCOMPARE(plan.error().retryAfter, std::chrono::milliseconds(1000));
        const FaultServer::Record asked = fault.requests().first();
        QCOMPARE(asked.target, QByteArray("/repo/voice%2Fspeech-to-text"));
        QCOMPARE(asked.header("Authorization"), "token " + token);
        QCOMPARE(asked.header("Travis-API-Version"), QByteArray("3"));
        http.close();
    }

    void tenThousandBuildsComeInPagesThatCanBeStopped()
    {
        std::atomic<int> most = 0;
        std::atomic<bool> isStuck = false;
        FaultServer fault([&](Exchange &exchange) {
            if (isStuck) {
                exchange.stall();
                return;
            }
            const QUrlQuery query(QString::fromLatin1(exchange.target.mid(exchange.target.indexOf('?') + 1)));
            const int limit = query.queryItemValue(QStringLiteral("limit")).toInt();
            const int offset = query.queryItemValue(QStringLiteral("offset")).toInt();
            most = std::max(most.load(), limit);
            QByteArray body = "{\"builds\":[";
            for (int i = offset; i < std::min(offset + limit, 10'000); ++i)
                body += (i == offset ? "{\"id\":" : ",{\"id\":") + QByteArray::number(10'000 - i) +
                        ",\"state\":\"passed\",\"repository\":{\"slug\":\"voice/speech-to-text\"}}";
            body += "],\"@pagination\":{\"next\":";
            body += offset + limit < 10'000 ? "{\"offset\":" + QByteArray::number(offset + limit) + "}" : "null";
            exchange.answer(200, body + "}}");
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        RunQuery query{pipelineRef(), {}, 10'000, {}};
        int count = 0;
        QString last;
        do {
            const auto page = waitFor(server->source().runs(query, {}), 20'000);
            QVERIFY2(page, page ? "" : qPrintable(page.error().message));
            QVERIFY(!page->runs.isEmpty());
            count += static_cast<int>(page->runs.size());
            last = page->runs.last().ref.id;
            query.after = page->next;
        } while (!query.after.isEmpty());
        QCOMPARE(count, 10'000);
        QCOMPARE(last, QStringLiteral("1"));
        QCOMPARE(most.load(), 100);
        isStuck = true;
        query.after.clear();
        StopSource stop;
        const auto asked = fault.requests().size();
        const auto page = server->source().runs(query, stop.get_token());
        QTRY_VERIFY(fault.requests().size() > asked);
        stop.request_stop();
        QCOMPARE(waitFor(page).error().kind, ErrorKind::Cancelled);
        http.close();
    }

    void aCutAnswerIsNoAnswer()
    {
        FaultServer fault([](Exchange &exchange) {
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{\"builds\":[");
            exchange.close();
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        const auto page = waitFor(server->source().runs({pipelineRef(), {}, 5, {}}, {}), 20'000);
        QVERIFY(!page);
        QCOMPARE(page.error().kind, ErrorKind::Protocol);
        http.close();
    }

    void theTokenStaysWithItsHost()
    {
        FaultServer other([](Exchange &exchange) { exchange.answer(200, "{\"builds\":[]}"); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        FaultServer fault([&](Exchange &exchange) { exchange.answer(302, {}, {{"Location", elsewhere}}); });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        const auto page = waitFor(server->source().runs({pipelineRef(), {}, 5, {}}, {}));
        Q_UNUSED(page) // whatever it leads to
        QCOMPARE(fault.requests().first().header("Authorization"), "token " + token);
        for (const auto &request : other.requests()) {
            QCOMPARE(request.header("Authorization"), QByteArray());
            QVERIFY(!request.target.contains(token));
        }
        http.close();
    }

    void refusedWritesHaveTheirKinds_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("shut out") << 403 << QByteArray("Forbidden\n") << ErrorKind::RateLimited;
        QTest::newRow("deleted") << 404 << QByteArray("{\"error_type\":\"not_found\",\"error_message\":\"gone\"}")
                                 << ErrorKind::NotFound;
        QTest::newRow("limit") << 429 << QByteArray("Retry later\n") << ErrorKind::RateLimited;
        QTest::newRow("500") << 500 << QByteArray("{}") << ErrorKind::OutcomeUnknown;
        QTest::newRow("502") << 502 << QByteArray("<html>") << ErrorKind::OutcomeUnknown;
    }
    void refusedWritesHaveTheirKinds()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        std::atomic<int> writes = 0;
        FaultServer fault([&](Exchange &exchange) {
            if (exchange.method == "POST") {
                ++writes;
                exchange.answer(status, body);
            } else {
                exchange.answer(200, "{\"slug\":\"voice/speech-to-text\",\"default_branch\":{\"name\":\"main\"}}");
            }
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = pipelineRef();
        const auto plan = waitFor(server->source().plan(order, {}));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        const auto receipt = waitFor(server->runner().execute(plan->steps.first(), {}), 20'000);
        QVERIFY(!receipt);
        QTEST(receipt.error().kind, "kind");
        QCOMPARE(writes.load(), 1);
        http.close();
    }

    void aLostAnswerIsNotAFailure()
    {
        std::atomic<int> writes = 0;
        FaultServer fault([&](Exchange &exchange) {
            if (exchange.method == "POST") {
                ++writes;
                exchange.reset();
            } else {
                exchange.answer(200, "{\"slug\":\"voice/speech-to-text\",\"default_branch\":{\"name\":\"main\"}}");
            }
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = pipelineRef();
        const auto plan = waitFor(server->source().plan(order, {}));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        const auto receipt = waitFor(server->runner().execute(plan->steps.first(), {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::OutcomeUnknown);
        QCOMPARE(writes.load(), 1); // never again by itself
        http.close();
    }

    void aRequestNobodyLookedAtMayBeOurs()
    {
        FaultServer fault([](Exchange &exchange) {
            if (exchange.target.contains("/requests")) {
                const QByteArray now = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toLatin1();
                exchange.answer(200, "{\"requests\":[{\"id\":1,\"state\":\"pending\",\"event_type\":\"api\","
                                     "\"created_at\":\"" +
                                         now + "\"}]}");
            } else {
                exchange.answer(200, "{\"slug\":\"voice/speech-to-text\",\"default_branch\":{\"name\":\"main\"}}");
            }
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = pipelineRef();
        const auto plan = waitFor(server->source().plan(order, {}));
        QVERIFY(plan);
        const auto took = waitFor(server->runner().tookPlace(plan->steps.first(), {}));
        QVERIFY(!took);
        QCOMPARE(took.error().kind, ErrorKind::Unreachable);
        http.close();
    }
};

QTEST_GUILESS_MAIN(TestTravis)
#include "test_travis.moc"
