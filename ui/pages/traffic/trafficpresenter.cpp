#include "ui/pages/traffic/trafficpresenter.h"

#include "models/domain/sharetext.h"
#include "models/domain/trafficway.h"
#include "services/feeds/clusterset.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr std::chrono::seconds pollEvery{5}; // reads the object itself, beside the watch that moves the store
constexpr std::chrono::milliseconds settle{300};

// What says where there is something to route.
constexpr ClusterKind routingKinds[] = {
    ClusterKind::Deployments, ClusterKind::StatefulSets,    ClusterKind::DaemonSets, ClusterKind::Services,
    ClusterKind::Routes,      ClusterKind::VirtualServices, ClusterKind::Rollouts,   ClusterKind::DestinationRules};
constexpr FreshnessOrder forRouting({Freshness::State::Absent, Freshness::State::Live, Freshness::State::Stale,
                                     Freshness::State::Denied, Freshness::State::Loading, Freshness::State::Failed});

QList<TrafficPresenter::Stage> usualStages()
{
    using namespace std::chrono_literals;
    return {{1, 600s}, {5, 600s}, {25, 900s}, {50, 900s}, {100, 0s}};
}

// Pods come and go; a plan is for what the object says.
bool sameWeights(const TrafficSplit &a, const TrafficSplit &b)
{
    return std::equal(a.legs.begin(), a.legs.end(), b.legs.begin(), b.legs.end(),
                      [](const TrafficLeg &x, const TrafficLeg &y) {
                          return x.track == y.track && x.backend == y.backend && x.weight == y.weight;
                      });
}

const Track *trackOf(const std::optional<Deployed> &of, const QString &name)
{
    if (!of)
        return nullptr;
    const auto found =
        std::find_if(of->tracks.begin(), of->tracks.end(), [&name](const Track &one) { return one.name == name; });
    return found == of->tracks.end() ? nullptr : &*found;
}

// By which it is told what goes back: a plan for the releases before them may call the way back a way forward.
QStringList releasesOf(const std::optional<Deployed> &of)
{
    QStringList releases;
    for (const Track &track : of ? of->tracks : QList<Track>())
        releases << track.name << track.version << track.since.toString(Qt::ISODateWithMs);
    return releases;
}

// Two orders with the same key ask for the same.
QByteArray keyOf(const TrafficOrder &order)
{
    QString key = order.connection + QLatin1Char('|') + order.ns + QLatin1Char('|') + order.application +
                  QLatin1Char('|') + order.router.object.uid + QLatin1Char('|') + order.router.rule;
    for (const TrafficOrder::Step &step : order.steps) {
        for (auto it = step.percent.begin(); it != step.percent.end(); ++it)
            key += QStringLiteral("|%1=%2").arg(it.key()).arg(it.value());
        key += QStringLiteral("+%1").arg(step.dwell.count());
    }
    if (order.pauseReconciliation)
        key += QLatin1String("|paused");
    if (order.direction == Direction::Back)
        key += QLatin1String("|back");
    if (order.bringsNewest)
        key += QLatin1String("|newest");
    return key.toUtf8();
}

} // namespace

TrafficPresenter::TrafficPresenter(DeployedStore &deployed, ClusterSet &clusters, OperationCenter &center,
                                   QObject *parent)
    : QObject(parent)
    , m_deployed(deployed)
    , m_clusters(clusters)
    , m_center(center)
    , m_session(center)
    , m_wayBack(center)
    , m_stages(usualStages())
{
    m_poll.setInterval(pollEvery);
    connect(&m_poll, &QTimer::timeout, this, [this] {
        if (m_isActive)
            reload();
    });
    m_poll.start();
    m_replan.setSingleShot(true);
    m_replan.setInterval(settle);
    connect(&m_replan, &QTimer::timeout, this, &TrafficPresenter::planWanted);
    connect(&m_deployed, &DeployedStore::changed, this,
            [this](const QStringList &upserted, const QStringList &removed) { storeChanged(upserted + removed); });
    connect(&m_clusters, &ClusterSet::aboutToRemove, this, &TrafficPresenter::connectionGoes);
    connect(&m_clusters, &ClusterSet::added, this, &TrafficPresenter::followFreshness);
    for (const auto &cluster : m_clusters.all())
        followFreshness(cluster->id);
    for (PlanSession *session : {&m_session, &m_wayBack})
        connect(session, &PlanSession::finished, this, &TrafficPresenter::reload);
}

TrafficPresenter::~TrafficPresenter() = default;

void TrafficPresenter::select(const QString &key)
{
    if (m_key == key)
        return;
    Left left;
    if (m_session.isUnderWay() || m_session.hasOutcome())
        left.shift = m_session.operation()->id();
    if (m_wayBack.isUnderWay() || m_wayBack.hasOutcome())
        left.wayBack = m_wayBack.operation()->id();
    m_left.insert(m_key, left);
    m_key = key;
    m_routerIndex = 0;
    forgetSplit();
    for (PlanSession *session : {&m_session, &m_wayBack})
        session->leave(); // what runs goes on, and is shown again when the operator comes back
    showRunning();
    emit selectionChanged();
    reload();
}

void TrafficPresenter::forgetSplit()
{
    m_ask.cancel();
    m_asksAgain = false;
    m_replan.stop();
    m_split.reset();
    m_hasError = false;
    m_loadState = LoadState::Nothing;
    m_candidate.clear();
    m_wanted = -1;
    m_pausesReconciliation = false;
}

void TrafficPresenter::showRunning()
{
    const Left left = m_left.take(m_key);
    m_session.follow(m_center.find(left.shift));
    m_wayBack.follow(m_center.find(left.wayBack));
    Operation *const running = m_center.holderOf(m_key);
    if (!running || running == m_session.operation() || running == m_wayBack.operation())
        return;
    const OperationKind kind = running->plan().kind;
    if (kind == OperationKind::TrafficShift || kind == OperationKind::TrafficSwitch)
        (running->direction() == Direction::Back ? m_wayBack : m_session).follow(running);
}

// The ports are still there, but no answer of theirs may arrive any more.
void TrafficPresenter::connectionGoes(const QString &connection)
{
    if (m_key.section(QLatin1Char('|'), 0, 0) != connection)
        return;
    m_ask.cancel();
    m_asksAgain = false;
    m_replan.stop();
    m_error = connectionRemoved(connection);
    m_hasError = true;
    if (!m_split)
        m_loadState = LoadState::Failed;
    for (PlanSession *session : {&m_session, &m_wayBack}) {
        if (!session->isUnderWay() && !session->hasOutcome())
            session->fail(m_error);
    }
    emit splitChanged();
}

void TrafficPresenter::storeChanged(const QStringList &changed)
{
    const std::optional<Deployed> of = deployed();
    if (of && m_split) {
        // Routers come and go; the one on screen stays the one on screen.
        const auto same = std::find_if(of->routers.begin(), of->routers.end(), [this](const RouterRef &router) {
            return router.object.uid == m_split->router.object.uid && router.rule == m_split->router.rule;
        });
        if (same != of->routers.end())
            m_routerIndex = static_cast<int>(same - of->routers.begin());
    }
    emit selectionChanged();
    if (changed.contains(m_key) && m_isActive)
        reload();
}

std::optional<Deployed> TrafficPresenter::deployed() const
{
    const Deployed *found = m_deployed.find(m_key);
    return found ? std::optional(*found) : std::nullopt;
}

QStringList TrafficPresenter::routable() const
{
    QStringList keys;
    for (const Deployed &item : m_deployed.all()) {
        if (!item.routers.isEmpty() && item.tracks.size() > 1)
            keys << item.key();
    }
    return keys;
}

Freshness TrafficPresenter::listed() const
{
    Freshness worst;
    worst.state = Freshness::State::Absent;
    for (const auto &cluster : m_clusters.all()) {
        for (const ClusterKind kind : routingKinds) {
            const Freshness one = cluster->store->freshness(kind);
            if (forRouting.isWorse(one, worst))
                worst = one;
        }
    }
    return worst;
}

void TrafficPresenter::listAgain()
{
    for (const auto &cluster : m_clusters.all())
        cluster->source->refresh();
}

void TrafficPresenter::followFreshness(const QString &cluster)
{
    const ClusterConnection *const connection = m_clusters.find(cluster);
    if (!connection)
        return;
    connect(connection->store.get(), &ClusterStore::freshnessChanged, this, [this] {
        if (m_loadState == LoadState::Nothing)
            emit splitChanged();
    });
}

QList<RouterRef> TrafficPresenter::routers() const
{
    const std::optional<Deployed> of = deployed();
    return of ? of->routers : QList<RouterRef>();
}

void TrafficPresenter::selectRouter(int index)
{
    if (index == m_routerIndex || index < 0 || index >= routers().size())
        return;
    m_routerIndex = index;
    forgetSplit();
    m_session.clear();
    m_wayBack.clear();
    emit selectionChanged();
    reload();
}

std::optional<RouterRef> TrafficPresenter::router() const
{
    const QList<RouterRef> all = routers();
    return m_routerIndex < all.size() ? std::optional(all[m_routerIndex]) : std::nullopt;
}

TrafficRouter::Capabilities TrafficPresenter::capabilities() const
{
    const std::optional<Deployed> of = deployed();
    const ClusterConnection *const connection = of ? m_clusters.find(of->connection) : nullptr;
    return connection && connection->traffic && m_routerIndex < of->routers.size()
               ? connection->traffic->capabilities(of->routers[m_routerIndex])
               : TrafficRouter::Capabilities();
}

void TrafficPresenter::setActive(bool isActive)
{
    m_isActive = isActive;
    m_session.setActive(isActive);
    m_wayBack.setActive(isActive);
    if (isActive)
        reload();
}

void TrafficPresenter::reload()
{
    const std::optional<Deployed> of = deployed();
    const ClusterConnection *const connection = of ? m_clusters.find(of->connection) : nullptr;
    if (!connection || !connection->traffic || !router()) {
        m_ask.cancel();
        m_asksAgain = false;
        if (of && !connection) {
            connectionGoes(of->connection);
            return;
        }
        m_split.reset();
        m_loadState = LoadState::Nothing;
        emit splitChanged();
        return;
    }
    if (m_ask.isRunning()) { // a store that never rests must not keep every answer from arriving
        m_asksAgain = true;
        return;
    }
    if (!m_split) {
        m_loadState = LoadState::Loading;
        emit splitChanged();
    }
    ask();
}

void TrafficPresenter::ask()
{
    const std::optional<Deployed> of = deployed();
    const ClusterConnection *const connection = m_clusters.find(of->connection);
    m_asksAgain = false;
    m_ask.run(
        this, [&](const StopToken &stop) { return connection->traffic->split(of->application, *router(), stop); },
        [this](const Result<TrafficSplit> &split) {
            take(split);
            if (m_asksAgain && m_isActive)
                reload();
        });
}

void TrafficPresenter::take(const Result<TrafficSplit> &split)
{
    if (!split && split.error().kind == ErrorKind::Cancelled)
        return;
    m_hasError = !split;
    if (!split) {
        m_error = split.error();
        if (!m_split)
            m_loadState = LoadState::Failed;
        emit splitChanged();
        return;
    }
    const QStringList releases = releasesOf(deployed());
    const bool moved = !m_split || !sameWeights(*m_split, *split) || releases != m_releases;
    m_split = *split;
    m_releases = releases;
    m_loadState = LoadState::Ready;
    chooseCandidate();
    emit splitChanged();
    if (!moved)
        return;
    if (m_wanted < 0)
        offerPercent();
    else
        m_replan.start();
    planWayBack();
}

// Twice of now. Where it is all or nothing that would be all at once: what is stays until somebody says otherwise. None
// where nobody knows what is.
std::optional<int> TrafficPresenter::percentOffered() const
{
    if (percentNow() < 0)
        return std::nullopt;
    if (canSplit())
        return percentNow() < 100 ? std::max(percentNow() * 2, 10) : 100;
    return isAt(0) ? 0 : 100;
}

void TrafficPresenter::offerPercent()
{
    if (const std::optional<int> percent = percentOffered())
        setPercentWanted(*percent);
    else if (!m_session.isRunning() && !m_session.hasOutcome())
        m_session.clear();
}

void TrafficPresenter::chooseCandidate()
{
    const bool known = std::any_of(m_split->legs.begin(), m_split->legs.end(),
                                   [this](const TrafficLeg &leg) { return leg.track == m_candidate; });
    if (known)
        return;
    // The newest version among the tracks the router knows; of those rolled out together, the one with less traffic.
    constexpr qint64 togetherSeconds = 60;
    const std::optional<Deployed> of = deployed();
    const auto rolledOut = [this, &of](const TrafficLeg &leg) {
        const Track *const track = trackOf(of, leg.track);
        // What was restarted, or mended, after a newer release came is not the newest.
        const bool isOvertaken =
            track && std::any_of(m_split->legs.begin(), m_split->legs.end(), [&](const TrafficLeg &other) {
                const Track *const newer = trackOf(of, other.track);
                return newer && track->since > newer->since && isOlderRelease(*track, *newer);
            });
        return track && track->since.isValid() && !isOvertaken ? track->since.toSecsSinceEpoch() : qint64(0);
    };
    qint64 newest = 0;
    for (const TrafficLeg &leg : m_split->legs)
        newest = std::max(newest, rolledOut(leg));
    const TrafficLeg *chosen = nullptr;
    for (const TrafficLeg &leg : m_split->legs) {
        if (rolledOut(leg) >= newest - togetherSeconds &&
            (!chosen || leg.share.value_or(0) < chosen->share.value_or(0)))
            chosen = &leg;
    }
    m_candidate = chosen ? chosen->track : QString();
}

void TrafficPresenter::setCandidate(const QString &track)
{
    if (track == m_candidate)
        return;
    m_candidate = track;
    m_wanted = -1;
    emit splitChanged();
    offerPercent();
    planWayBack();
}

QString TrafficPresenter::stable() const
{
    if (!m_split)
        return {};
    const TrafficLeg *best = nullptr;
    for (const TrafficLeg &leg : m_split->legs) {
        if (leg.track != m_candidate && (!best || leg.share > best->share))
            best = &leg;
    }
    return best ? best->track : QString();
}

std::optional<double> TrafficPresenter::shareNow() const
{
    double share = 0;
    for (const TrafficLeg &leg : m_split ? m_split->legs : QList<TrafficLeg>()) {
        if (leg.track != m_candidate)
            continue;
        if (!leg.share)
            return std::nullopt;
        share += *leg.share;
    }
    return share;
}

int TrafficPresenter::percentNow() const
{
    const std::optional<double> share = shareNow();
    return m_split && share ? wholePercent(*share) : -1;
}

// As far as whole per cents tell; to none and to all there is a way from everything else.
bool TrafficPresenter::isAt(int percent) const
{
    const std::optional<double> share = shareNow();
    return share && percent == percentNow() && std::abs(*share * 100 - percent) < 0.5;
}

void TrafficPresenter::setPercentWanted(int percent)
{
    percent = std::clamp(percent, 0, 100);
    if (!canSplit()) // all of it or nothing
        percent = percent >= 50 ? 100 : 0;
    if (percent == m_wanted)
        return;
    m_wanted = percent;
    emit orderChanged();
    m_replan.start();
}

void TrafficPresenter::setMode(Mode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    emit orderChanged();
    m_replan.start();
}

QStringList TrafficPresenter::offeredPauses() const
{
    QStringList titles;
    for (const PlanSession *session : {&m_session, &m_wayBack}) {
        for (const PlanStep &step : session->operation() ? session->operation()->plan().steps : QList<PlanStep>()) {
            if (step.isOptional && !titles.contains(step.title))
                titles << step.title;
        }
    }
    return titles;
}

void TrafficPresenter::setPausesReconciliation(bool pauses)
{
    if (pauses == m_pausesReconciliation)
        return;
    m_pausesReconciliation = pauses;
    emit orderChanged();
    planWanted();
    planWayBack();
}

void TrafficPresenter::rejectStages()
{
    m_hasStages = false;
    m_replan.stop();
    if (m_mode == Mode::Steps && !m_session.hasOutcome())
        m_session.clear();
    emit orderChanged();
}

void TrafficPresenter::setUsualStages(const QList<int> &percents, std::chrono::seconds dwell)
{
    if (m_hasOwnStages)
        return;
    QList<Stage> stages = usualStages();
    if (!percents.isEmpty()) {
        stages.clear();
        for (const int percent : percents)
            stages.append({percent, std::chrono::seconds(600)});
        stages.last().dwell = std::chrono::seconds(0);
    }
    for (qsizetype i = 0; dwell.count() > 0 && i + 1 < stages.size(); ++i)
        stages[i].dwell = dwell;
    if (stages == m_stages)
        return;
    m_stages = stages;
    emit orderChanged();
    if (m_mode == Mode::Steps)
        m_replan.start();
}

void TrafficPresenter::setStages(const QList<Stage> &stages)
{
    m_hasOwnStages = true;
    if (m_hasStages && stages == m_stages)
        return;
    m_hasStages = true;
    m_stages = stages;
    emit orderChanged();
    m_replan.start();
}

QMap<QString, int> TrafficPresenter::percentages(int candidatePercent) const
{
    QMap<QString, int> result;
    double others = 0;
    for (const TrafficLeg &leg : m_split->legs) {
        result.insert(leg.track, 0);
        if (leg.track != m_candidate)
            others += leg.share.value_or(0);
    }
    int left = 100 - candidatePercent;
    const QString rest = stable();
    for (const TrafficLeg &leg : m_split->legs) {
        if (leg.track == m_candidate || leg.track == rest)
            continue;
        const double share = leg.share.value_or(0);
        const int part = others > 0 ? static_cast<int>(std::floor((100 - candidatePercent) * share / others)) : 0;
        result[leg.track] += part;
        left -= part;
    }
    result[m_candidate] = candidatePercent;
    if (!rest.isEmpty())
        result[rest] += left;
    return result;
}

void TrafficPresenter::dismiss(PlanSession &session)
{
    session.clear();
    if (&session == &m_wayBack)
        planWayBack();
    else
        m_replan.start();
    reload();
}

void TrafficPresenter::planWanted()
{
    if (!m_split || m_wanted < 0 || m_session.isRunning() || m_session.hasOutcome())
        return;
    QList<Stage> ahead;
    if (m_mode == Mode::OneMove || !canSplit()) {
        if (!isAt(m_wanted))
            ahead << Stage{m_wanted, std::chrono::seconds(0)};
    } else if (m_hasStages) {
        for (const Stage &stage : m_stages) {
            if (stage.percent > shareNow().value_or(0) * 100 && !isAt(stage.percent))
                ahead << stage;
        }
    }
    if (ahead.isEmpty())
        m_session.clear();
    else
        planInto(m_session, ahead);
}

void TrafficPresenter::planWayBack()
{
    if (m_wayBack.isRunning() || m_wayBack.hasOutcome())
        return;
    if (!m_split || stable().isEmpty() || percentNow() == 0) // where it is not known, some may be to take back
        m_wayBack.clear();
    else
        planInto(m_wayBack, {{0, std::chrono::seconds(0)}});
}

// Which way it goes is told by the releases, not by the button: part of the traffic taken back with the slider is a way
// back, and all to the others waits as any other way forward where somebody chose the older one as the candidate.
void TrafficPresenter::planInto(PlanSession &session, const QList<Stage> &stages)
{
    const std::optional<Deployed> of = deployed();
    if (!of || !router())
        return;
    TrafficOrder order;
    order.connection = of->connection;
    order.ns = of->ns;
    order.application = of->application;
    order.environment = of->environment;
    order.router = *router();
    order.pauseReconciliation = m_pausesReconciliation;
    order.carried = m_deployed.carriedBy(of->key());
    for (const Stage &stage : stages)
        order.steps << TrafficOrder::Step{percentages(stage.percent), stage.dwell};
    const TrafficWay way = trafficWayOf(order.steps, *m_split, of->tracks, stable());
    order.direction = way.direction;
    order.bringsNewest = way.bringsNewest;
    // The same order again, since the world moved: what is on screen stays until the newer plan is there.
    const QByteArray key = keyOf(order);
    if (session.state() != PlanSession::State::Nothing && m_orders.value(&session) == key) {
        session.replan();
        return;
    }
    m_orders.insert(&session, key);
    session.plan([&clusters = m_clusters, order](const StopToken &stop) {
        const ClusterConnection *const connection = clusters.find(order.connection);
        return connection && connection->traffic ? connection->traffic->plan(order, stop)
                                                 : ready(Result<Plan>(connectionRemoved(order.connection)));
    });
}

} // namespace signalbox
