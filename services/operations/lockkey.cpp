#include "services/operations/lockkey.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// A promotion that a vendor's gate carries out ends with a step that calls nothing.
bool isAtPipelines(const Plan &plan)
{
    switch (plan.kind) {
    case OperationKind::RerunRun:
    case OperationKind::CancelRun:
    case OperationKind::TriggerRun:
    case OperationKind::DecideGate:
        return true;
    case OperationKind::Promote:
        return std::any_of(plan.steps.cbegin(), plan.steps.cend(),
                           [](const PlanStep &step) { return callsNothing(step); });
    default:
        return false;
    }
}

// The path without its last word, which says what is decided.
QString gateIn(const Plan &plan)
{
    const QString path = plan.steps.isEmpty() ? QString() : plan.steps.last().call.path;
    return path.left(path.lastIndexOf(QLatin1Char('/')));
}

} // namespace

bool callsNothing(const PlanStep &step)
{
    return step.call.method == QLatin1String("LOOK");
}

QString lockKeyOf(const Plan &plan)
{
    QString key = plan.connection + QLatin1Char('|') + plan.ns + QLatin1Char('|') + plan.application;
    if (isAtPipelines(plan))
        key += QLatin1Char('|') + plan.environment;
    if (plan.kind == OperationKind::DecideGate)
        key += QLatin1String("|gate|") + gateIn(plan);
    return key;
}

} // namespace signalbox
