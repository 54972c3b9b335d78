#include "services/feeds/readinessfeed.h"

#include "services/feeds/clusterset.h"
#include "services/feeds/rehearsal.h"

#include <algorithm>

namespace signalbox
{

ReadinessFeed::ReadinessFeed(ClusterSet &clusters, DeployedStore &deployed, Settings settings, QObject *parent)
    : QObject(parent)
    , m_clusters(clusters)
    , m_deployed(deployed)
    , m_settings(settings)
{
    m_clock.start();
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
    if (m_clock.elapsed() - found->second.answeredMs > 2 * m_settings.repeat.count())
        readiness.light = Health::Unknown;
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
        entry.isStaleAnswer = entry.isRunning;
        // What is new is asked at once; what moves, when it has come to rest.
        entry.dueMs = m_clock.elapsed() + (entry.last || entry.isRunning ? m_settings.settle.count() : 0);
    }
    schedule();
}

void ReadinessFeed::watchRevisions(const QString &connection)
{
    const ClusterConnection *const cluster = m_clusters.find(connection);
    if (!cluster || !cluster->store)
        return;
    // A pruned or new revision changes where one can go back to without changing what runs.
    connect(cluster->store.get(), &ClusterStore::revisionsChanged, this,
            [this, connection] { noteRevisions(connection); });
    noteRevisions(connection);
}

void ReadinessFeed::noteRevisions(const QString &connection)
{
    const ClusterConnection *const cluster = m_clusters.find(connection);
    if (!cluster)
        return;
    const QHash<QString, Revision> &revisions = cluster->store->revisions();
    QHash<QString, QString> &seen = m_revisions[connection]; // uid -> namespace
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
        seen.insert(it.key(), it->ref.ns);
        moved.insert(it->ref.ns);
    }
    if (moved.isEmpty())
        return;
    for (auto &[key, entry] : m_entries) {
        const Deployed *const deployed = m_deployed.find(key);
        if (!deployed || deployed->connection != connection || !moved.contains(deployed->ns))
            continue;
        entry.isStaleAnswer = entry.isRunning;
        if (entry.last)
            entry.dueMs = std::min(entry.dueMs, m_clock.elapsed() + m_settings.settle.count());
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
}

int ReadinessFeed::runningCount() const
{
    return int(std::count_if(m_entries.begin(), m_entries.end(), [](const auto &one) { return one.second.isRunning; }));
}

void ReadinessFeed::takeDue()
{
    const qint64 now = m_clock.elapsed();
    while (runningCount() < m_settings.atOnce) {
        auto next = m_entries.end();
        for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
            if (!it->second.isRunning && it->second.dueMs <= now &&
                (next == m_entries.end() || it->second.dueMs < next->second.dueMs))
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
        if (!entry.isRunning && !isBusy && (next < 0 || entry.dueMs < next))
            next = entry.dueMs;
    }
    if (next >= 0)
        m_timer.start(int(std::max<qint64>(0, next - m_clock.elapsed())));
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
    if (!deployed)
        return;
    entry.isRunning = true;
    entry.isStaleAnswer = false;
    entry.stop = StopSource();
    m_wasIdle = false;
    emit changed(key);
    signalbox::rehearse(m_clusters, *deployed, entry.stop.get_token(), this,
                        [this, key](const Readiness &readiness) { settle(key, readiness); });
}

void ReadinessFeed::settle(const QString &key, const Readiness &readiness)
{
    Entry &entry = m_entries[key];
    entry.isRunning = false;
    entry.last = readiness;
    entry.answeredMs = m_clock.elapsed();
    const auto pause = entry.isStaleAnswer                  ? m_settings.settle
                       : readiness.light == Health::Unknown ? m_settings.retry
                                                            : m_settings.repeat;
    entry.dueMs = entry.answeredMs + pause.count();
    emit changed(key);
    takeDue();
}

} // namespace signalbox
