#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace signalbox::sandbox
{

// The time of the practice world: the wall clock's, unless somebody holds it (the seed that plays the last half hour,
// and tests) or lets it run faster (tests that play through minutes). Unix milliseconds; any thread, but for setPace():
// that once, before anybody else asks.
class WorldClock
{
public:
    std::int64_t nowMs() const
    {
        const std::int64_t held = m_held.load();
        if (held > 0)
            return held;
        const std::int64_t wall = wallMs();
        return m_pace == 1 ? wall
                           : m_originMs + static_cast<std::int64_t>(static_cast<double>(wall - m_originMs) * m_pace);
    }
    void setPace(double pace)
    {
        m_originMs = wallMs();
        m_pace = pace;
    }
    double pace() const { return m_pace; }
    void hold(std::int64_t ms) { m_held = ms; }
    void release() { m_held = 0; }

private:
    static std::int64_t wallMs()
    {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }

    std::atomic<std::int64_t> m_held = 0;
    std::int64_t m_originMs = 0;
    double m_pace = 1;
};

} // namespace signalbox::sandbox
