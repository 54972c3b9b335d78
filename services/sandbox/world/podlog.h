#pragma once

#include "services/sandbox/world/traffic.h"

// What containers write. Nothing is kept: a line is made of its pod and its time, so that it comes out the same
// whenever somebody reads it.
namespace signalbox::sandbox
{

struct LogText
{
    std::int64_t ms = 0;
    std::string text;
};

// The lines of (`afterMs`, `untilMs`], oldest first, at most the newest `most`. `isPrevious`: of the container that
// ended before this one. `meter` may be null: the pod has served nothing yet.
std::vector<LogText> podLog(const PodRecord &pod, const PodMeter *meter, bool isPrevious, std::int64_t afterMs,
                            std::int64_t untilMs, std::size_t most);

} // namespace signalbox::sandbox
