#include "app/commands/playcommand.h"

#include "app/commands/commandstext.h"
#include "services/async/chain.h"

#include <algorithm>

namespace signalbox::commands
{

PlayCommand::PlayCommand(Context context, QObject *parent)
    : DecideGateCommand(true, std::move(context), parent)
{}

Result<void> PlayCommand::checkConnections() const
{
    return session().pipelines().all().empty() ? Result<void>(noServers()) : Result<void>();
}

QFuture<Result<FoundGate>> PlayCommand::meant()
{
    const auto found = findNamed(this, session(), context().sources, context().arguments, true, stopToken());
    return after(this, found, [this](const NamedRun &named) {
        PipelineServer *const server = session().pipelines().find(named.of.pipeline.ref.connection);
        if (!server)
            return ready(Result<FoundGate>(connectionGone(named.of.pipeline.ref.connection)));
        if (!server->gates())
            return ready(Result<FoundGate>(
                Error{ErrorKind::Unsupported,
                      CommandsText::tr("%1 has no jobs that are started by hand.").arg(server->source().vendor()),
                      {}}));
        server->gates()->lookAt(named.run->ref); // so that it tells also what holds nothing up
        return after(this, server->source().run(named.run->ref, stopToken()), [this, named](const RunDetail &detail) {
            const auto job = jobNamed(detail, option("job"));
            return job ? gateOf(named, *job) : ready(Result<FoundGate>(job.error()));
        });
    });
}

QFuture<Result<FoundGate>> PlayCommand::gateOf(const NamedRun &named, const Job &job)
{
    PipelineServer *const server = session().pipelines().find(named.of.pipeline.ref.connection);
    if (!server)
        return ready(Result<FoundGate>(connectionGone(named.of.pipeline.ref.connection)));
    return after(this, server->gates()->waiting(stopToken()), [named, job](const QList<WaitingGate> &gates) {
        const auto gate = playableGate(gates, named.run->ref, job);
        if (!gate)
            return ready(Result<FoundGate>(gate.error()));
        const QString &known = named.of.application;
        return ready(Result<FoundGate>(
            FoundGate{*gate, known.isEmpty() ? named.of.pipeline.ref.project : known, !known.isEmpty()}));
    });
}

Result<WaitingGate> playableGate(const QList<WaitingGate> &gates, const RunRef &run, const Job &job)
{
    const auto found = std::find_if(gates.cbegin(), gates.cend(), [&](const WaitingGate &gate) {
        return gate.run.key() == run.key() && gate.job == job.id;
    });
    if (found == gates.cend())
        return Error{
            ErrorKind::NotFound,
            CommandsText::tr("%1 does not wait to be started by hand: %2.").arg(job.name, runStateLabel(job.state)),
            {}};
    if (found->canReject)
        return Error{ErrorKind::Refused,
                     CommandsText::tr("%1 waits for a decision, not only to be started: \"signalbox approve %2\".")
                         .arg(job.name, gateName(*found)),
                     {}};
    return *found;
}

} // namespace signalbox::commands
