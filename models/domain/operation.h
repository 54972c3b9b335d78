#pragma once

#include "models/domain/application.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

// The only way to change anything: plan -> preflight -> confirm -> journal -> execute -> observe -> record (DESIGN 5).
// These are the values; services/operations has the state machine, adapters make plans and carry out steps.
namespace signalbox
{

enum class OperationKind {
    Rollback,      // of a workload to a kept revision
    TrafficShift,  // weights
    TrafficSwitch, // all of it, by Service selector
    Scale,
    Restart,
    Pause,
    Resume,
    SuspendReconciliation, // Argo CD, Flux: only ever as a step of another operation
    Promote,               // a release that the ledger lets through, to one environment
    RerunRun,              // of a pipeline: all of it, or what failed
    CancelRun,
    TriggerRun, // a new run
    DecideGate, // of a vendor: let a waiting run go on, or stop it
};
QString operationKindName(OperationKind kind); // "rollback", "trafficShift" ...: the name in the table, journal, ledger

// Back: rollback, all to stable, abort, hold. Going back is never harder than going on.
enum class Direction { Forward, Back };

enum class CheckState { Pass, Warn, Block };

// The checks of the table resources/preflight.json (operation x check -> what a failed one does).
enum class CheckId {
    Rights,          // the operator may do every call of the plan
    Freshness,       // what the plan was made from is live
    TargetExists,    // revision, Service, track is there
    TargetImage,     // its image can be pulled, as far as the cluster tells
    Capacity,        // the target track can carry the share it gets
    OtherOwner,      // Argo CD, Flux, Helm, Rollouts, Flagger would write back
    Autoscaler,      // an HPA owns the replica count
    Paused,          // the Deployment is paused: a rollback is refused by the API's own rules
    RolloutUnderWay, // another roll-out is in progress
    FiringAlerts,    // alerts fire on the application
    FreezeWindow,    // the policy says not now
    Policy,          // the policy says not you, or not without approval
    SameState,       // nothing would change
    DryRun,          // the remote's own dry run accepted every call
    Routing,         // the router's controller accepts the route (conditions)
    ClockSkew,       // our clock and the remote's differ
    Busy,            // another operation holds this application and environment
};
QString checkName(CheckId id); // as in the table

struct Check
{
    CheckId id = CheckId::Rights;
    CheckState state = CheckState::Pass;
    QString text;    // "Green has capacity for 50 %"
    QString detail;  // "12 of 12 pods, peak 61 % CPU"
    QString wayOut;  // what to do when it warns or blocks
    int missing = 0; // votes of others that it warns of, so that fewer of them are known; 0: it is about something else
    bool operator==(const Check &) const = default;
};

struct DiffLine
{
    enum class Kind { Context, Removed, Added, Note };
    Kind kind = Kind::Context;
    QString text;
    bool operator==(const DiffLine &) const = default;
};

// One call to a remote system, as data.
struct Call
{
    QString connection;
    QString method; // PATCH, PUT, POST
    QString path;   // below the connection's address
    QString contentType;
    QByteArray body;
    bool isSecret = false; // the body holds what nobody may know (a password): not even its digest is written anywhere
    bool operator==(const Call &) const = default;
};

// What must be seen before a step counts as done. `kind` belongs to the adapter that made it; `data` is its own (JSON).
struct Expectation
{
    QString kind; // "workload-rolled-out", "route-weights", "service-selector" ...
    ObjectRef object;
    QByteArray data;
    bool operator==(const Expectation &) const = default;
};

struct PlanStep
{
    QString id;      // unique within the plan: "1", "2" ...
    QString title;   // "Send all traffic to Blue 2.14.3"
    QString through; // "Istio VirtualService shop/cart"
    Call call;
    std::optional<Call> undo; // with preconditions of its own; none: cannot be undone by a call
    QString undoTitle;
    // For people: the commands that end what this step began, where it stays after the operation (a paused
    // reconciliation). Journaled, so it holds no secret.
    QString undoHint;
    Expectation expectation;
    QList<DiffLine> diff;
    QString precondition;                      // for people: "only if the template is still c07d9aa"
    std::chrono::milliseconds expected{0};     // what history or experience says; 0 unknown
    std::chrono::milliseconds deadline{60000}; // to be observed, from the call on
    std::chrono::seconds dwell{0};             // pause after it was observed, before the next step
    bool isOptional = false;                   // offered (pausing Argo CD): the operator may leave it out
    bool isChosen = true;                      // meaningful only when isOptional
    // The body holds what people filled in, which may be a password though no form says so: neither it nor its digest
    // is written or printed anywhere. See hidesBody().
    bool isBodyHidden = false;
    bool isVote = false;        // at a gate: one approval; needless once others have given all that it takes
    bool startsWaiting = false; // likewise: starts what waits behind it, however many votes were given before
    bool operator==(const PlanStep &) const = default;
};

struct Plan
{
    QString id; // random, url-safe, 26 characters, sorts by time (ULID)
    OperationKind kind = OperationKind::Rollback;
    Direction direction = Direction::Forward;
    QString application;
    QString environment;
    QString connection;
    QString ns;
    bool isProtected = true;
    // What the confirmation says; only what has a source.
    QString from;     // "2.15.0-rc.2 (5be02d1)"
    QString to;       // "2.14.3 (c07d9aa)"
    QString fromHash; // recorded, since numbers move
    QString toHash;
    QString effect; // "12 pods, 100 % of live traffic"
    QString reason; // the operator's, for the record
    QList<PlanStep> steps;
    QList<Check> checks;
    QDateTime plannedAt; // UTC
    QDateTime dryRunAt;  // UTC, when the remote accepted a dry run; invalid: it has not
    // The environments that others carry it out in, as they call them (a vendor's gate, or all that a job run again
    // takes along); empty: not told. What goes back in another one of the same project leaves it alone. Not journaled:
    // only what runs holds anything.
    QStringList places = {};
    // Which server the connection leads to (serverIdentity() of lockkey.h): two configurations may call two servers
    // the same, or one server two things. Empty: not known. Filled in by OperationCenter; journaled.
    QString server = {};
    // Of a change of traffic: the newest release gets more, beyond doubt. A policy holds no other one. Not journaled.
    bool bringsNewest = false;

    bool isBlocked() const;
    // Changes when anything the operator confirms changes: a hold on the button starts anew then.
    QByteArray fingerprint() const;
    bool operator==(const Plan &) const = default;
};

// Whether the step's body stays out of journal, documents and logs: of what a run is triggered or a gate decided with
// always, whatever the operation is that it is a step of.
bool hidesBody(const PlanStep &step, OperationKind kind);
bool hidesAnyBody(const Plan &plan); // what is made from the bodies would tell of it

// The answer of one look at the remote, while a step is being observed.
struct Observation
{
    enum class State { Pending, Effective, Failed };
    State state = State::Pending;
    QString text;         // "2 of 3 pods ready"
    QString blocker;      // what is in the way: "ImagePullBackOff: registry.example/web:broken"
    double progress = -1; // 0..1; -1 unknown
    QDateTime at;
    // Effective has two shades (STYLE: never fold "cannot tell" into yes). False: the object says what was asked for,
    // but nothing in the remote reports whether it is in force; `text` says so and the outcome's sentence has to.
    bool isConfirmed = true;
    bool operator==(const Observation &) const = default;
};

enum class OutcomeKind {
    Done,         // observed
    NotEffective, // accepted, but nothing (or not enough) happened within the deadline, because ...
    Refused,      // a check or the remote said no; nothing was changed
    Conflict,     // the world moved; nothing was changed
    Cancelled,    // at a safe point; what was done before is in `steps`
    Abandoned,    // taken back: the earlier state was restored and observed
    Preempted,    // by an operation that goes back
    Unknown,      // the answer was lost and a re-read could not tell
    Failed,       // an error, after something was changed
    DryRun,       // stopped there on purpose
};
QString outcomeKindName(OutcomeKind kind); // "done", "notEffective" ...

struct StepOutcome
{
    QString stepId;
    OutcomeKind kind = OutcomeKind::Done;
    QString message;
    QDateTime sentAt;
    QDateTime acceptedAt;
    QDateTime observedAt;
    bool operator==(const StepOutcome &) const = default;
};

struct Outcome
{
    OutcomeKind kind = OutcomeKind::Done;
    QString message;                           // one sentence: "not effective: 0 of 3 pods ready, ImagePullBackOff"
    ErrorKind errorKind = ErrorKind::Internal; // meaningful for Refused, Conflict, Failed, Unknown
    // Meaningful for Done and Abandoned. False: it was written and the object says so, but nothing in the remote
    // reports whether it is in force (Observation::isConfirmed). Shown as unknown, never as ok.
    bool isConfirmed = true;
    QDateTime startedAt;
    QDateTime finishedAt;
    QList<StepOutcome> steps;
    bool operator==(const Outcome &) const = default;
};

} // namespace signalbox
