#pragma once

#include "app/commands/command.h"
#include "app/commands/runfinder.h"

namespace signalbox::commands
{

PipelineWish pipelineWishOf(const cli::Arguments &arguments, const QString &application);
std::optional<Workspace> workspaceOf(const Sources &sources);
Error noServers();
// A server's failure, with the connection's name before it: several may be at one address, or be led to one.
Error ofServer(const std::pair<QString, Error> &problem);
// What was found, or why a server's silence may be the reason that it was not: that of the connection that is wanted,
// where one is.
Error explainedBy(const Error &error, const QList<std::pair<QString, Error>> &problems, const QString &connection);

// A pipeline with its run, for the commands that act on one: "signalbox run WHAT APP [RUN]".
struct NamedRun
{
    FoundPipeline of;
    std::optional<Run> run;
    bool isOtherBranch = false; // of a new run: the ref that was given, than the default one
};
QFuture<Result<NamedRun>> findNamed(QObject *context, Session &session, const Sources &sources,
                                    const cli::Arguments &arguments, bool wantsRun, const StopToken &stop);

} // namespace signalbox::commands
