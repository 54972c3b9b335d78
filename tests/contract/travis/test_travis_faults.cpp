// What the Travis CI adapter says of servers that misbehave.
#include "tests/contract/travis/travispractice.h"
#include "tests/support/faultserver.h"

#include <QTest>
#include <QUrlQuery>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

class TestTravisFaults : public QObject
{
    Q_OBJECT

private slots:
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

    void aWriteIsNotSentElsewhere()
    {
        FaultServer other([](Exchange &exchange) { exchange.answer(202, "{}"); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        std::atomic<int> writes = 0;
        FaultServer fault([&](Exchange &exchange) {
            if (exchange.method == "POST") {
                ++writes;
                exchange.answer(307, {}, {{"Location", elsewhere}});
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
        QVERIFY2(receipt.error().kind == ErrorKind::Refused, qPrintable(receipt.error().message));
        QCOMPARE(writes.load(), 1);
        QVERIFY(other.requests().isEmpty());
        http.close();
    }

    // Each kind of change, each way to be refused. Sources: travis-api, lib/travis/api/v3/{access_control,errors}.rb
    // and v3/services/{build,job}/{cancel,restart}.rb, requests/create.rb.
    void refusedWritesHaveTheirKinds_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorKind>("kind");
        const auto error = [](const char *type, const char *message) -> QByteArray {
            return QByteArray("{\"@type\":\"error\",\"error_type\":\"") + type + "\",\"error_message\":\"" + message +
                   "\"}";
        };
        const auto add = [](const char *what, const char *path, const char *answer, int status, const QByteArray &body,
                            ErrorKind kind) {
            QTest::addRow("%s: %s", what, answer)
                << QString::fromLatin1(what) << QByteArray(path) << status << body << kind;
        };
        const std::pair<const char *, const char *> orders[]{{"start", "/repo/voice%2Fspeech-to-text/requests"},
                                                             {"restart", "/build/77/restart"},
                                                             {"restart failed", "/job/5/restart"},
                                                             {"restart a job", "/job/5/restart"},
                                                             {"cancel", "/build/77/cancel"}};
        for (const auto &[what, path] : orders) {
            add(what, path, "no right", 403, error("insufficient_access", "operation requires access to repository"),
                ErrorKind::Forbidden);
            add(what, path, "token gone", 403, error("login_required", "login required"), ErrorKind::Unauthorized);
            add(what, path, "shut out", 403, "Forbidden\n", ErrorKind::RateLimited);
            add(what, path, "deleted", 404, error("not_found", "not found (or insufficient access)"),
                ErrorKind::NotFound);
            add(what, path, "something moved", 409, error("conflict", "try again"), ErrorKind::Conflict);
            add(what, path, "later", 429, "Retry later\n", ErrorKind::RateLimited);
            add(what, path, "500", 500, "{}", ErrorKind::OutcomeUnknown);
            add(what, path, "502", 502, "<html>", ErrorKind::OutcomeUnknown);
        }
        add("start", orders[0].second, "no push", 403, error("push_access_required", "push access required"),
            ErrorKind::Forbidden);
        add("start", orders[0].second, "switched off", 406, error("repository_inactive", "inactive"),
            ErrorKind::Refused);
        add("start", orders[0].second, "too many", 429, error("request_limit_reached", "limit reached"),
            ErrorKind::RateLimited);
        add("restart", orders[1].second, "somebody was faster", 409,
            error("build_already_running", "build already running, cannot restart"), ErrorKind::Conflict);
        add("restart a job", orders[3].second, "somebody was faster", 409,
            error("job_already_running", "job already running, cannot restart"), ErrorKind::Conflict);
        add("cancel", orders[4].second, "it ended", 409,
            error("build_not_cancelable", "build is not running, cannot cancel"), ErrorKind::Conflict);
    }
    void refusedWritesHaveTheirKinds()
    {
        QFETCH(QString, what);
        QFETCH(QByteArray, path);
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        const bool isCancel = what == QLatin1String("cancel");
        const QByteArray times = isCancel ? QByteArray("\"state\":\"started\",\"started_at\":\"2026-03-02T11:00:00Z\"")
                                          : QByteArray("\"state\":\"failed\",\"started_at\":\"2026-03-02T11:00:00Z\","
                                                       "\"finished_at\":\"2026-03-02T11:10:00Z\"");
        const QByteArray slug = "\"repository\":{\"slug\":\"voice/speech-to-text\"}";
        const QByteArray job = "{\"id\":5,\"number\":\"12.1\"," + times + "," + slug + "}";
        const QByteArray build =
            "{\"id\":77,\"number\":\"12\",\"event_type\":\"push\",\"branch\":{\"name\":\"main\"}," + times + "," +
            slug + "}";
        std::atomic<int> writes = 0;
        FaultServer fault([&](Exchange &exchange) {
            const QByteArray target = exchange.target.split('?').constFirst();
            if (exchange.method == "POST") {
                ++writes;
                exchange.answer(status, body);
            } else if (target.endsWith("/jobs")) {
                exchange.answer(200, "{\"jobs\":[" + job + "]}");
            } else if (target.startsWith("/job/")) {
                exchange.answer(200, job);
            } else if (target.startsWith("/build/")) {
                exchange.answer(200, build);
            } else {
                exchange.answer(200, "{\"slug\":\"voice/speech-to-text\",\"default_branch\":{\"name\":\"main\"}}");
            }
        });
        HttpClient http;
        TravisTokens secrets(token);
        const auto server = makeTravis(configOf(fault.url()), http, secrets);
        RunOrder order;
        order.pipeline = pipelineRef();
        order.kind = what == QLatin1String("start")            ? RunOrder::Kind::Trigger
                     : isCancel                                ? RunOrder::Kind::Cancel
                     : what == QLatin1String("restart failed") ? RunOrder::Kind::RerunFailed
                                                               : RunOrder::Kind::Rerun;
        if (order.kind != RunOrder::Kind::Trigger) {
            const auto seen = waitFor(server->source().run({pipelineRef(), QStringLiteral("77")}, {}));
            QVERIFY2(seen, seen ? "" : qPrintable(seen.error().message));
            order.run = seen->run;
        }
        if (what == QLatin1String("restart a job"))
            order.job = QStringLiteral("5");
        const auto plan = waitFor(server->source().plan(order, {}));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->steps.size(), 1);
        const auto receipt = waitFor(server->runner().execute(plan->steps.first(), {}), 20'000);
        QVERIFY(!receipt);
        QTEST(receipt.error().kind, "kind");
        QVERIFY2(!receipt.error().message.contains(QString::fromUtf8(token)), qPrintable(receipt.error().message));
        QCOMPARE(writes.load(), 1);
        const auto requests = fault.requests();
        QVERIFY2(std::any_of(requests.begin(), requests.end(),
                             [&path](const auto &one) { return one.method == "POST" && one.target == path; }),
                 path.constData());
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

QTEST_GUILESS_MAIN(TestTravisFaults)
#include "test_travis_faults.moc"
