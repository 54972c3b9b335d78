#include "services/ledger/ledger.h"
#include "services/operations/journal.h"
#include "services/operations/outcomeentry.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QDir>
#include <QFile>
#include <QLockFile>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

using S = OperationState;

// Interlocking, records and ownership within one process.
class TestOperationCenter : public QObject
{
    Q_OBJECT

    // A data folder that nobody can make, root included: it would lie below a file.
    static QString impossibleFolder(const QTemporaryDir &parent)
    {
        QFile file(parent.filePath(QStringLiteral("not-a-folder")));
        return file.open(QIODevice::WriteOnly) ? file.fileName() + QLatin1String("/data") : QString();
    }

private slots:
    void goingBackPreemptsAnythingWithinASecond_data()
    {
        QTest::addColumn<Direction>("running");
        QTest::addColumn<S>("state");
        QTest::newRow("dwelling") << Direction::Forward << S::Dwelling;
        QTest::newRow("observing") << Direction::Forward << S::Observing;
        QTest::newRow("call without an answer") << Direction::Forward << S::Executing;
        QTest::newRow("a rollback that does not get anywhere") << Direction::Back << S::Observing;
    }
    void goingBackPreemptsAnythingWithinASecond()
    {
        QFETCH(Direction, running);
        QFETCH(S, state);
        World world;
        world.runner.holdsExecute = state == S::Executing;
        if (state == S::Observing)
            world.runner.observations = {pending(QStringLiteral("0 of 3"))};
        QVERIFY(world.run(planOf(2, running)));
        QVERIFY(world.reach(state));
        Operation *first = world.operation;
        world.runner.holdsExecute = false;

        Operation *back = world.create(planOf(1, Direction::Back));
        QVERIFY(world.toConfirmation());
        const qint64 begun = world.clock.monotonicMs();
        QVERIFY(world.confirm());
        while (back->stepIndex() < 0 && world.clock.monotonicMs() - begun < 5000) {
            QTest::qWait(5); // for the disk
            world.clock.advance(20ms);
        }
        QVERIFY2(world.clock.monotonicMs() - begun <= 1000,
                 qPrintable(QString::number(world.clock.monotonicMs() - begun)));
        QVERIFY(world.reach(S::Finished, first));
        QCOMPARE(first->outcome()->kind, OutcomeKind::Preempted);
        const QString told = first->outcome()->message;
        QVERIFY2(told.contains(back->title()), qPrintable(told));
        QVERIFY2(!told.contains(QStringLiteral("stay")), qPrintable(told)); // it is being taken back
        QCOMPARE(told.contains(QStringLiteral("taken effect by then: 1 of 2")), state == S::Dwelling);
    }

    void goingForwardIsRefusedWhileAnotherRuns()
    {
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        Operation *first = world.operation;
        Operation *second = world.create(planOf(1));
        QVERIFY(second->start());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Refused);
        QVERIFY2(world.message().contains(first->title()), qPrintable(world.message()));
        QCOMPARE(first->state(), S::Dwelling);
    }

    void twoConfirmedTogetherRunOneAfterTheOtherOrNotAtAll()
    {
        World world;
        Operation *first = world.create(planOf(2));
        QVERIFY(world.toConfirmation());
        Operation *second = world.create(planOf(2));
        QVERIFY(world.toConfirmation());
        QVERIFY(first->confirm(first->plan().fingerprint()));
        QVERIFY(second->confirm(second->plan().fingerprint()));
        QVERIFY(world.reach(S::Finished, second));
        QVERIFY(world.reach(S::Dwelling, first));
        QCOMPARE(second->outcome()->kind, OutcomeKind::Refused);
        QCOMPARE(world.runner.count(QStringLiteral("execute 1")), 1);
    }

    void otherApplicationsRunBeside()
    {
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        QVERIFY(world.run(planOf(2, Direction::Forward, QStringLiteral("search"))));
        QVERIFY(world.reach(S::Dwelling));
        QCOMPARE(world.center->runningCount(), 2);
        QVERIFY(world.center->holderOf(QStringLiteral("east|shop|search")) == world.operation);
        QVERIFY(world.center->holderOf(QStringLiteral("east|shop|pay")) == nullptr);
    }

    // What two programs call a connection is their own affair: it is the server that they must not both write to.
    void oneServerIsHeldUnderWhateverName_data()
    {
        QTest::addColumn<QString>("server"); // where the first one's "east" leads
        QTest::addColumn<QString>("otherName");
        QTest::addColumn<QString>("otherServer");
        QTest::addColumn<OutcomeKind>("ending"); // of the second
        const QString east = QStringLiteral("east");
        const QString west = QStringLiteral("west");
        const QString a = QStringLiteral("a");
        const QString b = QStringLiteral("b");
        QTest::newRow("another server of the same name") << a << east << b << OutcomeKind::Done;
        QTest::newRow("the same server") << a << east << a << OutcomeKind::Refused;
        QTest::newRow("the same server under another name") << a << west << a << OutcomeKind::Refused;
        QTest::newRow("the same server, its CA told here only")
            << QStringLiteral("a-..c") << west << a << OutcomeKind::Refused;
        QTest::newRow("perhaps the same server, by a proxy")
            << QStringLiteral("a-..c") << west << QStringLiteral("a-p..") << OutcomeKind::Refused;
        QTest::newRow("another server at the same address")
            << QStringLiteral("a-p..") << west << QStringLiteral("a-q..") << OutcomeKind::Refused;
        QTest::newRow("servers not known") << QString() << east << QString() << OutcomeKind::Refused;
        const QString place = QStringLiteral("@7c1e-4f");
        QTest::newRow("one cluster at two addresses") << a + place << west << b + place << OutcomeKind::Refused;
        QTest::newRow("two clusters at two addresses")
            << a + place << west << b + QStringLiteral("@0") << OutcomeKind::Done;
        QTest::newRow("one address, and whose it is known to one alone")
            << a + place << west << a << OutcomeKind::Refused;
    }
    void oneServerIsHeldUnderWhateverName()
    {
        QFETCH(QString, server);
        QFETCH(QString, otherName);
        QFETCH(QString, otherServer);
        World here;
        World there(here.folder.path());
        // Of what stands there a plan tells the place, its connection the rest.
        const auto planned = [](int steps, const QString &all) {
            Plan plan = planOf(steps);
            plan.server = all.contains(u'@') ? u'@' + all.section(u'@', 1) : QString();
            return plan;
        };
        here.server = server.section(u'@', 0, 0);
        there.connection = otherName;
        there.server = otherServer.section(u'@', 0, 0);
        QVERIFY(here.run(planned(2, server)));
        QVERIFY(here.reach(S::Dwelling));
        Plan plan = planned(1, otherServer);
        plan.connection = otherName;
        Operation *const second = there.create(plan);
        QVERIFY(second->start());
        QTRY_VERIFY(second->state() == S::AwaitingConfirmation || second->isFinished());
        if (!second->isFinished())
            QVERIFY(there.confirm());
        QVERIFY(there.reach(S::Finished));
        QTEST(there.ending(), "ending");
        QCOMPARE(second->key(), otherName + QStringLiteral("|shop|cart")); // as pages know it
    }

    // Two servers at one address share a lock, but nobody who goes back on the one ends what runs on the other.
    void goingBackEndsNothingOnAnotherServer_data()
    {
        QTest::addColumn<QString>("server"); // where it goes back
        QTest::addColumn<QString>("here");   // which namespace it is, as the plans tell
        QTest::addColumn<QString>("there");
        QTest::addColumn<bool>("isEnded");
        const QString untold;
        QTest::newRow("by another proxy") << QStringLiteral("a-q..") << untold << untold << false;
        QTest::newRow("by the same proxy") << QStringLiteral("a-p..") << untold << untold << true;
        QTest::newRow("by none") << QStringLiteral("a") << untold << untold << true;
        const QString place = QStringLiteral("@7c1e-4f");
        QTest::newRow("the same cluster at another address") << QStringLiteral("b") << place << place << true;
        QTest::newRow("another cluster, it seemed the same")
            << QStringLiteral("a-p..") << place << QStringLiteral("@0") << false;
    }
    void goingBackEndsNothingOnAnotherServer()
    {
        QFETCH(QString, server);
        QFETCH(QString, here);
        QFETCH(QString, there);
        QFETCH(bool, isEnded);
        World world;
        world.server = QStringLiteral("a-p..");
        Plan forward = planOf(2);
        forward.server = here;
        QVERIFY(world.run(forward));
        QVERIFY(world.reach(S::Dwelling));
        Operation *const first = world.operation;
        world.server = server;
        world.connection = QStringLiteral("west"); // as one console knows a cluster twice
        Plan plan = planOf(1, Direction::Back);
        plan.connection = world.connection;
        plan.server = there;
        Operation *const back = world.create(plan);
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QVERIFY(QTest::qWaitFor(
            [&] {
                world.clock.advance(20ms);
                return back->stepIndex() >= 0;
            },
            10000));
        if (isEnded) {
            QVERIFY(world.reach(S::Finished, first));
            QCOMPARE(first->outcome()->kind, OutcomeKind::Preempted);
        } else {
            QVERIFY(!first->isFinished());
        }
    }

    // At a server of pipelines a project deploys to several environments, and a run waits at several gates.
    void atPipelinesGatesAndCancellationsStandInNobodysWay_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QString>("path");
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<OutcomeKind>("ending"); // of the second
        QTest::addColumn<bool>("goesOn");        // the first
        QTest::addColumn<QStringList>("places"); // of the first: the environment as its gate calls it
        QTest::addColumn<QStringList>("reach");  // of the second: all that it deploys to; empty: not known
        using K = OperationKind;
        using O = OutcomeKind;
        const QString production = QStringLiteral("production");
        const QString staging = QStringLiteral("staging");
        const QString pipelines = QStringLiteral("pipelines");
        const QString gate = QStringLiteral("/runs/7/pending_deployments");
        const QString run = QStringLiteral("/runs/7/cancel");
        const QStringList told{QStringLiteral("Prod-EU")};
        const QStringList none;
        QTest::newRow("its own next gate")
            << K::DecideGate << production << gate << Direction::Forward << O::Done << true << told << none;
        QTest::newRow("no to another gate")
            << K::DecideGate << staging << gate << Direction::Back << O::Done << true << told << none;
        QTest::newRow("cancelling a run")
            << K::CancelRun << pipelines << run << Direction::Back << O::Done << true << told << none;
        QTest::newRow("redeploying elsewhere")
            << K::RerunRun << staging << run << Direction::Back << O::Done << true << told << QStringList{staging};
        QTest::newRow("redeploying elsewhere, and there along with it")
            << K::RerunRun << staging << run << Direction::Back << O::Done << false << told
            << QStringList{staging, QStringLiteral("PROD-eu")};
        QTest::newRow("redeploying elsewhere, and nothing tells where along with it")
            << K::RerunRun << staging << run << Direction::Back << O::Done << false << told << none;
        QTest::newRow("redeploying there") << K::RerunRun << production << run << Direction::Back << O::Done << false
                                           << told << QStringList{production};
        QTest::newRow("redeploying there, as the vendor calls it")
            << K::RerunRun << QStringLiteral("prod-eu") << run << Direction::Back << O::Done << false << told
            << QStringList{QStringLiteral("prod-eu")};
        // Whether that is another environment is not known.
        QTest::newRow("redeploying, the gate names no environment")
            << K::RerunRun << staging << run << Direction::Back << O::Done << false << QStringList()
            << QStringList{staging};
        QTest::newRow("redeploying, the environment is not told")
            << K::RerunRun << QString() << run << Direction::Back << O::Done << false << told << none;
        QTest::newRow("going on there") << K::RerunRun << production << run << Direction::Forward << O::Refused << true
                                        << told << none;
        QTest::newRow("going on elsewhere")
            << K::RerunRun << staging << run << Direction::Forward << O::Refused << true << told << none;
    }
    void atPipelinesGatesAndCancellationsStandInNobodysWay()
    {
        QFETCH(OperationKind, kind);
        QFETCH(QString, environment);
        QFETCH(QString, path);
        QFETCH(Direction, direction);
        QFETCH(OutcomeKind, ending);
        QFETCH(bool, goesOn);
        QFETCH(QStringList, places);
        QFETCH(QStringList, reach);
        World world;
        Plan promotion = planOf(1);
        promotion.places = places;
        promotion.kind = OperationKind::Promote;
        promotion.environment = QStringLiteral("production");
        promotion.steps.first().call.method = QStringLiteral("LOOK");
        world.runner.observations = {pending(QStringLiteral("still runs 1.0")), effective(QStringLiteral("done"))};
        QVERIFY(world.run(promotion));
        QVERIFY(world.reach(S::Observing));
        Operation *const waiting = world.operation;
        QTRY_VERIFY(waiting->observation());
        Plan plan = planOf(1, direction);
        plan.kind = kind;
        plan.environment = environment;
        plan.places = reach;
        plan.steps.first().call.path = path;
        Operation *const second = world.create(plan);
        QVERIFY(second->start());
        QTRY_VERIFY(second->state() == S::AwaitingConfirmation || second->isFinished());
        if (!second->isFinished())
            QVERIFY(world.confirm());
        QVERIFY(QTest::qWaitFor([&] {
            world.clock.advance(goesOn ? 0ms : 20ms); // who goes back waits until it has made way
            return second->isFinished();
        }));
        QCOMPARE(second->outcome()->kind, ending);
        if (goesOn)
            QCOMPARE(waiting->state(), S::Observing);
        else
            QTRY_COMPARE(waiting->outcome() ? waiting->outcome()->kind : OutcomeKind::Unknown, OutcomeKind::Preempted);
    }

    void goingBackNeedsNoLockNoJournalNoLedger()
    {
        QTemporaryDir parent;
        World world(impossibleFolder(parent));
        world.locker.grant = error(ErrorKind::Refused, "held by ann@elsewhere");
        const QSignalSpy problems(world.center.get(), &OperationCenter::problemOccurred);
        QVERIFY(world.run(planOf(1, Direction::Back)));
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
        QVERIFY(world.operation->warnings().size() >= 3);
        QTRY_COMPARE(problems.size(), 1); // the ledger's
        const auto problem = problems.first().first().value<Error>();
        QVERIFY2(problem.message.contains(QLatin1String("next start")), qPrintable(problem.message));
    }

    void goingForwardNeedsThemAll()
    {
        QTemporaryDir parent;
        World world(impossibleFolder(parent));
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Refused);
        QVERIFY(world.runner.calls.isEmpty());
    }

    void goingBackDoesNotWaitForASilentRemoteLock()
    {
        World world;
        world.locker.isSilent = true;
        world.create(planOf(1, Direction::Back));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QTRY_COMPARE(world.locker.calls.size(), 1);
        world.clock.advance(900ms);
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
        QCOMPARE(world.locker.calls,
                 (QStringList{QStringLiteral("acquire cart preempt"), QStringLiteral("release cart")}));
    }

    void goingForwardGivesUpOnASilentRemoteLock()
    {
        World world;
        world.locker.isSilent = true;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QTRY_COMPARE(world.locker.calls.size(), 1);
        world.clock.advance(10s);
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Refused);
        QVERIFY(world.runner.calls.isEmpty());
    }

    void remoteLockIsRenewedWhileRunningAndGivenBack()
    {
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        world.clock.advance(31s);
        QCOMPARE(world.locker.calls.count(QStringLiteral("renew cart")), 3);
        world.clock.advance(30s);
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.locker.calls.last(), QStringLiteral("release cart"));
    }

    void remoteLockLostToSomebodyWhoGoesBackEndsAsPreempted()
    {
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        world.locker.renewal = error(ErrorKind::Conflict, "ann@elsewhere rolls back cart");
        world.clock.advance(10s);
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Preempted);
        QVERIFY(world.message().contains(QLatin1String("ann@elsewhere")));
    }

    void missingSharedLockIsAWarningNotAnError()
    {
        World world;
        world.locker.grant = RemoteLock{false, QStringLiteral("you may not create leases"), {}};
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
        QCOMPARE(world.operation->warnings(),
                 QStringList{QStringLiteral("Not locked against other operators: you may not create leases")});
        QCOMPARE(world.locker.calls, QStringList{QStringLiteral("acquire cart")}); // nothing to renew or give back
    }

    void lockOfSomebodyElseIsNotGivenBack()
    {
        World world;
        world.locker.grant = error(ErrorKind::Refused, "held by ann@elsewhere");
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.locker.calls, QStringList{QStringLiteral("acquire cart")});
    }

    void removedConnectionEndsItsOperations()
    {
        World world;
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        world.center->forgetConnection(QStringLiteral("west"));
        QCOMPARE(world.operation->state(), S::Dwelling);
        world.center->forgetConnection(QStringLiteral("east"));
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Cancelled);
        QVERIFY(world.message().contains(QLatin1String("was removed")));
        const QString left =
            QStringLiteral("The last of these: \"%1\".").arg(world.operation->plan().steps.first().title);
        QVERIFY2(world.message().contains(left), qPrintable(world.message()));
    }

    void removedConnectionLeavesASentCallUnknown()
    {
        World world;
        world.runner.observations = {pending(QStringLiteral("1 of 3"))};
        QVERIFY(world.run(planOf(1)));
        QVERIFY(world.reach(S::Observing));
        world.center->forgetConnection(QStringLiteral("east"));
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Unknown);
        QVERIFY2(world.message().contains(QLatin1String("effect was not seen")), qPrintable(world.message()));
    }

    void goingBackPastASilentLocalLockIsStillRecorded()
    {
        World world;
        QVERIFY(QDir(world.folder.path()).mkpath(QStringLiteral("locks")));
        QLockFile mutex(world.folder.filePath(QStringLiteral("locks/mutex.lock")));
        QVERIFY(mutex.tryLock(5000));
        world.create(planOf(1, Direction::Back));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        world.clock.advance(900ms); // long before the lock's own time is over
        QVERIFY(world.reach(S::Finished));
        mutex.unlock();
        QCOMPARE(world.ending(), OutcomeKind::Done);
        QTRY_VERIFY(world.center->isIdle());
        QFile journal(world.folder.filePath(QStringLiteral("journal/2026-03.jsonl")));
        QVERIFY(journal.open(QIODevice::ReadOnly));
        QCOMPARE(journal.readAll().count('\n'), 4); // intent, step, outcome, recorded
    }

    void onlyAWayBackThatWasDoneRestored_data()
    {
        QTest::addColumn<OutcomeKind>("kind");
        QTest::addColumn<int>("seconds");
        QTest::addColumn<bool>("restored");
        QTest::addColumn<bool>("executed");
        QTest::newRow("done") << OutcomeKind::Done << 5 << true << true;
        QTest::newRow("taken back") << OutcomeKind::Abandoned << 5 << false << true;
        QTest::newRow("clock set back meanwhile") << OutcomeKind::Done << -300 << false << false;
        QTest::newRow("in part") << OutcomeKind::Done << 5 << false << true;
    }
    void onlyAWayBackThatWasDoneRestored()
    {
        QFETCH(OutcomeKind, kind);
        QFETCH(int, seconds);
        JournalClosed closed;
        closed.intent.plan = planOf(1, Direction::Back);
        if (QByteArrayView(QTest::currentDataTag()) == "in part") { // the rest of it goes on failing
            closed.intent.plan.from = QStringLiteral("blue 50 %, green 50 %");
            closed.intent.plan.to = QStringLiteral("blue 75 %, green 25 %");
        }
        const QDateTime sent = closed.intent.plan.plannedAt;
        closed.intent.problemSince = sent.addSecs(-60);
        StepOutcome step;
        step.sentAt = sent;
        step.observedAt = sent.addSecs(seconds);
        closed.outcome.kind = kind;
        closed.outcome.steps = {step};
        const OperationDurations durations = outcomeEntry(closed).durations;
        QTEST(durations.restore.has_value(), "restored");
        QTEST(durations.execute.has_value(), "executed");
        QCOMPARE(durations.detect, std::optional<qint64>(60000));
    }

    void outcomeIsJournaledAndRecordedWithoutSecrets()
    {
        World world;
        world.create(planOf(1, Direction::Back));
        world.operation->setProblemSince(world.clock.now().addSecs(-90));
        QVERIFY(world.operation->setReason(QStringLiteral("errors after the release")));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QVERIFY(world.reach(S::Finished));
        QTRY_VERIFY(world.center->isIdle());
        QFile journal(world.folder.filePath(QStringLiteral("journal/2026-03.jsonl")));
        QVERIFY(journal.open(QIODevice::ReadOnly));
        const QByteArray lines = journal.readAll();
        QCOMPARE(lines.count('\n'), 4); // intent, step, outcome, recorded
        QVERIFY(!lines.contains("hunter2"));
        const auto entries = world.center->newestEntries(5);
        QTRY_VERIFY(entries.isFinished());
        QVERIFY(entries.result());
        QCOMPARE(entries.result()->size(), 1);
        const LedgerEntry entry = entries.result()->first();
        QCOMPARE(entry.id, world.operation->id());
        QCOMPARE(entry.outcome, *world.operation->outcome());
        QCOMPARE(entry.reason, QStringLiteral("errors after the release"));
        QCOMPARE(entry.durations.detect, std::optional<qint64>(90000));
        QVERIFY(entry.durations.restore.value_or(-1) >= 90000);
        QVERIFY(!entry.who.user.isEmpty());
    }

    void entryThatTheLedgerRefusedIsWrittenAtTheNextStart()
    {
        QTemporaryDir folder;
        QString id;
        const QString blocked = folder.filePath(QStringLiteral("ledger.git"));
        {
            QFile blocker(blocked);
            QVERIFY(blocker.open(QIODevice::WriteOnly));
            World world(folder.path());
            QVERIFY(world.run(planOf(1)));
            QVERIFY(world.reach(S::Finished));
            id = world.operation->id();
            QTRY_VERIFY(world.center->isIdle());
        }
        QVERIFY(QFile::remove(blocked));
        World next(folder.path());
        const QSignalSpy recorded(next.center.get(), &OperationCenter::entryRecorded);
        next.center->reconcile();
        QTRY_VERIFY(next.center->isIdle());
        QCOMPARE(recorded.size(), 1);
        QCOMPARE(recorded.first().first().value<LedgerEntry>().id, id);
        next.center->reconcile();
        QTRY_VERIFY(next.center->isIdle());
        QCOMPARE(recorded.size(), 1); // once
    }

    void planWithoutStepsOrConnectionIsRefused()
    {
        World world;
        QCOMPARE(world.center->create(planOf(0)).error().kind, ErrorKind::Invalid);
        Plan elsewhere = planOf(1);
        elsewhere.connection = QStringLiteral("west");
        QCOMPARE(world.center->create(elsewhere).error().kind, ErrorKind::NotFound);
    }

    void discardedOperationGoesAwayUnlessItHoldsItsKey()
    {
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        const QSignalSpy removed(world.center.get(), &OperationCenter::removed);
        world.center->discard(world.operation);
        QCOMPARE(removed.size(), 1);
        QVERIFY(world.center->operations().isEmpty());
        QVERIFY(world.run(planOf(2)));
        QVERIFY(world.reach(S::Dwelling));
        world.center->discard(world.operation);
        QCOMPARE(world.center->operations().size(), 1);
        QCOMPARE(world.operation->state(), S::Dwelling);
    }

    // What held the button may die with it still down.
    void discardedHoldGivesItsLocksAndIntentBack_data()
    {
        QTest::addColumn<bool>("isArmed");
        QTest::newRow("while it asks for its locks") << false;
        QTest::newRow("once it has them") << true;
    }
    void discardedHoldGivesItsLocksAndIntentBack()
    {
        QFETCH(bool, isArmed);
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.operation->prepare(world.operation->plan().fingerprint()));
        if (isArmed)
            QVERIFY(world.reach(S::Armed));
        QCOMPARE(world.operation->state(), isArmed ? S::Armed : S::Journaling);
        const QSignalSpy removed(world.center.get(), &OperationCenter::removed);
        world.center->discard(world.operation);
        QTRY_COMPARE(removed.size(), 1);
        QVERIFY(world.center->operations().isEmpty());
        QCOMPARE(world.locker.calls.count(QStringLiteral("release cart")), 1);
        QTRY_VERIFY(world.center->isIdle());
        QVERIFY(world.runner.calls.filter(QStringLiteral("execute")).isEmpty());
        Journal journal(world.folder.path());
        QTRY_VERIFY([&journal] {
            const auto read = journal.read();
            (void)QTest::qWaitFor([&read] { return read.isFinished(); });
            return read.result()->open.isEmpty();
        }());
        // Free for others at once.
        QVERIFY(world.run(planOf(1)));
    }

    void discardedOperationThatWasConfirmedGoesOn()
    {
        World world;
        world.create(planOf(1));
        QVERIFY(world.toConfirmation());
        QVERIFY(world.confirm());
        QCOMPARE(world.operation->state(), S::Journaling);
        world.center->discard(world.operation);
        QVERIFY(world.reach(S::Finished));
        QCOMPARE(world.ending(), OutcomeKind::Done);
    }

    // Two workspaces, two ledgers, one journal: what the one could not record the other must not.
    void anOutcomeWaitsForItsOwnLedger()
    {
        QTemporaryDir folder;
        const QString shop = folder.filePath(QStringLiteral("ledgers/shop.git"));
        const QString id = QStringLiteral("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        const auto wait = [](const QFuture<Result<void>> &written) {
            return QTest::qWaitFor([&written] { return written.isFinished(); }) && written.result();
        };
        {
            Journal journal(folder.path());
            journal.setLedger(QStringLiteral("ledgers/shop.git"));
            JournalIntent intent;
            intent.id = id;
            intent.at = QDateTime::currentDateTimeUtc();
            intent.process = QStringLiteral("01BX5ZZKBKACTAV9WEVGEMMVRZ"); // not any more
            intent.who = accountIdentity();
            intent.plan = planOf(1);
            Outcome outcome;
            outcome.startedAt = outcome.finishedAt = intent.at;
            QVERIFY(wait(journal.writeIntent(intent)) && wait(journal.writeOutcome(id, outcome, false)));
        }
        OperationCenter::Settings settings;
        settings.dataFolder = folder.path();
        OperationCenter center([](const QString &) { return std::optional<OperationPorts>(); }, settings);
        const QSignalSpy recorded(&center, &OperationCenter::entryRecorded);
        center.reconcile();
        QTRY_VERIFY(center.isIdle());
        QCOMPARE(recorded.size(), 0);
        center.setLedger(std::make_shared<Ledger>(shop));
        center.reconcile();
        QTRY_COMPARE(recorded.size(), 1);
        QTRY_VERIFY(center.isIdle());
        QCOMPARE(center.ledgerPath(), shop);
        const auto newest = center.newestEntries(10);
        QTRY_VERIFY(newest.isFinished());
        QCOMPARE(newest.result()->first().id, id);
        center.reconcile(); // once
        QTRY_VERIFY(center.isIdle());
        QCOMPARE(recorded.size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestOperationCenter)
#include "test_operationcenter.moc"
