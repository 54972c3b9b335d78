#include "services/adapters/jenkins/jenkinsgates.h"

#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinsplan.h"
#include "services/adapters/jenkins/jenkinstext.h"
#include "services/async/chain.h"
#include "services/pipelines/gatheredgates.h"

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

using Gates = QList<WaitingGate>;

constexpr int mostBuilds = 200;

// T11: said wherever somebody could think that the list of submitters is all there is.
QString openToStop()
{
    return JenkinsText::tr("Stopping it here is open to everybody with the right Job/Cancel, submitter or not.");
}

void sayWhoMay(WaitingGate &gate, const std::optional<QStringList> &submitters, const Myself &me)
{
    if (me.isAnonymous) {
        gate.mayDecide = false;
        gate.whyNot = JenkinsText::tr("Jenkins does not know who we are: give the connection a user and an API token.");
        return;
    }
    if (!submitters) {
        gate.whyNot =
            JenkinsText::tr("Who may decide only Blue Ocean tells, and this Jenkins does not.") + u' ' + openToStop();
        return;
    }
    // A user or a group: Jenkins does not say which of the two a name is.
    for (const QString &name : *submitters)
        gate.deciders.append({name, false});
    gate.mayDecide = maySubmit(*submitters, me);
    if (submitters->isEmpty()) {
        gate.whyNot = JenkinsText::tr("Everybody with the right Job/Build may decide.") + u' ' + openToStop();
        return;
    }
    if (!gate.mayDecide)
        gate.whyNot =
            JenkinsText::tr("We (%1) are not among those who may decide: %2. Administrators may as well, and Jenkins "
                            "does not tell whether we are one.")
                .arg(me.name, submitters->join(QStringLiteral(", "))) +
            u' ' + openToStop();
}

} // namespace

QString gateId(const UnderWay &build, const QString &input)
{
    return build.project + u'#' + build.number + u'#' + input;
}

QString inputOf(const QString &gateId)
{
    return gateId.section(u'#', 2); // a project has no '#', an input may
}

JenkinsGates::JenkinsGates(PipelineServerConfig config, JenkinsClient &client)
    : m_config(std::move(config))
    , m_client(client)
{}

QString JenkinsGates::connection() const
{
    return m_config.id;
}

bool JenkinsGates::isFollowed(const QString &project) const
{
    if (m_config.projects.isEmpty())
        return true;
    return std::any_of(m_config.projects.cbegin(), m_config.projects.cend(), [&project](const QString &one) {
        const QString plain = one.split(u'/', Qt::SkipEmptyParts).join(u'/');
        return project == plain || project.startsWith(plain + u'/');
    });
}

QFuture<Result<Gates>> JenkinsGates::waiting(StopToken stop)
{
    RestClient::Ask ask = JenkinsClient::tree("/computer", computerTree(), JenkinsText::tr("the runs under way"));
    ask.useEtag = false;
    const auto answer =
        m_client.rest().read(ask, stop, [](const HttpResponse &response) { return parseUnderWay(response.body); });
    return after(this, answer, [=, this](const QList<UnderWay> &builds) {
        QList<QFuture<Result<Gates>>> asked;
        QStringList names;
        bool isCut = false;
        for (const UnderWay &build : builds) {
            if (!build.isPipeline || !isFollowed(build.project))
                continue;
            if (asked.size() < mostBuilds) {
                asked.append(gatesOf(build, stop));
                names.append(build.project + u'#' + build.number);
            } else {
                isCut = true;
            }
        }
        return after(this, gathered(this, asked),
                     [=, this](const QList<Result<Gates>> &answers) { return ready(together(names, answers, isCut)); });
    });
}

Result<Gates> JenkinsGates::together(const QStringList &names, const QList<Result<Gates>> &answers, bool isCut)
{
    const auto told = gatheredGates(names, answers, GoneMeans::Ended);
    m_unread = told ? told->unread : QString();
    if (!told)
        return told.error();
    Gates gates = told->gates;
    if (!isCut)
        return gates;
    const QString text = JenkinsText::tr("Only %1 of the pipelines that are under way at %2 are looked at: others "
                                         "may wait, too. Name the projects that matter in the connection.")
                             .arg(mostBuilds)
                             .arg(m_client.rest().host());
    if (gates.isEmpty()) // nothing could say it: no answer is better than "none"
        return Error{ErrorKind::Unsupported, text, {}};
    QString &message = gates.last().message;
    message += (message.isEmpty() ? QString() : QStringLiteral("\n")) + text;
    return gates;
}

// One question for a run that does not wait.
QFuture<Result<Gates>> JenkinsGates::gatesOf(const UnderWay &build, const StopToken &stop)
{
    if (m_client.lacksStageView())
        return withoutStageView(build, stop);
    RestClient::Ask ask =
        JenkinsClient::plain(runPath(build.project, build.number) + "/wfapi/describe",
                             JenkinsText::tr("what run %1 of %2 waits for").arg(build.number, build.project));
    ask.useEtag = false;
    const auto answer =
        m_client.rest().read(ask, stop, [](const HttpResponse &response) { return parseStages(response.body); });
    return afterAny(this, answer, [=, this](const Result<Stages> &stages) {
        if (!stages)
            return stages.error().kind == ErrorKind::NotFound ? whyNoStages(build, stop)
                                                              : ready(Result<Gates>(stages.error()));
        const bool waits = stages->state == RunState::Waiting ||
                           std::any_of(stages->jobs.cbegin(), stages->jobs.cend(),
                                       [](const Job &job) { return job.state == RunState::Waiting; });
        if (!waits)
            return ready(Result<Gates>(Gates()));
        return after(this, m_client.pendingInputs(build.project, build.number, stop),
                     [=, this](const QList<PendingInput> &inputs) { return look(build, *stages, inputs, stop); });
    });
}

// A pipeline that is there, but not its stages: the plugin is not there. A run that went away meanwhile waits for
// nobody.
QFuture<Result<Gates>> JenkinsGates::whyNoStages(const UnderWay &build, const StopToken &stop)
{
    return after(this, m_client.run(build.project, build.number, stop), [=, this](const SeenRun &run) {
        if (isEnded(run.run.state))
            return ready(Result<Gates>(Gates()));
        m_client.noteNoStageView();
        return withoutStageView(build, stop);
    });
}

QFuture<Result<Gates>> JenkinsGates::withoutStageView(const UnderWay &build, const StopToken &stop)
{
    return after(this, m_client.inputsWithoutStageView(build.project, build.number, stop),
                 [=, this](const QList<PendingInput> &inputs) { return look(build, Stages(), inputs, stop); });
}

// With who may and since when, as far as Blue Ocean tells it.
QFuture<Result<QList<PendingInput>>> JenkinsGates::inBlue(const UnderWay &build, const QList<PendingInput> &inputs,
                                                          const StopToken &stop)
{
    const auto isTold = [](const PendingInput &one) { return one.submitters && one.since.isValid(); };
    if (std::all_of(inputs.cbegin(), inputs.cend(), isTold))
        return ready(Result<QList<PendingInput>>(inputs));
    return after(this, m_client.blue(build.project, stop), [=, this](const QByteArray &blue) {
        if (blue.isEmpty())
            return ready(Result<QList<PendingInput>>(inputs));
        RestClient::Ask ask = JenkinsClient::plain(blue + "/runs/" + encoded(build.number) + "/steps/?limit=10000",
                                                   JenkinsText::tr("the steps of run %1").arg(build.number));
        ask.useEtag = false;
        const auto answer = m_client.rest().read(
            ask, stop, [](const HttpResponse &response) { return parseInputSteps(response.body); });
        return afterAny(this, answer, [inputs](const Result<QList<PendingInput>> &steps) {
            QList<PendingInput> told = inputs;
            for (PendingInput &input : told) {
                for (const PendingInput &step : steps.value_or(QList<PendingInput>())) {
                    if (step.id != input.id)
                        continue;
                    input.submitters = step.submitters;
                    input.since = step.since;
                }
            }
            return ready(Result<QList<PendingInput>>(told));
        });
    });
}

QFuture<Result<QDateTime>> JenkinsGates::waitingSince(const UnderWay &build, const Stages &stages,
                                                      const StopToken &stop)
{
    const auto at = std::find_if(stages.jobs.cbegin(), stages.jobs.cend(),
                                 [](const Job &job) { return job.state == RunState::Waiting; });
    if (at == stages.jobs.cend())
        return ready(Result<QDateTime>(QDateTime()));
    RestClient::Ask ask = JenkinsClient::plain(runPath(build.project, build.number) + "/execution/node/" +
                                                   encoded(at->id) + "/wfapi/describe",
                                               JenkinsText::tr("the steps of a stage of run %1").arg(build.number));
    ask.useEtag = false;
    const auto answer =
        m_client.rest().read(ask, stop, [](const HttpResponse &response) { return parseStageNodes(response.body); });
    return afterAny(this, answer, [](const Result<StageNodes> &nodes) {
        QDateTime since;
        if (nodes) {
            for (const StageNode &node : nodes->nodes) {
                if (node.state == RunState::Waiting)
                    since = node.startedAt;
            }
        }
        return ready(Result<QDateTime>(since));
    });
}

QFuture<Result<Gates>> JenkinsGates::look(const UnderWay &build, const Stages &stages,
                                          const QList<PendingInput> &inputs, const StopToken &stop)
{
    if (inputs.isEmpty())
        return ready(Result<Gates>(Gates()));
    return after(this, m_client.run(build.project, build.number, stop), [=, this](const SeenRun &run) {
        return after(this, m_client.myself(stop), [=, this](const Myself &me) {
            return after(this, inBlue(build, inputs, stop), [=, this](const QList<PendingInput> &whole) {
                return after(this, waitingSince(build, stages, stop), [=, this](const QDateTime &since) {
                    Gates gates;
                    QStringList waitingStages;
                    for (const Job &job : stages.jobs) {
                        if (job.state == RunState::Waiting)
                            waitingStages.append(job.id);
                    }
                    for (const PendingInput &input : whole) {
                        WaitingGate gate;
                        gate.connection = m_config.id;
                        gate.vendor = QStringLiteral("Jenkins");
                        gate.id = gateId(build, input.id);
                        gate.run = run.run.ref;
                        gate.runNumber = run.run.number;
                        if (whole.size() == 1 && waitingStages.size() == 1)
                            gate.job = waitingStages.first();
                        gate.title = input.message;
                        gate.message = input.message;
                        gate.branch = run.run.branch;
                        if (gate.branch.isEmpty() && m_client.isKnownBranch(build.project))
                            gate.branch = branchNameOf(build.project);
                        gate.commit = run.run.commit;
                        gate.parameters = input.parameters;
                        gate.since = whole.size() == 1 ? since : QDateTime();
                        if (input.since.isValid())
                            gate.since = input.since;
                        sayWhoMay(gate, input.submitters, me);
                        gate.page = run.run.page.resolved(QUrl(QStringLiteral("input/")));
                        gate.readAt = QDateTime::currentDateTimeUtc();
                        gates.append(gate);
                    }
                    return ready(Result<Gates>(gates));
                });
            });
        });
    });
}

QFuture<Result<Plan>> JenkinsGates::plan(GateOrder order, StopToken stop)
{
    const QString project = order.gate.run.pipeline.project;
    const QString number = order.gate.run.id;
    const QString input = inputOf(order.gate.id);
    if (input.isEmpty() || !isBuildNumber(number))
        return ready(Result<Plan>(Error{ErrorKind::Invalid, JenkinsText::tr("This is no gate of a Jenkins."), {}}));
    return after(this, m_client.run(project, number, stop), [=, this](const SeenRun &run) {
        return after(this, m_client.pendingInputs(project, number, stop), [=, this](const QList<PendingInput> &inputs) {
            return after(this, m_client.myself(stop), [=, this](const Myself &me) {
                DecideFacts facts{order, input, std::nullopt, run, me};
                for (const PendingInput &one : inputs) {
                    if (one.id == input)
                        facts.pending = one;
                }
                return ready(planOfDecision(facts, m_client.connection()));
            });
        });
    });
}

} // namespace signalbox::jenkins
