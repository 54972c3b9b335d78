#pragma once

#include "app/wiring/registries.h"
#include "app/wiring/sources.h"
#include "models/stores/deployedstore.h"
#include "services/credentials/credentialstore.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/deployedfeed.h"
#include "services/feeds/metricset.h"
#include "services/feeds/sourceset.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/net/httpclient.h"
#include "services/operations/operationcenter.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/ports/sourcerepository.h"
#include "services/promotions/promotionrunner.h"

#include <QHash>
#include <QObject>
#include <QSet>

#include <functional>
#include <map>
#include <memory>

namespace signalbox
{

class LedgerDesk;
class PolicyDesk;
class RecordBook;
class ExecutionReader;
class RevertSteps;
class RunReleases;
struct ObjectRef;

// Everything one run of the program works with, made once and handed to whoever needs it: the network, the clusters and
// metric sources, what is known of applications, the operations. Main thread. The only place that knows the adapters.
class Session : public QObject
{
    Q_OBJECT
public:
    struct Options
    {
        bool hasTerminal = false;  // exec plugins may ask questions there
        QString dataFolder;        // journal and ledger; empty: the program's own
        bool sharesLedger = false; // by itself, again and again; else only when share() is called
        bool readsSources = false; // brings the repositories of the workspace up to date, in the background
        std::function<bool()> isTerminalTaken = {}; // so that they may not now; asked on any thread
    };
    explicit Session(Options options, QObject *parent = nullptr);
    ~Session() override;

    HttpClient &http() { return *m_http; }
    SecretStore &secrets() { return *m_secrets; }
    ClusterSet &clusters() { return *m_clusters; }
    MetricSet &metrics() { return *m_metrics; }
    SourceSet &sources() { return *m_sources; }
    PipelineSet &pipelines() { return *m_pipelines; }
    PipelineFeed &runs() { return *m_pipelineFeed; } // asks nothing before its start()
    RunReleases &runReleases() { return *m_runReleases; }
    DeployedStore &deployed() { return *m_deployed; }
    OperationCenter &operations() { return *m_operations; }
    TeamLedger &ledger() { return *m_ledger; } // the same object for the session's life, whatever it opens
    // Made when it is first asked for; looks at nothing by itself before its start().
    LedgerDesk &promotions();
    PolicyDesk &policyDesk(); // changes of the ledger's policy; the same
    // The source of an application, as the workspace says; null: it names none, or not one that can be read.
    SourceRepository *repositoryOf(const QString &application);

    // Adds the connections and starts them.
    void open(const Sources &sources);
    void connectCluster(const ClusterSpec &spec);
    void connectMetrics(const MetricSpec &spec);
    void connectPipelines(const PipelineSpec &spec);
    void disconnect(const QString &id); // of either kind; nothing when there is none

    // Says of every application anew how it is, as a change of the language needs it.
    void deriveAgain();

    // How far the first complete listing is: of what applications are derived from.
    enum class Listing { Loading, Complete, Incomplete };
    Listing listing(const ClusterConnection &cluster) const;
    // Of all clusters: Loading while one is, Incomplete when one is.
    Listing listing() const;
    // The worst of the kinds applications are derived from.
    Freshness worstListing(const ClusterConnection &cluster) const;
    // Of each of these kinds.
    QList<Freshness> listings(const ClusterConnection &cluster) const;
    // Why a cluster's listing is Incomplete.
    std::optional<Error> listingError(const ClusterConnection &cluster) const;
    std::optional<Error> listingError() const; // of the first that has one: what is asked for may be there

signals:
    void listingChanged(); // or what is known of applications, at most a few times a second

private:
    void openRepositories(const Sources &sources);
    void heard();
    void noteLive(const QString &connection, bool isLive);
    QFuture<Result<git::RemoteAccess>> accessOfRepository(const QString &address, const StopToken &stop);
    std::optional<OperationPorts> portsOf(const QString &connection) const;
    void makeReverts();
    void makeRunReleases();
    ReleaseClues releaseClues();
    QStringList imagesOf(const QString &application) const;
    std::unique_ptr<SourceRepository> makeRepository(const GitSourceConfig &config);
    std::unique_ptr<RollbackProvider> withReverts(std::unique_ptr<RollbackProvider> cluster);
    QString repositoriesFolder() const;

    Options m_options;
    std::unique_ptr<HttpClient> m_http; // first made, last gone
    std::unique_ptr<CredentialStore> m_secrets;
    RegistrySet m_registries;
    std::shared_ptr<policy::HeadFollower> m_heads; // of everybody who reads the ledger
    std::unique_ptr<LedgerReleaseReader> m_releases;
    std::unique_ptr<RunReleases> m_runReleases;
    std::unique_ptr<ExecutionReader> m_executions; // outlive the clusters
    std::unique_ptr<RevertSteps> m_reverts;
    std::unique_ptr<ClusterSet> m_clusters;
    std::unique_ptr<MetricSet> m_metrics;
    std::unique_ptr<SourceSet> m_sources;
    std::unique_ptr<PipelineSet> m_pipelines;
    std::unique_ptr<RunStore> m_runs;
    std::unique_ptr<PipelineFeed> m_pipelineFeed;
    std::unique_ptr<DeployedStore> m_deployed;
    std::unique_ptr<DeployedFeed> m_feed;
    std::unique_ptr<TeamLedger> m_ledger;
    std::unique_ptr<OperationCenter> m_operations;
    std::optional<WorkspaceFile> m_workspace;
    std::map<QString, std::unique_ptr<SourceRepository>> m_repositories; // by id
    std::map<QString, std::unique_ptr<PromotionRunner>> m_runners;       // by connection
    QHash<QString, QString> m_servers;                                   // by connection: what serverIdentity() says
    QSet<QString> m_live;                                                // connections whose remote answers now
    std::unique_ptr<RecordBook> m_book;
    std::unique_ptr<LedgerDesk> m_promotions;
    std::unique_ptr<PolicyDesk> m_policyDesk;
};

} // namespace signalbox
