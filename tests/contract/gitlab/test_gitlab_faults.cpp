#include "services/adapters/gitlab/gitlabserver.h"
#include "services/ports/deploymentsource.h"
#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QRegularExpression>
#include <QScopeGuard>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

using Handler = std::function<void(Exchange &)>;

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

const HttpHeaders asJson{{"Content-Type", "application/json"}};

Handler status(int code, const QByteArray &body = {}, const HttpHeaders &headers = {})
{
    return [=](Exchange &e) { e.answer(code, body, asJson + headers); };
}

// A list of runs without end: as many as are asked for, 10,000 in all, as GitLab pages them.
void longHistory(Exchange &e)
{
    const QUrl url(QString::fromUtf8("https://x" + e.target));
    const auto number = [&](const char *key, int otherwise) {
        const auto match = QRegularExpression(u("[?&]") + u(key) + u("=(\\d+)")).match(url.query().prepend(u'?'));
        return match.hasMatch() ? match.captured(1).toInt() : otherwise;
    };
    if (!url.path().endsWith(u("/pipelines"))) {
        e.answer(404, "{\"message\":\"404 Not found\"}", asJson);
        return;
    }
    const int perPage = number("per_page", 20);
    const int page = number("page", 1);
    QByteArray body = "[";
    for (int i = 0; i < perPage; ++i) {
        const int id = 10'000 - (page - 1) * perPage - i;
        if (id <= 0)
            break;
        body += (i == 0 ? "{\"id\":" : ",{\"id\":") + QByteArray::number(id) +
                ",\"status\":\"success\",\"ref\":\"main\",\"created_at\":\"2026-01-01T00:00:00.000Z\"}";
    }
    // Beyond 10,000 GitLab gives no totals, so only the link says that there is more.
    const QByteArray link = page * perPage < 10'000
                                ? "<https://x/api/v4/projects/1/pipelines?page=" + QByteArray::number(page + 1) +
                                      "&per_page=" + QByteArray::number(perPage) + ">; rel=\"next\""
                                : QByteArray();
    e.answer(200, body + "]", asJson + HttpHeaders{{"Link", link}});
}

} // namespace

// Servers that answer as no GitLab should.
class TestGitLabFaults : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneToken m_token{"glpat-hunter2"};
    const PipelineRef m_pipeline{u("lab"), GitLabYard::project(), {}};

    // A project in which a run can be begun; whatever is written is answered by `write`.
    static void projectAnd(Exchange &e, const Handler &write)
    {
        if (e.method == "POST")
            write(e);
        else if (e.target.endsWith("/user"))
            e.answer(200, "{\"username\":\"operator\"}", asJson);
        else if (e.target.contains("/repository/branches/"))
            e.answer(200, "{\"commit\":{\"id\":\"abc\"}}", asJson);
        else if (e.target.contains("/pipelines"))
            e.answer(200, "[]", asJson);
        else
            e.answer(200, "{\"id\":1,\"path_with_namespace\":\"team/sub/cart\"}", asJson);
    }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(u("."))); }

    void refusalsAreErrors_data()
    {
        QTest::addColumn<Handler>("handler");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("says");
        const QByteArray now = QByteArray::number(QDateTime::currentSecsSinceEpoch() + 30);
        QTest::newRow("401") << status(401, "{\"message\":\"401 Unauthorized\"}") << ErrorKind::Unauthorized
                             << u("token");
        QTest::newRow("403 scope") << status(403,
                                             "{\"error\":\"insufficient_scope\",\"error_description\":\"The request "
                                             "requires higher privileges than provided by the access token.\"}")
                                   << ErrorKind::Forbidden << u("higher privileges");
        QTest::newRow("404") << status(404, "{\"message\":\"404 Project Not Found\"}") << ErrorKind::NotFound
                             << u("hides it");
        QTest::newRow("409") << status(409, "{\"message\":\"Conflict\"}") << ErrorKind::Conflict << u("otherwise");
        QTest::newRow("429") << status(429, "Retry later", {{"Retry-After", "77"}}) << ErrorKind::RateLimited
                             << u("wait");
        QTest::newRow("403 as a limit") << status(403, "Forbidden", {{"Retry-After", "77"}}) << ErrorKind::RateLimited
                                        << u("wait");
        QTest::newRow("429 as of gitlab.com") << status(429,
                                                        "{\"message\":{\"error\":\"This endpoint has been requested "
                                                        "too many times.\"}}",
                                                        {{"RateLimit-Reset", now}})
                                              << ErrorKind::RateLimited << u("wait");
        QTest::newRow("500") << status(500, "{\"message\":\"500 Internal Server Error\"}") << ErrorKind::Unreachable
                             << u("500");
        QTest::newRow("a page") << Handler([](Exchange &e) {
            e.answer(200, "<html><body>Sign in</body></html>", {{"Content-Type", "text/html"}});
        }) << ErrorKind::Protocol
                                << u("no list of pipelines");
        QTest::newRow("an object") << status(200, "{}") << ErrorKind::Protocol << u("no list of pipelines");
        QTest::newRow("broken JSON") << status(200, "[{\"id\": 1,") << ErrorKind::Protocol << u("no list of pipelines");
        QTest::newRow("no id") << status(200, "[{\"status\":\"success\"}]") << ErrorKind::Protocol
                               << u("no list of pipelines");
        QTest::newRow("cut off") << Handler([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n[{\"id");
            e.close();
        }) << ErrorKind::Protocol << QString();
    }
    void refusalsAreErrors()
    {
        QFETCH(Handler, handler);
        QFETCH(QString, says);
        FaultServer server(handler);
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const auto runs = waitFor(gitlab->source().runs({m_pipeline, {}, 20, {}}, {}), 20000);
        QVERIFY(!runs);
        QTEST(runs.error().kind, "kind");
        QVERIFY2(runs.error().message.contains(says), qPrintable(runs.error().message));
        QVERIFY(!runs.error().message.contains(u("hunter2")) && !runs.error().detail.contains(u("hunter2")));
        if (runs.error().kind == ErrorKind::RateLimited)
            QVERIFY(runs.error().retryAfter.count() > 10'000);
        QVERIFY(!server.requests().isEmpty());
        QCOMPARE(server.requests().first().header("PRIVATE-TOKEN"), QByteArray("glpat-hunter2"));
    }

    void aSlowAnswerCanBeStopped()
    {
        FaultServer server([](Exchange &e) { e.stall(); });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        StopSource stop;
        const auto future = gitlab->source().runs({m_pipeline, {}, 20, {}}, stop.get_token());
        QTRY_VERIFY(!server.requests().isEmpty());
        stop.request_stop();
        const auto runs = waitFor(future, 3000);
        QVERIFY(!runs && runs.error().kind == ErrorKind::Cancelled);
    }

    void tenThousandRunsAreReadInPages()
    {
        FaultServer server(longHistory);
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        RunQuery query{m_pipeline, {}, 100, {}};
        int count = 0;
        QString last;
        int pages = 0;
        do {
            const auto runs = waitFor(gitlab->source().runs(query, {}), 20000);
            QVERIFY2(runs, qPrintable(runs ? QString() : runs.error().message));
            QVERIFY(!runs->runs.isEmpty());
            ++pages;
            count += static_cast<int>(runs->runs.size());
            last = runs->runs.last().ref.id;
            query.after = runs->next;
        } while (!query.after.isEmpty() && pages <= 100);
        QCOMPARE(last, u("1"));
        QCOMPARE(count, 10'000);
        const auto requests = server.requests();
        QCOMPARE(std::count_if(requests.begin(), requests.end(),
                               [](const auto &one) { return one.target.contains("/pipelines?"); }),
                 100);
    }

    void theTokenStaysWithItsHost()
    {
        FaultServer other([](Exchange &e) { e.answer(200, "[]", asJson); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        FaultServer server([&](Exchange &e) { e.answer(302, {}, {{"Location", elsewhere}}); });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const auto runs = waitFor(gitlab->source().runs({m_pipeline, {}, 20, {}}, {}));
        Q_UNUSED(runs)
        for (const auto &request : other.requests())
            QCOMPARE(request.header("PRIVATE-TOKEN"), QByteArray());
        QVERIFY(!server.requests().isEmpty());
    }

    // Traces may lie in an object store (doc/administration/cicd/job_logs.md).
    void aLogElsewhereIsReadWithoutTheToken()
    {
        FaultServer store([](Exchange &e) { e.answer(200, "line one\nline two\n", {{"Content-Type", "text/plain"}}); });
        FaultServer server([&](Exchange &e) {
            if (e.target.endsWith("/trace"))
                e.answer(302, {}, {{"Location", store.url().toString().toUtf8() + "/blob?sig=once"}});
            else
                e.answer(200,
                         "{\"id\":5,\"status\":\"success\",\"name\":\"a\",\"started_at\":\"2026-01-01T00:00:00.000Z\"}",
                         asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        QByteArray text;
        const auto end = waitFor(gitlab->source().log({{m_pipeline, u("1")}, u("5"), {}, 0, false},
                                                      [&](const QByteArray &bytes) { text += bytes; }, {}));
        QVERIFY2(end, qPrintable(end ? QString() : end.error().message));
        QCOMPARE(text, QByteArray("line one\nline two\n"));
        QCOMPARE(store.requests().size(), 1);
        QCOMPARE(store.requests().first().header("PRIVATE-TOKEN"), QByteArray());
        QCOMPARE(store.requests().first().header("Authorization"), QByteArray());
    }

    void aWriteIsNotSentElsewhere()
    {
        FaultServer server([&](Exchange &e) {
            projectAnd(e, status(302, {}, {{"Location", "/api/v4/projects/9/pipeline"}}));
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = m_pipeline;
        order.branch = u("main");
        const auto plan = waitFor(gitlab->source().plan(order, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const auto receipt = waitFor(gitlab->runner().execute(plan->steps[0], {}));
        QVERIFY(!receipt);
        QVERIFY2(receipt.error().kind == ErrorKind::Refused, qPrintable(receipt.error().message));
        int posts = 0;
        for (const auto &request : server.requests())
            posts += request.method == "POST" ? 1 : 0;
        QCOMPARE(posts, 1);
    }

    void refusedWritesHaveTheirKinds_data()
    {
        QTest::addColumn<Handler>("handler");
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("401") << status(401, "{\"message\":\"401 Unauthorized\"}") << ErrorKind::Unauthorized;
        QTest::newRow("403") << status(403, "{\"message\":\"403 Forbidden\"}") << ErrorKind::Forbidden;
        QTest::newRow("403 as a limit") << status(403, "Forbidden", {{"Retry-After", "9"}}) << ErrorKind::RateLimited;
        QTest::newRow("deleted meanwhile")
            << status(404, "{\"message\":\"404 Project Not Found\"}") << ErrorKind::NotFound;
        QTest::newRow("409") << status(409, "{\"message\":\"409 Conflict\"}") << ErrorKind::Conflict;
        QTest::newRow("429") << status(429, "Retry later", {{"Retry-After", "9"}}) << ErrorKind::RateLimited;
        QTest::newRow("500") << status(500, "{\"message\":\"500 Internal Server Error\"}") << ErrorKind::OutcomeUnknown;
    }
    void refusedWritesHaveTheirKinds()
    {
        QFETCH(Handler, handler);
        FaultServer server([&](Exchange &e) { projectAnd(e, handler); });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = m_pipeline;
        order.branch = u("main");
        const auto plan = waitFor(gitlab->source().plan(order, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const auto receipt = waitFor(gitlab->runner().execute(plan->steps[0], {}), 20000);
        QVERIFY(!receipt);
        QTEST(receipt.error().kind, "kind");
        QVERIFY(!receipt.error().message.contains(u("hunter2")) && !receipt.error().detail.contains(u("hunter2")));
        int posts = 0;
        for (const auto &request : server.requests())
            posts += request.method == "POST" ? 1 : 0;
        // Never again by itself; but a login that was refused, so nothing was done, is read anew and tried once.
        QCOMPARE(posts, receipt.error().kind == ErrorKind::Unauthorized ? 2 : 1);
    }

    void namesAreEncoded()
    {
        FaultServer server([](Exchange &e) { e.answer(404, "{}", asJson); });
        PipelineServerConfig config = gitLabConfig(server.url());
        config.projects = {u("a b/../c?d#e")};
        const auto gitlab = makeGitLab(config, m_http, m_token);
        QVERIFY(waitFor(gitlab->source().pipelines({})));
        QCOMPARE(server.requests().first().target, QByteArray("/api/v4/projects/a%20b%2F..%2Fc%3Fd%23e"));
    }

    // GitLab runs along what was skipped because the job failed: that may deploy elsewhere, too.
    void aRedeployOfAFailedJobMayBeAnywhere_data()
    {
        QTest::addColumn<QByteArray>("state");
        QTest::addColumn<QStringList>("places");
        QTest::newRow("it passed") << QByteArray("success") << QStringList{u("production")};
        QTest::newRow("it failed") << QByteArray("failed") << QStringList();
    }
    void aRedeployOfAFailedJobMayBeAnywhere()
    {
        QFETCH(QByteArray, state);
        QFETCH(QStringList, places);
        const auto job = [](const QByteArray &id, const QByteArray &run, const QByteArray &status) -> QByteArray {
            return "{\"id\":" + id + ",\"name\":\"deploy\",\"stage\":\"deploy\",\"status\":\"" + status +
                   "\",\"pipeline\":{\"id\":" + run + "}}";
        };
        const auto deployment = [&](const QByteArray &id, char commit, const QByteArray &made,
                                    const QByteArray &status) -> QByteArray {
            return "{\"id\":" + id + ",\"status\":\"" + status + "\",\"ref\":\"main\",\"sha\":\"" +
                   QByteArray(40, commit) +
                   "\",\"created_at\":\"2026-01-01T00:00:00.000Z\",\"environment\":{\"name\":\"production\"}," +
                   "\"deployable\":" + made + "}";
        };
        const QByteArray old = job("5", "77", state);
        const QByteArray all = "[" + deployment("2", 'b', job("6", "78", "success"), "success") + "," +
                               deployment("1", 'a', old, state) + "]";
        FaultServer server([=](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            e.answer(200,
                     path.endsWith("/user")          ? QByteArray("{\"id\":1,\"username\":\"me\"}")
                     : path.endsWith("/deployments") ? all
                     : path.endsWith("/jobs")        ? "[" + old + "]"
                     : path.endsWith("/bridges")     ? QByteArray("[]")
                                                     : QByteArray("{\"id\":1,\"path_with_namespace\":\"shop/cart\"}"),
                     asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const RedeployOrder order{m_pipeline, u("production"), u("1"), u("cart"), true, u("because")};
        const auto plan = waitFor(gitlab->deployments()->plan(order, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->places, places);
    }

    void schedulesThatCouldNotBeReadAreAskedForAgain_data()
    {
        QTest::addColumn<int>("first");
        QTest::addColumn<QString>("later");
        QTest::newRow("it fails once") << 500 << u("0 4 * * *");
        QTest::newRow("not allowed") << 403 << QString();
    }
    void schedulesThatCouldNotBeReadAreAskedForAgain()
    {
        QFETCH(int, first);
        QFETCH(QString, later);
        std::atomic<int> asked = 0;
        const QByteArray run = "{\"id\":77,\"status\":\"success\",\"ref\":\"main\",\"source\":\"schedule\"}";
        FaultServer server([&](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            if (path.endsWith("/pipeline_schedules") && asked++ == 0)
                e.answer(first, "{\"message\":\"no\"}", asJson);
            else if (path.endsWith("/pipeline_schedules"))
                e.answer(200, "[{\"id\":1,\"ref\":\"main\",\"cron\":\"0 4 * * *\",\"active\":true}]", asJson);
            else
                e.answer(200, path.endsWith("/pipelines") ? "[" + run + "]" : run, asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        for (const QString &cron : {QString(), later}) {
            const auto page = waitFor(gitlab->source().runs({m_pipeline, {}, 30, {}}, {}));
            QVERIFY2(page && page->runs.size() == 1, qPrintable(page ? QString() : page.error().message));
            QCOMPARE(page->runs.first().trigger.kind, TriggerKind::Schedule);
            QCOMPARE(page->runs.first().trigger.cron, cron);
        }
        QCOMPARE(asked.load(), first == 403 ? 1 : 2);
    }

    // The inbox and a promotion may ask at once: what one of them sees leave is not taken from the other's answer.
    void questionsAtOnceDoNotTakeGatesFromEachOther()
    {
        std::atomic<int> state = 0; // which runs are held: 1; 1 and 2; none
        std::atomic<bool> isReleased = false;
        const auto run = [](const QByteArray &id) -> QByteArray {
            return "{\"id\":" + id + ",\"status\":\"manual\",\"ref\":\"main\"}";
        };
        const QList<QByteArray> lists{"[" + run("1") + "]", "[" + run("2") + "," + run("1") + "]", "[]"};
        FaultServer server([&](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            while (path.endsWith("/pipelines/2/jobs") && !isReleased && !e.isEnding())
                e.stall(std::chrono::milliseconds(1));
            e.answer(200,
                     path.endsWith("/user")   ? QByteArray("{\"id\":1,\"username\":\"me\"}")
                     : path.endsWith("/jobs") ? "[{\"id\":" + path.split('/').at(path.count('/') - 1) +
                                                    ",\"status\":\"manual\",\"name\":\"go\"}]"
                     : path.endsWith("/pipelines") ? (e.target.contains("source=") ? QByteArray("[]") : lists.at(state))
                     : path.endsWith("/bridges") || path.endsWith("/deployments")
                         ? QByteArray("[]")
                         : QByteArray("{\"id\":1,\"path_with_namespace\":\"shop/cart\"}"),
                     asJson);
        });
        const auto release = qScopeGuard([&isReleased] { isReleased = true; });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const auto first = waitFor(gitlab->gates()->waiting({}));
        QVERIFY2(first && first->size() == 1, qPrintable(first ? QString() : first.error().message));
        state = 1;
        const auto slow = gitlab->gates()->waiting({});
        const auto isAsked = [&server] {
            const auto requests = server.requests();
            return std::any_of(requests.begin(), requests.end(),
                               [](const auto &one) { return one.target.contains("/pipelines/2/jobs"); });
        };
        QTRY_VERIFY(isAsked());
        state = 2;
        const auto quick = waitFor(gitlab->gates()->waiting({}));
        QVERIFY2(quick && quick->isEmpty(), qPrintable(quick ? QString() : quick.error().message));
        isReleased = true;
        const auto both = waitFor(slow);
        QVERIFY2(both, qPrintable(both ? QString() : both.error().message));
        QCOMPARE(both->size(), 2);
    }

    void aRuleThatNamesUsLetsUsDecide_data()
    {
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<std::optional<bool>>("mayDecide");
        using May = std::optional<bool>;
        QTest::newRow("us") << QByteArray("1") << May(true);
        QTest::newRow("another") << QByteArray("2") << May(); // a role of ours may be named elsewhere
        QTest::newRow("a group") << QByteArray("null") << May();
    }
    void aRuleThatNamesUsLetsUsDecide()
    {
        QFETCH(QByteArray, user);
        const QByteArray blocked =
            "\"id\":9,\"status\":\"blocked\",\"ref\":\"main\",\"environment\":{\"name\":\"production\"}";
        const QByteArray whole = "{" + blocked +
                                 ",\"pending_approval_count\":1,\"approval_summary\":{\"rules\":[{\"user_id\":" + user +
                                 ",\"access_level_description\":\"The Operator\",\"required_approvals\":1}]}}";
        FaultServer server([=](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            e.answer(200,
                     path.endsWith("/user")            ? QByteArray("{\"id\":1,\"username\":\"me\"}")
                     : path.endsWith("/deployments/9") ? whole
                     : path.endsWith("/deployments") && e.target.contains("blocked") ? QByteArray("[{" + blocked + "}]")
                     : path.endsWith("/deployments") || path.endsWith("/pipelines")
                         ? QByteArray("[]")
                         : QByteArray("{\"id\":1,\"path_with_namespace\":\"shop/cart\"}"),
                     asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const auto waiting = waitFor(gitlab->gates()->waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(waiting ? QString() : waiting.error().message));
        QTEST(waiting->first().mayDecide, "mayDecide");
        QCOMPARE(waiting->first().deciders.size(), 1);
        const auto requests = server.requests(); // rules say it: the environment is not asked
        QVERIFY(std::none_of(requests.begin(), requests.end(),
                             [](const auto &one) { return one.target.contains("protected_environments"); }));
    }

    // Who may deploy is one question a project, and not one that the list of gates waits for.
    void whoMayDeployIsAskedOnce_data()
    {
        QTest::addColumn<int>("status"); // 0: no answer until the test lets it go
        QTest::newRow("refused") << 403;
        QTest::newRow("no answer") << 0;
    }
    void whoMayDeployIsAskedOnce()
    {
        QFETCH(int, status);
        const auto blocked = [](const QByteArray &id) -> QByteArray {
            return "{\"id\":" + id + ",\"status\":\"blocked\",\"ref\":\"main\",\"environment\":{\"name\":\"place" + id +
                   "\"}}";
        };
        std::atomic<bool> isReleased = false;
        FaultServer server([&](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            const qsizetype slash = path.lastIndexOf('/');
            if (path.endsWith("/protected_environments")) {
                while (status == 0 && !isReleased && !e.isEnding())
                    e.stall(std::chrono::milliseconds(1));
                e.answer(status == 0 ? 200 : status, "[]", asJson);
                return;
            }
            e.answer(200,
                     path.endsWith("/user")           ? QByteArray("{\"id\":1,\"username\":\"me\"}")
                     : path.contains("/deployments/") ? blocked(path.mid(slash + 1))
                     : path.endsWith("/deployments") && e.target.contains("blocked")
                         ? "[" + blocked("7") + "," + blocked("8") + "," + blocked("9") + "]"
                     : path.endsWith("/deployments") || path.endsWith("/pipelines")
                         ? QByteArray("[]")
                         : QByteArray("{\"id\":1,\"path_with_namespace\":\"shop/cart\"}"),
                     asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        for (int look = 0; look < 2; ++look) {
            const auto waiting = waitFor(gitlab->gates()->waiting({}), 10'000);
            if (look == 1)
                isReleased = true;
            QVERIFY2(waiting && waiting->size() == 3, qPrintable(waiting ? QString() : waiting.error().message));
            for (const WaitingGate &gate : *waiting)
                QVERIFY(gate.deciders.isEmpty() && !gate.mayDecide);
        }
        const auto requests = server.requests();
        QCOMPARE(std::count_if(requests.begin(), requests.end(),
                               [](const auto &one) { return one.target.contains("protected_environments"); }),
                 1);
    }

    // Where what is looked at asks nobody, nothing could say that there is more: no answer is better than "none".
    void whatIsLeftOutIsSaidWithoutAGate_data()
    {
        QTest::addColumn<int>("held");
        QTest::addColumn<bool>("isTold");
        QTest::newRow("all are looked at") << 50 << true;
        QTest::newRow("one is not") << 51 << false;
    }
    void whatIsLeftOutIsSaidWithoutAGate()
    {
        QFETCH(int, held);
        QFETCH(bool, isTold);
        QByteArray runs = "[";
        for (int i = 0; i < held; ++i)
            runs += (i > 0 ? ",{\"id\":" : "{\"id\":") + QByteArray::number(1000 - i) +
                    ",\"status\":\"manual\",\"ref\":\"main\"}";
        runs += "]";
        FaultServer server([=](Exchange &e) {
            const bool isList = e.target.split('?').constFirst().endsWith("/pipelines");
            e.answer(200, isList && !e.target.contains("source=") ? runs : QByteArray("[]"), asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const auto waiting = waitFor(gitlab->gates()->waiting({}));
        QCOMPARE(bool(waiting), isTold);
        if (isTold)
            return;
        QCOMPARE(waiting.error().kind, ErrorKind::Unsupported);
        QVERIFY2(waiting.error().message.contains(u("Only the newest 50")), qPrintable(waiting.error().message));
    }

    // What it took until its last end says nothing of now: the time runs from the first job that began again.
    void aRunThatGoesOnAgainIsTimedFromThen_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QByteArray>("began");
        QTest::addColumn<std::optional<std::chrono::milliseconds>>("took"); // at 10:30
        using Time = std::optional<std::chrono::milliseconds>;
        const Time ran = std::chrono::minutes(30);
        QTest::newRow("it runs") << QByteArray("running") << QByteArray("\"2026-01-02T10:00:00.000Z\"") << ran;
        QTest::newRow("it waits for a runner") << QByteArray("pending") << QByteArray("null") << Time();
        QTest::newRow("it ended") << QByteArray("success") << QByteArray("\"2026-01-02T10:00:00.000Z\"")
                                  << Time(std::chrono::seconds(34));
    }
    void aRunThatGoesOnAgainIsTimedFromThen()
    {
        QFETCH(QByteArray, status);
        QFETCH(QByteArray, began);
        const auto job = [](const QByteArray &id, const QByteArray &state, const QByteArray &start) -> QByteArray {
            return "{\"id\":" + id + ",\"name\":\"job" + id + "\",\"stage\":\"test\",\"status\":\"" + state +
                   "\",\"started_at\":" + start + "}";
        };
        const QByteArray run =
            "{\"id\":77,\"status\":\"" + status +
            "\",\"ref\":\"main\",\"created_at\":\"2026-01-01T10:00:00.000Z\","
            "\"updated_at\":\"2026-01-02T10:00:00.000Z\",\"duration\":34,"
            "\"started_at\":\"2026-01-01T10:00:00.000Z\",\"finished_at\":\"2026-01-01T10:01:00.000Z\"}";
        const QByteArray jobs =
            "[" + job("6", status, began) + "," + job("5", "success", "\"2026-01-01T10:00:00.000Z\"") + "]";
        FaultServer server([=](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            e.answer(200,
                     path.endsWith("/jobs")           ? jobs
                     : path.endsWith("/pipelines/77") ? run
                     : path.endsWith("/pipelines")    ? "[" + run + "]"
                                                      : QByteArray("[]"),
                     asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        const QDateTime now({2026, 1, 2}, {10, 30}, Qt::UTC);
        const auto detail = waitFor(gitlab->source().run({m_pipeline, u("77")}, {}));
        QVERIFY2(detail, qPrintable(detail ? QString() : detail.error().message));
        QTEST(duration(detail->run, now), "took");
        const auto page = waitFor(gitlab->source().runs({m_pipeline, {}, 30, {}}, {}));
        QVERIFY2(page && page->runs.size() == 1, qPrintable(page ? QString() : page.error().message));
        QTEST(duration(page->runs.first(), now), "took");
    }

    void aTraceThatShrinksIsTold()
    {
        std::atomic<int> traces = 0;
        FaultServer server([&](Exchange &e) {
            if (e.target.endsWith("/trace"))
                e.answer(200, traces++ == 0 ? "0123456789" : "0123", {{"Content-Type", "text/plain"}});
            else
                e.answer(200,
                         "{\"id\":5,\"status\":\"running\",\"name\":\"a\",\"started_at\":\"2026-01-01T00:00:00.000Z\"}",
                         asJson);
        });
        const auto gitlab = makeGitLab(gitLabConfig(server.url()), m_http, m_token);
        QByteArray text;
        const auto end = waitFor(gitlab->source().log({{m_pipeline, u("1")}, u("5"), {}, 0, true},
                                                      [&](const QByteArray &bytes) { text += bytes; }, {}),
                                 15000);
        QVERIFY2(end, qPrintable(end ? QString() : end.error().message));
        QCOMPARE(text, QByteArray("0123456789"));
        QVERIFY(!end->note.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestGitLabFaults)
#include "test_gitlab_faults.moc"
