#pragma once

#include "models/domain/operation.h"

namespace signalbox
{

// What an operation of this plan holds: connection|ns|application, as Deployed::key().
// At a server of pipelines `ns` is a project that deploys to several environments, and a run is awaited there for many
// minutes: the environment belongs to the key. A decision at a gate holds that gate alone, since the run that an
// awaiting operation watches may go on only once another gate of it was decided.
QString lockKeyOf(const Plan &plan);

// Others do what this step waits for; it is only looked at.
bool callsNothing(const PlanStep &step);

} // namespace signalbox
