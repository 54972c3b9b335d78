#pragma once

#include "models/items/eventsmodel.h"
#include "models/items/filterproxy.h"
#include "models/items/workloadsmodel.h"
#include "services/async/latestonly.h"
#include "services/ports/clustersource.h"
#include "ui/pages/cluster/podgroups.h"
#include "ui/shell/page.h"

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QTimer>

namespace signalbox
{

struct ClusterConnection;

// One cluster as the Cluster screen shows it, without widgets.
class ClusterPresenter : public QObject
{
    Q_OBJECT
public:
    // What a group's card says besides its pods.
    struct GroupInfo
    {
        QString title;
        QString subtitle;
        Health health = Health::Ok; // of the node
        double cpu = -1;            // 0..1 of capacity; negative: not known
        double memory = -1;
        QString usageText; // "cpu 67 % · mem 79 %", or why there is none
    };

    explicit ClusterPresenter(ConsoleContext &context, QObject *parent = nullptr);
    ~ClusterPresenter() override;

    QString clusterId() const { return m_clusterId; }
    void setCluster(const QString &id); // empty or unknown: the first there is
    QString ns() const { return m_ns; }
    void setNamespace(const QString &ns); // empty: all
    PodGroups::By grouping() const { return m_by; }
    void setGrouping(PodGroups::By by);
    QStringList namespaces() const;
    ClusterConnection *cluster() const; // null: none

    const PodGroups &groups() const { return m_groups; }
    GroupInfo groupInfo(const QString &group) const;
    WorkloadsModel &workloads() { return m_workloads; }
    EventsModel &events() { return m_events; }
    Freshness podFreshness() const;
    Freshness workloadFreshness() const;
    Freshness eventFreshness() const;
    QDateTime lastChange() const { return m_lastChange; }

    const Pod *pod(const QString &uid) const; // null: gone
    const Workload *workload(const QString &uid) const;
    QString worstPodOf(const Workload &workload) const; // uid; empty: it has none
    QString deployedKeyOf(const ObjectRef &workload) const;

    // Asks ahead whether the workloads of the namespace may be changed. rightsChanged() when known.
    void askRights(const QString &ns);
    // Why the action cannot be done; nullopt: it can be asked for.
    std::optional<QString> whyNot(const ActionRequest &request) const;

    void retry();
    void setActive(bool isActive); // polls usage only while shown

signals:
    void clusterChanged(); // another one, or its namespaces
    void groupsChanged(const QSet<QString> &groups, bool isAll);
    void workloadsChanged();
    void eventsChanged();
    void freshnessChanged();
    void rightsChanged();

private:
    void attach();
    void tellPodsSoon();
    void rebuildGroups();
    void refreshWorkloads();
    void refreshEvents();
    void pollUsage();
    void takePodUsage(const QHash<QString, Usage> &usage);

    ConsoleContext &m_context;
    QString m_clusterId;
    QString m_ns;
    PodGroups::By m_by = PodGroups::By::Node;
    PodGroups m_groups;
    WorkloadsModel m_workloads;
    EventsModel m_events;
    QHash<QString, Usage> m_nodeUsage; // by node name
    QString m_usageProblem;
    QSet<QString> m_touched;
    bool m_allTouched = false;
    bool m_isActive = false;
    QDateTime m_lastChange;
    QTimer m_podsSoon;
    QElapsedTimer m_sincePods; // groups were told to have changed
    QTimer m_workloadsSoon;
    QTimer m_eventsSoon;
    QTimer m_usageTimer;
    LatestOnly m_nodeQuestion;
    LatestOnly m_podQuestion;
    LatestOnly m_rightsQuestion;
    struct Right
    {
        bool isAllowed = true;
        QString reason;
        QDateTime askedAt;
    };
    QHash<QString, Right> m_rights; // by ns|resource|verb
    QList<QMetaObject::Connection> m_wires;
};

} // namespace signalbox
