#include "services/feeds/metricset.h"
#include "tests/gui/metrics/metricsworld.h"
#include "tests/support/fakemetricsource.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/operation/metricrow.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QScopeGuard>
#include <QTest>

using namespace signalbox;
using test::FakeMetricSource;
using test::MetricsWorld;

class TestMetricRow : public QObject
{
    Q_OBJECT
private slots:
    void aSumIsNoTracksFigure_data();
    void aSumIsNoTracksFigure();
    void nothingPassesWithoutAFigure_data();
    void nothingPassesWithoutAFigure();
    void fewRequestsProveNothing_data();
    void fewRequestsProveNothing();
    void whoGetsTrafficDecidesAtOnceWhoIsJudged();
    void probesAreNoMeasure();
    void whatFailedItselfIsNoMeasure();
    void whatWasNotedStaysWhileItsTrackIsIdle();
    void whatBeginsToFailIsJudgedByStill();
    void whatIsOpenedLateIsJudgedByWhatItSees_data();
    void whatIsOpenedLateIsJudgedByWhatItSees();
    void asksAnewWhatMovedWhileNobodyLooked();
    void whatIsMeasuredLaterAppearsAndWhatWasMeasuredStays();
};

namespace
{

FakeMetricSource *addSource(MetricSet &metrics, const QString &trackLabel)
{
    auto made = std::make_unique<FakeMetricSource>();
    FakeMetricSource *const source = made.get();
    MetricPanel requests =
        FakeMetricSource::panel(QStringLiteral("requests"), QStringLiteral("Requests"), QStringLiteral("req/s"));
    requests.trackLabel = trackLabel;
    source->suggestions = {requests};
    metrics.add(std::move(made));
    return source;
}

// Cart with one panel, judged by blue.
struct JudgedRow
{
    explicit JudgedRow(const QString &panelId, const QString &unit)
        : source(addSource(world.metrics, QStringLiteral("slot")))
        , id(panelId)
        , row(world.metrics, nullptr, {panelId})
    {
        source->suggestions = {FakeMetricSource::panel(panelId, panelId, unit)};
        cart.tracks[0].since = cart.tracks[1].since.addDays(-6);
    }
    void giveGreen(double share)
    {
        cart.tracks[0].share = 1 - share;
        cart.tracks[1].share = share;
        row.setSubject(cart);
        row.setStable(stableTrackOf(cart));
    }
    QString word() const
    {
        const auto *const badge = row.findChild<Badge *>(QStringLiteral("verdict"));
        return badge ? badge->text() : QString();
    }
    Health health(const char *track) const { return row.verdict(id, QString::fromLatin1(track)).health; }

    MetricsWorld world;
    FakeMetricSource *source;
    QString id;
    Deployed cart = MetricsWorld::cart(QDateTime::currentDateTimeUtc().addSecs(-360));
    MetricRow row;
};

} // namespace

void TestMetricRow::aSumIsNoTracksFigure_data()
{
    QTest::addColumn<QString>("trackLabel");
    QTest::addColumn<bool>("hasTwoTracks");
    QTest::addColumn<bool>("isKnown");
    QTest::newRow("a series a track") << QStringLiteral("slot") << true << true;
    QTest::newRow("one series for two tracks") << QString() << true << false;
    QTest::newRow("one series, one track") << QString() << false << true;
}

void TestMetricRow::aSumIsNoTracksFigure()
{
    QFETCH(QString, trackLabel);
    QFETCH(bool, hasTwoTracks);
    QFETCH(bool, isKnown);
    MetricsWorld world;
    FakeMetricSource *const source = addSource(world.metrics, trackLabel);
    source->tracks = {QStringLiteral("blue")};
    Deployed cart = MetricsWorld::cart(QDateTime::currentDateTimeUtc().addSecs(-360));
    if (!hasTwoTracks)
        cart.tracks.removeLast();
    MetricRow row(world.metrics, nullptr, {QStringLiteral("requests")});
    row.setSubject(cart);
    row.setActive(true);
    QTRY_VERIFY(row.hasCharts());
    QTRY_VERIFY(!source->asked.isEmpty());
    QTest::qWait(50); // the answer is there
    QCOMPARE(row.latestValue(QStringLiteral("requests"), QStringLiteral("blue")).has_value(), isKnown);
    if (hasTwoTracks)
        QVERIFY(row.latest(QStringLiteral("requests"), QStringLiteral("green")).isEmpty());
}

void TestMetricRow::nothingPassesWithoutAFigure_data()
{
    QTest::addColumn<double>("blueFigure");
    QTest::addColumn<double>("greenShare");
    QTest::addColumn<bool>("isGreenBad");
    QTest::addColumn<Freshness::State>("shares");
    QTest::addColumn<QString>("expected");
    const Freshness::State live = Freshness::State::Live;
    QTest::newRow("green gets traffic and has no figure") << 0.1 << 0.5 << false << live << QStringLiteral("no data");
    QTest::newRow("green gets none") << 0.1 << 0.0 << false << live << QStringLiteral("pass");
    QTest::newRow("what fails is said first") << 9.0 << 0.5 << false << live << QStringLiteral("fail");
    QTest::newRow("green fails") << 0.1 << 0.5 << true << live << QStringLiteral("fail");
    QTest::newRow("green failed, and gets none any more") << 0.1 << 0.0 << true << live << QStringLiteral("pass");
    const Freshness::State stale = Freshness::State::Stale;
    QTest::newRow("green fails, and that it gets none is old") << 0.1 << 0.0 << true << stale << QStringLiteral("fail");
    QTest::newRow("that green gets none is old, and it has no figure")
        << 0.1 << 0.0 << false << stale << QStringLiteral("no data");
}

void TestMetricRow::nothingPassesWithoutAFigure()
{
    QFETCH(double, blueFigure);
    QFETCH(double, greenShare);
    QFETCH(bool, isGreenBad);
    QFETCH(Freshness::State, shares);
    QFETCH(QString, expected);
    MetricsWorld world;
    FakeMetricSource *const source = addSource(world.metrics, QStringLiteral("slot"));
    MetricPanel errors =
        FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Errors"), QStringLiteral("percent"));
    errors.limit = 5;
    source->suggestions = {errors};
    source->tracks = {QStringLiteral("blue")};
    if (isGreenBad)
        source->tracks << QStringLiteral("green");
    source->value = [blueFigure](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 9.0 : blueFigure;
    };
    Deployed cart = MetricsWorld::cart(QDateTime::currentDateTimeUtc().addSecs(-360));
    cart.tracks[0].share = 1 - greenShare;
    cart.tracks[1].share = greenShare;
    cart.freshness.state = shares;
    MetricRow row(world.metrics, nullptr, {QStringLiteral("errors")});
    row.setSubject(cart);
    row.setStable(QStringLiteral("blue"));
    row.setActive(true);
    QTRY_VERIFY(row.findChild<Badge *>(QStringLiteral("verdict")));
    QTRY_COMPARE(row.findChild<Badge *>(QStringLiteral("verdict"))->text(), expected);
}

void TestMetricRow::fewRequestsProveNothing_data()
{
    QTest::addColumn<double>("perSecond");
    QTest::addColumn<double>("errors"); // per cent
    QTest::addColumn<QString>("expected");
    QTest::newRow("many") << 10.0 << 0.1 << QStringLiteral("pass");
    QTest::newRow("six in five minutes") << 0.02 << 0.0 << QStringLiteral("too few");
    QTest::newRow("one of six failed") << 0.02 << 16.7 << QStringLiteral("watch");
    QTest::newRow("three of six failed") << 0.02 << 50.0 << QStringLiteral("fail");
}

// Also where the requests are no chart of the row.
void TestMetricRow::fewRequestsProveNothing()
{
    QFETCH(double, perSecond);
    QFETCH(double, errors);
    QFETCH(QString, expected);
    JudgedRow judged(QStringLiteral("errors"), QStringLiteral("percent"));
    judged.source->suggestions << FakeMetricSource::panel(QStringLiteral("requests"), QStringLiteral("Requests"),
                                                          QStringLiteral("per second"));
    judged.source->value = [=](const QString &expression, const QString &track, qint64) {
        const bool isGreen = track == QLatin1String("green");
        if (expression.startsWith(QLatin1String("requests")))
            return isGreen ? perSecond : 100.0;
        return isGreen ? errors : 0.1;
    };
    judged.giveGreen(0.5);
    judged.row.setActive(true);
    QTRY_VERIFY(std::any_of(judged.source->asked.cbegin(), judged.source->asked.cend(), [](const RangeQuery &query) {
        return query.expression.startsWith(QLatin1String("requests"));
    }));
    QTRY_COMPARE(judged.word(), expected);
    QCOMPARE(judged.row.findChildren<ChartPanel *>().size(), 1);
    QCOMPARE(judged.row.verdict(judged.id, QStringLiteral("green")).tooFew.has_value(),
             expected == QLatin1String("too few"));
}

// No new figure arrives meanwhile.
void TestMetricRow::whoGetsTrafficDecidesAtOnceWhoIsJudged()
{
    JudgedRow judged(QStringLiteral("errors"), QStringLiteral("percent"));
    judged.source->value = [](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 9.0 : 0.1;
    };
    judged.source->suggestions[0].limit = 5;
    judged.giveGreen(0.5);
    judged.row.setActive(true);
    QTRY_COMPARE(judged.word(), QStringLiteral("fail"));
    QCOMPARE(judged.health("green"), Health::Failing);
    judged.row.setActive(false);

    judged.giveGreen(0);
    QCOMPARE(judged.word(), QStringLiteral("pass"));
    QCOMPARE(judged.health("green"), Health::Unknown); // the card says the same as the pill
    judged.giveGreen(0.1);
    QCOMPARE(judged.word(), QStringLiteral("fail"));
    QCOMPARE(judged.health("green"), Health::Failing);
    judged.cart.freshness.state = Freshness::State::Stale;
    judged.giveGreen(0);
    QCOMPARE(judged.health("green"), Health::Failing);
}

void TestMetricRow::probesAreNoMeasure()
{
    JudgedRow judged(QStringLiteral("latency-p95"), QStringLiteral("ms"));
    bool isDrained = false;
    judged.source->value = [&isDrained](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 190.0 : isDrained ? 3.0 : 180.0;
    };
    judged.giveGreen(0.5);
    judged.row.setActive(true);
    QTRY_COMPARE(judged.health("green"), Health::Ok);

    judged.giveGreen(1);
    isDrained = true;
    judged.source->suggestions[0].expression += QLatin1Char(' '); // measured otherwise: everything is read anew
    judged.cart.tracks[1].workloads[0].name = QStringLiteral("cart-green-2");
    judged.giveGreen(1);
    const qsizetype asked = judged.source->asked.size();
    QTRY_VERIFY(judged.source->asked.size() > asked);
    QTRY_COMPARE(judged.row.latest(judged.id, QStringLiteral("blue")), QStringLiteral("3 ms"));
    QCOMPARE(judged.health("green"), Health::Ok); // by what blue did while it got traffic
    QCOMPARE(judged.word(), QStringLiteral("pass"));

    JudgedRow late(QStringLiteral("latency-p95"), QStringLiteral("ms")); // opened when it was over
    late.source->value = [](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 190.0 : 3.0;
    };
    late.giveGreen(1);
    late.row.setActive(true);
    QTRY_VERIFY(!late.row.latest(late.id, QStringLiteral("green")).isEmpty());
    QCOMPARE(late.health("green"), Health::Unknown);
    QCOMPARE(late.word(), QString());
}

// Green failed beside blue; what takes its place must not pass with twice of that.
void TestMetricRow::whatFailedItselfIsNoMeasure()
{
    JudgedRow judged(QStringLiteral("errors"), QStringLiteral("percent"));
    double blue = 0.1;
    judged.source->value = [&blue](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 7.0 : blue;
    };
    judged.giveGreen(0.5);
    judged.row.setActive(true);
    QTRY_COMPARE(judged.health("green"), Health::Failing);

    judged.cart.tracks[0].since = judged.cart.tracks[1].since.addSecs(60);
    judged.cart.tracks[0].templateHash = QStringLiteral("hotfix");
    blue = 14;
    judged.giveGreen(0);
    QCOMPARE(stableTrackOf(judged.cart), QStringLiteral("green"));
    QCOMPARE(judged.health("blue"), Health::Unknown);
}

// Full traffic has no end: what is known of the version before must not run out while the new one fails.
void TestMetricRow::whatWasNotedStaysWhileItsTrackIsIdle()
{
    const QDateTime begin = QDateTime::currentDateTimeUtc();
    AgeTicker::freezeAt(begin);
    const auto thaw = qScopeGuard([] { AgeTicker::freezeAt({}); });
    JudgedRow judged(QStringLiteral("latency-p95"), QStringLiteral("ms"));
    bool isDrained = false;
    judged.source->value = [&isDrained](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 900.0 : isDrained ? 3.0 : 180.0;
    };
    judged.cart.tracks[1].templateHash = QStringLiteral("first");
    judged.giveGreen(0.5);
    judged.row.setActive(true);
    QTRY_COMPARE(judged.health("green"), Health::Failing);

    isDrained = true;
    judged.giveGreen(1);
    QCOMPARE(judged.health("green"), Health::Failing);
    judged.row.setActive(false);
    AgeTicker::freezeAt(begin.addSecs(40 * 60)); // nothing of before is in the chart
    judged.row.setActive(true);
    QTRY_COMPARE(judged.row.latest(judged.id, QStringLiteral("blue")), QStringLiteral("3 ms"));
    QTRY_COMPARE(judged.health("green"), Health::Failing);

    judged.cart.tracks[1].templateHash = QStringLiteral("second"); // that one never ran beside it
    judged.giveGreen(1);
    QCOMPARE(judged.health("green"), Health::Unknown);
}

void TestMetricRow::whatBeginsToFailIsJudgedByStill()
{
    JudgedRow judged(QStringLiteral("errors"), QStringLiteral("percent"));
    double blue = 0.1;
    judged.source->value = [&blue](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? 7.0 : blue;
    };
    judged.giveGreen(0.5);
    judged.row.setActive(true);
    QTRY_COMPARE(judged.health("green"), Health::Failing);

    judged.cart.tracks[0].health = Health::Failing; // by its pods
    blue = 14;
    judged.giveGreen(0.4);
    QCOMPARE(judged.health("green"), Health::Failing);
    judged.source->suggestions[0].expression += QLatin1Char(' '); // measured otherwise: everything is read anew
    judged.cart.tracks[1].workloads[0].name = QStringLiteral("cart-green-2");
    judged.giveGreen(0.4);
    QTRY_COMPARE(judged.row.latest(judged.id, QStringLiteral("blue")), QStringLiteral("14 %"));
    QCOMPARE(judged.health("green"), Health::Failing);
}

void TestMetricRow::whatIsOpenedLateIsJudgedByWhatItSees_data()
{
    QTest::addColumn<QString>("panel");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<double>("green");
    QTest::addColumn<Health>("expected");
    QTest::newRow("many errors beside few")
        << QStringLiteral("errors") << QStringLiteral("percent") << 30.0 << Health::Failing;
    QTest::newRow("few errors beside few")
        << QStringLiteral("errors") << QStringLiteral("percent") << 0.4 << Health::Ok;
    QTest::newRow("probes are faster than any request")
        << QStringLiteral("latency-p95") << QStringLiteral("ms") << 30.0 << Health::Unknown;
}

void TestMetricRow::whatIsOpenedLateIsJudgedByWhatItSees()
{
    QFETCH(QString, panel);
    QFETCH(QString, unit);
    QFETCH(double, green);
    QFETCH(Health, expected);
    JudgedRow judged(panel, unit);
    judged.source->value = [green](const QString &, const QString &track, qint64) {
        return track == QLatin1String("green") ? green : 0.1;
    };
    judged.giveGreen(1);
    judged.row.setActive(true);
    QTRY_VERIFY(!judged.row.latest(judged.id, QStringLiteral("green")).isEmpty());
    QCOMPARE(judged.health("green"), expected);
}

void TestMetricRow::asksAnewWhatMovedWhileNobodyLooked()
{
    MetricsWorld world;
    FakeMetricSource *const source = addSource(world.metrics, QStringLiteral("slot"));
    Deployed cart = MetricsWorld::cart(QDateTime::currentDateTimeUtc().addSecs(-360));
    MetricRow row(world.metrics, nullptr, {QStringLiteral("requests")});
    row.setSubject(cart);
    row.setActive(true);
    QTRY_VERIFY(row.hasCharts());
    QCOMPARE(source->subjects.size(), 1);

    row.setActive(false);
    cart.tracks.last().workloads.first().name = QStringLiteral("cart-green-2");
    row.setSubject(cart);
    QCOMPARE(source->subjects.size(), 1);
    row.setActive(true);
    QTRY_COMPARE(source->subjects.size(), 2);
    QCOMPARE(source->subjects.last().tracks.last().workloads, QStringList{QStringLiteral("cart-green-2")});
    QTest::qWait(20); // the answer is there
    row.setActive(false);
    row.setActive(true); // nothing moved
    QTest::qWait(20);
    QCOMPARE(source->subjects.size(), 2);
}

void TestMetricRow::whatIsMeasuredLaterAppearsAndWhatWasMeasuredStays()
{
    MetricsWorld world;
    FakeMetricSource *const source = addSource(world.metrics, QStringLiteral("slot"));
    const QList<MetricPanel> first = source->suggestions;
    source->suggestions.clear(); // nothing has been scraped yet
    MetricRow row(world.metrics, nullptr, {QStringLiteral("requests"), QStringLiteral("errors")});
    row.setLookAgainEvery(std::chrono::milliseconds(20));
    row.setSubject(MetricsWorld::cart(QDateTime::currentDateTimeUtc().addSecs(-360)));
    row.setActive(true);
    QTRY_VERIFY(source->subjects.size() > 2);
    QVERIFY(!row.hasCharts());

    source->suggestions = first;
    QTRY_COMPARE(row.findChildren<ChartPanel *>().size(), 1);
    source->suggestions = {
        FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Errors"), QStringLiteral("%"))};
    QTRY_COMPARE(row.findChildren<ChartPanel *>().size(), 2); // the requests ended; their past is still to be seen

    const ChartPanel *const chart = row.findChildren<ChartPanel *>().first();
    const qsizetype looks = source->subjects.size();
    QTRY_VERIFY(source->subjects.size() > looks + 2);
    QVERIFY(row.findChildren<ChartPanel *>().contains(chart)); // nothing new: nothing is made anew
    row.setActive(false);
    const qsizetype before = source->subjects.size();
    QTest::qWait(100);
    QVERIFY(source->subjects.size() <= before + 1); // nobody looks
}

QTEST_MAIN(TestMetricRow)
#include "test_metricrow.moc"
