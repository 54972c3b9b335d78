#include "services/sandbox/world/podlog.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace signalbox::sandbox
{

namespace
{

constexpr std::int64_t slotMs = 1500; // at most one request is logged in each: the others are sampled away

std::string line(const char *level, const std::string &text)
{
    return std::string("level=") + level + ' ' + text;
}

std::string number(double value, const char *format)
{
    char text[48];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::vector<LogText> startLines(const PodRecord &pod, std::int64_t startedMs)
{
    const Behaviour &behaviour = pod.version->behaviour;
    const auto at = [&](double part) {
        return startedMs + static_cast<std::int64_t>(behaviour.warmUpSeconds * 1000 * part);
    };
    return {
        {startedMs, line("info", "msg=\"starting\" service=" + pod.service->name + " version=" + pod.version->tag)},
        {at(0.15), line("info", "msg=\"loading model\" source=registry bytes=" +
                                    std::to_string(static_cast<long long>(behaviour.memoryMb * 0.7 * 1048576)))},
        {at(0.6), line("info", "msg=\"warming up\" requests=64")},
        {at(0.85), line("info", "msg=\"listening\" address=:8080 path=" + pod.service->path)},
    };
}

std::string failureText(const PodRecord &pod, double dice)
{
    if (dice < 0.6)
        return "error=\"feature vector has 512 values, the model expects 768\" stage=score";
    if (dice < 0.85)
        return "error=\"NaN in the output of layer 11\" stage=score";
    return "error=\"upstream feature-store: deadline exceeded\" stage=fetch pod=" + pod.name;
}

std::string requestLine(const PodRecord &pod, const PodMood &mood, std::int64_t slot)
{
    const auto dice = [&](const char *what) { return chance(hashOf(pod.uid), what, static_cast<std::uint64_t>(slot)); };
    const double spread = pod.version->behaviour.spread;
    // A normal of two uniforms (Box and Muller)
    const double normal = std::sqrt(-2 * std::log(std::max(dice("u"), 1e-9))) * std::cos(6.283185307179586 * dice("v"));
    const std::string took = number(mood.medianMs * std::exp(spread * normal), "%.1f");
    const std::string request = safeName(hashOf(pod.uid) + static_cast<std::uint64_t>(slot), 8);
    const std::string head = "path=" + pod.service->path + " request=" + request;
    if (mood.isOverloaded && dice("full") < 0.3)
        return line("warn", "msg=\"no free worker, request turned away\" status=503 " + head);
    if (dice("fail") < mood.errorShare)
        return line("error",
                    "msg=\"request failed\" status=500 " + head + " ms=" + took + ' ' + failureText(pod, dice("why")));
    return line("info", "msg=\"request\" status=200 " + head + " ms=" + took + " model=" + pod.version->tag);
}

const PodMood *moodAt(const PodMeter *meter, std::int64_t ms)
{
    if (!meter || meter->moods.empty())
        return nullptr;
    const PodMood *found = &meter->moods.front();
    for (const PodMood &mood : meter->moods) {
        if (mood.sinceMs <= ms)
            found = &mood;
    }
    return found;
}

void addEnd(const PodRecord &pod, std::int64_t finishedMs, std::vector<LogText> &lines)
{
    const bool isMemory = pod.life.last.reason == "OOMKilled";
    lines.push_back({finishedMs - 40, isMemory ? line("warn", "msg=\"memory nearly used up\" limit=cgroup")
                                               : line("error", "msg=\"fatal\" error=\"tokenizer vocabulary has 32000 "
                                                               "entries, the model was trained with 32768\"")});
    if (!isMemory)
        lines.push_back({finishedMs - 20, "panic: cannot serve with a vocabulary of another size"});
}

// Nobody knows what it would write: a line a second, counted from its start.
std::vector<LogText> foreignLog(const PodRecord &pod, bool isPrevious, std::int64_t afterMs, std::int64_t untilMs,
                                std::size_t most)
{
    std::vector<LogText> lines;
    const bool isEnded = isPrevious || pod.life.startedMs == 0;
    const std::int64_t started = isEnded ? pod.life.last.startedMs : pod.life.startedMs;
    if (started == 0)
        return lines;
    const std::int64_t end = isEnded ? pod.life.last.finishedMs : untilMs;
    std::int64_t from = std::max<std::int64_t>(0, (afterMs - started) / 1000);
    from = std::max(from, (end - started) / 1000 - static_cast<std::int64_t>(most));
    for (std::int64_t i = from; started + i * 1000 <= end; ++i) {
        if (started + i * 1000 > afterMs)
            lines.push_back({started + i * 1000, "line " + std::to_string(i) + " of " + pod.name});
    }
    if (lines.size() > most)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
    return lines;
}

} // namespace

std::vector<LogText> podLog(const PodRecord &pod, const PodMeter *meter, bool isPrevious, std::int64_t afterMs,
                            std::int64_t untilMs, std::size_t most)
{
    std::vector<LogText> lines;
    if (pod.isForeign)
        return foreignLog(pod, isPrevious, afterMs, untilMs, most);
    if (!pod.version)
        return lines;
    const auto &last = pod.life.last;
    const bool isEnded = isPrevious || pod.life.startedMs == 0;
    const std::int64_t started = isEnded ? last.startedMs : pod.life.startedMs;
    if (started == 0)
        return lines;
    const std::int64_t end = std::min(untilMs, isEnded ? last.finishedMs : untilMs);
    std::int64_t first = started + static_cast<std::int64_t>(pod.version->behaviour.warmUpSeconds * 1000);
    // Of a month only the end is wanted; lines that nobody asked for are not made.
    const auto room = static_cast<std::int64_t>(most) * slotMs * 8;
    first = std::max({first, afterMs, end - room});
    for (LogText &one : startLines(pod, started)) {
        if (one.ms <= end)
            lines.push_back(std::move(one));
    }
    for (std::int64_t slot = first / slotMs; slot * slotMs <= end; ++slot) {
        const std::int64_t at = slot * slotMs + static_cast<std::int64_t>(
                                                    chance(hashOf(pod.uid), "when", static_cast<std::uint64_t>(slot)) *
                                                    static_cast<double>(slotMs - 1));
        const PodMood *mood = moodAt(meter, at);
        if (at < first || at > end || !mood ||
            chance(hashOf(pod.uid), "seen", static_cast<std::uint64_t>(slot)) > mood->rps)
            continue;
        lines.push_back({at, requestLine(pod, *mood, slot)});
    }
    if (isEnded && last.finishedMs <= untilMs)
        addEnd(pod, last.finishedMs, lines);
    std::erase_if(lines, [afterMs](const LogText &one) { return one.ms <= afterMs; });
    if (lines.size() > most)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
    return lines;
}

} // namespace signalbox::sandbox
