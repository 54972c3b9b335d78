#pragma once

#include "services/sandbox/world/clusterstate.h"

namespace signalbox::sandbox
{

// Objects as a month of releases left them: namespaces, nodes, workloads with all their revisions, pods that have been
// running since, Services, routes, autoscalers. The same at every start but for the times, which count back from now.
//
// Roll-outs younger than `liveMs` are not in it: rolloutsAfter() has them, for the world to play.
void seedCluster(ClusterState &state, std::int64_t liveMs);

struct LateRollout
{
    std::int64_t atMs = 0;
    Key deployment;
    std::string image;
    std::string tag;
    std::string cause;
};
std::vector<LateRollout> rolloutsAfter(const ClusterState &state, std::int64_t nowMs, std::int64_t liveMs);

} // namespace signalbox::sandbox
