#include "tests/support/gitservers.h"
#include "tests/unit/services/gate/gateledger.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

// `signalbox gate` and `signalbox ledger` on a ledger behind https, with a password that the workspace refers to.
class TestCliLedger : public QObject
{
    Q_OBJECT

    QTemporaryDir m_root;
    std::unique_ptr<HttpsGitServer> m_https;
    GateLedger m_ledger;

    QString at(const char *name) const { return m_root.filePath(u(name)); }
    Ran run(const QStringList &arguments, const QByteArray &password = HttpsGitServer::password()) const
    {
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM), arguments, {}, {},
                       {u("SIGNALBOX_DATA=") + at("data"), u("SIGNALBOX_WORKSPACE="), u("HOME=/nonexistent"),
                        u("XDG_CONFIG_HOME=/nonexistent"), u("LEDGER_PASSWORD=") + QString::fromLatin1(password)});
    }
    QStringList gate(const QStringList &more) const
    {
        return QStringList{u("gate"), u("cart"), u("production"), u("--digest"), m_ledger.subject.digest} + more;
    }
    QStringList workspace() const { return {u("-w"), at("team.yaml")}; }

private slots:
    void initTestCase()
    {
        QVERIFY(RealGit::init(at("ledger.git"), true));
        QCOMPARE(m_ledger.forge.git({u("push"), u("-q"), at("ledger.git"), u("main")}).status, 0);
        QString error;
        m_https = HttpsGitServer::start(m_root.path(), &error);
        QVERIFY2(m_https, qPrintable(error));
        writeFile(at("ca.pem"), m_https->caPem());
        writeFile(at("team.yaml"), "version: 1\nledger:\n  url: " + m_https->url(u("ledger.git")).toUtf8() +
                                       "\n  auth: {basic: {user: " + HttpsGitServer::user().toUtf8() +
                                       ", password: \"env:LEDGER_PASSWORD\"}}\n  caFile: ca.pem\n" +
                                       "  firstAdmin: " + m_ledger.forge.key(u("ann")).fingerprint().toUtf8() + '\n');
    }

    void theGateOpensWithThePasswordOfTheWorkspace()
    {
        Ran ran = run(gate(workspace()));
        QVERIFY2(ran.status == 1 && ran.out.startsWith("closed: The policy is not met"), qPrintable(ran.text()));
        for (const char *person : {"bob", "cai"})
            m_ledger.approve(u(person));
        QCOMPARE(m_ledger.forge.git({u("push"), u("-q"), at("ledger.git"), u("main")}).status, 0);
        ran = run(gate(workspace()));
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }

    void aWrongPasswordIsRefusedAndNotShown()
    {
        const Ran ran = run(gate(workspace()), "hunter2-wrong");
        QCOMPARE(ran.status, 3);
        QVERIFY2(ran.text().contains(u("refused the user name or password")), qPrintable(ran.text()));
        QVERIFY(!ran.text().contains(u("hunter2")));
        const Ran none = run(gate({u("--ledger"), m_https->url(u("ledger.git"))}));
        QCOMPARE(none.status, 3); // its certificate is not the system's: nothing was sent
    }

    void theLedgerIsFetchedAndProven()
    {
        const Ran shared = run(QStringList{u("ledger"), u("share"), u("--json")} + workspace());
        QVERIFY2(shared.status == 0, qPrintable(shared.text()));
        QVERIFY(QJsonDocument::fromJson(shared.out).object().value(u("received")).toInt() > 1);
        const Ran proven = run(QStringList{u("ledger"), u("verify")} + workspace());
        QVERIFY2(proven.status == 0, qPrintable(proven.text()));
        const Ran refused = run(QStringList{u("ledger"), u("share")} + workspace(), "hunter2-wrong");
        QCOMPARE(refused.status, 3);
        QVERIFY(!refused.text().contains(u("hunter2")));
    }
};

QTEST_GUILESS_MAIN(TestCliLedger)
#include "test_cli_ledger.moc"
