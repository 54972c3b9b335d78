#pragma once

#include "models/domain/cluster.h"
#include "models/stores/clusterstore.h"
#include "ui/widgets/podgrid.h"

#include <QHash>
#include <QMap>
#include <QSet>

namespace signalbox
{

// Pods of one cluster by node, namespace or workload, kept up to date from what changed alone: with 10,000 pods a batch
// costs what its own pods cost.
class PodGroups
{
public:
    enum class By { Node, Namespace, Workload };

    struct Counts
    {
        int pods = 0;
        int ready = 0;
        int warning = 0;
        int failing = 0;
        int moving = 0; // and not ready: one that stops counts as ready as long as it is
    };

    void setGrouping(By by, const QString &ns); // empty ns: all; forgets everything, call rebuild()
    void rebuild(const QHash<QString, Pod> &pods);
    // Group ids that changed; empty ones are gone.
    QSet<QString> apply(const IdChanges &ids, const QHash<QString, Pod> &pods);
    void setLoads(const QHash<QString, float> &loads); // by uid, 0..1; all groups change

    QStringList groups() const; // sorted naturally
    QList<PodCell> cells(const QString &group) const { return m_groups.value(group).values(); }
    Counts counts() const { return m_counts; }
    QString groupOf(const QString &uid) const { return m_placeOf.value(uid).group; }

private:
    struct Place
    {
        QString group;
        QString sortKey;
        Health health = Health::Unknown;
        bool isReady = false;
        bool counts = true;
    };
    void insert(const Pod &pod);
    bool remove(const QString &uid, QSet<QString> *touched);
    void count(const Place &place, int step);
    QString groupFor(const Pod &pod) const;

    By m_by = By::Node;
    QString m_ns;
    QMap<QString, QMap<QString, PodCell>> m_groups; // by group, then name and uid
    QHash<QString, Place> m_placeOf;                // by uid
    QHash<QString, float> m_loads;
    Counts m_counts;
};

// "web" of the ReplicaSet "web-6f7b9" (by its pod-template-hash), else the owner's own name.
QString workloadNameOf(const Pod &pod);

} // namespace signalbox
