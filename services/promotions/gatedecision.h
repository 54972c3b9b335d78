#pragma once

#include "models/policy/promotionboard.h"
#include "services/gate/ledgerhead.h"
#include "services/ports/gatekeeper.h"

namespace signalbox
{

// What our own policy says of deciding a vendor's gate.
struct GateStanding
{
    QString environment; // as the policy names it; as the vendor does where the policy does not know it
    bool isProtected = true;
    bool isKnown = false; // the policy has rules for it
    bool isOpen = false;  // it lets the decision through
    QString promotion;    // that it was judged by; empty: by none
    QList<Check> checks;
};

// Whether this is the gate by which the policy has promotions carried out.
bool isGateOf(const policy::Execution &execution, const WaitingGate &gate);
// Where the policy has rules for the gate's application and environment, approving needs it met for exactly the commit
// that waits, as `signalbox gate` judges it; saying no never needs anything. Pure.
GateStanding gateStanding(const policy::LedgerHead &head, const GateOrder &order, const QDateTime &now);
// With what is known of the clusters: what the ledger alone does not tell (what the environment before runs, alerts).
GateStanding withWorld(const GateStanding &standing, const policy::PromotionCard &card);
// Where no policy could be read. None: there is no ledger, so the vendor's rules alone decide.
GateStanding gateStanding(const std::optional<Error> &problem, const GateOrder &order);

} // namespace signalbox
