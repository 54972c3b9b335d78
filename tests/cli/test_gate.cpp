#include "tests/unit/services/gate/gateledger.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QProcess>
#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

class TestGate : public QObject
{
    Q_OBJECT

    static QStringList arguments(const GateLedger &ledger, const QStringList &more = {})
    {
        return QStringList{u("gate"),
                           u("cart"),
                           u("production"),
                           u("--ledger"),
                           ledger.forge.path(),
                           u("--first-admin"),
                           ledger.forge.key(u("ann")).fingerprint()} +
               more;
    }
    static Ran gate(const GateLedger &ledger, const QStringList &more)
    {
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM), arguments(ledger, more));
    }

private slots:
    void closedSaysWhoIsMissing()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        const Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest});
        QCOMPARE(ran.status, 1);
        QVERIFY2(
            ran.out.startsWith("closed: The policy is not met: Approvals: 1 of 2; 1 more of approvers: ann or cai"),
            ran.out.constData());
        QVERIFY(ran.err.isEmpty());
    }

    void openForExactlyThatDigest()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        QVERIFY2(ran.out.startsWith("open: The policy is met for sha256:7777"), ran.out.constData());
        ran = gate(ledger, {u("--digest"), u("sha256:") + QString(64, QLatin1Char('8'))});
        QCOMPARE(ran.status, 1);
        ran = gate(ledger, {u("--commit"), ledger.subject.commit}); // as a hook asks
        QCOMPARE(ran.status, 0);
        ran = gate(ledger, {u("--commit"), QString(40, QLatin1Char('8'))});
        QCOMPARE(ran.status, 1);
    }

    // Alerts are not in the ledger: it says so, and opens unless it is told not to.
    void whatTheLedgerCannotTellIsSaid()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest});
        QCOMPARE(ran.status, 0);
        QVERIFY2(ran.out.contains("not looked at here: "), ran.out.constData());
        ran = gate(ledger, {u("--digest"), ledger.subject.digest, u("--strict"), u("--wait"), u("60s")}); // at once
        QCOMPARE(ran.status, 1);
        QVERIFY2(ran.out.startsWith("closed: The ledger alone cannot tell"), ran.out.constData());
        ran = gate(ledger, {u("--digest"), ledger.subject.digest, u("--strict"), u("--json")});
        QCOMPARE(ran.status, 1);
        const auto json = nlohmann::json::parse(ran.out.toStdString(), nullptr, false);
        QVERIFY2(json.is_object(), ran.out.constData());
        QCOMPARE(json.at("open").get<bool>(), false);
        QCOMPARE(json.at("met").get<bool>(), false);
    }

    void jsonTellsItAll()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("dan")); // who asked for it, and is no approver
        policy::Subject other = ledger.subject;
        other.commit = QString(40, QLatin1Char('8'));
        ledger.add(policy::Approval{ledger.promotion, other, QString::fromLatin1(ledger.policyCommit), {}}, u("cai"));
        const Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest, u("--json")});
        QCOMPARE(ran.status, 1);
        const auto json = nlohmann::json::parse(ran.out.toStdString());
        QCOMPARE(json.at("schema").get<std::string>(), std::string("signalbox.gate/1"));
        QCOMPARE(json.at("exitStatus").get<int>(), 1);
        QCOMPARE(json.at("open").get<bool>(), false);
        QCOMPARE(json.at("promotion").get<std::string>(), ledger.promotion.toStdString());
        QCOMPARE(json.at("requester").get<std::string>(), std::string("dan"));
        QCOMPARE(json.at("approvals").size(), std::size_t(1));
        QCOMPARE(json.at("approvals")[0].at("who").get<std::string>(), std::string("bob"));
        QCOMPARE(json.at("quorum")[0].at("missing").get<int>(), 1);
        QCOMPARE(json.at("setAside").size(), std::size_t(1));
        QCOMPARE(json.at("setAside")[0].at("who").get<std::string>(), std::string("cai"));
        QCOMPARE(json.at("ledger").at("notProven").get<int>(), 1);
        QCOMPARE(QString::fromStdString(json.at("leftOut").dump()), u("[\"alerts\"]"));
        QCOMPARE(json.at("ledger").at("tip").get<std::string>(), ledger.forge.tip().toStdString());
        QCOMPARE(json.at("ledger").at("policyCommit").get<std::string>(), ledger.policyCommit.toStdString());
        for (const auto &rule : json.at("rules"))
            QVERIFY(rule.contains("rule") && rule.contains("state") && rule.contains("text"));
    }

    void rewoundLedgerIsNoticed()
    {
        GateLedger ledger;
        const QByteArray before = ledger.forge.tip();
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        const QString rejected = QString::fromLatin1(ledger.forge.tip());
        ledger.forge.moveTo(before);
        const Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest, u("--at-least"), rejected});
        QCOMPARE(ran.status, 1);
        QVERIFY2(ran.err.contains("rewound"), ran.err.constData());
    }

    void waitsForTheLastApproval()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        QProcess process;
        process.start(QStringLiteral(SIGNALBOX_PROGRAM),
                      arguments(ledger, {u("--digest"), ledger.subject.digest, u("--wait"), u("60s")}));
        QVERIFY(process.waitForStarted());
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += process.readAllStandardError()).contains("waiting: The policy is not met"),
                                 20000);
        ledger.approve(u("cai"));
        QVERIFY(process.waitForFinished(30000));
        QCOMPARE(process.exitCode(), 0);
        QVERIFY(process.readAllStandardOutput().startsWith("open: "));
    }

    void waitingEndsWhenTheTimeIsUp()
    {
        GateLedger ledger;
        const Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest, u("--wait"), u("2s")});
        QCOMPARE(ran.status, 4);
        QVERIFY2(ran.out.startsWith("closed: "), ran.out.constData());
    }

    void waitingEndsWithARejection()
    {
        GateLedger ledger;
        ledger.add(Rejection{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit), u("no")},
                   u("ann"));
        QElapsedTimer clock;
        clock.start();
        const Ran ran = gate(ledger, {u("--digest"), ledger.subject.digest, u("--wait"), u("1h")});
        QCOMPARE(ran.status, 1);
        QVERIFY(clock.elapsed() < 30000);
        QVERIFY2(ran.out.contains("ann rejected it: no"), ran.out.constData());
    }
};

QTEST_GUILESS_MAIN(TestGate)
#include "test_gate.moc"
