#include "services/adapters/github/githubanswer.h"

#include "services/adapters/github/githubfields.h"

#include <algorithm>

namespace signalbox::github
{

namespace
{

// Each of a list, below `key` of an object or (without a key) the body itself. one: const Json & -> Result<T>.
template <typename T, typename One>
Result<QList<T>> listing(const QByteArray &body, const char *key, const QString &what, One one)
{
    return reading<QList<T>>(body, what, [&](const Json &json) -> Result<QList<T>> {
        const Json *list = key ? fieldOf(json, key) : &json;
        if (!list || !list->is_array())
            return notReadable(what);
        QList<T> all;
        for (const Json &entry : *list) {
            Result<T> read = one(entry);
            if (!read)
                return read.error();
            all.append(std::move(*read));
        }
        return all;
    });
}

QString runWord()
{
    return GitHubText::tr("run of a workflow");
}

QString jobWord()
{
    return GitHubText::tr("job of a run");
}

QString firstLine(const QString &text)
{
    return text.section(u'\n', 0, 0).trimmed();
}

Result<RunSaid> runOf(const Json &json, const PipelineRef &project)
{
    RunSaid said;
    Run &run = said.run;
    run.ref.id = idOf(json);
    const QString status = textOf(json, "status");
    if (run.ref.id.isEmpty() || !json.contains("status"))
        return notReadable(runWord());
    said.path = textOf(json, "path").section(u'@', 0, 0);
    said.workflowName = textOf(json, "name");
    run.ref.pipeline = project;
    run.ref.pipeline.pipeline = pipelineOf(said.path, idOf(json, "workflow_id"));
    run.number = idOf(json, "run_number");
    run.attempt = static_cast<int>(numberOf(json, "run_attempt", 1));
    run.title = textOf(json, "display_title");
    const Json commit = objectOf(json, "head_commit");
    if (run.title.isEmpty())
        run.title = firstLine(textOf(commit, "message"));
    said.conclusion = textOf(json, "conclusion");
    const Standing standing = standingOf(status, said.conclusion);
    run.state = standing.state;
    run.reason = standing.reason;
    said.event = textOf(json, "event");
    said.who = textOf(objectOf(json, "triggering_actor"), "login");
    if (said.who.isEmpty())
        said.who = textOf(objectOf(json, "actor"), "login");
    run.trigger = {triggerKindOf(said.event), said.who, said.event, {}};
    const QString head = textOf(json, "head_branch");
    // GitHub names a pushed tag in the same field as a branch; only a release's is sure to be a tag.
    (said.event == QLatin1String("release") ? run.tag : run.branch) = head;
    run.commit = textOf(json, "head_sha");
    said.isCompleted = status == QLatin1String("completed");
    said.updatedAt = timeOf(json, "updated_at");
    const QDateTime begun = timeOf(json, "run_started_at"); // of this attempt
    run.createdAt = run.attempt > 1 && begun.isValid() ? begun : timeOf(json, "created_at");
    if (run.state != RunState::Queued && run.state != RunState::NotStarted)
        run.startedAt = begun.isValid() ? begun : run.createdAt;
    // "run_started_at" is when the attempt was asked for; when its first job found a machine only its jobs tell.
    run.isQueueTold = false;
    if (isEnded(run.state))
        run.finishedAt = said.updatedAt;
    run.page = QUrl(textOf(json, "html_url"));
    said.checkSuite = idOf(json, "check_suite_id");
    for (const Json &one : listOf(json, "referenced_workflows"))
        said.called.insert(textOf(one, "path"), textOf(one, "sha"));
    return said;
}

Result<JobSaid> jobOf(const Json &json)
{
    JobSaid said;
    Job &job = said.job;
    job.id = idOf(json);
    job.name = textOf(json, "name");
    if (job.id.isEmpty())
        return notReadable(jobWord());
    const QString status = textOf(json, "status");
    const Standing standing = standingOf(status, textOf(json, "conclusion"));
    job.state = standing.state;
    job.reason = standing.reason;
    said.isCompleted = status == QLatin1String("completed");
    job.attempt = static_cast<int>(numberOf(json, "run_attempt", 1));
    job.createdAt = timeOf(json, "created_at");
    const bool hasBegun = job.state == RunState::Running || isEnded(job.state);
    if (hasBegun && job.state != RunState::Skipped)
        job.startedAt = timeOf(json, "started_at"); // before that GitHub puts the time of creation there
    job.finishedAt = timeOf(json, "completed_at");
    job.runner = textOf(json, "runner_name");
    job.page = QUrl(textOf(json, "html_url"));
    // A log is there once a job ended; none of a job without a machine.
    job.hasLog = said.isCompleted && job.state != RunState::Skipped && !listOf(json, "steps").empty();
    for (const Json &one : listOf(json, "steps")) {
        const Standing step = standingOf(textOf(one, "status"), textOf(one, "conclusion"));
        job.steps.append({{}, textOf(one, "name"), step.state, timeOf(one, "started_at"), timeOf(one, "completed_at")});
    }
    said.checkRun = textOf(json, "check_run_url").section(u'/', -1);
    if (!std::all_of(said.checkRun.cbegin(), said.checkRun.cend(), [](QChar c) { return c.isDigit(); }))
        said.checkRun.clear();
    return said;
}

GateDecider deciderOf(const Json &json)
{
    const Json who = objectOf(json, "reviewer");
    const bool isTeam = textOf(json, "type") == QLatin1String("Team");
    const QString login = textOf(who, isTeam ? "slug" : "login");
    return {login.isEmpty() ? textOf(who, "name") : login, isTeam};
}

} // namespace

Standing standingOf(const QString &status, const QString &conclusion)
{
    if (status == QLatin1String("completed")) {
        if (conclusion == QLatin1String("success"))
            return {RunState::Passed, {}};
        if (conclusion == QLatin1String("neutral"))
            return {RunState::Passed, GitHubText::tr("neutral")};
        if (conclusion == QLatin1String("failure"))
            return {RunState::Failed, {}};
        if (conclusion == QLatin1String("timed_out"))
            return {RunState::Failed, GitHubText::tr("It took longer than it may.")};
        if (conclusion == QLatin1String("startup_failure"))
            return {RunState::Failed, GitHubText::tr("The workflow's file cannot be carried out.")};
        if (conclusion == QLatin1String("cancelled"))
            return {RunState::Cancelled, {}};
        if (conclusion == QLatin1String("stale"))
            return {RunState::Cancelled, GitHubText::tr("GitHub gave it up after two weeks without news.")};
        if (conclusion == QLatin1String("skipped"))
            return {RunState::Skipped, {}};
        if (conclusion == QLatin1String("action_required"))
            return {RunState::Waiting, GitHubText::tr("A maintainer has to let the run of an outsider begin.")};
        return {RunState::Unknown, conclusion};
    }
    if (status == QLatin1String("in_progress"))
        return {RunState::Running, {}};
    if (status == QLatin1String("queued") || status == QLatin1String("requested"))
        return {RunState::Queued, {}};
    if (status == QLatin1String("pending"))
        return {RunState::Queued, GitHubText::tr("It waits for another one of its concurrency group.")};
    if (status == QLatin1String("waiting"))
        return {RunState::Waiting, GitHubText::tr("waits for a rule of its environment")};
    return {RunState::Unknown, status};
}

TriggerKind triggerKindOf(const QString &event)
{
    if (event == QLatin1String("push"))
        return TriggerKind::Push;
    if (event == QLatin1String("release"))
        return TriggerKind::Tag;
    if (event.startsWith(QLatin1String("pull_request")) || event == QLatin1String("merge_group"))
        return TriggerKind::PullRequest;
    if (event == QLatin1String("schedule"))
        return TriggerKind::Schedule;
    if (event == QLatin1String("workflow_dispatch"))
        return TriggerKind::Manual;
    if (event == QLatin1String("repository_dispatch"))
        return TriggerKind::Api;
    if (event == QLatin1String("workflow_run") || event == QLatin1String("workflow_call"))
        return TriggerKind::Upstream;
    return TriggerKind::Unknown;
}

QString pipelineOf(const QString &path, const QString &id)
{
    const QString folder = QStringLiteral(".github/workflows/");
    const QString file = path.mid(folder.size());
    return path.startsWith(folder) && !file.isEmpty() && !file.contains(u'/') ? file : id;
}

Result<Repository> parseRepository(const QByteArray &body)
{
    const QString what = GitHubText::tr("repository");
    return reading<Repository>(body, what, [&](const Json &json) -> Result<Repository> {
        Repository one;
        one.fullName = textOf(json, "full_name");
        if (one.fullName.isEmpty())
            return notReadable(what);
        one.defaultBranch = textOf(json, "default_branch");
        one.isArchived = flagOf(json, "archived").value_or(false);
        one.mayWrite = flagOf(objectOf(json, "permissions"), "push");
        one.page = QUrl(textOf(json, "html_url"));
        return one;
    });
}

Result<QList<Workflow>> parseWorkflows(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of workflows");
    return listing<Workflow>(body, "workflows", what, [&](const Json &json) -> Result<Workflow> {
        Workflow one{idOf(json),
                     textOf(json, "name"),
                     textOf(json, "path"),
                     textOf(json, "state") == QLatin1String("active"),
                     {}};
        if (one.id.isEmpty())
            return notReadable(what);
        // html_url is the file's page; its runs are more to the point.
        one.page = QUrl(textOf(json, "html_url"));
        return one;
    });
}

Result<RunSaid> parseRun(const QByteArray &body, const PipelineRef &project)
{
    return reading<RunSaid>(body, runWord(), [&](const Json &json) { return runOf(json, project); });
}

Result<QList<RunSaid>> parseRuns(const QByteArray &body, const PipelineRef &project)
{
    return listing<RunSaid>(body, "workflow_runs", GitHubText::tr("list of runs"),
                            [&](const Json &json) { return runOf(json, project); });
}

Result<JobSaid> parseJob(const QByteArray &body)
{
    return reading<JobSaid>(body, jobWord(), [](const Json &json) { return jobOf(json); });
}

Result<QList<JobSaid>> parseJobs(const QByteArray &body)
{
    return listing<JobSaid>(body, "jobs", GitHubText::tr("list of jobs"), [](const Json &json) { return jobOf(json); });
}

Result<QList<CheckRunSaid>> parseCheckRuns(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of checks");
    return listing<CheckRunSaid>(body, "check_runs", what, [&](const Json &json) -> Result<CheckRunSaid> {
        CheckRunSaid one{idOf(json), static_cast<int>(numberOf(objectOf(json, "output"), "annotations_count")),
                         textOf(objectOf(json, "deployment"), "environment")};
        if (one.id.isEmpty())
            return notReadable(what);
        return one;
    });
}

Result<QList<RunAnnotation>> parseAnnotations(const QByteArray &body)
{
    return listing<RunAnnotation>(
        body, nullptr, GitHubText::tr("list of annotations"), [](const Json &json) -> Result<RunAnnotation> {
            RunAnnotation one;
            const QString level = textOf(json, "annotation_level");
            one.level = level == QLatin1String("failure")   ? RunAnnotation::Level::Failure
                        : level == QLatin1String("warning") ? RunAnnotation::Level::Warning
                                                            : RunAnnotation::Level::Notice;
            one.title = textOf(json, "title");
            one.text = textOf(json, "message");
            one.file = textOf(json, "path");
            one.line = static_cast<int>(numberOf(json, "start_line"));
            if (one.file == QLatin1String(".github")) { // what the runner says of no file in particular
                one.file.clear();
                one.line = 0;
            }
            return one;
        });
}

Result<QList<RunArtifact>> parseArtifacts(const QByteArray &body)
{
    return listing<RunArtifact>(body, "artifacts", GitHubText::tr("list of artifacts"),
                                [](const Json &json) -> Result<RunArtifact> {
                                    return RunArtifact{textOf(json, "name"),
                                                       numberOf(json, "size_in_bytes", -1),
                                                       textOf(json, "digest"),
                                                       timeOf(json, "expires_at"),
                                                       {}};
                                });
}

Result<QList<Pending>> parsePending(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of waiting deployments");
    return listing<Pending>(body, nullptr, what, [&](const Json &json) -> Result<Pending> {
        const Json environment = objectOf(json, "environment");
        Pending one;
        one.environmentId = idOf(environment);
        one.environment = textOf(environment, "name");
        if (one.environmentId.isEmpty())
            return notReadable(what);
        one.page = QUrl(textOf(environment, "html_url"));
        one.mayApprove = flagOf(json, "current_user_can_approve");
        one.waitMinutes = static_cast<int>(numberOf(json, "wait_timer"));
        one.waitingSince = timeOf(json, "wait_timer_started_at");
        for (const Json &reviewer : listOf(json, "reviewers"))
            one.reviewers.append(deciderOf(reviewer));
        return one;
    });
}

Result<QList<Review>> parseReviews(const QByteArray &body)
{
    return listing<Review>(body, nullptr, GitHubText::tr("list of decisions"), [](const Json &json) -> Result<Review> {
        Review one{{}, {}, textOf(json, "state"), textOf(objectOf(json, "user"), "login"), textOf(json, "comment")};
        for (const Json &environment : listOf(json, "environments")) {
            one.environmentIds.append(idOf(environment));
            one.environments.append(textOf(environment, "name"));
        }
        return one;
    });
}

QList<RunDecision> decisionsOf(const QList<Review> &reviews)
{
    QList<RunDecision> all;
    for (const Review &one : reviews) {
        const bool approves = one.state == QLatin1String("approved");
        if (!approves && one.state != QLatin1String("rejected"))
            continue;
        for (const QString &environment : one.environments)
            all.append({one.who, approves, environment, {}});
    }
    return all;
}

Result<QString> parseTip(const QByteArray &body)
{
    const QString sha = QString::fromLatin1(body.trimmed());
    const bool isSha = sha.size() == 40 && std::all_of(sha.cbegin(), sha.cend(), [](QChar c) {
                           return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
                       });
    return isSha ? Result<QString>(sha) : Result<QString>(notReadable(GitHubText::tr("commit")));
}

Result<bool> parseIsReference(const QByteArray &body, const QString &reference)
{
    const QString what = GitHubText::tr("reference");
    return reading<bool>(body, what, [&](const Json &json) -> Result<bool> {
        const QString ref = textOf(json, "ref");
        if (ref.isEmpty())
            return notReadable(what);
        return ref == QStringLiteral("refs/") + reference;
    });
}

Result<QString> parseLogin(const QByteArray &body)
{
    const QString what = GitHubText::tr("user");
    return reading<QString>(body, what, [&](const Json &json) -> Result<QString> {
        const QString login = textOf(json, "login");
        if (login.isEmpty())
            return notReadable(what);
        return login;
    });
}

Result<QDateTime> parseNewestDeployment(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of deployments");
    return reading<QDateTime>(body, what, [&](const Json &json) -> Result<QDateTime> {
        if (!json.is_array())
            return notReadable(what);
        QDateTime newest;
        for (const Json &one : json) {
            if (const QDateTime at = timeOf(one, "created_at"); !newest.isValid() || at > newest)
                newest = at;
        }
        return newest;
    });
}

QString startedRunOf(const QByteArray &body)
{
    const Json json = Json::parse(body.constBegin(), body.constEnd(), nullptr, false);
    return idOf(json, "workflow_run_id");
}

} // namespace signalbox::github
