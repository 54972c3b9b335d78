#pragma once

#include "models/policy/standing.h"

#include <optional>

// What became of promotions, as the ledger's entries tell it: who carries one out, how it ended, what runs since.
namespace signalbox::policy
{

// The traffic of what runs where there are several tracks: that its pods are there does not say that they serve
// anybody.
struct Serving
{
    QString track;
    std::optional<double> share; // of live traffic now, 0 ... 1; none: nothing says so
    QDateTime since;             // this program has seen it with traffic all the time from then on; invalid: it has not
    bool isBegun = false;        // it saw it without before, so that it began at `since`
    bool isSeen = false;         // what is there is seen right now, whether or not anything says its share
    bool operator==(const Serving &) const = default;
};

// What one environment runs.
struct Running
{
    QString digest;
    QDateTime since; // when it began to; invalid: not known
    bool isLive = true;
    std::optional<Serving> serving = {}; // none: one track has it all
    bool operator==(const Running &) const = default;
};

// Since when what an environment runs has had traffic.
struct TrafficSince
{
    enum class State {
        Known,   // since `at`; invalid: as long as its pods are there
        None,    // it has none
        Moved,   // the ledger's last shift gave it none: another tool did. At the latest at `at`
        Unknown, // nobody can tell; it has been seen with traffic since `at`, where that is valid
    };
    State state = State::Known;
    QDateTime at;
    bool operator==(const TrafficSince &) const = default;
};

// The claim that won: the first, in chain order, for exactly this. Null: none. Of somebody who may not carry it out
// there is none among entries that count: what verifies the chain lets neither that one through, by the policy of its
// time, nor a second one; a change of the policy takes no claim away.
const SignedRecord *winningClaim(const Entries &entries, const QString &promotion, const Subject &subject);
// The outcome of a claim, by whoever claimed or by an admin who cleans up; null: it is still under way.
const SignedRecord *claimEnd(const Policy &policy, const Entries &entries, const SignedRecord &claim);
// When traffic there was last moved from one track to another; invalid: the ledger tells of none.
QDateTime lastTraffic(const Entries &entries, const QString &application, const QString &environment);
// What was observed, held against the last shift in the ledger. A shift that says something else than what is observed
// proves no time. How large the share is does not matter: any traffic soaks.
TrafficSince trafficSince(const Entries &entries, const QString &application, const QString &environment,
                          const Running &running);
// How it ended: the outcome of the claim that won, by its claimant or an admin. Null: it has not.
const SignedRecord *promotionEnd(const Policy &policy, const Entries &entries, const QString &promotion);
// Whether a promotion of the same application that was asked for later has gone there since `asked`, which holds a
// PromotionRequest.
bool isOvertaken(const Policy &policy, const Entries &entries, const SignedRecord &asked);
// What runs there as the ledger tells it: the last promotion whose claimant (or an admin) saw its effect; where there
// are several tracks (traffic was moved there, or the policy names the one promotions go to), only once at least half
// of the traffic went on after it, and from then on; but one that was seen as the only track runs. None: there is none,
// or something else happened there since.
std::optional<Running> runningByLedger(const Policy &policy, const Entries &entries, const QString &application,
                                       const QString &environment);
// The promotions a gate may ask about: those for this digest (or commit), asked for as such first, the newest of each
// first, what is over last. Empty: nobody asked.
QStringList promotionsFor(const Entries &entries, const QString &application, const QString &environment,
                          const QString &digest, const QString &commit);

} // namespace signalbox::policy
