#include "ui/pages/operation/trackverdict.h"

#include <QTest>

using namespace signalbox;

Q_DECLARE_METATYPE(std::optional<double>)

namespace
{

using Known = std::optional<double>;

const qint64 newest = 1'790'000'000'000;

MetricPanel panelOf(const char *id, const char *unit, Known limit)
{
    MetricPanel panel;
    panel.id = QLatin1String(id);
    panel.unit = QLatin1String(unit);
    panel.limit = limit;
    return panel;
}

// One sample a second, the newest last.
ChartSeries seriesOf(const char *track, const QList<double> &values)
{
    ChartSeries series{QLatin1String(track), QLatin1String(track), {}};
    for (qsizetype i = 0; i < values.size(); ++i)
        series.samples.append({newest - (values.size() - 1 - i) * 1000, values[i]});
    return series;
}

PanelData dataOf(const MetricPanel &panel, const QList<double> &blue, const QList<double> &green)
{
    PanelData data;
    data.panel = panel;
    data.stepMs = 1000;
    data.freshness.state = Freshness::State::Live;
    data.freshness.lastHeard = QDateTime::fromMSecsSinceEpoch(newest, Qt::UTC);
    data.series = {seriesOf("blue", blue), seriesOf("green", green)};
    return data;
}

} // namespace

class TestTrackVerdict : public QObject
{
    Q_OBJECT
private slots:
    void aFigureIsJudged_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("unit");
        QTest::addColumn<Known>("limit");
        QTest::addColumn<Known>("stable");
        QTest::addColumn<double>("value");
        QTest::addColumn<Health>("expected");
        const auto row = [](const char *name, const char *id, const char *unit, Known limit, Known stable, double value,
                            Health expected) {
            QTest::newRow(name) << QString::fromLatin1(id) << QString::fromLatin1(unit) << limit << stable << value
                                << expected;
        };
        row("many errors", "errors", "percent", {}, 0.121, 7.15, Health::Failing);
        row("as few errors", "errors", "percent", {}, 0.121, 0.13, Health::Ok);
        row("three times of nearly none is noise", "errors", "percent", {}, 0.1, 0.4, Health::Ok);
        row("worth a look", "errors", "percent", {}, 0.1, 0.9, Health::Warning);
        row("none at all beside some", "errors", "percent", {}, 0.0, 2.0, Health::Failing);
        row("nothing to compare with", "errors", "percent", {}, {}, 50, Health::Unknown);
        row("over its own limit", "errors", "percent", 1.0, {}, 1.01, Health::Failing);
        row("its own limit is the limit", "errors", "percent", 10.0, 0.1, 7.15, Health::Warning);
        row("far under its own limit", "errors", "percent", 10.0, 0.1, 0.2, Health::Ok);
        row("three times as slow", "latency-p95", "ms", {}, 112.0, 354, Health::Failing);
        row("a little slower", "latency-p95", "ms", {}, 112.0, 120, Health::Ok);
        row("more requests are no fault", "requests", "per second", {}, 10.0, 1000, Health::Unknown);
        row("not a number", "errors", "percent", 1.0, 0.1, qQNaN(), Health::Unknown);
    }
    void aFigureIsJudged()
    {
        QFETCH(QString, id);
        QFETCH(QString, unit);
        QFETCH(Known, limit);
        QFETCH(Known, stable);
        QFETCH(double, value);
        QFETCH(Health, expected);
        const MetricPanel panel = panelOf(id.toLatin1().constData(), unit.toLatin1().constData(), limit);
        QCOMPARE(verdictOf(panel, value, stable), expected);
    }

    void whatHasToBeHighIsBadWhenLow()
    {
        MetricPanel agreement = panelOf("top-1", "ratio", 0.9);
        agreement.higherIsWorse = false;
        QCOMPARE(verdictOf(agreement, 0.85, Known(0.92)), Health::Failing);
        QCOMPARE(verdictOf(agreement, 0.91, Known(0.92)), Health::Ok);
    }

    void theClockBeginsAtTheFirstBadSample_data()
    {
        QTest::addColumn<QList<double>>("green");
        QTest::addColumn<int>("secondsAgo");
        const double hole = qQNaN();
        QTest::newRow("bad for three samples") << QList<double>{0.1, 0.1, 7, 7, 7} << 2;
        QTest::newRow("a hole is no good sample") << QList<double>{0.1, 7, hole, 7, 7} << 3;
        QTest::newRow("what was bad before is over") << QList<double>{7, 0.1, 7, 7, 7} << 2;
        QTest::newRow("from the first on") << QList<double>{7, 7, 7, 7, 7} << 4;
    }
    void theClockBeginsAtTheFirstBadSample()
    {
        QFETCH(QList<double>, green);
        QFETCH(int, secondsAgo);
        const PanelData data = dataOf(panelOf("errors", "percent", {}), {0.1, 0.1, 0.1, 0.1, 0.1}, green);
        const TrackVerdict verdict = verdictOf(data, QStringLiteral("green"), QStringLiteral("blue"));
        QCOMPARE(verdict.health, Health::Failing);
        QCOMPARE(verdict.since.toMSecsSinceEpoch(), newest - secondsAgo * 1000);
        QCOMPARE(verdict.isBeginSeen, secondsAgo < 4);
        QCOMPARE(verdictOf(data, QStringLiteral("blue"), QStringLiteral("blue")), TrackVerdict());
    }

    void oneBadSampleIsNoFailure_data()
    {
        QTest::addColumn<QList<double>>("green");
        QTest::addColumn<Health>("expected");
        QTest::newRow("one failed request of a quiet minute") << QList<double>{0, 0, 0, 0, 50} << Health::Warning;
        QTest::newRow("two") << QList<double>{0, 0, 0, 50, 50} << Health::Warning;
        QTest::newRow("three in a row") << QList<double>{0, 0, 50, 50, 50} << Health::Failing;
        QTest::newRow("three, and not in a row") << QList<double>{0, 50, 0, 50, 50} << Health::Warning;
        QTest::newRow("over again") << QList<double>{50, 50, 50, 50, 0} << Health::Ok;
    }
    void oneBadSampleIsNoFailure()
    {
        QFETCH(QList<double>, green);
        QFETCH(Health, expected);
        const PanelData data = dataOf(panelOf("errors", "percent", {}), {0.1, 0.1, 0.1, 0.1, 0.1}, green);
        const TrackVerdict verdict = verdictOf(data, QStringLiteral("green"), QStringLiteral("blue"));
        QCOMPARE(verdict.health, expected);
        QCOMPARE(verdict.since.isValid(), expected == Health::Failing);
    }

    void whatGetsNothingAnyMoreStaysTheMeasure()
    {
        const double hole = qQNaN();
        PanelData data =
            dataOf(panelOf("errors", "percent", {}), {0.1, 0.1, hole, hole, hole, hole, hole}, {7, 7, 7, 7, 7, 7, 7});
        QCOMPARE(verdictOf(data, QStringLiteral("green"), QStringLiteral("blue")).health, Health::Failing);
        QCOMPARE(lastFigureOf(data, QStringLiteral("blue")), Known(0.1));
        data.series.first().samples.clear(); // out of the chart by now
        QCOMPARE(verdictOf(data, QStringLiteral("green"), QStringLiteral("blue")), TrackVerdict());
        QCOMPARE(verdictOf(data, QStringLiteral("green"), QStringLiteral("blue"), Known(0.1)).health, Health::Failing);
    }

    void theStableTrackIs_data()
    {
        QTest::addColumn<Known>("blue");
        QTest::addColumn<Known>("green");
        QTest::addColumn<QString>("expected");
        QTest::newRow("the older of two") << Known(0.75) << Known(0.25) << QStringLiteral("blue");
        QTest::newRow("the predecessor, when the newer has everything")
            << Known(0) << Known(1) << QStringLiteral("blue");
        QTest::newRow("what was gone back to") << Known(1) << Known(0) << QStringLiteral("blue");
        QTest::newRow("not known") << Known() << Known() << QString();
    }
    void theStableTrackIs()
    {
        QFETCH(Known, blue);
        QFETCH(Known, green);
        QFETCH(QString, expected);
        Deployed deployed;
        deployed.tracks.resize(2);
        deployed.tracks[0].name = QStringLiteral("green");
        deployed.tracks[0].share = green;
        deployed.tracks[0].since = QDateTime::fromMSecsSinceEpoch(newest, Qt::UTC);
        deployed.tracks[1].name = QStringLiteral("blue");
        deployed.tracks[1].share = blue;
        deployed.tracks[1].since = deployed.tracks[0].since.addDays(-6);
        QCOMPARE(stableTrackOf(deployed), expected);
    }

    void whatIsNotOfNowIsNotJudged()
    {
        PanelData data = dataOf(panelOf("errors", "percent", {}), {0.1, 0.1}, {7, 7});
        data.freshness.state = Freshness::State::Stale;
        QCOMPARE(verdictOf(data, QStringLiteral("green"), QStringLiteral("blue")), TrackVerdict());
        data.freshness.state = Freshness::State::Live;
        data.series.last().samples.last().time -= 60000; // it ended, the other went on
        QCOMPARE(verdictOf(data, QStringLiteral("green"), QStringLiteral("blue")), TrackVerdict());
        QCOMPARE(verdictOf(data, QStringLiteral("purple"), QStringLiteral("blue")), TrackVerdict());
    }
};

QTEST_GUILESS_MAIN(TestTrackVerdict)
#include "test_trackverdict.moc"
