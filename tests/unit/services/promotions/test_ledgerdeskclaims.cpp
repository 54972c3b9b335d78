#include "tests/unit/services/promotions/promotionshop.h"

#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionCard;

// Several people at one ledger: exactly one carries a promotion out, and its outcome is recorded once.
class TestLedgerDeskClaims : public QObject
{
    Q_OBJECT

    std::unique_ptr<PromotionShop> m_shop;

    std::unique_ptr<Console> console(const char *person, Console::Sharing sharing = Console::Sharing::SamePath) const
    {
        return m_shop->console(person, sharing);
    }

private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(); }

    // Whoever is first wins; the others change nothing and say so.
    void threeConsolesCarryItOutOnce_data()
    {
        QTest::addColumn<bool>("isShared");
        QTest::newRow("one path") << false;
        QTest::newRow("copies, shared through a repository") << true;
    }
    void threeConsolesCarryItOutOnce()
    {
        QFETCH(bool, isShared);
        const auto sharing = isShared ? Console::Sharing::Remote : Console::Sharing::SamePath;
        std::vector<std::unique_ptr<Console>> consoles;
        for (const char *person : {"dan", "ann", "bob"})
            consoles.push_back(console(person, sharing));
        const QString id = ask(*consoles[0]);
        const auto cai = console("cai", sharing);
        QVERIFY(approve(*cai, id));
        QList<QFuture<Result<Plan>>> plans;
        for (const auto &one : consoles) {
            QVERIFY(one->card(id).mayStart.isGiven);
            plans.append(one->desk->plan(seenOf(one->card(id)), {}));
        }
        QList<Result<Plan>> made;
        for (const auto &plan : plans)
            made.append(awaited(plan));
        QList<Operation *> operations; // all begin in one turn of the loop
        for (qsizetype i = 0; i < made.size(); ++i)
            operations.append(start(*consoles[static_cast<size_t>(i)], made.at(i)));
        int done = 0;
        int late = 0;
        int executed = 0;
        for (Operation *operation : operations) {
            QVERIFY(operation);
            QTRY_VERIFY_WITH_TIMEOUT(operation->isFinished(), 20000);
            done += operation->outcome()->kind == OutcomeKind::Done ? 1 : 0;
            late += operation->outcome()->kind == OutcomeKind::Conflict ? 1 : 0;
        }
        for (const auto &one : consoles)
            executed += one->cluster.count(u("execute 1"));
        QCOMPARE(done, 1);
        QCOMPARE(late, 2);
        QCOMPARE(executed, 1);
        for (const auto &one : consoles)
            QTRY_VERIFY(one->desk->isSettled());
        QVERIFY(m_shop->isWhole()); // no second claim was written
        QCOMPARE(policy::cardStateName(cai->card(id).state), u("done"));
    }

    // Nobody has a console open: it stays ready, and the first that comes back carries it out.
    void withNoConsoleOpenItWaits()
    {
        QString id;
        {
            const auto dan = console("dan");
            id = ask(*dan);
            const auto ann = console("ann");
            QVERIFY(approve(*ann, id));
        }
        const auto dan = console("dan");
        const PromotionCard card = dan->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ready"));
        Operation *operation = finished(start(*dan, awaited(dan->desk->plan(seenOf(card), {}))));
        QVERIFY(operation);
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QTRY_VERIFY(dan->desk->isSettled());
    }

    // It neither keeps whoever may carry it out from doing so, nor counts.
    void aClaimOfSomebodyWhoMayNotTakesNothingAway()
    {
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*ann);
        QVERIFY(approve(*bob, id));
        const policy::Decision before = ann->card(id).decision;
        m_shop->forge.add(policy::Claim{id, before.subject, before.policyCommit}, u("dan"),
                          QDateTime::currentDateTimeUtc());
        const PromotionCard card = ann->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ready"));
        Operation *operation = finished(start(*ann, awaited(ann->desk->plan(seenOf(card), {}))));
        QVERIFY(operation);
        QVERIFY2(operation->outcome()->kind == OutcomeKind::Done, qPrintable(operation->outcome()->message));
        QTRY_VERIFY(ann->desk->isSettled());
        QCOMPARE(ann->card(id).decision.claimant, u("ann"));
    }

    // The program ended after the effect and before it could say so: the next one does.
    void anOutcomeThatWasNotRecordedIsMadeUpFor()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        Operation *operation = startAndHold(*dan, planOf(*dan, id));
        QVERIFY(operation);
        QVERIFY(goAwayUnsaid(*dan, operation));
        QCOMPARE(policy::cardStateName(ann->card(id).state), u("underWay"));
        dan->sitDown(std::chrono::seconds(0));
        QTRY_COMPARE(policy::cardStateName(dan->card(id).state), u("done"));
        const PromotionCard card = ann->card(id);
        QVERIFY(card.outcome && card.outcome->observedAt.isValid());
        QCOMPARE(card.outcome->operation, operation->id());
    }

    // An admin may end a claim although its claimant is still at work: the ledger keeps that, and the claimant is told.
    void aClaimIsClosedWhileItsClaimantIsAtWork()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto cai = console("cai");
        const QString id = ask(*dan);
        QVERIFY(approve(*cai, id));
        Operation *operation = startAndHold(*dan, planOf(*dan, id));
        QVERIFY(operation);
        QCOMPARE(policy::cardStateName(ann->card(id).state), u("underWay"));
        const auto refused = awaited(cai->desk->closeClaim(seenOf(cai->card(id)), OutcomeKind::Unknown, u("late")));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("claimant or an admin")), qPrintable(refused.error().message));
        QVERIFY(awaited(ann->desk->closeClaim(seenOf(ann->card(id)), OutcomeKind::Unknown, u("no answer"))));
        QCOMPARE(policy::cardStateName(cai->card(id).state), u("ended"));
        QSignalSpy problems(dan->desk.get(), &PromotionDesk::problemOccurred);
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(operation->isFinished());
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QTRY_COMPARE(problems.size(), 1);
        const Error told = problems.first().first().value<Error>();
        QCOMPARE(told.kind, ErrorKind::Conflict);
        QVERIFY2(told.message.contains(u("ann had closed its claim")), qPrintable(told.message));
        QTRY_VERIFY(dan->desk->isSettled());
        const PromotionCard card = cai->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ended"));
        QCOMPARE(card.outcome->kind, OutcomeKind::Unknown);
        QCOMPARE(card.outcome->message, u("no answer"));
        QVERIFY(!awaited(ann->desk->closeClaim(seenOf(card), OutcomeKind::Unknown, u("again")))); // nothing is open
        QVERIFY(m_shop->isWhole());
    }

    // The claimant's machine is gone, and with it what would have been said: an admin ends it, and the next can go on.
    void aClaimWhoseOutcomeWasLostIsClosed_data()
    {
        QTest::addColumn<QString>("by");
        QTest::newRow("an admin") << u("ann");
        QTest::newRow("the claimant, elsewhere") << u("dan");
    }
    void aClaimWhoseOutcomeWasLostIsClosed()
    {
        QFETCH(QString, by);
        const auto cai = console("cai");
        QString id;
        {
            const auto dan = console("dan");
            id = ask(*dan);
            QVERIFY(approve(*cai, id));
            Operation *operation = startAndHold(*dan, planOf(*dan, id));
            QVERIFY(operation);
            QVERIFY(goAwayUnsaid(*dan, operation));
        }
        const auto who = console(qPrintable(by));
        PromotionCard card = who->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("underWay")); // and stands in the way
        QVERIFY(awaited(who->desk->closeClaim(seenOf(card), OutcomeKind::Unknown, u("the laptop is lost"))));
        card = cai->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ended"));
        QCOMPARE(card.outcome->message, u("the laptop is lost"));
        QVERIFY(!card.outcome->observedAt.isValid()); // nobody saw an effect
        const QString next = ask(*who);
        QVERIFY(!next.isEmpty());
        QVERIFY(approve(*cai, next));
        QVERIFY(who->card(next).mayStart.isGiven);
        QVERIFY(m_shop->isWhole());
    }

    // Somebody who came second recorded an operation for the same release, after the claim that won.
    void anothersLostOperationIsNotTheOutcome()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto first = planOf(*dan, id);
        const auto second = planOf(*ann, id);
        Operation *running = startAndHold(*dan, first);
        QVERIFY(running);
        Operation *lost = finished(start(*ann, second));
        QVERIFY(lost);
        QCOMPARE(lost->outcome()->kind, OutcomeKind::Conflict);
        QTRY_VERIFY(ann->operations->isIdle());
        const auto elsewhere = console("dan"); // another machine: the operation is not its own
        elsewhere->sitDown(std::chrono::seconds(0));
        for (int look = 0; look < 4; ++look) {
            QCOMPARE(policy::cardStateName(elsewhere->card(id).state), u("underWay"));
            QTest::qWait(50);
            QTRY_VERIFY(elsewhere->desk->isSettled());
        }
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(running->isFinished());
        QTRY_VERIFY(dan->desk->isSettled());
        const PromotionCard card = ann->card(id);
        QVERIFY(card.outcome);
        QCOMPARE(card.outcome->kind, OutcomeKind::Done);
        QCOMPARE(card.outcome->operation, running->id());
    }

    void aPlanIsRefusedAfterAVetoBetweenPlanAndClaim()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = planOf(*dan, id);
        QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(id)), u("not today"))));
        Operation *operation = finished(start(*dan, plan));
        QVERIFY(operation);
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Refused);
        QCOMPARE(dan->cluster.count(u("execute 1")), 0);
        QTRY_VERIFY(dan->desk->isSettled());
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("rejected"));
    }

    // It came into the shared ledger after the claim was written and before it was sent.
    void aVetoInFrontOfTheClaimStopsIt()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = planOf(*dan, id);
        dan->book->beforeClaim = [&] { QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(id)), u("not today")))); };
        Operation *operation = finished(start(*dan, plan));
        QVERIFY(operation);
        QVERIFY(!dan->book->beforeClaim);
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Refused);
        QVERIFY2(operation->outcome()->message.contains(u("stands against it")),
                 qPrintable(operation->outcome()->message));
        QCOMPARE(dan->cluster.count(u("execute 1")), 0);
        QTRY_VERIFY(dan->desk->isSettled());
        QVERIFY(m_shop->isWhole());
        QCOMPARE(policy::cardStateName(bob->card(id).state), u("ended")); // the claim has its outcome
    }

    // It is there, but whoever wrote it does not know what came into the ledger with it.
    void aClaimWhoseAnswerWasLostIsDecidedAnew_data()
    {
        QTest::addColumn<QString>("meanwhile");
        QTest::addColumn<OutcomeKind>("outcome");
        QTest::newRow("nothing") << QString() << OutcomeKind::Done;
        QTest::newRow("a hold") << u("hold") << OutcomeKind::Refused;
        QTest::newRow("a veto") << u("veto") << OutcomeKind::Refused;
    }
    void aClaimWhoseAnswerWasLostIsDecidedAnew()
    {
        QFETCH(QString, meanwhile);
        QFETCH(OutcomeKind, outcome);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = planOf(*dan, id);
        dan->book->losesAnswer = true;
        dan->book->beforeClaim = [&] {
            if (meanwhile == u("hold"))
                QVERIFY(awaited(bob->desk->hold(u("cart"), u("production"), u("not now"))));
            else if (meanwhile == u("veto"))
                QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(id)), u("not today"))));
        };
        Operation *operation = finished(start(*dan, plan));
        QVERIFY(operation);
        QVERIFY(!dan->book->beforeClaim);
        QCOMPARE(operation->outcome()->kind, outcome);
        const bool isDone = outcome == OutcomeKind::Done;
        QCOMPARE(dan->cluster.count(u("execute 1")), isDone ? 1 : 0);
        QTRY_VERIFY(dan->desk->isSettled());
        QCOMPARE(policy::cardStateName(ann->card(id).state), isDone ? u("done") : u("ended"));
    }

    // Nor is one effective that is looked at without knowing how it was written.
    void aClaimBehindAHoldIsNotEffective()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = planOf(*dan, id);
        QVERIFY(plan);
        const PlanStep step = plan->steps.first();
        const auto receipt = awaited(dan->runner.execute(step, {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        auto took = awaited(dan->runner.tookPlace(step, {}));
        QVERIFY(took && *took);
        QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("not now"))));
        const auto seen = awaited(dan->runner.observe(step, Receipt{}, {}));
        QVERIFY(seen);
        QCOMPARE(seen->state, Observation::State::Failed);
        QVERIFY2(seen->text.contains(u("stands against it")), qPrintable(seen->text));
        took = awaited(dan->runner.tookPlace(step, {}));
        QVERIFY(took && !*took);
        const auto again = awaited(dan->runner.execute(step, {}));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Refused);
    }
};

QTEST_GUILESS_MAIN(TestLedgerDeskClaims)
#include "test_ledgerdeskclaims.moc"
