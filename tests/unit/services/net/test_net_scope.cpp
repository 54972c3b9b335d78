#include "services/net/proxychoice.h"
#include "services/net/scope.h"

#include <QTest>

using namespace signalbox;

namespace
{

HttpEndpoint endpointAt(const char *base)
{
    HttpEndpoint endpoint;
    endpoint.base = QUrl(QString::fromLatin1(base));
    return endpoint;
}

} // namespace

// Where a request goes and what goes with it: pure functions.
class TestNetScope : public QObject
{
    Q_OBJECT

private slots:
    void firstHop_data()
    {
        QTest::addColumn<QByteArray>("base");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("wire"); // empty: refused
        QTest::addColumn<bool>("isOwn");
        const auto row = [](const char *name, const char *base, const char *target, const char *wire, bool own) {
            QTest::newRow(name) << QByteArray(base) << QByteArray(target) << QByteArray(wire) << own;
        };
        row("below the base", "https://h:6443", "/api?x=%2F", "https://h:6443/api?x=%2F", true);
        row("default port", "https://h", "/a", "https://h/a", true);
        row("named default port", "https://h:443", "/a", "https://h/a", true);
        row("prefix", "https://h/p/q/", "/a", "https://h/p/q/a", true);
        row("no slash", "https://h", "a", "https://h/a", true);
        row("IPv6", "https://[::1]:6443", "/a", "https://[::1]:6443/a", true);
        row("user information stays out", "https://u:p@h/", "/a", "https://h/a", true);
        row("escapes stay as they are", "https://h", "/job/feature%252Fx%2e/", "https://h/job/feature%252Fx%2e/", true);
        row("absolute, same place", "https://h:6443", "https://h:6443/b", "https://h:6443/b", true);
        row("absolute, case of the host", "https://h", "https://H/b", "https://h/b", true);
        row("absolute, another port", "https://h", "https://h:444/b", "https://h:444/b", false);
        row("absolute, another host", "https://h", "https://g/b", "https://g/b", false);
        row("absolute, a name that only starts the same", "https://h.example", "https://h.example.evil/b",
            "https://h.example.evil/b", false);
        row("absolute, user information that looks like the host", "https://h", "https://h@evil/b", "https://evil/b",
            false);
        row("absolute, to the clear", "https://h", "http://g/b", "", false);
        row("absolute, own host in the clear", "https://h", "http://h/b", "", false);
        row("absolute from the clear to TLS", "http://h", "https://h/b", "https://h/b", false);
        row("no host", "https://", "/a", "", false);
        row("file", "file:///etc", "/passwd", "", false);
        row("line break", "https://h", "/a\r\nX: y", "", false);
    }
    void firstHop()
    {
        QFETCH(QByteArray, base);
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, wire);
        QFETCH(bool, isOwn);
        const auto hop = signalbox::firstHop(endpointAt(base.constData()), "GET", target);
        QCOMPARE(hop.has_value(), !wire.isEmpty());
        if (!hop)
            return;
        QCOMPARE(hop->wireUrl(), wire);
        QCOMPARE(hop->isOwn, isOwn);
    }

    void writesStayAtHome()
    {
        const auto hop = signalbox::firstHop(endpointAt("https://h"), "PATCH", "https://g/b");
        QVERIFY(!hop);
        QCOMPARE(hop.error().kind, ErrorKind::Refused);
        QVERIFY(signalbox::firstHop(endpointAt("https://h"), "PATCH", "https://h/b"));
    }

    void redirects_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("location");
        QTest::addColumn<QByteArray>("wire"); // empty: refused
        QTest::addColumn<bool>("isOwn");
        const auto row = [](const char *name, const char *from, const char *location, const char *wire, bool own) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(location) << QByteArray(wire) << own;
        };
        row("path", "https://h/a/b?c", "/x?y", "https://h/x?y", true);
        row("relative", "https://h/a/b", "c", "https://h/a/c", true);
        row("up", "https://h/a/b", "../c", "https://h/c", true);
        row("query alone", "https://h/a/b", "?z", "https://h/a/b?z", true);
        row("scheme-relative", "https://h/a", "//g/x", "https://g/x", false);
        row("another host", "https://h/a", "https://g/x", "https://g/x", false);
        row("back home", "https://g/a", "https://h/x", "https://h/x", true);
        row("to the clear", "https://h/a", "http://h/x", "", false);
        row("to the clear, elsewhere", "https://g/a", "http://g/x", "", false);
        row("script", "https://h/a", "javascript:alert(1)", "", false);
        row("empty", "https://h/a", "", "", false);
        row("fragment is dropped", "https://h/a", "/x#y", "https://h/x", true);
        row("trimmed", "https://h/a", "  /x ", "https://h/x", true);
    }
    void redirects()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, location);
        QFETCH(QByteArray, wire);
        QFETCH(bool, isOwn);
        const HttpEndpoint endpoint = endpointAt("https://h");
        const auto start = signalbox::firstHop(endpoint, "GET", from);
        QVERIFY(start);
        const auto next = redirectHop(endpoint, *start, location);
        QCOMPARE(next.has_value(), !wire.isEmpty());
        if (!next)
            return;
        QCOMPARE(next->wireUrl(), wire);
        QCOMPARE(next->isOwn, isOwn);
    }

    void onlyHarmlessHeadersLeaveHome()
    {
        const HttpHeaders all{{"Accept", "a"},        {"authorization", "s"}, {"Cookie", "s"},
                              {"X-Vault-Token", "s"}, {"Jenkins-Crumb", "s"}, {"If-None-Match", "e"},
                              {"User-Agent", "u"}};
        Hop hop;
        hop.isOwn = true;
        QCOMPARE(headersInScope(hop, all), all);
        hop.isOwn = false;
        QCOMPARE(headersInScope(hop, all), (HttpHeaders{{"Accept", "a"}, {"User-Agent", "u"}}));
    }

    void shownAddressHidesValues_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QString>("shown");
        QTest::newRow("path") << QByteArray("/api/v1/pods") << QStringLiteral("h:1/api/v1/pods");
        QTest::newRow("names") << QByteArray("/q?query=up&time=1") << QStringLiteral("h:1/q?query=…&time=…");
        QTest::newRow("a value alone") << QByteArray("/q?secret") << QStringLiteral("h:1/q?…");
        QTest::newRow("no name") << QByteArray("/q?=secret&&") << QStringLiteral("h:1/q?…");
        QTest::newRow("two marks") << QByteArray("/q?a=1?b=secret") << QStringLiteral("h:1/q?a=…");
    }
    void shownAddressHidesValues()
    {
        QFETCH(QByteArray, target);
        QFETCH(QString, shown);
        QCOMPARE(signalbox::firstHop(endpointAt("http://u:secret@h:1"), "GET", target)->shown(), shown);
    }

    void proxyIsChosen_data()
    {
        QTest::addColumn<QString>("configured");
        QTest::addColumn<QString>("environment"); // NAME=value, blank between
        QTest::addColumn<QByteArray>("base");
        QTest::addColumn<QString>("proxy");
        const auto row = [](const char *name, const char *configured, const char *environment, const char *base,
                            const char *proxy) {
            QTest::newRow(name) << QString::fromLatin1(configured) << QString::fromLatin1(environment)
                                << QByteArray(base) << QString::fromLatin1(proxy);
        };
        row("none", "", "", "https://h", "");
        row("configured", "http://p:1", "HTTPS_PROXY=http://q", "https://h", "http://p:1");
        row("configured, for this machine too", "http://p:1", "", "https://127.0.0.1", "http://p:1");
        row("configured, NO_PROXY does not count", "http://p:1", "NO_PROXY=*", "https://h", "http://p:1");
        row("environment, https", "", "HTTPS_PROXY=http://q HTTP_PROXY=http://r", "https://h", "http://q");
        row("environment, http", "", "HTTPS_PROXY=http://q HTTP_PROXY=http://r", "http://h", "http://r");
        row("lower case first", "", "HTTPS_PROXY=http://q https_proxy=http://s", "https://h", "http://s");
        row("for all", "", "ALL_PROXY=http://t", "https://h", "http://t");
        row("this machine", "", "HTTPS_PROXY=http://q", "https://127.0.0.1:6443", "");
        row("this machine by name", "", "HTTPS_PROXY=http://q", "https://localhost:6443", "");
        row("this machine, IPv6", "", "HTTPS_PROXY=http://q", "https://[::1]:6443", "");
        row("exempt", "", "HTTPS_PROXY=http://q no_proxy=h", "https://h", "");
        row("socks looks names up", "socks5://p:1", "", "https://h", "socks5h://p:1");
    }
    void proxyIsChosen()
    {
        QFETCH(QString, configured);
        QFETCH(QString, environment);
        QFETCH(QByteArray, base);
        QFETCH(QString, proxy);
        HttpEndpoint endpoint = endpointAt(base.constData());
        endpoint.proxy = configured;
        const auto read = [&](const char *name) {
            for (const QString &item : environment.split(u' ')) {
                if (item.section(u'=', 0, 0) == QString::fromLatin1(name))
                    return item.section(u'=', 1);
            }
            return QString();
        };
        const auto hop = signalbox::firstHop(endpoint, "GET", "/");
        QVERIFY(hop);
        QCOMPARE(proxyFor(endpoint, *hop, read), proxy);
        endpoint.noProxy = true;
        QCOMPARE(proxyFor(endpoint, *hop, read), QString());
    }

    void exemptions_data()
    {
        QTest::addColumn<QString>("rules");
        QTest::addColumn<QString>("host");
        QTest::addColumn<bool>("exempt");
        const auto row = [](const char *rules, const char *host, bool exempt) {
            QTest::addRow("%s: %s", rules, host) << QString::fromLatin1(rules) << QString::fromLatin1(host) << exempt;
        };
        row("*", "a.example", true);
        row("example", "a.example", true);
        row("example", "example", true);
        row("example", "notexample", false);
        row(".example", "a.example", true);
        row(".example", "example", false);
        row("*.example", "a.example", true);
        row("b, Example ,c", "a.example", true);
        row("10.0.0.0/8", "10.1.2.3", true);
        row("10.0.0.0/8", "11.1.2.3", false);
        row("10.0.0.0/8", "ten.example", false);
        row("10.0.0.0/33", "10.1.2.3", false);
        row("0.0.0.0/0", "8.8.8.8", true);
        row("10.1.2.3", "10.1.2.3", true);
        row("2.3", "10.1.2.3", false);
        row("a.example:6443", "a.example", true);
        row("a.example:80", "a.example", false);
        row("[fd00::1]:6443", "fd00::1", true);
        row("[fd00::1]:1", "fd00::1", false);
        row("fd00::1", "fd00::1", true);
        row("", "a.example", false);
        row(" , ", "a.example", false);
    }
    void exemptions()
    {
        QFETCH(QString, rules);
        QFETCH(QString, host);
        QFETCH(bool, exempt);
        QCOMPARE(isExempt(rules, host, 6443), exempt);
    }
};

QTEST_GUILESS_MAIN(TestNetScope)
#include "test_net_scope.moc"
