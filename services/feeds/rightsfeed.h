#pragma once

#include "models/domain/operation.h"
#include "services/async/stoptoken.h"
#include "services/ports/clustersource.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>
#include <unordered_map>

namespace signalbox
{

class ClusterSet;

// What the operator may do to workloads and routes, asked ahead for the namespaces on screen, so that a button can be
// disabled with its reason before anybody clicks. Answers are kept for half a minute and asked again while wanted; the
// preflight of an operation asks again in any case. GUI thread.
class RightsFeed : public QObject
{
    Q_OBJECT
public:
    explicit RightsFeed(ClusterSet &clusters, QObject *parent = nullptr);
    ~RightsFeed() override;

    // Asks for this namespace now, unless a fresh answer is there, and again while somebody keeps wanting it.
    void want(const QString &connection, const QString &ns);
    // May `kind` be done to this object? nullopt: not known (yet), which is no reason to disable anything.
    std::optional<RightAnswer> mayDo(OperationKind kind, const ObjectRef &object);

    // The right that an operation on such an object needs.
    static RightQuestion questionFor(OperationKind kind, const ObjectRef &object);

signals:
    void changed(const QString &connection, const QString &ns);

private:
    struct Known
    {
        QList<RightQuestion> questions;
        QList<RightAnswer> answers;
        qint64 askedAtMs = 0; // of the monotonic clock
        bool isAsking = false;
        StopSource stop;
    };
    Known &entry(const QString &connection, const QString &ns);
    void ask(const QString &connection, const QString &ns);

    ClusterSet &m_clusters;
    std::unordered_map<std::string, Known> m_known;
};

} // namespace signalbox
