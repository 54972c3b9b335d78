#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "models/pipelines/gate.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QMap>
#include <QObject>

namespace signalbox
{

struct GateOrder
{
    WaitingGate gate; // as it was seen
    bool approves = true;
    QString comment;
    QMap<QString, QString> parameters;
    QString application; // of the operation; the caller says what the pipeline belongs to
    QString environment;
    bool isProtected = true;
    QString reason;
    bool isMapped = true; // false: nothing says which application the project builds; it stands for itself
    // One vote of several: the plan goes on once the others have given theirs, and opens the gate then. Where a vendor
    // opens it by itself with the last vote, its plan is the same with and without.
    bool waitsForOthers = false;
};

// Gates of one connection at which runs wait for people. Calls come from the GUI thread and return at once. A decision
// is an operation: the plan's last step is observed when the vendor itself says that the gate is decided and the run
// went on (or stopped). That somebody else decided first is an outcome (Conflict, told as such), never an error.
class GateKeeper : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~GateKeeper() override;

    virtual QString connection() const = 0;
    // Of the projects that the workspace names. One question for all of them where the vendor has one. Unsupported:
    // this server cannot tell (a plugin is missing, and the sentence says which); an empty list means that none waits.
    [[nodiscard]] virtual QFuture<Result<QList<WaitingGate>>> waiting(StopToken stop) = 0;
    // What the last answer of waiting() lacks though it may wait, since it could not be read, and why; empty: nothing.
    virtual QString unread() const { return {}; }
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(GateOrder order, StopToken stop) = 0;
    // Somebody looks at this run: what of it waits and holds nothing up is told by waiting() meanwhile.
    virtual void lookAt(const RunRef &run) { Q_UNUSED(run) }
    // One that waiting() may leave out since it holds nothing up. NotFound: none of this id waits.
    [[nodiscard]] virtual QFuture<Result<WaitingGate>> optional(QString id, StopToken stop);
};

} // namespace signalbox
