#include "ui/pages/pipelines/logpipe.h"

#include <QMutex>
#include <QMutexLocker>
#include <QThreadPool>

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox
{

namespace
{

constexpr qsizetype seamSize = 4096; // bytes that are compared where a reading goes on

} // namespace

// Any thread. At most one worker reads at a time, as long as there is something to read. Bytes of an asking that was
// let go (another turn) are not taken: its connection may bring some after it was told to stop.
class LogPipe::Reading : public std::enable_shared_from_this<LogPipe::Reading>
{
public:
    const std::shared_ptr<LogPlace> place = std::make_shared<LogPlace>();

    int begin()
    {
        const QMutexLocker locker(&m_mutex);
        if (place->bytes >
            m_received) { // of bytes that did not come here: all is read over, and what is known left out
            place->bytes = 0;
            place->offset = 0;
        }
        m_at = place->bytes;
        return ++m_turn;
    }
    void letGo()
    {
        const QMutexLocker locker(&m_mutex);
        ++m_turn;
    }
    void fill(int turn, const QByteArray &came)
    {
        const QMutexLocker locker(&m_mutex);
        if (turn != m_turn || m_isOther)
            return;
        const QByteArray more = withoutKnown(came);
        if (more.isEmpty())
            return;
        m_at += more.size();
        m_received += more.size();
        m_seam = more.size() >= seamSize ? more.right(seamSize) : (m_seam + more).right(seamSize);
        m_bytes += more;
        work();
    }
    // Nothing comes any more. Where that is the end of the log, what has no line end is a line as well.
    void finish(bool isAnswered, bool isComplete)
    {
        const QMutexLocker locker(&m_mutex);
        if (isAnswered && m_at < m_received)
            m_isOther = true; // shorter than before
        if (m_isOther || !isComplete)
            return;
        m_isFinishing = true;
        work();
    }
    std::vector<JobLogPiece> empty()
    {
        const QMutexLocker locker(&m_mutex);
        return std::exchange(m_pieces, {});
    }
    bool isAtRest() const
    {
        const QMutexLocker locker(&m_mutex);
        return !m_isWorking && m_bytes.isEmpty() && m_pieces.empty();
    }
    bool isOther() const
    {
        const QMutexLocker locker(&m_mutex);
        return m_isOther;
    }

private:
    QByteArray withoutKnown(const QByteArray &came)
    {
        const qint64 known = std::min<qint64>(m_received - m_at, came.size());
        if (known <= 0)
            return came;
        const qint64 seamBegin = m_received - m_seam.size();
        const qint64 from = std::max(m_at, seamBegin);
        const qint64 to = m_at + known;
        if (from < to && came.mid(from - m_at, to - from) != m_seam.mid(from - seamBegin, to - from)) {
            m_isOther = true;
            return {};
        }
        m_at = to;
        return came.mid(known);
    }
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
    QByteArray m_seam;     // the last that was received
    JobLogReader m_reader; // the worker's
    qint64 m_received = 0; // bytes of the log
    qint64 m_at = 0;       // of them, in this turn
    int m_turn = 0;
    bool m_isOther = false;
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

std::shared_ptr<LogPipe::Reading> LogPipe::open(PipelineSource &source, const LogQuery &query)
{
    const auto reading = std::make_shared<Reading>();
    goOn(source, query, reading);
    return reading;
}

void LogPipe::goOn(PipelineSource &source, const LogQuery &query, const std::shared_ptr<Reading> &reading)
{
    close();
    m_reading = reading;
    m_timer.start();
    LogQuery asked = query;
    asked.place = reading->place;
    m_ask.run(
        this,
        [&source, &asked, reading, turn = reading->begin()](const StopToken &stop) {
            return source.log(
                asked, [reading, turn](const QByteArray &bytes) { reading->fill(turn, bytes); }, stop);
        },
        [this](const Result<LogEnd> &end) {
            m_end = end;
            m_reading->finish(end.has_value(), end && end->isComplete);
        });
}

void LogPipe::close()
{
    m_ask.cancel();
    m_timer.stop();
    m_end.reset();
    if (m_reading)
        m_reading->letGo();
    m_reading.reset();
}

void LogPipe::drain()
{
    if (m_reading->isOther()) {
        close();
        emit replaced();
        return;
    }
    if (const std::vector<JobLogPiece> pieces = m_reading->empty(); !pieces.empty())
        emit came(pieces);
    if (!m_reading || !m_end || !m_reading->isAtRest())
        return;
    m_timer.stop();
    emit ended(*std::exchange(m_end, std::nullopt));
}

} // namespace signalbox
