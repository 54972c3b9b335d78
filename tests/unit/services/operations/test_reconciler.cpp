#include "models/domain/ulid.h"
#include "services/ledger/ledger.h"
#include "services/operations/journal.h"
#include "services/operations/locallocks.h"
#include "services/operations/presence.h"
#include "services/operations/reconciler.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QFile>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// For the handler of messages, which takes no state.
std::function<void()> *whenRead = nullptr;

void handle(QtMsgType, const QMessageLogContext &, const QString &text)
{
    if (whenRead && text.contains(QLatin1String("damaged")))
        (*std::exchange(whenRead, nullptr))();
}

} // namespace

// What is said of an operation that a crash cut off, from what each of its steps left behind.
class TestReconciler : public QObject
{
    Q_OBJECT

    // An operation whose process is gone.
    static bool isLeftByACrash(World &world, const QString &server = {})
    {
        Journal other(world.folder.path());
        JournalIntent intent;
        intent.id = newUlid(world.clock.now());
        intent.at = world.clock.now();
        intent.process = newUlid(world.clock.now());
        intent.who = accountIdentity();
        intent.plan = planOf(1);
        intent.plan.server = server;
        const auto written = other.writeIntent(intent);
        return QTest::qWaitFor([&written] { return written.isFinished(); }) && written.result();
    }

private slots:
    void saysWhatIsInPlace_data()
    {
        QTest::addColumn<QString>("traces"); // a letter a step: y(es), n(o), ? (something else wrote there)
        QTest::addColumn<int>("lines");      // of steps, in the journal
        QTest::addColumn<bool>("pausesFirst");
        QTest::addColumn<OutcomeKind>("ending");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, const char *traces, int lines, bool pausesFirst, OutcomeKind ending,
                            const char *words) {
            QTest::newRow(name) << traces << lines << pausesFirst << ending << words;
        };
        row("nothing left", "nnn", 0, false, OutcomeKind::Cancelled, "before anything was changed");
        row("the first, whose line is lost", "ynn", 0, false, OutcomeKind::Failed, "Step 1 of 3 is in place");
        row("all, as the lines say", "??y", 3, false, OutcomeKind::Done, "done: 3 of 3 pods ready");
        row("all, though the lines are lost", "??y", 0, false, OutcomeKind::Done, "done: 3 of 3 pods ready");
        row("the second of one route", "?yn", 1, false, OutcomeKind::Failed, "Step 2 of 3 is in place");
        row("the second, told by the third alone", "??n", 0, false, OutcomeKind::Unknown, "cannot be told");
        row("a later step that writes the same as the first", "yny", 1, false, OutcomeKind::Failed, "Step 1 of 3");
        row("a later step on another object", "yyn", 0, true, OutcomeKind::Failed, "Step 2 of 3 is in place");
        row("the other object is as before", "ynn", 1, true, OutcomeKind::Failed,
            "Step 1 of 3 is in place and stays, what comes after it is not: Pause the sync. Left as it is until "
            "somebody ends it: \"Pause the sync\". To end it: kubectl patch app");
        row("somebody else wrote the other object", "y??", 1, true, OutcomeKind::Unknown, "cannot be told");
        row("somebody else wrote all of it", "???", 2, false, OutcomeKind::Unknown, "whether anything was changed");
    }
    void saysWhatIsInPlace()
    {
        QFETCH(QString, traces);
        QFETCH(int, lines);
        QFETCH(bool, pausesFirst);
        FakeClock clock;
        FakeStepRunner runner;
        JournalIntent intent;
        intent.at = clock.now();
        intent.plan = pausesFirst ? planWithPausedReconciliation(3) : planOf(3);
        if (pausesFirst) {
            intent.plan.steps[0].expectation.kind = QStringLiteral("reconciliation-paused");
            intent.plan.steps[0].undoHint = QStringLiteral("kubectl patch app");
        }
        for (int i = 0; i < 3; ++i) {
            const QString id = intent.plan.steps[i].id;
            if (i < lines)
                intent.sentSteps.append(id);
            runner.takenPlaceOf.insert(id, traces[i] == u'?'
                                               ? Result<bool>(error(ErrorKind::Conflict, "changed by someone else"))
                                               : Result<bool>(traces[i] == u'y'));
        }
        std::optional<Result<Outcome>> closed;
        Reconciler reconciler(intent, runner, clock, {},
                              [&closed](const Result<Outcome> &outcome) { closed = outcome; });
        reconciler.start();
        QTRY_VERIFY(closed.has_value());
        QVERIFY(*closed);
        QFETCH(QString, words);
        QVERIFY2((*closed)->message.contains(words), qPrintable((*closed)->message));
        QTEST((*closed)->kind, "ending");
        QVERIFY(runner.calls.filter(QStringLiteral("execute")).isEmpty());
    }

    // Two objects that were let go on are what was asked for; a paused one waits for somebody.
    void onlyWhatWaitsForSomebodyIsLeftBehind_data()
    {
        QTest::addColumn<QString>("undoHint");
        QTest::newRow("paused") << QStringLiteral("kubectl patch app");
        QTest::newRow("let go on") << QString();
    }
    void onlyWhatWaitsForSomebodyIsLeftBehind()
    {
        QFETCH(QString, undoHint);
        FakeClock clock;
        FakeStepRunner runner;
        JournalIntent intent;
        intent.plan = planWithPausedReconciliation(2);
        intent.plan.steps[0].undoHint = undoHint;
        for (const PlanStep &step : intent.plan.steps)
            intent.sentSteps.append(step.id);
        std::optional<Result<Outcome>> closed;
        Reconciler reconciler(intent, runner, clock, {},
                              [&closed](const Result<Outcome> &outcome) { closed = outcome; });
        reconciler.start();
        QTRY_VERIFY(closed.has_value());
        QCOMPARE((*closed)->kind, OutcomeKind::Done);
        QCOMPARE((*closed)->message.contains(QStringLiteral("Left as it is")), !undoHint.isEmpty());
        QCOMPARE((*closed)->message.contains(QStringLiteral("kubectl patch app")), !undoHint.isEmpty());
    }

    void writtenButNotReportedIsNoConfirmation()
    {
        FakeClock clock;
        FakeStepRunner runner;
        Observation written = effective(QStringLiteral("written; no controller reports"));
        written.isConfirmed = false;
        runner.observations = {written};
        JournalIntent intent;
        intent.plan = planOf(1);
        std::optional<Result<Outcome>> closed;
        Reconciler reconciler(intent, runner, clock, {},
                              [&closed](const Result<Outcome> &outcome) { closed = outcome; });
        reconciler.start();
        QTRY_VERIFY(closed.has_value());
        QCOMPARE((*closed)->kind, OutcomeKind::Done);
        QVERIFY(!(*closed)->isConfirmed);
    }

    void unreachableIsAskedAgainLater()
    {
        FakeClock clock;
        FakeStepRunner runner;
        runner.takenPlace = {error(ErrorKind::Unreachable, "away")};
        JournalIntent intent;
        intent.plan = planOf(2);
        std::optional<Result<Outcome>> closed;
        Reconciler reconciler(intent, runner, clock, {},
                              [&closed](const Result<Outcome> &outcome) { closed = outcome; });
        reconciler.start();
        QTRY_VERIFY(closed.has_value());
        QCOMPARE(closed->error().kind, ErrorKind::Unreachable);
    }

    // A name that leads to another server now: what is there says nothing of what was begun.
    void anotherServerOfTheSameNameSaysNothing_data()
    {
        QTest::addColumn<QString>("journaled");
        QTest::addColumn<QString>("present");
        QTest::addColumn<bool>("isCompared");
        const QString a = QStringLiteral("a");
        const QString b = QStringLiteral("b");
        QTest::newRow("the same") << a << a << true;
        QTest::newRow("another") << a << b << false;
        QTest::newRow("an older line, without it") << QString() << b << true;
        QTest::newRow("not known now") << a << QString() << true;
        QTest::newRow("an older line, without its route") << a << QStringLiteral("a-b") << true;
        QTest::newRow("another route") << QStringLiteral("a-b") << QStringLiteral("a-c") << false;
    }
    void anotherServerOfTheSameNameSaysNothing()
    {
        QFETCH(QString, journaled);
        QFETCH(QString, present);
        QFETCH(bool, isCompared);
        World world;
        world.server = present;
        QVERIFY(isLeftByACrash(world, journaled));
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        const QSignalSpy problems(world.center.get(), &OperationCenter::problemOccurred);
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), isCompared ? 1 : 0);
        QCOMPARE(problems.size(), isCompared ? 0 : 1);
        QCOMPARE(world.runner.calls.isEmpty(), !isCompared);
        world.center->reconcile(world.connection); // that was said
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(problems.size(), isCompared ? 0 : 1);
        world.server = journaled;
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 1);
    }

    // A server that comes up under a new port after each start must not leave a notice at each start.
    void whatWasCutOffElsewhereIsClosedInTheEndAsUnknown()
    {
        World world;
        world.server = QStringLiteral("b");
        QVERIFY(isLeftByACrash(world, QStringLiteral("a")));
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 0);
        world.clock.advance(std::chrono::hours(24 * 7 + 1));
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 1);
        QVERIFY(world.runner.calls.isEmpty()); // the server of today is not asked
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 1);
    }

    // Who comes back after weeks may find another server under the name by mistake: that is said first.
    void howLongItIsElsewhereCountsFromTheFirstLook()
    {
        World world;
        world.server = QStringLiteral("b");
        QVERIFY(isLeftByACrash(world, QStringLiteral("a")));
        world.clock.advance(std::chrono::hours(24 * 20));
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        const QSignalSpy problems(world.center.get(), &OperationCenter::problemOccurred);
        for (const int days : {0, 6}) {
            world.clock.advance(std::chrono::hours(24 * days));
            world.center->reconcile(world.connection);
            QTRY_VERIFY(world.center->isIdle());
            QCOMPARE(reconciled.size(), 0);
            QCOMPARE(problems.size(), 1);
        }
        world.clock.advance(std::chrono::hours(24 + 1));
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 1);
        QCOMPARE(reconciled.first().first().value<ReconciledOperation>().outcome.kind, OutcomeKind::Unknown);
    }

    // The same cluster at a new port: its objects are the very ones.
    void theSameObjectsAreTheSameServer_data()
    {
        QTest::addColumn<int>("objects"); // 1: there; 0: not; -1: no answer
        QTest::addColumn<int>("closed");
        QTest::addColumn<OutcomeKind>("ending");
        QTest::newRow("they are there") << 1 << 1 << OutcomeKind::Done;
        QTest::newRow("they are not") << 0 << 1 << OutcomeKind::Unknown;
        QTest::newRow("it does not answer") << -1 << 0 << OutcomeKind::Unknown;
    }
    void theSameObjectsAreTheSameServer()
    {
        QFETCH(int, objects);
        QFETCH(int, closed);
        QFETCH(OutcomeKind, ending);
        World world;
        world.server = QStringLiteral("b");
        world.runner.objects =
            objects < 0 ? Result<bool>(error(ErrorKind::Unreachable, "away")) : Result<bool>(objects > 0);
        QVERIFY(isLeftByACrash(world, QStringLiteral("a")));
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QVERIFY(world.runner.calls.isEmpty());
        world.clock.advance(std::chrono::hours(24 * 7 + 1));
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), closed);
        if (closed > 0)
            QCOMPARE(reconciled.first().first().value<ReconciledOperation>().outcome.kind, ending);
    }

    void whatCouldNotBeReadIsComparedOnceTheRemoteAnswers_data()
    {
        QTest::addColumn<bool>("isHeard");
        QTest::newRow("its connection is heard of again") << true;
        QTest::newRow("nobody hears of it") << false;
    }
    void whatCouldNotBeReadIsComparedOnceTheRemoteAnswers()
    {
        QFETCH(bool, isHeard);
        World world;
        world.runner.takenPlace = {error(ErrorKind::Unreachable, "away")};
        QVERIFY(isLeftByACrash(world));
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        const QSignalSpy problems(world.center.get(), &OperationCenter::problemOccurred);
        const auto seemsToAnswer = [&] {
            if (isHeard)
                world.center->connectionHeard(world.connection);
            else
                world.clock.advance(std::chrono::minutes(10));
        };
        world.center->connectionHeard(world.connection); // nothing waits for it
        QVERIFY(world.center->isIdle());
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(problems.size(), 1);
        const auto asked = world.runner.calls.size();
        seemsToAnswer(); // still away: that was said
        QTRY_VERIFY(world.runner.calls.size() > asked);
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(problems.size(), 1);
        QCOMPARE(reconciled.size(), 0);
        world.runner.takenPlace = {true};
        seemsToAnswer();
        QTRY_COMPARE(reconciled.size(), 1);
        QTRY_VERIFY(world.center->isIdle());
        const auto known = world.runner.calls.size();
        seemsToAnswer(); // closed
        QVERIFY(world.center->isIdle());
        QCOMPARE(world.runner.calls.size(), known);
        QCOMPARE(reconciled.size(), 1);
    }

    // Another process compares what it left at another connection: it says nothing of ours.
    void whileAnotherProcessComparesItIsTriedAgain()
    {
        World world;
        QVERIFY(isLeftByACrash(world));
        LocalLocks other(world.folder.path(), world.clock);
        LockHolder self;
        self.operation = newUlid(world.clock.now());
        self.process = other.process();
        self.since = world.clock.now();
        const QStringList key{QStringLiteral("reconcile")};
        const auto held = other.acquire(key, self, false, std::chrono::milliseconds(0));
        QTRY_VERIFY(held.isFinished());
        QVERIFY(held.result());
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        world.center->reconcile(world.connection);
        QTRY_VERIFY(world.center->isIdle());
        world.clock.advance(std::chrono::seconds(1));
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 0);
        QCOMPARE(world.runner.calls, QStringList());
        other.release(key, self.operation);
        QVERIFY(QTest::qWaitFor([&] {
            world.clock.advance(std::chrono::milliseconds(100));
            return reconciled.size() == 1;
        }));
        QTRY_VERIFY(world.center->isIdle());
    }

    // It waits half a minute for a remote that does not answer: longer than the tries in a row.
    void whatAnotherProcessComparesForLongIsTriedLater_data()
    {
        QTest::addColumn<bool>("isOfAll"); // connections
        QTest::newRow("one connection") << false;
        QTest::newRow("all of them") << true;
    }
    void whatAnotherProcessComparesForLongIsTriedLater()
    {
        QFETCH(bool, isOfAll);
        World world;
        QVERIFY(isLeftByACrash(world));
        LocalLocks other(world.folder.path(), world.clock);
        LockHolder self;
        self.operation = newUlid(world.clock.now());
        self.process = other.process();
        self.since = world.clock.now();
        const QStringList key{QStringLiteral("reconcile")};
        const auto held = other.acquire(key, self, false, std::chrono::milliseconds(0));
        QTRY_VERIFY(held.isFinished());
        QVERIFY(held.result());
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        world.center->reconcile(isOfAll ? QString() : world.connection);
        for (int second = 0; second < 20; ++second) {
            QTRY_VERIFY(world.center->isIdle());
            world.clock.advance(std::chrono::seconds(1));
        }
        QTRY_VERIFY(world.center->isIdle());
        QCOMPARE(reconciled.size(), 0);
        other.release(key, self.operation);
        QVERIFY(QTest::qWaitFor([&] {
            world.clock.advance(std::chrono::seconds(1));
            return reconciled.size() == 1;
        }));
        QTRY_VERIFY(world.center->isIdle());
    }

    // Its outcome comes between the first look at the journal and the question whether it still runs.
    void processThatEndsMeanwhileClosesItsOwn()
    {
        World world;
        const QString folder = world.folder.path();
        const QString token = newUlid(world.clock.now());
        auto presence = std::make_unique<Presence>(folder + QStringLiteral("/locks"), token);
        QVERIFY(presence->isKnown());
        Journal other(folder);
        JournalIntent intent;
        intent.id = newUlid(world.clock.now());
        intent.at = world.clock.now();
        intent.process = token;
        intent.who = {QStringLiteral("Ann"), QStringLiteral("ann@host"), QStringLiteral("ann"), QStringLiteral("host")};
        intent.plan = planOf(1);
        const auto written = other.writeIntent(intent);
        QTRY_VERIFY(written.isFinished());
        QFile torn(folder + QStringLiteral("/journal/") + intent.at.toString(QStringLiteral("yyyy-MM")) +
                   QStringLiteral(".jsonl"));
        QVERIFY(torn.open(QIODevice::Append));
        torn.write("{\"v\":1,\n");
        torn.close();
        std::function<void()> finish = [&] {
            Outcome outcome;
            outcome.kind = OutcomeKind::NotEffective;
            outcome.message = QStringLiteral("as it saw it itself");
            outcome.finishedAt = world.clock.now();
            other.writeOutcome(intent.id, outcome, false).waitForFinished();
            presence.reset();
        };
        const QSignalSpy reconciled(world.center.get(), &OperationCenter::reconciled);
        const QSignalSpy recorded(world.center.get(), &OperationCenter::entryRecorded);
        whenRead = &finish;
        const QtMessageHandler before = qInstallMessageHandler(handle);
        world.center->reconcile();
        (void)QTest::qWaitFor([&] { return world.center->isIdle(); }, 10000);
        qInstallMessageHandler(before);
        QVERIFY2(!presence, "the journal was read once");
        QCOMPARE(reconciled.size(), 0);
        QCOMPARE(world.runner.calls, QStringList());
        QCOMPARE(recorded.size(), 1);
        QCOMPARE(recorded.first().first().value<LedgerEntry>().outcome.message, QStringLiteral("as it saw it itself"));
    }
};

QTEST_GUILESS_MAIN(TestReconciler)
#include "test_reconciler.moc"
