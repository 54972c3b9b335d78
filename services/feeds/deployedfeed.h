#pragma once

#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"

#include <QHash>
#include <QSet>
#include <QTimer>

#include <functional>
#include <optional>

namespace signalbox
{

struct NamespaceContents;

// Derives applications by environment from the clusters of a set, namespace by namespace: only those in which something
// changed, at most a few times a second. GUI thread. Both outlive it.
class DeployedFeed : public QObject
{
    Q_OBJECT
public:
    // The environment's name where somebody gave one (a workspace); empty: none.
    using EnvironmentOf =
        std::function<QString(const QString &application, const QString &connection, const QString &ns)>;

    DeployedFeed(ClusterSet &clusters, DeployedStore &deployed, QObject *parent = nullptr);
    ~DeployedFeed() override;

    void setEnvironmentOf(EnvironmentOf environmentOf);
    // Whose an application is, where somebody says so; empty: as its labels say.
    void setTeamOf(std::function<QString(const QString &application)> teamOf);
    // Derives everything anew a moment later: what it says is in the language of its time.
    void deriveAgain();
    // Derives what is due now instead of a moment later.
    void flush();

private:
    struct Cluster
    {
        QHash<QString, QString>
            namespaceOf; // uid -> namespace, of everything that counts: a removed one has left the store
        QSet<QString> dirty;
        bool allDirty = true;
        std::optional<Freshness::State> freshness; // of what was derived last
        bool areRoutesDenied = false;              // likewise
        QHash<QString, QStringList> keys;          // namespace -> keys it has in the store
    };

    void watch(const QString &id);
    void forget(const QString &id);
    void markAll(const QString &id);
    template <typename T>
    void mark(const QString &id, const QHash<QString, T> &objects, const IdChanges &ids);
    void derive(const QString &id, Cluster &cluster, QList<Deployed> &upserted, QStringList &removed);
    void deriveNamespace(const QString &id, Cluster &cluster, NamespaceContents contents, QList<Deployed> &upserted,
                         QStringList &removed);
    void noteHolder(const QString &id, const QString &ns, bool holds);
    QString environmentFor(const QString &id, const QString &ns) const;

    ClusterSet &m_clusters;
    DeployedStore &m_deployed;
    EnvironmentOf m_environmentOf;
    std::function<QString(const QString &application)> m_teamOf;
    QHash<QString, Cluster> m_byId;
    QHash<QString, QSet<QString>> m_clustersOf; // namespace -> clusters that have applications in it
    QTimer m_timer;
};

} // namespace signalbox
