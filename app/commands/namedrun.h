#pragma once

#include "app/commands/command.h"
#include "app/commands/runfinder.h"

namespace signalbox::commands
{

PipelineWish pipelineWishOf(const cli::Arguments &arguments, const QString &application);
std::optional<Workspace> workspaceOf(const Sources &sources);
Error noServers();
// What was found, or why one server's silence may be the reason that it was not.
Error explainedBy(const Error &error, const QList<std::pair<QString, Error>> &problems);

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
