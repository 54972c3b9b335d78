#include "services/adapters/travis/travisplan.h"

#include "models/domain/ulid.h"
#include "services/adapters/travis/travisjson.h"
#include "services/adapters/travis/travisreads.h"
#include "services/adapters/travis/travistext.h"

#include <algorithm>
#include <array>

namespace signalbox::travis
{

namespace
{

constexpr std::array<std::pair<Expected::Kind, const char *>, 3> kindNames{
    {{Expected::Kind::Restarted, "travis-restarted"},
     {Expected::Kind::Cancelled, "travis-cancelled"},
     {Expected::Kind::Started, "travis-started"}}};

constexpr auto soon = std::chrono::minutes(3);      // until a restart or an end is seen
constexpr auto asRequest = std::chrono::minutes(5); // until a build request became a build

std::string utf8(const QString &text)
{
    return text.toStdString();
}

std::string utf8(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs).toStdString() : std::string();
}

Plan startedPlan(const RunOrder &order, const QString &slug)
{
    Plan plan;
    plan.id = newUlid();
    plan.application = order.application.isEmpty() ? slug : order.application;
    plan.environment = QStringLiteral("pipelines");
    plan.connection = order.pipeline.connection;
    plan.ns = slug;
    plan.isProtected = order.isProtected;
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    return plan;
}

Check freshlyRead(const QString &host)
{
    return {CheckId::Freshness, CheckState::Pass, TravisText::tr("Read from %1 just now").arg(host), {}, {}};
}

Check isThere(const QString &text)
{
    return {CheckId::TargetExists, CheckState::Pass, text, {}, {}};
}

// As the resource's @permissions say.
Check rightsOf(std::optional<bool> may, const QString &slug)
{
    if (!may)
        return {
            CheckId::Rights, CheckState::Warn, TravisText::tr("Travis CI does not say what this token may do"), {}, {}};
    if (*may)
        return {CheckId::Rights, CheckState::Pass, TravisText::tr("Travis CI says that this token may"), {}, {}};
    return {CheckId::Rights,
            CheckState::Block,
            TravisText::tr("This token may not change builds of %1").arg(slug),
            {},
            TravisText::tr("Ask who administers the repository for write access.")};
}

Check stateChanges(bool does, const QString &text, const QString &wayOut)
{
    return {CheckId::SameState, does ? CheckState::Pass : CheckState::Block, text, {}, does ? QString() : wayOut};
}

QString runText(const Run &run)
{
    const QString branch = run.tag.isEmpty() ? run.branch : run.tag;
    return branch.isEmpty() ? TravisText::tr("run %1").arg(run.number)
                            : TravisText::tr("run %1 of %2").arg(run.number, branch);
}

PlanStep postStep(const QString &id, const QString &connection, const QString &path)
{
    PlanStep step;
    step.id = id;
    step.call = {connection, QStringLiteral("POST"), path, QStringLiteral("application/json"), {}};
    step.deadline = soon;
    return step;
}

QString pathOf(const char *kind, const QString &id, const char *action)
{
    return QStringLiteral("/%1/%2/%3")
        .arg(QLatin1String(kind), QString::fromLatin1(pathPart(id)), QLatin1String(action));
}

Expected expectedFor(const BuildAnswer &build, Expected::Kind kind)
{
    Expected expected;
    expected.kind = kind;
    expected.slug = build.slug;
    expected.build = build.run.ref.id;
    expected.number = build.run.number;
    expected.startedAt = build.run.startedAt;
    return expected;
}

QList<PlanStep> restartSteps(const BuildAnswer &build, const QList<JobAnswer> &chosen, bool isWhole)
{
    const QString &connection = build.run.ref.pipeline.connection;
    const QString through = TravisText::tr("Travis CI %1").arg(build.slug);
    if (isWhole) {
        PlanStep step = postStep(QStringLiteral("1"), connection, pathOf("build", build.run.ref.id, "restart"));
        step.title = TravisText::tr("Restart %1").arg(runText(build.run));
        step.through = through;
        step.precondition = TravisText::tr("only if nobody restarted it since it was read");
        step.expectation = toExpectation(expectedFor(build, Expected::Kind::Restarted), connection);
        return {step};
    }
    QList<PlanStep> steps;
    for (const JobAnswer &one : chosen) {
        PlanStep step = postStep(QString::number(steps.size() + 1), connection, pathOf("job", one.job.id, "restart"));
        step.title = TravisText::tr("Restart the job %1 of %2").arg(one.job.name, runText(build.run));
        step.through = through;
        step.precondition = TravisText::tr("only if nobody restarted it since it was read");
        Expected expected = expectedFor(build, Expected::Kind::Restarted);
        expected.job = one.job.id;
        expected.startedAt = one.job.startedAt;
        expected.restartedAt = one.restartedAt;
        step.expectation = toExpectation(expected, connection);
        steps.append(step);
    }
    return steps;
}

// One job that ended, whatever becomes of the others (developer.travis-ci.com, resource job, action restart).
Result<Plan> jobPlan(const RunOrder &order, const BuildAnswer &build, const QList<JobAnswer> &jobs, const QString &host)
{
    const auto one =
        std::find_if(jobs.cbegin(), jobs.cend(), [&order](const JobAnswer &job) { return job.job.id == order.job; });
    if (one == jobs.cend())
        return Error{ErrorKind::NotFound, TravisText::tr("%1 has no job %2.").arg(runText(build.run), order.job), {}};
    const bool canGoAgain = mayGoAgain(*one);
    const QString state = runStateLabel(one->job.state);
    Plan plan = startedPlan(order, build.slug);
    plan.kind = OperationKind::RerunRun;
    plan.from = QStringLiteral("%1: %2").arg(one->job.name, state);
    plan.to = TravisText::tr("%1 of %2 again").arg(one->job.name, runText(build.run));
    plan.fromHash = plan.toHash = build.run.commit;
    plan.effect = TravisText::tr("%n job(s) run again; their logs begin anew", nullptr, 1);
    plan.steps = restartSteps(build, {*one}, false);
    plan.checks = {freshlyRead(host), isThere(TravisText::tr("%1 is there").arg(one->job.name)),
                   rightsOf(one->mayRestart ? one->mayRestart : build.mayRestart, build.slug),
                   stateChanges(canGoAgain,
                                canGoAgain ? TravisText::tr("It has ended: %1").arg(state)
                                           : TravisText::tr("It has not run, or not ended: %1").arg(state),
                                TravisText::tr("Wait for its end, or restart the whole run."))};
    return plan;
}

} // namespace

Expectation toExpectation(const Expected &expected, const QString &connection)
{
    Expectation made;
    for (const auto &[kind, name] : kindNames) {
        if (kind == expected.kind)
            made.kind = QLatin1String(name);
    }
    made.object.connection = connection;
    made.object.kind = QStringLiteral("Build");
    made.object.ns = expected.slug;
    made.object.name = expected.number;
    made.object.uid = expected.build;
    const Json json{{"slug", utf8(expected.slug)},           {"build", utf8(expected.build)},
                    {"number", utf8(expected.number)},       {"job", utf8(expected.job)},
                    {"startedAt", utf8(expected.startedAt)}, {"restartedAt", utf8(expected.restartedAt)},
                    {"branch", utf8(expected.branch)},       {"mark", utf8(expected.mark)},
                    {"since", utf8(expected.since)}};
    made.data = QByteArray::fromStdString(json.dump());
    return made;
}

std::optional<Expected> expectedOf(const PlanStep &step)
{
    Expected expected;
    const auto *const known = std::find_if(kindNames.begin(), kindNames.end(), [&step](const auto &one) {
        return step.expectation.kind == QLatin1String(one.second);
    });
    const auto json = parsed(step.expectation.data);
    if (known == kindNames.end() || !json)
        return std::nullopt;
    expected.kind = known->first;
    expected.slug = textAt(*json, "slug");
    expected.build = textAt(*json, "build");
    expected.number = textAt(*json, "number");
    expected.job = textAt(*json, "job");
    expected.startedAt = timeAt(*json, "startedAt");
    expected.restartedAt = timeAt(*json, "restartedAt");
    expected.branch = textAt(*json, "branch");
    expected.mark = textAt(*json, "mark");
    expected.since = timeAt(*json, "since");
    return expected;
}

Result<Plan> rerunPlan(const RunOrder &order, const RunDetail &seen, const BuildAnswer &build,
                       const QList<JobAnswer> &jobs, const QString &host)
{
    const bool isWhole = order.kind == RunOrder::Kind::Rerun;
    if (isWhole && !order.job.isEmpty())
        return jobPlan(order, build, jobs, host);
    const QList<JobAnswer> failed = failedJobs(jobs);
    const bool hasEnded = isEnded(build.run.state);
    if (!isWhole && failed.isEmpty())
        return Error{ErrorKind::Invalid, TravisText::tr("No job of %1 failed.").arg(runText(build.run)), {}};
    if (!isWhole && failed.size() > mostRestarts)
        return Error{ErrorKind::Unsupported, seen.whyNot, {}};
    Plan plan = startedPlan(order, build.slug);
    plan.kind = OperationKind::RerunRun;
    plan.from = runStateLabel(build.run.state);
    plan.to = TravisText::tr("a new attempt of %1").arg(runText(build.run));
    plan.fromHash = plan.toHash = build.run.commit;
    const int count = static_cast<int>(isWhole ? jobs.size() : failed.size());
    plan.effect = TravisText::tr("%n job(s) run again; their logs begin anew", nullptr, count);
    plan.steps = restartSteps(build, failed, isWhole);
    plan.checks = {freshlyRead(host), isThere(TravisText::tr("%1 is there").arg(runText(build.run))),
                   rightsOf(build.mayRestart, build.slug),
                   stateChanges(hasEnded,
                                hasEnded ? TravisText::tr("It has ended: %1").arg(runStateLabel(build.run.state))
                                         : TravisText::tr("It has not ended: %1").arg(runStateLabel(build.run.state)),
                                TravisText::tr("Wait for its end, or cancel it."))};
    return plan;
}

Plan cancelPlan(const RunOrder &order, const RunDetail &seen, const BuildAnswer &build, const QString &host)
{
    const bool hasEnded = isEnded(build.run.state);
    const auto open =
        std::count_if(seen.jobs.cbegin(), seen.jobs.cend(), [](const Job &job) { return !isEnded(job.state); });
    Plan plan = startedPlan(order, build.slug);
    plan.kind = OperationKind::CancelRun;
    plan.direction = Direction::Back;
    plan.from = runStateLabel(build.run.state);
    plan.to = runStateLabel(RunState::Cancelled);
    plan.fromHash = plan.toHash = build.run.commit;
    plan.effect = TravisText::tr("%n job(s) of %1 stop", nullptr, static_cast<int>(open)).arg(runText(build.run));
    PlanStep step =
        postStep(QStringLiteral("1"), build.run.ref.pipeline.connection, pathOf("build", build.run.ref.id, "cancel"));
    step.title = TravisText::tr("Cancel %1").arg(runText(build.run));
    step.through = TravisText::tr("Travis CI %1").arg(build.slug);
    step.precondition = TravisText::tr("only if it has not ended");
    step.expectation = toExpectation(expectedFor(build, Expected::Kind::Cancelled), step.call.connection);
    plan.steps = {step};
    plan.checks = {freshlyRead(host), isThere(TravisText::tr("%1 is there").arg(runText(build.run))),
                   rightsOf(build.mayCancel, build.slug),
                   stateChanges(!hasEnded,
                                hasEnded ? TravisText::tr("It has ended: %1").arg(runStateLabel(build.run.state))
                                         : TravisText::tr("It has not ended: %1").arg(runStateLabel(build.run.state)),
                                TravisText::tr("There is nothing left to cancel."))};
    return plan;
}

Result<Plan> triggerPlan(const RunOrder &order, const Pipeline &pipeline, const QString &host)
{
    if (!order.parameters.isEmpty())
        return Error{ErrorKind::Unsupported,
                     TravisText::tr("Travis CI asks for no parameters when a build is started: %1 cannot be passed on.")
                         .arg(QStringList(order.parameters.keys()).join(QStringLiteral(", "))),
                     {}};
    const QString &slug = pipeline.ref.project;
    const QString branch = order.branch.isEmpty() ? pipeline.defaultBranch : order.branch;
    if (branch.isEmpty())
        return Error{ErrorKind::Invalid, TravisText::tr("A branch of %1 is needed.").arg(slug), {}};
    Plan plan = startedPlan(order, slug);
    plan.kind = OperationKind::TriggerRun;
    plan.from = branch;
    plan.to = TravisText::tr("a new run of %1").arg(branch);
    plan.effect = TravisText::tr("Travis CI builds the newest commit of %1 in %2").arg(branch, slug);

    Expected expected;
    expected.kind = Expected::Kind::Started;
    expected.slug = slug;
    expected.branch = branch;
    expected.mark = QStringLiteral("[%1]").arg(plan.id);
    expected.since = plan.plannedAt;
    // The message stands in for the commit's: by its end the new build is found again, whoever else starts one.
    const QString message =
        (order.reason.isEmpty() ? TravisText::tr("Started from Signalbox") : order.reason) + u' ' + expected.mark;
    const Json body{{"request", {{"branch", utf8(branch)}, {"message", utf8(message)}}}};
    PlanStep step = postStep(QStringLiteral("1"), order.pipeline.connection,
                             QStringLiteral("/repo/%1/requests").arg(QString::fromLatin1(pathPart(slug))));
    step.call.body = QByteArray::fromStdString(body.dump());
    step.title = TravisText::tr("Start a run of %1").arg(branch);
    step.through = TravisText::tr("Travis CI %1").arg(slug);
    step.diff = {{DiffLine::Kind::Added, QStringLiteral("branch: ") + branch},
                 {DiffLine::Kind::Added, QStringLiteral("message: ") + message}};
    step.deadline = asRequest;
    step.expectation = toExpectation(expected, order.pipeline.connection);
    plan.steps = {step};
    plan.checks = {freshlyRead(host),
                   pipeline.isEnabled ? isThere(TravisText::tr("%1 is there and switched on").arg(slug))
                                      : Check{CheckId::TargetExists,
                                              CheckState::Block,
                                              pipeline.whyNotTrigger,
                                              {},
                                              TravisText::tr("Switch the repository on at Travis CI.")},
                   rightsOf(pipeline.isEnabled ? pipeline.canTrigger : std::optional<bool>(), slug),
                   stateChanges(true, TravisText::tr("A run of its own begins"), {})};
    return plan;
}

} // namespace signalbox::travis
