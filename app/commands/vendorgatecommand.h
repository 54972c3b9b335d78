#pragma once

#include "app/commands/operationcommand.h"
#include "app/commands/vendorgates.h"
#include "services/ports/gatekeeper.h"

namespace signalbox::commands
{

// `signalbox approve GATE` and `signalbox reject GATE`, of a vendor.
class DecideGateCommand : public OperationCommand
{
    Q_OBJECT
public:
    DecideGateCommand(bool approves, Context context, QObject *parent = nullptr);

protected:
    // Approving is judged by what runs there; saying no waits for nothing.
    bool needsClusters() const override { return m_approves && !session().clusters().all().empty(); }
    void listed() override;
    Result<QFuture<Result<Plan>>> askPlan() override;
    LedgerDesk *recorder() override;
    virtual QFuture<Result<FoundGate>> meant(); // the gate that is decided
    virtual Result<void> checkConnections() const;

private:
    Result<void> take(const FoundGate &found);

    const bool m_approves;
    GateOrder m_order;
};

// Of `signalbox approve | reject`: what can be told to be wrong before anything is asked.
Result<void> checkGateArguments(const cli::Arguments &arguments);

} // namespace signalbox::commands
