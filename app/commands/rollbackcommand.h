#pragma once

#include "app/commands/operationcommand.h"

namespace signalbox::commands
{

// `signalbox rollback APP ENV [--to REVISION] [--list]`
class RollbackCommand : public OperationCommand
{
    Q_OBJECT
public:
    using OperationCommand::OperationCommand;

protected:
    Result<QFuture<Result<Plan>>> order(const Deployed &deployed, ClusterConnection &cluster) override;
    bool divert(const Deployed &deployed, ClusterConnection &cluster) override;
};

} // namespace signalbox::commands
