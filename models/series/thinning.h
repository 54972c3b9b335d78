#pragma once

#include "models/domain/metric.h"

#include <QList>

// From samples to what a chart of so many pixels can show. Pure functions; any thread.
namespace signalbox
{

// Samples without a hole between them. A run of one sample is a dot.
using SampleRun = QList<Sample>;

struct ThinningRequest
{
    qint64 start = 0; // ms since the epoch: the visible range
    qint64 end = 0;
    int pixels = 0;    // width of the plot; at least 1
    qint64 stepMs = 0; // distance at which samples are expected; 0: not known, then only NaN and infinities are holes
};

// A hole is a value that is not finite, or a distance between samples of more than one and a half steps. Within each
// column of pixels the first, lowest, highest and last sample of a run are kept (in order of time), so that no spike is
// lost and runs meet where they met. One sample on either side of the visible range is kept too, if no hole parts it
// from the range: lines go on to the edge. Samples are ordered by time.
QList<SampleRun> thinned(const QList<Sample> &samples, const ThinningRequest &request);

// Many series as one band: the lowest, median and highest finite value of all series in each column. Columns in which
// no series has a value are left out: a hole.
struct BandColumn
{
    qint64 time = 0; // start of the column
    double low = 0;
    double median = 0;
    double high = 0;
    bool operator==(const BandColumn &) const = default;
};
QList<QList<BandColumn>> band(const QList<QList<Sample>> &series, const ThinningRequest &request);

// The lowest and highest finite value within the visible range; nothing where there is none.
struct ValueRange
{
    double low = 0;
    double high = 0;
    bool operator==(const ValueRange &) const = default;
};
std::optional<ValueRange> valueRange(const QList<Sample> &samples, qint64 start, qint64 end);

// The finite sample nearest to a time, within `tolerance` ms; nothing if there is a hole.
std::optional<Sample> sampleAt(const QList<Sample> &samples, qint64 time, qint64 tolerance);

} // namespace signalbox
