#include "ui/charts/timeaxis.h"

#include <algorithm>

namespace signalbox
{
namespace
{
constexpr qint64 longestMs = 90LL * 24 * 3600 * 1000;
} // namespace

TimeAxis::TimeAxis(QObject *parent)
    : QObject(parent)
{}

void TimeAxis::setRange(const MetricRange &range, qint64 now)
{
    m_base = range;
    m_now = now;
    reset();
}

void TimeAxis::advance(qint64 now)
{
    m_now = now;
    if (!isLive() || m_end == now)
        return;
    m_end = now;
    emit changed();
}

MetricRange TimeAxis::visible() const
{
    if (isLive())
        return m_base;
    return {m_length, QDateTime::fromMSecsSinceEpoch(m_end, Qt::UTC)};
}

void TimeAxis::zoom(double factor, qint64 anchor)
{
    const auto length = static_cast<qint64>(static_cast<double>(m_length) * factor);
    const qint64 clamped = std::clamp(length, shortestMs, longestMs);
    const double place = static_cast<double>(anchor - start()) / static_cast<double>(m_length);
    move(anchor - static_cast<qint64>(place * static_cast<double>(clamped)), clamped);
}

void TimeAxis::zoomTo(qint64 start, qint64 end)
{
    if (end < start)
        std::swap(start, end);
    move(start, std::clamp(end - start, shortestMs, longestMs));
}

void TimeAxis::pan(qint64 milliseconds)
{
    move(start() + milliseconds, m_length);
}

// Never into the future: nothing is known there.
void TimeAxis::move(qint64 start, qint64 length)
{
    const qint64 latest = std::max(m_now, m_base.isLive() ? m_now : m_base.end.toMSecsSinceEpoch());
    const qint64 end = std::min(start + length, latest);
    if (end == m_end && length == m_length)
        return;
    m_end = end;
    m_length = length;
    m_isMoved = true;
    emit changed();
}

void TimeAxis::reset()
{
    m_isMoved = false;
    m_length = m_base.lengthMs;
    m_end = m_base.isLive() ? m_now : m_base.end.toMSecsSinceEpoch();
    emit changed();
}

void TimeAxis::setCursor(std::optional<qint64> time)
{
    if (m_cursor == time)
        return;
    m_cursor = time;
    emit cursorChanged();
}

} // namespace signalbox
