#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/lane.h"
#include "services/adapters/kubernetes/linesplitter.h"
#include "services/ports/clustersource.h"

#include <QTimer>

#include <deque>

namespace signalbox::kubernetes
{

// "2026-11-21T07:40:56.123456789Z text" as the API server writes it with timestamps=true.
// `isWhole`: its end has come; else it must be longer than PodLog::longestLine.
LogLine parseLogLine(QByteArrayView line, bool hasTimestamp, bool isWhole = true);
QByteArray logTarget(const LogRequest &request);

// A container's log. Lines are read and cut on a worker; the object's thread gets at most `linesPerFrame` a frame. What
// nobody has taken yet is bounded: above `mostWaiting` the socket is left alone until it is taken.
class PodLog : public LogStream
{
    Q_OBJECT
public:
    // A longer line is cut, and says so at its end: no view can show it, and the rest may still matter to nobody. It is
    // told as soon as it is so long: it may never end.
    static constexpr qsizetype longestLine = 256 * 1024;
    static constexpr int linesPerFrame = 2000;
    static constexpr qsizetype mostWaiting = 20000;

    PodLog(std::shared_ptr<KubeClient> client, const LogRequest &request, QObject *parent = nullptr);
    ~PodLog() override;

private:
    class Pipe;
    void take();
    void finish(const Result<HttpResponse> &finished);

    std::shared_ptr<KubeClient> m_client;
    std::shared_ptr<Pipe> m_pipe;
    StopSource m_stop;
    QTimer m_timer;
    bool m_isRead = false; // to its end
    std::optional<Error> m_error;
};

} // namespace signalbox::kubernetes
