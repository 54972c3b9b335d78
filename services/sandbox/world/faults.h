#pragma once

#include "services/sandbox/world/clusterstate.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

// What a drill breaks. A fault changes how pods of one application behave from a moment on; nothing else in the world
// knows that it is a drill.
namespace signalbox::sandbox
{

struct FaultSpec
{
    enum class Kind {
        ErrorsAfterFullShift, // the track fails `magnitude` of its requests once it carries all traffic
        MemoryLeak,           // the track's pods grow by `magnitude` MB a minute until they are killed for it
        ZoneLatency,          // pods in `zone` answer `magnitude` times slower
        QualityDrop,          // the track's answers are right `magnitude` less often; latency stays as it was
        ImageGone,            // `tag` can no longer be pulled, and no node has it cached
        MetricsDark,          // nothing is scraped
        FalseAlarm, // all tracks fail `magnitude` of their requests for four minutes: something behind them does
    };
    Kind kind = Kind::ErrorsAfterFullShift;
    std::string application;
    std::string ns = "production";
    std::string track; // empty: all
    std::string zone;
    std::string tag;
    double magnitude = 0; // 0: what suits the kind
};

// How a pod behaves at the moment besides what its version does.
struct Disturbance
{
    double errors = 0;        // share of requests, on top
    double latencyFactor = 1; // of the median
    double qualityLoss = 0;   // on top
    double extraMemoryMb = 0;
    bool isDark = false; // not scraped
};

// Faults as they are now. Injected by any thread, asked by the world's.
class Faults
{
public:
    int inject(FaultSpec fault, std::int64_t nowMs); // its number
    void clear();
    void clear(int number);
    struct Active
    {
        int number = 0;
        FaultSpec spec;
        std::int64_t sinceMs = 0;
        std::int64_t firstEffectMs = 0; // of the first request or sample it touched; 0: none yet
    };
    std::vector<Active> active() const;

    // `share` is the part of the application's traffic that the pod's track gets now.
    Disturbance of(const PodRecord &pod, double share, std::int64_t nowMs);
    bool isImageGone(const PodRecord &pod) const;

private:
    mutable std::mutex m_mutex;
    std::vector<Active> m_active;
    int m_last = 0;
};

// The track that a pod says it belongs to; empty: none.
std::string trackOf(const PodRecord &pod);

} // namespace signalbox::sandbox
