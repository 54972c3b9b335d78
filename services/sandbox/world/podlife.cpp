#include "services/sandbox/world/podlife.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

constexpr std::int64_t settledMs = 10 * 60 * 1000; // so long without an end, and the back-off starts anew

void enter(PodLife &life, PodStage stage, std::int64_t atMs, std::int64_t nextMs)
{
    life.stage = stage;
    life.sinceMs = atMs;
    life.nextMs = nextMs;
}

void start(PodLife &life, const PodCircumstances &circumstances, std::int64_t atMs)
{
    life.startedMs = atMs;
    std::int64_t next = atMs + circumstances.warmUpMs;
    if (circumstances.crashAfterMs > 0)
        next = std::min(next, atMs + circumstances.crashAfterMs);
    enter(life, PodStage::Starting, atMs, next);
}

void end(PodLife &life, int exitCode, const std::string &reason, std::int64_t atMs)
{
    life.last = {life.startedMs, atMs, exitCode, reason};
    life.startedMs = 0;
    enter(life, PodStage::Crashed, atMs, atMs + 1000);
}

PodEvent step(PodLife &life, const PodCircumstances &circumstances)
{
    const std::int64_t at = life.nextMs;
    const bool isDown =
        circumstances.crashAfterMs > 0 && life.isRunning() && at >= life.startedMs + circumstances.crashAfterMs;
    switch (life.stage) {
    case PodStage::Unscheduled:
        enter(life, PodStage::Pulling, at, at + (circumstances.isCached ? 300 : circumstances.pullMs));
        return PodEvent::Pulling;
    case PodStage::Pulling:
        if (!circumstances.canPull && !circumstances.isCached) {
            ++life.pullFailures;
            enter(life, PodStage::PullFailed, at, at + 2000);
            return PodEvent::PullFailed;
        }
        start(life, circumstances, at);
        return circumstances.isCached ? PodEvent::AlreadyPresent : PodEvent::Pulled;
    case PodStage::PullFailed:
        enter(life, PodStage::PullBackOff, at, at + backOffMs(life.pullFailures));
        return PodEvent::PullBackOff;
    case PodStage::PullBackOff:
        enter(life, PodStage::Pulling, at, at + 800);
        return PodEvent::Pulling;
    case PodStage::Starting:
    case PodStage::Ready:
        if (isDown) {
            end(life, circumstances.exitCode, circumstances.exitReason, at);
            return PodEvent::Exited;
        }
        enter(life, PodStage::Ready, at,
              circumstances.crashAfterMs > 0 ? life.startedMs + circumstances.crashAfterMs : 0);
        return PodEvent::BecameReady;
    case PodStage::Crashed:
        if (life.last.finishedMs - life.last.startedMs > settledMs)
            life.restarts = std::min(life.restarts, 1);
        enter(life, PodStage::CrashBackOff, at, at + backOffMs(life.restarts + 1));
        return PodEvent::BackOff;
    case PodStage::CrashBackOff:
        break;
    }
    ++life.restarts;
    start(life, circumstances, at);
    return PodEvent::Started;
}

} // namespace

std::int64_t backOffMs(int failures)
{
    return std::min<std::int64_t>(10'000LL << std::clamp(failures - 1, 0, 10), 300'000);
}

void schedule(PodLife &life, std::int64_t nowMs)
{
    life.nextMs = nowMs;
}

std::vector<PodEvent> advance(PodLife &life, const PodCircumstances &circumstances, std::int64_t nowMs)
{
    std::vector<PodEvent> events;
    // A container that runs may have been given a reason to crash since.
    if (life.isRunning() && circumstances.crashAfterMs > 0 && life.nextMs == 0)
        life.nextMs = std::max(life.startedMs + circumstances.crashAfterMs, life.sinceMs);
    while (life.nextMs > 0 && life.nextMs <= nowMs) {
        const PodEvent event = step(life, circumstances);
        events.push_back(event);
        if (event == PodEvent::Pulled || event == PodEvent::AlreadyPresent)
            events.push_back(PodEvent::Started);
    }
    return events;
}

std::vector<PodEvent> kill(PodLife &life, int exitCode, const std::string &reason, std::int64_t nowMs)
{
    if (!life.isRunning())
        return {};
    end(life, exitCode, reason, nowMs);
    return {PodEvent::Exited};
}

} // namespace signalbox::sandbox
