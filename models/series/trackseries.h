#pragma once

#include "models/domain/metric.h"

#include <QDateTime>

// What one chart shows: series that know which track they belong to.
namespace signalbox
{

struct ChartSeries
{
    QString name;  // "blue", or the labels that tell it from its neighbours
    QString track; // "blue"; empty: not a track's
    QList<Sample> samples;
    bool operator==(const ChartSeries &) const = default;
};

// A vertical line with a word: a deployment, a shift of traffic, a rollback.
struct ChartMarker
{
    qint64 time = 0; // ms since the epoch
    QString label;   // "2.15.0-rc.2 to green"
    bool operator==(const ChartMarker &) const = default;
};

// Names the series of an answer: by the panel's track label and its mapping, else by the labels in which they differ.
// Order: tracks as named by `trackOrder`, then the others by name.
QList<ChartSeries> chartSeries(const QList<MetricSeries> &series, const MetricPanel &panel,
                               const QStringList &trackOrder = {});

} // namespace signalbox
