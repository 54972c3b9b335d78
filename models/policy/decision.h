#pragma once

#include "models/domain/freshness.h"
#include "models/policy/claims.h"
#include "models/policy/standing.h"

#include <QHash>

#include <optional>

// May this go on? Decided from the policy at the ledger's head, its verified entries and what is known of the world,
// and from nothing else: no git, no network, no clock of its own. What is not known never passes. Going back is never
// held up by any of it.
namespace signalbox::policy
{

struct AlertState
{
    bool isLive = false;
    QDateTime readAt;
    QStringList firing; // names
    bool operator==(const AlertState &) const = default;
};

// The world, as far as it is known. What is not set is not known.
struct Facts
{
    QDateTime now;                      // UTC
    std::optional<QString> digest;      // what would go out now: the tag was resolved again
    std::optional<QString> commit;      // it was built from
    std::optional<QStringList> authors; // e-mails of the authors of the commits that go out
    std::optional<Running> before;      // the environment before this one
    std::optional<bool> isBusy;         // something is being deployed there
    std::optional<AlertState> alerts;
    QString policyCommit;
    // By name, and by entry for ordered freezes that repeat: when the schedules hold, around `now`; from
    // services/policy, which has libical. A recurrence or a calendar that is missing here is not known, and neither
    // window nor freeze passes by it.
    Schedules schedules;
    // What the environment before serves with the digest that was asked for. None: it runs another one, or does not
    // say.
    std::optional<ServedModel> model = {};
    QString busyProblem = {}; // why `isBusy` is not known, in a sentence; empty: nothing says why
};

struct Question
{
    enum class By {
        DigestAndCommit,
        Digest, // the commit is the request's, if the digest is
        Commit, // a git hook: no artifact is known
    };
    QString promotion; // the request's entry; empty: an operation without one, there:
    QString application;
    QString environment;
    Direction direction = Direction::Forward;
    By by = By::DigestAndCommit;
    // A gate reads the ledger alone: alerts and what goes on in the cluster are looked at when it starts, not here.
    bool isLedgerOnly = false;
    QString asker; // principal; who would carry it out. Empty: nobody yet
};

enum class Rule {
    Request,   // it was asked for by somebody, on a path, and is not over
    Artifact,  // what would go out is known
    Approvals, // enough of the right people
    Authors,   // it is known whom the commits are by
    Veto,
    SameDigest, // as in the environment before
    Soak,
    OneAtATime,
    Window,
    Freeze,
    Hold,
    Alerts,
};
QString ruleName(Rule rule); // "request" ...: in --json
QString ruleTitle(Rule rule);

struct RuleResult
{
    enum class State { Pass, Waiting, Unknown, Block }; // from good to bad
    Rule rule = Rule::Request;
    State state = State::Unknown;
    QString text;       // the reason in words
    QString wayOut;     // what to do; empty: nothing, or time does it
    bool counts = true; // false: told only (a break-glass or going back sets it aside)
    bool operator==(const RuleResult &) const = default;
};
QString ruleStateName(RuleResult::State state); // "pass" "waiting" "unknown" "block"

struct Decision
{
    QString promotion;
    Subject subject; // as it would go out now
    QString requester;
    QString policyCommit;
    QList<RuleResult> rules;
    QList<Rule> leftOut; // that a gate cannot look at
    Standing standing;
    std::optional<Glass> glass; // that lets this start although the policy is not met
    QList<Glass> debt;          // of this application and environment
    QString claim;              // the entry that won; empty: nobody has claimed it
    QString claimant;

    bool isMet = false;    // every rule passes
    bool isOpen = false;   // isMet, or nothing that counts stands against it: what a gate lets through
    bool mayStart = false; // isOpen, and it is the asker's to start
    QString text;          // in one sentence
    QDateTime changesAt;   // when time alone may change this; invalid: not

    const RuleResult *rule(Rule which) const; // null: the policy does not ask for it
    bool operator==(const Decision &) const = default;
};

Decision decide(const Policy &policy, const Entries &entries, const Question &question, const Facts &facts);

// May they claim what `requester` asked for (whatever the rules say of now): who asked, who may approve, and the
// executors. Principals.
bool mayClaim(const Policy &policy, const QString &application, const QString &environment, const QString &requester,
              const QString &who);

// For the plan of an operation: what the policy says as its checks Policy, FreezeWindow and FiringAlerts. Of going back
// none blocks.
QList<Check> checksOf(const Decision &decision, Direction direction);

} // namespace signalbox::policy
