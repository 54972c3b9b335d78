#include "models/domain/operation.h"

#include <QCryptographicHash>

#include <algorithm>

namespace signalbox
{

QString operationKindName(OperationKind kind)
{
    switch (kind) {
    case OperationKind::Rollback:
        return QStringLiteral("rollback");
    case OperationKind::TrafficShift:
        return QStringLiteral("trafficShift");
    case OperationKind::TrafficSwitch:
        return QStringLiteral("trafficSwitch");
    case OperationKind::Scale:
        return QStringLiteral("scale");
    case OperationKind::Restart:
        return QStringLiteral("restart");
    case OperationKind::Pause:
        return QStringLiteral("pause");
    case OperationKind::Resume:
        return QStringLiteral("resume");
    case OperationKind::SuspendReconciliation:
        return QStringLiteral("suspendReconciliation");
    case OperationKind::Promote:
        return QStringLiteral("promote");
    case OperationKind::RerunRun:
        return QStringLiteral("rerunRun");
    case OperationKind::CancelRun:
        return QStringLiteral("cancelRun");
    case OperationKind::TriggerRun:
        return QStringLiteral("triggerRun");
    case OperationKind::DecideGate:
        return QStringLiteral("decideGate");
    }
    return {};
}

QString checkName(CheckId id)
{
    switch (id) {
    case CheckId::Rights:
        return QStringLiteral("rights");
    case CheckId::Freshness:
        return QStringLiteral("freshness");
    case CheckId::TargetExists:
        return QStringLiteral("targetExists");
    case CheckId::TargetImage:
        return QStringLiteral("targetImage");
    case CheckId::Capacity:
        return QStringLiteral("capacity");
    case CheckId::OtherOwner:
        return QStringLiteral("otherOwner");
    case CheckId::Autoscaler:
        return QStringLiteral("autoscaler");
    case CheckId::Paused:
        return QStringLiteral("paused");
    case CheckId::RolloutUnderWay:
        return QStringLiteral("rolloutUnderWay");
    case CheckId::FiringAlerts:
        return QStringLiteral("firingAlerts");
    case CheckId::FreezeWindow:
        return QStringLiteral("freezeWindow");
    case CheckId::Policy:
        return QStringLiteral("policy");
    case CheckId::SameState:
        return QStringLiteral("sameState");
    case CheckId::DryRun:
        return QStringLiteral("dryRun");
    case CheckId::Routing:
        return QStringLiteral("routing");
    case CheckId::ClockSkew:
        return QStringLiteral("clockSkew");
    case CheckId::Busy:
        return QStringLiteral("busy");
    }
    return {};
}

QString outcomeKindName(OutcomeKind kind)
{
    switch (kind) {
    case OutcomeKind::Done:
        return QStringLiteral("done");
    case OutcomeKind::NotEffective:
        return QStringLiteral("notEffective");
    case OutcomeKind::Refused:
        return QStringLiteral("refused");
    case OutcomeKind::Conflict:
        return QStringLiteral("conflict");
    case OutcomeKind::Cancelled:
        return QStringLiteral("cancelled");
    case OutcomeKind::Abandoned:
        return QStringLiteral("abandoned");
    case OutcomeKind::Preempted:
        return QStringLiteral("preempted");
    case OutcomeKind::Unknown:
        return QStringLiteral("unknown");
    case OutcomeKind::Failed:
        return QStringLiteral("failed");
    case OutcomeKind::DryRun:
        return QStringLiteral("dryRun");
    }
    return {};
}

bool hidesBody(const PlanStep &step, OperationKind kind)
{
    const bool isFilledIn =
        kind == OperationKind::TriggerRun || kind == OperationKind::RerunRun || kind == OperationKind::DecideGate;
    return isFilledIn || step.isBodyHidden || step.call.isSecret;
}

bool hidesAnyBody(const Plan &plan)
{
    return std::any_of(plan.steps.cbegin(), plan.steps.cend(),
                       [&plan](const PlanStep &step) { return hidesBody(step, plan.kind); });
}

bool Plan::isBlocked() const
{
    return std::any_of(checks.begin(), checks.end(), [](const Check &c) { return c.state == CheckState::Block; });
}

QByteArray Plan::fingerprint() const
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&hash](const QByteArray &bytes) {
        hash.addData(QByteArray::number(bytes.size()) + ':');
        hash.addData(bytes);
    };
    add(operationKindName(kind).toUtf8());
    for (const QString &text : {application, environment, connection, from, to, fromHash, toHash, effect})
        add(text.toUtf8());
    for (const PlanStep &step : steps) {
        add(step.isOptional && !step.isChosen ? "out" : "in");
        add(step.title.toUtf8());
        add(step.call.method.toUtf8());
        add(step.call.path.toUtf8());
        add(step.call.body);
        add(QByteArray::number(static_cast<qint64>(step.dwell.count())));
    }
    return hash.result().toHex();
}

} // namespace signalbox
