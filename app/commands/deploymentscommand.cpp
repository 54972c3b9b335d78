#include "app/commands/deploymentscommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/deploymentstext.h"
#include "services/async/chain.h"
#include "services/pipelines/redeploytarget.h"
#include "services/promotions/ledgerdesk.h"

#include <algorithm>

namespace signalbox::commands
{

namespace
{

// The project that is meant: its pipelines share environments. With a server that keeps them.
QFuture<Result<FoundPipeline>> findProject(QObject *context, Session &session, const Sources &sources,
                                           const cli::Arguments &arguments, const StopToken &stop)
{
    const PipelineWish wish{arguments.positionals.value(1), arguments.value(QStringLiteral("pipeline")),
                            arguments.value(QStringLiteral("connection"))};
    const auto workspace = sources.workspace ? std::optional(sources.workspace->workspace()) : std::nullopt;
    return after(context, findPipelines(context, session.pipelines(), workspace, stop),
                 [wish, &session](const FoundPipelines &found) {
                     const auto some = matching(found.pipelines, wish);
                     if (!some || some->isEmpty())
                         return ready(Result<FoundPipeline>(
                             !found.problems.isEmpty() ? found.problems.first().second
                             : !some                   ? some.error()
                                                       : Error{ErrorKind::NotFound,
                                             CommandsText::tr("No connection of the workspace has a "
                                                                                                  "pipeline."),
                                             {}}));
                     const PipelineRef first = some->first().pipeline.ref;
                     const bool isOne = std::all_of(some->begin(), some->end(), [&first](const FoundPipeline &one) {
                         return one.pipeline.ref.connection == first.connection &&
                                one.pipeline.ref.project == first.project;
                     });
                     if (!isOne)
                         return ready(Result<FoundPipeline>(onlyOne(found.pipelines, wish)));
                     PipelineServer *const server = session.pipelines().find(first.connection);
                     if (!server || !server->deployments())
                         return ready(Result<FoundPipeline>(noEnvironments(some->first().pipeline.vendor)));
                     return ready(Result<FoundPipeline>(some->first()));
                 });
}

} // namespace

void DeploymentsCommand::listed()
{
    terminal().progress(CommandsText::tr("asking for pipelines"));
    deliver(findProject(this, session(), context().sources, context().arguments, stopToken()), stopToken(), this,
            [this](const Result<FoundPipeline> &of) {
                if (of) {
                    list(*of);
                    return;
                }
                terminal().clearProgress();
                fail(of.error());
            });
}

void DeploymentsCommand::list(const FoundPipeline &of)
{
    DeploymentSource &source = *session().pipelines().find(of.pipeline.ref.connection)->deployments();
    const QString project = of.pipeline.ref.project;
    const QString wanted = context().arguments.positionals.value(2);
    const StopToken stop = stopToken();
    using Told = Result<QList<EnvironmentDeployments>>;
    const auto asked = after(this, source.environments(project, stop), [=, this, &source](const QStringList &names) {
        if (!wanted.isEmpty() && !names.contains(wanted))
            return ready(Told(Error{ErrorKind::NotFound,
                                    CommandsText::tr("%1 has no environment \"%2\". There are: %3.")
                                        .arg(project, wanted, names.join(QStringLiteral(", "))),
                                    {}}));
        QList<QFuture<Result<EnvironmentDeployments>>> each;
        for (const QString &name : wanted.isEmpty() ? names : QStringList{wanted})
            each.append(source.deployments(project, name, stop));
        return after(this, gathered(this, each), [](const QList<Result<EnvironmentDeployments>> &answers) {
            QList<EnvironmentDeployments> all;
            for (const Result<EnvironmentDeployments> &one : answers) {
                if (!one)
                    return ready(Told(one.error()));
                all.append(*one);
            }
            return ready(Told(all));
        });
    });
    deliver(asked, stop, this, [this, of](const Told &told) {
        terminal().clearProgress();
        if (!told) {
            fail(told.error());
            return;
        }
        terminal().print(context().isJson() ? deploymentsJson(of, *told) : deploymentsText(of, *told));
        finish(ExitStatus::Done);
    });
}

void RedeployCommand::listed()
{
    session().promotions().readHere(stopToken()); // the way back does not wait for it
    terminal().progress(CommandsText::tr("asking for pipelines"));
    deliver(findProject(this, session(), context().sources, context().arguments, stopToken()), stopToken(), this,
            [this](const Result<FoundPipeline> &of) {
                terminal().clearProgress();
                if (!of) {
                    fail(of.error());
                    return;
                }
                m_order.pipeline = of->pipeline.ref;
                m_order.environment = context().arguments.positionals.value(2);
                m_order.to = option("to");
                m_order.application = of->application.isEmpty() ? of->pipeline.ref.project : of->application;
                m_order.isProtected = session().promotions().protects(m_order.application, m_order.environment);
                m_order.reason = option("reason");
                const QString confirm = option("confirm");
                if (!confirm.isEmpty() && confirm != m_order.application)
                    fail(invalid(CommandsText::tr("--confirm names \"%1\", but the application is \"%2\".")
                                     .arg(confirm, m_order.application)));
                else
                    makePlan();
            });
}

Result<QFuture<Result<Plan>>> RedeployCommand::askPlan()
{
    PipelineServer *const server = session().pipelines().find(m_order.pipeline.connection);
    if (!server || !server->deployments())
        return Error{
            ErrorKind::Internal, CommandsText::tr("The connection %1 is gone.").arg(m_order.pipeline.connection), {}};
    return server->deployments()->plan(m_order, stopToken());
}

} // namespace signalbox::commands
