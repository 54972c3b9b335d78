#pragma once

#include "models/domain/operation.h"
#include "models/policy/promotionboard.h"

#include <optional>

// The plan that carries a promotion out: what the deployer (or whatever the policy names) plans, with the claim in
// front and the policy's verdict among its checks. Pure.
namespace signalbox
{

// The claim as the plan carries it; journaled, so that a crash is found out.
struct ClaimOrder
{
    QString entry; // the claim's own, made beforehand: writing it twice is writing it once
    policy::Claim claim;
    bool operator==(const ClaimOrder &) const = default;
};

PlanStep claimStep(const ClaimOrder &order, const QString &ledger);
// The step's id: it stands in the operation's entry, too, so that a claim finds the operation that carried it out.
QString claimStepId(const QString &entry);
bool isClaimStep(const PlanStep &step);
std::optional<ClaimOrder> claimOfStep(const PlanStep &step);
std::optional<ClaimOrder> claimOf(const Plan &plan); // none: it is no promotion's

// Of a card that may be started, around the plan of its execution.
Plan promotionPlan(Plan execution, const policy::PromotionCard &card, const ClaimOrder &order, const QString &ledger,
                   bool isProtected);

} // namespace signalbox
