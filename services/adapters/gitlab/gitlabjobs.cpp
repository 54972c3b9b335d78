#include "services/adapters/gitlab/gitlabfields.h"

#include <QHash>

#include <algorithm>

// Jobs and bridges, and what of them is drawn.
namespace signalbox::gitlab
{

namespace
{

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

} // namespace

JobAnswer jobFrom(const Json &json)
{
    JobAnswer answer;
    answer.id = idOf(json);
    answer.status = textOf(json, "status");
    answer.user = userOf(json);
    answer.ref = textOf(json, "ref");
    answer.isTag = flagOf(json, "tag").value_or(false);
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

Result<JobAnswer> parseJob(const QByteArray &body)
{
    return readObject<JobAnswer>(body, GitLabText::tr("job"),
                                 [](const Json &json) -> Result<JobAnswer> { return jobFrom(json); });
}

Result<QList<JobAnswer>> parseJobs(const QByteArray &body)
{
    return readList<JobAnswer>(body, GitLabText::tr("list of jobs"), &jobFrom);
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

} // namespace signalbox::gitlab
