#include "services/net/httpclient.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QElapsedTimer>
#include <QMutex>
#include <QRegularExpression>
#include <QTest>

#include <atomic>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

HttpRequest get(const std::shared_ptr<HttpEndpoint> &endpoint, const QByteArray &target)
{
    HttpRequest request;
    request.endpoint = endpoint;
    request.target = target;
    return request;
}

} // namespace

// What works when nothing goes wrong: calls, bodies, credentials, TLS, streams, stops.
class TestHttpCalls : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void getTakesStatusHeadersAndBody()
    {
        FaultServer server([](Exchange &e) {
            e.answer(200, "hello", {{"X-Thing", "one"}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
        });
        HttpClient client;
        const auto answer = waitFor(client.send(get(server.endpoint(), "/a%2Fb?x=1"), {}));
        QVERIFY(answer);
        QCOMPARE(answer->status, 200);
        QCOMPARE(answer->body, "hello");
        QCOMPARE(answer->header("x-thing"), "one");
        QCOMPARE(answer->serverDate, QDateTime(QDate(1994, 11, 6), QTime(8, 49, 37), Qt::UTC));
        QCOMPARE(server.requests().value(0).target, "/a%2Fb?x=1");
        QVERIFY(server.requests().value(0).header("User-Agent").startsWith("signalbox/"));
    }

    void errorStatusIsAValue()
    {
        FaultServer server([](Exchange &e) { e.answer(404, "{\"kind\":\"Status\"}"); });
        HttpClient client;
        const auto answer = waitFor(client.send(get(server.endpoint(), "/gone"), {}));
        QVERIFY(answer);
        QCOMPARE(answer->status, 404);
        QCOMPARE(answer->body, "{\"kind\":\"Status\"}");
    }

    void methodsSendTheirBodies_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("body");
        for (const char *method : {"POST", "PUT", "PATCH", "DELETE"}) {
            QTest::addRow("%s with a body", method) << QByteArray(method) << QByteArray("[1,2]");
            QTest::addRow("%s without", method) << QByteArray(method) << QByteArray();
        }
        QTest::newRow("a large body") << QByteArray("PATCH") << QByteArray(3 * 1024 * 1024, 'x');
    }
    void methodsSendTheirBodies()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, body);
        FaultServer server([](Exchange &e) { e.answer(200, e.body); });
        HttpClient client;
        HttpRequest request = get(server.endpoint(), "/thing");
        request.method = method;
        request.body = body;
        request.headers = {{"Content-Type", "application/json-patch+json"}};
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY(answer);
        QVERIFY(answer->body == body);
        QCOMPARE(server.requests().value(0).method, method);
        QCOMPARE(server.requests().value(0).header("Content-Type"), "application/json-patch+json");
        QVERIFY(server.requests().value(0).header("Expect").isEmpty());
    }

    void basePathIsKept_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("none") << QByteArray() << QByteArray("/api") << QByteArray("/api");
        QTest::newRow("prefix") << QByteArray("/k8s/clusters/c-1") << QByteArray("/api")
                                << QByteArray("/k8s/clusters/c-1/api");
        QTest::newRow("prefix with slash")
            << QByteArray("/prom/") << QByteArray("/api?q=1") << QByteArray("/prom/api?q=1");
        QTest::newRow("query alone") << QByteArray() << QByteArray("?q=1") << QByteArray("/?q=1");
    }
    void basePathIsKept()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, expected);
        FaultServer server([](Exchange &e) { e.answer(200); });
        auto endpoint = server.endpoint();
        endpoint->base = QUrl::fromEncoded(server.url().toEncoded() + path);
        HttpClient client;
        QVERIFY(waitFor(client.send(get(endpoint, target), {})));
        QCOMPARE(server.requests().value(0).target, expected);
    }

    void connectionIsReused()
    {
        FaultServer server([](Exchange &e) { e.answer(200, "x"); });
        HttpClient client;
        for (int i = 0; i < 20; ++i)
            QVERIFY(waitFor(client.send(get(server.endpoint(), "/"), {})));
        QCOMPARE(server.connections(), 1);
    }

    void clientCertificateIsPresented()
    {
        const TestAuthority authority("test CA");
        FaultServer server([](Exchange &e) { e.answer(200, e.clientName); },
                           ServerTls{authority.issue("server", {QStringLiteral("127.0.0.1")}), authority.caPem()});
        auto endpoint = server.endpoint();
        const KeyPair identity = authority.issue("operator", {});
        endpoint->caPem = authority.caPem();
        endpoint->clientCertPem = identity.certPem;
        endpoint->clientKeyPem = Secret(identity.keyPem);
        HttpClient client;
        for (const char *method : {"GET", "PATCH"}) {
            HttpRequest request = get(endpoint, "/");
            request.method = method;
            const auto answer = waitFor(client.send(request, {}));
            QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + answer.error().detail));
            QCOMPARE(answer->body, "operator");
        }
        QCOMPARE(server.connections(), 1);
    }

    void authoriserIsAskedForEachRequest()
    {
        FaultServer server([](Exchange &e) { e.answer(200); });
        auto endpoint = server.endpoint();
        std::atomic<int> asked = 0;
        endpoint->authorise = [&asked](const StopToken &) {
            QPromise<Result<HttpHeaders>> promise;
            promise.start();
            promise.addResult(HttpHeaders{{"Authorization", "Bearer " + QByteArray::number(++asked)}});
            promise.finish();
            return promise.future();
        };
        HttpClient client;
        QVERIFY(waitFor(client.send(get(endpoint, "/"), {})));
        QVERIFY(waitFor(client.send(get(endpoint, "/"), {})));
        QCOMPARE(server.requests().value(0).header("Authorization"), "Bearer 1");
        QCOMPARE(server.requests().value(1).header("Authorization"), "Bearer 2");
    }

    void streamGivesHeadThenBytesAsTheyCome()
    {
        std::atomic<bool> mayGoOn = false;
        FaultServer server([&](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n");
            while (!mayGoOn && !e.isEnding())
                std::this_thread::sleep_for(1ms);
            e.send("4\r\ntwo\n\r\n0\r\n\r\n");
        });
        HttpClient client;
        QMutex mutex;
        int status = 0;
        QByteArray seen;
        HttpSink sink;
        sink.head = [&](const HttpResponse &head) {
            const QMutexLocker lock(&mutex);
            status = head.status;
            return true;
        };
        sink.data = [&](QByteArrayView bytes) {
            const QMutexLocker lock(&mutex);
            seen.append(bytes.data(), bytes.size());
            return true;
        };
        const auto stream = client.stream(get(server.endpoint(), "/watch"), sink, {});
        const auto have = [&] {
            const QMutexLocker lock(&mutex);
            return seen;
        };
        QTRY_COMPARE(have(), "one\n");
        QCOMPARE(status, 200);
        QVERIFY(!stream.finished.isFinished());
        mayGoOn = true;
        const auto end = waitFor(stream.finished);
        QVERIFY(end);
        QCOMPARE(end->status, 200);
        QVERIFY(end->body.isEmpty());
        QCOMPARE(have(), "one\ntwo\n");
    }

    void stopAnswersAtOnce_data()
    {
        QTest::addColumn<bool>("streamed");
        QTest::newRow("call") << false;
        QTest::newRow("stream") << true;
    }
    void stopAnswersAtOnce()
    {
        QFETCH(bool, streamed);
        FaultServer server([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
            e.stall();
        });
        HttpClient client;
        StopSource stop;
        const HttpRequest request = get(server.endpoint(), "/");
        auto future =
            streamed ? client.stream(request, {}, stop.get_token()).finished : client.send(request, stop.get_token());
        QTRY_COMPARE(server.requests().size(), 1);
        QElapsedTimer timer;
        timer.start();
        stop.request_stop();
        while (!future.isFinished() && timer.elapsed() < 5000)
            std::this_thread::sleep_for(50us);
        QVERIFY2(timer.elapsed() < 100, "a stop must not wait for the network"); // some 1 ms on an idle machine
        QVERIFY(future.resultCount() == 1);
        QCOMPARE(future.result().error().kind, ErrorKind::Cancelled);
    }

    void stopBeforeSendIsCancelled()
    {
        FaultServer server([](Exchange &e) { e.answer(200); });
        HttpClient client;
        StopSource stop;
        stop.request_stop();
        const auto answer = waitFor(client.send(get(server.endpoint(), "/"), stop.get_token()));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
        QCOMPARE(server.requests().size(), 0);
    }

    void destructionEndsEverything()
    {
        FaultServer server([](Exchange &e) { e.stall(); });
        QList<QFuture<Result<HttpResponse>>> futures;
        {
            HttpClient client;
            for (int i = 0; i < 20; ++i)
                futures << client.send(get(server.endpoint(), "/"), {});
            HttpRequest apart = get(server.endpoint(), "/");
            apart.ownConnection = true;
            futures << client.stream(apart, {}, {}).finished;
        }
        for (const auto &future : futures) {
            QVERIFY(future.isFinished());
            QCOMPARE(future.resultCount(), 1);
            QCOMPARE(future.result().error().kind, ErrorKind::Cancelled);
        }
    }
};

QTEST_GUILESS_MAIN(TestHttpCalls)
#include "test_http_calls.moc"
