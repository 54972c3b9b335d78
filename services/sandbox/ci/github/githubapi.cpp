#include "services/sandbox/ci/github/githubapi.h"

#include "services/sandbox/ci/github/githubanswers.h"
#include "services/sandbox/ci/github/githubdeployments.h"

#include <algorithm>
#include <sstream>

namespace signalbox::sandbox::ci
{

using namespace github;

namespace
{

constexpr int hourlyLimit = 5000;
constexpr std::int64_t hourMs = 3'600'000;

std::vector<std::string> partsOf(const std::string &path)
{
    std::vector<std::string> parts;
    std::istringstream stream(path);
    for (std::string part; std::getline(stream, part, '/');) {
        if (!part.empty())
            parts.push_back(part);
    }
    return parts;
}

LoopbackReply repositoryAnswer(const Question &ask)
{
    const auto projects = ask.world.projects(Vendor::GitHub);
    if (std::find(projects.begin(), projects.end(), ask.project) == projects.end())
        return notFound();
    if (ask.rest.empty())
        return ask.isGet() ? said(200, repositoryBody(ask.site, ask.world, ask.project, true)) : notFound();
    if (ask.rest[0] == "actions" && ask.rest.size() > 1) {
        if (ask.rest[1] == "workflows")
            return workflowAnswer(ask);
        if (ask.rest[1] == "runs" && ask.rest.size() == 2 && ask.isGet())
            return runs(ask, nullptr);
        if (ask.rest[1] == "runs" && ask.rest.size() > 2)
            return runAnswer(ask);
        if (ask.rest[1] == "jobs" && ask.rest.size() > 2)
            return jobAnswer(ask);
        if (ask.rest[1] == "artifacts" && ask.rest.size() > 2)
            return artifactAnswer(ask);
        return notFound();
    }
    if (!ask.isGet())
        return notFound();
    if (ask.rest[0] == "contents" && ask.rest.size() > 1)
        return contents(ask);
    if (ask.rest[0] == "commits" && ask.rest.size() > 1)
        return commitName(ask);
    if (ask.rest[0] == "git" && ask.rest.size() > 3 && ask.rest[1] == "ref")
        return reference(ask);
    if (ask.is(1, {{0, "deployments"}}))
        return deployments(ask);
    if (ask.is(3, {{0, "deployments"}, {2, "statuses"}}))
        return deploymentStatuses(ask);
    if (ask.is(1, {{0, "environments"}}))
        return listed(ask, "environments", environmentBodies(ask.site, ask.world, ask.project));
    if (ask.is(3, {{0, "check-suites"}, {2, "check-runs"}})) {
        const auto run = runOf(ask, ask.rest[1]);
        return run ? checkRuns(ask, *run) : notFound();
    }
    if (ask.is(3, {{0, "check-runs"}, {2, "annotations"}}))
        return annotations(ask, ask.rest[1]);
    return notFound();
}

} // namespace

GitHubApi::GitHubApi(CiWorld &world)
    : m_world(world)
{}

LoopbackReply GitHubApi::unauthorized()
{
    return refusal(401, "Bad credentials");
}

bool GitHubApi::isAuthorized(const LoopbackRequest &request, const std::string &token)
{
    if (isLogAddress(request.path))
        return true;
    const std::string sent = request.header("Authorization");
    for (const char *scheme : {"Bearer ", "token ", "bearer "}) {
        if (sent.rfind(scheme, 0) == 0)
            return sameSecret(sent.substr(std::string(scheme).size()), token);
    }
    return false;
}

void GitHubApi::setRemaining(int remaining)
{
    const std::lock_guard lock(m_lock);
    m_remaining = remaining;
    m_resetMs = m_world.nowMs() + hourMs;
}

void GitHubApi::addLimits(LoopbackReply &reply)
{
    const std::lock_guard lock(m_lock);
    if (m_world.nowMs() >= m_resetMs) {
        m_remaining = hourlyLimit;
        m_resetMs = m_world.nowMs() + hourMs;
    }
    if (reply.status != 304) {
        if (m_remaining == 0)
            reply = refusal(403, "API rate limit exceeded for user ID 1.");
        else
            --m_remaining;
    }
    reply.headers.insert(reply.headers.end(), {{"X-RateLimit-Limit", std::to_string(hourlyLimit)},
                                               {"X-RateLimit-Remaining", std::to_string(m_remaining)},
                                               {"X-RateLimit-Used", std::to_string(hourlyLimit - m_remaining)},
                                               {"X-RateLimit-Reset", std::to_string(m_resetMs / 1000)},
                                               {"X-RateLimit-Resource", "core"},
                                               {"X-GitHub-Api-Version-Selected", "2022-11-28"}});
}

LoopbackReply GitHubApi::route(const LoopbackRequest &request, const std::string &path)
{
    const std::string host = request.header("Host");
    Site site;
    site.web = "https://" + host;
    site.api = site.web + (path.size() < request.path.size() ? "/api/v3" : "");
    const auto parts = partsOf(path);
    if (parts.size() == 1 && parts[0] == "user" && request.method == "GET")
        return said(200, fullUserBody(site, m_world, m_world.me()));
    if (parts.size() < 3 || parts[0] != "repos")
        return notFound();
    return repositoryAnswer(
        {m_world, request, site, parts[1] + '/' + parts[2], {parts.begin() + 3, parts.end()}, m_logHost});
}

LoopbackReply GitHubApi::answer(const LoopbackRequest &request)
{
    const bool isRead = request.method == "GET" || request.method == "HEAD";
    if (isLogAddress(request.path) && isRead)
        return logAt(m_world, request.path);
    const bool isEnterprise = request.path.rfind("/api/v3/", 0) == 0;
    LoopbackReply reply = route(request, isEnterprise ? request.path.substr(7) : request.path);
    if (isRead && reply.status == 200) {
        const std::string etag = "W/" + etagOf(reply.body);
        if (request.header("If-None-Match") == etag) {
            reply.status = 304;
            reply.body.clear();
        }
        reply.headers.emplace_back("ETag", etag);
    }
    addLimits(reply);
    return reply;
}

} // namespace signalbox::sandbox::ci
