#include "ui/pages/pipelines/logpipe.h"

#include <QMutex>
#include <QMutexLocker>
#include <QThreadPool>

#include <iterator>
#include <utility>

namespace signalbox
{

// Any thread. At most one worker reads at a time, as long as there is something to read.
class LogPipe::Basin : public std::enable_shared_from_this<LogPipe::Basin>
{
public:
    void fill(const QByteArray &more)
    {
        const QMutexLocker locker(&m_mutex);
        m_bytes += more;
        work();
    }
    void finish() // nothing comes any more
    {
        const QMutexLocker locker(&m_mutex);
        m_isFinishing = true;
        work();
    }
    std::vector<JobLogPiece> empty()
    {
        const QMutexLocker locker(&m_mutex);
        return std::exchange(m_pieces, {});
    }
    bool isDone() const
    {
        const QMutexLocker locker(&m_mutex);
        return m_isFinishing && !m_isWorking && m_bytes.isEmpty() && m_pieces.empty();
    }

private:
    void work()
    {
        if (std::exchange(m_isWorking, true))
            return;
        QThreadPool::globalInstance()->start([self = shared_from_this()] { self->read(); });
    }
    void read()
    {
        for (bool hasFinished = false;;) {
            QByteArray bytes;
            {
                const QMutexLocker locker(&m_mutex);
                if (m_bytes.isEmpty() && (!m_isFinishing || hasFinished)) {
                    m_isWorking = false;
                    return;
                }
                bytes = std::exchange(m_bytes, {});
            }
            hasFinished = bytes.isEmpty();
            std::vector<JobLogPiece> pieces = hasFinished ? m_reader.finish() : m_reader.read(bytes);
            const QMutexLocker locker(&m_mutex);
            std::move(pieces.begin(), pieces.end(), std::back_inserter(m_pieces));
        }
    }

    mutable QMutex m_mutex;
    QByteArray m_bytes;
    std::vector<JobLogPiece> m_pieces;
    JobLogReader m_reader; // the worker's
    bool m_isWorking = false;
    bool m_isFinishing = false;
};

LogPipe::LogPipe(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(std::chrono::milliseconds(100));
    connect(&m_timer, &QTimer::timeout, this, &LogPipe::drain);
}

LogPipe::~LogPipe() = default;

void LogPipe::open(PipelineSource &source, const LogQuery &query)
{
    close();
    m_basin = std::make_shared<Basin>();
    m_timer.start();
    m_ask.run(
        this,
        [&source, &query, basin = m_basin](const StopToken &stop) {
            return source.log(
                query, [basin](const QByteArray &bytes) { basin->fill(bytes); }, stop);
        },
        [this](const Result<LogEnd> &end) {
            m_end = end;
            m_basin->finish();
        });
}

void LogPipe::close()
{
    m_ask.cancel();
    m_timer.stop();
    m_end.reset();
    m_basin.reset();
}

void LogPipe::drain()
{
    if (const std::vector<JobLogPiece> pieces = m_basin->empty(); !pieces.empty())
        emit came(pieces);
    if (!m_basin || !m_end || !m_basin->isDone())
        return;
    m_timer.stop();
    emit ended(*std::exchange(m_end, std::nullopt));
}

} // namespace signalbox
