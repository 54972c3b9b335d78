#include "models/policy/deployments.h"

#include <QHash>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

constexpr qint64 daysToBlame = 7;

bool changedSomething(OutcomeKind kind)
{
    switch (kind) {
    case OutcomeKind::Done:
    case OutcomeKind::NotEffective:
    case OutcomeKind::Abandoned:
    case OutcomeKind::Preempted:
    case OutcomeKind::Failed:
        return true;
    case OutcomeKind::Refused:
    case OutcomeKind::Conflict:
    case OutcomeKind::Cancelled:
    case OutcomeKind::Unknown:
    case OutcomeKind::DryRun:
        return false;
    }
    return false;
}

QString placeOf(const QString &application, const QString &environment)
{
    return application + QLatin1Char('\n') + environment;
}

} // namespace

QList<Deployment> deploymentsOf(const Entries &entries)
{
    QList<Deployment> all;
    QHash<QString, PromotionRequest> requests;
    QHash<QString, qsizetype> latest; // by place
    for (const SignedRecord &entry : inChainOrder(entries)) {
        if (const auto *request = entry.as<PromotionRequest>()) {
            requests.insert(entry.id, *request);
        } else if (const auto *outcome = entry.as<PromotionOutcome>(); outcome && changedSomething(outcome->kind)) {
            Deployment one;
            one.promotion = outcome->promotion;
            one.subject = outcome->subject;
            one.at = outcome->observedAt.isValid() ? outcome->observedAt : entry.at;
            one.kind = outcome->kind;
            one.isDone = outcome->kind == OutcomeKind::Done;
            one.hasFailed = !one.isDone;
            if (requests.contains(outcome->promotion))
                one.request = requests.value(outcome->promotion);
            latest.insert(placeOf(one.subject.application, one.subject.environment), all.size());
            all.append(one);
        } else if (const OperationRecord *operation = entry.operation(); operation && isRollback(*operation)) {
            const auto before = latest.constFind(placeOf(operation->application, operation->environment));
            if (before != latest.constEnd() && entry.at < all.at(*before).at.addDays(daysToBlame))
                all[*before].hasFailed = true;
        }
    }
    return all;
}

bool isRollback(const OperationRecord &operation)
{
    const bool isBack = operation.direction == Direction::Back &&
                        (operation.kind == OperationKind::Rollback || operation.kind == OperationKind::TrafficShift ||
                         operation.kind == OperationKind::TrafficSwitch);
    switch (operation.outcome) {
    case OutcomeKind::Done:
    case OutcomeKind::NotEffective:
    case OutcomeKind::Unknown:
    case OutcomeKind::Failed:
        return isBack;
    default: // nothing was changed, or it was taken back
        return false;
    }
}

} // namespace signalbox::policy
