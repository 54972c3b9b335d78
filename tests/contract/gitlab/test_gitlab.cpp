#include "tests/contract/gitlab/gitlabdesk.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;
using signalbox::sandbox::ci::Cause;
using signalbox::sandbox::ci::Phase;

// The adapter on the practice world's GitLab.
class TestGitLab : public GitLabDesk
{
    Q_OBJECT

private slots:
    void init() { begin(); }
    void cleanup() { end(); }

    void pipelinesAreTheProjects()
    {
        const auto pipelines = waitFor(source().pipelines({}));
        QVERIFY2(pipelines, qPrintable(problem(pipelines)));
        QCOMPARE(pipelines->size(), 1);
        const Pipeline &one = pipelines->first();
        QCOMPARE(one.ref, pipeline());
        QCOMPARE(one.vendor, u("GitLab CI"));
        QCOMPARE(one.defaultBranch, u("main"));
        QCOMPARE(one.canTrigger, true);
        QCOMPARE(one.schedules, QStringList{u("17 3 * * *")});
        QVERIFY(m_yard->asked().contains(u("GET /api/v4/projects/team%2Fsub%2Fcart")));
    }

    void aProjectThatIsGoneHidesNoOther()
    {
        PipelineServerConfig config = gitLabConfig(m_yard->url(), m_yard->caPem());
        config.projects = {u("team/gone"), GitLabYard::project()};
        const auto server = makeGitLab(config, m_http, m_token);
        const auto pipelines = waitFor(server->source().pipelines({}));
        QVERIFY2(pipelines, qPrintable(problem(pipelines)));
        QCOMPARE(pipelines->size(), 2);
        QVERIFY(!pipelines->first().isEnabled && pipelines->first().canTrigger == false);
        QVERIFY(pipelines->first().whyNotTrigger.contains(u("team/gone")));
    }

    void withoutProjectsAllOfOursAreFollowed()
    {
        PipelineServerConfig config = gitLabConfig(m_yard->url(), m_yard->caPem());
        config.projects.clear();
        const auto server = makeGitLab(config, m_http, m_token);
        const auto pipelines = waitFor(server->source().pipelines({}));
        QVERIFY2(pipelines, qPrintable(problem(pipelines)));
        QCOMPARE(pipelines->size(), 1);
        QCOMPARE(pipelines->first().ref.project, GitLabYard::project());
    }

    void aServerBelowAPathIsReached_data()
    {
        QTest::addColumn<QString>("behind");
        QTest::newRow("server") << QString();
        QTest::newRow("API") << u("/api/v4");
        QTest::newRow("API and slash") << u("/api/v4/");
    }
    void aServerBelowAPathIsReached()
    {
        QFETCH(QString, behind);
        GitLabYard yard("/git");
        const QUrl url(yard.url().toString() + behind);
        const auto server = makeGitLab(gitLabConfig(url, yard.caPem()), m_http, m_token);
        const auto pipelines = waitFor(server->source().pipelines({}));
        QVERIFY2(pipelines, qPrintable(problem(pipelines)));
        QVERIFY(yard.asked().contains(u("GET /git/api/v4/projects/team%2Fsub%2Fcart")));
        QVERIFY(pipelines->first().isEnabled);
    }

    void runsAreGivenPageByPage()
    {
        QList<std::int64_t> ids;
        for (int i = 0; i < 7; ++i) {
            ids.prepend(m_yard->start("wei"));
            m_yard->pass(60);
        }
        QStringList seen;
        RunQuery query{pipeline(), {}, 3, {}};
        for (int page = 0; page < 5; ++page) {
            const auto answer = waitFor(source().runs(query, {}));
            QVERIFY2(answer, qPrintable(problem(answer)));
            for (const Run &run : answer->runs) {
                QVERIFY(!seen.contains(run.ref.id));
                QVERIFY(run.startedAt.isValid()); // asked for each run once: a list does not say it
                if (seen.size() < ids.size()) {
                    QCOMPARE(run.trigger.kind, TriggerKind::Manual);
                    QCOMPARE(run.trigger.who, u("wei"));
                } else { // the world's past
                    QCOMPARE(run.trigger.kind, TriggerKind::Schedule);
                    QCOMPARE(run.trigger.cron, u("17 3 * * *"));
                }
                seen.append(run.ref.id);
            }
            query.after = answer->next;
            if (query.after.isEmpty())
                break;
        }
        QCOMPARE(seen.size(), 15);
        for (qsizetype i = 0; i < ids.size(); ++i)
            QCOMPARE(seen.value(i), QString::number(ids.at(i)));
    }

    void whatDidNotChangeIsAskedForOnce()
    {
        m_yard->start("wei");
        m_yard->pass(5);
        const RunQuery query{pipeline(), {}, 3, {}};
        QVERIFY(waitFor(source().runs(query, {})));
        m_yard->asked();
        const auto before = source().budget();
        QVERIFY(before);
        QVERIFY(waitFor(source().runs(query, {})));
        QCOMPARE(m_yard->asked(), QStringList{u("GET /api/v4/projects/team%2Fsub%2Fcart/pipelines")});
        const auto budget = source().budget();
        QVERIFY(budget && budget->limit == 2000 && budget->remaining < 2000 && budget->resetsAt.isValid());
        QCOMPARE(budget->remaining, before->remaining - 1); // a 304 counts here, and says so
    }

    // Questions go out side by side, and what was counted first may be heard last.
    void anAnswerThatWasOvertakenGivesNothingBack()
    {
        std::string left = "1990";
        std::string resets = "1800000060";
        m_yard->instead = [&](const sandbox::LoopbackRequest &) -> std::optional<sandbox::LoopbackReply> {
            sandbox::LoopbackReply reply;
            reply.body = "[]";
            reply.headers.emplace_back("RateLimit-Limit", "2000");
            reply.headers.emplace_back("RateLimit-Remaining", left);
            reply.headers.emplace_back("RateLimit-Reset", resets);
            return reply;
        };
        const auto heard = [this] {
            const auto runs = waitFor(source().runs({pipeline(), {}, 3, {}}, {}));
            const auto budget = source().budget();
            return runs && budget ? budget->remaining : -1;
        };
        QCOMPARE(heard(), 1990);
        left = "1995";
        QCOMPARE(heard(), 1990);
        left = "1989";
        QCOMPARE(heard(), 1989);
        left = "1999";
        resets = "1800000120";
        QCOMPARE(heard(), 1999); // the next window
    }

    void aRunIsAGraphOfItsStages()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto seen = detail(run);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QStringList names;
        for (const Job &job : seen->jobs)
            names.append(job.name);
        names.sort();
        QCOMPARE(names, (QStringList{u("bench"), u("compile"), u("deploy"), u("release"), u("unit")}));
        QHash<QString, Job> jobs;
        for (const Job &job : seen->jobs)
            jobs.insert(job.name, job);
        QCOMPARE(jobs[u("unit")].needs, QStringList{jobs[u("compile")].id});
        QCOMPARE(jobs[u("release")].needs.size(), 2);
        QVERIFY(!seen->graphNote.isEmpty());
        QCOMPARE(jobs[u("release")].state, RunState::Waiting);
        QCOMPARE(seen->run.state, RunState::Waiting);
        QVERIFY(!seen->run.title.isEmpty());
        QVERIFY(jobs[u("compile")].hasLog && !jobs[u("bench")].hasLog && !jobs[u("deploy")].hasLog);
        QVERIFY(!seen->artifacts.isEmpty() && seen->artifacts.first().name == u("compile: cart.tar.gz"));
        QVERIFY(!seen->canRerunFailed && !seen->whyNot.isEmpty());
        // The child run is reached through its bridge.
        QVERIFY(jobs[u("bench")].downstream);
        QCOMPARE(jobs[u("bench")].downstream->pipeline, pipeline());
        const auto child = waitFor(source().run(*jobs[u("bench")].downstream, {}));
        QVERIFY2(child, qPrintable(problem(child)));
        QCOMPARE(child->jobs.size(), 1);
        QCOMPARE(child->run.trigger.kind, TriggerKind::Upstream);
        QVERIFY(!child->canRerun);
    }

    void testsAreReported()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto report = waitFor(source().tests(refOf(run), {}));
        QVERIFY2(report, qPrintable(problem(report)));
        QCOMPARE(report->passed, 2);
        QCOMPARE(report->skipped, 1);
        QCOMPARE(report->cases.size(), 3);
        QCOMPARE(report->coverage, 81.5);
        // A job that tells its coverage and publishes no report.
        m_yard->instead = [](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            if (request.rawPath.find("/test_report_summary") == std::string::npos)
                return std::nullopt;
            sandbox::LoopbackReply reply;
            reply.body = "{\"total\":{\"count\":0},\"test_suites\":[]}";
            return reply;
        };
        const auto covered = waitFor(source().tests(refOf(run), {}));
        QVERIFY2(covered, qPrintable(problem(covered)));
        QCOMPARE(covered->coverage, 81.5);
        QVERIFY(covered->cases.isEmpty() && covered->passed == 0 && !covered->isCut);
        // What could not be read is no report that is missing.
        const auto refusing = [this](const QStringList &ends, bool hasTests) {
            m_yard->instead = [=](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
                const QString path = QString::fromStdString(request.rawPath);
                sandbox::LoopbackReply reply;
                if (!hasTests && path.endsWith(u("/test_report_summary"))) {
                    reply.body = "{\"total\":{\"count\":0},\"test_suites\":[]}";
                    return reply;
                }
                if (std::none_of(ends.begin(), ends.end(), [&](const QString &end) { return path.endsWith(end); }))
                    return std::nullopt;
                reply.status = 403;
                reply.body = "{\"message\":\"403 Forbidden\"}";
                return reply;
            };
        };
        const QString whole = u("/pipelines/") + refOf(run).id;
        refusing({whole}, false);
        const auto hidden = waitFor(source().tests(refOf(run), {}));
        QVERIFY(!hidden && hidden.error().kind == ErrorKind::Forbidden);
        refusing({whole, u("/test_report")}, true);
        const auto counted = waitFor(source().tests(refOf(run), {}));
        QVERIFY2(counted, qPrintable(problem(counted)));
        QVERIFY(counted->passed == 2 && counted->cases.isEmpty() && !counted->coverage);
        QCOMPARE(counted->note.count(u("could not be read")), 2);
        m_yard->instead = {};
        const auto young = m_yard->start("wei");
        const auto none = waitFor(source().tests(refOf(young), {}));
        QVERIFY(!none && none.error().kind == ErrorKind::NotFound);
    }

    void aLogIsFollowedToItsEnd()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->until([&] { return m_yard->job(run, "compile")->phase == Phase::Running; }));
        m_yard->pass(4);
        const QString job = QString::number(m_yard->job(run, "compile")->id);
        std::mutex mutex;
        QByteArray text;
        const LogTaker taker = [&](const QByteArray &bytes) {
            const std::lock_guard lock(mutex);
            text += bytes;
        };
        m_yard->asked();
        const auto future = source().log({refOf(run), job, {}, 0, true}, taker, {});
        QStringList asked;
        QTRY_VERIFY((asked += m_yard->asked(), !asked.filter(u("/trace")).isEmpty()));
        QVERIFY(!future.isFinished());
        m_yard->pass(300);
        const auto end = waitFor(future, 15000);
        QVERIFY2(end, qPrintable(problem(end)));
        QVERIFY(end->isComplete);
        QCOMPARE(end->bytes, text.size());
        QVERIFY(text.contains("Job succeeded"));
        // No byte twice, none left out.
        QByteArray whole;
        const auto again = waitFor(
            source().log({refOf(run), job, {}, 0, false}, [&](const QByteArray &bytes) { whole += bytes; }, {}));
        QVERIFY(again);
        QCOMPARE(text, whole);
        QByteArray rest;
        QVERIFY(waitFor(
            source().log({refOf(run), job, {}, 10, false}, [&](const QByteArray &bytes) { rest += bytes; }, {})));
        QCOMPARE(rest, whole.mid(10));
        const auto step = waitFor(source().log({refOf(run), job, u("1"), 0, false}, taker, {}));
        QVERIFY(!step && step.error().kind == ErrorKind::Unsupported);
    }

    void aFollowedLogIsStopped()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->until([&] { return m_yard->job(run, "compile")->phase == Phase::Running; }));
        StopSource stop;
        const QString job = QString::number(m_yard->job(run, "compile")->id);
        m_yard->asked();
        QStringList asked;
        const auto future = source().log(
            {refOf(run), job, {}, 0, true}, [](const QByteArray &) {}, stop.get_token());
        QTRY_VERIFY((asked += m_yard->asked(), !asked.filter(u("/trace")).isEmpty()));
        stop.request_stop();
        const auto end = waitFor(future, 8000);
        QVERIFY(!end && end.error().kind == ErrorKind::Cancelled);
    }

    void aRunIsCancelled()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Running));
        const auto plan = waitFor(source().plan(orderFor(RunOrder::Kind::Cancel, run), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->kind, OperationKind::CancelRun);
        QCOMPARE(plan->direction, Direction::Back);
        QCOMPARE(plan->steps.size(), 1);
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(true), false);
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(detail(run)->run.state == RunState::Cancelled);
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(false), true);
        // What has ended is not cancelled: a conflict before anything is sent.
        m_yard->asked();
        const auto late = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict);
        QVERIFY(m_yard->asked().filter(u("POST")).isEmpty());
        const auto none = waitFor(source().plan(orderFor(RunOrder::Kind::Cancel, run), {}));
        QVERIFY(none && checkOf(*none, CheckId::SameState)->state == CheckState::Block);
    }

    // Who may not push to a branch may neither start, nor stop, nor repeat what runs on it.
    void whatRunsOnAProtectedBranchIsNotOurs_data()
    {
        QTest::addColumn<int>("access");
        QTest::addColumn<bool>("isOurs");
        QTest::newRow("maintainer") << 40 << true;
        QTest::newRow("developer") << 30 << false;
    }
    void whatRunsOnAProtectedBranchIsNotOurs()
    {
        QFETCH(int, access);
        QFETCH(bool, isOurs);
        GitLabYard::Shape shape;
        shape.access = access;
        shape.protectedRefs = {{"main"}};
        end();
        begin(shape);
        const auto kindOf = [this](const RunOrder &order) -> std::optional<ErrorKind> {
            const auto plan = waitFor(source().plan(order, {}));
            if (!plan)
                return plan.error().kind;
            const auto receipt = waitFor(m_server->runner().execute(plan->steps[0], {}));
            return receipt ? std::nullopt : std::optional(receipt.error().kind);
        };
        const auto refused = [isOurs](ErrorKind kind) { return isOurs ? std::nullopt : std::optional(kind); };
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Running));
        QCOMPARE(kindOf(orderFor(RunOrder::Kind::Cancel, run)), refused(ErrorKind::Forbidden));
        if (!isOurs)
            QCOMPARE(m_yard->world().run(run)->phase, Phase::Running);
        Q_UNUSED(m_yard->world().cancel(run, "wei"))
        QVERIFY(m_yard->untilPhase(run, Phase::Cancelled));
        QCOMPARE(kindOf(orderFor(RunOrder::Kind::RerunFailed, run)), refused(ErrorKind::Forbidden));
        RunOrder order = orderFor(RunOrder::Kind::Trigger, 0);
        order.branch = u("main");
        QCOMPARE(kindOf(order), refused(ErrorKind::Refused));
        order.branch = u("feature/x"); // not protected
        QCOMPARE(kindOf(order), std::optional<ErrorKind>());
    }

    void whatFailedRunsAgain()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->until([&] { return m_yard->job(run, "unit")->phase == Phase::Running; }));
        QVERIFY(m_yard->world().cancel(run, "wei"));
        QVERIFY(m_yard->untilPhase(run, Phase::Cancelled));
        QVERIFY(detail(run)->canRerunFailed);
        const auto plan = waitFor(source().plan(orderFor(RunOrder::Kind::RerunFailed, run), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QVERIFY(plan->effect.contains(u("unit")));
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(true), false);
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(false), true);
        const auto now = detail(run);
        QVERIFY(!isEnded(now->run.state));
        for (const Job &job : now->jobs) {
            if (job.name == u("unit"))
                QCOMPARE(job.attempt, 2);
        }
        const auto late = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(u("faster")), qPrintable(late.error().message));
    }

    void someOfWhatWasShownIsNotAll()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->until([&] { return m_yard->job(run, "unit")->phase == Phase::Running; }));
        QVERIFY(m_yard->world().cancel(run, "wei"));
        QVERIFY(m_yard->untilPhase(run, Phase::Cancelled));
        const auto plan = waitFor(source().plan(orderFor(RunOrder::Kind::RerunFailed, run), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        // One more was shown than GitLab runs again.
        PlanStep step = plan->steps[0];
        const auto left = m_yard->job(run, "compile")->id;
        QJsonObject data = QJsonDocument::fromJson(step.expectation.data).object();
        QJsonArray failed = data[u("failed")].toArray();
        failed.append(qint64(left));
        data[u("failed")] = failed;
        step.expectation.data = QJsonDocument(data).toJson(QJsonDocument::Compact);
        const auto receipt = waitFor(m_server->runner().execute(step, {}));
        QVERIFY2(receipt, qPrintable(problem(receipt)));
        const auto some = waitFor(m_server->runner().observe(step, *receipt, {}));
        QVERIFY2(some, qPrintable(problem(some)));
        QCOMPARE(some->state, Observation::State::Pending);
        QVERIFY2(some->text.startsWith(QString::number(failed.size() - 1)), qPrintable(some->text));
        const auto took = waitFor(m_server->runner().tookPlace(step, {}));
        QVERIFY(!took && took.error().kind == ErrorKind::OutcomeUnknown);
        QVERIFY(m_yard->world().retryJob(left, "noor"));
        const auto all = waitFor(m_server->runner().observe(step, *receipt, {}));
        QVERIFY2(all, qPrintable(problem(all)));
        QCOMPARE(all->state, Observation::State::Effective);
    }

    void oneJobRunsAgain()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        RunOrder order = orderFor(RunOrder::Kind::Rerun, run);
        order.job = QString::number(m_yard->job(run, "unit")->id);
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(m_yard->job(run, "unit")->id != order.job.toLongLong());
    }

    void anOldDeploymentRunsAgainAsAWayBack()
    {
        QList<std::int64_t> runs;
        for (int i = 0; i < 2; ++i) {
            runs.append(m_yard->start("wei"));
            QVERIFY(m_yard->untilPhase(runs.last(), Phase::Waiting));
            QVERIFY(m_yard->world().playJob(m_yard->job(runs.last(), "release")->id, "noor"));
            QVERIFY(m_yard->until([&] { return m_yard->job(runs.last(), "deploy")->phase == Phase::Waiting; }));
            const auto deploy = m_yard->job(runs.last(), "deploy")->id;
            QVERIFY(m_yard->world().decide(deploy, {"noor", true, {}, 0}));
            QVERIFY(m_yard->world().decide(deploy, {"operator", true, {}, 0}));
            QVERIFY(m_yard->world().playJob(deploy, "noor"));
            QVERIFY(m_yard->untilPhase(runs.last(), Phase::Passed));
        }
        const auto seen = detail(runs.first());
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->jobs.last().environment, u("production"));
        RunOrder order = orderFor(RunOrder::Kind::Rerun, runs.first());
        order.job = seen->jobs.last().id;
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->direction, Direction::Back);
        QCOMPARE(plan->environment, u("production"));
        order.run = detail(runs.last())->run;
        order.job = detail(runs.last())->jobs.last().id;
        const auto same = waitFor(source().plan(order, {}));
        QVERIFY2(same, qPrintable(problem(same)));
        QCOMPARE(same->direction, Direction::Forward);
        // A newer one that was begun and came to nothing is gone back from all the same.
        const auto untilItWaits = [this](std::int64_t run) {
            QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
            QVERIFY(m_yard->world().playJob(m_yard->job(run, "release")->id, "noor"));
            QVERIFY(m_yard->until([&] { return m_yard->job(run, "deploy")->phase == Phase::Waiting; }));
        };
        const auto cutOffHalfWay = [this](std::int64_t run) {
            const auto deploy = m_yard->job(run, "deploy")->id;
            QVERIFY(m_yard->world().decide(deploy, {"noor", true, {}, 0}));
            QVERIFY(m_yard->world().decide(deploy, {"operator", true, {}, 0}));
            QVERIFY(m_yard->world().playJob(deploy, "noor"));
            QVERIFY(m_yard->until([&] { return m_yard->job(run, "deploy")->phase == Phase::Running; }));
            QVERIFY(m_yard->world().cancel(run, "wei"));
            QVERIFY(m_yard->untilPhase(run, Phase::Cancelled));
        };
        const auto broken = m_yard->start("wei");
        untilItWaits(broken);
        const auto waiting = waitFor(source().plan(order, {}));
        QVERIFY2(waiting, qPrintable(problem(waiting)));
        QCOMPARE(waiting->direction, Direction::Forward);
        cutOffHalfWay(broken);
        const auto back = waitFor(source().plan(order, {}));
        QVERIFY2(back, qPrintable(problem(back)));
        QCOMPARE(back->direction, Direction::Back);
        QVERIFY2(back->effect.contains(u("has not succeeded")), qPrintable(back->effect));
        // What came to nothing itself is no way back from the next attempt.
        const auto again = m_yard->start("wei");
        untilItWaits(again);
        cutOffHalfWay(again);
        order.run = detail(broken)->run;
        order.job = QString::number(m_yard->job(broken, "deploy")->id);
        const auto never = waitFor(source().plan(order, {}));
        QVERIFY2(never, qPrintable(problem(never)));
        QCOMPARE(never->environment, u("production"));
        QCOMPARE(never->direction, Direction::Forward);
    }

    void aWholeRunAgainIsANewOneOfTheSameCommit()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Running));
        QVERIFY(m_yard->world().cancel(run, "wei"));
        QVERIFY(m_yard->untilPhase(run, Phase::Cancelled));
        const auto plan = waitFor(source().plan(orderFor(RunOrder::Kind::Rerun, run), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const Check *target = checkOf(*plan, CheckId::TargetExists);
        QVERIFY(target);
        QVERIFY2(target->state != CheckState::Block, qPrintable(target->detail)); // the branch is where it was
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
    }

    void aRunIsStarted()
    {
        RunOrder order = orderFor(RunOrder::Kind::Trigger, 0);
        order.branch = u("feature/x");
        order.parameters = {{u("LOAD"), u("hunter2")}};
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QVERIFY(plan->effect.contains(u("LOAD")));
        QVERIFY(!plan->effect.contains(u("hunter2")));
        QVERIFY(!plan->steps[0].expectation.data.contains("hunter2"));
        PlanStep kept = plan->steps[0];
        kept.call.body.clear(); // as the journal has it
        QCOMPARE(waitFor(m_server->runner().tookPlace(kept, {})).value_or(true), false);
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QCOMPARE(waitFor(m_server->runner().tookPlace(kept, {})).value_or(false), true);
        const auto runs = waitFor(source().runs({pipeline(), u("feature/x"), 3, {}}, {}));
        QVERIFY(runs && !runs->runs.isEmpty());
        QCOMPARE(runs->runs.first().trigger.kind, TriggerKind::Api);
        QCOMPARE(runs->runs.first().trigger.who, u("operator"));
        order.branch = u("no-such-branch");
        const auto none = waitFor(source().plan(order, {}));
        QVERIFY2(none, qPrintable(problem(none)));
        QCOMPARE(checkOf(*none, CheckId::TargetExists)->state, CheckState::Block);
    }

    void aBranchThatMovedIsTold()
    {
        RunOrder order = orderFor(RunOrder::Kind::Trigger, 0);
        order.branch = u("main");
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const QString shown = plan->toHash;
        m_yard->pass(60);
        const auto pushed = m_yard->world().run(m_yard->start("wei", Cause::Push));
        QVERIFY(pushed && shown != QString::fromStdString(pushed->commit));
        const auto end = carriedOut(*plan);
        QVERIFY2(end, qPrintable(problem(end)));
        QCOMPARE(end->state, Observation::State::Failed);
        const QString says = QStringLiteral("runs commit %1, not %2 which was shown")
                                 .arg(QString::fromStdString(pushed->commit).left(8), shown.left(8));
        QVERIFY2(end->text.contains(says), qPrintable(end->text));
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(false), true);
    }

    void anAnswerThatIsLostIsUnknown()
    {
        RunOrder order = orderFor(RunOrder::Kind::Trigger, 0);
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        m_yard->instead = [](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            if (request.method != "POST")
                return std::nullopt;
            sandbox::LoopbackReply reply;
            reply.status = 502;
            reply.contentType = "text/html";
            reply.body = "<html>";
            return reply;
        };
        const auto receipt = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::OutcomeUnknown);
        QCOMPARE(m_yard->asked().filter(u("POST")).size(), 1); // never repeated
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(true), false);
    }

    void aWrongTokenIsTold()
    {
        OneToken wrong("hunter2");
        const auto server = makeGitLab(gitLabConfig(m_yard->url(), m_yard->caPem()), m_http, wrong);
        const auto pipelines = waitFor(server->source().pipelines({}));
        QVERIFY(!pipelines && pipelines.error().kind == ErrorKind::Unauthorized);
        QVERIFY(!pipelines.error().message.contains(u("hunter2")));
    }

    void aRunThatWasDeletedIsNotFound()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->world().remove(run));
        const auto seen = detail(run);
        QVERIFY(!seen && seen.error().kind == ErrorKind::NotFound);
    }

    void tooManyQuestionsAreTold()
    {
        GitLabYard yard({}, 3);
        const auto server = makeGitLab(gitLabConfig(yard.url(), yard.caPem()), m_http, m_token);
        yard.start("wei");
        Result<RunPage> last = Error{};
        for (int i = 0; i < 3; ++i) {
            StopSource stop;
            last = waitFor(server->source().runs({pipeline(), {}, 3, {}}, stop.get_token()), 20000);
        }
        QVERIFY(!last);
        QCOMPARE(last.error().kind, ErrorKind::RateLimited);
        QVERIFY(last.error().retryAfter.count() > 0);
        QCOMPARE(server->source().budget()->remaining, 0);
    }
};

QTEST_GUILESS_MAIN(TestGitLab)
#include "test_gitlab.moc"
