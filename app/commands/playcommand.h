#pragma once

#include "app/commands/namedrun.h"
#include "app/commands/vendorgatecommand.h"

namespace signalbox::commands
{

// `signalbox run play APP [RUN] --job NAME`: starts a job that waits to be started by hand. It is the gate of that name
// with another way to say which, so the policy, the plan, the proof and the ledger are those of `signalbox approve`.
class PlayCommand : public DecideGateCommand
{
    Q_OBJECT
public:
    explicit PlayCommand(Context context, QObject *parent = nullptr);

protected:
    QFuture<Result<FoundGate>> meant() override;
    Result<void> checkConnections() const override;

private:
    QFuture<Result<FoundGate>> gateOf(const NamedRun &named, const Job &job);
};

// Of the gates that wait, the one at which this job of the run does. NotFound: it does not wait; Refused: it is no
// manual job, others are asked for their word as well.
Result<WaitingGate> playableGate(const QList<WaitingGate> &gates, const RunRef &run, const Job &job);

} // namespace signalbox::commands
