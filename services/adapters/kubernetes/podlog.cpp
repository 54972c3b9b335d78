#include "services/adapters/kubernetes/podlog.h"

#include "services/adapters/kubernetes/values.h"
#include "services/async/deliver.h"

#include <QCoreApplication>

namespace signalbox::kubernetes
{

namespace
{

constexpr int logFrameMs = 16;
constexpr qsizetype mostBytes = 4 << 20; // read but not cut into lines yet
constexpr qsizetype longestStamp = 64;   // before the text of a line

} // namespace

LogLine parseLogLine(QByteArrayView line, bool hasTimestamp, bool isWhole)
{
    if (line.endsWith('\r'))
        line.chop(1);
    LogLine read;
    if (hasTimestamp) {
        const qsizetype space = line.first(std::min<qsizetype>(line.size(), 40)).indexOf(' ');
        const qsizetype stamp = space < 0 ? line.size() : space;
        read.time = parseTime({line.data(), size_t(std::min<qsizetype>(stamp, 40))});
        if (read.time.isValid())
            line = line.sliced(std::min(stamp + 1, line.size()));
    }
    if (line.size() <= PodLog::longestLine) {
        read.text = QString::fromUtf8(line.data(), line.size());
        return read;
    }
    qsizetype end = PodLog::longestLine;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
        --end; // not within a character
    const QString note = isWhole ? QCoreApplication::translate("PodLog", " ... [cut: the line has %1 bytes]")
                                 : QCoreApplication::translate("PodLog", " ... [cut: the line has more than %1 bytes]");
    read.text = QString::fromUtf8(line.data(), end) + note.arg(line.size());
    return read;
}

QByteArray logTarget(const LogRequest &request)
{
    QByteArray target =
        "/api/v1/namespaces/" + encoded(request.pod.ns) + "/pods/" + encoded(request.pod.name) + "/log?";
    if (!request.container.isEmpty())
        target += "container=" + encoded(request.container) + '&';
    if (request.follow)
        target += "follow=true&";
    if (request.previous)
        target += "previous=true&";
    if (request.tailLines >= 0)
        target += "tailLines=" + QByteArray::number(request.tailLines) + '&';
    target += request.timestamps ? "timestamps=true" : "timestamps=false";
    return target;
}

// Between the network thread, the worker and the object. Shared until the last of them is done.
class PodLog::Pipe : public std::enable_shared_from_this<Pipe>
{
public:
    Pipe(bool hasTimestamps, std::function<void()> wake)
        : m_lane(Lane::make())
        , m_hasTimestamps(hasTimestamps)
        , m_wake(std::move(wake))
    {}

    HttpSink sink(std::shared_ptr<KubeClient> client)
    {
        m_client = std::move(client);
        const auto self = shared_from_this();
        return {[self](const HttpResponse &head) {
                    const std::lock_guard lock(self->m_mutex);
                    self->m_stream = head.id;
                    return true;
                },
                [self](QByteArrayView bytes) { return self->takeBytes(bytes); }};
    }

    std::vector<LogLine> take(int most, bool &isMore)
    {
        std::unique_lock lock(m_mutex);
        m_isTold = false;
        std::vector<LogLine> lines;
        while (!m_ready.empty() && int(lines.size()) < most) {
            lines.push_back(std::move(m_ready.front()));
            m_ready.pop_front();
        }
        isMore = !m_ready.empty();
        m_isTold = isMore;
        resumeIfCalm(std::move(lock));
        return lines;
    }

    // After the stream's end: the last line may lack its newline.
    QFuture<Result<bool>> close()
    {
        return m_lane->run<bool>([self = shared_from_this()]() -> Result<bool> {
            self->work();
            const QByteArrayView rest = self->m_lines.rest();
            if (!rest.isEmpty())
                self->add({parseLogLine(rest, self->m_hasTimestamps)});
            return true;
        });
    }

    void disconnect()
    {
        const std::lock_guard lock(m_wakeMutex);
        m_wake = nullptr;
    }

private:
    bool takeBytes(QByteArrayView bytes)
    {
        const std::lock_guard lock(m_mutex);
        m_incoming.append(bytes.data(), bytes.size());
        if (!m_isScheduled) {
            m_isScheduled = true;
            m_lane->post([self = shared_from_this()] { self->work(); });
        }
        m_isPaused = m_incoming.size() > mostBytes || qsizetype(m_ready.size()) > mostWaiting;
        return !m_isPaused;
    }

    void work()
    {
        QByteArray bytes;
        {
            const std::lock_guard lock(m_mutex);
            bytes = std::exchange(m_incoming, {});
            m_isScheduled = false;
        }
        m_lines.append(bytes);
        std::vector<LogLine> lines;
        m_lines.takeLines([&](QByteArrayView line, qsizetype) {
            lines.push_back(parseLogLine(line, m_hasTimestamps));
            return true;
        });
        if (m_lines.rest().size() > longestLine + longestStamp) {
            lines.push_back(parseLogLine(m_lines.rest(), m_hasTimestamps, false));
            m_lines.skipLine();
        }
        add(std::move(lines));
    }

    void add(std::vector<LogLine> lines)
    {
        std::unique_lock lock(m_mutex);
        for (LogLine &line : lines)
            m_ready.push_back(std::move(line));
        const bool mustTell = !m_ready.empty() && !std::exchange(m_isTold, true);
        resumeIfCalm(std::move(lock));
        if (!mustTell)
            return;
        const std::lock_guard wakeLock(m_wakeMutex);
        if (m_wake)
            m_wake();
    }

    void resumeIfCalm(std::unique_lock<std::mutex> lock)
    {
        if (!m_isPaused || m_incoming.size() > mostBytes / 2 || qsizetype(m_ready.size()) > mostWaiting / 2)
            return;
        m_isPaused = false;
        const quint64 stream = m_stream;
        lock.unlock();
        m_client->resume(stream);
    }

    const std::shared_ptr<Lane> m_lane;
    const bool m_hasTimestamps;
    std::shared_ptr<KubeClient> m_client;
    std::mutex m_wakeMutex;
    std::function<void()> m_wake;

    LineSplitter m_lines; // the lane's

    std::mutex m_mutex; // of what follows
    QByteArray m_incoming;
    std::deque<LogLine> m_ready;
    bool m_isScheduled = false;
    bool m_isPaused = false;
    bool m_isTold = false;
    quint64 m_stream = 0;
};

PodLog::PodLog(std::shared_ptr<KubeClient> client, const LogRequest &request, QObject *parent)
    : LogStream(parent)
    , m_client(std::move(client))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &PodLog::take);
    m_pipe = std::make_shared<Pipe>(request.timestamps, [this] {
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (!m_timer.isActive())
                    m_timer.start(logFrameMs);
            },
            Qt::QueuedConnection);
    });
    const StopToken stop = m_stop.get_token();
    const HttpClient::Stream stream = m_client->stream(logTarget(request), m_pipe->sink(m_client), stop);
    deliver(stream.finished, stop, this, [this, stop](const Result<HttpResponse> &finished) {
        if (stop.stop_requested())
            return;
        deliver(m_pipe->close(), {}, this, [this, finished](const Result<bool> &) { finish(finished); });
    });
}

PodLog::~PodLog()
{
    m_stop.request_stop();
    m_pipe->disconnect();
}

void PodLog::take()
{
    bool isMore = false;
    std::vector<LogLine> lines = m_pipe->take(linesPerFrame, isMore);
    if (!lines.empty())
        emit linesArrived(QList<LogLine>(std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end())));
    if (isMore) {
        m_timer.start(logFrameMs);
    } else if (std::exchange(m_isRead, false)) {
        if (m_error)
            emit failed(*m_error);
        else
            emit ended();
    }
}

void PodLog::finish(const Result<HttpResponse> &finished)
{
    m_isRead = true;
    if (!finished)
        m_error = finished.error();
    if (!m_timer.isActive())
        m_timer.start(0);
}

} // namespace signalbox::kubernetes
