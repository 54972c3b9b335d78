#include "services/pipelines/pipelinefeed.h"

#include "services/async/deliver.h"
#include "services/pipelines/runwatch.h"

#include <QElapsedTimer>
#include <QSet>

#include <algorithm>
#include <limits>

namespace signalbox
{

namespace
{

using std::chrono::milliseconds;

constexpr int mostKnownRuns = 200; // of a pipeline, with what loadMore() brought
constexpr int mostFailures = 6;    // the wait doubles up to here

bool isGone(const Error &error)
{
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported;
}

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

class PipelineFeed::Private
{
public:
    // One question that is asked again and again.
    struct Turn
    {
        qint64 dueAt = 0; // of m_clock
        int failures = 0;
        bool isAsking = false;
        bool isWanted = true; // as soon as it may be
    };
    struct Lane
    {
        Turn turn;
        qint64 stirredUntil = 0;
    };
    struct Connection
    {
        Turn pipelines;
        Turn gates;
        QHash<QString, Lane> lanes; // by pipeline
        RunStore::Server shown;
        qint64 quietUntil = 0; // it asked us to wait
        int asking = 0;
        StopSource stop;
    };

    Private(PipelineFeed &feed, PipelineSet &servers, const Timing &timing)
        : q(feed)
        , m_servers(servers)
        , m_timing(timing)
    {
        m_clock.start();
        m_timer.setSingleShot(true);
        QObject::connect(&m_timer, &QTimer::timeout, &q, [this] { work(); });
        QObject::connect(&servers, &PipelineSet::added, &q, [this](const QString &id) { add(id); });
        QObject::connect(&servers, &PipelineSet::aboutToRemove, &q, [this](const QString &id) { remove(id); });
    }

    ~Private()
    {
        for (auto &connection : m_connections)
            connection->stop.request_stop();
    }

    void start()
    {
        m_isStarted = true;
        for (const auto &server : m_servers.all())
            add(server->source().connection());
    }

    void add(const QString &id)
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

    void remove(const QString &id)
    {
        if (const auto connection = m_connections.take(id))
            connection->stop.request_stop();
        q.m_store.removeConnection(id);
    }

    void show(const QString &id)
    {
        const auto connection = m_connections.value(id);
        PipelineServer *const server = m_servers.find(id);
        if (!connection || !server)
            return;
        connection->shown.budget = server->source().budget();
        connection->shown.interval = milliseconds(quietInterval(*connection));
        q.m_store.putServer(id, connection->shown);
    }

    // ---- when

    // A budget that runs out is stretched to its reset.
    int thrift(const Connection &connection) const
    {
        const auto &budget = connection.shown.budget;
        if (!budget || budget->limit <= 0 || budget->resetsAt < QDateTime::currentDateTimeUtc())
            return 1;
        const double left = static_cast<double>(budget->remaining) / budget->limit;
        return left < 0.05 ? 20 : left < 0.2 ? 4 : 1;
    }

    qint64 quietInterval(const Connection &connection) const
    {
        const qint64 base = m_isLookedAt ? m_timing.looked.count() : m_timing.quiet.count();
        // Two questions a second at most, however many pipelines there are.
        return std::max<qint64>(base, connection.lanes.size() * m_timing.apart.count()) * thrift(connection);
    }

    qint64 intervalOf(const Connection &connection, const Lane &lane, const RunStore::Entry *entry) const
    {
        // Of the newest page: older ones are not read again. One that waits for people waits for hours.
        const auto last = entry ? entry->runs.cbegin() + std::min<qsizetype>(entry->runs.size(), RunQuery().count)
                                : QList<Run>::const_iterator();
        const bool isRunning =
            entry && std::any_of(entry->runs.cbegin(), last, [](const Run &run) {
                return !isEnded(run.state) && run.state != RunState::Unknown && run.state != RunState::Waiting;
            });
        const bool isStirred = lane.stirredUntil > m_clock.elapsed();
        if (!isRunning && !isStirred)
            return quietInterval(connection);
        const bool isFast = m_isLookedAt || isStirred;
        return (isFast ? m_timing.running : m_timing.runningUnseen).count() * thrift(connection);
    }

    static qint64 backedOff(qint64 interval, int failures) { return interval << std::min(failures, mostFailures); }

    void work()
    {
        if (!m_isStarted)
            return;
        const qint64 now = m_clock.elapsed();
        qint64 next = std::numeric_limits<qint64>::max();
        const QStringList ids = m_connections.keys();
        for (const QString &id : ids) {
            const auto connection = m_connections.value(id);
            if (!connection)
                continue;
            if (connection->quietUntil > now) {
                next = std::min(next, connection->quietUntil);
                continue;
            }
            const auto isTurn = [&](Turn &turn) {
                if (turn.isAsking)
                    return false;
                if (!turn.isWanted && turn.dueAt > now) {
                    next = std::min(next, turn.dueAt);
                    return false;
                }
                if (connection->asking >= m_timing.mostAtATime)
                    return false; // its answer comes back here
                turn.isWanted = false;
                turn.isAsking = true;
                ++connection->asking;
                return true;
            };
            if (isTurn(connection->pipelines))
                askPipelines(id, connection);
            if (connection->shown.gates.state != Freshness::State::Absent && isTurn(connection->gates))
                askGates(id, connection);
            const QStringList keys = connection->lanes.keys();
            for (const QString &key : keys) {
                const auto lane = connection->lanes.find(key);
                if (lane != connection->lanes.end() && isTurn(lane->turn))
                    askRuns(id, connection, key);
            }
        }
        if (next != std::numeric_limits<qint64>::max())
            m_timer.start(milliseconds(std::max<qint64>(next - m_clock.elapsed(), 1)));
    }

    // ---- what

    template <typename T>
    void done(const std::shared_ptr<Connection> &connection, Turn &turn, const Result<T> &result, qint64 interval)
    {
        --connection->asking;
        turn.isAsking = false;
        turn.failures = result || isGone(result.error()) ? 0 : turn.failures + 1;
        turn.dueAt = m_clock.elapsed() + backedOff(interval, turn.failures);
        if (!result && result.error().kind == ErrorKind::RateLimited) {
            const milliseconds wait = std::max(result.error().retryAfter, m_timing.limited);
            connection->quietUntil = m_clock.elapsed() + wait.count();
        }
    }

    void askPipelines(const QString &id, const std::shared_ptr<Connection> &connection)
    {
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(id)->source().pipelines(stop), stop, &q,
                [this, id, connection, stop](const Result<QList<Pipeline>> &result) {
                    if (stop.stop_requested())
                        return;
                    done(connection, connection->pipelines, result, m_timing.pipelines.count());
                    connection->shown.pipelines =
                        heardNow(connection->shown.pipelines, result ? std::nullopt : std::optional(result.error()));
                    if (result)
                        take(id, *connection, *result);
                    show(id);
                    work();
                });
    }

    void take(const QString &id, Connection &connection, const QList<Pipeline> &pipelines)
    {
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
            if (!connection.lanes.contains(key))
                connection.lanes.insert(key, Lane());
            q.m_store.putEntry(entry);
        }
        for (auto it = connection.lanes.begin(); it != connection.lanes.end();)
            it = keys.contains(it.key()) ? std::next(it) : connection.lanes.erase(it);
        q.m_store.keepOnly(id, keys);
    }

    void askGates(const QString &id, const std::shared_ptr<Connection> &connection)
    {
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(id)->gates()->waiting(stop), stop, &q,
                [this, id, connection, stop](const Result<QList<WaitingGate>> &result) {
                    if (stop.stop_requested())
                        return;
                    const qint64 interval = (m_isLookedAt ? m_timing.looked : m_timing.gates).count();
                    done(connection, connection->gates, result, interval * thrift(*connection));
                    connection->shown.gates =
                        heardNow(connection->shown.gates, result ? std::nullopt : std::optional(result.error()));
                    if (result)
                        q.m_store.putGates(id, *result);
                    show(id);
                    work();
                });
    }

    void askRuns(const QString &id, const std::shared_ptr<Connection> &connection, const QString &key)
    {
        const RunStore::Entry *entry = q.m_store.entry(key);
        RunQuery query;
        query.pipeline = entry->pipeline.ref;
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(id)->source().runs(query, stop), stop, &q,
                [this, connection, key, stop](const Result<RunPage> &result) {
                    if (stop.stop_requested())
                        return;
                    const RunStore::Entry *known = q.m_store.entry(key);
                    const auto lane = connection->lanes.find(key);
                    if (!known || lane == connection->lanes.end()) { // it went meanwhile
                        --connection->asking;
                        work();
                        return;
                    }
                    RunStore::Entry next = *known;
                    next.freshness = heardNow(next.freshness, result ? std::nullopt : std::optional(result.error()));
                    if (result)
                        mergeNewest(next, *result);
                    q.m_store.putEntry(next);
                    done(connection, lane->turn, result, intervalOf(*connection, *lane, &next));
                    work();
                });
    }

    // Older runs that loadMore() brought stay behind what is new, as long as the two meet.
    static void mergeNewest(RunStore::Entry &entry, const RunPage &page)
    {
        QSet<QString> fresh;
        for (const Run &run : page.runs)
            fresh.insert(run.ref.id);
        const bool meets = std::any_of(entry.runs.cbegin(), entry.runs.cend(),
                                       [&](const Run &run) { return fresh.contains(run.ref.id); });
        QList<Run> runs = page.runs;
        if (meets && !page.runs.isEmpty()) {
            const QDateTime oldest = page.runs.last().createdAt;
            for (const Run &run : std::as_const(entry.runs)) {
                if (!fresh.contains(run.ref.id) && run.createdAt < oldest && runs.size() < mostKnownRuns)
                    runs.append(run);
            }
        }
        if (runs.size() <= page.runs.size())
            entry.next = page.next;
        entry.runs = runs;
    }

    void loadMore(const QString &key)
    {
        const RunStore::Entry *entry = q.m_store.entry(key);
        const auto connection = entry ? m_connections.value(entry->pipeline.ref.connection) : nullptr;
        if (!connection || entry->next.isEmpty() || entry->runs.size() >= mostKnownRuns || m_loading.contains(key))
            return;
        m_loading.insert(key);
        RunQuery query;
        query.pipeline = entry->pipeline.ref;
        query.after = entry->next;
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(query.pipeline.connection)->source().runs(query, stop), stop, &q,
                [this, key, asked = query.after](const Result<RunPage> &result) {
                    m_loading.remove(key);
                    const RunStore::Entry *known = q.m_store.entry(key);
                    if (!known || known->next != asked)
                        return;
                    RunStore::Entry next = *known;
                    if (!result) {
                        next.freshness = heardNow(next.freshness, result.error());
                    } else {
                        QSet<QString> have;
                        for (const Run &run : std::as_const(next.runs))
                            have.insert(run.ref.id);
                        for (const Run &run : result->runs) {
                            if (!have.contains(run.ref.id))
                                next.runs.append(run);
                        }
                        next.next = next.runs.size() >= mostKnownRuns ? QString() : result->next;
                    }
                    q.m_store.putEntry(next);
                });
    }

    void stir(const PipelineRef &pipeline)
    {
        const auto connection = m_connections.value(pipeline.connection);
        if (!connection)
            return;
        const auto lane = connection->lanes.find(pipeline.key());
        if (lane != connection->lanes.end()) {
            lane->turn.isWanted = true;
            lane->stirredUntil = m_clock.elapsed() + m_timing.stirred.count();
        }
        connection->gates.isWanted = true;
        work();
    }

    void wantAll()
    {
        for (const auto &connection : std::as_const(m_connections)) {
            connection->quietUntil = 0;
            connection->pipelines.isWanted = connection->gates.isWanted = true;
            for (Lane &lane : connection->lanes)
                lane.turn.isWanted = true;
        }
        work();
    }

    // What is due by the shorter intervals from now on.
    void hurry()
    {
        const qint64 now = m_clock.elapsed();
        for (auto it = m_connections.begin(); it != m_connections.end(); ++it) {
            Connection &connection = **it;
            const auto sooner = [&](Turn &turn, qint64 interval) {
                if (turn.failures == 0)
                    turn.dueAt = std::min(turn.dueAt, now + interval);
            };
            sooner(connection.gates, m_timing.looked.count());
            for (auto lane = connection.lanes.begin(); lane != connection.lanes.end(); ++lane)
                sooner(lane->turn, intervalOf(connection, *lane, q.m_store.entry(lane.key())));
            show(it.key());
        }
        work();
    }

    PipelineFeed &q;
    PipelineSet &m_servers;
    const Timing m_timing;
    ApplicationOf m_applicationOf;
    QHash<QString, std::shared_ptr<Connection>> m_connections;
    QSet<QString> m_loading; // older runs of these
    QElapsedTimer m_clock;
    QTimer m_timer;
    bool m_isStarted = false;
    bool m_isLookedAt = false;
};

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
    if (d->m_isLookedAt == isLookedAt)
        return;
    d->m_isLookedAt = isLookedAt;
    if (isLookedAt)
        d->hurry();
}

void PipelineFeed::refresh()
{
    d->wantAll();
}

void PipelineFeed::loadMore(const QString &pipelineKey)
{
    d->loadMore(pipelineKey);
}

std::unique_ptr<RunWatch> PipelineFeed::watch(const RunRef &run)
{
    return std::unique_ptr<RunWatch>(new RunWatch(d->m_servers, run, d->m_timing.running, d->m_timing.quiet));
}

void PipelineFeed::stir(const PipelineRef &pipeline)
{
    d->stir(pipeline);
}

} // namespace signalbox
