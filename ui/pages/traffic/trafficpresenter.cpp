#include "ui/pages/traffic/trafficpresenter.h"

#include "services/feeds/clusterset.h"

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr std::chrono::seconds pollEvery{5}; // reads the object itself, beside the watch that moves the store
constexpr std::chrono::milliseconds settle{300};

QList<TrafficPresenter::Stage> usualStages()
{
    using namespace std::chrono_literals;
    return {{1, 600s}, {5, 600s}, {25, 900s}, {50, 900s}, {100, 0s}};
}

} // namespace

TrafficPresenter::TrafficPresenter(DeployedStore &deployed, ClusterSet &clusters, OperationCenter &center,
                                   QObject *parent)
    : QObject(parent)
    , m_deployed(deployed)
    , m_clusters(clusters)
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
            [this](const QStringList &upserted, const QStringList &removed) {
                emit selectionChanged();
                if ((upserted.contains(m_key) || removed.contains(m_key)) && m_isActive)
                    reload();
            });
    for (PlanSession *session : {&m_session, &m_wayBack})
        connect(session, &PlanSession::finished, this, &TrafficPresenter::reload);
}

TrafficPresenter::~TrafficPresenter() = default;

void TrafficPresenter::select(const QString &key)
{
    if (m_key == key)
        return;
    m_key = key;
    m_routerIndex = 0;
    m_split.reset();
    m_hasError = false;
    m_candidate.clear();
    m_wanted = -1;
    m_session.clear();
    m_wayBack.clear();
    emit selectionChanged();
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
    m_split.reset();
    m_candidate.clear();
    m_wanted = -1;
    m_session.clear();
    m_wayBack.clear();
    reload();
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
    if (!connection || !connection->traffic || m_routerIndex >= of->routers.size()) {
        m_loadState = LoadState::Nothing;
        emit splitChanged();
        return;
    }
    if (!m_split) {
        m_loadState = LoadState::Loading;
        emit splitChanged();
    }
    const RouterRef router = of->routers[m_routerIndex];
    m_ask.run(
        this, [&](const StopToken &stop) { return connection->traffic->split(of->application, router, stop); },
        [this](const Result<TrafficSplit> &split) { take(split); });
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
    const bool moved = !m_split || m_split->legs != split->legs;
    m_split = *split;
    m_loadState = LoadState::Ready;
    chooseCandidate();
    emit splitChanged();
    if (!moved)
        return;
    if (m_wanted < 0)
        setPercentWanted(std::min(100, percentNow() < 100 ? std::max(percentNow() * 2, 10) : 100));
    else if (!m_session.isFinished()) // an outcome stays on screen until the operator goes on
        m_replan.start();
    if (!m_wayBack.isFinished())
        planWayBack();
}

void TrafficPresenter::chooseCandidate()
{
    const bool known = std::any_of(m_split->legs.begin(), m_split->legs.end(),
                                   [this](const TrafficLeg &leg) { return leg.track == m_candidate; });
    if (known)
        return;
    // The newest version among the tracks the router knows; of those rolled out together, the one with less traffic.
    const std::optional<Deployed> of = deployed();
    const auto rolledOut = [&of](const QString &name) {
        for (const Track &track : of ? of->tracks : QList<Track>()) {
            if (track.name == name && track.since.isValid())
                return track.since.toSecsSinceEpoch() / 60;
        }
        return qint64(0);
    };
    const auto newest = std::max_element(
        m_split->legs.begin(), m_split->legs.end(), [&rolledOut](const TrafficLeg &a, const TrafficLeg &b) {
            return std::pair(rolledOut(a.track), -a.share) < std::pair(rolledOut(b.track), -b.share);
        });
    m_candidate = newest == m_split->legs.end() ? QString() : newest->track;
}

void TrafficPresenter::setCandidate(const QString &track)
{
    if (track == m_candidate)
        return;
    m_candidate = track;
    m_wanted = -1;
    emit splitChanged();
    setPercentWanted(std::min(100, std::max(percentNow(), 0) + 10));
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

int TrafficPresenter::percentNow() const
{
    if (!m_split)
        return -1;
    double share = 0;
    for (const TrafficLeg &leg : m_split->legs) {
        if (leg.track == m_candidate)
            share += leg.share;
    }
    return static_cast<int>(std::lround(share * 100));
}

void TrafficPresenter::setPercentWanted(int percent)
{
    percent = std::clamp(percent, 0, 100);
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

void TrafficPresenter::setStages(const QList<Stage> &stages)
{
    if (stages == m_stages)
        return;
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
            others += leg.share;
    }
    int left = 100 - candidatePercent;
    const QString rest = stable();
    for (const TrafficLeg &leg : m_split->legs) {
        if (leg.track == m_candidate || leg.track == rest)
            continue;
        const int part = others > 0 ? static_cast<int>(std::floor((100 - candidatePercent) * leg.share / others)) : 0;
        result[leg.track] += part;
        left -= part;
    }
    result[m_candidate] = candidatePercent;
    if (!rest.isEmpty())
        result[rest] += left;
    return result;
}

void TrafficPresenter::replan()
{
    m_replan.start();
}

void TrafficPresenter::planWanted()
{
    if (!m_split || m_wanted < 0)
        return;
    if (m_mode == Mode::OneMove || !capabilities().testFlag(TrafficRouter::Capability::Split)) {
        planInto(m_session, Direction::Forward, {{m_wanted, std::chrono::seconds(0)}});
        return;
    }
    QList<Stage> ahead;
    for (const Stage &stage : m_stages) {
        if (stage.percent > percentNow())
            ahead << stage;
    }
    if (ahead.isEmpty())
        m_session.clear();
    else
        planInto(m_session, Direction::Forward, ahead);
}

void TrafficPresenter::planWayBack()
{
    if (!m_split || stable().isEmpty() || percentNow() <= 0)
        m_wayBack.clear();
    else
        planInto(m_wayBack, Direction::Back, {{0, std::chrono::seconds(0)}});
}

void TrafficPresenter::planInto(PlanSession &session, Direction direction, const QList<Stage> &stages)
{
    const std::optional<Deployed> of = deployed();
    if (!of || session.isRunning() || m_routerIndex >= of->routers.size())
        return;
    TrafficOrder order;
    order.connection = of->connection;
    order.ns = of->ns;
    order.application = of->application;
    order.environment = of->environment;
    order.router = of->routers[m_routerIndex];
    order.direction = direction;
    for (const Stage &stage : stages)
        order.steps << TrafficOrder::Step{percentages(stage.percent), stage.dwell};
    session.plan([&clusters = m_clusters, order](const StopToken &stop) {
        const ClusterConnection *const connection = clusters.find(order.connection);
        return connection ? connection->traffic->plan(order, stop)
                          : ready(Result<Plan>(Error{
                                ErrorKind::Unreachable,
                                tr("The connection %1 was removed. Add it again in Connections.").arg(order.connection),
                                {}}));
    });
}

} // namespace signalbox
