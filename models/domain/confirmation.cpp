#include "models/domain/confirmation.h"

#include <algorithm>

namespace signalbox
{

using namespace std::chrono_literals;

bool Confirmation::accepts(const QString &typed) const
{
    return kind != Kind::TypeName || typed.trimmed() == text;
}

Confirmation confirmationFor(const Plan &plan, bool canHold)
{
    if (!plan.isProtected)
        return {Confirmation::Kind::Press, 0ms, {}};
    const bool isBack = plan.direction == Direction::Back;
    if (canHold)
        return {Confirmation::Kind::Hold, isBack ? 400ms : 800ms, {}};
    if (isBack)
        return {Confirmation::Kind::Question, 0ms, {}};
    return {Confirmation::Kind::TypeName, 0ms, plan.application};
}

HoldGate::HoldGate(Confirmation confirmation)
    : m_confirmation(std::move(confirmation))
{}

void HoldGate::showPlan(const QByteArray &fingerprint, const Confirmation &confirmation, qint64 at)
{
    if (fingerprint == m_fingerprint && confirmation == m_confirmation)
        return;
    m_fingerprint = fingerprint;
    m_confirmation = confirmation;
    m_plannedAt = at;
    m_state = State::Idle;
}

void HoldGate::focusGained(qint64 at)
{
    if (m_hasFocus)
        return;
    m_hasFocus = true;
    m_focusedAt = at;
}

void HoldGate::focusLost()
{
    m_hasFocus = false;
    m_isDown = false; // its release goes elsewhere; what is still down comes back as auto-repeat only
    m_state = State::Idle;
}

void HoldGate::press(qint64 at, bool isAutoRepeat)
{
    if (isAutoRepeat || m_isDown)
        return;
    m_isDown = true;
    const bool counts = m_hasFocus && !m_fingerprint.isEmpty() && at >= m_focusedAt && at >= m_plannedAt;
    if (!counts || m_state == State::Complete)
        return;
    m_pressedAt = at;
    m_state = State::Holding;
}

void HoldGate::release()
{
    m_isDown = false;
    if (m_state == State::Holding)
        m_state = State::Idle;
}

bool HoldGate::advance(qint64 at)
{
    if (m_state != State::Holding || at - m_pressedAt < m_confirmation.hold.count())
        return false;
    m_state = State::Complete;
    return true;
}

double HoldGate::progress(qint64 at) const
{
    if (m_state == State::Complete)
        return 1;
    if (m_state == State::Idle)
        return 0;
    const auto needed = static_cast<double>(m_confirmation.hold.count());
    return needed <= 0 ? 1 : std::clamp(static_cast<double>(at - m_pressedAt) / needed, 0.0, 1.0);
}

} // namespace signalbox
