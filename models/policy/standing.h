#pragma once

#include "models/policy/policy.h"
#include "models/policy/records.h"

// What stands in the ledger right now: which approvals count, what is held, who owes a signature. Parts of the
// decision (decision.h); everything here depends on the entries as a set, never on the order they are handed over in.
namespace signalbox::policy
{

using Entries = QList<SignedRecord>;

Entries inChainOrder(Entries entries); // by position; a position that comes twice counts once
// What may matter to decisions about one application: all about it, and what names none.
Entries entriesOf(const Entries &entries, const QString &application);
const SignedRecord *entryOf(const Entries &entries, const QString &id);

// An entry that does not count, and why, for people.
struct SetAside
{
    QString entry;
    QString who; // principal, or the signer's name where it is nobody's
    QString reason;
    bool operator==(const SetAside &) const = default;
};

struct Voice
{
    QString entry;
    QString who; // principal
    QDateTime at;
    QDateTime expiresAt; // invalid: never. At that instant it is over
    QString words;
    bool operator==(const Voice &) const = default;
};

// One line of the quorum and who stands for it.
struct QuorumLine
{
    Quorum asked;
    QStringList given;    // principals that count for this line
    QStringList eligible; // who could still
    QStringList excluded; // hold a role, but asked for it or wrote of it: "alice (asked for it)"
    int missing = 0;
    bool operator==(const QuorumLine &) const = default;
};
// "2 more of release-managers: bob or carol, not alice (asked for it)"; empty: nobody is missing.
QString missingText(const QuorumLine &line);

struct Standing
{
    QList<QuorumLine> lines;
    QList<Voice> approvals; // that count, in chain order
    QList<Voice> vetoes;
    QList<SetAside> setAside;
    bool isMet = false;
    bool isPossible = true; // false: not even with everyone who is eligible
    bool operator==(const Standing &) const = default;
};

// What the people's decisions are held against.
struct StandingQuestion
{
    QString promotion;
    Subject subject;        // as it would go out now
    bool anyDigest = false; // only the commit has to fit (a git hook knows no artifact)
    QString policyCommit;
    QString requester;   // principal
    QStringList authors; // principals among the authors of the commits
    QDateTime now;
};
Standing standingOf(const Policy &policy, const EnvironmentPolicy &rules, const Entries &entries,
                    const StandingQuestion &question);

// A hold, or a freeze that was ordered.
struct Stop
{
    enum class State {
        Holds,
        Later,   // nothing is stopped now: it begins, or comes again, at `since`
        Unknown, // it repeats, and when cannot be told here: it is not known to be over
    };
    QString entry;
    QString who;
    QDateTime since; // Later: invalid where it is not known to come again within a year
    QDateTime until; // invalid: until it is lifted
    QString reason;
    State state = State::Holds;
    std::optional<FreezeRepeat> repeat = {};
    bool operator==(const Stop &) const = default;
};
// Holds by hand, and those a rollback means, that nobody who may has lifted.
QList<Stop> holdsOn(const Policy &policy, const Entries &entries, const QString &application,
                    const QString &environment);
// Those that are not over and that nobody who may has lifted. `schedules` as of Facts: by entry, when the ones that
// repeat hold.
QList<Stop> orderedFreezes(const Policy &policy, const Entries &entries, const QString &application,
                           const QString &environment, const QDateTime &now, const Schedules &schedules);

// A use of break-glass, and what is still owed for it.
struct Glass
{
    QString entry;
    QString who;
    Subject subject;
    QString reason;
    QDateTime at;
    QDateTime validUntil;
    QDateTime dueAt; // when the countersignatures are due
    QStringList countersigned;
    QStringList mayCountersign; // who could still
    int owed = 0;
    bool isOverdue = false;
    bool operator==(const Glass &) const = default;
};
// All that were rightful, oldest first; those with owed > 0 are the debt.
QList<Glass> glassesOf(const Policy &policy, const Entries &entries, const QDateTime &now);
QString debtText(const Glass &glass); // empty: nothing is owed

// Whether a change of the policy is in force: signed by an admin, countersigned by another. `before` is the policy
// that held until then; where it has one admin only, that one is enough.
struct PolicyChange
{
    bool isInForce = false;
    QStringList countersigned;
    QString text; // why not, or by whom
    bool operator==(const PolicyChange &) const = default;
};
PolicyChange policyChange(const Policy &before, const Entries &entries, const QString &commit, const QString &signer);

} // namespace signalbox::policy
