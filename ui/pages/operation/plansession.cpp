#include "ui/pages/operation/plansession.h"

#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "services/operations/planchoices.h"

#include <chrono>

namespace signalbox
{

namespace
{

// When the first call of it left; invalid: none did yet.
QDateTime firstSentAt(const Operation &operation)
{
    QDateTime first;
    for (const StepOutcome &step : operation.stepOutcomes()) {
        if (step.sentAt.isValid() && (!first.isValid() || step.sentAt < first))
            first = step.sentAt;
    }
    return first;
}

// Well below the age at which an operation refuses its plan (60 s), and rare enough to cost the server nothing.
constexpr std::chrono::seconds renewEvery{20};

} // namespace

PlanSession::PlanSession(OperationCenter &center, QObject *parent)
    : QObject(parent)
    , m_center(center)
{
    m_renew.setInterval(renewEvery);
    connect(&m_renew, &QTimer::timeout, this, [this] {
        if ((awaitsConfirmation() || isRefusedBeforehand()) && m_isActive)
            replan();
    });
    m_renew.start();
    connect(&m_center, &OperationCenter::changed, this, [this](const Operation *operation) {
        if (operation == successor()) // how that ends is the end of this one's story
            emit changed();
    });
}

PlanSession::~PlanSession()
{
    drop();
}

void PlanSession::plan(Planner planner)
{
    if (isRunning())
        return;
    m_ask.cancel();
    drop();
    m_planner = std::move(planner);
    m_error = {};
    setState(State::Planning);
    replan();
}

void PlanSession::clear()
{
    if (isRunning())
        return;
    reset(hasOutcome() ? QString() : m_reason);
}

void PlanSession::leave()
{
    reset({});
}

void PlanSession::reset(const QString &reason)
{
    m_ask.cancel();
    m_planner = {};
    m_reason = reason;
    drop();
    setState(State::Nothing);
}

void PlanSession::fail(const Error &error)
{
    if (isRunning())
        return;
    m_ask.cancel();
    m_planner = {};
    drop();
    m_error = error;
    setState(State::Failed);
}

void PlanSession::follow(Operation *operation)
{
    if (operation == m_operation || !operation)
        return;
    leave();
    attach(operation);
    m_isOurs = false;
    m_wasPressed = true;
    setState(State::Ready);
}

void PlanSession::setReason(const QString &reason)
{
    if (m_reason == reason)
        return;
    m_reason = reason;
    if (m_operation)
        m_operation->setReason(reason);
}

void PlanSession::replan()
{
    if (!m_planner || isUnderWay() || hasOutcome())
        return;
    if (m_state == State::Failed && !m_operation)
        m_state = State::Planning;
    m_ask.run(
        this, [this](const StopToken &stop) { return m_planner(stop); },
        [this](const Result<Plan> &result) { take(result); });
    emit changed();
}

void PlanSession::setActive(bool isActive)
{
    const bool wakes = isActive && !m_isActive;
    m_isActive = isActive;
    if (wakes && (awaitsConfirmation() || isRefusedBeforehand()))
        replan();
}

Operation *PlanSession::operation() const
{
    return m_operation;
}

bool PlanSession::isRunning() const
{
    return m_operation && m_operation->holdsLock();
}

bool PlanSession::isUnderWay() const
{
    return m_operation && m_operation->state() > OperationState::Armed && !m_operation->isFinished();
}

bool PlanSession::isRenewing() const
{
    return m_isRenewal && m_operation && m_operation->state() < OperationState::AwaitingConfirmation;
}

bool PlanSession::isFinished() const
{
    return m_operation && m_operation->isFinished();
}

bool PlanSession::isRefusedBeforehand() const
{
    return isFinished() && !m_wasPressed;
}

const Operation *PlanSession::successor() const
{
    const std::optional<Outcome> outcome = isFinished() ? m_operation->outcome() : std::nullopt;
    if (!outcome || outcome->kind != OutcomeKind::Preempted)
        return nullptr;
    // An application has one operation at a time: a Back that ended before this one did came before it, and of the
    // later ones the first that sent anything is what it gave way to. Which of them was planned first tells nothing.
    const Operation *first = nullptr;
    QDateTime firstSent;
    for (const Operation *each : m_center.operations()) { // the newest first
        if (each == m_operation || each->direction() != Direction::Back || each->key() != m_operation->key())
            continue;
        const bool began = each->isFinished() ? !each->stepOutcomes().isEmpty() : each->state() > OperationState::Armed;
        const std::optional<Outcome> end = each->isFinished() ? each->outcome() : std::nullopt;
        if (!began || (end && end->finishedAt < outcome->finishedAt))
            continue;
        const QDateTime sent = firstSentAt(*each);
        if (!first || !firstSent.isValid() || (sent.isValid() && sent <= firstSent)) {
            first = each;
            firstSent = sent;
        }
    }
    return first;
}

bool PlanSession::awaitsConfirmation() const
{
    return m_operation && m_operation->state() == OperationState::AwaitingConfirmation;
}

void PlanSession::take(const Result<Plan> &result)
{
    if (!result) {
        // A plan that could not be renewed must not look confirmable.
        if (result.error().kind == ErrorKind::Cancelled || isRunning())
            return;
        m_error = result.error();
        drop();
        setState(State::Failed);
        return;
    }
    adopt(*result);
}

void PlanSession::adopt(Plan plan)
{
    if (isUnderWay() || hasOutcome()) // confirmed meanwhile: this plan comes too late
        return;
    if (m_operation)
        plan = withChoicesOf(plan, m_operation->plan());
    if (!m_reason.isEmpty())
        plan.reason = m_reason;
    const bool isRenewal = m_operation != nullptr;
    m_isRenewal = isRenewal;
    if (m_operation && !m_operation->isFinished() && m_operation->renewPlan(plan)) {
        emit changed();
        return;
    }
    drop();
    const Result<Operation *> made = m_center.create(plan);
    if (!made) {
        m_error = made.error();
        setState(State::Failed);
        return;
    }
    attach(*made);
    m_isRenewal = isRenewal;
    m_state = State::Ready;
    m_operation->start();
    emit changed();
}

void PlanSession::attach(Operation *operation)
{
    m_operation = operation;
    m_isOurs = true;
    m_wasPressed = false;
    m_isRenewal = false;
    connect(m_operation, &Operation::stateChanged, this, &PlanSession::operationMoved);
    connect(m_operation, &Operation::planChanged, this, &PlanSession::changed);
    connect(m_operation, &Operation::progressed, this, &PlanSession::changed);
    connect(m_operation, &Operation::ticked, this, &PlanSession::changed);
    connect(m_operation, &Operation::planExpired, this, &PlanSession::replan);
    connect(m_operation, &Operation::finished, this, &PlanSession::finished);
    connect(m_operation, &QObject::destroyed, this, [this] { setState(State::Nothing); });
}

void PlanSession::operationMoved()
{
    switch (m_operation->state()) {
    case OperationState::Journaling:
        m_wasPressed = true;
        break;
    case OperationState::AwaitingConfirmation:
        m_wasPressed = false;
        m_isRenewal = false;
        break;
    default:
        break;
    }
    emit changed();
}

void PlanSession::drop()
{
    if (!m_operation)
        return;
    disconnect(m_operation, nullptr, this, nullptr);
    // A button that is still down dies with what shows it: whoever only followed has no say in that.
    if (m_isOurs && (!m_operation->isFinished() || isRefusedBeforehand()))
        m_center.discard(m_operation);
    m_operation = nullptr;
}

void PlanSession::setState(State state)
{
    m_state = state;
    emit changed();
}

Error connectionRemoved(const QString &id)
{
    return {ErrorKind::Unreachable,
            PlanSession::tr("The connection %1 was removed. Add it again in Connections.").arg(id),
            {}};
}

} // namespace signalbox
