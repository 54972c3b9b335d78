#pragma once

#include "models/domain/health.h"
#include "models/series/paneldata.h"
#include "services/drills/scenario.h"

namespace signalbox::drills
{

// Whether whoever looks at the chart sees the fault in it. `beganMs`: when the drill began (the world's time).
bool showsFault(const ShownFault &shown, const DrillInfo &info, const PanelData &chart, std::int64_t beganMs);
// A row that says so asks for somebody to look.
bool isAlarming(Health health);

} // namespace signalbox::drills
