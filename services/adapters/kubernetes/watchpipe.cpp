#include "services/adapters/kubernetes/watchpipe.h"

#include "services/adapters/kubernetes/serverclock.h"

#include <QCoreApplication>
#include <QDateTime>

namespace signalbox::kubernetes
{

namespace
{

// Unparsed bytes after which the socket is left alone until the parser has caught up.
constexpr qsizetype highWater = 8 << 20;

ReflectorMemory::Place placeOf(const KubeObject &object)
{
    return std::visit(
        [](const auto &one) -> ReflectorMemory::Place {
            if constexpr (requires { one.ref; })
                return {one.ref.ns, one.ref.name};
            else if constexpr (requires { one.name; })
                return {{}, one.name};
            else
                return {one.ns, {}};
        },
        object);
}

} // namespace

void ReflectorMemory::heard()
{
    lastHeardMs = QDateTime::currentMSecsSinceEpoch();
}

Result<ListPage> ReflectorMemory::takePage(const QByteArray &body)
{
    Result<ListPage> parsed = parser.parseList(body);
    if (!parsed)
        return parsed;
    heard();
    ListPage page = std::move(*parsed);
    for (const KubeObject &object : page.objects)
        seen.insert(uidOf(object));
    upsert(std::exchange(page.objects, {}));
    if (page.continueToken.isEmpty())
        endList();
    return page;
}

void ReflectorMemory::endList()
{
    QStringList gone;
    for (auto it = known.begin(); it != known.end();) {
        if (seen.contains(it.key())) {
            ++it;
        } else {
            gone.append(it.key());
            it = known.erase(it);
        }
    }
    seen = {};
    parser.trim();
    if (!gone.isEmpty())
        collector->remove(kind, gone);
}

void ReflectorMemory::forgetAll()
{
    seen = {};
    const QStringList gone = known.keys();
    known.clear();
    if (!gone.isEmpty())
        collector->remove(kind, gone);
}

void ReflectorMemory::upsert(std::vector<KubeObject> objects)
{
    const std::chrono::milliseconds skew(skewMs.load());
    for (KubeObject &object : objects) {
        known.insert(uidOf(object), placeOf(object));
        tellByOurClock(object, skew);
    }
    collector->upsert(std::move(objects));
}

void ReflectorMemory::remove(const QString &uid)
{
    if (known.remove(uid) > 0)
        collector->remove(kind, {uid});
}

WatchPipe::WatchPipe(std::shared_ptr<ReflectorMemory> memory, std::shared_ptr<Lane> lane, QString resourceVersion,
                     QString what)
    : m_memory(std::move(memory))
    , m_lane(std::move(lane))
    , m_what(std::move(what))
{
    m_end.resourceVersion = std::move(resourceVersion);
    m_opened.start();
}

HttpSink WatchPipe::sink(std::function<void(quint64)> resume, std::function<void()> abort)
{
    m_resume = std::move(resume);
    m_abort = std::move(abort);
    const auto self = shared_from_this();
    return {[self](const HttpResponse &head) {
                {
                    const std::lock_guard lock(self->m_mutex);
                    self->m_stream = head.id;
                }
                self->m_memory->heard();
                self->finishOpened(true);
                return true;
            },
            [self](QByteArrayView bytes) { return self->takeBytes(bytes); }};
}

void WatchPipe::finishOpened(bool isOpen)
{
    if (m_isOpenTold.exchange(true))
        return;
    m_opened.addResult(Result<bool>(isOpen));
    m_opened.finish();
}

bool WatchPipe::takeBytes(QByteArrayView bytes)
{
    m_memory->heard();
    const std::lock_guard lock(m_mutex);
    m_incoming.append(bytes.data(), bytes.size());
    if (!m_isScheduled) {
        m_isScheduled = true;
        m_lane->post([self = shared_from_this()] { self->work(); });
    }
    m_isPaused = m_incoming.size() > highWater;
    return !m_isPaused;
}

void WatchPipe::work()
{
    QByteArray bytes;
    quint64 resumed = 0;
    {
        const std::lock_guard lock(m_mutex);
        bytes = std::exchange(m_incoming, {});
        m_isScheduled = false;
        if (std::exchange(m_isPaused, false))
            resumed = m_stream;
    }
    if (resumed != 0)
        m_resume(resumed);
    if (m_isOver)
        return;
    m_lines.append(bytes);
    m_lines.takeLines([this](QByteArrayView line, qsizetype readable) {
        takeLine(line, readable);
        return !m_isOver;
    });
    if (!m_isOver && m_lines.rest().size() > longestLine) {
        m_end.isGarbage = true;
        m_end.error =
            Error{ErrorKind::Protocol,
                  QCoreApplication::translate(
                      "Kubernetes", "The server sent more than %1 MiB without a line's end while asked to %2.")
                      .arg(longestLine >> 20)
                      .arg(m_what),
                  {}};
        m_isOver = true;
    }
    flush();
    if (m_isOver)
        m_lines.clear();
    if (m_isOver)
        m_abort();
}

void WatchPipe::takeLine(QByteArrayView line, qsizetype readable)
{
    Result<WatchLine> read = m_memory->parser.parseWatchLine(line, readable);
    if (!read) {
        m_end.isGarbage = true;
        m_end.error = read.error();
        m_isOver = true;
        return;
    }
    if (read->type == WatchLine::Type::Failed) {
        m_end.isExpired = read->code == 410;
        m_end.error = errorOfStatus(read->code, {}, read->message, m_what);
        m_isOver = true;
        return;
    }
    ++m_end.lines;
    if (!read->resourceVersion.isEmpty())
        m_end.resourceVersion = read->resourceVersion;
    if (read->type == WatchLine::Type::Bookmark)
        noteBookmark();
    if (!read->object)
        return;
    if (read->type == WatchLine::Type::Deleted) {
        flush(); // what was said of it before must not come after
        m_memory->remove(uidOf(*read->object));
    } else {
        m_batch.push_back(std::move(*read->object));
    }
}

void WatchPipe::noteBookmark()
{
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    if (const qint64 last = std::exchange(m_lastBookmark, now); last > 0 && now >= last)
        m_memory->bookmarkGapMs = std::max<qint64>({m_memory->bookmarkGapMs, now - last, 1});
}

void WatchPipe::flush()
{
    if (!m_batch.empty())
        m_memory->upsert(std::exchange(m_batch, {}));
}

QFuture<Result<WatchEnd>> WatchPipe::close()
{
    finishOpened(false);
    return m_lane->run<WatchEnd>([self = shared_from_this()]() -> Result<WatchEnd> {
        self->work();
        const QByteArrayView rest = self->m_lines.rest();
        if (!self->m_isOver && !rest.isEmpty()) {
            // Cut off in the middle of a line: the change will be told again from the last version on.
            self->m_end.error =
                Error{ErrorKind::Unreachable,
                      QCoreApplication::translate("Kubernetes", "The connection was cut off while asked to %1.")
                          .arg(self->m_what),
                      QStringLiteral("%1 bytes of an unfinished line").arg(rest.size())};
        }
        self->m_lines.clear();
        return self->m_end;
    });
}

} // namespace signalbox::kubernetes
