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

QTEST_GUILESS_MAIN(TestTravisFaults)
#include "test_travis_faults.moc"
