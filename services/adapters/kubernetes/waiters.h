#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QPromise>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace signalbox::kubernetes
{

// Everyone who waits for one answer that is being found once. A stop ends that waiter as Cancelled and leaves the
// others alone. Thread-safe; waiters that are left when this goes end as Cancelled.
template <typename T>
class Waiters
{
public:
    Waiters() = default;
    ~Waiters() { answer(Error{ErrorKind::Cancelled, {}, {}}); }
    Waiters(const Waiters &) = delete;
    Waiters &operator=(const Waiters &) = delete;

    QFuture<Result<T>> add(const StopToken &stop)
    {
        auto waiter = std::make_shared<Waiter>();
        waiter->promise.start();
        const QFuture<Result<T>> future = waiter->promise.future();
        {
            const std::lock_guard lock(m_mutex);
            m_waiting.push_back(waiter);
        }
        // Runs at once when the stop was requested already.
        auto onStop = std::make_unique<Callback>(stop, [weak = std::weak_ptr<Waiter>(waiter)] {
            if (const auto stopped = weak.lock())
                stopped->end(Error{ErrorKind::Cancelled, {}, {}});
        });
        const std::lock_guard lock(waiter->mutex);
        if (!waiter->isDone)
            waiter->onStop = std::move(onStop);
        return future;
    }

    void answer(const Result<T> &result)
    {
        std::vector<std::shared_ptr<Waiter>> waiting;
        {
            const std::lock_guard lock(m_mutex);
            waiting.swap(m_waiting);
        }
        for (const auto &waiter : waiting)
            waiter->end(result);
    }

private:
    using Callback = StopCallback<std::function<void()>>;
    struct Waiter
    {
        std::mutex mutex;
        QPromise<Result<T>> promise;
        bool isDone = false;
        std::unique_ptr<Callback> onStop;

        void end(const Result<T> &result)
        {
            {
                const std::lock_guard lock(mutex);
                if (isDone)
                    return;
                isDone = true;
            }
            promise.addResult(result);
            promise.finish();
        }
    };

    std::mutex m_mutex;
    std::vector<std::shared_ptr<Waiter>> m_waiting;
};

} // namespace signalbox::kubernetes
