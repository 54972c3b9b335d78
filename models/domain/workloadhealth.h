#pragma once

#include "models/domain/cluster.h"

#include <vector>

// How a workload is, in one state and one sentence. Pure; the same for lists, details and the command line.
namespace signalbox
{

struct Judgement
{
    Health health = Health::Unknown;
    QString text; // why it is not Ok: "8 / 10 ready"; empty when it is

    bool operator==(const Judgement &) const = default;
};

// By what the workload says of itself: counts, conditions, generations.
Judgement judge(const Workload &workload);
// With what its pods say too: crash loops, images that cannot be pulled, no room on any node. `pods` are those of this
// workload, in any order; pods that are going away do not count.
Judgement judge(const Workload &workload, const std::vector<const Pod *> &pods);
// By STATUS column, readiness and phase.
Health podHealth(const Pod &pod, bool wasEverReady);
Health nodeHealth(const Node &node);

} // namespace signalbox
