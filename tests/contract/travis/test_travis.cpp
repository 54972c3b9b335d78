// The Travis CI adapter: reads, plans carried out and seen, over HTTPS on the practice world's Travis CI.
#include "tests/contract/travis/travispractice.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
namespace ci = signalbox::sandbox::ci;

class TestTravis : public QObject
{
    Q_OBJECT

private slots:
    void repositoriesAreFound()
    {
        Practice practice;
        const auto pipelines = waitFor(practice.source().pipelines({}));
        QVERIFY2(pipelines, pipelines ? "" : qPrintable(pipelines.error().message));
        QCOMPARE(pipelines->size(), qsizetype(practice.world.projects(ci::Vendor::Travis).size()));
        const Pipeline &one = pipelines->first();
        QCOMPARE(one.ref, pipelineRef());
        QCOMPARE(one.defaultBranch, QStringLiteral("main"));
        QCOMPARE(one.schedules, QStringList{QStringLiteral("daily, main")});
        QVERIFY(one.isEnabled && one.canTrigger == true);
        QVERIFY(!practice.server->gates());
    }

    void runsComeInPages()
    {
        Practice practice;
        RunQuery query;
        query.pipeline = pipelineRef();
        query.count = 7;
        QStringList ids;
        for (int page = 0; page < 3; ++page) {
            const auto runs = waitFor(practice.source().runs(query, {}));
            QVERIFY2(runs, runs ? "" : qPrintable(runs.error().message));
            QCOMPARE(runs->runs.size(), 7);
            for (const Run &run : runs->runs) {
                QVERIFY(!ids.contains(run.ref.id));
                ids.append(run.ref.id);
                QVERIFY(run.state != RunState::Unknown && run.trigger.kind != TriggerKind::Unknown);
                QVERIFY(!run.title.isEmpty() && run.commit.size() == 40);
                QVERIFY(run.createdAt.isValid()); // by its jobs
                QVERIFY(run.tag.isEmpty() != run.branch.isEmpty());
            }
            query.after = runs->next;
            QVERIFY(!query.after.isEmpty());
        }
        query = {pipelineRef(), QStringLiteral("word-times"), 100, {}};
        const auto branch = waitFor(practice.source().runs(query, {}));
        QVERIFY(branch && !branch->runs.isEmpty());
        for (const Run &run : branch->runs)
            QCOMPARE(run.branch, QStringLiteral("word-times"));
        query.pipeline.project = QStringLiteral("voice/gone");
        const auto none = waitFor(practice.source().runs(query, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void stagesAreTheGraph()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const RunDetail detail = practice.seen(run->ref.id.toLongLong());
        QVERIFY(detail.jobs.size() >= 3);
        QVERIFY(!detail.graphNote.isEmpty() && !detail.note.isEmpty());
        for (const Job &job : detail.jobs) {
            QCOMPARE(job.needs.isEmpty(), job.stage == QLatin1String("Test"));
            if (job.stage == QLatin1String("Package"))
                QCOMPARE(job.needs.size(), 3);
        }
        QCOMPARE(detail.jobs.first().name, QStringLiteral("Python 3.11"));
        QVERIFY(detail.jobs.at(2).mayFail);
        QVERIFY(detail.canRerun && !detail.canCancel);
        const auto tests = waitFor(practice.source().tests(run->ref, {}));
        QVERIFY(!tests && tests.error().kind == ErrorKind::Unsupported);
        practice.world.remove(run->ref.id.toLongLong());
        const auto gone = waitFor(practice.source().run(run->ref, {}));
        QVERIFY(!gone && gone.error().kind == ErrorKind::NotFound);
    }

    void logsAreReadFromWhereAsked()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const RunDetail detail = practice.seen(run->ref.id.toLongLong());
        LogEnd end;
        LogQuery query{run->ref, detail.jobs.first().id, {}, 0, false};
        const QByteArray all = logOf(practice.source(), query, &end);
        QVERIFY(all.size() > 200);
        QVERIFY(all.contains("travis_fold:start:"));
        QCOMPARE(end.bytes, all.size());
        QVERIFY(end.isComplete);
        query.from = 100;
        QCOMPARE(logOf(practice.source(), query), all.mid(100));
        query.from = all.size() + 50;
        QVERIFY(logOf(practice.source(), query).isEmpty());
    }

    void logsAreFollowedToTheEnd()
    {
        Practice practice;
        const std::int64_t id = practice.start();
        const RunDetail detail = practice.seen(id);
        const LogQuery query{detail.run.ref, detail.jobs.first().id, {}, 0, true};
        QByteArray heard;
        int pieces = 0;
        QMutex mutex;
        const auto followed = practice.source().log(query,
                                                    [&](const QByteArray &bytes) {
                                                        const QMutexLocker lock(&mutex);
                                                        heard += bytes;
                                                        ++pieces;
                                                    },
                                                    {});
        const auto piecesNow = [&] {
            const QMutexLocker lock(&mutex);
            return pieces;
        };
        // Time goes on with each look that the adapter takes, until the job's end.
        QVERIFY(QTest::qWaitFor(
            [&] {
                practice.nowMs += 500;
                return piecesNow() > 0;
            },
            20'000));
        QVERIFY(!followed.isFinished());
        QVERIFY(QTest::qWaitFor(
            [&] {
                practice.nowMs += 1000;
                return followed.isFinished();
            },
            30'000));
        const auto end = waitFor(followed);
        QVERIFY2(end, end ? "" : qPrintable(end.error().message));
        QVERIFY(end->isComplete);
        QVERIFY(pieces > 2);
        QCOMPARE(heard, logOf(practice.source(), {detail.run.ref, query.job, {}, 0, false}));
    }

    void aFollowedLogStops()
    {
        Practice practice;
        const RunDetail detail = practice.seen(practice.start());
        StopSource stop;
        std::atomic<int> pieces = 0;
        const auto followed = practice.source().log(
            {detail.run.ref, detail.jobs.first().id, {}, 0, true}, [&pieces](const QByteArray &) { ++pieces; },
            stop.get_token());
        QVERIFY(QTest::qWaitFor(
            [&] {
                practice.nowMs += 500;
                return pieces > 0;
            },
            20'000));
        QVERIFY(!followed.isFinished());
        stop.request_stop();
        const auto end = waitFor(followed);
        QVERIFY(!end && end.error().kind == ErrorKind::Cancelled);
    }

    void aRestartIsSeen()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const auto plan = practice.planned(RunOrder::Kind::Rerun, run);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->steps.size(), 1);
        const PlanStep &step = plan->steps.first();
        QCOMPARE(practice.observed(step).state, Observation::State::Pending);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), false);
        const auto receipt = practice.carriedOut(step);
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Effective);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), true);
        practice.nowMs += 15 * 60 * 1000; // it ended again: still ours, told by when it started
        QVERIFY(isEnded(practice.seen(run->ref.id.toLongLong()).run.state));
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Effective);
        const auto again = practice.carriedOut(step);
        QVERIFY(!again && again.error().kind == ErrorKind::Conflict);
        QVERIFY(practice.seen(run->ref.id.toLongLong()).run.attempt == 2);
    }

    void somebodyRestartedFirst()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        const auto plan = practice.planned(RunOrder::Kind::Rerun, run);
        practice.world.rerun(run->ref.id.toLongLong(), false, "amara.diallo");
        const auto receipt = practice.carriedOut(plan->steps.first());
        QVERIFY(!receipt && receipt.error().kind == ErrorKind::Conflict);
        const auto late = practice.planned(RunOrder::Kind::Rerun, run);
        QVERIFY(late && late->isBlocked());
    }

    void onlyWhatFailedIsRestarted()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Failed);
        QVERIFY(run);
        const auto id = run->ref.id.toLongLong();
        const RunDetail before = practice.seen(id);
        QVERIFY(before.canRerunFailed);
        const auto plan = practice.planned(RunOrder::Kind::RerunFailed, run);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->steps.isEmpty() && plan->steps.size() < before.jobs.size());
        const auto receipt = practice.carriedOut(plan->steps.first());
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(practice.observed(plan->steps.first(), *receipt).state, Observation::State::Effective);
        QVERIFY(!isEnded(practice.seen(id).run.state));
    }

    void oneJobIsRestartedAlone()
    {
        Practice practice;
        const auto run = practice.runIn(ci::Phase::Passed);
        QVERIFY(run);
        const auto id = run->ref.id.toLongLong();
        const RunDetail before = practice.seen(id);
        QVERIFY(before.canRerunJob);
        const Job last = before.jobs.last();
        RunOrder order;
        order.kind = RunOrder::Kind::Rerun;
        order.pipeline = pipelineRef();
        order.run = run;
        order.job = last.id;
        const auto plan = waitFor(practice.source().plan(order, {}));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->kind, OperationKind::RerunRun);
        QCOMPARE(plan->steps.size(), 1);
        const PlanStep &step = plan->steps.first();
        QCOMPARE(step.call.path, QStringLiteral("/job/%1/restart").arg(last.id));
        QCOMPARE(practice.observed(step).state, Observation::State::Pending);
        const auto receipt = practice.carriedOut(step);
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Effective);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), true);
        const RunDetail after = practice.seen(id);
        QVERIFY(!isEnded(after.jobs.last().state));
        QCOMPARE(after.jobs.first().state, before.jobs.first().state); // the others stay as they are
        QCOMPARE(after.jobs.first().startedAt, before.jobs.first().startedAt);
        const auto again = waitFor(practice.source().plan(order, {})); // it goes on now
        QVERIFY(again && again->isBlocked());
        order.job = QStringLiteral("1");
        const auto none = waitFor(practice.source().plan(order, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void aRunIsCancelled()
    {
        Practice practice;
        const std::int64_t id = practice.start();
        practice.nowMs += 20'000;
        const Run run = practice.seen(id).run;
        QVERIFY(!isEnded(run.state));
        const auto plan = practice.planned(RunOrder::Kind::Cancel, run);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->direction, Direction::Back);
        QVERIFY(!plan->isBlocked());
        const PlanStep &step = plan->steps.first();
        QCOMPARE(practice.observed(step).state, Observation::State::Pending);
        QVERIFY(practice.carriedOut(step));
        QCOMPARE(practice.observed(step).state, Observation::State::Effective);
        QCOMPARE(practice.seen(id).run.state, RunState::Cancelled);
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), true);
        const auto again = practice.carriedOut(step);
        QVERIFY(!again && again.error().kind == ErrorKind::Conflict);
        QVERIFY(again.error().message.contains(QStringLiteral("cancelled")));
        QVERIFY(practice.planned(RunOrder::Kind::Cancel, run)->isBlocked());
    }

    void aStartIsFoundAgain()
    {
        Practice practice;
        const auto plan = practice.planned(RunOrder::Kind::Trigger, {}, QStringLiteral("word-times"));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->isBlocked());
        const PlanStep &step = plan->steps.first();
        QCOMPARE(*waitFor(practice.runner().tookPlace(step, {})), false);
        // As after a crash: the request has no word of ours before it was looked at. Our clock is another one here.
        PlanStep journaled = step;
        journaled.call.body.clear();
        const auto receipt = practice.carriedOut(step);
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QVERIFY(!receipt->state.isEmpty());
        QCOMPARE(practice.observed(step, *receipt).state, Observation::State::Pending);
        practice.nowMs += 2000;
        const Observation seen = practice.observed(step, *receipt);
        QCOMPARE(seen.state, Observation::State::Effective);
        QVERIFY(seen.text.contains(QStringLiteral("run ")));
        QCOMPARE(practice.observed(journaled).state, Observation::State::Effective);
        QCOMPARE(*waitFor(practice.runner().tookPlace(journaled, {})), true);
        RunQuery query;
        query.pipeline = pipelineRef();
        query.count = 1;
        const auto newest = waitFor(practice.source().runs(query, {}));
        QCOMPARE(newest->runs.first().branch, QStringLiteral("word-times"));
        QCOMPARE(newest->runs.first().trigger.kind, TriggerKind::Api);
        QVERIFY(newest->runs.first().title.startsWith(QStringLiteral("A test [")));
    }

    void aBranchThatIsNotThereIsRejected()
    {
        Practice practice;
        const auto plan = practice.planned(RunOrder::Kind::Trigger, {}, QStringLiteral("gone"));
        const auto receipt = practice.carriedOut(plan->steps.first());
        QVERIFY(receipt);
        practice.nowMs += 2000;
        const Observation seen = practice.observed(plan->steps.first(), *receipt);
        QCOMPARE(seen.state, Observation::State::Failed);
        QVERIFY(seen.blocker.contains(QStringLiteral("gone")));
    }

    void startsAreLimited()
    {
        Practice practice;
        const auto plan = practice.planned(RunOrder::Kind::Trigger);
        for (int i = 0; i < 10; ++i)
            QVERIFY(practice.carriedOut(plan->steps.first()));
        const auto refused = practice.carriedOut(plan->steps.first());
        QVERIFY(!refused && refused.error().kind == ErrorKind::RateLimited);
        QVERIFY(refused.error().message.contains(QStringLiteral("10")));
    }

    void aWrongTokenIsTold()
    {
        Practice practice;
        TravisTokens wrong("wrong");
        const auto server = makeTravis(configOf(practice.url(), practice.caPem), practice.http, wrong);
        const auto pipelines = waitFor(server->source().pipelines({}));
        QVERIFY(!pipelines);
        QCOMPARE(pipelines.error().kind, ErrorKind::Unauthorized);
        QVERIFY(!pipelines.error().message.contains(QStringLiteral("wrong-")));
    }
};

QTEST_GUILESS_MAIN(TestTravis)
#include "test_travis.moc"
