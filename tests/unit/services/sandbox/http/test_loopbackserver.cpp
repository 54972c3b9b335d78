#include "services/sandbox/http/loopbackserver.h"

#include <httplib.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace std::chrono_literals;

namespace
{

// Says "tick" once, then waits until it is woken.
class Ticks : public ReplyStream
{
public:
    explicit Ticks(std::atomic<int> *alive)
        : m_alive(alive)
    {
        ++*m_alive;
    }
    ~Ticks() override { --*m_alive; }
    bool next(std::string &out, std::chrono::milliseconds patience) override
    {
        std::unique_lock lock(m_mutex);
        if (!std::exchange(m_hasTicked, true)) {
            out += "tick\n";
            return true;
        }
        return !m_wake.wait_for(lock, std::min<std::chrono::milliseconds>(patience, 50ms),
                                [this] { return m_isWoken; });
    }
    void wake() override
    {
        const std::lock_guard lock(m_mutex);
        m_isWoken = true;
        m_wake.notify_all();
    }

private:
    std::atomic<int> *m_alive;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_hasTicked = false;
    bool m_isWoken = false;
};

} // namespace

// The server under a client of the same library, over real TLS on loopback.
class TestLoopbackServer : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<LoopbackServer> m_server;
    QTemporaryDir m_folder;
    std::string m_ca;
    std::atomic<int> m_streams{0};

    std::unique_ptr<httplib::SSLClient> client(const std::string &token = "secret") const
    {
        auto made = std::make_unique<httplib::SSLClient>("127.0.0.1", m_server->port());
        made->set_ca_cert_path(m_ca.c_str());
        made->enable_server_certificate_verification(true);
        made->set_read_timeout(20);
        if (!token.empty())
            made->set_bearer_token_auth(token);
        return made;
    }

private slots:
    void init()
    {
        const auto certificate = LoopbackCertificate::make();
        QVERIFY(certificate);
        m_ca = m_folder.filePath(QStringLiteral("ca.pem")).toStdString();
        std::ofstream(m_ca) << (*certificate)->certificatePem();
        LoopbackServer::Options options;
        options.certificate = *certificate;
        options.token = "secret";
        options.mostBodyBytes = 1000;
        options.unauthorized.body = "who are you";
        options.tooLarge.body = "too much";
        options.handler = [this](const LoopbackRequest &request) {
            LoopbackReply reply;
            if (request.path == "/stream") {
                reply.stream = std::make_shared<Ticks>(&m_streams);
                return reply;
            }
            reply.contentType = "text/plain";
            reply.body = request.method + ' ' + request.path + ' ' + request.value("q") + ' ' + request.body;
            for (const auto &[key, value] : request.form)
                reply.body += '|' + key + '=' + value;
            return reply;
        };
        auto started = LoopbackServer::start(std::move(options));
        QVERIFY2(started, qPrintable(started ? QString() : started.error().message));
        m_server = std::move(*started);
        QVERIFY(m_server->port() > 0);
    }

    void requestsNeedTheToken_data()
    {
        QTest::addColumn<QString>("token");
        QTest::addColumn<int>("status");
        QTest::newRow("right") << "secret" << 200;
        QTest::newRow("none") << "" << 401;
        QTest::newRow("wrong") << "sEcret" << 401;
        QTest::newRow("longer") << "secret1" << 401;
        QTest::newRow("shorter") << "secre" << 401;
    }
    void requestsNeedTheToken()
    {
        QFETCH(QString, token);
        QFETCH(int, status);
        const auto answer = client(token.toStdString())->Get("/x");
        QVERIFY(answer);
        QCOMPARE(answer->status, status);
        QCOMPARE(answer->body, std::string(status == 200 ? "GET /x  " : "who are you"));
    }

    void aClientThatDoesNotKnowTheCertificateIsNotFooled()
    {
        httplib::SSLClient stranger("127.0.0.1", m_server->port());
        stranger.enable_server_certificate_verification(true);
        const auto answer = stranger.Get("/x");
        QVERIFY(!answer);
        QCOMPARE(int(answer.error()), int(httplib::Error::SSLServerVerification));
    }

    void requestsArriveWhole_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("seen");
        const QString json = QStringLiteral("application/json");
        const QString form = QStringLiteral("application/x-www-form-urlencoded");
        QTest::newRow("post") << "POST"
                              << "{}" << json << "POST /a b c d {}";
        QTest::newRow("put") << "PUT"
                             << "{}" << json << "PUT /a b c d {}";
        QTest::newRow("patch") << "PATCH"
                               << "[]" << json << "PATCH /a b c d []";
        QTest::newRow("delete") << "DELETE"
                                << "{}" << json << "DELETE /a b c d {}";
        QTest::newRow("form") << "POST"
                              << "query=a%20b%2Bc+d&x=" << form
                              << "POST /a b c d query=a%20b%2Bc+d&x=|query=a b+c d|x=";
    }
    void requestsArriveWhole()
    {
        QFETCH(QString, method);
        QFETCH(QString, body);
        QFETCH(QString, type);
        QFETCH(QString, seen);
        httplib::Request request;
        request.method = method.toStdString();
        request.path = "/a%20b?q=c%20d";
        request.body = body.toStdString();
        request.headers = {{"Content-Type", type.toStdString()}, {"Accept-Encoding", "gzip"}};
        const auto answer = client()->send(request);
        QVERIFY(answer);
        QCOMPARE(QString::fromStdString(answer->body), seen);
        QVERIFY(!answer->has_header("Content-Encoding"));
        QVERIFY(answer->get_header_value("Date").ends_with("GMT"));
    }

    // cpp-httplib would wait for a body until its time-out.
    void aDeleteWithoutBodyIsAnsweredAtOnce()
    {
        QElapsedTimer timer;
        timer.start();
        httplib::Request request;
        request.method = "DELETE";
        request.path = "/x";
        const auto answer = client()->send(request);
        QVERIFY(answer);
        QCOMPARE(answer->status, 200);
        QVERIFY(timer.elapsed() < 2000);
    }

    void largeBodiesAreRefused()
    {
        const auto answer = client()->Post("/x", std::string(1001, 'x'), "text/plain");
        QVERIFY(answer);
        QCOMPARE(answer->status, 413);
        QVERIFY(client()->Get("/x"));
    }

    void manyStreamsRunAtOnceAndLeaveThreadsForOthers()
    {
        std::vector<std::thread> clients;
        for (int i = 0; i < 20; ++i) {
            clients.emplace_back([this] { client()->Get("/stream", [](const char *, std::size_t) { return true; }); });
        }
        QTRY_COMPARE(m_streams.load(), 20);
        QCOMPARE(client()->Get("/x")->status, 200);
        QVERIFY(m_server->threadCount() >= 20);
        QElapsedTimer timer;
        timer.start();
        m_server->stop();
        QVERIFY2(timer.elapsed() < 2000, "stop() waited for a stream");
        for (std::thread &one : clients)
            one.join();
        QCOMPARE(m_streams.load(), 0);
    }

    void aStreamEndsWhenItsClientGoes()
    {
        const auto gone = client()->Get("/stream", [](const char *, std::size_t) { return false; });
        QVERIFY(!gone);
        QTRY_COMPARE(m_streams.load(), 0);
    }

    void stoppingDoesNotWaitForIdleConnections()
    {
        const auto idle = client();
        idle->set_keep_alive(true);
        QCOMPARE(idle->Get("/x")->status, 200);
        QElapsedTimer timer;
        timer.start();
        m_server->stop();
        QVERIFY(timer.elapsed() < 2000);
        QVERIFY(!idle->Get("/x"));
    }
};

QTEST_GUILESS_MAIN(TestLoopbackServer)
#include "test_loopbackserver.moc"
