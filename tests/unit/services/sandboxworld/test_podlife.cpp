#include "services/sandbox/world/podlife.h"

#include <QTest>

using namespace signalbox::sandbox;

namespace
{

QString named(const std::vector<PodEvent> &events)
{
    static const char *const names[] = {"pulling", "pulled", "present", "pullFailed", "pullBackOff",
                                        "started", "ready",  "exited",  "backOff"};
    QStringList list;
    for (const PodEvent event : events)
        list.append(QString::fromLatin1(names[static_cast<int>(event)]));
    return list.join(u' ');
}

} // namespace

class PodLifeTest : public QObject
{
    Q_OBJECT
private slots:
    void goesItsWay_data()
    {
        QTest::addColumn<bool>("canPull");
        QTest::addColumn<bool>("isCached");
        QTest::addColumn<int>("crashAfterMs");
        QTest::addColumn<int>("afterMs");
        QTest::addColumn<QString>("events");
        QTest::addColumn<int>("restarts");
        QTest::newRow("pulls") << true << false << 0 << 3999 << "pulling" << 0;
        QTest::newRow("warms up") << true << false << 0 << 4500 << "pulling pulled started" << 0;
        QTest::newRow("gets ready") << true << false << 0 << 9000 << "pulling pulled started ready" << 0;
        QTest::newRow("has the image") << true << true << 0 << 5300 << "pulling present started ready" << 0;
        QTest::newRow("image gone") << false << false << 0 << 7000 << "pulling pullFailed pullBackOff" << 0;
        QTest::newRow("image gone, tries again")
            << false << false << 0 << 17000 << "pulling pullFailed pullBackOff pulling pullFailed" << 0;
        QTest::newRow("image gone but cached") << false << true << 0 << 6000 << "pulling present started ready" << 0;
        QTest::newRow("crashes while it warms up")
            << true << true << 2000 << 3400 << "pulling present started exited backOff" << 0;
        QTest::newRow("comes back") << true << true << 2000 << 13400 << "pulling present started exited backOff started"
                                    << 1;
        QTest::newRow("crashes once ready")
            << true << true << 8000 << 9400 << "pulling present started ready exited backOff" << 0;
    }
    void goesItsWay()
    {
        QFETCH(bool, canPull);
        QFETCH(bool, isCached);
        QFETCH(int, crashAfterMs);
        QFETCH(int, afterMs);
        QFETCH(QString, events);
        QFETCH(int, restarts);
        PodCircumstances now;
        now.canPull = canPull;
        now.isCached = isCached;
        now.crashAfterMs = crashAfterMs;
        PodLife life;
        constexpr std::int64_t begin = 1'000'000;
        schedule(life, begin);
        std::vector<PodEvent> seen;
        for (std::int64_t at = begin; at <= begin + afterMs; at += 100) {
            for (const PodEvent event : advance(life, now, at))
                seen.push_back(event);
        }
        QCOMPARE(named(seen), events);
        QCOMPARE(life.restarts, restarts);
    }

    void oneLongStepIsLikeManyShortOnes()
    {
        PodCircumstances now;
        now.isCached = true;
        now.crashAfterMs = 3000;
        PodLife slow;
        PodLife fast;
        schedule(slow, 1000);
        schedule(fast, 1000);
        std::vector<PodEvent> bySteps;
        for (std::int64_t at = 1000; at <= 301'000; at += 1000) {
            for (const PodEvent event : advance(slow, now, at))
                bySteps.push_back(event);
        }
        QCOMPARE(named(advance(fast, now, 301'000)), named(bySteps));
        QCOMPARE(fast.nextMs, slow.nextMs);
        QVERIFY(fast.restarts >= 4);
    }

    void backOffDoublesUpToFiveMinutes()
    {
        QCOMPARE(backOffMs(1), 10'000);
        QCOMPARE(backOffMs(2), 20'000);
        QCOMPARE(backOffMs(5), 160'000);
        QCOMPARE(backOffMs(6), 300'000);
        QCOMPARE(backOffMs(60), 300'000);
    }

    void memoryEndsAContainerThatRuns()
    {
        PodCircumstances now;
        now.isCached = true;
        PodLife life;
        QVERIFY(kill(life, 137, "OOMKilled", 500).empty());
        schedule(life, 1000);
        advance(life, now, 10'000);
        QCOMPARE(named(kill(life, 137, "OOMKilled", 20'000)), QStringLiteral("exited"));
        QCOMPARE(life.last.exitCode, 137);
        QCOMPARE(named(advance(life, now, 40'000)), QStringLiteral("backOff started ready"));
        QCOMPARE(life.restarts, 1);
    }
};

QTEST_APPLESS_MAIN(PodLifeTest)
#include "test_podlife.moc"
