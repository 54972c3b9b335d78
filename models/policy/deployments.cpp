#include "models/policy/deployments.h"

#include "models/domain/toldshares.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

constexpr qint64 daysToBlame = 7;
constexpr qint64 rollbackSkewSeconds = 300; // by which two people's clocks may differ

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

QString keyOf(const Claim &claim)
{
    const Subject &subject = claim.subject;
    return QStringList{claim.promotion, subject.application, subject.environment, subject.digest, subject.commit}.join(
        QLatin1Char('\n'));
}

// Outcomes whose claim has not ended yet. Fed in chain order.
class Endings
{
public:
    void add(const SignedRecord &entry, const Claim &claim)
    {
        if (const QString key = keyOf(claim); !m_won.contains(key)) {
            m_won.insert(key);
            m_open.insert(entry.id, &claim);
        }
    }
    // Whether this one ends a claim.
    bool take(const PromotionOutcome &outcome)
    {
        const auto claim = m_open.constFind(outcome.claim);
        if (claim == m_open.constEnd() || (*claim)->promotion != outcome.promotion ||
            (*claim)->subject != outcome.subject)
            return false;
        m_open.erase(claim);
        return true;
    }

private:
    QSet<QString> m_won;
    QHash<QString, const Claim *> m_open; // by entry
};

struct Placed
{
    Deployment one;
    qint64 position = 0; // of its outcome
};

// What was in force in a place at the date of that entry; null: nothing is known to have been. `there`: by date.
Placed *inForce(const QList<Placed *> &there, const SignedRecord &entry)
{
    for (auto each = there.crbegin(); each != there.crend(); ++each) {
        const QDateTime &at = (*each)->one.at;
        if (at <= entry.at || ((*each)->position < entry.position && at <= entry.at.addSecs(rollbackSkewSeconds)))
            return *each;
    }
    return nullptr;
}

void blame(QList<Placed> &all, const QList<const SignedRecord *> &rollbacks)
{
    if (rollbacks.isEmpty())
        return;
    QHash<QString, QList<Placed *>> places;
    for (Placed &each : all)
        places[placeOf(each.one.subject.application, each.one.subject.environment)].append(&each);
    for (const SignedRecord *rollback : rollbacks) {
        const OperationRecord &operation = *rollback->operation();
        const auto there = places.constFind(placeOf(operation.application, operation.environment));
        Placed *before = there == places.constEnd() ? nullptr : inForce(*there, *rollback);
        if (!before || rollback->at >= before->one.at.addDays(daysToBlame))
            continue;
        Deployment &one = before->one;
        const QDateTime at = std::max(rollback->at, one.at);
        one.failedAt = one.hasFailed ? std::min(one.failedAt, at) : at;
        one.hasFailed = true;
    }
}

} // namespace

QList<Deployment> deploymentsOf(const Entries &entries)
{
    const Entries ordered = inChainOrder(entries);
    QList<Placed> all;
    QHash<QString, const PromotionRequest *> requests;
    QList<const SignedRecord *> rollbacks;
    Endings endings;
    for (const SignedRecord &entry : ordered) {
        if (const auto *request = entry.as<PromotionRequest>()) {
            requests.insert(entry.id, request);
        } else if (const auto *claim = entry.as<Claim>()) {
            endings.add(entry, *claim);
        } else if (const auto *outcome = entry.as<PromotionOutcome>();
                   outcome && endings.take(*outcome) && changedSomething(outcome->kind)) {
            Deployment one;
            one.promotion = outcome->promotion;
            one.subject = outcome->subject;
            one.at = outcome->observedAt.isValid() ? outcome->observedAt : entry.at;
            one.kind = outcome->kind;
            one.isDone = outcome->kind == OutcomeKind::Done;
            one.hasFailed = !one.isDone;
            if (one.hasFailed)
                one.failedAt = std::max(one.at, entry.at);
            if (const PromotionRequest *request = requests.value(outcome->promotion))
                one.request = *request;
            all.append({one, entry.position});
        } else if (const OperationRecord *operation = entry.operation(); operation && isRollback(*operation)) {
            rollbacks.append(&entry);
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Placed &a, const Placed &b) { return a.one.at < b.one.at; });
    blame(all, rollbacks);
    QList<Deployment> deployments;
    deployments.reserve(all.size());
    for (Placed &each : all)
        deployments.append(std::move(each.one));
    return deployments;
}

bool wentBack(const OperationRecord &operation)
{
    const bool isBack = operation.direction == Direction::Back &&
                        (operation.kind == OperationKind::Rollback || operation.kind == OperationKind::TrafficShift ||
                         operation.kind == OperationKind::TrafficSwitch || operation.kind == OperationKind::RerunRun);
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

bool isRollback(const OperationRecord &operation)
{
    return wentBack(operation) && !isInPart(operation.from, operation.to);
}

} // namespace signalbox::policy
