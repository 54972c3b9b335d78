#include "services/adapters/gitlab/gitlabanswer.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <QHash>

#include <algorithm>
#include <cmath>

namespace signalbox::gitlab
{

namespace
{

using Json = nlohmann::json;

const Json *memberOf(const Json &object, const char *key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && !found->is_null() ? &*found : nullptr;
}

QString textOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    return value && value->is_string() ? QString::fromStdString(value->get_ref<const std::string &>()) : QString();
}

// Numbers that the description calls texts are read as well.
qint64 numberOf(const Json &object, const char *key, qint64 otherwise = 0)
{
    const Json *value = memberOf(object, key);
    if (!value)
        return otherwise;
    if (value->is_number())
        return value->is_number_float() ? static_cast<qint64>(value->get<double>()) : value->get<qint64>();
    bool isNumber = false;
    const qint64 number = textOf(object, key).toLongLong(&isNumber);
    return isNumber ? number : otherwise;
}

std::optional<double> realOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    if (!value)
        return std::nullopt;
    if (value->is_number())
        return value->get<double>();
    bool isNumber = false; // "30.0": coverage of older servers
    const double number = textOf(object, key).toDouble(&isNumber);
    return isNumber ? std::optional(number) : std::nullopt;
}

std::optional<bool> flagOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    return value && value->is_boolean() ? std::optional(value->get<bool>()) : std::nullopt;
}

QDateTime timeOf(const Json &object, const char *key)
{
    const QString text = textOf(object, key);
    return text.isEmpty() ? QDateTime() : QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
}

// An address for a browser: nothing else is worth a click.
QUrl pageOf(const Json &object, const char *key = "web_url")
{
    const QUrl url(textOf(object, key), QUrl::StrictMode);
    return url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http") ? url : QUrl();
}

Json partOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    return value && value->is_object() ? *value : Json::object();
}

Error malformed(const QString &what, const QString &detail = {})
{
    return {ErrorKind::Protocol, GitLabText::tr("GitLab answered with something that is no %1.").arg(what), detail};
}

struct Missing
{
    const char *key;
};

qint64 idOf(const Json &object, const char *key = "id")
{
    const qint64 id = numberOf(object, key);
    if (id <= 0)
        throw Missing{key};
    return id;
}

// nlohmann's exceptions end here.
template <typename T, typename Read>
Result<T> readObject(const QByteArray &body, const QString &what, Read read)
{
    try {
        const Json json = Json::parse(body.constBegin(), body.constEnd());
        if (!json.is_object())
            return malformed(what);
        return read(json);
    } catch (const Json::exception &problem) {
        return malformed(what, QString::fromUtf8(problem.what()).left(200));
    } catch (const Missing &missing) {
        return malformed(what, QString::fromLatin1(missing.key));
    }
}

template <typename T, typename Read>
Result<QList<T>> readList(const QByteArray &body, const QString &what, Read read)
{
    try {
        const Json json = Json::parse(body.constBegin(), body.constEnd());
        if (!json.is_array())
            return malformed(what);
        QList<T> list;
        for (const Json &one : json)
            list.append(read(one));
        return list;
    } catch (const Json::exception &problem) {
        return malformed(what, QString::fromUtf8(problem.what()).left(200));
    } catch (const Missing &missing) {
        return malformed(what, QString::fromLatin1(missing.key));
    }
}

QString userOf(const Json &object, const char *key = "user")
{
    const Json user = partOf(object, key);
    const QString name = textOf(user, "username");
    return name.isEmpty() ? textOf(user, "name") : name;
}

Project projectFrom(const Json &json)
{
    Project project;
    project.id = idOf(json);
    project.path = textOf(json, "path_with_namespace");
    if (project.path.isEmpty())
        throw Missing{"path_with_namespace"};
    project.defaultBranch = textOf(json, "default_branch");
    project.page = pageOf(json);
    project.isArchived = flagOf(json, "archived").value_or(false);
    const QString builds = textOf(json, "builds_access_level");
    project.hasPipelines =
        builds.isEmpty() ? flagOf(json, "jobs_enabled").value_or(true) : builds != QLatin1String("disabled");
    const Json permissions = partOf(json, "permissions");
    for (const char *way : {"project_access", "group_access"}) {
        const qint64 level = numberOf(partOf(permissions, way), "access_level", -1);
        if (level >= 0)
            project.access = std::max(project.access.value_or(0), static_cast<int>(level));
    }
    project.mayStarterApprove = flagOf(json, "allow_pipeline_trigger_approve_deployment");
    return project;
}

RunTrigger triggerFrom(const QString &source, bool isTag, const QString &who)
{
    RunTrigger trigger;
    trigger.kind = triggerOf(source, isTag);
    trigger.who = who;
    trigger.why = source;
    return trigger;
}

PipelineAnswer pipelineFrom(const Json &json, const PipelineRef &pipeline)
{
    PipelineAnswer answer;
    answer.id = idOf(json);
    answer.projectId = numberOf(json, "project_id");
    answer.status = textOf(json, "status");
    answer.ref = textOf(json, "ref");
    answer.source = textOf(json, "source");
    answer.version = (answer.status + u'|' + textOf(json, "updated_at")).toUtf8();
    const Json detailed = partOf(json, "detailed_status");
    answer.isWhole = !detailed.empty();
    Run &run = answer.run;
    run.ref = {pipeline, QString::number(answer.id)};
    run.number = QString::number(answer.id); // what GitLab's pages show: "#47"
    run.title = textOf(json, "name");
    run.state = stateOf(answer.status);
    if (textOf(detailed, "group") ==
        QLatin1String("success-with-warnings")) { // lib/gitlab/ci/status/success_warning.rb
        run.state = RunState::Unstable;
        run.reason = textOf(detailed, "label");
    }
    const bool isTag = flagOf(json, "tag").value_or(false);
    run.trigger = triggerFrom(answer.source, isTag, userOf(json));
    (isTag ? run.tag : run.branch) = answer.ref;
    run.commit = textOf(json, "sha");
    run.createdAt = timeOf(json, "created_at");
    run.startedAt = timeOf(json, "started_at");
    run.finishedAt = timeOf(json, "finished_at");
    run.page = pageOf(json);
    answer.yamlErrors = textOf(json, "yaml_errors");
    if (run.reason.isEmpty())
        run.reason = answer.yamlErrors;
    answer.coverage = realOf(json, "coverage");
    return answer;
}

bool isShownArtifact(const QString &type)
{
    return type != QLatin1String("trace") && type != QLatin1String("metadata");
}

QList<RunArtifact> artifactsFrom(const Json &json, const QString &job, const QUrl &page)
{
    QList<RunArtifact> artifacts;
    const Json *list = memberOf(json, "artifacts");
    if (!list || !list->is_array())
        return artifacts;
    for (const Json &one : *list) {
        const QString type = textOf(one, "file_type");
        if (!isShownArtifact(type))
            continue;
        RunArtifact artifact;
        artifact.name = QStringLiteral("%1: %2").arg(job, textOf(one, "filename"));
        artifact.bytes = numberOf(one, "size", -1);
        artifact.expiresAt = timeOf(json, "artifacts_expire_at");
        if (page.isValid()) {
            artifact.page = page;
            artifact.page.setPath(page.path() + QStringLiteral("/artifacts/download"));
            artifact.page.setQuery(QStringLiteral("file_type=") + type);
        }
        artifacts.append(artifact);
    }
    return artifacts;
}

JobAnswer jobFrom(const Json &json)
{
    JobAnswer answer;
    answer.id = idOf(json);
    answer.status = textOf(json, "status");
    answer.user = userOf(json);
    answer.ref = textOf(json, "ref");
    const Json commit = partOf(json, "commit");
    answer.commit = textOf(commit, "id");
    answer.commitTitle = textOf(commit, "title").trimmed();
    const Json pipeline = partOf(json, "pipeline");
    answer.pipelineId = numberOf(pipeline, "id");
    answer.pipelineIid = numberOf(pipeline, "iid");
    Job &job = answer.job;
    job.id = QString::number(answer.id);
    job.name = textOf(json, "name");
    job.stage = textOf(json, "stage");
    job.mayFail = flagOf(json, "allow_failure").value_or(false);
    job.state = stateOf(answer.status);
    if (job.state == RunState::Failed && job.mayFail)
        job.state = RunState::Unstable;
    job.reason = textOf(json, "failure_reason");
    if (job.reason.isEmpty() &&
        (answer.status == QLatin1String("waiting_for_resource") || answer.status == QLatin1String("scheduled")))
        job.reason = answer.status;
    job.createdAt = timeOf(json, "created_at");
    job.startedAt = timeOf(json, "started_at");
    job.finishedAt = timeOf(json, "finished_at");
    const Json runner = partOf(json, "runner");
    job.runner = textOf(runner, "description");
    if (job.runner.isEmpty())
        job.runner = textOf(runner, "name");
    job.page = pageOf(json);
    const Json *below = memberOf(json, "downstream_pipeline");
    answer.isBridge = json.contains("downstream_pipeline");
    if (below && below->is_object()) {
        answer.downstreamId = idOf(*below);
        answer.downstreamProject = numberOf(*below, "project_id");
        answer.downstreamPage = pageOf(*below);
    }
    job.hasLog = !answer.isBridge && job.startedAt.isValid() && timeOf(json, "erased_at").isNull();
    answer.artifacts = artifactsFrom(json, job.name, job.page);
    return answer;
}

GateDecision decisionFrom(const Json &json)
{
    return {userOf(json), textOf(json, "status") == QLatin1String("approved"), textOf(json, "comment"),
            timeOf(json, "created_at")};
}

// The description says one, the documentation and the server a list.
QList<GateDecision> decisionsFrom(const Json &object, const char *key)
{
    QList<GateDecision> decisions;
    const Json *list = memberOf(object, key);
    if (list && list->is_array()) {
        for (const Json &one : *list)
            decisions.append(decisionFrom(one));
    }
    return decisions;
}

Deployment deploymentFrom(const Json &json)
{
    Deployment deployment;
    deployment.id = idOf(json);
    deployment.status = textOf(json, "status");
    deployment.environment = textOf(partOf(json, "environment"), "name");
    deployment.who = userOf(json);
    deployment.ref = textOf(json, "ref");
    deployment.commit = textOf(json, "sha");
    deployment.createdAt = timeOf(json, "created_at");
    const Json job = partOf(json, "deployable");
    if (!job.empty())
        deployment.job = jobFrom(job);
    if (memberOf(json, "pending_approval_count"))
        deployment.pending = static_cast<int>(numberOf(json, "pending_approval_count"));
    deployment.given = decisionsFrom(json, "approvals");
    const Json summary = partOf(json, "approval_summary");
    const Json *rules = memberOf(summary, "rules");
    if (rules && rules->is_array()) {
        for (const Json &one : *rules) {
            ApprovalRule rule;
            rule.name = textOf(one, "access_level_description");
            rule.isGroup = memberOf(one, "user_id") == nullptr;
            rule.required = static_cast<int>(numberOf(one, "required_approvals", 1));
            rule.given = decisionsFrom(one, "deployment_approvals");
            deployment.rules.append(rule);
        }
    }
    return deployment;
}

TestCase testCaseFrom(const Json &json, const QString &suite)
{
    TestCase test;
    const QString className = textOf(json, "classname");
    test.suite = className.isEmpty() ? suite : className;
    test.name = textOf(json, "name");
    const QString status = textOf(json, "status");
    test.state = status == QLatin1String("success")   ? TestCase::State::Passed
                 : status == QLatin1String("skipped") ? TestCase::State::Skipped
                                                      : TestCase::State::Failed;
    test.took = std::chrono::milliseconds(std::llround(realOf(json, "execution_time").value_or(0) * 1000));
    test.message = textOf(json, "system_output");
    test.trace = textOf(json, "stack_trace");
    if (const Json *output = memberOf(json, "system_output"); output && output->is_object())
        test.message = textOf(*output, "message"); // of some JUnit files
    return test;
}

int countOf(const Json &json, const char *key)
{
    return static_cast<int>(std::clamp<qint64>(numberOf(json, key), 0, 1'000'000'000));
}

} // namespace

RunState stateOf(const QString &status)
{
    struct Row
    {
        const char *word;
        RunState state;
    };
    // app/models/concerns/ci/has_status.rb, AVAILABLE_STATUSES
    static constexpr Row rows[] = {
        {"created", RunState::NotStarted},   {"waiting_for_resource", RunState::Queued},
        {"preparing", RunState::Queued},     {"waiting_for_callback", RunState::Running},
        {"pending", RunState::Queued},       {"running", RunState::Running},
        {"success", RunState::Passed},       {"failed", RunState::Failed},
        {"canceling", RunState::Running},    {"canceled", RunState::Cancelled},
        {"skipped", RunState::Skipped},      {"manual", RunState::Waiting},
        {"scheduled", RunState::NotStarted},
    };
    for (const Row &row : rows) {
        if (status == QLatin1String(row.word))
            return row.state;
    }
    return RunState::Unknown;
}

TriggerKind triggerOf(const QString &source, bool isTag)
{
    struct Row
    {
        const char *word;
        TriggerKind kind;
    };
    // app/models/concerns/enums/ci/pipeline.rb
    static constexpr Row rows[] = {
        {"push", TriggerKind::Push},
        {"web", TriggerKind::Manual},
        {"trigger", TriggerKind::Api},
        {"schedule", TriggerKind::Schedule},
        {"api", TriggerKind::Api},
        {"pipeline", TriggerKind::Upstream},
        {"chat", TriggerKind::Manual},
        {"webide", TriggerKind::Push},
        {"merge_request_event", TriggerKind::PullRequest},
        {"external_pull_request_event", TriggerKind::PullRequest},
        {"parent_pipeline", TriggerKind::Upstream},
        {"ondemand_dast_scan", TriggerKind::Manual},
        {"ondemand_dast_validation", TriggerKind::Manual},
        {"pipeline_execution_policy_schedule", TriggerKind::Schedule},
    };
    for (const Row &row : rows) {
        if (source == QLatin1String(row.word))
            return row.kind == TriggerKind::Push && isTag ? TriggerKind::Tag : row.kind;
    }
    return TriggerKind::Unknown;
}

bool isCancelable(const QString &status)
{
    static const QStringList words{QStringLiteral("created"),   QStringLiteral("waiting_for_resource"),
                                   QStringLiteral("preparing"), QStringLiteral("waiting_for_callback"),
                                   QStringLiteral("pending"),   QStringLiteral("running"),
                                   QStringLiteral("scheduled")};
    return words.contains(status);
}

QString cronText(const Schedule &schedule)
{
    return schedule.zone.isEmpty() || schedule.zone == QLatin1String("UTC")
               ? schedule.cron
               : QStringLiteral("%1 (%2)").arg(schedule.cron, schedule.zone);
}

Result<Project> parseProject(const QByteArray &body)
{
    return readObject<Project>(body, GitLabText::tr("project"),
                               [](const Json &json) -> Result<Project> { return projectFrom(json); });
}

Result<QList<Project>> parseProjects(const QByteArray &body)
{
    return readList<Project>(body, GitLabText::tr("list of projects"), &projectFrom);
}

Result<QList<Schedule>> parseSchedules(const QByteArray &body)
{
    return readList<Schedule>(body, GitLabText::tr("list of schedules"), [](const Json &json) {
        Schedule schedule;
        schedule.id = idOf(json);
        schedule.ref = textOf(json, "ref");
        if (schedule.ref.startsWith(QLatin1String("refs/heads/")))
            schedule.ref = schedule.ref.mid(11);
        else if (schedule.ref.startsWith(QLatin1String("refs/tags/")))
            schedule.ref = schedule.ref.mid(10);
        schedule.cron = textOf(json, "cron");
        schedule.zone = textOf(json, "cron_timezone");
        schedule.isActive = flagOf(json, "active").value_or(true);
        return schedule;
    });
}

Result<PipelineAnswer> parsePipeline(const QByteArray &body, const PipelineRef &pipeline)
{
    return readObject<PipelineAnswer>(
        body, GitLabText::tr("pipeline"),
        [&pipeline](const Json &json) -> Result<PipelineAnswer> { return pipelineFrom(json, pipeline); });
}

Result<QList<PipelineAnswer>> parsePipelines(const QByteArray &body, const PipelineRef &pipeline)
{
    return readList<PipelineAnswer>(body, GitLabText::tr("list of pipelines"),
                                    [&pipeline](const Json &json) { return pipelineFrom(json, pipeline); });
}

Result<JobAnswer> parseJob(const QByteArray &body)
{
    return readObject<JobAnswer>(body, GitLabText::tr("job"),
                                 [](const Json &json) -> Result<JobAnswer> { return jobFrom(json); });
}

Result<QList<JobAnswer>> parseJobs(const QByteArray &body)
{
    return readList<JobAnswer>(body, GitLabText::tr("list of jobs"), &jobFrom);
}

Result<Deployment> parseDeployment(const QByteArray &body)
{
    return readObject<Deployment>(body, GitLabText::tr("deployment"),
                                  [](const Json &json) -> Result<Deployment> { return deploymentFrom(json); });
}

Result<QList<Deployment>> parseDeployments(const QByteArray &body)
{
    return readList<Deployment>(body, GitLabText::tr("list of deployments"), &deploymentFrom);
}

QList<GateDecision> decisionsOf(const Deployment &deployment)
{
    QList<GateDecision> all = deployment.given;
    for (const ApprovalRule &rule : deployment.rules) {
        for (const GateDecision &one : rule.given) {
            if (!all.contains(one))
                all.append(one);
        }
    }
    return all;
}

std::optional<GateDecision> lastDecision(const Deployment &deployment)
{
    const QList<GateDecision> all = decisionsOf(deployment);
    std::optional<GateDecision> last;
    for (const GateDecision &one : all) {
        if (!last || !one.approves || (last->approves && one.at > last->at))
            last = one;
    }
    return last;
}

bool isWaiting(const JobAnswer &job)
{
    return job.status == QLatin1String("manual");
}

bool isWaiting(const Deployment &deployment)
{
    return deployment.status == QLatin1String("blocked") && (!deployment.job || isWaiting(*deployment.job));
}

bool hasDecided(const Deployment &deployment, const QString &who, bool approves)
{
    const QList<GateDecision> all = decisionsOf(deployment);
    return std::any_of(all.begin(), all.end(),
                       [&](const GateDecision &one) { return one.who == who && one.approves == approves; });
}

Approvals approvalsOf(const Deployment &deployment)
{
    const QList<GateDecision> all = decisionsOf(deployment);
    const auto approvals =
        static_cast<int>(std::count_if(all.begin(), all.end(), [](const GateDecision &one) { return one.approves; }));
    Approvals counted{0, 0};
    for (const ApprovalRule &rule : deployment.rules)
        counted.needed += rule.required;
    if (counted.needed == 0)
        counted.needed = std::max(1, deployment.pending.value_or(0) + approvals);
    const int left = deployment.pending.value_or(counted.needed - approvals);
    counted.missing = std::clamp(left, 0, counted.needed);
    return counted;
}

Result<TestReport> parseTestSummary(const QByteArray &body)
{
    return readObject<TestReport>(body, GitLabText::tr("test report"), [](const Json &json) -> Result<TestReport> {
        const Json total = partOf(json, "total");
        if (numberOf(total, "count") <= 0)
            return Error{ErrorKind::NotFound, GitLabText::tr("This run reports no tests."), {}};
        TestReport report;
        report.passed = countOf(total, "success");
        report.failed = countOf(total, "failed") + countOf(total, "error");
        report.skipped = countOf(total, "skipped");
        report.isCut = true;
        return report;
    });
}

Result<TestReport> parseTestReport(const QByteArray &body)
{
    return readObject<TestReport>(body, GitLabText::tr("test report"), [](const Json &json) -> Result<TestReport> {
        TestReport report;
        report.passed = countOf(json, "success_count");
        report.failed = countOf(json, "failed_count") + countOf(json, "error_count");
        report.skipped = countOf(json, "skipped_count");
        const Json *suites = memberOf(json, "test_suites");
        if (!suites || !suites->is_array())
            return malformed(GitLabText::tr("test report"), QStringLiteral("test_suites"));
        for (const Json &suite : *suites) {
            const QString name = textOf(suite, "name");
            const QString error = textOf(suite, "suite_error");
            if (!error.isEmpty()) // a file that could not be read: GitLab counts nothing then
                report.cases.append({name, name, TestCase::State::Failed, {}, error, {}});
            const Json *cases = memberOf(suite, "test_cases");
            if (!cases || !cases->is_array())
                continue;
            for (const Json &one : *cases)
                report.cases.append(testCaseFrom(one, name));
        }
        return report;
    });
}

Result<QString> parseUser(const QByteArray &body)
{
    return readObject<QString>(body, GitLabText::tr("user"), [](const Json &json) -> Result<QString> {
        const QString name = textOf(json, "username");
        if (name.isEmpty())
            throw Missing{"username"};
        return name;
    });
}

Result<QString> parseTip(const QByteArray &body)
{
    return readObject<QString>(body, GitLabText::tr("branch"), [](const Json &json) -> Result<QString> {
        const QString commit = textOf(partOf(json, "commit"), "id");
        if (commit.isEmpty())
            throw Missing{"commit.id"};
        return commit;
    });
}

QList<JobAnswer> asGraph(QList<JobAnswer> jobs)
{
    // Jobs are made stage by stage, so the first job ever made in a stage tells its place; a retried one is younger.
    std::sort(jobs.begin(), jobs.end(), [](const JobAnswer &a, const JobAnswer &b) { return a.id < b.id; });
    QStringList stages;
    QHash<QString, qsizetype> newest;
    QHash<QString, int> attempts;
    for (qsizetype i = 0; i < jobs.size(); ++i) {
        const Job &job = jobs.at(i).job;
        if (!stages.contains(job.stage))
            stages.append(job.stage);
        newest.insert(job.name, i);
        ++attempts[job.name];
    }
    QList<JobAnswer> nodes;
    QStringList before;
    for (const QString &stage : std::as_const(stages)) {
        QStringList here;
        QList<qsizetype> members;
        for (auto it = newest.cbegin(); it != newest.cend(); ++it) {
            if (jobs.at(*it).job.stage == stage)
                members.append(*it);
        }
        std::sort(members.begin(), members.end());
        for (const qsizetype at : std::as_const(members)) {
            JobAnswer node = jobs.at(at);
            node.job.attempt = attempts.value(node.job.name);
            node.job.needs = before;
            here.append(node.job.id);
            nodes.append(node);
        }
        if (!here.isEmpty())
            before = here;
    }
    return nodes;
}

QString projectOfPage(const QUrl &page, const QUrl &base)
{
    QString path = page.path();
    for (const char *middle : {"/-/pipelines/", "/pipelines/"}) {
        const qsizetype at = path.indexOf(QLatin1String(middle));
        if (at < 0)
            continue;
        path.truncate(at);
        QString prefix = base.path();
        if (!prefix.endsWith(u'/'))
            prefix += u'/';
        return path.startsWith(prefix) ? path.mid(prefix.size()) : QString();
    }
    return {};
}

} // namespace signalbox::gitlab
