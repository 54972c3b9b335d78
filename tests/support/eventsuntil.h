#pragma once

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QTimer>

namespace signalbox::test
{

// Handles events as they come, without the naps of QTest::qWaitFor(), which add up where thousands of answers are
// awaited one after the other. False: the deadline passed first.
template <typename Condition>
bool eventsUntil(Condition condition, int deadlineMs = 60'000)
{
    const QDeadlineTimer deadline(deadlineMs);
    QTimer wakes; // for the deadline, where no event comes any more
    wakes.start(100);
    while (!condition()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
    return true;
}

} // namespace signalbox::test
