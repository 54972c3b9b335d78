#pragma once

#include "services/adapters/kubernetes/kindtable.h"
#include "services/adapters/kubernetes/reflector.h"
#include "services/ports/clustersource.h"

#include <QByteArrayList>
#include <QElapsedTimer>
#include <QHash>

#include <map>

namespace signalbox::kubernetes
{

struct KubernetesClusterOptions
{
    QString connection;
    QString name; // context or configured name
    QString user;
    bool verifiesTls = true;
    QString contextNamespace; // what to show where namespaces may not be listed; empty: "default"
    QStringList namespaces;   // show only these; empty: the whole cluster, or what of it may be read
    // Answers rights(); without it every answer is an error.
    std::function<QFuture<Result<QList<RightAnswer>>>(QList<RightQuestion>, StopToken)> rights;
    ReflectorTimings timings;
    std::chrono::milliseconds probeEvery{15'000};      // asks for a sign of life when nothing was heard for so long
    std::chrono::milliseconds probePatience{8'000};    // after which a silent server counts as gone
    std::chrono::milliseconds rediscoverEvery{60'000}; // kinds that come later (CRDs)
    int mostNamespaces = 50;                           // watched one by one
};

// A Kubernetes API server behind the ClusterSource port. One watch a kind; where the cluster may not be listed, one a
// kind and namespace.
class KubernetesCluster : public ClusterSource
{
    Q_OBJECT
public:
    KubernetesCluster(std::shared_ptr<KubeClient> client, KubernetesClusterOptions options, QObject *parent = nullptr);
    ~KubernetesCluster() override;

    QString connection() const override { return m_options.connection; }
    ClusterInfo info() const override { return m_info; }
    void start() override;
    void stop() override;
    void refresh() override;
    QFuture<Result<QList<RightAnswer>>> rights(QList<RightQuestion> questions, StopToken stop) override;
    std::unique_ptr<LogStream> openLog(const LogRequest &request) override;
    QFuture<Result<QHash<QString, Usage>>> podUsage(StopToken stop) override;
    QFuture<Result<QHash<QString, Usage>>> nodeUsage(StopToken stop) override;

private:
    // One kind: watched in the whole cluster (key "") or namespace by namespace.
    struct KindState
    {
        WatchedKind watched;
        std::optional<ApiResource> resource;
        std::optional<Error> unasked; // why it is not known whether the server has it
        std::shared_ptr<Lane> lane;
        bool isByNamespace = false;
        Freshness denied; // why not as a whole
        std::map<QString, std::unique_ptr<Reflector>> reflectors;
        Freshness told;
    };
    // What a namespace's SelfSubjectRulesReview allows; nothing: not answered yet.
    struct NamespaceRights
    {
        bool isAsked = false;
        bool isKnown = false;
        bool mayTryAll = false;                      // the review was incomplete or refused
        QList<std::pair<QString, QString>> readable; // group, resource; "*" for any
    };

    void discover(bool refresh);
    void discovered(const Discovery &discovery);
    void discoveryFailed(const Error &error);
    void discoverLater();
    QByteArrayList tellingTargets() const;
    void rediscoverIfChanged();
    void useResource(KindState &kind, const std::optional<ApiResource> &resource);
    void addReflector(KindState &kind, const QString &ns);
    void removeReflectors(KindState &kind);
    void retire(std::unique_ptr<Reflector> reflector);
    void reflectorChanged(ClusterKind kind, const QString &ns);
    void tellFreshness(KindState &kind);
    Freshness freshnessOf(const KindState &kind) const;

    QStringList wantedNamespaces() const;
    void updateScopes();
    void askRights(const QString &ns);
    bool mayRead(const QString &ns, const ApiResource &resource) const;

    void probe();
    void suspectAll(const Error &error);
    qint64 lastHeardMs() const;
    void updateInfo(const ClusterInfo &info);

    void scheduleDelivery();
    void deliverChanges();

    QFuture<Result<QHash<QString, Usage>>> usage(const QString &resource, ClusterKind kind, const StopToken &stop);

    std::shared_ptr<KubeClient> m_client;
    const KubernetesClusterOptions m_options;
    ClusterInfo m_info;
    std::shared_ptr<DeltaCollector> m_collector;
    std::vector<KindState> m_kinds;
    std::optional<Discovery> m_discovery;
    QHash<QString, NamespaceRights> m_rights;
    QStringList m_namespaces; // as delivered
    bool m_isStarted = false;
    int m_discoveryAttempt = 0;
    QHash<QByteArray, QByteArray> m_groupsSeen; // by tellingTargets(): a hash of the answer
    int m_discoveriesUnderWay = 0;
    StopSource m_stop;
    StopSource m_probeStop;

    QTimer m_rediscoverTimer;
    QTimer m_discoveryRetry;
    QTimer m_probeTimer;
    QTimer m_probePatience;
    QTimer m_deliveryTimer;
    QElapsedTimer m_sinceDelivery;
    int m_chunk = 500; // objects a delivery, fitted to what the listeners take
};

} // namespace signalbox::kubernetes
