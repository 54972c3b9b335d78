// What 500 repositories in which nothing happens cost of the hourly budget, with the product's own intervals, adapter
// and HTTP client against the stand-in; only the hour is a simulated one.
#include "services/pipelines/pipelinefeed.h"
#include "tests/contract/github/githubfleet.h"
#include "tests/support/eventsuntil.h"
#include "tests/support/fakeclock.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int repositories = 500;
constexpr int mostCounted = 200; // in an hour

} // namespace

class TestGitHubQuietHour : public QObject
{
    Q_OBJECT
private slots:
    void costsLittle_data()
    {
        QTest::addColumn<bool>("isLookedAt");
        QTest::newRow("looked at") << true;
        QTest::newRow("in the background") << false;
    }
    void costsLittle()
    {
        QFETCH(bool, isLookedAt);
        GitHubFleet fleet(repositories);
        QVERIFY2(fleet.problem().isEmpty(), qPrintable(fleet.problem()));
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        PipelineSet servers;
        servers.add(fleet.connection());
        RunStore store;
        PipelineFeed feed(servers, store, timing);
        feed.lookAt(isLookedAt);
        const auto settles = [&feed] { return eventsUntil([&feed] { return feed.asking() == 0; }); };
        feed.start();
        QVERIFY(settles());
        QVERIFY(settles()); // runs are asked for once their pipelines are known
        QCOMPARE(store.byKey().size(), repositories);
        for (const RunStore::Entry &entry : store.byKey())
            QVERIFY2(entry.freshness.isLive(),
                     qPrintable(entry.freshness.error ? entry.freshness.error->message : QString()));
        const int first = fleet.counted();
        const int asked = fleet.asked();
        int most = 0;
        for (int minute = 0; minute < 60; ++minute) {
            const int before = fleet.asked();
            for (int i = 0; i < 12; ++i) {
                clock.advance(std::chrono::seconds(5));
                QVERIFY(settles());
            }
            most = std::max(most, fleet.asked() - before);
        }
        const int counted = fleet.counted() - first;
        qInfo("first list: %d counted; quiet hour: %d asked, %d counted, at most %d a minute", first,
              fleet.asked() - asked, counted, most);
        QVERIFY2(counted < mostCounted, qPrintable(QString::number(counted)));
        QVERIFY(fleet.asked() - asked > 3 * repositories); // it did go on asking
        for (const RunStore::Entry &entry : store.byKey())
            QVERIFY(entry.freshness.isLive());
    }

    // Those that ended may begin again, hence their pages are read again; pages that are the same are not counted.
    void olderRunsThatAreListedCostNothing()
    {
        GitHubFleet fleet(20, 3);
        QVERIFY2(fleet.problem().isEmpty(), qPrintable(fleet.problem()));
        FakeClock clock;
        PipelineFeed::Timing timing;
        timing.clock = &clock;
        PipelineSet servers;
        servers.add(fleet.connection());
        RunStore store;
        PipelineFeed feed(servers, store, timing);
        const auto settle = [&feed] {
            while (feed.asking() > 0)
                QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
        };
        feed.start();
        settle();
        settle();
        for (const QString &key : store.byKey().keys())
            feed.loadMore(key);
        settle();
        int more = 0;
        for (const RunStore::Entry &entry : store.byKey())
            more += int(entry.runs.size() > entry.newest);
        QVERIFY2(more >= 15, qPrintable(QString::number(more)));
        const int first = fleet.counted();
        const int asked = fleet.asked();
        for (int i = 0; i < 60 * 12; ++i) {
            clock.advance(std::chrono::seconds(5));
            settle();
        }
        const int counted = fleet.counted() - first;
        qInfo("older runs of %d: %d asked, %d counted", more, fleet.asked() - asked, counted);
        QVERIFY2(counted < 20, qPrintable(QString::number(counted)));
        for (const RunStore::Entry &entry : store.byKey()) {
            QVERIFY(entry.freshness.isLive());
            QVERIFY(entry.staleRuns.isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestGitHubQuietHour)
#include "test_githubquiethour.moc"
