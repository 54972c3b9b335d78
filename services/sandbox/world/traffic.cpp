#include "services/sandbox/world/traffic.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <cmath>

namespace signalbox::sandbox
{

namespace
{

// Queueing: nothing to notice below 70 % of what a pod can do, ten times and more close to all of it.
double slowness(double utilisation)
{
    const double over = std::max(0.0, utilisation - 0.7);
    return std::min(1 + 2.5 * over * over / std::max(1.03 - utilisation, 0.03), 25.0);
}

} // namespace

void LatencyCounts::add(double requests, double medianMs, double spread)
{
    for (std::size_t i = 0; i < latencyBounds.size(); ++i)
        buckets[i] += requests * logNormalShare(latencyBounds[i] * 1000, medianMs, spread);
    buckets.back() += requests;
    sumSeconds += requests * medianMs / 1000 * std::exp(spread * spread / 2);
}

LatencyGroup groupOf(const PodRecord &pod)
{
    return {pod.ns, pod.service ? pod.service->name : std::string(), trackOf(pod),
            pod.version ? pod.version->tag : std::string(), pod.zone};
}

std::string latencyName(const LatencyGroup &group)
{
    return "latency/" + group.ns + '/' + group.service + '/' + group.track + '/' + group.zone;
}

std::string errorName(const PodRecord &pod)
{
    return "errors/" + pod.name;
}

std::string qualityName(const std::string &ns, const std::string &service, const std::string &track)
{
    return "quality/" + ns + '/' + service + '/' + track;
}

Traffic::Traffic(ClusterState &state, Faults &faults)
    : m_state(state)
    , m_faults(faults)
{
    for (const ServiceSpec &service : state.catalogue.services) {
        for (const std::string &ns : state.plan.namespaces) {
            const auto rps = service.rps.find(ns);
            if (rps != service.rps.end())
                m_streams.push_back(
                    {&service, ns, Load(rps->second, state.catalogue.seed, ns + '/' + service.name), {}});
        }
    }
}

const Load &Traffic::load(const std::string &ns, const std::string &service) const
{
    static const Load none;
    for (const Stream &stream : m_streams) {
        if (stream.ns == ns && stream.service->name == service)
            return stream.load;
    }
    return none;
}

std::map<std::string, TrackFlow> Traffic::tracks(const std::string &ns, const std::string &service) const
{
    std::map<std::string, TrackFlow> found;
    for (const Stream &stream : m_streams) {
        if (stream.ns != ns || stream.service->name != service)
            continue;
        for (const Branch &branch : stream.branches) {
            TrackFlow &flow = found[branch.track];
            flow.share += branch.share;
            flow.rps += branch.share * stream.load.rps(m_lastMs);
            flow.unserved += branch.unserved;
            flow.readyPods += static_cast<int>(branch.pods.size());
        }
    }
    return found;
}

std::vector<std::pair<std::string, std::string>> Traffic::applications() const
{
    std::vector<std::pair<std::string, std::string>> found;
    for (const Stream &stream : m_streams)
        found.emplace_back(stream.ns, stream.service->name);
    return found;
}

double Traffic::memoryLimitMb(const PodRecord &pod)
{
    return pod.version ? pod.version->behaviour.memoryMb * 1.6 : 0;
}

Traffic::Branch Traffic::branchTo(const Stream &stream, const std::string &name, double share) const
{
    Branch branch;
    branch.service = name;
    branch.share = share;
    const ObjectPtr service = m_state.store.get(*m_state.types.services, stream.ns, name);
    if (!service)
        return branch;
    const Json selector = valueAt(service->tree(), "/spec/selector", Json::object());
    branch.track = textAt(selector, "/slot");
    for (const PodRecord *pod : m_state.podsSelectedBy(stream.ns, selector)) {
        if (pod->isReady())
            branch.pods.push_back(pod->uid);
    }
    return branch;
}

// What a rule gets of an application's requests: what is known of its path, or all that nobody else is known to get.
double Traffic::partOf(const Stream &stream, const Json &rules, std::size_t index)
{
    double known = 0;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const std::string path = textAt(rules.at(i), "/matches/0/path/value");
        for (const ServiceSpec::ExtraRule &extra : stream.service->extraRules) {
            if (extra.path != path)
                continue;
            if (i == index)
                return extra.part;
            known += extra.part;
        }
    }
    return index == 0 ? 1 - known : 0;
}

// A route of the application's name decides; without one its Service does.
void Traffic::route(Stream &stream)
{
    std::map<std::string, double> unserved;
    for (const Branch &branch : stream.branches)
        unserved[branch.service] = branch.unserved;
    stream.branches.clear();
    const ObjectPtr object = m_state.store.get(*m_state.types.routes, stream.ns, stream.service->name);
    if (object) {
        const Json rules = valueAt(object->tree(), "/spec/rules", Json::array());
        for (std::size_t i = 0; i < rules.size(); ++i)
            addBranches(stream, rules.at(i), partOf(stream, rules, i));
    } else {
        stream.branches.push_back(branchTo(stream, stream.service->name, 1));
    }
    for (Branch &branch : stream.branches)
        branch.unserved = unserved[branch.service];
}

void Traffic::addBranches(Stream &stream, const Json &rule, double part) const
{
    if (part <= 0)
        return;
    double sum = 0;
    const Json backends = valueAt(rule, "/backendRefs", Json::array());
    for (const Json &backend : backends)
        sum += static_cast<double>(numberAt(backend, "/weight", 1));
    for (const Json &backend : backends) {
        const std::string name = textAt(backend, "/name");
        const auto weight = static_cast<double>(numberAt(backend, "/weight", 1));
        const double share = sum > 0 ? part * weight / sum : 0;
        const auto known = std::find_if(stream.branches.begin(), stream.branches.end(),
                                        [&name](const Branch &branch) { return branch.service == name; });
        if (known == stream.branches.end())
            stream.branches.push_back(branchTo(stream, name, share));
        else
            known->share += share;
    }
}

void Traffic::settle(std::int64_t nowMs)
{
    if (m_lastMs != 0)
        reckon(nowMs);
}

void Traffic::flow(std::int64_t nowMs)
{
    if (m_lastMs == 0)
        m_lastMs = nowMs;
    if (m_routedAt == m_state.changes() && m_lastMs == nowMs)
        return;
    if (m_routedAt != m_state.changes()) {
        m_routedAt = m_state.changes();
        for (Stream &stream : m_streams)
            route(stream);
    }
    reckon(nowMs);
}

// Where no time has passed nothing is counted; rates are those of the moment.
void Traffic::reckon(std::int64_t nowMs)
{
    const double seconds = static_cast<double>(nowMs - m_lastMs) / 1000;
    ++m_round;
    for (Stream &stream : m_streams) {
        const double rps = seconds > 0 ? stream.load.requests(m_lastMs, nowMs) / seconds : stream.load.rps(nowMs);
        for (Branch &branch : stream.branches) {
            const double offered = rps * branch.share;
            if (branch.pods.empty()) {
                branch.unserved += offered * seconds;
                continue;
            }
            const auto count = static_cast<double>(branch.pods.size());
            for (const std::string &uid : branch.pods) {
                const auto pod = m_state.pods.find(uid);
                if (pod == m_state.pods.end())
                    continue;
                if (!pod->second.version) {
                    branch.unserved += offered * seconds / count; // ready, yet not the application
                    continue;
                }
                serve(pod->second, offered / count, branch.share, seconds);
            }
        }
    }
    for (const auto &[uid, pod] : m_state.pods) {
        const auto meter = meters.find(uid);
        if (meter == meters.end() || meter->second.round != m_round)
            serve(pod, 0, 0, seconds);
    }
    if (meters.size() != m_state.pods.size()) {
        const auto isGone = [this](const auto &entry) { return !m_state.pods.contains(entry.first); };
        std::erase_if(meters, isGone);
        std::erase_if(m_names, isGone);
    }
    m_lastMs = nowMs;
}

const Traffic::PodNames &Traffic::namesOf(const PodRecord &pod)
{
    PodNames &names = m_names[pod.uid];
    if (names.madeAt == m_state.changes())
        return names;
    const std::uint64_t seed = m_state.catalogue.seed;
    names.madeAt = m_state.changes();
    names.group = groupOf(pod);
    names.latency = Wobble(seed, latencyName(names.group));
    names.errors = Wobble(seed, errorName(pod));
    names.use = Wobble(seed, "use/" + pod.name);
    names.quality = Wobble(seed, qualityName(pod.ns, names.group.service, names.group.track));
    return names;
}

void Traffic::serve(const PodRecord &pod, double rps, double share, double seconds)
{
    PodMeter &meter = meters[pod.uid];
    meter.round = m_round;
    if (!pod.version || !pod.life.isRunning()) {
        meter.rps = meter.cores = meter.memoryMb = 0;
        return;
    }
    const Behaviour &behaviour = pod.version->behaviour;
    const Disturbance disturbance = m_faults.of(pod, share, m_state.nowMs);
    meter.share = share;
    meter.isDark = disturbance.isDark;
    meter.rps = rps;
    const double utilisation = behaviour.capacityRps > 0 ? rps / behaviour.capacityRps : 0;
    const double servedRps = utilisation > 1 ? behaviour.capacityRps : rps;
    const double rejected = (rps - servedRps) * seconds;
    const double served = servedRps * seconds;
    meter.errorShare = std::min(1.0, behaviour.errors + disturbance.errors);
    const std::uint64_t seed = m_state.catalogue.seed;
    const PodNames &names = namesOf(pod);
    meter.medianMs = behaviour.medianMs * disturbance.latencyFactor * slowness(utilisation);
    meter.rejected += rejected;
    if (servedRps > 0)
        meter.medianMs *= std::exp(latencyNoise * names.latency.at(m_state.nowMs));
    if (served > 0) {
        const double failing = served * meter.errorShare * (1 + errorNoise * names.errors.at(m_state.nowMs));
        const double failed =
            std::min(served, poisson(failing, chance(seed, pod.name, static_cast<std::uint64_t>(m_state.nowMs))));
        meter.failed += failed;
        meter.answered += served - failed;
        latencies[names.group].add(served, meter.medianMs, behaviour.spread);
        meter.latencySeconds += served * meter.medianMs / 1000 * std::exp(behaviour.spread * behaviour.spread / 2);
    }
    const double wobble = 0.03 * names.use.at(m_state.nowMs);
    const double quality = behaviour.quality * (1 + qualityNoise * names.quality.at(m_state.nowMs));
    meter.quality = behaviour.quality > 0 ? std::clamp(quality - disturbance.qualityLoss, 0.0, 1.0) : 0;
    meter.cores = 0.002 + servedRps * behaviour.cpuMs / 1000 * (1 + wobble);
    meter.cpuSeconds += meter.cores * seconds;
    meter.memoryMb = behaviour.memoryMb * (0.92 + wobble) + disturbance.extraMemoryMb;
    noteMood(meter, utilisation > 1);
}

void Traffic::noteMood(PodMeter &meter, bool isOverloaded) const
{
    constexpr std::size_t most = 40;
    const auto isClose = [](double a, double b, double factor, double floor) {
        return std::max(a, floor) < std::max(b, floor) * factor && std::max(b, floor) < std::max(a, floor) * factor;
    };
    if (!meter.moods.empty()) {
        const PodMood &last = meter.moods.back();
        if (isClose(last.rps, meter.rps, 1.8, 0.05) && isClose(last.errorShare, meter.errorShare, 1.5, 0.004) &&
            isClose(last.medianMs, meter.medianMs, 1.5, 1) && last.isOverloaded == isOverloaded)
            return;
    }
    if (meter.moods.size() == most)
        meter.moods.erase(meter.moods.begin());
    meter.moods.push_back({m_state.nowMs, meter.rps, meter.errorShare, meter.medianMs, isOverloaded});
}

} // namespace signalbox::sandbox
