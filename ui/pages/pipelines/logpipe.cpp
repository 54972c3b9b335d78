#include "ui/pages/pipelines/logpipe.h"

#include <QMutex>
#include <QMutexLocker>

#include <utility>

namespace signalbox
{

struct LogPipe::Basin
{
    QMutex mutex;
    QByteArray bytes;

    void fill(const QByteArray &more)
    {
        const QMutexLocker locker(&mutex);
        bytes += more;
    }
    QByteArray empty()
    {
        const QMutexLocker locker(&mutex);
        return std::exchange(bytes, {});
    }
};

LogPipe::LogPipe(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(std::chrono::milliseconds(120));
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
            m_timer.stop();
            drain();
            emit ended(end);
        });
}

void LogPipe::close()
{
    m_ask.cancel();
    m_timer.stop();
    m_basin.reset();
}

void LogPipe::drain()
{
    const QByteArray bytes = m_basin ? m_basin->empty() : QByteArray();
    if (!bytes.isEmpty())
        emit came(bytes);
}

} // namespace signalbox
