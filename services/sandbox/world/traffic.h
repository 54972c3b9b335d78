#pragma once

#include "services/sandbox/world/clusterstate.h"
#include "services/sandbox/world/faults.h"
#include "services/sandbox/world/load.h"

#include <array>

namespace signalbox::sandbox
{

// Upper bounds of the latency histograms, seconds; +Inf besides.
constexpr std::array<double, 13> latencyBounds = {0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1,
                                                  0.15,   0.25,  0.5,  1,     2.5,  5};

struct LatencyCounts
{
    std::array<double, latencyBounds.size() + 1> buckets{}; // cumulative, the last one is all
    double sumSeconds = 0;
    void add(double requests, double medianMs, double spread);
};

// How a pod was doing from a moment on: what its log is made of.
struct PodMood
{
    std::int64_t sinceMs = 0;
    double rps = 0;
    double errorShare = 0;
    double medianMs = 0;
    bool isOverloaded = false;
};

// What one pod has served since it is known, and how it is now.
struct PodMeter
{
    double answered = 0; // 200
    double failed = 0;   // 500
    double rejected = 0; // 503: no room
    double cpuSeconds = 0;
    double latencySeconds = 0; // of all requests together

    double rps = 0;   // offered to it now
    double share = 0; // of the application's requests that its track gets now
    double medianMs = 0;
    double errorShare = 0;
    double cores = 0;
    double memoryMb = 0;
    double quality = 0;
    bool isDark = false;
    std::vector<PodMood> moods; // oldest first, a new one where something changed that one would notice
    std::uint64_t round = 0;    // of reckoning, the last that it took part in
};

// Latencies are counted for all pods of a track, version and zone together, as a mesh or a recording rule does: one
// histogram a pod would be half of all series.
struct LatencyGroup
{
    std::string ns;
    std::string service;
    std::string track;
    std::string version;
    std::string zone;
    auto operator<=>(const LatencyGroup &) const = default;
};
LatencyGroup groupOf(const PodRecord &pod);

// No figure of a real service stands still. How far the restlessness of each takes it, as a part of itself; it is a
// Wobble of the seed and these names.
constexpr double latencyNoise = 0.07;
constexpr double errorNoise = 0.6;
constexpr double qualityNoise = 0.006;
std::string latencyName(const LatencyGroup &group);
std::string errorName(const PodRecord &pod);
std::string qualityName(const std::string &ns, const std::string &service, const std::string &track);

// One track of an application in a namespace: what the gateway saw of it.
struct TrackFlow
{
    double share = 0;    // 0..1
    double rps = 0;      // offered
    double unserved = 0; // 503 since there was no ready pod, in total
    int readyPods = 0;
};

// Requests of one cluster: from the load by the weights of routes and the selectors of Services to pods, and what
// becomes of them there.
class Traffic
{
public:
    Traffic(ClusterState &state, Faults &faults);

    // Everything since the last call, by the routes and pods as they were at that call. Before what has changed since
    // is taken in: a new weight has no past.
    void settle(std::int64_t nowMs);
    // Takes in what has changed: figures of the moment are by the new routes, what is counted follows them from now on.
    void flow(std::int64_t nowMs);

    std::map<std::string, PodMeter> meters; // by pod uid; those of pods that are gone are dropped with them
    std::map<LatencyGroup, LatencyCounts> latencies;
    const Load &load(const std::string &ns, const std::string &service) const;
    // By track ("" where there is none) of an application.
    std::map<std::string, TrackFlow> tracks(const std::string &ns, const std::string &service) const;
    std::vector<std::pair<std::string, std::string>> applications() const; // namespace and name of all with requests
    // groupOf() of a pod of the state, kept: until something changes there.
    const LatencyGroup &group(const PodRecord &pod) { return namesOf(pod).group; }
    // What its limit allows, bytes in MB; 0: no limit.
    static double memoryLimitMb(const PodRecord &pod);

private:
    struct Branch // one backend of a route, or the Service itself
    {
        std::string service;
        double share = 0;
        std::vector<std::string> pods; // uids of the ready ones
        std::string track;
        double unserved = 0;
    };
    struct Stream
    {
        const ServiceSpec *service = nullptr;
        std::string ns;
        Load load;
        std::vector<Branch> branches;
    };
    void route(Stream &stream);
    static double partOf(const Stream &stream, const Json &rules, std::size_t index);
    void addBranches(Stream &stream, const Json &rule, double part) const;
    Branch branchTo(const Stream &stream, const std::string &service, double share) const;
    void reckon(std::int64_t nowMs);
    void serve(const PodRecord &pod, double rps, double share, double seconds);
    void noteMood(PodMeter &meter, bool isOverloaded) const;

    // What a pod's figures are named by: as long as nothing changes it is not put together for each of them anew.
    struct PodNames
    {
        std::uint64_t madeAt = ~0ULL; // the state's count of changes
        LatencyGroup group;
        Wobble latency;
        Wobble errors;
        Wobble use;
        Wobble quality;
    };
    const PodNames &namesOf(const PodRecord &pod);

    ClusterState &m_state;
    Faults &m_faults;
    std::vector<Stream> m_streams;
    std::map<std::string, PodNames> m_names; // by pod uid
    std::uint64_t m_round = 0;
    std::int64_t m_lastMs = 0;
    std::uint64_t m_routedAt = ~0ULL; // the state's count of changes
};

} // namespace signalbox::sandbox
