#pragma once

#include "app/commands/command.h"
#include "app/commands/operationcommand.h"
#include "app/commands/runfinder.h"
#include "services/ports/deploymentsource.h"

namespace signalbox::commands
{

// `signalbox run deployments APP [ENV]`
class DeploymentsCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;

private:
    void list(const FoundPipeline &of);
};

// `signalbox run redeploy APP ENV --to ID|COMMIT`
class RedeployCommand : public OperationCommand
{
    Q_OBJECT
public:
    using OperationCommand::OperationCommand;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;
    Result<QFuture<Result<Plan>>> askPlan() override;

private:
    RedeployOrder m_order;
};

} // namespace signalbox::commands
