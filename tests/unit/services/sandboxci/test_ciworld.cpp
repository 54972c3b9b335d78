#include "tests/unit/services/sandboxci/heldworld.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace signalbox;
using namespace signalbox::sandbox::ci;

// The pipelines behind the stand-ins for vendors' CI servers: what there is, how time goes on in it, and what it says.
class CiWorldTest : public QObject
{
    Q_OBJECT

private slots:
    void everyVendorHasProjects_data()
    {
        QTest::addColumn<int>("vendor");
        QTest::addColumn<QString>("project");
        QTest::newRow("jenkins") << static_cast<int>(Vendor::Jenkins) << QStringLiteral("search/search-ranker");
        QTest::newRow("github") << static_cast<int>(Vendor::GitHub) << QStringLiteral("growth/recommender");
        QTest::newRow("gitlab") << static_cast<int>(Vendor::GitLab) << QStringLiteral("platform/feature-store");
        QTest::newRow("travis") << static_cast<int>(Vendor::Travis) << QStringLiteral("voice/speech-to-text");
    }
    void everyVendorHasProjects()
    {
        QFETCH(int, vendor);
        QFETCH(QString, project);
        HeldWorld held;
        const auto projects = held.world.projects(static_cast<Vendor>(vendor));
        QVERIFY(std::find(projects.begin(), projects.end(), project.toStdString()) != projects.end());
        RunQuery query = everything(static_cast<Vendor>(vendor));
        query.project = project.toStdString();
        const RunList list = held.world.runs(query);
        QVERIFY2(list.total > 30, qPrintable(QString::number(list.total)));
        std::set<Phase> phases;
        for (const RunRecord &run : list.runs) {
            phases.insert(run.phase);
            QCOMPARE(run.commit.size(), std::size_t(40));
            QVERIFY(run.createdMs <= noonMs && run.createdMs > noonMs - 31LL * 1440 * minuteMs);
        }
        QVERIFY(phases.contains(Phase::Passed));
        QVERIFY(phases.contains(Phase::Failed) || phases.contains(Phase::Unstable));
    }

    void aSeedTellsOneStory()
    {
        HeldWorld first;
        HeldWorld second;
        // Asking often or once: the same.
        for (int i = 0; i < 24; ++i) {
            first.nowMs += 5 * minuteMs;
            first.world.runs(everything(Vendor::Travis));
        }
        second.nowMs = first.nowMs;
        for (const Vendor vendor : {Vendor::Jenkins, Vendor::GitHub, Vendor::GitLab, Vendor::Travis}) {
            std::string a;
            std::string b;
            for (const RunRecord &run : first.world.runs(everything(vendor)).runs)
                a += told(run);
            for (const RunRecord &run : second.world.runs(everything(vendor)).runs)
                b += told(run);
            QVERIFY(a == b);
        }
    }

    void aRunGoesOnWithTime()
    {
        HeldWorld held;
        const RunRecord started = held.startOf("search/embedding-api", Vendor::GitHub, "release");
        QCOMPARE(started.phase, Phase::Queued);
        QCOMPARE(started.startedMs, std::int64_t(0));
        QCOMPARE(started.who, std::string("hana.kim"));
        QVERIFY(held.waitFor(started.id, Phase::Running));
        const RunRecord running = held.run(started.id);
        QVERIFY(running.startedMs > running.createdMs);
        QVERIFY(running.updatedMs >= running.startedMs);
        const JobRun *test = running.job(std::string_view("test (3.11)"));
        QVERIFY(test);
        const JobRun *image = running.job(std::string_view("image"));
        QVERIFY(image && image->phase == Phase::NotStarted && image->startedMs == 0);
        QCOMPARE(image->needs.size(), std::size_t(3));
        QVERIFY(image->needs.front() == test->id);
    }

    // What goes back to an older run is the newest deployment: its number is above all there are, and below the next.
    void deploymentsAreNumberedAsTheyAreMade()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::GitHub);
        query.project = "growth/recommender";
        query.pipeline = "release";
        query.limit = 2;
        query.isWanted = [](const RunRecord &run) { return run.phase == Phase::Passed; };
        const auto runs = held.world.runs(query).runs;
        QCOMPARE(runs.size(), std::size_t(2));
        const std::string_view name = "deploy-staging";
        const RunRecord newer = held.run(runs.front().id);
        const RunRecord older = held.run(runs.back().id);
        QVERIFY(newer.job(name)->deploymentId > older.job(name)->deploymentId);
        QVERIFY(held.world.retryJob(older.job(name)->id, "operator"));
        const std::int64_t again = held.run(older.id).job(name)->deploymentId;
        QVERIFY(again > newer.job(name)->deploymentId);
        QCOMPARE(held.world.run(older.id, 1)->job(name)->deploymentId, older.job(name)->deploymentId);
        QVERIFY(held.world.retryJob(newer.job(name)->id, "operator"));
        QVERIFY(held.run(newer.id).job(name)->deploymentId > again);
    }

    void aJobStartsAChild()
    {
        HeldWorld held;
        const RunRecord started = held.startOf("platform/feature-store", Vendor::GitLab, "feature-store", Cause::Push);
        for (int i = 0; i < 400 && !held.run(started.id).job(std::string_view("benchmarks"))->childRun; ++i)
            held.nowMs += 1000;
        const JobRun bridge = *held.run(started.id).job(std::string_view("benchmarks"));
        const RunRecord child = held.run(bridge.childRun);
        QCOMPARE(child.pipeline, std::string("benchmarks"));
        QCOMPARE(child.parentRun, started.id);
        QCOMPARE(child.commit, started.commit);
        QCOMPARE(bridge.phase, Phase::Running);
        held.nowMs += 30 * minuteMs;
        const JobRun ended = *held.run(started.id).job(std::string_view("benchmarks"));
        QVERIFY(isEnded(ended.phase));
        QCOMPARE(ended.finishedMs, held.run(child.id).finishedMs);
    }

    // What was written does not change while more comes, nor when it is cancelled.
    void aLogGrows()
    {
        HeldWorld held;
        const RunRecord started = held.startOf("search/search-ranker", Vendor::Jenkins);
        const std::int64_t build = started.job(std::string_view("Build"))->id;
        QVERIFY(held.world.log(build).empty());
        std::vector<LogLine> before;
        int grown = 0;
        const auto keeps = [&](const std::vector<LogLine> &now) {
            return now.size() >= before.size() &&
                   std::equal(before.begin(), before.end(), now.begin(), [](const LogLine &a, const LogLine &b) {
                       return a.atMs == b.atMs && a.kind == b.kind && a.text == b.text;
                   });
        };
        for (int i = 0; i < 100; ++i) {
            held.nowMs += 1000;
            const auto now = held.world.log(build);
            QVERIFY(keeps(now));
            grown += now.size() > before.size() ? 1 : 0;
            before = now;
        }
        QVERIFY2(grown > 20, qPrintable(QString::number(grown)));
        QVERIFY(held.world.cancel(started.id, "operator"));
        const auto ended = held.world.log(build);
        QVERIFY(keeps(ended));
        QCOMPARE(ended.back().kind, LogLine::Kind::GroupEnd);
        QVERIFY(std::any_of(ended.begin(), ended.end(), [](const LogLine &line) {
            return line.text.find("Cancelled by operator") != std::string::npos;
        }));
        QVERIFY(std::is_sorted(ended.begin(), ended.end(),
                               [](const LogLine &a, const LogLine &b) { return a.atMs < b.atMs; }));
    }

    void testsAreTold()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::GitHub);
        query.pipeline = "ci";
        query.isWanted = [](const RunRecord &run) {
            return run.phase == Phase::Failed && run.branch == "half-precision";
        };
        for (const RunRecord &run : held.world.runs(query).runs) {
            const JobRun *job = run.job(std::string_view("test (3.12)"));
            if (job->phase != Phase::Failed)
                continue;
            const TestResults results = held.world.tests(run.id);
            QVERIFY(results.failed > 0);
            QVERIFY(results.passed > 10);
            QVERIFY(results.skipped > 0);
            const auto failed = std::find_if(results.cases.begin(), results.cases.end(), [](const TestResult &one) {
                return one.state == TestResult::State::Failed;
            });
            QVERIFY(!failed->message.empty() && !failed->trace.empty());
            const auto log = held.world.log(failed->job);
            QVERIFY(std::any_of(log.begin(), log.end(), [&](const LogLine &line) {
                return line.text.find(failed->name) != std::string::npos;
            }));
            QVERIFY(!held.world.annotations(run.id).empty());
            return;
        }
        QFAIL("no such run");
    }

    // Whoever looks first, whenever that is, finds a run that was run again: its first attempt failed, the second
    // passed.
    void aSceneHasTwoAttempts_data()
    {
        QTest::addColumn<std::int64_t>("beginMs");
        QTest::newRow("at noon") << noonMs;
        QTest::newRow("by night") << noonMs + 15 * 60 * minuteMs;
        QTest::newRow("a week later") << noonMs + 7 * 1440 * minuteMs;
    }
    void aSceneHasTwoAttempts()
    {
        QFETCH(std::int64_t, beginMs);
        const CiWorld world(builtInPlans(), [beginMs] { return beginMs; });
        RunQuery query = everything(Vendor::GitHub);
        query.project = "growth/recommender";
        query.pipeline = "ci";
        query.isWanted = [beginMs](const RunRecord &run) { return run.createdMs == beginMs - 1'500'000; };
        const RunList found = world.runs(query);
        QCOMPARE(found.runs.size(), std::size_t(1));
        const RunRecord again = world.run(found.runs.front().id).value_or(RunRecord());
        const RunRecord first = world.run(again.id, 1).value_or(RunRecord());
        QCOMPARE(again.attempt, 2);
        QCOMPARE(again.phase, Phase::Passed);
        QCOMPARE(first.phase, Phase::Failed);
        QVERIFY(again.attemptMs == first.finishedMs + 90'000 && again.finishedMs < beginMs);
        const std::string_view failed = "test (3.11)";
        const std::string_view passed = "test (3.13)";
        QCOMPARE(first.job(failed)->phase, Phase::Failed);
        QVERIFY(again.job(failed)->id != first.job(failed)->id);
        QCOMPARE(again.job(passed)->id, first.job(passed)->id); // it did not run again
    }

    void aPassedRunHasCoverageAndFiles()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::Jenkins);
        query.project = "search/search-ranker";
        query.isWanted = [](const RunRecord &run) { return run.phase == Phase::Passed; };
        query.limit = 1;
        const RunRecord run = held.world.runs(query).runs.front();
        const TestResults results = held.world.tests(run.id);
        QVERIFY(results.coverage && *results.coverage > 80 && *results.coverage < 95);
        QCOMPARE(results.failed, 0);
        QVERIFY(!held.world.artifacts(run.id).empty());
        QVERIFY(held.world.artifacts(run.id).front().bytes > 0);
    }

    void schedulesBeginRuns()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::Jenkins);
        query.project = "risk/fraud-scorer";
        query.isWanted = [](const RunRecord &run) { return run.cause == Cause::Schedule; };
        const RunList before = held.world.runs(query);
        QVERIFY(before.total >= 28);
        QCOMPARE(before.runs.front().cron, std::string("12 4 * * *"));
        QCOMPARE(isoTime(before.runs.front().createdMs), std::string("2026-03-02T04:12:00Z"));
        held.nowMs += 24 * 60 * minuteMs;
        const RunList after = held.world.runs(query);
        QCOMPARE(after.total, before.total + 1);
        // Nobody releases by night.
        QCOMPARE(after.runs.front().job(std::string_view("Release to production"))->phase, Phase::Skipped);
    }

    void numbersGoUp()
    {
        HeldWorld held;
        for (const Vendor vendor : {Vendor::Jenkins, Vendor::GitHub, Vendor::GitLab, Vendor::Travis}) {
            std::map<std::string, int> last;
            for (const RunRecord &run : held.world.runs(everything(vendor)).runs) {
                std::string line = run.project;
                if (vendor == Vendor::Jenkins)
                    line += '|' + run.branch + '|' + run.tag;
                if (vendor == Vendor::GitHub)
                    line += '|' + run.pipeline;
                QVERIFY(!last.contains(line) || last[line] == run.number + 1);
                last[line] = run.number;
            }
        }
        const RunRecord third = *held.world.runByNumber(Vendor::Jenkins, "search/search-ranker", {}, "main", 3);
        QCOMPARE(third.number, 3);
        QCOMPARE(third.branch, std::string("main"));
    }

    void pagesFitTogether()
    {
        HeldWorld held;
        const RunList all = held.world.runs(everything(Vendor::GitHub));
        RunQuery page = everything(Vendor::GitHub);
        page.offset = 30;
        page.limit = 30;
        const RunList second = held.world.runs(page);
        QCOMPARE(second.total, all.total);
        QCOMPARE(second.runs.size(), std::size_t(30));
        QCOMPARE(second.runs.front().id, all.runs[30].id);
        QVERIFY(held.world.remove(all.runs[30].id));
        QCOMPARE(held.world.runs(page).runs.front().id, all.runs[31].id);
        QVERIFY(!held.world.run(all.runs[30].id));
    }

    void manyRunsAreCheap()
    {
        HeldWorld held;
        for (int i = 0; i < 1000; ++i)
            held.startOf("growth/recommender", Vendor::GitHub, "ci", Cause::Api);
        held.nowMs += 60 * minuteMs;
        held.world.runs(everything(Vendor::GitHub));
        QElapsedTimer clock;
        clock.start();
        RunQuery page = everything(Vendor::GitHub);
        page.limit = 100;
        for (int i = 0; i < 10; ++i) {
            held.nowMs += 1000;
            QCOMPARE(held.world.runs(page).runs.size(), std::size_t(100));
        }
        QVERIFY2(clock.elapsed() < 500, qPrintable(QString::number(clock.elapsed())));
        qInfo("a page of 100 runs: %.1f ms", static_cast<double>(clock.nsecsElapsed()) / 1e7);
    }

    // What a vendor's file says and what its runs do.
    void definitionsSayTheSameJobs()
    {
        for (const PipelinePlan &plan : builtInPlans().pipelines) {
            const std::string indent = plan.vendor == Vendor::GitHub ? "\n  " : "\n";
            for (const JobPlan &job : plan.jobs) {
                const std::string said = plan.vendor == Vendor::Jenkins  ? "stage('" + job.name + "')"
                                         : plan.vendor == Vendor::Travis ? "name: " + job.name + '\n'
                                                                         : indent + job.key + ":\n";
                QVERIFY2(plan.definition.find(said) != std::string::npos, (plan.project + said).c_str());
            }
            // GitLab and Travis keep schedules outside of the file.
            for (const std::string &cron : plan.crons) {
                if (plan.vendor == Vendor::GitHub || plan.vendor == Vendor::Jenkins)
                    QVERIFY2(plan.definition.find(cron) != std::string::npos, plan.project.c_str());
            }
        }
    }

    void mistakesInPlansAreNamed_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("unknown word") << QByteArray("\"runsPerDay\"") << QByteArray("\"runsPerYear\"")
                                      << QStringLiteral("pipelines[0]: unknown word \"runsPerYear\"");
        QTest::newRow("unknown vendor") << QByteArray("\"vendor\": \"github\"") << QByteArray("\"vendor\": \"hubgit\"")
                                        << QStringLiteral("\"hubgit\" is not one of the words for it");
        QTest::newRow("unknown need") << QByteArray("\"needs\": [\"lint\"]") << QByteArray("\"needs\": [\"lent\"]")
                                      << QStringLiteral("no job before it is called \"lent\"");
        QTest::newRow("again, though it may pass")
            << QByteArray("\"secondsAgo\": 25}") << QByteArray("\"secondsAgo\": 25, \"againAfterSeconds\": 9}")
            << QStringLiteral("what does not fail for sure is not run again");
        QTest::newRow("no text") << QByteArray("recommender-ci.yml") << QByteArray("no.yml")
                                 << QStringLiteral("there is no text \"no.yml\"");
    }
    void mistakesInPlansAreNamed()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, says);
        builtInPlans(); // registers the resource
        const auto textOf = [](const QString &name) {
            QFile file(QStringLiteral(":/signalbox/sandbox/pipelines/") + name);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QByteArray json = textOf(QStringLiteral("pipelines.json"));
        QVERIFY(json.contains(from));
        json.replace(from, to);
        const auto plans = parsePlans(json, QStringLiteral("plans.json"), textOf);
        QVERIFY(!plans);
        QVERIFY2(plans.error().message.contains(says), qPrintable(plans.error().message));
    }
};

QTEST_GUILESS_MAIN(CiWorldTest)
#include "test_ciworld.moc"
