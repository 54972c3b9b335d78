#pragma once

#include "models/policy/gatecarrier.h"
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
    QString commit;        // that it was judged for; empty: for none
    bool hasGlass = false; // somebody acts alone: isOpen although the policy is not met
};

// Whether the policy, or its name, protects the environment. Where no rules of it are this application's, those of any
// other count. Pure.
bool isProtectedBy(const policy::Policy &policy, const QString &application, const QString &environment);
// Where the policy has rules for the gate's application and environment, approving needs it met for exactly the commit
// that waits, as `signalbox gate` judges it; saying no never needs anything. Pure.
GateStanding gateStanding(const policy::LedgerHead &head, const GateOrder &order, const QDateTime &now);
// The waiting gate by which the policy has this promotion carried out: of exactly its commit, and of no other
// environment. NotFound: none waits; Refused: several do, and which one is meant cannot be told.
Result<WaitingGate> gateToPress(const policy::Execution &execution, const policy::Subject &subject,
                                const QList<WaitingGate> &waiting);
// That no run waits at the gate is no failure: a run of the commit may get there.
bool isGateAwaited(const Error &error);
// Nobody could look, which says nothing of what was asked for: whoever waits tries again.
bool isOutOfReach(const Error &error);
// Whether what was confirmed is planned again after this: it moved meanwhile, something was out of reach, or no run had
// come to the gate when it was confirmed (`wasGateAwaited`), and none has yet. A gate that was there and is gone does
// not come back: its run ended, or it was pressed elsewhere.
bool isPlannedAgain(const Error &error, bool wasGateAwaited);
// Others have to approve there before the gate opens: the vendor's plan gives one vote, where it was not given before,
// and waits for theirs. None: nobody has to.
std::optional<Check> missingApprovals(const WaitingGate &gate, const Plan &plan);
// The gate has a form, and nobody filled it in: what it is sent with. None: it has no form.
std::optional<Check> unfilledParameters(const WaitingGate &gate);
// Two gates that wait in one project for the same commit under the same name, and neither has an environment.
bool isSameName(const WaitingGate &one, const WaitingGate &other);
Check ambiguousCheck(const WaitingGate &gate, const WaitingGate &other);
// The vendor's plan is about another commit than the one that was judged. None: it is not, or says nothing of it.
std::optional<Check> otherCommit(const GateStanding &standing, const GateOrder &order, const Plan &plan);
// With what is known of the clusters, which has the last word as with a promotion's start: a rule that it does not
// meet, or that cannot be looked at now, lets nothing through that the ledger alone would. Under a broken glass only
// what is known to be under way there stops it.
GateStanding withWorld(const GateStanding &standing, const policy::PromotionCard &card);
// Where that could not be read: what has rules stays shut unless somebody acts alone.
GateStanding withoutWorld(const GateStanding &standing, const Error &problem);
// Where no policy could be read. None: there is no ledger, so the vendor's rules alone decide.
GateStanding gateStanding(const std::optional<Error> &problem, const GateOrder &order);

} // namespace signalbox
