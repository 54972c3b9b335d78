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

ledger::VerifyOptions optionsOf(const GateLedger &ledger)
{
    ledger::VerifyOptions options = ledger.forge.options();
    options.now = QDateTime::currentDateTimeUtc();
    return options;
}

// What a follower says, and how many commits it looked at for that.
struct Followed
{
    Result<std::shared_ptr<const LedgerHead>> head = Error{};
    qsizetype looked = 0;
};

class Follower
{
public:
    explicit Follower(const GateLedger &ledger)
        : m_path(ledger.forge.path())
        , m_options(optionsOf(ledger))
    {}
    Followed read(const QString &pin = {})
    {
        auto options = m_options;
        if (!pin.isEmpty())
            options.pin.firstAdmin = pin;
        // Only the first read's is asked: it is one for all.
        options.progress = [this](qsizetype done) { m_looked = done; };
        m_looked = 0;
        Followed followed;
        followed.head = m_heads.read(m_path, options, {});
        followed.looked = m_looked;
        return followed;
    }
    HeadFollower &heads() { return m_heads; }

private:
    QString m_path;
    ledger::VerifyOptions m_options;
    HeadFollower m_heads;
    qsizetype m_looked = 0;
};

// What is the same whether it was followed or read from nothing.
bool isSame(const LedgerHead &a, const LedgerHead &b)
{
    return a.tip == b.tip && a.policyCommit == b.policyCommit && a.policy.workspace == b.policy.workspace &&
           a.entries == b.entries && a.ignored == b.ignored && a.ignoredCount == b.ignoredCount &&
           a.waiting.size() == b.waiting.size();
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

    // By its digest alone: whom it is by is what the request lists of the commit that it names.
    void aDigestAloneIsHeldAgainstItsAuthors_data()
    {
        QTest::addColumn<bool>("namesCommit"); // the request
        QTest::addColumn<bool>("isNamedElsewhere");
        QTest::addColumn<QStringList>("coAuthors"); // behind a "|": the committer
        QTest::addColumn<bool>("isOpen");
        QTest::addColumn<QString>("words");
        QTest::newRow("all is said") << true << false << QStringList() << true << QString();
        QTest::newRow("who approves wrote part of it")
            << true << false << QStringList{u("Cai@shop.example")} << false << u("cai (wrote part of it)");
        QTest::newRow("somebody nobody knows wrote part of it")
            << true << false << QStringList{u("who@shop.example")} << false << u("does not say who commits as");
        QTest::newRow("who approves put it there")
            << true << false << QStringList{u("|Cai@shop.example")} << false << u("cai (wrote part of it)");
        QTest::newRow("a vendor put it there")
            << true << false << QStringList{u("|noreply@vendor.example")} << true << QString();
        QTest::newRow("nothing names the commit")
            << false << false << QStringList() << false << u("Which commit it was built from is not known");
        QTest::newRow("the ledger names the commit, and the request lists none of it")
            << false << true << QStringList() << false << u("does not list the commits");
    }
    void aDigestAloneIsHeldAgainstItsAuthors()
    {
        QFETCH(bool, namesCommit);
        QFETCH(bool, isNamedElsewhere);
        QFETCH(QStringList, coAuthors);
        QFETCH(bool, isOpen);
        QFETCH(QString, words);
        GateLedger ledger;
        const QString commit = ledger.subject.commit;
        ledger.subject.digest = u("sha256:") + QString(64, QLatin1Char('6'));
        if (isNamedElsewhere) {
            PromotionRequest earlier;
            earlier.subject = ledger.subject;
            earlier.subject.environment = u("staging");
            ledger.add(earlier, u("dan"));
        }
        PromotionRequest request;
        request.subject = ledger.subject;
        request.fromEnvironment = u("staging");
        request.changes = ChangeSummary{};
        request.changes->commitCount = 1;
        QString committer;
        if (!coAuthors.isEmpty() && coAuthors.first().startsWith(u'|'))
            committer = coAuthors.takeFirst().mid(1);
        request.changes->commits = {
            {commit, u("dan@shop.example"), QDateTime::currentDateTimeUtc(), coAuthors, committer}};
        if (!namesCommit)
            request.subject.commit.clear();
        ledger.promotion = ledger.add(request, u("dan"));
        ledger.subject = request.subject;
        if (isNamedElsewhere) // whoever approves sees what the image's label says
            ledger.subject.commit = commit;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        const GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QCOMPARE(gate.isOpen, isOpen);
        QStringList said{gate.text};
        for (const RuleResult &rule : gate.decision.rules)
            said.append(rule.text);
        QVERIFY2(said.join(u'\n').contains(words), qPrintable(said.join(u'\n')));
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

    void aLaterPromotionEndsIt()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        ledger.approve(u("cai"));
        QVERIFY(gateOf(ledger, ledger.subject.digest).isOpen);
        PromotionRequest newer;
        newer.subject = ledger.subject;
        newer.subject.digest = u("sha256:") + QString(64, QLatin1Char('8'));
        newer.fromEnvironment = u("staging");
        const QString promotion = ledger.add(newer, u("dan"));
        QVERIFY(gateOf(ledger, ledger.subject.digest).isOpen); // it only asks
        const QString claim = ledger.add(Claim{promotion, newer.subject, {}}, u("dan"));
        ledger.add(PromotionOutcome{promotion, claim, newer.subject, OutcomeKind::Done, {}, {}, {}, ledger.next()},
                   u("dan"));
        const GateVerdict gate = gateOf(ledger, ledger.subject.digest);
        QVERIFY(!gate.isOpen && gate.isOver); // waiting will not help
        QVERIFY2(gate.text.contains(u("A later promotion took its place")), qPrintable(gate.text));
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
    void aFreezeThatRepeatsClosesItWithinItsTimes_data()
    {
        QTest::addColumn<int>("begunAgo"); // seconds
        QTest::addColumn<QString>("rule");
        QTest::addColumn<bool>("isOpen");
        QTest::newRow("within") << 7 * 86400 + 60 << u("FREQ=WEEKLY") << false;
        QTest::newRow("between") << 7 * 86400 + 7200 << u("FREQ=WEEKLY") << true;
        QTest::newRow("by a rule that nobody can read") << 7 * 86400 + 7200 << u("FREQ=MOONLY") << false;
        QTest::newRow("before, by a rule that nobody can read") << -600 << u("FREQ=MOONLY") << true;
    }
    void aFreezeThatRepeatsClosesItWithinItsTimes()
    {
        QFETCH(int, begunAgo);
        QFETCH(QString, rule);
        QFETCH(bool, isOpen);
        GateLedger ledger;
        ledger.approve(u("ann"));
        ledger.approve(u("bob"));
        QVERIFY(gateOf(ledger, ledger.subject.digest).isOpen);
        FreezeOrder freeze{u("cart"), u("*"), QDateTime::currentDateTimeUtc().addSecs(-begunAgo),
                           FreezeOrder::endless(), u("weekend")};
        freeze.repeat = FreezeRepeat{rule, "UTC", std::chrono::hours(1)};
        const QString entry = ledger.add(freeze, u("ann"));
        const GateVerdict verdict = gateOf(ledger, ledger.subject.digest);
        QCOMPARE(verdict.isOpen, isOpen);
        if (!isOpen)
            QVERIFY2(verdict.text.contains(u("Freeze: ")), qPrintable(verdict.text));
        ledger.add(Lift{entry, u("over")}, u("ann"));
        QVERIFY2(gateOf(ledger, ledger.subject.digest).isOpen, qPrintable(gateOf(ledger, ledger.subject.digest).text));
    }

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

    void whatIsAddedIsProvenAlone()
    {
        GateLedger ledger;
        Follower follower(ledger);
        const Followed first = follower.read();
        QVERIFY2(first.head, first.head ? "" : qPrintable(first.head.error().message));
        QCOMPARE(first.looked, 2); // the start, and the question
        ledger.approve(u("bob"));
        Followed next = follower.read();
        QVERIFY(next.head);
        QCOMPARE(next.looked, 1);
        QCOMPARE((*next.head)->entries.size(), 2);
        QCOMPARE((*first.head)->entries.size(), 1); // what was handed out stays as it was
        QVERIFY(isSame(**next.head, *headOf(ledger)));
        const Followed again = follower.read();
        QCOMPARE(again.looked, 0);
        QCOMPARE(again.head->get(), next.head->get());
        QVERIFY(follower.heads().at(ledger.forge.path(), optionsOf(ledger), QString::fromLatin1(ledger.forge.tip())));
    }

    // The policy in force, and which entries were given under it, are never those of an older look.
    void aPolicyThatChangesIsFollowed()
    {
        GateLedger ledger;
        Follower follower(ledger);
        const auto isFollowed = [&] {
            const auto whole = headOf(ledger);
            const Followed seen = follower.read();
            return whole && seen.head && isSame(*whole, **seen.head);
        };
        ledger.approve(u("bob"));
        QVERIFY(isFollowed());
        const QByteArray change = ledger.changePolicy(ledger.policy().replace("count: 2", "count: 1"), u("ann"));
        QVERIFY(isFollowed());
        QCOMPARE((*follower.read().head)->waiting.size(), 1);
        ledger.add(PolicyCountersign{QString::fromLatin1(change), {}}, u("bob"));
        QVERIFY(isFollowed());
        QCOMPARE((*follower.read().head)->policyCommit, QString::fromLatin1(change));
        const QByteArray back = ledger.changePolicy(ledger.policy(), u("bob")); // the first policy once more
        ledger.approve(u("cai"));
        ledger.add(PolicyCountersign{QString::fromLatin1(back), {}}, u("ann"));
        QVERIFY(isFollowed());
        const auto head = *follower.read().head;
        QCOMPARE(head->entries.at(1).as<Approval>()->policyCommit, QString::fromLatin1(back)); // bob's counts again
    }

    void whatIsRewrittenIsFound_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("rewound") << u("rewound");
        QTest::newRow("another entry in its place") << u("other");
        QTest::newRow("more behind it") << u("more");
        QTest::newRow("a change of the policy taken back") << u("policy");
        QTest::newRow("another ledger of the same people") << u("replaced");
    }

    void whatIsRewrittenIsFound()
    {
        QFETCH(QString, how);
        GateLedger ledger;
        const QByteArray before = ledger.forge.tip();
        if (how == u("policy")) {
            const QByteArray change = ledger.changePolicy(ledger.policy().replace("count: 2", "count: 3"), u("ann"));
            ledger.add(PolicyCountersign{QString::fromLatin1(change), {}}, u("bob"));
        } else
            ledger.add(Rejection{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit), u("no")},
                       u("ann"));
        const QByteArray seen = ledger.forge.tip();
        Follower follower(ledger);
        QVERIFY(follower.read().head);
        ledger.forge.moveTo(before);
        if (how == u("replaced")) {
            ForgedCommit first;
            first.files = {{u("allowed_signers"), ledger.forge.allowedSigners()}, {u("policy.yaml"), ledger.policy()}};
            first.at = ledger.next();
            first.parent = QByteArray();
            ledger.forge.commit(first);
        } else if (how != u("rewound"))
            ledger.approve(u("bob"));
        if (how == u("more"))
            ledger.approve(u("cai"));
        QVERIFY(headOf(ledger)); // by itself nothing is wrong with it
        for (int look = 0; look < 2; ++look) {
            const Followed found = follower.read();
            QVERIFY(!found.head);
            QCOMPARE(found.head.error().kind, ErrorKind::Refused);
            QVERIFY2(found.head.error().message.contains(u("rewound, rewritten or replaced")) &&
                         found.head.error().message.contains(QString::fromLatin1(seen.left(10))),
                     qPrintable(found.head.error().message));
            QVERIFY(!follower.heads().at(ledger.forge.path(), optionsOf(ledger), QString::fromLatin1(before)));
        }
        ledger.forge.moveTo(seen);
        const Followed right = follower.read();
        QVERIFY2(right.head, right.head ? "" : qPrintable(right.head.error().message));
        QVERIFY(isSame(**right.head, *headOf(ledger)));
    }

    // As a program does that shares its ledger, with what was not sent yet.
    void anEntryMayGoBehindThoseOfOthers()
    {
        GateLedger ledger;
        const QByteArray before = ledger.forge.tip();
        const auto written = [&ledger](const Record &record, const QString &by) {
            ForgedCommit commit;
            const LedgerEntry entry = ledger.forge.entry(record, by, ledger.next());
            commit.files = {ledger.forge.file(entry)};
            commit.by = by;
            commit.at = entry.at;
            return commit;
        };
        ForgedCommit own =
            written(Approval{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit), {}}, u("bob"));
        ledger.forge.commit(own);
        Follower follower(ledger);
        QVERIFY(follower.read().head);
        ledger.forge.moveTo(before);
        ledger.approve(u("cai"));
        own.at = ledger.next();
        ledger.forge.commit(own);
        const Followed seen = follower.read();
        QVERIFY2(seen.head, seen.head ? "" : qPrintable(seen.head.error().message));
        QCOMPARE((*seen.head)->entries.size(), 3);
        QVERIFY(isSame(**seen.head, *headOf(ledger)));
    }

    // What was proven for one who began it proves nothing for another.
    void anotherPinIsAnotherQuestion()
    {
        GateLedger ledger;
        ledger.approve(u("bob"));
        Follower follower(ledger);
        QCOMPARE(follower.read().looked, 3);
        const Followed other = follower.read(ledger.forge.key(u("bob")).fingerprint());
        QVERIFY(!other.head);
        QCOMPARE(other.head.error().kind, ErrorKind::Refused);
        QCOMPARE(other.looked, 3);
        const Followed back = follower.read();
        QVERIFY(back.head);
        QCOMPARE(back.looked, 3);
    }
};

QTEST_GUILESS_MAIN(TestLedgerHead)
#include "test_ledgerhead.moc"
