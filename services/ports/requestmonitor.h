#pragma once

#include <QDateTime>
#include <QList>
#include <QObject>
#include <QString>

namespace signalbox
{

// What the panel of running requests shows. Never a header, a body, a query string's value or a credential.
struct RequestInfo
{
    quint64 id = 0;
    QString connection;
    QString method;
    QString target; // host and path; query names without values
    int status = 0; // 0: not answered yet
    QString state;  // "waiting" "connecting" "receiving" "streaming" "done" "failed"
    QString error;  // kind and sentence when failed
    qint64 bytesReceived = 0;
    QDateTime startedAt;
    qint64 durationMs = -1; // -1: running
    int attempt = 1;
};

// Snapshot of the running requests and the last few hundred ended ones. GUI thread.
class RequestMonitor : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~RequestMonitor() override;
    virtual QList<RequestInfo> requests() const = 0; // newest first
    // Without watches and logs that are followed: they stay open. Asked several times a second: copies no list.
    virtual int runningCount() const = 0;
signals:
    void changed(); // at most a few times a second
};

} // namespace signalbox
