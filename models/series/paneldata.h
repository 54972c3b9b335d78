#pragma once

#include "models/series/trackseries.h"

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

// The range all panels of a page are asked for.
struct MetricRange
{
    qint64 lengthMs = 15 * 60 * 1000;
    QDateTime end; // UTC; invalid: now, and moving on with it
    bool isLive() const { return !end.isValid(); }
    bool operator==(const MetricRange &) const = default;
};

} // namespace signalbox
