#pragma once

#include "models/series/trackseries.h"

#include <optional>

namespace signalbox
{

// What a chart needs to draw one panel.
struct PanelData
{
    MetricPanel panel;
    QList<ChartSeries> series; // holes are missing samples or values that are not finite; empty: no data
    qint64 stepMs = 0;         // distance at which samples are expected
    QStringList warnings;
    Freshness freshness; // Stale: what is shown was true at lastHeard
};

// The newest sample of one of its series; none where the series ended while others went on, or while the source did:
// what ended is no latest value. A slow source may be some steps behind.
std::optional<Sample> latestSample(const PanelData &data, const ChartSeries &series);

// The range all panels of a page are asked for.
struct MetricRange
{
    qint64 lengthMs = 15 * 60 * 1000;
    QDateTime end; // UTC; invalid: now, and moving on with it
    bool isLive() const { return !end.isValid(); }
    bool operator==(const MetricRange &) const = default;
};

} // namespace signalbox
