#include "services/operations/durablefile.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>

#include <csignal>
#include <sys/resource.h>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

using S = OperationState;

namespace
{

QByteArray journaled(const QString &folder)
{
    QByteArray lines;
    const QDir journal(folder + QStringLiteral("/journal"));
    for (const QString &name : journal.entryList({QStringLiteral("*.jsonl")})) {
        QFile file(journal.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            lines += file.readAll();
    }
    return lines;
}

// The helper under way; killed at the end whatever happens.
class Helper
{
public:
    Helper(const QString &folder, const char *direction, const char *behaviour)
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(QStringLiteral(OPERATION_HELPER),
                        {folder, QString::fromLatin1(direction), QString::fromLatin1(behaviour)});
    }
    ~Helper()
    {
        ::kill(static_cast<pid_t>(m_process.processId()), SIGCONT);
        m_process.kill();
        m_process.waitForFinished();
    }
    bool says(const char *what, int ms = 20000)
    {
        return QTest::qWaitFor(
            [&] {
                m_said += m_process.readAll();
                return m_said.contains(what);
            },
            ms);
    }
    void signal(int number) { ::kill(static_cast<pid_t>(m_process.processId()), number); }
    void crash()
    {
        signal(SIGKILL);
        m_process.waitForFinished();
    }
    QByteArray said() const { return m_said; }

private:
    QProcess m_process;
    QByteArray m_said;
};

// A center of this process on the system's clock, as in the product.
struct RealWorld
{
    FakeStepRunner runner;
    bool isConnected = true;
    OperationCenter center;
    explicit RealWorld(const QString &folder)
        : center(
              [this](const QString &) {
                  return isConnected ? std::optional(OperationPorts{&runner, nullptr}) : std::nullopt;
              },
              settingsFor(folder))
    {}
    static OperationCenter::Settings settingsFor(const QString &folder)
    {
        OperationCenter::Settings settings;
        settings.dataFolder = folder;
        return settings;
    }
    Operation *start(Direction direction)
    {
        Plan plan = planOf(1, direction);
        plan.plannedAt = QDateTime::currentDateTimeUtc();
        Operation *operation = *center.create(plan);
        QObject::connect(
            operation, &Operation::stateChanged, operation,
            [operation](OperationState state) {
                if (state == S::AwaitingConfirmation)
                    operation->confirm(operation->plan().fingerprint());
            },
            Qt::QueuedConnection);
        operation->start();
        return operation;
    }
    static bool finishes(Operation *operation)
    {
        return QTest::qWaitFor([operation] { return operation->isFinished(); }, 20000);
    }
};

} // namespace

// Two processes on one machine, and what a killed one leaves behind.
class TestProcesses : public QObject
{
    Q_OBJECT
private slots:
    void forwardIsRefusedAndToldWhoHasIt()
    {
        QTemporaryDir folder;
        Helper helper(folder.path(), "forward", "observe");
        QVERIFY2(helper.says("observing"), helper.said().constData());
        RealWorld world(folder.path());
        Operation *operation = world.start(Direction::Forward);
        QVERIFY(RealWorld::finishes(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Refused);
        const QString message = operation->outcome()->message;
        QVERIFY2(message.contains(QLatin1String("Shift traffic of cart in shop")) && message.contains(QLatin1Char('@')),
                 qPrintable(message));
        QVERIFY(world.runner.calls.isEmpty());
    }

    void backPreemptsTheOtherProcess_data()
    {
        QTest::addColumn<QString>("behaviour");
        QTest::newRow("it observes") << "observe";
        QTest::newRow("its call has no answer") << "call";
    }
    void backPreemptsTheOtherProcess()
    {
        QFETCH(QString, behaviour);
        QTemporaryDir folder;
        Helper helper(folder.path(), "forward", behaviour.toLatin1().constData());
        QVERIFY2(helper.says(behaviour == QLatin1String("call") ? "executing" : "observing"),
                 helper.said().constData());
        RealWorld world(folder.path());
        Operation *operation = world.start(Direction::Back);
        QVERIFY(RealWorld::finishes(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY2(helper.says("preempted: "), helper.said().constData());
        QVERIFY(helper.said().contains("Roll back cart in shop to 1.1"));
    }

    void backTakesOverFromAProcessThatHangs()
    {
        QTemporaryDir folder;
        Helper helper(folder.path(), "forward", "observe");
        QVERIFY2(helper.says("observing"), helper.said().constData());
        helper.signal(SIGSTOP);
        RealWorld world(folder.path());
        Operation *operation = world.start(Direction::Back);
        QVERIFY(QTest::qWaitFor([&] { return operation->state() >= S::Journaling; }, 5000));
        const QDateTime begun = QDateTime::currentDateTimeUtc();
        QVERIFY(RealWorld::finishes(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(begun.msecsTo(operation->outcome()->steps.first().sentAt) < 2000); // 1 s, and a slow machine
        QVERIFY2(operation->warnings().join(QLatin1Char(' ')).contains(QLatin1String("Took over")),
                 qPrintable(operation->warnings().join(QLatin1Char(' '))));
        helper.signal(SIGCONT);
        QVERIFY2(helper.says("preempted: "), helper.said().constData()); // it found the lock gone and sent nothing more
    }

    void crashIsFoundAndClosedByWhatIsSeen_data()
    {
        QTest::addColumn<QString>("tookPlace"); // "yes" "no" "cannot tell", a word a step
        QTest::addColumn<Observation::State>("seen");
        QTest::addColumn<OutcomeKind>("ending");
        using Seen = Observation::State;
        QTest::newRow("all took place, effective") << "yes" << Seen::Effective << OutcomeKind::Done;
        QTest::newRow("all took place, failed") << "yes" << Seen::Failed << OutcomeKind::NotEffective;
        QTest::newRow("only the first step") << "yes no" << Seen::Effective << OutcomeKind::Failed;
        QTest::newRow("nothing") << "no" << Seen::Effective << OutcomeKind::Cancelled;
        QTest::newRow("cannot tell") << "cannot" << Seen::Effective << OutcomeKind::Unknown;
        QTest::newRow("the second follows from the first") << "yes cannot" << Seen::Effective << OutcomeKind::Failed;
    }
    void crashIsFoundAndClosedByWhatIsSeen()
    {
        QFETCH(QString, tookPlace);
        QFETCH(Observation::State, seen);
        QTemporaryDir folder;
        {
            Helper helper(folder.path(), "forward", "call");
            QVERIFY2(helper.says("executing"), helper.said().constData());
            QTRY_VERIFY(journaled(folder.path()).contains("\"type\":\"step\""));
            helper.crash();
        }
        RealWorld world(folder.path());
        world.runner.takenPlace.clear();
        for (const QString &word : tookPlace.split(QLatin1Char(' '))) {
            if (word == QLatin1String("cannot"))
                world.runner.takenPlace.push_back(error(ErrorKind::Unsupported, "history is gone"));
            else
                world.runner.takenPlace.push_back(word == QLatin1String("yes"));
        }
        world.runner.observations = {FakeStepRunner::seen(seen, QStringLiteral("2 of 3 pods ready"))};
        const QSignalSpy reconciled(&world.center, &OperationCenter::reconciled);
        world.center.reconcile();
        QTRY_COMPARE_WITH_TIMEOUT(reconciled.size(), 1, 20000);
        const auto closed = reconciled.first().first().value<ReconciledOperation>();
        QTEST(closed.outcome.kind, "ending");
        QVERIFY(closed.outcome.message.startsWith(QLatin1String("The program ended")));
        QVERIFY(world.runner.calls.filter(QStringLiteral("execute")).isEmpty()); // nothing is repeated
        QVERIFY(world.runner.lastAsked.call.body.isEmpty());
        QCOMPARE(world.runner.lastAsked.expectation.data, QByteArray("{\"weight\":25}"));
        QTRY_VERIFY(world.center.isIdle());

        const auto entries = world.center.newestEntries(5);
        QTRY_VERIFY(entries.isFinished());
        QCOMPARE(entries.result()->size(), 1);
        QVERIFY(entries.result()->first().isReconciled);
        QCOMPARE(entries.result()->first().id, closed.id);

        world.center.reconcile();
        QTRY_VERIFY(world.center.isIdle());
        QCOMPARE(reconciled.size(), 1); // it is closed for good
        world.runner.observations = {effective(QStringLiteral("3 of 3"))};
        Operation *next = world.start(Direction::Forward); // the lock died with its holder
        QVERIFY(RealWorld::finishes(next));
        QCOMPARE(next->outcome()->kind, OutcomeKind::Done);
    }

    void crashStaysOpenWhileTheRemoteIsAway()
    {
        QTemporaryDir folder;
        {
            Helper helper(folder.path(), "forward", "call");
            QVERIFY2(helper.says("executing"), helper.said().constData());
            helper.crash();
        }
        RealWorld world(folder.path());
        world.runner.takenPlace = {error(ErrorKind::Unreachable, "no route")};
        const QSignalSpy reconciled(&world.center, &OperationCenter::reconciled);
        const QSignalSpy problems(&world.center, &OperationCenter::problemOccurred);
        world.isConnected = false;
        world.center.reconcile();
        QTRY_VERIFY(world.center.isIdle());
        QCOMPARE(problems.size(), 0);
        world.isConnected = true;
        world.center.reconcile(QStringLiteral("east"));
        QTRY_VERIFY(world.center.isIdle());
        QCOMPARE(problems.size(), 1);
        QCOMPARE(reconciled.size(), 0);
        world.runner.takenPlace = {false};
        world.center.reconcile(QStringLiteral("east"));
        QTRY_COMPARE(reconciled.size(), 1);
    }

    void runningOperationOfAnotherProcessIsLeftAlone()
    {
        QTemporaryDir folder;
        Helper helper(folder.path(), "forward", "observe");
        QVERIFY2(helper.says("observing"), helper.said().constData());
        RealWorld world(folder.path());
        const QSignalSpy reconciled(&world.center, &OperationCenter::reconciled);
        world.center.reconcile();
        QTRY_VERIFY(world.center.isIdle());
        QCOMPARE(reconciled.size(), 0);
        QVERIFY(world.runner.calls.isEmpty());
    }

    void otherProcessLeavesCompleteRecordsBehind()
    {
        QTemporaryDir folder;
        Helper helper(folder.path(), "back", "finish");
        QVERIFY2(helper.says("done: "), helper.said().constData());
        RealWorld world(folder.path());
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                const auto entries = world.center.newestEntries(5);
                return QTest::qWaitFor([&] { return entries.isFinished(); }) && entries.result() &&
                       entries.result()->size() == 1;
            }(),
            10000);
    }

    void fullDiskLeavesTheJournalWhole()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("x.jsonl"));
        QVERIFY(appendLine(path, "{\"first\":1}\n", true));
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit before = {};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        rlimit small = before;
        small.rlim_cur = 20; // the second line fits half
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto written = appendLine(path, "{\"second\":\"too long for what is left\"}\n", true);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY(!written);
        QVERIFY2(written.error().message.contains(path), qPrintable(written.error().message));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("{\"first\":1}\n"));
        QVERIFY(appendLine(path, "{\"third\":3}\n", true));
    }
};

QTEST_GUILESS_MAIN(TestProcesses)
#include "test_processes_posix.moc"
