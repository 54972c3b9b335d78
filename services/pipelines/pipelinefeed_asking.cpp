#include "services/async/deliver.h"
#include "services/pipelines/pipelinefeed_p.h"
#include "services/pipelines/runpages.h"

#include <algorithm>

// The list of pipelines, the gates that wait, the newest runs.
namespace signalbox
{

namespace
{

bool waitsAnew(const RunStore::Entry &before, const RunStore::Entry &now)
{
    if (before.freshness.state == Freshness::State::Loading)
        return false;
    return std::any_of(now.runs.cbegin(), now.runs.cend(), [&before](const Run &run) {
        return run.state == RunState::Waiting &&
               std::none_of(before.runs.cbegin(), before.runs.cend(), [&run](const Run &old) {
                   return old.ref.id == run.ref.id && old.state == RunState::Waiting;
               });
    });
}

} // namespace

FeedSchedule::Lane *PipelineFeed::Private::laneOf(Connection &connection, const QString &key) const
{
    const auto lane = connection.table.lanes.find(key);
    return lane != connection.table.lanes.end() && q.m_store.entry(key) ? &*lane : nullptr;
}

void PipelineFeed::Private::askPipelines(const QString &id, const std::shared_ptr<Connection> &connection)
{
    const StopToken stop = connection->stop.get_token();
    deliver(m_servers.find(id)->source().pipelines(stop), stop, &q,
            [this, id, connection, stop](const Result<QList<Pipeline>> &result) {
                if (stop.stop_requested())
                    return;
                FeedSchedule::Table &table = connection->table;
                const FeedSchedule::Moment now = this->now();
                const bool isNothingKnown = !result && table.lanes.isEmpty();
                m_schedule.finish(
                    table, table.pipelines, errorOf(result),
                    isNothingKnown ? m_schedule.gatesInterval(table, now) : m_schedule.pipelinesInterval(table), now);
                connection->shown.pipelines = heardNow(connection->shown.pipelines, errorOf(result));
                noteSilence(*connection, errorOf(result));
                if (result)
                    take(id, *connection, *result);
                show(id);
                work();
            });
}

// A server that cannot be reached tells of no gate either, whatever it said at their last turn. True: that is new.
bool PipelineFeed::Private::noteSilence(Connection &connection, const std::optional<Error> &error)
{
    if (!error || error->kind != ErrorKind::Unreachable || !becomeStale(connection.shown.gates, *error))
        return false;
    m_schedule.hurryGates(connection.table, now());
    return true;
}

void PipelineFeed::Private::take(const QString &id, Connection &connection, const QList<Pipeline> &pipelines)
{
    auto &lanes = connection.table.lanes;
    QStringList keys;
    for (const Pipeline &pipeline : pipelines) {
        const QString key = pipeline.ref.key();
        keys.append(key);
        RunStore::Entry entry;
        if (const RunStore::Entry *known = q.m_store.entry(key))
            entry = *known;
        else
            entry.freshness.since = QDateTime::currentDateTimeUtc();
        entry.pipeline = pipeline;
        entry.application = m_applicationOf ? m_applicationOf(pipeline.ref) : QString();
        if (!lanes.contains(key))
            lanes.insert(key, Lane());
        q.m_store.putEntry(entry);
    }
    const QSet<QString> kept(keys.cbegin(), keys.cend());
    for (auto it = lanes.begin(); it != lanes.end();)
        it = kept.contains(it.key()) ? std::next(it) : lanes.erase(it);
    FeedSchedule::countOpen(connection.table);
    q.m_store.keepOnly(id, keys);
}

void PipelineFeed::Private::askGates(const QString &id, const std::shared_ptr<Connection> &connection)
{
    const StopToken stop = connection->stop.get_token();
    deliver(m_servers.find(id)->gates()->waiting(stop), stop, &q,
            [this, id, connection, stop](const Result<QList<WaitingGate>> &result) {
                if (stop.stop_requested())
                    return;
                FeedSchedule::Table &table = connection->table;
                const FeedSchedule::Moment now = this->now();
                m_schedule.finish(table, table.gates, errorOf(result), m_schedule.gatesInterval(table, now), now);
                connection->shown.gates = heardNow(connection->shown.gates, errorOf(result));
                if (result) {
                    PipelineServer *const server = m_servers.find(id);
                    connection->shown.unreadGates = server && server->gates() ? server->gates()->unread() : QString();
                    q.m_store.putGates(id, *result);
                }
                show(id);
                work();
            });
}

void PipelineFeed::Private::askRuns(const QString &id, const std::shared_ptr<Connection> &connection,
                                    const QString &key)
{
    RunQuery query;
    query.pipeline = q.m_store.entry(key)->pipeline.ref;
    const StopToken stop = connection->stop.get_token();
    deliver(m_servers.find(id)->source().runs(query, stop), stop, &q,
            [this, id, connection, key, stop](const Result<RunPage> &result) {
                if (stop.stop_requested())
                    return;
                FeedSchedule::Table &table = connection->table;
                Lane *const lane = laneOf(*connection, key);
                if (!lane) {
                    --table.asking;
                    work();
                    return;
                }
                const RunStore::Entry known = *q.m_store.entry(key);
                RunStore::Entry next = known;
                next.freshness = heardNow(next.freshness, errorOf(result));
                if (result)
                    mergeNewest(next, *result);
                // What fell behind the newest page was told by the one before.
                noteOpen(*connection, *lane, next, known.freshness.lastHeard);
                const FeedSchedule::Moment now = this->now();
                const bool isBack = result && known.freshness.state == Freshness::State::Stale &&
                                    connection->shown.gates.state == Freshness::State::Stale;
                if (waitsAnew(known, next) || isBack)
                    m_schedule.hurryGates(table, now);
                if (noteSilence(*connection, errorOf(result)))
                    show(id);
                const qint64 interval = m_schedule.runsInterval(table, *lane, &next, now);
                m_schedule.finish(table, lane->turn, errorOf(result), interval, now);
                m_schedule.spread(table, *lane, interval, now);
                q.m_store.putEntry(next);
                work();
            });
}

} // namespace signalbox
