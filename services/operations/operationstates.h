#pragma once

#include <QObject>

#include <optional>
#include <span>

// The states of an operation and every edge between them. The table is the only place that says what may follow what;
// test_operation has a row for each edge and fails when one was never walked.
//
//   Planned -> Preflight -> AwaitingConfirmation <-> Journaling -> Armed -> Executing -> Observing -> Dwelling <->
//   Paused
//                                                                   ^            |  ^         |           |          |
//                                                         (released: back)   Resolving    next step <-----'----------'
//
//   Observing, Dwelling, Paused --abandon--> PlanningReversal -> Reversing -> ObservingReversal   (ResolvingReversal)
//   everything that was journaled ends through Recording -> Finished; what was not, in Finished
namespace signalbox
{
Q_NAMESPACE

enum class OperationState {
    Planned,              // made, nothing asked yet
    Preflight,            // checks and, where the plan has none yet, the remote's dry run
    AwaitingConfirmation, // the operator looks at it
    Journaling,           // the button is down: locks are taken, the intent is written
    Armed,                // locks and intent are there; the first call leaves when the hold completes
    Executing,            // step's call is on its way
    Resolving,            // its answer was lost: re-reading whether it took place
    Observing,            // accepted; waiting for the effect
    Dwelling,             // effect observed; waiting out the step's dwell
    Paused,               // no step is sent until the operator goes on
    PlanningReversal,     // abandoned: asking for the step that restores what was
    Reversing,            // that step's call is on its way
    ResolvingReversal,    // its answer was lost
    ObservingReversal,    // accepted; waiting for the effect
    Recording,            // the outcome is being journaled; nothing is sent any more
    Finished,
};
Q_ENUM_NS(OperationState)

enum class OperationEvent {
    Started,
    ChecksPassed,
    ChecksBlocked,
    DryRunEnded, // --dry-run: stop here on purpose
    Replanned,   // a new plan replaced the one shown
    HoldBegan,
    HoldReleased,
    LockRefused,   // somebody else holds application and environment
    JournalFailed, // forward: an intent that cannot be written stops the operation
    Ready,         // locks held and intent written (back: or not to be had, and warned about)
    Confirmed,
    Accepted,
    CallRefused, // refused or conflicting: the call had no effect
    AnswerLost,
    TookPlace,
    DidNotTakePlace,
    CannotTell,
    EffectiveDwell,  // effect observed; the step has a dwell
    EffectivePaused, // effect observed; a pause was asked for meanwhile
    EffectiveNext,   // effect observed; next step at once
    EffectiveLast,   // effect observed; that was all
    NotEffective,
    DwellOver,
    DwellSkipped,
    PauseRequested,
    ClockJumped, // the machine slept through a dwell
    Resumed,
    AbandonRequested,
    ReversalPlanned,
    ReversalUnplannable,
    CancelRequested,
    PreemptRequested, // somebody goes back
    PreemptOverdue,   // the answer of a call under way did not come within the grace
    Recorded,
};
Q_ENUM_NS(OperationEvent)

struct OperationTransition
{
    OperationState from;
    OperationEvent event;
    OperationState to;
};

std::span<const OperationTransition> operationTransitions();
// None: the event means nothing in that state.
std::optional<OperationState> nextState(OperationState state, OperationEvent event);

QString operationStateName(OperationState state);  // "awaitingConfirmation": stable, for --json
QString operationStateLabel(OperationState state); // for people

} // namespace signalbox
