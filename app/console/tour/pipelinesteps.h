#pragma once

#include "app/console/tour/script.h"

namespace signalbox
{

// A run that waits at its production gate: it is found among the runs of all vendors, its stages are walked, a log is
// read; then its gate is opened from the inbox, approved, and the run goes on at the vendor.
QList<TourStep> stepsPipeline(const QList<PageEntry> &pages);

} // namespace signalbox
