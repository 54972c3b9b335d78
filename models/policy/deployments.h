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
    QDateTime failedAt = {};                 // since when it is known that it has; invalid: it has not
    bool operator==(const Deployment &) const = default;
};

// Oldest first, by when they were there. Of each claim the first outcome counts, and of what nobody claimed none; that
// it is its claimant's or an admin's, by the policy of its time, is what verifies the chain to say (so that nobody who
// leaves takes the figures along). A rollback counts against the deployment that was in force there at its date,
// however late it came to the chain, when it comes within a week. Refused, cancelled and unknown outcomes are no
// deployments: nothing is known to have changed.
QList<Deployment> deploymentsOf(const Entries &entries);

// Whether the operation went back to an older release, as far as it changed anything: of the workload, its traffic, the
// repository it follows, or by an older pipeline run that deploys again.
bool wentBack(const OperationRecord &operation);
// The same as DORA's figures count it: of a release that goes on with a part of its traffic nothing was rolled back
// yet.
bool isRollback(const OperationRecord &operation);

} // namespace signalbox::policy
