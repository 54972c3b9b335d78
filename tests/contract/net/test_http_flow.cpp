#include "services/net/httpclient.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <mutex>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

HttpRequest requestTo(const std::shared_ptr<HttpEndpoint> &endpoint, const QByteArray &target = "/")
{
    HttpRequest request;
    request.endpoint = endpoint;
    request.target = target;
    return request;
}

// Counts what a stream gives, and pauses it when told to.
struct Counter
{
    std::atomic<qint64> bytes = 0;
    std::atomic<int> heads = 0;
    std::atomic<int> status = 0;
    std::atomic<bool> mayGoOn = true;
    QCryptographicHash hash{QCryptographicHash::Sha1};

    HttpSink sink()
    {
        HttpSink sink;
        sink.head = [this](const HttpResponse &head) {
            ++heads;
            status = head.status;
            return true;
        };
        sink.data = [this](QByteArrayView piece) {
            hash.addData(piece);
            bytes += piece.size();
            return mayGoOn.load();
        };
        return sink;
    }
};

QByteArray noise(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = 1;
    for (char &c : bytes) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    return bytes;
}

} // namespace

// How requests are repeated, remembered, queued, paused and shown.
class TestHttpFlow : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void readsAreRepeatedWritesAreNot_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<int>("badStatus"); // 0: closes
        QTest::addColumn<int>("badAnswers");
        QTest::addColumn<int>("retries");
        QTest::addColumn<int>("expectedStatus"); // 0: an error
        QTest::addColumn<int>("expectedRequests");
        QTest::newRow("GET, 503 twice") << QByteArray("GET") << 503 << 2 << 2 << 200 << 3;
        QTest::newRow("HEAD, 502 once") << QByteArray("HEAD") << 502 << 1 << 2 << 200 << 2;
        QTest::newRow("GET, 504 too often") << QByteArray("GET") << 504 << 9 << 1 << 504 << 2;
        QTest::newRow("GET, 429 without a time") << QByteArray("GET") << 429 << 1 << 2 << 200 << 2;
        QTest::newRow("GET, 500 is final") << QByteArray("GET") << 500 << 9 << 2 << 500 << 1;
        QTest::newRow("GET, closed once") << QByteArray("GET") << 0 << 1 << 2 << 200 << 2;
        QTest::newRow("GET, no retries") << QByteArray("GET") << 503 << 9 << 0 << 503 << 1;
        for (const char *method : {"POST", "PUT", "PATCH", "DELETE"}) {
            QTest::addRow("%s, 503", method) << QByteArray(method) << 503 << 9 << 5 << 503 << 1;
            QTest::addRow("%s, 429", method) << QByteArray(method) << 429 << 9 << 5 << 429 << 1;
            QTest::addRow("%s, closed", method) << QByteArray(method) << 0 << 9 << 5 << 0 << 1;
        }
    }
    void readsAreRepeatedWritesAreNot()
    {
        QFETCH(QByteArray, method);
        QFETCH(int, badStatus);
        QFETCH(int, badAnswers);
        QFETCH(int, retries);
        QFETCH(int, expectedStatus);
        QFETCH(int, expectedRequests);
        std::atomic<int> left = badAnswers;
        FaultServer server([&](Exchange &e) {
            if (left-- <= 0)
                e.answer(200, "good");
            else if (badStatus == 0)
                e.close();
            else
                e.answer(badStatus, "bad");
        });
        HttpClient client;
        HttpRequest request = requestTo(server.endpoint());
        request.method = method;
        request.retries = retries;
        const auto answer = waitFor(client.send(request, {}));
        QCOMPARE(answer ? answer->status : 0, expectedStatus);
        QCOMPARE(server.requests().size(), expectedRequests);
    }

    void retryAfterIsHonoured_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("waitMs"); // -1: no second request
        QTest::newRow("seconds") << QByteArray("1") << 1000;
        QTest::newRow("date") << QByteArray("Sun, 06 Nov 1994 08:49:38 GMT") << 1000; // one after the server's own time
        QTest::newRow("an hour") << QByteArray("3600") << -1;
        QTest::newRow("nonsense") << QByteArray("soon") << 0;
    }
    void retryAfterIsHonoured()
    {
        QFETCH(QByteArray, value);
        QFETCH(int, waitMs);
        FaultServer server([&](Exchange &e) {
            if (e.numberOnConnection == 1)
                e.answer(429, {}, {{"Retry-After", value}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
            else
                e.answer(200);
        });
        HttpClient client;
        QElapsedTimer timer;
        timer.start();
        const auto answer = waitFor(client.send(requestTo(server.endpoint()), {}));
        QVERIFY(answer);
        QCOMPARE(answer->status, waitMs < 0 ? 429 : 200);
        QVERIFY(timer.elapsed() >= waitMs);
        QVERIFY(timer.elapsed() < std::max(waitMs, 0) + 700);
    }

    void stopEndsAWait()
    {
        FaultServer server([](Exchange &e) { e.answer(503, {}, {{"Retry-After", "20"}}); });
        HttpClient client;
        StopSource stop;
        const auto future = client.send(requestTo(server.endpoint()), stop.get_token());
        QTRY_COMPARE(server.requests().size(), 1);
        QTest::qWait(30);
        stop.request_stop();
        QCOMPARE(waitFor(future, 1000).error().kind, ErrorKind::Cancelled);
    }

    // A 304 is an answer to this question: how many more may follow is not what an earlier one was told.
    void whatIsLeftOfABudgetIsNotRemembered()
    {
        std::atomic<int> left = 100;
        FaultServer server([&](Exchange &e) {
            QList<std::pair<QByteArray, QByteArray>> headers{{"ETag", "\"v1\""}};
            if (--left > 97)
                headers.emplaceBack("RateLimit-Remaining", QByteArray::number(left.load()));
            if (e.header("If-None-Match").isEmpty()) {
                headers.emplaceBack("X-Next-Page", "2");
                e.answer(200, "body", headers);
            } else {
                e.answer(304, {}, headers);
            }
        });
        HttpClient client;
        HttpRequest request = requestTo(server.endpoint(), "/runs");
        request.useEtag = true;
        QCOMPARE(waitFor(client.send(request, {}))->header("RateLimit-Remaining"), "99");
        const auto second = waitFor(client.send(request, {}));
        QVERIFY(second && second->fromCache);
        QCOMPARE(second->header("RateLimit-Remaining"), "98");
        QCOMPARE(second->header("X-Next-Page"), "2"); // of the list, which did not change
        const auto third = waitFor(client.send(request, {}));
        QVERIFY(third && third->fromCache);
        QCOMPARE(third->header("RateLimit-Remaining"), QByteArray()); // it does not say
    }

    void etagIsRemembered()
    {
        std::atomic<int> version = 1;
        FaultServer server([&](Exchange &e) {
            const QByteArray tag = "\"v" + QByteArray::number(version.load()) + '"';
            if (e.header("If-None-Match") == tag)
                e.answer(304, {}, {{"ETag", tag}});
            else
                e.answer(200, "body " + tag, {{"ETag", tag}});
        });
        HttpClient client;
        HttpRequest request = requestTo(server.endpoint(), "/runs?page=1");
        request.useEtag = true;
        const auto first = waitFor(client.send(request, {}));
        const auto second = waitFor(client.send(request, {}));
        version = 2;
        const auto third = waitFor(client.send(request, {}));
        QVERIFY(first && second && third);
        QVERIFY(!first->fromCache);
        QVERIFY(second->fromCache);
        QCOMPARE(second->status, 200);
        QCOMPARE(second->body, "body \"v1\"");
        QVERIFY(!third->fromCache);
        QCOMPARE(third->body, "body \"v2\"");
        request.target = "/runs?page=2";
        QVERIFY(!waitFor(client.send(request, {}))->fromCache);
        request.useEtag = false;
        request.target = "/runs?page=1";
        QVERIFY(waitFor(client.send(request, {})));
        QVERIFY(server.requests().constLast().header("If-None-Match").isEmpty());
    }

    void connectionsPerHostAreLimited_data()
    {
        QTest::addColumn<bool>("isTls");
        QTest::newRow("plain") << false;
        QTest::newRow("TLS") << true;
    }
    void connectionsPerHostAreLimited()
    {
        QFETCH(bool, isTls);
        const TestAuthority authority("test CA");
        std::optional<ServerTls> tls;
        if (isTls)
            tls = ServerTls{authority.issue("server", {QStringLiteral("127.0.0.1")}), {}};
        std::atomic<bool> mayAnswer = false;
        FaultServer server(
            [&](Exchange &e) {
                while (!mayAnswer && e.method == "GET" && !e.isEnding())
                    std::this_thread::sleep_for(1ms);
                e.answer(200);
            },
            tls);
        auto endpoint = server.endpoint();
        endpoint->caPem = authority.caPem();
        endpoint->maxConnections = 3;
        HttpClient client;
        QList<QFuture<Result<HttpResponse>>> futures;
        for (int i = 0; i < 12; ++i)
            futures << client.send(requestTo(endpoint), {});
        QTRY_COMPARE(server.requests().size(), 3);
        // A write does not wait in line.
        HttpRequest write = requestTo(endpoint);
        write.method = "PATCH";
        QVERIFY(waitFor(client.send(write, {})));
        QCOMPARE(server.requests().size(), 4);
        mayAnswer = true;
        for (const auto &future : futures)
            QVERIFY(waitFor(future));
        QCOMPARE(server.requests().size(), 13);
        QVERIFY(server.mostConnections() <= 4);
    }

    void waitingCallCanBeStopped()
    {
        FaultServer server([](Exchange &e) { e.stall(); });
        auto endpoint = server.endpoint();
        endpoint->maxConnections = 1;
        HttpClient client;
        StopSource stopFirst;
        StopSource stopSecond;
        const auto first = client.send(requestTo(endpoint), stopFirst.get_token());
        const auto second = client.send(requestTo(endpoint), stopSecond.get_token());
        const auto third = client.send(requestTo(endpoint), {});
        QTRY_COMPARE(server.requests().size(), 1);
        stopSecond.request_stop();
        QCOMPARE(waitFor(second, 1000).error().kind, ErrorKind::Cancelled);
        stopFirst.request_stop();
        QCOMPARE(waitFor(first, 1000).error().kind, ErrorKind::Cancelled);
        QTRY_COMPARE(server.requests().size(), 2); // the third has the place now
        QVERIFY(!third.isFinished());
    }

    void pausedStreamHoldsTheServer_data()
    {
        QTest::addColumn<bool>("ownConnection");
        QTest::newRow("shared") << false;
        QTest::newRow("own connection") << true;
    }
    void pausedStreamHoldsTheServer()
    {
        QFETCH(bool, ownConnection);
        const QByteArray body = noise(48 * 1024 * 1024);
        std::atomic<qint64> sent = 0;
        FaultServer server([&](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n");
            for (qsizetype at = 0; at < body.size() && e.send(body.mid(at, 65536)); at += 65536)
                sent += 65536;
        });
        HttpClient client;
        Counter counter;
        counter.mayGoOn = false;
        HttpRequest request = requestTo(server.endpoint());
        request.ownConnection = ownConnection;
        request.maxBody = 0;
        request.timeouts.idle = 300ms; // does not run while paused
        const auto stream = client.stream(request, counter.sink(), {});
        QTRY_VERIFY(counter.bytes > 0);
        qint64 before = -1;
        while (before != sent) { // until the pipe is full
            before = sent;
            QTest::qWait(400);
        }
        const qint64 seen = counter.bytes;
        QVERIFY2(sent < 32 * 1024 * 1024, "the server was not held");
        QVERIFY(seen < 1024 * 1024);
        QVERIFY(!stream.finished.isFinished());
        // Piece by piece, then all of it.
        client.resume(stream.id);
        QTRY_VERIFY(counter.bytes > seen);
        counter.mayGoOn = true;
        client.resume(stream.id);
        const auto end = waitFor(stream.finished);
        QVERIFY2(end, qPrintable(end ? QString() : end.error().message));
        QCOMPARE(counter.bytes.load(), body.size());
        QCOMPARE(counter.hash.result(), QCryptographicHash::hash(body, QCryptographicHash::Sha1));
        QCOMPARE(counter.heads.load(), 1);
    }

    void pausedStreamShowsItsEndLast()
    {
        FaultServer server([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 100; ++i)
                e.send("3e8\r\n" + QByteArray(1000, 'x') + "\r\n");
            e.send("0\r\n\r\n");
        });
        HttpClient client;
        Counter counter;
        counter.mayGoOn = false;
        const auto stream = client.stream(requestTo(server.endpoint()), counter.sink(), {});
        QTRY_VERIFY(counter.bytes > 0);
        QTest::qWait(50);
        QVERIFY(!stream.finished.isFinished());
        counter.mayGoOn = true;
        client.resume(stream.id);
        QVERIFY(waitFor(stream.finished));
        QCOMPARE(counter.bytes.load(), 100'000);
    }

    void pausedStreamCanBeStopped()
    {
        FaultServer server([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\n\r\n");
            while (e.send(QByteArray(65536, 'x'))) {
            }
        });
        HttpClient client;
        Counter counter;
        counter.mayGoOn = false;
        StopSource stop;
        HttpRequest request = requestTo(server.endpoint());
        request.maxBody = 0;
        const auto stream = client.stream(request, counter.sink(), stop.get_token());
        QTRY_VERIFY(counter.bytes > 0);
        stop.request_stop();
        QCOMPARE(waitFor(stream.finished, 1000).error().kind, ErrorKind::Cancelled);
        client.resume(stream.id); // too late, and harmless
    }

    void headCanEndAStream()
    {
        FaultServer server([](Exchange &e) { e.answer(200, "body"); });
        HttpClient client;
        HttpSink sink;
        sink.head = [](const HttpResponse &) { return false; };
        const auto end = waitFor(client.stream(requestTo(server.endpoint()), sink, {}).finished);
        QCOMPARE(end.error().kind, ErrorKind::Cancelled);
    }

    void streamsAreNotRepeated_data()
    {
        QTest::addColumn<int>("status");
        QTest::newRow("503") << 503;
        QTest::newRow("closed") << 0;
    }
    void streamsAreNotRepeated()
    {
        QFETCH(int, status);
        FaultServer server([&](Exchange &e) { status == 0 ? e.close() : void(e.answer(status, "error body")); });
        HttpClient client;
        Counter counter;
        const auto end = waitFor(client.stream(requestTo(server.endpoint()), counter.sink(), {}).finished);
        QCOMPARE(end ? end->status : 0, status);
        QCOMPARE(counter.status.load(), status);
        QCOMPARE(counter.bytes.load(), status == 0 ? 0 : 10);
        QCOMPARE(server.requests().size(), 1);
    }

    void streamRenewsItsCredentialUnseen_data()
    {
        QTest::addColumn<bool>("renewable");
        QTest::newRow("renewed") << true;
        QTest::newRow("not renewable") << false;
    }
    void streamRenewsItsCredentialUnseen()
    {
        QFETCH(bool, renewable);
        FaultServer server([&](Exchange &e) { e.answer(e.numberOnConnection == 1 ? 401 : 200, "body"); });
        auto endpoint = server.endpoint();
        endpoint->credentialRejected = [renewable](const HttpHeaders &) { return renewable; };
        HttpClient client;
        Counter counter;
        const auto end = waitFor(client.stream(requestTo(endpoint), counter.sink(), {}).finished);
        QVERIFY(end);
        QCOMPARE(end->status, renewable ? 200 : 401);
        QCOMPARE(counter.heads.load(), 1);
        QCOMPARE(counter.status.load(), renewable ? 200 : 401);
        QCOMPARE(counter.bytes.load(), 4); // the 401's body too: it says why
    }

    void monitorShowsNoValue()
    {
        FaultServer server([](Exchange &e) { e.answer(e.target.startsWith("/bad") ? 500 : 200, "12345"); });
        auto endpoint = server.endpoint();
        endpoint->base.setUserName(QStringLiteral("ann"));
        endpoint->base.setPassword(QStringLiteral("geheim"));
        HttpClient client;
        const QSignalSpy changed(&client.monitor(), &RequestMonitor::changed);
        HttpRequest request = requestTo(endpoint, "/api?token=geheim&flag&limit=500");
        request.headers = {{"X-Secret", "geheim"}};
        QVERIFY(waitFor(client.send(request, {})));
        QTRY_COMPARE(client.monitor().requests().size(), 1);
        const RequestInfo info = client.monitor().requests().constFirst();
        QCOMPARE(info.target, QString::fromLatin1(server.authority()) + QStringLiteral("/api?token=…&…&limit=…"));
        QCOMPARE(info.method, QStringLiteral("GET"));
        QCOMPARE(info.status, 200);
        QCOMPARE(info.state, QStringLiteral("done"));
        QCOMPARE(info.bytesReceived, 5);
        QCOMPARE(info.connection, QStringLiteral("test"));
        QVERIFY(info.durationMs >= 0);
        QTRY_VERIFY(changed.size() >= 1);
    }

    void monitorKeepsThreeHundredAndIsCalm()
    {
        FaultServer server([](Exchange &e) { e.answer(200); });
        HttpClient client;
        const QSignalSpy changed(&client.monitor(), &RequestMonitor::changed);
        QElapsedTimer timer;
        timer.start();
        QList<QFuture<Result<HttpResponse>>> futures;
        for (int i = 0; i < 400; ++i)
            futures << client.send(requestTo(server.endpoint()), {});
        for (const auto &future : futures)
            QVERIFY(waitFor(future));
        QTRY_COMPARE(client.monitor().requests().size(), 300);
        const auto list = client.monitor().requests();
        QVERIFY(list.constFirst().id > list.constLast().id);
        QTRY_VERIFY(changed.size() > 0);
        QVERIFY2(changed.size() <= timer.elapsed() / 250 + 1, "changed() comes at most four times a second");
    }

    void monitorShowsWhatRunsAndWhatFailed()
    {
        FaultServer server([](Exchange &e) { e.stall(); });
        HttpClient client;
        StopSource stop;
        HttpRequest request = requestTo(server.endpoint());
        request.timeouts.idle = 200ms;
        const auto future = client.send(request, stop.get_token());
        QTRY_COMPARE(server.requests().size(), 1);
        QCOMPARE(client.monitor().requests().constFirst().durationMs, -1);
        QCOMPARE(client.monitor().requests().constFirst().state, QStringLiteral("connecting"));
        QVERIFY(!waitFor(future));
        QTRY_COMPARE(client.monitor().requests().constFirst().state, QStringLiteral("failed"));
        QVERIFY(client.monitor().requests().constFirst().error.startsWith(QStringLiteral("timedOut: ")));
    }

    void closedClientAsksNoMore()
    {
        FaultServer server([](Exchange &exchange) { exchange.stall(); });
        HttpClient client;
        HttpRequest write = requestTo(server.endpoint());
        write.method = "PATCH";
        const auto written = client.send(write, {});
        ErrorKind ended = ErrorKind::Internal;
        QFuture<Result<HttpResponse>> again;
        const auto read = client.send(requestTo(server.endpoint()), {})
                              .then([&](const Result<HttpResponse> &result) { // on the network thread
                                  ended = result.error().kind;
                                  again = client.send(requestTo(server.endpoint()), {});
                              });
        QTRY_COMPARE(server.requests().size(), 2);
        client.close();
        QVERIFY(read.isFinished());
        QCOMPARE(ended, ErrorKind::Cancelled);
        QVERIFY(written.isFinished());
        QCOMPARE(written.result().error().kind, ErrorKind::OutcomeUnknown);
        QVERIFY(again.isFinished());
        const auto later = client.send(requestTo(server.endpoint()), {});
        QVERIFY(later.isFinished());
        QCOMPARE(later.resultCount(), 0);
        QCOMPARE(server.requests().size(), 2);
    }

    void soak()
    {
        // Thousands of calls from several threads, with stops and faults among them: each ends once, none is lost.
        std::atomic<int> served = 0;
        FaultServer server([&](Exchange &e) {
            const int number = ++served;
            if (number % 97 == 0)
                e.close();
            else if (number % 89 == 0)
                e.reset();
            else
                e.answer(number % 53 == 0 ? 503 : 200, QByteArray(number % 5000, 'x'), {{"Retry-After", "0"}});
        });
        HttpClient client;
        std::atomic<int> good = 0;
        std::atomic<int> stopped = 0;
        std::atomic<int> other = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (int round = 0; round < 25; ++round) {
                    StopSource stop;
                    QList<QFuture<Result<HttpResponse>>> futures;
                    for (int i = 0; i < 40; ++i)
                        futures << client.send(requestTo(server.endpoint()), stop.get_token());
                    if ((round + t) % 5 == 0)
                        stop.request_stop();
                    for (auto &future : futures) {
                        future.waitForFinished();
                        const auto result = future.result();
                        if (result && result->status == 200)
                            ++good;
                        else if (!result && result.error().kind == ErrorKind::Cancelled)
                            ++stopped;
                        else
                            ++other;
                    }
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(good + stopped + other, 4000);
        QVERIFY2(good > 3000, qPrintable(QString::number(good)));
        QVERIFY2(other < 40, qPrintable(QString::number(other))); // three bad answers in a row are rare
        QVERIFY(server.mostConnections() <= 16);                  // 8 in use, and some being closed
        for (const RequestInfo &info : client.monitor().requests())
            QVERIFY(info.durationMs >= 0);
    }
};

QTEST_GUILESS_MAIN(TestHttpFlow)
#include "test_http_flow.moc"
