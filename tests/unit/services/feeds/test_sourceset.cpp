#include "services/feeds/sourceset.h"
#include "tests/support/fakesource.h"

#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

const QString shop = QStringLiteral("shop");
const Error unreachable{ErrorKind::Unreachable, QStringLiteral("git.example does not answer."), {}};

struct World
{
    explicit World(SourceSet::Times times = {10min, 15s, 15min})
        : set(times)
    {}
    FakeSource &add(bool answersAtOnce)
    {
        auto source = std::make_unique<FakeSource>(shop);
        FakeSource &made = *source;
        made.answersAtOnce = answersAtOnce;
        set.add(std::move(source));
        return made;
    }
    Freshness::State state() const { return set.state(shop).freshness.state; }
    qint64 nextInSeconds() const { return QDateTime::currentDateTimeUtc().secsTo(set.state(shop).nextAt); }

    SourceSet set;
};

} // namespace

class TestSourceSet : public QObject
{
    Q_OBJECT
private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void fetchesByItselfAndSaysHowFarItIs()
    {
        World world;
        FakeSource &source = world.add(false);
        QCOMPARE(world.state(), Freshness::State::Loading);
        QTRY_COMPARE(source.updates, 1);
        QVERIFY(world.set.state(shop).isFetching);
        const QSignalSpy spy(&world.set, &SourceSet::changed);
        source.tellProgress(20, 100);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(world.set.state(shop).progress.totalObjects, 100);
        source.endUpdate({});
        QTRY_COMPARE(world.state(), Freshness::State::Live);
        QVERIFY(!world.set.state(shop).isFetching);
        QVERIFY(world.set.state(shop).freshness.lastHeard.isValid());
        const qint64 next = world.nextInSeconds();
        QVERIFY2(next > 590 && next <= 600, qPrintable(QString::number(next)));
    }

    void triesLessAndLessOftenWhileItFails()
    {
        World world;
        FakeSource &source = world.add(false);
        QList<qint64> waits;
        for (int i = 1; i <= 8; ++i) {
            QTRY_COMPARE(source.updates, i);
            source.endUpdate(unreachable);
            QTRY_VERIFY(!world.set.state(shop).isFetching);
            waits << world.nextInSeconds();
            world.set.fetch(shop); // the operator does not wait
        }
        QCOMPARE(world.set.state(shop).freshness.error->message, unreachable.message);
        for (qsizetype i = 1; i < 6; ++i)
            QVERIFY2(waits[i] > waits[i - 1], qPrintable(QString::number(waits[i])));
        QVERIFY(waits.last() <= 900);
        QVERIFY(waits.last() > 890);
    }

    void whatWasFetchedBeforeStaysAndIsCalledStale()
    {
        World world;
        FakeSource &source = world.add(false);
        QTRY_COMPARE(source.updates, 1);
        source.endUpdate({});
        QTRY_COMPARE(world.state(), Freshness::State::Live);
        world.set.fetch(shop);
        source.endUpdate(unreachable);
        QTRY_COMPARE(world.state(), Freshness::State::Stale);
        QVERIFY(world.set.state(shop).freshness.lastHeard.isValid());
    }

    void neverFetched_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<Freshness::State>("state");
        QTest::newRow("unreachable") << ErrorKind::Unreachable << Freshness::State::Failed;
        QTest::newRow("not allowed") << ErrorKind::Forbidden << Freshness::State::Denied;
        QTest::newRow("not signed in") << ErrorKind::Unauthorized << Freshness::State::Denied;
    }
    void neverFetched()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(Freshness::State, state);
        World world;
        FakeSource &source = world.add(false);
        QTRY_COMPARE(source.updates, 1);
        source.endUpdate(Error{kind, QStringLiteral("no"), {}});
        QTRY_COMPARE(world.state(), state);
    }

    void aStopEndsItUntilSomebodyAsks()
    {
        World world;
        FakeSource &source = world.add(false);
        QTRY_COMPARE(source.updates, 1);
        world.set.stopFetching(shop);
        QVERIFY(source.isStopAsked());
        source.endUpdate(Error{ErrorKind::Cancelled, QStringLiteral("Stopped."), {}});
        QTRY_VERIFY(!world.set.state(shop).isFetching);
        QVERIFY(world.set.state(shop).isStopped);
        QVERIFY(!world.set.state(shop).nextAt.isValid());
        world.set.fetch(shop);
        QCOMPARE(source.updates, 2);
        QVERIFY(!source.isStopAsked());
        QVERIFY(!world.set.state(shop).isStopped);
    }

    void whatNobodyFetchesAnyMoreIsNotLive()
    {
        World world;
        FakeSource &source = world.add(false);
        QTRY_COMPARE(source.updates, 1);
        source.endUpdate({});
        QTRY_COMPARE(world.state(), Freshness::State::Live);
        world.set.fetch(shop);
        world.set.stopFetching(shop);
        source.endUpdate(Error{ErrorKind::Cancelled, QStringLiteral("Stopped."), {}});
        QTRY_VERIFY(!world.set.state(shop).isFetching);
        QCOMPARE(world.state(), Freshness::State::Stale);
        QVERIFY(world.set.state(shop).freshness.error.has_value());
    }

    void theWorkspaceSaysWhichRepositoryAnApplicationIsIn()
    {
        World world;
        FakeSource &source = world.add(true);
        QCOMPARE(world.set.of(QStringLiteral("cart")), nullptr);
        world.set.setRepositoryOf(
            [](const QString &application) { return application == QLatin1String("cart") ? shop : QString(); });
        QCOMPARE(world.set.of(QStringLiteral("cart")), &source);
        QCOMPARE(world.set.of(QStringLiteral("other")), nullptr);
        world.set.remove(shop);
        QCOMPARE(world.set.of(QStringLiteral("cart")), nullptr);
        QCOMPARE(world.state(), Freshness::State::Absent);
    }

    void oneThatGoesWhileItIsFetchedSaysNothingMore()
    {
        World world;
        FakeSource &source = world.add(false);
        QTRY_COMPARE(source.updates, 1);
        const QSignalSpy spy(&world.set, &SourceSet::changed);
        world.set.clear();
        QTest::qWait(20);
        QCOMPARE(spy.size(), 0);
    }
};

QTEST_GUILESS_MAIN(TestSourceSet)
#include "test_sourceset.moc"
