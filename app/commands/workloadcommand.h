#pragma once

#include "app/commands/operationcommand.h"

namespace signalbox::commands
{

// `signalbox scale|restart|pause|resume APP ENV`
class WorkloadCommand : public OperationCommand
{
    Q_OBJECT
public:
    WorkloadCommand(OperationKind kind, Context context, QObject *parent = nullptr);

    // --replicas; an Invalid error says what it takes.
    static Result<int> replicasOf(const cli::Arguments &arguments);

protected:
    Result<QFuture<Result<Plan>>> order(const Deployed &deployed, ClusterConnection &cluster) override;

private:
    OperationKind m_kind;
};

} // namespace signalbox::commands
