// When pipelines are asked for: intervals, turns, places; without a server and without waiting.
#include "services/pipelines/feedschedule.h"
#include "services/pipelines/runpages.h"
#include "tests/support/fakepipelineserver.h"

#include <QSet>
#include <QTest>

#include <limits>

using namespace signalbox;
using namespace signalbox::test;
using std::chrono::milliseconds;

namespace
{

constexpr qint64 never = std::numeric_limits<qint64>::max();

FeedSchedule::Moment at(qint64 ms)
{
    static const QDateTime zero(QDate(2026, 3, 1), QTime(12, 0), Qt::UTC);
    return {ms, zero.addMSecs(ms)};
}

FeedSchedule::Table tableOf(int pipelines)
{
    FeedSchedule::Table table;
    for (int i = 0; i < pipelines; ++i)
        table.lanes.insert(QStringLiteral("p%1").arg(i), {});
    return table;
}

RunStore::Entry entryOf(const QList<RunState> &states, int newest)
{
    RunStore::Entry entry;
    entry.pipeline = pipelineOf(QStringLiteral("ci"), QStringLiteral("acme/cart"), QStringLiteral("release"));
    for (qsizetype i = 0; i < states.size(); ++i)
        entry.runs.append(
            runOf(entry.pipeline, static_cast<int>(states.size() - i), states.at(i), static_cast<int>(i)));
    entry.newest = newest;
    return entry;
}

Error errorOfKind(ErrorKind kind)
{
    return {kind, QStringLiteral("ci.example says no"), {}};
}

} // namespace

class TestFeedSchedule : public QObject
{
    Q_OBJECT
private slots:
    void aBudgetThatRunsLowIsStretched_data()
    {
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("remaining");
        QTest::addColumn<int>("resetsIn"); // ms
        QTest::addColumn<int>("thrift");
        QTest::newRow("none is told") << 0 << 0 << 60000 << 1;
        QTest::newRow("all of it") << 5000 << 5000 << 60000 << 1;
        QTest::newRow("a fifth") << 5000 << 1000 << 60000 << 1;
        QTest::newRow("less than a fifth") << 5000 << 999 << 60000 << 4;
        QTest::newRow("a twentieth") << 5000 << 250 << 60000 << 4;
        QTest::newRow("less than a twentieth") << 5000 << 249 << 60000 << 20;
        QTest::newRow("nothing") << 5000 << 0 << 60000 << 20;
        QTest::newRow("its hour is over") << 5000 << 0 << -1 << 1;
    }
    void aBudgetThatRunsLowIsStretched()
    {
        QFETCH(int, limit);
        QFETCH(int, remaining);
        QFETCH(int, resetsIn);
        FeedSchedule::Table table = tableOf(1);
        QCOMPARE(FeedSchedule::thrift(table, at(0)), 1);
        table.budget = RequestBudget{limit, remaining, at(resetsIn).wall, 0};
        QTEST(FeedSchedule::thrift(table, at(0)), "thrift");
        const FeedSchedule schedule{PipelineFeed::Timing()};
        QFETCH(int, thrift);
        QCOMPARE(schedule.quietInterval(table, at(0)), 120000LL * thrift);
        QCOMPARE(schedule.gatesInterval(table, at(0)), 30000LL * thrift);
    }

    void howOftenRunsAreAskedFor_data()
    {
        QTest::addColumn<int>("pipelines");
        QTest::addColumn<QList<RunState>>("states");
        QTest::addColumn<int>("newest");
        QTest::addColumn<bool>("isLookedAt");
        QTest::addColumn<bool>("isStirred");
        QTest::addColumn<qint64>("interval");
        const QList<RunState> ended{RunState::Passed, RunState::Failed};
        const QList<RunState> running{RunState::Passed, RunState::Running};
        QTest::newRow("quiet") << 1 << ended << 2 << false << false << 120000LL;
        QTest::newRow("quiet, looked at") << 1 << ended << 2 << true << false << 30000LL;
        QTest::newRow("500 are quiet") << 500 << ended << 2 << true << false << 250000LL;
        QTest::newRow("nothing is known") << 1 << QList<RunState>() << 0 << true << false << 30000LL;
        QTest::newRow("runs") << 1 << running << 2 << false << false << 15000LL;
        QTest::newRow("runs, looked at") << 1 << running << 2 << true << false << 4000LL;
        QTest::newRow("one of 500 runs") << 500 << running << 2 << true << false << 4000LL;
        QTest::newRow("only an older one runs") << 1 << running << 1 << true << false << 30000LL;
        QTest::newRow("waits for people") << 1 << QList<RunState>{RunState::Waiting} << 1 << true << false << 30000LL;
        QTest::newRow("an unknown word") << 1 << QList<RunState>{RunState::Unknown} << 1 << true << false << 30000LL;
        QTest::newRow("an operation") << 1 << ended << 2 << false << true << 4000LL;
    }
    void howOftenRunsAreAskedFor()
    {
        QFETCH(int, pipelines);
        QFETCH(QList<RunState>, states);
        QFETCH(int, newest);
        QFETCH(bool, isLookedAt);
        QFETCH(bool, isStirred);
        FeedSchedule schedule{PipelineFeed::Timing()};
        schedule.lookAt(isLookedAt);
        FeedSchedule::Table table = tableOf(pipelines);
        const QString key = QStringLiteral("p0");
        if (isStirred)
            schedule.stir(table, key, at(1000));
        const RunStore::Entry entry = entryOf(states, newest);
        QTEST(schedule.runsInterval(table, table.lanes[key], &entry, at(2000)), "interval");
        // A minute later the operation is forgotten.
        if (isStirred)
            QCOMPARE(schedule.runsInterval(table, table.lanes[key], &entry, at(61001)), 120000LL);
    }

    void whatIsAskedOfEachPipelineAtOnceComesAsSeldom()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        QCOMPARE(schedule.pipelinesInterval(tableOf(1)), 600000LL);
        QCOMPARE(schedule.pipelinesInterval(tableOf(500)), 750000LL);
        QCOMPARE(schedule.gatesInterval(tableOf(500), at(0)), 250000LL);
    }

    void aTurnIsTakenOnceAndOnlyAFewAtATime()
    {
        PipelineFeed::Timing timing;
        timing.mostAtATime = 2;
        const FeedSchedule schedule(timing);
        FeedSchedule::Table table = tableOf(3);
        qint64 next = never;
        FeedSchedule::Turn &first = table.lanes[QStringLiteral("p0")].turn;
        FeedSchedule::Turn &second = table.lanes[QStringLiteral("p1")].turn;
        FeedSchedule::Turn &third = table.lanes[QStringLiteral("p2")].turn;
        QVERIFY(schedule.take(table, first, at(0), next));
        QVERIFY(!schedule.take(table, first, at(0), next)); // its answer is awaited
        QVERIFY(schedule.take(table, second, at(0), next));
        QVERIFY(!schedule.take(table, third, at(0), next));
        QCOMPARE(next, never); // an answer comes first
        schedule.finish(table, first, std::nullopt, 4000, at(100));
        QCOMPARE(table.asking, 1);
        QVERIFY(!schedule.take(table, first, at(100), next));
        QCOMPARE(next, 4100LL);
        QVERIFY(schedule.take(table, third, at(100), next));
        schedule.finish(table, third, std::nullopt, 4000, at(200));
        QVERIFY(schedule.take(table, first, at(4100), next));
        schedule.finish(table, second, std::nullopt, 4000, at(4100));
        FeedSchedule::wantAll(table);
        QVERIFY(!schedule.take(table, first, at(4100), next)); // not twice at the same time
        QVERIFY(schedule.take(table, third, at(4100), next));
    }

    // Whoever presses F5 wants the newest runs, and those that go on: not a page more of every pipeline.
    void allIsNotEveryPage()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(500);
        for (FeedSchedule::Lane &lane : table.lanes) {
            schedule.noteBehind(table, lane, true, at(0));
            lane.turn.isWanted = false;
            lane.turn.dueAt = never;
        }
        FeedSchedule::wantAll(table);
        qint64 next = never;
        const QList<FeedSchedule::Due> due = FeedSchedule::due(table, at(1), next);
        QCOMPARE(due.size(), 500);
        for (const FeedSchedule::Due &one : due)
            QCOMPARE(static_cast<int>(one.of), static_cast<int>(FeedSchedule::Due::Of::Newest));
    }

    // More is due than slow answers leave room for: each has its turn nevertheless.
    void slowAnswersStarveNobody()
    {
        FeedSchedule schedule{PipelineFeed::Timing()};
        schedule.lookAt(true);
        FeedSchedule::Table table = tableOf(40);
        QHash<QString, int> asked;
        qint64 ms = 0;
        for (; ms < 100000; ms += 1000) { // an answer takes a second, hence each is asked every ten
            QStringList asking;
            qint64 next = never;
            const QList<FeedSchedule::Due> due = FeedSchedule::due(table, at(ms), next);
            for (const FeedSchedule::Due &one : due) {
                if (schedule.take(table, table.lanes[one.pipeline].turn, at(ms), next))
                    asking.append(one.pipeline);
            }
            QCOMPARE(asking.size(), 4);
            for (const QString &key : std::as_const(asking)) {
                ++asked[key];
                schedule.finish(table, table.lanes[key].turn, std::nullopt, 4000, at(ms + 1000));
            }
        }
        for (int i = 0; i < 40; ++i)
            QCOMPARE(asked.value(QStringLiteral("p%1").arg(i)), 10);
    }

    void whatWasAskedForComesFirst()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(3);
        qint64 next = never;
        qint64 dueAt = 1000;
        for (const char *key : {"p0", "p1", "p2"}) {
            FeedSchedule::Turn &turn = table.lanes[QString::fromLatin1(key)].turn;
            turn.isWanted = false;
            turn.dueAt = dueAt += 1000;
        }
        const auto order = [&](qint64 ms) {
            QStringList keys;
            for (const FeedSchedule::Due &one : FeedSchedule::due(table, at(ms), next))
                keys.append(one.of == FeedSchedule::Due::Of::Open ? one.pipeline + u'+' : one.pipeline);
            return keys.join(u' ');
        };
        QCOMPARE(order(3500), QStringLiteral("p0 p1"));
        QCOMPARE(next, 4000LL);
        schedule.stir(table, QStringLiteral("p2"), at(3500));
        table.lanes[QStringLiteral("p1")].open = QStringList{QStringLiteral("7")};
        table.lanes[QStringLiteral("p1")].older.dueAt = 2500;
        QCOMPARE(order(3500), QStringLiteral("p2 p0 p1+ p1"));
    }

    void whoWaitsForItsTurnTooLongIsNotLive()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Turn &turn = table.lanes[QStringLiteral("p0")].turn;
        qint64 next = never;
        QVERIFY(schedule.overdue(table, at(900000), next).pipelines.isEmpty()); // it was never heard
        QVERIFY(schedule.take(table, turn, at(0), next));
        schedule.finish(table, turn, std::nullopt, 15000, at(0));
        QVERIFY(schedule.overdue(table, at(14000), next).pipelines.isEmpty());
        QCOMPARE(next, never); // it will be asked in time
        QVERIFY(schedule.overdue(table, at(16000), next).pipelines.isEmpty());
        QCOMPARE(next, 60000LL);
        QCOMPARE(schedule.overdue(table, at(60000), next).pipelines, QStringList{QStringLiteral("p0")});
        next = never;
        schedule.bePatient(table, milliseconds(0), at(-46000)); // until 14 s
        QVERIFY(schedule.overdue(table, at(13000), next).pipelines.isEmpty());
        QCOMPARE(next, 60000LL);
        QVERIFY(schedule.take(table, turn, at(60000), next));
        QVERIFY(schedule.overdue(table, at(60000), next).pipelines.isEmpty()); // its answer is awaited
    }

    // Whatever is asked of a server that wants to be left alone: when it would have been asked, it is not live any
    // more.
    void whatIsDueWhileAServerWantsToBeLeftAloneIsNotLive_data()
    {
        QTest::addColumn<qint64>("quietUntil");
        QTest::addColumn<qint64>("gates"); // when they are not live any more, as all of it if nobody asks
        QTest::addColumn<qint64>("runs");
        QTest::addColumn<qint64>("older");
        QTest::addColumn<qint64>("list");
        QTest::newRow("not") << 0LL << 120000LL << 480000LL << 240000LL << 2400000LL; // nobody ever asks: three late
        QTest::newRow("until just after the gates") << 40000LL << 120000LL << 480000LL << 240000LL << 2400000LL;
        QTest::newRow("ten minutes") << 600000LL << 30000LL << 120000LL << 60000LL << 2400000LL;
        QTest::newRow("an hour") << 3600000LL << 30000LL << 120000LL << 60000LL << 600000LL;
    }
    void whatIsDueWhileAServerWantsToBeLeftAloneIsNotLive()
    {
        QFETCH(qint64, quietUntil);
        QFETCH(qint64, gates);
        QFETCH(qint64, runs);
        QFETCH(qint64, older);
        QFETCH(qint64, list);
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Lane &lane = *table.lanes.begin();
        schedule.noteOpen(table, lane, {QStringLiteral("7"), QStringLiteral("3")}, true, at(0));
        const auto asked = [&](FeedSchedule::Turn &turn, qint64 interval) {
            qint64 next = never;
            QVERIFY(schedule.take(table, turn, at(0), next));
            schedule.finish(table, turn, std::nullopt, interval, at(0));
        };
        asked(table.gates, 30000);
        asked(table.pipelines, 600000);
        asked(lane.turn, 120000);
        table.quietUntil = quietUntil;
        qint64 areGates = -1;
        qint64 areRuns = -1;
        qint64 areOlder = -1;
        qint64 isList = -1;
        for (qint64 ms = 0; ms <= 2400000; ms += 10000) {
            qint64 next = never;
            const FeedSchedule::Overdue late = schedule.overdue(table, at(ms), next);
            QVERIFY(next > ms);
            const auto note = [ms](qint64 &first, bool isLate) { first = isLate && first < 0 ? ms : first; };
            note(areGates, late.areGates);
            note(areRuns, !late.pipelines.isEmpty());
            note(areOlder, !late.older.isEmpty());
            note(isList, late.isList);
        }
        QCOMPARE(areGates, gates);
        QCOMPARE(areRuns, runs);
        QCOMPARE(areOlder, older);
        QCOMPARE(isList, list);
    }

    void troubleIsMetWithPatience_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<int>("times");
        QTest::addColumn<int>("retryAfter");
        QTest::addColumn<qint64>("wait");
        QTest::addColumn<qint64>("quietUntil");
        QTest::newRow("once") << ErrorKind::Unreachable << 1 << 0 << 8000LL << 0LL;
        QTest::newRow("three times") << ErrorKind::TimedOut << 3 << 0 << 32000LL << 0LL;
        QTest::newRow("for hours") << ErrorKind::Unreachable << 40 << 0 << 256000LL << 0LL;
        QTest::newRow("it is gone") << ErrorKind::NotFound << 3 << 0 << 4000LL << 0LL;
        QTest::newRow("there is no such thing") << ErrorKind::Unsupported << 3 << 0 << 4000LL << 0LL;
        QTest::newRow("too much, no time told") << ErrorKind::RateLimited << 1 << 0 << 8000LL << 61000LL;
        QTest::newRow("too much, wait this long") << ErrorKind::RateLimited << 1 << 300000 << 8000LL << 301000LL;
    }
    void troubleIsMetWithPatience()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(int, times);
        QFETCH(int, retryAfter);
        QFETCH(qint64, wait);
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Turn &turn = table.lanes[QStringLiteral("p0")].turn;
        Error error = errorOfKind(kind);
        error.retryAfter = milliseconds(retryAfter);
        for (int i = 0; i < times; ++i) {
            turn.isWanted = true;
            qint64 next = never;
            QVERIFY(schedule.take(table, turn, at(1000), next));
            schedule.finish(table, turn, error, 4000, at(1000));
        }
        QCOMPARE(turn.dueAt, 1000 + wait);
        QTEST(table.quietUntil, "quietUntil");
        schedule.bePatient(table, milliseconds(0), at(-61000)); // a shorter one takes nothing away
        QTEST(table.quietUntil, "quietUntil");
        turn.isAsking = true;
        ++table.asking;
        schedule.finish(table, turn, std::nullopt, 4000, at(2000));
        QCOMPARE(turn.dueAt, 6000LL);
        QCOMPARE(turn.failures, 0);
    }

    void noWaitAfterFailuresIsLongerThanFiveMinutes_data()
    {
        QTest::addColumn<qint64>("interval");
        QTest::addColumn<qint64>("wait");
        QTest::newRow("runs") << 4000LL << 256000LL;
        QTest::newRow("gates") << 30000LL << 300000LL;
        QTest::newRow("a quiet pipeline") << 120000LL << 300000LL;
        QTest::newRow("the list of pipelines") << 600000LL << 600000LL; // it is as rare anyway
    }
    void noWaitAfterFailuresIsLongerThanFiveMinutes()
    {
        QFETCH(qint64, interval);
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Turn &turn = table.lanes[QStringLiteral("p0")].turn;
        turn.failures = 40;
        turn.isAsking = true;
        table.asking = 1;
        schedule.finish(table, turn, errorOfKind(ErrorKind::Unreachable), interval, at(0));
        QTEST(turn.dueAt, "wait");
    }

    // One answer says that the server is there again: the others need not find out for themselves.
    void oneAnswerEndsTheWaitOfAll()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(4);
        const auto turnOf = [&table](int lane) -> FeedSchedule::Turn & {
            return table.lanes[QStringLiteral("p%1").arg(lane)].turn;
        };
        const auto finish = [&](FeedSchedule::Turn &turn, const std::optional<Error> &error, qint64 interval) {
            turn.isAsking = true;
            ++table.asking;
            schedule.finish(table, turn, error, interval, at(0));
        };
        for (FeedSchedule::Turn *turn : {&turnOf(0), &turnOf(1), &turnOf(2), &table.gates}) {
            for (int i = 0; i < 6; ++i)
                finish(*turn, errorOfKind(ErrorKind::Unreachable), 120000);
            QCOMPARE(turn->dueAt, 300000LL);
        }
        finish(turnOf(3), std::nullopt, 120000); // it did not fail: it says nothing of the others
        QCOMPARE(turnOf(0).dueAt, 300000LL);
        finish(turnOf(2), std::nullopt, 120000);
        QCOMPARE(turnOf(2).dueAt, 120000LL);
        QSet<qint64> places;
        for (const FeedSchedule::Turn *turn : {&turnOf(0), &turnOf(1), &table.gates}) {
            QCOMPARE(turn->failures, 0);
            places.insert(turn->dueAt);
        }
        QCOMPARE(places, QSet<qint64>({40000, 80000, 120000})); // and not all at once
    }

    void eachQuietPipelineHasItsPlace()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(4);
        QSet<qint64> places;
        for (FeedSchedule::Lane &lane : table.lanes) {
            schedule.spread(table, lane, schedule.quietInterval(table, at(0)), at(0));
            places.insert(lane.turn.dueAt);
        }
        QCOMPARE(places, QSet<qint64>({60000, 90000, 120000, 150000}));
        FeedSchedule::Lane &lane = *table.lanes.begin();
        lane.turn.dueAt = 7;
        schedule.spread(table, lane, schedule.quietInterval(table, at(0)), at(0)); // it has one
        QCOMPARE(lane.turn.dueAt, 7LL);
        FeedSchedule::wantAll(table);
        schedule.spread(table, lane, 4000, at(0)); // it runs
        QCOMPARE(lane.turn.dueAt, 7LL);
        lane.turn.failures = 1;
        schedule.spread(table, lane, schedule.quietInterval(table, at(0)), at(0)); // it fails
        QCOMPARE(lane.turn.dueAt, 7LL);
    }

    void whoComesToLookStartsNoFlood()
    {
        FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(4);
        const auto dueAt = [&table](int lane) -> qint64 & {
            return table.lanes[QStringLiteral("p%1").arg(lane)].turn.dueAt;
        };
        dueAt(0) = 40000;
        dueAt(1) = 80000;
        dueAt(2) = 120000;
        dueAt(3) = 120000;
        table.lanes[QStringLiteral("p2")].turn.failures = 1;
        table.gates.dueAt = 100000;
        table.pipelines.dueAt = 600000;
        const RunStore::Entry quiet = entryOf({RunState::Passed}, 1);
        const RunStore::Entry busy = entryOf({RunState::Running}, 1);
        schedule.lookAt(true);
        schedule.hurry(
            table, [&](const QString &key) { return key == QStringLiteral("p3") ? &busy : &quiet; }, at(0));
        QCOMPARE(dueAt(0), 10000LL); // a quarter of what was left, as 30 s are of 120 s
        QCOMPARE(dueAt(1), 20000LL);
        QCOMPARE(dueAt(2), 30000LL); // though it failed
        QCOMPARE(dueAt(3), 4000LL);
        QCOMPARE(table.gates.dueAt, 30000LL);
        QCOMPARE(table.pipelines.dueAt, 600000LL);
        table.pipelines.failures = 1;
        schedule.hurry(
            table, [&](const QString &) { return &quiet; }, at(0));
        QCOMPARE(table.pipelines.dueAt, 30000LL); // it is not known which pipelines there are
        schedule.hurryGates(table, at(0));
        QCOMPARE(table.gates.dueAt, 4000LL);
    }

    void olderRunsThatGoOnTakeTurns()
    {
        FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Lane &lane = *table.lanes.begin();
        const QString seven = QStringLiteral("7");
        const QString three = QStringLiteral("3");
        schedule.noteOpen(table, lane, {seven, three}, true, at(1000));
        QCOMPARE(lane.older.dueAt, 61000LL); // each in two minutes
        QCOMPARE(lane.openReadAt.value(three), at(1000).wall);
        QCOMPARE(FeedSchedule::takeOpen(lane, at(61000)), seven);
        QCOMPARE(FeedSchedule::takeOpen(lane, at(121000)), three);
        QCOMPARE(FeedSchedule::takeOpen(lane, at(181000)), seven);
        schedule.noteOpen(table, lane, {three}, true, at(182000));
        QVERIFY(!lane.openReadAt.contains(seven));
        QCOMPARE(lane.openReadAt.value(three), at(1000).wall); // as long as it was not read again
        QCOMPARE(lane.older.dueAt, 61000LL);                   // its turn stays
        QCOMPARE(FeedSchedule::takeOpen(lane, at(300000)), three);
        QCOMPARE(schedule.openInterval(table, lane, at(300000)), 120000LL);
        QStringList many;
        for (int i = 0; i < 100; ++i)
            many.append(QString::number(i));
        schedule.noteOpen(table, lane, many, true, at(300000));
        QCOMPARE(schedule.openInterval(table, lane, at(300000)), 15000LL); // no faster than what runs
        schedule.lookAt(true);
        QCOMPARE(schedule.openInterval(table, lane, at(300000)), 4000LL);
    }

    // One that fell behind the newest page was seen when the page before it was read, not just now.
    void whatFellBehindTheNewestPageIsAsOldAsThePageThatToldIt()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Lane &lane = *table.lanes.begin();
        const QString seven = QStringLiteral("7");
        schedule.noteOpen(table, lane, {seven}, true, at(120000), at(4000).wall);
        QCOMPARE(lane.openReadAt.value(seven), at(4000).wall);
        schedule.noteOpen(table, lane, {seven}, true, at(240000), at(120000).wall); // this page told nothing of it
        QCOMPARE(lane.openReadAt.value(seven), at(4000).wall);
    }

    // Round after round, page by page: what was read in a round is as old as its beginning.
    void pagesBehindTheNewestAreReadInRounds()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Lane &lane = *table.lanes.begin();
        qint64 next = never;
        lane.turn.isWanted = false;
        lane.turn.dueAt = never;
        schedule.noteBehind(table, lane, true, at(0), at(-4000).wall);
        QCOMPARE(table.behindLanes, 1);
        QCOMPARE(lane.behind.dueAt, 600000LL);
        QCOMPARE(lane.roundReadAt, at(-4000).wall);
        QVERIFY(FeedSchedule::due(table, at(599999), next).isEmpty());
        QCOMPARE(next, 600000LL);
        const QList<FeedSchedule::Due> due = FeedSchedule::due(table, at(600000), next);
        QCOMPARE(due.size(), 1);
        QVERIFY(due.first().of == FeedSchedule::Due::Of::Behind);
        QCOMPARE(FeedSchedule::takeBehind(lane, at(600000)), QString());
        FeedSchedule::endBehind(lane, QStringLiteral("2"), false);
        schedule.noteBehind(table, lane, true, at(600100)); // as after each answer
        QCOMPARE(FeedSchedule::takeBehind(lane, at(720000)), QStringLiteral("2"));
        QCOMPARE(lane.roundReadAt, at(-4000).wall);
        FeedSchedule::endBehind(lane, {}, true);
        QCOMPARE(lane.roundReadAt, at(600000).wall);
        QCOMPARE(FeedSchedule::takeBehind(lane, at(1320000)), QString());
        FeedSchedule::endBehind(lane, {}, false); // it could not be read
        QCOMPARE(lane.roundReadAt, at(600000).wall);
        schedule.noteBehind(table, lane, false, at(1320000));
        QCOMPARE(table.behindLanes, 0);
        QVERIFY(FeedSchedule::due(table, at(9000000), next).isEmpty());
    }

    // A fifth of a question each, in the time of all.
    void pagesBehindTheNewestCostLittle()
    {
        const FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(500);
        for (FeedSchedule::Lane &lane : table.lanes)
            schedule.noteBehind(table, lane, true, at(0));
        QCOMPARE(schedule.quietInterval(table, at(0)), 300000LL);
        QCOMPARE(schedule.behindInterval(table, at(0)), 1500000LL);
        QCOMPARE(schedule.pageInterval(table, at(0)), 500000LL);
        QCOMPARE(schedule.pageInterval(tableOf(1), at(0)), 15000LL);
        table.lanes.erase(table.lanes.begin());
        FeedSchedule::countOpen(table);
        QCOMPARE(table.behindLanes, 499);
    }

    // Twenty that wait for people are no reason to ask every few seconds, for hours.
    void olderRunsThatWaitAreAskedForSeldom()
    {
        FeedSchedule schedule{PipelineFeed::Timing()};
        FeedSchedule::Table table = tableOf(1);
        FeedSchedule::Lane &lane = *table.lanes.begin();
        RunStore::Entry entry = entryOf(QList<RunState>(20, RunState::Waiting), 0);
        entry.runs[3].state = RunState::Unknown;
        QVERIFY(!isOlderRunning(entry));
        schedule.noteOpen(table, lane, openOlder(entry), isOlderRunning(entry), at(0));
        QCOMPARE(lane.open.size(), 20);
        QCOMPARE(lane.older.dueAt, 120000LL);
        schedule.lookAt(true);
        QCOMPARE(schedule.openInterval(table, lane, at(0)), 30000LL);
        entry.runs[4].state = RunState::Running;
        QVERIFY(isOlderRunning(entry));
        schedule.noteOpen(table, lane, openOlder(entry), isOlderRunning(entry), at(0));
        QCOMPARE(schedule.openInterval(table, lane, at(0)), 4000LL);
        QCOMPARE(lane.older.dueAt, 4000LL);
        entry.newest = 5; // it is of the newest page
        QVERIFY(!isOlderRunning(entry));
    }

    // Two questions a second, those for older runs with them.
    void pipelinesWithOlderRunsCountTwice()
    {
        FeedSchedule schedule{PipelineFeed::Timing()};
        schedule.lookAt(true);
        FeedSchedule::Table table = tableOf(500);
        for (FeedSchedule::Lane &lane : table.lanes)
            schedule.noteOpen(table, lane, {QStringLiteral("7")}, false, at(0));
        QCOMPARE(table.openLanes, 500);
        QCOMPARE(schedule.quietInterval(table, at(0)), 500000LL);
        QCOMPARE(schedule.openInterval(table, *table.lanes.begin(), at(0)), 500000LL);
        QCOMPARE(schedule.gatesInterval(table, at(0)), 250000LL);
        schedule.noteOpen(table, *table.lanes.begin(), {QStringLiteral("7"), QStringLiteral("8")}, false, at(0));
        QCOMPARE(table.openLanes, 500);
        schedule.noteOpen(table, *table.lanes.begin(), {}, false, at(0));
        QCOMPARE(table.openLanes, 499);
        table.lanes.erase(std::next(table.lanes.begin()));
        FeedSchedule::countOpen(table);
        QCOMPARE(table.openLanes, 498);
    }
};

QTEST_GUILESS_MAIN(TestFeedSchedule)
#include "test_feedschedule.moc"
