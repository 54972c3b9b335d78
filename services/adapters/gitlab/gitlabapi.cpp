#include "services/adapters/gitlab/gitlabapi.h"

#include "services/adapters/gitlab/gitlabdeployments.h"
#include "services/adapters/gitlab/gitlabtext.h"
#include "services/async/whenended.h"
#include "services/pipelines/budgetwindow.h"

#include <QMutex>
#include <QRegularExpression>
#include <QUrlQuery>

#include <algorithm>
#include <deque>

namespace signalbox
{

using namespace gitlab;

namespace
{

// doc/api/rest/index.md, "Pagination": at most 100 a page.
constexpr int mostEnvironmentPages = 10;
constexpr int perPage = 100;
constexpr int mostProjectPages = 5;
constexpr int mostJobPages = 20; // earlier attempts count

// The workspace may name the server or its API.
QUrl serverUrl(QUrl url)
{
    QString path = url.path();
    while (path.endsWith(u'/'))
        path.chop(1);
    if (path.endsWith(QLatin1String("/api/v4")))
        path.chop(7);
    url.setPath(path);
    return url;
}

PipelineServerConfig withServerUrl(PipelineServerConfig config)
{
    config.url = serverUrl(config.url);
    return config;
}

// doc/api/rest/authentication.md: personal, project and group access tokens go into this header (or into Bearer).
std::pair<QByteArray, QByteArray> privateToken(const Secret &secret)
{
    return {"PRIVATE-TOKEN", secret.reveal()};
}

// Some of GitLab's 429 have no Retry-After but RateLimit-Reset (gitlab-org/gitlab#199738).
std::optional<Error> judgeGitLab(const HttpResponse &response, const RestClient::Ask &ask, const QString &message)
{
    if (response.status != 429 || !response.header("Retry-After").isEmpty())
        return std::nullopt;
    const qint64 reset = response.header("RateLimit-Reset").toLongLong();
    const QDateTime now = response.serverDate.isValid() ? response.serverDate : QDateTime::currentDateTimeUtc();
    Error error{ErrorKind::RateLimited,
                GitLabText::tr("GitLab asks us to wait before the next question (%1).").arg(ask.what), message};
    if (reset > 0)
        error.retryAfter = std::chrono::seconds(std::clamp<qint64>(reset - now.toSecsSinceEpoch(), 1, 3600));
    return error;
}

} // namespace

QByteArray gitlab::encoded(const QString &text)
{
    return QUrl::toPercentEncoding(text);
}

// What the server says about our budget, told from the network thread.
struct GitLabApi::Counter
{
    QMutex mutex;
    GitLabApi *owner = nullptr; // null: gone
    std::optional<RequestBudget> budget;
    std::deque<QDateTime> asked; // within the last hour
    bool isTold = false;

    void note(const HttpResponse &response)
    {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        const QMutexLocker lock(&mutex);
        asked.push_back(now);
        while (asked.front().secsTo(now) > 3600)
            asked.pop_front();
        // doc/administration/settings/user_and_ip_rate_limits.md, "Response headers"
        const QByteArray remaining = response.header("RateLimit-Remaining");
        if (remaining.isEmpty())
            return;
        RequestBudget seen;
        seen.limit = response.header("RateLimit-Limit").toInt();
        seen.remaining = remaining.toInt();
        const qint64 reset = response.header("RateLimit-Reset").toLongLong();
        if (reset > 0)
            seen.resetsAt = QDateTime::fromSecsSinceEpoch(reset, Qt::UTC);
        budget = heardBudget(budget, seen, response.serverDate.isValid() ? response.serverDate : now);
        if (!owner || isTold)
            return;
        isTold = true;
        QMetaObject::invokeMethod(
            owner,
            [gone = owner] {
                {
                    const QMutexLocker relock(&gone->m_counter->mutex);
                    gone->m_counter->isTold = false;
                }
                emit gone->budgetChanged();
            },
            Qt::QueuedConnection);
    }
};

GitLabApi::GitLabApi(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
    : m_config(withServerUrl(config))
    , m_root("/api/v4")
    , m_counter(std::make_shared<Counter>())
    , m_client(m_config, http, secrets, privateToken, {{"Accept", "application/json"}}, judgeGitLab,
               [counter = m_counter](const HttpResponse &response) { counter->note(response); })
{
    m_counter->owner = this;
}

GitLabApi::~GitLabApi()
{
    const QMutexLocker lock(&m_counter->mutex);
    m_counter->owner = nullptr;
}

QString GitLabApi::title() const
{
    return m_config.title.isEmpty() ? m_client.host() : m_config.title;
}

QByteArray GitLabApi::projectPath(const QString &project, const QByteArray &below) const
{
    return m_root + "/projects/" + encoded(project) + below;
}

std::optional<RequestBudget> GitLabApi::budget() const
{
    const QMutexLocker lock(&m_counter->mutex);
    std::optional<RequestBudget> budget = m_counter->budget;
    if (budget)
        budget->counted = static_cast<int>(m_counter->asked.size());
    return budget;
}

// X-Next-Page is left out of long lists on some servers, Link never is (doc/api/rest/index.md).
QString GitLabApi::nextPage(const HttpResponse &response)
{
    const QByteArray next = response.header("X-Next-Page").trimmed();
    bool isNumber = false;
    if (next.toInt(&isNumber) > 0 && isNumber)
        return QString::fromLatin1(next);
    static const QRegularExpression link(QStringLiteral("<([^>]+)>\\s*;\\s*rel=\"?next\"?"));
    const auto match = link.match(QString::fromUtf8(response.header("Link")));
    if (!match.hasMatch())
        return {};
    const QString page = QUrlQuery(QUrl(match.captured(1))).queryItemValue(QStringLiteral("page"));
    return page.toInt() > 0 ? page : QString();
}

template <typename T>
QFuture<Result<QList<T>>> GitLabApi::list(const PageAsk &ask, std::function<Result<QList<T>>(const QByteArray &)> parse,
                                          const StopToken &stop, int page) const
{
    struct Page
    {
        QList<T> items;
        bool hasMore = false;
    };
    RestClient::Ask one;
    one.target = ask.target + (ask.target.contains('?') ? "&" : "?") + "per_page=" + QByteArray::number(perPage);
    if (page > 1)
        one.target += "&page=" + QByteArray::number(page);
    one.what = ask.what;
    auto *self = const_cast<GitLabApi *>(this); // a context needs no more than to live
    const auto answer = m_client.read(one, stop, [parse](const HttpResponse &response) -> Result<Page> {
        const auto items = parse(response.body);
        if (!items)
            return items.error();
        return Page{*items, !nextPage(response).isEmpty()};
    });
    return after(self, answer, [this, self, ask, parse, stop, page](const Page &here) {
        if (!here.hasMore || page >= ask.most)
            return ready(Result<QList<T>>(here.items));
        return after(self, list<T>(ask, parse, stop, page + 1),
                     [items = here.items](const QList<T> &rest) { return ready(Result<QList<T>>(items + rest)); });
    });
}

QFuture<Result<QString>> GitLabApi::me(const StopToken &stop)
{
    if (!m_me.isEmpty())
        return ready(Result<QString>(m_me));
    RestClient::Ask ask;
    ask.target = m_root + "/user";
    ask.what = GitLabText::tr("who the token belongs to");
    struct Me
    {
        QString name;
        qint64 id = 0;
        bool isAdmin = false;
    };
    const auto answer = m_client.read(ask, stop, [](const HttpResponse &response) -> Result<Me> {
        const auto name = parseUser(response.body);
        if (!name)
            return name.error();
        return Me{*name, userIdIn(response.body), isAdminIn(response.body)};
    });
    return after(this, answer, [this](const Me &me) {
        m_me = me.name;
        m_myId = me.id;
        m_isAdmin = me.isAdmin;
        return ready(Result<QString>(m_me));
    });
}

QFuture<Result<Project>> GitLabApi::project(const QString &path, const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(path);
    ask.what = GitLabText::tr("project %1").arg(path);
    return m_client.read(ask, stop, [](const HttpResponse &response) { return parseProject(response.body); });
}

QFuture<Result<QList<Project>>> GitLabApi::projects(const StopToken &stop) const
{
    PageAsk ask;
    ask.target = m_root + "/projects?membership=true&archived=false&order_by=id&sort=desc";
    ask.what = GitLabText::tr("the projects we are a member of");
    ask.most = mostProjectPages;
    return list<Project>(ask, &parseProjects, stop);
}

QFuture<Result<QList<Schedule>>> GitLabApi::schedules(const QString &project, const StopToken &stop) const
{
    PageAsk ask;
    ask.target = projectPath(project, "/pipeline_schedules");
    ask.what = GitLabText::tr("the schedules of %1").arg(project);
    return list<Schedule>(ask, &parseSchedules, stop);
}

QFuture<Result<PipelineAnswer>> GitLabApi::pipeline(const RunRef &run, const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(run.pipeline.project, "/pipelines/" + encoded(run.id));
    ask.what = GitLabText::tr("run %1 of %2").arg(run.id, run.pipeline.project);
    return m_client.read(ask, stop, [pipeline = run.pipeline](const HttpResponse &response) {
        return parsePipeline(response.body, pipeline);
    });
}

QFuture<Result<QList<PipelineAnswer>>> GitLabApi::pipelines(const PipelineRef &pipeline, const QByteArray &query,
                                                            const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(pipeline.project, "/pipelines?" + query);
    ask.what = GitLabText::tr("the runs of %1").arg(pipeline.project);
    return m_client.read(ask, stop,
                         [pipeline](const HttpResponse &response) { return parsePipelines(response.body, pipeline); });
}

QFuture<Result<QList<JobAnswer>>> GitLabApi::jobs(const RunRef &run, const QByteArray &query,
                                                  const StopToken &stop) const
{
    PageAsk ask;
    ask.target = projectPath(run.pipeline.project, "/pipelines/" + encoded(run.id) + "/jobs" + query);
    ask.what = GitLabText::tr("the jobs of run %1 of %2").arg(run.id, run.pipeline.project);
    ask.most = mostJobPages;
    return list<JobAnswer>(ask, &parseJobs, stop);
}

QFuture<Result<QList<JobAnswer>>> GitLabApi::bridges(const RunRef &run, const QByteArray &query,
                                                     const StopToken &stop) const
{
    PageAsk ask;
    ask.target = projectPath(run.pipeline.project, "/pipelines/" + encoded(run.id) + "/bridges" + query);
    ask.what = GitLabText::tr("the downstream runs of run %1 of %2").arg(run.id, run.pipeline.project);
    ask.most = mostJobPages;
    return list<JobAnswer>(
        ask,
        [](const QByteArray &body) {
            auto bridges = parseJobs(body);
            if (bridges) {
                for (JobAnswer &bridge : *bridges) {
                    bridge.isBridge = true;
                    bridge.job.hasLog = false;
                }
            }
            return bridges;
        },
        stop);
}

QFuture<Result<QList<JobAnswer>>> GitLabApi::graph(const RunRef &run, const StopToken &stop)
{
    const auto below = bridges(run, {}, stop);
    return after(this, jobs(run, "?include_retried=true", stop), [this, below](const QList<JobAnswer> &jobs) {
        return after(this, below, [jobs](const QList<JobAnswer> &bridges) {
            return ready(Result<QList<JobAnswer>>(asGraph(jobs + bridges)));
        });
    });
}

QFuture<Result<QList<JobAnswer>>> GitLabApi::manualJobs(const RunRef &run, const StopToken &stop)
{
    const auto below = bridges(run, "?scope=manual", stop);
    return after(this, jobs(run, "?scope=manual", stop), [this, below](const QList<JobAnswer> &jobs) {
        return after(this, below, [jobs](const QList<JobAnswer> &bridges) {
            return ready(Result<QList<JobAnswer>>(jobs + bridges));
        });
    });
}

QFuture<Result<JobAnswer>> GitLabApi::job(const QString &project, const QString &id, const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(project, "/jobs/" + encoded(id));
    ask.what = GitLabText::tr("job %1 of %2").arg(id, project);
    return m_client.read(ask, stop, [](const HttpResponse &response) { return parseJob(response.body); });
}

QFuture<Result<QList<Deployment>>> GitLabApi::deployments(const QString &project, const QByteArray &query,
                                                          const StopToken &stop, int mostPages) const
{
    PageAsk ask;
    ask.target = projectPath(project, "/deployments?" + query);
    ask.what = GitLabText::tr("the deployments of %1").arg(project);
    ask.most = mostPages;
    return list<Deployment>(ask, &parseDeployments, stop);
}

QFuture<Result<QStringList>> GitLabApi::environments(const QString &project, const StopToken &stop) const
{
    PageAsk ask;
    ask.target = projectPath(project, "/environments?states=available");
    ask.what = GitLabText::tr("the environments of %1").arg(project);
    ask.most = mostEnvironmentPages;
    return list<QString>(ask, &parseEnvironments, stop);
}

QFuture<Result<QList<ProtectedEnvironment>>> GitLabApi::protectedEnvironments(const QString &project,
                                                                              const StopToken &stop) const
{
    PageAsk ask;
    ask.target = projectPath(project, "/protected_environments");
    ask.what = GitLabText::tr("who may deploy to the environments of %1").arg(project);
    ask.most = mostEnvironmentPages;
    return list<ProtectedEnvironment>(ask, &parseProtectedEnvironments, stop);
}

QFuture<Result<QList<ProtectedEnvironment>>> GitLabApi::protectedTiers(const QString &group,
                                                                       const StopToken &stop) const
{
    PageAsk ask;
    ask.target = m_root + "/groups/" + encoded(group) + "/protected_environments";
    ask.what = GitLabText::tr("who may deploy to the environments of the group %1").arg(group);
    ask.most = mostEnvironmentPages;
    return list<ProtectedEnvironment>(ask, &parseProtectedEnvironments, stop);
}

QFuture<Result<QString>> GitLabApi::tier(const QString &project, const QString &environment,
                                         const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(project, "/environments?name=" + encoded(environment));
    ask.what = GitLabText::tr("the environments of %1").arg(project);
    return m_client.read(ask, stop,
                         [environment](const HttpResponse &response) { return parseTier(response.body, environment); });
}

QFuture<Result<BranchRights>> GitLabApi::rightsAt(const QString &project, const QString &ref, bool isTag,
                                                  const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(project, (isTag ? "/repository/tags/" : "/repository/branches/") + encoded(ref));
    ask.what = (isTag ? GitLabText::tr("tag %1 of %2") : GitLabText::tr("branch %1 of %2")).arg(ref, project);
    return m_client.read(ask, stop, [isTag](const HttpResponse &response) {
        return isTag ? parseTagRights(response.body) : parseBranchRights(response.body);
    });
}

QFuture<Result<QList<ProtectedBranch>>> GitLabApi::protectedRefs(const QString &project, bool areTags,
                                                                 const StopToken &stop) const
{
    PageAsk ask;
    ask.target = projectPath(project, areTags ? "/protected_tags" : "/protected_branches");
    ask.what = areTags ? GitLabText::tr("who may create the tags of %1").arg(project)
                       : GitLabText::tr("who may push or merge to the branches of %1").arg(project);
    ask.most = mostEnvironmentPages;
    return list<ProtectedBranch>(ask, areTags ? &parseProtectedTags : &parseProtectedBranches, stop);
}

QFuture<Result<Deployment>> GitLabApi::deployment(const QString &project, const QString &id,
                                                  const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(project, "/deployments/" + encoded(id));
    ask.what = GitLabText::tr("deployment %1 of %2").arg(id, project);
    return m_client.read(ask, stop, [](const HttpResponse &response) { return parseDeployment(response.body); });
}

QFuture<Result<QString>> GitLabApi::tip(const QString &project, const QString &ref, bool isTag,
                                        const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.target = projectPath(project, (isTag ? "/repository/tags/" : "/repository/branches/") + encoded(ref));
    ask.what = (isTag ? GitLabText::tr("tag %1 of %2") : GitLabText::tr("branch %1 of %2")).arg(ref, project);
    return m_client.read(ask, stop, [](const HttpResponse &response) { return parseTip(response.body); });
}

QFuture<Result<HttpResponse>> GitLabApi::post(const QByteArray &target, const QByteArray &body, const QString &what,
                                              const StopToken &stop) const
{
    RestClient::Ask ask;
    ask.method = "POST";
    ask.target = target;
    ask.body = body;
    ask.contentType = body.isEmpty() ? QByteArray() : QByteArray("application/json");
    ask.what = what;
    ask.useEtag = false;
    return continued(m_client.send(ask, stop), [](const Result<HttpResponse> &response) {
        // Whatever failed on the way or behind it: the call may have been carried out.
        if (response || response.error().kind != ErrorKind::Unreachable ||
            !response.error().detail.startsWith(QLatin1String("HTTP 5")))
            return response;
        Error lost = response.error();
        lost.kind = ErrorKind::OutcomeUnknown;
        return Result<HttpResponse>(lost);
    });
}

} // namespace signalbox
