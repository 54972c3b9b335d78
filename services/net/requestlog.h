#pragma once

#include "services/net/http.h"
#include "services/ports/requestmonitor.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <unordered_map>

class QTimer;

namespace signalbox
{

// The running requests and the last 300 that ended. Written by the network threads, read by the GUI thread; changed()
// comes at most four times a second, in the thread the object lives in.
class RequestLog : public RequestMonitor
{
    Q_OBJECT
public:
    explicit RequestLog(QObject *parent = nullptr);
    ~RequestLog() override;

    QList<RequestInfo> requests() const override;
    int runningCount() const override;

    // Network threads.
    void started(const RequestInfo &info);
    void attempt(quint64 id, int number, const QString &target);
    void waiting(quint64 id);
    void answered(quint64 id, int status, bool isStream);
    void received(quint64 id, qint64 bytes);
    void ended(quint64 id, const Result<HttpResponse> &result, qint64 bytes, std::chrono::microseconds took);

private:
    void touch();
    void announceSoon();

    mutable std::mutex m_mutex;
    std::unordered_map<quint64, RequestInfo> m_running;
    std::deque<RequestInfo> m_ended; // oldest first
    std::atomic<bool> m_isTouched = false;
    QTimer *m_throttle;
};

} // namespace signalbox
