#pragma once

#include "models/policy/standing.h"

// What the ledger's entries say went out, and what became of it: the ground of the DORA figures and of the risk model.
namespace signalbox::policy
{

// One promotion that changed an environment, whether or not it got there.
struct Deployment
{
    QString promotion;
    Subject subject;
    QDateTime at; // when its effect was seen, else when it was recorded
    OutcomeKind kind = OutcomeKind::Done;
    bool isDone = false;                     // observed
    bool hasFailed = false;                  // not effective, failed, taken back; or rolled back afterwards
    std::optional<PromotionRequest> request; // none: not in the entries
    bool operator==(const Deployment &) const = default;
};

// Oldest first. A rollback counts against the deployment before it in the same place when it comes within a week and
// before the next one. Refused, cancelled and unknown outcomes are no deployments: nothing is known to have changed.
QList<Deployment> deploymentsOf(const Entries &entries);

// Whether the operation went back to an older release, as far as it changed anything.
bool isRollback(const OperationRecord &operation);

} // namespace signalbox::policy
