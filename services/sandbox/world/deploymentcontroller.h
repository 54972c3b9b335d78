#pragma once

#include "services/sandbox/world/clusterstate.h"

namespace signalbox::sandbox
{

// What kube-controller-manager's deployment controller does (k8s.io/kubernetes/pkg/controller/deployment): one
// ReplicaSet for each template, named by its hash and numbered by revision; a template that was there before gets its
// old ReplicaSet and the next number; steps within maxSurge and maxUnavailable; history pruned; conditions.
void reconcileDeployment(ClusterState &state, const Key &key);

// Keeps as many pods as a ReplicaSet wants, and its status.
void reconcileReplicaSet(ClusterState &state, const Key &key);

} // namespace signalbox::sandbox
