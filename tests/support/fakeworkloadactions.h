#pragma once

#include "services/async/deliver.h"
#include "services/ports/rollbackprovider.h"

#include <QList>

#include <optional>

namespace signalbox::test
{

// Plans of one step, as asked for; `offered` goes before it.
class FakeWorkloadActions : public WorkloadActions
{
public:
    QFuture<Result<Plan>> plan(WorkloadOrder order, StopToken) override
    {
        orders.append(order);
        return ready(planFails ? Result<Plan>(*planFails) : Result<Plan>(planOf(order)));
    }

    Plan planOf(const WorkloadOrder &order) const
    {
        Plan plan;
        plan.id = QStringLiteral("01HQZX3T7Y0000000000000000");
        plan.kind = order.kind;
        plan.direction = order.kind == OperationKind::Pause ? Direction::Back : Direction::Forward;
        plan.application = order.application;
        plan.environment = order.environment;
        plan.connection = order.connection;
        plan.ns = order.ns;
        plan.isProtected = true;
        plan.effect = QStringLiteral("12 pods");
        plan.checks = checks;
        plan.plannedAt = plan.dryRunAt = QDateTime(QDate(2026, 3, 4), QTime(10, 0), Qt::UTC);
        if (offered)
            plan.steps.append(*offered);
        PlanStep step;
        step.id = QString::number(plan.steps.size() + 1);
        step.title = QStringLiteral("%1 %2").arg(operationKindName(order.kind), order.workload.name);
        step.call = {order.connection,
                     QStringLiteral("PATCH"),
                     QStringLiteral("/apis/apps/v1/") + order.workload.name,
                     {},
                     QByteArray::number(order.replicas)};
        step.diff = {{DiffLine::Kind::Added, QStringLiteral("spec.replicas: %1").arg(order.replicas)}};
        plan.steps.append(step);
        return plan;
    }

    QList<WorkloadOrder> orders;
    QList<Check> checks;
    std::optional<PlanStep> offered; // optional step that pauses somebody else
    std::optional<Error> planFails;
};

} // namespace signalbox::test
