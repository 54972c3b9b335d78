#include "services/adapters/kubernetes/deltacollector.h"

#include <algorithm>
#include <utility>

namespace signalbox::kubernetes
{

namespace
{

QString placeOf(const QString &ns, const QString &name)
{
    return ns + QLatin1Char('/') + name;
}

// "cart" in namespace shop, "cart.shop" and "cart.shop.svc.cluster.local" are one host.
QString wholeHost(const QString &host, const QString &ns)
{
    const QString name = host.section(QLatin1Char('.'), 0, 0);
    const QString space = host.section(QLatin1Char('.'), 1, 1);
    const QString third = host.section(QLatin1Char('.'), 2, 2);
    if (!third.isEmpty() && third != QLatin1String("svc"))
        return host; // a name of the outside world
    return name + QLatin1Char('.') + (space.isEmpty() ? ns : space);
}

} // namespace

DeltaCollector::DeltaCollector(std::function<void()> wake)
    : m_wake(std::move(wake))
{}

void DeltaCollector::tell(std::unique_lock<std::mutex> lock)
{
    if (m_isTold || isEmpty())
        return;
    m_isTold = true;
    lock.unlock();
    const std::lock_guard wakeLock(m_wakeMutex);
    if (m_wake)
        m_wake();
}

void DeltaCollector::close()
{
    const std::lock_guard lock(m_wakeMutex);
    m_wake = nullptr;
}

void DeltaCollector::upsert(std::vector<KubeObject> objects)
{
    std::unique_lock lock(m_mutex);
    for (KubeObject &object : objects)
        add(std::move(object));
    tell(std::move(lock));
}

void DeltaCollector::add(KubeObject &&object)
{
    if (auto *pod = std::get_if<Pod>(&object)) {
        m_pods.upsert(std::move(*pod));
    } else if (auto *node = std::get_if<Node>(&object)) {
        m_nodes.upsert(std::move(*node));
    } else if (auto *workload = std::get_if<Workload>(&object)) {
        m_workloads.upsert(std::move(*workload));
    } else if (auto *revision = std::get_if<Revision>(&object)) {
        m_revisions.upsert(std::move(*revision));
    } else if (auto *service = std::get_if<ServiceInfo>(&object)) {
        addService(std::move(*service));
    } else if (auto *route = std::get_if<Route>(&object)) {
        addRoute(std::move(*route));
    } else if (auto *scaler = std::get_if<Autoscaler>(&object)) {
        m_autoscalers.upsert(std::move(*scaler));
    } else if (auto *event = std::get_if<ClusterEvent>(&object)) {
        m_events.upsert(std::move(*event));
    } else if (auto *endpoints = std::get_if<EndpointSet>(&object)) {
        addEndpoints(*endpoints);
    } else if (auto *subsets = std::get_if<SubsetRule>(&object)) {
        m_subsetRules.insert(subsets->uid, std::move(*subsets));
        m_subsetsChanged = true;
    } else if (auto *space = std::get_if<NamespaceFact>(&object)) {
        m_namespacesChanged = m_namespacesChanged || !m_namespaces.contains(space->uid);
        m_namespaces.insert(space->uid, space->name);
    }
}

void DeltaCollector::remove(ClusterKind kind, const QStringList &uids)
{
    std::unique_lock lock(m_mutex);
    for (const QString &uid : uids) {
        switch (kind) {
        case ClusterKind::Namespaces:
            m_namespacesChanged = m_namespaces.remove(uid) > 0 || m_namespacesChanged;
            break;
        case ClusterKind::Nodes:
            m_nodes.remove(uid);
            break;
        case ClusterKind::Pods:
            m_pods.remove(uid);
            break;
        case ClusterKind::Deployments:
        case ClusterKind::StatefulSets:
        case ClusterKind::DaemonSets:
        case ClusterKind::Rollouts:
            m_workloads.remove(uid);
            break;
        case ClusterKind::ReplicaSets:
        case ClusterKind::ControllerRevisions:
            m_revisions.remove(uid);
            break;
        case ClusterKind::Services:
            m_knownServices.remove(m_serviceKeys.take(uid));
            m_services.remove(uid);
            break;
        case ClusterKind::Endpoints:
            removeEndpoints(uid);
            break;
        case ClusterKind::VirtualServices:
            m_virtualServices.remove(uid);
            m_unjoined.remove(uid);
            [[fallthrough]];
        case ClusterKind::Routes:
            m_routes.remove(uid);
            break;
        case ClusterKind::DestinationRules:
            m_subsetsChanged = m_subsetRules.remove(uid) > 0 || m_subsetsChanged;
            break;
        case ClusterKind::Autoscalers:
            m_autoscalers.remove(uid);
            break;
        case ClusterKind::Events:
            m_events.remove(uid);
            break;
        }
    }
    tell(std::move(lock));
}

void DeltaCollector::setFreshness(ClusterKind kind, const Freshness &freshness)
{
    std::unique_lock lock(m_mutex);
    m_freshness.insert(kind, freshness);
    tell(std::move(lock));
}

void DeltaCollector::addService(ServiceInfo service)
{
    const QString key = placeOf(service.ref.ns, service.ref.name);
    m_serviceKeys.insert(service.ref.uid, key);
    m_knownServices.insert(key, std::move(service));
    refreshService(key);
}

void DeltaCollector::refreshService(const QString &key)
{
    const auto known = m_knownServices.constFind(key);
    if (known == m_knownServices.constEnd())
        return;
    ServiceInfo service = *known;
    const QStringList uids = m_slicesOfService.value(key);
    for (const QString &uid : uids) {
        const Slice slice = m_slices.value(uid);
        service.readyEndpoints = std::max(service.readyEndpoints, 0) + slice.ready;
        service.allEndpoints = std::max(service.allEndpoints, 0) + slice.all;
    }
    m_services.upsert(std::move(service));
}

void DeltaCollector::addEndpoints(const EndpointSet &set)
{
    removeEndpoints(set.uid);
    if (set.service.isEmpty())
        return;
    const QString key = placeOf(set.ns, set.service);
    m_slices.insert(set.uid, {key, set.ready, set.all});
    m_slicesOfService[key].append(set.uid);
    refreshService(key);
}

void DeltaCollector::removeEndpoints(const QString &uid)
{
    const auto known = m_slices.constFind(uid);
    if (known == m_slices.constEnd())
        return;
    const QString key = known->service;
    m_slices.erase(known);
    QStringList &uids = m_slicesOfService[key];
    uids.removeOne(uid);
    if (uids.isEmpty())
        m_slicesOfService.remove(key);
    refreshService(key);
}

void DeltaCollector::addRoute(Route route)
{
    if (route.ref.kind != QLatin1String("VirtualService")) {
        m_routes.upsert(std::move(route));
        return;
    }
    m_unjoined.insert(route.ref.uid);
    m_virtualServices.insert(route.ref.uid, std::move(route));
}

// Subsets go under the names that the route itself uses, so that "HOST/SUBSET" of a destination is the key.
void DeltaCollector::joinVirtualServices()
{
    if (m_subsetsChanged) {
        for (auto it = m_virtualServices.cbegin(); it != m_virtualServices.cend(); ++it)
            m_unjoined.insert(it.key());
    }
    if (m_unjoined.isEmpty() && !m_subsetsChanged)
        return;
    QMultiHash<QString, const SubsetRule *> byHost;
    for (const SubsetRule &rule : std::as_const(m_subsetRules))
        byHost.insert(wholeHost(rule.host, rule.ns), &rule);
    for (const QString &uid : std::as_const(m_unjoined)) {
        Route route = m_virtualServices.value(uid);
        for (const Route::Rule &rule : std::as_const(route.rules)) {
            for (const Route::Backend &backend : rule.backends) {
                const auto [first, last] = std::as_const(byHost).equal_range(wholeHost(backend.host, route.ref.ns));
                for (auto it = first; it != last; ++it) {
                    const auto subset = (*it)->subsets.constFind(backend.subset);
                    if (!backend.subset.isEmpty() && subset != (*it)->subsets.constEnd())
                        route.subsets.insert(backend.host + QLatin1Char('/') + backend.subset, *subset);
                }
            }
        }
        m_routes.upsert(std::move(route));
    }
    m_unjoined.clear();
    m_subsetsChanged = false;
}

bool DeltaCollector::isEmpty() const
{
    return m_nodes.isEmpty() && m_pods.isEmpty() && m_workloads.isEmpty() && m_revisions.isEmpty() &&
           m_services.isEmpty() && m_routes.isEmpty() && m_autoscalers.isEmpty() && m_events.isEmpty() &&
           m_freshness.isEmpty() && m_unjoined.isEmpty() && !m_subsetsChanged && !m_namespacesChanged;
}

ClusterDelta DeltaCollector::take(int most, bool &isMore)
{
    const std::lock_guard lock(m_mutex);
    m_isTold = false;
    joinVirtualServices();
    ClusterDelta delta;
    int left = most;
    m_nodes.take(delta.nodes, left);
    m_workloads.take(delta.workloads, left);
    m_services.take(delta.services, left);
    m_routes.take(delta.routes, left);
    m_autoscalers.take(delta.autoscalers, left);
    m_revisions.take(delta.revisions, left);
    m_pods.take(delta.pods, left);
    m_events.take(delta.events, left);
    if (std::exchange(m_namespacesChanged, false)) {
        delta.namespacesChanged = true;
        delta.namespaces = m_namespaces.values();
        delta.namespaces.sort();
    }
    QMap<ClusterKind, Freshness> freshness = std::exchange(m_freshness, {});
    const bool isAll = isEmpty(); // of objects: freshness was just taken out
    for (auto it = freshness.cbegin(); it != freshness.cend(); ++it) {
        if (isAll || it->state != Freshness::State::Live)
            delta.freshness.insert(it.key(), it.value());
        else
            m_freshness.insert(it.key(), it.value());
    }
    isMore = !isEmpty();
    if (isMore)
        m_isTold = true; // the taker knows and comes again
    return delta;
}

} // namespace signalbox::kubernetes
