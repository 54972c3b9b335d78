#include "services/ledger/verify/chainverifier.h"
#include "services/ledger/view/ledgerfeed.h"
#include "tests/unit/services/gate/gateledger.h"

#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

LedgerFeed::Options optionsFor(const Forge &forge)
{
    return {forge.path(), forge.key(u("ann")).fingerprint(), {}, {}};
}

bool isSettled(const LedgerFeed &feed)
{
    return !feed.isBusy() && feed.state() != LedgerFeed::State::Reading;
}

policy::PromotionOutcome outcomeOf(const GateLedger &ledger, const QString &claim)
{
    policy::PromotionOutcome outcome;
    outcome.promotion = ledger.promotion;
    outcome.claim = claim;
    outcome.subject = ledger.subject;
    outcome.kind = OutcomeKind::Done;
    outcome.observedAt = QDateTime::currentDateTimeUtc();
    return outcome;
}

} // namespace

// The window's view on real signed repositories.
class TestLedgerFeed : public QObject
{
    Q_OBJECT
private slots:
    void showsEveryEntryWithItsProof()
    {
        GateLedger ledger;
        ledger.approve(u("ann"));
        ForgedCommit byEve;
        byEve.files = {ledger.forge.file(
            ledger.forge.entry(policy::Note{{}, u("cart"), u("production"), u("hello")}, u("eve"), ledger.next()))};
        byEve.by = u("eve");
        byEve.at = ledger.next();
        ledger.forge.commit(byEve);
        LedgerFeed feed(optionsFor(ledger.forge));
        QCOMPARE(feed.state(), LedgerFeed::State::Idle);
        feed.refresh();
        QCOMPARE(feed.state(), LedgerFeed::State::Reading);
        QTRY_VERIFY(isSettled(feed));
        QCOMPARE(feed.state(), LedgerFeed::State::Ready);
        QCOMPARE(feed.table().size(), 4);
        const LedgerRow start = feed.table().row(0);
        QCOMPARE(start.type, u("policy"));
        QCOMPARE(start.proof, LedgerProof::Good);
        const LedgerRow request = feed.table().row(1);
        QCOMPARE(request.type, u("promotion"));
        QCOMPARE(request.id, ledger.promotion);
        QCOMPARE(request.application, u("cart"));
        QCOMPARE(request.digest, ledger.subject.digest);
        QCOMPARE(request.signer, u("dan@shop.example"));
        const LedgerRow bad = feed.table().row(3);
        QCOMPARE(bad.proof, LedgerProof::Bad);
        QCOMPARE(bad.fault, u("unknownSigner"));
        QVERIFY2(bad.reason.contains(u("allowed_signers")), qPrintable(bad.reason));
        QCOMPARE(bad.words, u("hello"));
        QCOMPARE(feed.summary().bad, 1);
        QCOMPARE(feed.summary().tip, QString::fromLatin1(ledger.forge.tip()));
        QVERIFY(!feed.summary().isWhole());
        QCOMPARE(feed.table().related(1), std::vector<quint32>{2});
    }

    // The newest are there before they are judged, and nothing is said of them.
    void doesNotCallAnythingProvenBeforeItIs()
    {
        GateLedger ledger;
        LedgerFeed feed(optionsFor(ledger.forge));
        QList<LedgerProof> first;
        LedgerRow request;
        connect(&feed, &LedgerFeed::tableReplaced, &feed, [&] {
            if (feed.state() != LedgerFeed::State::Reading)
                return;
            first.append(feed.table().proof(0));
            request = feed.table().row(1);
        });
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        QCOMPARE(first, QList<LedgerProof>{LedgerProof::Checking});
        QCOMPARE(feed.table().proof(0), LedgerProof::Good);
        QCOMPARE(request.id, ledger.promotion); // what it says of itself is there at once
        QCOMPARE(request.application, u("cart"));
        QCOMPARE(request.proof, LedgerProof::Checking);
        QVERIFY(request.signer.isEmpty()); // who signed it is not
    }

    // It is called bad, and what stands in it can be read all the same.
    void readsAnEntryThatIsNotWrittenInTheOneForm()
    {
        GateLedger ledger;
        ForgedCommit odd;
        odd.files = {ledger.forge.file(
            ledger.forge.entry(policy::Note{{}, u("cart"), u("production"), u("hello")}, u("ann"), ledger.next()))};
        odd.files.first().content->append('\n');
        odd.at = ledger.next();
        ledger.forge.commit(odd);
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        QCOMPARE(feed.table().size(), 3);
        const LedgerRow row = feed.table().row(2);
        QCOMPARE(row.proof, LedgerProof::Bad);
        QCOMPARE(row.fault, u("notCanonical"));
        QCOMPARE(row.application, u("cart"));
        QCOMPARE(row.words, u("hello"));
    }

    void judgesOnlyWhatIsNew()
    {
        GateLedger ledger;
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        const QSignalSpy replaced(&feed, &LedgerFeed::tableReplaced);
        const QSignalSpy grew(&feed, &LedgerFeed::tableGrew);
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        QCOMPARE(grew.size(), 0);
        ledger.approve(u("ann"));
        ledger.approve(u("bob"));
        feed.refresh();
        feed.refresh(); // while the other one is under way
        QTRY_COMPARE(grew.size(), 1);
        QTRY_VERIFY(isSettled(feed));
        QCOMPARE(replaced.size(), 0);
        QCOMPARE(feed.table().size(), 4);
        QCOMPARE(feed.summary().good, 4);
        QCOMPARE(feed.table().row(3).signer, u("bob@shop.example"));
    }

    void noticesThatHistoryWasChanged()
    {
        GateLedger ledger;
        const QByteArray before = ledger.forge.tip();
        ledger.approve(u("ann"));
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        QCOMPARE(feed.table().size(), 3);
        ledger.forge.moveTo(before);
        const QString other = ledger.approve(u("bob"));
        const QSignalSpy replaced(&feed, &LedgerFeed::tableReplaced);
        feed.refresh();
        QTRY_COMPARE(replaced.size(), 1);
        QCOMPARE(feed.table().size(), 3);
        QCOMPARE(feed.table().row(2).id, other);
        QCOMPARE(feed.summary().good, 3);
    }

    // One look after the other says the same as one look at all of it.
    void agreesWithVerifyingFromNothing()
    {
        GateLedger ledger;
        ledger::VerifyOptions options;
        options.pin.firstAdmin = ledger.forge.key(u("ann")).fingerprint();
        ledger::ChainFollower follower(ledger.forge.path(), options);
        std::vector<ledger::EntryVerdict> followed;
        const auto look = [&] {
            const auto step = follower.advance({});
            QVERIFY2(step, step ? "" : qPrintable(step.error().message));
            if (step->isFresh)
                followed.clear();
            QCOMPARE(step->before, static_cast<qsizetype>(followed.size()));
            followed.insert(followed.end(), step->chain.entries.begin(), step->chain.entries.end());
        };
        look();
        const QString claim = ledger.add(policy::Claim{ledger.promotion, ledger.subject, {}}, u("ann"));
        look();
        ledger.add(policy::Claim{ledger.promotion, ledger.subject, {}}, u("bob")); // the second one: bad
        ledger.changePolicy(ledger.policy("freezes: []\n"), u("ann"));             // pending
        look();
        ledger.add(policy::PolicyCountersign{QString::fromLatin1(ledger.forge.tip()), {}}, u("bob"));
        ledger.add(outcomeOf(ledger, claim), u("ann"));
        look();
        look();
        const auto whole = ledger::verifyChain(ledger.forge.path(), options, {});
        QVERIFY(whole);
        QCOMPARE(followed.size(), whole->entries.size());
        for (size_t i = 0; i < followed.size(); ++i) {
            QCOMPARE(followed[i].commit, whole->entries[i].commit);
            QCOMPARE(followed[i].state, whole->entries[i].state);
            QCOMPARE(followed[i].fault, whole->entries[i].fault);
        }
        QCOMPARE(whole->bad, 1);
        const auto last = follower.advance({});
        QVERIFY(last);
        QVERIFY(!last->isFresh);
        QCOMPARE(last->chain.good, whole->good);
        QCOMPARE(last->chain.bad, whole->bad);
        QCOMPARE(last->chain.pending, whole->pending);
        QCOMPARE(last->chain.policyCommit, whole->policyCommit);
    }

    void readsWhatStandsInAnEntry()
    {
        GateLedger ledger;
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        auto asked = feed.details(feed.table().row(1));
        QTRY_VERIFY(asked.isFinished());
        const auto details = asked.result();
        QVERIFY2(details, details ? "" : qPrintable(details.error().message));
        QStringList values;
        for (const LedgerField &field : details->fields)
            values.append(field.name + u("=") + field.value);
        QVERIFY2(values.contains(u("Artifact=") + ledger.subject.digest), qPrintable(values.join(u("\n"))));
        QVERIFY2(values.contains(u("E-mail=dan@shop.example")), qPrintable(values.join(u("\n"))));
        const QStringList commits = values.filter(u("9999999999 \u00b7 dan@shop.example \u00b7 20"));
        QCOMPARE(commits.size(), 1); // a commit is one line
        QVERIFY2(commits.first().startsWith(u("Commit 1=")) && commits.first().endsWith(u(" UTC")),
                 qPrintable(commits.first()));
        QVERIFY(details->text.contains(u("\"digest\"")));
        StopSource stop;
        stop.request_stop(); // who walks down the list does not wait for what lies behind
        auto stopped = feed.details(feed.table().row(1), stop.get_token());
        QTRY_VERIFY(stopped.isFinished());
        QCOMPARE(stopped.result().error().kind, ErrorKind::Cancelled);
        auto policyAsked = feed.details(feed.table().row(0));
        QTRY_VERIFY(policyAsked.isFinished());
        QVERIFY(policyAsked.result()->fields.isEmpty());
        QVERIFY(policyAsked.result()->text.contains(u("ssh-ed25519")));
    }

    void tellsAnOperationInWords()
    {
        GateLedger ledger;
        const QDateTime at = ledger.next();
        LedgerEntry entry = ledger.forge.entry(policy::Note{{}, u("cart"), u("production"), u("hello")}, u("ann"), at);
        entry.record.reset();
        entry.type = u("operation");
        entry.connection = u("east");
        entry.ns = u("shop");
        entry.application = u("cart");
        entry.environment = u("production");
        entry.kind = OperationKind::Rollback;
        entry.direction = Direction::Back;
        entry.from = u("2.15.0");
        entry.to = u("2.14.3");
        entry.fromHash = u("5be02d1");
        entry.steps = {{u("1"), u("Roll back"), u("Deployment shop/cart")}};
        entry.outcome = {OutcomeKind::Done,
                         u("done"),
                         ErrorKind::Internal,
                         true,
                         at.addSecs(-60),
                         at,
                         {{u("1"), OutcomeKind::Done, u("3 of 3 pods ready"), at, at, at}}};
        entry.durations.execute = 56'683;
        entry.durations.restore = 112'400;
        ForgedCommit byAnn;
        byAnn.files = {ledger.forge.file(entry)};
        byAnn.at = at;
        ledger.forge.commit(byAnn);
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        auto asked = feed.details(feed.table().row(feed.table().size() - 1));
        QTRY_VERIFY(asked.isFinished());
        const auto details = asked.result();
        QVERIFY2(details, details ? "" : qPrintable(details.error().message));
        QStringList values;
        for (const LedgerField &field : details->fields) {
            values.append(field.name + u("=") + field.value);
            QVERIFY2(!field.name.contains(u(" \u00b7 ")), qPrintable(field.name)); // no bare place in the file
        }
        for (const char *told :
             {"Took=56.7 s", "Restored after=1 m 52 s", "Kind=rollback", "Direction=back", "From, by its hash=5be02d1",
              "Step 1=Roll back", "Step 1, through=Deployment shop/cart", "Step 1, message=3 of 3 pods ready"})
            QVERIFY2(values.contains(u(told)), qPrintable(values.join(u("\n"))));
    }

    void tellsAFreezeInWords()
    {
        GateLedger ledger;
        policy::FreezeOrder order{u("*"), u("production"), ledger.next(), policy::FreezeOrder::endless(), u("nights")};
        order.repeat = policy::FreezeRepeat{u("FREQ=DAILY"), "Asia/Shanghai", std::chrono::hours(9)};
        ledger.add(order, u("ann"));
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        auto asked = feed.details(feed.table().row(feed.table().size() - 1));
        QTRY_VERIFY(asked.isFinished());
        const auto details = asked.result();
        QVERIFY2(details, details ? "" : qPrintable(details.error().message));
        QStringList values;
        for (const LedgerField &field : details->fields)
            values.append(field.name + u("=") + field.value);
        for (const char *told : {"Comes again by the rule=FREQ=DAILY", "By the clocks of=Asia/Shanghai",
                                 "Holds each time for, in seconds=32400", "Until=until it is lifted"})
            QVERIFY2(values.contains(u(told)), qPrintable(values.join(u("\n"))));
    }

    void countsProvenEntriesOnly()
    {
        GateLedger ledger;
        const QString claim = ledger.add(policy::Claim{ledger.promotion, ledger.subject, {}}, u("ann"));
        ledger.add(outcomeOf(ledger, claim), u("ann"));
        ledger.add(outcomeOf(ledger, claim), u("dan")); // who neither claimed it nor is an admin
        ledger.add(outcomeOf(ledger, claim), u("bob")); // an admin, too late
        ForgedCommit byEve;
        byEve.files = {ledger.forge.file(ledger.forge.entry(outcomeOf(ledger, claim), u("eve"), ledger.next()))};
        byEve.by = u("eve");
        byEve.at = ledger.next();
        ledger.forge.commit(byEve);
        LedgerFeed feed(optionsFor(ledger.forge));
        feed.refresh();
        QTRY_VERIFY(isSettled(feed));
        DoraQuestion question;
        question.to = QDateTime::currentDateTimeUtc().addSecs(60);
        question.from = question.to.addDays(-90);
        auto asked = feed.dora(question, {});
        QTRY_VERIFY(asked.isFinished());
        const auto view = asked.result();
        QVERIFY(view);
        QCOMPARE(view->proven, 4);
        QCOMPARE(view->environments, QStringList{u("production")});
        QCOMPARE(view->figures.size(), 4);
        QCOMPARE(view->figures.at(0).sample, 1);
        for (const DoraFigure &figure : view->figures)
            QVERIFY2(!figure.value && figure.text.contains(u("too little data")), qPrintable(figure.text));
    }

    void saysThatThereIsNone()
    {
        LedgerFeed feed(LedgerFeed::Options{u("/nonexistent/ledger.git"), {}, {}, {}});
        feed.refresh();
        QTRY_COMPARE(feed.state(), LedgerFeed::State::Absent);
        QCOMPARE(feed.table().size(), 0);
    }

    void saysWhatCannotBeRead()
    {
        QTemporaryDir folder;
        LedgerFeed feed(LedgerFeed::Options{folder.path(), {}, {}, {}});
        feed.refresh();
        QTRY_COMPARE(feed.state(), LedgerFeed::State::Failed);
        QVERIFY(!feed.error().message.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestLedgerFeed)
#include "test_ledgerfeed.moc"
