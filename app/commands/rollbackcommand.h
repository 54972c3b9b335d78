#pragma once

#include "app/commands/operationcommand.h"

#include <optional>

namespace signalbox::commands
{

// `signalbox rollback APP ENV [--to REVISION] [--list]`
class RollbackCommand : public OperationCommand
{
    Q_OBJECT
public:
    using OperationCommand::OperationCommand;

    // Where an older track runs that could take all traffic, as the window suggests it first: a sentence with the
    // command. Nullopt: there is none.
    static std::optional<QString> quickerWay(const Deployed &deployed);

protected:
    Result<QFuture<Result<Plan>>> order(const Deployed &deployed, ClusterConnection &cluster) override;
    bool divert(const Deployed &deployed, ClusterConnection &cluster) override;

private:
    bool m_isHintSaid = false; // a plan may be made more than once
};

} // namespace signalbox::commands
