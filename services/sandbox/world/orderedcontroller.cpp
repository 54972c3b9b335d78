#include "services/sandbox/world/orderedcontroller.h"

#include "services/sandbox/world/chance.h"
#include "services/sandbox/world/templates.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

const char revisionLabel[] = "controller-revision-hash";

std::string revisionOfPod(const PodRecord &pod)
{
    const auto label = pod.labels.find(revisionLabel);
    return label != pod.labels.end() && label->is_string() ? label->get<std::string>() : std::string();
}

void writeStatus(ClusterState &state, const ResourceType &type, const Key &key, const Json &before, const Json &status)
{
    if (status == before)
        return;
    state.store.modify(type, key.ns, key.name,
                       [&status](Json &tree) -> std::optional<Refusal> {
                           tree["status"] = status;
                           return {};
                       },
                       {.part = WriteOptions::Part::Status});
}

bool make(ClusterState &state, const Json &set, Json pod, const std::string &component)
{
    const std::string name = textAt(pod, "/metadata/name");
    if (!state.store.create(*state.types.pods, std::move(pod)))
        return false;
    const bool isStateful = textAt(set, "/kind") == "StatefulSet";
    state.tell(set, false, "SuccessfulCreate",
               isStateful ? "create Pod " + name + " in StatefulSet " + textAt(set, "/metadata/name") + " successful"
                          : "Created pod: " + name,
               component);
    return true;
}

void take(ClusterState &state, const Json &set, const PodRecord &pod, const std::string &component)
{
    if (!state.store.remove(*state.types.pods, pod.ns, pod.name, {.uid = pod.uid}))
        return;
    const bool isStateful = textAt(set, "/kind") == "StatefulSet";
    state.tell(set, false, "SuccessfulDelete",
               isStateful
                   ? "delete Pod " + pod.name + " in StatefulSet " + textAt(set, "/metadata/name") + " successful"
                   : "Deleted pod: " + pod.name,
               component);
}

// web-0, web-1 ... in order; one is replaced at a time, from the highest down to the partition.
class StatefulStep
{
public:
    StatefulStep(ClusterState &state, const Key &key, const ObjectPtr &object)
        : m_state(state)
        , m_key(key)
        , m_tree(object->tree())
        , m_wanted(static_cast<int>(numberAt(m_tree, "/spec/replicas", 1)))
        , m_isParallel(textAt(m_tree, "/spec/podManagementPolicy") == "Parallel")
        , m_update(keepRevision(state, m_tree))
        , m_current(textAt(m_tree, "/status/currentRevision"))
    {
        if (m_current.empty() || !state.store.get(*state.types.controllerRevisions, key.ns, m_current))
            m_current = m_update;
        for (PodRecord *pod : state.podsOwnedBy(object->uid)) {
            const std::size_t dash = pod->name.rfind('-');
            m_pods[std::atoi(pod->name.c_str() + dash + 1)] = pod;
        }
    }

    void run()
    {
        const bool isWhole = fill();
        if (isWhole || m_isParallel) // an ordered one waits, even for a pod that will never be ready
            replace(isWhole);
        writeCounts();
    }

private:
    // True: nothing is missing, nothing too many and nothing on its way.
    bool fill()
    {
        bool isWhole = true;
        for (int i = 0; i < m_wanted; ++i) {
            const auto pod = m_pods.find(i);
            if (pod == m_pods.end()) {
                makePod(i);
                isWhole = false;
            } else if (!pod->second->isReady()) {
                isWhole = false;
            }
            if (!isWhole && !m_isParallel)
                return false;
        }
        for (auto it = m_pods.rbegin(); it != m_pods.rend() && it->first >= m_wanted; ++it) {
            if (!it->second->isGoing)
                take(m_state, m_tree, *it->second, "statefulset-controller");
            isWhole = false;
            if (!m_isParallel)
                break;
        }
        return isWhole;
    }

    void makePod(int number)
    {
        const std::int64_t partition = numberAt(m_tree, "/spec/updateStrategy/rollingUpdate/partition");
        const bool isOld = number < partition && m_current != m_update;
        Json podTemplate = m_tree.at("spec").at("template");
        if (isOld) {
            const ObjectPtr old = m_state.store.get(*m_state.types.controllerRevisions, m_key.ns, m_current);
            podTemplate = valueAt(old->tree(), "/data/spec/template", podTemplate);
            podTemplate.erase("$patch");
        }
        const std::string name = m_key.name + '-' + std::to_string(number);
        podTemplate["metadata"]["labels"][revisionLabel] = isOld ? m_current : m_update;
        podTemplate["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = name;
        podTemplate["metadata"]["labels"]["apps.kubernetes.io/pod-index"] = std::to_string(number);
        make(m_state, m_tree, podOf(podTemplate, m_tree, name, m_key.name + '-'), "statefulset-controller");
    }

    void replace(bool isWhole)
    {
        if (textAt(m_tree, "/spec/updateStrategy/type") == "OnDelete")
            return;
        const std::int64_t partition = numberAt(m_tree, "/spec/updateStrategy/rollingUpdate/partition");
        for (auto it = m_pods.rbegin(); it != m_pods.rend() && it->first >= partition; ++it) {
            if (revisionOfPod(*it->second) != m_update && !it->second->isGoing) {
                take(m_state, m_tree, *it->second, "statefulset-controller");
                return;
            }
            if (it->second->isGoing || !it->second->isReady())
                return;
        }
        if (partition == 0 && isWhole)
            m_current = m_update;
    }

    void writeCounts()
    {
        const Json before = m_tree.value("status", Json::object());
        int there = 0;
        int ready = 0;
        int updated = 0;
        int current = 0;
        for (const auto &[number, pod] : m_pods) {
            ++there;
            ready += pod->isReady();
            updated += !pod->isGoing && revisionOfPod(*pod) == m_update;
            current += !pod->isGoing && revisionOfPod(*pod) == m_current;
        }
        Json status = {{"observedGeneration", numberAt(m_tree, "/metadata/generation")},
                       {"replicas", there},
                       {"readyReplicas", ready},
                       {"availableReplicas", ready},
                       {"updatedReplicas", updated},
                       {"currentReplicas", current},
                       {"currentRevision", m_current},
                       {"updateRevision", m_update},
                       {"collisionCount", 0}};
        writeStatus(m_state, *m_state.types.statefulSets, m_key, before, status);
    }

    ClusterState &m_state;
    const Key m_key;
    const Json m_tree;
    const int m_wanted;
    const bool m_isParallel;
    const std::string m_update;
    std::string m_current;
    std::map<int, PodRecord *> m_pods; // by number
};

bool suits(const Json &podTemplate, const ObjectPtr &node)
{
    const Json selector = valueAt(podTemplate, "/spec/nodeSelector", Json::object());
    for (const auto &[name, value] : selector.items()) {
        if (!value.is_string() || node->label(name) != value.get<std::string>())
            return false;
    }
    return true;
}

} // namespace

Json revisionOf(const Json &workload, const Json &podTemplate, std::int64_t number)
{
    const std::string name = textAt(workload, "/metadata/name");
    const std::string hash = templateHash(podTemplate);
    Json labels = valueAt(podTemplate, "/metadata/labels", Json::object());
    labels[revisionLabel] = hash;
    Json annotations = valueAt(workload, "/metadata/annotations", Json::object());
    annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
    Json kept = podTemplate;
    kept["$patch"] = "replace";
    return {{"metadata",
             {{"name", name + '-' + hash},
              {"namespace", textAt(workload, "/metadata/namespace")},
              {"labels", labels},
              {"annotations", annotations},
              {"ownerReferences", ownedBy(workload)}}},
            {"data", {{"spec", {{"template", kept}}}}},
            {"revision", number}};
}

std::string keepRevision(ClusterState &state, const Json &workload)
{
    const std::string ns = textAt(workload, "/metadata/namespace");
    const std::string uid = textAt(workload, "/metadata/uid");
    const ResourceType &type = *state.types.controllerRevisions;
    const Json wanted = revisionOf(workload, workload.at("spec").at("template"), 0);
    const std::string name = textAt(wanted, "/metadata/name");
    std::int64_t highest = 0;
    std::vector<std::pair<std::int64_t, std::string>> others;
    std::optional<std::int64_t> own;
    for (const ObjectPtr &one : state.owned(type, ns, uid)) {
        const std::int64_t number = numberAt(one->tree(), "/revision");
        if (one->name == name) {
            own = number;
        } else {
            highest = std::max(highest, number);
            others.emplace_back(number, one->name);
        }
    }
    if (!own) {
        Json made = wanted;
        made["revision"] = highest + 1;
        state.store.create(type, std::move(made));
    } else if (*own < highest) {
        state.store.modify(type, ns, name, [&](Json &tree) -> std::optional<Refusal> {
            tree["revision"] = highest + 1;
            for (const auto &[key, value] : wanted["metadata"]["annotations"].items())
                tree["metadata"]["annotations"][key] = value;
            return {};
        });
    }
    const auto limit = static_cast<std::size_t>(numberAt(workload, "/spec/revisionHistoryLimit", 10));
    std::sort(others.begin(), others.end());
    std::set<std::string> running;
    for (const PodRecord *pod : state.podsOwnedBy(uid))
        running.insert(revisionOfPod(*pod));
    for (std::size_t i = 0; i + limit < others.size(); ++i) {
        const std::string &old = others[i].second;
        if (!running.contains(old) && !running.contains(old.substr(old.rfind('-') + 1)))
            state.store.remove(type, ns, old, {.graceSeconds = 0});
    }
    return name;
}

void reconcileStatefulSet(ClusterState &state, const Key &key)
{
    const ObjectPtr object = state.store.get(*state.types.statefulSets, key.ns, key.name);
    if (object && !object->isGoing)
        StatefulStep(state, key, object).run();
}

void reconcileDaemonSet(ClusterState &state, const Key &key)
{
    const ObjectPtr object = state.store.get(*state.types.daemonSets, key.ns, key.name);
    if (!object || object->isGoing)
        return;
    const Json tree = object->tree();
    const std::string hash = keepRevision(state, tree).substr(key.name.size() + 1);
    std::map<std::string, PodRecord *> byNode;
    for (PodRecord *pod : state.podsOwnedBy(object->uid)) {
        if (!byNode.contains(pod->node) || !pod->isGoing)
            byNode[pod->node] = pod;
    }
    Json podTemplate = tree.at("spec").at("template");
    podTemplate["metadata"]["labels"][revisionLabel] = hash;
    int desired = 0;
    int ready = 0;
    int updated = 0;
    int scheduled = 0;
    for (const ObjectPtr &node : state.store.list(*state.types.nodes).objects) {
        if (!suits(podTemplate, node))
            continue;
        ++desired;
        const auto pod = byNode.find(node->name);
        if (pod == byNode.end()) {
            const std::string name = key.name + '-' + safeName(hashOf(key.name + node->name) + state.fresh(), 5);
            Json made = podOf(podTemplate, tree, name, key.name + '-');
            made["spec"]["nodeName"] = node->name;
            make(state, tree, std::move(made), "daemonset-controller");
            continue;
        }
        ++scheduled;
        ready += pod->second->isReady();
        updated += !pod->second->isGoing && revisionOfPod(*pod->second) == hash;
    }
    int room =
        std::max(1, scaledValue(valueAt(tree, "/spec/updateStrategy/rollingUpdate/maxUnavailable"), desired, true, 1)) -
        (desired - ready);
    const bool isRolling = textAt(tree, "/spec/updateStrategy/type") != "OnDelete";
    for (const auto &[node, pod] : byNode) {
        if (!isRolling || pod->isGoing || revisionOfPod(*pod) == hash)
            continue;
        if (pod->isReady() && room <= 0)
            continue;
        room -= pod->isReady();
        take(state, tree, *pod, "daemonset-controller");
    }
    writeStatus(state, *state.types.daemonSets, key, tree.value("status", Json::object()),
                {{"observedGeneration", object->generation},
                 {"currentNumberScheduled", scheduled},
                 {"desiredNumberScheduled", desired},
                 {"numberMisscheduled", 0},
                 {"numberReady", ready},
                 {"numberAvailable", ready},
                 {"numberUnavailable", desired - ready},
                 {"updatedNumberScheduled", updated}});
}

} // namespace signalbox::sandbox
