#include "services/async/deliver.h"
#include "services/pipelines/pipelinefeed_p.h"
#include "services/pipelines/runpages.h"

// Runs behind the newest page: more of them, those that go on, and whether one that ended began again.
namespace signalbox
{

void PipelineFeed::Private::noteOpen(Connection &connection, Lane &lane, const RunStore::Entry &entry,
                                     const QDateTime &toldAt) const
{
    m_schedule.noteOpen(connection.table, lane, openOlder(entry), isOlderRunning(entry), now(), toldAt);
    PipelineServer *const server = m_servers.find(entry.pipeline.ref.connection);
    const bool isAnyBehind = entry.runs.size() > entry.newest && server && server->source().canBeginAgain();
    m_schedule.noteBehind(connection.table, lane, isAnyBehind, now(), toldAt);
}

void PipelineFeed::Private::askOpen(const QString &id, const std::shared_ptr<Connection> &connection,
                                    const QString &key)
{
    const QString run = FeedSchedule::takeOpen(connection->table.lanes[key], now());
    const RunRef ref{q.m_store.entry(key)->pipeline.ref, run};
    const StopToken stop = connection->stop.get_token();
    deliver(m_servers.find(id)->source().run(ref, stop), stop, &q,
            [this, connection, key, run, stop](const Result<RunDetail> &result) {
                if (stop.stop_requested())
                    return;
                FeedSchedule::Table &table = connection->table;
                Lane *const lane = laneOf(*connection, key);
                if (!lane) {
                    --table.asking;
                    work();
                    return;
                }
                RunStore::Entry next = *q.m_store.entry(key);
                const FeedSchedule::Moment now = this->now();
                mergeAlone(next, run, result, lane->openReadAt.value(run));
                if (result) {
                    lane->openReadAt.insert(run, now.wall);
                    lane->readAlone.insert(run);
                }
                noteOpen(*connection, *lane, next);
                m_schedule.finish(table, lane->older, errorOf(result), m_schedule.openInterval(table, *lane, now), now);
                q.m_store.putEntry(next);
                work();
            });
}

// A rerun is seen by the page on which it stands: then it is one of those that go on. The pages are those that
// loadMore() asked for, hence a server that knows ETags has answered them already.
void PipelineFeed::Private::askBehind(const QString &id, const std::shared_ptr<Connection> &connection,
                                      const QString &key)
{
    RunQuery query;
    query.pipeline = q.m_store.entry(key)->pipeline.ref;
    Lane &asking = connection->table.lanes[key];
    query.after = FeedSchedule::takeBehind(asking, now());
    asking.readAlone.clear();
    const StopToken stop = connection->stop.get_token();
    deliver(m_servers.find(id)->source().runs(query, stop), stop, &q,
            [this, connection, key, stop](const Result<RunPage> &result) {
                if (stop.stop_requested())
                    return;
                FeedSchedule::Table &table = connection->table;
                Lane *const lane = laneOf(*connection, key);
                if (!lane) {
                    --table.asking;
                    work();
                    return;
                }
                RunStore::Entry next = *q.m_store.entry(key);
                const FeedSchedule::Moment now = this->now();
                const Behind read = result ? mergeBehind(next, *result, lane->readAlone) : Behind::Lost;
                const bool goesOn = read == Behind::GoesOn;
                if (read == Behind::Lost)
                    noteUnread(next, lane->roundReadAt);
                FeedSchedule::endBehind(*lane, goesOn ? result->next : QString(), read == Behind::Through);
                noteOpen(*connection, *lane, next);
                m_schedule.finish(table, lane->behind, errorOf(result),
                                  goesOn ? m_schedule.pageInterval(table, now) : m_schedule.behindInterval(table, now),
                                  now);
                q.m_store.putEntry(next);
                work();
            });
}

// Somebody looked at it closely: where it ended and was run again, the list learns it here, and from now on it is one
// of those that go on. The newest page tells its own runs.
void PipelineFeed::Private::noteOlder(const RunRef &ref, const RunDetail &read)
{
    const QString key = ref.pipeline.key();
    const auto connection = m_connections.value(ref.pipeline.connection);
    Lane *const lane = connection ? laneOf(*connection, key) : nullptr;
    if (!lane || !isOlder(*q.m_store.entry(key), ref.id))
        return;
    RunStore::Entry next = *q.m_store.entry(key);
    mergeAlone(next, ref.id, Result<RunDetail>(read), {});
    lane->openReadAt.insert(ref.id, now().wall);
    lane->readAlone.insert(ref.id);
    noteOpen(*connection, *lane, next);
    q.m_store.putEntry(next);
    work();
}

// By page numbers: what came in since pushed known runs onto this page. One that is all known is not what was asked
// for, hence the next one is taken too.
void PipelineFeed::Private::loadMore(const QString &key, int pages)
{
    const RunStore::Entry *entry = q.m_store.entry(key);
    const auto connection = entry ? m_connections.value(entry->pipeline.ref.connection) : nullptr;
    if (!connection || entry->next.isEmpty() || m_loading.contains(key))
        return;
    m_loading.insert(key);
    RunQuery query;
    query.pipeline = entry->pipeline.ref;
    query.after = entry->next;
    const StopToken stop = connection->stop.get_token();
    deliver(m_servers.find(query.pipeline.connection)->source().runs(query, stop), stop, &q,
            [this, key, connection, pages, asked = query.after](const Result<RunPage> &result) {
                m_loading.remove(key);
                const RunStore::Entry *known = q.m_store.entry(key);
                if (!known || known->next != asked)
                    return;
                RunStore::Entry next = *known;
                bool isNew = true;
                if (!result) {
                    next.freshness = heardNow(next.freshness, result.error());
                    if (result.error().kind == ErrorKind::RateLimited)
                        m_schedule.bePatient(connection->table, result.error().retryAfter, now());
                } else {
                    isNew = appendOlder(next, *result);
                }
                if (Lane *const lane = laneOf(*connection, key))
                    noteOpen(*connection, *lane, next);
                q.m_store.putEntry(next);
                if (!isNew && pages > 1)
                    loadMore(key, pages - 1);
                work();
            });
}

} // namespace signalbox
