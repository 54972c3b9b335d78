#include "services/adapters/jenkins/jenkinsclient.h"

#include "services/adapters/jenkins/jenkinscoverage.h"
#include "services/adapters/jenkins/jenkinsjson.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/async/chain.h"

#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace signalbox::jenkins
{

using namespace std::chrono_literals;

namespace
{

constexpr qint64 mostOfAPage = 4ll * 1024 * 1024; // that is made for people
const QString noCrumb = QStringLiteral("jenkins: no valid crumb");
const QString settled = QStringLiteral("jenkins: settled input");

QDateTime in(std::chrono::milliseconds time)
{
    return QDateTime::currentDateTimeUtc().addMSecs(time.count());
}

// The sentence that Jenkins puts into its page about an error.
QString sentenceOf(const QByteArray &page, const QString &beginning)
{
    QString text = QString::fromUtf8(page.left(64 * 1024));
    static const QRegularExpression tag(QStringLiteral("<[^>]*>"));
    text.replace(tag, QStringLiteral("\n"));
    for (const QString &line : text.split(u'\n')) {
        if (line.contains(beginning))
            return line.simplified().left(300);
    }
    return {};
}

// Sources: hudson.security.csrf.CrumbFilter ("No valid crumb was included in the request", 403);
// hudson.security.AccessDeniedException3 (X-Required-Permission); org.jenkinsci.plugins.workflow.support.steps.input.
// InputStepExecution ("This input has been already given", "You need to be X to submit this": hudson.model.Failure,
// whose page has status 400); com.cloudbees.workflow.rest.endpoints.RunAPI (ServletException, 500).
std::optional<Error> judge(const HttpResponse &response, const RestClient::Ask &ask, const QString &)
{
    const QByteArray &page = response.body;
    if (response.status == 403 && page.contains("No valid crumb"))
        return Error{ErrorKind::Forbidden,
                     JenkinsText::tr("Jenkins demands a crumb with each change (%1).").arg(ask.what), noCrumb};
    if (response.status == 403) {
        const QByteArray right = response.header("X-Required-Permission");
        if (right.isEmpty())
            return std::nullopt;
        return Error{ErrorKind::Forbidden,
                     JenkinsText::tr("Jenkins does not let us: %1. The right %2 is missing.")
                         .arg(ask.what, QString::fromLatin1(right)),
                     {}};
    }
    if (ask.method != "POST" || response.status < 400)
        return std::nullopt;
    if (page.contains("already given") || page.contains("already been given") ||
        page.contains("does not have an Input with an ID") || page.contains("not have an InputAction"))
        return Error{ErrorKind::Conflict, JenkinsText::tr("Somebody decided it before (%1).").arg(ask.what), settled};
    if (const QString words = sentenceOf(page, QStringLiteral("You need to be ")); !words.isEmpty())
        return Error{ErrorKind::Forbidden, JenkinsText::tr("Jenkins does not let us: %1.").arg(words), {}};
    if (response.status == 409)
        return Error{ErrorKind::Refused, JenkinsText::tr("The job is disabled (%1).").arg(ask.what), {}};
    return std::nullopt;
}

// A server whose people log in elsewhere leads there instead of saying 401.
bool leadsToLogin(const HttpResponse &response)
{
    const QByteArray location = response.header("Location");
    return response.status >= 300 && response.status < 400 &&
           (location.contains("/securityRealm/") || location.contains("/login?") || location.endsWith("/login"));
}

} // namespace

QByteArray encodedForm(const Form &form)
{
    QByteArray body;
    for (const auto &[name, value] : form) {
        if (!body.isEmpty())
            body += '&';
        body += QUrl::toPercentEncoding(name) + '=' + QUrl::toPercentEncoding(value);
    }
    return body;
}

bool isSettled(const Error &error)
{
    return error.detail == settled;
}

JenkinsClient::JenkinsClient(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
    : m_rest(config, http, secrets, config.bearer ? bearerHeader() : basicHeader(config.user), {}, judge)
{}

RestClient::Ask JenkinsClient::plain(const QByteArray &target, const QString &what)
{
    RestClient::Ask ask;
    ask.target = target;
    ask.what = what;
    return ask;
}

RestClient::Ask JenkinsClient::tree(const QByteArray &path, const QByteArray &tree, const QString &what)
{
    return plain(path + "/api/json?tree=" + QUrl::toPercentEncoding(QString::fromLatin1(tree), ",_"), what);
}

// ---- reads

QFuture<Result<SeenRun>> JenkinsClient::run(const QString &project, const QString &number, const StopToken &stop)
{
    const auto ask = tree(runPath(project, number), runFields() + ",artifacts[relativePath]",
                          JenkinsText::tr("run %1 of %2").arg(number, project));
    return m_rest.read(ask, stop,
                       [ref = pipeline(project), page = page(), remotes = m_remotes.value(project)](
                           const HttpResponse &response) { return parseRun(response.body, ref, page, remotes); });
}

QFuture<Result<QueueItem>> JenkinsClient::queueItem(const QString &project, qint64 item, const StopToken &stop)
{
    const auto ask =
        tree("/queue/item/" + QByteArray::number(item), queueTree(), JenkinsText::tr("item %1 of the queue").arg(item));
    return m_rest.read(ask, stop, [ref = pipeline(project)](const HttpResponse &response) {
        return parseQueueItem(response.body, ref);
    });
}

QFuture<Result<QList<PendingInput>>> JenkinsClient::pendingInputs(const QString &project, const QString &number,
                                                                  const StopToken &stop)
{
    RestClient::Ask ask = plain(runPath(project, number) + "/wfapi/pendingInputActions",
                                JenkinsText::tr("what run %1 of %2 waits for").arg(number, project));
    ask.useEtag = false;
    const auto answer =
        m_rest.read(ask, stop, [](const HttpResponse &response) { return parsePendingInputs(response.body); });
    return afterAny(this, answer, [=, this](const Result<QList<PendingInput>> &inputs) {
        if (inputs || inputs.error().kind != ErrorKind::NotFound)
            return ready(inputs);
        return inputsWithoutStageView(project, number, stop);
    });
}

void JenkinsClient::noteNoStageView()
{
    m_noStageView = {true, in(10min)};
}

QFuture<Result<QList<PendingInput>>> JenkinsClient::inputsWithoutStageView(const QString &project,
                                                                           const QString &number, const StopToken &stop)
{
    RestClient::Ask ask = tree(runPath(project, number), ownInputsTree(),
                               JenkinsText::tr("what run %1 of %2 waits for").arg(number, project));
    ask.useEtag = false;
    const auto answer =
        m_rest.read(ask, stop, [](const HttpResponse &response) { return parseOwnInputs(response.body); });
    return after(this, answer, [=, this](const std::optional<QList<PendingInput>> &told) {
        return told ? ready(Result<QList<PendingInput>>(*told)) : blueInputs(project, number, stop);
    });
}

QFuture<Result<QList<PendingInput>>> JenkinsClient::blueInputs(const QString &project, const QString &number,
                                                               const StopToken &stop)
{
    return after(this, blue(project, stop), [=, this](const QByteArray &path) {
        if (path.isEmpty())
            return noInputs(project, number, stop);
        RestClient::Ask ask = plain(path + "/runs/" + encoded(number) + "/steps/?limit=10000",
                                    JenkinsText::tr("the steps of run %1").arg(number));
        ask.useEtag = false;
        return m_rest.read(ask, stop, [](const HttpResponse &response) { return parseInputSteps(response.body); });
    });
}

// Its page of inputs is for people, yet there is none as long as the run came to no input.
QFuture<Result<QList<PendingInput>>> JenkinsClient::noInputs(const QString &project, const QString &number,
                                                             const StopToken &stop)
{
    RestClient::Ask ask = plain(runPath(project, number) + "/input/",
                                JenkinsText::tr("what run %1 of %2 waits for").arg(number, project));
    ask.useEtag = false;
    return afterAny(this, m_rest.send(ask, stop), [this](const Result<HttpResponse> &page) {
        if (!page && page.error().kind == ErrorKind::NotFound)
            return ready(Result<QList<PendingInput>>(QList<PendingInput>()));
        if (!page)
            return ready(Result<QList<PendingInput>>(page.error()));
        return ready(Result<QList<PendingInput>>(
            Error{ErrorKind::Unsupported,
                  JenkinsText::tr("The gates of %1 cannot be seen here: it has neither Pipeline: REST API nor Blue "
                                  "Ocean, and its Pipeline: Input Step is older than 460. Install or update one of "
                                  "them there, or look at the runs in Jenkins.")
                      .arg(m_rest.host()),
                  {}}));
    });
}

QFuture<Result<JobState>> JenkinsClient::job(const QString &project, const StopToken &stop)
{
    return m_rest.read(tree(jobPath(project), jobTree(), JenkinsText::tr("the job %1").arg(project)), stop,
                       [](const HttpResponse &response) { return parseJob(response.body); });
}

// ---- writes

QFuture<Result<HttpResponse>> JenkinsClient::sendWrite(const QByteArray &path, const QByteArray &body,
                                                       const QString &what, const StopToken &stop)
{
    RestClient::Ask ask = plain(path, what);
    ask.method = "POST";
    ask.body = body;
    ask.contentType = "application/x-www-form-urlencoded";
    ask.headers = m_crumb;
    return after(this, m_rest.send(ask, stop), [host = m_rest.host()](const HttpResponse &response) {
        if (leadsToLogin(response))
            return ready(Result<HttpResponse>(
                Error{ErrorKind::Unauthorized,
                      JenkinsText::tr("%1 does not know us: it leads to its log-in instead of doing it.").arg(host),
                      {}}));
        return ready(Result<HttpResponse>(response));
    });
}

// A crumb is bound to the session it was given in, hence the cookie beside it; it needs none with an API token (2.96),
// but not every server takes those.
QFuture<Result<JenkinsClient::Crumb>> JenkinsClient::askCrumb(const StopToken &stop)
{
    RestClient::Ask ask = plain("/crumbIssuer/api/json", JenkinsText::tr("a crumb"));
    ask.useEtag = false;
    return m_rest.read(ask, stop, [](const HttpResponse &response) -> Result<Crumb> {
        return parsed(response.body, [&response](const Json &json) -> Result<Crumb> {
            const QByteArray field = textOf(json, "crumbRequestField").toLatin1();
            if (field.isEmpty())
                return unexpected();
            Crumb crumb;
            crumb.headers.append({field, textOf(json, "crumb").toLatin1()});
            QByteArray cookies;
            for (const auto &header : response.headers) {
                if (header.first.compare("set-cookie", Qt::CaseInsensitive) != 0)
                    continue;
                cookies += (cookies.isEmpty() ? "" : "; ") + header.second.split(';').first().trimmed();
            }
            if (!cookies.isEmpty())
                crumb.headers.append({"Cookie", cookies});
            return crumb;
        });
    });
}

QFuture<Result<HttpResponse>> JenkinsClient::post(const QByteArray &path, const QByteArray &body, const QString &what,
                                                  const StopToken &stop)
{
    const auto sent = sendWrite(path, body, what, stop);
    return afterAny(this, sent, [=, this](const Result<HttpResponse> &response) {
        if (response || response.error().detail != noCrumb)
            return ready(response);
        return after(this, askCrumb(stop), [=, this](const Crumb &crumb) {
            m_crumb = crumb.headers;
            return sendWrite(path, body, what, stop);
        });
    });
}

QFuture<Result<HttpResponse>> JenkinsClient::post(const QByteArray &path, const Form &form, const QString &what,
                                                  const StopToken &stop)
{
    return post(path, encodedForm(form), what, stop);
}

// ---- what seldom changes

QFuture<Result<Myself>> JenkinsClient::myself(const StopToken &stop)
{
    if (m_myself.isFresh())
        return ready(Result<Myself>(m_myself.value));
    const auto ask = tree("/whoAmI", "name,anonymous,authorities", JenkinsText::tr("who we are"));
    const auto answer = m_rest.read(ask, stop, [](const HttpResponse &response) { return parseWhoAmI(response.body); });
    return afterAny(this, answer, [this](const Result<Myself> &me) {
        if (me)
            m_myself = {*me, in(5min)};
        return ready(Result<Myself>(me ? *me : Myself()));
    });
}

QFuture<Result<QString>> JenkinsClient::organization(const StopToken &stop)
{
    if (m_organization.isFresh())
        return ready(Result<QString>(m_organization.value));
    const auto ask = plain("/blue/rest/organizations/", JenkinsText::tr("its plugin Blue Ocean"));
    const auto answer =
        m_rest.read(ask, stop, [](const HttpResponse &response) { return parseOrganization(response.body); });
    return afterAny(this, answer, [this](const Result<QString> &name) {
        // Without it: a 404, or a page of whatever stands before the server.
        if (name || name.error().kind == ErrorKind::NotFound || name.error().kind == ErrorKind::Protocol ||
            name.error().kind == ErrorKind::Forbidden)
            m_organization = {name ? *name : QString(), in(10min)};
        return ready(Result<QString>(name ? *name : QString()));
    });
}

QFuture<Result<bool>> JenkinsClient::isBranch(const QString &project, const StopToken &stop)
{
    if (m_branches.contains(project) || parentOf(project).isEmpty())
        return ready(Result<bool>(m_branches.value(project)));
    const auto ask = tree(jobPath(parentOf(project)), "_class", JenkinsText::tr("the folder of %1").arg(project));
    const auto answer = m_rest.read(ask, stop, [](const HttpResponse &response) {
        return parsed(response.body, [](const Json &json) -> Result<bool> {
            return classOf(json).contains(QLatin1String("MultiBranchProject"));
        });
    });
    return afterAny(this, answer, [this, project](const Result<bool> &isOne) {
        if (isOne)
            m_branches.insert(project, *isOne);
        return ready(Result<bool>(isOne && *isOne)); // a folder that is hidden from us has no branches for us
    });
}

QFuture<Result<QByteArray>> JenkinsClient::blue(const QString &project, const StopToken &stop)
{
    return after(this, organization(stop), [=, this](const QString &name) {
        if (name.isEmpty())
            return ready(Result<QByteArray>(QByteArray()));
        return after(this, isBranch(project, stop),
                     [name, project](bool isOne) { return ready(Result<QByteArray>(bluePath(name, project, isOne))); });
    });
}

QFuture<Result<Permissions>> JenkinsClient::permissions(const QString &project, const StopToken &stop)
{
    if (const auto known = m_permissions.constFind(project); known != m_permissions.cend() && known->isFresh())
        return ready(Result<Permissions>(known->value));
    return after(this, blue(project, stop), [=, this](const QByteArray &path) {
        if (path.isEmpty())
            return ready(Result<Permissions>(Permissions()));
        const auto ask = plain(path + '/', JenkinsText::tr("what we may do with %1").arg(project));
        const auto answer =
            m_rest.read(ask, stop, [](const HttpResponse &response) { return parsePermissions(response.body); });
        return afterAny(this, answer, [this, project](const Result<Permissions> &told) {
            if (told)
                m_permissions[project] = {*told, in(2min)};
            return ready(Result<Permissions>(told ? *told : Permissions()));
        });
    });
}

QFuture<Result<Schedule>> JenkinsClient::schedule(const QString &project, const StopToken &stop)
{
    if (const auto known = m_schedules.constFind(project); known != m_schedules.cend() && known->isFresh())
        return ready(Result<Schedule>(known->value));
    const auto ask = plain(jobPath(project) + "/config.xml", JenkinsText::tr("the configuration of %1").arg(project));
    const auto answer =
        m_rest.read(ask, stop, [](const HttpResponse &response) { return parseSchedule(response.body); });
    return afterAny(this, answer, [this, project](const Result<QStringList> &crons) {
        Schedule schedule;
        if (crons)
            schedule.crons = *crons;
        else
            schedule.whyNot = JenkinsText::tr("When it begins by itself is not known: %1").arg(crons.error().message);
        if (crons || crons.error().kind == ErrorKind::Forbidden || crons.error().kind == ErrorKind::NotFound)
            m_schedules[project] = {schedule, in(10min)};
        return ready(Result<Schedule>(schedule));
    });
}

QFuture<Result<QStringList>> JenkinsClient::coverageReports(const RunRef &run, const StopToken &stop)
{
    const QString project = run.pipeline.project;
    if (const auto known = m_coverageReports.constFind(project); known != m_coverageReports.cend() && known->isFresh())
        return ready(Result<QStringList>(known->value));
    RestClient::Ask ask =
        plain(runPath(project, run.id) + '/', JenkinsText::tr("the page of run %1 of %2").arg(run.id, project));
    ask.maxBody = mostOfAPage;
    const auto answer = m_rest.read(ask, stop, [number = run.id](const HttpResponse &response) -> Result<QStringList> {
        return coverageReportsOf(response.body, number);
    });
    return afterAny(this, answer, [this, project](const Result<QStringList> &found) {
        if (found) // a run that goes on has none yet
            m_coverageReports[project] = {*found, in(found->isEmpty() ? 1min : 10min)};
        // Where there is no page, nothing links to a report; whoever could not read it does not know that.
        return ready(found || found.error().kind != ErrorKind::NotFound ? found : Result<QStringList>(QStringList()));
    });
}

std::optional<Schedule> JenkinsClient::lastSchedule(const QString &project) const
{
    const auto known = m_schedules.constFind(project);
    return known == m_schedules.cend() ? std::nullopt : std::optional(known->value);
}

QStringList JenkinsClient::dueSchedules(const QStringList &projects, qsizetype most) const
{
    QStringList due;
    for (const QString &project : projects) {
        const auto known = m_schedules.constFind(project);
        if (known == m_schedules.cend() || !known->isFresh())
            due.append(project);
    }
    std::stable_sort(due.begin(), due.end(), [this](const QString &a, const QString &b) {
        return m_schedules.value(a).until.toMSecsSinceEpoch() < m_schedules.value(b).until.toMSecsSinceEpoch();
    });
    return due.mid(0, most);
}

} // namespace signalbox::jenkins
