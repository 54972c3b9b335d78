#include "services/feeds/deployedfeed.h"

#include "models/domain/discovery.h"

#include <algorithm>
#include <chrono>

namespace signalbox
{

namespace
{

using namespace std::chrono_literals;

constexpr auto pause = 150ms; // between two derivations

const QList<ClusterKind> &derivedFrom()
{
    static const QList<ClusterKind> kinds = {
        ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets, ClusterKind::ReplicaSets,
        ClusterKind::Pods,        ClusterKind::Services,     ClusterKind::Routes,     ClusterKind::VirtualServices};
    return kinds;
}

// What was derived while a kind is still being read is not all there is, even where another kind may not be read.
Freshness derivedFreshness(const ClusterStore &store)
{
    const Freshness worst = store.worstFreshness(derivedFrom());
    if (worst.state != Freshness::State::Denied)
        return worst;
    for (const ClusterKind kind : derivedFrom()) {
        if (const Freshness one = store.freshness(kind); one.state == Freshness::State::Loading)
            return one;
    }
    return worst;
}

bool areRoutesDenied(const ClusterStore &store)
{
    return store.freshness(ClusterKind::Routes).state == Freshness::State::Denied ||
           store.freshness(ClusterKind::VirtualServices).state == Freshness::State::Denied;
}

// One pass over all objects of a type, whatever the number of namespaces.
template <typename T>
void collect(const QHash<QString, T> &objects, QHash<QString, NamespaceContents> &into,
             std::vector<const T *> NamespaceContents::*member)
{
    for (const T &object : objects) {
        const auto contents = into.find(object.ref.ns);
        if (contents != into.end())
            ((*contents).*member).push_back(&object);
    }
}

} // namespace

DeployedFeed::DeployedFeed(ClusterSet &clusters, DeployedStore &deployed, QObject *parent)
    : QObject(parent)
    , m_clusters(clusters)
    , m_deployed(deployed)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(pause);
    connect(&m_timer, &QTimer::timeout, this, &DeployedFeed::flush);
    connect(&clusters, &ClusterSet::added, this, &DeployedFeed::watch);
    connect(&clusters, &ClusterSet::aboutToRemove, this, &DeployedFeed::forget);
    for (const auto &cluster : clusters.all())
        watch(cluster->id);
}

DeployedFeed::~DeployedFeed() = default;

void DeployedFeed::setEnvironmentOf(EnvironmentOf environmentOf)
{
    m_environmentOf = std::move(environmentOf);
    deriveAgain();
}

void DeployedFeed::setTeamOf(std::function<QString(const QString &application)> teamOf)
{
    m_teamOf = std::move(teamOf);
    deriveAgain();
}

void DeployedFeed::deriveAgain()
{
    for (const auto &cluster : m_clusters.all())
        markAll(cluster->id);
}

void DeployedFeed::watch(const QString &id)
{
    m_byId.insert(id, {});
    ClusterStore *store = m_clusters.find(id)->store.get();
    connect(store, &ClusterStore::workloadsChanged, this,
            [this, id, store](const IdChanges &ids) { mark(id, store->workloads(), ids); });
    connect(store, &ClusterStore::revisionsChanged, this,
            [this, id, store](const IdChanges &ids) { mark(id, store->revisions(), ids); });
    connect(store, &ClusterStore::podsChanged, this,
            [this, id, store](const IdChanges &ids) { mark(id, store->pods(), ids); });
    connect(store, &ClusterStore::servicesChanged, this,
            [this, id, store](const IdChanges &ids) { mark(id, store->services(), ids); });
    connect(store, &ClusterStore::autoscalersChanged, this,
            [this, id, store](const IdChanges &ids) { mark(id, store->autoscalers(), ids); });
    // A route may lead to other namespaces; how fresh things are is told of each application.
    connect(store, &ClusterStore::routesChanged, this, [this, id] { markAll(id); });
    connect(store, &ClusterStore::freshnessChanged, this, [this, id, store] {
        const Cluster &cluster = m_byId[id];
        if (cluster.freshness != derivedFreshness(*store).state || cluster.areRoutesDenied != areRoutesDenied(*store))
            markAll(id);
    });
    markAll(id);
}

void DeployedFeed::forget(const QString &id)
{
    disconnect(m_clusters.find(id)->store.get(), nullptr, this, nullptr);
    const Cluster cluster = m_byId.take(id);
    QStringList removed;
    for (auto it = cluster.keys.begin(); it != cluster.keys.end(); ++it) {
        removed += it.value();
        m_clustersOf[it.key()].remove(id);
    }
    if (!removed.isEmpty())
        m_deployed.apply({}, removed);
    // What was ambiguous may not be so any more.
    for (const auto &other : m_clusters.all()) {
        if (other->id != id)
            markAll(other->id);
    }
}

void DeployedFeed::markAll(const QString &id)
{
    m_byId[id].allDirty = true;
    if (!m_timer.isActive())
        m_timer.start();
}

template <typename T>
void DeployedFeed::mark(const QString &id, const QHash<QString, T> &objects, const IdChanges &ids)
{
    Cluster &cluster = m_byId[id];
    if (ids.isReset)
        cluster.allDirty = true;
    for (const QString &uid : ids.upserted) {
        const auto object = objects.constFind(uid);
        if (object == objects.constEnd())
            continue;
        cluster.namespaceOf.insert(uid, object->ref.ns);
        cluster.dirty.insert(object->ref.ns);
    }
    for (const QString &uid : ids.removed) {
        const QString ns = cluster.namespaceOf.take(uid);
        if (!ns.isEmpty())
            cluster.dirty.insert(ns);
    }
    if (!m_timer.isActive())
        m_timer.start();
}

void DeployedFeed::flush()
{
    m_timer.stop();
    // Told at once: who hears of the first cluster's first namespace may ask for all of them.
    QList<Deployed> upserted;
    QStringList removed;
    for (const auto &connection : m_clusters.all()) {
        Cluster &cluster = m_byId[connection->id];
        if (cluster.allDirty || !cluster.dirty.isEmpty())
            derive(connection->id, cluster, upserted, removed);
    }
    if (!upserted.isEmpty() || !removed.isEmpty())
        m_deployed.apply(upserted, removed);
}

void DeployedFeed::derive(const QString &id, Cluster &cluster, QList<Deployed> &upserted, QStringList &removed)
{
    const ClusterConnection &connection = *m_clusters.find(id);
    QSet<QString> namespaces = cluster.dirty;
    if (cluster.allDirty) {
        for (const Workload &workload : connection.store->workloads())
            namespaces.insert(workload.ref.ns);
        for (auto it = cluster.keys.begin(); it != cluster.keys.end(); ++it)
            namespaces.insert(it.key());
    }
    cluster.dirty.clear();
    cluster.allDirty = false;

    const ClusterStore &store = *connection.store;
    const Freshness freshness = derivedFreshness(store);
    cluster.freshness = freshness.state;
    cluster.areRoutesDenied = areRoutesDenied(store);
    QHash<QString, NamespaceContents> byNamespace;
    for (const QString &ns : std::as_const(namespaces)) {
        NamespaceContents &contents = byNamespace[ns];
        contents.connection = id;
        contents.ns = ns;
        contents.freshness = freshness;
        contents.areRoutesDenied = cluster.areRoutesDenied;
        for (const Route &route : store.routes())
            contents.routes.push_back(&route);
    }
    collect(store.workloads(), byNamespace, &NamespaceContents::workloads);
    collect(store.revisions(), byNamespace, &NamespaceContents::revisions);
    collect(store.pods(), byNamespace, &NamespaceContents::pods);
    collect(store.services(), byNamespace, &NamespaceContents::services);
    collect(store.autoscalers(), byNamespace, &NamespaceContents::autoscalers);
    for (auto it = byNamespace.begin(); it != byNamespace.end(); ++it)
        noteHolder(id, it.key(), !it->workloads.empty());
    for (auto it = byNamespace.begin(); it != byNamespace.end(); ++it)
        deriveNamespace(id, cluster, std::move(*it), upserted, removed);
}

// A namespace that two clusters have needs the longer name in both.
void DeployedFeed::noteHolder(const QString &id, const QString &ns, bool holds)
{
    QSet<QString> &holders = m_clustersOf[ns];
    const bool wasAmbiguous = holders.size() > 1;
    if (holds)
        holders.insert(id);
    else
        holders.remove(id);
    if (wasAmbiguous == (holders.size() > 1))
        return;
    for (auto it = m_byId.begin(); it != m_byId.end(); ++it) {
        if (it.key() != id && it->keys.contains(ns))
            it->dirty.insert(ns);
    }
    m_timer.start();
}

void DeployedFeed::deriveNamespace(const QString &id, Cluster &cluster, NamespaceContents contents,
                                   QList<Deployed> &upserted, QStringList &removed)
{
    const QString ns = contents.ns;
    contents.environment = environmentFor(id, ns);

    QList<Deployed> found = discoverApplications(contents);
    QStringList keys;
    for (Deployed &one : found) {
        const QString given = m_environmentOf ? m_environmentOf(one.application, id, ns) : QString();
        if (!given.isEmpty()) {
            one.environment = given;
            one.isProtected = isProtectedByName(given);
        }
        if (const QString team = m_teamOf ? m_teamOf(one.application) : QString(); !team.isEmpty())
            one.team = team;
        keys.append(one.key());
    }
    for (const QString &key : cluster.keys.value(ns)) {
        if (!keys.contains(key))
            removed.append(key);
    }
    if (keys.isEmpty())
        cluster.keys.remove(ns);
    else
        cluster.keys.insert(ns, keys);
    upserted += found;
}

QString DeployedFeed::environmentFor(const QString &id, const QString &ns) const
{
    return m_clustersOf.value(ns).size() > 1 ? id + QLatin1Char('/') + ns : ns;
}

} // namespace signalbox
