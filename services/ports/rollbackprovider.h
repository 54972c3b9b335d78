#pragma once

#include "models/domain/operation.h"
#include "services/ports/steprunner.h"

#include <QObject>

#include <optional>

namespace signalbox
{

// A revision one can go back to, and how ready that way is.
struct RollbackTarget
{
    Revision revision;
    QString version;          // for people: tag, else short hash
    bool isLive = false;      // what runs (or should run) now
    bool isSuggested = false; // the last one that was healthy
    QList<Check> readiness;
    QList<DiffLine> diff; // template now -> template then
};

struct Deployed;

struct RollbackOrder
{
    QString connection;
    QString ns;
    QString application;
    QString environment;
    ObjectRef workload;
    QString to; // revision number or template hash (any unique prefix of 5 or more); empty: the suggested one
    QString reason;
    std::optional<double> liveShare;  // 0..1 of live traffic that goes to the workload's track; none: nothing says so
    bool pauseReconciliation = false; // choose the offered first step (Argo CD, Flux)
    bool isRehearsal = false;         // nobody goes back now: each question may take its usual time
};

// Of the live traffic that is known to go to the track of `workload` now; none where nothing tells, or not any more.
std::optional<double> liveShareOf(const Deployed &deployed, const ObjectRef &workload);

// Goes back to a kept revision. Nothing here writes (see TrafficRouter).
class RollbackProvider : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~RollbackProvider() override;

    // Newest first; read from the remote now.
    [[nodiscard]] virtual QFuture<Result<QList<RollbackTarget>>> targets(ObjectRef workload, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(RollbackOrder order, StopToken stop) = 0;
};

struct WorkloadOrder
{
    QString connection;
    QString ns;
    QString application;
    QString environment;
    ObjectRef workload;
    OperationKind kind = OperationKind::Restart; // Scale Restart Pause Resume
    int replicas = -1;                           // Scale
    // Resume: not the workload but the reconciliation (Argo CD, Flux) that was paused for an operation, of `managers`.
    bool reconciliation = false;
    QList<Manager> managers;
    QString reason;
};

// Scale, restart, pause and resume of one workload. Nothing here writes (see TrafficRouter).
class WorkloadActions : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~WorkloadActions() override;

    [[nodiscard]] virtual QFuture<Result<Plan>> plan(WorkloadOrder order, StopToken stop) = 0;
};

} // namespace signalbox
