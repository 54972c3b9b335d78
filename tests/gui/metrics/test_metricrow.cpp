#include "services/feeds/metricset.h"
#include "tests/gui/metrics/metricsworld.h"
#include "tests/support/fakemetricsource.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/operation/metricrow.h"
#include "ui/widgets/badge.h"

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
    QTest::addColumn<QString>("expected");
    QTest::newRow("green gets traffic and has no figure") << 0.1 << 0.5 << false << QStringLiteral("no data");
    QTest::newRow("green gets none") << 0.1 << 0.0 << false << QStringLiteral("pass");
    QTest::newRow("what fails is said first") << 9.0 << 0.5 << false << QStringLiteral("fail");
    QTest::newRow("green fails") << 0.1 << 0.5 << true << QStringLiteral("fail");
    QTest::newRow("green failed, and gets none any more") << 0.1 << 0.0 << true << QStringLiteral("pass");
}

void TestMetricRow::nothingPassesWithoutAFigure()
{
    QFETCH(double, blueFigure);
    QFETCH(double, greenShare);
    QFETCH(bool, isGreenBad);
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
    MetricRow row(world.metrics, nullptr, {QStringLiteral("errors")});
    row.setSubject(cart);
    row.setStable(QStringLiteral("blue"));
    row.setActive(true);
    QTRY_VERIFY(row.findChild<Badge *>(QStringLiteral("verdict")));
    QTRY_COMPARE(row.findChild<Badge *>(QStringLiteral("verdict"))->text(), expected);
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
