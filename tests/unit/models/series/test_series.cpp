#include "models/series/axis.h"
#include "models/series/paneldata.h"
#include "models/series/seriesbuffer.h"
#include "models/series/thinning.h"
#include "models/series/trackseries.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <limits>
#include <map>

using namespace signalbox;

namespace
{
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
const qint64 begin = 1'700'000'000'000;

QList<Sample> samplesOf(std::initializer_list<double> values, qint64 step = 1000)
{
    QList<Sample> samples;
    for (const double value : values)
        samples.append({begin + samples.size() * step, value});
    return samples;
}

QList<qsizetype> lengths(const QList<SampleRun> &runs)
{
    QList<qsizetype> sizes;
    for (const SampleRun &run : runs)
        sizes.append(run.size());
    return sizes;
}

// A random walk with spikes, values that are not finite and missing stretches.
QList<Sample> randomSamples(QRandomGenerator &random, int count, qint64 step)
{
    QList<Sample> samples;
    double level = 100;
    for (int i = 0; i < count; ++i) {
        level += random.generateDouble() - 0.5;
        const double dice = random.generateDouble();
        if (dice < 0.01)
            continue;
        double value = level;
        if (dice < 0.02)
            value = dice < 0.0133 ? notANumber : dice < 0.0166 ? infinity : -infinity;
        else if (dice < 0.03)
            value = level + random.bounded(1000) - 500;
        samples.append({begin + i * step, value});
    }
    return samples;
}

using Extremes = std::map<int, std::pair<double, double>>; // column -> lowest, highest

void widen(Extremes &extremes, int column, double value)
{
    auto [it, isNew] = extremes.try_emplace(column, value, value);
    it->second.first = std::min(it->second.first, value);
    it->second.second = std::max(it->second.second, value);
}
} // namespace

class TestSeries : public QObject
{
    Q_OBJECT
private slots:
    void whatEndedIsNoLatestValue_data();
    void whatEndedIsNoLatestValue();
    void bufferKeepsTheNewestAndReplacesWhatComesAgain()
    {
        SeriesBuffer buffer(4);
        buffer.merge(samplesOf({1, 2, 3}));
        buffer.merge({{begin + 2000, 30}, {begin + 3000, 4}, {begin + 3000, 5}, {begin + 1000, 9}});
        QCOMPARE(buffer.toList(),
                 (QList<Sample>{{begin, 1}, {begin + 1000, 2}, {begin + 2000, 30}, {begin + 3000, 4}}));
        buffer.merge({{begin + 4000, 6}, {begin + 5000, 7}});
        QCOMPARE(buffer.size(), 4);
        QCOMPARE(buffer.at(0).value, 30.0);
        QCOMPARE(buffer.last().value, 7.0);
        buffer.dropBefore(begin + 4000);
        QCOMPARE(buffer.toList(), (QList<Sample>{{begin + 4000, 6}, {begin + 5000, 7}}));
        buffer.assign({});
        QVERIFY(buffer.isEmpty());
    }

    void holesPartRuns_data()
    {
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<QList<qsizetype>>("runs");
        QTest::newRow("nothing") << QList<double>{} << QList<qsizetype>{};
        QTest::newRow("one whole") << QList<double>{1, 2, 3} << QList<qsizetype>{3};
        QTest::newRow("NaN") << QList<double>{1, 2, notANumber, 3, 4, 5} << QList<qsizetype>{2, 3};
        QTest::newRow("infinities") << QList<double>{1, infinity, 2, -infinity, 3} << QList<qsizetype>{1, 1, 1};
        QTest::newRow("at the ends") << QList<double>{notANumber, 1, 2, notANumber} << QList<qsizetype>{2};
        QTest::newRow("only NaN") << QList<double>{notANumber, notANumber} << QList<qsizetype>{};
    }
    void holesPartRuns()
    {
        QFETCH(QList<double>, values);
        QList<Sample> samples;
        for (const double value : values)
            samples.append({begin + samples.size() * 1000, value});
        const auto runs = thinned(samples, {begin, begin + 60000, 600, 1000});
        QTEST(lengths(runs), "runs");
    }

    void aMissingSampleIsAHole()
    {
        QList<Sample> samples = samplesOf({1, 2, 3, 4, 5});
        samples.removeAt(2);
        QCOMPARE(lengths(thinned(samples, {begin, begin + 10000, 100, 1000})), (QList<qsizetype>{2, 2}));
        // Without a known step distance tells nothing.
        QCOMPARE(lengths(thinned(samples, {begin, begin + 10000, 100, 0})), (QList<qsizetype>{4}));
        // A little jitter is none.
        QList<Sample> jittered = samplesOf({1, 2, 3});
        jittered[1].time += 400;
        QCOMPARE(lengths(thinned(jittered, {begin, begin + 10000, 100, 1000})), (QList<qsizetype>{3}));
    }

    void linesReachTheEdgesOfTheVisibleRange()
    {
        const QList<Sample> samples = samplesOf({1, 2, 3, 4, 5, 6});
        const auto runs = thinned(samples, {begin + 1500, begin + 3500, 100, 1000});
        QCOMPARE(runs.size(), 1);
        QCOMPARE(runs.first().first().time, begin + 1000);
        QCOMPARE(runs.first().last().time, begin + 4000);
        QVERIFY(thinned(samples, {begin - 9000, begin - 8000, 100, 1000}).isEmpty());
        QVERIFY(thinned(samples, {begin + 9000, begin + 9500, 100, 1000}).isEmpty());
    }

    // The property: per column the lowest and highest survive; every kept sample was there; no line is drawn over a
    // hole; and there are never more than four samples a column (and run).
    void lowestAndHighestOfEachColumnAreKept()
    {
        QRandomGenerator random(20261121);
        for (int round = 0; round < 60; ++round) {
            const QList<Sample> samples = randomSamples(random, 200 + random.bounded(4000), 1000);
            const int pixels = 1 + random.bounded(500);
            const ThinningRequest request{begin, samples.last().time, pixels, 1000};
            const auto runs = thinned(samples, request);
            const auto columnOf = [&](qint64 time) {
                return static_cast<int>(
                    std::floor(double(time - request.start) / double(request.end - request.start) * pixels));
            };
            Extremes wanted;
            std::map<qint64, double> all;
            for (const Sample &sample : samples) {
                all[sample.time] = sample.value;
                if (std::isfinite(sample.value))
                    widen(wanted, columnOf(sample.time), sample.value);
            }
            Extremes kept;
            qsizetype points = 0;
            for (const SampleRun &run : runs) {
                points += run.size();
                for (qsizetype i = 0; i < run.size(); ++i) {
                    QVERIFY(all.count(run[i].time) && all[run[i].time] == run[i].value);
                    QVERIFY(i == 0 || run[i].time > run[i - 1].time);
                    widen(kept, columnOf(run[i].time), run[i].value);
                }
                auto it = all.find(run.first().time);
                for (auto next = std::next(it); next != all.end() && next->first <= run.last().time; it = next++)
                    QVERIFY(std::isfinite(next->second) && next->first - it->first <= 1500);
            }
            QVERIFY(kept == wanted);
            QVERIFY(points <= 4 * (pixels + 1 + runs.size()));
        }
    }

    void bandSpansAllSeriesAndKeepsHoles()
    {
        const QList<QList<Sample>> series = {samplesOf({1, 2, notANumber, 4}),
                                             samplesOf({5, 6, notANumber, notANumber}),
                                             samplesOf({3, 9, notANumber, 2})};
        const auto runs = band(series, {begin, begin + 4000, 400, 1000});
        QCOMPARE(runs.size(), 2);
        QCOMPARE(runs[0], (QList<BandColumn>{{begin, 1, 3, 5}, {begin + 1000, 2, 6, 9}}));
        QCOMPARE(runs[1], (QList<BandColumn>{{begin + 3000, 2, 4, 4}}));
    }

    void rangeAndReadingIgnoreWhatIsNotFinite()
    {
        const QList<Sample> samples = samplesOf({notANumber, 3, infinity, -2});
        QCOMPARE(valueRange(samples, begin, begin + 9000), (ValueRange{-2, 3}));
        QVERIFY(!valueRange(samples, begin, begin));
        QCOMPARE(sampleAt(samples, begin + 1300, 1000)->value, 3.0);
        QVERIFY(!sampleAt(samples, begin + 2100, 1000)); // the nearest is +Inf: a hole
        QVERIFY(!sampleAt(samples, begin + 9000, 1000));
        QVERIFY(!sampleAt({}, begin, 1000));
    }

    void stepFollowsTheWidth_data()
    {
        QTest::addColumn<qint64>("range");
        QTest::addColumn<int>("pixels");
        QTest::addColumn<qint64>("least");
        QTest::addColumn<qint64>("step");
        const qint64 minute = 60000;
        QTest::newRow("15 min on 430 px") << 15 * minute << 430 << 1000LL << 5000LL;
        QTest::newRow("15 min, scraped every 15 s") << 15 * minute << 430 << 15000LL << 15000LL;
        QTest::newRow("1 h") << 60 * minute << 430 << 1000LL << 10000LL;
        QTest::newRow("6 h") << 360 * minute << 430 << 1000LL << 60000LL;
        QTest::newRow("24 h") << 1440 * minute << 430 << 1000LL << 300000LL;
        QTest::newRow("never under a second") << 1000LL << 4000 << 1LL << 1000LL;
        QTest::newRow("limit of points") << 11000 * 1000LL << 1000000 << 1000LL << 2000LL;
        QTest::newRow("just within the limit") << 10999 * 1000LL << 1000000 << 1000LL << 1000LL;
        QTest::newRow("a year on one pixel") << 365 * 1440 * minute << 1 << 1000LL << 365 * 1440 * minute;
        QTest::newRow("no width") << 60 * minute << 0 << 1000LL << 60 * minute;
        QTest::newRow("no range") << 0LL << 430 << 1000LL << 1000LL;
    }
    void stepFollowsTheWidth()
    {
        QFETCH(qint64, range);
        QFETCH(int, pixels);
        QFETCH(qint64, least);
        QTEST(stepForWidth(range, pixels, least), "step");
    }

    void neverMoreThanElevenThousandPoints()
    {
        QRandomGenerator random(1);
        for (int i = 0; i < 2000; ++i) {
            const qint64 range = 1 + static_cast<qint64>(random.bounded(3.0e11));
            const qint64 step = stepForWidth(range, random.bounded(100000), 1);
            QVERIFY(range / step + 1 <= maxPointsPerSeries);
            QVERIFY(step >= 1000);
        }
    }

    void durationsAsPrometheusReadsThem()
    {
        QCOMPARE(promDuration(15000), QStringLiteral("15s"));
        QCOMPARE(promDuration(90000), QStringLiteral("90s"));
        QCOMPARE(promDuration(120000), QStringLiteral("2m"));
        QCOMPARE(promDuration(1500), QStringLiteral("1500ms"));
        QCOMPARE(promDuration(86400000), QStringLiteral("1d"));
        QCOMPARE(rateWindowMs(5000, 15000), 60000);
        QCOMPARE(rateWindowMs(300000, 15000), 315000);
    }

    void valueTicksAreRoundAndSpanTheRange_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<QString>("labels");
        QTest::newRow("plain") << 0.0 << 300.0 << "0 100 200 300";
        QTest::newRow("flat at zero") << 0.0 << 0.0 << "0 0.5 1";
        QTest::newRow("across zero") << -1.0 << 1.0 << "-1 0 1";
        QTest::newRow("not finite") << notANumber << 1.0 << "";
    }
    void valueTicksAreRoundAndSpanTheRange()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QStringList labels;
        for (const AxisTick &tick : valueTicks(low, high, 4, {}))
            labels.append(tick.label);
        QTEST(labels.join(u' '), "labels");
    }

    void valueTicksHoldForAnyRange()
    {
        QRandomGenerator random(7);
        for (int i = 0; i < 3000; ++i) {
            const double size = std::pow(10.0, random.bounded(24) - 12);
            const double low = (random.generateDouble() - 0.5) * size;
            const double high = low + random.generateDouble() * size;
            const auto ticks = valueTicks(low, high, 5, QStringLiteral("ms"));
            QVERIFY(ticks.size() >= 2 && ticks.size() <= 5);
            QVERIFY(ticks.first().value <= low + size * 1e-6 && ticks.last().value >= high - size * 1e-6);
        }
    }

    void timeTicksAreRoundInTheZone()
    {
        const QTimeZone zone("Asia/Kolkata"); // half an hour beside the hours of UTC
        const auto ticks = timeTicks(begin, begin + 3600 * 1000, 7, zone);
        QVERIFY(ticks.size() >= 5 && ticks.size() <= 7);
        for (const TimeTick &tick : ticks) {
            const QDateTime local = QDateTime::fromMSecsSinceEpoch(tick.time, zone);
            QCOMPARE(local.time().minute() % 10, 0);
            QCOMPARE(tick.label, local.toString(QStringLiteral("HH:mm")));
        }
        QVERIFY(timeTicks(begin, begin, 7, zone).isEmpty());
    }

    void timeTicksSurviveAChangeOfDaylightSaving()
    {
        const QTimeZone zone("Europe/Berlin");
        const qint64 start = QDateTime(QDate(2026, 10, 25), QTime(0, 0), zone).toMSecsSinceEpoch();
        const auto ticks = timeTicks(start, start + 25LL * 3600 * 1000, 9, zone);
        QVERIFY(ticks.size() >= 4);
        for (qsizetype i = 1; i < ticks.size(); ++i)
            QVERIFY(ticks[i].time > ticks[i - 1].time);
        QCOMPARE(ticks.first().label, QStringLiteral("25 Oct"));
    }

    void valuesAreWrittenForPeople_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("unit");
        QTest::addColumn<QString>("text");
        QTest::newRow("percent") << 0.4412 << "percent"
                                 << "0.441 %";
        QTest::newRow("rate") << 231.4 << "per second"
                              << "231/s";
        QTest::newRow("big rate") << 23140.0 << "per second"
                                  << "23.1 k/s";
        QTest::newRow("ms") << 191.2 << "ms"
                            << "191 ms";
        QTest::newRow("many ms") << 12300.0 << "ms"
                                 << "12.3 s";
        QTest::newRow("part of a second") << 0.25 << "s"
                                          << "250 ms";
        QTest::newRow("bytes") << 1.234e9 << "bytes"
                               << "1.23 GB";
        QTest::newRow("few bytes") << 512.0 << "bytes"
                                   << "512 B";
        QTest::newRow("count") << 7.0 << "count"
                               << "7";
        QTest::newRow("other unit") << 65.0 << "W"
                                    << "65 W";
        QTest::newRow("NaN") << notANumber << "ms"
                             << "NaN";
        QTest::newRow("+Inf") << infinity << "ms"
                              << "+Inf";
        QTest::newRow("-Inf") << -infinity << "percent"
                              << "-Inf";
        QTest::newRow("zero") << 0.0 << "percent"
                              << "0 %";
        QTest::newRow("tiny") << 0.0000123 << ""
                              << "1.23e-05";
    }
    void valuesAreWrittenForPeople()
    {
        QFETCH(double, value);
        QFETCH(QString, unit);
        QTEST(valueText(value, unit), "text");
    }

    void valuesSideBySideAreInOneUnit_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("unit");
        QTest::addColumn<double>("largest");
        QTest::addColumn<QString>("text");
        QTest::newRow("beside a limit in seconds") << 4329.0 << "ms" << 13000.0 << "4.33 s";
        QTest::newRow("the limit") << 13000.0 << "ms" << 13000.0 << "13 s";
        QTest::newRow("alone") << 4329.0 << "ms" << 0.0 << "4329 ms";
        QTest::newRow("part of a second beside some") << 0.25 << "s" << 3.0 << "0.25 s";
        QTest::newRow("next to nothing beside the largest") << 512.0 << "bytes" << 2e9 << "512 B";
        QTest::newRow("a canary beside all the others") << 20.4 << "per second" << 12000.0 << "20.4/s";
        QTest::newRow("a hundredth is still read in one unit") << 120.0 << "per second" << 12000.0 << "0.12 k/s";
        QTest::newRow("nothing") << 0.0 << "ms" << 20000.0 << "0 s";
        QTest::newRow("the largest is no number") << 191.0 << "ms" << notANumber << "191 ms";
    }
    void valuesSideBySideAreInOneUnit()
    {
        QFETCH(double, value);
        QFETCH(QString, unit);
        QFETCH(double, largest);
        QTEST(valueText(value, unit, largest), "text");
        for (const AxisTick &tick : valueTicks(0, 20000, 5, QStringLiteral("ms")))
            QVERIFY2(tick.label.endsWith(QStringLiteral(" s")), qPrintable(tick.label));
    }

    void seriesAreNamedAfterTheirTrack()
    {
        MetricPanel panel;
        panel.trackLabel = QStringLiteral("version");
        panel.trackNames = {{QStringLiteral("1.4.0"), QStringLiteral("blue")},
                            {QStringLiteral("1.5.0"), QStringLiteral("green")}};
        QList<MetricSeries> answer;
        for (const char *version : {"1.5.0", "2.0.0", "1.4.0"})
            answer.append({{{QStringLiteral("version"), QLatin1String(version)}}, {}});
        const auto series = chartSeries(answer, panel);
        QCOMPARE(series.size(), 3);
        QCOMPARE(series[0].name, QStringLiteral("blue"));
        QCOMPARE(series[1].track, QStringLiteral("green"));
        QCOMPARE(series[2].name, QStringLiteral("2.0.0"));
    }

    // "all" beside blue and green would be read as their sum.
    void whatHasNoTrackBesideTracksIsTheRest()
    {
        MetricPanel panel;
        panel.trackLabel = QStringLiteral("track");
        const auto series =
            chartSeries({MetricSeries{}, MetricSeries{{{QStringLiteral("track"), QStringLiteral("blue")}}, {}}}, panel);
        QCOMPARE(series.size(), 2);
        QCOMPARE(series[0].name, QStringLiteral("blue"));
        QCOMPARE(series[1].name, QStringLiteral("no track"));
    }

    void seriesWithoutATrackAreNamedByWhatTellsThemApart()
    {
        QList<MetricSeries> answer;
        for (const char *code : {"500", "200"})
            answer.append(
                {{{QStringLiteral("job"), QStringLiteral("a")}, {QStringLiteral("code"), QLatin1String(code)}}, {}});
        const auto series = chartSeries(answer, {});
        QCOMPARE(series[0].name, QStringLiteral("200"));
        QCOMPARE(series[1].name, QStringLiteral("500"));
        QCOMPARE(chartSeries({MetricSeries{}}, {}).first().name, QStringLiteral("all"));
        QVERIFY(chartSeries({}, {}).isEmpty());
    }
};

void TestSeries::whatEndedIsNoLatestValue_data()
{
    QTest::addColumn<QList<int>>("ends"); // of the series, in seconds before the source was heard last
    QTest::addColumn<bool>("isKnown");    // of the first
    QTest::newRow("both go on") << QList<int>{5, 5} << true;
    QTest::newRow("a step behind the other") << QList<int>{20, 5} << true;
    QTest::newRow("ended while the other goes on") << QList<int>{120, 5} << false;
    QTest::newRow("alone, of a slow source") << QList<int>{120} << true;
    QTest::newRow("alone, ended") << QList<int>{600} << false;
}

void TestSeries::whatEndedIsNoLatestValue()
{
    QFETCH(QList<int>, ends);
    const QDateTime heard(QDate(2026, 11, 21), QTime(12, 0), Qt::UTC);
    PanelData data;
    data.stepMs = 15000;
    data.freshness.lastHeard = heard;
    for (const int end : ends) {
        ChartSeries series;
        series.samples = {{heard.addSecs(-end - 15).toMSecsSinceEpoch(), 1},
                          {heard.addSecs(-end).toMSecsSinceEpoch(), 2}};
        data.series.append(series);
    }
    const auto latest = latestSample(data, data.series.first());
    QTEST(latest.has_value(), "isKnown");
    data.series.first().samples.last().value = qQNaN();
    QVERIFY(!latestSample(data, data.series.first()));
    QVERIFY(!latestSample(data, ChartSeries()));
}

QTEST_GUILESS_MAIN(TestSeries)
#include "test_series.moc"
