#include "ui/widgets/holdgesture.h"

#include <algorithm>

namespace signalbox
{

HoldGesture::HoldGesture(std::function<qint64()> now, int durationMs)
    : m_now(std::move(now))
    , m_duration(durationMs)
{}

void HoldGesture::setDuration(int milliseconds)
{
    if (milliseconds == m_duration)
        return;
    m_duration = milliseconds;
    interrupt();
}

void HoldGesture::setFingerprint(const QByteArray &fingerprint)
{
    if (fingerprint == m_fingerprint)
        return;
    m_fingerprint = fingerprint;
    interrupt();
}

void HoldGesture::setFocused(bool isFocused)
{
    m_isFocused = isFocused;
    if (!isFocused)
        interrupt();
}

void HoldGesture::setEnabled(bool isEnabled)
{
    m_isEnabled = isEnabled;
    if (!isEnabled)
        interrupt();
}

bool HoldGesture::press(bool isAutoRepeat)
{
    if (isAutoRepeat || m_isDown)
        return false;
    m_isDown = true;
    if (!m_isFocused || !m_isEnabled || m_fingerprint.isEmpty()) {
        m_state = State::Spent;
        return false;
    }
    m_state = State::Holding;
    m_since = m_now();
    return true;
}

bool HoldGesture::release(bool isAutoRepeat)
{
    if (isAutoRepeat)
        return false;
    const bool wasHolding = isHolding();
    m_isDown = false;
    m_state = State::Idle;
    return wasHolding;
}

bool HoldGesture::check()
{
    if (!isHolding() || m_now() - m_since < m_duration)
        return false;
    m_state = State::Spent;
    return true;
}

double HoldGesture::progress() const
{
    if (!isHolding())
        return 0;
    return std::clamp(static_cast<double>(m_now() - m_since) / std::max(1, m_duration), 0.0, 1.0);
}

bool HoldGesture::interrupt()
{
    const bool wasHolding = isHolding();
    m_state = m_isDown ? State::Spent : State::Idle;
    return wasHolding;
}

} // namespace signalbox
