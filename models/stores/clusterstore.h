#pragma once

#include "models/domain/cluster.h"

#include <QObject>

namespace signalbox
{

// Which ids of one type moved in one batch.
struct IdChanges
{
    bool isReset = false;
    QStringList upserted;
    QStringList removed;
    bool isEmpty() const { return !isReset && upserted.isEmpty() && removed.isEmpty(); }
};

// What we know now of one cluster, by uid. GUI thread only. Fed by a ClusterSource's deltas; views listen to the typed
// signals and read the hashes. Nothing here ages by itself: ask freshness() before showing anything as live.
class ClusterStore : public QObject
{
    Q_OBJECT
public:
    explicit ClusterStore(QObject *parent = nullptr);
    ~ClusterStore() override;

    void apply(const ClusterDelta &delta);

    const QHash<QString, Node> &nodes() const { return m_nodes; }
    const QHash<QString, Pod> &pods() const { return m_pods; }
    const QHash<QString, Workload> &workloads() const { return m_workloads; }
    const QHash<QString, Revision> &revisions() const { return m_revisions; }
    const QHash<QString, ServiceInfo> &services() const { return m_services; }
    const QHash<QString, Route> &routes() const { return m_routes; }
    const QHash<QString, Autoscaler> &autoscalers() const { return m_autoscalers; }
    const QHash<QString, ClusterEvent> &events() const { return m_events; }
    QStringList namespaces() const { return m_namespaces; }

    Freshness freshness(ClusterKind kind) const; // Loading until heard of
    // The worst of these kinds; Absent kinds do not count.
    Freshness worstFreshness(const QList<ClusterKind> &kinds) const;

signals:
    void nodesChanged(const signalbox::IdChanges &ids);
    void podsChanged(const signalbox::IdChanges &ids);
    void workloadsChanged(const signalbox::IdChanges &ids);
    void revisionsChanged(const signalbox::IdChanges &ids);
    void servicesChanged(const signalbox::IdChanges &ids);
    void routesChanged(const signalbox::IdChanges &ids);
    void autoscalersChanged(const signalbox::IdChanges &ids);
    void eventsChanged(const signalbox::IdChanges &ids);
    void namespacesChanged();
    void freshnessChanged();

private:
    QHash<QString, Node> m_nodes;
    QHash<QString, Pod> m_pods;
    QHash<QString, Workload> m_workloads;
    QHash<QString, Revision> m_revisions;
    QHash<QString, ServiceInfo> m_services;
    QHash<QString, Route> m_routes;
    QHash<QString, Autoscaler> m_autoscalers;
    QHash<QString, ClusterEvent> m_events;
    QStringList m_namespaces;
    QHash<ClusterKind, Freshness> m_freshness;
};

} // namespace signalbox
