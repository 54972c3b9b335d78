#include "services/pipelines/pipelinefeed.h"

#include "services/operations/clock.h"
#include "services/pipelines/pipelinefeed_p.h"
#include "services/pipelines/pipelinestext.h"
#include "services/pipelines/runpages.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int mostPagesAtOnce = 5;    // older runs, where a page brings only what is known
constexpr qint64 heartbeatMs = 15000; // a sleep of the computer is noticed within this
constexpr qint64 leastSleepMs = 60000;

} // namespace

Freshness heardNow(const Freshness &before, const std::optional<Error> &error)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    Freshness next = before;
    next.error = error;
    if (!error) {
        next.state = Freshness::State::Live;
        next.lastHeard = now;
    } else if (error->kind == ErrorKind::Unauthorized || error->kind == ErrorKind::Forbidden) {
        next.state = Freshness::State::Denied;
    } else {
        next.state = before.lastHeard.isValid() ? Freshness::State::Stale : Freshness::State::Failed;
    }
    if (next.state != before.state || !next.since.isValid())
        next.since = now;
    return next;
}

Error notAskedInTime(const QString &server, std::chrono::milliseconds wait)
{
    if (wait.count() <= 0)
        return {ErrorKind::TimedOut,
                PipelinesText::tr("%1 could not be asked again in time: the computer slept, too much is followed "
                                  "there, or its answers are slow.")
                    .arg(server),
                {}};
    const QDateTime until = QDateTime::currentDateTimeUtc().addMSecs(wait.count());
    return {ErrorKind::RateLimited,
            PipelinesText::tr("%1 wants no questions until %2. What is shown may have changed since it was read.")
                .arg(server, until.toString(QStringLiteral("yyyy-MM-dd HH:mm 'UTC'"))),
            {},
            wait};
}

bool becomeStale(Freshness &freshness, const Error &why)
{
    if (!freshness.isLive())
        return false;
    freshness.state = Freshness::State::Stale;
    freshness.since = QDateTime::currentDateTimeUtc();
    freshness.error = why;
    return true;
}

PipelineFeed::Private::Private(PipelineFeed &feed, PipelineSet &servers, const Timing &timing)
    : q(feed)
    , m_servers(servers)
    , m_timing(timing)
    , m_schedule(timing)
{
    m_elapsed.start();
    m_timer.setSingleShot(true);
    QObject::connect(&m_timer, &QTimer::timeout, &q, [this] { work(); });
    QObject::connect(&servers, &PipelineSet::added, &q, [this](const QString &id) { add(id); });
    QObject::connect(&servers, &PipelineSet::aboutToRemove, &q, [this](const QString &id) { remove(id); });
}

PipelineFeed::Private::~Private()
{
    for (auto &connection : m_connections)
        connection->stop.request_stop();
}

void PipelineFeed::Private::start()
{
    m_isStarted = true;
    m_ahead = wallAhead();
    for (const auto &server : m_servers.all())
        add(server->source().connection());
}

void PipelineFeed::Private::add(const QString &id)
{
    PipelineServer *const server = m_servers.find(id);
    if (!m_isStarted || !server || m_connections.contains(id))
        return;
    const auto connection = std::make_shared<Connection>();
    connection->shown.title = server->source().title();
    connection->shown.vendor = server->source().vendor();
    connection->shown.pipelines.since = connection->shown.gates.since = QDateTime::currentDateTimeUtc();
    if (!server->gates())
        connection->shown.gates.state = Freshness::State::Absent;
    m_connections.insert(id, connection);
    QObject::connect(&server->source(), &PipelineSource::budgetChanged, &q, [this, id] { show(id); });
    show(id);
    work();
}

void PipelineFeed::Private::remove(const QString &id)
{
    if (const auto connection = m_connections.take(id))
        connection->stop.request_stop();
    q.m_store.removeConnection(id);
}

void PipelineFeed::Private::show(const QString &id)
{
    const auto connection = m_connections.value(id);
    PipelineServer *const server = m_servers.find(id);
    if (!connection || !server)
        return;
    connection->table.budget = connection->shown.budget = server->source().budget();
    connection->shown.interval = std::chrono::milliseconds(m_schedule.quietInterval(connection->table, now()));
    q.m_store.putServer(id, connection->shown);
}

void PipelineFeed::Private::lookAt(bool isLookedAt)
{
    if (m_schedule.isLookedAt() == isLookedAt)
        return;
    m_schedule.lookAt(isLookedAt);
    if (!isLookedAt)
        return;
    const auto entryOf = [this](const QString &key) { return q.m_store.entry(key); };
    for (auto it = m_connections.begin(); it != m_connections.end(); ++it) {
        m_schedule.hurry((*it)->table, entryOf, now());
        show(it.key());
    }
    work();
}

void PipelineFeed::Private::stir(const PipelineRef &pipeline)
{
    const auto connection = m_connections.value(pipeline.connection);
    if (!connection)
        return;
    m_schedule.stir(connection->table, pipeline.key(), now());
    work();
}

void PipelineFeed::Private::wantAll()
{
    for (const auto &connection : std::as_const(m_connections))
        FeedSchedule::wantAll(connection->table);
    work();
}

int PipelineFeed::Private::asking() const
{
    int all = static_cast<int>(m_loading.size());
    for (const auto &connection : m_connections)
        all += connection->table.asking;
    return all;
}

// ---- the hour

FeedSchedule::Moment PipelineFeed::Private::now() const
{
    const qint64 counted = m_timing.clock ? m_timing.clock->monotonicMs() : m_elapsed.elapsed();
    return {counted + m_slept, QDateTime::currentDateTimeUtc()};
}

qint64 PipelineFeed::Private::wallAhead() const
{
    if (m_timing.clock)
        return m_timing.clock->now().toMSecsSinceEpoch() - m_timing.clock->monotonicMs();
    return QDateTime::currentMSecsSinceEpoch() - m_elapsed.elapsed();
}

// The clock stands still while a computer sleeps (Linux), though what is known grows old. A wall's clock that was set
// on by hand looks the same: then all is read once more than needed. A server that asked for patience gets all of it
// by the clock that stands still, which nobody sets.
void PipelineFeed::Private::noteSleep()
{
    const qint64 ahead = wallAhead();
    const qint64 slept = ahead - std::exchange(m_ahead, ahead);
    if (slept < leastSleepMs)
        return;
    const qint64 before = now().ms;
    m_slept += slept;
    for (const auto &connection : std::as_const(m_connections)) {
        FeedSchedule::forgetPlaces(connection->table);
        if (connection->table.quietUntil > before)
            connection->table.quietUntil += slept;
    }
    const QList<QPointer<RunWatch>> watches = m_watches; // who hears of it may close one
    for (const QPointer<RunWatch> &watch : watches) {
        if (watch)
            watch->noteSleep();
    }
}

void PipelineFeed::Private::wake(qint64 at)
{
    const qint64 now = this->now().ms;
    at = std::min(at, now + heartbeatMs);
    const std::chrono::milliseconds wait(std::max<qint64>(at - now, 1));
    if (!m_timing.clock) {
        m_timer.start(wait);
        return;
    }
    if (m_wakeAt > now && m_wakeAt <= at)
        return;
    m_wakeAt = at;
    m_timing.clock->callAfter(wait, &q, [this] { work(); });
}

void PipelineFeed::Private::work()
{
    if (!m_isStarted)
        return;
    noteSleep();
    const FeedSchedule::Moment now = this->now();
    qint64 next = std::numeric_limits<qint64>::max();
    const QStringList ids = m_connections.keys();
    for (const QString &id : ids) {
        const auto connection = m_connections.value(id);
        if (!connection)
            continue;
        if (connection->table.quietUntil > now.ms)
            next = std::min(next, connection->table.quietUntil);
        else
            askDue(id, connection, now, next);
        noteOverdue(id, *connection, now, next);
    }
    if (next != std::numeric_limits<qint64>::max())
        wake(next);
}

void PipelineFeed::Private::askDue(const QString &id, const std::shared_ptr<Connection> &connection,
                                   const FeedSchedule::Moment &now, qint64 &next)
{
    FeedSchedule::Table &table = connection->table;
    const auto isTurn = [&](FeedSchedule::Turn &turn) { return m_schedule.take(table, turn, now, next); };
    if (isTurn(table.pipelines))
        askPipelines(id, connection);
    if (connection->shown.gates.state != Freshness::State::Absent && isTurn(table.gates))
        askGates(id, connection);
    const QList<FeedSchedule::Due> due = FeedSchedule::due(table, now, next);
    for (const FeedSchedule::Due &one : due) {
        const auto lane = table.lanes.find(one.pipeline);
        if (lane == table.lanes.end())
            continue;
        using Of = FeedSchedule::Due::Of;
        if (one.of == Of::Newest && isTurn(lane->turn))
            askRuns(id, connection, one.pipeline);
        else if (one.of == Of::Open && !lane->open.isEmpty() && isTurn(lane->older))
            askOpen(id, connection, one.pipeline);
        else if (one.of == Of::Behind && lane->isAnyBehind && isTurn(lane->behind))
            askBehind(id, connection, one.pipeline);
    }
}

// What could not be asked in time is not live any more, though nobody said so.
void PipelineFeed::Private::noteOverdue(const QString &id, Connection &connection, const FeedSchedule::Moment &now,
                                        qint64 &next)
{
    const FeedSchedule::Overdue late = m_schedule.overdue(connection.table, now, next);
    const std::chrono::milliseconds wait(std::max<qint64>(connection.table.quietUntil - now.ms, 0));
    const Error why = notAskedInTime(connection.shown.title, wait);
    const bool isListNew = late.isList && becomeStale(connection.shown.pipelines, why);
    const bool areGatesNew = late.areGates && becomeStale(connection.shown.gates, why);
    if (isListNew || areGatesNew)
        show(id);
    for (const QString &key : late.pipelines) {
        const RunStore::Entry *const known = q.m_store.entry(key);
        if (!known || !known->freshness.isLive())
            continue;
        RunStore::Entry entry = *known;
        becomeStale(entry.freshness, why);
        q.m_store.putEntry(entry);
    }
    for (const QString &key : late.behind) {
        const RunStore::Entry *const known = q.m_store.entry(key);
        const Lane *const lane = known ? laneOf(connection, key) : nullptr;
        if (!lane)
            continue;
        RunStore::Entry entry = *known;
        noteUnread(entry, lane->roundReadAt);
        q.m_store.putEntry(entry);
    }
    for (const QString &key : late.older) {
        const RunStore::Entry *const known = q.m_store.entry(key);
        const Lane *const lane = known ? laneOf(connection, key) : nullptr;
        if (!lane)
            continue;
        RunStore::Entry entry = *known;
        for (const QString &run : lane->open) {
            if (!entry.staleRuns.contains(run))
                entry.staleRuns.insert(run, lane->openReadAt.value(run));
        }
        q.m_store.putEntry(entry);
    }
}

// ---- the feed

PipelineFeed::PipelineFeed(PipelineSet &servers, RunStore &store, const Timing &timing, QObject *parent)
    : QObject(parent)
    , m_store(store)
    , d(std::make_unique<Private>(*this, servers, timing))
{}

PipelineFeed::PipelineFeed(PipelineSet &servers, RunStore &store, QObject *parent)
    : PipelineFeed(servers, store, Timing(), parent)
{}

PipelineFeed::~PipelineFeed() = default;

void PipelineFeed::setApplicationOf(ApplicationOf applicationOf)
{
    d->m_applicationOf = std::move(applicationOf);
}

void PipelineFeed::start()
{
    d->start();
}

void PipelineFeed::lookAt(bool isLookedAt)
{
    d->lookAt(isLookedAt);
}

void PipelineFeed::refresh()
{
    d->wantAll();
}

void PipelineFeed::loadMore(const QString &pipelineKey)
{
    d->loadMore(pipelineKey, mostPagesAtOnce);
}

std::unique_ptr<RunWatch> PipelineFeed::watch(const RunRef &run)
{
    return d->watch(run);
}

void PipelineFeed::stir(const PipelineRef &pipeline)
{
    d->stir(pipeline);
}

std::chrono::milliseconds PipelineFeed::patience(const QString &connection) const
{
    return d->patience(connection);
}

void PipelineFeed::bePatient(const QString &connection, std::chrono::milliseconds wait)
{
    d->bePatient(connection, wait);
}

int PipelineFeed::asking() const
{
    return d->asking();
}

} // namespace signalbox
