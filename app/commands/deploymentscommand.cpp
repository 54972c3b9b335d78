#include "app/commands/deploymentscommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/deploymentstext.h"
#include "app/commands/namedrun.h"
#include "services/async/chain.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/pipelines/redeploytarget.h"
#include "services/promotions/ledgerdesk.h"

#include <QTimer>

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox::commands
{

namespace
{

constexpr qsizetype mostEnvironments = 20;
constexpr qsizetype atATime = 4;
constexpr std::chrono::seconds policyWithin{2}; // the way back waits no longer

// The project that is meant: its pipelines share environments. With a server that keeps them.
QFuture<Result<FoundPipeline>> findProject(QObject *context, Session &session, const Sources &sources,
                                           const cli::Arguments &arguments, const StopToken &stop)
{
    const PipelineWish wish{arguments.positionals.value(1), arguments.value(QStringLiteral("pipeline")),
                            arguments.value(QStringLiteral("connection"))};
    const auto workspace = sources.workspace ? std::optional(sources.workspace->workspace()) : std::nullopt;
    return after(
        context, findPipelines(context, session.pipelines(), workspace, patienceOf(arguments), stop),
        [wish, &session](const FoundPipelines &found) {
            const auto some = matching(found.pipelines, wish);
            const auto keeps = [&session](const FoundPipeline &one) {
                PipelineServer *const server = session.pipelines().find(one.pipeline.ref.connection);
                return server && server->deployments();
            };
            if (!some || some->isEmpty()) {
                const Error none = some ? Error{ErrorKind::NotFound,
                                                CommandsText::tr("No connection of the workspace has a pipeline."),
                                                {}}
                                        : some.error();
                return ready(Result<FoundPipeline>(explainedBy(none, found.problems, wish.connection)));
            }
            // Of several that keep none, choosing one would not help.
            if (std::none_of(some->begin(), some->end(), keeps))
                return ready(Result<FoundPipeline>(noEnvironments(some->first().pipeline.vendor)));
            const PipelineRef first = some->first().pipeline.ref;
            const bool isOne = std::all_of(some->begin(), some->end(), [&first](const FoundPipeline &one) {
                return one.pipeline.ref.connection == first.connection && one.pipeline.ref.project == first.project;
            });
            if (!isOne)
                return ready(Result<FoundPipeline>(onlyOne(found.pipelines, wish)));
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
    const auto asked = wanted.isEmpty()
                           ? after(this, source.environments(project, stop),
                                   [=, this, &source](const QStringList &names) {
                                       m_leftOut = names.mid(mostEnvironments);
                                       return readEach(source, project, names.mid(0, mostEnvironments), {});
                                   })
                           : readOne(source, project, wanted);
    deliver(asked, stop, this, [this, of](const Told &told) {
        terminal().clearProgress();
        if (!told) {
            fail(told.error());
            return;
        }
        terminal().print(context().isJson() ? deploymentsJson(of, *told) : deploymentsText(of, *told));
        if (!m_leftOut.isEmpty())
            terminal().say(CommandsText::tr("Left out, for there are many: %1. Name one to see it.")
                               .arg(m_leftOut.join(QStringLiteral(", "))));
        finish(ExitStatus::Done);
    });
}

// A few at a time: each deployment is a question of its own.
QFuture<DeploymentsCommand::Told> DeploymentsCommand::readEach(DeploymentSource &source, const QString &project,
                                                               const QStringList &names,
                                                               const QList<EnvironmentDeployments> &known)
{
    if (names.isEmpty())
        return ready(Told(known));
    QList<QFuture<Result<EnvironmentDeployments>>> few;
    for (const QString &name : names.mid(0, atATime))
        few.append(source.deployments(project, name, stopToken()));
    return after(this, gathered(this, few), [=, this, &source](const QList<Result<EnvironmentDeployments>> &answers) {
        QList<EnvironmentDeployments> all = known;
        for (const Result<EnvironmentDeployments> &one : answers) {
            if (!one)
                return ready(Told(one.error()));
            all.append(*one);
        }
        return readEach(source, project, names.mid(atATime), all);
    });
}

// Asked for directly; only where nothing is there the list is needed, and it may write the name otherwise.
QFuture<DeploymentsCommand::Told> DeploymentsCommand::readOne(DeploymentSource &source, const QString &project,
                                                              const QString &wanted)
{
    const StopToken stop = stopToken();
    const auto direct = source.deployments(project, wanted, stop);
    return afterAny(this, direct, [=, this, &source](const Result<EnvironmentDeployments> &one) {
        if (!one && one.error().kind != ErrorKind::NotFound)
            return ready(Told(one.error()));
        if (one && !one->all.isEmpty())
            return ready(Told(QList<EnvironmentDeployments>{*one}));
        return after(this, source.environments(project, stop), [=, this, &source](const QStringList &names) {
            for (const QString &name : names) {
                if (name.compare(wanted, Qt::CaseInsensitive) == 0)
                    return readEach(source, project, {name}, {});
            }
            return ready(
                Told(Error{ErrorKind::NotFound,
                           CommandsText::tr("%1 has no environment \"%2\". There are: %3.")
                               .arg(project, wanted, names.mid(0, mostEnvironments).join(QStringLiteral(", "))),
                           {}}));
        });
    });
}

void RedeployCommand::listed()
{
    readPolicy();
    QTimer::singleShot(policyWithin, this, [this] { notePolicy(Policy::Late); });
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
                m_order.reason = option("reason");
                m_isFound = true;
                planFound();
            });
}

// Where it is shared, nothing here says nothing: it is fetched, once.
void RedeployCommand::readPolicy()
{
    deliver(session().promotions().readHere(stopToken()), stopToken(), this, [this](const Result<void> &read) {
        const bool isNone =
            !read && (read.error().kind == ErrorKind::NotFound || read.error().kind == ErrorKind::Unsupported);
        if (!isNone || !session().ledger().sharing().isShared() || std::exchange(m_isFetched, true))
            return notePolicy(read ? Policy::Read : isNone ? Policy::None : Policy::Unknown);
        deliver(session().ledger().share(stopToken(), Touches::Refuse), stopToken(), this,
                [this](const Result<ShareReport> &shared) {
                    if (shared)
                        readPolicy();
                    else
                        notePolicy(Policy::Unknown);
                });
    });
}

// What comes late counts as long as nothing was planned without it.
void RedeployCommand::notePolicy(Policy policy)
{
    const bool isOpen = m_policy == Policy::Reading || (m_policy == Policy::Late && policy != Policy::Late);
    if (m_isPlanned || !isOpen)
        return;
    m_policy = policy;
    planFound();
}

// Once it is known what is meant and whether it is protected, or that nobody can tell.
void RedeployCommand::planFound()
{
    if (!m_isFound || m_policy == Policy::Reading || std::exchange(m_isPlanned, true))
        return;
    // Going back needs no ledger: without a policy the name tells.
    m_order.isProtected = session().promotions().protects(m_order.application, m_order.environment);
    sayNameTells();
    if (const auto named = checkConfirm(context().arguments, m_order.application); !named)
        fail(named.error());
    else
        makePlan();
}

void RedeployCommand::sayNameTells()
{
    if (m_policy == Policy::Unknown)
        terminal().say(CommandsText::tr("The ledger could not be read: whether %1 is protected is told by its name.")
                           .arg(m_order.environment));
    else if (m_policy == Policy::Late)
        terminal().say(
            CommandsText::tr("The ledger was not read within %1 s: whether %2 is protected is told by its name.")
                .arg(policyWithin.count())
                .arg(m_order.environment));
}

Result<QFuture<Result<Plan>>> RedeployCommand::askPlan()
{
    PipelineServer *const server = session().pipelines().find(m_order.pipeline.connection);
    if (!server || !server->deployments())
        return connectionGone(m_order.pipeline.connection);
    return server->deployments()->plan(m_order, stopToken());
}

} // namespace signalbox::commands
