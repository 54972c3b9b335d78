#include "services/pipelines/budgetwindow.h"

#include <algorithm>
#include <cstdlib>

namespace signalbox
{

namespace
{

// The reset is told in whole seconds, and some servers reckon it anew for each answer.
constexpr qint64 sameWindowMs = 1000;

} // namespace

RequestBudget heardBudget(const std::optional<RequestBudget> &known, const RequestBudget &seen, const QDateTime &now)
{
    // Another limit is another count altogether: a token was changed, or the server has several.
    if (!known || known->limit != seen.limit || !known->resetsAt.isValid() || !seen.resetsAt.isValid())
        return seen;
    const qint64 later = known->resetsAt.msecsTo(seen.resetsAt);
    if (std::llabs(later) <= sameWindowMs) {
        RequestBudget lowest = seen;
        lowest.remaining = std::min(seen.remaining, known->remaining);
        lowest.resetsAt = std::max(seen.resetsAt, known->resetsAt);
        return lowest;
    }
    const bool isOver = now.isValid() && seen.resetsAt <= now;
    return later < 0 && isOver ? *known : seen;
}

} // namespace signalbox
