#include "services/operations/lockkey.h"

#include <algorithm>

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

QStringList lockPlacesOf(const Plan &plan)
{
    QStringList places;
    const bool isRedeploy = plan.kind == OperationKind::RerunRun && plan.direction == Direction::Back;
    if ((isRedeploy || plan.kind == OperationKind::Promote) && !plan.places.isEmpty())
        places = plan.places + QStringList{plan.environment};
    places.removeAll(QString());
    for (QString &place : places)
        place = place.toLower(); // vendors do not always tell case apart
    places.removeDuplicates();
    return places;
}

bool areApart(const QStringList &one, const QStringList &other)
{
    return !one.isEmpty() && !other.isEmpty() &&
           std::none_of(one.cbegin(), one.cend(), [&other](const QString &place) { return other.contains(place); });
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
