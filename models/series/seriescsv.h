#pragma once

#include "models/series/paneldata.h"

namespace signalbox
{

// The samples of these panels within [start, end] (ms since the epoch) as CSV (RFC 4180): a column per series, a line
// per time, in UTC. A hole is an empty cell; NaN and infinities are written as such.
QString seriesCsv(const QList<PanelData> &panels, qint64 start, qint64 end);

} // namespace signalbox
