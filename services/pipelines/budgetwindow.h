#pragma once

#include "models/pipelines/run.h"

#include <optional>

namespace signalbox
{

// What is left after one more answer. Questions go out side by side, so answers come in any order: of one window the
// lowest count is the newest, and what is of a window that was over before counts no more. `now` is the server's clock.
// Pure.
RequestBudget heardBudget(const std::optional<RequestBudget> &known, const RequestBudget &seen, const QDateTime &now);

} // namespace signalbox
