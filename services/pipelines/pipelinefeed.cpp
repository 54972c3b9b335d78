#include "services/pipelines/pipelinefeed.h"

#include "services/async/deliver.h"
#include "services/operations/clock.h"
#include "services/pipelines/runpages.h"
#include "services/pipelines/runwatch.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QSet>
#include <QTimer>

#include <algorithm>
#include <limits>

namespace signalbox
{

namespace
{

using std::chrono::milliseconds;

constexpr int mostFailures = 6;       // the wait doubles up to here
constexpr int mostPagesAtOnce = 5;    // older runs, where a page brings only what is known
constexpr int questionsAPipeline = 3; // of the list of pipelines: the project, its pipelines, a file

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
        bool isSpread = false;          // it has its place among those that are quiet
        Turn older{0, 0, false, false}; // of its older runs that go on, one after the other
        QStringList open;               // these
        QHash<QString, qint64> openAskedAt;
        QHash<QString, QDateTime> openReadAt;
    };
    struct Connection
    {
        Turn pipelines;
        Turn gates;
        QHash<QString, Lane> lanes; // by pipeline
        RunStore::Server shown;
        qint64 quietUntil = 0; // it asked us to wait
        qint64 nextPlace = 0;  // of a quiet pipeline
        int asking = 0;
        StopSource stop;
    };

    Private(PipelineFeed &feed, PipelineSet &servers, const Timing &timing)
        : q(feed)
        , m_servers(servers)
        , m_timing(timing)
    {
        m_elapsed.start();
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

    qint64 now() const { return m_timing.clock ? m_timing.clock->monotonicMs() : m_elapsed.elapsed(); }

    void wake(qint64 at)
    {
        const milliseconds wait(std::max<qint64>(at - now(), 1));
        if (!m_timing.clock) {
            m_timer.start(wait);
            return;
        }
        if (m_wakeAt > now() && m_wakeAt <= at)
            return;
        m_wakeAt = at;
        m_timing.clock->callAfter(wait, &q, [this] { work(); });
    }

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
        return atLeastApart(connection, base) * thrift(connection);
    }

    // Two questions a second at most, however many pipelines there are.
    qint64 atLeastApart(const Connection &connection, qint64 interval, int questions = 1) const
    {
        return std::max<qint64>(interval, connection.lanes.size() * questions * m_timing.apart.count());
    }

    qint64 gatesInterval(const Connection &connection) const
    {
        return atLeastApart(connection, (m_isLookedAt ? m_timing.looked : m_timing.gates).count()) * thrift(connection);
    }

    qint64 openInterval(const Connection &connection, const Lane &lane) const
    {
        return std::max<qint64>(quietInterval(connection) / std::max<qsizetype>(lane.open.size(), 1),
                                m_timing.running.count() * thrift(connection));
    }

    qint64 intervalOf(const Connection &connection, const Lane &lane, const RunStore::Entry *entry) const
    {
        // Of the newest page: older ones are read again one by one. One that waits for people waits for hours.
        const auto last = entry ? entry->runs.cbegin() + std::min<qsizetype>(entry->runs.size(), entry->newest)
                                : QList<Run>::const_iterator();
        const bool isRunning =
            entry && std::any_of(entry->runs.cbegin(), last, [](const Run &run) {
                return !isEnded(run.state) && run.state != RunState::Unknown && run.state != RunState::Waiting;
            });
        const bool isStirred = lane.stirredUntil > now();
        if (!isRunning && !isStirred)
            return quietInterval(connection);
        const bool isFast = m_isLookedAt || isStirred;
        return (isFast ? m_timing.running : m_timing.runningUnseen).count() * thrift(connection);
    }

    // All are asked at once at first: from then on each has its own place in the interval.
    void spread(Connection &connection, Lane &lane, qint64 interval)
    {
        const qint64 lanes = connection.lanes.size();
        if (lane.isSpread || lanes < 2 || interval != quietInterval(connection) || lane.turn.failures > 0)
            return;
        lane.isSpread = true;
        lane.turn.dueAt = std::max(connection.nextPlace, now() + interval / 2);
        connection.nextPlace = lane.turn.dueAt + std::max<qint64>(interval / lanes, 1);
    }

    static qint64 backedOff(qint64 interval, int failures) { return interval << std::min(failures, mostFailures); }

    void work()
    {
        if (!m_isStarted)
            return;
        const qint64 now = this->now();
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
                else if (lane != connection->lanes.end() && !lane->open.isEmpty() && isTurn(lane->older))
                    askOpen(id, connection, key);
            }
        }
        if (next != std::numeric_limits<qint64>::max())
            wake(next);
    }

    // ---- what

    template <typename T>
    void done(const std::shared_ptr<Connection> &connection, Turn &turn, const Result<T> &result, qint64 interval)
    {
        --connection->asking;
        turn.isAsking = false;
        turn.failures = result || isGone(result.error()) ? 0 : turn.failures + 1;
        turn.dueAt = now() + backedOff(interval, turn.failures);
        if (!result && result.error().kind == ErrorKind::RateLimited)
            bePatient(*connection, result.error().retryAfter);
    }

    void bePatient(Connection &connection, milliseconds wait)
    {
        connection.quietUntil = std::max(connection.quietUntil, now() + std::max(wait, m_timing.limited).count());
    }

    void askPipelines(const QString &id, const std::shared_ptr<Connection> &connection)
    {
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(id)->source().pipelines(stop), stop, &q,
                [this, id, connection, stop](const Result<QList<Pipeline>> &result) {
                    if (stop.stop_requested())
                        return;
                    done(connection, connection->pipelines, result,
                         atLeastApart(*connection, m_timing.pipelines.count(), questionsAPipeline));
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
        const QSet<QString> kept(keys.cbegin(), keys.cend());
        for (auto it = connection.lanes.begin(); it != connection.lanes.end();)
            it = kept.contains(it.key()) ? std::next(it) : connection.lanes.erase(it);
        q.m_store.keepOnly(id, keys);
    }

    void askGates(const QString &id, const std::shared_ptr<Connection> &connection)
    {
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(id)->gates()->waiting(stop), stop, &q,
                [this, id, connection, stop](const Result<QList<WaitingGate>> &result) {
                    if (stop.stop_requested())
                        return;
                    done(connection, connection->gates, result, gatesInterval(*connection));
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
                    noteOpen(*connection, *lane, next);
                    if (waitsAnew(*known, next)) // its gate is worth a look before its turn
                        connection->gates.dueAt = std::min(connection->gates.dueAt, now() + m_timing.running.count());
                    const qint64 interval = intervalOf(*connection, *lane, &next);
                    done(connection, lane->turn, result, interval);
                    spread(*connection, *lane, interval);
                    q.m_store.putEntry(next);
                    work();
                });
    }

    static bool waitsAnew(const RunStore::Entry &before, const RunStore::Entry &now)
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

    // ---- older runs

    void noteOpen(const Connection &connection, Lane &lane, const RunStore::Entry &entry)
    {
        const bool wasEmpty = lane.open.isEmpty();
        lane.open = openOlder(entry);
        const auto isGone = [&lane](const auto &one) { return !lane.open.contains(one.key()); };
        lane.openAskedAt.removeIf(isGone);
        lane.openReadAt.removeIf(isGone);
        for (const QString &id : std::as_const(lane.open)) {
            if (!lane.openReadAt.contains(id))
                lane.openReadAt.insert(id, QDateTime::currentDateTimeUtc()); // a page brought it
        }
        if (wasEmpty && !lane.open.isEmpty())
            lane.older.dueAt = now() + openInterval(connection, lane);
    }

    void askOpen(const QString &id, const std::shared_ptr<Connection> &connection, const QString &key)
    {
        Lane &lane = connection->lanes[key];
        const QString run =
            *std::min_element(lane.open.cbegin(), lane.open.cend(), [&lane](const QString &a, const QString &b) {
                return lane.openAskedAt.value(a) < lane.openAskedAt.value(b);
            });
        lane.openAskedAt.insert(run, now());
        const RunRef ref{q.m_store.entry(key)->pipeline.ref, run};
        const StopToken stop = connection->stop.get_token();
        deliver(m_servers.find(id)->source().run(ref, stop), stop, &q,
                [this, connection, key, run, stop](const Result<RunDetail> &result) {
                    if (stop.stop_requested())
                        return;
                    const RunStore::Entry *known = q.m_store.entry(key);
                    const auto lane = connection->lanes.find(key);
                    if (!known || lane == connection->lanes.end()) {
                        --connection->asking;
                        work();
                        return;
                    }
                    RunStore::Entry next = *known;
                    mergeAlone(next, run, result, lane->openReadAt.value(run));
                    if (result)
                        lane->openReadAt.insert(run, QDateTime::currentDateTimeUtc());
                    noteOpen(*connection, *lane, next);
                    done(connection, lane->older, result, openInterval(*connection, *lane));
                    q.m_store.putEntry(next);
                    work();
                });
    }

    // By page numbers: what came in since pushed known runs onto this page. One that is all known is not what was asked
    // for, hence the next one is taken too.
    void loadMore(const QString &key, int pages = mostPagesAtOnce)
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
                            bePatient(*connection, result.error().retryAfter);
                    } else {
                        isNew = appendOlder(next, *result);
                    }
                    const auto lane = connection->lanes.find(key);
                    if (lane != connection->lanes.end())
                        noteOpen(*connection, *lane, next);
                    q.m_store.putEntry(next);
                    if (!isNew && pages > 1)
                        loadMore(key, pages - 1);
                    work();
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
            lane->stirredUntil = now() + m_timing.stirred.count();
        }
        connection->gates.isWanted = true;
        work();
    }

    void wantAll()
    {
        for (const auto &connection : std::as_const(m_connections)) {
            connection->quietUntil = connection->nextPlace = 0;
            connection->pipelines.isWanted = connection->gates.isWanted = true;
            for (Lane &lane : connection->lanes) {
                lane.turn.isWanted = true;
                lane.older.isWanted = !lane.open.isEmpty();
                lane.isSpread = false;
            }
        }
        work();
    }

    // What is due by the shorter intervals from now on.
    void hurry()
    {
        const qint64 now = this->now();
        for (auto it = m_connections.begin(); it != m_connections.end(); ++it) {
            Connection &connection = **it;
            const auto sooner = [&](Turn &turn, qint64 interval) {
                if (turn.failures == 0)
                    turn.dueAt = std::min(turn.dueAt, now + interval);
            };
            sooner(connection.gates, gatesInterval(connection));
            // Those that are quiet keep their order and distances: who comes to look starts no flood.
            m_isLookedAt = false;
            const qint64 before = std::max<qint64>(quietInterval(connection), 1);
            m_isLookedAt = true;
            const qint64 quiet = quietInterval(connection);
            for (auto lane = connection.lanes.begin(); lane != connection.lanes.end(); ++lane) {
                const qint64 interval = intervalOf(connection, *lane, q.m_store.entry(lane.key()));
                const qint64 left = std::clamp<qint64>(lane->turn.dueAt - now, 0, before);
                sooner(lane->turn, interval == quiet ? left * quiet / before : interval);
                sooner(lane->older, openInterval(connection, *lane));
            }
            show(it.key());
        }
        work();
    }

    // ---- runs that are looked at closely

    // One that is gone is no trouble of its server.
    void noteWatches(const QString &id)
    {
        m_watches.removeIf([](const QPointer<RunWatch> &watch) { return watch.isNull(); });
        const auto connection = m_connections.value(id);
        if (!connection)
            return;
        std::optional<Freshness> worst;
        for (const QPointer<RunWatch> &watch : std::as_const(m_watches)) {
            const Freshness one = watch->freshness();
            if (watch->ref().pipeline.connection != id || one.state == Freshness::State::Loading ||
                (one.error && isGone(*one.error)))
                continue;
            worst = worst ? worse(*worst, one) : one;
        }
        connection->shown.chosen = worst;
        show(id);
    }

    RunWatchPace paceOf(const QString &id)
    {
        RunWatchPace pace;
        pace.settle = m_timing.settle;
        pace.running = m_timing.running;
        pace.quiet = m_timing.quiet;
        const QPointer<PipelineFeed> self(&q);
        pace.thrift = [self, id] {
            const auto connection = self ? self->d->m_connections.value(id) : nullptr;
            return connection ? self->d->thrift(*connection) : 1;
        };
        pace.patience = [self, id] {
            const auto connection = self ? self->d->m_connections.value(id) : nullptr;
            return milliseconds(connection ? std::max<qint64>(connection->quietUntil - self->d->now(), 0) : 0);
        };
        pace.limited = [self, id](milliseconds wait) {
            if (const auto connection = self ? self->d->m_connections.value(id) : nullptr)
                self->d->bePatient(*connection, wait);
        };
        return pace;
    }

    int asking() const
    {
        int all = static_cast<int>(m_loading.size());
        for (const auto &connection : m_connections)
            all += connection->asking;
        return all;
    }

    PipelineFeed &q;
    PipelineSet &m_servers;
    const Timing m_timing;
    ApplicationOf m_applicationOf;
    QHash<QString, std::shared_ptr<Connection>> m_connections;
    QSet<QString> m_loading; // older runs of these
    QList<QPointer<RunWatch>> m_watches;
    QElapsedTimer m_elapsed;
    QTimer m_timer;
    qint64 m_wakeAt = 0; // by the clock that was given
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
    const QString id = run.pipeline.connection;
    auto watch = std::make_unique<RunWatch>(d->m_servers, run, d->paceOf(id));
    d->m_watches.append(watch.get());
    connect(watch.get(), &RunWatch::changed, this, [this, id] { d->noteWatches(id); });
    connect(watch.get(), &QObject::destroyed, this, [this, id] { d->noteWatches(id); });
    return watch;
}

void PipelineFeed::stir(const PipelineRef &pipeline)
{
    d->stir(pipeline);
}

int PipelineFeed::asking() const
{
    return d->asking();
}

} // namespace signalbox
