#pragma once

#include "models/domain/result.h"

#include <QByteArray>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What the practice world consists of, as resources/sandbox-world.json tells it: services, their versions with the
// behaviour that each one shows under traffic, where they run and what ran there before. Data only.
namespace signalbox::sandbox
{

// How one pod of a version behaves at ease; load and faults come on top.
struct Behaviour
{
    double medianMs = 50;     // of a request
    double spread = 0.5;      // sigma of the logarithm: latencies are log-normal
    double errors = 0;        // share of requests answered with 500
    double quality = 0;       // share of answers that people or a later truth agree with; 0: not measured
    double memoryMb = 500;    // resident
    double cpuMs = 5;         // processor time a request
    double capacityRps = 100; // above it requests queue, then are turned away
    double warmUpSeconds = 8; // from start of the container to ready
    double cores = 1;         // requested
    double gpus = 0;
    double gpuMemoryMb = 0;
    double tokens = 0;            // a language model's answer
    double firstTokenMs = 0;      // to its first token
    double crashAfterSeconds = 0; // since the start of the container; 0: never
};

struct Version
{
    std::string tag;
    std::string cause; // kubernetes.io/change-cause
    Behaviour behaviour;
};

struct PastRollout
{
    std::string tag;
    double daysAgo = 0;
};

struct Placement // one workload
{
    std::string ns;
    std::string track; // "blue"; empty: there is one only
    int replicas = 0;
    std::optional<int> weight;        // of its track, at start
    std::vector<PastRollout> history; // oldest first; the last one runs. The same tag twice: somebody went back
};

struct ServiceSpec
{
    enum class Kind { Deployment, StatefulSet, DaemonSet };
    enum class Router { None, Selector, HttpRoute };
    enum class Runtime { Http, Vllm, Triton, Dcgm }; // what its metrics look like

    struct Scaling
    {
        int least = 1;
        int most = 1;
        int cpuPercent = 60; // of the requested cores
    };

    std::string name;
    std::string team;
    std::string owner; // mail address
    std::string path;  // requests go here
    Kind kind = Kind::Deployment;
    Router router = Router::None;
    Runtime runtime = Runtime::Http;
    std::map<std::string, double> rps; // by namespace: the mean of a day
    struct ExtraRule                   // of its HTTPRoute, besides the one that divides what is left
    {
        std::string path;  // prefix
        std::string track; // that all of it goes to
        double part = 0;   // of the requests
    };
    std::optional<Scaling> scaling;    // in production
    std::vector<ExtraRule> extraRules; // likewise
    std::vector<Version> versions;     // oldest first
    std::vector<Placement> placements;

    const Version *version(const std::string &tag) const; // null: no such version
    std::string workloadName(const Placement &placement) const;
};

struct ClusterPlan
{
    std::string name;
    std::string serverVersion;
    std::vector<std::string> namespaces;
    std::vector<std::string> zones;
    std::string nodePrefix;
    int nodes = 1;
    int cores = 1;
    int memoryGb = 1;
    int gpus = 0;
};

// What somebody did with the program in the month before, as its ledger tells it. Only what the objects' history and
// the metrics agree with.
struct PastOperation
{
    double daysAgo = 0;
    std::string kind; // as in the ledger: "rollback", "scale", "restart", "trafficSwitch", "pause", "resume"
    std::string application;
    std::string ns;
    std::string who; // mail address
    std::string from;
    std::string to;
    std::string effect;
    std::string reason;
    std::string outcome; // as in the ledger: "done", "abandoned"
    std::string message;
    double seconds = 0;       // from the first call to the observed effect
    double detectSeconds = 0; // from the start of the trouble to the first call; 0: there was none
};

struct Catalogue
{
    std::uint64_t seed = 0;
    std::string registry;
    std::vector<ClusterPlan> clusters;
    std::vector<ServiceSpec> services;
    std::vector<PastOperation> operations; // oldest first

    const ServiceSpec *service(const std::string &name) const; // null: none
    // "registry.example.org/growth/recommender:1.44.0@sha256:..."
    std::string image(const ServiceSpec &service, const std::string &tag) const;
    struct Found
    {
        const ServiceSpec *service = nullptr;
        const Version *version = nullptr; // null: the registry has no such tag or digest
        bool isForeign = false;           // of another registry: not ours to say what it has
    };
    // Of an image reference as written in a pod; service is null where the repository is unknown.
    Found find(const std::string &image) const;
};

// Strict: an unknown word or a missing one is an error that names its place.
Result<Catalogue> parseCatalogue(const QByteArray &json, const QString &fileName);
// The one built into the program.
const Catalogue &builtInCatalogue();

} // namespace signalbox::sandbox
