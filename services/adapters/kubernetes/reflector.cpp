#include "services/adapters/kubernetes/reflector.h"

#include "services/adapters/kubernetes/serverclock.h"
#include "services/async/deliver.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>

Q_LOGGING_CATEGORY(logReflector, "signalbox.services.kubernetes.watch")

namespace signalbox::kubernetes
{

namespace
{

qint64 drawn(qint64 least, qint64 most)
{
    return most <= least ? least : QRandomGenerator::global()->bounded(least, most + 1);
}

qint64 nowMs()
{
    return QDateTime::currentMSecsSinceEpoch();
}

bool isExpired(const Error &error)
{
    return error.kind == ErrorKind::Conflict && error.detail.contains(QLatin1String("expired"));
}

} // namespace

Reflector::Reflector(Config config, QObject *parent)
    : QObject(parent)
    , m_config(std::move(config))
    , m_what(clusterKindName(m_config.kind.kind))
    , m_memory(std::make_shared<ReflectorMemory>(m_config.kind, m_config.collector))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_version.isEmpty())
            beginList();
        else
            beginWatch();
    });
    // A request sent into a silence is lost, although the server speaks again: sent anew rather than waited for.
    m_openTimer.setSingleShot(true);
    connect(&m_openTimer, &QTimer::timeout, this, [this] {
        suspect({ErrorKind::TimedOut,
                 tr("The watch of %1 was not answered in %2 s.")
                     .arg(m_what)
                     .arg(static_cast<double>(m_openTimer.interval()) / 1000),
                 {}});
    });
    m_silenceTimer.setSingleShot(true);
    connect(&m_silenceTimer, &QTimer::timeout, this, &Reflector::checkSilence);
}

Reflector::~Reflector()
{
    m_stop.request_stop();
}

void Reflector::start()
{
    if (m_state == State::Idle || m_state == State::Absent)
        beginList();
}

void Reflector::stop()
{
    m_stop.request_stop();
    m_timer.stop();
    m_openTimer.stop();
    m_silenceTimer.stop();
    m_state = State::Idle;
    m_version.clear();
}

void Reflector::relist()
{
    if (m_state == State::Idle)
        return;
    stop();
    m_attempt = 0;
    beginList();
}

void Reflector::forget()
{
    m_isListed = false;
    m_config.lane->post([memory = m_memory] { memory->forgetAll(); });
}

void Reflector::suspect(const Error &error)
{
    if (m_state != State::Watching)
        return;
    m_stop.request_stop();
    retryLater(error, false);
}

QFuture<Result<QHash<QString, QString>>> Reflector::uids()
{
    return m_config.lane->run<QHash<QString, QString>>([memory = m_memory]() -> Result<QHash<QString, QString>> {
        QHash<QString, QString> uids;
        uids.reserve(memory->known.size());
        for (auto it = memory->known.cbegin(); it != memory->known.cend(); ++it)
            uids.insert(it->ns + QLatin1Char('/') + it->name, it.key());
        return uids;
    });
}

void Reflector::beginList()
{
    m_stop.request_stop();
    m_stop = StopSource();
    m_timer.stop();
    m_openTimer.stop();
    m_state = State::Listing;
    m_version.clear();
    m_config.lane->post([memory = m_memory] { memory->beginList(); });
    askPage({});
}

void Reflector::askPage(const QByteArray &continueToken)
{
    QByteArray target = m_config.path;
    // A list that takes longer than its token lives is asked for in one piece, as client-go's pager does.
    if (m_expiredTokens < 2)
        target += "?limit=" + QByteArray::number(m_config.timings.pageSize);
    if (!continueToken.isEmpty())
        target += "&continue=" + continueToken;
    const StopToken stop = m_stop.get_token();
    deliver(m_config.client->get(target, stop), stop, this, [this, stop](const Result<HttpResponse> &answer) {
        if (stop.stop_requested())
            return;
        if (answer)
            takePage(answer->body);
        else
            listFailed(answer.error());
    });
}

void Reflector::takePage(const QByteArray &body)
{
    m_memory->skewMs = skewNow().count();
    const StopToken stop = m_stop.get_token();
    const auto parsed = m_config.lane->run<ListPage>([memory = m_memory, body, stop]() -> Result<ListPage> {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        return memory->takePage(body);
    });
    deliver(parsed, stop, this, [this, stop](const Result<ListPage> &page) {
        if (stop.stop_requested())
            return;
        if (page)
            pageTaken(*page);
        else
            listFailed(page.error());
    });
}

void Reflector::pageTaken(const ListPage &page)
{
    if (!page.continueToken.isEmpty()) {
        askPage(encoded(page.continueToken));
        return;
    }
    m_expiredTokens = 0;
    m_isListed = true;
    m_version = page.resourceVersion;
    planRelist();
    beginWatch();
}

void Reflector::listFailed(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        return;
    if (isExpired(error)) {
        qCDebug(logReflector) << m_what << "list expired, begun anew";
        ++m_expiredTokens;
        if (m_expiredTokens < 3)
            beginList();
        else
            retryLater(error, true);
        return;
    }
    if (error.kind == ErrorKind::NotFound) {
        m_state = State::Absent;
        m_version.clear();
        forget();
        m_timer.start(m_config.timings.absentRetry);
        settle(Freshness::State::Absent);
        return;
    }
    if (error.kind == ErrorKind::Forbidden) {
        m_state = State::Denied;
        m_version.clear();
        forget(); // what may no longer be read is not shown as if it were known
        m_timer.start(m_config.timings.deniedRetry);
        settle(Freshness::State::Denied, error);
        return;
    }
    retryLater(error, true);
}

void Reflector::beginWatch()
{
    m_stop.request_stop();
    m_stop = StopSource();
    m_timer.stop();
    m_state = State::Watching;
    // A server that is slow rather than silent must not be asked for ever: each time it gets more.
    m_openTimer.start(m_config.timings.openPatience * (1 << std::min(m_attempt, 3)));
    m_watchSince = nowMs();
    const qint64 seconds = drawn(m_config.timings.shortestWatch.count(), m_config.timings.longestWatch.count());
    const QByteArray target = m_config.path +
                              "?watch=1&allowWatchBookmarks=true&timeoutSeconds=" + QByteArray::number(seconds) +
                              "&resourceVersion=" + encoded(m_version);
    const StopToken stop = m_stop.get_token();
    const auto pipe =
        std::make_shared<WatchPipe>(m_memory, m_config.lane, m_version, QStringLiteral("watch ") + m_what);
    HttpSink sink = pipe->sink([client = m_config.client, stop](quint64 id) { client->resume(id); },
                               [ended = m_stop]() mutable { ended.request_stop(); });
    deliver(pipe->opened(), stop, this, [this, stop](const Result<bool> &isOpen) {
        if (!stop.stop_requested() && isOpen && *isOpen)
            watchOpened();
    });
    const HttpClient::Stream stream = m_config.client->stream(target, std::move(sink), stop);
    const quint64 round = ++m_round;
    deliver(stream.finished, stop, this, [this, pipe, round](const Result<HttpResponse> &finished) {
        deliver(pipe->close(), {}, this, [this, round, finished](const Result<WatchEnd> &closed) {
            if (m_round != round)
                return;
            if (m_state == State::Waiting && closed)
                resumeAfter(*closed);
            // Stopped by us (not by the pipe) means that something else goes on already.
            if (m_state != State::Watching)
                return;
            WatchEnd end = closed.value_or(WatchEnd{});
            if (!finished && finished.error().kind != ErrorKind::Cancelled && !end.error) {
                end.error = finished.error();
                end.isExpired = isExpired(finished.error());
            }
            watchEnded(end);
        });
    });
}

void Reflector::watchOpened()
{
    m_openTimer.stop();
    m_silenceTimer.start(m_config.timings.longestSilence);
    settle(Freshness::State::Live);
}

// One watch may be dead while the others of the server speak. Bookmarks are never promised, so only a server that sent
// them is held to them.
void Reflector::checkSilence()
{
    if (m_state != State::Watching)
        return;
    const qint64 gap = m_memory->bookmarkGapMs;
    const std::chrono::milliseconds watch(m_config.timings.longestWatch); // a sleep between two is no measure
    const qint64 most =
        std::max<qint64>(m_config.timings.longestSilence.count(), std::min<qint64>(3 * gap, watch.count()));
    const qint64 silence = nowMs() - std::max<qint64>(m_memory->lastHeardMs, m_watchSince);
    if (gap > 0 && silence >= most) {
        suspect({ErrorKind::TimedOut,
                 tr("The watch of %1 has told nothing for %2 s.").arg(m_what).arg(static_cast<double>(silence) / 1000),
                 {}});
        return;
    }
    m_silenceTimer.start(static_cast<int>(gap > 0 ? std::clamp<qint64>(most - silence, 1, most) : most));
}

void Reflector::watchEnded(const WatchEnd &end)
{
    const bool wasHealthy = end.lines > 0 || nowMs() - m_watchSince >= m_config.timings.healthyWatch.count();
    if (wasHealthy)
        m_attempt = 0;
    if (end.lines > 0)
        planRelist();
    m_version = end.resourceVersion;
    if (end.isExpired || end.isGarbage) {
        qCDebug(logReflector) << m_what << (end.isExpired ? "watch expired" : "watch unreadable") << "- listing again";
        m_version.clear();
        if (end.isExpired && m_attempt == 0) {
            ++m_attempt; // a server that answers every watch so must not be asked without a pause
            beginList();
            return;
        }
        retryLater(*end.error, true);
        return;
    }
    if (end.error) {
        const bool mustList = end.error->kind == ErrorKind::Forbidden || end.error->kind == ErrorKind::NotFound;
        if (mustList) {
            m_version.clear();
            beginList(); // its answer tells Denied and Absent
            return;
        }
        retryLater(*end.error, false);
        return;
    }
    // A clock that was set meanwhile makes all times other ones.
    if (isRelistDue() || skewNow().count() != m_memory->skewMs) {
        beginList();
    } else if (wasHealthy) {
        beginWatch();
    } else {
        retryLater(Error{ErrorKind::Protocol, tr("The server ends every watch of %1 at once.").arg(m_what), {}}, false);
    }
}

// A watch that was given up had told something until then: what it told need not come again, older than what is shown.
void Reflector::resumeAfter(const WatchEnd &end)
{
    if (m_version.isEmpty()) // lists
        return;
    m_version = end.isExpired || end.isGarbage ? QString() : end.resourceVersion;
    if (end.lines > 0)
        planRelist();
}

void Reflector::retryLater(const Error &error, bool byListing)
{
    m_state = State::Waiting;
    m_openTimer.stop();
    m_silenceTimer.stop();
    if (byListing)
        m_version.clear();
    const qint64 cap = m_config.timings.backoffCap.count();
    const qint64 whole = std::min<qint64>(cap, m_config.timings.backoffStart.count() << std::min(m_attempt, 16));
    ++m_attempt;
    qint64 delay = drawn(whole / 2, whole);
    // Not before the server wants to be asked again, and not all at that very moment.
    if (const qint64 asked = std::min(error.retryAfter, m_config.timings.longestAsked).count(); asked > 0)
        delay = std::max(delay, asked + drawn(0, std::max<qint64>(whole / 2, asked / 10)));
    qCDebug(logReflector) << m_what << "again in" << delay << "ms:" << error.message;
    m_timer.start(static_cast<int>(delay));
    settle(m_isListed ? Freshness::State::Stale : Freshness::State::Failed, error);
}

void Reflector::settle(Freshness::State state, const std::optional<Error> &error)
{
    const bool isSame = m_freshness.state == state && m_freshness.error == error;
    if (isSame && m_freshness.since.isValid())
        return;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (m_freshness.state != state || !m_freshness.since.isValid())
        m_freshness.since = now;
    m_freshness.state = state;
    m_freshness.error = error;
    const qint64 heard = m_memory->lastHeardMs;
    m_freshness.lastHeard = heard > 0 ? QDateTime::fromMSecsSinceEpoch(heard, Qt::UTC) : QDateTime();
    emit freshnessChanged();
}

std::chrono::milliseconds Reflector::skewNow() const
{
    return notedSkew(m_config.client->clockSkewMs(), std::chrono::milliseconds(m_memory->skewMs.load()));
}

void Reflector::planRelist()
{
    using std::chrono::milliseconds;
    m_relistAt = nowMs() + drawn(milliseconds(m_config.timings.earliestRelist).count(),
                                 milliseconds(m_config.timings.latestRelist).count());
}

bool Reflector::isRelistDue() const
{
    return nowMs() >= m_relistAt;
}

} // namespace signalbox::kubernetes
