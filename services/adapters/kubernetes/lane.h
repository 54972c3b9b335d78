#pragma once

#include "models/domain/result.h"

#include <QFuture>
#include <QPromise>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

class QThreadPool;

namespace signalbox::kubernetes
{

// Work done on the pool's threads, one piece after the other and in order: what one kind's parser needs. Thread-safe;
// posted work keeps it alive.
class Lane : public std::enable_shared_from_this<Lane>
{
public:
    // `pool` null: the global one; it must outlive the work.
    static std::shared_ptr<Lane> make(QThreadPool *pool = nullptr);

    void post(std::function<void()> work);

    // work: () -> Result<T>
    template <typename T, typename Work>
    [[nodiscard]] QFuture<Result<T>> run(Work work)
    {
        auto promise = std::make_shared<QPromise<Result<T>>>();
        promise->start();
        QFuture<Result<T>> future = promise->future();
        post([promise, work = std::move(work)]() mutable {
            promise->addResult(work());
            promise->finish();
        });
        return future;
    }

private:
    explicit Lane(QThreadPool *pool)
        : m_pool(pool)
    {}
    void drain();

    QThreadPool *m_pool;
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_waiting;
    bool m_isRunning = false;
};

} // namespace signalbox::kubernetes
