#include "services/net/httpclient.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QPromise>
#include <QRegularExpression>
#include <QTest>

#include <array>
#include <atomic>

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
    request.retries = 0;
    return request;
}

QFuture<Result<HttpHeaders>> now(Result<HttpHeaders> headers)
{
    QPromise<Result<HttpHeaders>> promise;
    promise.start();
    promise.addResult(std::move(headers));
    promise.finish();
    return promise.future();
}

void giveToken(HttpEndpoint &endpoint, std::atomic<int> *asked = nullptr)
{
    endpoint.authorise = [asked](const StopToken &) {
        if (asked)
            ++*asked;
        return now(HttpHeaders{{"Authorization", "Bearer geheim"}});
    };
}

QString connectProxy(const FaultServer &proxy, const QString &user = {})
{
    return QStringLiteral("http://") + user + QString::fromLatin1(proxy.authority());
}

void tunnelAll(Exchange &e)
{
    const QByteArray host = e.target.left(e.target.lastIndexOf(':'));
    const int port = e.target.mid(e.target.lastIndexOf(':') + 1).toInt();
    e.send("HTTP/1.1 200 Connection established\r\n\r\n");
    e.tunnel(host, port);
}

} // namespace

// Whom the client trusts, and what it tells to whom: certificates, redirects, credentials, proxies.
class TestHttpTrust : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void certificatesAreChecked_data()
    {
        QTest::addColumn<KeyPair>("identity");
        QTest::addColumn<QString>("says"); // empty: trusted
        QTest::addColumn<QString>("serverName");
        QTest::addColumn<bool>("skip");
        const QStringList here{QStringLiteral("127.0.0.1")};
        const QString own;
        QTest::newRow("good") << m_authority.issue("server", here) << QString() << own << false;
        QTest::newRow("expired") << m_authority.issue("server", here, -30, -1) << QStringLiteral("has expired") << own
                                 << false;
        QTest::newRow("not valid yet") << m_authority.issue("server", here, 2, 30) << QStringLiteral("not valid yet")
                                       << own << false;
        QTest::newRow("foreign authority")
            << m_foreign.issue("server", here) << QStringLiteral("authority unknown here") << own << false;
        QTest::newRow("another name") << m_authority.issue("server", {QStringLiteral("other.example")})
                                      << QStringLiteral("another name than 127.0.0.1") << own << false;
        QTest::newRow("server name given") << m_authority.issue("server", {QStringLiteral("api.internal")}) << QString()
                                           << QStringLiteral("api.internal") << false;
        QTest::newRow("server name given, another presented")
            << m_authority.issue("server", here) << QStringLiteral("another name than api.internal")
            << QStringLiteral("api.internal") << false;
        QTest::newRow("server name does not excuse a foreign authority")
            << m_foreign.issue("server", {QStringLiteral("api.internal")}) << QStringLiteral("authority unknown here")
            << QStringLiteral("api.internal") << false;
        QTest::newRow("expired, but told not to look")
            << m_foreign.issue("server", {}, -30, -1) << QString() << own << true;
    }
    void certificatesAreChecked()
    {
        QFETCH(KeyPair, identity);
        QFETCH(QString, says);
        QFETCH(QString, serverName);
        QFETCH(bool, skip);
        FaultServer server([](Exchange &e) { e.answer(200, "secure"); }, ServerTls{identity, {}});
        auto endpoint = server.endpoint();
        endpoint->caPem = m_authority.caPem();
        endpoint->tlsServerName = serverName;
        endpoint->insecureSkipVerify = skip;
        HttpClient client;
        for (const char *method : {"GET", "PATCH"}) {
            HttpRequest request = requestTo(endpoint);
            request.method = method;
            const auto answer = waitFor(client.send(request, {}));
            if (says.isEmpty()) {
                QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
                QCOMPARE(server.requests().constLast().header("Host"), server.authority());
                continue;
            }
            QVERIFY(!answer);
            QCOMPARE(answer.error().kind, ErrorKind::Unreachable); // a write too: it never left
            QVERIFY2(answer.error().message.contains(says), qPrintable(answer.error().message + answer.error().detail));
            QVERIFY(answer.error().message.contains(QString::fromLatin1(server.authority())));
            QCOMPARE(server.requests().size(), 0);
        }
    }

    void ownAuthorityReplacesTheSystems()
    {
        // Without one of its own the system's authorities count, and none of them signed this.
        FaultServer server([](Exchange &e) { e.answer(200); },
                           ServerTls{m_authority.issue("server", {QStringLiteral("127.0.0.1")}), {}});
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(server.endpoint()), {}));
        QVERIFY(!answer);
        QVERIFY2(answer.error().message.contains(QStringLiteral("authority unknown here")),
                 qPrintable(answer.error().message));
    }

    void skippingIsOfOneConnectionOnly()
    {
        FaultServer server([](Exchange &e) { e.answer(200); }, ServerTls{m_foreign.issue("server", {}), {}});
        auto careless = server.endpoint();
        careless->insecureSkipVerify = true;
        HttpClient client;
        QVERIFY(waitFor(client.send(requestTo(careless), {})));
        QVERIFY(!waitFor(client.send(requestTo(server.endpoint()), {}))); // nor does it use the other's open connection
        QCOMPARE(server.requests().size(), 1);
    }

    void clientCertificateProblemsAreNamed_data()
    {
        QTest::addColumn<KeyPair>("identity");
        QTest::addColumn<QString>("says");
        const KeyPair good = m_authority.issue("operator", {});
        QTest::newRow("none") << KeyPair{} << QStringLiteral("demands a client certificate");
        QTest::newRow("of a foreign authority")
            << m_foreign.issue("operator", {}) << QStringLiteral("refused the connection's client certificate");
        QTest::newRow("another's key") << KeyPair{good.certPem, m_authority.issue("else", {}).keyPem}
                                       << QStringLiteral("client certificate or key");
        QTest::newRow("not PEM") << KeyPair{"garbage", "garbage"} << QStringLiteral("client certificate or key");
    }
    void clientCertificateProblemsAreNamed()
    {
        QFETCH(KeyPair, identity);
        QFETCH(QString, says);
        FaultServer server([](Exchange &e) { e.answer(200); },
                           ServerTls{m_authority.issue("server", {QStringLiteral("127.0.0.1")}), m_authority.caPem()});
        auto endpoint = server.endpoint();
        endpoint->caPem = m_authority.caPem();
        endpoint->clientCertPem = identity.certPem;
        endpoint->clientKeyPem = Secret(identity.keyPem);
        HttpClient client;
        for (const char *method : {"GET", "PATCH"}) {
            HttpRequest request = requestTo(endpoint);
            request.method = method;
            const auto answer = waitFor(client.send(request, {}));
            QVERIFY(!answer);
            QVERIFY2(answer.error().message.contains(says), qPrintable(answer.error().message + answer.error().detail));
            QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
        }
        QCOMPARE(server.requests().size(), 0);
    }

    void rotatedClientCertificateIsUsed()
    {
        FaultServer server([](Exchange &e) { e.answer(200, e.clientName); },
                           ServerTls{m_authority.issue("server", {QStringLiteral("127.0.0.1")}), m_authority.caPem()});
        auto endpoint = server.endpoint();
        endpoint->caPem = m_authority.caPem();
        std::atomic<int> turn = 0;
        const std::array<KeyPair, 2> pairs{m_authority.issue("first", {}), m_authority.issue("second", {})};
        endpoint->clientCertificate = [&] {
            const KeyPair &pair = pairs[turn.load()];
            return ClientCertificate{pair.certPem, Secret(pair.keyPem)};
        };
        HttpClient client;
        auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY(answer);
        QCOMPARE(answer->body, "first");
        turn = 1;
        answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY(answer);
        QCOMPARE(answer->body, "second");
    }

    void otherHostsGetNoCredential_data()
    {
        QTest::addColumn<bool>("byRedirect");
        QTest::addColumn<QByteArray>("address");
        QTest::newRow("redirect to another address") << true << QByteArray("127.0.0.2");
        QTest::newRow("redirect to another port") << true << QByteArray("127.0.0.1");
        QTest::newRow("address found in an answer") << false << QByteArray("127.0.0.2");
    }
    void otherHostsGetNoCredential()
    {
        QFETCH(bool, byRedirect);
        QFETCH(QByteArray, address);
        const ServerTls tls{m_authority.issue("server", {QStringLiteral("127.0.0.1"), QStringLiteral("127.0.0.2")}),
                            {}};
        FaultServer other([](Exchange &e) { e.answer(200, "log of " + e.clientName); }, tls, address);
        ServerTls demanding = tls;
        demanding.clientCaPem = m_authority.caPem();
        FaultServer own(
            [&](Exchange &e) {
                e.answer(302, {}, {{"Location", other.url().toEncoded() + "/log?sig=1"}});
            },
            demanding);
        auto endpoint = own.endpoint();
        const KeyPair identity = m_authority.issue("operator", {});
        endpoint->caPem = m_authority.caPem();
        endpoint->clientCertPem = identity.certPem;
        endpoint->clientKeyPem = Secret(identity.keyPem);
        std::atomic<int> asked = 0;
        giveToken(*endpoint, &asked);
        HttpRequest request =
            requestTo(endpoint, byRedirect ? QByteArray("/job") : other.url().toEncoded() + "/log?sig=1");
        request.headers = {
            {"Accept", "text/plain"}, {"Cookie", "a=b"}, {"PRIVATE-TOKEN", "t"}, {"Authorization", "Basic x"}};
        HttpClient client;
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
        QCOMPARE(answer->body, "log of ");
        QCOMPARE(answer->url, QUrl::fromEncoded(other.url().toEncoded() + "/log?sig=1"));
        QCOMPARE(other.requests().size(), 1);
        const auto seen = other.requests().constFirst();
        QCOMPARE(seen.target, "/log?sig=1");
        QCOMPARE(seen.header("Accept"), "text/plain");
        for (const auto &[name, value] : seen.headers)
            QVERIFY2(name != "Authorization" && name != "Cookie" && name != "PRIVATE-TOKEN", name.constData());
        QCOMPARE(asked.load(), byRedirect ? 1 : 0);
    }

    void sameHostKeepsItsCredential()
    {
        FaultServer server([](Exchange &e) {
            if (e.target == "/old")
                e.answer(301, {}, {{"Location", "/new"}});
            else
                e.answer(200, e.header("Authorization"));
        });
        auto endpoint = server.endpoint();
        giveToken(*endpoint);
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint, "/old"), {}));
        QVERIFY(answer);
        QCOMPARE(answer->body, "Bearer geheim");
    }

    void comingBackGetsTheCredentialAgain()
    {
        QByteArray home;
        FaultServer other([&](Exchange &e) { e.answer(302, {}, {{"Location", home + "/end"}}); }, {}, "127.0.0.2");
        FaultServer own([&](Exchange &e) {
            if (e.target == "/start")
                e.answer(302, {}, {{"Location", other.url().toEncoded()}});
            else
                e.answer(200, e.header("Authorization"));
        });
        home = own.url().toEncoded();
        auto endpoint = own.endpoint();
        giveToken(*endpoint);
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint, "/start"), {}));
        QVERIFY(answer);
        QCOMPARE(answer->body, "Bearer geheim");
        QVERIFY(other.requests().constFirst().header("Authorization").isEmpty());
    }

    void badRedirectsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("location");
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("to http") << QByteArray("http://127.0.0.1:1/") << ErrorKind::Refused;
        QTest::newRow("to a file") << QByteArray("file:///etc/passwd") << ErrorKind::Refused;
        QTest::newRow("to nowhere") << QByteArray("https://[broken/") << ErrorKind::Protocol;
        QTest::newRow("in a circle") << QByteArray("/again") << ErrorKind::Protocol;
    }
    void badRedirectsAreRefused()
    {
        QFETCH(QByteArray, location);
        QFETCH(ErrorKind, kind);
        FaultServer server(
            [&](Exchange &e) {
                e.answer(302, {}, {{"Location", location}});
            },
            ServerTls{m_authority.issue("server", {QStringLiteral("127.0.0.1")}), {}});
        auto endpoint = server.endpoint();
        endpoint->caPem = m_authority.caPem();
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY(!answer);
        QVERIFY2(answer.error().kind == kind, qPrintable(answer.error().message));
        QVERIFY(server.requests().size() <= 6);
    }

    void writesAreNotRedirected()
    {
        FaultServer server([](Exchange &e) { e.answer(307, {}, {{"Location", "/else"}}); });
        HttpClient client;
        HttpRequest request = requestTo(server.endpoint());
        request.method = "PATCH";
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY(answer);
        QCOMPARE(answer->status, 307);
        QCOMPARE(server.requests().size(), 1);

        FaultServer other([](Exchange &e) { e.answer(200); }, {}, "127.0.0.2");
        request.target = other.url().toEncoded() + "/x";
        const auto refused = waitFor(client.send(request, {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QCOMPARE(other.requests().size(), 0);
    }

    void userInfoBecomesBasic()
    {
        FaultServer server([](Exchange &e) { e.answer(200, e.header("Authorization")); });
        auto endpoint = server.endpoint();
        endpoint->base.setUserName(QStringLiteral("ann"));
        endpoint->base.setPassword(QStringLiteral("p@ss"));
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY(answer);
        QCOMPARE(answer->body, "Basic " + QByteArray("ann:p@ss").toBase64());
        QVERIFY(!answer->url.toString().contains(QStringLiteral("ann")));
    }

    void rejectedCredentialIsRenewedOnce_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<bool>("renewable");
        QTest::addColumn<bool>("works");
        QTest::addColumn<int>("requests");
        QTest::newRow("read, renewed") << QByteArray("GET") << true << true << 2;
        QTest::newRow("write, renewed") << QByteArray("PATCH") << true << true << 2;
        QTest::newRow("not renewable") << QByteArray("GET") << false << false << 1;
        QTest::newRow("renewed and still rejected") << QByteArray("GET") << true << false << 2;
    }
    void rejectedCredentialIsRenewedOnce()
    {
        QFETCH(QByteArray, method);
        QFETCH(bool, renewable);
        QFETCH(bool, works);
        QFETCH(int, requests);
        FaultServer server([&](Exchange &e) {
            const bool good = works && e.header("Authorization") == "Bearer 2";
            e.answer(good ? 200 : 401, good ? e.body : "who are you");
        });
        auto endpoint = server.endpoint();
        std::atomic<int> number = 1;
        std::atomic<int> rejections = 0;
        endpoint->authorise = [&](const StopToken &) {
            return now(HttpHeaders{{"Authorization", "Bearer " + QByteArray::number(number.load())}});
        };
        endpoint->credentialRejected = [&](const HttpHeaders &used) {
            rejections += used.value(0).second == "Bearer 1" ? 1 : 100;
            ++number;
            return renewable;
        };
        HttpClient client;
        HttpRequest request = requestTo(endpoint);
        request.method = method;
        if (method != "GET")
            request.body = "body";
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY(answer);
        QCOMPARE(answer->status, works ? 200 : 401);
        QCOMPARE(answer->body, works ? request.body : QByteArray("who are you"));
        QCOMPARE(server.requests().size(), requests);
        QCOMPARE(rejections.load(), 1);
    }

    void authoriserThatFailsSendsNothing()
    {
        FaultServer server([](Exchange &e) { e.answer(200); });
        auto endpoint = server.endpoint();
        HttpClient client;
        endpoint->authorise = [](const StopToken &) {
            return now(Error{ErrorKind::Unauthorized, QStringLiteral("Log in."), {}});
        };
        auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QCOMPARE(answer.error().message, QStringLiteral("Log in."));
        endpoint->authorise = [](const StopToken &) { return QPromise<Result<HttpHeaders>>().future(); }; // dropped
        answer = waitFor(client.send(requestTo(endpoint), {}));
        QCOMPARE(answer.error().kind, ErrorKind::Internal);
        endpoint->authorise = [](const StopToken &) { return now(HttpHeaders{{"Authorization", "Bearer a\n"}}); };
        answer = waitFor(client.send(requestTo(endpoint), {}));
        QCOMPARE(answer.error().kind, ErrorKind::Invalid);
        QCOMPARE(server.requests().size(), 0);
    }

    void authoriserThatNeverAnswersTimesOut()
    {
        FaultServer server([](Exchange &e) { e.answer(200); });
        auto endpoint = server.endpoint();
        QPromise<Result<HttpHeaders>> never;
        never.start();
        endpoint->authorise = [&](const StopToken &) { return never.future(); };
        {
            HttpClient client;
            HttpRequest request = requestTo(endpoint);
            request.timeouts.total = 100ms;
            const auto answer = waitFor(client.send(request, {}));
            QCOMPARE(answer.error().kind, ErrorKind::TimedOut);
        }
        never.addResult(HttpHeaders()); // after the client is gone: nothing happens
        never.finish();
        QCOMPARE(server.requests().size(), 0);
    }

    void tlsGoesThroughAConnectProxy()
    {
        FaultServer server([](Exchange &e) { e.answer(200, "behind"); },
                           ServerTls{m_authority.issue("server", {QStringLiteral("127.0.0.1")}), {}});
        FaultServer proxy(tunnelAll);
        auto endpoint = server.endpoint();
        endpoint->caPem = m_authority.caPem();
        endpoint->proxy = connectProxy(proxy, QStringLiteral("me:pw@"));
        giveToken(*endpoint);
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + answer.error().detail));
        QCOMPARE(answer->body, "behind");
        const auto seen = proxy.requests().value(0);
        QCOMPARE(seen.method, "CONNECT");
        QCOMPARE(seen.target, server.authority());
        QCOMPARE(seen.header("Proxy-Authorization"), "Basic " + QByteArray("me:pw").toBase64());
        QVERIFY(seen.header("Authorization").isEmpty()); // the proxy is another host, too
        QVERIFY(server.requests().value(0).header("Proxy-Authorization").isEmpty());
    }

    void serverNameWorksBehindAProxy()
    {
        FaultServer server([](Exchange &e) { e.answer(200, "behind"); },
                           ServerTls{m_authority.issue("server", {QStringLiteral("api.internal")}), {}});
        FaultServer proxy(tunnelAll);
        auto endpoint = server.endpoint();
        endpoint->caPem = m_authority.caPem();
        endpoint->tlsServerName = QStringLiteral("api.internal");
        endpoint->proxy = connectProxy(proxy);
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + answer.error().detail));
        QCOMPARE(proxy.requests().value(0).target, server.authority());
        QCOMPARE(server.requests().value(0).header("Host"), server.authority());
    }

    void plainHttpNamesTheWholeAddressToAProxy()
    {
        FaultServer proxy([](Exchange &e) { e.answer(200, e.target); });
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->base = QUrl(QStringLiteral("http://prometheus.example:9090"));
        endpoint->proxy = connectProxy(proxy);
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint, "/api"), {}));
        QVERIFY(answer);
        QCOMPARE(answer->body, "http://prometheus.example:9090/api");
    }

    void socksProxyLooksNamesUp()
    {
        FaultServer server([](Exchange &e) { e.answer(200, e.header("Host")); });
        FaultServer proxy(
            [&](Exchange &e) {
                e.receive(); // methods offered
                e.send(QByteArray::fromHex("0500"));
                if (!e.receive().contains("only.the.proxy.knows")) // 05 01 00 03 LENGTH NAME PORT
                    return;
                e.send(QByteArray::fromHex("05000001000000000000"));
                e.tunnel("127.0.0.1", server.port());
            },
            {}, "127.0.0.1", FaultServer::Mode::Raw);
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->base = QUrl(QStringLiteral("http://only.the.proxy.knows:80"));
        endpoint->proxy = QStringLiteral("socks5://") + QString::fromLatin1(proxy.authority());
        HttpClient client;
        const auto answer = waitFor(client.send(requestTo(endpoint), {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + answer.error().detail));
        QCOMPARE(server.requests().size(), 1);
    }

    void proxyProblemsAreNamed_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("says");
        QTest::newRow("refuses") << 403 << QStringLiteral("The proxy refused the way");
        QTest::newRow("wants a password") << 407 << QStringLiteral("asks for a user name and password");
        QTest::newRow("is not there") << 0 << QStringLiteral("The proxy on the way");
    }
    void proxyProblemsAreNamed()
    {
        QFETCH(int, status);
        QFETCH(QString, says);
        auto proxy = std::make_unique<FaultServer>([&](Exchange &e) { e.answer(status); });
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->base = QUrl(QStringLiteral("https://k8s.example:6443"));
        endpoint->proxy = connectProxy(*proxy, QStringLiteral("me:geheim@"));
        if (status == 0)
            proxy.reset();
        HttpClient client;
        HttpRequest request = requestTo(endpoint);
        request.method = "PATCH";
        const auto answer = waitFor(client.send(request, {}));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
        QVERIFY2(answer.error().message.contains(says), qPrintable(answer.error().message + answer.error().detail));
        QVERIFY(!(answer.error().message + answer.error().detail).contains(QStringLiteral("geheim")));
    }

private:
    const TestAuthority m_authority{"test CA"};
    const TestAuthority m_foreign{"foreign CA"};
};

QTEST_GUILESS_MAIN(TestHttpTrust)
#include "test_http_trust.moc"
