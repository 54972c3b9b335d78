#pragma once

#include "models/domain/cluster.h"
#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>

#include <memory>

namespace signalbox
{

// May the operator do this? Asked ahead, cached briefly (30 s), shown as disabled actions with the reason.
struct RightQuestion
{
    QString verb; // get list watch patch create update delete
    QString group;
    QString resource; // plural: "deployments"
    QString subresource;
    QString ns;
    QString name;
    bool operator==(const RightQuestion &) const = default;
};
struct RightAnswer
{
    bool isAllowed = false;
    QString reason; // of the remote, may be empty
    QDateTime askedAt;
};

struct LogRequest
{
    ObjectRef pod;
    QString container;
    bool follow = false;
    bool previous = false;
    int tailLines = -1; // -1: all
    bool timestamps = true;
};
struct LogLine
{
    QDateTime time; // invalid where the server gave none
    QString text;
};

// A log that keeps coming. Signals come in the thread of the object, in batches, at most once a frame.
class LogStream : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~LogStream() override; // stops it
signals:
    void linesArrived(const QList<signalbox::LogLine> &lines);
    void ended();                               // the container ended or the log was read to its end
    void failed(const signalbox::Error &error); // broken off; what arrived stays valid
};

// A cluster, live. All calls return at once and come from the GUI thread; all signals come there, batched at most once
// a frame and never with more than a frame's work of changes. Vendors: Kubernetes; Docker Swarm later.
class ClusterSource : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~ClusterSource() override;

    virtual QString connection() const = 0;
    virtual ClusterInfo info() const = 0;

    // Lists and watches everything the console shows. `namespaces` empty: the whole cluster (with a fall-back to the
    // namespaces that may be read). Calling it again does nothing; stop() ends every watch.
    virtual void start() = 0;
    virtual void stop() = 0;
    // Drops what is known and lists again: for the operator's Retry.
    virtual void refresh() = 0;

    // In the order of the questions.
    [[nodiscard]] virtual QFuture<Result<QList<RightAnswer>>> rights(QList<RightQuestion> questions,
                                                                     StopToken stop) = 0;
    // Never null; owned by the caller.
    [[nodiscard]] virtual std::unique_ptr<LogStream> openLog(const LogRequest &request) = 0;
    // By pod or node uid; an empty map where metrics.k8s.io is not served.
    [[nodiscard]] virtual QFuture<Result<QHash<QString, Usage>>> podUsage(StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<QHash<QString, Usage>>> nodeUsage(StopToken stop) = 0;

signals:
    void changed(const signalbox::ClusterDelta &delta);
    void infoChanged();
};

} // namespace signalbox
