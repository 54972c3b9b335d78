#include "models/series/axis.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace signalbox
{
namespace
{

constexpr qint64 second = 1000;
constexpr qint64 minute = 60 * second;
constexpr qint64 hour = 60 * minute;
constexpr qint64 day = 24 * hour;

constexpr std::array roundSpans = {1 * second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
                                   1 * minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
                                   1 * hour,   2 * hour,   3 * hour,   6 * hour,    12 * hour,   1 * day};

qint64 roundedUp(qint64 ms)
{
    const auto found = std::lower_bound(roundSpans.begin(), roundSpans.end(), ms);
    return found != roundSpans.end() ? *found : (ms + day - 1) / day * day;
}

double roundStep(double atLeast)
{
    const double power = std::pow(10.0, std::floor(std::log10(atLeast)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
        if (factor * power >= atLeast * (1 - 1e-9))
            return factor * power;
    }
    return 10 * power;
}

// Four figures at most and no needless zeros: 0.4417 -> "0.442", 231.4 -> "231", 12.34 -> "12.3".
QString figures(double value)
{
    const double size = std::abs(value);
    if (size == 0)
        return QStringLiteral("0");
    if (size < 0.001 || size >= 1e6)
        return QString::number(value, 'g', 3);
    const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    QString text = QString::number(value, 'f', decimals);
    if (text.contains(u'.')) {
        while (text.endsWith(u'0'))
            text.chop(1);
        if (text.endsWith(u'.'))
            text.chop(1);
    }
    return text;
}

struct Scaled
{
    double value = 0;
    QString prefix;
};

// By the size of `largest`, which may be the value itself.
Scaled scaled(double value, const QString &unit, double largest)
{
    const double size = std::abs(largest);
    if (unit == u"percent" || unit == u"ratio" || size < 10000 * (unit == u"bytes" ? 0.1 : 1.0))
        return {value, {}};
    static const std::array<std::pair<double, const char *>, 5> steps = {
        {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
    for (const auto &[factor, prefix] : steps) {
        if (size >= factor)
            return {value / factor, QString::fromLatin1(prefix)};
    }
    return {value, {}};
}

// A unit of time moves to the next one instead of taking a prefix: 12,000 ms is 12 s.
std::pair<double, QString> rescaledTime(double value, const QString &unit, double largest)
{
    if (unit == u"ms" && std::abs(largest) >= 10000)
        return {value / 1000, QStringLiteral("s")};
    if (unit == u"s" && largest != 0 && std::abs(largest) < 1)
        return {value * 1000, QStringLiteral("ms")};
    return {value, unit};
}

QString suffix(const QString &unit, const QString &prefix)
{
    if (unit == u"percent")
        return QStringLiteral(" %");
    if (unit == u"per second")
        return (prefix.isEmpty() ? QString() : u' ' + prefix) + QStringLiteral("/s");
    if (unit == u"bytes")
        return u' ' + prefix + u'B';
    if (unit == u"bytes per second")
        return u' ' + prefix + QStringLiteral("B/s");
    if (unit == u"count" || unit == u"ratio" || unit.isEmpty())
        return prefix.isEmpty() ? QString() : u' ' + prefix;
    if (unit == u"cores")
        return u' ' + prefix + QCoreApplication::translate("Unit", "cores");
    return u' ' + prefix + unit;
}

QString unusual(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    return value > 0 ? QStringLiteral("+Inf") : QStringLiteral("-Inf");
}

QString timeLabel(const QDateTime &time, qint64 stepMs)
{
    if (time.time().msecsSinceStartOfDay() == 0 || stepMs >= day)
        //: A date without the year, in the format of QDateTime::toString().
        return time.toString(QCoreApplication::translate("Span", "d MMM"));
    return time.toString(stepMs < minute ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

} // namespace

qint64 stepForWidth(qint64 rangeMs, int pixels, qint64 leastMs)
{
    const qint64 range = std::max<qint64>(rangeMs, 1);
    const qint64 perPixel = range / std::max(pixels, 1);
    // A range of n steps has n + 1 points.
    const qint64 perLimit = (range + maxPointsPerSeries - 2) / (maxPointsPerSeries - 1);
    return roundedUp(std::max({perPixel, perLimit, leastMs, second}));
}

qint64 rateWindowMs(qint64 stepMs, qint64 scrapeMs)
{
    return std::max(4 * scrapeMs, stepMs + scrapeMs);
}

QString promDuration(qint64 ms)
{
    for (const auto &[size, unit] :
         {std::pair(day, 'd'), std::pair(hour, 'h'), std::pair(minute, 'm'), std::pair(second, 's')}) {
        if (ms >= size && ms % size == 0)
            return QString::number(ms / size) + QLatin1Char(unit);
    }
    return QString::number(ms) + QStringLiteral("ms");
}

QList<AxisTick> valueTicks(double low, double high, int most, const QString &unit, double largest)
{
    QList<AxisTick> ticks;
    if (!std::isfinite(low) || !std::isfinite(high) || most < 2)
        return ticks;
    if (high < low)
        std::swap(low, high);
    if (high - low <= std::max(std::abs(low), std::abs(high)) * 1e-12) {
        const double room = high == 0 ? 1 : std::abs(high) * 0.5;
        low = low >= 0 ? std::max(0.0, low - room) : low - room;
        high += room;
    }
    double step = roundStep((high - low) / (most - 1));
    double first = std::floor(low / step + 1e-9) * step;
    while (std::ceil((high - first) / step - 1e-9) + 1 > most) {
        step = roundStep(step * 1.01);
        first = std::floor(low / step + 1e-9) * step;
    }
    const int count = static_cast<int>(std::ceil((high - first) / step - 1e-9)) + 1;
    largest = std::max({std::abs(largest), std::abs(first), std::abs(first + (count - 1) * step)});
    for (int i = 0; i < count; ++i) {
        double value = first + i * step;
        if (std::abs(value) < step * 1e-9)
            value = 0;
        ticks.append({value, valueText(value, unit, largest)});
    }
    return ticks;
}

QList<TimeTick> timeTicks(qint64 start, qint64 end, int most, const QTimeZone &zone)
{
    QList<TimeTick> ticks;
    if (end <= start || most < 1)
        return ticks;
    const qint64 step = roundedUp((end - start) / most + 1);
    // Round in the zone's own time. The offset is that of each tick, or a change of daylight saving would shift the
    // rest.
    qint64 local = (start + zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(start, Qt::UTC)) * second) / step * step;
    for (;; local += step) {
        const QDateTime guess = QDateTime::fromMSecsSinceEpoch(local, Qt::UTC);
        const qint64 time = local - zone.offsetFromUtc(QDateTime(guess.date(), guess.time(), zone).toUTC()) * second;
        if (time > end)
            break;
        if (time >= start && (ticks.isEmpty() || time > ticks.last().time))
            ticks.append({time, timeLabel(guess, step)});
    }
    return ticks;
}

QString bareValueText(double value, const QString &unit)
{
    if (!std::isfinite(value))
        return unusual(value);
    const Scaled scale = scaled(value, unit, value);
    return figures(scale.value) + (scale.prefix.isEmpty() ? QString() : u' ' + scale.prefix);
}

QString valueText(double value, const QString &unit)
{
    return valueText(value, unit, value);
}

QString valueText(double value, const QString &unit, double largest)
{
    if (!std::isfinite(value))
        return unusual(value);
    const double own = std::abs(value);
    const bool isSmall = !std::isfinite(largest) || (own > 0 && own < std::abs(largest) / 100);
    const double size = isSmall ? own : std::max(own, std::abs(largest));
    const auto [inUnit, shownUnit] = rescaledTime(value, unit, size);
    if (shownUnit == u"ms" || shownUnit == u"s")
        return figures(inUnit) + u' ' + shownUnit;
    const Scaled scale = scaled(inUnit, unit, size);
    return figures(scale.value) + suffix(unit, scale.prefix);
}

QString writtenUnit(const QString &unit, double largest)
{
    return std::isfinite(largest) ? rescaledTime(largest, unit, largest).second : unit;
}

QString spanText(qint64 ms)
{
    const qint64 size = std::max<qint64>(ms, 0);
    if (size < minute)
        return QCoreApplication::translate("Span", "%1 s").arg(size / second);
    if (size < hour)
        return QCoreApplication::translate("Span", "%1 min").arg(size / minute);
    if (size < 2 * day)
        return QCoreApplication::translate("Span", "%1 h").arg(size / hour);
    return QCoreApplication::translate("Span", "%1 d").arg(size / day);
}

} // namespace signalbox
