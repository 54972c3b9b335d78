#pragma once

#include "app/console/tour/script.h"

namespace signalbox
{

// How a release that waits for the operator goes on: what it changes is read, it is approved with a signature and
// started.
QList<TourStep> stepsApprove(const QList<PageEntry> &pages);
// Some time later: it is carried out and observed; the ledger has every word of it.
QList<TourStep> stepsObserved(const QList<PageEntry> &pages);

} // namespace signalbox
