#pragma once

#include <httplib.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace signalbox::sandbox
{

// cpp-httplib gives each connection to a thread until it is closed, so that a fixed pool would be full of watches: here
// a connection that finds no idle thread gets a new one, and a thread that found nothing to do for a while ends.
class GrowingQueue : public httplib::TaskQueue
{
public:
    explicit GrowingQueue(std::size_t most);
    ~GrowingQueue() override;

    // void in old versions of the library, bool ("taken") since 0.14.
    using Enqueued = decltype(std::declval<httplib::TaskQueue &>().enqueue(std::function<void()>()));
    Enqueued enqueue(std::function<void()> task) override;
    void shutdown() override;
    std::size_t size() const;

private:
    void add(std::function<void()> task);
    void work();
    void joinFinished();

    const std::size_t m_most;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_tasks;
    std::vector<std::thread> m_threads;
    std::vector<std::thread::id> m_finished;
    std::size_t m_idle = 0;
    bool m_isEnding = false;
};

} // namespace signalbox::sandbox
