#include "services/net/requestlog.h"

#include <QTimer>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr size_t keptEnded = 300;
constexpr int announceEveryMs = 250;

} // namespace

RequestLog::RequestLog(QObject *parent)
    : RequestMonitor(parent)
    , m_throttle(new QTimer(this))
{
    m_throttle->setSingleShot(true);
    m_throttle->setInterval(announceEveryMs);
    connect(m_throttle, &QTimer::timeout, this, [this] {
        m_isTouched = false; // before the signal: what changes while it is handled counts anew
        emit changed();
    });
}

RequestLog::~RequestLog() = default;

QList<RequestInfo> RequestLog::requests() const
{
    QList<RequestInfo> all;
    {
        const std::lock_guard lock(m_mutex);
        all.reserve(static_cast<qsizetype>(m_running.size() + m_ended.size()));
        for (const auto &[id, info] : m_running)
            all << info;
        for (const RequestInfo &info : m_ended)
            all << info;
    }
    std::sort(all.begin(), all.end(), [](const RequestInfo &a, const RequestInfo &b) { return a.id > b.id; });
    return all;
}

int RequestLog::runningCount() const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(std::count_if(m_running.cbegin(), m_running.cend(), [](const auto &one) {
        return one.second.state != QLatin1String("streaming");
    }));
}

void RequestLog::started(const RequestInfo &info)
{
    {
        const std::lock_guard lock(m_mutex);
        m_running.insert_or_assign(info.id, info);
    }
    touch();
}

void RequestLog::attempt(quint64 id, int number, const QString &target)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_running.find(id);
        if (found == m_running.end())
            return;
        found->second.attempt = number;
        found->second.target = target;
        found->second.status = 0;
        found->second.bytesReceived = 0;
        found->second.state = QStringLiteral("connecting");
    }
    touch();
}

void RequestLog::waiting(quint64 id)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_running.find(id); found != m_running.end())
            found->second.state = QStringLiteral("waiting");
    }
    touch();
}

void RequestLog::answered(quint64 id, int status, bool isStream)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_running.find(id); found != m_running.end()) {
            found->second.status = status;
            found->second.state = isStream ? QStringLiteral("streaming") : QStringLiteral("receiving");
        }
    }
    touch();
}

void RequestLog::received(quint64 id, qint64 bytes)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_running.find(id); found != m_running.end())
            found->second.bytesReceived = bytes;
    }
    touch();
}

void RequestLog::ended(quint64 id, const Result<HttpResponse> &result, qint64 bytes, std::chrono::microseconds took)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_running.find(id);
        if (found == m_running.end())
            return;
        RequestInfo info = std::move(found->second);
        m_running.erase(found);
        info.bytesReceived = bytes;
        info.durationMs = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
        if (result) {
            info.status = result->status;
            info.state = QStringLiteral("done");
        } else {
            info.state = QStringLiteral("failed");
            info.error = errorKindName(result.error().kind) + QStringLiteral(": ") + result.error().message;
        }
        m_ended.push_back(std::move(info));
        if (m_ended.size() > keptEnded)
            m_ended.pop_front();
    }
    touch();
}

void RequestLog::touch()
{
    if (!m_isTouched.exchange(true))
        QMetaObject::invokeMethod(this, &RequestLog::announceSoon, Qt::QueuedConnection);
}

void RequestLog::announceSoon()
{
    m_throttle->start();
}

} // namespace signalbox
