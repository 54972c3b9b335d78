#include "services/pipelines/pipelinefeed_p.h"

#include <algorithm>

// Runs that are looked at closely.
namespace signalbox
{

std::unique_ptr<RunWatch> PipelineFeed::Private::watch(const RunRef &run)
{
    const QString id = run.pipeline.connection;
    auto watch = std::make_unique<RunWatch>(m_servers, run, paceOf(id));
    m_watches.append(watch.get());
    const auto changed = [this, run, watch = watch.get(), seen = std::optional<Run>()]() mutable {
        const std::optional<RunDetail> read = watch->detail(); // which may end with what is noted here
        noteWatches(run.pipeline.connection);
        if (!read || seen == read->run) // its tests, or an error: the list may know better by now
            return;
        seen = read->run;
        noteOlder(run, *read);
    };
    QObject::connect(watch.get(), &RunWatch::changed, &q, changed);
    QObject::connect(watch.get(), &QObject::destroyed, &q, [this, id] { noteWatches(id); });
    return watch;
}

// One that is gone is no trouble of its server.
void PipelineFeed::Private::noteWatches(const QString &id)
{
    m_watches.removeIf([](const QPointer<RunWatch> &watch) { return watch.isNull(); });
    const auto connection = m_connections.value(id);
    if (!connection)
        return;
    std::optional<Freshness> worst;
    for (const QPointer<RunWatch> &watch : std::as_const(m_watches)) {
        const Freshness one = watch->freshness();
        if (watch->ref().pipeline.connection != id || one.state == Freshness::State::Loading ||
            (one.error && meansGone(*one.error)))
            continue;
        worst = worst ? worse(*worst, one) : one;
    }
    connection->shown.chosen = worst;
    show(id);
}

RunWatchPace PipelineFeed::Private::paceOf(const QString &id)
{
    using std::chrono::milliseconds;
    RunWatchPace pace;
    pace.settle = m_timing.settle;
    pace.running = m_timing.running;
    pace.quiet = m_timing.quiet;
    const QPointer<PipelineFeed> self(&q);
    pace.thrift = [self, id] {
        const auto connection = self ? self->d->m_connections.value(id) : nullptr;
        return connection ? FeedSchedule::thrift(connection->table, self->d->now()) : 1;
    };
    pace.patience = [self, id] { return self ? self->d->patience(id) : milliseconds(0); };
    pace.limited = [self, id](milliseconds wait) {
        if (self)
            self->d->bePatient(id, wait);
    };
    return pace;
}

std::chrono::milliseconds PipelineFeed::Private::patience(const QString &id) const
{
    const auto connection = m_connections.value(id);
    return std::chrono::milliseconds(connection ? std::max<qint64>(connection->table.quietUntil - now().ms, 0) : 0);
}

void PipelineFeed::Private::bePatient(const QString &id, std::chrono::milliseconds wait)
{
    if (const auto connection = m_connections.value(id))
        m_schedule.bePatient(connection->table, wait, now());
}

} // namespace signalbox
