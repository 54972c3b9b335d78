#pragma once

#include "services/sandbox/world/clusterstate.h"

namespace signalbox::sandbox
{

// Writes into status.images of each node what it has pulled, where that changed since it was last told: at most 50
// images, as a kubelet does.
void reportImages(ClusterState &state);

} // namespace signalbox::sandbox
