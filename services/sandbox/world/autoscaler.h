#pragma once

#include "services/sandbox/world/clusterstate.h"

#include <functional>

namespace signalbox::sandbox
{

// What the horizontal pod autoscaler does every 15 seconds (k8s.io/kubernetes/pkg/controller/podautoscaler): as many
// pods as bring the mean processor use to the target, within a tolerance of a tenth; up at once, down only when the
// last minutes agree.
class Autoscalers
{
public:
    // Cores that a pod uses now.
    using CpuOf = std::function<double(const PodRecord &)>;

    Autoscalers(ClusterState &state, CpuOf cpuOf)
        : m_state(state)
        , m_cpuOf(std::move(cpuOf))
    {}
    void run();
    static constexpr std::int64_t periodMs = 15'000;
    static constexpr std::int64_t stabilizationMs = 120'000; // shorter than the default of 5 minutes: practice is short

private:
    void scale(const ObjectPtr &scaler);
    int recommended(const Key &key, int wish);

    ClusterState &m_state;
    CpuOf m_cpuOf;
    std::int64_t m_lastMs = 0;
    std::map<Key, std::map<std::int64_t, int>> m_wishes; // of the last minutes
};

} // namespace signalbox::sandbox
