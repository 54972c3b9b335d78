#include "app/commands/namedrun.h"

#include "app/commands/commandstext.h"
#include "services/async/chain.h"

namespace signalbox::commands
{

PipelineWish pipelineWishOf(const cli::Arguments &arguments, const QString &application)
{
    return {application, arguments.value(QStringLiteral("pipeline")), arguments.value(QStringLiteral("connection"))};
}

std::optional<Workspace> workspaceOf(const Sources &sources)
{
    return sources.workspace ? std::optional(sources.workspace->workspace()) : std::nullopt;
}

Error noServers()
{
    return {ErrorKind::NotFound,
            CommandsText::tr("No server with pipelines is known. Add a connection of kind jenkins, github, gitlab or "
                             "travis to the workspace."),
            {}};
}

Error ofServer(const std::pair<QString, Error> &problem)
{
    Error told = problem.second;
    told.message = QStringLiteral("%1: %2").arg(problem.first, told.message);
    return told;
}

Error explainedBy(const Error &error, const QList<std::pair<QString, Error>> &problems, const QString &connection)
{
    if (error.kind != ErrorKind::NotFound)
        return error;
    for (const auto &problem : problems) {
        if (connection.isEmpty() || problem.first == connection)
            return ofServer(problem);
    }
    return error;
}

QFuture<Result<NamedRun>> findNamed(QObject *context, Session &session, const Sources &sources,
                                    const cli::Arguments &arguments, bool wantsRun, const StopToken &stop)
{
    if (session.pipelines().all().empty())
        return ready(Result<NamedRun>(noServers()));
    const PipelineWish wish = pipelineWishOf(arguments, arguments.positionals.value(1));
    const QString text = arguments.positionals.value(2);
    const Patience patience = patienceOf(arguments);
    return after(
        context, findPipelines(context, session.pipelines(), workspaceOf(sources), patience, stop),
        [=, &session](const FoundPipelines &found) {
            const auto one = onlyOne(found.pipelines, wish);
            if (!one && one.error().kind == ErrorKind::Invalid && wantsRun && !text.isEmpty()) {
                // A server that is silent may have pipelines that fit as well.
                for (const auto &problem : found.problems) {
                    if (!wish.connection.isEmpty() && problem.first != wish.connection)
                        continue;
                    Error which = one.error();
                    which.message += QLatin1Char(' ') + ofServer(problem).message;
                    return ready(Result<NamedRun>(which));
                }
                const auto some = matching(found.pipelines, wish);
                return after(context,
                             findRunAmong(context, session.pipelines(), *some, text, one.error(), patience, stop),
                             [](const FoundRun &only) {
                                 return ready(Result<NamedRun>(NamedRun{only.of, only.run, false}));
                             });
            }
            if (!one)
                return ready(Result<NamedRun>(explainedBy(one.error(), found.problems, wish.connection)));
            PipelineSource &source = session.pipelines().find(one->pipeline.ref.connection)->source();
            if (!wantsRun) {
                const auto known =
                    isOtherBranch(context, source, one->pipeline, arguments.value(QStringLiteral("branch")), stop);
                return after(context, known, [of = *one](bool isOtherBranch) {
                    return ready(Result<NamedRun>(NamedRun{of, std::nullopt, isOtherBranch}));
                });
            }
            return after(context, within(context, findRun(context, source, one->pipeline.ref, text, stop), patience),
                         [of = *one](const Run &run) {
                             return ready(Result<NamedRun>(NamedRun{of, run, false}));
                         });
        });
}

} // namespace signalbox::commands
