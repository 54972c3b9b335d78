#include "services/net/httpclient.h"
#include "tests/support/httpwait.h"
#include "tests/support/needs.h"
#include "tests/support/testcertificates.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

constexpr qint64 largeSize = 48 * 1024 * 1024;

bool writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

int freePort()
{
    QTcpServer probe;
    probe.listen(QHostAddress::LocalHost);
    return probe.serverPort();
}

} // namespace

// Against a server that is not ours and speaks HTTP/2: nghttpd of nghttp2.
class TestHttp2 : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        const QString program = QStandardPaths::findExecutable(QStringLiteral("nghttpd"));
        if (program.isEmpty())
            MISSING("nghttpd (Debian: nghttp2-server) is not installed");
        QVERIFY(m_dir.isValid());
        const KeyPair identity = m_authority.issue("server", {QStringLiteral("127.0.0.1")});
        QVERIFY(writeFile(m_dir.filePath(QStringLiteral("cert.pem")), identity.certPem));
        QVERIFY(writeFile(m_dir.filePath(QStringLiteral("key.pem")), identity.keyPem));
        QVERIFY(writeFile(m_dir.filePath(QStringLiteral("small")), "small body"));
        QVERIFY(writeFile(m_dir.filePath(QStringLiteral("large")), QByteArray(largeSize, 'x')));
        m_port = freePort();
        m_server.setProcessChannelMode(QProcess::MergedChannels);
        m_server.start(program,
                       {QStringLiteral("-v"), QStringLiteral("--no-content-length"), QStringLiteral("-a"),
                        QStringLiteral("127.0.0.1"), QStringLiteral("-d"), m_dir.path(),
                        QStringLiteral("--echo-upload"), QString::number(m_port),
                        m_dir.filePath(QStringLiteral("key.pem")), m_dir.filePath(QStringLiteral("cert.pem"))});
        QVERIFY(m_server.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(canConnect(), 10'000);
        m_server.readAll();
    }
    void cleanupTestCase()
    {
        if (m_server.state() == QProcess::NotRunning)
            return;
        m_server.terminate();
        m_server.waitForFinished(5000);
    }
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".")));
        QTest::qWait(50); // what the server still had to say about the test before
        m_server.readAll();
        m_log.clear();
    }

    void callsShareOneConnection()
    {
        HttpClient client;
        QList<QFuture<Result<HttpResponse>>> futures;
        for (int i = 0; i < 60; ++i)
            futures << client.send(request("/small"), {});
        for (const auto &future : futures) {
            const auto answer = waitFor(future);
            QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + answer.error().detail));
            QCOMPARE(answer->status, 200);
            QCOMPARE(answer->body, "small body");
        }
        QCOMPARE(connectionsSeen(), 1);
    }

    void writesSendTheirBody_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<qsizetype>("size");
        QTest::newRow("PATCH") << QByteArray("PATCH") << qsizetype(100);
        QTest::newRow("POST, large") << QByteArray("POST") << qsizetype(2'000'000);
        QTest::newRow("POST, empty") << QByteArray("POST") << qsizetype(0);
    }
    void writesSendTheirBody()
    {
        QFETCH(QByteArray, method);
        QFETCH(qsizetype, size);
        HttpClient client;
        HttpRequest write = request("/small");
        write.method = method;
        write.body = QByteArray(size, 'y');
        const auto answer = waitFor(client.send(write, {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + answer.error().detail));
        QCOMPARE(answer->status, 200);
        QTRY_VERIFY(log().contains(":method: " + method));
        if (size > 0 && method == "POST") // what nghttpd echoes
            QVERIFY(answer->body == write.body);
    }

    void ownHostNameStaysTheAuthority()
    {
        HttpClient client;
        auto named = std::make_shared<HttpEndpoint>(*endpoint());
        named->tlsServerName = QStringLiteral("127.0.0.1");
        HttpRequest get = request("/small");
        get.endpoint = named;
        QVERIFY(waitFor(client.send(get, {})));
        QTRY_VERIFY(log().contains(":authority: 127.0.0.1:" + QByteArray::number(m_port)));
    }

    void largeBodyArrivesWhole()
    {
        HttpClient client;
        const auto answer = waitFor(client.send(request("/large"), {}), 30'000);
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
        QCOMPARE(answer->body.size(), largeSize);
    }

    void capHoldsHereToo()
    {
        HttpClient client;
        HttpRequest get = request("/large");
        get.maxBody = 1'000'000;
        const auto answer = waitFor(client.send(get, {}));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Protocol);
        QVERIFY(waitFor(client.send(request("/small"), {}))); // the connection's other calls are not hurt
    }

    // A paused log must not hold up a rollback.
    void pausedStreamLeavesOthersAlone_data()
    {
        QTest::addColumn<bool>("ownConnection");
        QTest::addColumn<QByteArray>("path");
        QTest::newRow("own connection, large") << true << QByteArray("/large");
        QTest::newRow("shared, within its backlog") << false << QByteArray("/small");
    }
    void pausedStreamLeavesOthersAlone()
    {
        QFETCH(bool, ownConnection);
        QFETCH(QByteArray, path);
        HttpClient client;
        QVERIFY(waitFor(client.send(request("/small"), {})));
        std::atomic<qint64> bytes = 0;
        std::atomic<bool> mayGoOn = false;
        HttpSink sink;
        sink.data = [&](QByteArrayView piece) {
            bytes += piece.size();
            return mayGoOn.load();
        };
        HttpRequest follow = request(path);
        follow.ownConnection = ownConnection;
        follow.maxBody = 0;
        const auto stream = client.stream(follow, sink, {});
        QTRY_VERIFY(bytes > 0);
        QTest::qWait(200); // the pipe fills
        for (int i = 0; i < 20; ++i) {
            HttpRequest call = request("/small");
            call.timeouts.total = 2000ms;
            const auto answer = waitFor(client.send(call, {}));
            QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
        }
        mayGoOn = true;
        client.resume(stream.id);
        QVERIFY(waitFor(stream.finished, 30'000));
        QCOMPARE(bytes.load(), path == "/large" ? largeSize : 10);
    }

    void stopOfOneLeavesOthersAlone()
    {
        HttpClient client;
        QVERIFY(waitFor(client.send(request("/small"), {})));
        StopSource stop;
        std::atomic<qint64> bytes = 0;
        HttpSink sink;
        sink.data = [&](QByteArrayView piece) {
            bytes += piece.size();
            return true;
        };
        HttpRequest follow = request("/large");
        follow.maxBody = 0;
        const auto stream = client.stream(follow, sink, stop.get_token());
        QTRY_VERIFY(bytes > 0);
        stop.request_stop();
        QVERIFY(waitFor(stream.finished, 1000).has_value() || bytes < largeSize);
        QVERIFY(waitFor(client.send(request("/small"), {})));
        QCOMPARE(connectionsSeen(), 1);
    }

    void lostServerMakesAWriteUnknown()
    {
        HttpClient client;
        QVERIFY(waitFor(client.send(request("/small"), {})));
        m_server.kill();
        QVERIFY(m_server.waitForFinished(5000));
        HttpRequest write = request("/small");
        write.method = "PATCH";
        write.body = "{}";
        const auto answer = waitFor(client.send(write, {}));
        QVERIFY(!answer);
        // The kept connection is seen to be dead before the write, or it is not known: never "failed" after it was
        // sent.
        QVERIFY2(answer.error().kind == ErrorKind::Unreachable || answer.error().kind == ErrorKind::OutcomeUnknown,
                 qPrintable(answer.error().message));
    }

private:
    std::shared_ptr<HttpEndpoint> endpoint() const
    {
        auto made = std::make_shared<HttpEndpoint>();
        made->connection = QStringLiteral("h2");
        made->base = QUrl(QStringLiteral("https://127.0.0.1:%1").arg(m_port));
        made->caPem = m_authority.caPem();
        return made;
    }
    HttpRequest request(const QByteArray &target) const
    {
        HttpRequest made;
        made.endpoint = endpoint();
        made.target = target;
        return made;
    }
    bool canConnect() const
    {
        QTcpSocket probe;
        probe.connectToHost(QHostAddress(QHostAddress::LocalHost), static_cast<quint16>(m_port));
        return probe.waitForConnected(200);
    }
    QByteArray log()
    {
        m_log += m_server.readAll();
        return m_log;
    }
    int connectionsSeen()
    {
        QTest::qWait(100);
        QSet<QString> ids;
        // One that sent settings; a bare connect, to see whether the server is up, has none.
        static const QRegularExpression id(QStringLiteral("\\[id=(\\d+)\\][^\\n]*recv SETTINGS"));
        auto matches = id.globalMatch(QString::fromUtf8(log()));
        while (matches.hasNext())
            ids << matches.next().captured(1);
        return static_cast<int>(ids.size());
    }

    const TestAuthority m_authority{"test CA"};
    QTemporaryDir m_dir;
    QProcess m_server;
    QByteArray m_log;
    int m_port = 0;
};

QTEST_GUILESS_MAIN(TestHttp2)
#include "test_http2.moc"
