#include "services/operations/operationrun.h"

#include "models/domain/ulid.h"
#include "services/operations/clock.h"
#include "services/operations/journal.h"
#include "services/operations/lockkey.h"
#include "services/operations/operationrun_impl.h"

#include <QLoggingCategory>

#include <algorithm>

namespace signalbox
{

Q_LOGGING_CATEGORY(operationsLog, "signalbox.services.operations")

OperationRun::OperationRun(Operation *operation, Plan planned, Operation::Environment environment)
    : q(operation)
    , env(std::move(environment))
    , plan(std::move(planned))
    , id(newUlid(env.clock->now()))
    , key(operationKeyOf(plan))
    , lockKeys(lockKeysOf(plan))
{}

bool OperationRun::fire(Event event)
{
    const auto to = nextState(state, event);
    if (!to)
        return false;
    const State from = state;
    qCDebug(operationsLog) << id << from << event << *to;
    const quint64 epoch = ++m_epoch;
    state = *to;
    if (state == State::Dwelling)
        m_tickedAt = env.clock->monotonicMs(); // who hears of the wait asks at once how long it still is
    emit q->transitioned(from, event, state);
    emit q->stateChanged(state);
    if (epoch == m_epoch) // a listener may have sent a command
        enter(*to);
    return true;
}

void OperationRun::enter(State entered)
{
    switch (entered) {
    case State::Preflight:
        return runPreflight();
    case State::AwaitingConfirmation:
        if (auto wanted = std::exchange(m_wanted.plan, std::nullopt))
            replacePlan(*wanted);
        return;
    case State::Journaling:
        return takeLocks();
    case State::Armed:
        return enterArmed();
    case State::Executing:
        return sendNext();
    case State::Reversing:
        return send();
    case State::Resolving:
    case State::ResolvingReversal:
        if (m_wanted.preemptBy) {
            endPreempted(Event::PreemptRequested);
            return;
        }
        m_resolvingSince = env.clock->monotonicMs();
        m_notTakenSince.reset();
        return resolve();
    case State::Observing:
    case State::ObservingReversal:
        return enterObserving();
    case State::Dwelling:
        return beginDwell();
    case State::PlanningReversal:
        return planReversal();
    case State::Recording:
        return record();
    case State::Finished:
        releaseLocks();
        withdraw();
        emit q->finished(outcome);
        return;
    case State::Planned:
    case State::Paused:
        return;
    }
}

void OperationRun::enterArmed()
{
    if (m_wanted.preemptBy)
        endPreempted(Event::PreemptRequested);
    else if (m_wanted.cancel)
        endCancelled();
    else if (m_wanted.release || m_wanted.plan)
        release();
    else if (m_wanted.confirm)
        confirmNow();
}

void OperationRun::enterObserving()
{
    if (m_wanted.preemptBy) {
        endPreempted(Event::PreemptRequested);
        return;
    }
    if (m_wanted.abandon && !isReversing()) {
        fire(Event::AbandonRequested);
        return;
    }
    // After the last call there is nothing left to cancel: its effect is worth seeing.
    if (std::exchange(m_wanted.cancel, false) && hasStepsToCome() && endCancelled())
        return;
    observation.reset();
    m_lookError.reset();
    m_nextLook = env.timings.firstLook;
    const auto deadline = std::chrono::milliseconds(step().deadline.count() - (env.clock->monotonicMs() - m_sentAt));
    after(std::max(deadline, env.timings.leastLooking), [this] { noteDeadline(); });
    look();
}

// ---- commands

bool OperationRun::start(Operation::Mode wanted)
{
    if (state != State::Planned)
        return false;
    mode = wanted;
    return fire(Event::Started);
}

bool OperationRun::replacePlan(const Plan &given)
{
    Plan replacement = given;
    replacement.server = plan.server; // of the same connection
    if (replacement.connection != plan.connection || replacement.ns != plan.ns ||
        replacement.application != plan.application)
        return false;
    if (!replacement.steps.isEmpty() && operationKeyOf(replacement) != key) // one that is refused has none
        return false;
    if (state == State::Journaling || state == State::Armed) {
        m_wanted.plan = replacement;
        m_wanted.confirm = false;
        return state == State::Journaling || release();
    }
    if (!nextState(state, Event::Replanned))
        return false;
    plan = replacement;
    return fire(Event::Replanned);
}

bool OperationRun::isPlanExpired() const
{
    return plan.direction == Direction::Forward && plan.plannedAt.isValid() &&
           plan.plannedAt.msecsTo(env.clock->now()) > env.timings.maxPlanAge.count();
}

bool OperationRun::prepare(const QByteArray &fingerprint)
{
    if (state != State::AwaitingConfirmation || fingerprint != plan.fingerprint())
        return false;
    if (isPlanExpired()) {
        emit q->planExpired();
        return false;
    }
    m_wanted = {};
    return fire(Event::HoldBegan);
}

bool OperationRun::release()
{
    if (state == State::Journaling && !m_wanted.confirm) {
        m_wanted.release = true;
        return true;
    }
    if (state != State::Armed)
        return false;
    m_wanted.release = false;
    releaseLocks();
    withdraw();
    return fire(Event::HoldReleased);
}

// Nothing was sent: the intent is taken back, unless an outcome follows it.
void OperationRun::withdraw()
{
    if (!std::exchange(wasJournaled, false))
        return;
    deliver(env.journal->writeWithdrawn(id, env.clock->now()), StopToken{}, this, [this](const Result<void> &written) {
        if (!written)
            warn(written.error().message);
    });
}

bool OperationRun::confirm(const QByteArray &fingerprint)
{
    if (fingerprint != plan.fingerprint() || m_wanted.plan)
        return false;
    if (state == State::AwaitingConfirmation) {
        if (isPlanExpired()) {
            emit q->planExpired();
            return false;
        }
        m_wanted = {};
        m_wanted.confirm = true;
        return fire(Event::HoldBegan);
    }
    if (state == State::Journaling && !m_wanted.release) {
        m_wanted.confirm = true;
        return true;
    }
    if (state != State::Armed)
        return false;
    confirmNow();
    return true;
}

void OperationRun::confirmNow()
{
    m_wanted.confirm = false;
    steps.clear();
    for (const PlanStep &candidate : plan.steps) {
        if (!candidate.isOptional || candidate.isChosen)
            steps.append(candidate);
    }
    index = -1;
    outcome.startedAt = env.clock->now();
    fire(Event::Confirmed);
}

bool OperationRun::pause()
{
    if (!q->canPause())
        return false;
    if (state == State::Dwelling) {
        m_dwellLeft = dwellRemaining();
        pauseReason = Operation::tr("Paused by you.");
        return fire(Event::PauseRequested);
    }
    if (m_wanted.abandon || m_wanted.cancel)
        return false; // it ends before there is anything to pause
    m_wanted.pause = true;
    emit q->progressed();
    return true;
}

// A pause that was asked for and has not begun is taken back.
bool OperationRun::resume()
{
    if (state != State::Paused) {
        const bool wasWanted = std::exchange(m_wanted.pause, false);
        if (wasWanted)
            emit q->progressed();
        return wasWanted;
    }
    pauseReason.clear();
    return fire(Event::Resumed);
}

bool OperationRun::skipDwell()
{
    if (state != State::Dwelling && state != State::Paused)
        return false;
    pauseReason.clear();
    return fire(Event::DwellSkipped);
}

bool OperationRun::abandon()
{
    if (!q->canAbandon())
        return false;
    if (state == State::Executing || state == State::Resolving) {
        m_wanted.abandon = true; // of two wishes the later one
        m_wanted.cancel = false;
        m_wanted.pause = false;
        return true;
    }
    pauseReason.clear();
    return fire(Event::AbandonRequested);
}

bool OperationRun::cancel()
{
    switch (state) {
    case State::Journaling:
    case State::Executing:
    case State::Resolving:
        m_wanted.cancel = true;
        m_wanted.abandon = false;
        m_wanted.pause = false;
        return true;
    default:
        return endCancelled();
    }
}

bool OperationRun::preempt(const QString &by)
{
    if (!holdsLock())
        return false;
    if (m_wanted.preemptBy)
        return true;
    m_wanted.preemptBy = by;
    if (state == State::Journaling)
        return true; // ends when armed; nothing leaves
    if (state == State::Executing || state == State::Reversing) {
        after(env.timings.preemptGrace, [this] {
            currentOutcome().kind = OutcomeKind::Unknown;
            currentOutcome().message = Operation::tr("Its answer had not come when going back took over.");
            endPreempted(Event::PreemptOverdue);
        });
        return true;
    }
    return endPreempted(Event::PreemptRequested);
}

void OperationRun::loseConnection(const QString &reason)
{
    if (state == State::Finished || state == State::Recording) {
        env.ports = {};
        return;
    }
    m_stop.request_stop();
    const QString sentence = reason + doneSoFar();
    for (Event event : {Event::CancelRequested, Event::LockRefused, Event::ReversalUnplannable, Event::CannotTell,
                        Event::PreemptOverdue}) {
        if (!nextState(state, event))
            continue;
        const bool isOpen = event == Event::CannotTell || event == Event::PreemptOverdue || state == State::Observing;
        end(event, isOpen ? OutcomeKind::Unknown : OutcomeKind::Cancelled, sentence, ErrorKind::Unreachable);
        break;
    }
    env.ports = {};
}

bool OperationRun::holdsLock() const
{
    return state >= State::Journaling && state < State::Recording;
}

bool OperationRun::hasStepsToCome() const
{
    return index + 1 < steps.size();
}

// ---- ending

bool OperationRun::end(Event event, OutcomeKind kind, const QString &message, ErrorKind errorKind)
{
    if (!nextState(state, event))
        return false;
    outcome.kind = kind;
    outcome.message = message;
    if (const QString stays = stillInPlace(); !stays.isEmpty())
        outcome.message += (message.endsWith(QLatin1Char('.')) ? QString() : QStringLiteral(".")) + stays;
    outcome.errorKind = errorKind;
    outcome.isConfirmed = isConfirmed(kind);
    outcome.steps = stepOutcomes + m_reversalOutcomes;
    outcome.finishedAt = env.clock->now();
    if (!outcome.startedAt.isValid())
        outcome.startedAt = outcome.finishedAt;
    return fire(event);
}

// What was done last decides; of several objects that were taken back, each.
bool OperationRun::isConfirmed(OutcomeKind kind) const
{
    const auto isSeen = [](const StepOutcome &step) { return step.observedAt.isValid(); };
    if (kind == OutcomeKind::Abandoned)
        return std::all_of(m_reversalOutcomes.begin(), m_reversalOutcomes.end(), isSeen);
    return kind != OutcomeKind::Done || stepOutcomes.isEmpty() || isSeen(stepOutcomes.last());
}

bool OperationRun::endPreempted(Event event)
{
    const QString by = m_wanted.preemptBy.value_or(QString());
    return end(event, OutcomeKind::Preempted, Operation::tr("Gave way to going back: %1.").arg(by) + doneByThen());
}

bool OperationRun::endCancelled()
{
    QString message = Operation::tr("Cancelled: nothing was sent.");
    if (index >= 0)
        message = Operation::tr("Cancelled: nothing more was sent.") + doneSoFar();
    return end(Event::CancelRequested, OutcomeKind::Cancelled, message);
}

void OperationRun::record()
{
    m_stop.request_stop();
    releaseLocks();
    wasJournaled = false; // the outcome closes it
    reachedRecording = true;
    // A disk that hangs must not keep the operation from ending: the journal's line is then the next start's.
    after(std::chrono::seconds(5), [this] {
        warn(Operation::tr("The outcome is not in the journal yet: the disk does not answer."));
        fire(Event::Recorded);
    });
    answer(env.journal->writeOutcome(id, outcome, false), [this](const Result<void> &written) {
        if (!written)
            warn(written.error().message);
        fire(Event::Recorded);
    });
}

void OperationRun::warn(const QString &warning)
{
    if (warning.isEmpty() || warnings.contains(warning))
        return;
    qCWarning(operationsLog).noquote() << id << warning;
    warnings.append(warning);
    emit q->progressed();
}

QString OperationRun::doneSoFar() const
{
    int done = 0;
    int accepted = 0;
    for (const StepOutcome &outcomeOf : stepOutcomes) {
        if (m_takenBack.contains(outcomeOf.stepId))
            continue;
        done += outcomeOf.observedAt.isValid() ? 1 : 0;
        accepted += outcomeOf.acceptedAt.isValid() && !outcomeOf.observedAt.isValid() ? 1 : 0;
    }
    QString text;
    if (done > 0)
        text += QLatin1Char(' ') +
                Operation::tr("%1 of %n step(s) took effect and stay so.", nullptr, static_cast<int>(steps.size()))
                    .arg(done) +
                lastDone();
    if (accepted > 0)
        text += QLatin1Char(' ') + Operation::tr("The last one was accepted; its effect was not seen.");
    return text;
}

QString OperationRun::doneByThen() const
{
    const auto isInForce = [this](const StepOutcome &step) {
        return step.observedAt.isValid() && !m_takenBack.contains(step.stepId);
    };
    const auto done = std::count_if(stepOutcomes.begin(), stepOutcomes.end(), isInForce);
    return done == 0 ? QString()
                     : QLatin1Char(' ') +
                           Operation::tr("Steps that had taken effect by then: %1 of %2.").arg(done).arg(steps.size()) +
                           lastDone();
}

// Of traffic that goes in steps: the shares that it was left at.
QString OperationRun::lastDone() const
{
    const auto isInForce = [this](const StepOutcome &step) {
        return step.observedAt.isValid() && !m_takenBack.contains(step.stepId);
    };
    const auto last = std::find_if(stepOutcomes.crbegin(), stepOutcomes.crend(), isInForce);
    if (steps.size() < 2 || last == stepOutcomes.crend())
        return {};
    const auto step =
        std::find_if(steps.cbegin(), steps.cend(), [&last](const PlanStep &each) { return each.id == last->stepId; });
    return step == steps.cend() ? QString()
                                : QLatin1Char(' ') + Operation::tr("The last of these: \"%1\".").arg(step->title);
}

QString OperationRun::leftAsItIs(const PlanStep &step)
{
    const QString text = Operation::tr("Left as it is until somebody ends it: \"%1\".").arg(step.title);
    if (!step.undoHint.isEmpty()) // commands, to be copied as they are
        return text + QLatin1Char(' ') + Operation::tr("To end it: %1").arg(step.undoHint);
    if (!step.undoTitle.isEmpty())
        return text + QLatin1Char(' ') + Operation::tr("To end it: %1.").arg(step.undoTitle);
    return text;
}

QString OperationRun::stillInPlace() const
{
    QString text;
    for (const StepOutcome &sent : stepOutcomes) {
        const bool isThere = sent.acceptedAt.isValid() || sent.kind == OutcomeKind::Unknown;
        if (!isThere || m_takenBack.contains(sent.stepId))
            continue;
        for (const PlanStep &step : steps) {
            if (step.id == sent.stepId && step.isOptional && step.undo && step.call.path != steps.last().call.path)
                text += QLatin1Char(' ') + leftAsItIs(step);
        }
    }
    return text;
}

QString OperationRun::title() const
{
    const auto named = [this](const QString &pattern) { return pattern.arg(plan.application, plan.environment); };
    switch (plan.kind) {
    case OperationKind::Rollback:
        return named(Operation::tr("Roll back %1 in %2 to %3")).arg(plan.to);
    case OperationKind::TrafficShift:
        return named(Operation::tr("Shift traffic of %1 in %2 to %3")).arg(plan.to);
    case OperationKind::TrafficSwitch:
        return named(Operation::tr("Switch traffic of %1 in %2 to %3")).arg(plan.to);
    case OperationKind::Scale:
        return named(Operation::tr("Scale %1 in %2 to %3")).arg(plan.to);
    case OperationKind::Restart:
        return named(Operation::tr("Restart %1 in %2"));
    case OperationKind::Pause:
        return named(Operation::tr("Pause %1 in %2"));
    case OperationKind::Resume:
        return named(Operation::tr("Resume %1 in %2"));
    case OperationKind::SuspendReconciliation:
        return named(Operation::tr("Pause reconciliation of %1 in %2"));
    case OperationKind::Promote:
        return QString(Operation::tr("Promote %1 to %2: %3")).arg(plan.application, plan.environment, plan.to);
    case OperationKind::RerunRun:
        return Operation::tr("Run %1 again: %2").arg(plan.application, plan.to);
    case OperationKind::CancelRun:
        return Operation::tr("Cancel %2 of %1").arg(plan.application, plan.from);
    case OperationKind::TriggerRun:
        return Operation::tr("Start a run of %1: %2").arg(plan.application, plan.to);
    case OperationKind::DecideGate:
        return Operation::tr("Decide the gate of %1: %2").arg(plan.application, plan.to);
    }
    return {};
}

} // namespace signalbox
