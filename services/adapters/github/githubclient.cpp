#include "services/adapters/github/githubclient.h"

#include "services/adapters/github/githubtext.h"

#include <QRegularExpression>
#include <QUrlQuery>

namespace signalbox::github
{

namespace
{

constexpr int mostPages = GitHubClient::mostListed / 100; // each has a hundred
constexpr qsizetype mostFiles = 500;

QByteArray encoded(const QString &text, const QByteArray &keep = {})
{
    return QUrl::toPercentEncoding(text, keep);
}

bool isCommit(const QString &ref)
{
    static const QRegularExpression form(QStringLiteral("^[0-9a-f]{40}\\z"));
    return form.match(ref).hasMatch();
}

QString fileKey(const QString &project, const QString &path, const QString &ref)
{
    return project + u'|' + path + u'|' + ref;
}

std::optional<Error> judgedByGitHub(const HttpResponse &response, const QString &host, const QString &what,
                                    const QString &message)
{
    if (const auto pause = pauseAfter(response)) {
        return Error{ErrorKind::RateLimited,
                     GitHubText::tr("%1 takes no more questions of ours for %2 s (%3). What is shown stays as it was "
                                    "read; it is asked again by then.")
                         .arg(host)
                         .arg((pause->count() + 999) / 1000)
                         .arg(what),
                     message, *pause};
    }
    if (response.status == 410) {
        return Error{ErrorKind::NotFound, GitHubText::tr("%1 no longer keeps it: %2.").arg(host, what), message, {}};
    }
    return std::nullopt;
}

// The host's own words for people, not the address of its API.
QString hostOf(const PipelineServerConfig &config)
{
    const QString host = config.url.port() > 0 ? QStringLiteral("%1:%2").arg(config.url.host()).arg(config.url.port())
                                               : config.url.host();
    return host == QLatin1String("api.github.com") ? QStringLiteral("github.com") : host;
}

RestClient restClientOf(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets,
                        const std::shared_ptr<Budget> &budget)
{
    return RestClient(
        config, http, secrets, bearerHeader(), {{"X-GitHub-Api-Version", "2022-11-28"}},
        [host = hostOf(config)](const HttpResponse &response, const RestClient::Ask &ask, const QString &message) {
            return judgedByGitHub(response, host, ask.what, message);
        },
        [budget](const HttpResponse &response) { budget->hear(response); });
}

} // namespace

QByteArray nextPage(const HttpResponse &response, const QUrl &base)
{
    static const QRegularExpression next(QStringLiteral("<([^>]+)>\\s*;\\s*rel=\"next\""));
    const auto link = next.match(QString::fromLatin1(response.header("Link")));
    if (!link.hasMatch())
        return {};
    const QUrl to = base.resolved(QUrl(link.captured(1)));
    const int own = base.scheme() == QLatin1String("https") ? 443 : 80;
    const bool isSame = to.scheme() == base.scheme() && to.host() == base.host() && to.port(own) == base.port(own);
    return isSame ? to.toEncoded() : QByteArray();
}

GitHubClient::GitHubClient(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets, QObject *parent)
    : QObject(parent)
    , m_title(config.title)
    , m_budget(std::make_shared<Budget>())
    , m_rest(restClientOf(config, http, secrets, m_budget))
{
    m_budget->setListener(
        [this] { QMetaObject::invokeMethod(this, &GitHubClient::budgetChanged, Qt::QueuedConnection); });
}

GitHubClient::~GitHubClient()
{
    m_budget->setListener({}); // answers that are under way outlive us
}

QString GitHubClient::title() const
{
    const QString host = m_rest.host();
    return !m_title.isEmpty() ? m_title : host == QLatin1String("api.github.com") ? QStringLiteral("github.com") : host;
}

bool GitHubClient::isCloud() const
{
    const QString host = m_rest.base().host();
    return host == QLatin1String("api.github.com") || host.endsWith(QLatin1String(".ghe.com"));
}

QByteArray GitHubClient::repositoryPath(const QString &project)
{
    return "/repos/" + encoded(project.section(u'/', 0, 0)) + '/' + encoded(project.section(u'/', 1));
}

QByteArray GitHubClient::runPath(const RunRef &ref)
{
    return repositoryPath(ref.pipeline.project) + "/actions/runs/" + encoded(ref.id);
}

template <typename Parse>
auto GitHubClient::ask(const QByteArray &target, const QString &what, const StopToken &stop, Parse parse,
                       const QByteArray &accept) -> QFuture<std::invoke_result_t<Parse, const HttpResponse &>>
{
    using Answer = std::invoke_result_t<Parse, const HttpResponse &>;
    // Whoever goes on asking while the limit lasts is kept out longer.
    if (const auto pause = m_budget->pause(QDateTime::currentDateTimeUtc()); pause.count() > 0) {
        return ready(Answer(Error{ErrorKind::RateLimited,
                                  GitHubText::tr("%1 takes no questions of ours for another %2 s (%3).")
                                      .arg(title())
                                      .arg((pause.count() + 999) / 1000)
                                      .arg(what),
                                  {},
                                  pause}));
    }
    RestClient::Ask question;
    question.target = target;
    question.what = what;
    question.headers = {{"Accept", accept.isEmpty() ? QByteArray("application/vnd.github+json") : accept}};
    return m_rest.read(question, stop, std::move(parse));
}

template <typename T>
QFuture<Result<QList<T>>> GitHubClient::pages(const QByteArray &target, const QString &what,
                                              std::function<Result<QList<T>>(const QByteArray &)> parse,
                                              const StopToken &stop, const QList<T> &known, int page)
{
    struct Page
    {
        QList<T> entries;
        QByteArray next;
    };
    const auto read = [parse, base = m_rest.base()](const HttpResponse &response) -> Result<Page> {
        const auto entries = parse(response.body);
        if (!entries)
            return entries.error();
        return Page{*entries, nextPage(response, base)};
    };
    return after(this, ask(target, what, stop, read), [=, this](const Page &one) {
        const QList<T> all = known + one.entries;
        if (one.next.isEmpty() || page >= mostPages)
            return ready(Result<QList<T>>(all));
        return pages<T>(one.next, what, parse, stop, all, page + 1);
    });
}

QFuture<Result<Repository>> GitHubClient::repository(const QString &project, const StopToken &stop)
{
    const auto asked = ask(repositoryPath(project), project, stop,
                           [](const HttpResponse &response) { return parseRepository(response.body); });
    return after(this, asked, [this, project](const Repository &one) {
        m_memory.keepDefaultBranch(project, one.defaultBranch);
        return ready(Result<Repository>(one));
    });
}

QFuture<Result<QList<Workflow>>> GitHubClient::workflows(const QString &project, const StopToken &stop)
{
    return pages<Workflow>(repositoryPath(project) + "/actions/workflows?per_page=100",
                           GitHubText::tr("the workflows of %1").arg(project), parseWorkflows, stop);
}

QFuture<Result<WorkflowFile>> GitHubClient::workflow(const QString &project, const QString &path, const QString &ref,
                                                     const StopToken &stop)
{
    const QString key = fileKey(project, path, ref);
    if (const auto known = m_files.constFind(key); known != m_files.constEnd())
        return ready(Result<WorkflowFile>(*known));
    const QByteArray target = repositoryPath(project) + "/contents/" + encoded(path, "/") + "?ref=" + encoded(ref);
    const auto read = ask(
        target, GitHubText::tr("%1 of %2").arg(path, project), stop,
        [path](const HttpResponse &response) { return parseWorkflow(response.body, path); },
        "application/vnd.github.raw+json");
    return after(this, read, [this, key, ref](const WorkflowFile &file) {
        if (isCommit(ref)) {
            if (m_files.size() >= mostFiles)
                m_files.clear();
            m_files.insert(key, file);
        }
        return ready(Result<WorkflowFile>(file));
    });
}

std::optional<WorkflowFile> GitHubClient::keptWorkflow(const QString &project, const QString &path,
                                                       const QString &commit) const
{
    const auto kept = m_files.constFind(fileKey(project, path, commit));
    return kept == m_files.constEnd() ? std::nullopt : std::optional(*kept);
}

QFuture<Result<GitHubClient::RunsSaid>> GitHubClient::runs(const PipelineRef &pipeline, const QByteArray &query,
                                                           const StopToken &stop)
{
    QByteArray target = repositoryPath(pipeline.project) + "/actions/";
    if (!pipeline.pipeline.isEmpty())
        target += "workflows/" + encoded(pipeline.pipeline) + '/';
    target += "runs?exclude_pull_requests=true&" + query;
    const QString what = pipeline.pipeline.isEmpty()
                             ? GitHubText::tr("the runs of %1").arg(pipeline.project)
                             : GitHubText::tr("the runs of %1 of %2").arg(pipeline.pipeline, pipeline.project);
    return ask(
        target, what, stop,
        [base = m_rest.base(), place = place(pipeline.project)](const HttpResponse &response) -> Result<RunsSaid> {
            const auto runs = parseRuns(response.body, place);
            if (!runs)
                return runs.error();
            return RunsSaid{*runs, !nextPage(response, base).isEmpty(), response.serverDate};
        });
}

QFuture<Result<QList<RunSaid>>> GitHubClient::allRuns(const PipelineRef &project, const QByteArray &query,
                                                      const StopToken &stop)
{
    return pages<RunSaid>(
        repositoryPath(project.project) + "/actions/runs?exclude_pull_requests=true&" + query + "&per_page=100",
        GitHubText::tr("the runs of %1").arg(project.project),
        [place = place(project.project)](const QByteArray &body) { return parseRuns(body, place); }, stop);
}

QFuture<Result<RunSaid>> GitHubClient::run(const RunRef &ref, const StopToken &stop)
{
    return ask(
        runPath(ref) + "?exclude_pull_requests=true",
        GitHubText::tr("the run %1 of %2").arg(ref.id, ref.pipeline.project), stop,
        [place = place(ref.pipeline.project)](const HttpResponse &response) { return parseRun(response.body, place); });
}

QFuture<Result<QList<JobSaid>>> GitHubClient::jobs(const RunRef &ref, const StopToken &stop)
{
    return pages<JobSaid>(runPath(ref) + "/jobs?filter=latest&per_page=100",
                          GitHubText::tr("the jobs of the run %1 of %2").arg(ref.id, ref.pipeline.project), parseJobs,
                          stop);
}

QFuture<Result<RunSaid>> GitHubClient::attempt(const RunRef &ref, int attempt, const StopToken &stop)
{
    return ask(
        runPath(ref) + "/attempts/" + QByteArray::number(attempt) + "?exclude_pull_requests=true",
        GitHubText::tr("attempt %1 of the run %2 of %3").arg(attempt).arg(ref.id, ref.pipeline.project), stop,
        [place = place(ref.pipeline.project)](const HttpResponse &response) { return parseRun(response.body, place); });
}

QFuture<Result<QList<JobSaid>>> GitHubClient::attemptJobs(const RunRef &ref, int attempt, const StopToken &stop)
{
    return pages<JobSaid>(
        runPath(ref) + "/attempts/" + QByteArray::number(attempt) + "/jobs?per_page=100",
        GitHubText::tr("the jobs of attempt %1 of the run %2 of %3").arg(attempt).arg(ref.id, ref.pipeline.project),
        parseJobs, stop);
}

QFuture<Result<JobSaid>> GitHubClient::job(const RunRef &ref, const QString &job, const StopToken &stop)
{
    return ask(repositoryPath(ref.pipeline.project) + "/actions/jobs/" + encoded(job),
               GitHubText::tr("the job %1 of %2").arg(job, ref.pipeline.project), stop,
               [](const HttpResponse &response) { return parseJob(response.body); });
}

QFuture<Result<QList<CheckRunSaid>>> GitHubClient::checkRuns(const RunRef &ref, const QString &suite, bool ofAll,
                                                             const StopToken &stop)
{
    return pages<CheckRunSaid>(repositoryPath(ref.pipeline.project) + "/check-suites/" + encoded(suite) +
                                   "/check-runs?per_page=100" + (ofAll ? "&filter=all" : ""),
                               GitHubText::tr("the checks of the run %1 of %2").arg(ref.id, ref.pipeline.project),
                               parseCheckRuns, stop);
}

QFuture<Result<QList<RunAnnotation>>> GitHubClient::annotations(const RunRef &ref, const QString &checkRun,
                                                                const StopToken &stop)
{
    return pages<RunAnnotation>(repositoryPath(ref.pipeline.project) + "/check-runs/" + encoded(checkRun) +
                                    "/annotations?per_page=100",
                                GitHubText::tr("the annotations of the run %1 of %2").arg(ref.id, ref.pipeline.project),
                                parseAnnotations, stop);
}

QFuture<Result<QList<RunArtifact>>> GitHubClient::artifacts(const RunRef &ref, const StopToken &stop)
{
    return pages<RunArtifact>(runPath(ref) + "/artifacts?per_page=100",
                              GitHubText::tr("the artifacts of the run %1 of %2").arg(ref.id, ref.pipeline.project),
                              parseArtifacts, stop);
}

QFuture<Result<QList<Pending>>> GitHubClient::pending(const RunRef &ref, const StopToken &stop)
{
    return ask(runPath(ref) + "/pending_deployments",
               GitHubText::tr("the gates of the run %1 of %2").arg(ref.id, ref.pipeline.project), stop,
               [](const HttpResponse &response) { return parsePending(response.body); });
}

QFuture<Result<QList<Review>>> GitHubClient::reviews(const RunRef &ref, const StopToken &stop)
{
    return ask(runPath(ref) + "/approvals",
               GitHubText::tr("the decisions about the run %1 of %2").arg(ref.id, ref.pipeline.project), stop,
               [](const HttpResponse &response) { return parseReviews(response.body); });
}

QFuture<Result<QDateTime>> GitHubClient::newestDeployment(const QString &project, const QString &environment,
                                                          const QString &commit, const StopToken &stop)
{
    return ask(repositoryPath(project) + "/deployments?environment=" + encoded(environment) +
                   "&sha=" + encoded(commit) + "&per_page=10",
               GitHubText::tr("the deployments of %1").arg(project), stop,
               [](const HttpResponse &response) { return parseNewestDeployment(response.body); });
}

QFuture<Result<QStringList>> GitHubClient::environments(const QString &project, const StopToken &stop)
{
    return pages<QString>(repositoryPath(project) + "/environments?per_page=100",
                          GitHubText::tr("the environments of %1").arg(project), parseEnvironments, stop);
}

QFuture<Result<QList<DeploymentSaid>>> GitHubClient::deployments(const QString &project, const QString &environment,
                                                                 int count, const StopToken &stop)
{
    return ask(repositoryPath(project) + "/deployments?environment=" + encoded(environment) +
                   "&per_page=" + QByteArray::number(count),
               GitHubText::tr("the deployments of %1").arg(project), stop,
               [](const HttpResponse &response) { return parseDeployments(response.body); });
}

QFuture<Result<QList<DeploymentStatusSaid>>>
GitHubClient::deploymentStatuses(const QString &project, const QString &deployment, const StopToken &stop)
{
    return ask(repositoryPath(project) + "/deployments/" + encoded(deployment) + "/statuses?per_page=100",
               GitHubText::tr("deployment %1 of %2").arg(deployment, project), stop,
               [](const HttpResponse &response) { return parseDeploymentStatuses(response.body); });
}

QFuture<Result<QString>> GitHubClient::tip(const QString &project, const QString &ref, const StopToken &stop)
{
    return ask(
        repositoryPath(project) + "/commits/" + encoded(ref),
        GitHubText::tr("the commit of %1 of %2").arg(ref, project), stop,
        [](const HttpResponse &response) { return parseTip(response.body); }, "application/vnd.github.sha");
}

// "If the :ref doesn't match an existing ref, a 404 is returned"; 409: the repository is empty (git/get-ref).
QFuture<Result<bool>> GitHubClient::hasReference(const QString &project, const QString &reference,
                                                 const StopToken &stop)
{
    const auto asked =
        ask(repositoryPath(project) + "/git/ref/" + encoded(reference),
            GitHubText::tr("the reference %1 of %2").arg(reference, project), stop,
            [reference](const HttpResponse &response) { return parseIsReference(response.body, reference); });
    return afterAny(this, asked, [=, this](const Result<bool> &said) {
        if (!said && said.error().kind == ErrorKind::Forbidden)
            m_memory.keepUntold(project);
        const bool isNone =
            !said && (said.error().kind == ErrorKind::NotFound || said.error().kind == ErrorKind::Conflict);
        return ready(isNone ? Result<bool>(false) : said);
    });
}

QFuture<Result<bool>> GitHubClient::isTag(const QString &project, const QString &name, const QString &commit,
                                          const StopToken &stop)
{
    return after(this, hasReference(project, QStringLiteral("tags/") + name, stop), [=, this](bool isTag) {
        if (isTag) {
            m_memory.keepName(project, name, commit, true);
            return ready(Result<bool>(true));
        }
        // A tag that is gone, or not shown to us, is no branch for that.
        return after(this, hasReference(project, QStringLiteral("heads/") + name, stop), [=, this](bool isBranch) {
            if (!isBranch) {
                m_memory.keepGone(project, name, commit);
                return ready(Result<bool>(
                    Error{ErrorKind::NotFound,
                          GitHubText::tr("%1 has neither a tag nor a branch %2 that GitHub shows.").arg(project, name),
                          {}}));
            }
            m_memory.keepName(project, name, commit, false);
            return ready(Result<bool>(false));
        });
    });
}

QFuture<Result<QString>> GitHubClient::login(const StopToken &stop)
{
    if (m_login)
        return ready(Result<QString>(*m_login));
    const auto asked = ask("/user", GitHubText::tr("the user of the token"), stop,
                           [](const HttpResponse &response) { return parseLogin(response.body); });
    return afterAny(this, asked, [this](const Result<QString> &said) {
        // "Resource not accessible by integration": the token of an app, or of a run.
        if (!said && said.error().kind != ErrorKind::Forbidden && said.error().kind != ErrorKind::NotFound)
            return ready(said);
        m_login = said ? *said : QString();
        return ready(Result<QString>(*m_login));
    });
}

std::optional<Error> sentElsewhere(const HttpResponse &response, const QString &project)
{
    if (response.status < 300)
        return std::nullopt;
    return Error{ErrorKind::Refused,
                 GitHubText::tr("GitHub sends us elsewhere: %1 may have been moved or renamed.").arg(project),
                 QString::fromUtf8(response.header("Location")).left(200)};
}

} // namespace signalbox::github
