#include "services/sandbox/world/seed.h"

#include "services/sandbox/world/chance.h"
#include "services/sandbox/world/kubelet.h"
#include "services/sandbox/world/load.h"
#include "services/sandbox/world/orderedcontroller.h"
#include "services/sandbox/world/seedobjects.h"
#include "services/sandbox/world/templates.h"

#include <algorithm>
#include <cmath>

namespace signalbox::sandbox
{

namespace
{

constexpr double dayMs = 24 * 3600 * 1000.0;

class Seeder
{
public:
    Seeder(ClusterState &state, std::int64_t liveMs)
        : m_state(state)
        , m_liveMs(liveMs)
    {}

    void run()
    {
        seedGround();
        for (const ServiceSpec &service : m_state.catalogue.services) {
            for (const Placement &placement : service.placements) {
                if (isOurs(placement.ns))
                    seedPlacement(service, placement);
            }
            for (const std::string &ns : m_state.plan.namespaces)
                seedNetwork(service, ns);
        }
    }

private:
    // Now as the operator will know it, when the live part has been played.
    std::int64_t endMs() const { return m_state.nowMs + m_liveMs; }

    bool isOurs(const std::string &ns) const
    {
        const auto &all = m_state.plan.namespaces;
        return std::find(all.begin(), all.end(), ns) != all.end();
    }
    std::string ago(double days) const { return timestamp(endMs() - static_cast<std::int64_t>(days * dayMs)); }

    void seedGround()
    {
        std::vector<std::string> namespaces = {"default", "kube-node-lease", "kube-public", "kube-system"};
        namespaces.insert(namespaces.end(), m_state.plan.namespaces.begin(), m_state.plan.namespaces.end());
        for (const std::string &ns : namespaces) {
            m_state.store.create(
                *m_state.types.namespaces,
                {{"metadata",
                  {{"name", ns}, {"labels", {{"kubernetes.io/metadata.name", ns}}}, {"creationTimestamp", ago(120)}}},
                 {"spec", {{"finalizers", {"kubernetes"}}}},
                 {"status", {{"phase", "Active"}}}});
        }
        for (int i = 0; i < m_state.plan.nodes; ++i) {
            Json node = nodeOf(m_state.plan, i, ago(40));
            node["metadata"]["creationTimestamp"] = ago(90 - i * 0.1);
            m_state.store.create(*m_state.types.nodes, std::move(node));
        }
        m_state.drain();
    }

    // What ran before the live part begins; at least the first.
    std::vector<PastRollout> settled(const Placement &placement) const
    {
        std::vector<PastRollout> past;
        for (const PastRollout &rollout : placement.history) {
            if (past.empty() || rollout.daysAgo * dayMs > static_cast<double>(m_liveMs))
                past.push_back(rollout);
        }
        return past;
    }

    std::string causeOf(const ServiceSpec &service, const std::vector<PastRollout> &past, std::size_t i) const
    {
        const bool isReturn = std::any_of(past.begin(), past.begin() + static_cast<std::ptrdiff_t>(i),
                                          [&](const PastRollout &one) { return one.tag == past[i].tag; });
        return isReturn ? "roll back from " + past[i - 1].tag + " to " + past[i].tag
                        : past[i].tag + ": " + service.version(past[i].tag)->cause;
    }

    // What an autoscaler sizes has the size that it would give it now: nothing moves just because somebody looks.
    Placement sized(const ServiceSpec &service, Placement placement) const
    {
        const auto rps = service.rps.find(placement.ns);
        const Version *version = service.version(placement.history.back().tag);
        if (!service.scaling || placement.ns != "production" || rps == service.rps.end())
            return placement;
        const Load load(rps->second, m_state.catalogue.seed, placement.ns + '/' + service.name);
        const double cores = load.rps(endMs()) * version->behaviour.cpuMs / 1000;
        const double room = version->behaviour.cores * service.scaling->cpuPercent / 100;
        placement.replicas =
            std::clamp(static_cast<int>(std::ceil(cores / room)), service.scaling->least, service.scaling->most);
        return placement;
    }

    void seedPlacement(const ServiceSpec &service, const Placement &written)
    {
        const Placement placement = sized(service, written);
        const std::vector<PastRollout> past = settled(placement);
        Json workload =
            workloadOf(m_state.catalogue, service, placement, past.back().tag, causeOf(service, past, past.size() - 1));
        workload["metadata"]["creationTimestamp"] = ago(past.front().daysAgo + 0.001);
        switch (service.kind) {
        case ServiceSpec::Kind::Deployment:
            seedDeployment(service, placement, past, std::move(workload));
            break;
        case ServiceSpec::Kind::StatefulSet:
            seedOrdered(service, placement, past, *m_state.types.statefulSets, std::move(workload));
            break;
        case ServiceSpec::Kind::DaemonSet:
            seedOrdered(service, placement, past, *m_state.types.daemonSets, std::move(workload));
            break;
        }
        if (service.scaling && placement.ns == "production") {
            Json scaler = autoscalerOf(service, placement);
            scaler["metadata"]["creationTimestamp"] = ago(past.front().daysAgo);
            m_state.store.create(*m_state.types.autoscalers, std::move(scaler));
        }
        m_state.drain();
        keepEarlierImages(service, placement, past);
    }

    // A node keeps what ran on it before, until it needs the room: the last three versions.
    void keepEarlierImages(const ServiceSpec &service, const Placement &placement, const std::vector<PastRollout> &past)
    {
        const std::size_t first = past.size() > 3 ? past.size() - 3 : 0;
        for (const auto &[uid, pod] : m_state.pods) {
            const auto node = m_state.nodes.find(pod.node);
            if (pod.service != &service || pod.ns != placement.ns || node == m_state.nodes.end())
                continue;
            for (std::size_t i = first; i < past.size(); ++i)
                node->second.pulled(m_state.catalogue.image(service, past[i].tag));
        }
    }

    void seedDeployment(const ServiceSpec &service, const Placement &placement, const std::vector<PastRollout> &past,
                        Json workload)
    {
        const std::string since = ago(past.back().daysAgo);
        workload["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = std::to_string(past.size());
        Json status = Json::object();
        setCondition(status, "Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.",
                     ago(past.front().daysAgo), true);
        const std::string currentSet =
            service.workloadName(placement) + '-' + templateHash(defaulted(*m_state.types.deployments, workload));
        setCondition(status, "Progressing", true, "NewReplicaSetAvailable",
                     "ReplicaSet \"" + currentSet + "\" has successfully progressed.", since, true);
        workload["status"] = status;
        const StoreResult made = m_state.store.create(*m_state.types.deployments, std::move(workload));
        if (!made)
            return;
        const Json deployment = made.object->tree();
        for (std::size_t i = 0; i < past.size(); ++i) {
            const bool isFirst = std::none_of(past.begin(), past.begin() + static_cast<std::ptrdiff_t>(i),
                                              [&](const PastRollout &one) { return one.tag == past[i].tag; });
            if (isFirst)
                seedReplicaSet(service, placement, past, i, deployment);
        }
    }

    // Defaults are the store's business: the template's name must be that of the template as it is kept.
    Json defaulted(const ResourceType &type, Json workload)
    {
        workload["metadata"]["name"] = "template-of-" + textAt(workload, "/metadata/name"); // the name itself is taken
        const StoreResult tried = m_state.store.create(type, workload, {.isDryRun = true});
        return tried ? valueAt(tried.object->tree(), "/spec/template") : valueAt(workload, "/spec/template");
    }

    void seedReplicaSet(const ServiceSpec &service, const Placement &placement, const std::vector<PastRollout> &past,
                        std::size_t first, const Json &deployment)
    {
        std::size_t last = first;
        std::string history;
        for (std::size_t i = first + 1; i < past.size(); ++i) {
            if (past[i].tag != past[first].tag)
                continue;
            history += (history.empty() ? "" : ",") + std::to_string(last + 1);
            last = i;
        }
        Json workload =
            workloadOf(m_state.catalogue, service, placement, past[first].tag, causeOf(service, past, last));
        Json podTemplate = defaulted(*m_state.types.deployments, workload);
        const std::string hash = templateHash(podTemplate);
        podTemplate["metadata"]["labels"]["pod-template-hash"] = hash;
        Json selector = labelsOf(service, placement);
        selector["pod-template-hash"] = hash;
        const bool isCurrent = last + 1 == past.size();
        const int replicas = isCurrent ? placement.replicas : 0;
        Json annotations = workload["metadata"]["annotations"];
        annotations["deployment.kubernetes.io/revision"] = std::to_string(last + 1);
        annotations["deployment.kubernetes.io/desired-replicas"] = std::to_string(placement.replicas);
        annotations["deployment.kubernetes.io/max-replicas"] = std::to_string((placement.replicas * 5 + 3) / 4);
        if (!history.empty())
            annotations["deployment.kubernetes.io/revision-history"] = history;
        const StoreResult made = m_state.store.create(
            *m_state.types.replicaSets,
            {{"metadata",
              {{"name", service.workloadName(placement) + '-' + hash},
               {"namespace", placement.ns},
               {"labels", podTemplate["metadata"]["labels"]},
               {"annotations", annotations},
               {"creationTimestamp", ago(past[first].daysAgo)},
               {"ownerReferences", ownedBy(deployment)}}},
             {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", selector}}}, {"template", podTemplate}}},
             {"status", {{"replicas", replicas}, {"observedGeneration", 1}}}});
        if (!made)
            return;
        const Json set = made.object->tree();
        for (int i = 0; i < replicas; ++i) {
            const std::string name = made.object->name;
            const std::string podName =
                name + '-' + safeName(hashOf(name, m_state.catalogue.seed + static_cast<std::uint64_t>(i)), 5);
            seedPod(podOf(podTemplate, set, podName, name + '-'), past[last].daysAgo, {});
        }
    }

    void seedOrdered(const ServiceSpec &service, const Placement &placement, const std::vector<PastRollout> &past,
                     const ResourceType &type, Json workload)
    {
        const StoreResult made = m_state.store.create(type, std::move(workload));
        if (!made)
            return;
        const Json set = made.object->tree();
        std::string current;
        for (std::size_t i = 0; i < past.size(); ++i) {
            Json old = workloadOf(m_state.catalogue, service, placement, past[i].tag, causeOf(service, past, i));
            Json owner = set;
            owner["metadata"]["annotations"] = old["metadata"]["annotations"];
            Json revision = revisionOf(owner, defaulted(type, old), static_cast<std::int64_t>(i) + 1);
            revision["metadata"]["creationTimestamp"] = ago(past[i].daysAgo);
            current = textAt(revision, "/metadata/name");
            m_state.store.create(*m_state.types.controllerRevisions, std::move(revision));
        }
        Json podTemplate = set.at("spec").at("template");
        const std::string name = made.object->name;
        if (service.kind == ServiceSpec::Kind::DaemonSet) {
            podTemplate["metadata"]["labels"]["controller-revision-hash"] = current.substr(name.size() + 1);
            for (const auto &[node, record] : std::map(m_state.nodes)) {
                const std::string podName = name + '-' + safeName(hashOf(name + node), 5);
                seedPod(podOf(podTemplate, set, podName, name + '-'), past.back().daysAgo, node);
            }
            return;
        }
        podTemplate["metadata"]["labels"]["controller-revision-hash"] = current;
        for (int i = 0; i < placement.replicas; ++i) {
            const std::string podName = name + '-' + std::to_string(i);
            podTemplate["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = podName;
            podTemplate["metadata"]["labels"]["apps.kubernetes.io/pod-index"] = std::to_string(i);
            seedPod(podOf(podTemplate, set, podName, name + '-'), past.back().daysAgo, {});
        }
        m_state.store.modify(type, placement.ns, name, [&](Json &tree) -> std::optional<Refusal> {
            tree["status"]["currentRevision"] = current;
            tree["status"]["updateRevision"] = current;
            return {};
        });
    }

    // On the node with most room, as the scheduler would have chosen.
    void seedPod(Json pod, double daysAgo, std::string node)
    {
        const std::string name = textAt(pod, "/metadata/name");
        PodRecord record;
        record.name = name;
        record.ns = textAt(pod, "/metadata/namespace");
        record.container = textAt(pod, "/spec/containers/0/name");
        record.image = textAt(pod, "/spec/containers/0/image");
        record.uid = name;
        const int gpus = std::atoi(textAt(pod, "/spec/containers/0/resources/requests/nvidia.com~1gpu").c_str());
        if (node.empty()) {
            double best = 2;
            for (const auto &[other, room] : m_state.nodes) {
                const double use = room.usedCores / room.cores + 0.02 * chance(m_state.catalogue.seed, other + name);
                if (use < best && room.usedGpus + gpus <= room.gpus) {
                    best = use;
                    node = other;
                }
            }
        }
        const double spreadMs = chance(m_state.catalogue.seed, name) * 90'000;
        const std::int64_t created =
            endMs() - static_cast<std::int64_t>(daysAgo * dayMs) + static_cast<std::int64_t>(spreadMs);
        record.ip = "10.64." + std::to_string(m_seeded / 200) + '.' + std::to_string(m_seeded % 200 + 20);
        ++m_seeded;
        pod["metadata"]["creationTimestamp"] = timestamp(created);
        pod["spec"]["nodeName"] = node;
        const ObjectPtr host = m_state.store.get(*m_state.types.nodes, {}, node);
        pod["status"] = Kubelet::readyStatus(m_state.catalogue, record,
                                             host ? textAt(host->tree(), "/status/addresses/0/address") : std::string(),
                                             created + 6000, created + 15'000);
        m_state.store.create(*m_state.types.pods, std::move(pod));
        m_state.drain();
    }

    void seedNetwork(const ServiceSpec &service, const std::string &ns)
    {
        std::vector<const Placement *> here;
        for (const Placement &placement : service.placements) {
            if (placement.ns == ns)
                here.push_back(&placement);
        }
        if (here.empty() || service.router == ServiceSpec::Router::None)
            return;
        const bool hasTracks = !here.front()->track.empty();
        const auto create = [&](const ResourceType &type, Json object) {
            object["metadata"]["creationTimestamp"] = ago(29.9);
            m_state.store.create(type, std::move(object));
        };
        if (hasTracks && service.router == ServiceSpec::Router::HttpRoute) {
            for (const Placement *placement : here)
                create(*m_state.types.services,
                       serviceOf(service, ns, service.workloadName(*placement), placement->track));
            create(*m_state.types.routes, routeOf(service, ns));
            return;
        }
        std::string live;
        for (const Placement *placement : here) {
            if (hasTracks && placement->weight.value_or(0) > 0)
                live = placement->track;
        }
        create(*m_state.types.services, serviceOf(service, ns, service.name, live));
    }

    ClusterState &m_state;
    const std::int64_t m_liveMs;
    int m_seeded = 0;
};

} // namespace

void seedCluster(ClusterState &state, std::int64_t liveMs)
{
    Seeder(state, liveMs).run();
}

std::vector<LateRollout> rolloutsAfter(const ClusterState &state, std::int64_t nowMs, std::int64_t liveMs)
{
    std::vector<LateRollout> late;
    for (const ServiceSpec &service : state.catalogue.services) {
        for (const Placement &placement : service.placements) {
            const auto &ours = state.plan.namespaces;
            if (std::find(ours.begin(), ours.end(), placement.ns) == ours.end())
                continue;
            for (std::size_t i = 1; i < placement.history.size(); ++i) {
                const PastRollout &rollout = placement.history[i];
                const auto ago = static_cast<std::int64_t>(rollout.daysAgo * dayMs);
                if (ago <= liveMs)
                    late.push_back({nowMs - ago,
                                    {placement.ns, service.workloadName(placement)},
                                    state.catalogue.image(service, rollout.tag),
                                    rollout.tag,
                                    rollout.tag + ": " + service.version(rollout.tag)->cause});
            }
        }
    }
    std::sort(late.begin(), late.end(), [](const LateRollout &a, const LateRollout &b) { return a.atMs < b.atMs; });
    return late;
}

} // namespace signalbox::sandbox
