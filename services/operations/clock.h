#pragma once

#include <QDateTime>
#include <QObject>

#include <chrono>
#include <functional>

namespace signalbox
{

// Time as operations see it; tests inject their own (tests/support/fakeclock.h). GUI thread.
class Clock
{
public:
    virtual ~Clock() = default;
    virtual QDateTime now() const = 0;      // UTC, the wall's: may jump
    virtual qint64 monotonicMs() const = 0; // never goes back; may or may not count a sleep
    // Calls `handler` once, in this thread, unless `context` is gone by then.
    virtual void callAfter(std::chrono::milliseconds delay, QObject *context, std::function<void()> handler) = 0;
};

class SystemClock : public Clock
{
public:
    QDateTime now() const override;
    qint64 monotonicMs() const override;
    void callAfter(std::chrono::milliseconds delay, QObject *context, std::function<void()> handler) override;
};

} // namespace signalbox
