#include "tests/unit/services/operations/operationworld.h"

#include <QFile>
#include <QMetaEnum>

#include <functional>
#include <set>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

using S = OperationState;
using E = OperationEvent;
using Script = std::function<void(World &)>;

// One row per edge of the table in operationstates.cpp, walked by a real operation.
class TestOperationStates : public QObject
{
    Q_OBJECT

    std::set<World::Edge> m_walked;

private slots:
    void everyEdgeIsWalked_data();
    void everyEdgeIsWalked();
    void tableHasNoEdgeThatNothingWalks();
};

namespace
{

void row(S from, E event, const Script &script)
{
    const QString name = operationStateName(from) + QLatin1String(" + ") +
                         QString::fromLatin1(QMetaEnum::fromType<E>().valueToKey(static_cast<int>(event)));
    QTest::newRow(qPrintable(name)) << script << from << event;
}

// Common ways to a state.
void toArmed(World &w)
{
    w.create(planOf(2));
    QVERIFY(w.toConfirmation() && w.operation->prepare(w.operation->plan().fingerprint()) && w.reach(S::Armed));
}
void toDwelling(World &w)
{
    QVERIFY(w.run(planOf(2)) && w.reach(S::Dwelling));
}
void toObserving(World &w)
{
    w.runner.observations = {pending(QStringLiteral("1 of 3"))};
    QVERIFY(w.run(planOf(2)) && w.reach(S::Observing));
}
void toPaused(World &w)
{
    toDwelling(w);
    QVERIFY(w.operation->pause() && w.reach(S::Paused));
}
void toResolving(World &w)
{
    w.runner.receipts = {error(ErrorKind::OutcomeUnknown, "cut")};
    w.runner.takenPlace = {error(ErrorKind::Unsupported, "cannot tell")};
    QVERIFY(w.run(planOf(2)) && w.reach(S::Resolving));
}
void toReversing(World &w) // its call has no answer yet
{
    PlanStep back;
    back.id = QStringLiteral("back");
    back.deadline = 60s;
    w.runner.reversals = {back};
    toDwelling(w);
    w.runner.holdsExecute = true;
    QVERIFY(w.operation->abandon() && w.reach(S::Reversing));
}
void toObservingReversal(World &w)
{
    toReversing(w);
    w.runner.observations = {pending(QStringLiteral("1 of 3"))};
    w.runner.give(Receipt{});
    QVERIFY(w.reach(S::ObservingReversal));
}
void toResolvingReversal(World &w)
{
    toReversing(w);
    w.runner.takenPlace = {error(ErrorKind::Unsupported, "cannot tell")};
    w.runner.give(error(ErrorKind::OutcomeUnknown, "cut"));
    QVERIFY(w.reach(S::ResolvingReversal));
}

void ends(World &w, OutcomeKind kind)
{
    QVERIFY(w.advanceTo(S::Finished));
    QCOMPARE(w.ending(), kind);
}

// Rows of the three ways out that many states share.
void preemptRow(S from, const Script &way)
{
    row(from, E::PreemptRequested, [way](World &w) {
        way(w);
        QVERIFY(w.operation->preempt(QStringLiteral("ann")));
        ends(w, OutcomeKind::Preempted);
    });
}
void cancelRow(S from, const Script &way)
{
    row(from, E::CancelRequested, [way](World &w) {
        way(w);
        const int sent = w.runner.calls.filter(QStringLiteral("execute")).size();
        QVERIFY(w.operation->cancel());
        ends(w, OutcomeKind::Cancelled);
        QCOMPARE(w.runner.calls.filter(QStringLiteral("execute")).size(), sent);
    });
}
void abandonRow(S from, const Script &way)
{
    row(from, E::AbandonRequested, [way](World &w) {
        PlanStep back;
        back.id = QStringLiteral("back");
        w.runner.reversals = {back};
        way(w);
        w.runner.observations = {effective(QStringLiteral("all on stable"))};
        QVERIFY(w.operation->abandon());
        ends(w, OutcomeKind::Abandoned);
    });
}

void rowsBeforeTheCall()
{
    row(S::Planned, E::Started, [](World &w) {
        w.create(planOf(1));
        QVERIFY(w.operation->start());
    });
    row(S::Preflight, E::ChecksPassed, [](World &w) {
        w.create(planOf(1));
        QVERIFY(w.toConfirmation());
    });
    row(S::Preflight, E::ChecksBlocked, [](World &w) {
        Plan plan = planOf(1);
        plan.checks = {{CheckId::Rights, CheckState::Block, QStringLiteral("you may not"), {}, {}}};
        w.create(plan)->start();
        ends(w, OutcomeKind::Refused);
    });
    row(S::Preflight, E::DryRunEnded, [](World &w) {
        w.create(planOf(1))->start(Operation::Mode::DryRun);
        ends(w, OutcomeKind::DryRun);
    });
    row(S::Preflight, E::Replanned, [](World &w) {
        w.create(planOf(1))->start();
        QVERIFY(w.operation->replacePlan(planOf(2)));
        QVERIFY(w.reach(S::AwaitingConfirmation));
        QCOMPARE(w.operation->chosenSteps().size(), 2);
    });
    row(S::AwaitingConfirmation, E::HoldBegan, toArmed);
    row(S::AwaitingConfirmation, E::Replanned, [](World &w) {
        w.create(planOf(1));
        QVERIFY(w.toConfirmation() && w.operation->replacePlan(planOf(2)) && w.reach(S::AwaitingConfirmation));
    });
    row(S::Journaling, E::Ready, toArmed);
    row(S::Journaling, E::LockRefused, [](World &w) {
        w.locker.grant = error(ErrorKind::Refused, "held by ann@elsewhere");
        w.create(planOf(1));
        QVERIFY(w.toConfirmation() && w.confirm());
        QVERIFY(w.reach(S::Finished));
        ends(w, OutcomeKind::Refused);
        QVERIFY(w.message().contains(QLatin1String("ann@elsewhere")));
    });
    row(S::Journaling, E::JournalFailed, [](World &w) {
        QFile blocker(w.folder.filePath(QStringLiteral("journal"))); // a file where the folder should be
        QVERIFY(blocker.open(QIODevice::WriteOnly));
        w.create(planOf(1));
        QVERIFY(w.toConfirmation() && w.confirm());
        QVERIFY(w.reach(S::Finished));
        ends(w, OutcomeKind::Refused);
        QVERIFY(w.runner.calls.isEmpty());
    });
    row(S::Armed, E::Confirmed, [](World &w) {
        toArmed(w);
        QVERIFY(w.confirm());
    });
    row(S::Armed, E::HoldReleased, [](World &w) {
        toArmed(w);
        QVERIFY(w.operation->release());
        QCOMPARE(w.operation->state(), S::AwaitingConfirmation);
        QCOMPARE(w.locker.calls.last(), QStringLiteral("release cart"));
    });
    cancelRow(S::Planned, [](World &w) { w.create(planOf(1)); });
    cancelRow(S::Preflight, [](World &w) { w.create(planOf(1))->start(); });
    cancelRow(S::AwaitingConfirmation, [](World &w) {
        w.create(planOf(1));
        QVERIFY(w.toConfirmation());
    });
    cancelRow(S::Armed, toArmed);
    preemptRow(S::Armed, toArmed);
}

void rowsOfTheCall()
{
    row(S::Executing, E::Accepted, toObserving);
    row(S::Executing, E::CallRefused, [](World &w) {
        w.runner.receipts = {error(ErrorKind::Conflict, "template is d00d now")};
        QVERIFY(w.run(planOf(2)));
        ends(w, OutcomeKind::Conflict);
    });
    row(S::Executing, E::AnswerLost, toResolving);
    row(S::Executing, E::PreemptOverdue, [](World &w) {
        w.runner.holdsExecute = true;
        QVERIFY(w.run(planOf(2)));
        QVERIFY(w.operation->preempt(QStringLiteral("ann")));
        ends(w, OutcomeKind::Preempted);
        QCOMPARE(w.operation->outcome()->steps.first().kind, OutcomeKind::Unknown);
    });
    row(S::Resolving, E::TookPlace, [](World &w) {
        w.runner.receipts = {error(ErrorKind::OutcomeUnknown, "cut")};
        QVERIFY(w.run(planOf(1)));
        ends(w, OutcomeKind::Done);
    });
    row(S::Resolving, E::DidNotTakePlace, [](World &w) {
        w.runner.receipts = {error(ErrorKind::OutcomeUnknown, "cut")};
        w.runner.takenPlace = {false};
        QVERIFY(w.run(planOf(1)));
        ends(w, OutcomeKind::Refused);
    });
    row(S::Resolving, E::CannotTell, [](World &w) {
        toResolving(w);
        ends(w, OutcomeKind::Unknown);
    });
    preemptRow(S::Resolving, toResolving);
}

void rowsOfTheEffect()
{
    row(S::Observing, E::EffectiveDwell, toDwelling);
    row(S::Observing, E::EffectivePaused, [](World &w) {
        toObserving(w);
        QVERIFY(w.operation->pause());
        w.runner.observations = {effective(QStringLiteral("3 of 3"))};
        QVERIFY(w.advanceTo(S::Paused));
    });
    row(S::Observing, E::EffectiveNext, [](World &w) {
        Plan plan = planOf(2);
        plan.steps[0].dwell = 0s;
        QVERIFY(w.run(plan));
        ends(w, OutcomeKind::Done);
        QCOMPARE(w.operation->stepOutcomes().size(), 2);
    });
    row(S::Observing, E::EffectiveLast, [](World &w) {
        QVERIFY(w.run(planOf(1)));
        ends(w, OutcomeKind::Done);
        QCOMPARE(w.message(), QStringLiteral("done: 3 of 3 pods ready"));
    });
    row(S::Observing, E::NotEffective, [](World &w) {
        toObserving(w);
        ends(w, OutcomeKind::NotEffective);
    });
    row(S::Observing, E::CannotTell, [](World &w) {
        w.runner.observations = {error(ErrorKind::Forbidden, "may not read")};
        QVERIFY(w.run(planOf(1)));
        ends(w, OutcomeKind::Unknown);
    });
    abandonRow(S::Observing, toObserving);
    cancelRow(S::Observing, toObserving);
    preemptRow(S::Observing, toObserving);

    row(S::Dwelling, E::DwellOver, [](World &w) {
        toDwelling(w);
        ends(w, OutcomeKind::Done);
    });
    row(S::Dwelling, E::DwellSkipped, [](World &w) {
        toDwelling(w);
        QVERIFY(w.operation->skipDwell());
        QVERIFY(w.reach(S::Finished));
    });
    row(S::Dwelling, E::PauseRequested, toPaused);
    row(S::Dwelling, E::ClockJumped, [](World &w) {
        toDwelling(w);
        w.clock.sleep(600s);
        w.clock.advance(1s);
        QCOMPARE(w.operation->state(), S::Paused);
    });
    abandonRow(S::Dwelling, toDwelling);
    cancelRow(S::Dwelling, toDwelling);
    preemptRow(S::Dwelling, toDwelling);

    row(S::Paused, E::Resumed, [](World &w) {
        toPaused(w);
        QVERIFY(w.operation->resume());
        ends(w, OutcomeKind::Done);
    });
    row(S::Paused, E::DwellSkipped, [](World &w) {
        toPaused(w);
        QVERIFY(w.operation->skipDwell());
        QVERIFY(w.reach(S::Finished));
    });
    abandonRow(S::Paused, toPaused);
    cancelRow(S::Paused, toPaused);
    preemptRow(S::Paused, toPaused);
}

void rowsOfTakingBack()
{
    row(S::PlanningReversal, E::ReversalPlanned, toReversing);
    row(S::PlanningReversal, E::ReversalUnplannable, [](World &w) {
        toDwelling(w);
        QVERIFY(w.operation->abandon());
        ends(w, OutcomeKind::Failed);
        QVERIFY(w.message().contains(QLatin1String("no way back")));
    });
    preemptRow(S::PlanningReversal, [](World &w) {
        toDwelling(w);
        QVERIFY(w.operation->abandon());
        QCOMPARE(w.operation->state(), S::PlanningReversal);
    });
    row(S::Reversing, E::Accepted, toObservingReversal);
    row(S::Reversing, E::CallRefused, [](World &w) {
        toReversing(w);
        w.runner.give(error(ErrorKind::Conflict, "moved"));
        ends(w, OutcomeKind::Failed);
    });
    row(S::Reversing, E::AnswerLost, toResolvingReversal);
    row(S::Reversing, E::PreemptOverdue, [](World &w) {
        toReversing(w);
        QVERIFY(w.operation->preempt(QStringLiteral("ann")));
        ends(w, OutcomeKind::Preempted);
    });
    row(S::ResolvingReversal, E::TookPlace, [](World &w) {
        toReversing(w);
        w.runner.give(error(ErrorKind::OutcomeUnknown, "cut"));
        ends(w, OutcomeKind::Abandoned);
    });
    row(S::ResolvingReversal, E::DidNotTakePlace, [](World &w) {
        toReversing(w);
        w.runner.takenPlace = {false};
        w.runner.give(error(ErrorKind::OutcomeUnknown, "cut"));
        ends(w, OutcomeKind::Failed);
    });
    row(S::ResolvingReversal, E::CannotTell, [](World &w) {
        toResolvingReversal(w);
        ends(w, OutcomeKind::Unknown);
    });
    preemptRow(S::ResolvingReversal, toResolvingReversal);
    row(S::ObservingReversal, E::EffectiveLast, [](World &w) {
        toReversing(w);
        w.runner.give(Receipt{});
        ends(w, OutcomeKind::Abandoned);
    });
    row(S::ObservingReversal, E::EffectiveNext, [](World &w) {
        PlanStep back;
        back.id = QStringLiteral("back");
        w.runner.reversals = {back};
        QVERIFY(w.run(planWithPausedReconciliation(3)) && w.reach(S::Dwelling));
        QVERIFY(w.operation->abandon());
        ends(w, OutcomeKind::Abandoned);
    });
    row(S::ObservingReversal, E::NotEffective, [](World &w) {
        toObservingReversal(w);
        ends(w, OutcomeKind::NotEffective);
    });
    row(S::ObservingReversal, E::CannotTell, [](World &w) {
        toReversing(w);
        w.runner.observations = {error(ErrorKind::Unreachable, "gone")};
        w.runner.give(Receipt{});
        ends(w, OutcomeKind::Unknown);
    });
    preemptRow(S::ObservingReversal, toObservingReversal);
    row(S::Recording, E::Recorded, [](World &w) {
        QVERIFY(w.run(planOf(1)));
        QVERIFY(w.reach(S::Finished));
    });
}

} // namespace

void TestOperationStates::everyEdgeIsWalked_data()
{
    QTest::addColumn<Script>("script");
    QTest::addColumn<S>("from");
    QTest::addColumn<E>("event");
    rowsBeforeTheCall();
    rowsOfTheCall();
    rowsOfTheEffect();
    rowsOfTakingBack();
}

void TestOperationStates::everyEdgeIsWalked()
{
    QFETCH(Script, script);
    QFETCH(S, from);
    QFETCH(E, event);
    World world;
    script(world);
    if (QTest::currentTestFailed())
        return;
    QVERIFY(world.edges.contains(World::Edge(from, event)));
    for (const World::Edge &edge : world.edges)
        QVERIFY(nextState(edge.first, edge.second).has_value());
    m_walked.insert({from, event});
}

// Runs after the rows above.
void TestOperationStates::tableHasNoEdgeThatNothingWalks()
{
    if (m_walked.empty())
        QSKIP("the rows were not chosen to run");
    for (const OperationTransition &transition : operationTransitions()) {
        const QString name =
            operationStateName(transition.from) + QLatin1Char(' ') +
            QString::fromLatin1(QMetaEnum::fromType<E>().valueToKey(static_cast<int>(transition.event)));
        QVERIFY2(m_walked.contains({transition.from, transition.event}), qPrintable(name));
    }
    QCOMPARE(m_walked.size(), operationTransitions().size());
}

QTEST_GUILESS_MAIN(TestOperationStates)
#include "test_operationstates.moc"
