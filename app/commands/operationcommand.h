#pragma once

#include "app/commands/command.h"
#include "app/commands/steering.h"

#include <QFuture>
#include <QPointer>

namespace signalbox
{
class LedgerDesk;
}

namespace signalbox::commands
{

// What all changing commands share: plan, show, check, confirm, carry out, observe, tell.
//
//   listed -> order() -> plan -> preflight -> confirmed (--confirm or asked) -> carried out -> outcome printed
class OperationCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;
    ~OperationCommand() override;
    void interrupt() override;

protected:
    void listed() override;
    // Which connection and plan is meant: finds its objects in `deployed` and asks the connection's port for a plan.
    virtual Result<QFuture<Result<Plan>>> order(const Deployed &deployed, ClusterConnection &cluster);
    // Something other than an operation was asked for (--list, no --set); true: it was done or is under way.
    virtual bool divert(const Deployed &deployed, ClusterConnection &cluster);
    // The question for a plan, asked again when it grew too old. Commands that act on no workload give their own.
    virtual Result<QFuture<Result<Plan>>> askPlan();
    void makePlan();
    // Whose outcomes have to be in the ledger before the command ends; null: nobody's.
    virtual LedgerDesk *recorder() { return nullptr; }

private:
    Steering::By steeredBy() const;
    void takePlan(const Plan &plan);
    void follow(Operation *operation);
    void stateChanged(OperationState state);
    void confirmed();
    void confirmOrAsk();
    void ask(const Confirmation &confirmation);
    void drop();
    void showProgress();
    void showWarnings();
    void finishWith(const Outcome &outcome);
    void leaveWhenIdle(ExitStatus status);

    Deployed m_deployed;
    QPointer<Operation> m_operation;
    QByteArray m_shown; // fingerprint of the plan that was printed
    bool m_isConfirmed = false;
    bool m_isAsking = false;
    bool m_isInterrupted = false;
    bool m_isReplanning = false;
    int m_warningsShown = 0;
    QPointer<Steering> m_steering; // from the first call to the outcome
};

} // namespace signalbox::commands
