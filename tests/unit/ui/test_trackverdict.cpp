#include "ui/pages/operation/trackverdict.h"

#include <QTest>

using namespace signalbox;

namespace
{

using Known = std::optional<double>;

const qint64 newest = 1'790'000'000'000;
const TrackMeasure blue{QStringLiteral("blue"), {}, false};

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

PanelData dataOf(const MetricPanel &panel, const QList<double> &ofBlue, const QList<double> &ofGreen)
{
    PanelData data;
    data.panel = panel;
    data.stepMs = 1000;
    data.freshness.state = Freshness::State::Live;
    data.freshness.lastHeard = QDateTime::fromMSecsSinceEpoch(newest, Qt::UTC);
    data.series = {seriesOf("blue", ofBlue), seriesOf("green", ofGreen)};
    return data;
}

} // namespace

class TestTrackVerdict : public QObject
{
    Q_OBJECT
private slots:
    void whatIsIdleWasUsualBefore_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QList<double>>("ofBlue");
        QTest::addColumn<int>("idleSeconds"); // since it gets no traffic; 0: nobody knows
        QTest::addColumn<Known>("expected");
        const QString latency = QStringLiteral("latency-p95");
        const QString errors = QStringLiteral("errors");
        const QList<double> seen{180, 190, 170, 3, 3, 3};
        QTest::newRow("before it lost its traffic") << latency << seen << 2 << Known(180);
        QTest::newRow("probes may be all there is") << latency << seen << 0 << Known();
        QTest::newRow("so they may when it lost its traffic before the chart") << latency << seen << 60 << Known();
        QTest::newRow("probes do not fail") << errors << QList<double>{0, 0.2, 0.2, 0.2, 0, 9, 9, 9} << 0 << Known(0.2);
        QTest::newRow("too few") << errors << QList<double>{0.2, 0.2, 0.2, 0.2, 9, 9, 9} << 0 << Known();
    }
    void whatIsIdleWasUsualBefore()
    {
        QFETCH(QString, id);
        QFETCH(QList<double>, ofBlue);
        QFETCH(int, idleSeconds);
        QFETCH(Known, expected);
        const char *const unit = id == QLatin1String("errors") ? "percent" : "ms";
        const PanelData data = dataOf(panelOf(qPrintable(id), unit, {}), ofBlue, {1, 1, 1});
        const QDateTime since =
            idleSeconds > 0 ? QDateTime::fromMSecsSinceEpoch(newest - idleSeconds * 1000, Qt::UTC) : QDateTime();
        QCOMPARE(figureBeforeIdle(data, QStringLiteral("blue"), since), expected);
    }
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
        const TrackVerdict verdict = verdictOf(data, QStringLiteral("green"), blue);
        QCOMPARE(verdict.health, Health::Failing);
        QCOMPARE(verdict.since.toMSecsSinceEpoch(), newest - secondsAgo * 1000);
        QCOMPARE(verdict.isBeginSeen, secondsAgo < 4);
        QCOMPARE(verdictOf(data, QStringLiteral("blue"), blue), TrackVerdict());
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
        const TrackVerdict verdict = verdictOf(data, QStringLiteral("green"), blue);
        QCOMPARE(verdict.health, expected);
        QCOMPARE(verdict.since.isValid(), expected == Health::Failing);
    }

    void whatGetsNothingAnyMoreStaysTheMeasure()
    {
        const double hole = qQNaN();
        PanelData data =
            dataOf(panelOf("errors", "percent", {}), {0.1, 0.1, 0.1, hole, hole, hole, hole}, {7, 7, 7, 7, 7, 7, 7});
        QCOMPARE(verdictOf(data, QStringLiteral("green"), blue).health, Health::Failing);
        QCOMPARE(figureOf(data, blue), Known(0.1));
        data.series.first().samples.clear(); // out of the chart by now
        QCOMPARE(verdictOf(data, QStringLiteral("green"), blue), TrackVerdict());
        const TrackMeasure noted{QStringLiteral("blue"), 0.1, true};
        QCOMPARE(verdictOf(data, QStringLiteral("green"), noted).health, Health::Failing);
    }

    // The last figure of a track that is left is of pods that drain, or of probes.
    void theLastFigureAloneIsNoMeasure_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("unit");
        QTest::addColumn<QList<double>>("ofBlue");
        QTest::addColumn<bool>("isIdle");
        QTest::addColumn<Known>("reference");
        QTest::addColumn<double>("green");
        QTest::addColumn<Health>("expected");
        const double hole = qQNaN();
        const QString errors = QStringLiteral("errors");
        const QString latency = QStringLiteral("latency-p95");
        const QString percent = QStringLiteral("percent");
        const QString ms = QStringLiteral("ms");
        QTest::newRow("one of a drained pod") << errors << percent << QList<double>{0.1, 0.1, 0.1, 50, hole, hole, hole}
                                              << false << Known() << 7.0 << Health::Failing;
        QTest::newRow("one probe") << latency << ms << QList<double>{180, 180, 3, hole, hole, hole} << false << Known()
                                   << 190.0 << Health::Ok;
        QTest::newRow("nothing but probes since")
            << latency << ms << QList<double>{3, 3, 3, 3, 3, 3} << true << Known(180) << 190.0 << Health::Ok;
        QTest::newRow("nothing but probes, and nothing noted")
            << latency << ms << QList<double>{3, 3, 3, 3, 3, 3} << true << Known() << 190.0 << Health::Unknown;
        QTest::newRow("too few to tell") << errors << percent << QList<double>{50, 50, hole, hole, hole, hole} << false
                                         << Known() << 40.0 << Health::Unknown;
        QTest::newRow("while it gets traffic it counts as it is")
            << latency << ms << QList<double>{60, 60, 60, 60, 60, 60} << false << Known(180) << 190.0
            << Health::Failing;
    }
    void theLastFigureAloneIsNoMeasure()
    {
        QFETCH(QString, id);
        QFETCH(QString, unit);
        QFETCH(QList<double>, ofBlue);
        QFETCH(bool, isIdle);
        QFETCH(Known, reference);
        QFETCH(double, green);
        QFETCH(Health, expected);
        const MetricPanel panel = panelOf(id.toLatin1().constData(), unit.toLatin1().constData(), {});
        const PanelData data = dataOf(panel, ofBlue, QList<double>(ofBlue.size(), green));
        const TrackMeasure measure{QStringLiteral("blue"), reference, isIdle};
        QCOMPARE(verdictOf(data, QStringLiteral("green"), measure).health, expected);
    }

    void threeGoodSamplesInARowAreWell_data()
    {
        QTest::addColumn<QList<double>>("green");
        QTest::addColumn<int>("secondsAgo"); // -1: it was not well
        const double hole = qQNaN();
        QTest::newRow("never bad") << QList<double>{0, 0, 0, 0, 0} << 0;
        QTest::newRow("two good ones") << QList<double>{7, 7, 7, 0, 0} << -1;
        QTest::newRow("three good ones") << QList<double>{7, 7, 0, 0, 0} << 0;
        QTest::newRow("a hole is no bad sample") << QList<double>{7, 0, 0, hole, 0} << 0;
        QTest::newRow("three, and not in a row") << QList<double>{0, 0, 7, 0, 7} << -1;
        QTest::newRow("before it got bad") << QList<double>{0, 0, 0, 7, 7} << 2;
    }
    void threeGoodSamplesInARowAreWell()
    {
        QFETCH(QList<double>, green);
        QFETCH(int, secondsAgo);
        const PanelData data = dataOf(panelOf("errors", "percent", {}), {0.1, 0.1, 0.1, 0.1, 0.1}, green);
        const TrackVerdict verdict = verdictOf(data, QStringLiteral("green"), blue);
        QCOMPARE(verdict.wellAt.isValid(), secondsAgo >= 0);
        if (secondsAgo >= 0)
            QCOMPARE(verdict.wellAt.toMSecsSinceEpoch(), newest - secondsAgo * 1000);
        QCOMPARE(verdict.judgedAt.toMSecsSinceEpoch(), newest);
    }

    void aHandfulOfRequestsProvesNothing_data()
    {
        QTest::addColumn<MetricPanel>("panel");
        QTest::addColumn<double>("green");     // its figure
        QTest::addColumn<double>("perSecond"); // requests to it, for five seconds
        QTest::addColumn<Health>("expected");
        QTest::addColumn<bool>("isTooFew");
        const MetricPanel errors = panelOf("errors", "percent", {});
        const MetricPanel ratio = panelOf("errors", "ratio", 0.05);
        const MetricPanel latency = panelOf("latency-p95", "ms", {});
        MetricPanel agreement = panelOf("agreement", "ratio", 0.9);
        agreement.higherIsWorse = false;
        QTest::newRow("enough of them") << errors << 0.0 << 20.0 << Health::Ok << false;
        QTest::newRow("one that failed would be over the limit") << errors << 0.0 << 17.0 << Health::Unknown << true;
        QTest::newRow("a wider limit needs fewer") << ratio << 0.0 << 6.1 << Health::Ok << false;
        QTest::newRow("but never a handful") << ratio << 0.0 << 5.0 << Health::Unknown << true;
        QTest::newRow("one of ten failed") << errors << 10.0 << 2.0 << Health::Warning << false;
        QTest::newRow("two of ten failed") << errors << 20.0 << 2.0 << Health::Failing << false;
        QTest::newRow("two of ten failed, as a ratio") << ratio << 0.2 << 2.0 << Health::Failing << false;
        QTest::newRow("ten slow ones") << latency << 500.0 << 2.0 << Health::Warning << false;
        QTest::newRow("forty slow ones") << latency << 500.0 << 8.0 << Health::Failing << false;
        QTest::newRow("what is not of requests") << agreement << 0.95 << 0.1 << Health::Ok << false;
    }
    void aHandfulOfRequestsProvesNothing()
    {
        QFETCH(MetricPanel, panel);
        QFETCH(double, green);
        QFETCH(double, perSecond);
        QFETCH(Health, expected);
        QFETCH(bool, isTooFew);
        const auto five = [](double value) { return QList<double>(5, value); };
        const double usual = panel.unit == QLatin1String("ms")      ? 100
                             : panel.unit == QLatin1String("ratio") ? 0.001
                                                                    : 0.1;
        const PanelData data = dataOf(panel, five(usual), five(green));
        PanelData requests = dataOf(panelOf("requests", "per second", {}), five(100), five(perSecond));
        const TrackVerdict verdict = verdictOf(data, QStringLiteral("green"), blue, &requests);
        QCOMPARE(verdict.health, expected);
        QCOMPARE(verdict.tooFew.has_value(), isTooFew);
        if (isTooFew)
            QCOMPARE(*verdict.tooFew, 5 * perSecond);
        QVERIFY(verdict.health == Health::Failing || !verdict.since.isValid());

        requests.freshness.state = Freshness::State::Stale; // how many there are is not known
        const TrackVerdict unweighed = verdictOf(data, QStringLiteral("green"), blue);
        QCOMPARE(verdictOf(data, QStringLiteral("green"), blue, &requests), unweighed);
        QVERIFY(unweighed.health == Health::Ok || unweighed.health == Health::Failing);
    }

    void onlyWhatIsKnownIsIdle_data()
    {
        QTest::addColumn<Known>("share");
        QTest::addColumn<Freshness::State>("freshness");
        QTest::addColumn<bool>("isOnly");
        QTest::addColumn<bool>("expected");
        QTest::newRow("none") << Known(0) << Freshness::State::Live << false << true;
        QTest::newRow("some") << Known(0.1) << Freshness::State::Live << false << false;
        QTest::newRow("nothing says so") << Known() << Freshness::State::Live << false << false;
        QTest::newRow("said too long ago") << Known(0) << Freshness::State::Stale << false << false;
        QTest::newRow("the only track") << Known(0) << Freshness::State::Live << true << false;
    }
    void onlyWhatIsKnownIsIdle()
    {
        QFETCH(Known, share);
        QFETCH(Freshness::State, freshness);
        QFETCH(bool, isOnly);
        QFETCH(bool, expected);
        Deployed deployed;
        deployed.tracks.resize(isOnly ? 1 : 2);
        deployed.tracks[0].name = QStringLiteral("green");
        deployed.tracks[0].share = share;
        deployed.freshness.state = freshness;
        QCOMPARE(isKnownIdle(deployed, QStringLiteral("green")), expected);
        QVERIFY(!isKnownIdle(deployed, QStringLiteral("purple")));
    }

    void theStableTrackIs_data()
    {
        QTest::addColumn<Known>("ofBlue");
        QTest::addColumn<Known>("green");
        QTest::addColumn<QString>("expected");
        QTest::newRow("the older of two") << Known(0.75) << Known(0.25) << QStringLiteral("blue");
        QTest::newRow("the predecessor, when the newer has everything")
            << Known(0) << Known(1) << QStringLiteral("blue");
        QTest::newRow("what was gone back to") << Known(1) << Known(0) << QStringLiteral("blue");
        QTest::newRow("the older, where nothing says who gets any") << Known() << Known() << QStringLiteral("blue");
        QTest::newRow("nobody gets any") << Known(0) << Known(0) << QString();
    }
    void theStableTrackIs()
    {
        QFETCH(Known, ofBlue);
        QFETCH(Known, green);
        QFETCH(QString, expected);
        Deployed deployed;
        deployed.tracks.resize(2);
        deployed.tracks[0].name = QStringLiteral("green");
        deployed.tracks[0].share = green;
        deployed.tracks[0].since = QDateTime::fromMSecsSinceEpoch(newest, Qt::UTC);
        deployed.tracks[1].name = QStringLiteral("blue");
        deployed.tracks[1].share = ofBlue;
        deployed.tracks[1].since = deployed.tracks[0].since.addDays(-6);
        QCOMPARE(stableTrackOf(deployed), expected);
    }

    void whatIsNotOfNowIsNotJudged()
    {
        PanelData data = dataOf(panelOf("errors", "percent", {}), {0.1, 0.1}, {7, 7});
        data.freshness.state = Freshness::State::Stale;
        QCOMPARE(verdictOf(data, QStringLiteral("green"), blue), TrackVerdict());
        data.freshness.state = Freshness::State::Live;
        data.series.last().samples.last().time -= 60000; // it ended, the other went on
        QCOMPARE(verdictOf(data, QStringLiteral("green"), blue), TrackVerdict());
        QCOMPARE(verdictOf(data, QStringLiteral("purple"), blue), TrackVerdict());
    }
};

QTEST_GUILESS_MAIN(TestTrackVerdict)
#include "test_trackverdict.moc"
