#include "services/drills/sight.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace signalbox::drills
{

namespace
{

// A line that ended is seen as such when the hole behind it is wider than what a late answer leaves.
constexpr qint64 narrowestHoleMs = 20'000;

bool isOf(const MetricPanel &panel, const DrillInfo &info)
{
    const auto names = [&panel](const QString &value) { // alone or as one of several
        const QString whole = QStringLiteral("[\"|]%1[\"|]").arg(QRegularExpression::escape(value));
        return panel.expression.contains(QRegularExpression(whole));
    };
    return names(info.application) && names(info.ns);
}

// A line that nobody saw in this drill cannot be seen to end.
bool hasEnded(const PanelData &chart, std::int64_t beganMs)
{
    const bool wasThere = std::any_of(chart.series.begin(), chart.series.end(), [beganMs](const ChartSeries &series) {
        return !series.samples.isEmpty() && series.samples.last().time >= beganMs;
    });
    if (!wasThere)
        return false;
    const qint64 hole = std::max(narrowestHoleMs, 4 * chart.stepMs);
    const qint64 until = chart.freshness.lastHeard.toMSecsSinceEpoch() - hole;
    return std::all_of(chart.series.begin(), chart.series.end(), [until](const ChartSeries &series) {
        return series.samples.isEmpty() || series.samples.last().time < until;
    });
}

bool hasRisen(const ChartSeries &series, double latest, qint64 percent, std::int64_t sinceMs)
{
    const auto before = std::find_if(series.samples.begin(), series.samples.end(), [sinceMs](const Sample &sample) {
        return sample.time >= sinceMs && std::isfinite(sample.value);
    });
    return before != series.samples.end() && before->value > 0 &&
           100 * (latest - before->value) >= static_cast<double>(percent) * before->value;
}

bool isBeyond(const ShownFault &shown, const PanelData &chart, const ChartSeries &series, std::int64_t beganMs)
{
    if (!shown.track.isEmpty() && series.track != shown.track)
        return false;
    const std::optional<Sample> latest = latestSample(chart, series);
    if (!latest)
        return false;
    return (shown.above && latest->value > static_cast<double>(*shown.above)) ||
           (shown.below && latest->value < static_cast<double>(*shown.below)) ||
           (shown.risesBy && hasRisen(series, latest->value, *shown.risesBy, beganMs));
}

} // namespace

bool showsFault(const ShownFault &shown, const DrillInfo &info, const PanelData &chart, std::int64_t beganMs)
{
    const bool isAnswered = chart.freshness.state == Freshness::State::Live && chart.freshness.lastHeard.isValid();
    if (!isAnswered || !isOf(chart.panel, info) || (!shown.panel.isEmpty() && shown.panel != chart.panel.id))
        return false;
    if (shown.ends)
        return hasEnded(chart, beganMs);
    return std::any_of(chart.series.begin(), chart.series.end(),
                       [&](const ChartSeries &series) { return isBeyond(shown, chart, series, beganMs); });
}

bool isAlarming(Health health)
{
    return health == Health::Warning || health == Health::Failing;
}

} // namespace signalbox::drills
