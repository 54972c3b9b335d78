// What a run is compared with: of which earlier runs jobs and reports are asked for, in which order, and how many.
#include "tests/support/fakepipelineserver.h"
#include "tests/support/stays.h"
#include "ui/pages/pipelines/runpast.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// Sixty runs of one pipeline, two of three of them of other branches; each with jobs and tests.
struct Past
{
    Past()
        : pipeline(pipelineOf(QStringLiteral("ci"), QStringLiteral("acme/cart"), QStringLiteral("release")))
    {
        for (int i = 60; i >= 1; --i) {
            Run run = runOf(pipeline, i, RunState::Passed, 10 * (61 - i));
            if (i % 3 != 0)
                run.branch = QStringLiteral("topic-%1").arg(i);
            runs.append(run);
            source.details[run.ref.id].run = run;
            TestReport report;
            report.passed = i;
            report.coverage = i;
            TestCase test;
            test.suite = QStringLiteral("suite");
            test.name = QStringLiteral("sometimes");
            test.state = i % 2 == 0 ? TestCase::State::Failed : TestCase::State::Passed;
            test.message = QStringLiteral("it printed much");
            report.cases.append(test);
            source.reports.insert(run.ref.id, report);
        }
        shown = runOf(pipeline, 61, RunState::Running, 1);
    }
    void follow()
    {
        past.setActive(true);
        past.follow(&source, pipeline.ref, runs, shown);
    }
    QStringList tested() const
    {
        QStringList numbers;
        for (const runs::TestedRun &one : past.tested())
            numbers << one.run.number;
        return numbers;
    }

    FakePipelines source{QStringLiteral("ci")};
    Pipeline pipeline;
    QList<Run> runs; // newest first
    Run shown;
    RunPast past{
        RunPast::Pace{std::chrono::milliseconds(1), std::chrono::milliseconds(1), std::chrono::milliseconds(20)}};
};

} // namespace

class TestRunPast : public QObject
{
    Q_OBJECT
private slots:
    void asManyReportsOfTheBranchAreReadAsFlakinessIsToldFrom()
    {
        Past world;
        world.follow();
        QTRY_COMPARE(world.tested().size(), 20);
        QStringList expected;
        for (int i = 60; i > 0; i -= 3)
            expected << QString::number(i);
        QCOMPARE(world.tested(), expected); // all of its branch
        const QList<runs::TestRecord> flaky = runs::flakiest(world.past.tested());
        QCOMPARE(flaky.size(), 1);
        QCOMPARE(flaky.first().changes, 19);
        QCOMPARE(world.past.details().size(), 12);
        QVERIFY(world.past.tested().first().report.cases.first().message.isEmpty());
        const int asked = world.source.testAsks;
        world.past.follow(&world.source, world.pipeline.ref, world.runs, world.shown);
        world.past.setActive(false);
        world.past.setActive(true);
        // What ended does not change.
        QVERIFY(stays([&] { return world.source.testAsks == asked; }, std::chrono::milliseconds(50)));
    }

    void otherBranchesFillWhatTheBranchLacks()
    {
        Past world;
        world.shown.branch = QStringLiteral("topic-59");
        world.follow();
        QTRY_COMPARE(world.tested().size(), 20);
        QCOMPARE(world.tested().mid(0, 3),
                 QStringList({QStringLiteral("59"), QStringLiteral("60"), QStringLiteral("58")}));
    }

    // "Coverage 84 %, last run 83 %" is of one branch, or not said.
    void theReportBeforeIsOfTheSameBranch_data()
    {
        QTest::addColumn<QString>("branch");
        QTest::addColumn<int>("passed"); // 0: none
        QTest::newRow("the main branch") << QStringLiteral("main") << 60;
        QTest::newRow("an older run of its branch") << QStringLiteral("topic-58") << 58;
        QTest::newRow("the first of its branch") << QStringLiteral("new") << 0;
    }
    void theReportBeforeIsOfTheSameBranch()
    {
        QFETCH(QString, branch);
        QFETCH(int, passed);
        Past world;
        world.shown.branch = branch;
        world.follow();
        QTRY_COMPARE(world.tested().size(), 20);
        QCOMPARE(world.past.testsBefore() ? world.past.testsBefore()->passed : 0, passed);
    }

    void aPipelineWithoutReportsIsNotAskedTwentyTimes()
    {
        Past world;
        world.source.reports.clear();
        world.follow();
        QTRY_COMPARE(world.past.details().size(), 12);
        QTRY_COMPARE(world.source.testAsks, 4);
        QVERIFY(stays([&] { return world.source.testAsks == 4; }, std::chrono::milliseconds(50)));
    }

    void aServerInTroubleIsAskedAgainAndNotTakenToHaveNone()
    {
        Past world;
        world.source.testTrouble = Error{ErrorKind::Unreachable, QStringLiteral("no answer"), {}};
        world.follow();
        QTRY_VERIFY(world.source.testAsks >= 5);
        QVERIFY(world.tested().isEmpty());
        QTRY_COMPARE(world.past.details().size(), 12); // jobs come all the same
        world.source.testTrouble.reset();
        QTRY_COMPARE(world.tested().size(), 20);
    }

    void nothingIsAskedOfAServerThatHasLittleLeft()
    {
        Past world;
        world.source.left = RequestBudget{5000, 1900, {}, 0};
        world.follow();
        QVERIFY(
            stays([&] { return world.source.testAsks + world.source.detailAsks == 0; }, std::chrono::milliseconds(50)));
        world.source.tellBudget(RequestBudget{5000, 4900, {}, 0});
        QTRY_COMPARE(world.past.details().size(), 12);
        QTRY_COMPARE(world.tested().size(), 20);
    }

    // Nobody tells when a budget is whole again: its own word on when that is counts.
    void aBudgetThatIsWholeAgainIsUsed()
    {
        Past world;
        world.source.left = RequestBudget{5000, 1900, QDateTime::currentDateTimeUtc().addMSecs(60), 0};
        world.follow();
        QVERIFY(stays([&] { return world.source.detailAsks == 0; }, std::chrono::milliseconds(30)));
        world.source.left = RequestBudget{5000, 5000, {}, 0};
        QTRY_COMPARE(world.past.details().size(), 12);
    }

    // One moment without an answer is no run without jobs.
    void jobsThatAServerInTroubleDidNotGiveAreAskedForAgain()
    {
        Past world;
        world.source.trouble = Error{ErrorKind::Unreachable, QStringLiteral("no answer"), {}};
        world.follow();
        QTRY_VERIFY(world.source.detailAsks >= 2);
        QVERIFY(world.past.details().isEmpty());
        QVERIFY(world.past.usual().isEmpty());
        world.source.trouble.reset();
        QTRY_COMPARE(world.past.details().size(), 12);
        const int asked = world.source.detailAsks;
        QVERIFY(stays([&] { return world.source.detailAsks == asked; }, std::chrono::milliseconds(50)));
    }
};

QTEST_GUILESS_MAIN(TestRunPast)
#include "test_runpast.moc"
