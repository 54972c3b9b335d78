#include "ui/pages/operation/trackverdict.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace signalbox
{

namespace
{

constexpr double timesStable = 3;
constexpr int badInARow = 3;

// What a figure has to be away from the stable one, however small that is.
double leastDistance(const MetricPanel &panel)
{
    if (panel.id != QLatin1String("errors"))
        return 0;
    return panel.unit == QLatin1String("percent") ? 1.0 : panel.unit == QLatin1String("ratio") ? 0.01 : 0;
}

bool isComparable(const MetricPanel &panel)
{
    return panel.higherIsWorse &&
           (panel.id == QLatin1String("errors") || panel.id.startsWith(QLatin1String("latency")));
}

const ChartSeries *seriesOf(const PanelData &data, const QString &track)
{
    const auto found = std::find_if(data.series.begin(), data.series.end(),
                                    [&track](const ChartSeries &series) { return series.track == track; });
    return found == data.series.end() ? nullptr : &*found;
}

// The newest one that is not younger than `time`. A track that gets nothing any more keeps the last it had.
std::optional<double> valueAt(const ChartSeries *series, qint64 time)
{
    if (!series)
        return std::nullopt;
    const auto after = std::upper_bound(series->samples.begin(), series->samples.end(), time,
                                        [](qint64 at, const Sample &sample) { return at < sample.time; });
    const auto last = std::find_if(std::make_reverse_iterator(after), series->samples.rend(),
                                   [](const Sample &sample) { return std::isfinite(sample.value); });
    return last == series->samples.rend() ? std::nullopt : std::optional(last->value);
}

} // namespace

bool isJudged(const MetricPanel &panel)
{
    return panel.limit || isComparable(panel);
}

std::optional<double> limitOf(const MetricPanel &panel, std::optional<double> stable)
{
    if (panel.limit || !isComparable(panel) || !stable)
        return panel.limit;
    const double limit = std::max(timesStable * *stable, *stable + leastDistance(panel));
    return limit > 0 ? std::optional(limit) : std::nullopt;
}

Health verdictOf(const MetricPanel &panel, double value, std::optional<double> stable)
{
    const std::optional<double> limit = limitOf(panel, stable);
    if (!limit || !std::isfinite(value))
        return Health::Unknown;
    if (panel.higherIsWorse ? value > *limit : value < *limit)
        return Health::Failing;
    MetricPanel compared = panel;
    compared.limit.reset();
    const std::optional<double> usual = limitOf(compared, stable);
    if (usual && value > (*stable + *usual) / 2)
        return Health::Warning;
    return Health::Ok;
}

TrackVerdict verdictOf(const PanelData &data, const QString &track, const QString &stable,
                       std::optional<double> reference)
{
    const ChartSeries *const series = seriesOf(data, track);
    if (!series || data.freshness.state != Freshness::State::Live || !latestSample(data, *series))
        return {};
    const bool isCompared = stable != track && !stable.isEmpty();
    const ChartSeries *const other = isCompared ? seriesOf(data, stable) : nullptr;
    const auto judged = [&](const Sample &sample) {
        std::optional<double> beside = valueAt(other, sample.time);
        if (!beside && isCompared)
            beside = reference;
        return verdictOf(data.panel, sample.value, beside);
    };
    TrackVerdict verdict;
    int bad = 0;
    for (auto it = series->samples.rbegin(); it != series->samples.rend(); ++it) {
        if (!std::isfinite(it->value)) // a hole says nothing
            continue;
        const Health health = judged(*it);
        if (bad == 0)
            verdict.health = health;
        if (health != Health::Failing) {
            verdict.isBeginSeen = bad > 0 && health != Health::Unknown;
            break;
        }
        ++bad;
        verdict.since = QDateTime::fromMSecsSinceEpoch(it->time, Qt::UTC);
    }
    if (bad > 0 && bad < badInARow)
        return {Health::Warning, {}, false};
    return verdict;
}

std::optional<double> lastFigureOf(const PanelData &data, const QString &track)
{
    return valueAt(seriesOf(data, track), std::numeric_limits<qint64>::max());
}

QString stableTrackOf(const Deployed &deployed)
{
    const Track *stable = nullptr;
    qsizetype live = 0;
    for (const Track &track : deployed.tracks) {
        if (track.share.value_or(0) <= 0)
            continue;
        ++live;
        if (!stable || track.since < stable->since)
            stable = &track;
    }
    if (!stable)
        return {};
    const Track *before = nullptr; // the newest that is older
    for (const Track &track : deployed.tracks) {
        const bool isOlder = track.since.isValid() && track.since < stable->since;
        if (isOlder && (!before || before->since < track.since))
            before = &track;
    }
    return live == 1 && before ? before->name : stable->name;
}

QString verdictWord(Health verdict)
{
    switch (verdict) {
    case Health::Ok:
        return QCoreApplication::translate("TrackVerdict", "pass");
    case Health::Warning:
        return QCoreApplication::translate("TrackVerdict", "watch");
    case Health::Failing:
        return QCoreApplication::translate("TrackVerdict", "fail");
    default:
        return {};
    }
}

} // namespace signalbox
