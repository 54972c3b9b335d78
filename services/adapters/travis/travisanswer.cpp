#include "services/adapters/travis/travisanswer.h"

#include "services/adapters/travis/travisjson.h"
#include "services/adapters/travis/travistext.h"

#include <QHash>

#include <array>
#include <utility>

namespace signalbox::travis
{

namespace
{

Error notAnAnswer(const QString &what, const QByteArray &body)
{
    return {ErrorKind::Protocol, TravisText::tr("Travis CI answered with something that is no %1.").arg(what),
            QString::fromUtf8(body.left(200))};
}

// nlohmann's exceptions end here. `read`: const Json & -> Result<T>.
template <typename Read>
auto reading(const QByteArray &body, const QString &what, Read read) -> decltype(read(Json()))
{
    try {
        const auto json = parsed(body);
        if (!json || !json->is_object())
            return notAnAnswer(what, body);
        return read(*json);
    } catch (const Json::exception &problem) {
        return Error{ErrorKind::Protocol, notAnAnswer(what, {}).message, QString::fromUtf8(problem.what()).left(200)};
    }
}

// The list `key` of an object; none: it has no such list.
const Json *listAt(const Json &object, const char *key)
{
    const Json &list = at(object, key);
    return list.is_array() ? &list : nullptr;
}

QString subjectOf(const QString &message)
{
    return message.section(u'\n', 0, 0).trimmed();
}

TriggerKind triggerKindOf(const QString &event, bool isTag)
{
    if (event == QLatin1String("push"))
        return isTag ? TriggerKind::Tag : TriggerKind::Push;
    if (event == QLatin1String("pull_request"))
        return TriggerKind::PullRequest;
    if (event == QLatin1String("api"))
        return TriggerKind::Api;
    if (event == QLatin1String("cron"))
        return TriggerKind::Schedule;
    return TriggerKind::Unknown;
}

RunTrigger triggerOf(const Json &build, bool isTag)
{
    const QString event = textAt(build, "event_type");
    RunTrigger trigger;
    trigger.kind = triggerKindOf(event, isTag);
    trigger.who = textAt(at(build, "created_by"), "login");
    const QString number = textAt(build, "pull_request_number");
    trigger.why = number.isEmpty() ? event : event + QStringLiteral(" #") + number;
    return trigger;
}

QString reasonOf(const QString &state)
{
    // docs.travis-ci.com, "Job Lifecycle": a command of before_install, install or before_script failed.
    return state == QLatin1String("errored") ? TravisText::tr("it could not be set up (errored)") : QString();
}

// Of jobs that came whole (`include=build.jobs`): what a build does not say itself.
void addJobTimes(const Json &jobs, Run &run)
{
    for (const Json &job : jobs) {
        const QDateTime created = timeAt(job, "created_at");
        if (created.isValid() && (!run.createdAt.isValid() || created < run.createdAt))
            run.createdAt = created;
        if (!at(job, "restarted_at").is_null())
            run.attempt = 2;
    }
}

Result<BuildAnswer> buildOf(const Json &json, const Reading &by)
{
    BuildAnswer build;
    Run &run = build.run;
    run.ref.id = textAt(json, "id");
    build.slug = textAt(at(json, "repository"), "slug");
    if (run.ref.id.isEmpty() || build.slug.isEmpty())
        return notAnAnswer(TravisText::tr("build"), {});
    run.ref.pipeline = {by.connection, build.slug, {}};
    run.number = textAt(json, "number");
    const QString state = textAt(json, "state");
    run.state = runStateOf(state);
    run.reason = reasonOf(state);
    run.tag = textAt(at(json, "tag"), "name");
    run.branch = run.tag.isEmpty() ? textAt(at(json, "branch"), "name") : QString();
    run.trigger = triggerOf(json, !run.tag.isEmpty());
    const Json &commit = at(json, "commit");
    run.commit = textAt(commit, "sha");
    run.title = textAt(json, "pull_request_title");
    if (run.title.isEmpty())
        run.title = subjectOf(textAt(commit, "message"));
    run.startedAt = timeAt(json, "started_at");
    run.finishedAt = timeAt(json, "finished_at");
    run.page = by.web.build(build.slug, run.ref.id);
    if (const Json *jobs = listAt(json, "jobs")) {
        for (const Json &job : *jobs)
            build.jobs.append(textAt(job, "id"));
        addJobTimes(*jobs, run);
    }
    if (const Json *stages = listAt(json, "stages")) {
        for (const Json &stage : *stages)
            build.stages.append({textAt(stage, "number").toInt(), textAt(stage, "name")});
    }
    const Json &permissions = at(json, "@permissions");
    build.mayCancel = flagAt(permissions, "cancel");
    build.mayRestart = flagAt(permissions, "restart");
    return build;
}

QString offsetAfter(const Json &json)
{
    return textAt(at(at(json, "@pagination"), "next"), "offset");
}

// What tells jobs of a matrix apart, where they have no name (docs.travis-ci.com, "Build Matrix").
QString matrixName(const Json &config)
{
    static constexpr std::array keys{"rvm",  "python", "node_js", "go",          "jdk",       "php",     "perl",
                                     "rust", "julia",  "scala",   "otp_release", "elixir",    "r",       "d",
                                     "ghc",  "dart",   "dotnet",  "crystal",     "osx_image", "compiler"};
    QStringList parts;
    for (const char *key : keys) {
        if (const QString value = textAt(config, key); !value.isEmpty())
            parts.append(QLatin1String(key) + u' ' + value);
    }
    for (const char *key : {"os", "arch"}) {
        if (const QString value = textAt(config, key); !value.isEmpty())
            parts.append(value);
    }
    return parts.join(QStringLiteral(", "));
}

Result<JobAnswer> jobOf(const Json &json, const Reading &by)
{
    JobAnswer answer;
    Job &job = answer.job;
    job.id = textAt(json, "id");
    if (job.id.isEmpty())
        return notAnAnswer(TravisText::tr("job"), {});
    answer.build = textAt(at(json, "build"), "id");
    answer.state = textAt(json, "state");
    job.state = runStateOf(answer.state);
    job.reason = reasonOf(answer.state);
    const Json &config = at(json, "config");
    const QString number = textAt(json, "number"); // "412.3"
    job.name = textAt(config, "name");
    if (job.name.isEmpty())
        job.name = matrixName(config);
    if (job.name.isEmpty())
        job.name = TravisText::tr("job %1").arg(number.section(u'.', -1));
    const Json &stage = at(json, "stage");
    answer.stage = {textAt(stage, "number").toInt(), textAt(stage, "name")};
    job.stage = answer.stage.name;
    job.mayFail = flagAt(json, "allow_failure").value_or(false);
    job.createdAt = timeAt(json, "created_at");
    job.startedAt = timeAt(json, "started_at");
    job.finishedAt = timeAt(json, "finished_at");
    answer.restartedAt = timeAt(json, "restarted_at");
    job.attempt = answer.restartedAt.isValid() ? 2 : 1;
    job.runner = textAt(json, "queue");
    const Json &permissions = at(json, "@permissions");
    answer.mayRestart = flagAt(permissions, "restart");
    answer.mayViewLog = flagAt(permissions, "view_log");
    job.hasLog = job.startedAt.isValid() && answer.mayViewLog.value_or(true);
    job.page = by.web.job(textAt(at(json, "repository"), "slug"), job.id);
    return answer;
}

Result<Pipeline> pipelineOf(const Json &json, const Reading &by)
{
    Pipeline pipeline;
    const QString slug = textAt(json, "slug");
    if (slug.isEmpty())
        return notAnAnswer(TravisText::tr("repository"), {});
    pipeline.ref = {by.connection, slug, {}};
    pipeline.vendor = QStringLiteral("Travis CI");
    pipeline.title = slug;
    pipeline.defaultBranch = textAt(at(json, "default_branch"), "name");
    pipeline.page = by.web.repository(slug);
    pipeline.isEnabled = flagAt(json, "active").value_or(true);
    pipeline.canTrigger = flagAt(at(json, "@permissions"), "create_request");
    if (!pipeline.isEnabled) {
        pipeline.canTrigger = false; // 406 repository_inactive
        pipeline.whyNotTrigger = TravisText::tr("The repository is switched off at Travis CI.");
    } else if (pipeline.canTrigger == false) {
        pipeline.whyNotTrigger = TravisText::tr("Travis CI does not let this token start builds of %1.").arg(slug);
    }
    return pipeline;
}

Result<RequestAnswer> requestOf(const Json &json)
{
    RequestAnswer request;
    request.id = textAt(json, "id");
    if (request.id.isEmpty())
        return notAnAnswer(TravisText::tr("build request"), {});
    request.state = textAt(json, "state");
    request.result = textAt(json, "result");
    request.message = textAt(json, "message");
    request.branch = textAt(json, "branch_name");
    request.commitMessage = textAt(at(json, "commit"), "message");
    request.eventType = textAt(json, "event_type");
    request.createdAt = timeAt(json, "created_at");
    if (const Json *builds = listAt(json, "builds")) {
        for (const Json &build : *builds) {
            request.builds.append(textAt(build, "id"));
            request.buildNumbers.append(textAt(build, "number"));
        }
    }
    return request;
}

// All of the list `key`, or the first error.
template <typename T, typename Read>
Result<QList<T>> each(const Json &json, const char *key, const QString &what, Read read)
{
    const Json *list = listAt(json, key);
    if (!list)
        return notAnAnswer(what, {});
    QList<T> all;
    for (const Json &one : *list) {
        auto value = read(one);
        if (!value)
            return value.error();
        all.append(*std::move(value));
    }
    return all;
}

} // namespace

QUrl Web::repository(const QString &slug) const
{
    return base.isEmpty() || slug.isEmpty() ? QUrl() : QUrl(base + u'/' + slug);
}

QUrl Web::build(const QString &slug, const QString &id) const
{
    const QUrl place = repository(slug);
    return place.isEmpty() ? place : QUrl(place.toString() + QStringLiteral("/builds/") + id);
}

QUrl Web::job(const QString &slug, const QString &id) const
{
    const QUrl place = repository(slug);
    return place.isEmpty() ? place : QUrl(place.toString() + QStringLiteral("/jobs/") + id);
}

Web webOf(const QUrl &api)
{
    QUrl web = api;
    const QString path = api.path();
    if (api.host() == QLatin1String("api.travis-ci.com")) {
        web.setHost(QStringLiteral("app.travis-ci.com"));
        web.setPath(QString());
    } else if (path == QLatin1String("/api") || path == QLatin1String("/api/")) {
        web.setPath(QString());
    } else {
        return {};
    }
    return {web.toString(QUrl::RemoveQuery | QUrl::RemoveFragment | QUrl::RemoveUserInfo) + QStringLiteral("/github")};
}

RunState runStateOf(const QString &word)
{
    static const QHash<QString, RunState> words{
        {QStringLiteral("created"), RunState::Queued},     {QStringLiteral("configured"), RunState::Queued},
        {QStringLiteral("queued"), RunState::Queued},      {QStringLiteral("received"), RunState::Queued},
        {QStringLiteral("started"), RunState::Running},    {QStringLiteral("passed"), RunState::Passed},
        {QStringLiteral("failed"), RunState::Failed},      {QStringLiteral("errored"), RunState::Failed},
        {QStringLiteral("canceled"), RunState::Cancelled},
    };
    return words.value(word, RunState::Unknown);
}

Result<BuildAnswer> parseBuild(const QByteArray &body, const Reading &by)
{
    return reading(body, TravisText::tr("build"), [&by](const Json &json) { return buildOf(json, by); });
}

Result<RunPage> parseBuilds(const QByteArray &body, const Reading &by)
{
    const QString what = TravisText::tr("list of builds");
    return reading(body, what, [&](const Json &json) -> Result<RunPage> {
        const auto builds =
            each<BuildAnswer>(json, "builds", what, [&by](const Json &one) { return buildOf(one, by); });
        if (!builds)
            return builds.error();
        RunPage page;
        for (const BuildAnswer &build : *builds)
            page.runs.append(build.run);
        page.next = offsetAfter(json);
        page.readAt = by.at;
        return page;
    });
}

Result<JobAnswer> parseJob(const QByteArray &body, const Reading &by)
{
    return reading(body, TravisText::tr("job"), [&by](const Json &json) { return jobOf(json, by); });
}

Result<QList<JobAnswer>> parseJobs(const QByteArray &body, const Reading &by)
{
    const QString what = TravisText::tr("list of jobs");
    return reading(body, what, [&](const Json &json) {
        return each<JobAnswer>(json, "jobs", what, [&by](const Json &one) { return jobOf(one, by); });
    });
}

Result<Pipeline> parseRepository(const QByteArray &body, const Reading &by)
{
    return reading(body, TravisText::tr("repository"), [&by](const Json &json) { return pipelineOf(json, by); });
}

Result<RepositoryPage> parseRepositories(const QByteArray &body, const Reading &by)
{
    const QString what = TravisText::tr("list of repositories");
    return reading(body, what, [&](const Json &json) -> Result<RepositoryPage> {
        const auto all =
            each<Pipeline>(json, "repositories", what, [&by](const Json &one) { return pipelineOf(one, by); });
        if (!all)
            return all.error();
        const QString next = offsetAfter(json);
        return RepositoryPage{*all, next.isEmpty() ? std::nullopt : std::optional<int>(next.toInt())};
    });
}

// Which cron began a build is not told: an interval that stands alone for its branch is its.
QString cronOf(const QStringList &crons, const QString &branch)
{
    const QString behind = QStringLiteral(", ") + branch;
    QStringList found;
    for (const QString &one : crons) {
        if (!branch.isEmpty() && one.endsWith(behind))
            found.append(one.chopped(behind.size()));
    }
    found.removeDuplicates();
    return found.size() == 1 ? found.constFirst() : QString();
}

Result<QStringList> parseCrons(const QByteArray &body)
{
    const QString what = TravisText::tr("list of crons");
    return reading(body, what, [&](const Json &json) {
        return each<QString>(json, "crons", what, [](const Json &one) -> Result<QString> {
            const QString branch = textAt(at(one, "branch"), "name");
            const QString interval = textAt(one, "interval");
            return branch.isEmpty() ? interval : interval + QStringLiteral(", ") + branch;
        });
    });
}

Result<RequestAnswer> parseRequest(const QByteArray &body)
{
    return reading(body, TravisText::tr("build request"), [](const Json &json) { return requestOf(json); });
}

Result<QList<RequestAnswer>> parseRequests(const QByteArray &body)
{
    const QString what = TravisText::tr("list of build requests");
    return reading(body, what, [&](const Json &json) {
        return each<RequestAnswer>(json, "requests", what, [](const Json &one) { return requestOf(one); });
    });
}

Result<QString> parseAccepted(const QByteArray &body)
{
    const QString what = TravisText::tr("build request");
    return reading(body, what, [&](const Json &json) -> Result<QString> {
        const QString id = textAt(at(json, "request"), "id");
        return id.isEmpty() ? Result<QString>(notAnAnswer(what, body)) : Result<QString>(id);
    });
}

} // namespace signalbox::travis
