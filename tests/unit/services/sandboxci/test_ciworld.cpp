#include "services/sandbox/ci/ciworld.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace signalbox;
using namespace signalbox::sandbox::ci;

namespace
{

constexpr std::int64_t noonMs = 1'772'452'800'000; // 2026-03-02T12:00:00Z, a Monday
constexpr std::int64_t minuteMs = 60'000;

// A world at a time that only the test moves.
struct HeldWorld
{
    std::int64_t nowMs = noonMs;
    CiWorld world{builtInPlans(), [this] { return nowMs; }};

    RunRecord run(std::int64_t id) { return world.run(id).value_or(RunRecord()); }
    RunRecord startOf(const char *project, Vendor vendor, const char *pipeline = "", Cause cause = Cause::Manual)
    {
        StartOrder order;
        order.vendor = vendor;
        order.project = project;
        order.pipeline = pipeline;
        order.cause = cause;
        order.who = "hana.kim";
        return run(world.start(order).run);
    }
    // A minute a step, until it has that phase; false after a day.
    bool waitFor(std::int64_t id, Phase phase)
    {
        for (int i = 0; i < 1440; ++i, nowMs += 10'000) {
            if (run(id).phase == phase)
                return true;
        }
        return false;
    }
    // The one that waits at the gate of its production job.
    RunRecord waitingRun(Vendor vendor, const char *project)
    {
        const auto all = world.waiting(vendor, project);
        return all.empty() ? RunRecord() : all.front();
    }
};

const JobRun &waitingJob(const RunRecord &run)
{
    static const JobRun none;
    for (const JobRun &job : run.jobs) {
        if (job.phase == Phase::Waiting)
            return job;
    }
    return none;
}

std::string told(const RunRecord &run)
{
    std::string text = std::to_string(run.id) + ' ' + run.commit + ' ' + run.subject + ' ' + run.who + ' ' +
                       std::string(phaseName(run.phase)) + ' ' + std::to_string(run.finishedMs) + '\n';
    for (const JobRun &job : run.jobs) {
        text += std::to_string(job.id) + ' ' + job.name + ' ' + std::string(phaseName(job.phase)) + ' ' +
                std::to_string(job.startedMs) + ' ' + std::to_string(job.finishedMs) + ' ' + job.runner + '\n';
    }
    return text;
}

RunQuery everything(Vendor vendor)
{
    RunQuery query;
    query.vendor = vendor;
    query.limit = 100'000;
    return query;
}

} // namespace

// The pipelines behind the stand-ins for vendors' CI servers.
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

    void aReleaseWaitsForPeople()
    {
        HeldWorld held;
        const RunRecord waiting = held.waitingRun(Vendor::GitHub, "search/embedding-api");
        QCOMPARE(waiting.tag, std::string("v0.31.1"));
        QCOMPARE(waiting.phase, Phase::Waiting);
        const JobRun gate = waitingJob(waiting);
        QCOMPARE(gate.environment, std::string("production"));
        QVERIFY(gate.waitingSinceMs > 0 && gate.deploymentId > 0 && gate.startedMs == 0);
        QVERIFY(held.world.decide(gate.id, {"operator", true, "Go", 0}));
        held.nowMs += 5000;
        QVERIFY(held.run(waiting.id).phase != Phase::Waiting);
        QVERIFY(held.waitFor(waiting.id, Phase::Passed));
        const RunRecord done = held.run(waiting.id);
        QCOMPARE(done.releases.size(), std::size_t(1));
        QVERIFY(done.releases.front().ends_with("search/embedding-api:0.31.1"));
        QCOMPARE(done.job(gate.id)->decisions.front().comment, std::string("Go"));
    }

    // What waits at the start is what the plans let wait, whatever day it is: nothing was forgotten in the past.
    void onlyTheNewWaits()
    {
        for (int day = 0; day < 40; ++day) {
            std::int64_t nowMs = noonMs + day * 1440 * minuteMs;
            const CiWorld world(builtInPlans(), [&] { return nowMs; });
            QCOMPARE(world.waiting(Vendor::Jenkins, {}).size(), std::size_t(2));
            QCOMPARE(world.waiting(Vendor::GitHub, {}).size(), std::size_t(1));
            QCOMPARE(world.waiting(Vendor::GitLab, {}).size(), std::size_t(2));
            QCOMPARE(world.waiting(Vendor::Travis, {}).size(), std::size_t(0));
            for (const Vendor vendor : {Vendor::Jenkins, Vendor::GitHub, Vendor::GitLab, Vendor::Travis}) {
                RunQuery query = everything(vendor);
                query.isWanted = [&](const RunRecord &run) {
                    return !isEnded(run.phase) && run.createdMs < nowMs - 2LL * 1440 * minuteMs;
                };
                QCOMPARE(world.runs(query).total, std::size_t(0));
            }
        }
    }

    void whatPassesItsGateIsDeployed()
    {
        HeldWorld held;
        std::vector<std::string> deployed;
        held.world.setDeployListener([&](const Deployment &one) {
            deployed.push_back(one.application + ' ' + one.environment + ' ' + one.tag);
        });
        const RunRecord waiting = held.waitingRun(Vendor::GitHub, "search/embedding-api");
        QVERIFY(deployed.empty());
        QVERIFY(held.world.decide(waitingJob(waiting).id, {"operator", true, {}, 0}));
        QVERIFY(held.waitFor(waiting.id, Phase::Passed));
        const std::vector<std::string> expected = {"embedding-api production v0.31.1"};
        QVERIFY(deployed == expected);
        // Once more: by hand, all of it, staging first.
        QVERIFY(held.world.rerun(waiting.id, false, "operator"));
        QVERIFY(held.waitFor(waiting.id, Phase::Waiting));
        QCOMPARE(deployed.size(), std::size_t(2));
        QCOMPARE(deployed.back(), std::string("embedding-api staging v0.31.1"));
    }

    void aRejectionFailsTheRun_data()
    {
        QTest::addColumn<int>("vendor");
        QTest::addColumn<QString>("project");
        QTest::addColumn<int>("phase");
        QTest::newRow("github") << static_cast<int>(Vendor::GitHub) << QStringLiteral("search/embedding-api")
                                << static_cast<int>(Phase::Failed);
        QTest::newRow("jenkins aborts") << static_cast<int>(Vendor::Jenkins) << QStringLiteral("search/search-ranker")
                                        << static_cast<int>(Phase::Cancelled);
    }
    void aRejectionFailsTheRun()
    {
        QFETCH(int, vendor);
        QFETCH(QString, project);
        QFETCH(int, phase);
        HeldWorld held;
        const RunRecord waiting = held.waitingRun(static_cast<Vendor>(vendor), qPrintable(project));
        const JobRun gate = waitingJob(waiting);
        QVERIFY(held.world.decide(gate.id, {"operator", false, "Not on a Monday", 0}));
        held.nowMs += 1000;
        const RunRecord ended = held.run(waiting.id);
        QCOMPARE(static_cast<int>(ended.phase), phase);
        QVERIFY(ended.reason.find("Not on a Monday") != std::string::npos);
        QVERIFY(held.world.waiting(static_cast<Vendor>(vendor), ended.project).empty() ||
                held.waitingRun(static_cast<Vendor>(vendor), qPrintable(project)).id != ended.id);
    }

    void somebodyWasFaster()
    {
        HeldWorld held;
        const JobRun gate = waitingJob(held.waitingRun(Vendor::GitHub, "search/embedding-api"));
        QVERIFY(held.world.decide(gate.id, {"priya.raman", false, "Wait", 0}));
        const Outcome late = held.world.decide(gate.id, {"operator", true, {}, 0});
        QVERIFY(late.kind == Outcome::Kind::Settled);
        QCOMPARE(late.who, std::string("priya.raman"));
        QVERIFY(!late.approved);
    }

    void twoMustApproveThenItIsPlayed()
    {
        HeldWorld held;
        const RunRecord waiting = held.waitingRun(Vendor::GitLab, "platform/feature-store");
        const JobRun gate = waitingJob(waiting);
        QCOMPARE(gate.approvalsNeeded, 2);
        QVERIFY(held.world.playJob(gate.id, "operator").kind == Outcome::Kind::NotNow);
        QVERIFY(held.world.decide(gate.id, {"operator", true, {}, 0}));
        QVERIFY(held.world.decide(gate.id, {"operator", true, {}, 0}).kind == Outcome::Kind::Settled);
        QVERIFY(held.world.decide(gate.id, {"erik.lund", true, {}, 0}).kind == Outcome::Kind::NotAllowed);
        QVERIFY(held.run(waiting.id).job(gate.id)->phase == Phase::Waiting);
        QVERIFY(held.world.decide(gate.id, {"henrik.dahl", true, {}, 0}));
        QVERIFY(held.run(waiting.id).job(gate.id)->phase == Phase::Waiting);
        QVERIFY(held.world.playJob(gate.id, "operator"));
        QVERIFY(held.world.playJob(gate.id, "operator").kind == Outcome::Kind::Settled);
        held.nowMs += 10 * minuteMs;
        QCOMPARE(held.run(waiting.id).job(gate.id)->phase, Phase::Passed);
    }

    void onlySomeMayDecide()
    {
        HeldWorld held;
        const JobRun gate = waitingJob(held.waitingRun(Vendor::Jenkins, "risk/fraud-scorer"));
        QVERIFY(held.world.decide(gate.id, {"operator", true, {}, 0}).kind == Outcome::Kind::NotAllowed);
        QVERIFY(held.world.decide(gate.id, {"lucia.ferri", true, {}, 0}));
    }

    void aGateAsksForWhatFits()
    {
        HeldWorld held;
        const RunRecord waiting = held.waitingRun(Vendor::Jenkins, "search/search-ranker");
        const JobRun gate = waitingJob(waiting);
        QVERIFY(held.world.decide(gate.id, {"operator", true, {}, 0}, {{"TRACK", "purple"}}).kind ==
                Outcome::Kind::Wrong);
        QVERIFY(held.world.decide(gate.id, {"operator", true, {}, 0}, {{"TRACK", "blue"}}));
        const RunRecord after = held.run(waiting.id);
        QCOMPARE(parameterOf(after.job(gate.id)->answers, "TRACK"), std::string("blue"));
        QCOMPARE(parameterOf(after.job(gate.id)->answers, "WATCH_MINUTES"), std::string("15"));
    }

    void hiddenParametersAreForgotten()
    {
        HeldWorld held;
        StartOrder order;
        order.project = "search/search-ranker";
        order.who = "operator";
        order.parameters = {{"REGISTRY_TOKEN", "secret"}, {"LOG_LEVEL", "debug"}};
        const RunRecord run = held.run(held.world.start(order).run);
        QCOMPARE(parameterOf(run.parameters, "LOG_LEVEL"), std::string("debug"));
        QCOMPARE(parameterOf(run.parameters, "REGISTRY_TOKEN"), std::string());
        order.parameters = {{"NO_SUCH", "1"}};
        QVERIFY(held.world.start(order).kind == Outcome::Kind::Wrong);
        order.parameters.clear();
        order.branch = "no-such-branch";
        QVERIFY(held.world.start(order).kind == Outcome::Kind::NoSuch);
    }

    void whatIsCancelledStops()
    {
        HeldWorld held;
        const RunRecord started = held.startOf("growth/recommender", Vendor::GitHub, "ci");
        QVERIFY(held.waitFor(started.id, Phase::Running));
        QVERIFY(held.world.cancel(started.id, "operator"));
        const RunRecord ended = held.run(started.id);
        QCOMPARE(ended.phase, Phase::Cancelled);
        QCOMPARE(ended.cancelledBy, std::string("operator"));
        QVERIFY(ended.finishedMs == held.nowMs);
        QVERIFY(held.world.cancel(started.id, "operator").kind == Outcome::Kind::NotNow);
        const RunRecord before = ended;
        held.nowMs += 60 * minuteMs;
        QCOMPARE(told(held.run(started.id)), told(before));
    }

    void onlyWhatFailedRunsAgain()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::GitHub);
        query.pipeline = "ci";
        query.isWanted = [](const RunRecord &run) { return run.subject == "Score in half precision"; };
        const RunList found = held.world.runs(query);
        const auto scene = std::find_if(found.runs.begin(), found.runs.end(), [](const RunRecord &run) {
            return run.phase == Phase::Failed && run.createdMs == noonMs - 2400 * 1000;
        });
        QVERIFY(scene != found.runs.end());
        QVERIFY(held.world.rerun(scene->id, true, "operator"));
        QVERIFY(held.world.rerun(scene->id, true, "operator").kind == Outcome::Kind::NotNow);
        held.nowMs += 1;
        const RunRecord again = held.run(scene->id);
        QCOMPARE(again.attempt, 2);
        QCOMPARE(again.number, scene->number);
        QCOMPARE(again.attemptBy, std::string("operator"));
        QVERIFY(!isEnded(again.phase));
        for (const JobRun &job : scene->jobs) {
            const JobRun *now = again.job(std::string_view(job.name));
            QCOMPARE(now->id == job.id, job.phase == Phase::Passed);
        }
        // The first attempt stays as it was.
        QCOMPARE(told(*held.world.run(scene->id, 1)), told(*scene));
        const JobRun *failed = scene->job(std::string_view("test (3.12)"));
        QVERIFY(failed && failed->phase == Phase::Failed);
        QVERIFY(!held.world.log(failed->id).empty());
        QCOMPARE(held.world.runOfJob(failed->id)->attempt, 1);
    }

    void aJobIsTriedAgain()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::GitLab);
        query.project = "dialog/chat-gateway";
        query.branch = "draft-tokens";
        query.limit = 1;
        query.isWanted = [](const RunRecord &run) { return run.phase == Phase::Failed; };
        const RunRecord run = held.world.runs(query).runs.front();
        const JobRun *job = run.job(std::string_view("test"));
        QVERIFY(job->phase == Phase::Failed);
        const Outcome retried = held.world.retryJob(job->id, "operator");
        QVERIFY(retried);
        QVERIFY(retried.job != job->id);
        const RunRecord now = held.run(run.id);
        QVERIFY(now.job(retried.job));
        QCOMPARE(now.job(std::string_view("lint"))->id, run.job(std::string_view("lint"))->id);
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

    void aRestartOfTravisKeepsTheIds()
    {
        HeldWorld held;
        RunQuery query = everything(Vendor::Travis);
        query.isWanted = [](const RunRecord &run) { return run.phase == Phase::Failed; };
        query.limit = 1;
        const RunRecord run = held.world.runs(query).runs.front();
        QVERIFY(held.world.rerun(run.id, false, "operator"));
        const RunRecord again = held.run(run.id);
        QCOMPARE(again.jobs.front().id, run.jobs.front().id);
        QVERIFY(held.world.log(again.jobs.front().id).empty()); // it did not start yet
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
