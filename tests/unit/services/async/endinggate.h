#pragma once

#include <QAbstractEventDispatcher>
#include <QFutureWatcher>
#include <QSemaphore>
#include <QThread>

#include <atomic>
#include <memory>

namespace signalbox::test
{

// Holds the thread that ends a future in the moment in which it has ended and its continuation was not looked for yet:
// between the two halves Qt tells watchers of it, by posting an event, which wakes the dispatcher of their thread in
// the thread that posts. The future is locked meanwhile: its result cannot be asked for.
template <typename T>
class EndingGate
{
public:
    explicit EndingGate(const QFuture<T> &future)
        : m_dispatcher(std::make_unique<Dispatcher>())
    {
        m_thread.setEventDispatcher(m_dispatcher.get()); // the thread never starts, so it takes no ownership
        m_watcher.moveToThread(&m_thread);
        m_watcher.setFuture(future);
    }

    // Call close() when the future has its result, before it is finished.
    void close() { m_dispatcher->isClosed = true; }
    bool waitUntilSomeoneIsThere() { return m_dispatcher->entered.tryAcquire(1, 10'000); }
    void open()
    {
        m_dispatcher->isClosed = false;
        m_dispatcher->leave.release();
    }

private:
    struct Dispatcher : QAbstractEventDispatcher
    {
        void wakeUp() override
        {
            if (!isClosed)
                return;
            entered.release();
            leave.acquire();
        }
        bool processEvents(QEventLoop::ProcessEventsFlags) override { return false; }
        void registerSocketNotifier(QSocketNotifier *) override {}
        void unregisterSocketNotifier(QSocketNotifier *) override {}
        void registerTimer(int, qint64, Qt::TimerType, QObject *) override {}
        bool unregisterTimer(int) override { return false; }
        bool unregisterTimers(QObject *) override { return false; }
        QList<TimerInfo> registeredTimers(QObject *) const override { return {}; }
        int remainingTime(int) override { return -1; }
        void interrupt() override {}

        std::atomic_bool isClosed = false;
        QSemaphore entered;
        QSemaphore leave;
    };

    std::unique_ptr<Dispatcher> m_dispatcher;
    QThread m_thread;
    QFutureWatcher<T> m_watcher;
};

} // namespace signalbox::test
