#pragma once

#include <QFuture>
#include <QPromise>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace signalbox
{

// Does one piece of work after the other, in the order asked, beside everything else: for a file, a repository or
// anything else that only one may touch at a time. What one piece leaves behind (libgit2's objects) the next one may
// use. Its thread ends after a while without work: there are dozens of these, and each thread keeps memory of its own.
// The destructor waits for what was asked.
class SerialQueue
{
public:
    SerialQueue()
    {
        m_pool.setMaxThreadCount(1);
        m_pool.setExpiryTimeout(3000); // ms
    }
    ~SerialQueue() { m_pool.waitForDone(); }
    SerialQueue(const SerialQueue &) = delete;
    SerialQueue &operator=(const SerialQueue &) = delete;

    // work: () -> Result<T>, on the queue's thread. It must not throw.
    template <typename Work>
    [[nodiscard]] auto run(Work work) -> QFuture<std::invoke_result_t<Work>>
    {
        using Answer = std::invoke_result_t<Work>;
        auto promise = std::make_shared<QPromise<Answer>>();
        promise->start();
        QFuture<Answer> future = promise->future();
        auto shared = std::make_shared<Work>(std::move(work)); // std::function wants what it holds to be copyable
        m_pool.start([promise, shared] {
            promise->addResult((*shared)());
            promise->finish();
        });
        return future;
    }

private:
    QThreadPool m_pool;
};

} // namespace signalbox
