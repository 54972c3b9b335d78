#include "app/wiring/session.h"

#include "app/paths.h"
#include "app/wiring/pipelineservers.h"
#include "app/wiring/repositories.h"
#include "app/wiring/secretauth.h"
#include "services/adapters/kubernetes/deployer.h"
#include "services/adapters/kubernetes/factory.h"
#include "services/adapters/kubernetes/imageplan.h"
#include "services/adapters/kubernetes/lease.h"
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/traffic.h"
#include "services/adapters/kubernetes/workloadactions.h"
#include "services/adapters/prometheus/prometheusmetrics.h"
#include "services/async/chain.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/operations/lockkey.h"
#include "services/pipelines/runreleases.h"
#include "services/promotions/gitopsrollback.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/policydesk.h"
#include "services/promotions/teamrecordbook.h"

#include <QFileInfo>
#include <QLoggingCategory>
#include <QThreadPool>

#include <algorithm>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.app.session")

// What applications, their tracks and their traffic are derived from.
const QList<ClusterKind> &derivedFrom()
{
    static const QList<ClusterKind> kinds = {
        ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets, ClusterKind::ReplicaSets,
        ClusterKind::Pods,        ClusterKind::Services,     ClusterKind::Routes,     ClusterKind::VirtualServices};
    return kinds;
}

// Whoever still loads is waited for, whatever the others say.
constexpr FreshnessOrder forListing({Freshness::State::Absent, Freshness::State::Live, Freshness::State::Stale,
                                     Freshness::State::Denied, Freshness::State::Failed, Freshness::State::Loading});

QString folderOr(const QString &folder)
{
    return folder.isEmpty() ? dataFolder() : folder;
}

OperationCenter::Settings operationSettings(const QString &folder, std::shared_ptr<Ledger> ledger)
{
    OperationCenter::Settings settings;
    settings.dataFolder = folderOr(folder);
    settings.ledger = std::move(ledger);
    return settings;
}

} // namespace

Session::Session(Options options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_http(std::make_unique<HttpClient>())
    , m_secrets(std::make_unique<CredentialStore>())
    , m_clusters(std::make_unique<ClusterSet>())
    , m_metrics(std::make_unique<MetricSet>())
    , m_sources(std::make_unique<SourceSet>())
    , m_pipelines(std::make_unique<PipelineSet>())
    , m_runs(std::make_unique<RunStore>())
    , m_pipelineFeed(std::make_unique<PipelineFeed>(*m_pipelines, *m_runs))
    , m_deployed(std::make_unique<DeployedStore>())
    , m_feed(std::make_unique<DeployedFeed>(*m_clusters, *m_deployed))
    , m_ledger(std::make_unique<TeamLedger>(
          ledgerSettingsOf(LedgerSpec{}, folderOr(m_options.dataFolder), *m_http, *m_secrets)))
    , m_operations(std::make_unique<OperationCenter>([this](const QString &id) { return portsOf(id); },
                                                     operationSettings(m_options.dataFolder, m_ledger->record())))
{
    makeReverts();
    makeRunReleases();
    m_operations->setPolicyChecks(
        [this](const Plan &plan, const StopToken &stop) { return promotions().checksFor(plan, stop); });
    connect(m_deployed.get(), &DeployedStore::changed, this, &Session::listingChanged);
    connect(m_operations.get(), &OperationCenter::entryRecorded, m_ledger.get(), &TeamLedger::noteWritten);
    connect(m_runs.get(), &RunStore::serverChanged, this, [this](const QString &connection) {
        const RunStore::Server *const server = m_runs->server(connection);
        noteLive(connection, server && server->pipelines.isLive());
    });
    if (m_options.sharesLedger)
        m_ledger->start();
}

Session::~Session()
{
    for (const auto &cluster : m_clusters->all()) {
        cluster->source->stop();
        QObject::disconnect(cluster->store.get(), nullptr, this, nullptr); // nobody is left to hear of it
    }
    QObject::disconnect(m_runs.get(), nullptr, this, nullptr);
    m_promotions.reset();
    m_operations.reset();
    m_book.reset();
    m_ledger.reset();
    m_sources.reset();
    // What goes on after an answer runs on workers and may ask the client once more: it must not outlive it.
    m_http->close();
    QThreadPool::globalInstance()->waitForDone(5000);
}

void Session::open(const Sources &sources)
{
    if (sources.ledger) { // before anything is connected: what a crash left is recorded then
        m_ledger->open(ledgerSettingsOf(*sources.ledger, folderOr(m_options.dataFolder), *m_http, *m_secrets));
        m_operations->setLedger(m_ledger->record());
    }
    m_workspace = sources.workspace;
    if (sources.workspace) {
        m_feed->setEnvironmentOf([workspace = sources.workspace->workspace()](
                                     const QString &application, const QString &connection, const QString &ns) {
            return workspace.environmentOf(application, connection, ns);
        });
        m_feed->setTeamOf([workspace = sources.workspace->workspace()](const QString &application) {
            return workspace.teamOf(application);
        });
        m_pipelineFeed->setApplicationOf([workspace = sources.workspace->workspace()](const PipelineRef &pipeline) {
            return workspace.applicationOf(pipeline.connection, pipeline.project);
        });
        m_deployed->setEnvironmentOrder(sources.workspace->workspace().preferences.environmentOrder);
    }
    m_registries.open(sources.registries, *m_http, *m_secrets);
    if (m_options.readsSources)
        openRepositories(sources);
    for (const ClusterSpec &spec : sources.clusters)
        connectCluster(spec);
    for (const MetricSpec &spec : sources.metrics)
        connectMetrics(spec);
    for (const PipelineSpec &spec : sources.pipelines)
        connectPipelines(spec);
}

void Session::openRepositories(const Sources &sources)
{
    m_sources->clear(); // what is not named any more goes
    for (const GitSourceConfig &config : sources.repositories)
        m_sources->add(makeRepository(config));
    if (!sources.workspace)
        return;
    m_sources->setRepositoryOf([workspace = sources.workspace->workspace()](const QString &application) {
        const WorkspaceRepository *const repository = workspace.repositoryOf(application);
        return repository ? repository->id : QString();
    });
}

void Session::connectCluster(const ClusterSpec &spec)
{
    qCInfo(category).noquote() << "cluster" << spec.id << "context" << spec.access.context << "at"
                               << spec.access.server.host();
    kubernetes::ConnectionOptions options;
    options.id = spec.id;
    options.title = spec.title;
    options.namespaces = spec.namespaces;
    options.hasTerminal = m_options.hasTerminal;
    options.isTerminalTaken = m_options.isTerminalTaken;
    auto connection = kubernetes::makeConnection(*m_http, spec.access, options);
    const std::shared_ptr<kubernetes::KubeClient> client = kubernetes::clientOf(*connection);
    connection->traffic = std::make_unique<kubernetes::KubernetesTraffic>(client);
    connection->rollback = withReverts(std::make_unique<kubernetes::KubernetesRollback>(client));
    connection->workloads = std::make_unique<kubernetes::KubernetesWorkloads>(client);
    connection->deployer = std::make_unique<kubernetes::KubernetesDeployer>(client);
    connection->runner = std::make_unique<kubernetes::KubernetesStepRunner>(client);
    connection->locker = std::make_unique<kubernetes::KubernetesLocker>(client);
    ClusterConnection &added = m_clusters->add(std::move(connection));
    connect(added.store.get(), &ClusterStore::freshnessChanged, this, &Session::heard);
    connect(added.store.get(), &ClusterStore::freshnessChanged, this, [this, id = added.id, store = added.store.get()] {
        const QList<ClusterKind> kinds{ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets,
                                       ClusterKind::Pods};
        noteLive(id, std::any_of(kinds.begin(), kinds.end(),
                                 [store](ClusterKind kind) { return store->freshness(kind).isLive(); }));
    });
    m_runners[added.id] = std::make_unique<PromotionRunner>(
        *added.runner, [this] { return m_promotions ? m_promotions->steps() : nullptr; }, m_reverts.get());
    m_servers[added.id] = serverIdentity(spec.access.server, kubernetes::routeOf(spec.access));
    added.source->start();
    m_operations->reconcile(added.id);
}

void Session::connectMetrics(const MetricSpec &spec)
{
    qCInfo(category).noquote() << "metrics" << spec.id << "at" << spec.url.host();
    m_metrics->add(std::make_unique<PrometheusMetrics>(*m_http, endpointFor(spec, *m_secrets)));
}

void Session::connectPipelines(const PipelineSpec &spec)
{
    qCInfo(category).noquote() << "pipelines" << spec.server.id << "at" << spec.server.url.host();
    if (auto server = makePipelineServer(spec, *m_http, *m_secrets)) {
        PipelineServer &added = m_pipelines->add(std::move(server));
        m_runners[spec.server.id] = std::make_unique<PromotionRunner>(
            added.runner(), [this] { return m_promotions ? m_promotions->steps() : nullptr; });
        m_servers[spec.server.id] = serverIdentity(spec.server.url);
        m_operations->reconcile(spec.server.id);
    }
}

void Session::deriveAgain()
{
    m_feed->deriveAgain();
}

// Whoever waits for a complete listing finds its applications, too.
void Session::heard()
{
    if (listing() != Listing::Loading)
        m_feed->flush();
    emit listingChanged();
}

// Only the change counts: who answers all along has nothing new to tell.
void Session::noteLive(const QString &connection, bool isLive)
{
    if (!isLive) {
        m_live.remove(connection);
    } else if (!m_live.contains(connection)) {
        m_live.insert(connection);
        m_operations->connectionHeard(connection);
    }
}

void Session::disconnect(const QString &id)
{
    m_live.remove(id);
    m_operations->forgetConnection(id);
    m_runners.erase(id);
    m_servers.remove(id);
    m_clusters->remove(id);
    m_metrics->remove(id);
    m_pipelines->remove(id);
}

std::optional<OperationPorts> Session::portsOf(const QString &connection) const
{
    ClusterConnection *cluster = m_clusters->find(connection);
    if (!cluster) {
        const auto runner = m_pipelines->find(connection) ? m_runners.find(connection) : m_runners.end();
        return runner == m_runners.end()
                   ? std::nullopt
                   : std::optional(OperationPorts{runner->second.get(), nullptr, m_servers.value(connection)});
    }
    const auto runner = m_runners.find(connection);
    return OperationPorts{runner == m_runners.end() ? cluster->runner.get() : runner->second.get(),
                          cluster->locker.get(), m_servers.value(connection)};
}

LedgerDesk &Session::promotions()
{
    if (!m_promotions) {
        m_book = std::make_unique<TeamRecordBook>(*m_ledger);
        WorldReader::Sources sources;
        sources.clusters = m_clusters.get();
        sources.deployed = m_deployed.get();
        sources.metrics = m_metrics.get();
        sources.operations = m_operations.get();
        sources.repositoryOf = [this](const QString &application) { return repositoryOf(application); };
        sources.registryOf = [this](const QString &repository) { return m_registries.of(repository); };
        sources.gatesOf = [this](const QString &connection) {
            PipelineServer *const server = m_pipelines->find(connection);
            return server ? server->gates() : nullptr;
        };
        sources.runsOf = [this](const QString &connection) {
            PipelineServer *const server = m_pipelines->find(connection);
            return server ? &server->source() : nullptr;
        };
        sources.deploymentsOf = [this](const QString &connection) {
            PipelineServer *const server = m_pipelines->find(connection);
            return server ? server->deployments() : nullptr;
        };
        sources.projectsOf = [this](const QString &application, const QString &connection) {
            QStringList known;
            for (const RunStore::Entry &entry : m_runs->byKey()) {
                if (entry.pipeline.ref.connection == connection)
                    known.append(entry.pipeline.ref.project);
            }
            known.removeDuplicates();
            return m_workspace ? m_workspace->workspace().projectsOf(application, connection, known) : QStringList();
        };
        sources.clustersOf = [this](const QString &application, const QString &environment) {
            return m_workspace ? m_workspace->workspace().clustersOf(application, environment) : QStringList();
        };
        DeskSettings settings;
        settings.pin = [this] { return m_ledger->pin(); };
        settings.heads = m_heads;
        settings.cacheFolder = repositoriesFolder();
        settings.repositoryAccess = [this](const QString &address, StopToken stop) {
            return accessOfRepository(address, stop);
        };
        m_promotions = std::make_unique<LedgerDesk>(*m_book, sources, settings);
    }
    return *m_promotions;
}

PolicyDesk &Session::policyDesk()
{
    if (!m_policyDesk) {
        m_policyDesk = std::make_unique<PolicyDesk>(*m_ledger);
        m_policyDesk->setHeads(m_heads);
    }
    return *m_policyDesk;
}

QString Session::repositoriesFolder() const
{
    return cacheFolder() + QStringLiteral("/repositories");
}

// The same releases by the same names for the window, the commands and promotions.
ReleaseClues Session::releaseClues()
{
    ReleaseClues clues;
    clues.ledger = [this](const StopToken &stop) { return m_releases->read(stop); };
    clues.registryOf = [this](const QString &repository) { return m_registries.of(repository); };
    clues.imagesOf = [this](const QString &application) { return imagesOf(application); };
    return clues;
}

std::unique_ptr<SourceRepository> Session::makeRepository(const GitSourceConfig &config)
{
    return std::make_unique<ReleaseSource>(std::make_unique<GitSource>(config, *m_http, *m_secrets), releaseClues());
}

// As the workspace names it; else as the clusters run it, sidecars included: a registry does not have their digests.
QStringList Session::imagesOf(const QString &application) const
{
    QStringList images;
    const auto add = [&images](const QString &image) {
        if (!image.isEmpty() && !images.contains(image))
            images.append(image);
    };
    if (m_workspace)
        add(m_workspace->workspace().imageOf(application));
    for (const Deployed &one : m_deployed->all()) {
        const ClusterConnection *cluster = one.application == application ? m_clusters->find(one.connection) : nullptr;
        for (const Track &track : cluster ? one.tracks : QList<Track>()) {
            for (const ObjectRef &ref : track.workloads) {
                for (const ContainerImage &image : cluster->store->workloads().value(ref.uid).images)
                    add(kubernetes::imageRepository(image.image));
            }
        }
    }
    return images;
}

void Session::makeReverts()
{
    m_heads = std::make_shared<policy::HeadFollower>();
    m_releases = std::make_unique<LedgerReleaseReader>(
        [this] {
            ledger::VerifyOptions options;
            options.pin = m_ledger->pin();
            return LedgerReleaseReader::Place{m_ledger->path(), m_ledger->path(), options};
        },
        m_heads);
    m_executions = std::make_unique<ExecutionReader>(
        [this] {
            return ExecutionReader::Ledger{m_ledger->path(), m_ledger->pin()};
        },
        m_heads);
    RevertSteps::Sources sources;
    sources.cacheFolder = repositoriesFolder();
    sources.access = [this](const QString &address, StopToken stop) { return accessOfRepository(address, stop); };
    sources.signer = [this](StopToken stop) { return m_ledger->signer(std::move(stop)); };
    sources.deployer = [this](const QString &id) -> Deployer * {
        const ClusterConnection *cluster = m_clusters->find(id);
        return cluster ? cluster->deployer.get() : nullptr;
    };
    m_reverts = std::make_unique<RevertSteps>(std::move(sources));
}

void Session::makeRunReleases()
{
    RunReleases::Sources sources;
    sources.recorded = [this](const QString &application, const StopToken &stop) {
        return after(this, m_releases->read(stop), [application](const LedgerReleases &read) {
            QList<KnownRelease> known;
            for (const LedgerRelease &one : read.releases) {
                if (one.application == application)
                    known.append({one.version, one.digest, one.commit, one.at});
            }
            return ready(Result<QList<KnownRelease>>(known));
        });
    };
    sources.running = [this](const QString &application) {
        QList<KnownRelease> known;
        for (const Deployed &one : m_deployed->all()) {
            for (const Track &track : one.application == application ? one.tracks : QList<Track>())
                known.append({track.version, track.digest, {}, track.since});
        }
        return known;
    };
    sources.repositoryOf = [this](const QString &application) { return repositoryOf(application); };
    sources.ledgerAsOf = [this] {
        if (!m_promotions)
            return QString();
        const policy::PromotionBoard &board = m_promotions->board();
        return board.tip + QLatin1Char('/') + QString::number(static_cast<int>(board.ledgerFreshness.state));
    };
    m_runReleases = std::make_unique<RunReleases>(std::move(sources));
}

// Where the policy has releases committed to a repository, the way back is a commit, too.
std::unique_ptr<RollbackProvider> Session::withReverts(std::unique_ptr<RollbackProvider> cluster)
{
    const auto placeOf = [this](const ObjectRef &workload) -> std::optional<GitopsRollback::Place> {
        for (const Deployed &one : m_deployed->all()) {
            for (const Track &track : one.tracks) {
                for (const ObjectRef &each : track.workloads) {
                    if (samePlace(each, workload))
                        return GitopsRollback::Place{one.application, one.environment};
                }
            }
        }
        return std::nullopt;
    };
    const auto executionOf = [this](const QString &application, const QString &environment, const StopToken &stop) {
        const auto read = [=, this] { return m_executions->of(application, environment, stop); };
        if (m_ledger->sharing().remote.isEmpty() || QFileInfo::exists(m_ledger->path()))
            return read();
        // This machine has not seen the team's ledger yet. Away: there is a way back in the cluster.
        return afterAny(this, m_ledger->share(stop), [read](const Result<ShareReport> &) { return read(); });
    };
    return std::make_unique<GitopsRollback>(std::move(cluster), *m_reverts, placeOf, executionOf);
}

// One that the workspace names is reached as it says; another one with what ssh or the path has.
QFuture<Result<git::RemoteAccess>> Session::accessOfRepository(const QString &address, const StopToken &stop)
{
    const QList<WorkspaceRepository> named =
        m_workspace ? m_workspace->workspace().repositories : QList<WorkspaceRepository>();
    for (const WorkspaceRepository &one : named) {
        if (one.url != address && one.id != address)
            continue;
        const auto spec = remoteSpecOf(one, *m_workspace);
        return spec ? accessOf(*spec, *m_http, *m_secrets, stop) : ready(Result<git::RemoteAccess>(spec.error()));
    }
    const auto url = git::parseRemoteUrl(address);
    if (!url)
        return ready(Result<git::RemoteAccess>(url.error()));
    RemoteSpec spec;
    spec.url = *url;
    return accessOf(spec, *m_http, *m_secrets, stop);
}

SourceRepository *Session::repositoryOf(const QString &application)
{
    if (m_options.readsSources)
        return m_sources->of(application);
    const WorkspaceRepository *named = m_workspace ? m_workspace->workspace().repositoryOf(application) : nullptr;
    if (!named)
        return nullptr;
    const auto known = m_repositories.find(named->id);
    if (known != m_repositories.end())
        return known->second.get();
    const auto config = gitSourceConfigOf(*named, *m_workspace);
    if (!config) {
        qCWarning(category).noquote() << "repository" << named->id << config.error().message;
        return nullptr;
    }
    auto &made = m_repositories[named->id];
    made = makeRepository(*config);
    return made.get();
}

Freshness Session::worstListing(const ClusterConnection &cluster) const
{
    Freshness worst;
    worst.state = Freshness::State::Absent;
    for (const ClusterKind kind : derivedFrom()) {
        const Freshness freshness = cluster.store->freshness(kind);
        if (forListing.isWorse(freshness, worst))
            worst = freshness;
    }
    return worst;
}

QList<Freshness> Session::listings(const ClusterConnection &cluster) const
{
    QList<Freshness> all;
    for (const ClusterKind kind : derivedFrom())
        all.append(cluster.store->freshness(kind));
    return all;
}

Session::Listing Session::listing(const ClusterConnection &cluster) const
{
    switch (worstListing(cluster).state) {
    case Freshness::State::Loading:
        return Listing::Loading;
    case Freshness::State::Live:
        return Listing::Complete;
    case Freshness::State::Absent: // a server without a single kind of workload is none
    case Freshness::State::Stale:
    case Freshness::State::Denied:
    case Freshness::State::Failed:
        break;
    }
    return Listing::Incomplete;
}

Session::Listing Session::listing() const
{
    Listing worst = Listing::Complete;
    for (const auto &cluster : m_clusters->all()) {
        const Listing one = listing(*cluster);
        if (one == Listing::Loading)
            return one;
        if (one == Listing::Incomplete)
            worst = one;
    }
    return worst;
}

std::optional<Error> Session::listingError(const ClusterConnection &cluster) const
{
    if (listing(cluster) != Listing::Incomplete)
        return std::nullopt;
    const Freshness worst = worstListing(cluster);
    return worst.error ? worst.error
                       : Error{ErrorKind::Unreachable, tr("%1 serves no workloads.").arg(cluster.title), {}};
}

std::optional<Error> Session::listingError() const
{
    for (const auto &cluster : m_clusters->all()) {
        if (auto error = listingError(*cluster))
            return error;
    }
    return std::nullopt;
}

} // namespace signalbox
