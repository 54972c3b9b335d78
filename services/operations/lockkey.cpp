#include "services/operations/lockkey.h"

namespace signalbox
{

namespace
{

// What is decided or stopped: the path of the first call, without its last word, which says how.
QString placeIn(const Plan &plan)
{
    const QString path = plan.steps.isEmpty() ? QString() : plan.steps.first().call.path;
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
    if (plan.kind == OperationKind::DecideGate)
        key += QLatin1String("|gate|") + placeIn(plan);
    else if (plan.kind == OperationKind::CancelRun)
        key += QLatin1String("|run|") + placeIn(plan);
    return key;
}

} // namespace signalbox
