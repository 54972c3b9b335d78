#include "services/sandbox/world/world.h"

#include "services/sandbox/world/autoscaler.h"
#include "services/sandbox/world/deploymentcontroller.h"
#include "services/sandbox/world/kubelet.h"
#include "services/sandbox/world/metrics.h"
#include "services/sandbox/world/networkcontroller.h"
#include "services/sandbox/world/orderedcontroller.h"
#include "services/sandbox/world/seed.h"

#include <algorithm>
#include <chrono>

namespace signalbox::sandbox
{

namespace
{

constexpr std::int64_t playStepMs = 5000;
constexpr int mostRounds = 50; // of controllers answering one another, within one tick
constexpr std::int64_t liveRestMs = 1000;
constexpr std::int64_t movingMs = 15'000; // what changed so lately may go on changing

} // namespace

struct World::Cluster
{
    Cluster(const Catalogue &catalogue, const ClusterPlan &plan, ObjectStore &store, Faults &faults,
            SampleStore &samples)
        : state(catalogue, plan, store)
        , kubelet(state, faults)
        , traffic(state, faults)
        , metrics(state, traffic, samples)
        , autoscalers(state, [this](const PodRecord &pod) {
            const auto meter = traffic.meters.find(pod.uid);
            return meter == traffic.meters.end() ? 0.0 : meter->second.cores;
        })
    {}

    template <typename Reconcile>
    void each(ClusterState::Kind kind, Reconcile reconcile)
    {
        for (const Key &key : state.takeDirty(kind))
            reconcile(state, key);
    }

    // Until nobody has anything left to answer.
    void settle()
    {
        using Kind = ClusterState::Kind;
        for (int round = 0; round < mostRounds; ++round) {
            state.drain();
            kubelet.run();
            state.drain();
            if (!state.hasDirty())
                return;
            each(Kind::Deployment, reconcileDeployment);
            each(Kind::StatefulSet, reconcileStatefulSet);
            each(Kind::DaemonSet, reconcileDaemonSet);
            each(Kind::ReplicaSet, reconcileReplicaSet);
            each(Kind::Service, reconcileEndpoints);
            each(Kind::Route, reconcileRoute);
            state.takeDirty(Kind::Autoscaler); // they look for themselves
        }
    }

    void killForMemory()
    {
        for (auto &[uid, pod] : state.pods) {
            const auto meter = traffic.meters.find(uid);
            const double limit = Traffic::memoryLimitMb(pod);
            if (meter != traffic.meters.end() && limit > 0 && meter->second.memoryMb > limit)
                kubelet.killForMemory(pod);
        }
    }

    ClusterState state;
    Kubelet kubelet;
    Traffic traffic;
    Metrics metrics;
    Autoscalers autoscalers;
    std::int64_t lastScrapeMs = 0;
    std::int64_t lastCleanupMs = 0;
};

World::World(const Catalogue &catalogue, const std::vector<ObjectStore *> &stores, SampleStore &samples,
             WorldClock &clock)
    : m_catalogue(catalogue)
    , m_clock(clock)
{
    for (std::size_t i = 0; i < stores.size() && i < catalogue.clusters.size(); ++i) {
        m_clusters.push_back(
            std::make_unique<Cluster>(catalogue, catalogue.clusters[i], *stores[i], m_faults, samples));
        m_clusters.back()->state.wake = [this] {
            if (std::this_thread::get_id() != m_thread.get_id()) // what a tick writes it takes in itself
                wake();
        };
    }
}

World::~World()
{
    stop();
}

void World::seed(std::int64_t nowMs)
{
    const std::lock_guard lock(m_mutex);
    std::int64_t at = nowMs - liveMs;
    m_clock.hold(at);
    std::vector<std::vector<LateRollout>> late;
    for (auto &cluster : m_clusters) {
        cluster->state.nowMs = at;
        seedCluster(cluster->state, liveMs);
        late.push_back(rolloutsAfter(cluster->state, nowMs, liveMs));
    }
    for (; at < nowMs; at = std::min(nowMs, at + playStepMs)) {
        m_clock.hold(at);
        for (std::size_t i = 0; i < m_clusters.size(); ++i) {
            ClusterState &state = m_clusters[i]->state;
            state.nowMs = at;
            while (!late[i].empty() && late[i].front().atMs <= at) {
                const LateRollout rollout = late[i].front();
                late[i].erase(late[i].begin());
                state.store.modify(*state.types.deployments, rollout.deployment.ns, rollout.deployment.name,
                                   [&rollout](Json &tree) -> std::optional<Refusal> {
                                       tree["metadata"]["annotations"]["kubernetes.io/change-cause"] = rollout.cause;
                                       Json &podTemplate = tree["spec"]["template"];
                                       podTemplate["spec"]["containers"][0]["image"] = rollout.image;
                                       podTemplate["metadata"]["labels"]["app.kubernetes.io/version"] = rollout.tag;
                                       return {};
                                   });
            }
        }
        step(at, false);
    }
    m_clock.hold(nowMs);
    for (auto &cluster : m_clusters) {
        cluster->state.nowMs = nowMs;
        cluster->settle();
        cluster->traffic.flow(nowMs - 1000);
        cluster->traffic.flow(nowMs);
        cluster->metrics.remember(nowMs);
    }
}

void World::step(std::int64_t nowMs, bool isLive)
{
    bool isScraped = false;
    for (auto &cluster : m_clusters) {
        ClusterState &state = cluster->state;
        const std::uint64_t before = state.changes();
        state.nowMs = nowMs;
        if (isLive)
            cluster->traffic.settle(nowMs);
        state.markDue();
        cluster->settle();
        if (!isLive)
            continue;
        cluster->traffic.flow(nowMs);
        cluster->killForMemory();
        cluster->autoscalers.run();
        cluster->settle();
        if (state.changes() != before)
            m_movedMs = nowMs;
        if (nowMs - cluster->lastScrapeMs >= Metrics::periodMs) {
            cluster->lastScrapeMs = nowMs / Metrics::periodMs * Metrics::periodMs;
            cluster->metrics.scrape(nowMs);
            isScraped = true;
        }
        if (nowMs - cluster->lastCleanupMs >= 60'000) {
            cluster->lastCleanupMs = nowMs;
            state.forgetOldEvents();
        }
    }
    if (isScraped && m_scraped)
        m_scraped(nowMs);
}

void World::tick()
{
    const std::lock_guard lock(m_mutex);
    step(m_clock.nowMs(), true);
}

void World::start()
{
    if (m_thread.joinable())
        return;
    m_isStopping = false;
    m_thread = std::thread([this] { loop(); });
}

void World::wake()
{
    const std::lock_guard lock(m_wakeMutex);
    m_isWoken = true;
    m_wake.notify_one();
}

void World::stop()
{
    {
        const std::lock_guard lock(m_wakeMutex);
        m_isStopping = true;
        m_wake.notify_one();
    }
    if (m_thread.joinable())
        m_thread.join();
}

bool World::isMoving() const
{
    const std::lock_guard lock(m_mutex);
    return m_clock.nowMs() - m_movedMs < movingMs || !m_faults.active().empty();
}

// Where nothing moves, until the next scrape: requests since then are reckoned in one.
std::int64_t World::restMs()
{
    std::int64_t rest = isMoving() ? liveRestMs : Metrics::periodMs;
    const std::lock_guard lock(m_mutex);
    const std::int64_t now = m_clock.nowMs();
    for (const auto &cluster : m_clusters) {
        rest = std::min(rest, cluster->lastScrapeMs + Metrics::periodMs - now);
        for (const auto &due : {cluster->kubelet.nextDueMs(), cluster->state.nextLaterMs()}) {
            if (due)
                rest = std::min(rest, *due - now);
        }
    }
    return std::max<std::int64_t>(rest, 50);
}

void World::loop()
{
    using namespace std::chrono;
    std::unique_lock lock(m_wakeMutex);
    while (!m_isStopping) {
        lock.unlock();
        tick();
        const duration<double, std::milli> rest(static_cast<double>(restMs()));
        lock.lock();
        // A write is answered soon, yet not sooner than controllers do; the rest has a second's time.
        const double pace = m_clock.pace();
        m_wake.wait_for(lock, rest / pace, [this] { return m_isStopping || m_isWoken; });
        if (m_isWoken)
            m_wake.wait_for(lock, duration<double>(0.06 / pace), [this] { return m_isStopping; });
        m_isWoken = false;
    }
}

// What was asked up to now was not hurt by a fault that begins or ends now.
void World::settleTraffic()
{
    const std::lock_guard lock(m_mutex);
    for (auto &cluster : m_clusters) {
        cluster->state.nowMs = m_clock.nowMs();
        cluster->traffic.settle(cluster->state.nowMs);
    }
}

int World::injectFault(FaultSpec fault)
{
    settleTraffic();
    const bool takesImage = fault.kind == FaultSpec::Kind::ImageGone;
    const std::string application = fault.application;
    const std::string tag = fault.tag;
    const int number = m_faults.inject(std::move(fault), m_clock.nowMs());
    wake();
    if (takesImage) {
        const std::lock_guard lock(m_mutex);
        const ServiceSpec *service = m_catalogue.service(application);
        for (auto &cluster : m_clusters) {
            for (auto &[name, node] : cluster->state.nodes) {
                if (service)
                    node.drop(m_catalogue.image(*service, tag));
            }
        }
    }
    return number;
}

void World::clearFaults()
{
    settleTraffic();
    m_faults.clear();
    wake();
}

void World::clearFault(int number)
{
    settleTraffic();
    m_faults.clear(number);
    wake();
}

std::vector<Faults::Active> World::faults() const
{
    return m_faults.active();
}

std::map<std::string, TrackFlow> World::tracks(std::size_t cluster, const std::string &ns,
                                               const std::string &service) const
{
    const std::lock_guard lock(m_mutex);
    return m_clusters.at(cluster)->traffic.tracks(ns, service);
}

std::optional<World::PodView> World::pod(std::size_t cluster, const std::string &ns, const std::string &name) const
{
    const std::lock_guard lock(m_mutex);
    const Cluster &one = *m_clusters.at(cluster);
    for (const auto &[uid, pod] : one.state.pods) {
        if (pod.ns != ns || pod.name != name)
            continue;
        const auto meter = one.traffic.meters.find(uid);
        return PodView{pod, meter == one.traffic.meters.end() ? PodMeter{} : meter->second};
    }
    return {};
}

std::vector<LogText> World::log(std::size_t cluster, const std::string &uid, bool isPrevious, std::int64_t afterMs,
                                std::size_t most) const
{
    const std::lock_guard lock(m_mutex);
    const Cluster &one = *m_clusters.at(cluster);
    const auto pod = one.state.pods.find(uid);
    if (pod == one.state.pods.end())
        return {};
    const auto meter = one.traffic.meters.find(uid);
    return podLog(pod->second, meter == one.traffic.meters.end() ? nullptr : &meter->second, isPrevious, afterMs,
                  m_clock.nowMs(), most);
}

std::optional<World::NodeUse> World::node(std::size_t cluster, const std::string &name) const
{
    const std::lock_guard lock(m_mutex);
    const Cluster &one = *m_clusters.at(cluster);
    if (!one.state.nodes.contains(name))
        return {};
    NodeUse use;
    for (const auto &[uid, pod] : one.state.pods) {
        const auto meter = one.traffic.meters.find(uid);
        if (pod.node != name || meter == one.traffic.meters.end())
            continue;
        use.cores += meter->second.cores;
        use.memoryMb += meter->second.memoryMb;
    }
    return use;
}

} // namespace signalbox::sandbox
