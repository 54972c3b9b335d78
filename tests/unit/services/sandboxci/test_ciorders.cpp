#include "tests/unit/services/sandboxci/heldworld.h"

#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::sandbox::ci;

// What people do to the runs of the stand-ins: gates, cancellations, reruns.
class CiOrdersTest : public QObject
{
    Q_OBJECT

private slots:
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
};

QTEST_GUILESS_MAIN(CiOrdersTest)
#include "test_ciorders.moc"
