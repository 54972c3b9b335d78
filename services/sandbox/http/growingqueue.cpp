#include "services/sandbox/http/growingqueue.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

constexpr std::chrono::seconds idleForGood{15};

template <typename Answer>
Answer taken()
{
    if constexpr (!std::is_void_v<Answer>)
        return true;
}

} // namespace

GrowingQueue::GrowingQueue(std::size_t most)
    : m_most(most)
{}

GrowingQueue::~GrowingQueue()
{
    shutdown();
}

GrowingQueue::Enqueued GrowingQueue::enqueue(std::function<void()> task)
{
    add(std::move(task));
    return taken<Enqueued>();
}

void GrowingQueue::add(std::function<void()> task)
{
    const std::lock_guard lock(m_mutex);
    joinFinished();
    m_tasks.push_back(std::move(task));
    if (m_tasks.size() > m_idle && m_threads.size() < m_most)
        m_threads.emplace_back([this] { work(); });
    m_wake.notify_one();
}

// Those that ended by themselves; the lock is held, and they no longer want it.
void GrowingQueue::joinFinished()
{
    for (const std::thread::id id : m_finished) {
        const auto at = std::find_if(m_threads.begin(), m_threads.end(),
                                     [id](const std::thread &thread) { return thread.get_id() == id; });
        if (at == m_threads.end())
            continue;
        at->join();
        m_threads.erase(at);
    }
    m_finished.clear();
}

void GrowingQueue::work()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        ++m_idle;
        const bool hasWork =
            m_wake.wait_for(lock, idleForGood, [this] { return !m_tasks.empty() || m_isEnding; }) && !m_tasks.empty();
        --m_idle;
        if (!hasWork)
            break;
        const std::function<void()> task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        task();
        lock.lock();
    }
    if (!m_isEnding)
        m_finished.push_back(std::this_thread::get_id());
}

void GrowingQueue::shutdown()
{
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
        threads.swap(m_threads);
    }
    m_wake.notify_all();
    for (std::thread &thread : threads)
        thread.join();
}

std::size_t GrowingQueue::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_threads.size() - m_finished.size();
}

} // namespace signalbox::sandbox
