#include "services/sandbox/ci/gitlab/gitlabapi.h"

#include "services/sandbox/ci/citries.h"
#include "services/sandbox/ci/gitlab/gitlabjson.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace signalbox::sandbox::ci
{

using namespace gitlab;

namespace
{

constexpr std::size_t mostRuns = 400; // of a project that are looked at for deployments

LoopbackReply replied(int status, const Json &json)
{
    LoopbackReply reply;
    reply.status = status;
    reply.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return reply;
}

// lib/api/helpers.rb, render_api_error!: "message"; Grape's own refusals: "error".
LoopbackReply refused(int status, const std::string &message)
{
    return replied(status, {{"message", message}});
}

LoopbackReply notFound(const char *what)
{
    return refused(404, std::string("404 ") + what + " Not Found");
}

LoopbackReply invalid(const std::string &error)
{
    return replied(400, {{"error", error}});
}

std::string unescaped(const std::string &text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(&text[i] + 1, &text[i] + 3, code, 16).ptr == &text[i] + 3) {
            plain += static_cast<char>(code);
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

// Of "/api/v4/projects/a%2Fb/jobs": what follows "/api/v4/", decoded part by part.
std::vector<std::string> partsOf(const std::string &path)
{
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from <= path.size()) {
        const std::size_t slash = std::min(path.find('/', from), path.size());
        if (slash > from)
            parts.push_back(unescaped(path.substr(from, slash - from)));
        from = slash + 1;
    }
    return parts;
}

std::optional<std::int64_t> idOf(const std::string &text)
{
    std::int64_t id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && id > 0 ? std::optional(id) : std::nullopt;
}

// Fields of a body, JSON or a form, and of the query: Grape takes all.
Json fieldsOf(const LoopbackRequest &request)
{
    Json fields = Json::object();
    for (const auto &[name, value] : request.query)
        fields[name] = value;
    for (const auto &[name, value] : request.form)
        fields[name] = value;
    if (request.contentType.find("json") != std::string::npos && !request.body.empty()) {
        const Json body = Json::parse(request.body, nullptr, false);
        if (body.is_object())
            fields.update(body);
    }
    return fields;
}

std::string textIn(const Json &fields, const char *key)
{
    const auto found = fields.find(key);
    return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// GitLab takes any variable; the world only those that its jobs read.
void eraseUnknown(Parameters &given, const std::vector<InputPlan> &inputs)
{
    std::erase_if(given, [&inputs](const auto &one) {
        return std::none_of(inputs.begin(), inputs.end(),
                            [&](const InputPlan &input) { return input.name == one.first; });
    });
}

bool isIn(const std::string &word, std::initializer_list<const char *> words)
{
    return std::any_of(words.begin(), words.end(), [&](const char *one) { return word == one; });
}

} // namespace

// What requests have in common.
struct GitLabApi::State
{
    CiWorld &world;
    const Options options;
    std::mutex mutex;
    std::int64_t windowMs = 0;
    int asked = 0;
    std::unordered_map<std::int64_t, std::int64_t> runOfDeployment;

    struct Limit
    {
        int remaining = 0;
        std::int64_t resetsMs = 0;
    };
    Limit counted()
    {
        const std::lock_guard lock(mutex);
        const std::int64_t now = world.nowMs();
        if (now - windowMs >= 60'000) {
            windowMs = now;
            asked = 0;
        }
        ++asked;
        return {options.requestsPerMinute - asked, windowMs + 60'000};
    }
};

// One request.
struct GitLabApi::Call
{
    State &state;
    CiWorld &world;
    const View view;

    LoopbackReply route(const LoopbackRequest &request, const std::vector<std::string> &parts);
    LoopbackReply ofProject(const LoopbackRequest &request, const std::string &project,
                            const std::vector<std::string> &below);
    LoopbackReply ofPipelines(const LoopbackRequest &request, const std::string &project,
                              const std::vector<std::string> &below);
    LoopbackReply ofJobs(const LoopbackRequest &request, const std::string &project,
                         const std::vector<std::string> &below);
    LoopbackReply ofDeployments(const LoopbackRequest &request, const std::string &project,
                                const std::vector<std::string> &below);
    LoopbackReply paged(const LoopbackRequest &request, const Json &all, std::optional<std::size_t> total = {}) const;

    std::string projectOf(const std::string &idOrPath) const;
    std::string headOf(const std::string &project, const std::string &branch) const;
    std::optional<RunRecord> runOf(const std::string &project, const std::string &id) const;
    struct Place
    {
        RunRecord run;
        JobRun job;
    };
    std::optional<Place> jobOf(const std::string &project, const std::string &id) const;
    std::optional<Place> deploymentOf(const std::string &project, const std::string &id);
    std::vector<Place> deployments(const std::string &project);
    LoopbackReply list(const LoopbackRequest &request, const std::string &project) const;
    LoopbackReply jobs(const LoopbackRequest &request, const RunRecord &run, bool wantsBridges) const;
    LoopbackReply make(const LoopbackRequest &request, const std::string &project);
    LoopbackReply decide(const LoopbackRequest &request, const Place &place);
    LoopbackReply play(const LoopbackRequest &request, const Place &place);
    LoopbackReply listDeployments(const LoopbackRequest &request, const std::string &project);
    LoopbackReply schedules(const LoopbackRequest &request, const std::string &project) const;
    LoopbackReply environments(const LoopbackRequest &request, const std::string &project);
};

GitLabApi::GitLabApi(CiWorld &world)
    : GitLabApi(world, Options{})
{}

GitLabApi::GitLabApi(CiWorld &world, Options options)
    : d(new State{world, std::move(options), {}, 0, 0, {}})
{}

GitLabApi::~GitLabApi() = default;

bool GitLabApi::isAuthorized(const LoopbackRequest &request, const std::string &token)
{
    return sameSecret(request.header("PRIVATE-TOKEN"), token) ||
           sameSecret(request.header("Authorization"), "Bearer " + token);
}

LoopbackReply GitLabApi::unauthorized()
{
    return refused(401, "401 Unauthorized");
}

LoopbackReply GitLabApi::answer(const LoopbackRequest &request)
{
    const State::Limit limit = d->counted();
    // doc/administration/settings/user_and_ip_rate_limits.md
    const auto headers = [&](LoopbackReply &reply) {
        reply.headers.emplace_back("RateLimit-Limit", std::to_string(d->options.requestsPerMinute));
        reply.headers.emplace_back("RateLimit-Observed",
                                   std::to_string(d->options.requestsPerMinute - limit.remaining));
        reply.headers.emplace_back("RateLimit-Remaining", std::to_string(std::max(0, limit.remaining)));
        reply.headers.emplace_back("RateLimit-Reset", std::to_string(limit.resetsMs / 1000));
        reply.headers.emplace_back("RateLimit-Name", "throttle_authenticated_api");
    };
    if (limit.remaining < 0) {
        LoopbackReply reply;
        reply.status = 429;
        reply.contentType = "text/plain";
        reply.body = "Retry later\n";
        headers(reply);
        reply.headers.emplace_back(
            "Retry-After", std::to_string(std::max<std::int64_t>(1, (limit.resetsMs - d->world.nowMs()) / 1000)));
        return reply;
    }
    const std::string root = d->options.root + "/api/v4/";
    const bool isOurs = request.rawPath.rfind(root, 0) == 0;
    // Addresses in answers lead where the client came from, as those of a server with the right external_url.
    Call call{*d, d->world, {d->world, "https://" + request.header("Host") + d->options.root}};
    LoopbackReply reply = isOurs ? call.route(request, partsOf(request.rawPath.substr(root.size())))
                                 : replied(404, {{"error", "404 Not Found"}});
    headers(reply);
    // Rack::ETag, Rack::ConditionalGet
    if (request.method == "GET" && reply.status == 200) {
        const std::string tag = "W/" + etagOf(reply.body);
        reply.headers.emplace_back("ETag", tag);
        reply.headers.emplace_back("Cache-Control", "max-age=0, private, must-revalidate");
        if (request.header("If-None-Match") == tag) {
            reply.status = 304;
            reply.body.clear();
        }
    }
    return reply;
}

// doc/api/rest/index.md, "Offset-based pagination". `all` may be one page already, of `total`.
LoopbackReply GitLabApi::Call::paged(const LoopbackRequest &request, const Json &all,
                                     std::optional<std::size_t> total) const
{
    const auto number = [&](const char *key, std::size_t otherwise, std::size_t most) {
        const auto value = idOf(request.value(key));
        return value ? std::min<std::size_t>(static_cast<std::size_t>(*value), most) : otherwise;
    };
    const std::size_t perPage = number("per_page", 20, 100);
    const std::size_t page = number("page", 1, 1'000'000);
    const std::size_t whole = total.value_or(all.size());
    const std::size_t pages = std::max<std::size_t>(1, (whole + perPage - 1) / perPage);
    Json shown = all;
    if (!total) {
        const std::size_t from = std::min(all.size(), (page - 1) * perPage);
        shown = Json::array();
        for (std::size_t i = from; i < std::min(all.size(), from + perPage); ++i)
            shown.push_back(all[i]);
    }
    LoopbackReply reply = replied(200, shown);
    const std::string next = page < pages ? std::to_string(page + 1) : std::string();
    reply.headers = {{"X-Page", std::to_string(page)},
                     {"X-Per-Page", std::to_string(perPage)},
                     {"X-Next-Page", next},
                     {"X-Prev-Page", page > 1 ? std::to_string(page - 1) : std::string()},
                     {"X-Total", std::to_string(whole)},
                     {"X-Total-Pages", std::to_string(pages)}};
    if (!next.empty())
        reply.headers.emplace_back("Link", "<https://" + request.header("Host") + request.rawPath + "?page=" + next +
                                               "&per_page=" + std::to_string(perPage) + ">; rel=\"next\"");
    return reply;
}

LoopbackReply GitLabApi::Call::route(const LoopbackRequest &request, const std::vector<std::string> &parts)
{
    const bool isGet = request.method == "GET";
    const std::string first = parts.empty() ? std::string() : parts.front();
    if (parts.size() == 1 && first == "user" && isGet)
        return replied(200, userJson(view, world.me()));
    if (parts.size() == 1 && isIn(first, {"version", "metadata"}) && isGet)
        return replied(200, {{"version", "17.5.1-ee"}, {"revision", "6d6a5d4"}});
    if (parts.size() == 1 && first == "projects" && isGet) {
        Json all = Json::array();
        for (const std::string &project : world.projects(Vendor::GitLab))
            all.push_back(projectJson(view, project));
        return paged(request, all);
    }
    if (parts.size() >= 2 && first == "projects") {
        const std::string project = projectOf(parts[1]);
        return project.empty() ? notFound("Project") : ofProject(request, project, {parts.begin() + 2, parts.end()});
    }
    return replied(404, {{"error", "404 Not Found"}});
}

std::string GitLabApi::Call::projectOf(const std::string &idOrPath) const
{
    for (const std::string &project : world.projects(Vendor::GitLab)) {
        if (project == idOrPath || std::to_string(projectId(project)) == idOrPath)
            return project;
    }
    return {};
}

// A branch that nothing was pushed to is where the default branch is. Empty: there is none.
std::string GitLabApi::Call::headOf(const std::string &project, const std::string &branch) const
{
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitLab, project)) {
        if (std::find(plan->branches.begin(), plan->branches.end(), branch) == plan->branches.end())
            continue;
        for (auto commit = plan->commits.rbegin(); branch == plan->defaultBranch && commit != plan->commits.rend();
             ++commit) { // sources that are really there: the newest may not have run yet
            if (commit->atMs <= world.nowMs())
                return commit->sha;
        }
        const std::string head = world.headOf(Vendor::GitLab, project, branch);
        return head.empty() ? world.headOf(Vendor::GitLab, project, plan->defaultBranch) : head;
    }
    return {};
}

LoopbackReply GitLabApi::Call::ofProject(const LoopbackRequest &request, const std::string &project,
                                         const std::vector<std::string> &below)
{
    const bool isGet = request.method == "GET";
    if (below.empty())
        return isGet ? replied(200, projectJson(view, project)) : refused(405, "405 Method Not Allowed");
    const std::string &kind = below.front();
    if (kind == "pipelines")
        return ofPipelines(request, project, below);
    if (kind == "pipeline" && below.size() == 1)
        return request.method == "POST" ? make(request, project) : replied(405, {{"error", "405 Not Allowed"}});
    if (kind == "jobs")
        return ofJobs(request, project, below);
    if (kind == "deployments")
        return ofDeployments(request, project, below);
    if (kind == "pipeline_schedules" && below.size() == 1 && isGet)
        return schedules(request, project);
    if (kind == "environments" && below.size() == 1 && isGet)
        return environments(request, project);
    if (kind == "repository" && below.size() == 3 && isIn(below[1], {"branches", "tags"}) && isGet) {
        const bool isTag = below[1] == "tags";
        std::string commit = isTag ? std::string() : headOf(project, below[2]);
        if (isTag) {
            RunQuery query{
                Vendor::GitLab, project, {}, below[2], {}, [](const RunRecord &run) { return !run.tag.empty(); }, 0, 1};
            const RunList found = world.runs(query);
            commit = found.runs.empty() ? std::string() : found.runs.front().commit;
        }
        if (commit.empty())
            return isTag ? notFound("Tag") : notFound("Branch");
        const Json head = {{"id", commit}, {"short_id", commit.substr(0, 8)}};
        return replied(200, {{"name", below[2]}, {"commit", head}});
    }
    return replied(404, {{"error", "404 Not Found"}});
}

std::optional<RunRecord> GitLabApi::Call::runOf(const std::string &project, const std::string &id) const
{
    const auto number = idOf(id);
    auto run = number ? world.run(*number) : std::nullopt;
    return run && run->vendor == Vendor::GitLab && run->project == project ? run : std::nullopt;
}

std::optional<GitLabApi::Call::Place> GitLabApi::Call::jobOf(const std::string &project, const std::string &id) const
{
    const auto number = idOf(id);
    const auto run = number ? world.runOfJob(*number) : std::nullopt;
    if (!run || run->vendor != Vendor::GitLab || run->project != project)
        return std::nullopt;
    const JobRun *job = run->job(*number);
    return job ? std::optional(Place{*run, *job}) : std::nullopt;
}

// ---- pipelines

LoopbackReply GitLabApi::Call::list(const LoopbackRequest &request, const std::string &project) const
{
    const std::string status = request.value("status");
    const std::string source = request.value("source");
    const std::string username = request.value("username");
    const std::string scope = request.value("scope");
    if (!status.empty() &&
        !isIn(status, {"created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running",
                       "success", "failed", "canceling", "canceled", "skipped", "manual", "scheduled"}))
        return invalid("status does not have a valid value");
    if (!scope.empty() && !isIn(scope, {"running", "pending", "finished", "branches", "tags"}))
        return invalid("scope does not have a valid value");
    RunQuery query;
    query.vendor = Vendor::GitLab;
    query.project = project;
    query.branch = request.value("ref");
    query.commit = request.value("sha");
    query.isWanted = [=](const RunRecord &run) {
        const std::string word = wordOf(run.phase);
        const bool fitsScope = scope.empty() || scope == word || (scope == "finished" && isEnded(run.phase)) ||
                               (scope == "tags" && !run.tag.empty()) || (scope == "branches" && run.tag.empty());
        const bool fitsSource = source.empty() ? run.cause != Cause::Upstream : sourceOf(run.cause) == source;
        return fitsScope && fitsSource && (status.empty() || word == status) &&
               (username.empty() || run.who == username);
    };
    const auto perPage = idOf(request.value("per_page")).value_or(20);
    const auto page = idOf(request.value("page")).value_or(1);
    query.limit = static_cast<std::size_t>(std::min<std::int64_t>(perPage, 100));
    query.offset = static_cast<std::size_t>(page - 1) * query.limit;
    const RunList found = world.runs(query);
    Json shown = Json::array();
    for (const RunRecord &run : found.runs)
        shown.push_back(pipelineBasic(view, run));
    return paged(request, shown, found.total);
}

LoopbackReply GitLabApi::Call::jobs(const LoopbackRequest &request, const RunRecord &run, bool wantsBridges) const
{
    const bool wantsOld = request.value("include_retried") == "true" && !wantsBridges;
    std::vector<std::string> scopes;
    for (const auto &[name, value] : request.query) {
        if (name == "scope" || name == "scope[]")
            scopes.push_back(value);
    }
    std::vector<std::pair<RunRecord, JobRun>> all;
    for (int attempt = wantsOld ? 1 : run.attempt; attempt <= run.attempt; ++attempt) {
        const auto then = attempt == run.attempt ? run : world.run(run.id, attempt).value_or(run);
        for (const JobRun &job : then.jobs) {
            std::erase_if(all, [&](const auto &one) { return one.second.id == job.id; });
            all.emplace_back(then, job);
        }
    }
    std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.second.id > b.second.id; });
    Json shown = Json::array();
    for (const auto &[then, job] : all) {
        if (isBridge(view, then, job) != wantsBridges)
            continue;
        const Json one = wantsBridges ? bridgeJson(view, then, job) : jobJson(view, then, job);
        const bool fits =
            scopes.empty() || std::find(scopes.begin(), scopes.end(), textIn(one, "status")) != scopes.end();
        if (fits)
            shown.push_back(one);
    }
    return paged(request, shown);
}

LoopbackReply GitLabApi::Call::ofPipelines(const LoopbackRequest &request, const std::string &project,
                                           const std::vector<std::string> &below)
{
    const bool isGet = request.method == "GET";
    if (below.size() == 1)
        return isGet ? list(request, project) : replied(405, {{"error", "405 Not Allowed"}});
    const auto run = runOf(project, below[1]);
    if (!run)
        return refused(404, "404 Not found");
    if (below.size() == 2 && request.method == "DELETE") {
        world.remove(run->id);
        LoopbackReply reply;
        reply.status = 204;
        return reply;
    }
    const std::string what = below.size() == 3 ? below[2] : std::string();
    if (isGet && below.size() == 2)
        return replied(200, pipelineWhole(view, *run));
    if (isGet && what == "jobs")
        return jobs(request, *run, false);
    if (isGet && what == "bridges")
        return jobs(request, *run, true);
    if (isGet && what == "test_report")
        return replied(200, testReport(world.tests(run->id), *run));
    if (isGet && what == "test_report_summary")
        return replied(200, testSummary(world.tests(run->id), *run));
    if (isGet && what == "variables") {
        Json all = Json::array();
        for (const auto &[name, value] : run->parameters)
            all.push_back({{"variable_type", "env_var"}, {"key", name}, {"value", value}, {"raw", false}});
        return paged(request, all);
    }
    if (request.method == "POST" && what == "retry") {
        world.rerun(run->id, true, world.me()); // with nothing to retry it says the same
        return replied(201, pipelineWhole(view, *world.run(run->id)));
    }
    if (request.method == "POST" && what == "cancel") { // of one that ended too: gitlab-org/gitlab#519143
        world.cancel(run->id, world.me());
        return replied(200, pipelineWhole(view, *world.run(run->id)));
    }
    return isIn(what, {"retry", "cancel", "jobs", "bridges"}) ? replied(405, {{"error", "405 Not Allowed"}})
                                                              : replied(404, {{"error", "404 Not Found"}});
}

LoopbackReply GitLabApi::Call::make(const LoopbackRequest &request, const std::string &project)
{
    const Json fields = fieldsOf(request);
    const std::string ref = textIn(fields, "ref");
    if (ref.empty())
        return invalid("ref is missing");
    StartOrder order;
    order.vendor = Vendor::GitLab;
    order.project = project;
    order.cause = Cause::Api;
    order.who = world.me();
    order.commit = headOf(project, ref);
    if (order.commit.empty())
        order.tag = ref;
    else
        order.branch = ref;
    if (fields.contains("variables") && fields["variables"].is_array()) {
        for (const Json &one : fields["variables"]) {
            const std::string key = textIn(one, "key");
            if (key.empty())
                return invalid("variables[0][key] is missing");
            order.parameters.emplace_back(key, textIn(one, "value"));
        }
    }
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitLab, project)) {
        if (!plan->isChild) {
            eraseUnknown(order.parameters, plan->inputs);
            break;
        }
    }
    const Outcome made = world.start(order);
    if (made.kind == Outcome::Kind::NoSuch)
        return replied(400, {{"message", {{"base", Json::array({"Reference not found"})}}}});
    if (!made)
        return replied(400, {{"message", {{"base", Json::array({made.text})}}}});
    return replied(201, pipelineWhole(view, *world.run(made.run)));
}

// ---- jobs

LoopbackReply GitLabApi::Call::play(const LoopbackRequest &request, const Place &place)
{
    const auto now = world.runOfJob(place.job.id);
    const JobRun *job = now ? now->job(place.job.id) : nullptr;
    if (!job || job->phase != Phase::Waiting || !job->isManual)
        return refused(400, "400 Bad request - Unplayable Job");
    if (pendingApprovals(*job) > 0) // app/models/ee/ci/build.rb: not playable while it waits for approvals
        return refused(400, "400 Bad request - Unplayable Job");
    Parameters answers;
    const Json fields = fieldsOf(request);
    if (fields.contains("job_variables_attributes") && fields["job_variables_attributes"].is_array()) {
        for (const Json &one : fields["job_variables_attributes"])
            answers.emplace_back(textIn(one, "key"), textIn(one, "value"));
    }
    eraseUnknown(answers, world.planOf(place.run, place.job).gate.inputs);
    const Outcome played = world.playJob(place.job.id, world.me(), answers);
    if (played.kind == Outcome::Kind::NotAllowed)
        return refused(403, "403 Forbidden");
    if (!played)
        return refused(400, "400 Bad request - Unplayable Job");
    const auto after = jobOf(place.run.project, std::to_string(place.job.id));
    return replied(200, jobJson(view, after ? after->run : place.run, after ? after->job : place.job));
}

LoopbackReply GitLabApi::Call::ofJobs(const LoopbackRequest &request, const std::string &project,
                                      const std::vector<std::string> &below)
{
    if (below.size() < 2)
        return replied(404, {{"error", "404 Not Found"}});
    const auto place = jobOf(project, below[1]);
    if (!place)
        return refused(404, "404 Not found");
    const std::string what = below.size() == 3 ? below[2] : std::string();
    const bool isGet = request.method == "GET";
    if (isGet && below.size() == 2)
        return replied(200, jobJson(view, place->run, place->job));
    if (isGet && what == "trace") {
        LoopbackReply reply;
        reply.contentType = "text/plain";
        reply.body = trace(world.log(place->job.id), place->job);
        return reply;
    }
    if (request.method != "POST")
        return replied(405, {{"error", "405 Not Allowed"}});
    if (what == "play")
        return play(request, *place);
    if (what == "retry") {
        const Outcome made = world.retryJob(place->job.id, world.me());
        if (!made)
            return refused(403, "403 Forbidden - Job is not retryable");
        // app/services/ci/retry_job_service.rb: a manual job starts at once; one that needs approvals waits for them.
        world.playJob(made.job, world.me());
        const auto after = jobOf(project, std::to_string(made.job != 0 ? made.job : place->job.id));
        return replied(201, jobJson(view, after ? after->run : place->run, after ? after->job : place->job));
    }
    if (what == "cancel") {
        world.cancelJob(place->job.id, world.me());
        const auto after = jobOf(project, below[1]);
        return replied(201, jobJson(view, after ? after->run : place->run, after ? after->job : place->job));
    }
    return replied(404, {{"error", "404 Not Found"}});
}

// ---- deployments

std::vector<GitLabApi::Call::Place> GitLabApi::Call::deployments(const std::string &project)
{
    RunQuery query;
    query.vendor = Vendor::GitLab;
    query.project = project;
    query.limit = mostRuns;
    query.isWanted = [this](const RunRecord &run) { // most runs deploy nothing
        const auto &jobs = world.planOf(run).jobs;
        return std::any_of(jobs.begin(), jobs.end(), [&run](const JobPlan &job) {
            return !job.environment.empty() && (job.onlyFor.empty() || std::find(job.onlyFor.begin(), job.onlyFor.end(),
                                                                                 run.cause) != job.onlyFor.end());
        });
    };
    std::vector<Place> all;
    for (const RunRecord &one : world.runs(query).runs) {
        const auto run = world.run(one.id);
        if (!run)
            continue;
        for (const DeployingTry &one : deployingTries(world, *run)) {
            if (hasDeployment(one.job))
                all.push_back({one.run, one.job});
        }
    }
    const std::lock_guard lock(state.mutex);
    for (const Place &place : all)
        state.runOfDeployment[place.job.deploymentId] = place.run.id;
    return all;
}

std::optional<GitLabApi::Call::Place> GitLabApi::Call::deploymentOf(const std::string &project, const std::string &id)
{
    const auto number = idOf(id);
    if (!number)
        return std::nullopt;
    std::int64_t known = 0;
    {
        const std::lock_guard lock(state.mutex);
        const auto found = state.runOfDeployment.find(*number);
        known = found == state.runOfDeployment.end() ? 0 : found->second;
    }
    if (known != 0) {
        const auto run = runOf(project, std::to_string(known));
        for (const DeployingTry &one : run ? deployingTries(world, *run) : std::vector<DeployingTry>()) {
            if (one.job.deploymentId == *number)
                return Place{one.run, one.job};
        }
        return std::nullopt;
    }
    for (const Place &place : deployments(project)) {
        if (place.job.deploymentId == *number)
            return place;
    }
    return std::nullopt;
}

LoopbackReply GitLabApi::Call::listDeployments(const LoopbackRequest &request, const std::string &project)
{
    const std::string status = request.value("status");
    const std::string environment = request.value("environment");
    const std::string after = request.value("updated_after");
    const std::string order = request.has("order_by") ? request.value("order_by") : "id";
    if (!status.empty() && !isIn(status, {"created", "running", "success", "failed", "canceled", "skipped", "blocked"}))
        return invalid("status does not have a valid value");
    // app/finders/deployments_finder.rb: an index serves one order alone
    if (!after.empty() && order != "updated_at")
        return refused(400, "400 Bad request - `updated_at` filter and `updated_at` sorting must be paired");
    Json all = Json::array();
    for (const Place &place : deployments(project)) {
        const Json one = deploymentJson(view, place.run, place.job, false);
        const bool fits = (status.empty() || one["status"] == status) &&
                          (environment.empty() || place.job.environment == environment) &&
                          (after.empty() || textIn(one, "updated_at") >= after);
        if (fits)
            all.push_back(one);
    }
    const bool isDown = request.value("sort") == "desc";
    std::stable_sort(all.begin(), all.end(), [&](const Json &a, const Json &b) {
        const Json &left = isDown ? b : a;
        const Json &right = isDown ? a : b;
        return left[order == "updated_at" ? "updated_at" : "id"] < right[order == "updated_at" ? "updated_at" : "id"];
    });
    return paged(request, all);
}

// In the words and the order of Deployments::ApprovalService#validate.
LoopbackReply GitLabApi::Call::decide(const LoopbackRequest &request, const Place &place)
{
    const Json fields = fieldsOf(request);
    const std::string status = textIn(fields, "status");
    if (status.empty())
        return invalid("status is missing");
    if (!isIn(status, {"approved", "rejected"}))
        return invalid("status does not have a valid value");
    const JobPlan &plan = world.planOf(place.run, place.job);
    if (plan.gate.approvals == 0)
        return refused(400, "This environment is not protected.");
    if (place.run.who == world.me() && status == "approved")
        return refused(400, "You cannot approve your own deployment. This configuration can be adjusted in the "
                            "protected environment settings.");
    if (place.job.phase != Phase::Waiting || pendingApprovals(place.job) == 0)
        return refused(400, "This deployment is not waiting for approvals.");
    const std::string as = textIn(fields, "represented_as");
    const Json shown = deploymentJson(view, place.run, place.job, true);
    if (!as.empty() && shown["approval_summary"]["rules"][0]["access_level_description"] != as)
        return refused(400, "There are no approval rules for the given `represent_as` parameter. Use a valid "
                            "User/Group/Role name instead.");
    const Decision decision{world.me(), status == "approved", textIn(fields, "comment"), 0};
    const Outcome made = world.decide(place.job.id, decision);
    if (made.kind == Outcome::Kind::NotAllowed)
        return refused(400, "You don't have permission to approve this deployment. Contact the project or group owner "
                            "for help.");
    if (!made)
        return refused(400, "This deployment is not waiting for approvals.");
    return replied(201, {{"user", userJson(view, world.me())},
                         {"status", status},
                         {"created_at", isoTime(world.nowMs(), true)},
                         {"comment", decision.comment}});
}

LoopbackReply GitLabApi::Call::ofDeployments(const LoopbackRequest &request, const std::string &project,
                                             const std::vector<std::string> &below)
{
    const bool isGet = request.method == "GET";
    if (below.size() == 1)
        return isGet ? listDeployments(request, project) : replied(405, {{"error", "405 Not Allowed"}});
    const auto place = deploymentOf(project, below[1]);
    if (!place)
        return refused(404, "404 Not found");
    if (isGet && below.size() == 2)
        return replied(200, deploymentJson(view, place->run, place->job, true));
    if (below.size() == 3 && below[2] == "approval")
        return request.method == "POST" ? decide(request, *place) : replied(405, {{"error", "405 Not Allowed"}});
    return replied(404, {{"error", "404 Not Found"}});
}

// ---- the rest

LoopbackReply GitLabApi::Call::schedules(const LoopbackRequest &request, const std::string &project) const
{
    Json all = Json::array();
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitLab, project)) {
        for (const std::string &cron : plan->crons) {
            const std::string owner = plan->people.empty() ? world.me() : plan->people.front();
            all.push_back({{"id", numberOf(project + cron)},
                           {"description", "Nightly"},
                           {"ref", "refs/heads/" + plan->defaultBranch},
                           {"cron", cron},
                           {"cron_timezone", "UTC"},
                           {"next_run_at", isoTime(world.nowMs() + 3'600'000, true)},
                           {"active", true},
                           {"created_at", "2024-02-05T09:00:00.000Z"},
                           {"updated_at", "2024-02-05T09:00:00.000Z"},
                           {"owner", userJson(view, owner)}});
        }
    }
    return paged(request, all);
}

LoopbackReply GitLabApi::Call::environments(const LoopbackRequest &request, const std::string &project)
{
    std::vector<std::string> names;
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitLab, project)) {
        for (const JobPlan &job : plan->jobs) {
            if (!job.environment.empty() && std::find(names.begin(), names.end(), job.environment) == names.end())
                names.push_back(job.environment);
        }
    }
    Json all = Json::array();
    for (const std::string &name : names) {
        Json one = environmentJson(project, name);
        one["state"] = "available";
        one["tier"] = name == "production" || name == "staging" ? name : "other";
        all.push_back(one);
    }
    return paged(request, all);
}

} // namespace signalbox::sandbox::ci
