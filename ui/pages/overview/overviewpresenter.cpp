#include "ui/pages/overview/overviewpresenter.h"

#include "models/items/gatesmodel.h"
#include "models/series/axis.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/readinessfeed.h"
#include "services/operations/operationcenter.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/ports/connections.h"
#include "services/ports/promotiondesk.h"
#include "ui/shell/consolesettings.h"

#include <QSignalBlocker>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int pauseMs = 200; // between two refreshes
constexpr int frameMs = 16;

const QList<ClusterKind> sources = {ClusterKind::Pods, ClusterKind::Deployments, ClusterKind::StatefulSets,
                                    ClusterKind::DaemonSets, ClusterKind::ReplicaSets};

constexpr FreshnessOrder forOverview({Freshness::State::Absent, Freshness::State::Live, Freshness::State::Denied,
                                      Freshness::State::Stale, Freshness::State::Loading, Freshness::State::Failed});

} // namespace

OverviewPresenter::OverviewPresenter(ConsoleContext &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_alerts(context.metrics)
    , m_errors(context.metrics, context.deployed)
{
    if (const ReadinessFeed *readiness = context.readiness) {
        m_releases.setReadinessOf([this, readiness](const QString &key) {
            const std::optional<Readiness> found = readiness->find(key);
            return found ? std::optional(withFigures(*found, m_errors.sharesOf(key))) : found;
        });
        connect(readiness, &ReadinessFeed::changed, this, &OverviewPresenter::refreshSoon);
    }
    if (context.sources) {
        m_releases.setAheadOf([this](const QString &application, const QString &environment) {
            const auto path = m_paths.find(application);
            const qsizetype place = m_context.deployed.environments().indexOf(environment);
            return path == m_paths.end() ? std::nullopt : path->second->at(static_cast<int>(place));
        });
    }
    const QString order = context.settings.choice(QStringLiteral("overview/order"), QStringLiteral("name"));
    m_order = order == QLatin1String("team")    ? ReleasesModel::Order::ByTeam
              : order == QLatin1String("state") ? ReleasesModel::Order::ByState
                                                : ReleasesModel::Order::ByName;
    m_onlyAttention = context.settings.choice(QStringLiteral("overview/attention")) == QLatin1String("yes");
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &OverviewPresenter::refresh);
    m_soonReviewed.setSingleShot(true);
    m_soonReviewed.setInterval(pauseMs);
    connect(&m_soonReviewed, &QTimer::timeout, this, [this] {
        if (review(m_context.deployed.all()))
            emit changed();
    });
    connect(&context.deployed, &DeployedStore::changed, this, &OverviewPresenter::refreshSoon);
    connect(&context.deployed, &DeployedStore::changed, this, &OverviewPresenter::countFailing);
    connect(&m_alerts, &AlertWatch::changed, this, [this] {
        m_firing = m_alerts.firing();
        m_alertRows = alertAttentionRows(m_firing);
        reviewSoon();
        countFailing();
    });
    connect(&m_errors, &ErrorWatch::changed, this, [this] {
        refreshSoon(); // the lights of the ways back, too
        countFailing();
    });
    connect(&context.connections, &ConnectionsService::changed, this, &OverviewPresenter::tellSoon);
    connect(&context.clusters, &ClusterSet::added, this, &OverviewPresenter::watch);
    connect(&context.clusters, &ClusterSet::aboutToRemove, this, &OverviewPresenter::tellSoon);
    for (const auto &cluster : context.clusters.all())
        watch(cluster->id);
    if (context.operations != nullptr) {
        connect(context.operations, &OperationCenter::added, this, &OverviewPresenter::refreshSoon);
        connect(context.operations, &OperationCenter::finished, this, &OverviewPresenter::refreshSoon);
    }
    if (context.promotions)
        connect(context.promotions, &PromotionDesk::boardChanged, this, &OverviewPresenter::reviewSoon);
    if (context.runs) {
        connect(&context.runs->store(), &RunStore::gatesChanged, this, &OverviewPresenter::reviewSoon);
        connect(&context.runs->store(), &RunStore::gateSourceChanged, this, &OverviewPresenter::reviewSoon);
    }
    refresh();
    countFailing();
}

OverviewPresenter::~OverviewPresenter() = default;

void OverviewPresenter::watch(const QString &clusterId)
{
    if (const ClusterConnection *cluster = m_context.clusters.find(clusterId)) {
        connect(cluster->store.get(), &ClusterStore::podsChanged, this, &OverviewPresenter::refreshSoon);
        connect(cluster->store.get(), &ClusterStore::freshnessChanged, this, &OverviewPresenter::refreshSoon);
    }
    tellSoon();
}

bool OverviewPresenter::needsWelcome() const
{
    const QList<ConnectionConfig> configured = m_context.connections.connections();
    const auto &clusters = m_context.clusters.all();
    if (!m_context.connections.isRead())
        return false; // nothing is offered, nor tested, before it is known what there is
    if (clusters.empty() && configured.isEmpty())
        return true;
    // Only what the kubeconfig happened to name as current, and it cannot be read: there is more to choose from.
    const bool isChosen = configured.isEmpty() || std::any_of(configured.begin(), configured.end(),
                                                              [](const auto &one) { return !one.isDiscovered; });
    return !isChosen && worstFreshness().state == Freshness::State::Failed && m_context.deployed.all().isEmpty();
}

std::optional<Error> OverviewPresenter::readFailure() const
{
    const Freshness worst = worstFreshness();
    return worst.state == Freshness::State::Failed ? worst.error : std::nullopt;
}

Freshness OverviewPresenter::worstFreshness() const
{
    Freshness worst;
    worst.state = m_context.connections.isRead() ? Freshness::State::Absent : Freshness::State::Loading;
    for (const auto &cluster : m_context.clusters.all()) {
        const Freshness one = cluster->store->worstFreshness(sources);
        if (forOverview.isWorse(one, worst))
            worst = one;
    }
    return worst;
}

Freshness OverviewPresenter::freshness() const
{
    Freshness worst = worstFreshness();
    // One cluster of several that loads or fails is told in its own cells and below: what others know is shown.
    const bool isWaiting = worst.state == Freshness::State::Loading || worst.state == Freshness::State::Failed;
    if (isWaiting && m_figures.applications > 0)
        worst.state = Freshness::State::Live;
    return worst;
}

void OverviewPresenter::setOrder(ReleasesModel::Order order)
{
    m_order = order;
    const QString name = order == ReleasesModel::Order::ByTeam    ? QStringLiteral("team")
                         : order == ReleasesModel::Order::ByState ? QStringLiteral("state")
                                                                  : QStringLiteral("name");
    m_context.settings.setChoice(QStringLiteral("overview/order"), name);
    m_mustTell = true;
    refresh();
}

void OverviewPresenter::setOnlyAttention(bool only)
{
    m_onlyAttention = only;
    m_context.settings.setChoice(QStringLiteral("overview/attention"),
                                 only ? QStringLiteral("yes") : QStringLiteral("no"));
    m_mustTell = true;
    refresh();
}

void OverviewPresenter::setFilter(const QString &filter)
{
    m_filter = filter;
    m_mustTell = true;
    refresh();
}

void OverviewPresenter::retry()
{
    for (const auto &cluster : m_context.clusters.all())
        cluster->source->refresh();
}

void OverviewPresenter::setLooked(bool isLooked)
{
    if (std::exchange(m_isLooked, isLooked) == isLooked)
        return;
    if (!isLooked) {
        m_isLate = m_isLate || m_soon.isActive() || m_soonReviewed.isActive();
        m_soon.stop();
        m_soonReviewed.stop();
    } else if (std::exchange(m_isLate, false)) {
        refresh();
    }
}

// The first change after a pause is shown with the next frame, and while a first listing comes in each of its parts is
// (as long as that is cheap): nobody waits for a timer. What goes on changing is shown a few times a second.
void OverviewPresenter::refreshSoon()
{
    if (!m_isLooked) {
        m_isLate = true;
        return;
    }
    if (m_soon.isActive())
        return;
    const qint64 since = m_sinceRefresh.isValid() ? m_sinceRefresh.elapsed() : pauseMs;
    const qint64 wait = m_isFirstListing ? std::min<qint64>(pauseMs, 5 * m_costMs) : pauseMs - since;
    m_soon.start(static_cast<int>(std::max<qint64>(frameMs, wait)));
}

// Says nothing of clusters: no pod is counted for it.
void OverviewPresenter::reviewSoon()
{
    if (!m_isLooked)
        m_isLate = true;
    else if (!m_soon.isActive() && !m_soonReviewed.isActive())
        m_soonReviewed.start();
}

void OverviewPresenter::tellSoon()
{
    m_mustTell = true;
    refreshSoon();
}

void OverviewPresenter::refresh()
{
    QElapsedTimer cost;
    cost.start();
    m_isFirstListing = worstFreshness().state == Freshness::State::Loading || m_figures.applications == 0;
    // Pods come and go without a figure or a row being another: then nothing is laid out or painted.
    if (compute() || m_mustTell) {
        m_mustTell = false;
        emit changed();
    }
    m_costMs = cost.elapsed();
    m_sinceRefresh.start();
}

bool OverviewPresenter::compute()
{
    const Figures figures = m_figures;
    const QList<ReleaseRow> releases = m_releases.rows();
    const QStringList environments = m_releases.environments();
    const Freshness told = m_told;
    const QList<Deployed> all = m_context.deployed.all();
    const Freshness::State read = worstFreshness().state;
    m_releases.setAllRead(read == Freshness::State::Live || read == Freshness::State::Stale);
    measurePaths(all);
    m_releases.show(all, m_context.deployed.environments(), m_order, m_onlyAttention, m_filter);
    const bool isReviewed = review(all);
    m_figures = {};
    m_figures.applications = m_releases.applicationCount();
    m_figures.environments = static_cast<int>(m_releases.environments().size());
    for (const Deployed &deployed : all) {
        const Health health = releaseCell(deployed).health;
        m_figures.failing += health == Health::Failing ? 1 : 0;
        m_figures.warning += health == Health::Warning ? 1 : 0;
        m_figures.moving += health == Health::InProgress ? 1 : 0;
    }
    for (const auto &cluster : m_context.clusters.all()) {
        m_figures.arePodsOurs =
            m_figures.arePodsOurs && cluster->store->freshness(ClusterKind::Pods).state != Freshness::State::Denied;
        const QHash<QString, Pod> &pods = cluster->store->pods();
        for (const Pod &pod : pods) {
            if (pod.phase == QLatin1String("Succeeded"))
                continue; // finished jobs are not meant to be ready
            ++m_figures.pods;
            m_figures.podsReady += pod.isReady ? 1 : 0;
        }
    }
    countOperations();
    m_told = freshness();
    return m_figures != figures || m_told != told || m_releases.environments() != environments ||
           m_releases.rows() != releases || isReviewed;
}

// What runs in the environments of an application, in their order; a release that is the same as before is not measured
// again.
void OverviewPresenter::measurePaths(const QList<Deployed> &all)
{
    if (!m_context.sources)
        return;
    const QStringList environments = m_context.deployed.environments();
    std::map<QString, QStringList> releases;
    for (const Deployed &deployed : all) {
        const qsizetype place = environments.indexOf(deployed.environment);
        if (place < 0)
            continue;
        QStringList &path = releases[deployed.application];
        path.resize(environments.size());
        const bool isKnown = deployed.freshness.isLive() && !deployed.tracks.isEmpty();
        path[place] =
            isKnown ? deployed.tracks.first().version : QString(); // a figure of what was looks live beside it
    }
    std::erase_if(m_paths, [&releases](const auto &path) { return !releases.contains(path.first); });
    for (const auto &[application, path] : releases) {
        std::unique_ptr<PathDistances> &distances = m_paths[application];
        if (!distances) {
            distances = std::make_unique<PathDistances>(m_context.sources);
            connect(distances.get(), &PathDistances::changed, this, &OverviewPresenter::refreshSoon);
        }
        const QSignalBlocker isShownAnyway(*distances);
        distances->setReleases(application, path);
    }
}

bool OverviewPresenter::review(const QList<Deployed> &all)
{
    const policy::PromotionBoard *const board = m_context.promotions ? &m_context.promotions->board() : nullptr;
    const RunStore *const runs = m_context.runs ? &m_context.runs->store() : nullptr;
    const QList<AttentionRow> before = m_attention.rows();
    QList<AttentionRow> rows = attentionRows(all);
    rows += reviewRows(board, runs);
    rows += m_alertRows;
    rows += errorAttentionRows(m_errors.failing(), all, m_firing);
    sortAttention(rows);
    m_attention.setRows(rows);
    Unread unread;
    for (const GateSource &source : runs ? unreadGateSources(*runs) : QList<GateSource>())
        unread.servers.append(source.title);
    unread.alerts = m_alerts.unheard();
    unread.areGatesAwaited = runs && areGatesAwaited(*runs);
    unread.isLedger = board && !board->ledgerFreshness.isLive() && !board->hasNoLedger();
    return std::exchange(m_unread, unread) != unread || m_attention.rows() != before;
}

// Its line of the navigation says it on every page.
void OverviewPresenter::countFailing()
{
    const QList<Deployed> all = m_context.deployed.all();
    auto failing = static_cast<int>(errorAttentionRows(m_errors.failing(), all, m_firing).size());
    for (const Deployed &deployed : all)
        failing += deployed.health == Health::Failing ? 1 : 0;
    for (const AttentionRow &row : std::as_const(m_alertRows))
        failing += row.health == Health::Failing ? 1 : 0;
    if (std::exchange(m_failing, failing) != failing)
        emit failingChanged(failing);
}

void OverviewPresenter::countOperations()
{
    if (m_context.operations == nullptr)
        return;
    m_figures.hasOperations = true;
    m_figures.operationsRunning = m_context.operations->runningCount();
    const QTimeZone zone = m_context.settings.timeZone(); // read off the system's files, perhaps
    const QDate today = QDateTime::currentDateTime().toTimeZone(zone).date();
    for (const Operation *operation : m_context.operations->operations()) {
        const std::optional<Outcome> outcome = operation->outcome();
        if (!outcome || outcome->kind == OutcomeKind::DryRun || outcome->kind == OutcomeKind::Cancelled)
            continue;
        if (outcome->startedAt.toTimeZone(zone).date() != today)
            continue;
        ++m_figures.operationsToday;
        m_figures.operationsNotDone += outcome->kind == OutcomeKind::Done ? 0 : 1;
    }
}

} // namespace signalbox
