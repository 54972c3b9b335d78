#include "services/operations/operation.h"

#include "services/operations/clock.h"
#include "services/operations/operationrun.h"

namespace signalbox
{

using namespace std::chrono_literals;

Operation::Operation(Plan plan, Environment environment, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<OperationRun>(this, std::move(plan), std::move(environment)))
{}

Operation::~Operation() = default;

QString Operation::id() const
{
    return d->id;
}

QString Operation::key() const
{
    return d->key;
}

const Plan &Operation::plan() const
{
    return d->plan;
}

QString Operation::title() const
{
    return d->title();
}

OperationState Operation::state() const
{
    return d->state;
}

bool Operation::holdsLock() const
{
    return d->holdsLock();
}

QList<PlanStep> Operation::chosenSteps() const
{
    if (!d->steps.isEmpty())
        return d->steps;
    QList<PlanStep> chosen = d->plan.steps;
    chosen.removeIf([](const PlanStep &step) { return step.isOptional && !step.isChosen; });
    return chosen;
}

int Operation::stepIndex() const
{
    return d->index;
}

std::optional<Observation> Operation::observation() const
{
    return d->observation;
}

QString Operation::pauseReason() const
{
    return d->state == State::Paused ? d->pauseReason : QString();
}

std::chrono::milliseconds Operation::dwellRemaining() const
{
    return d->dwellRemaining();
}

std::chrono::milliseconds Operation::deadlineRemaining() const
{
    return d->deadlineRemaining();
}

QList<StepOutcome> Operation::stepOutcomes() const
{
    return d->stepOutcomes;
}

std::optional<Outcome> Operation::outcome() const
{
    return isFinished() ? std::optional(d->outcome) : std::nullopt;
}

QStringList Operation::warnings() const
{
    return d->warnings;
}

QDateTime Operation::problemSince() const
{
    return d->problemSince;
}

Confirmation Operation::confirmation(bool canHold) const
{
    return confirmationFor(d->plan, canHold);
}

bool Operation::isPlanExpired() const
{
    return d->isPlanExpired();
}

bool Operation::canPause() const
{
    switch (state()) {
    case State::Executing:
    case State::Resolving:
    case State::Observing:
    case State::Dwelling:
        return d->hasStepsToCome();
    default:
        return false;
    }
}

bool Operation::canResume() const
{
    return state() == State::Paused;
}

bool Operation::canSkip() const
{
    return state() == State::Dwelling || state() == State::Paused;
}

bool Operation::canAbandon() const
{
    switch (state()) {
    case State::Executing:
    case State::Resolving:
    case State::Observing:
    case State::Dwelling:
    case State::Paused:
        return true;
    default:
        return false;
    }
}

bool Operation::canCancel() const
{
    return state() == State::Journaling || state() == State::Executing || state() == State::Resolving ||
           nextState(state(), OperationEvent::CancelRequested).has_value();
}

void Operation::setProblemSince(const QDateTime &since)
{
    d->problemSince = since;
}

bool Operation::start(Mode mode)
{
    return d->start(mode);
}

bool Operation::replacePlan(const Plan &plan)
{
    return d->replacePlan(plan);
}

bool Operation::renewPlan(const Plan &plan)
{
    return d->renewPlan(plan);
}

bool Operation::chooseStep(const QString &stepId, bool isChosen)
{
    if (state() != State::AwaitingConfirmation)
        return false;
    for (PlanStep &step : d->plan.steps) {
        if (step.id != stepId || !step.isOptional)
            continue;
        step.isChosen = isChosen;
        emit planChanged();
        return true;
    }
    return false;
}

bool Operation::setReason(const QString &reason)
{
    if (state() > State::AwaitingConfirmation)
        return false;
    d->plan.reason = reason;
    return true;
}

bool Operation::prepare(const QByteArray &fingerprint)
{
    return d->prepare(fingerprint);
}

bool Operation::release()
{
    return d->release();
}

bool Operation::confirm(const QByteArray &fingerprint)
{
    return d->confirm(fingerprint);
}

bool Operation::pause()
{
    return d->pause();
}

bool Operation::resume()
{
    return d->resume();
}

bool Operation::skipDwell()
{
    return d->skipDwell();
}

bool Operation::abandon()
{
    return d->abandon();
}

bool Operation::cancel()
{
    return d->cancel();
}

bool Operation::preempt(const QString &by)
{
    return d->preempt(by);
}

void Operation::loseConnection(const QString &reason)
{
    d->loseConnection(reason);
}

} // namespace signalbox
