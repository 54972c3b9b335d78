#include "services/adapters/github/githubplans.h"

#include "models/domain/ulid.h"
#include "services/adapters/github/githubfields.h"
#include "services/adapters/github/githubgates.h"
#include "services/adapters/github/githubtags.h"

#include <algorithm>

namespace signalbox::github
{

namespace
{

constexpr std::chrono::minutes startDeadline{3};
// A job that ignores the request is ended by GitHub after five minutes (GitHub Docs, "Canceling a workflow").
constexpr std::chrono::minutes cancelDeadline{10};

Error invalid(const QString &text)
{
    return {ErrorKind::Invalid, text, {}};
}

Check check(CheckId id, bool isGood, const QString &text, const QString &wayOut = {})
{
    return {id, isGood ? CheckState::Pass : CheckState::Block, text, {}, isGood ? QString() : wayOut};
}

Check freshCheck()
{
    return check(CheckId::Freshness, true, GitHubText::tr("Read from GitHub just now"));
}

Check rightsCheck(const Repository &repository)
{
    if (!repository.mayWrite)
        return {CheckId::Rights, CheckState::Warn, GitHubText::tr("GitHub does not say what the token may do"), {}, {}};
    return check(CheckId::Rights, *repository.mayWrite && !repository.isArchived,
                 *repository.mayWrite ? GitHubText::tr("The token's user may write to %1").arg(repository.fullName)
                                      : GitHubText::tr("The token's user may not write to %1").arg(repository.fullName),
                 GitHubText::tr("Ask an administrator of the repository for the role Write."));
}

QString shownRun(const RunSaid &run)
{
    const QString name = run.workflowName.isEmpty() ? run.run.ref.pipeline.pipeline : run.workflowName;
    return QStringLiteral("%1 #%2").arg(name, run.run.number);
}

QString through(const QString &project)
{
    return GitHubText::tr("GitHub Actions of %1").arg(project);
}

Plan startedPlan(const GitHubClient &client, OperationKind kind, const QString &project, const QString &application,
                 const QString &environment, bool isProtected, const QString &reason)
{
    Plan plan;
    plan.id = newUlid();
    plan.kind = kind;
    plan.connection = client.connection();
    plan.ns = project;
    plan.application = application.isEmpty() ? project : application;
    plan.environment = environment.isEmpty() ? QStringLiteral("pipelines") : environment;
    plan.isProtected = isProtected;
    plan.reason = reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    return plan;
}

PlanStep startedStep(const GitHubClient &client, const Errand &errand, const QByteArray &path, const Json &body)
{
    PlanStep step;
    step.id = QStringLiteral("1");
    step.through = through(errand.project);
    step.call.connection = client.connection();
    step.call.method = QStringLiteral("POST");
    step.call.path = QString::fromLatin1(path);
    if (!body.is_null()) {
        step.call.contentType = QStringLiteral("application/json");
        step.call.body = QByteArray::fromStdString(body.dump());
    }
    step.expectation.kind = errandKind();
    step.expectation.object = {client.connection(), {}, QStringLiteral("Run"), errand.project, errand.run, {}};
    step.expectation.data = toData(errand);
    step.deadline = startDeadline;
    return step;
}

// ---- a run

Errand errandFor(const RunOrder &order, const RunSaid &run, const QString &who)
{
    Errand errand;
    errand.kind = order.kind == RunOrder::Kind::Cancel        ? Errand::Kind::Cancel
                  : order.kind == RunOrder::Kind::RerunFailed ? Errand::Kind::RerunFailed
                  : !order.job.isEmpty()                      ? Errand::Kind::RerunJob
                                                              : Errand::Kind::Rerun;
    errand.project = run.run.ref.pipeline.project;
    errand.pipeline = run.run.ref.pipeline.pipeline;
    errand.run = run.run.ref.id;
    errand.attempt = run.run.attempt;
    errand.who = who;
    return errand;
}

// What a rerun is called, by what of the run it is about.
struct RerunWords
{
    QString effect;
    QString title;
    QByteArray path;
};

RerunWords rerunWords(const Errand &errand, const RunSaid &run)
{
    const QString shown = shownRun(run);
    const QByteArray path = GitHubClient::runPath(run.run.ref);
    if (errand.kind == Errand::Kind::RerunFailed)
        return {
            GitHubText::tr("the failed jobs of %1 and what follows them run again, with the same commit").arg(shown),
            GitHubText::tr("Run the failed jobs of %1 again").arg(shown), path + "/rerun-failed-jobs"};
    if (errand.kind == Errand::Kind::RerunJob)
        return {GitHubText::tr("%1 of %2 and what needs it run again, with the same commit").arg(errand.jobName, shown),
                GitHubText::tr("Run %1 of %2 again").arg(errand.jobName, shown),
                GitHubClient::repositoryPath(errand.project) + "/actions/jobs/" + QUrl::toPercentEncoding(errand.job) +
                    "/rerun"};
    return {GitHubText::tr("all jobs of %1 run again, with the same commit").arg(shown),
            GitHubText::tr("Run %1 again").arg(shown), path + "/rerun"};
}

Plan rerunPlan(const GitHubClient &client, const RunOrder &order, const Repository &repository, const RunSaid &run,
               const Errand &errand)
{
    const RerunWords words = rerunWords(errand, run);
    Plan plan = startedPlan(client, OperationKind::RerunRun, errand.project, order.application, {}, order.isProtected,
                            order.reason);
    plan.from =
        GitHubText::tr("%1, attempt %2: %3").arg(shownRun(run)).arg(run.run.attempt).arg(runStateLabel(run.run.state));
    plan.to = GitHubText::tr("%1, attempt %2").arg(shownRun(run)).arg(run.run.attempt + 1);
    plan.fromHash = plan.toHash = run.run.commit;
    plan.effect = words.effect;
    PlanStep step = startedStep(client, errand, words.path, {});
    step.title = words.title;
    step.precondition = GitHubText::tr("only if attempt %1 is still the last, and has ended").arg(run.run.attempt);
    step.diff = {{DiffLine::Kind::Removed, plan.from}, {DiffLine::Kind::Added, plan.to}};
    plan.steps = {step};
    const bool isAsSeen = !order.run || order.run->attempt == run.run.attempt;
    plan.checks = {rightsCheck(repository), freshCheck(),
                   check(CheckId::TargetExists, isAsSeen,
                         isAsSeen
                             ? GitHubText::tr("Attempt %1 is the last").arg(run.run.attempt)
                             : GitHubText::tr("%1 ran it again already: attempt %2").arg(run.who).arg(run.run.attempt),
                         GitHubText::tr("Look at the new attempt.")),
                   check(CheckId::SameState, run.isCompleted,
                         run.isCompleted ? GitHubText::tr("It has ended") : GitHubText::tr("It is still on"),
                         GitHubText::tr("Wait for its end, or cancel it first."))};
    return plan;
}

Plan cancelPlan(const GitHubClient &client, const RunOrder &order, const Repository &repository, const RunSaid &run,
                const QString &who)
{
    const Errand errand = errandFor(order, run, who);
    Plan plan = startedPlan(client, OperationKind::CancelRun, errand.project, order.application, {}, order.isProtected,
                            order.reason);
    plan.direction = Direction::Back;
    plan.from = shownRun(run);
    plan.to = GitHubText::tr("cancelled");
    plan.fromHash = plan.toHash = run.run.commit;
    plan.effect = GitHubText::tr("jobs of %1 that go on are stopped; what they did already stays").arg(shownRun(run));
    PlanStep step = startedStep(client, errand, GitHubClient::runPath(run.run.ref) + "/cancel", {});
    step.title = GitHubText::tr("Cancel %1").arg(shownRun(run));
    step.precondition = GitHubText::tr("only if attempt %1 is still on").arg(run.run.attempt);
    step.diff = {{DiffLine::Kind::Removed, runStateLabel(run.run.state)}, {DiffLine::Kind::Added, plan.to}};
    step.deadline = cancelDeadline;
    plan.steps = {step};
    plan.checks = {
        rightsCheck(repository), freshCheck(), check(CheckId::TargetExists, true, GitHubText::tr("The run is there")),
        check(CheckId::SameState, !run.isCompleted,
              run.isCompleted ? GitHubText::tr("It has ended by itself: %1").arg(runStateLabel(run.run.state))
                              : GitHubText::tr("It is on"))};
    return plan;
}

// One job, and what needs it. The id is of one try: after another attempt it is of the past.
QFuture<Result<Plan>> planJob(GitHubClient &client, const RunOrder &order, const Repository &repository,
                              const RunSaid &run, const Errand &errand, const StopToken &stop)
{
    GitHubClient *from = &client;
    return after(from, from->jobs(run.run.ref, stop), [=](const QList<JobSaid> &jobs) {
        const auto job =
            std::find_if(jobs.begin(), jobs.end(), [&order](const JobSaid &one) { return one.job.id == order.job; });
        if (job == jobs.end())
            return ready(
                Result<Plan>(Error{ErrorKind::Conflict,
                                   GitHubText::tr("The job %1 is not in attempt %2 of %3. Look at the run again.")
                                       .arg(order.job)
                                       .arg(run.run.attempt)
                                       .arg(shownRun(run)),
                                   {}}));
        Errand whole = errand;
        whole.job = job->job.id;
        whole.jobName = job->job.name;
        Plan plan = rerunPlan(*from, order, repository, run, whole);
        const bool hasRun = job->isCompleted && job->job.state != RunState::Skipped;
        plan.checks.append(check(
            CheckId::TargetExists, hasRun,
            hasRun ? GitHubText::tr("%1 has ended").arg(whole.jobName)
                   : GitHubText::tr("%1 cannot be run again: %2").arg(whole.jobName, runStateLabel(job->job.state))));
        return ready(Result<Plan>(plan));
    });
}

// ---- a trigger

std::optional<Error> wrongInputs(const RunOrder &order, const WorkflowFile &file)
{
    QStringList known;
    for (const RunParameter &one : file.inputs) {
        known.append(one.name);
        const QString value = order.parameters.value(one.name);
        if (one.isRequired && value.isEmpty() && one.value.isEmpty())
            return invalid(GitHubText::tr("The workflow needs the input \"%1\".").arg(one.name));
        if (one.kind == RunParameter::Kind::Choice && !value.isEmpty() && !one.choices.contains(value))
            return invalid(GitHubText::tr("The input \"%1\" is one of: %2.").arg(one.name, one.choices.join(u", ")));
    }
    for (auto one = order.parameters.cbegin(); one != order.parameters.cend(); ++one) {
        if (!known.contains(one.key()))
            return invalid(GitHubText::tr("The workflow has no input \"%1\".").arg(one.key()));
    }
    return std::nullopt;
}

Plan triggerPlan(const GitHubClient &client, const RunOrder &order, const Repository &repository, Errand errand,
                 const WorkflowFile &file)
{
    Json inputs = Json::object();
    for (auto one = order.parameters.cbegin(); one != order.parameters.cend(); ++one)
        inputs[one.key().toStdString()] = one.value().toStdString();
    Json body = {{"ref", errand.ref.toStdString()}};
    if (!inputs.empty())
        body["inputs"] = inputs;
    if (client.isCloud()) // servers of older releases refuse what they do not know
        body["return_run_details"] = true;
    const QString name = file.name.isEmpty() ? errand.pipeline : file.name;
    Plan plan = startedPlan(client, OperationKind::TriggerRun, errand.project, order.application, {}, order.isProtected,
                            order.reason);
    plan.from = GitHubText::tr("no run of it");
    plan.to = errand.shown.isEmpty() ? GitHubText::tr("%1 on %2").arg(name, errand.ref)
                                     : GitHubText::tr("%1 on %2 at %3").arg(name, errand.ref, errand.shown.left(8));
    plan.toHash = errand.shown;
    plan.effect = GitHubText::tr("a new run of %1 with what %2 has when it starts").arg(name, errand.ref);
    PlanStep step = startedStep(client, errand,
                                GitHubClient::repositoryPath(errand.project) + "/actions/workflows/" +
                                    QUrl::toPercentEncoding(errand.pipeline) + "/dispatches",
                                body);
    step.title = GitHubText::tr("Start %1 on %2").arg(name, errand.ref);
    for (auto one = order.parameters.cbegin(); one != order.parameters.cend(); ++one)
        step.diff.append({DiffLine::Kind::Added, QStringLiteral("%1 = %2").arg(one.key(), one.value())});
    if (step.diff.isEmpty())
        step.diff.append({DiffLine::Kind::Added, plan.to});
    plan.steps = {step};
    plan.checks = {rightsCheck(repository), freshCheck(),
                   check(CheckId::TargetExists, file.isDispatchable,
                         file.isDispatchable
                             ? GitHubText::tr("%1 of %2 can be started by hand").arg(errand.pipeline, errand.ref)
                             : GitHubText::tr("%1 of %2 has no workflow_dispatch").arg(errand.pipeline, errand.ref),
                         GitHubText::tr("Add it to the file of that branch.")),
                   check(CheckId::SameState, true, GitHubText::tr("A new run each time"))};
    return plan;
}

QFuture<Result<Plan>> planDispatch(GitHubClient &client, const RunOrder &order, const Repository &repository,
                                   const Errand &errand, const WorkflowFile &file, const StopToken &stop)
{
    GitHubClient *from = &client;
    // A commit that is not told is not shown, nor held against the run.
    return afterAny(from, from->tip(errand.project, errand.ref, stop), [=](const Result<QString> &tip) {
        return after(
            from, from->runs(order.pipeline, "event=workflow_dispatch&per_page=10", stop),
            [=](const GitHubClient::RunsSaid &runs) {
                Errand whole = errand;
                whole.shown = tip.value_or(QString());
                for (const RunSaid &one : runs.runs)
                    whole.newest = std::max(whole.newest, one.run.ref.id.toLongLong());
                whole.since =
                    (runs.serverDate.isValid() ? runs.serverDate : QDateTime::currentDateTimeUtc()).addSecs(-60);
                return ready(Result<Plan>(triggerPlan(*from, order, repository, whole, file)));
            });
    });
}

// What GitHub does not tell to be another branch than the default one is protected; asked anew, since names come and
// go. "refs/tags/x", which a dispatch takes as well, says for itself that it may be a tag.
QFuture<Result<bool>> isReleasing(GitHubClient &client, const Repository &repository, const QString &project,
                                  const QString &ref, const StopToken &stop)
{
    if (ref == repository.defaultBranch || ref.startsWith(QLatin1String("refs/")))
        return ready(Result<bool>(true));
    return afterAny(&client, client.isTag(project, ref, {}, stop),
                    [](const Result<bool> &isTag) { return ready(Result<bool>(isTag.value_or(true))); });
}

QFuture<Result<Plan>> planTrigger(GitHubClient &client, const RunOrder &order, const Repository &repository,
                                  const QString &who, const StopToken &stop)
{
    Errand errand;
    errand.kind = Errand::Kind::Trigger;
    errand.project = order.pipeline.project;
    errand.pipeline = order.pipeline.pipeline;
    errand.ref = order.branch.isEmpty() ? repository.defaultBranch : order.branch;
    errand.who = who;
    GitHubClient *from = &client;
    const auto file =
        client.workflow(errand.project, QStringLiteral(".github/workflows/") + errand.pipeline, errand.ref, stop);
    return after(from, file, [=](const WorkflowFile &said) {
        if (const auto error = wrongInputs(order, said))
            return ready(Result<Plan>(*error));
        if (order.isProtected)
            return planDispatch(*from, order, repository, errand, said, stop);
        return after(from, isReleasing(*from, repository, errand.project, errand.ref, stop), [=](bool isReleasing) {
            RunOrder sure = order;
            sure.isProtected = isReleasing;
            return planDispatch(*from, sure, repository, errand, said, stop);
        });
    });
}

// A rerun or cancellation of the run as it stands.
QFuture<Result<Plan>> planOfRun(GitHubClient &client, const RunOrder &order, const Repository &repository,
                                const RunSaid &run, const QString &who, const StopToken &stop)
{
    RunOrder sure = order;
    sure.isProtected = order.isProtected || mayRelease(client, run);
    if (order.kind == RunOrder::Kind::Cancel)
        return ready(Result<Plan>(cancelPlan(client, sure, repository, run, who)));
    const Errand errand = errandFor(sure, run, who);
    if (errand.kind == Errand::Kind::RerunJob)
        return planJob(client, sure, repository, run, errand, stop);
    return ready(Result<Plan>(rerunPlan(client, sure, repository, run, errand)));
}

// ---- a gate

Plan gatePlan(const GitHubClient &client, const GateOrder &order, const RunSaid &run, const Errand &errand,
              const std::optional<Pending> &pending, const QList<Review> &since)
{
    const QString environment = order.gate.environment;
    Plan plan =
        startedPlan(client, OperationKind::DecideGate, errand.project, order.application,
                    order.environment.isEmpty() ? environment : order.environment, order.isProtected, order.reason);
    plan.direction = order.approves ? Direction::Forward : Direction::Back;
    plan.from = GitHubText::tr("%1 waits at %2").arg(shownRun(run), environment);
    plan.to = order.approves ? GitHubText::tr("approved for %1 (%2)").arg(environment, shownRun(run))
                             : GitHubText::tr("rejected for %1 (%2)").arg(environment, shownRun(run));
    plan.fromHash = plan.toHash = run.run.commit;
    plan.effect = order.approves
                      ? GitHubText::tr("%1 goes on and deploys to %2").arg(shownRun(run), environment)
                      : GitHubText::tr("%1 does not deploy to %2, and fails").arg(shownRun(run), environment);
    const Json body = {{"environment_ids", {errand.gate.toLongLong()}}, // one at a time: each is a decision of its own
                       {"state", order.approves ? "approved" : "rejected"},
                       {"comment", order.comment.trimmed().toStdString()}};
    PlanStep step = startedStep(client, errand, GitHubClient::runPath(run.run.ref) + "/pending_deployments", body);
    step.title = order.approves ? GitHubText::tr("Approve %1 of %2").arg(environment, shownRun(run))
                                : GitHubText::tr("Reject %1 of %2").arg(environment, shownRun(run));
    step.diff = {{DiffLine::Kind::Removed, plan.from},
                 {DiffLine::Kind::Added, plan.to},
                 {DiffLine::Kind::Note, order.comment.trimmed()}};
    step.precondition = GitHubText::tr("only if nobody decided it meanwhile");
    plan.steps = {step};
    const bool may = !pending || pending->mayApprove.value_or(true);
    const QString who = since.isEmpty() ? QString() : since.constFirst().who;
    plan.checks = {check(CheckId::Rights, may,
                         may ? GitHubText::tr("GitHub lets the token's user decide")
                             : GitHubText::tr("GitHub does not let the token's user decide"),
                         order.gate.whyNot.isEmpty() ? GitHubText::tr("Ask one of the reviewers.") : order.gate.whyNot),
                   freshCheck(),
                   check(CheckId::TargetExists, run.run.attempt == errand.attempt,
                         run.run.attempt == errand.attempt
                             ? GitHubText::tr("Attempt %1 is the last").arg(errand.attempt)
                             : GitHubText::tr("It was run again meanwhile")),
                   check(CheckId::SameState, pending.has_value(),
                         pending         ? GitHubText::tr("It still waits")
                         : who.isEmpty() ? GitHubText::tr("It no longer waits")
                                         : GitHubText::tr("%1 was faster: %2").arg(who, since.constFirst().state),
                         GitHubText::tr("Look at the run."))};
    return plan;
}

} // namespace

QFuture<Result<Plan>> planRun(GitHubClient &client, const RunOrder &order, const StopToken &stop)
{
    GitHubClient *from = &client;
    if (order.kind != RunOrder::Kind::Trigger && !order.run)
        return ready(Result<Plan>(invalid(GitHubText::tr("It was not said which run is meant."))));
    return after(from, client.repository(order.pipeline.project, stop), [=](const Repository &repository) {
        return after(from, from->login(stop), [=](const QString &who) {
            if (order.kind == RunOrder::Kind::Trigger)
                return planTrigger(*from, order, repository, who, stop);
            return after(from, from->run(order.run->ref, stop), [=](const RunSaid &run) {
                return after(from, withTags(*from, {run}, stop), [=](const QList<RunSaid> &same) {
                    return planOfRun(*from, order, repository, same.constFirst(), who, stop);
                });
            });
        });
    });
}

QFuture<Result<Plan>> planGate(GitHubClient &client, const GateOrder &order, const StopToken &stop)
{
    const auto id = GateId::of(order.gate.id);
    if (!id)
        return ready(Result<Plan>(invalid(GitHubText::tr("This is no gate of GitHub: %1.").arg(order.gate.id))));
    if (order.comment.trimmed().isEmpty())
        return ready(Result<Plan>(invalid(GitHubText::tr("GitHub takes no decision without a comment. Write one."))));
    GitHubClient *from = &client;
    const RunRef ref = order.gate.run;
    return after(from, client.run(ref, stop), [=](const RunSaid &run) {
        return after(from, from->pending(ref, stop), [=](const QList<Pending> &pending) {
            return after(from, from->reviews(ref, stop), [=](const QList<Review> &reviews) {
                return after(from, from->login(stop), [=](const QString &who) {
                    Errand errand;
                    errand.kind = Errand::Kind::Gate;
                    errand.project = ref.pipeline.project;
                    errand.pipeline = ref.pipeline.pipeline;
                    errand.run = ref.id;
                    errand.attempt = id->attempt;
                    errand.who = who;
                    errand.gate = id->environment;
                    errand.title = order.gate.environment;
                    errand.approves = order.approves;
                    const auto found = std::find_if(pending.begin(), pending.end(), [&](const Pending &one) {
                        return one.environmentId == errand.gate;
                    });
                    const auto now = found == pending.end() ? std::nullopt : std::optional(*found);
                    // While it waits, all that is listed is of earlier attempts; else what the operator did not see is
                    // new.
                    if (now) {
                        for (const Review &one : newReviews(errand, reviews))
                            errand.before.append(one.who + u'|' + one.state);
                    } else {
                        for (const GateDecision &one : order.gate.given)
                            errand.before.append(one.who + QLatin1String(one.approves ? "|approved" : "|rejected"));
                    }
                    const QList<Review> since = newReviews(errand, reviews);
                    return ready(Result<Plan>(gatePlan(*from, order, run, errand, now, since)));
                });
            });
        });
    });
}

} // namespace signalbox::github
