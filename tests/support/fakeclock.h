#pragma once

#include "services/operations/clock.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>
#include <functional>
#include <vector>

namespace signalbox::test
{

// A clock that stands still until a test moves it. advance() calls what falls due on the way, in order, and lets the
// event loop deliver between calls, so that timers started by an answer fall due in the same advance().
class FakeClock : public Clock
{
public:
    QDateTime now() const override { return m_wall; }
    qint64 monotonicMs() const override { return m_monotonic; }
    void callAfter(std::chrono::milliseconds delay, QObject *context, std::function<void()> handler) override
    {
        m_due.push_back({m_monotonic + std::max<qint64>(delay.count(), 0), m_next++, context, std::move(handler)});
    }

    void advance(std::chrono::milliseconds by)
    {
        const qint64 end = m_monotonic + by.count();
        deliverPosted();
        while (true) {
            const auto next = std::min_element(m_due.begin(), m_due.end(), [](const Due &a, const Due &b) {
                return std::tie(a.at, a.order) < std::tie(b.at, b.order);
            });
            if (next == m_due.end() || next->at > end)
                break;
            const Due due = *next;
            m_due.erase(next);
            setMonotonic(due.at);
            if (due.context)
                due.handler();
            deliverPosted();
        }
        setMonotonic(end);
    }
    // The machine sleeps: the wall's clock goes on, the monotonic one does not (as on Linux).
    void sleep(std::chrono::milliseconds by) { m_wall = m_wall.addMSecs(by.count()); }
    // The machine sleeps and the monotonic clock counts it (as on Windows): timers fall due late.
    void sleepCounted(std::chrono::milliseconds by) { setMonotonic(m_monotonic + by.count()); }

private:
    struct Due
    {
        qint64 at;
        quint64 order;
        QPointer<QObject> context;
        std::function<void()> handler;
    };
    void setMonotonic(qint64 at)
    {
        if (at <= m_monotonic)
            return;
        m_wall = m_wall.addMSecs(at - m_monotonic);
        m_monotonic = at;
    }
    static void deliverPosted()
    {
        for (int i = 0; i < 4; ++i)
            QCoreApplication::processEvents();
    }

    QDateTime m_wall = QDateTime(QDate(2026, 3, 4), QTime(10, 0), Qt::UTC);
    qint64 m_monotonic = 1000000;
    quint64 m_next = 0;
    std::vector<Due> m_due;
};

} // namespace signalbox::test
