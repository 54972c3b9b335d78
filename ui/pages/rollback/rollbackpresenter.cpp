#include "ui/pages/rollback/rollbackpresenter.h"

#include "models/domain/sharetext.h"
#include "models/domain/wayback.h"
#include "services/feeds/clusterset.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "ui/widgets/timetext.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

// What of an application decides which ways back there are. `isMixed`: its pods move from one revision to another.
QString relevantState(const Deployed &deployed, bool isMixed)
{
    QStringList parts;
    for (const Track &track : deployed.tracks) {
        parts << track.name << track.templateHash << track.version << QString::number(track.podsReady > 0)
              << QString::number(track.share.value_or(-1));
        if (isMixed)
            parts << QString::number(track.podsReady) << QString::number(track.podsWanted);
    }
    return parts.join(QLatin1Char('|'));
}

const Check *worstOf(const QList<Check> &checks)
{
    const auto worst = std::max_element(checks.begin(), checks.end(),
                                        [](const Check &a, const Check &b) { return a.state < b.state; });
    return worst == checks.end() ? nullptr : &*worst;
}

Health healthOf(CheckState state)
{
    switch (state) {
    case CheckState::Pass:
        return Health::Ok;
    case CheckState::Warn:
        return Health::Warning;
    case CheckState::Block:
        break;
    }
    return Health::Failing;
}

bool getsTraffic(const Track &track)
{
    return track.share.value_or(0) > 0;
}

// A roll-out that got stuck, or too few pods, by the workload's own word; invalid: it says neither.
QDateTime failedSince(const QList<Condition> &conditions)
{
    QDateTime first;
    for (const Condition &one : conditions) {
        const bool tells = one.type == QLatin1String("Progressing") || one.type == QLatin1String("Available");
        if (tells && one.status == QLatin1String("False") && one.since.isValid() &&
            (!first.isValid() || one.since < first))
            first = one.since;
    }
    return first;
}

// Pods of all kept revisions; 0: not told.
int podsOfAll(const QList<RollbackTarget> &targets)
{
    int pods = 0;
    for (const RollbackTarget &target : targets)
        pods += target.revision.replicas;
    return pods;
}

RollbackChoice choiceOf(const RollbackTarget &target, const ObjectRef &workload, const QString &track)
{
    RollbackChoice choice;
    choice.id = QStringLiteral("revision:%1:%2").arg(workload.uid, target.revision.templateHash);
    choice.kind = RollbackChoice::Kind::Revision;
    choice.workload = workload;
    choice.track = track;
    choice.version = target.version;
    choice.hash = target.revision.templateHash;
    choice.since = target.revision.created;
    choice.isLive = target.isLive;
    choice.isSuggested = target.isSuggested;
    choice.diff = target.diff;
    const Check *worst = worstOf(target.readiness);
    choice.readiness = worst ? healthOf(worst->state) : Health::Unknown;
    QStringList words;
    for (const Check &check : target.readiness) {
        if (!worst || check.state == worst->state)
            words << check.text;
    }
    choice.text = words.join(QStringLiteral(" · "));
    return choice;
}

} // namespace

RollbackPresenter::RollbackPresenter(DeployedStore &deployed, ClusterSet &clusters, OperationCenter &center,
                                     QObject *parent)
    : QObject(parent)
    , m_deployed(deployed)
    , m_clusters(clusters)
    , m_center(center)
    , m_session(center)
{
    m_reload.setSingleShot(true);
    m_reload.setInterval(std::chrono::milliseconds(700)); // a roll-out changes many things at once
    connect(&m_reload, &QTimer::timeout, this, &RollbackPresenter::reload);
    connect(&m_deployed, &DeployedStore::changed, this, &RollbackPresenter::storeChanged);
    connect(&m_clusters, &ClusterSet::aboutToRemove, this, &RollbackPresenter::connectionGoes);
    connect(&m_session, &PlanSession::finished, this, [this] { m_reload.start(); });
}

RollbackPresenter::~RollbackPresenter() = default;

void RollbackPresenter::select(const QString &key)
{
    if (m_key == key)
        return;
    if (m_session.isUnderWay() || m_session.hasOutcome())
        m_left.insert(m_key, m_session.operation()->id());
    else
        m_left.remove(m_key);
    m_ask.cancel();
    m_reload.stop();
    m_key = key;
    m_choices.clear();
    m_chosen.clear();
    m_workloadUid.clear();
    m_seenState.clear();
    m_isMixed = false;
    m_failing.clear();
    m_isStale = false;
    m_loadState = LoadState::Nothing;
    m_session.leave(); // what runs goes on, and is shown again when the operator comes back
    showRunning();
    emit selectionChanged();
    if (m_isActive && !m_key.isEmpty())
        emit opened(m_key);
    reload();
}

void RollbackPresenter::showRunning()
{
    Operation *operation = m_center.find(m_left.take(m_key));
    if (!operation)
        operation = m_center.holderOf(m_key);
    if (operation && operation->direction() == Direction::Back)
        m_session.follow(operation);
}

// The ports are still there, but no answer of theirs may arrive any more.
void RollbackPresenter::connectionGoes(const QString &connection)
{
    if (m_key.section(QLatin1Char('|'), 0, 0) != connection)
        return;
    m_ask.cancel();
    m_reload.stop();
    m_choices.clear();
    m_chosen.clear();
    m_isStale = false;
    m_loadState = LoadState::Failed;
    m_error = connectionRemoved(connection);
    if (!m_session.isUnderWay() && !m_session.hasOutcome())
        m_session.fail(m_error);
    emit choicesChanged();
}

QDateTime RollbackPresenter::failingSince() const
{
    QDateTime since = m_deployed.failingSince(m_key);
    const Deployed *const item = m_deployed.find(m_key);
    const ClusterConnection *const cluster = item && since.isValid() ? m_clusters.find(item->connection) : nullptr;
    if (!cluster || !cluster->store)
        return since;
    const QHash<QString, Workload> &workloads = cluster->store->workloads();
    for (const Track &track : item->tracks) {
        for (const ObjectRef &ref : track.workloads) {
            const auto workload = workloads.constFind(ref.uid);
            if (track.health != Health::Failing || workload == workloads.constEnd())
                continue;
            const QDateTime told = failedSince(workload->conditions);
            if (told.isValid() && told < since)
                since = told;
        }
    }
    return since;
}

std::optional<Deployed> RollbackPresenter::deployed() const
{
    const Deployed *found = m_deployed.find(m_key);
    return found ? std::optional(*found) : std::nullopt;
}

QString RollbackPresenter::mostUrgent() const
{
    const QList<Deployed> all = m_deployed.all();
    const auto urgency = [](const Deployed &d) { return std::tuple(d.health, d.isProtected, d.since); };
    const auto most = std::max_element(all.begin(), all.end(),
                                       [&](const Deployed &a, const Deployed &b) { return urgency(a) < urgency(b); });
    return most == all.end() ? QString() : most->key();
}

QList<ObjectRef> RollbackPresenter::workloads() const
{
    const std::optional<Deployed> of = deployed();
    return of && !of->tracks.isEmpty() ? of->tracks.first().workloads : QList<ObjectRef>();
}

ObjectRef RollbackPresenter::workload() const
{
    const QList<ObjectRef> all = workloads();
    const auto chosen =
        std::find_if(all.begin(), all.end(), [this](const ObjectRef &ref) { return ref.uid == m_workloadUid; });
    return chosen != all.end() ? *chosen : all.value(0);
}

void RollbackPresenter::selectWorkload(const QString &uid)
{
    if (m_workloadUid == uid)
        return;
    m_workloadUid = uid;
    m_ask.cancel();
    m_choices.clear();
    m_chosen.clear();
    m_isStale = false;
    m_session.clear();
    emit selectionChanged();
    reload();
}

void RollbackPresenter::setActive(bool isActive)
{
    const bool wakes = isActive && !m_isActive;
    m_isActive = isActive;
    m_session.setActive(isActive);
    if (wakes && !m_key.isEmpty())
        emit opened(m_key);
    if (isActive && (m_loadState != LoadState::Ready || m_isStale))
        reload();
}

const Freshness *RollbackPresenter::lostSource() const
{
    const Deployed *const of = m_deployed.find(m_key);
    const bool isLost =
        of && (of->freshness.state == Freshness::State::Stale || of->freshness.state == Freshness::State::Failed);
    return isLost ? &of->freshness : nullptr;
}

QDateTime RollbackPresenter::staleSince() const
{
    if (m_loadState != LoadState::Ready)
        return {};
    if (m_isStale)
        return m_readAt;
    const Freshness *const lost = lostSource();
    if (!lost)
        return {};
    return lost->lastHeard.isValid() ? std::max(lost->lastHeard, m_readAt) : m_readAt;
}

QString RollbackPresenter::staleReason() const
{
    const Freshness *const lost = lostSource();
    return m_isStale ? m_error.message : lost && lost->error ? lost->error->message : QString();
}

void RollbackPresenter::storeChanged(const QStringList &upserted, const QStringList &removed)
{
    if (removed.contains(m_key) || upserted.contains(m_key))
        emit selectionChanged();
    const bool isSourceStale = lostSource() != nullptr;
    const bool isBack = m_wasSourceStale && !isSourceStale;
    if (isSourceStale != std::exchange(m_wasSourceStale, isSourceStale))
        emit choicesChanged();
    const std::optional<Deployed> now = deployed();
    if (now && m_isActive && !m_session.isRunning() && (isBack || relevantState(*now, m_isMixed) != m_seenState))
        m_reload.start();
}

void RollbackPresenter::setFailing(const QStringList &tracks)
{
    if (m_failing == tracks)
        return;
    const QStringList before = std::exchange(m_failing, tracks);
    const Deployed *const of = m_deployed.find(m_key);
    if (of && m_isActive && hasNothingToLeave(*of, before) != hasNothingToLeave(*of, m_failing))
        m_reload.start();
}

void RollbackPresenter::reload()
{
    const std::optional<Deployed> of = deployed();
    if (!of || of->tracks.isEmpty()) {
        m_ask.cancel();
        m_choices.clear();
        m_loadState = LoadState::Nothing;
        emit choicesChanged();
        return;
    }
    const ObjectRef from = workload();
    const ClusterConnection *const connection = m_clusters.find(of->connection);
    if (!connection || !connection->rollback || from.uid.isEmpty()) {
        m_ask.cancel();
        m_choices.clear();
        m_loadState = LoadState::Failed;
        m_error = {ErrorKind::Unsupported,
                   tr("%1 in %2 runs on nothing that keeps revisions.").arg(of->application, of->environment),
                   {}};
        if (!connection)
            m_error = connectionRemoved(of->connection);
        emit choicesChanged();
        return;
    }
    m_seenState = relevantState(*of, m_isMixed);
    if (m_choices.isEmpty()) {
        m_loadState = LoadState::Loading;
        emit choicesChanged();
    }
    m_ask.run(
        this, [&](const StopToken &stop) { return connection->rollback->targets(from, stop); },
        [this, of = *of](const Result<QList<RollbackTarget>> &targets) { take(targets, of); });
}

void RollbackPresenter::take(const Result<QList<RollbackTarget>> &targets, const Deployed &of)
{
    if (!targets) {
        if (targets.error().kind == ErrorKind::Cancelled)
            return;
        // What was read before stays, and says how old it is: going back must not need a second good answer.
        m_isStale = !m_choices.isEmpty();
        m_loadState = m_isStale ? LoadState::Ready : LoadState::Failed;
        m_error = targets.error();
        emit choicesChanged();
        return;
    }
    m_isStale = false;
    QList<RollbackChoice> choices = trackChoices(of);
    const bool isSuggesting =
        !hasNothingToLeave(of, m_failing) &&
        std::none_of(choices.begin(), choices.end(), [](const RollbackChoice &c) { return c.isSuggested; });
    const ObjectRef from = workload();
    const Track &live = of.tracks.first();
    const int pods = podsOfAll(*targets);
    qsizetype place = 0;
    noteMixed(of, std::any_of(targets->begin(), targets->end(), [pods](const RollbackTarget &target) {
                  return target.isLive && pods > target.revision.replicas;
              }));
    for (const RollbackTarget &target : *targets) {
        RollbackChoice choice = choiceOf(target, from, live.name);
        choice.isSuggested = choice.isSuggested && isSuggesting;
        // While its track runs other revisions too, the track's share is not this one's.
        if (choice.isLive && pods > target.revision.replicas)
            choice.text =
                QStringLiteral("%1 · %2").arg(tr("%1 of %2 pods").arg(target.revision.replicas).arg(pods), choice.text);
        else if (choice.isLive && live.share)
            choice.share = shareText(*live.share);
        // What runs as a track already is that track: one row for each version.
        const auto same = std::find_if(choices.begin(), choices.end(), [&choice](const RollbackChoice &c) {
            return c.kind == RollbackChoice::Kind::Track && !c.hash.isEmpty() && c.hash == choice.hash &&
                   (choice.isLive || c.readiness != Health::Failing);
        });
        if (same != choices.end())
            same->isLive = same->isLive || (choice.isLive && !live.share && same->track == live.name);
        else if (choice.isLive)
            choices.insert(place++, choice); // what is live comes first
        else
            choices.append(choice);
    }
    const QString hashBefore = choice(m_chosen).value_or(RollbackChoice()).hash;
    m_choices = choices;
    m_loadState = LoadState::Ready;
    m_readAt = AgeTicker::now();
    // Before anyone hears of the choices: a list that has none chosen chooses its first row when it gets the focus.
    const bool wasChosen = choice(m_chosen).has_value();
    if (!wasChosen)
        chooseAnew(hashBefore);
    emit choicesChanged();
    if (m_session.isRunning() || m_session.hasOutcome())
        return;
    if (wasChosen && m_session.state() != PlanSession::State::Nothing)
        m_session.replan();
    else
        planChosen();
}

// How many of its pods run which revision is read again for as long as they move.
void RollbackPresenter::noteMixed(const Deployed &of, bool isMixed)
{
    m_isMixed = isMixed;
    m_seenState = relevantState(of, isMixed);
    const std::optional<Deployed> now = deployed();
    if (now && m_isActive && !m_session.isRunning() && relevantState(*now, isMixed) != m_seenState)
        m_reload.start(); // it moved on meanwhile
}

// While something runs, and until its outcome was read, what is chosen stays the version it went to: another suggestion
// beside it would speak of another plan.
void RollbackPresenter::chooseAnew(const QString &hashBefore)
{
    const bool follows = m_session.isRunning() || m_session.hasOutcome();
    const auto found = std::find_if(m_choices.begin(), m_choices.end(), [&](const RollbackChoice &c) {
        return follows ? !hashBefore.isEmpty() && c.hash == hashBefore : c.isSuggested;
    });
    if (found != m_choices.end())
        m_chosen = found->id;
    else if (!follows)
        m_chosen.clear();
}

QList<RollbackChoice> RollbackPresenter::trackChoices(const Deployed &of) const
{
    QList<RollbackChoice> choices;
    if (of.tracks.size() < 2 || of.routers.isEmpty())
        return choices;
    const Track *const from = newestLiveTrack(of);
    const bool isAsked = from && getsTraffic(*from) && !hasNothingToLeave(of, m_failing);
    const Track *const back = isAsked ? trackToGoBackTo(of) : nullptr;
    for (const Track &track : of.tracks) {
        if (track.share.value_or(0) >= 1) // has all of it: nothing to go back to
            continue;
        RollbackChoice choice;
        choice.id = QStringLiteral("track:%1:%2").arg(of.routers.first().object.uid, track.name);
        choice.kind = RollbackChoice::Kind::Track;
        choice.router = of.routers.first();
        choice.track = track.name;
        choice.version = track.version;
        choice.hash = track.templateHash;
        choice.since = track.since;
        choice.readiness = track.podsReady > 0 ? Health::Ok : Health::Failing;
        choice.isSuggested = &track == back;
        choice.isLive = getsTraffic(track);
        if (choice.isLive)
            choice.share = shareText(*track.share);
        choice.text = choice.isLive ? tr("%1 of %2 pods ready").arg(track.podsReady).arg(track.podsWanted)
                                    : tr("all traffic to %1 · %2 of %3 pods ready")
                                          .arg(track.name)
                                          .arg(track.podsReady)
                                          .arg(track.podsWanted);
        choices.append(choice);
    }
    return choices;
}

std::optional<RollbackChoice> RollbackPresenter::choice(const QString &id) const
{
    const auto found =
        std::find_if(m_choices.begin(), m_choices.end(), [&id](const RollbackChoice &c) { return c.id == id; });
    return found == m_choices.end() ? std::nullopt : std::optional(*found);
}

void RollbackPresenter::choose(const QString &id)
{
    if (m_session.isRunning()) {
        emit choicesChanged(); // the list goes back to what is under way
        return;
    }
    m_chosen = id;
    emit choicesChanged();
    if (!m_session.hasOutcome()) // that one is read first
        planChosen();
}

void RollbackPresenter::dismiss()
{
    m_session.clear();
    reload();
}

void RollbackPresenter::planChosen()
{
    const std::optional<RollbackChoice> to = choice(m_chosen);
    const std::optional<Deployed> of = deployed();
    if (!to || !of || (to->kind == RollbackChoice::Kind::Revision && to->isLive)) {
        m_session.clear();
        return;
    }
    if (to->kind == RollbackChoice::Kind::Track)
        planTrack(*to, *of);
    else
        planRevision(*to, *of);
}

void RollbackPresenter::planTrack(const RollbackChoice &to, const Deployed &of)
{
    TrafficOrder order;
    order.connection = of.connection;
    order.ns = of.ns;
    order.application = of.application;
    order.environment = of.environment;
    order.router = to.router;
    order.direction = Direction::Back;
    order.carried = m_deployed.carriedBy(of.key());
    TrafficOrder::Step step;
    for (const Track &track : of.tracks)
        step.percent.insert(track.name, track.name == to.track ? 100 : 0);
    order.steps = {step};
    m_session.plan([&clusters = m_clusters, order](const StopToken &stop) {
        const ClusterConnection *const connection = clusters.find(order.connection);
        return connection && connection->traffic ? connection->traffic->plan(order, stop)
                                                 : ready(Result<Plan>(connectionRemoved(order.connection)));
    });
}

void RollbackPresenter::planRevision(const RollbackChoice &to, const Deployed &of)
{
    RollbackOrder order;
    order.connection = of.connection;
    order.ns = of.ns;
    order.application = of.application;
    order.environment = of.environment;
    order.workload = to.workload;
    order.to = to.hash;
    m_session.plan(
        [&clusters = m_clusters, &all = m_deployed, key = of.key(), order = order](const StopToken &stop) mutable {
            const Deployed *const now = all.find(key); // it is planned again while it is looked at
            order.liveShare = now ? liveShareOf(*now, order.workload) : std::nullopt;
            const ClusterConnection *const connection = clusters.find(order.connection);
            return connection && connection->rollback ? connection->rollback->plan(order, stop)
                                                      : ready(Result<Plan>(connectionRemoved(order.connection)));
        });
}

} // namespace signalbox
