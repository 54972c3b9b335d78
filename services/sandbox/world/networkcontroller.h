#pragma once

#include "services/sandbox/world/clusterstate.h"

namespace signalbox::sandbox
{

// The EndpointSlice and the Endpoints of a Service, after its pods.
void reconcileEndpoints(ClusterState &state, const Key &service);
// status.parents of an HTTPRoute, as its gateway's controller writes it: whether the weights are in effect.
void reconcileRoute(ClusterState &state, const Key &route);

} // namespace signalbox::sandbox
