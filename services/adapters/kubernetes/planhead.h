#pragma once

#include "models/domain/operation.h"
#include "models/domain/ulid.h"

namespace signalbox::kubernetes
{

// What every plan begins with: what was ordered, and where it is carried out.
template <typename Order>
Plan planHead(OperationKind kind, Direction direction, const Order &order, const QString &connection, const QString &ns)
{
    Plan plan;
    plan.id = newUlid();
    plan.kind = kind;
    plan.direction = direction;
    plan.application = order.application;
    plan.environment = order.environment;
    plan.connection = connection;
    plan.ns = ns;
    plan.isProtected = isProtectedByName(order.environment.isEmpty() ? ns : order.environment);
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    return plan;
}

} // namespace signalbox::kubernetes
