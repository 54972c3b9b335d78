#include "services/adapters/jenkins/jenkinsplan.h"

#include "models/domain/ulid.h"
#include "services/adapters/jenkins/jenkinsjson.h"
#include "services/adapters/jenkins/jenkinsplace.h"

#include <algorithm>

namespace signalbox::jenkins
{

using namespace std::chrono_literals;

namespace
{

const QString formType = QStringLiteral("application/x-www-form-urlencoded");

QString kindName(Commission::Kind kind)
{
    switch (kind) {
    case Commission::Kind::Start:
        return QStringLiteral("jenkins-run-started");
    case Commission::Kind::Stop:
        return QStringLiteral("jenkins-run-ended");
    case Commission::Kind::Unqueue:
        return QStringLiteral("jenkins-queue-left");
    case Commission::Kind::Decide:
        break;
    }
    return QStringLiteral("jenkins-input-decided");
}

Check check(CheckId id, CheckState state, const QString &text, const QString &detail = {}, const QString &wayOut = {})
{
    return {id, state, text, detail, wayOut};
}

Check readNow()
{
    return check(CheckId::Freshness, CheckState::Pass, JenkinsText::tr("Read from Jenkins just now"));
}

Check rightCheck(const std::optional<bool> &may, const QString &right)
{
    if (!may)
        return check(CheckId::Rights, CheckState::Warn,
                     JenkinsText::tr("Jenkins does not say whether we have the right %1").arg(right),
                     JenkinsText::tr("It says so when it is asked to do it."));
    if (*may)
        return check(CheckId::Rights, CheckState::Pass, JenkinsText::tr("We have the right %1").arg(right));
    return check(CheckId::Rights, CheckState::Block, JenkinsText::tr("We do not have the right %1").arg(right), {},
                 JenkinsText::tr("Ask for it, or ask somebody who has it."));
}

template <typename Order>
Plan headOf(const Order &order, const QString &project, const QString &environment, const QString &connection)
{
    Plan plan;
    plan.id = newUlid();
    plan.connection = connection;
    plan.ns = project;
    plan.application = order.application.isEmpty() ? project : order.application;
    plan.environment = environment.isEmpty() ? QStringLiteral("pipelines") : environment;
    plan.isProtected = order.isProtected;
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    return plan;
}

PlanStep stepOf(const QString &title, const QString &project, const QByteArray &path, const QByteArray &body,
                const Commission &commission, const QString &connection)
{
    PlanStep step;
    step.id = QStringLiteral("1");
    step.title = title;
    step.through = JenkinsText::tr("Jenkins job %1").arg(project);
    step.call = {connection, QStringLiteral("POST"), QString::fromLatin1(path), formType, body};
    step.expectation = expectationOf(commission, connection);
    return step;
}

void addParameters(PlanStep &step, const Form &form, const QStringList &hidden)
{
    for (const auto &[name, value] : form) {
        step.call.isSecret = step.call.isSecret || hidden.contains(name);
        const QString shown = hidden.contains(name) ? JenkinsText::tr("(hidden)") : value;
        step.diff.append({DiffLine::Kind::Added, QStringLiteral("%1 = %2").arg(name, shown)});
    }
}

// What is asked for, held against what is taken.
Result<Form> filledIn(const QList<RunParameter> &taken, const QMap<QString, QString> &given, bool needsAll,
                      QStringList *hidden)
{
    Form form;
    QStringList known;
    for (const RunParameter &one : taken) {
        known.append(one.name);
        if (one.kind == RunParameter::Kind::Hidden)
            hidden->append(one.name);
        if (!given.contains(one.name)) {
            if (one.kind == RunParameter::Kind::Hidden && needsAll)
                return Error{ErrorKind::Invalid, JenkinsText::tr("A value is needed for %1.").arg(one.name), {}};
            if (needsAll)
                form.append({one.name, one.value});
            continue; // Jenkins takes its default
        }
        const QString value = given.value(one.name);
        if (one.kind == RunParameter::Kind::Choice && !one.choices.contains(value))
            return Error{ErrorKind::Invalid,
                         JenkinsText::tr("%1 takes one of: %2.").arg(one.name, one.choices.join(QStringLiteral(", "))),
                         {}};
        if (one.kind == RunParameter::Kind::Flag && value != QLatin1String("true") && value != QLatin1String("false"))
            return Error{ErrorKind::Invalid, JenkinsText::tr("%1 takes true or false.").arg(one.name), {}};
        form.append({one.name, value});
    }
    for (auto one = given.cbegin(); one != given.cend(); ++one) {
        if (!known.contains(one.key()))
            return Error{ErrorKind::Invalid, JenkinsText::tr("Jenkins takes no parameter %1 here.").arg(one.key()), {}};
    }
    return form;
}

QString runName(const Run &run)
{
    return run.number.isEmpty() ? JenkinsText::tr("the run that waits in the queue")
                                : JenkinsText::tr("run %1").arg(run.number);
}

QString startTitle(const StartFacts &facts)
{
    return facts.run ? JenkinsText::tr("Run %1 again with the parameters of run %2")
                           .arg(facts.order.pipeline.project, facts.run->run.number)
                     : JenkinsText::tr("Start a run of %1").arg(facts.order.pipeline.project);
}

} // namespace

// ---- what a step is observed by

Expectation expectationOf(const Commission &one, const QString &connection)
{
    Json json{{"project", one.project.toStdString()}};
    if (!one.run.isEmpty())
        json["run"] = one.run.toStdString();
    if (!one.who.isEmpty())
        json["who"] = one.who.toStdString();
    if (one.kind == Commission::Kind::Start)
        json["after"] = one.after;
    if (one.kind == Commission::Kind::Decide)
        json.update(Json{{"input", one.input.toStdString()}, {"approves", one.approves}, {"approvals", one.approvals}});
    Expectation expectation;
    expectation.kind = kindName(one.kind);
    expectation.object.connection = connection;
    expectation.object.kind = QStringLiteral("Job");
    expectation.object.name = one.project;
    expectation.data = QByteArray::fromStdString(json.dump());
    return expectation;
}

std::optional<Commission> commissionOf(const Expectation &expectation)
{
    Commission one;
    bool isOurs = false;
    for (const auto kind :
         {Commission::Kind::Start, Commission::Kind::Stop, Commission::Kind::Unqueue, Commission::Kind::Decide}) {
        if (expectation.kind == kindName(kind)) {
            one.kind = kind;
            isOurs = true;
        }
    }
    const auto json = Json::parse(expectation.data.begin(), expectation.data.end(), nullptr, false);
    if (!isOurs || !json.is_object())
        return std::nullopt;
    one.project = textOf(json, "project");
    one.run = textOf(json, "run");
    one.who = textOf(json, "who");
    one.after = numberOf(json, "after");
    one.input = textOf(json, "input");
    one.approves = flagOf(json, "approves", true);
    one.approvals = static_cast<int>(numberOf(json, "approvals"));
    return one;
}

QString hiddenParameterSentence(const QStringList &names)
{
    return JenkinsText::tr("Jenkins does not tell the values of hidden parameters (%1), so the run cannot be repeated "
                           "with the same ones: start a new one and fill them in.")
        .arg(names.join(QStringLiteral(", ")));
}

QString decisionText(const GivenDecision &decision)
{
    if (decision.who.isEmpty())
        return decision.approves ? JenkinsText::tr("approved") : JenkinsText::tr("stopped");
    return decision.approves ? JenkinsText::tr("approved by %1").arg(decision.who)
                             : JenkinsText::tr("stopped by %1").arg(decision.who);
}

std::optional<bool> maySubmit(const QStringList &submitters, const Myself &me)
{
    if (me.isAnonymous)
        return false;
    if (me.name.isEmpty() || submitters.isEmpty())
        return std::nullopt; // without a list: whoever may build the job
    const auto isIn = [&submitters](const QString &name) {
        return std::any_of(submitters.cbegin(), submitters.cend(),
                           [&name](const QString &one) { return one.compare(name, Qt::CaseInsensitive) == 0; });
    };
    if (isIn(me.name) || std::any_of(me.authorities.cbegin(), me.authorities.cend(), isIn))
        return true;
    return std::nullopt;
}

// ---- a new run

Result<Plan> planOfStart(const StartFacts &facts, const QString &connection)
{
    const RunOrder &order = facts.order;
    const QString project = order.pipeline.project;
    const QString own = facts.isBranch ? branchNameOf(project) : QString();
    if (!order.branch.isEmpty() && order.branch != own)
        return Error{
            ErrorKind::Unsupported,
            facts.isBranch
                ? JenkinsText::tr("In Jenkins each branch is a job of its own: start the one of %1.").arg(order.branch)
                : JenkinsText::tr("This job decides itself what it builds; it takes no branch."),
            {}};
    if (facts.run && !facts.run->hiddenParameters.isEmpty())
        return Error{ErrorKind::Unsupported, hiddenParameterSentence(facts.run->hiddenParameters), {}};
    QMap<QString, QString> given = order.parameters;
    if (facts.run) {
        given.clear();
        for (const auto &[name, value] : facts.run->parameters) {
            const auto takes = [&name = name](const RunParameter &one) { return one.name == name; };
            if (std::any_of(facts.job.parameters.cbegin(), facts.job.parameters.cend(), takes))
                given.insert(name, value);
        }
    }
    QStringList hidden;
    const auto form = filledIn(facts.job.parameters, given, false, &hidden);
    if (!form)
        return form.error();

    Plan plan = headOf(order, project, {}, connection);
    plan.kind = facts.run ? OperationKind::RerunRun : OperationKind::TriggerRun;
    plan.from = facts.run ? runName(facts.run->run) : JenkinsText::tr("no new run of %1").arg(project);
    plan.to = JenkinsText::tr("a new run of %1").arg(project);
    plan.effect =
        facts.run
            ? JenkinsText::tr("it builds what the job builds now, not the commit of run %1").arg(facts.run->run.number)
            : JenkinsText::tr("what it then does is up to the pipeline");
    if (facts.run)
        plan.fromHash = facts.run->run.commit;

    Commission commission;
    commission.kind = Commission::Kind::Start;
    commission.project = project;
    commission.after = facts.job.nextNumber;
    commission.who = facts.me.isAnonymous ? QString() : facts.me.name;
    const QByteArray path = jobPath(project) + (facts.job.hasParameters ? "/buildWithParameters" : "/build");
    PlanStep step = stepOf(startTitle(facts), project, path, encodedForm(*form), commission, connection);
    addParameters(step, *form, hidden);
    step.precondition = JenkinsText::tr("Jenkins has none: whoever starts the same gets a run of their own");
    step.deadline = 10min; // it may wait in the queue
    plan.steps = {step};
    const bool canRun = facts.job.isBuildable;
    plan.checks = {
        readNow(), rightCheck(facts.may.start, QStringLiteral("Job/Build")),
        check(CheckId::TargetExists, canRun ? CheckState::Pass : CheckState::Block,
              canRun ? JenkinsText::tr("The job is there and enabled") : JenkinsText::tr("The job is disabled"), {},
              canRun ? QString() : JenkinsText::tr("Enable it in Jenkins."))};
    return plan;
}

// ---- the end of one

Result<Plan> planOfCancel(const RunOrder &order, const Run &run, const Permissions &may, const QString &connection)
{
    const QString project = order.pipeline.project;
    const auto item = queueItemOf(run.ref.id);
    Plan plan = headOf(order, project, {}, connection);
    plan.kind = OperationKind::CancelRun;
    plan.direction = Direction::Back;
    plan.from = JenkinsText::tr("%1 is %2").arg(runName(run), runStateLabel(run.state).toLower());
    plan.to = item ? JenkinsText::tr("it is taken out of the queue") : JenkinsText::tr("it is stopped");
    plan.fromHash = run.commit;
    plan.effect =
        item ? JenkinsText::tr("it has done nothing yet") : JenkinsText::tr("what it did so far stays as it is");
    Commission commission;
    commission.kind = item ? Commission::Kind::Unqueue : Commission::Kind::Stop;
    commission.project = project;
    commission.run = item ? QString::number(*item) : run.ref.id;
    const QByteArray path =
        item ? QByteArray("/queue/cancelItem?id=") + QByteArray::number(*item) : runPath(project, run.ref.id) + "/stop";
    plan.steps = {
        stepOf(JenkinsText::tr("Stop %1 of %2").arg(runName(run), project), project, path, {}, commission, connection)};
    plan.steps.first().deadline = 2min;
    const bool isOver = isEnded(run.state);
    plan.checks = {readNow(), rightCheck(may.stop, QStringLiteral("Job/Cancel")),
                   check(CheckId::TargetExists, CheckState::Pass, JenkinsText::tr("The run is there")),
                   check(CheckId::SameState, isOver ? CheckState::Block : CheckState::Pass,
                         isOver ? JenkinsText::tr("It has ended already: %1").arg(runStateLabel(run.state))
                                : JenkinsText::tr("It goes on"))};
    return plan;
}

// ---- a gate

namespace
{

// As a page of Jenkins sends it: hudson.model.ParameterDefinition.createValue reads "value" of each.
QByteArray inputBody(const QList<RunParameter> &taken, const Form &form, const QString &proceedText)
{
    Json list = Json::array();
    for (const auto &[name, value] : form) {
        const auto isIt = [&name = name](const RunParameter &one) { return one.name == name; };
        const auto of = std::find_if(taken.cbegin(), taken.cend(), isIt);
        Json one{{"name", name.toStdString()}};
        if (of != taken.cend() && of->kind == RunParameter::Kind::Flag)
            one["value"] = value == QLatin1String("true");
        else
            one["value"] = value.toStdString();
        list.push_back(one);
    }
    const QString json = QString::fromStdString(Json{{"parameter", list}}.dump());
    return encodedForm({{QStringLiteral("json"), json}, {QStringLiteral("proceed"), proceedText}});
}

Check deciderCheck(const DecideFacts &facts)
{
    if (facts.me.isAnonymous)
        return check(CheckId::Rights, CheckState::Block, JenkinsText::tr("Jenkins does not know who we are"), {},
                     JenkinsText::tr("Give the connection a user and an API token."));
    const WaitingGate &gate = facts.order.gate;
    if (!facts.order.approves)
        return check(CheckId::Rights, CheckState::Pass,
                     JenkinsText::tr("Stopping at a gate is open to submitters, and to everybody with the right "
                                     "Job/Cancel"),
                     gate.whyNot);
    if (gate.mayDecide.value_or(false))
        return check(CheckId::Rights, CheckState::Pass, JenkinsText::tr("We are among those who may decide"));
    return check(CheckId::Rights, CheckState::Warn, JenkinsText::tr("Jenkins does not say whether we may decide"),
                 gate.whyNot, JenkinsText::tr("It says so when it is asked to do it."));
}

} // namespace

Result<Plan> planOfDecision(const DecideFacts &facts, const QString &connection)
{
    const GateOrder &order = facts.order;
    const WaitingGate &gate = order.gate;
    const QString project = gate.run.pipeline.project;
    const QString number = gate.run.id;
    QStringList hidden;
    Form form;
    const QList<RunParameter> taken = facts.pending ? facts.pending->parameters : gate.parameters;
    if (order.approves) {
        const auto filled = filledIn(taken, order.parameters, true, &hidden);
        if (!filled)
            return filled.error();
        form = *filled;
    }
    Plan plan = headOf(order, project, order.environment.isEmpty() ? gate.environment : order.environment, connection);
    plan.kind = OperationKind::DecideGate;
    plan.direction = order.approves ? Direction::Forward : Direction::Back;
    plan.from = JenkinsText::tr("run %1 waits: %2").arg(number, gate.message);
    plan.to = order.approves ? JenkinsText::tr("it goes on") : JenkinsText::tr("it is stopped");
    plan.fromHash = plan.toHash = gate.commit;
    plan.effect = order.approves ? JenkinsText::tr("what the pipeline does behind this gate")
                                 : JenkinsText::tr("what it did so far stays as it is");
    Commission commission;
    commission.kind = Commission::Kind::Decide;
    commission.project = project;
    commission.run = number;
    commission.who = facts.me.name;
    commission.input = facts.input;
    commission.approves = order.approves;
    commission.approvals = static_cast<int>(std::count_if(facts.run.decisions.cbegin(), facts.run.decisions.cend(),
                                                          [](const GivenDecision &one) { return one.approves; }));
    const QByteArray at = runPath(project, number);
    const QByteArray input = encoded(facts.input);
    QByteArray path = at + "/input/" + input + (order.approves ? "/proceedEmpty" : "/abort");
    QByteArray body;
    if (order.approves && !taken.isEmpty()) {
        // The step takes the same form as the stage view's plugin (InputStepExecution.doProceed).
        path = facts.pending && facts.pending->isAnsweredAtStep ? at + "/input/" + input + "/proceed"
                                                                : at + "/wfapi/inputSubmit?inputId=" + input;
        const QString proceedText = facts.pending ? facts.pending->proceedText : QString();
        body = inputBody(taken, form, proceedText.isEmpty() ? QStringLiteral("Proceed") : proceedText);
    }
    PlanStep step = stepOf(order.approves ? JenkinsText::tr("Let run %1 of %2 go on").arg(number, project)
                                          : JenkinsText::tr("Stop run %1 of %2 at its gate").arg(number, project),
                           project, path, body, commission, connection);
    addParameters(step, form, hidden);
    if (!order.comment.isEmpty())
        step.diff.append(
            {DiffLine::Kind::Note, JenkinsText::tr("Jenkins keeps no comment: it stands in our own records only")});
    step.precondition = JenkinsText::tr("only if nobody decided before");
    step.deadline = 2min;
    plan.steps = {step};
    const bool waits = facts.pending.has_value();
    const QString by = facts.run.decisions.isEmpty() ? QString() : decisionText(facts.run.decisions.last());
    plan.checks = {readNow(), deciderCheck(facts),
                   check(CheckId::TargetExists, CheckState::Pass, JenkinsText::tr("The run is there")),
                   check(CheckId::SameState, waits ? CheckState::Pass : CheckState::Block,
                         waits ? JenkinsText::tr("It still waits") : JenkinsText::tr("It was decided before"), by)};
    return plan;
}

bool isDecidedSince(const QList<GivenDecision> &decisions, const Commission &one)
{
    int approvals = 0;
    for (const GivenDecision &decision : decisions) {
        if (!decision.approves || ++approvals > one.approvals)
            return true;
    }
    return false;
}

} // namespace signalbox::jenkins
