#include "services/adapters/gitlab/gitlabanswer.h"

#include "services/adapters/gitlab/gitlabfields.h"

#include <algorithm>
#include <cmath>

namespace signalbox::gitlab
{

namespace
{

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
        if (level >= 0 && QLatin1String(way) == QLatin1String("group_access"))
            project.groupAccess = static_cast<int>(level);
    }
    const Json space = partOf(json, "namespace");
    if (textOf(space, "kind") == QLatin1String("group")) {
        for (QString path = textOf(space, "full_path"); !path.isEmpty(); path = path.section(u'/', 0, -2))
            project.groups.append(path);
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

// doc/api/pipelines.md: whole seconds; null and 0 tell nothing.
std::optional<std::chrono::milliseconds> secondsOf(const Json &json, const char *key)
{
    const std::optional<double> seconds = realOf(json, key);
    if (!seconds || *seconds <= 0 || *seconds > 1e9)
        return std::nullopt;
    return std::chrono::milliseconds(std::llround(*seconds * 1000));
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
    run.queuedFor = secondsOf(json, "queued_duration");
    const QDateTime lastEnd = timeOf(json, "finished_at");
    if (isEnded(run.state)) {
        run.finishedAt = lastEnd;
        run.workedFor = secondsOf(json, "duration"); // of the newest try of each job: what lay between is left out
    } else if (lastEnd.isValid()) {
        // One that goes on again keeps end and duration of its last try (update_duration at each end,
        // app/models/ci/pipeline.rb): neither says anything of this one.
        run.againSince = QDateTime();
        answer.endedBefore = lastEnd;
    }
    run.page = pageOf(json);
    answer.yamlErrors = textOf(json, "yaml_errors");
    if (run.reason.isEmpty())
        run.reason = answer.yamlErrors;
    answer.coverage = realOf(json, "coverage");
    return answer;
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

Result<QString> parseUser(const QByteArray &body)
{
    return readObject<QString>(body, GitLabText::tr("user"), [](const Json &json) -> Result<QString> {
        const QString name = textOf(json, "username");
        if (name.isEmpty())
            throw Missing{"username"};
        return name;
    });
}

qint64 userIdIn(const QByteArray &body)
{
    return readObject<qint64>(body, GitLabText::tr("user"),
                              [](const Json &json) -> Result<qint64> { return numberOf(json, "id"); })
        .value_or(0);
}

bool isAdminIn(const QByteArray &body)
{
    return readObject<bool>(body, GitLabText::tr("user"),
                            [](const Json &json) -> Result<bool> { return flagOf(json, "is_admin").value_or(false); })
        .value_or(false);
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
