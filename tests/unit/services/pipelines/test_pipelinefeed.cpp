// One poll for many views: who is asked, how often, and what a view sees of trouble.
#include "services/pipelines/pipelinefeed.h"
#include "services/pipelines/runwatch.h"
#include "tests/support/eventsuntil.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakepipelineserver.h"

#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace signalbox;
using namespace signalbox::test;
using std::chrono::milliseconds;

namespace
{

// The product's intervals by 200: what takes a quarter of an hour takes seconds.
PipelineFeed::Timing hurried()
{
    PipelineFeed::Timing timing;
    timing.running = milliseconds(20);
    timing.runningUnseen = milliseconds(75);
    timing.looked = milliseconds(150);
    timing.quiet = milliseconds(600);
    timing.gates = milliseconds(150);
    timing.pipelines = milliseconds(3000);
    timing.apart = milliseconds(2);
    timing.stirred = milliseconds(300);
    timing.limited = milliseconds(300);
    timing.settle = milliseconds(10);
    return timing;
}

struct World
{
    explicit World(const PipelineFeed::Timing &timing = hurried())
        : feed(servers, store, timing)
    {}
    FakePipelineServer &add(const QString &connection, bool hasGates = true)
    {
        auto made = std::make_unique<FakePipelineServer>(connection, hasGates);
        FakePipelineServer &server = *made;
        servers.add(std::move(made));
        return server;
    }
    static Pipeline give(FakePipelineServer &server, const QString &project, const QList<RunState> &states)
    {
        const Pipeline pipeline = pipelineOf(server.fakeSource.connection(), project, QStringLiteral("release"));
        server.fakeSource.known.append(pipeline);
        for (qsizetype i = 0; i < states.size(); ++i)
            server.fakeSource.runsOf[pipeline.ref.key()].append(
                runOf(pipeline, static_cast<int>(states.size() - i), states.at(i), static_cast<int>(i) + 1));
        return pipeline;
    }

    PipelineSet servers;
    RunStore store;
    PipelineFeed feed;
};

} // namespace

class TestPipelineFeed : public QObject
{
    Q_OBJECT
private slots:
    void fillsTheStore()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), {RunState::Failed, RunState::Passed});
        WaitingGate gate;
        gate.connection = QStringLiteral("ci");
        gate.id = QStringLiteral("7");
        server.fakeGates.gates = {gate};
        world.feed.setApplicationOf([](const PipelineRef &ref) { return ref.project.section(u'/', -1); });
        QVERIFY(world.store.entries().isEmpty());
        world.feed.start();
        QTRY_VERIFY(world.store.entry(pipeline.ref.key()) && !world.store.entry(pipeline.ref.key())->runs.isEmpty());
        const RunStore::Entry entry = *world.store.entry(pipeline.ref.key());
        QCOMPARE(entry.application, QStringLiteral("cart"));
        QCOMPARE(entry.runs.size(), 2);
        QCOMPARE(entry.runs.first().state, RunState::Failed);
        QVERIFY(entry.freshness.isLive());
        QTRY_COMPARE(world.store.gates().size(), 1);
        QVERIFY(world.store.server(QStringLiteral("ci"))->unreadGates.isEmpty());
        server.fakeGates.left = QStringLiteral("one more");
        QTRY_COMPARE(world.store.server(QStringLiteral("ci"))->unreadGates, QStringLiteral("one more"));
        QCOMPARE(world.store.gates().size(), 1);
        QCOMPARE(world.store.server(QStringLiteral("ci"))->vendor, QStringLiteral("Example CI"));
        world.servers.remove(QStringLiteral("ci"));
        QVERIFY(world.store.entries().isEmpty());
        QVERIFY(world.store.gates().isEmpty());
        QVERIFY(!world.store.server(QStringLiteral("ci")));
    }

    void asksOftenOnlyWhatRuns()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline quiet = World::give(server, QStringLiteral("acme/quiet"), {RunState::Passed});
        const Pipeline busy = World::give(server, QStringLiteral("acme/busy"), {RunState::Running});
        world.feed.lookAt(true);
        world.feed.start();
        const auto asked = [&](const Pipeline &pipeline) {
            return std::count_if(server.fakeSource.queries.cbegin(), server.fakeSource.queries.cend(),
                                 [&](const RunQuery &query) { return query.pipeline == pipeline.ref; });
        };
        QTRY_VERIFY(asked(busy) >= 10);
        QVERIFY2(asked(quiet) * 3 < asked(busy), qPrintable(QString::number(asked(quiet))));
        QCOMPARE(world.store.server(QStringLiteral("ci"))->gates.state, Freshness::State::Absent);
        QVERIFY(asked(quiet) >= 1);
        QCOMPARE(server.fakeSource.pipelineAsks, 1);
    }

    void anOperationIsSeenSoon()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Passed});
        world.feed.start();
        QTRY_COMPARE(server.fakeSource.queries.size(), 1);
        QTest::qWait(100); // quiet: nobody asks
        QCOMPARE(server.fakeSource.queries.size(), 1);
        server.fakeSource.runsOf[pipeline.ref.key()].prepend(runOf(pipeline, 2, RunState::Queued, 0));
        world.feed.stir(pipeline.ref);
        QTRY_COMPARE_WITH_TIMEOUT(world.store.entry(pipeline.ref.key())->runs.first().state, RunState::Queued, 500);
    }

    void saysSinceWhenNothingIsKnown()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        world.feed.lookAt(true);
        world.feed.start();
        const auto entry = [&] { return world.store.entry(pipeline.ref.key()); };
        QTRY_VERIFY(entry() && entry()->freshness.isLive());
        server.fakeSource.trouble = Error{ErrorKind::Unreachable, QStringLiteral("ci.example does not answer."), {}};
        QTRY_COMPARE(entry()->freshness.state, Freshness::State::Stale);
        QVERIFY(entry()->freshness.lastHeard.isValid());
        QCOMPARE(entry()->freshness.error->kind, ErrorKind::Unreachable);
        QCOMPARE(entry()->runs.size(), 1); // what was known stays, greyed
        server.fakeSource.trouble.reset();
        QTRY_VERIFY(entry()->freshness.isLive());
    }

    void patienceThatIsAskedForIsGiven()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        world.feed.lookAt(true);
        world.feed.start();
        QTRY_VERIFY(server.fakeSource.queries.size() >= 2);
        Error limited{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        limited.retryAfter = milliseconds(700);
        server.fakeSource.trouble = limited;
        QTRY_VERIFY(world.store.entries().first().freshness.state == Freshness::State::Stale);
        const qsizetype asked = server.fakeSource.queries.size();
        QTest::qWait(350); // otherwise every 20 ms
        QCOMPARE(server.fakeSource.queries.size(), asked);
        server.fakeSource.trouble.reset();
        QTRY_VERIFY(world.store.entries().first().freshness.isLive());
    }

    // It says it is not live, though no answer of its own said so.
    void whatWaitsForAPatientServerIsNotLive()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline busy = World::give(server, QStringLiteral("acme/busy"), {RunState::Running});
        const Pipeline quiet = World::give(server, QStringLiteral("acme/quiet"), {RunState::Passed});
        world.feed.start();
        const auto isLive = [&](const Pipeline &pipeline) {
            const RunStore::Entry *const entry = world.store.entry(pipeline.ref.key());
            return entry && entry->freshness.isLive();
        };
        QTRY_VERIFY(isLive(busy) && isLive(quiet));
        QTRY_COMPARE(world.feed.asking(), 0);
        Error limited{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        limited.retryAfter = std::chrono::hours(1);
        server.fakeSource.trouble = limited;
        clock.advance(milliseconds(15000));
        QTRY_VERIFY(!isLive(busy));
        QVERIFY(isLive(quiet));
        clock.advance(std::chrono::minutes(15));
        QTRY_VERIFY(!isLive(quiet));
        QCOMPARE(world.store.entry(quiet.ref.key())->freshness.state, Freshness::State::Stale);
        server.fakeSource.trouble.reset();
        clock.advance(std::chrono::hours(1));
        QTRY_VERIFY(isLive(busy) && isLive(quiet));
    }

    // An inbox that looks live would hide who waits.
    void gatesAndTheListOfAPatientServerAreNotLive()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        const Pipeline busy = World::give(server, QStringLiteral("acme/busy"), {RunState::Running});
        world.feed.start();
        const auto shown = [&] { return *world.store.server(QStringLiteral("ci")); };
        const auto isRead = [&] {
            const RunStore::Entry *const entry = world.store.entry(busy.ref.key());
            return entry && entry->freshness.isLive() && shown().gates.isLive() && shown().pipelines.isLive();
        };
        QTRY_VERIFY(isRead());
        QTRY_COMPARE(world.feed.asking(), 0);
        const QDateTime read = shown().gates.lastHeard;
        Error limited{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        limited.retryAfter = std::chrono::hours(1);
        server.fakeSource.trouble = limited; // its gates were never refused
        clock.advance(milliseconds(15000));
        QTRY_COMPARE(world.store.entry(busy.ref.key())->freshness.state, Freshness::State::Stale);
        QVERIFY(shown().gates.isLive());
        clock.advance(milliseconds(15000));
        QCOMPARE(shown().gates.state, Freshness::State::Stale);
        QCOMPARE(shown().gates.lastHeard, read);
        QCOMPARE(shown().gates.error->kind, ErrorKind::RateLimited);
        QVERIFY2(shown().gates.error->message.contains(QStringLiteral("ci.example wants no questions until")),
                 qPrintable(shown().gates.error->message));
        QCOMPARE(server.fakeGates.asks, 1);
        QVERIFY(shown().pipelines.isLive());
        clock.advance(std::chrono::minutes(10));
        QCOMPARE(shown().pipelines.state, Freshness::State::Stale);
        QCOMPARE(world.store.worstOf(QStringLiteral("ci")).state, Freshness::State::Stale);
        server.fakeSource.trouble.reset();
        clock.advance(std::chrono::hours(1));
        QTRY_VERIFY(isRead());
        QVERIFY(!shown().gates.error);
    }

    // Though no answer of its own said so.
    void aChosenRunOfAPatientServerIsNotLive()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        RunDetail detail;
        detail.run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        server.fakeSource.details.insert(detail.run.ref.id, detail);
        world.feed.start();
        const auto watch = world.feed.watch(detail.run.ref);
        QTRY_VERIFY(watch->freshness().isLive());
        Error limited{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        limited.retryAfter = std::chrono::hours(1);
        server.fakeGates.trouble = limited;
        QTRY_COMPARE(watch->freshness().state, Freshness::State::Stale);
        QVERIFY(watch->freshness().lastHeard.isValid());
        QCOMPARE(watch->freshness().error->kind, ErrorKind::RateLimited);
        QCOMPARE(world.store.server(QStringLiteral("ci"))->chosen->state, Freshness::State::Stale);
        server.fakeGates.trouble.reset();
        world.feed.refresh(); // a button: somebody knows better
        watch->refresh();
        QTRY_VERIFY(watch->freshness().isLive());
    }

    // What was live in the evening is not so in the morning, though the clock of the waits stood still.
    void afterASleepOfTheComputerNothingIsLiveUntilItIsRead()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        for (int i = 0; i < 20; ++i)
            World::give(server, QStringLiteral("acme/p%1").arg(i), {RunState::Passed});
        world.feed.start();
        QTRY_COMPARE(server.fakeSource.queries.size(), 20);
        QTRY_COMPARE(world.feed.asking(), 0);
        clock.advance(milliseconds(1000));
        QSet<QString> old;
        connect(&world.store, &RunStore::entryChanged, this, [&](const QString &key) {
            if (world.store.entry(key)->freshness.state == Freshness::State::Stale)
                old.insert(key);
        });
        clock.sleep(std::chrono::hours(8));
        clock.advance(milliseconds(15000));
        QTRY_COMPARE(server.fakeSource.queries.size(), 40);
        QVERIFY2(old.size() >= 15, qPrintable(QString::number(old.size()))); // but for those that were asked at once
        QTRY_COMPARE(world.feed.asking(), 0);
        for (const RunStore::Entry &entry : world.store.byKey())
            QVERIFY(entry.freshness.isLive());
        clock.advance(milliseconds(15000)); // once is enough
        QCOMPARE(server.fakeSource.queries.size(), 40);
    }

    // Its own timers stood still, too.
    void afterASleepOfTheComputerAChosenRunIsNotLive()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        timing.settle = milliseconds(0);
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Passed});
        RunDetail detail;
        detail.run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        detail.run.finishedAt = QDateTime::currentDateTimeUtc().addSecs(-3600);
        server.fakeSource.details.insert(detail.run.ref.id, detail);
        world.feed.start();
        const auto watch = world.feed.watch(detail.run.ref);
        QTRY_VERIFY(watch->freshness().isLive());
        QTRY_COMPARE(world.feed.asking(), 0);
        const int asked = server.fakeSource.detailAsks;
        bool wasStale = false;
        connect(watch.get(), &RunWatch::changed, this,
                [&] { wasStale = wasStale || watch->freshness().state == Freshness::State::Stale; });
        clock.advance(milliseconds(1000));
        QVERIFY(!wasStale);
        clock.sleep(std::chrono::hours(8));
        clock.advance(milliseconds(15000));
        QVERIFY(wasStale);
        QTRY_VERIFY(watch->freshness().isLive());
        QVERIFY(server.fakeSource.detailAsks > asked);
    }

    // A clock on the wall that is set on by hand looks like a sleep: it ends nobody's patience.
    void aClockThatIsSetOnEndsNoPatience()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        World::give(server, QStringLiteral("acme/cart"), {RunState::Passed});
        Error limited{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        limited.retryAfter = std::chrono::hours(1);
        world.feed.start();
        QTRY_COMPARE(server.fakeSource.queries.size(), 1);
        QTRY_COMPARE(world.feed.asking(), 0);
        server.fakeGates.trouble = limited;
        for (int i = 0; i < 20 && !world.store.server(QStringLiteral("ci"))->gates.error; ++i) {
            clock.advance(milliseconds(60000));
            QVERIFY(eventsUntil([&world] { return world.feed.asking() == 0; }));
        }
        QVERIFY(world.store.server(QStringLiteral("ci"))->gates.error);
        const auto asks = [&server] { return server.fakeGates.asks + server.fakeSource.queries.size(); };
        const auto before = asks();
        clock.sleep(std::chrono::hours(2));
        for (int i = 0; i < 50; ++i) { // minutes
            clock.advance(milliseconds(60000));
            QVERIFY(eventsUntil([&world] { return world.feed.asking() == 0; }));
        }
        QCOMPARE(asks(), before);
        clock.advance(std::chrono::minutes(15));
        QTRY_VERIFY(asks() > before);
    }

    void aBudgetThatRunsLowIsStretched()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        World::give(server, QStringLiteral("acme/cart"), {RunState::Passed});
        world.feed.start();
        QTRY_VERIFY(world.store.server(QStringLiteral("ci")) &&
                    world.store.server(QStringLiteral("ci"))->interval == milliseconds(600));
        server.fakeSource.tellBudget({5000, 400, QDateTime::currentDateTimeUtc().addSecs(600), 4600});
        QCOMPARE(world.store.server(QStringLiteral("ci"))->interval, milliseconds(2400));
        QCOMPARE(world.store.server(QStringLiteral("ci"))->budget->remaining, 400);
        server.fakeSource.tellBudget({5000, 5000, QDateTime::currentDateTimeUtc().addSecs(3600), 0});
        QCOMPARE(world.store.server(QStringLiteral("ci"))->interval, milliseconds(600));
    }

    // At first at once, then each at its place: no burst, and none waits longer than its interval and a half.
    void fiveHundredPipelinesAreSpreadOut()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        for (int i = 0; i < 500; ++i)
            World::give(server, QStringLiteral("acme/p%1").arg(i), {RunState::Passed});
        world.feed.start();
        QTRY_COMPARE(server.fakeSource.queries.size(), 500);
        QTRY_COMPARE(world.feed.asking(), 0);
        QCOMPARE(world.store.server(QStringLiteral("ci"))->interval, milliseconds(250000));
        qsizetype most = 0;
        for (int i = 0; i < 3600; ++i) {
            const qsizetype before = server.fakeSource.queries.size();
            clock.advance(milliseconds(1000));
            QVERIFY(eventsUntil([&world] { return world.feed.asking() == 0; }));
            most = std::max(most, server.fakeSource.queries.size() - before);
        }
        QVERIFY2(most <= 4, qPrintable(QString::number(most)));
        const qsizetype asked = server.fakeSource.queries.size() - 500;
        QVERIFY2(asked >= 6500 && asked <= 7500, qPrintable(QString::number(asked))); // 3600 s / 250 s for each
        QVERIFY2(server.fakeGates.asks <= 16, qPrintable(QString::number(server.fakeGates.asks)));
        QVERIFY2(server.fakeSource.pipelineAsks <= 6, qPrintable(QString::number(server.fakeSource.pipelineAsks)));
    }

    void whoComesToLookStartsNoFlood()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        for (int i = 0; i < 20; ++i)
            World::give(server, QStringLiteral("acme/p%1").arg(i), {RunState::Passed});
        world.feed.start();
        QTRY_COMPARE(server.fakeSource.queries.size(), 20);
        QTRY_COMPARE(world.feed.asking(), 0);
        clock.advance(std::chrono::minutes(10));
        world.feed.lookAt(true);
        qsizetype most = 0;
        for (int i = 0; i < 30; ++i) {
            const qsizetype before = server.fakeSource.queries.size();
            clock.advance(milliseconds(1000));
            QVERIFY(eventsUntil([&world] { return world.feed.asking() == 0; }));
            most = std::max(most, server.fakeSource.queries.size() - before);
        }
        QVERIFY2(most <= 4, qPrintable(QString::number(most)));
    }

    void aRunThatBeginsToWaitHasItsGateLookedAt()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        for (int i = 0; i < 500; ++i)
            World::give(server, QStringLiteral("acme/p%1").arg(i), {RunState::Running});
        world.feed.start();
        QTRY_COMPARE(server.fakeSource.queries.size(), 500);
        QTRY_COMPARE(world.feed.asking(), 0);
        QCOMPARE(server.fakeGates.asks, 1);
        Run &run = server.fakeSource.runsOf[server.fakeSource.known.first().ref.key()].first();
        run.state = RunState::Waiting;
        world.feed.stir(run.ref.pipeline); // asks for gates as well
        QTRY_COMPARE(world.feed.asking(), 0);
        const int asked = server.fakeGates.asks;
        clock.advance(milliseconds(5000));
        QTRY_COMPARE(server.fakeGates.asks, asked + 1);
    }

    // Their own turn comes seldom: a server that just could not be reached tells of no gate either, and is asked for
    // them as soon as it is back.
    void gatesOfASilentServerAreNotLive()
    {
        PipelineFeed::Timing timing = hurried();
        timing.gates = std::chrono::seconds(600);
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"));
        World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        WaitingGate gate;
        gate.connection = QStringLiteral("ci");
        gate.id = QStringLiteral("7");
        server.fakeGates.gates = {gate};
        world.feed.lookAt(true);
        world.feed.start();
        const auto gates = [&world] { return world.store.server(QStringLiteral("ci"))->gates; };
        QTRY_VERIFY(gates().isLive() && world.store.gates().size() == 1);
        const Error silent{ErrorKind::Unreachable, QStringLiteral("ci.example does not answer."), {}};
        server.fakeSource.trouble = server.fakeGates.trouble = silent;
        QTRY_COMPARE(gates().state, Freshness::State::Stale);
        QCOMPARE(gates().error, std::optional(silent));
        QVERIFY(gates().lastHeard.isValid());
        QCOMPARE(world.store.gates().size(), 1); // still shown, as what it is
        server.fakeSource.trouble = server.fakeGates.trouble = std::nullopt;
        QTRY_VERIFY(gates().isLive());
        // What one question alone cannot be answered says nothing of the others.
        server.fakeSource.trouble = Error{ErrorKind::NotFound, QStringLiteral("no such run"), {}};
        const qsizetype asked = server.fakeSource.queries.size();
        QTRY_VERIFY(server.fakeSource.queries.size() > asked + 2);
        QVERIFY(gates().isLive());
    }

    void olderRunsStayBehindNewOnes()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.pageSize = 3;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(8, RunState::Passed));
        const auto numbers = [&] {
            QStringList all;
            for (const Run &run : world.store.entry(pipeline.ref.key())->runs)
                all.append(run.number);
            return all.join(u' ');
        };
        world.feed.start();
        QTRY_VERIFY(world.store.entry(pipeline.ref.key()) && !world.store.entry(pipeline.ref.key())->runs.isEmpty());
        QCOMPARE(numbers(), QStringLiteral("8 7 6"));
        world.feed.loadMore(pipeline.ref.key());
        QTRY_COMPARE(numbers(), QStringLiteral("8 7 6 5 4 3"));
        server.fakeSource.runsOf[pipeline.ref.key()].prepend(runOf(pipeline, 9, RunState::Running, 0));
        world.feed.refresh();
        QTRY_COMPARE(numbers(), QStringLiteral("9 8 7 6 5 4 3"));
        world.feed.loadMore(pipeline.ref.key());
        // one is there twice by now: the page begins one later
        QTRY_COMPARE(numbers(), QStringLiteral("9 8 7 6 5 4 3 2 1"));
    }

    // No page brings them again: without a look of their own they would run for ever.
    void olderRunsThatGoOnAreReadAgain()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.pageSize = 2;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"),
                        {RunState::Passed, RunState::Passed, RunState::Running, RunState::Waiting, RunState::Passed});
        const QString key = pipeline.ref.key();
        const auto states = [&] {
            QList<RunState> all;
            for (const Run &run : world.store.entry(key)->runs)
                all.append(run.state);
            return all;
        };
        for (const Run &run : std::as_const(server.fakeSource.runsOf[key])) {
            RunDetail detail;
            detail.run = run;
            server.fakeSource.details.insert(run.ref.id, detail);
        }
        world.feed.start();
        QTRY_VERIFY(world.store.entry(key) && world.store.entry(key)->runs.size() == 2);
        world.feed.loadMore(key);
        QTRY_COMPARE(world.store.entry(key)->runs.size(), 4);
        QCOMPARE(states().mid(2), QList<RunState>({RunState::Running, RunState::Waiting}));
        server.fakeSource.details[QStringLiteral("3")].run.state = RunState::Failed;
        server.fakeSource.runsOf[key][2].state = RunState::Failed;
        QTRY_COMPARE(states().at(2), RunState::Failed);
        QCOMPARE(states().at(3), RunState::Waiting);
        // What cannot be read again says since when it is so.
        server.fakeSource.trouble = Error{ErrorKind::Unreachable, QStringLiteral("gone"), {}};
        QTRY_VERIFY(world.store.entry(key)->staleRuns.value(QStringLiteral("2")).isValid());
        server.fakeSource.trouble.reset();
        QTRY_VERIFY(world.store.entry(key)->staleRuns.isEmpty());
        server.fakeSource.details.remove(QStringLiteral("2")); // deleted
        server.fakeSource.runsOf[key].removeAt(3);
        QTRY_COMPARE(world.store.entry(key)->runs.size(), 3);
        const int asked = server.fakeSource.detailAsks;
        world.feed.refresh();
        QTest::qWait(100);
        QCOMPARE(server.fakeSource.detailAsks, asked); // those that ended are not asked for
    }

    // It stands where it stood, on a page that is not the newest.
    void anOlderRunThatWasRunAgainIsSeenThoughNobodyChoseIt_data()
    {
        QTest::addColumn<bool>("beginsAgain");
        QTest::addColumn<QString>("states"); // of 4, 3, 2, 1
        QTest::newRow("under its id") << true << QStringLiteral("Passed Passed Passed Running");
        QTest::newRow("only as a new run") << false << QStringLiteral("Passed Passed Passed Passed");
    }
    void anOlderRunThatWasRunAgainIsSeenThoughNobodyChoseIt()
    {
        QFETCH(bool, beginsAgain);
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.pageSize = 1;
        server.fakeSource.beginsAgain = beginsAgain;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(4, RunState::Passed));
        const QString key = pipeline.ref.key();
        const auto known = [&] { return world.store.entry(key) ? world.store.entry(key)->runs : QList<Run>(); };
        world.feed.start();
        for (int pages = 1; pages <= 4; ++pages) {
            QTRY_COMPARE(known().size(), pages);
            world.feed.loadMore(key);
        }
        QTRY_COMPARE(world.feed.asking(), 0);
        Run &again = server.fakeSource.runsOf[key][3];
        again.state = RunState::Running;
        again.attempt = 2;
        RunDetail detail;
        detail.run = again;
        server.fakeSource.details.insert(again.ref.id, detail);
        clock.advance(std::chrono::minutes(20)); // a round begins after ten
        QTRY_COMPARE(world.feed.asking(), 0);
        QStringList states;
        for (const Run &run : known())
            states.append(run.state == RunState::Running ? QStringLiteral("Running") : QStringLiteral("Passed"));
        QTEST(states.join(u' '), "states");
        if (!beginsAgain)
            return;
        QCOMPARE(known().last().attempt, 2);
        detail.run.state = again.state = RunState::Failed; // from now on it is one of those that go on
        server.fakeSource.details.insert(again.ref.id, detail);
        clock.advance(std::chrono::minutes(3));
        QTRY_COMPARE(known().last().state, RunState::Failed);
    }

    // The page was on its way when somebody looked at the run: what it says of it is older.
    void aPageThatComesLateDoesNotHideARerun()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        timing.settle = milliseconds(0);
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.pageSize = 2;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(4, RunState::Passed));
        const QString key = pipeline.ref.key();
        const auto known = [&] { return world.store.entry(key) ? world.store.entry(key)->runs : QList<Run>(); };
        world.feed.start();
        QTRY_COMPARE(known().size(), 2);
        world.feed.loadMore(key);
        QTRY_COMPARE(known().size(), 4);
        QTRY_COMPARE(world.feed.asking(), 0);
        server.fakeSource.holdsOlder = true;
        clock.advance(std::chrono::minutes(20));
        QTRY_COMPARE(server.fakeSource.held(), 1);
        Run &again = server.fakeSource.runsOf[key][3];
        again.state = RunState::Running;
        again.attempt = 2;
        RunDetail detail;
        detail.run = again;
        server.fakeSource.details.insert(again.ref.id, detail);
        const auto watch = world.feed.watch(again.ref);
        QTRY_COMPARE(known().last().attempt, 2);
        server.fakeSource.giveHeld();
        QTRY_COMPARE(world.feed.asking(), 0);
        QCOMPARE(known().last().attempt, 2);
        QCOMPARE(known().last().state, RunState::Running);
    }

    // What nobody asks for is as old as it says.
    void olderRunsThatCannotBeReadAgainSayHowOldTheyAre()
    {
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.pageSize = 2;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(4, RunState::Passed));
        const QString key = pipeline.ref.key();
        const auto known = [&] { return world.store.entry(key) ? *world.store.entry(key) : RunStore::Entry(); };
        world.feed.start();
        QTRY_COMPARE(known().runs.size(), 2);
        world.feed.loadMore(key);
        QTRY_COMPARE(known().runs.size(), 4);
        QTRY_COMPARE(world.feed.asking(), 0);
        QVERIFY(known().staleRuns.isEmpty());
        server.fakeSource.trouble = Error{ErrorKind::Unreachable, QStringLiteral("gone"), {}};
        clock.advance(std::chrono::minutes(11));
        QTRY_COMPARE(known().staleRuns.size(), 2);
        QVERIFY(known().staleRuns.value(QStringLiteral("1")).isValid());
        QVERIFY(!known().staleRuns.contains(QStringLiteral("4"))); // the newest page has a time of its own
        server.fakeSource.trouble.reset();
        clock.advance(std::chrono::minutes(25));
        QTRY_VERIFY(known().staleRuns.isEmpty());
    }

    // Where its page was not read yet, who looks at it closely sees it.
    void anOlderRunThatWasRunAgainIsSeenByWhoChoosesIt()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.beginsAgain = false;
        server.fakeSource.pageSize = 2;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(4, RunState::Passed));
        const QString key = pipeline.ref.key();
        const auto listed = [&] { return world.store.entry(key)->runs.value(3); };
        world.feed.start();
        QTRY_VERIFY(world.store.entry(key) && world.store.entry(key)->runs.size() == 2);
        world.feed.loadMore(key);
        QTRY_COMPARE(world.store.entry(key)->runs.size(), 4);
        QCOMPARE(listed().state, RunState::Passed);
        RunDetail again;
        again.run = listed();
        again.run.attempt = 2;
        again.run.state = RunState::Running;
        server.fakeSource.details.insert(again.run.ref.id, again);
        auto watch = world.feed.watch(again.run.ref);
        QTRY_COMPARE(listed().state, RunState::Running);
        QCOMPARE(listed().attempt, 2);
        QCOMPARE(world.store.entry(key)->runs.size(), 4);
        watch.reset(); // from now on it is one of those that go on
        again.run.state = RunState::Failed;
        server.fakeSource.details.insert(again.run.ref.id, again);
        QTRY_COMPARE(listed().state, RunState::Failed);
    }

    void olderRunsDoNotEndAtTwoHundred()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(290, RunState::Passed));
        const QString key = pipeline.ref.key();
        const auto known = [&] { return world.store.entry(key) ? world.store.entry(key)->runs.size() : 0; };
        world.feed.start();
        QTRY_COMPARE(known(), 30);
        for (int i = 2; i <= 9; ++i) {
            world.feed.loadMore(key);
            QTRY_COMPARE(known(), 30 * i);
        }
        world.feed.loadMore(key);
        QTRY_COMPARE(known(), 290);
        QVERIFY(world.store.entry(key)->next.isEmpty());
    }

    // A page of numbers that new runs pushed known ones onto brings nothing: the next is taken.
    void aPageOfKnownRunsIsPassedOver()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        server.fakeSource.pageSize = 2;
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(6, RunState::Passed));
        const QString key = pipeline.ref.key();
        const auto known = [&] { return world.store.entry(key) ? world.store.entry(key)->runs.size() : 0; };
        world.feed.start();
        QTRY_COMPARE(known(), 2);
        world.feed.loadMore(key);
        QTRY_COMPARE(known(), 4);
        for (const int number : {7, 8}) {
            server.fakeSource.runsOf[key].prepend(runOf(pipeline, number, RunState::Passed, 0));
            world.feed.refresh();
            QTRY_COMPARE(world.store.entry(key)->runs.first().number, QString::number(number));
        }
        QCOMPARE(known(), 6);
        world.feed.loadMore(key);
        QTRY_COMPARE(known(), 8);
    }

    void whoWalksThroughAListAsksForNothing()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline =
            World::give(server, QStringLiteral("acme/cart"), QList<RunState>(9, RunState::Passed));
        std::unique_ptr<RunWatch> watch;
        for (const Run &run : std::as_const(server.fakeSource.runsOf[pipeline.ref.key()])) {
            watch = world.feed.watch(run.ref);
            QCoreApplication::processEvents();
        }
        QCOMPARE(server.fakeSource.detailAsks, 0);
        QTRY_COMPARE(server.fakeSource.detailAsks, 1);
    }

    // What of it holds nothing up is offered as long as somebody looks.
    void gatesAreToldWhichRunIsLookedAt()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), true);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Passed});
        const Run run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        const auto watch = world.feed.watch(run.ref);
        QTRY_COMPARE(server.fakeGates.looks, QList<RunRef>{run.ref});
    }

    void aWatchIsAsPatientAsTheLists()
    {
        PipelineFeed::Timing timing = hurried();
        timing.limited = milliseconds(10);
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        const Run run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        RunDetail detail;
        detail.run = run;
        server.fakeSource.details.insert(run.ref.id, detail);
        world.feed.start();
        const auto watch = world.feed.watch(run.ref);
        QTRY_VERIFY(watch->detail());
        Error limited{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        limited.retryAfter = milliseconds(700);
        server.fakeSource.trouble = limited;
        QTRY_COMPARE(watch->freshness().state, Freshness::State::Stale);
        QCOMPARE(world.store.server(QStringLiteral("ci"))->chosen->state, Freshness::State::Stale);
        const int asked = server.fakeSource.detailAsks;
        watch->refresh(); // an operation ended: still not before its time
        QTest::qWait(300);
        QVERIFY(server.fakeSource.detailAsks <= asked + 1);
        server.fakeSource.trouble.reset();
        QTRY_VERIFY(watch->freshness().isLive());
        QCOMPARE(world.store.server(QStringLiteral("ci"))->chosen->state, Freshness::State::Live);
        // A budget that runs out slows it as it slows the lists.
        server.fakeSource.tellBudget({5000, 100, QDateTime::currentDateTimeUtc().addSecs(600), 4900});
        watch->refresh();
        const int before = server.fakeSource.detailAsks;
        QTest::qWait(200); // 10 questions otherwise
        QVERIFY2(server.fakeSource.detailAsks <= before + 2, qPrintable(QString::number(server.fakeSource.detailAsks)));
    }

    // Reports and artifacts may come behind the end of a run.
    void testsAndArtifactsAreReadOnceMoreAfterTheEnd()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        const Run run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        RunDetail detail;
        detail.run = run;
        server.fakeSource.details.insert(run.ref.id, detail);
        TestReport report;
        report.passed = 3;
        server.fakeSource.reports.insert(run.ref.id, report);
        const auto watch = world.feed.watch(run.ref);
        QTRY_VERIFY(watch->tests());
        detail.run.state = RunState::Passed;
        server.fakeSource.details.insert(run.ref.id, detail);
        int told = 0;
        connect(watch.get(), &RunWatch::changed, this, [&] {
            if (!isEnded(watch->detail()->run.state) || ++told != 1)
                return;
            QTimer::singleShot(0, watch.get(), [&] { // the end was heard, and what its tests say at that moment
                report.passed = 5;
                server.fakeSource.reports.insert(run.ref.id, report);
                detail.artifacts.append({QStringLiteral("cart.tgz"), 7, {}, {}, {}});
                server.fakeSource.details.insert(run.ref.id, detail);
            });
        });
        QTRY_COMPARE_WITH_TIMEOUT(watch->tests()->passed, 5, 500); // those that are quiet: 600
        QTRY_COMPARE_WITH_TIMEOUT(watch->detail()->artifacts.size(), 1, 500);
    }

    // A run that goes on is read again and again: as long as it is as it was, nobody works out or paints anything.
    void whatIsReadAgainAsItWasIsNoNews()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        RunDetail detail;
        detail.run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        server.fakeSource.details.insert(detail.run.ref.id, detail);
        TestReport report;
        report.passed = 3;
        server.fakeSource.reports.insert(detail.run.ref.id, report);
        const auto watch = world.feed.watch(detail.run.ref);
        QTRY_VERIFY(watch->tests());
        const QSignalSpy changed(watch.get(), &RunWatch::changed);
        const int asked = server.fakeSource.detailAsks;
        QTRY_VERIFY(server.fakeSource.detailAsks >= asked + 4);
        QCOMPARE(changed.size(), 0);
        detail.note = QStringLiteral("Another one.");
        server.fakeSource.details.insert(detail.run.ref.id, detail);
        QTRY_COMPARE(changed.size(), 1);
        server.fakeSource.trouble = Error{ErrorKind::Unreachable, QStringLiteral("no answer"), {}};
        QTRY_VERIFY(changed.size() >= 2);
        QVERIFY(!watch->freshness().isLive());
    }

    // What was read of its tests stays, and says that it is old; what the server says is gone goes.
    void testsThatCannotBeReadAgainAreNotTakenForNew_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<bool>("stays");
        QTest::newRow("no answer") << ErrorKind::Unreachable << true;
        QTest::newRow("refused") << ErrorKind::Forbidden << true;
        QTest::newRow("the run reports none any more") << ErrorKind::NotFound << false;
        QTest::newRow("the server has none any more") << ErrorKind::Unsupported << false;
    }
    void testsThatCannotBeReadAgainAreNotTakenForNew()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(bool, stays);
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        RunDetail detail;
        detail.run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        const QString id = detail.run.ref.id;
        server.fakeSource.details.insert(id, detail);
        server.fakeSource.reports[id].passed = 3;
        const auto watch = world.feed.watch(detail.run.ref);
        QTRY_VERIFY(watch->tests());
        const QDateTime readAt = watch->tests()->readAt;
        QVERIFY(readAt.isValid());
        QVERIFY(!watch->testsError());
        server.fakeSource.testTrouble = Error{kind, QStringLiteral("not now"), {}};
        watch->refresh();
        QTRY_VERIFY(watch->testsError());
        QCOMPARE(watch->testsError()->kind, kind);
        QVERIFY(watch->freshness().isLive()); // the run itself is read
        QCOMPARE(watch->tests().has_value(), stays);
        if (stays)
            QCOMPARE(watch->tests()->readAt, readAt);
        server.fakeSource.testTrouble.reset();
        watch->refresh();
        QTRY_VERIFY(!watch->testsError() && watch->tests());
    }

    void testsOfTheAttemptBeforeAreNotThoseOfTheNext()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Failed});
        RunDetail detail;
        detail.run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        const QString id = detail.run.ref.id;
        server.fakeSource.details.insert(id, detail);
        server.fakeSource.reports[id].failed = 3;
        const auto watch = world.feed.watch(detail.run.ref);
        QTRY_VERIFY(watch->tests());
        detail.run.attempt = 2;
        detail.run.state = RunState::Running;
        server.fakeSource.details.insert(id, detail);
        server.fakeSource.testTrouble = Error{ErrorKind::Unreachable, QStringLiteral("not now"), {}};
        watch->refresh();
        QTRY_COMPARE(watch->detail()->run.attempt, 2);
        QVERIFY(!watch->tests());
        QTRY_VERIFY(watch->testsError());
        QVERIFY(!watch->tests());
        server.fakeSource.testTrouble.reset();
        server.fakeSource.reports[id].failed = 1;
        QTRY_VERIFY(watch->tests());
        QCOMPARE(watch->tests()->failed, 1);
    }

    void aPipelineThatIsGoneGoes()
    {
        PipelineFeed::Timing timing = hurried();
        timing.pipelines = milliseconds(100);
        World world(timing);
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        World::give(server, QStringLiteral("acme/cart"), {RunState::Passed});
        const Pipeline second = World::give(server, QStringLiteral("acme/search"), {RunState::Passed});
        world.feed.start();
        QTRY_COMPARE(world.store.entries().size(), 2);
        server.fakeSource.known.removeLast();
        QTRY_COMPARE(world.store.entries().size(), 1);
        QVERIFY(!world.store.entry(second.ref.key()));
    }

    void oneRunIsKeptFresh()
    {
        World world;
        FakePipelineServer &server = world.add(QStringLiteral("ci"), false);
        const Pipeline pipeline = World::give(server, QStringLiteral("acme/cart"), {RunState::Running});
        Run run = server.fakeSource.runsOf[pipeline.ref.key()].first();
        RunDetail detail;
        detail.run = run;
        detail.jobs.append(Job());
        server.fakeSource.details.insert(run.ref.id, detail);
        const auto watch = world.feed.watch(run.ref);
        QTRY_VERIFY(watch->detail());
        QCOMPARE(watch->detail()->jobs.size(), 1);
        QTRY_VERIFY(watch->testsError());
        QCOMPARE(watch->testsError()->kind, ErrorKind::NotFound);
        QTRY_VERIFY(server.fakeSource.detailAsks >= 4);
        TestReport report;
        report.passed = 3;
        server.fakeSource.reports.insert(run.ref.id, report);
        detail.run.state = RunState::Passed;
        server.fakeSource.details.insert(run.ref.id, detail);
        QTRY_COMPARE(watch->detail()->run.state, RunState::Passed);
        QTRY_VERIFY(watch->tests()); // asked once more since it ended
        QCOMPARE(watch->tests()->passed, 3);
        const int asked = server.fakeSource.detailAsks;
        QTest::qWait(200); // ended: as seldom as what is quiet
        QVERIFY(server.fakeSource.detailAsks <= asked + 1);
        server.fakeSource.trouble = Error{ErrorKind::Unreachable, QStringLiteral("gone"), {}};
        watch->refresh();
        QTRY_COMPARE(watch->freshness().state, Freshness::State::Stale);
        QVERIFY(watch->detail());
        world.servers.remove(QStringLiteral("ci"));
        QCOMPARE(watch->freshness().error->kind, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestPipelineFeed)
#include "test_pipelinefeed.moc"
