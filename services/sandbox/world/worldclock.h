#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace signalbox::sandbox
{

// The time of the practice world: the wall clock's, unless somebody holds it (the seed that plays the last half hour,
// and tests). Unix milliseconds; any thread.
class WorldClock
{
public:
    std::int64_t nowMs() const
    {
        using namespace std::chrono;
        const std::int64_t held = m_held.load();
        return held > 0 ? held
                        : std::int64_t(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
    }
    void hold(std::int64_t ms) { m_held = ms; }
    void release() { m_held = 0; }

private:
    std::atomic<std::int64_t> m_held = 0;
};

} // namespace signalbox::sandbox
