#pragma once

#include "models/domain/changes.h"
#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>

namespace signalbox
{

struct SourceProgress
{
    enum class Phase { Connecting, Receiving, Resolving };
    Phase phase = Phase::Connecting;
    qint64 objects = 0;
    qint64 totalObjects = 0; // 0: not known yet
    qint64 bytes = 0;
    bool isFirst = false; // a clone, not an update
};

// One commit's lines, when they have been counted.
struct CountedCommit
{
    QString commit;
    LineCounts lines;
};

// The source of an application: what changed between its releases. Reads only; a user's own clones and work trees are
// never touched. Calls come from the thread of this object, return at once, and every future ends with one Result.
//
// What is read is what the last update() brought: updatedAt() says when. Before the first one, and where the remote
// cannot be reached and never could be, reads end as NotFound with the reason.
class SourceRepository : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~SourceRepository() override;

    virtual QString id() const = 0;                   // of the workspace
    virtual QString address() const = 0;              // for people; no password in it
    virtual QDateTime updatedAt() const = 0;          // UTC; invalid: never
    virtual std::optional<Error> problem() const = 0; // why the last update failed
    virtual bool isUpdating() const = 0;

    // Brings what is new, the first time everything. One at a time: asking again while one runs gives that one's answer
    // (its own `stop` counts). A stop leaves what was there.
    [[nodiscard]] virtual QFuture<Result<void>> update(StopToken stop) = 0;

    // A tag, a version as tags are made of (1.4.0 finds v1.4.0 and cart-1.4.0), a branch or a commit. The revision an
    // image names (org.opencontainers.image.revision) is a commit.
    [[nodiscard]] virtual QFuture<Result<ResolvedRelease>> resolve(QString release, QString application,
                                                                   StopToken stop) = 0;
    // The list without line counts, unless they are known already: countLines() brings them.
    [[nodiscard]] virtual QFuture<Result<ChangeSet>> changes(ResolvedRelease from, ResolvedRelease to,
                                                             StopToken stop) = 0;
    // Counts in the order given and tells by linesCounted(), many at a time; what was counted once is kept on disk.
    [[nodiscard]] virtual QFuture<Result<void>> countLines(QStringList commits, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<QList<FileChange>>> files(QString fromCommit, QString toCommit,
                                                                   StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<FileDiff>> diff(QString fromCommit, QString toCommit, QString path,
                                                         DiffLimits limits, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<RepositoryRefs>> refs(StopToken stop) = 0;
    // How far `toCommit` is ahead: of staging and production, what waits and since when.
    [[nodiscard]] virtual QFuture<Result<Distance>> distance(QString fromCommit, QString toCommit, StopToken stop) = 0;

signals:
    void progressed(const signalbox::SourceProgress &progress);
    void updated(); // or failed to: updatedAt(), problem(), isUpdating()
    void linesCounted(const QList<signalbox::CountedCommit> &counted);
};

} // namespace signalbox
