#include "services/sandbox/ci/gitlab/gitlabapi.h"

#include "services/sandbox/ci/gitlab/gitlabcall.h"

namespace signalbox::sandbox::ci
{

GitLabApi::GitLabApi(CiWorld &world)
    : GitLabApi(world, Options{})
{}

GitLabApi::GitLabApi(CiWorld &world, Options options)
    : d(new State{world, std::move(options), {}, 0, 0, {}, {}})
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
    Call call{
        *d,
        d->world,
        {d->world, "https://" + request.header("Host") + d->options.root, d->options.blocksManual, d->options.access}};
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
    if (parts.size() == 3 && first == "groups" && isGet)
        return ofGroup(request, parts);
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
    if (kind == "protected_environments" && below.size() == 1 && isGet)
        return protectedEnvironments(request, project);
    if (isIn(kind, {"protected_branches", "protected_tags"}) && below.size() == 1 && isGet)
        return protectedRefs(request, kind == "protected_tags");
    if (kind == "repository" && below.size() == 3 && isIn(below[1], {"branches", "tags"}) && isGet)
        return ofRepository(request, project, below);
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
        if (request.has("name") && request.value("name") != name)
            continue;
        Json one = environmentJson(project, name);
        one["state"] = "available";
        one["tier"] = tierOf(name);
        all.push_back(one);
    }
    return paged(request, all);
}

} // namespace signalbox::sandbox::ci
