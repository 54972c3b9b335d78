#include "services/feeds/sourceset.h"

#include "services/async/deliver.h"

#include <algorithm>

namespace signalbox
{

SourceSet::SourceSet(QObject *parent)
    : SourceSet(Times(), parent)
{}

SourceSet::SourceSet(Times times, QObject *parent)
    : QObject(parent)
    , m_times(times)
{}

SourceSet::~SourceSet()
{
    for (const auto &each : m_all)
        each->stop.request_stop();
}

SourceSet::Entry *SourceSet::entry(const QString &id) const
{
    for (const auto &each : m_all) {
        if (each->source->id() == id)
            return each.get();
    }
    return nullptr;
}

SourceRepository &SourceSet::add(std::unique_ptr<SourceRepository> source)
{
    const QString id = source->id();
    remove(id);
    m_all.push_back(std::make_unique<Entry>());
    Entry &added = *m_all.back();
    added.source = std::move(source);
    added.timer = std::make_unique<QTimer>();
    added.timer->setSingleShot(true);
    added.since = QDateTime::currentDateTimeUtc();
    if (added.source->updatedAt().isValid())
        added.state = Freshness::State::Stale; // of the last run, until the first answer
    connect(added.timer.get(), &QTimer::timeout, this, [this, id] { fetch(id); });
    connect(added.source.get(), &SourceRepository::progressed, this, [this, id](const SourceProgress &progress) {
        Entry *const one = entry(id);
        if (one == nullptr || !one->isFetching)
            return;
        one->progress = progress;
        emit changed(id);
    });
    // Whoever decides on a promotion has it brought up to date as well.
    connect(added.source.get(), &SourceRepository::updated, this, [this, id] {
        const Entry *const one = entry(id);
        if (one != nullptr && !one->isFetching)
            emit changed(id);
    });
    added.timer->start(0);
    emit changed(id);
    return *added.source;
}

void SourceSet::remove(const QString &id)
{
    const auto it =
        std::find_if(m_all.begin(), m_all.end(), [&id](const auto &each) { return each->source->id() == id; });
    if (it == m_all.end())
        return;
    emit aboutToRemove(id);
    (*it)->stop.request_stop();
    const std::unique_ptr<Entry> gone = std::move(*it);
    m_all.erase(it);
    emit removed(id);
}

void SourceSet::clear()
{
    for (const QString &id : ids())
        remove(id);
}

SourceRepository *SourceSet::find(const QString &id) const
{
    const Entry *const one = entry(id);
    return one ? one->source.get() : nullptr;
}

QStringList SourceSet::ids() const
{
    QStringList all;
    for (const auto &each : m_all)
        all.append(each->source->id());
    return all;
}

void SourceSet::setRepositoryOf(std::function<QString(const QString &)> repositoryOf)
{
    m_repositoryOf = std::move(repositoryOf);
    for (const QString &id : ids())
        emit changed(id);
}

SourceRepository *SourceSet::of(const QString &application) const
{
    return m_repositoryOf ? find(m_repositoryOf(application)) : nullptr;
}

SourceState SourceSet::state(const QString &id) const
{
    SourceState state;
    const Entry *const one = entry(id);
    if (one == nullptr) {
        state.freshness.state = Freshness::State::Absent;
        return state;
    }
    state.freshness = {one->state, one->since, one->source->updatedAt(), one->source->problem()};
    if (one->isStopped && !state.freshness.error)
        state.freshness.error =
            Error{ErrorKind::Cancelled, tr("Fetching %1 was stopped.").arg(one->source->address()), {}};
    if (one->state == Freshness::State::Stale && !state.freshness.error)
        state.freshness.error =
            Error{ErrorKind::Unreachable, tr("%1 has not answered yet.").arg(one->source->address()), {}};
    state.isFetching = one->isFetching;
    state.isStopped = one->isStopped;
    state.progress = one->progress;
    if (one->timer->isActive())
        state.nextAt = QDateTime::currentDateTimeUtc().addMSecs(one->timer->remainingTime());
    return state;
}

void SourceSet::fetch(const QString &id)
{
    Entry *const one = entry(id);
    if (one == nullptr || one->isFetching)
        return;
    one->timer->stop();
    one->isFetching = true;
    one->isStopped = false;
    one->progress = {};
    one->stop = StopSource();
    if (one->state == Freshness::State::Failed || one->state == Freshness::State::Denied)
        enter(*one, Freshness::State::Loading);
    const StopToken stop = one->stop.get_token();
    // With the repository as context: silent when it is gone.
    deliver(one->source->update(stop), stop, one->source.get(), [this, id](const Result<void> &result) {
        if (Entry *const now = entry(id))
            ended(*now, result);
    });
    emit changed(id);
}

void SourceSet::stopFetching(const QString &id)
{
    if (Entry *const one = entry(id); one != nullptr && one->isFetching) {
        one->isStopped = true;
        one->stop.request_stop();
    }
}

void SourceSet::ended(Entry &one, const Result<void> &result)
{
    one.isFetching = false;
    const bool hasOld = one.source->updatedAt().isValid();
    if (result) {
        one.isStopped = false;
        one.failures = 0;
        enter(one, Freshness::State::Live);
        one.timer->start(m_times.every);
    } else if (one.isStopped) {
        enter(one, hasOld ? Freshness::State::Stale : Freshness::State::Failed); // nobody looks any more
    } else {
        const ErrorKind kind = result.error().kind;
        const bool isDenied = kind == ErrorKind::Forbidden || kind == ErrorKind::Unauthorized;
        enter(one, hasOld ? Freshness::State::Stale : isDenied ? Freshness::State::Denied : Freshness::State::Failed);
        const std::chrono::milliseconds wait(m_times.firstRetry.count() << std::min(one.failures, 20));
        one.timer->start(std::min(wait, m_times.lastRetry));
        ++one.failures;
    }
    emit changed(one.source->id());
}

void SourceSet::enter(Entry &one, Freshness::State state)
{
    if (one.state != state)
        one.since = QDateTime::currentDateTimeUtc();
    one.state = state;
}

} // namespace signalbox
