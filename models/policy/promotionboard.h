#pragma once

#include "models/domain/health.h"
#include "models/policy/decision.h"
#include "models/policy/risk.h"

#include <functional>
#include <optional>

// What the Promotions screen and `signalbox approvals` show: every promotion that is open or was decided lately, judged
// against one reading of the ledger and of the world. Values; two boards that show the same compare equal.
namespace signalbox::policy
{

// What one environment of the promotion's path runs, as the cluster says it.
struct PathPlace
{
    enum class State {
        Unknown, // nothing says so, or what says it is not live
        Runs,    // runs exactly what the promotion is about
        Other,   // runs something else
        Busy,    // a roll-out is under way
    };
    QString environment;
    State state = State::Unknown;
    QString version; // for people: the tag, else a short digest; empty: not known
    QString digest;  // of the release's image, sidecars left out; empty: not known
    QString image;   // as written there
    QDateTime since; // when it began to run there; invalid: not known
    QString problem; // why it is not known; empty: it is
    bool isTarget = false;
    bool isSource = false;           // the environment before the target
    QString model = {};              // that it serves, "fraud-net 7"; empty: it names none
    Health health = Health::Unknown; // of its pods, as they are seen now
    QString trouble = {};            // why they are not well, in words; empty: they are, or nothing says why
    bool operator==(const PathPlace &) const = default;
};

// One person's word on a promotion, whether or not it counts.
struct Vote
{
    enum class Kind { Approval, Rejection };
    QString entry;
    Kind kind = Kind::Approval;
    QString who; // principal; the signer's name where it is nobody's
    QDateTime at;
    QDateTime expiresAt; // invalid: never
    QString comment;
    bool counts = true;
    QString whyNot; // when it does not count: "given for another digest: sha256:77b0…e41c"
    bool operator==(const Vote &) const = default;
};

// Whether this operator may do something now; if not, why, in words for a tool tip and an error.
struct Permission
{
    bool isGiven = false;
    QString reason;
    bool operator==(const Permission &) const = default;
};

// A place that a promotion is judged by and that nobody can look at now.
struct StalePlace
{
    QString environment;
    QDateTime since; // when it was last read here; invalid: never
    QString problem; // in words; what is to be done about it, where that is known
    bool operator==(const StalePlace &) const = default;
};

struct PromotionCard
{
    enum class State {
        Waiting,  // for people or for time
        Blocked,  // a rule stands against it, or something is not known
        Ready,    // the policy is met; nobody has claimed it
        UnderWay, // claimed
        Done,     // carried out and observed
        Rejected, // by a veto that stands; it can still be approved after all
        Ended,    // claimed, but not effective, refused, cancelled ...: `outcome` says which
        Replaced, // a later promotion of the same application went there, or this one is too old to matter
    };

    QString id; // of the request's entry
    State state = State::Blocked;
    PromotionRequest request;
    QString requester; // principal, or the signer's name
    QDateTime requestedAt;
    // Every rule, its state and reason; who approved; who may. Of what has ended the rules and the path tell, from the
    // ledger, how it went.
    Decision decision;
    QList<Vote> votes; // in chain order
    QDateTime claimedAt;
    std::optional<PromotionOutcome> outcome;
    QDateTime endedAt;
    RiskFigure risk;
    QList<PathPlace> path;        // in the policy's order
    QString executes;             // how it is carried out, for people: "sets the image by digest", "commits to ..."
    QList<StalePlace> stale = {}; // empty: what it is judged by was read now

    Permission mayApprove;
    Permission mayReject;
    Permission mayStart; // claim it and carry it out
    Permission mayBreakGlass;
    Execution execution = {}; // by the policy of now

    bool isOpen() const;
    bool isLive() const { return stale.isEmpty() || !isOpen(); }
    // Whether it is this operator's turn: their approval is missing, or they may start it. Not when only time, or what
    // stands against it, is waited for.
    bool waitsForOperator() const;
    int approvalsGiven() const; // of the quorum's lines together
    int approvalsAsked() const;
    bool operator==(const PromotionCard &) const = default;
};
QString cardStateName(PromotionCard::State state);  // "waiting" ...: in --json
QString cardStateLabel(PromotionCard::State state); // for people

// A hold or an ordered freeze: where it holds, or will.
struct BoardStop
{
    QString application; // "*": all
    QString environment;
    bool isFreeze = false;
    Stop stop;
    Permission mayLift;
    bool operator==(const BoardStop &) const = default;
};

struct BoardDebt
{
    Glass glass;
    QString text;
    Permission mayCountersign;
    bool operator==(const BoardDebt &) const = default;
};

// Who acts here, as the ledger knows the key that signs.
struct BoardOperator
{
    QString principal; // empty: nobody the policy knows
    QString title;
    QString key;             // fingerprint, "SHA256:..."
    QString problem;         // why nothing can be decided here; empty: it can
    bool needsTouch = false; // each signature wants a touch of a security key
    bool operator==(const BoardOperator &) const = default;
};

struct PromotionBoard
{
    QString ledger; // address or folder, for people
    QString workspace;
    QString tip; // the ledger's commit that this was read at; empty: not read yet
    QString policyCommit;
    BoardOperator me;
    QList<PromotionCard> open;    // what waits for this operator first, then the oldest
    QList<PromotionCard> decided; // newest first; of the last 30 days, at most 100
    QList<BoardStop> stops;
    QList<BoardDebt> debts;
    qsizetype ignoredEntries = 0; // of the ledger: not proven, hence not counted
    qsizetype unsent = 0;         // entries of ours that the shared ledger does not have yet
    Freshness ledgerFreshness;    // Loading: not read yet; Stale: the shared ledger cannot be reached; Absent: none
    Freshness worldFreshness;     // of the worst of the open cards; each has its own
    QDateTime readAt;

    const PromotionCard *find(const QString &id) const; // a prefix of 6 or more that is unique serves; null: none
    int waitingForMe() const;
    // There is no ledger, or one that nobody began to sign: no promotion can wait in it.
    bool hasNoLedger() const;
    bool operator==(const PromotionBoard &) const = default;
};

// Making a board. Pure
// -------------------------------------------------------------------------------------------------

// One promotion as the entries and the facts have it. The facts are those of decide(); `me` may be nobody.
// `risk`: where its figure comes from; empty: riskOf() these entries.
using RiskSource = std::function<RiskFigure(const RiskQuestion &question, bool isOpen)>;
PromotionCard cardOf(const Policy &policy, const Entries &entries, const QString &promotion, const Facts &facts,
                     const BoardOperator &me, const QList<PathPlace> &path, const RiskSource &risk = {});
// The promotions that a board shows: those that were claimed and have not ended, however old; those that were asked
// for, or that somebody had a word on, within `days` of `now`, and those that ended within them. Newest first.
QStringList promotionsToShow(const Policy &policy, const Entries &entries, const QDateTime &now, int days = 30);
// Holds, ordered freezes and break-glass debt, wherever the policy's paths lead.
// Those to come, too. `schedules` as of Facts.
QList<BoardStop> stopsOf(const Policy &policy, const Entries &entries, const BoardOperator &me, const QDateTime &now,
                         const Schedules &schedules);
QList<BoardDebt> debtsOf(const Policy &policy, const Entries &entries, const BoardOperator &me, const QDateTime &now);
// Whether nobody who looks at them sees a difference: but for when they were read, and when time alone will change
// something.
bool showsTheSame(const PromotionBoard &one, const PromotionBoard &other);
// Into open and decided, each in its order.
void putCards(PromotionBoard &board, const QList<PromotionCard> &cards);

} // namespace signalbox::policy
