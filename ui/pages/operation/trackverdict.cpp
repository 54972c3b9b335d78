#include "ui/pages/operation/trackverdict.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr double timesStable = 3;

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

// The newest one that is not younger than `time`, unless it is too old to say anything of it.
std::optional<double> valueAt(const PanelData &data, const ChartSeries *series, qint64 time)
{
    if (!series)
        return std::nullopt;
    const qint64 tolerance = 2 * std::max<qint64>(data.stepMs, 1000);
    const auto after = std::upper_bound(series->samples.begin(), series->samples.end(), time,
                                        [](qint64 at, const Sample &sample) { return at < sample.time; });
    if (after == series->samples.begin())
        return std::nullopt;
    const Sample &sample = *std::prev(after);
    return time - sample.time <= tolerance && std::isfinite(sample.value) ? std::optional(sample.value) : std::nullopt;
}

} // namespace

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

TrackVerdict verdictOf(const PanelData &data, const QString &track, const QString &stable)
{
    const ChartSeries *const series = seriesOf(data, track);
    if (!series || data.freshness.state != Freshness::State::Live)
        return {};
    const std::optional<Sample> newest = latestSample(data, *series);
    if (!newest)
        return {};
    const ChartSeries *const other = stable == track || stable.isEmpty() ? nullptr : seriesOf(data, stable);
    TrackVerdict verdict;
    verdict.health = verdictOf(data.panel, newest->value, valueAt(data, other, newest->time));
    if (verdict.health != Health::Failing)
        return verdict;
    for (auto it = series->samples.rbegin(); it != series->samples.rend(); ++it) {
        if (!std::isfinite(it->value)) // a hole says nothing
            continue;
        if (verdictOf(data.panel, it->value, valueAt(data, other, it->time)) != Health::Failing)
            break;
        verdict.since = QDateTime::fromMSecsSinceEpoch(it->time, Qt::UTC);
    }
    return verdict;
}

QString stableTrackOf(const Deployed &deployed)
{
    const Track *stable = nullptr;
    for (const Track &track : deployed.tracks) {
        if (track.share.value_or(0) > 0 && (!stable || track.since < stable->since))
            stable = &track;
    }
    return stable ? stable->name : QString();
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
