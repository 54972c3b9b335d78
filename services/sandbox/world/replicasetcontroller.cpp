#include "services/sandbox/world/chance.h"
#include "services/sandbox/world/deploymentcontroller.h"
#include "services/sandbox/world/templates.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

// Whom to let go first (k8s.io/kubernetes/pkg/controller, ActivePodsWithRanks): without a node, not ready, restarted
// more often, younger.
bool goesFirst(const PodRecord *a, const PodRecord *b)
{
    if (a->node.empty() != b->node.empty())
        return a->node.empty();
    if (a->isReady() != b->isReady())
        return !a->isReady();
    if (a->life.restarts != b->life.restarts)
        return a->life.restarts > b->life.restarts;
    if (a->createdMs != b->createdMs)
        return a->createdMs > b->createdMs;
    return a->name < b->name;
}

void makePod(ClusterState &state, const Json &set)
{
    const std::string name = textAt(set, "/metadata/name");
    const std::string podName = name + '-' + safeName(hashOf(name, state.catalogue.seed) + state.fresh(), 5);
    if (state.store.create(*state.types.pods, podOf(set.at("spec").at("template"), set, podName, name + '-')))
        state.tell(set, false, "SuccessfulCreate", "Created pod: " + podName, "replicaset-controller");
}

void removePod(ClusterState &state, const Json &set, const PodRecord &pod)
{
    if (state.store.remove(*state.types.pods, pod.ns, pod.name, {.uid = pod.uid}))
        state.tell(set, false, "SuccessfulDelete", "Deleted pod: " + pod.name, "replicaset-controller");
}

} // namespace

void reconcileReplicaSet(ClusterState &state, const Key &key)
{
    const ObjectPtr object = state.store.get(*state.types.replicaSets, key.ns, key.name);
    if (!object || object->isGoing)
        return;
    const Json tree = object->tree();
    const int wanted = static_cast<int>(numberAt(tree, "/spec/replicas", 1));
    const std::int64_t settleMs = numberAt(tree, "/spec/minReadySeconds") * 1000;
    std::vector<PodRecord *> active;
    for (PodRecord *pod : state.podsOwnedBy(object->uid)) {
        if (!pod->isGoing)
            active.push_back(pod);
    }
    const int there = static_cast<int>(active.size());
    int ready = 0;
    int available = 0;
    for (const PodRecord *pod : active) {
        ready += pod->isReady();
        const std::int64_t settled = pod->readySinceMs + settleMs;
        if (pod->isReady() && settled <= state.nowMs)
            ++available;
        else if (pod->isReady())
            state.markLater(ClusterState::Kind::ReplicaSet, key, settled);
    }
    for (int i = there; i < wanted; ++i)
        makePod(state, tree);
    if (there > wanted) {
        std::sort(active.begin(), active.end(), goesFirst);
        for (int i = 0; i < there - wanted; ++i)
            removePod(state, tree, *active[static_cast<std::size_t>(i)]);
    }
    // The counts are those before this step, as the real controller writes them: the next round has the new ones.
    Json status = {{"replicas", there}, {"observedGeneration", object->generation}};
    if (there > 0)
        status["fullyLabeledReplicas"] = there;
    if (ready > 0)
        status["readyReplicas"] = ready;
    if (available > 0)
        status["availableReplicas"] = available;
    if (status != tree.value("status", Json::object())) {
        state.store.modify(*state.types.replicaSets, key.ns, key.name,
                           [&status](Json &next) -> std::optional<Refusal> {
                               next["status"] = status;
                               return {};
                           },
                           {.part = WriteOptions::Part::Status});
    }
}

} // namespace signalbox::sandbox
