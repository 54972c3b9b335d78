#include "services/sandbox/ci/travis/travisapi.h"

#include <algorithm>
#include <charconv>

namespace signalbox::sandbox
{

namespace
{

using ci::Vendor;

constexpr std::size_t usualLimit = 25; // travis-api, paginator.rb
constexpr std::size_t mostLimit = 100;
constexpr std::size_t mostRequests = 10; // an hour, services/requests/create.rb
constexpr std::int64_t hourMs = 3600 * 1000;

LoopbackReply said(const Json &body, int status = 200)
{
    LoopbackReply reply;
    reply.status = status;
    reply.body = body.dump(2);
    return reply;
}

LoopbackReply refused(int status, const char *type, const std::string &message, Json more = Json::object())
{
    Json body{{"@type", "error"}, {"error_type", type}, {"error_message", message}};
    body.update(more);
    return said(body, status);
}

LoopbackReply notFound(const std::string &resource)
{
    return refused(404, "not_found", resource + " not found (or insufficient access)", {{"resource_type", resource}});
}

LoopbackReply pending(const std::string &type, const Json &resource, const std::string &change)
{
    return said({{"@type", "pending"}, {type, resource}, {"state_change", change}, {"resource_type", type}}, 202);
}

int digitOf(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

std::string decoded(const std::string &part)
{
    std::string text;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] == '%' && i + 2 < part.size() && digitOf(part[i + 1]) >= 0 && digitOf(part[i + 2]) >= 0) {
            text += static_cast<char>(digitOf(part[i + 1]) * 16 + digitOf(part[i + 2]));
            i += 2;
        } else {
            text += part[i];
        }
    }
    return text;
}

// Parts are told before they are decoded: "acme%2Fcart" is one. A leading "v3" says the version.
std::vector<std::string> partsOf(const std::string &rawPath)
{
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at < rawPath.size()) {
        const std::size_t end = std::min(rawPath.find('/', at), rawPath.size());
        if (end > at)
            parts.push_back(decoded(rawPath.substr(at, end - at)));
        at = end + 1;
    }
    return parts;
}

std::optional<std::int64_t> numberIn(const std::string &text)
{
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

struct Window
{
    std::size_t limit = usualLimit;
    std::size_t offset = 0;
};
// None: they are no numbers.
std::optional<Window> windowOf(const LoopbackRequest &request)
{
    Window window;
    if (request.has("limit")) {
        const auto limit = numberIn(request.value("limit"));
        if (!limit)
            return std::nullopt;
        window.limit = *limit < 1 ? mostLimit : std::min(mostLimit, static_cast<std::size_t>(*limit));
    }
    if (request.has("offset")) {
        const auto offset = numberIn(request.value("offset"));
        if (!offset)
            return std::nullopt;
        window.offset = static_cast<std::size_t>(std::max<std::int64_t>(0, *offset));
    }
    return window;
}

LoopbackReply wrongWindow()
{
    return refused(400, "wrong_params", "limit must be an integer");
}

bool includes(const LoopbackRequest &request, const char *what)
{
    return (',' + request.value("include") + ',').find(std::string(",") + what + ',') != std::string::npos;
}

std::string hrefOf(const LoopbackRequest &request)
{
    return request.rawPath;
}

// What a request's body says, wrapped in "request" or not.
std::string fieldOf(const Json &body, const char *name)
{
    const Json &object = body.contains("request") && body.at("request").is_object() ? body.at("request") : body;
    return object.contains(name) && object.at(name).is_string() ? object.at(name).get<std::string>() : std::string();
}

} // namespace

TravisApi::TravisApi(ci::CiWorld &world)
    : m_world(world)
{}

LoopbackReply TravisApi::unauthorized()
{
    return refused(401, "wrong_credentials", "access denied");
}

bool TravisApi::isAuthorized(const LoopbackRequest &request, const std::string &token)
{
    const std::string sent = request.header("Authorization");
    constexpr std::string_view form = "token ";
    if (sent.compare(0, form.size(), form) != 0)
        return false;
    std::string shown = sent.substr(form.size());
    if (shown.size() > 1 && shown.front() == '"' && shown.back() == '"')
        shown = shown.substr(1, shown.size() - 2);
    return sameSecret(shown, token);
}

LoopbackReply TravisApi::answer(const LoopbackRequest &request)
{
    std::vector<std::string> parts = partsOf(request.rawPath.empty() ? request.path : request.rawPath);
    const bool isInPath = !parts.empty() && parts.front() == "v3";
    if (isInPath)
        parts.erase(parts.begin());
    if (!isInPath && request.header("Travis-API-Version") != "3")
        return refused(404, "not_found", "this is version 3: send Travis-API-Version: 3");
    settle();
    if (request.method == "GET")
        return read(parts, request);
    if (request.method == "POST")
        return write(parts, request);
    return refused(405, "method_not_allowed", "method not allowed");
}

std::string TravisApi::projectOf(const std::string &slugOrId) const
{
    for (const std::string &project : m_world.projects(Vendor::Travis)) {
        if (project == slugOrId || std::to_string(ci::numberOf(project)) == slugOrId)
            return project;
    }
    return {};
}

std::optional<ci::RunRecord> TravisApi::runOf(const std::string &id) const
{
    const auto number = numberIn(id);
    auto run = number ? m_world.run(*number) : std::nullopt;
    return run && run->vendor == Vendor::Travis ? run : std::nullopt;
}

travis::Words TravisApi::words() const
{
    travis::Words words;
    for (const travis::Request &one : m_requests) {
        if (one.run != 0 && !one.message.empty())
            words[one.run] = one.message;
    }
    return words;
}

void TravisApi::settle()
{
    const std::lock_guard lock(m_mutex);
    for (travis::Request &one : m_requests) {
        if (one.isSettled || m_world.nowMs() < one.createdMs + m_requestDelayMs)
            continue;
        ci::StartOrder order;
        order.vendor = Vendor::Travis;
        order.project = one.project;
        order.branch = one.branch;
        order.cause = ci::Cause::Api;
        order.who = m_world.me();
        const ci::Outcome outcome = m_world.start(order);
        one.isSettled = true;
        one.run = outcome ? outcome.run : 0;
        if (!outcome)
            one.rejection = "branch not found: " + one.branch;
    }
}

LoopbackReply TravisApi::read(const Parts &parts, const LoopbackRequest &request)
{
    if (parts.empty())
        return notFound("resource");
    if (parts[0] == "repos" && parts.size() == 1)
        return repositories(request);
    if (parts[0] == "repo" && parts.size() >= 2) {
        const std::string project = projectOf(parts[1]);
        return project.empty() ? notFound("repository") : readRepository(project, parts, request);
    }
    if (parts[0] == "build" && parts.size() >= 2) {
        const auto run = runOf(parts[1]);
        if (!run)
            return notFound("build");
        const std::lock_guard lock(m_mutex);
        if (parts.size() == 2)
            return said(travis::buildBody(m_world, *run, words(), includes(request, "build.jobs")));
        if (parts.size() == 3 && parts[2] == "jobs") {
            Json jobs = Json::array();
            for (std::size_t i = 0; i < run->jobs.size(); ++i) {
                if (travis::isMade(m_world, *run, run->jobs[i]))
                    jobs.push_back(travis::jobBody(m_world, *run, i, words(), includes(request, "job.config")));
            }
            return said(
                {{"@type", "jobs"}, {"@href", hrefOf(request)}, {"@representation", "standard"}, {"jobs", jobs}});
        }
    }
    if (parts[0] == "job" && parts.size() >= 2) {
        const auto id = numberIn(parts[1]);
        const auto run = id ? runOf(std::to_string(travis::runOfJob(*id))) : std::nullopt;
        if (!run || travis::indexOfJob(*id) >= run->jobs.size())
            return notFound("job");
        const std::size_t index = travis::indexOfJob(*id);
        if (parts.size() == 2) {
            const std::lock_guard lock(m_mutex);
            return said(travis::jobBody(m_world, *run, index, words(), includes(request, "job.config")));
        }
        if (parts.size() == 3 && (parts[2] == "log" || parts[2] == "log.txt"))
            return log(*run, index, parts[2] == "log.txt" || request.accept == "text/plain");
    }
    return notFound("resource");
}

LoopbackReply TravisApi::readRepository(const std::string &project, const Parts &parts, const LoopbackRequest &request)
{
    if (parts.size() == 2)
        return said(travis::repositoryBody(m_world, project, true));
    if (parts.size() == 3 && parts[2] == "crons")
        return said(travis::cronsBody(m_world, project));
    if (parts.size() == 3 && parts[2] == "builds")
        return builds(project, request);
    if (parts.size() == 3 && parts[2] == "requests")
        return requestList(project, request);
    if (parts.size() == 4 && parts[2] == "request") {
        const std::lock_guard lock(m_mutex);
        for (const travis::Request &one : m_requests) {
            if (one.project == project && std::to_string(one.id) == parts[3])
                return said(travis::requestBody(m_world, one));
        }
        return notFound("request");
    }
    return notFound("resource");
}

LoopbackReply TravisApi::repositories(const LoopbackRequest &request)
{
    const auto window = windowOf(request);
    if (!window)
        return wrongWindow();
    const auto projects = m_world.projects(Vendor::Travis);
    Json some = Json::array();
    for (std::size_t i = window->offset; i < std::min(projects.size(), window->offset + window->limit); ++i)
        some.push_back(travis::repositoryBody(m_world, projects[i], true));
    return said({{"@type", "repositories"},
                 {"@href", hrefOf(request)},
                 {"@representation", "standard"},
                 {"@pagination", travis::pagination(hrefOf(request), window->limit, window->offset, projects.size())},
                 {"repositories", some}});
}

LoopbackReply TravisApi::builds(const std::string &project, const LoopbackRequest &request)
{
    const auto window = windowOf(request);
    if (!window)
        return wrongWindow();
    ci::RunQuery query;
    query.vendor = Vendor::Travis;
    query.project = project;
    query.branch = request.value("branch.name");
    query.offset = window->offset;
    query.limit = window->limit;
    const ci::RunList list = m_world.runs(query);
    Json some = Json::array();
    const std::lock_guard lock(m_mutex);
    for (const ci::RunRecord &run : list.runs)
        some.push_back(travis::buildBody(m_world, run, words(), includes(request, "build.jobs")));
    return said({{"@type", "builds"},
                 {"@href", hrefOf(request)},
                 {"@representation", "standard"},
                 {"@pagination", travis::pagination(hrefOf(request), window->limit, window->offset, list.total)},
                 {"builds", std::move(some)}});
}

LoopbackReply TravisApi::requestList(const std::string &project, const LoopbackRequest &request)
{
    const auto window = windowOf(request);
    if (!window)
        return wrongWindow();
    const std::lock_guard lock(m_mutex);
    Json some = Json::array();
    std::size_t total = 0;
    for (auto one = m_requests.rbegin(); one != m_requests.rend(); ++one) {
        if (one->project != project)
            continue;
        if (total >= window->offset && some.size() < window->limit)
            some.push_back(travis::requestBody(m_world, *one));
        ++total;
    }
    return said({{"@type", "requests"},
                 {"@href", hrefOf(request)},
                 {"@representation", "standard"},
                 {"@pagination", travis::pagination(hrefOf(request), window->limit, window->offset, total)},
                 {"requests", some}});
}

LoopbackReply TravisApi::log(const ci::RunRecord &run, std::size_t index, bool asText) const
{
    const ci::JobRun &job = run.jobs.at(index);
    const std::string text = travis::logText(m_world.log(job.id));
    if (asText) {
        LoopbackReply reply;
        reply.contentType = "text/plain";
        reply.body = text;
        return reply;
    }
    const std::string id = std::to_string(travis::jobId(run, index));
    return said({{"@type", "log"},
                 {"@href", "/job/" + id + "/log"},
                 {"@representation", "standard"},
                 {"@raw_log_href", "/v3/job/" + id + "/log.txt"},
                 {"id", job.id},
                 {"content", text},
                 {"log_parts", {{{"content", text}, {"final", ci::isEnded(job.phase)}, {"number", 0}}}}});
}

LoopbackReply TravisApi::write(const Parts &parts, const LoopbackRequest &request)
{
    if (parts.size() == 3 && parts[0] == "repo" && parts[2] == "requests") {
        const std::string project = projectOf(parts[1]);
        return project.empty() ? notFound("repository") : createRequest(project, request);
    }
    if (parts.size() == 3 && parts[0] == "build") {
        const auto run = runOf(parts[1]);
        return run ? changeBuild(*run, parts[2]) : notFound("build");
    }
    if (parts.size() == 3 && parts[0] == "job") {
        const auto id = numberIn(parts[1]);
        const auto run = id ? runOf(std::to_string(travis::runOfJob(*id))) : std::nullopt;
        if (!run || travis::indexOfJob(*id) >= run->jobs.size())
            return notFound("job");
        return changeJob(*run, travis::indexOfJob(*id), parts[2]);
    }
    return notFound("resource");
}

LoopbackReply TravisApi::createRequest(const std::string &project, const LoopbackRequest &request)
{
    const Json body = request.body.empty() ? Json::object() : Json::parse(request.body, nullptr, false);
    if (!body.is_object())
        return refused(400, "wrong_params", "wrong parameters");
    const std::lock_guard lock(m_mutex);
    const std::int64_t now = m_world.nowMs();
    const auto recent =
        static_cast<std::size_t>(std::count_if(m_requests.begin(), m_requests.end(), [&](const travis::Request &one) {
            return one.project == project && one.createdMs > now - hourMs;
        }));
    const Json repository = travis::repositoryBody(m_world, project, false);
    if (recent >= mostRequests)
        return refused(429, "request_limit_reached", "request limit reached for resource",
                       {{"repository", repository}, {"max_requests", mostRequests}, {"per_seconds", hourMs / 1000}});
    travis::Request made;
    made.id = 7001 + static_cast<std::int64_t>(m_requests.size());
    made.project = project;
    made.branch = fieldOf(body, "branch");
    if (made.branch.empty())
        made.branch = m_world.pipelines(Vendor::Travis, project).front()->defaultBranch;
    made.message = fieldOf(body, "message");
    made.createdMs = now;
    m_requests.push_back(made);
    return said({{"@type", "pending"},
                 {"resource_type", "request"},
                 {"remaining_requests", mostRequests - recent - 1},
                 {"repository", repository},
                 {"request",
                  {{"repository", {{"id", ci::numberOf(project)}}},
                   {"user", {{"id", ci::numberOf(m_world.me())}}},
                   {"id", made.id},
                   {"message", made.message},
                   {"branch", made.branch}}}},
                202);
}

LoopbackReply TravisApi::changeBuild(const ci::RunRecord &run, const std::string &action)
{
    const bool hasEnded = ci::isEnded(run.phase);
    if (action == "restart") {
        if (!hasEnded || !m_world.rerun(run.id, false, m_world.me()))
            return refused(409, "build_already_running", "build already running, cannot restart");
        return pending("build", travis::buildMinimal(run), action);
    }
    if (action == "cancel") {
        if (hasEnded || !m_world.cancel(run.id, m_world.me()))
            return refused(409, "build_not_cancelable", "build is not running, cannot cancel");
        return pending("build", travis::buildMinimal(run), action);
    }
    return notFound("resource");
}

LoopbackReply TravisApi::changeJob(const ci::RunRecord &run, std::size_t index, const std::string &action)
{
    const ci::JobRun &job = run.jobs.at(index);
    const Json minimal{{"@type", "job"},
                       {"@href", "/job/" + std::to_string(travis::jobId(run, index))},
                       {"@representation", "minimal"},
                       {"id", travis::jobId(run, index)}};
    if (action == "restart") {
        if (!ci::isEnded(job.phase) || !m_world.retryJob(job.id, m_world.me()))
            return refused(409, "job_already_running", "job already running, cannot restart");
        return pending("job", minimal, action);
    }
    if (action == "cancel") {
        if (ci::isEnded(job.phase) || !m_world.cancelJob(job.id, m_world.me()))
            return refused(409, "job_not_cancelable", "job is not running, cannot cancel");
        return pending("job", minimal, action);
    }
    return notFound("resource");
}

} // namespace signalbox::sandbox
