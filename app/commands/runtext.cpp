#include "app/commands/runtext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/render.h"
#include "models/domain/duration.h"
#include "models/domain/sharetext.h"
#include "models/pipelines/runhistory.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

struct RunCommandText
{
    Q_DECLARE_TR_FUNCTIONS(RunCommand)
};

constexpr qsizetype shownFailures = 20;

QString signOf(RunState state)
{
    switch (state) {
    case RunState::Passed:
        return QStringLiteral("●");
    case RunState::Unstable:
        return QStringLiteral("▲");
    case RunState::Failed:
        return QStringLiteral("✖");
    case RunState::Queued:
    case RunState::Running:
        return QStringLiteral("◐");
    case RunState::Waiting:
        return QStringLiteral("‖");
    case RunState::NotStarted:
    case RunState::Cancelled:
    case RunState::Skipped:
        return QStringLiteral("○");
    case RunState::Unknown:
        break;
    }
    return QStringLiteral("◌");
}

QString stateText(RunState state)
{
    return signOf(state) + u' ' + runStateLabel(state);
}

// "acme/cart release"; a Jenkins branch's encoded name as people write it, and no title that says the same again.
QString nameOf(const Pipeline &pipeline)
{
    const QString project = QUrl::fromPercentEncoding(pipeline.ref.project.toUtf8());
    QString title = pipeline.title;
    title.replace(QStringLiteral(" / "), QStringLiteral("/"));
    return project.endsWith(title) ? project : project + u' ' + pipeline.title;
}

QString tookText(const std::optional<std::chrono::milliseconds> &took)
{
    return took ? durationText(std::chrono::duration_cast<std::chrono::seconds>(*took)) : QStringLiteral("-");
}

QString refText(const Run &run)
{
    return !run.tag.isEmpty() ? run.tag : run.branch.isEmpty() ? QStringLiteral("-") : run.branch;
}

std::optional<std::chrono::milliseconds> tookOf(const QDateTime &from, const QDateTime &to, const QDateTime &now)
{
    if (!from.isValid())
        return std::nullopt;
    return std::chrono::milliseconds(std::max<qint64>(from.msecsTo(to.isValid() ? to : now), 0));
}

Json msOrNull(const std::optional<std::chrono::milliseconds> &value)
{
    return value ? Json(value->count()) : Json(nullptr);
}

Json pipelineJson(const FoundPipeline &of)
{
    return {{"connection", utf8(of.pipeline.ref.connection)},
            {"vendor", utf8(of.pipeline.vendor)},
            {"project", utf8(of.pipeline.ref.project)},
            {"pipeline", orNull(of.pipeline.ref.pipeline)},
            {"title", utf8(of.pipeline.title)},
            {"application", orNull(of.application)}};
}

Json runFields(const Run &run, const QDateTime &now)
{
    return {{"id", utf8(run.ref.id)},
            {"number", utf8(run.number)},
            {"attempt", run.attempt},
            {"title", utf8(run.title)},
            {"state", utf8(runStateName(run.state))},
            {"reason", orNull(run.reason)},
            {"trigger",
             {{"kind", utf8(triggerKindName(run.trigger.kind))},
              {"who", orNull(run.trigger.who)},
              {"why", orNull(run.trigger.why)},
              {"cron", orNull(run.trigger.cron)}}},
            {"branch", orNull(run.branch)},
            {"tag", orNull(run.tag)},
            {"commit", orNull(run.commit)},
            {"createdAt", orNull(run.createdAt)},
            {"startedAt", orNull(run.startedAt)},
            {"finishedAt", orNull(run.finishedAt)},
            {"durationMs", msOrNull(duration(run, now))},
            {"queueMs", msOrNull(queueTime(run))},
            {"estimateMs", msOrNull(run.estimate)},
            {"page", orNull(run.page.toString())}};
}

Json jobJson(const Job &job)
{
    Json steps = Json::array();
    for (const JobStep &step : job.steps)
        steps.push_back({{"id", orNull(step.id)},
                         {"name", utf8(step.name)},
                         {"state", utf8(runStateName(step.state))},
                         {"startedAt", orNull(step.startedAt)},
                         {"finishedAt", orNull(step.finishedAt)}});
    return {{"id", utf8(job.id)},
            {"name", utf8(job.name)},
            {"stage", orNull(job.stage)},
            {"needs", listJson(job.needs)},
            {"state", utf8(runStateName(job.state))},
            {"reason", orNull(job.reason)},
            {"mayFail", job.mayFail},
            {"hasLog", job.hasLog},
            {"startedAt", orNull(job.startedAt)},
            {"finishedAt", orNull(job.finishedAt)},
            {"runner", orNull(job.runner)},
            {"environment", orNull(job.environment)},
            {"steps", steps},
            {"downstream", job.downstream ? Json{{"connection", utf8(job.downstream->pipeline.connection)},
                                                 {"project", utf8(job.downstream->pipeline.project)},
                                                 {"pipeline", orNull(job.downstream->pipeline.pipeline)},
                                                 {"id", utf8(job.downstream->id)}}
                                          : Json(nullptr)}};
}

QString levelName(RunAnnotation::Level level)
{
    switch (level) {
    case RunAnnotation::Level::Notice:
        return QStringLiteral("notice");
    case RunAnnotation::Level::Warning:
        return QStringLiteral("warning");
    case RunAnnotation::Level::Failure:
        break;
    }
    return QStringLiteral("failure");
}

Json annotationJson(const RunAnnotation &one)
{
    return {{"level", utf8(levelName(one.level))},
            {"job", orNull(one.job)},
            {"title", orNull(one.title)},
            {"text", utf8(one.text)},
            {"file", orNull(one.file)},
            {"line", one.line > 0 ? Json(one.line) : Json(nullptr)}};
}

// Where coverage alone was reported: 0 tests would be a number that nobody told.
bool isWithoutTests(const TestReport &tests)
{
    return tests.passed + tests.failed + tests.skipped == 0 && tests.cases.isEmpty();
}

Json testsJson(const TestReport &tests)
{
    Json failures = Json::array();
    for (const TestCase &one : tests.cases) {
        if (one.state == TestCase::State::Failed)
            failures.push_back({{"suite", utf8(one.suite)},
                                {"name", utf8(one.name)},
                                {"tookMs", one.took.count()},
                                {"message", utf8(one.message)}});
    }
    const auto count = [isNone = isWithoutTests(tests)](int told) { return isNone ? Json(nullptr) : Json(told); };
    return {{"passed", count(tests.passed)},
            {"failed", count(tests.failed)},
            {"skipped", count(tests.skipped)},
            {"coveragePercent", tests.coverage ? Json(*tests.coverage) : Json(nullptr)},
            {"failures", failures}};
}

QString jobName(const RunDetail &detail, const QString &id)
{
    const auto found =
        std::find_if(detail.jobs.cbegin(), detail.jobs.cend(), [&](const Job &job) { return job.id == id; });
    return found == detail.jobs.cend() ? id : found->name;
}

// "approved by dev-a (production), 2026-03-01 08:30:00"
QString decisionText(const RunDecision &one)
{
    QString text = (one.approves ? RunCommandText::tr("approved by %1") : RunCommandText::tr("rejected by %1"))
                       .arg(one.who.isEmpty() ? RunCommandText::tr("somebody") : one.who);
    if (!one.environment.isEmpty())
        text += QStringLiteral(" (%1)").arg(one.environment);
    return one.at.isValid() ? text + QStringLiteral(", ") + utcText(one.at) : text;
}

struct Usual
{
    std::optional<std::chrono::milliseconds> whole;
    std::optional<runs::Remaining> left; // none: it does not go on, or waits for people: nobody knows how long
};

Usual usualOf(const RunReport &report)
{
    const Run &run = report.detail.run;
    Usual usual;
    usual.left = runs::remaining(run, report.past, report.detail.readAt);
    if (usual.left)
        usual.whole = usual.left->usual;
    else if (isEnded(run.state))
        usual.whole = runs::usualTimes(report.past, run.branch).duration;
    if (run.state == RunState::Waiting)
        usual.left.reset();
    return usual;
}

QString usualText(const Usual &usual)
{
    if (!usual.whole)
        return {};
    const QString whole = runs::spanText(*usual.whole);
    return usual.left ? whole + QStringLiteral(", ") + runs::remainingText(*usual.left) : whole;
}

QString testsText(const RunReport &report)
{
    if (!report.tests)
        return report.noTests.isEmpty() ? QString() : RunCommandText::tr("tests: %1").arg(report.noTests) + u'\n';
    const TestReport &tests = *report.tests;
    QString text = isWithoutTests(tests) ? RunCommandText::tr("tests: none reported")
                                         : RunCommandText::tr("tests: %1 passed, %2 failed, %3 skipped")
                                               .arg(tests.passed)
                                               .arg(tests.failed)
                                               .arg(tests.skipped);
    if (tests.coverage)
        text += RunCommandText::tr("; coverage %1").arg(shareText(*tests.coverage / 100, 1));
    text += u'\n';
    if (!tests.note.isEmpty())
        text += QStringLiteral("  ") + tests.note + u'\n';
    qsizetype shown = 0;
    for (const TestCase &one : tests.cases) {
        if (one.state != TestCase::State::Failed)
            continue;
        if (++shown > shownFailures) {
            text += RunCommandText::tr("  and %1 more").arg(tests.failed - shownFailures) + u'\n';
            break;
        }
        const QString message = one.message.section(u'\n', 0, 0).simplified().left(160);
        text += QStringLiteral("  ✖ %1%2\n")
                    .arg(one.suite.isEmpty() ? one.name : one.suite + QStringLiteral("::") + one.name,
                         message.isEmpty() ? QString() : QStringLiteral(": ") + message);
    }
    return text;
}

} // namespace

QString noRunsText(const QString &branch, bool isComplete)
{
    if (!isComplete)
        return RunCommandText::tr("Not everything could be read: whether there are runs is not known.") + u'\n';
    return (branch.isEmpty() ? RunCommandText::tr("There is no run.")
                             : RunCommandText::tr("There is no run of the branch \"%1\".").arg(branch)) +
           u'\n';
}

QString runsText(const QList<ListedRun> &runs, const QDateTime &readAt)
{
    QList<QStringList> rows{{RunCommandText::tr("STATE"), RunCommandText::tr("PIPELINE"), RunCommandText::tr("RUN"),
                             RunCommandText::tr("REF"), RunCommandText::tr("COMMIT"), RunCommandText::tr("STARTED"),
                             RunCommandText::tr("TOOK"), RunCommandText::tr("TRIGGER")}};
    for (const ListedRun &one : runs) {
        rows.append({stateText(one.run.state), nameOf(one.of.pipeline),
                     one.run.number + (one.run.attempt > 1 ? QStringLiteral(".%1").arg(one.run.attempt) : QString()),
                     refText(one.run), one.run.commit.isEmpty() ? QStringLiteral("-") : one.run.commit.left(7),
                     one.run.startedAt.isValid() ? utcText(one.run.startedAt) : QStringLiteral("-"),
                     tookText(duration(one.run, readAt)), triggerText(one.run.trigger)});
    }
    return tableText(rows);
}

QString runsJson(const QList<ListedRun> &runs, const QList<std::pair<QString, Error>> &problems,
                 const QDateTime &readAt, ExitStatus status)
{
    Json list = Json::array();
    for (const ListedRun &one : runs) {
        Json fields = pipelineJson(one.of);
        fields.update(runFields(one.run, readAt));
        list.push_back(std::move(fields));
    }
    Json failed = Json::array();
    for (const auto &[connection, error] : problems)
        failed.push_back({{"connection", utf8(connection)},
                          {"kind", utf8(errorKindName(error.kind))},
                          {"message", utf8(error.message)}});
    return document({{"schema", "signalbox.runs/1"},
                     {"exitStatus", static_cast<int>(status)},
                     {"readAt", orNull(readAt)},
                     {"complete", problems.isEmpty()},
                     {"problems", failed},
                     {"runs", list}});
}

QString runText(const RunReport &report)
{
    const RunDetail &detail = report.detail;
    const Run &run = detail.run;
    QString text = QStringLiteral("%1 %2  %3\n").arg(nameOf(report.of.pipeline), run.number, stateText(run.state));
    QList<QStringList> facts;
    const auto fact = [&facts](const QString &name, const QString &value) {
        if (!value.isEmpty() && value != QLatin1String("-"))
            facts.append({QStringLiteral("  ") + name, value});
    };
    fact(RunCommandText::tr("title"), run.title);
    fact(RunCommandText::tr("reason"), run.reason);
    fact(RunCommandText::tr("ref"), refText(run));
    fact(RunCommandText::tr("commit"), run.commit);
    fact(RunCommandText::tr("trigger"), triggerText(run.trigger));
    fact(RunCommandText::tr("created"), utcText(run.createdAt));
    fact(RunCommandText::tr("started"), utcText(run.startedAt));
    fact(RunCommandText::tr("finished"), utcText(run.finishedAt));
    fact(RunCommandText::tr("queued"), tookText(queueTime(run)));
    fact(RunCommandText::tr("took"), tookText(duration(run, detail.readAt)));
    fact(RunCommandText::tr("usually"), usualText(usualOf(report)));
    if (isEarlierAttempt(detail))
        fact(RunCommandText::tr("attempt"),
             RunCommandText::tr("%1 of %2: an earlier one, as it ended").arg(run.attempt).arg(detail.attempts));
    else if (run.attempt > 1)
        fact(RunCommandText::tr("attempt"), QString::number(run.attempt));
    fact(RunCommandText::tr("made"), detail.releases.join(QStringLiteral(", ")));
    fact(RunCommandText::tr("page"), run.page.toString());
    text += tableText(facts) + u'\n';
    QList<QStringList> rows{{RunCommandText::tr("STATE"), RunCommandText::tr("STAGE"), RunCommandText::tr("JOB"),
                             RunCommandText::tr("TOOK"), RunCommandText::tr("NEEDS")}};
    for (const Job &job : detail.jobs) {
        QStringList needs;
        for (const QString &need : job.needs)
            needs.append(jobName(detail, need));
        rows.append({stateText(job.state), job.stage.isEmpty() ? QStringLiteral("-") : job.stage, job.name,
                     tookText(tookOf(job.startedAt, job.finishedAt, detail.readAt)),
                     needs.isEmpty() ? QStringLiteral("-") : needs.join(QStringLiteral(", "))});
    }
    if (!detail.jobs.isEmpty())
        text += tableText(rows);
    for (const Job &job : detail.jobs) {
        if (job.downstream)
            text += RunCommandText::tr("%1 started run %2 of %3")
                        .arg(job.name, job.downstream->id,
                             QUrl::fromPercentEncoding(job.downstream->pipeline.project.toUtf8())) +
                    u'\n';
    }
    for (const RunDecision &one : detail.decisions)
        text += decisionText(one) + u'\n';
    for (const QString &note : {detail.graphNote, detail.note}) {
        if (!note.isEmpty())
            text += note + u'\n';
    }
    for (const RunAnnotation &one : detail.annotations) {
        const QString place = one.file.isEmpty() ? QString()
                              : one.line > 0     ? QStringLiteral("%1:%2: ").arg(one.file).arg(one.line)
                                                 : one.file + QStringLiteral(": ");
        text += QStringLiteral("%1 %2%3\n")
                    .arg(one.level == RunAnnotation::Level::Failure   ? QStringLiteral("✖")
                         : one.level == RunAnnotation::Level::Warning ? QStringLiteral("▲")
                                                                      : QStringLiteral("○"),
                         place, one.text.simplified().left(300));
    }
    if (!detail.artifacts.isEmpty()) {
        QStringList names;
        for (const RunArtifact &one : detail.artifacts)
            names.append(one.name);
        text += RunCommandText::tr("artifacts: %1").arg(names.join(QStringLiteral(", "))) + u'\n';
    }
    return text + testsText(report) + RunCommandText::tr("read at %1").arg(utcText(detail.readAt)) + u'\n';
}

QString runJson(const RunReport &report)
{
    const RunDetail &detail = report.detail;
    Json jobs = Json::array();
    for (const Job &job : detail.jobs)
        jobs.push_back(jobJson(job));
    Json artifacts = Json::array();
    for (const RunArtifact &one : detail.artifacts)
        artifacts.push_back({{"name", utf8(one.name)},
                             {"bytes", one.bytes < 0 ? Json(nullptr) : Json(one.bytes)},
                             {"digest", orNull(one.digest)},
                             {"expiresAt", orNull(one.expiresAt)}});
    Json annotations = Json::array();
    for (const RunAnnotation &one : detail.annotations)
        annotations.push_back(annotationJson(one));
    Json decisions = Json::array();
    for (const RunDecision &one : detail.decisions)
        decisions.push_back({{"who", orNull(one.who)},
                             {"approves", one.approves},
                             {"environment", orNull(one.environment)},
                             {"at", orNull(one.at)}});
    const Usual usual = usualOf(report);
    Json json{{"schema", "signalbox.run/1"}, {"readAt", orNull(detail.readAt)}};
    json.update(pipelineJson(report.of));
    json.update(runFields(detail.run, detail.readAt));
    json.update(Json{{"canRerun", detail.canRerun},
                     {"canRerunFailed", detail.canRerunFailed},
                     {"canRerunJob", detail.canRerunJob},
                     {"canCancel", detail.canCancel},
                     {"attempts", detail.attempts},
                     {"graphNote", orNull(detail.graphNote)},
                     {"note", orNull(detail.note)},
                     {"releases", listJson(detail.releases)},
                     {"jobs", jobs},
                     {"artifacts", artifacts},
                     {"decisions", decisions},
                     {"annotations", annotations},
                     {"tests", report.tests ? testsJson(*report.tests) : Json(nullptr)},
                     {"noTests", orNull(report.noTests)},
                     {"usualMs", usual.whole ? Json(usual.whole->count()) : Json(nullptr)},
                     {"leftMs", usual.left ? Json(usual.left->left.count()) : Json(nullptr)}});
    return document(json);
}

ExitStatus runStatus(const RunReport &report)
{
    return report.testsError ? exitStatusOf(report.testsError->kind) : ExitStatus::Done;
}

Error toldEnd(const Error &error, bool wasFollowed)
{
    Error told = error;
    if (error.kind == ErrorKind::NotFound && wasFollowed)
        told.message += u' ' + CommandsText::tr("Its log ends here: the run was deleted, or hidden from us, while it "
                                                "was followed.");
    if (error.kind == ErrorKind::RateLimited)
        told.message += u' ' + (error.retryAfter.count() > 0
                                    ? CommandsText::tr("This command does not wait: give it again in %1.")
                                          .arg(runs::spanText(error.retryAfter))
                                    : CommandsText::tr("This command does not wait: give it again in some minutes."));
    return told;
}

} // namespace signalbox::commands
