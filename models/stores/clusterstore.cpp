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
        // Servers tell of each write, whatever it wrote: a heartbeat, a field that is not kept here.
        const auto known = table.constFind(item.ref.uid);
        if (known != table.constEnd() && *known == item)
            continue;
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
    if (const IdChanges ids = applyChanges(m_nodes, delta.nodes); !ids.isEmpty())
        emit nodesChanged(ids);
    if (const IdChanges ids = applyChanges(m_pods, delta.pods); !ids.isEmpty())
        emit podsChanged(ids);
    if (const IdChanges ids = applyChanges(m_workloads, delta.workloads); !ids.isEmpty())
        emit workloadsChanged(ids);
    if (const IdChanges ids = applyChanges(m_revisions, delta.revisions); !ids.isEmpty())
        emit revisionsChanged(ids);
    if (const IdChanges ids = applyChanges(m_services, delta.services); !ids.isEmpty())
        emit servicesChanged(ids);
    if (const IdChanges ids = applyChanges(m_routes, delta.routes); !ids.isEmpty())
        emit routesChanged(ids);
    if (const IdChanges ids = applyChanges(m_autoscalers, delta.autoscalers); !ids.isEmpty())
        emit autoscalersChanged(ids);
    if (const IdChanges ids = applyChanges(m_events, delta.events); !ids.isEmpty())
        emit eventsChanged(ids);
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
