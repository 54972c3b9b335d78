#include "services/operations/journal.h"
#include "services/operations/operationrun.h"
#include "services/operations/operationrun_impl.h"

#include <algorithm>

// Everything from the first call on: calls, looks, dwell, taking back.
namespace signalbox
{

using namespace std::chrono_literals;

bool OperationRun::isReversing() const
{
    return state == State::Reversing || state == State::ResolvingReversal || state == State::ObservingReversal;
}

const PlanStep &OperationRun::step() const
{
    return isReversing() ? m_reversal : steps.at(index);
}

StepOutcome &OperationRun::currentOutcome()
{
    return isReversing() ? m_reversalOutcomes.last() : stepOutcomes.last();
}

QStringList OperationRun::doneStepIds() const
{
    QStringList ids;
    for (const StepOutcome &done : stepOutcomes) {
        if (done.acceptedAt.isValid())
            ids.append(done.stepId);
    }
    return ids;
}

// ---- the call

void OperationRun::sendNext()
{
    ++index;
    StepOutcome begun;
    begun.stepId = steps.at(index).id;
    begun.kind = OutcomeKind::Unknown; // until something is known
    stepOutcomes.append(begun);
    send();
}

void OperationRun::send()
{
    observation.reset();
    m_receipt = {};
    const PlanStep sent = step();
    currentOutcome().sentAt = env.clock->now();
    m_sentAt = env.clock->monotonicMs();
    // The call first: the intent was synced before, this line only tells how far it came.
    answer(
        env.ports.runner->execute(sent, StopToken{}),
        [this](const Result<Receipt> &receipt) {
            if (receipt)
                noteReceipt(*receipt);
            else
                noteRefusal(receipt.error());
        },
        ErrorKind::OutcomeUnknown);
    after(sent.deadline, [this] {
        currentOutcome().message = Operation::tr("No answer within the deadline.");
        fire(Event::AnswerLost);
    });
    deliver(env.journal->writeStep(id, sent, isReversing(), currentOutcome().sentAt), StopToken{}, this,
            [this](const Result<void> &written) {
                if (!written)
                    warn(written.error().message);
            });
}

void OperationRun::noteReceipt(const Receipt &receipt)
{
    m_receipt = receipt;
    StepOutcome &current = currentOutcome();
    if (receipt.sentAt.isValid())
        current.sentAt = receipt.sentAt;
    current.acceptedAt = receipt.acceptedAt.isValid() ? receipt.acceptedAt : env.clock->now();
    emit q->progressed();
    fire(Event::Accepted);
}

namespace
{

// The call may have had its effect although no proper answer came.
bool isAnswerLost(ErrorKind kind)
{
    return kind == ErrorKind::OutcomeUnknown || kind == ErrorKind::TimedOut || kind == ErrorKind::Cancelled ||
           kind == ErrorKind::Protocol || kind == ErrorKind::Internal;
}

} // namespace

void OperationRun::noteRefusal(const Error &error)
{
    StepOutcome &current = currentOutcome();
    current.message = error.message;
    if (isAnswerLost(error.kind)) {
        fire(Event::AnswerLost);
        return;
    }
    const bool isConflict = error.kind == ErrorKind::Conflict;
    current.kind = isConflict ? OutcomeKind::Conflict : OutcomeKind::Refused;
    if (isReversing()) {
        end(Event::CallRefused, OutcomeKind::Failed,
            Operation::tr("It could not be taken back: %1").arg(error.message) + doneSoFar(), error.kind);
        return;
    }
    if (doneStepIds().isEmpty()) {
        const QString message = isConflict ? Operation::tr("Conflict, nothing was written: %1").arg(error.message)
                                           : Operation::tr("Refused, nothing was written: %1").arg(error.message);
        end(Event::CallRefused, current.kind, message, error.kind);
        return;
    }
    end(Event::CallRefused, OutcomeKind::Failed,
        Operation::tr("Stopped at step %1 of %n: %2", nullptr, static_cast<int>(steps.size()))
                .arg(index + 1)
                .arg(error.message) +
            doneSoFar(),
        error.kind);
}

// ---- the answer was lost: read, never repeat

void OperationRun::resolve()
{
    answer(env.ports.runner->tookPlace(step(), m_stop.get_token()),
           [this](const Result<bool> &tookPlace) { noteResolved(tookPlace); });
}

void OperationRun::noteResolved(const Result<bool> &tookPlace)
{
    const qint64 now = env.clock->monotonicMs();
    if (tookPlace && *tookPlace) {
        currentOutcome().acceptedAt = env.clock->now();
        fire(Event::TookPlace);
        return;
    }
    if (tookPlace && !m_notTakenSince)
        m_notTakenSince = now;
    if (!tookPlace)
        m_notTakenSince.reset();
    // What left may still arrive: "no" counts once it is still so after a while.
    if (m_notTakenSince && now - *m_notTakenSince >= env.timings.settle.count()) {
        currentOutcome().kind = OutcomeKind::Refused;
        const QString cause = currentOutcome().message;
        const bool isFirst = doneStepIds().isEmpty();
        const QString message =
            Operation::tr("The call did not take effect (%1); it was not repeated.").arg(cause) + doneSoFar();
        end(Event::DidNotTakePlace, isFirst && !isReversing() ? OutcomeKind::Refused : OutcomeKind::Failed, message,
            ErrorKind::Unreachable);
        return;
    }
    if (now - m_resolvingSince >= env.timings.resolveLimit.count()) {
        const QString cause = tookPlace ? currentOutcome().message : tookPlace.error().message;
        end(Event::CannotTell, OutcomeKind::Unknown,
            Operation::tr(
                "Outcome unknown: the answer was lost and reading again could not tell (%1). Look at the state "
                "before you act again.")
                    .arg(cause) +
                doneSoFar(),
            ErrorKind::OutcomeUnknown);
        return;
    }
    after(env.timings.slowestLook, [this] { resolve(); });
}

// ---- the effect

void OperationRun::look()
{
    answer(env.ports.runner->observe(step(), m_receipt, m_stop.get_token()),
           [this](const Result<Observation> &result) { noteLook(result); });
}

void OperationRun::noteLook(const Result<Observation> &result)
{
    if (!result) {
        m_lookError = result.error(); // asked again until the deadline
    } else {
        m_lookError.reset();
        m_lookedAt = env.clock->monotonicMs();
        observation = *result;
        if (!observation->at.isValid())
            observation->at = env.clock->now();
    }
    const quint64 epoch = m_epoch;
    emit q->progressed();
    if (epoch != m_epoch)
        return; // a listener sent a command
    if (result && result->state == Observation::State::Effective)
        return noteEffective();
    if (result && result->state == Observation::State::Failed) {
        currentOutcome().kind = OutcomeKind::NotEffective;
        currentOutcome().message = notEffectiveText();
        end(Event::NotEffective, OutcomeKind::NotEffective, notEffectiveText());
        return;
    }
    after(m_nextLook, [this] { look(); });
    m_nextLook = std::min(m_nextLook * 2, env.timings.slowestLook);
}

void OperationRun::noteDeadline()
{
    const qint64 age = env.clock->monotonicMs() - m_lookedAt;
    const bool isFresh = observation && age <= env.timings.staleLook.count();
    if (isFresh && !m_lookError) {
        currentOutcome().kind = OutcomeKind::NotEffective;
        currentOutcome().message = notEffectiveText();
        end(Event::NotEffective, OutcomeKind::NotEffective, notEffectiveText());
        return;
    }
    QString cause = Operation::tr("no answer");
    if (m_lookError)
        cause = m_lookError->message;
    else if (observation)
        cause = Operation::tr("no answer for %1 s; before that: %2").arg(age / 1000).arg(observation->text);
    currentOutcome().message = cause;
    end(Event::CannotTell, OutcomeKind::Unknown,
        Operation::tr("Accepted, but its effect could not be read: %1").arg(cause), ErrorKind::OutcomeUnknown);
}

QString OperationRun::notEffectiveText() const
{
    QStringList parts;
    for (const QString &part : {observation->text, observation->blocker}) {
        if (!part.isEmpty())
            parts.append(part);
    }
    if (parts.isEmpty())
        parts.append(Operation::tr("nothing happened within the deadline"));
    const QString text = parts.join(Operation::tr(", "));
    if (isReversing())
        return Operation::tr("taking it back is not effective: %1").arg(text);
    return Operation::tr("not effective: %1").arg(text);
}

void OperationRun::noteEffective()
{
    StepOutcome &current = currentOutcome();
    current.kind = OutcomeKind::Done;
    if (observation->isConfirmed)
        current.observedAt = observation->at;
    current.message = observation->text;
    if (isReversing()) {
        if (!m_toReverse.isEmpty())
            m_takenBack += m_toReverse.takeFirst();
        if (!m_toReverse.isEmpty()) {
            fire(Event::EffectiveNext);
            return;
        }
        end(Event::EffectiveLast, OutcomeKind::Abandoned,
            effectText(Operation::tr("Abandoned: taken back, and seen to be (%1)."),
                       Operation::tr("Abandoned: written back; nothing reports whether that is in force (%1).")));
        return;
    }
    if (!hasStepsToCome()) {
        end(Event::EffectiveLast, OutcomeKind::Done,
            observation->isConfirmed && observation->text.isEmpty()
                ? Operation::tr("done")
                : effectText(Operation::tr("done: %1"),
                             Operation::tr("written; nothing reports whether it is in force (%1)")));
        return;
    }
    m_dwellLeft = std::chrono::duration_cast<std::chrono::milliseconds>(step().dwell);
    if (std::exchange(m_wanted.pause, false)) {
        pauseReason = Operation::tr("Paused by you.");
        fire(Event::EffectivePaused);
    } else {
        fire(m_dwellLeft > 0ms ? Event::EffectiveDwell : Event::EffectiveNext);
    }
}

// "Cannot tell" is never folded into yes.
QString OperationRun::effectText(const QString &done, const QString &written) const
{
    return (isConfirmed(isReversing() ? OutcomeKind::Abandoned : OutcomeKind::Done) ? done : written)
        .arg(observation->text);
}

// ---- the dwell

void OperationRun::beginDwell()
{
    m_tickedAt = env.clock->monotonicMs();
    m_tickedWall = env.clock->now();
    m_tickDelay = std::min<std::chrono::milliseconds>(m_dwellLeft, 1s);
    after(m_tickDelay, [this] { tick(); });
}

std::chrono::milliseconds OperationRun::dwellRemaining() const
{
    if (state == State::Paused)
        return m_dwellLeft;
    if (state != State::Dwelling)
        return 0ms;
    return std::max(m_dwellLeft - std::chrono::milliseconds(env.clock->monotonicMs() - m_tickedAt), 0ms);
}

void OperationRun::tick()
{
    const std::chrono::milliseconds passed(env.clock->monotonicMs() - m_tickedAt);
    const std::chrono::milliseconds wall(m_tickedWall.msecsTo(env.clock->now()));
    // The one clock counts a sleep, the other may not; either way they give it away.
    const auto apart = wall > passed ? wall - passed : passed - wall;
    const auto late = passed - m_tickDelay;
    if (std::max(apart, late) > env.timings.clockJump) {
        const auto away = std::chrono::duration_cast<std::chrono::seconds>(std::max(apart, late));
        pauseReason =
            Operation::tr("This computer slept, or its clock was set, for %1 s during the wait. Look at the metrics "
                          "before you go on.")
                .arg(away.count());
        fire(Event::ClockJumped);
        return;
    }
    m_dwellLeft = std::max(m_dwellLeft - passed, 0ms);
    if (m_dwellLeft == 0ms) {
        fire(Event::DwellOver);
        return;
    }
    beginDwell();
    emit q->ticked();
}

std::chrono::milliseconds OperationRun::deadlineRemaining() const
{
    if (state != State::Observing && state != State::ObservingReversal)
        return 0ms;
    return std::max(step().deadline - std::chrono::milliseconds(env.clock->monotonicMs() - m_sentAt), 0ms);
}

// ---- taking back

QList<QStringList> OperationRun::doneByObject() const
{
    const QStringList done = doneStepIds();
    QList<QStringList> groups;
    QStringList paths;
    for (const PlanStep &candidate : steps) {
        if (!done.contains(candidate.id))
            continue;
        const auto known = paths.indexOf(candidate.call.path);
        if (known >= 0) {
            groups[known].append(candidate.id);
            continue;
        }
        paths.prepend(candidate.call.path);
        groups.prepend({candidate.id});
    }
    return groups;
}

// One object after the other, what was written last first: a paused reconciliation goes on once its object is as
// before.
void OperationRun::planReversal()
{
    if (m_reversalOutcomes.isEmpty())
        m_toReverse = doneByObject();
    Plan done = plan;
    done.steps = steps;
    answer(env.ports.runner->reversal(done, m_toReverse.value(0), m_stop.get_token()),
           [this](const Result<PlanStep> &reversal) {
               if (!reversal) {
                   end(Event::ReversalUnplannable, OutcomeKind::Failed,
                       Operation::tr("It cannot be taken back: %1").arg(reversal.error().message) + doneSoFar(),
                       reversal.error().kind);
                   return;
               }
               m_reversal = *reversal;
               StepOutcome begun;
               begun.stepId = m_reversal.id;
               begun.kind = OutcomeKind::Unknown;
               m_reversalOutcomes.append(begun);
               fire(Event::ReversalPlanned);
           });
}

} // namespace signalbox
