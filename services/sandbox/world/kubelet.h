#pragma once

#include "services/sandbox/world/clusterstate.h"
#include "services/sandbox/world/faults.h"

namespace signalbox::sandbox
{

// Scheduler and kubelets of one cluster: gives pods a node, takes them through their life, writes their status and
// tells the events that a real node tells, and takes away those that are to go.
class Kubelet
{
public:
    Kubelet(ClusterState &state, Faults &faults)
        : m_state(state)
        , m_faults(faults)
    {}

    void run();
    // When something happens by itself; none: nothing does until somebody writes.
    std::optional<std::int64_t> nextDueMs() const;
    // The kernel ends the container: out of memory.
    void killForMemory(PodRecord &pod);
    // The status of a pod that runs, for seeding.
    static Json readyStatus(const Catalogue &catalogue, const PodRecord &pod, const std::string &hostIp,
                            std::int64_t startedMs, std::int64_t readyMs);

private:
    static std::int64_t dueMs(const PodRecord &pod);
    void place(PodRecord &pod);
    void step(PodRecord &pod);
    void tellEvents(const PodRecord &pod, const std::vector<PodEvent> &events);
    void writeStatus(PodRecord &pod);
    PodCircumstances circumstancesOf(const PodRecord &pod) const;

    ClusterState &m_state;
    Faults &m_faults;
    std::map<std::string, std::int64_t> m_unschedulable; // told so, by uid
};

} // namespace signalbox::sandbox
