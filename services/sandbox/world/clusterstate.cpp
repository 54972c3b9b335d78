#include "services/sandbox/world/clusterstate.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace signalbox::sandbox
{

namespace
{

constexpr std::int64_t eventWindowMs = 10 * 60 * 1000;
constexpr std::int64_t eventLifeMs = 60 * 60 * 1000;

double coresOf(const Json &quantity)
{
    if (quantity.is_number())
        return quantity.get<double>();
    if (!quantity.is_string())
        return 0;
    const std::string text = quantity.get<std::string>();
    const double number = std::strtod(text.c_str(), nullptr);
    return !text.empty() && text.back() == 'm' ? number / 1000 : number;
}

Json withoutStatus(const ObjectPtr &object)
{
    Json tree = object->tree();
    tree.erase("status");
    return tree;
}

// A pod that was there before the world looked: its stage is read off its status.
void adopt(PodRecord &pod, const Json &tree)
{
    for (const Json &one : valueAt(tree, "/status/conditions", Json::array())) {
        if (textAt(one, "/type") != "Ready" || textAt(one, "/status") != "True")
            continue;
        pod.life.stage = PodStage::Ready;
        pod.readySinceMs = timeOf(textAt(one, "/lastTransitionTime")).value_or(0);
        pod.life.sinceMs = pod.readySinceMs;
        pod.life.startedMs =
            timeOf(textAt(tree, "/status/containerStatuses/0/state/running/startedAt")).value_or(pod.readySinceMs);
        pod.life.restarts = static_cast<int>(numberAt(tree, "/status/containerStatuses/0/restartCount"));
    }
}

} // namespace

std::string PodRecord::foreignWish() const
{
    if (!isForeign)
        return {};
    const std::size_t colon = image.rfind(':');
    const std::string tag = colon == std::string::npos ? std::string() : image.substr(colon + 1);
    for (const char *word : {"crash", "image-pull", "unready", "pending"}) {
        if (tag == word)
            return tag;
    }
    return {};
}

ClusterState::ClusterState(const Catalogue &known, const ClusterPlan &clusterPlan, ObjectStore &objects)
    : catalogue(known)
    , plan(clusterPlan)
    , store(objects)
{
    types.pods = store.type("", "pods");
    types.nodes = store.type("", "nodes");
    types.namespaces = store.type("", "namespaces");
    types.services = store.type("", "services");
    types.events = store.type("", "events");
    types.endpoints = store.type("", "endpoints");
    types.configMaps = store.type("", "configmaps");
    types.deployments = store.type("apps", "deployments");
    types.replicaSets = store.type("apps", "replicasets");
    types.statefulSets = store.type("apps", "statefulsets");
    types.daemonSets = store.type("apps", "daemonsets");
    types.controllerRevisions = store.type("apps", "controllerrevisions");
    types.slices = store.type("discovery.k8s.io", "endpointslices");
    types.autoscalers = store.type("autoscaling", "horizontalpodautoscalers");
    types.routes = store.type("gateway.networking.k8s.io", "httproutes");
    types.gateways = store.type("gateway.networking.k8s.io", "gateways");
    auto subscription = store.subscribe(nullptr, [this](const ChangePtr &change) {
        {
            const std::lock_guard lock(m_mutex);
            m_queue.push_back(change);
        }
        if (wake)
            wake();
    });
    if (subscription)
        m_subscription = std::move(*subscription);
}

ClusterState::~ClusterState() = default;

bool ClusterState::drain()
{
    std::vector<ChangePtr> changes;
    {
        const std::lock_guard lock(m_mutex);
        changes.swap(m_queue);
    }
    for (const ChangePtr &change : changes)
        take(*change);
    return !changes.empty();
}

void ClusterState::take(const Change &change)
{
    const ResourceType *type = change.type;
    const ObjectPtr &object = change.object;
    const Key key{object->ns, object->name};
    m_changes += type != types.events && type != types.autoscalers;
    if (type == types.pods) {
        takePod(change);
    } else if (type == types.nodes) {
        takeNode(change);
    } else if (type == types.deployments) {
        mark(Kind::Deployment, key);
    } else if (type == types.replicaSets) {
        mark(Kind::ReplicaSet, key);
        markOwner(object->ns, withoutStatus(object));
    } else if (type == types.statefulSets) {
        mark(Kind::StatefulSet, key);
    } else if (type == types.daemonSets) {
        mark(Kind::DaemonSet, key);
    } else if (type == types.services) {
        mark(Kind::Service, key);
    } else if (type == types.routes) {
        mark(Kind::Route, key);
    } else if (type == types.autoscalers) {
        mark(Kind::Autoscaler, key);
    }
}

void ClusterState::takePod(const Change &change)
{
    const ObjectPtr &object = change.object;
    const auto known = pods.find(object->uid);
    if (change.kind == Change::Kind::Deleted) {
        if (known == pods.end())
            return;
        if (const auto node = nodes.find(known->second.node); node != nodes.end()) {
            node->second.usedCores -= known->second.cores;
            node->second.usedGpus -= known->second.gpus;
            --node->second.pods;
        }
        m_podsByOwner[known->second.ownerUid].erase(object->uid);
        pods.erase(known);
        markOwner(object->ns, withoutStatus(object));
        for (const ObjectPtr &service : store.list(*types.services, object->ns).objects)
            mark(Kind::Service, {service->ns, service->name});
        return;
    }
    const Json tree = object->tree();
    PodRecord &pod = pods[object->uid];
    const bool isNew = known == pods.end();
    if (isNew) {
        pod.uid = object->uid;
        pod.ns = object->ns;
        pod.name = object->name;
        pod.createdMs = timeOf(textAt(tree, "/metadata/creationTimestamp")).value_or(nowMs);
        pod.container = textAt(tree, "/spec/containers/0/name");
        const Json requests = valueAt(tree, "/spec/containers/0/resources/requests", Json::object());
        pod.cores = coresOf(requests.value("cpu", Json()));
        pod.gpus = static_cast<int>(coresOf(requests.value("nvidia.com/gpu", Json())));
        adopt(pod, tree);
        if (pod.life.stage == PodStage::Unscheduled)
            pod.life.sinceMs = pod.createdMs;
    }
    pod.image = textAt(tree, "/spec/containers/0/image");
    const Catalogue::Found found = catalogue.find(pod.image);
    pod.service = found.service;
    pod.version = found.version;
    pod.isForeign = found.isForeign;
    pod.labels = valueAt(tree, "/metadata/labels", Json::object());
    if (const std::string node = textAt(tree, "/spec/nodeName"); node != pod.node) {
        pod.node = node;
        NodeRecord &record = nodes[node];
        record.usedCores += pod.cores;
        record.usedGpus += pod.gpus;
        ++record.pods;
        if (pod.life.isRunning())
            record.pulled(pod.image);
        pod.zone = record.zone;
    }
    if (pod.ip.empty())
        pod.ip = textAt(tree, "/status/podIP");
    if (object->isGoing && !pod.isGoing) {
        pod.isGoing = true;
        // A server that ends its requests in flight: two to five seconds, never more than it was given.
        const auto grace = numberAt(tree, "/metadata/deletionGracePeriodSeconds", 30) * 1000;
        const auto takes = 2000 + static_cast<std::int64_t>(chance(catalogue.seed, pod.name) * 3000);
        pod.goneAtMs = nowMs + std::min<std::int64_t>(grace, pod.life.isRunning() ? takes : 500);
    }
    m_podsByOwner[pod.ownerUid].erase(pod.uid);
    pod.ownerUid = object->ownerUid;
    m_podsByOwner[pod.ownerUid].insert(pod.uid);
    markOwner(object->ns, withoutStatus(object));
    for (const ObjectPtr &service : store.list(*types.services, object->ns).objects)
        mark(Kind::Service, {service->ns, service->name});
}

void ClusterState::takeNode(const Change &change)
{
    const ObjectPtr &object = change.object;
    if (change.kind == Change::Kind::Deleted) {
        nodes.erase(object->name);
        return;
    }
    const Json tree = object->tree();
    NodeRecord &node = nodes[object->name];
    node.name = object->name;
    node.zone = object->label("topology.kubernetes.io/zone");
    node.cores = coresOf(valueAt(tree, "/status/allocatable/cpu"));
    node.gpus = static_cast<int>(coresOf(valueAt(tree, "/status/allocatable/nvidia.com~1gpu")));
    node.isSchedulable = !valueAt(tree, "/spec/unschedulable", false).get<bool>();
    for (const ObjectPtr &set : store.list(*types.daemonSets).objects)
        mark(Kind::DaemonSet, {set->ns, set->name});
}

void ClusterState::markOwner(const std::string &ns, const Json &tree)
{
    for (const Json &owner : valueAt(tree, "/metadata/ownerReferences", Json::array())) {
        const std::string kind = textAt(owner, "/kind");
        const Key key{ns, textAt(owner, "/name")};
        if (kind == "ReplicaSet")
            mark(Kind::ReplicaSet, key);
        else if (kind == "Deployment")
            mark(Kind::Deployment, key);
        else if (kind == "StatefulSet")
            mark(Kind::StatefulSet, key);
        else if (kind == "DaemonSet")
            mark(Kind::DaemonSet, key);
    }
}

std::set<Key> ClusterState::takeDirty(Kind kind)
{
    std::set<Key> keys;
    keys.swap(m_dirty[kind]);
    return keys;
}

bool ClusterState::hasDirty() const
{
    for (const auto &[kind, keys] : m_dirty) {
        if (!keys.empty())
            return true;
    }
    return false;
}

void ClusterState::markLater(Kind kind, Key key, std::int64_t atMs)
{
    for (const auto &[when, what] : m_later) {
        if (what.first == kind && what.second == key && when <= atMs)
            return;
    }
    m_later.emplace(atMs, std::pair(kind, std::move(key)));
}

void ClusterState::markDue()
{
    while (!m_later.empty() && m_later.begin()->first <= nowMs) {
        const auto [kind, key] = m_later.begin()->second;
        m_later.erase(m_later.begin());
        mark(kind, key);
    }
}

std::optional<std::int64_t> ClusterState::nextLaterMs() const
{
    return m_later.empty() ? std::nullopt : std::optional(m_later.begin()->first);
}

std::vector<PodRecord *> ClusterState::podsOwnedBy(const std::string &uid)
{
    std::vector<PodRecord *> found;
    const auto owned = m_podsByOwner.find(uid);
    if (owned == m_podsByOwner.end())
        return found;
    for (const std::string &podUid : owned->second)
        found.push_back(&pods.at(podUid));
    std::sort(found.begin(), found.end(), [](const PodRecord *a, const PodRecord *b) { return a->name < b->name; });
    return found;
}

std::vector<PodRecord *> ClusterState::podsSelectedBy(const std::string &ns, const Json &selector)
{
    std::vector<PodRecord *> found;
    for (auto &[uid, pod] : pods) {
        if (pod.ns == ns && selects(selector, pod.labels))
            found.push_back(&pod);
    }
    std::sort(found.begin(), found.end(), [](const PodRecord *a, const PodRecord *b) { return a->name < b->name; });
    return found;
}

std::vector<ObjectPtr> ClusterState::owned(const ResourceType &type, const std::string &ns,
                                           const std::string &uid) const
{
    std::vector<ObjectPtr> found;
    for (const ObjectPtr &one : store.list(type, ns).objects) {
        if (one->ownerUid == uid && !one->isGoing)
            found.push_back(one);
    }
    return found;
}

void ClusterState::tell(const Json &about, bool isWarning, const std::string &reason, const std::string &message,
                        const std::string &component)
{
    recordEvent({{"apiVersion", about.at("apiVersion")},
                 {"kind", about.at("kind")},
                 {"namespace", textAt(about, "/metadata/namespace")},
                 {"name", textAt(about, "/metadata/name")},
                 {"uid", textAt(about, "/metadata/uid")}},
                isWarning, reason, message, component);
}

void ClusterState::tell(const PodRecord &pod, bool isWarning, const std::string &reason, const std::string &message,
                        const std::string &component)
{
    Json regarding = {
        {"apiVersion", "v1"}, {"kind", "Pod"}, {"namespace", pod.ns}, {"name", pod.name}, {"uid", pod.uid}};
    if (component == "kubelet")
        regarding["fieldPath"] = "spec.containers{" + pod.container + '}';
    recordEvent(std::move(regarding), isWarning, reason, message, component);
}

void ClusterState::recordEvent(Json regarding, bool isWarning, const std::string &reason, const std::string &message,
                               const std::string &component)
{
    const std::string ns = textAt(regarding, "/namespace");
    const std::string name = textAt(regarding, "/name");
    ToldEvent &told = m_events[textAt(regarding, "/uid") + '|' + reason + '|' + message];
    if (told.count > 0 && nowMs - told.lastMs < eventWindowMs) {
        ++told.count;
        told.lastMs = nowMs;
        store.modify(*types.events, told.ns, told.name, [&](Json &tree) -> std::optional<Refusal> {
            tree["count"] = told.count;
            tree["lastTimestamp"] = timeNow();
            return {};
        });
        return;
    }
    char ending[20];
    std::snprintf(ending, sizeof ending, "%016llx",
                  static_cast<unsigned long long>(mixed(hashOf(name, catalogue.seed) + fresh())));
    told = {name.substr(0, 200) + '.' + ending, ns, nowMs, 1};
    Json event = {{"metadata", {{"name", told.name}, {"namespace", ns}}},
                  {"involvedObject", std::move(regarding)},
                  {"reason", reason},
                  {"message", message},
                  {"type", isWarning ? "Warning" : "Normal"},
                  {"source", {{"component", component}}},
                  {"reportingComponent", component},
                  {"reportingInstance", ""},
                  {"count", 1},
                  {"firstTimestamp", timeNow()},
                  {"lastTimestamp", timeNow()},
                  {"eventTime", nullptr}};
    event["metadata"]["creationTimestamp"] = timeNow();
    store.create(*types.events, std::move(event));
}

void ClusterState::forgetOldEvents()
{
    for (auto it = m_events.begin(); it != m_events.end();) {
        if (nowMs - it->second.lastMs < eventLifeMs) {
            ++it;
            continue;
        }
        store.remove(*types.events, it->second.ns, it->second.name, {.graceSeconds = 0});
        it = m_events.erase(it);
    }
}

} // namespace signalbox::sandbox
