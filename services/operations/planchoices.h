#pragma once

#include "models/domain/operation.h"

// What the operator chose in one plan, kept in the same plan made again. Pure.
namespace signalbox
{

// `plan` with the optional steps, told by their titles, as they are chosen in `earlier`.
inline Plan withChoicesOf(Plan plan, const Plan &earlier)
{
    for (PlanStep &step : plan.steps) {
        for (const PlanStep &before : earlier.steps) {
            if (step.isOptional && before.isOptional && before.title == step.title)
                step.isChosen = before.isChosen;
        }
    }
    return plan;
}

} // namespace signalbox
