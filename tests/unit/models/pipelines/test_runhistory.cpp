// What past runs say: usual times, what is left, success, trends, new failures and flaky tests.
#include "models/pipelines/runhistory.h"

#include <QTest>

using namespace signalbox;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace
{

const QDateTime begin(QDate(2026, 11, 2), QTime(8, 0), Qt::UTC);

// The run `number`, an hour after the one before: queued for 10 s, then at work for `minutes`.
Run pastRun(int number, double minutes, RunState state = RunState::Passed,
            const QString &branch = QStringLiteral("main"))
{
    Run run;
    run.ref.id = QString::number(number);
    run.number = run.ref.id;
    run.state = state;
    run.branch = branch;
    run.commit = QStringLiteral("c%1").arg(number);
    run.createdAt = begin.addSecs(3600LL * number);
    run.startedAt = run.createdAt.addSecs(10);
    if (isEnded(state))
        run.finishedAt = run.startedAt.addMSecs(static_cast<qint64>(minutes * 60000));
    return run;
}

QList<Run> passedRuns(const QList<double> &minutes, const QString &branch = QStringLiteral("main"))
{
    QList<Run> runs;
    for (const double one : minutes)
        runs.append(pastRun(static_cast<int>(runs.size()) + 1, one, RunState::Passed, branch));
    return runs;
}

// With a job at its begin and one at its end, and nothing at work for `still` between them.
RunDetail worked(const Run &run, milliseconds still = milliseconds(0))
{
    RunDetail detail;
    detail.run = run;
    Job first;
    first.state = RunState::Passed;
    first.startedAt = run.startedAt;
    first.finishedAt = run.startedAt.addSecs(60);
    Job second = first;
    second.startedAt = first.finishedAt.addMSecs(still.count());
    second.finishedAt = run.finishedAt;
    detail.jobs = {first, second};
    return detail;
}

// "a+ b- c." : a passed, b failed, c was skipped.
TestReport report(const QString &text)
{
    TestReport all;
    for (const QString &word : text.split(u' ', Qt::SkipEmptyParts)) {
        TestCase one;
        one.suite = QStringLiteral("s");
        one.name = word.chopped(1);
        one.state = word.endsWith(u'+')   ? TestCase::State::Passed
                    : word.endsWith(u'-') ? TestCase::State::Failed
                                          : TestCase::State::Skipped;
        all.cases.append(one);
    }
    return all;
}

// One run a text, on `branch`; a commit of its own each.
QList<runs::TestedRun> tested(const QStringList &reports, const QString &branch = QStringLiteral("main"), int first = 1)
{
    QList<runs::TestedRun> all;
    for (const QString &text : reports)
        all.append({pastRun(first++, 1, RunState::Failed, branch), report(text)});
    return all;
}

} // namespace

class TestRunHistory : public QObject
{
    Q_OBJECT

private slots:
    void usualTimeIsTheMedianOfPassedRuns_data()
    {
        QTest::addColumn<QList<double>>("minutes");
        QTest::addColumn<double>("usual"); // -1: none
        QTest::newRow("none") << QList<double>{} << -1.0;
        QTest::newRow("two are too few") << QList<double>{4, 5} << -1.0;
        QTest::newRow("three") << QList<double>{9, 4, 5} << 5.0;
        QTest::newRow("four: between the two in the middle") << QList<double>{4, 100, 6, 5} << 5.5;
        QTest::newRow("one that hung does not count for more") << QList<double>{5, 5, 5, 5, 3000} << 5.0;
    }
    void usualTimeIsTheMedianOfPassedRuns()
    {
        QFETCH(QList<double>, minutes);
        QFETCH(double, usual);
        const runs::UsualTimes times = runs::usualTimes(passedRuns(minutes), QStringLiteral("main"));
        QCOMPARE(times.duration.has_value(), usual >= 0);
        QCOMPARE(times.queue.has_value(), usual >= 0);
        if (!times.duration)
            return;
        QCOMPARE(times.duration->count(), static_cast<qint64>(usual * 60000));
        QCOMPARE(*times.queue, milliseconds(10s));
        QCOMPARE(times.sample, static_cast<int>(minutes.size()));
        QVERIFY(times.isOfBranch);
    }

    void failedCancelledAndRepeatedRunsAreNotUsual()
    {
        QList<Run> past = passedRuns({5, 5, 6});
        past << pastRun(10, 1, RunState::Failed) << pastRun(11, 1, RunState::Cancelled)
             << pastRun(12, 1, RunState::Running);
        Run again = pastRun(13, 1);
        again.attempt = 2;
        past << again << pastRun(14, 7, RunState::Unstable);
        const runs::UsualTimes times = runs::usualTimes(past, {});
        QCOMPARE(*times.duration, milliseconds(330s)); // of 5 5 6 7
        QCOMPARE(times.sample, 4);
        QVERIFY(!times.isOfBranch);
    }

    void aBranchWithFewRunsIsToldByAll()
    {
        QList<Run> past = passedRuns({5, 5, 5});
        past << pastRun(20, 50, RunState::Passed, QStringLiteral("topic"));
        const runs::UsualTimes times = runs::usualTimes(past, QStringLiteral("topic"));
        QCOMPARE(*times.duration, milliseconds(5min));
        QCOMPARE(times.sample, 4);
        QVERIFY(!times.isOfBranch);
    }

    void onlyTheNewestAreUsual()
    {
        QList<double> minutes(runs::mostRuns, 2);
        minutes = QList<double>(200, 9) + minutes;
        QCOMPARE(*runs::usualTimes(passedRuns(minutes), {}).duration, milliseconds(2min));
    }

    void whatIsLeftIsNeverNegative_data()
    {
        QTest::addColumn<int>("second"); // since its first job
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("share");
        QTest::newRow("just begun") << 0 << "about 5 m left" << 0.0;
        QTest::newRow("ten seconds in") << 10 << "about 4 m 50 s left" << 10.0 / 300;
        QTest::newRow("rounded to tens") << 157 << "about 2 m 20 s left" << 157.0 / 300;
        QTest::newRow("nearly") << 297 << "a few seconds left" << 0.99;
        QTest::newRow("now") << 300 << "a few seconds left" << 1.0;
        QTest::newRow("just over") << 303 << "longer than usual" << 1.0;
        QTest::newRow("over") << 420 << "2 m longer than usual" << 1.0;
        QTest::newRow("hangs") << 4200 << "1 h 5 m longer than usual" << 1.0;
        QTest::newRow("our clock is behind") << -30 << "about 5 m left" << 0.0;
    }
    void whatIsLeftIsNeverNegative()
    {
        QFETCH(int, second);
        const Run run = pastRun(50, 0, RunState::Running);
        const auto left = runs::remaining(run, passedRuns({5, 5, 5}), run.startedAt.addSecs(second));
        QVERIFY(left);
        QVERIFY(left->left >= milliseconds(0) && left->longer >= milliseconds(0));
        QTEST(runs::remainingText(*left), "text");
        QTEST(left->share, "share");
        QVERIFY(!left->isOfVendor);
    }

    void timesAreTheVendorsWhereItCountsThem()
    {
        Run run = pastRun(50, 5);
        QCOMPARE(duration(run, run.finishedAt), std::optional<milliseconds>(5min));
        QCOMPARE(queueTime(run), std::optional<milliseconds>(10s));
        run.finishedAt = run.finishedAt.addDays(1); // of a second try of one job
        run.workedFor = 6min;
        run.queuedFor = 11s;
        QCOMPARE(duration(run, run.finishedAt), std::optional<milliseconds>(6min));
        QCOMPARE(queueTime(run), std::optional<milliseconds>(11s));
    }

    void whatGoesOnAgainCountsFromThen()
    {
        Run run = pastRun(50, 0, RunState::Running);
        const QDateTime now = run.startedAt.addDays(1);
        run.againSince = QDateTime();
        QVERIFY(!duration(run, now));
        QVERIFY(!runs::remaining(run, passedRuns({5, 5, 5}), now));
        run.againSince = now.addSecs(-60);
        QCOMPARE(duration(run, now), std::optional<milliseconds>(1min));
        QVERIFY(!runs::remaining(run, passedRuns({5, 5, 5}), now));
    }

    void whatIsLeftNeedsAReason()
    {
        Run run = pastRun(50, 0, RunState::Running);
        QVERIFY(!runs::remaining(run, {}, run.startedAt));
        run.estimate = 2min;
        const auto byVendor = runs::remaining(run, passedRuns({5}), run.startedAt.addSecs(60));
        QVERIFY(byVendor && byVendor->isOfVendor);
        QCOMPARE(byVendor->left, milliseconds(1min));
        const auto byRuns = runs::remaining(run, passedRuns({5, 5, 5}), run.startedAt.addSecs(60));
        QCOMPARE(byRuns->left, milliseconds(4min));
        QVERIFY(!runs::remaining(pastRun(50, 3), passedRuns({5, 5, 5}), run.startedAt));
        Run again = run; // some of its jobs, after it ended
        again.workedFor = 3min;
        QVERIFY(!runs::remaining(again, passedRuns({5, 5, 5}), run.startedAt.addSecs(60)));
        Run queued = pastRun(51, 0, RunState::Queued);
        queued.startedAt = {};
        QCOMPARE(runs::remaining(queued, passedRuns({5, 5, 5}), queued.createdAt.addSecs(900))->left,
                 milliseconds(5min));
    }

    // A run that waited at a gate is not slow: what counts is the time it was at work.
    void whatPeopleTookIsNoWork_data()
    {
        QTest::addColumn<QString>("environment"); // of the job after the gap
        QTest::addColumn<QString>("gated");       // of a gate that is known
        QTest::addColumn<RunState>("second");
        QTest::addColumn<QString>("text");
        const QString production = QStringLiteral("production");
        const QString stood = QStringLiteral("stood still for 3 h 40 m");
        QTest::newRow("let go on") << production << production << RunState::Running
                                   << QStringLiteral("waited 3 h 40 m for people");
        QTest::newRow("a machine may have been rare") << production << QString() << RunState::Running << stood;
        QTest::newRow("a gate of another place")
            << production << QStringLiteral("staging") << RunState::Running << stood;
        QTest::newRow("nothing says what for") << QString() << QString() << RunState::Running << stood;
        QTest::newRow("it waits still") << QString() << QString() << RunState::Waiting
                                        << QStringLiteral("waited 3 h 41 m for people");
    }
    void whatPeopleTookIsNoWork()
    {
        QFETCH(QString, environment);
        QFETCH(QString, gated);
        QFETCH(RunState, second);
        RunDetail detail;
        detail.run = pastRun(50, 0, second);
        Job test;
        test.state = RunState::Passed;
        test.startedAt = detail.run.startedAt;
        test.finishedAt = test.startedAt.addSecs(180);
        Job deploy;
        deploy.state = second;
        deploy.environment = environment;
        if (second == RunState::Running)
            deploy.startedAt = test.finishedAt.addSecs(13200);
        detail.jobs = {deploy, test};
        const QDateTime now = test.finishedAt.addSecs(13260);
        WaitingGate gate;
        gate.run = detail.run.ref;
        gate.environment = gated;
        const runs::StoodStill still = runs::stoodStill(detail, now, {gate});
        QTEST(runs::stoodStillText(still), "text");
        const QList<Run> past = passedRuns({5, 5, 5});
        QList<RunDetail> details;
        for (const Run &one : past)
            details.append(worked(one));
        const auto left = runs::remaining(detail.run, past, now, still.span, details);
        QVERIFY(left && left->longer.count() == 0);
        QVERIFY(left->left == milliseconds(second == RunState::Running ? 1min : 2min));
        detail.run.workedFor = 4min; // its vendor counts
        QCOMPARE(runs::stoodStill(detail, now), runs::StoodStill{});
    }

    // Past the gate an hour of waiting lies behind it, as it did for those before: nobody has to wait it again.
    void whatIsUsualIsOfWorkTooOrHasItsWaits_data()
    {
        QTest::addColumn<int>("known"); // details of past runs
        QTest::addColumn<int>("usual"); // minutes
        QTest::addColumn<int>("left");
        QTest::newRow("of work") << 3 << 5 << 1;
        QTest::newRow("too few are known: with their waits") << 2 << 65 << 1;
        QTest::newRow("none is") << 0 << 65 << 1;
    }
    void whatIsUsualIsOfWorkTooOrHasItsWaits()
    {
        QFETCH(int, known);
        const QList<Run> past = passedRuns({65, 65, 65});
        QList<RunDetail> details;
        for (int i = 0; i < known; ++i)
            details.append(worked(past[i], 60min));
        const Run run = pastRun(50, 0, RunState::Running);
        const QDateTime now = run.startedAt.addSecs(64 * 60);
        const auto left = runs::remaining(run, past, now, 60min, details);
        QVERIFY(left);
        QTEST(int(std::chrono::duration_cast<std::chrono::minutes>(left->usual).count()), "usual");
        QTEST(int(std::chrono::duration_cast<std::chrono::minutes>(left->left).count()), "left");
        // Before the gate, too: it is not the wait that is shown as work.
        const auto early = runs::remaining(run, past, run.startedAt.addSecs(60), milliseconds(0), details);
        QVERIFY(early);
        QCOMPARE(early->left + 1min, early->usual);
        QTEST(int(std::chrono::duration_cast<std::chrono::minutes>(early->usual).count()), "usual");
    }

    // Among the newest runs are checks of pull requests, which take minutes: they are not what a release is usually.
    void whatIsUsualOfItsBranchIsNotThatOfOthers_data()
    {
        QTest::addColumn<int>("known");    // details of runs of main
        QTest::addColumn<int>("of");       // so many passed there
        QTest::addColumn<int>("waited");   // minutes
        QTest::addColumn<bool>("hasWait"); // a check waited for people once
        QTest::addColumn<int>("usual");
        QTest::newRow("none of them is known, others are") << 0 << 4 << 60 << false << 65;
        QTest::newRow("too few are") << 2 << 4 << 60 << false << 65;
        QTest::newRow("enough are") << 3 << 4 << 60 << false << 5;
        QTest::newRow("too few passed there: all branches tell") << 1 << 1 << 60 << false << 4;
        QTest::newRow("others waited, none of those that count") << 3 << 7 << 0 << true << 9;
    }
    void whatIsUsualOfItsBranchIsNotThatOfOthers()
    {
        QFETCH(int, known);
        QFETCH(int, of);
        QFETCH(int, waited);
        QFETCH(bool, hasWait);
        QList<Run> past;
        QList<RunDetail> details;
        for (int i = 1; i <= of; ++i) {
            past.append(pastRun(i, waited > 0 ? 65 : i <= known ? 5 : 9));
            if (i <= known)
                details.append(worked(past.last(), std::chrono::minutes(waited)));
        }
        for (int i = 10; i < 20; ++i) {
            past.append(pastRun(i, 4, RunState::Passed, QStringLiteral("topic")));
            details.append(worked(past.last(), hasWait ? 120s : 0s));
        }
        const Run run = pastRun(50, 0, RunState::Running);
        const auto left =
            runs::remaining(run, past, run.startedAt.addSecs(60 * (waited + 3)), std::chrono::minutes(waited), details);
        QVERIFY(left);
        QTEST(int(std::chrono::duration_cast<std::chrono::minutes>(left->usual).count()), "usual");
        QVERIFY(left->longer.count() == 0);
    }

    // A stage that has just begun is not over in a few seconds, whatever its run takes usually.
    void noLessIsLeftThanOfWhatRuns_data()
    {
        QTest::addColumn<int>("usual");  // seconds, of the job that runs
        QTest::addColumn<int>("passed"); // since it began; the run is 297 s old, of 300 usual ones
        QTest::addColumn<QString>("text");
        QTest::newRow("at its begin") << 48 << 9 << QStringLiteral("about 40 s left");
        QTest::newRow("nearly through") << 48 << 47 << QStringLiteral("a few seconds left");
        QTest::newRow("over its time") << 48 << 60 << QStringLiteral("a few seconds left");
        QTest::newRow("nothing is known of it") << 0 << 9 << QStringLiteral("a few seconds left");
    }
    void noLessIsLeftThanOfWhatRuns()
    {
        QFETCH(int, usual);
        QFETCH(int, passed);
        RunDetail detail;
        detail.run = pastRun(50, 0, RunState::Running);
        const QDateTime now = detail.run.startedAt.addSecs(297);
        Job build;
        build.name = QStringLiteral("build");
        build.state = RunState::Passed;
        build.startedAt = detail.run.startedAt;
        build.finishedAt = build.startedAt.addSecs(10);
        Job deploy;
        deploy.name = QStringLiteral("deploy");
        deploy.state = RunState::Running;
        deploy.startedAt = now.addSecs(-passed);
        detail.jobs = {build, deploy};
        QHash<QString, runs::JobTime> times{{QStringLiteral("build"), {10min, 3}}}; // it has ended: nothing is left
        if (usual > 0)
            times.insert(QStringLiteral("deploy"), {std::chrono::seconds(usual), 3});
        const milliseconds jobs = runs::leftOfJobs(detail, times, now);
        const auto left = runs::remaining(detail.run, passedRuns({5, 5, 5}), now, 0s, {}, jobs);
        QVERIFY(left && left->share < 1);
        QTEST(runs::remainingText(*left), "text");
    }

    void whatTakesLongerSaysWhatIsLeftOfIt()
    {
        const Run run = pastRun(50, 0, RunState::Running);
        const auto left = runs::remaining(run, passedRuns({5, 5, 5}), run.startedAt.addSecs(420), 0s, {}, 36s);
        QVERIFY(left);
        QCOMPARE(runs::remainingText(*left), QStringLiteral("about 40 s left · 2 m longer than usual"));
        QCOMPARE(left->share, 420.0 / 456);
    }

    void aVendorsEstimateHasItsWaits()
    {
        Run run = pastRun(50, 0, RunState::Running);
        run.estimate = 65min;
        const auto left = runs::remaining(run, {}, run.startedAt.addSecs(64 * 60), 60min);
        QVERIFY(left && left->isOfVendor);
        QCOMPARE(left->left, milliseconds(1min));
    }

    void aMinuteBetweenJobsIsNoWait()
    {
        RunDetail detail;
        detail.run = pastRun(50, 0, RunState::Running);
        Job one;
        one.state = RunState::Passed;
        one.startedAt = detail.run.startedAt;
        one.finishedAt = one.startedAt.addSecs(60);
        Job other = one;
        other.startedAt = one.finishedAt.addSecs(59);
        other.finishedAt = {};
        detail.jobs = {one, other};
        const runs::StoodStill still = runs::stoodStill(detail, other.startedAt.addSecs(600));
        QCOMPARE(still.span, milliseconds(0));
        QCOMPARE(runs::stoodStillText(still), QString());
    }

    void successLeavesOutWhatPeopleStopped()
    {
        const QList<Run> past{pastRun(1, 1),
                              pastRun(2, 1, RunState::Unstable),
                              pastRun(3, 1, RunState::Failed),
                              pastRun(4, 1, RunState::Cancelled),
                              pastRun(5, 1, RunState::Skipped),
                              pastRun(6, 1, RunState::Running),
                              pastRun(7, 1)};
        const runs::SuccessRate rate = runs::successRate(past);
        QCOMPARE(rate, (runs::SuccessRate{3, 1, 1}));
        QCOMPARE(*rate.rate(), 0.75);
        QVERIFY(!runs::successRate({pastRun(4, 1, RunState::Cancelled)}).rate());
    }

    void jobsAreToldByTheNewestRuns()
    {
        QList<RunDetail> past;
        for (int i = 1; i <= 30; ++i) {
            RunDetail one;
            one.run = pastRun(i, 9);
            Job job;
            job.name = QStringLiteral("build");
            job.state = i == 30 ? RunState::Failed : RunState::Passed;
            job.startedAt = one.run.startedAt;
            job.finishedAt = job.startedAt.addSecs(i <= 10 ? 1000 : i);
            one.jobs = {job};
            past.prepend(one);
        }
        const auto times = runs::jobTimes(past);
        QCOMPARE(times.size(), 1);
        QCOMPARE(times.value(QStringLiteral("build")), (runs::JobTime{milliseconds(20s), 19})); // of 11 ... 29
    }

    void aDayHoldsWhatEndedOnIt()
    {
        QList<Run> past{pastRun(0, 4),
                        pastRun(1, 6),
                        pastRun(2, 1, RunState::Failed),
                        pastRun(3, 1, RunState::Cancelled),
                        pastRun(48, 3),
                        pastRun(49, 1, RunState::Running)};
        Run overnight = pastRun(15, 70); // from 23:00 to 00:10
        past << overnight;
        const QDate first(2026, 11, 2);
        const auto days = runs::days(past, first, first.addDays(3));
        QCOMPARE(days.size(), 4);
        QCOMPARE(days[0].success, (runs::SuccessRate{2, 0, 1}));
        QCOMPARE(days[0].cancelled, 1);
        QCOMPARE(*days[0].duration, milliseconds(5min));
        QCOMPARE(*days[0].queue, milliseconds(10s));
        QCOMPARE(days[1].success, (runs::SuccessRate{1, 0, 0}));
        QCOMPARE(days[2].success, (runs::SuccessRate{1, 0, 0}));
        QCOMPARE(days[3], (runs::Day{first.addDays(3), {}, 0, std::nullopt, std::nullopt}));
        const auto inShanghai = runs::days(past, first, first.addDays(1), QTimeZone(8 * 3600));
        QCOMPARE(inShanghai[0].success, (runs::SuccessRate{2, 0, 1}));
        QCOMPARE(inShanghai[1].success, (runs::SuccessRate{1, 0, 0}));
        QVERIFY(runs::days(past, first, first.addDays(-1)).isEmpty());
        QCOMPARE(runs::days(past, QDate(1970, 1, 1), first).size(), 400);
    }

    void newFailuresComeFirst()
    {
        const auto past = tested({QStringLiteral("old- fine+ was+ gone-"), QStringLiteral("old- fine+ was+"),
                                  QStringLiteral("old- fine+ was+ skip.")});
        const runs::TestedRun run{pastRun(9, 1, RunState::Failed),
                                  report(QStringLiteral("fine+ skip. old- was- gone-"))};
        const auto judged = runs::judged(run, past);
        QStringList names;
        for (const auto &one : judged)
            names.append(one.test.name);
        QCOMPARE(names, (QStringList{QStringLiteral("was"), QStringLiteral("gone"), QStringLiteral("old"),
                                     QStringLiteral("skip"), QStringLiteral("fine")}));
        QVERIFY(judged[0].isNew && judged[1].isNew && !judged[2].isNew);
        QCOMPARE(judged[2].failedInRow, 4);
        QCOMPARE(judged[2].since, QStringLiteral("1"));
        QCOMPARE(judged[0].since, QStringLiteral("9"));
        QVERIFY(!judged[4].isNew);
    }

    void newIsSaidOnlyOfWhatCanBeCompared()
    {
        const runs::TestedRun run{pastRun(9, 1, RunState::Failed), report(QStringLiteral("a-"))};
        QVERIFY(!runs::judged(run, {}).first().isNew);
        QVERIFY(!runs::judged(run, {run}).first().isNew);
        QVERIFY(!runs::judged(run, tested({QStringLiteral("a+")}, QStringLiteral("topic"))).first().isNew);
        QVERIFY(!runs::judged(run, tested({QStringLiteral("a+")}, QStringLiteral("main"), 10)).first().isNew);
        QVERIFY(runs::judged(run, tested({QStringLiteral("a+")})).first().isNew);
    }

    void flakyIsWhatContradictsItself_data()
    {
        QTest::addColumn<QString>("outcomes"); // of the test in one run after the other
        QTest::addColumn<bool>("flaky");
        QTest::newRow("fails") << "----" << false;
        QTest::newRow("broken") << "++--" << false;
        QTest::newRow("broken and repaired") << "++--++" << false;
        QTest::newRow("on and off") << "+-+-" << true;
        QTest::newRow("skips say nothing") << "+.-.." << false;
        QTest::newRow("skips between") << "+.-.+.-" << true;
        QTest::newRow("long ago") << QStringLiteral("+-+-") + QString(20, u'+') << false;
    }
    void flakyIsWhatContradictsItself()
    {
        QFETCH(QString, outcomes);
        QFETCH(bool, flaky);
        QStringList reports;
        for (const QChar one : outcomes)
            reports.append(u't' + QString(one));
        const auto past = tested(reports);
        QCOMPARE(runs::testRecords(past).value(QStringLiteral("s\nt")).isFlaky(), flaky);
        QCOMPARE(runs::flakiest(past).size(), flaky ? 1 : 0);
    }

    void branchesDoNotAlternate()
    {
        auto past = tested({QStringLiteral("t+"), QStringLiteral("t+"), QStringLiteral("t+")});
        past += tested({QStringLiteral("t-"), QStringLiteral("t-"), QStringLiteral("t-")}, QStringLiteral("topic"), 4);
        QVERIFY(runs::flakiest(past).isEmpty());
    }

    void sameCommitBothWaysIsFlaky()
    {
        auto past = tested({QStringLiteral("t- m+ m-"), QStringLiteral("t+ m-")}); // m: two machines of a matrix
        past[1].run.commit = past[0].run.commit;
        const auto flaky = runs::flakiest(past);
        QCOMPARE(flaky.size(), 1);
        QCOMPARE(flaky[0].name, QStringLiteral("t"));
        QCOMPARE(flaky[0].bothOnCommit, 1);
        QCOMPARE(flaky[0].runs, 2);
        QCOMPARE(flaky[0].failed, 1);
        QVERIFY(flaky[0].lastFailedAt == past[0].run.finishedAt);
        // The rerun of a commit that had passed: told at once, and put behind what is not flaky.
        const runs::TestedRun rerun{past[1].run, report(QStringLiteral("t- other-"))};
        const auto judged = runs::judged(rerun, {past[0], tested({QStringLiteral("t+")}).first()});
        QCOMPARE(judged[0].test.name, QStringLiteral("other"));
    }

    void flakiestFirst()
    {
        auto past = tested({QStringLiteral("a+ b+ c+"), QStringLiteral("a- b- c-"), QStringLiteral("a+ b+ c-"),
                            QStringLiteral("a- b- c+"), QStringLiteral("a- b+ c+")});
        past[4].run.commit = past[3].run.commit;
        const auto flaky = runs::flakiest(past);
        QCOMPARE(flaky.size(), 2); // c was broken and repaired
        QCOMPARE(flaky[0].name, QStringLiteral("b"));
        QCOMPARE(flaky[0].changes, 4);
        QCOMPARE(flaky[1].name, QStringLiteral("a"));
        QCOMPARE(flaky[1].changes, 3);
        QCOMPARE(runs::flakiest(past, 1).size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestRunHistory)
#include "test_runhistory.moc"
