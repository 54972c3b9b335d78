#include "services/sandbox/world/faults.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

constexpr std::int64_t falseAlarmMs = 4 * 60 * 1000;
constexpr double fullShare = 0.995;

double magnitudeOf(const FaultSpec &fault)
{
    if (fault.magnitude > 0)
        return fault.magnitude;
    switch (fault.kind) {
    case FaultSpec::Kind::ErrorsAfterFullShift:
        return 0.12;
    case FaultSpec::Kind::MemoryLeak:
        return 90;
    case FaultSpec::Kind::ZoneLatency:
        return 6;
    case FaultSpec::Kind::QualityDrop:
        return 0.11;
    case FaultSpec::Kind::FalseAlarm:
        return 0.05;
    case FaultSpec::Kind::ImageGone:
    case FaultSpec::Kind::MetricsDark:
        break;
    }
    return 0;
}

bool concerns(const FaultSpec &fault, const PodRecord &pod)
{
    return pod.service && pod.service->name == fault.application && pod.ns == fault.ns &&
           (fault.track.empty() || trackOf(pod) == fault.track) && (fault.zone.empty() || pod.zone == fault.zone) &&
           (fault.tag.empty() || (pod.version && pod.version->tag == fault.tag));
}

// True: the fault has an effect on this pod now.
bool disturb(const FaultSpec &fault, std::int64_t sinceMs, const PodRecord &pod, double share, std::int64_t nowMs,
             Disturbance &disturbance)
{
    const double magnitude = magnitudeOf(fault);
    switch (fault.kind) {
    case FaultSpec::Kind::ErrorsAfterFullShift:
        if (share < fullShare)
            return false;
        disturbance.errors += magnitude;
        return true;
    case FaultSpec::Kind::MemoryLeak:
        disturbance.extraMemoryMb +=
            magnitude * static_cast<double>(nowMs - std::max(sinceMs, pod.life.startedMs)) / 60'000;
        return pod.life.isRunning();
    case FaultSpec::Kind::ZoneLatency:
        disturbance.latencyFactor *= magnitude;
        return true;
    case FaultSpec::Kind::QualityDrop:
        disturbance.qualityLoss += magnitude;
        return true;
    case FaultSpec::Kind::MetricsDark:
        disturbance.isDark = true;
        return true;
    case FaultSpec::Kind::FalseAlarm:
        if (nowMs - sinceMs > falseAlarmMs)
            return false;
        disturbance.errors += magnitude;
        return true;
    case FaultSpec::Kind::ImageGone:
        break;
    }
    return false;
}

} // namespace

std::string trackOf(const PodRecord &pod)
{
    const auto slot = pod.labels.find("slot");
    return slot != pod.labels.end() && slot->is_string() ? slot->get<std::string>() : std::string();
}

int Faults::inject(FaultSpec fault, std::int64_t nowMs)
{
    const std::lock_guard lock(m_mutex);
    m_active.push_back({++m_last, std::move(fault), nowMs, 0});
    return m_last;
}

void Faults::clear()
{
    const std::lock_guard lock(m_mutex);
    m_active.clear();
}

void Faults::clear(int number)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_active, [number](const Active &one) { return one.number == number; });
}

std::vector<Faults::Active> Faults::active() const
{
    const std::lock_guard lock(m_mutex);
    return m_active;
}

Disturbance Faults::of(const PodRecord &pod, double share, std::int64_t nowMs)
{
    const std::lock_guard lock(m_mutex);
    Disturbance disturbance;
    for (Active &one : m_active) {
        if (concerns(one.spec, pod) && disturb(one.spec, one.sinceMs, pod, share, nowMs, disturbance) &&
            one.firstEffectMs == 0)
            one.firstEffectMs = nowMs;
    }
    return disturbance;
}

bool Faults::isImageGone(const PodRecord &pod) const
{
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_active.begin(), m_active.end(), [&pod](const Active &one) {
        return one.spec.kind == FaultSpec::Kind::ImageGone && concerns(one.spec, pod);
    });
}

} // namespace signalbox::sandbox
