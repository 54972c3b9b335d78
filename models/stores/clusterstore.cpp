#include "models/stores/clusterstore.h"

namespace signalbox
{

namespace
{

template <typename T>
IdChanges applyChanges(QHash<QString, T> &table, const Changes<T> &changes)
{
    IdChanges ids;
    if (changes.isReset) {
        ids.isReset = true;
        if (changes.resetKinds.isEmpty()) {
            table.clear();
        } else {
            table.removeIf([&](const auto &entry) { return changes.resetKinds.contains(entry.value().ref.kind); });
        }
    }
    for (const QString &uid : changes.removedUids) {
        if (table.remove(uid))
            ids.removed.append(uid);
    }
    for (const T &item : changes.upserted) {
        table.insert(item.ref.uid, item);
        ids.upserted.append(item.ref.uid);
    }
    return ids;
}

// A kind that may not be read takes less away than one whose shown values are old.
constexpr FreshnessOrder forKinds({Freshness::State::Absent, Freshness::State::Live, Freshness::State::Loading,
                                   Freshness::State::Denied, Freshness::State::Stale, Freshness::State::Failed});

} // namespace

ClusterStore::ClusterStore(QObject *parent)
    : QObject(parent)
{}

ClusterStore::~ClusterStore() = default;

void ClusterStore::apply(const ClusterDelta &delta)
{
    if (!delta.nodes.isEmpty())
        emit nodesChanged(applyChanges(m_nodes, delta.nodes));
    if (!delta.pods.isEmpty())
        emit podsChanged(applyChanges(m_pods, delta.pods));
    if (!delta.workloads.isEmpty())
        emit workloadsChanged(applyChanges(m_workloads, delta.workloads));
    if (!delta.revisions.isEmpty())
        emit revisionsChanged(applyChanges(m_revisions, delta.revisions));
    if (!delta.services.isEmpty())
        emit servicesChanged(applyChanges(m_services, delta.services));
    if (!delta.routes.isEmpty())
        emit routesChanged(applyChanges(m_routes, delta.routes));
    if (!delta.autoscalers.isEmpty())
        emit autoscalersChanged(applyChanges(m_autoscalers, delta.autoscalers));
    if (!delta.events.isEmpty())
        emit eventsChanged(applyChanges(m_events, delta.events));
    if (delta.namespacesChanged) {
        m_namespaces = delta.namespaces;
        emit namespacesChanged();
    }
    if (!delta.freshness.isEmpty()) {
        for (auto it = delta.freshness.begin(); it != delta.freshness.end(); ++it)
            m_freshness.insert(it.key(), it.value());
        emit freshnessChanged();
    }
}

Freshness ClusterStore::freshness(ClusterKind kind) const
{
    return m_freshness.value(kind);
}

Freshness ClusterStore::worstFreshness(const QList<ClusterKind> &kinds) const
{
    Freshness worst;
    worst.state = Freshness::State::Absent;
    for (const ClusterKind kind : kinds) {
        const Freshness one = freshness(kind);
        if (forKinds.isWorse(one, worst))
            worst = one;
    }
    return worst;
}

} // namespace signalbox
