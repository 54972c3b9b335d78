#pragma once

#include "models/domain/drill.h"

namespace signalbox::drills
{

// Two attempts at "The last step", a week and a day before `now`: what the screen of drills shows of somebody who
// practised before. The drills themselves judge them, on looks that are played to them. For a picture tour, whose data
// folder is thrown away; never for a folder of the operator's. Oldest first.
QList<Debrief> earlierDrills(const QDateTime &now);

} // namespace signalbox::drills
