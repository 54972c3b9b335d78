#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace signalbox::test
{

// The yard's time goes on while a command runs in another process: a second of it every 20 ms.
template <typename Yard>
class YardGoing
{
public:
    explicit YardGoing(Yard &yard)
        : m_thread([this, &yard] {
            while (!m_isOver) {
                yard.pass(1);
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        })
    {}
    ~YardGoing()
    {
        m_isOver = true;
        m_thread.join();
    }
    YardGoing(const YardGoing &) = delete;
    YardGoing &operator=(const YardGoing &) = delete;

private:
    std::atomic<bool> m_isOver{false};
    std::thread m_thread;
};

} // namespace signalbox::test
