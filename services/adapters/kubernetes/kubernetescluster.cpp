#include "services/adapters/kubernetes/kubernetescluster.h"

#include "services/adapters/kubernetes/kubernetesscopes.h"
#include "services/async/deliver.h"

#include <QCryptographicHash>
#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>

Q_LOGGING_CATEGORY(logCluster, "signalbox.services.kubernetes")

namespace signalbox::kubernetes
{

namespace
{

constexpr int frameMs = 16;
constexpr int leastChunk = 100;
constexpr int mostChunk = 2000;

QTimer *prepared(QTimer &timer, bool isSingleShot)
{
    timer.setSingleShot(isSingleShot);
    return &timer;
}

// Nothing: the server told all that is needed to know whether it has the kind.
std::optional<Error> whyUncertain(const WatchedKind &kind, const Discovery &discovery)
{
    for (const KindSource &source : kind.sources) {
        if (const QString why = discovery.whyUncertain(source.group); !why.isEmpty())
            return Error{ErrorKind::Unreachable,
                         KubernetesCluster::tr("The server could not say which kinds it has: %1").arg(why),
                         {}};
    }
    return std::nullopt;
}

} // namespace

KubernetesCluster::KubernetesCluster(std::shared_ptr<KubeClient> client, KubernetesClusterOptions options,
                                     QObject *parent)
    : ClusterSource(parent)
    , m_client(std::move(client))
    , m_options(std::move(options))
    , m_collector(std::make_shared<DeltaCollector>([this] {
        QMetaObject::invokeMethod(
            this, [this] { scheduleDelivery(); }, Qt::QueuedConnection);
    }))
{
    m_info.connection = m_options.connection;
    m_info.name = m_options.name;
    m_info.user = m_options.user;
    m_info.verifiesTls = m_options.verifiesTls;
    const QUrl base = m_client->endpoint().base;
    m_info.server = base.port() > 0 ? QStringLiteral("%1:%2").arg(base.host()).arg(base.port()) : base.host();
    for (const WatchedKind &watched : watchedKinds()) {
        KindState kind;
        kind.watched = watched;
        kind.lane = Lane::make();
        m_kinds.push_back(std::move(kind));
    }
    connect(prepared(m_rediscoverTimer, false), &QTimer::timeout, this, &KubernetesCluster::rediscoverIfChanged);
    connect(prepared(m_discoveryRetry, true), &QTimer::timeout, this, [this] { discover(true); });
    connect(prepared(m_probeTimer, false), &QTimer::timeout, this, &KubernetesCluster::probe);
    connect(prepared(m_probePatience, true), &QTimer::timeout, this, [this] {
        m_probeStop.request_stop();
        suspectAll({ErrorKind::TimedOut,
                    tr("%1 has not answered for %2 s.").arg(m_info.server).arg(m_options.probePatience.count() / 1000),
                    {}});
    });
    connect(prepared(m_deliveryTimer, true), &QTimer::timeout, this, &KubernetesCluster::deliverChanges);
    m_deliveryTimer.setTimerType(Qt::PreciseTimer);
    m_sinceDelivery.start();
}

KubernetesCluster::~KubernetesCluster()
{
    stop();
    m_collector->close();
}

void KubernetesCluster::start()
{
    if (m_isStarted)
        return;
    m_isStarted = true;
    m_stop = StopSource();
    m_rediscoverTimer.start(m_options.rediscoverEvery);
    m_probeTimer.start(m_options.probeEvery);
    discover(false);
}

void KubernetesCluster::stop()
{
    m_isStarted = false;
    m_stop.request_stop();
    m_probeStop.request_stop();
    for (QTimer *timer : {&m_rediscoverTimer, &m_discoveryRetry, &m_probeTimer, &m_probePatience})
        timer->stop();
    for (KindState &kind : m_kinds) {
        for (const auto &[ns, reflector] : kind.reflectors)
            reflector->stop();
    }
}

void KubernetesCluster::refresh()
{
    if (!m_isStarted) {
        start();
        return;
    }
    m_rights.clear();
    for (KindState &kind : m_kinds) {
        for (const auto &[ns, reflector] : kind.reflectors)
            reflector->relist();
    }
    discover(true);
}

void KubernetesCluster::discover(bool refresh)
{
    const StopToken stop = m_stop.get_token();
    ++m_discoveriesUnderWay;
    deliver(m_client->discover(stop, refresh), stop, this, [this, stop](const Result<Discovery> &found) {
        --m_discoveriesUnderWay;
        if (stop.stop_requested())
            return;
        if (found)
            discovered(*found);
        if (found && found->isLastKnown)
            discover(true); // this one is waited for
        else if (!found)
            discoveryFailed(found.error());
    });
}

void KubernetesCluster::discovered(const Discovery &discovery)
{
    m_discovery = discovery;
    ClusterInfo info = m_info;
    info.version = discovery.gitVersion;
    info.clockSkewMs = m_client->clockSkewMs();
    info.servesMetrics = discovery.find(QStringLiteral("metrics.k8s.io"), QStringLiteral("pods")).has_value();
    bool isComplete = true;
    for (KindState &kind : m_kinds) {
        const std::optional<ApiResource> resource = sourceOf(kind.watched, discovery);
        // What could not be asked is unknown, not absent.
        kind.unasked = resource ? std::nullopt : whyUncertain(kind.watched, discovery);
        isComplete = isComplete && !kind.unasked;
        if (!kind.unasked || !kind.resource) // else what there is is kept
            useResource(kind, resource);
        if (kind.watched.kind == ClusterKind::Routes)
            info.servesRoutes = kind.resource.has_value();
        if (kind.watched.kind == ClusterKind::VirtualServices)
            info.servesVirtualServices = kind.resource.has_value();
    }
    if (isComplete) {
        m_discoveryAttempt = 0;
        m_discoveryRetry.stop();
    } else {
        discoverLater();
    }
    updateInfo(info);
}

void KubernetesCluster::discoveryFailed(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        return;
    qCDebug(logCluster) << m_options.connection << "discovery failed:" << error.message;
    discoverLater();
    if (m_discovery)
        return; // the watches tell for themselves
    for (KindState &kind : m_kinds) {
        Freshness failed;
        failed.state = Freshness::State::Failed;
        failed.since = kind.told.state == failed.state ? kind.told.since : QDateTime::currentDateTimeUtc();
        failed.error = error;
        kind.told = failed;
        m_collector->setFreshness(kind.watched.kind, failed);
    }
}

void KubernetesCluster::discoverLater()
{
    const qint64 cap = m_options.timings.backoffCap.count();
    const qint64 whole =
        std::min<qint64>(cap, m_options.timings.backoffStart.count() << std::min(m_discoveryAttempt++, 16));
    m_discoveryRetry.start(static_cast<int>(whole / 2 + QRandomGenerator::global()->bounded(whole / 2 + 1)));
}

// The list of groups is one small answer; only when it has changed is everything asked again. It does not tell of the
// kinds of a new group, which a server comes to know one after the other: as long as one that is looked for is not
// among them, what is in that group is looked at too.
QByteArrayList KubernetesCluster::tellingTargets() const
{
    QByteArrayList targets{"/apis"};
    for (const KindState &kind : m_kinds) {
        if (kind.resource || !m_discovery)
            continue;
        for (const KindSource &source : kind.watched.sources) {
            for (const QString &version : source.versions) {
                const QString groupVersion = source.group + u'/' + version;
                const QByteArray target = "/apis/" + groupVersion.toLatin1();
                if (!source.group.isEmpty() && m_discovery->groupVersions.contains(groupVersion) &&
                    !targets.contains(target))
                    targets.append(target);
            }
        }
    }
    return targets;
}

void KubernetesCluster::rediscoverIfChanged()
{
    for (KindState &kind : m_kinds) { // told of by the server a moment before it served them
        for (const auto &[ns, reflector] : kind.reflectors) {
            if (reflector->freshness().state == Freshness::State::Absent)
                reflector->start();
        }
    }
    const StopToken stop = m_stop.get_token();
    const QByteArrayList targets = tellingTargets();
    for (const QByteArray &target : targets) {
        deliver(m_client->get(target, stop), stop, this, [this, stop, target](const Result<HttpResponse> &answer) {
            // A discovery that is under way may have asked before this: the next look tells.
            if (stop.stop_requested() || !answer || m_discoveriesUnderWay > 0)
                return;
            const QByteArray hash = QCryptographicHash::hash(answer->body, QCryptographicHash::Sha1);
            if (hash != std::exchange(m_groupsSeen[target], hash))
                discover(true);
        });
    }
}

void KubernetesCluster::useResource(KindState &kind, const std::optional<ApiResource> &resource)
{
    if (!resource) {
        removeReflectors(kind);
        kind.resource.reset();
        tellFreshness(kind);
        return;
    }
    const bool isSame =
        kind.resource && kind.resource->group == resource->group && kind.resource->version == resource->version;
    if (!isSame)
        removeReflectors(kind);
    kind.resource = resource;
    if (!isSame) {
        kind.isByNamespace = resource->isNamespaced && !m_options.namespaces.isEmpty();
        if (kind.isByNamespace)
            updateScopes();
        else
            addReflector(kind, {});
    }
    for (const auto &[ns, reflector] : kind.reflectors)
        reflector->start(); // those that were absent
}

void KubernetesCluster::addReflector(KindState &kind, const QString &ns)
{
    Reflector::Config config;
    config.client = m_client;
    config.collector = m_collector;
    config.lane = kind.lane;
    config.kind = {kind.watched.kind, m_options.connection, kind.resource->group, kind.resource->version,
                   kind.resource->kind};
    config.path = kind.resource->path(ns);
    config.timings = m_options.timings;
    auto reflector = std::make_unique<Reflector>(std::move(config));
    connect(reflector.get(), &Reflector::freshnessChanged, this,
            [this, which = kind.watched.kind, ns] { reflectorChanged(which, ns); });
    Reflector *added = reflector.get();
    kind.reflectors.insert_or_assign(ns, std::move(reflector));
    added->start();
}

void KubernetesCluster::removeReflectors(KindState &kind)
{
    for (auto &[ns, reflector] : kind.reflectors)
        retire(std::move(reflector));
    kind.reflectors.clear();
}

// Its objects leave the store; itself goes later, for it may be the one that is calling.
void KubernetesCluster::retire(std::unique_ptr<Reflector> reflector)
{
    disconnect(reflector.get(), nullptr, this, nullptr);
    reflector->stop();
    reflector->forget();
    reflector.release()->deleteLater();
}

void KubernetesCluster::reflectorChanged(ClusterKind which, const QString &ns)
{
    const auto kind =
        std::find_if(m_kinds.begin(), m_kinds.end(), [which](const KindState &k) { return k.watched.kind == which; });
    const auto reflector = kind->reflectors.find(ns);
    if (reflector == kind->reflectors.end())
        return;
    if (ns.isEmpty() && reflector->second->state() == Reflector::State::Denied && kind->watched.isNamespaced) {
        kind->denied = reflector->second->freshness();
        kind->isByNamespace = true;
        removeReflectors(*kind);
        updateScopes();
    }
    tellFreshness(*kind);
    if (which == ClusterKind::Namespaces)
        updateScopes(); // which waits for what was just told
}

void KubernetesCluster::tellFreshness(KindState &kind)
{
    const Freshness now = freshnessOf(kind);
    if (now == kind.told)
        return;
    kind.told = now;
    m_collector->setFreshness(kind.watched.kind, now);
}

Freshness KubernetesCluster::freshnessOf(const KindState &kind) const
{
    if (!kind.resource) {
        Freshness none;
        none.state = kind.unasked ? Freshness::State::Failed : Freshness::State::Absent;
        none.since = kind.told.state == none.state ? kind.told.since : QDateTime::currentDateTimeUtc();
        none.error = kind.unasked;
        return none;
    }
    if (!kind.isByNamespace)
        return kind.reflectors.empty() ? Freshness{} : kind.reflectors.begin()->second->freshness();
    std::vector<Freshness> all;
    for (const auto &[ns, reflector] : kind.reflectors)
        all.push_back(reflector->freshness());
    const bool isSettled =
        std::all_of(m_rights.cbegin(), m_rights.cend(), [](const NamespaceRights &r) { return r.isKnown; });
    const bool isAllKnown = isSettled && !m_rights.isEmpty();
    const Freshness now = combined(all, kind.denied, isAllKnown);
    // One namespace listed is not all of them, while it is still asked what may be read of the others.
    if (!isAllKnown && now.isLive() && kind.told.state == Freshness::State::Loading)
        return {};
    return now;
}

void KubernetesCluster::probe()
{
    ClusterInfo info = m_info;
    info.clockSkewMs = m_client->clockSkewMs();
    updateInfo(info);
    const bool isQuiet = QDateTime::currentMSecsSinceEpoch() - lastHeardMs() >= m_options.probeEvery.count();
    if (!isQuiet || m_probePatience.isActive())
        return;
    m_probeStop = StopSource();
    m_probePatience.start(m_options.probePatience);
    const StopToken stop = m_probeStop.get_token();
    deliver(m_client->get("/version", stop), stop, this, [this, stop](const Result<HttpResponse> &answer) {
        if (stop.stop_requested())
            return;
        m_probePatience.stop();
        // Refusing to tell its version is a sign of life too.
        if (!answer && (answer.error().kind == ErrorKind::Unreachable || answer.error().kind == ErrorKind::TimedOut))
            suspectAll(answer.error());
    });
}

void KubernetesCluster::suspectAll(const Error &error)
{
    for (KindState &kind : m_kinds) {
        for (const auto &[ns, reflector] : kind.reflectors)
            reflector->suspect(error);
    }
}

qint64 KubernetesCluster::lastHeardMs() const
{
    qint64 last = 0;
    for (const KindState &kind : m_kinds) {
        for (const auto &[ns, reflector] : kind.reflectors)
            last = std::max(last, reflector->lastHeardMs());
    }
    return last;
}

void KubernetesCluster::updateInfo(const ClusterInfo &info)
{
    const bool isMoved = std::abs(info.clockSkewMs - m_info.clockSkewMs) > 1000;
    const bool isOther = info.version != m_info.version || info.servesMetrics != m_info.servesMetrics ||
                         info.servesRoutes != m_info.servesRoutes ||
                         info.servesVirtualServices != m_info.servesVirtualServices ||
                         info.onlyNamespaces != m_info.onlyNamespaces;
    m_info = info;
    if (isMoved || isOther)
        emit infoChanged();
}

void KubernetesCluster::scheduleDelivery()
{
    if (m_deliveryTimer.isActive())
        return;
    const qint64 wait = frameMs - m_sinceDelivery.elapsed();
    m_deliveryTimer.start(static_cast<int>(std::clamp<qint64>(wait, 0, frameMs)));
}

void KubernetesCluster::deliverChanges()
{
    QElapsedTimer spent;
    spent.start();
    bool isMore = false;
    const ClusterDelta delta = m_collector->take(m_chunk, isMore);
    if (delta.namespacesChanged)
        m_namespaces = delta.namespaces;
    emit changed(delta);
    if (delta.namespacesChanged)
        updateScopes();
    // Half a frame for us and those who listen directly; the rest is for painting.
    if (spent.elapsed() >= frameMs / 2)
        m_chunk = std::max(leastChunk, m_chunk / 2);
    else if (isMore && spent.elapsed() <= frameMs / 6)
        m_chunk = std::min(mostChunk, m_chunk * 2);
    m_sinceDelivery.restart();
    if (isMore)
        m_deliveryTimer.start(frameMs);
}

QFuture<Result<QList<RightAnswer>>> KubernetesCluster::rights(QList<RightQuestion> questions, StopToken stop)
{
    if (m_options.rights)
        return m_options.rights(std::move(questions), std::move(stop));
    return ready(Result<QList<RightAnswer>>(
        Error{ErrorKind::Unsupported, tr("Rights cannot be asked on this connection."), {}}));
}

} // namespace signalbox::kubernetes
