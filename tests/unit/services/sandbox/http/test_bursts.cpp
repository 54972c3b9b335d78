#include "services/net/httpclient.h"
#include "services/sandbox/http/loopbackserver.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace std::chrono_literals;

// Our client polls as the console does, several calls at a time with pauses as long as the server keeps an idle
// connection: each connection is reused at the very moment when the server gives it up.
class TestBursts : public QObject
{
    Q_OBJECT
private slots:
    void everyCallOfEveryRoundIsAnsweredSoon_data()
    {
        QTest::addColumn<int>("pauseMs");
        for (const int pause : {2980, 3000, 3010})
            QTest::newRow(qPrintable(QStringLiteral("%1 ms").arg(pause))) << pause;
    }
    void everyCallOfEveryRoundIsAnsweredSoon()
    {
        QFETCH(int, pauseMs);
        const auto certificate = LoopbackCertificate::make();
        QVERIFY(certificate);
        LoopbackServer::Options options;
        options.certificate = *certificate;
        options.token = "secret";
        options.keepAlive = 3s;
        options.handler = [](const LoopbackRequest &request) {
            LoopbackReply reply;
            reply.body = request.path;
            return reply;
        };
        const auto server = LoopbackServer::start(std::move(options));
        QVERIFY(server);
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->connection = QStringLiteral("bursts");
        endpoint->base = QUrl(QString::fromStdString((*server)->url()));
        endpoint->caPem = QByteArray::fromStdString((*certificate)->certificatePem());
        endpoint->noProxy = true;
        endpoint->authorise = [](StopToken) {
            QPromise<Result<HttpHeaders>> promise;
            promise.start();
            promise.addResult(HttpHeaders{{"Authorization", "Bearer secret"}});
            promise.finish();
            return promise.future();
        };
        HttpClient client;
        qint64 slowest = 0;
        for (int round = 0; round < 3; ++round) {
            std::vector<QFuture<Result<HttpResponse>>> calls;
            QElapsedTimer clock;
            clock.start();
            for (int i = 0; i < 7; ++i) {
                HttpRequest request;
                request.endpoint = endpoint;
                request.target = "/call/" + QByteArray::number(i);
                if (i > 4) {
                    request.method = "POST";
                    request.body = "change";
                    request.changesNothing = i == 5; // a query
                }
                calls.push_back(client.send(request, {}));
            }
            const auto isDone = [&calls] {
                return std::all_of(calls.begin(), calls.end(), [](const auto &call) { return call.isFinished(); });
            };
            QVERIFY2(QTest::qWaitFor(isDone, 10'000), "a call was not answered in 10 s");
            slowest = std::max(slowest, clock.elapsed());
            for (auto &call : calls)
                QVERIFY2(call.result(), call.result() ? "" : qPrintable(call.result().error().message));
            QTest::qWait(pauseMs);
        }
        QVERIFY2(slowest < 3000, qPrintable(QString::number(slowest)));
    }
};

QTEST_GUILESS_MAIN(TestBursts)
#include "test_bursts.moc"
