#pragma once

#include "services/ledger/operationjson.h"

namespace signalbox::operationjson
{

// A plan as the journal keeps it: without bodies, undo calls and differences (see Journal).
Json toJson(const Plan &plan);
Plan planFrom(const Fields &fields);
Json toJson(const PlanStep &step);
PlanStep stepFrom(const Fields &fields);

} // namespace signalbox::operationjson
