#pragma once

#include "models/domain/confirmation.h"
#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/ledger/ledgerentry.h"
#include "services/operations/operationstates.h"
#include "services/ports/steprunner.h"

#include <QFuture>
#include <QObject>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace signalbox
{

class Clock;
class Journal;
class LocalLocks;
class OperationRun; // the machinery behind Operation, operationrun.h

// What an operation needs of the connection that its plan is for. Borrowed.
struct OperationPorts
{
    StepRunner *runner = nullptr;
    RemoteLocker *locker = nullptr; // may be null: then only this machine is interlocked
    QString server = {};            // serverIdentity() of where it leads; empty: not known
};

// What a policy says of a plan that goes forward: freezes, holds, alerts. Asked for again with each plan.
using PolicyChecks = std::function<QFuture<Result<QList<Check>>>(const Plan &plan, const StopToken &stop)>;

// How long things may take. The defaults are the product's; tests shorten none of them, they own the clock.
struct OperationTimings
{
    std::chrono::milliseconds maxPlanAge{60000};   // older: forward plans must be made again
    std::chrono::milliseconds firstLook{250};      // after a call was accepted; then doubling ...
    std::chrono::milliseconds slowestLook{1000};   // ... up to this
    std::chrono::milliseconds leastLooking{5000};  // also when the answer took all of the step's deadline
    std::chrono::milliseconds staleLook{10000};    // an older look says nothing about now
    std::chrono::milliseconds resolveLimit{30000}; // for re-reading a call whose answer was lost
    std::chrono::milliseconds settle{2000};        // "did not take place" counts when it is still so after this
    std::chrono::milliseconds preemptGrace{400};   // for the answer of a call under way
    std::chrono::milliseconds backDryRun{2000};    // going back waits no longer for a dry run
    std::chrono::milliseconds backLockLimit{900};  // going back waits no longer for locks and journal
    std::chrono::milliseconds lockLimit{10000};    // going forward does
    std::chrono::milliseconds renewEvery{10000};   // the remote lock
    std::chrono::milliseconds lockWatch{150};      // looks whether another process wants to go back
    std::chrono::milliseconds clockJump{10000};    // more than this between two ticks: the machine slept
    std::chrono::milliseconds policyLimit{20000};  // going forward waits no longer for what the policy says
};

// One change of the world, from plan to recorded outcome: the state machine of operationstates.h. Made and owned by
// OperationCenter; GUI (main) thread only; nothing here blocks. Typical use:
//
//     Operation *op = center.create(plan);      // Planned
//     op->start();                              // Preflight, then AwaitingConfirmation or Finished(Refused)
//     op->prepare(op->plan().fingerprint());    // the button went down: locks and journal (Journaling, Armed)
//     op->confirm(op->plan().fingerprint());    // the hold is complete: the first call leaves at once
//
// confirm() without prepare() does both. Commands that mean nothing in the present state return false and do nothing.
class Operation : public QObject
{
    Q_OBJECT
public:
    using State = OperationState;
    enum class Mode { Real, DryRun }; // DryRun ends after Preflight
    Q_ENUM(Mode)

    ~Operation() override;

    QString id() const;  // ULID of its own: journal and ledger know it by this
    QString key() const; // what it holds (lockkey.h): of a cluster connection|ns|application
    const Plan &plan() const;
    QString title() const; // "Roll back cart in production to 2.14.3", for people
    Direction direction() const { return plan().direction; }

    State state() const;
    bool isFinished() const { return state() == State::Finished; }
    bool holdsLock() const;                         // from Journaling on until Recording
    QList<PlanStep> chosenSteps() const;            // without the optional ones that were left out
    int stepIndex() const;                          // into chosenSteps(); -1 before the first call
    std::optional<Observation> observation() const; // newest look at the present step
    QString pauseReason() const;                    // for people; empty unless Paused
    std::chrono::milliseconds dwellRemaining() const;
    std::chrono::milliseconds deadlineRemaining() const; // of the step being observed
    QList<StepOutcome> stepOutcomes() const;
    std::optional<Outcome> outcome() const; // once Finished
    QStringList warnings() const; // what went on in spite of something: no shared lock, no journal ... for people

    // What the confirmation asks (models/domain/confirmation.h).
    Confirmation confirmation(bool canHold) const;
    bool isPlanExpired() const; // forward and older than maxPlanAge

    bool canPause() const; // a step is still to come
    bool canResume() const;
    bool canSkip() const;    // the rest of a dwell
    bool canAbandon() const; // something was done that a step can take back
    bool canCancel() const;

    // When the trouble began that this operation answers (an alert's start): time to detect and to restore are measured
    // from it. Optional.
    void setProblemSince(const QDateTime &since);
    QDateTime problemSince() const;

    bool start(Mode mode = Mode::Real);
    // While AwaitingConfirmation (a hold is let go first): a plan made again, or one with other optional steps or
    // reason.
    bool replacePlan(const Plan &plan);
    // The plan made again while one waits for confirmation or the button is down. One that would send the same is
    // checked behind what is shown: it stays confirmable, a hold goes on, and only checks and age are new. Any other,
    // and one that its checks doubt, is as replacePlan().
    bool renewPlan(const Plan &plan);
    bool chooseStep(const QString &stepId, bool isChosen);
    bool setReason(const QString &reason);

    // The button went down. False, and planExpired() or nothing, when `fingerprint` is not that of plan() or the plan
    // is too old: the confirmation starts anew.
    bool prepare(const QByteArray &fingerprint);
    bool release(); // the button came up too early: the intent is withdrawn
    bool confirm(const QByteArray &fingerprint);

    // At the next safe point: never between a call and its answer.
    bool pause();
    bool resume();
    bool skipDwell();
    bool abandon(); // restores what was and observes that
    bool cancel();  // sends nothing more; what was done stays
    // Somebody goes back: ends as Preempted, within a second.
    bool preempt(const QString &by);

signals:
    void stateChanged(signalbox::OperationState state);
    void planChanged(); // checks, steps or fingerprint: a hold starts anew
    void planExpired(); // make the plan again and call replacePlan()
    void progressed();  // observation, step outcomes, warnings
    void ticked();      // once a second while dwelling or observing
    void transitioned(signalbox::OperationState from, signalbox::OperationEvent event, signalbox::OperationState to);
    void finished(const signalbox::Outcome &outcome); // after the outcome was journaled

private:
    friend class OperationCenter;
    friend class OperationRun;
    struct Environment
    {
        OperationPorts ports;
        Clock *clock = nullptr;
        Journal *journal = nullptr;
        LocalLocks *locks = nullptr;
        OperationTimings timings;
        // Asks the operation of this process that holds the key to give way; true when there is none (any more).
        std::function<bool(Operation *)> makeWay;
        std::function<Identity()> who;
        PolicyChecks policyChecks; // empty: there is no policy
    };
    Operation(Plan plan, Environment environment, QObject *parent);
    void loseConnection(const QString &reason); // the ports are about to go

    std::unique_ptr<OperationRun> d;
};

} // namespace signalbox
