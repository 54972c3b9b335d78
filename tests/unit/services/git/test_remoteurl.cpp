#include "services/git/remote.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::git;

class TestRemoteUrl : public QObject
{
    Q_OBJECT
private slots:
    void readsAddressesAsGitWritesThem_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("place"); // user, host, port, path
        const auto ssh = int(RemoteUrl::Kind::Ssh);
        const auto https = int(RemoteUrl::Kind::Https);
        const auto path = int(RemoteUrl::Kind::Path);
        const auto row = [](const char *text, int kind, const char *place) {
            QTest::newRow(text) << QString::fromLatin1(text) << kind << QString::fromLatin1(place);
        };
        row("git@git.example.com:team/app.git", ssh, "git git.example.com 0 team/app.git");
        row("host:app.git", ssh, " host 0 app.git");
        row("ssh://git@git.example.com:2222/team/app.git", ssh, "git git.example.com 2222 /team/app.git");
        row("ssh://git.example.com/~ana/app.git", ssh, " git.example.com 0 ~ana/app.git");
        row("ssh://[::1]:22/app.git", ssh, " ::1 22 /app.git");
        row("https://git.example.com/team/app.git/", https, " git.example.com -1 /team/app.git");
        row("https://ana@git.example.com:8443/app", https, "ana git.example.com 8443 /app");
        row("/srv/git/app.git", path, "/srv/git/app.git");
        row("/srv/git/./a:b/../app.git", path, "/srv/git/app.git");
        row("file:///srv/git/app%20one.git", path, "/srv/git/app one.git");
    }
    void readsAddressesAsGitWritesThem()
    {
        QFETCH(QString, text);
        QFETCH(int, kind);
        QFETCH(QString, place);
        const auto url = parseRemoteUrl(text);
        QVERIFY2(url, url ? "" : qPrintable(url.error().message));
        QCOMPARE(int(url->kind), kind);
        const QString found =
            url->kind == RemoteUrl::Kind::Path ? url->path
            : url->kind == RemoteUrl::Kind::Ssh
                ? QStringLiteral("%1 %2 %3 %4").arg(url->user, url->host).arg(url->port).arg(url->path)
                : QStringLiteral("%1 %2 %3 %4")
                      .arg(url->user, url->url.host())
                      .arg(url->url.port())
                      .arg(url->url.path());
        QCOMPARE(found, place);
    }

    void refusesWhatCouldBeTakenForSomethingElse_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text :
             {"", "-oProxyCommand=touch x", "ssh://-oProxyCommand=x/app", "-oProxyCommand=x:app", "host:-x",
              "ssh://-x@host/app", "ssh://ana:secret@host/app", "https://ana:secret@host/app.git", "https://host",
              "https://host/app?x=1", "git://host/app", "ext::sh -c x", "ftp://host/app", "ssh://host",
              "host:", "ssh://host/a%0ab", "ho$(x)st:app", "a'b@host:app", "file://other/app"})
            QTest::newRow(*text ? text : "empty") << QString::fromLatin1(text);
    }
    void refusesWhatCouldBeTakenForSomethingElse()
    {
        QFETCH(QString, text);
        const auto url = parseRemoteUrl(text);
        QVERIFY2(!url, url ? qPrintable(url->shown) : "");
        QCOMPARE(url.error().kind, ErrorKind::Invalid);
        QVERIFY(!url.error().message.contains(QLatin1String("secret@")));
    }
};

QTEST_GUILESS_MAIN(TestRemoteUrl)
#include "test_remoteurl.moc"
