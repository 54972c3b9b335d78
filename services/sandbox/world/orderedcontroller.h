#pragma once

#include "services/sandbox/world/clusterstate.h"

// StatefulSets and DaemonSets: what they have in common is that a ControllerRevision keeps each template.
namespace signalbox::sandbox
{

void reconcileStatefulSet(ClusterState &state, const Key &key);
void reconcileDaemonSet(ClusterState &state, const Key &key);

// The ControllerRevision of a workload's present template, made or renumbered where needed; those beyond
// revisionHistoryLimit that no pod runs are removed. Answers its name; of a DaemonSet's the hash is what follows the
// set's name and a dash.
std::string keepRevision(ClusterState &state, const Json &workload);
// The object of it, for seeding.
Json revisionOf(const Json &workload, const Json &podTemplate, std::int64_t number);

} // namespace signalbox::sandbox
