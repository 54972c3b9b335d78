#include "services/sandbox/promql/chunk.h"
#include "services/sandbox/promql/matcher.h"
#include "services/sandbox/promql/samplestore.h"

#include <QTest>

#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

using namespace signalbox::sandbox;

namespace
{

constexpr std::int64_t start = 1'700'000'000'000;
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;

Matcher matcher(Matcher::Kind kind, const char *name, const char *value)
{
    std::string error;
    auto made = Matcher::make(kind, name, value, &error);
    if (!made)
        qFatal("%s", error.c_str());
    return *made;
}

std::vector<Matcher> named(const char *metric)
{
    return {matcher(Matcher::Kind::Equal, "__name__", metric)};
}

std::vector<TimedValue> samplesOf(const SampleStore &store, const char *metric, std::int64_t from = 0,
                                  std::int64_t to = std::numeric_limits<std::int64_t>::max())
{
    std::vector<TimedValue> all;
    store.visit(named(metric), from, to, [&all](const LabelSet &, const std::vector<TimedValue> &samples) {
        all.insert(all.end(), samples.begin(), samples.end());
    });
    return all;
}

// A counter that had risen by two a second since `begin`, looked at once a minute.
class Slope : public PastSamples
{
public:
    explicit Slope(std::int64_t begin)
        : m_begin(begin)
    {}
    std::int64_t beginMs() const override { return m_begin; }
    void read(std::int64_t from, std::int64_t to, std::vector<TimedValue> &samples) const override
    {
        const std::int64_t first = m_begin + (std::max<std::int64_t>(from - m_begin, 0) + minute - 1) / minute * minute;
        for (std::int64_t t = first; t <= to; t += minute)
            samples.push_back({t, 0.002 * double(t - m_begin)});
    }

private:
    std::int64_t m_begin;
};

} // namespace

class TestSampleStore : public QObject
{
    Q_OBJECT

private slots:
    void chunkGivesBackWhatItTook_data()
    {
        QTest::addColumn<std::vector<TimedValue>>("samples");
        std::vector<TimedValue> counter, gauge, odd;
        for (int i = 0; i < 120; ++i) {
            counter.push_back({start + i * 15000, double(i) * 17});
            gauge.push_back({start + i * 15000 + (i * 7919) % 90, std::sin(i * 0.1) * 1e6});
        }
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const double infinity = std::numeric_limits<double>::infinity();
        std::int64_t time = -5;
        for (const double value : {0.0, -0.0, 1e308, 5e-324, nan, infinity, -infinity, staleMarker(), 1.0, 1.0})
            odd.push_back({time += 1 + std::llround(std::pow(9.0, double(odd.size()))), value});
        QTest::newRow("steady counter") << counter;
        QTest::newRow("gauge with jitter") << gauge;
        QTest::newRow("odd values, growing gaps") << odd;
        QTest::newRow("one") << std::vector<TimedValue>{{start, 3.5}};
    }
    void chunkGivesBackWhatItTook()
    {
        QFETCH(std::vector<TimedValue>, samples);
        Chunk chunk;
        for (const TimedValue &sample : samples)
            chunk.append(sample.ms, sample.value);
        std::vector<TimedValue> read;
        chunk.read(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), read);
        QCOMPARE(read.size(), samples.size());
        for (std::size_t i = 0; i < read.size(); ++i) {
            QCOMPARE(read[i].ms, samples[i].ms);
            QCOMPARE(std::bit_cast<quint64>(read[i].value), std::bit_cast<quint64>(samples[i].value));
        }
        read.clear();
        chunk.read(samples[samples.size() / 2].ms, samples.back().ms, read);
        QCOMPARE(read.size(), samples.size() - samples.size() / 2);
    }

    void steadyCounterIsSmall()
    {
        SampleStore store;
        const SeriesRef ref = store.series({{"__name__", "c"}});
        for (int i = 0; i < 480; ++i)
            QVERIFY(store.append(ref, start + i * 15000, i * 37));
        const auto usage = store.usage();
        QCOMPARE(usage.samples, std::size_t(480));
        QVERIFY2(usage.chunkBytes < 480 * 5, qPrintable(QString::number(usage.chunkBytes / 480.0)));
    }

    void seriesIsTheSameForTheSameLabels()
    {
        SampleStore store;
        const SeriesRef one = store.series({{"__name__", "m"}, {"b", "2"}, {"a", "1"}, {"empty", ""}});
        QCOMPARE(store.series({{"a", "1"}, {"b", "2"}, {"__name__", "m"}}), one);
        QVERIFY(!(store.series({{"a", "1"}, {"__name__", "m"}}) == one));
        QCOMPARE(store.usage().series, std::size_t(2));
    }

    void timeOnlyGoesForward()
    {
        SampleStore store;
        const SeriesRef ref = store.series({{"__name__", "m"}});
        QVERIFY(store.append(ref, start, 1));
        QVERIFY(!store.append(ref, start, 2));
        QVERIFY(!store.append(ref, start - 1, 2));
        QCOMPARE(store.append({{ref, 2.0}, {SeriesRef{}, 3.0}}, start + 1), std::size_t(1));
        QCOMPARE(samplesOf(store, "m").size(), std::size_t(2));
    }

    void staleMarkerIsKept()
    {
        SampleStore store;
        const SeriesRef ref = store.series({{"__name__", "m"}});
        store.append(ref, start, 1);
        QVERIFY(store.markStale(ref, start + 15000));
        const auto samples = samplesOf(store, "m");
        QCOMPARE(samples.size(), std::size_t(2));
        QVERIFY(isStaleMarker(samples[1].value));
        QVERIFY(!isStaleMarker(std::numeric_limits<double>::quiet_NaN()));
    }

    void oldSamplesAreThinnedThenDropped()
    {
        SampleStore store;
        const SeriesRef ref = store.series({{"__name__", "m"}});
        for (std::int64_t t = 0; t <= 30 * hour; t += 15000)
            QVERIFY(store.append(ref, start + t, double(t)));
        const auto samples = samplesOf(store, "m");
        const std::int64_t now = start + 30 * hour;
        QVERIFY(samples.front().ms >= now - 29 * hour && samples.front().ms <= now - 24 * hour + 5 * minute);
        for (std::size_t i = 1; i < samples.size(); ++i) {
            const std::int64_t gap = samples[i].ms - samples[i - 1].ms;
            QVERIFY2(gap <= 2 * minute, qPrintable(QString::number(gap)));
            QCOMPARE(samples[i].value, double(samples[i].ms - start));
            if (samples[i - 1].ms >= now - 2 * hour)
                QCOMPARE(gap, std::int64_t(15000));
        }
        QVERIFY(samples.size() < 1800);
        QCOMPARE(samples.size(), store.usage().samples);
    }

    void forgottenSeriesRefIsDead()
    {
        SampleStore store;
        const SeriesRef gone = store.series({{"__name__", "gone"}, {"pod", "a"}});
        const SeriesRef stays = store.series({{"__name__", "stays"}});
        store.append(gone, start, 1);
        store.append(stays, start + 25 * hour, 1);
        store.trim(start + 25 * hour);
        QVERIFY(!store.append(gone, start + 26 * hour, 2));
        QCOMPARE(store.usage().series, std::size_t(1));
        const SeriesRef again = store.series({{"__name__", "gone"}, {"pod", "a"}});
        QVERIFY(!(again == gone));
        QVERIFY(store.append(again, start + 26 * hour, 2));
        QCOMPARE(samplesOf(store, "gone").size(), std::size_t(1));
    }

    void pastComesBeforeWhatIsStored()
    {
        SampleStore store;
        const SeriesRef ref = store.series({{"__name__", "m"}});
        store.setPast(ref, std::make_shared<Slope>(start));
        QCOMPARE(samplesOf(store, "m", start, start + 10 * minute).size(), std::size_t(11));
        store.append(ref, start + 5 * minute, 600);
        store.append(ref, start + 6 * minute, 720);
        const auto samples = samplesOf(store, "m", start + minute, start + 10 * minute);
        QCOMPARE(samples.size(), std::size_t(6));
        for (const TimedValue &sample : samples)
            QCOMPARE(sample.value, 0.002 * double(sample.ms - start));
        QVERIFY(samplesOf(store, "m", start - hour, start - 1).empty());
    }

    void matchersChooseSeries_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("chosen"); // zones
        using Kind = Matcher::Kind;
        const auto row = [](const char *name, Kind kind, const char *value, const char *chosen) {
            QTest::newRow(name) << int(kind) << QByteArray(value) << QByteArray(chosen);
        };
        row("equal", Kind::Equal, "a", "a");
        row("equal to nothing takes those without", Kind::Equal, "", "-");
        row("not equal takes those without", Kind::NotEqual, "a", "- ab b");
        row("not equal to nothing", Kind::NotEqual, "", "a ab b");
        row("whole value", Kind::Regex, "a", "a");
        row("alternatives are anchored as one", Kind::Regex, "a|b", "a b");
        row("anything", Kind::Regex, ".*", "- a ab b");
        row("something", Kind::Regex, ".+", "a ab b");
        row("not matching takes those without", Kind::NotRegex, "a.*", "- b");
        row("not anything", Kind::NotRegex, ".*", "");
    }
    void matchersChooseSeries()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, chosen);
        SampleStore store;
        for (const char *zone : {"b", "a", "", "ab"})
            store.append(store.series({{"__name__", "m"}, {"zone", zone}}), start, 1);
        auto matchers = named("m");
        matchers.push_back(matcher(static_cast<Matcher::Kind>(kind), "zone", value.constData()));
        QByteArrayList zones;
        for (const LabelSet &labels : store.labelSets(matchers, start, start)) {
            const auto zone = labelValue(labels, "zone");
            zones << (zone.empty() ? QByteArray("-") : QByteArray(zone.data(), qsizetype(zone.size())));
        }
        QCOMPARE(zones.join(' '), chosen);
        QVERIFY(store.labelSets(matchers, start + 1, start + 9).empty());
    }

    void badExpressionIsExplainedInGosWords_data()
    {
        QTest::addColumn<QByteArray>("expression");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("bracket") << QByteArray("[a") << QByteArray("error parsing regexp: missing closing ]: `[a)$`");
        QTest::newRow("parenthesis") << QByteArray("(a")
                                     << QByteArray("error parsing regexp: missing closing ): `^(?:(a)$`");
        QTest::newRow("star") << QByteArray("*")
                              << QByteArray("error parsing regexp: missing argument to repetition operator: `*`");
        QTest::newRow("look ahead") << QByteArray("(?=a)")
                                    << QByteArray("error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
        QTest::newRow("back reference") << QByteArray("(a)\\1")
                                        << QByteArray("error parsing regexp: invalid escape sequence: `\\1`");
    }
    void badExpressionIsExplainedInGosWords()
    {
        QFETCH(QByteArray, expression);
        QFETCH(QByteArray, words);
        std::string error;
        QVERIFY(!Matcher::make(Matcher::Kind::Regex, "a", expression.toStdString(), &error));
        QCOMPARE(QByteArray::fromStdString(error), words);
    }

    void manyThreadsAtOnce()
    {
        SampleStore store;
        std::atomic<bool> isDone = false;
        std::atomic<int> disorder = 0;
        std::thread reader([&] {
            while (!isDone) {
                store.visit(named("m"), 0, start + 10 * hour, [&](const LabelSet &, const auto &samples) {
                    for (std::size_t i = 1; i < samples.size(); ++i)
                        disorder += samples[i].ms <= samples[i - 1].ms;
                });
            }
        });
        std::vector<std::thread> writers;
        for (int w = 0; w < 3; ++w) {
            writers.emplace_back([&store, w] {
                const SeriesRef ref = store.series({{"__name__", "m"}, {"writer", std::to_string(w)}});
                for (int i = 0; i < 2000; ++i)
                    store.append(ref, start + i * 5000, i);
            });
        }
        for (std::thread &writer : writers)
            writer.join();
        isDone = true;
        reader.join();
        QCOMPARE(disorder.load(), 0);
        QCOMPARE(store.usage().series, std::size_t(3));
    }
};

QTEST_GUILESS_MAIN(TestSampleStore)
#include "test_samplestore.moc"
