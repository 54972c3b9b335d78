#include "services/net/httpclient.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QRegularExpression>
#include <QTest>

#include <atomic>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

using Handler = FaultServer::Handler;

quint32 crc32(const QByteArray &bytes)
{
    quint32 crc = ~0u;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
    }
    return ~crc;
}

QByteArray littleEndian(quint32 number)
{
    QByteArray bytes;
    for (int shift = 0; shift < 32; shift += 8)
        bytes += static_cast<char>(number >> shift & 0xff);
    return bytes;
}

QByteArray gzip(const QByteArray &bytes)
{
    // qCompress: four bytes of length, two of a zlib header, deflate, four of a checksum.
    const QByteArray deflate = qCompress(bytes, 9).mid(6).chopped(4);
    return QByteArray::fromHex("1f8b08000000000000ff") + deflate + littleEndian(crc32(bytes)) +
           littleEndian(static_cast<quint32>(bytes.size()));
}

HttpRequest requestTo(const std::shared_ptr<HttpEndpoint> &endpoint, const QByteArray &method = "GET")
{
    HttpRequest request;
    request.endpoint = endpoint;
    request.method = method;
    request.target = "/thing?token=geheim";
    request.retries = 0;
    return request;
}

void drip(Exchange &e, const QByteArray &piece, std::chrono::milliseconds pause)
{
    while (e.send(piece) && !e.isEnding() && !e.stall(pause)) {
    }
}

} // namespace

// What the client says, and does not do, when the server misbehaves.
class TestHttpFaults : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void everyFaultEndsInOneSentence_data()
    {
        QTest::addColumn<Handler>("server");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, Handler server, ErrorKind kind, const char *says) {
            QTest::newRow(name) << std::move(server) << kind << QString::fromLatin1(says);
        };
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        const QByteArray bomb = gzip(QByteArray(16 * 1024 * 1024, '\0'));
        row(
            "closes before an answer", [](Exchange &e) { e.close(); }, ErrorKind::Protocol, "before it answered");
        row(
            "resets before an answer", [](Exchange &e) { e.reset(); }, ErrorKind::Protocol, "before it answered");
        row(
            "closes inside the headers",
            [=](Exchange &e) {
                e.send(ok + "X-A: b\r\n");
                e.close();
            },
            ErrorKind::Protocol, "before it answered");
        row(
            "cuts the body off",
            [=](Exchange &e) {
                e.send(ok + "Content-Length: 100\r\n\r\nabc");
                e.close();
            },
            ErrorKind::Protocol, "after 3 of 100 bytes");
        row(
            "resets inside the body",
            [=](Exchange &e) {
                e.send(ok + "Content-Length: 100\r\n\r\nabc");
                e.stall(50ms);
                e.reset();
            },
            ErrorKind::Protocol, "after 3 of 100 bytes");
        row(
            "cuts a chunk off",
            [=](Exchange &e) {
                e.send(ok + "Transfer-Encoding: chunked\r\n\r\nff\r\nabc");
                e.close();
            },
            ErrorKind::Protocol, "broke off its answer");
        row(
            "sends a chunk length that is none",
            [=](Exchange &e) {
                e.send(ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n");
                e.stall(2s);
            },
            ErrorKind::Protocol, "broke off its answer after 0 bytes");
        row(
            "sends garbage",
            [](Exchange &e) {
                e.send("\x16\x03\x01\x02 garbage\r\n\r\n");
                e.close();
            },
            ErrorKind::Protocol, "not HTTP");
        row(
            "greets like a mail server",
            [](Exchange &e) {
                e.send("220 mail.example ESMTP\r\n");
                e.stall(2s);
            },
            ErrorKind::Protocol, "not HTTP");
        row(
            "sends headers without end",
            [=](Exchange &e) {
                e.send(ok);
                drip(e, QByteArray(2000, 'X') + ": y\r\n", 0ms);
            },
            ErrorKind::Protocol, "more headers");
        row(
            "sends one header without end",
            [=](Exchange &e) {
                e.send(ok + "X-Big: ");
                drip(e, QByteArray(4000, 'x'), 0ms);
            },
            ErrorKind::Protocol, "more headers");
        row(
            "sends a body without end",
            [=](Exchange &e) {
                e.send(ok + "\r\n");
                drip(e, QByteArray(16384, 'x'), 0ms);
            },
            ErrorKind::Protocol, "larger than");
        row(
            "announces too large a body",
            [=](Exchange &e) {
                e.send(ok + "Content-Length: 99999999999\r\n\r\nx");
                e.stall(2s);
            },
            ErrorKind::Protocol, "larger than");
        row(
            "sends a gzip bomb",
            [=](Exchange &e) {
                e.answer(200, bomb, {{"Content-Encoding", "gzip"}});
            },
            ErrorKind::Protocol, "larger than");
        row(
            "sends gzip that is none",
            [=](Exchange &e) {
                e.answer(200, "this is not gzip", {{"Content-Encoding", "gzip"}});
            },
            ErrorKind::Protocol, "compression");
        row(
            "stalls before the headers", [](Exchange &e) { e.stall(); }, ErrorKind::TimedOut,
            "did not answer within 0.3 s");
        row(
            "stalls inside the headers",
            [=](Exchange &e) {
                e.send(ok + "X-A: b\r\n");
                e.stall();
            },
            ErrorKind::TimedOut, "did not answer within 0.3 s");
        row(
            "stalls inside the body",
            [=](Exchange &e) {
                e.send(ok + "Content-Length: 100\r\n\r\nabc");
                e.stall();
            },
            ErrorKind::TimedOut, "in the middle of its answer");
        row(
            "drips for ever",
            [=](Exchange &e) {
                e.send(ok + "\r\n");
                drip(e, "x", 20ms);
            },
            ErrorKind::TimedOut, "was not done within 0.8 s");
    }
    void everyFaultEndsInOneSentence()
    {
        QFETCH(Handler, server);
        QFETCH(ErrorKind, kind);
        QFETCH(QString, says);
        FaultServer faulty(server);
        HttpClient client;
        HttpRequest request = requestTo(faulty.endpoint());
        request.timeouts.idle = 300ms;
        request.timeouts.total = 800ms;
        request.maxBody = 1024 * 1024;

        const auto read = waitFor(client.send(request, {}));
        QVERIFY(!read);
        QVERIFY2(read.error().kind == kind,
                 qPrintable(errorKindName(read.error().kind) + read.error().message + read.error().detail));
        QVERIFY2(read.error().message.contains(says), qPrintable(read.error().message + read.error().detail));
        QVERIFY(read.error().message.contains(QString::fromLatin1(faulty.authority())));
        QVERIFY(!(read.error().message + read.error().detail).contains(QStringLiteral("geheim")));

        // The same to a write: nobody knows what came of it, and it is not repeated.
        request.method = "POST";
        request.body = "{}";
        request.retries = 5;
        const auto write = waitFor(client.send(request, {}));
        QVERIFY(!write);
        QCOMPARE(write.error().kind, ErrorKind::OutcomeUnknown);
        QVERIFY2(write.error().message.contains(QString::fromLatin1(faulty.authority())),
                 qPrintable(write.error().message));
        QCOMPARE(faulty.requests().size(), 2);
    }

    void nobodyListens()
    {
        std::shared_ptr<HttpEndpoint> endpoint;
        {
            const FaultServer gone([](Exchange &) {});
            endpoint = gone.endpoint();
        }
        HttpClient client;
        for (const char *method : {"GET", "POST"}) { // a write that never left is no unknown outcome
            const auto answer = waitFor(client.send(requestTo(endpoint, method), {}));
            QVERIFY(!answer);
            QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
            QVERIFY2(answer.error().message.contains(QStringLiteral("refused the connection")),
                     qPrintable(answer.error().message));
        }
    }

    void nameIsNotFound()
    {
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->base = QUrl(QStringLiteral("https://no-such-host.invalid:6443"));
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint, "PATCH"), {}), 20'000);
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
        QVERIFY2(answer.error().message.contains(QStringLiteral("no-such-host.invalid was not found")),
                 qPrintable(answer.error().message));
    }

    void connectingTakesTooLong()
    {
        FaultServer mute(
            [](Exchange &e) {
                e.receive();
                e.stall();
            },
            {}, "127.0.0.1",
            FaultServer::Mode::Raw); // no TLS handshake comes
        auto endpoint = mute.endpoint();
        endpoint->base.setScheme(QStringLiteral("https"));
        HttpClient client;
        HttpRequest request = requestTo(endpoint, "PATCH");
        request.timeouts.connect = 200ms;
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::TimedOut); // nothing left, so it is no unknown outcome
        QVERIFY2(answer.error().message.contains(QStringLiteral("No connection to")),
                 qPrintable(answer.error().message));
    }

    void stoppedWriteIsUnknown()
    {
        FaultServer server([](Exchange &e) { e.stall(); });
        HttpClient client;
        StopSource stop;
        const auto future = client.send(requestTo(server.endpoint(), "PATCH"), stop.get_token());
        QTRY_COMPARE(server.requests().size(), 1);
        stop.request_stop();
        const auto answer = waitFor(future);
        QCOMPARE(answer.error().kind, ErrorKind::OutcomeUnknown);
    }

    void compressedBodiesAreUndone_data()
    {
        QTest::addColumn<QByteArray>("encoding");
        QTest::newRow("gzip") << QByteArray("gzip");
        QTest::newRow("deflate") << QByteArray("deflate");
    }
    void compressedBodiesAreUndone()
    {
        QFETCH(QByteArray, encoding);
        const QByteArray body = QByteArray(100'000, 'a') + "end";
        FaultServer server([&](Exchange &e) {
            if (!e.header("Accept-Encoding").contains(encoding))
                e.answer(200, "not asked for");
            else
                e.answer(200, encoding == "gzip" ? gzip(body) : qCompress(body).mid(4),
                         {{"Content-Encoding", encoding}});
        });
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(server.endpoint()), {}));
        QVERIFY(answer);
        QVERIFY(answer->body == body);
        HttpRequest plain = requestTo(server.endpoint());
        plain.compressed = false;
        const auto uncompressed = waitFor(client.send(plain, {}));
        QVERIFY(uncompressed);
        QCOMPARE(uncompressed->body, "not asked for");
    }

    void keptConnectionThatDied_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<bool>("isRepeated");
        QTest::newRow("GET") << QByteArray("GET") << true;
        QTest::newRow("POST") << QByteArray("POST") << false;
        QTest::newRow("PATCH") << QByteArray("PATCH") << false;
        QTest::newRow("PUT") << QByteArray("PUT") << false;
        QTest::newRow("DELETE") << QByteArray("DELETE") << false;
    }
    void keptConnectionThatDied()
    {
        // The server takes a second request on a kept connection and goes away without a word: libcurl by itself would
        // send it again, whatever it is.
        QFETCH(QByteArray, method);
        QFETCH(bool, isRepeated);
        FaultServer server([](Exchange &e) {
            if (e.numberOnConnection == 2)
                e.close();
            else
                e.answer(200, "done");
        });
        HttpClient client;
        QVERIFY(waitFor(client.send(requestTo(server.endpoint()), {})));
        for (const char *body : {"", "{}"}) {
            const auto before = server.requests().size();
            HttpRequest request = requestTo(server.endpoint(), method);
            if (method != "GET")
                request.body = body;
            const auto answer = waitFor(client.send(request, {}));
            QCOMPARE(answer.has_value(), isRepeated);
            QCOMPARE(server.requests().size() - before, isRepeated ? 2 : 1);
            if (isRepeated)
                return;
            QCOMPARE(answer.error().kind, ErrorKind::OutcomeUnknown);
            QVERIFY(waitFor(client.send(requestTo(server.endpoint()), {}))); // a kept connection again
        }
    }

    void connectionClosedWhileIdleIsNotUsedForAWrite()
    {
        FaultServer server([](Exchange &e) {
            e.answer(200, "done");
            e.close();
        });
        HttpClient client;
        for (int i = 0; i < 5; ++i) {
            const auto answer = waitFor(client.send(requestTo(server.endpoint(), "PATCH"), {}));
            QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().detail));
            QTRY_COMPARE(server.openConnections(), 0);
        }
        QCOMPARE(server.requests().size(), 5);
    }

    void unsendableRequestsAreInvalid_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<HttpHeaders>("headers");
        QTest::newRow("line break in a header")
            << QByteArray("GET") << QByteArray("/") << HttpHeaders{{"X", "a\r\nEvil: b"}};
        QTest::newRow("blank in a header's name") << QByteArray("GET") << QByteArray("/") << HttpHeaders{{"X Y", "a"}};
        QTest::newRow("line break in the path") << QByteArray("GET") << QByteArray("/a\r\nHost: b") << HttpHeaders{};
        QTest::newRow("blank in the path") << QByteArray("GET") << QByteArray("/a b") << HttpHeaders{};
        QTest::newRow("no method") << QByteArray() << QByteArray("/") << HttpHeaders{};
        QTest::newRow("method with a line break")
            << QByteArray("GET / HTTP/1.1\r\n\r\nGET") << QByteArray("/") << HttpHeaders{};
    }
    void unsendableRequestsAreInvalid()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, target);
        QFETCH(HttpHeaders, headers);
        FaultServer server([](Exchange &e) { e.answer(200); });
        HttpClient client;
        HttpRequest request = requestTo(server.endpoint(), method);
        request.target = target;
        request.headers = headers;
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Invalid);
        QCOMPARE(server.requests().size(), 0);
    }
};

QTEST_GUILESS_MAIN(TestHttpFaults)
#include "test_http_faults.moc"
