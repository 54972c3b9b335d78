#include "services/adapters/kubernetes/lane.h"

#include <QThreadPool>

namespace signalbox::kubernetes
{

std::shared_ptr<Lane> Lane::make(QThreadPool *pool)
{
    return std::shared_ptr<Lane>(new Lane(pool ? pool : QThreadPool::globalInstance()));
}

void Lane::post(std::function<void()> work)
{
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back(std::move(work));
        if (m_isRunning)
            return;
        m_isRunning = true;
    }
    m_pool->start([self = shared_from_this()] { self->drain(); });
}

void Lane::drain()
{
    for (;;) {
        std::function<void()> work;
        {
            const std::lock_guard lock(m_mutex);
            if (m_waiting.empty()) {
                m_isRunning = false;
                return;
            }
            work = std::move(m_waiting.front());
            m_waiting.pop_front();
        }
        work();
    }
}

} // namespace signalbox::kubernetes
