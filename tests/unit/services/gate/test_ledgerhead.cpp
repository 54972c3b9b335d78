#include "services/gate/gate.h"
#include "tests/unit/services/gate/gateledger.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

namespace
{

Result<LedgerHead> headOf(const GateLedger &ledger)
{
    ledger::VerifyOptions options = ledger.forge.options();
    options.now = QDateTime::currentDateTimeUtc();
    return readHead(ledger.forge.path(), options, {});
}

GateVerdict gateOf(const GateLedger &ledger, const QString &digest, const QString &commit = {})
{
    const auto head = headOf(ledger);
    if (!head)
        qFatal("%s", qPrintable(head.error().message));
    return gateVerdict(*head, {u("cart"), u("production"), digest, commit}, QDateTime::currentDateTimeUtc());
}

} // namespace

class TestLedgerHead : public QObject
{
    Q_OBJECT

private slots:
    void gateOpensForExactlyWhatWasApproved()
    {
        GateLedger ledger;
        GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY(!gate.isOpen && !gate.isOver);
        QVERIFY2(gate.text.contains(u("2 more of approvers: ann or bob or cai")), qPrintable(gate.text));
        ledger.approve(u("bob"));
        gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY2(gate.text.contains(u("1 more of approvers: ann or cai")), qPrintable(gate.text));
        ledger.approve(u("cai"));
        gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY2(gate.isOpen, qPrintable(gate.text));
        QCOMPARE(gate.decision.leftOut, QList<Rule>{Rule::Alerts});
        QVERIFY(gateOf(ledger, {}, ledger.subject.commit).isOpen);
        QVERIFY(gateOf(ledger, ledger.subject.digest, ledger.subject.commit).isOpen);
        QVERIFY(!gateOf(ledger, ledger.subject.digest, QString(40, QLatin1Char('8'))).isOpen);
        gate = gateOf(ledger, u("sha256:") + QString(64, QLatin1Char('8')));
        QVERIFY(!gate.isOpen);
        QCOMPARE(gate.text, u("Nobody has asked that sha256:8888…8888 of cart may go to production."));
    }

    void askingForItAgainDoesNotCloseIt()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        PromotionRequest again;
        again.subject = ledger.subject;
        again.fromEnvironment = u("staging");
        ledger.add(again, u("dan"));
        ledger.add(Approval{u("01KJX3S8G0ABCDEFGHJKMNPQRS"), ledger.subject, {}, {}}, u("dan")); // of nothing
        const GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY2(gate.isOpen, qPrintable(gate.text));
        QCOMPARE(gate.decision.promotion, ledger.promotion);
    }

    void rejectionEndsIt()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        ledger.add(Rejection{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit), u("no")},
                   u("ann"));
        const GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY(!gate.isOpen && gate.isOver);
        QVERIFY2(gate.text.contains(u("ann rejected it: no")), qPrintable(gate.text));
    }

    void onlyWhatIsProvenCounts()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        const LedgerEntry entry =
            ledger.forge.entry(Approval{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit), {}},
                               u("cai"), ledger.next());
        ForgedCommit forged;
        forged.files = {ledger.forge.file(entry)};
        forged.by = u("cai");
        forged.key = u("eve"); // not in allowed_signers
        forged.at = entry.at;
        ledger.forge.commit(forged);
        const auto head = headOf(ledger);
        QVERIFY2(head, head ? "" : qPrintable(head.error().message));
        QCOMPARE(head->ignoredCount, 1);
        QCOMPARE(head->entries.size(), 2);
        QVERIFY(!gateOf(ledger, ledger.subject.digest).isOpen);
        QVERIFY(!ledger.approve(u("cai")).isEmpty());
        QVERIFY(gateOf(ledger, ledger.subject.digest).isOpen); // the false one did no harm either
    }

    void aPolicyThatWaitsForItsSecondAdminIsNotInForce()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        const QByteArray easier = ledger.policy().replace("count: 2", "count: 1");
        const QByteArray change = ledger.changePolicy(easier, u("ann"));
        QVERIFY(!gateOf(ledger, ledger.subject.digest).isOpen);
        QCOMPARE(headOf(ledger)->policyCommit, QString::fromLatin1(ledger.policyCommit));
        ledger.add(PolicyCountersign{QString::fromLatin1(change), {}}, u("bob"));
        QCOMPARE(headOf(ledger)->policyCommit, QString::fromLatin1(change));
        GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY(!gate.isOpen); // bob's approval was given under the other policy
        QVERIFY2(gate.text.contains(u("1 more of approvers")), qPrintable(gate.text));
        ledger.policyCommit = change;
        ledger.approve(u("bob"));
        QVERIFY(gateOf(ledger, ledger.subject.digest).isOpen);
    }

    void aNewKeyTakesNoApprovalAway()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        ForgedCommit change;
        change.files = {{u("allowed_signers"), ledger.forge.allowedSigners("# one more\n")}};
        change.by = u("ann");
        change.at = ledger.next();
        const QByteArray id = ledger.forge.commit(change);
        ledger.add(PolicyCountersign{QString::fromLatin1(id), {}}, u("bob"));
        QCOMPARE(headOf(ledger)->policyCommit, QString::fromLatin1(id));
        QVERIFY2(gateOf(ledger, ledger.subject.digest).isOpen, qPrintable(gateOf(ledger, ledger.subject.digest).text));
    }

    void breakGlassOpensItAndIsOwedFor()
    {
        GateLedger ledger;
        ledger.add(BreakGlass{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit), u("down")},
                   u("cai"));
        const GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY2(gate.isOpen, qPrintable(gate.text));
        QVERIFY(!gate.decision.isMet);
        QCOMPARE(gate.decision.debt.size(), 1);
        QVERIFY(gate.text.contains(u("cai acts alone (down)")));
    }

    // As every ledger begins that nobody set up: nothing is broken, there is only nothing to decide in.
    void aLedgerThatNobodySignsIsNoHarm()
    {
        Forge forge;
        ForgedCommit entry;
        entry.files = {
            forge.file(forge.entry(policy::Note{{}, u("web"), u("dev"), u("hello")}, u("ann"), Forge::noon()))};
        entry.key = u("-");
        entry.at = Forge::noon();
        forge.commit(entry);
        ledger::VerifyOptions options;
        auto head = readHead(forge.path(), options, {});
        QVERIFY(!head);
        QCOMPARE(head.error().kind, ErrorKind::Unsupported);
        options.pin.firstAdmin = forge.key(u("ann")).fingerprint(); // it is known who began to sign it: where is that?
        head = readHead(forge.path(), options, {});
        QVERIFY(!head);
        QCOMPARE(head.error().kind, ErrorKind::Refused);
    }

    void aLedgerThatCannotBeTrustedIsRefused()
    {
        const Forge unsignedOne;
        ForgedCommit first;
        first.files = {{u("policy.yaml"), unsignedOne.policy()}};
        first.key = u("-");
        first.at = Forge::noon();
        Forge forge;
        forge.commit(first);
        ledger::VerifyOptions options;
        auto head = readHead(forge.path(), options, {});
        QVERIFY(!head);
        QCOMPARE(head.error().kind, ErrorKind::Refused);

        GateLedger ledger;
        const QByteArray seen = ledger.forge.tip();
        ledger.approve(u("bob"));
        options = ledger.forge.options();
        options.now = QDateTime::currentDateTimeUtc();
        options.atLeast = QString::fromLatin1(ledger.forge.tip());
        QVERIFY(readHead(ledger.forge.path(), options, {}));
        ledger.forge.moveTo(seen); // rewound
        head = readHead(ledger.forge.path(), options, {});
        QVERIFY(!head);
        QCOMPARE(head.error().kind, ErrorKind::Refused);
        QVERIFY2(head.error().message.contains(u("rewound")), qPrintable(head.error().message));

        options.atLeast.clear();
        options.pin.firstAdmin = ledger.forge.key(u("bob")).fingerprint(); // who did not begin it
        head = readHead(ledger.forge.path(), options, {});
        QVERIFY(!head);
        head = readHead(u("/nonexistent/ledger.git"), options, {});
        QVERIFY(!head);
        QCOMPARE(head.error().kind, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestLedgerHead)
#include "test_ledgerhead.moc"
