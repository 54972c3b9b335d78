#include "services/feeds/readinessfeed.h"

#include "services/feeds/clusterset.h"
#include "services/feeds/rehearsal.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{
constexpr qint64 longestWaitMs = 30000; // until the clocks are compared again
constexpr int settlesAtMost = 5;        // what never comes to rest is asked after so many times Settings::settle

bool ownsAnyOf(const Deployed &deployed, const QSet<QString> &owners)
{
    return std::any_of(deployed.tracks.begin(), deployed.tracks.end(), [&owners](const Track &track) {
        return std::any_of(track.workloads.begin(), track.workloads.end(),
                           [&owners](const ObjectRef &workload) { return owners.contains(workload.uid); });
    });
}

// What the kubelet says of an image that it did not get, all of them with the image in quotes: "Failed to pull image
// ...", "Container image ... is not present with pull policy of Never" (kubernetes/kubernetes
// pkg/kubelet/images/image_manager.go). Empty: it tells of something else.
QString unpulledImage(const ClusterEvent &event)
{
    if (!event.isWarning || event.about.kind != QLatin1String("Pod") ||
        !event.message.contains(QLatin1String("pull"), Qt::CaseInsensitive))
        return {};
    return event.message.section(QLatin1Char('"'), 1, 1);
}

} // namespace

ReadinessFeed::ReadinessFeed(ClusterSet &clusters, DeployedStore &deployed, Settings settings, QObject *parent)
    : QObject(parent)
    , m_clusters(clusters)
    , m_deployed(deployed)
    , m_settings(settings)
{
    m_clock.start();
    m_begun = QDateTime::currentDateTimeUtc();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ReadinessFeed::takeDue);
    connect(&m_deployed, &DeployedStore::changed, this, &ReadinessFeed::storeChanged);
    connect(&m_clusters, &ClusterSet::added, this, &ReadinessFeed::watchRevisions);
    connect(&m_clusters, &ClusterSet::aboutToRemove, this, &ReadinessFeed::forgetConnection);
    for (const auto &cluster : m_clusters.all())
        watchRevisions(cluster->id);
    QStringList keys;
    for (const Deployed &one : m_deployed.all())
        keys << one.key();
    storeChanged(keys, {});
}

ReadinessFeed::ReadinessFeed(ClusterSet &clusters, DeployedStore &deployed, QObject *parent)
    : ReadinessFeed(clusters, deployed, Settings(), parent)
{}

ReadinessFeed::~ReadinessFeed()
{
    for (auto &[key, entry] : m_entries)
        entry.stop.request_stop();
}

std::optional<Readiness> ReadinessFeed::find(const QString &key) const
{
    const auto found = m_entries.find(key);
    if (found == m_entries.end() || !found->second.last)
        return std::nullopt;
    Readiness readiness = *found->second.last;
    const qint64 byTheWall = readiness.checkedAt.msecsTo(QDateTime::currentDateTimeUtc());
    const bool isOld =
        std::max(m_clock.elapsed() - found->second.answeredMs, byTheWall) > 2 * m_settings.repeat.count();
    if (!isOld && !found->second.isOutdated)
        return readiness;
    readiness.light = Health::Unknown;
    readiness.reason = found->second.isOutdated ? tr("Something changed since the rehearsal; it is rehearsed again.")
                                                : tr("The last rehearsal is too long ago to count.");
    readiness.wayOut.clear();
    readiness.to.clear(); // the last good revision may be another one now
    return readiness;
}

bool ReadinessFeed::isRehearsing(const QString &key) const
{
    const auto found = m_entries.find(key);
    return found != m_entries.end() && found->second.isRunning;
}

bool ReadinessFeed::isIdle() const
{
    return std::none_of(m_entries.begin(), m_entries.end(),
                        [](const auto &one) { return one.second.isRunning || !one.second.last; });
}

void ReadinessFeed::rehearse(const QString &key)
{
    const auto found = m_entries.find(key);
    if (found != m_entries.end() && !found->second.isRunning)
        start(key, found->second);
}

void ReadinessFeed::freshen(const QString &key, std::chrono::milliseconds age)
{
    const auto found = m_entries.find(key);
    if (found == m_entries.end() || !found->second.last || found->second.isRunning ||
        m_clock.elapsed() - found->second.answeredMs <= age.count())
        return;
    found->second.isLookedAt = true;
    found->second.dueMs = m_clock.elapsed();
    takeDue();
}

void ReadinessFeed::rehearseAll()
{
    for (auto &[key, entry] : m_entries)
        entry.dueMs = std::min(entry.dueMs, m_clock.elapsed());
    schedule();
}

void ReadinessFeed::storeChanged(const QStringList &upserted, const QStringList &removed)
{
    for (const QString &key : removed) {
        const auto found = m_entries.find(key);
        if (found == m_entries.end())
            continue;
        found->second.stop.request_stop();
        m_entries.erase(found);
    }
    for (const QString &key : upserted) {
        const Deployed *const deployed = m_deployed.find(key);
        if (!deployed)
            continue;
        const QString basis = readinessBasis(*deployed);
        Entry &entry = m_entries[key];
        if (entry.basis == basis)
            continue;
        entry.basis = basis;
        if (entry.last || entry.isRunning) {
            noteMove(entry);
            emit changed(key);
        } else { // what is new is asked at once
            entry.dueMs = m_clock.elapsed();
        }
    }
    schedule();
}

// What moves is asked about when it has come to rest, or has not for long.
void ReadinessFeed::noteMove(Entry &entry)
{
    const qint64 now = m_clock.elapsed();
    const qint64 settle = m_settings.settle.count();
    entry.isStaleAnswer = entry.isRunning;
    entry.isOutdated = entry.last.has_value();
    if (!entry.movedMs)
        entry.movedMs = now;
    entry.dueMs = std::min(now + settle, *entry.movedMs + settlesAtMost * settle);
}

void ReadinessFeed::watchRevisions(const QString &connection)
{
    const ClusterConnection *const cluster = m_clusters.find(connection);
    if (!cluster || !cluster->store)
        return;
    // A pruned or new revision changes where one can go back to without changing what runs.
    connect(cluster->store.get(), &ClusterStore::revisionsChanged, this,
            [this, connection] { noteRevisions(connection); });
    connect(cluster->store.get(), &ClusterStore::eventsChanged, this,
            [this, connection](const IdChanges &ids) { noteEvents(connection, ids); });
    connect(cluster->store.get(), &ClusterStore::freshnessChanged, this, &ReadinessFeed::schedule);
    noteRevisions(connection);
    noteEvents(connection, IdChanges{true, {}, {}});
}

// What is still being listed comes first: the operator waits for it.
bool ReadinessFeed::isListed(const QString &key) const
{
    const Deployed *const deployed = m_deployed.find(key);
    const ClusterConnection *const cluster = deployed ? m_clusters.find(deployed->connection) : nullptr;
    return !cluster || !cluster->store ||
           cluster->store->freshness(ClusterKind::Pods).state != Freshness::State::Loading;
}

void ReadinessFeed::noteRevisions(const QString &connection)
{
    const ClusterConnection *const cluster = m_clusters.find(connection);
    if (!cluster)
        return;
    const QHash<QString, Revision> &revisions = cluster->store->revisions();
    QHash<QString, QString> &seen = m_revisions[connection];
    QSet<QString> moved;
    for (auto it = seen.begin(); it != seen.end();) {
        if (revisions.contains(it.key())) {
            ++it;
            continue;
        }
        moved.insert(it.value());
        it = seen.erase(it);
    }
    for (auto it = revisions.begin(); it != revisions.end(); ++it) {
        if (seen.contains(it.key()))
            continue;
        seen.insert(it.key(), it->ownerUid);
        moved.insert(it->ownerUid);
    }
    if (moved.isEmpty())
        return;
    for (auto &[key, entry] : m_entries) {
        const Deployed *const deployed = m_deployed.find(key);
        const bool isAsked = entry.last || entry.isRunning;
        if (!isAsked || !deployed || deployed->connection != connection || !ownsAnyOf(*deployed, moved))
            continue;
        noteMove(entry);
        emit changed(key);
    }
    schedule();
}

// An image that went away closes the way to the revision that needs it, whichever application the event is about.
void ReadinessFeed::noteEvents(const QString &connection, const IdChanges &ids)
{
    const ClusterConnection *const cluster = m_clusters.find(connection);
    if (!cluster)
        return;
    const QHash<QString, ClusterEvent> &events = cluster->store->events();
    QHash<QString, QString> &seen = m_unpulled[connection];
    seen.removeIf([&events](const auto &one) { return !events.contains(one.key()); });
    QSet<QString> moved; // namespaces
    for (const QString &uid : ids.isReset ? events.keys() : ids.upserted) {
        const auto event = events.find(uid);
        const QString image = event == events.end() ? QString() : unpulledImage(*event);
        if (image.isEmpty() || seen.contains(uid))
            continue;
        const QString place = event->about.ns + QLatin1Char('|') + image;
        const bool isKnown = std::find(seen.cbegin(), seen.cend(), place) != seen.cend(); // of another pod
        seen.insert(uid, place);
        if (!isKnown)
            moved.insert(event->about.ns);
    }
    if (moved.isEmpty())
        return;
    for (auto &[key, entry] : m_entries) {
        const Deployed *const deployed = m_deployed.find(key);
        const bool isAsked = entry.last || entry.isRunning;
        if (!isAsked || !deployed || deployed->connection != connection || !moved.contains(deployed->ns))
            continue;
        noteMove(entry);
        emit changed(key);
    }
    schedule();
}

void ReadinessFeed::forgetConnection(const QString &connection)
{
    std::erase_if(m_entries, [&connection](auto &one) {
        if (!one.first.startsWith(connection + QLatin1Char('|')))
            return false;
        one.second.stop.request_stop();
        return true;
    });
    m_revisions.remove(connection);
    m_unpulled.remove(connection);
    schedule(); // what ran made room
}

// The timers stand still while the machine sleeps, the world does not.
void ReadinessFeed::noteSleep()
{
    const qint64 slept = m_begun.msecsTo(QDateTime::currentDateTimeUtc()) - m_clock.elapsed();
    if (slept - std::exchange(m_sleptMs, slept) < m_settings.repeat.count())
        return;
    rehearseAll();
}

int ReadinessFeed::runningCount() const
{
    return int(std::count_if(m_entries.begin(), m_entries.end(), [](const auto &one) { return one.second.isRunning; }));
}

void ReadinessFeed::takeDue()
{
    noteSleep();
    const qint64 now = m_clock.elapsed();
    while (runningCount() < m_settings.atOnce) {
        // What somebody looks at comes first, then where an operator may have to go back in a hurry; then who waits
        // longest.
        const auto urgency = [this](const auto &one) {
            const Deployed *const deployed = m_deployed.find(one.first);
            const bool isFirst = !one.second.last && deployed && deployed->isProtected;
            return std::pair(one.second.isLookedAt ? 0 : isFirst ? 1 : 2, one.second.dueMs);
        };
        auto next = m_entries.end();
        for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
            if (!it->second.isRunning && it->second.dueMs <= now && isListed(it->first) &&
                (next == m_entries.end() || urgency(*it) < urgency(*next)))
                next = it;
        }
        if (next == m_entries.end())
            break;
        start(next->first, next->second);
    }
    schedule();
}

void ReadinessFeed::schedule()
{
    const bool isBusy = runningCount() >= m_settings.atOnce;
    qint64 next = -1;
    for (const auto &[key, entry] : m_entries) {
        if (!entry.isRunning && !isBusy && (next < 0 || entry.dueMs < next) && isListed(key))
            next = entry.dueMs;
    }
    if (next >= 0)
        m_timer.start(int(std::clamp<qint64>(next - m_clock.elapsed(), 0, longestWaitMs)));
    else
        m_timer.stop();
    const bool nowIdle = isIdle();
    if (nowIdle && !m_wasIdle)
        emit idle();
    m_wasIdle = nowIdle;
}

void ReadinessFeed::start(const QString &key, Entry &entry)
{
    const Deployed *const deployed = m_deployed.find(key);
    if (!deployed) {
        entry.dueMs = m_clock.elapsed() + m_settings.repeat.count();
        return;
    }
    entry.isRunning = true;
    entry.isStaleAnswer = false;
    entry.isLookedAt = false;
    entry.movedMs.reset();
    entry.stop = StopSource();
    m_wasIdle = false;
    emit changed(key);
    signalbox::rehearse(m_clusters, *deployed, m_deployed.carriedBy(deployed->key()), entry.stop.get_token(), this,
                        [this, key](const Readiness &readiness) { settle(key, readiness); });
}

void ReadinessFeed::settle(const QString &key, const Readiness &readiness)
{
    Entry &entry = m_entries[key];
    entry.isRunning = false;
    entry.last = readiness;
    entry.isOutdated = entry.isStaleAnswer;
    entry.answeredMs = m_clock.elapsed();
    const auto pause = readiness.light == Health::Unknown ? m_settings.retry : m_settings.repeat;
    if (!entry.isStaleAnswer) // else it is due already, by what moved
        entry.dueMs = entry.answeredMs + pause.count();
    emit changed(key);
    takeDue();
}

} // namespace signalbox
