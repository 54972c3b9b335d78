#pragma once

#include <QDateTime>
#include <QList>
#include <QString>
#include <QTimeZone>

// Steps, ticks and the words for values. Pure functions; any thread.
namespace signalbox
{

// The most points a Prometheus gives per series and range query.
constexpr qint64 maxPointsPerSeries = 11000;

// The step of a range query for a chart of so many pixels: about one point a pixel, rounded up to 1, 2, 5, 10, 15, 30
// s, 1, 2, 5, 10, 15, 30 min, 1, 2, 3, 6, 12 h or whole days; never under `leastMs` (the scrape interval: a finer step
// repeats samples), never so fine that the range has more than maxPointsPerSeries points. All in ms.
qint64 stepForWidth(qint64 rangeMs, int pixels, qint64 leastMs = 1000);

// What a rate must look back over so that it spans at least two scrapes at each step: max(4 scrapes, step + scrape).
qint64 rateWindowMs(qint64 stepMs, qint64 scrapeMs);

QString promDuration(qint64 ms); // "15s", "1m", "1500ms": as Prometheus reads it

struct AxisTick
{
    double value = 0;
    QString label;
    bool operator==(const AxisTick &) const = default;
};

// At most `most` round values (1, 2, 2.5, 5 x 10^n) that span [low, high]; the first is <= low and the last >= high.
// Labelled in one unit: that of the highest, or of `largest` where that is more.
QList<AxisTick> valueTicks(double low, double high, int most, const QString &unit, double largest = 0);

struct TimeTick
{
    qint64 time = 0;
    QString label;
    bool operator==(const TimeTick &) const = default;
};

// Round times of the zone within [start, end], at most `most`: "14:05", with seconds where they matter, with the day at
// midnight.
QList<TimeTick> timeTicks(qint64 start, qint64 end, int most, const QTimeZone &zone);

// A value for people, in at most four figures, with its unit: "231/s", "0.44 %", "191 ms", "1.2 GB", "1.4 k". NaN and
// infinities are named, never hidden.
QString valueText(double value, const QString &unit);
// The same in the unit that suits `largest`, unless it is less than a hundredth of that: values side by side are read
// in one.
QString valueText(double value, const QString &unit, double largest);
// The unit itself, as such values are written: "ms" is "s" beside 12,000 ms. Prefixes stand with the values.
QString writtenUnit(const QString &unit, double largest);
QString bareValueText(double value, const QString &unit); // the same without the unit, where the unit stands beside

// "5 s", "3 min", "2 h", "4 d": an age or a distance.
QString spanText(qint64 ms);

} // namespace signalbox
