#pragma once

#include "models/domain/freshness.h"
#include "models/domain/health.h"

#include <QDateTime>
#include <QHash>
#include <QList>
#include <QMap>
#include <QString>
#include <QStringList>

// What the console knows of a cluster. Value types; vendor-neutral as far as people talk about them, Kubernetes' words
// where the field uses them. Times are UTC. -1 in a count means "the remote does not say".
namespace signalbox
{

using Labels = QMap<QString, QString>; // implicitly shared: equal sets are interned by the adapter

struct ObjectRef
{
    QString connection; // id of the Connection it lives behind
    QString group;      // "apps", "" for the core group
    QString kind;       // "Deployment"
    QString ns;         // empty for what has none
    QString name;
    QString uid;

    bool operator==(const ObjectRef &) const = default;
};
// Same object, whether or not it was deleted and made again since.
bool samePlace(const ObjectRef &a, const ObjectRef &b);
QString toString(const ObjectRef &ref); // "Deployment shop/cart"

struct ContainerImage
{
    QString container;
    QString image; // as written: registry/name:tag or @digest
    bool operator==(const ContainerImage &) const = default;
};
QString imageTag(const QString &image);    // "1.4.0" of "r/x:1.4.0"; empty for none
QString imageDigest(const QString &image); // "sha256:..." of "r/x@sha256:..."; empty for none

struct Condition
{
    QString type;
    QString status; // "True" "False" "Unknown"
    QString reason;
    QString message;
    QDateTime since;
    bool operator==(const Condition &) const = default;
};

// Somebody else who owns (part of) an object and may write it back.
struct Manager
{
    enum class Kind { ArgoCd, Flux, Helm, Autoscaler, Rollouts, Flagger, Other };
    Kind kind = Kind::Other;
    QString name;             // "Application argocd/shop", "HPA cart", "field manager jenkins"
    QString evidence;         // which label, annotation, owner or field manager says so
    bool revertsOurs = false; // known to write its own state back, within seconds
    ObjectRef object;         // the managing object where it can be named; else empty

    bool operator==(const Manager &) const = default;
};

struct Workload
{
    ObjectRef ref;           // Deployment, StatefulSet, DaemonSet, Rollout
    QString resourceVersion; // opaque
    Labels labels;
    Labels selector;  // matchLabels
    Labels podLabels; // of the template
    QList<ContainerImage> images;
    int desired = -1;
    int current = -1;
    int updated = -1;
    int ready = -1;
    int available = -1;
    bool isPaused = false;
    qint64 generation = 0;
    QString observedGeneration; // compared as text: a Rollout's is a string (trap T3)
    QString revision;           // the number, a label only: numbers move
    QString templateHash;       // pod-template-hash or controller-revision-hash of what should run now
    int progressDeadlineSeconds = -1;
    QDateTime created;
    QDateTime rolledOut; // when the present revision was made, if known
    QList<Condition> conditions;
    QList<Manager> managers;
    Health health = Health::Unknown;
    QString state; // "8 / 10 ready", "1 pod crash loops": why it is not Ok; empty when it is

    bool operator==(const Workload &) const = default;
};

// One kept revision: a ReplicaSet of a Deployment, a ControllerRevision of a StatefulSet or DaemonSet.
struct Revision
{
    ObjectRef ref;
    QString ownerUid;
    qint64 number = 0; // shown only; addressed by hash (trap T6)
    QString templateHash;
    QList<ContainerImage> images; // empty for a ControllerRevision whose data was not read
    QString changeCause;
    QDateTime created;
    int replicas = 0; // of a ReplicaSet, pods now
    int ready = 0;

    bool operator==(const Revision &) const = default;
};

struct Pod
{
    ObjectRef ref;
    QString node;
    QString ownerUid; // the controller: a ReplicaSet, a StatefulSet ...
    QString ownerKind;
    QString ownerName;
    Labels labels;
    QList<ContainerImage> images;
    QString phase;   // Running, Pending ...
    QString reason;  // as kubectl's STATUS column: Running, CrashLoopBackOff, Terminating ...
    QString message; // of the container that waits or the condition that fails
    int readyContainers = 0;
    int containers = 0;
    int restarts = 0;
    bool isReady = false;
    bool isTerminating = false;
    QDateTime created;
    Health health = Health::Unknown;

    bool operator==(const Pod &) const = default;
};

struct Node
{
    ObjectRef ref;
    Labels labels;
    QString instanceType;
    QString zone;
    QString version;
    bool isReady = false;
    bool isSchedulable = true;
    double cpuCapacity = 0;    // cores
    double memoryCapacity = 0; // bytes
    QList<Condition> conditions;
    Health health = Health::Unknown;

    bool operator==(const Node &) const = default;
};

struct ServiceInfo
{
    ObjectRef ref;
    QString resourceVersion;
    Labels labels;
    Labels selector;
    QList<Manager> managers;
    int readyEndpoints = -1;
    int allEndpoints = -1;

    bool operator==(const ServiceInfo &) const = default;
};

// HTTPRoute or VirtualService: what splits traffic by weight.
struct Route
{
    struct Backend
    {
        QString host;   // Service name (as written: may be an FQDN with Istio)
        QString subset; // Istio only
        QString ns;     // of the Service
        int weight = 1; // as written; the protocol's default where nothing is
        bool operator==(const Backend &) const = default;
    };
    struct Rule
    {
        QString name;     // may be empty
        QString protocol; // "http" "tls" "tcp"
        int index = 0;
        bool isCatchAll = true; // takes every request the rules before it left: no header, path or port condition
        QList<Backend> backends;
        bool operator==(const Rule &) const = default;
    };
    // Istio DestinationRule subsets, joined by the adapter: "host/subset" -> pod labels.
    QMap<QString, Labels> subsets;

    ObjectRef ref;
    QString apiVersion; // group/version it was read with
    QString resourceVersion;
    qint64 generation = 0;
    QStringList hosts;
    QList<Rule> rules;
    QList<Condition> conditions;  // of all parents; type prefixed by nothing
    QString conditionsGeneration; // lowest observedGeneration among them; empty: none reported
    QList<Manager> managers;

    bool operator==(const Route &) const = default;
};

struct Autoscaler
{
    ObjectRef ref;
    ObjectRef target; // kind, ns and name only
    int minReplicas = 1;
    int maxReplicas = 0;
    int current = -1;
    int desired = -1;

    bool operator==(const Autoscaler &) const = default;
};

struct ClusterEvent
{
    ObjectRef ref;
    ObjectRef about;
    bool isWarning = false;
    QString reason;
    QString message;
    QString source;
    int count = 1;
    QDateTime first;
    QDateTime last;

    bool operator==(const ClusterEvent &) const = default;
};

struct Usage
{
    double cpu = 0;    // cores
    double memory = 0; // bytes
    QDateTime at;
};

// Each watched kind reports how fresh it is under this name.
enum class ClusterKind {
    Namespaces,
    Nodes,
    Pods,
    Deployments,
    StatefulSets,
    DaemonSets,
    ReplicaSets,
    ControllerRevisions,
    Services,
    Endpoints,
    Routes,
    VirtualServices,
    Autoscalers,
    Events,
    Rollouts,
    DestinationRules,
};
QString clusterKindName(ClusterKind kind); // "pods"

// What changed since the last delta. Applied in order; within one delta removals come first.
template <typename T>
struct Changes
{
    bool isReset = false;   // forget every object of this type (of the kinds in `resetKinds`, if any are named) first
    QStringList resetKinds; // "Deployment" ...: several kinds share one list of workloads, revisions, routes
    QList<T> upserted;
    QStringList removedUids;
    bool isEmpty() const { return !isReset && upserted.isEmpty() && removedUids.isEmpty(); }
};

struct ClusterDelta
{
    Changes<Node> nodes;
    Changes<Pod> pods;
    Changes<Workload> workloads;
    Changes<Revision> revisions;
    Changes<ServiceInfo> services;
    Changes<Route> routes;
    Changes<Autoscaler> autoscalers;
    Changes<ClusterEvent> events;
    QStringList namespaces; // the whole list when namespacesChanged
    bool namespacesChanged = false;
    QMap<ClusterKind, Freshness> freshness; // only those that changed
};

// What the remote said of itself.
struct ClusterInfo
{
    QString connection;
    QString name;               // context or configured name
    QString server;             // host and port; no path secrets
    QString version;            // "v1.20.2"
    QString user;               // as the server knows us, where it says so; else the kubeconfig's user name
    bool verifiesTls = true;    // false: the banner must be shown
    qint64 clockSkewMs = 0;     // server minus us, from the Date header
    bool servesMetrics = false; // metrics.k8s.io
    bool servesRoutes = false;
    bool servesVirtualServices = false;
    // Where the whole cluster may not be listed: the namespaces that are shown instead; empty: all of it.
    QStringList onlyNamespaces;
};

} // namespace signalbox
