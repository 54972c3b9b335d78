#include "models/series/paneldata.h"

#include <algorithm>
#include <cmath>

namespace signalbox
{

std::optional<Sample> latestSample(const PanelData &data, const ChartSeries &series)
{
    if (series.samples.isEmpty() || !std::isfinite(series.samples.last().value))
        return std::nullopt;
    const qint64 tolerance = std::max<qint64>(data.stepMs, 1000);
    qint64 reference = data.freshness.lastHeard.toMSecsSinceEpoch() - 20 * tolerance;
    for (const ChartSeries &other : data.series) {
        if (!other.samples.isEmpty())
            reference = std::max(reference, other.samples.last().time);
    }
    if (reference - series.samples.last().time > 2 * tolerance)
        return std::nullopt;
    return series.samples.last();
}

} // namespace signalbox
