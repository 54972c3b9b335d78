#pragma once

#include "models/domain/cluster.h"
#include "models/items/keyedrows.h"

namespace signalbox
{

struct WorkloadRow
{
    ObjectRef ref;
    QString kind;
    int ready = -1;
    int desired = -1;
    QString version;  // tag of the first image, else the short template hash
    QString state;    // why it is not ok, else "rev 41", else that it is rolled out
    QString managers; // "Argo CD, HPA cart": who else writes to it
    Health health = Health::Unknown;
    bool isPaused = false;

    QString id() const { return ref.uid; }
    bool operator==(const WorkloadRow &) const = default;
};
// `newest`: the number of its newest kept revision, for kinds that do not name their own (StatefulSet, DaemonSet); 0:
// not known.
WorkloadRow workloadRow(const Workload &workload, qint64 newest = 0);
QHash<QString, qint64> newestRevisions(const QHash<QString, Revision> &revisions); // number by the owner's uid
QString managerLabel(const Manager &manager);                                      // "Argo CD", "HPA cart"

// Deployments, StatefulSets, DaemonSets, Rollouts of one cluster.
class WorkloadsModel : public KeyedRows<WorkloadRow>
{
    Q_OBJECT
public:
    enum Column { Name, Namespace, Kind, Ready, Version, State, ManagedBy, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace signalbox
