#include "tests/unit/services/operations/operationworld.h"

#include <QFile>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

using S = OperationState;

// What an operation promises beyond its table of states.
class TestOperation : public QObject
{
    Q_OBJECT

    static QStringList executed(const World &world) { return world.runner.calls.filter(QStringLiteral("execute")); }

private slots:
    void imagePullFailureEndsAsNotEffectiveWithItsCause()
    {
        World world;
        world.runner.observations = {pending(QStringLiteral("0 of 3 pods ready"), QStringLiteral("ImagePullBackOff"))};
        QVERIFY(world.run(planOf(1, Direction::Back)));
        QVERIFY(world.advanceTo(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::NotEffective);
        QCOMPARE(world.message(), QStringLiteral("not effective: 0 of 3 pods ready, ImagePullBackOff"));
        QCOMPARE(executed(world).size(), 1);
    }

    void looksSlowDownFromAQuarterSecondToASecond()
    {
        World world;
        world.runner.observations = {pending(QStringLiteral("1 of 3"))};
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.reach(S::Observing));
        const auto looks = [&world] { return world.runner.count(QStringLiteral("observe 1")); };
        QTRY_VERIFY(world.operation->observation().has_value());
        QCOMPARE(looks(), 1);
        world.clock.advance(249ms);
        QCOMPARE(looks(), 1);
        world.clock.advance(1ms);
        QCOMPARE(looks(), 2);
        world.clock.advance(500ms);
        QCOMPARE(looks(), 3);
        world.clock.advance(1000ms);
        QCOMPARE(looks(), 4);
        world.clock.advance(1000ms);
        QCOMPARE(looks(), 5);
    }

    void lostAnswerIsReadAgainAndNeverRepeated_data()
    {
        QTest::addColumn<bool>("tookPlace");
        QTest::addColumn<OutcomeKind>("ending");
        QTest::newRow("it took place") << true << OutcomeKind::Done;
        QTest::newRow("it did not") << false << OutcomeKind::Refused;
    }
    void lostAnswerIsReadAgainAndNeverRepeated()
    {
        QFETCH(bool, tookPlace);
        World world;
        world.runner.receipts = {error(ErrorKind::OutcomeUnknown, "connection cut")};
        world.runner.takenPlace = {error(ErrorKind::Unreachable, "still away"), tookPlace};
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.advanceTo(S::Finished));
        QTEST(world.ending(), "ending");
        QCOMPARE(executed(world).size(), 1);
        QVERIFY(world.runner.count(QStringLiteral("tookPlace 1")) >= 2);
    }

    void didNotTakePlaceIsOnlyBelievedAfterAWhile()
    {
        World world;
        world.runner.receipts = {error(ErrorKind::OutcomeUnknown, "connection cut")};
        world.runner.takenPlace = {false, true}; // it arrived late
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.advanceTo(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
    }

    void callWithoutAnyAnswerIsResolvedAtItsDeadline()
    {
        World world;
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(1)));
        world.clock.advance(59s);
        QCOMPARE(world.operation->state(), S::Executing);
        world.clock.advance(1s);
        QVERIFY(world.runner.count(QStringLiteral("tookPlace 1")) == 1);
    }

    void refusalsSayWhetherAnythingWasWritten_data()
    {
        QTest::addColumn<int>("failingStep");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<OutcomeKind>("ending");
        QTest::newRow("first, conflict") << 1 << ErrorKind::Conflict << OutcomeKind::Conflict;
        QTest::newRow("first, forbidden") << 1 << ErrorKind::Forbidden << OutcomeKind::Refused;
        QTest::newRow("first, unreachable") << 1 << ErrorKind::Unreachable << OutcomeKind::Refused;
        QTest::newRow("second, conflict") << 2 << ErrorKind::Conflict << OutcomeKind::Failed;
        QTest::newRow("second, invalid") << 2 << ErrorKind::Invalid << OutcomeKind::Failed;
    }
    void refusalsSayWhetherAnythingWasWritten()
    {
        QFETCH(int, failingStep);
        QFETCH(ErrorKind, kind);
        World world;
        if (failingStep == 1)
            world.runner.receipts.clear();
        world.runner.receipts.push_back(error(kind, "no"));
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.advanceTo(S::Finished));
        QTEST(world.ending(), "ending");
        QTEST(world.operation->outcome()->errorKind, "kind");
        QCOMPARE(world.message().contains(QLatin1String("nothing was written")), failingStep == 1);
    }

    void dwellIsWaitedOutBetweenSteps()
    {
        World world;
        world.clock.advance(30s);           // less than a plan is good for
        std::chrono::milliseconds told{-1}; // to whoever hears that the wait begins
        QVERIFY(world.run(planOf(2)));
        QObject::connect(world.operation, &Operation::stateChanged, world.operation, [&](OperationState state) {
            if (state == S::Dwelling)
                told = world.operation->dwellRemaining();
        });
        QVERIFY(world.reach(S::Dwelling));
        QCOMPARE(told, 60000ms);
        world.clock.advance(59s);
        QCOMPARE(world.operation->state(), S::Dwelling);
        QCOMPARE(world.operation->dwellRemaining(), 1000ms);
        world.clock.advance(1s);
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
        QCOMPARE(executed(world), (QStringList{QStringLiteral("execute 1"), QStringLiteral("execute 2")}));
    }

    void pausedDwellKeepsWhatIsLeftOfIt()
    {
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        world.clock.advance(20500ms);
        QVERIFY(world.operation->pause());
        QCOMPARE(world.operation->dwellRemaining(), 39500ms);
        world.clock.advance(3600s);
        QCOMPARE(world.operation->state(), S::Paused);
        QVERIFY(!world.operation->pauseReason().isEmpty());
        QVERIFY(world.operation->resume());
        world.clock.advance(39s);
        QCOMPARE(world.operation->state(), S::Dwelling);
        world.clock.advance(500ms);
        QVERIFY(world.reach(S::Finished));
    }

    void sleptThroughADwellAsksBeforeItGoesOn_data()
    {
        QTest::addColumn<bool>("isCounted");
        QTest::newRow("monotonic clock stood still") << false;
        QTest::newRow("monotonic clock counted it") << true;
    }
    void sleptThroughADwellAsksBeforeItGoesOn()
    {
        QFETCH(bool, isCounted);
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        world.clock.advance(10s);
        if (isCounted)
            world.clock.sleepCounted(3600s);
        else
            world.clock.sleep(3600s);
        world.clock.advance(1s);
        QCOMPARE(world.operation->state(), S::Paused);
        QVERIFY2(world.operation->pauseReason().contains(QLatin1String("slept")),
                 qPrintable(world.operation->pauseReason()));
        world.clock.advance(3600s);
        QCOMPARE(executed(world).size(), 1);
    }

    void oldPlanIsMadeAgainForwardOnly_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::newRow("forward") << Direction::Forward;
        QTest::newRow("back: its preconditions protect it") << Direction::Back;
    }
    void oldPlanIsMadeAgainForwardOnly()
    {
        QFETCH(Direction, direction);
        const bool isForward = direction == Direction::Forward;
        World world;
        world.create(planOf(1, direction));
        QVERIFY(world.toConfirmation());
        const QSignalSpy expired(world.operation, &Operation::planExpired);
        world.clock.advance(61s);
        QCOMPARE(world.confirm(), !isForward);
        QCOMPARE(expired.size(), isForward ? 1 : 0);
        if (!isForward)
            return;
        Plan again = planOf(1, direction);
        again.plannedAt = world.clock.now();
        QVERIFY(world.operation->replacePlan(again));
        QVERIFY(world.reach(S::AwaitingConfirmation));
        QVERIFY(world.confirm());
    }

    void confirmationOfAnotherPlanIsRefused()
    {
        World world;
        world.create(planOf(2));
        QVERIFY(world.toConfirmation());
        const QByteArray shown = world.operation->plan().fingerprint();
        Plan changed = planOf(2);
        changed.steps[0].call.body = "other";
        QVERIFY(world.operation->replacePlan(changed));
        QVERIFY(world.reach(S::AwaitingConfirmation));
        QVERIFY(!world.operation->prepare(shown));
        QVERIFY(!world.operation->confirm(shown));
        QCOMPARE(world.operation->state(), S::AwaitingConfirmation);
        Plan elsewhere = planOf(2, Direction::Forward, QStringLiteral("search"));
        QVERIFY(!world.operation->replacePlan(elsewhere));
    }

    void planReplacedWhileHeldStartsTheConfirmationAnew()
    {
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        const QByteArray before = world.operation->plan().fingerprint();
        QVERIFY(world.operation->prepare(before));
        QVERIFY(world.reach(S::Armed));
        Plan changed = planOf(1);
        changed.to = QStringLiteral("1.2");
        QVERIFY(world.operation->replacePlan(changed));
        QVERIFY(!world.operation->confirm(before));
        QVERIFY(world.reach(S::AwaitingConfirmation));
        QCOMPARE(world.operation->plan().to, QStringLiteral("1.2"));
        QVERIFY(executed(world).isEmpty());
    }

    // What would send the same is checked behind what is shown: whoever presses meanwhile is heard.
    void samePlanMadeAgainStaysConfirmable_data()
    {
        QTest::addColumn<bool>("isTried");
        QTest::newRow("with a dry run of its own") << true;
        QTest::newRow("its dry run is still to be made") << false;
    }
    void samePlanMadeAgainStaysConfirmable()
    {
        QFETCH(bool, isTried);
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        const QByteArray shown = world.operation->plan().fingerprint();
        const QSignalSpy moved(world.operation, &Operation::stateChanged);
        world.clock.advance(20s);
        Plan again = planOf(1);
        again.plannedAt = world.clock.now();
        again.dryRunAt = isTried ? again.plannedAt : QDateTime();
        QVERIFY(world.operation->renewPlan(again));
        QTRY_COMPARE(world.operation->plan().plannedAt, again.plannedAt);
        QCOMPARE(world.operation->plan().dryRunAt, world.clock.now());
        QCOMPARE(world.runner.count(QStringLiteral("dryRun 1")), isTried ? 0 : 1);
        QCOMPARE(world.operation->plan().fingerprint(), shown);
        QCOMPARE(moved.size(), 0);
        world.clock.advance(50s); // older than a plan may be, had it not been made again
        QVERIFY(world.operation->prepare(shown));
        QVERIFY(world.reach(S::Armed));
        QVERIFY(world.operation->renewPlan(again)); // nor does a hold end by it
        QCOMPARE(world.operation->state(), S::Armed);
        QVERIFY(world.operation->confirm(shown));
        QCOMPARE(executed(world).size(), 1);
    }

    // Asked for with each plan that goes forward, and told once however often that is.
    void thePolicyIsAskedOfWhatGoesForward_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<bool>("isFrozenLater");
        QTest::newRow("forward") << Direction::Forward << false;
        QTest::newRow("forward, and frozen before it is confirmed") << Direction::Forward << true;
        QTest::newRow("back") << Direction::Back << true;
    }
    void thePolicyIsAskedOfWhatGoesForward()
    {
        QFETCH(Direction, direction);
        QFETCH(bool, isFrozenLater);
        World world;
        int asked = 0;
        CheckState state = CheckState::Pass;
        world.center->setPolicyChecks([&asked, &state](const Plan &, const StopToken &) {
            ++asked;
            const Check freeze{
                CheckId::FreezeWindow, state, QStringLiteral("Freeze"), QStringLiteral("end of year"), {}};
            return QtFuture::makeReadyFuture(Result<QList<Check>>(QList<Check>{freeze}));
        });
        world.create(planOf(1, direction));
        QVERIFY(world.toConfirmation());
        const bool isForward = direction == Direction::Forward;
        QCOMPARE(asked, isForward ? 1 : 0);
        const auto told = [&world] {
            const QList<Check> checks = world.operation->plan().checks;
            return std::count_if(checks.cbegin(), checks.cend(),
                                 [](const Check &check) { return check.id == CheckId::FreezeWindow; });
        };
        QVERIFY(world.operation->replacePlan(world.operation->plan())); // checked anew, with all that was found
        QVERIFY(world.reach(S::AwaitingConfirmation));
        QCOMPARE(told(), isForward ? 1 : 0);
        if (isFrozenLater)
            state = CheckState::Block;
        Plan again = planOf(1, direction);
        again.plannedAt = world.clock.now().addSecs(1);
        QVERIFY(world.operation->renewPlan(again));
        if (isForward && isFrozenLater) {
            QVERIFY(world.reach(S::Finished));
            QCOMPARE(world.ending(), OutcomeKind::Refused);
            QVERIFY2(world.message().contains(QStringLiteral("Freeze: end of year")), qPrintable(world.message()));
            return;
        }
        QTRY_COMPARE(world.operation->plan().plannedAt, again.plannedAt);
        QCOMPARE(told(), isForward ? 1 : 0);
        QCOMPARE(world.operation->state(), S::AwaitingConfirmation);
    }

    // Who hangs holds nothing up for ever.
    void aPolicyThatDoesNotAnswerIsTold()
    {
        World world;
        QPromise<Result<QList<Check>>> never;
        never.start();
        bool isAsked = false;
        world.center->setPolicyChecks([&](const Plan &, const StopToken &) {
            isAsked = true;
            return never.future();
        });
        world.create(planOf(1));
        QVERIFY(world.operation->start());
        QTRY_VERIFY(isAsked);
        QCOMPARE(world.operation->state(), S::Preflight);
        world.clock.advance(21s);
        QVERIFY(world.reach(S::AwaitingConfirmation));
        const QList<Check> checks = world.operation->plan().checks;
        QVERIFY(std::any_of(checks.cbegin(), checks.cend(), [](const Check &check) {
            return check.state == CheckState::Warn && check.text.contains(QStringLiteral("is not known"));
        }));
        never.finish();
    }

    void aHangingCheckOfTheSamePlanHoldsNothingUp_data()
    {
        QTest::addColumn<QString>("then");
        QTest::newRow("it is confirmed") << QStringLiteral("confirmed");
        QTest::newRow("it is made again") << QStringLiteral("again");
        QTest::newRow("it grows old, and is seen to be checked") << QStringLiteral("old");
    }
    void aHangingCheckOfTheSamePlanHoldsNothingUp()
    {
        QFETCH(QString, then);
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        const QByteArray shown = world.operation->plan().fingerprint();
        world.runner.holdsDryRun = true;
        Plan again = planOf(1);
        again.dryRunAt = {};
        again.plannedAt = world.clock.now().addSecs(1);
        QVERIFY(world.operation->renewPlan(again));
        QTRY_COMPARE(world.runner.count(QStringLiteral("dryRun 1")), 1);
        if (then == QLatin1String("old"))
            world.clock.advance(61s);
        if (then != QLatin1String("confirmed")) {
            again.plannedAt = world.clock.now();
            QVERIFY(world.operation->renewPlan(again));
            const bool isOld = then == QLatin1String("old");
            QTRY_COMPARE(world.runner.count(QStringLiteral("dryRun 1")), isOld ? 2 : 1);
            QCOMPARE(world.operation->state(), isOld ? S::Preflight : S::AwaitingConfirmation);
            if (isOld)
                return;
        }
        QVERIFY(world.operation->prepare(shown));
        QVERIFY(world.reach(S::Armed));
        QVERIFY(world.operation->confirm(shown));
        QCOMPARE(executed(world).size(), 1);
    }

    // A reason typed and a step chosen while the newer plan is being checked.
    void whatIsChosenMeanwhileStays()
    {
        World world;
        Plan plan = planOf(2);
        plan.steps[0].isOptional = true;
        plan.steps[0].isChosen = true;
        world.create(plan);
        QVERIFY(world.toConfirmation());
        plan.plannedAt = world.clock.now().addSecs(1);
        QVERIFY(world.operation->renewPlan(plan));
        QVERIFY(world.operation->chooseStep(plan.steps[0].id, false));
        QVERIFY(world.operation->setReason(QStringLiteral("too slow")));
        QTRY_COMPARE(world.operation->plan().plannedAt, plan.plannedAt);
        QVERIFY(!world.operation->plan().steps[0].isChosen);
        QCOMPARE(world.operation->plan().reason, QStringLiteral("too slow"));
        QCOMPARE(world.operation->state(), S::AwaitingConfirmation);
    }

    void planMadeAgainThatIsDoubtedIsNotConfirmable_data()
    {
        QTest::addColumn<QString>("doubt");
        QTest::addColumn<bool>("isHeld");
        for (const bool isHeld : {false, true}) {
            QTest::addRow("another call%s", isHeld ? ", held" : "") << QStringLiteral("call") << isHeld;
            QTest::addRow("a check%s", isHeld ? ", held" : "") << QStringLiteral("check") << isHeld;
        }
        QTest::newRow("the dry run") << QStringLiteral("dry run") << false;
    }
    void planMadeAgainThatIsDoubtedIsNotConfirmable()
    {
        QFETCH(QString, doubt);
        QFETCH(bool, isHeld);
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        const QByteArray shown = world.operation->plan().fingerprint();
        if (isHeld) {
            QVERIFY(world.operation->prepare(shown));
            QVERIFY(world.reach(S::Armed));
        }
        Plan again = planOf(1);
        if (doubt == QLatin1String("call")) {
            again.steps[0].call.body = "other";
        } else if (doubt == QLatin1String("check")) {
            again.checks = {{CheckId::Rights, CheckState::Block, QStringLiteral("no right"), {}, {}}};
        } else {
            again.dryRunAt = {};
            world.runner.dryRuns = {error(ErrorKind::Refused, "no"), error(ErrorKind::Refused, "no")};
        }
        QVERIFY(world.operation->renewPlan(again));
        if (doubt == QLatin1String("call")) {
            QTRY_COMPARE(world.operation->plan().fingerprint(), again.fingerprint());
            QVERIFY(world.reach(S::AwaitingConfirmation));
        } else {
            QTRY_COMPARE(world.operation->state(), S::Finished);
            QCOMPARE(world.operation->outcome()->kind, OutcomeKind::Refused);
        }
        QVERIFY(!world.operation->confirm(shown));
        QVERIFY(executed(world).isEmpty());
    }

    void holdCompletedSendsTheCallAtOnce()
    {
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.operation->prepare(world.operation->plan().fingerprint()));
        QVERIFY(world.reach(S::Armed));
        QVERIFY(executed(world).isEmpty());
        QVERIFY(world.confirm());
        QCOMPARE(executed(world).size(), 1); // before confirm() returned
    }

    void optionalStepThatIsLeftOutIsNotSent()
    {
        World world;
        Plan plan = planOf(2);
        plan.steps[0].isOptional = true;
        world.create(plan);
        QVERIFY(world.toConfirmation());
        const QByteArray before = world.operation->plan().fingerprint();
        QVERIFY(world.operation->chooseStep(QStringLiteral("1"), false));
        QVERIFY(world.operation->plan().fingerprint() != before);
        QVERIFY(!world.operation->chooseStep(QStringLiteral("2"), false)); // not optional
        QVERIFY(world.confirm());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(executed(world), QStringList{QStringLiteral("execute 2")});
    }

    void abandonTakesBackAllStepsDone()
    {
        World world;
        PlanStep back;
        back.id = QStringLiteral("back");
        world.runner.reversals = {back};
        QVERIFY(world.run(planOf(3)));
        QVERIFY(world.reach(S::Dwelling));
        world.clock.advance(60s);
        QVERIFY(world.reach(S::Dwelling)); // of step 2
        QVERIFY(world.operation->abandon());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Abandoned);
        QVERIFY(world.runner.calls.contains(QStringLiteral("reversal 1,2")));
        QCOMPARE(executed(world).last(), QStringLiteral("execute back"));
    }

    void abandonTakesBackEveryObject()
    {
        World world;
        PlanStep back;
        back.id = QStringLiteral("back");
        world.runner.reversals = {back};
        QVERIFY(world.run(planWithPausedReconciliation(3)));
        QVERIFY(world.reach(S::Dwelling)); // of step 2
        QVERIFY(world.operation->abandon());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Abandoned);
        QCOMPARE(world.runner.calls.filter(QStringLiteral("reversal")),
                 (QStringList{QStringLiteral("reversal 2"), QStringLiteral("reversal 1")}));
        QCOMPARE(executed(world).size(), 4);
        QVERIFY2(!world.message().contains(QLatin1String("Let it sync again")), qPrintable(world.message()));
    }

    void whatCouldNotBeTakenBackIsNamed()
    {
        World world;
        PlanStep back;
        back.id = QStringLiteral("back");
        world.runner.reversals = {back, error(ErrorKind::Conflict, "the owner was made again")};
        QVERIFY(world.run(planWithPausedReconciliation(3)));
        QVERIFY(world.reach(S::Dwelling));
        QVERIFY(world.operation->abandon());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Failed);
        QVERIFY2(world.message().contains(QLatin1String("1 of 3")), qPrintable(world.message()));
        QVERIFY2(world.message().contains(QLatin1String("Let it sync again")), qPrintable(world.message()));
    }

    void pausedReconciliationIsNotForgotten_data()
    {
        QTest::addColumn<bool>("isEffective");
        QTest::newRow("done") << true;
        QTest::newRow("not effective") << false;
    }
    void pausedReconciliationIsNotForgotten()
    {
        QFETCH(bool, isEffective);
        World world;
        world.runner.observations = {effective(QStringLiteral("paused")),
                                     isEffective ? effective(QStringLiteral("3 of 3 pods ready"))
                                                 : pending(QStringLiteral("0 of 3 pods ready"))};
        QVERIFY(world.run(planWithPausedReconciliation(2)));
        QVERIFY(world.advanceTo(S::Finished));
        QCOMPARE(world.message(),
                 (isEffective ? QStringLiteral("done: 3 of 3 pods ready.")
                              : QStringLiteral("not effective: 0 of 3 pods ready.")) +
                     QStringLiteral(" Left as it is until somebody ends it: \"Pause the sync\". To end it: Let it "
                                    "sync again."));
    }

    void whatNothingReportsIsNotCalledDone()
    {
        World world;
        Observation written = effective(QStringLiteral("weights 25, 75"));
        written.isConfirmed = false;
        world.runner.observations = {written};
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
        QCOMPARE(world.message(), QStringLiteral("written; nothing reports whether it is in force (weights 25, 75)"));
        QVERIFY(!world.operation->stepOutcomes().first().observedAt.isValid());
        QVERIFY(!world.operation->outcome()->isConfirmed);
        QTRY_VERIFY(world.center->isIdle());
        const auto entries = world.center->newestEntries(1);
        QTRY_VERIFY(entries.isFinished());
        QVERIFY(!entries.result()->first().outcome.isConfirmed); // and the ledger keeps it so
    }

    void oldLookIsNoVerdict()
    {
        World world;
        world.runner.observations = {pending(QStringLiteral("1 of 3 pods ready"))};
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.reach(S::Observing));
        QTRY_VERIFY(world.operation->observation().has_value());
        world.runner.holdsObserve = true;
        QVERIFY(world.advanceTo(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Unknown);
        QVERIFY2(world.message().contains(QLatin1String("no answer for 60 s")), qPrintable(world.message()));
    }

    void effectOfACallThatTookAllItsTimeIsStillLookedAt()
    {
        World world;
        world.runner.holdsExecute = true;
        world.runner.observations = {pending(QStringLiteral("2 of 3")), effective(QStringLiteral("3 of 3"))};
        QVERIFY(world.run(planOf(1)));
        world.clock.advance(60s);
        QVERIFY(world.advanceTo(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
    }

    void commandsWaitForTheAnswerOfACallUnderWay_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<S>("reached");
        QTest::newRow("cancel") << "cancel" << S::Finished;
        QTest::newRow("pause") << "pause" << S::Paused;
        QTest::newRow("abandon") << "abandon" << S::Finished;
    }
    void commandsWaitForTheAnswerOfACallUnderWay()
    {
        QFETCH(QString, command);
        QFETCH(S, reached);
        World world;
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(command == QLatin1String("cancel")  ? world.operation->cancel()
                : command == QLatin1String("pause") ? world.operation->pause()
                                                    : world.operation->abandon());
        world.clock.advance(5s);
        QCOMPARE(world.operation->state(), S::Executing);
        world.runner.give(Receipt{});
        QVERIFY(world.reach(reached));
        QCOMPARE(executed(world).size(), 1);
    }

    void ofTwoCommandsDuringACallTheLaterOneCounts_data()
    {
        QTest::addColumn<QStringList>("commands");
        QTest::addColumn<OutcomeKind>("ending");
        const QString cancel = QStringLiteral("cancel");
        const QString abandon = QStringLiteral("abandon");
        const QString pause = QStringLiteral("pause");
        QTest::newRow("abandon, cancel") << QStringList{abandon, cancel} << OutcomeKind::Cancelled;
        QTest::newRow("cancel, abandon") << QStringList{cancel, abandon} << OutcomeKind::Abandoned;
        QTest::newRow("abandon, cancel, abandon") << QStringList{abandon, cancel, abandon} << OutcomeKind::Abandoned;
        QTest::newRow("pause, cancel") << QStringList{pause, cancel} << OutcomeKind::Cancelled;
        QTest::newRow("pause, abandon") << QStringList{pause, abandon} << OutcomeKind::Abandoned;
    }
    void ofTwoCommandsDuringACallTheLaterOneCounts()
    {
        QFETCH(QStringList, commands);
        QFETCH(OutcomeKind, ending);
        World world;
        PlanStep back;
        back.id = QStringLiteral("back");
        world.runner.reversals = {back};
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(2)));
        for (const QString &command : commands)
            QVERIFY(command == QLatin1String("cancel")  ? world.operation->cancel()
                    : command == QLatin1String("pause") ? world.operation->pause()
                                                        : world.operation->abandon());
        QVERIFY(!world.operation->pause()); // it would not come to it
        world.runner.holdsExecute = false;
        world.runner.give(Receipt{});
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), ending);
    }

    void aPauseThatHasNotBegunIsTakenBack()
    {
        World world;
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(!world.operation->resume()); // nothing was asked for yet
        QVERIFY(world.operation->pause() && world.operation->resume());
        world.runner.give(Receipt{});
        QVERIFY(world.reach(S::Dwelling));
    }

    void cancelAfterTheLastCallStillLooksAtItsEffect()
    {
        World world;
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.operation->cancel());
        world.runner.give(Receipt{});
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
    }

    void commandsThatMeanNothingDoNothing()
    {
        World world;
        world.create(planOf(1));
        QVERIFY(!world.operation->pause());
        QVERIFY(!world.operation->resume());
        QVERIFY(!world.operation->skipDwell());
        QVERIFY(!world.operation->abandon());
        QVERIFY(!world.operation->preempt(QStringLiteral("x")));
        QVERIFY(!world.operation->release());
        QVERIFY(!world.confirm());
        QCOMPARE(world.operation->state(), S::Planned);
    }

    void dryRunStopsBeforeTheConfirmation()
    {
        World world;
        world.create(planOf(1));
        QVERIFY(world.operation->start(Operation::Mode::DryRun));
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::DryRun);
        QVERIFY(executed(world).isEmpty());
        QVERIFY(!QFile::exists(world.folder.filePath(QStringLiteral("journal"))));
    }

    void goingBackDoesNotWaitForADryRun_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<Operation::Mode>("mode");
        QTest::addColumn<bool>("goesOn");
        QTest::newRow("back") << Direction::Back << Operation::Mode::Real << true;
        QTest::newRow("forward") << Direction::Forward << Operation::Mode::Real << false;
        QTest::newRow("back, and a dry run is what was asked for")
            << Direction::Back << Operation::Mode::DryRun << false;
    }
    void goingBackDoesNotWaitForADryRun()
    {
        QFETCH(Direction, direction);
        QFETCH(Operation::Mode, mode);
        QFETCH(bool, goesOn);
        World world;
        world.runner.holdsDryRun = true; // a webhook that hangs
        Plan plan = planOf(1, direction);
        plan.dryRunAt = {};
        world.create(plan);
        QVERIFY(world.operation->start(mode));
        QTRY_COMPARE(world.runner.count(QStringLiteral("dryRun 1")), 1);
        world.clock.advance(1900ms);
        QCOMPARE(world.operation->state(), S::Preflight);
        world.clock.advance(200ms);
        QCOMPARE(world.operation->state(), goesOn ? S::AwaitingConfirmation : S::Preflight);
        if (!goesOn)
            return;
        const QList<Check> checks = world.operation->plan().checks;
        const auto warned =
            std::find_if(checks.begin(), checks.end(), [](const Check &check) { return check.id == CheckId::DryRun; });
        QVERIFY(warned != checks.end());
        QCOMPARE(warned->state, CheckState::Warn);
    }

    void dryRunOfGoingBackIsNotAskedTwice()
    {
        World world;
        world.runner.holdsDryRun = true;
        Plan plan = planOf(1, Direction::Back);
        plan.dryRunAt = {};
        plan.checks = {{CheckId::DryRun, CheckState::Warn, QStringLiteral("not answered in time"), {}, {}}};
        world.create(plan);
        QVERIFY(world.toConfirmation());
        QCOMPARE(world.runner.count(QStringLiteral("dryRun 1")), 0);
    }

    void whatToDoFollowsAWholeSentence_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("wayOut");
        QTest::addColumn<QString>("message");
        QTest::newRow("as it stands in a list")
            << QStringLiteral("ci.yml has no workflow_dispatch") << QStringLiteral("Add it to the file.")
            << QStringLiteral("Refused, nothing was written: ci.yml has no workflow_dispatch. Add it to the file.");
        QTest::newRow("a sentence already")
            << QStringLiteral("The server refused.") << QStringLiteral("Ask for the right that is named.")
            << QStringLiteral("Refused, nothing was written: The server refused. Ask for the right that is named.");
        QTest::newRow("nothing to do") << QStringLiteral("no right") << QString()
                                       << QStringLiteral("Refused, nothing was written: no right");
    }
    void whatToDoFollowsAWholeSentence()
    {
        QFETCH(QString, text);
        QFETCH(QString, wayOut);
        World world;
        Plan plan = planOf(1);
        plan.checks = {{CheckId::Rights, CheckState::Block, text, {}, wayOut}};
        world.create(plan);
        QVERIFY(world.operation->start());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Refused);
        QTEST(world.message(), "message");
        QCOMPARE(executed(world), QStringList());
    }

    void dryRunFailureBlocksForwardAndWarnsBack_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<S>("state");
        const auto row = [](const char *name, Direction direction, ErrorKind kind, S state) {
            QTest::newRow(name) << direction << kind << state;
        };
        row("forward, invalid", Direction::Forward, ErrorKind::Invalid, S::Finished);
        row("back, invalid", Direction::Back, ErrorKind::Invalid, S::AwaitingConfirmation);
        row("forward, forbidden", Direction::Forward, ErrorKind::Forbidden, S::Finished);
        row("back, forbidden", Direction::Back, ErrorKind::Forbidden, S::Finished);
        row("forward, none offered", Direction::Forward, ErrorKind::Unsupported, S::AwaitingConfirmation);
        row("back, conflict", Direction::Back, ErrorKind::Conflict, S::Finished);
    }
    void dryRunFailureBlocksForwardAndWarnsBack()
    {
        QFETCH(Direction, direction);
        QFETCH(ErrorKind, kind);
        QFETCH(S, state);
        World world;
        Plan plan = planOf(1, direction);
        plan.dryRunAt = {};
        world.runner.dryRuns = {error(kind, "no")};
        world.create(plan);
        QVERIFY(world.operation->start());
        QVERIFY(world.reach(state));
        QVERIFY(executed(world).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestOperation)
#include "test_operation.moc"
