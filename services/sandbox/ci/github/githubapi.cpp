#include "services/sandbox/ci/github/githubapi.h"

#include "services/sandbox/ci/github/githubbodies.h"
#include "services/sandbox/ci/github/githubdeployments.h"

#include <QByteArray>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

namespace signalbox::sandbox::ci
{

namespace
{

using namespace github;

constexpr int hourlyLimit = 5000;
constexpr std::int64_t hourMs = 3'600'000;

LoopbackReply said(int status, const Json &body)
{
    LoopbackReply reply;
    reply.status = status;
    reply.contentType = "application/json; charset=utf-8";
    reply.body = body.dump();
    return reply;
}

LoopbackReply refusal(int status, const std::string &message)
{
    return said(status, {{"message", message},
                         {"documentation_url", "https://docs.github.com/rest"},
                         {"status", std::to_string(status)}});
}

LoopbackReply notFound()
{
    return refusal(404, "Not Found");
}

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

std::int64_t idIn(const std::string &text)
{
    std::int64_t id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? id : 0;
}

bool endsWith(const std::string &text, const std::string &end)
{
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

struct Paging
{
    std::size_t page = 1;
    std::size_t size = 30;

    static Paging of(const LoopbackRequest &request)
    {
        Paging one;
        if (const auto size = idIn(request.value("per_page")); size > 0)
            one.size = static_cast<std::size_t>(std::min<std::int64_t>(size, 100));
        if (const auto page = idIn(request.value("page")); page > 0)
            one.page = static_cast<std::size_t>(page);
        return one;
    }
    std::size_t offset() const { return (page - 1) * size; }
};

// As GitHub words it: absolute addresses with the question's own parameters.
void addLink(LoopbackReply &reply, const LoopbackRequest &request, const std::string &url, const Paging &paging,
             std::size_t total)
{
    if (paging.offset() + paging.size >= total)
        return;
    std::string query;
    for (const auto &[name, value] : request.query) {
        if (name != "page")
            query += name + '=' + QByteArray::fromStdString(value).toPercentEncoding().toStdString() + '&';
    }
    reply.headers.emplace_back("Link",
                               '<' + url + '?' + query + "page=" + std::to_string(paging.page + 1) + ">; rel=\"next\"");
}

// A question about one repository.
struct Question
{
    CiWorld &world;
    const LoopbackRequest &request;
    Site site;
    std::string project;
    std::vector<std::string> rest; // of the path
    std::string logHost;

    bool isGet() const { return request.method == "GET"; }
    bool isPost() const { return request.method == "POST"; }
    bool is(std::size_t size, std::initializer_list<std::pair<std::size_t, const char *>> words) const
    {
        return rest.size() == size && std::all_of(words.begin(), words.end(),
                                                  [this](const auto &word) { return rest[word.first] == word.second; });
    }
    std::string address() const
    {
        std::string url = site.repository(project);
        for (const std::string &part : rest)
            url += '/' + part;
        return url;
    }
};

// All of a list, page by page.
LoopbackReply listed(const Question &ask, const char *key, const std::vector<Json> &all)
{
    const Paging paging = Paging::of(ask.request);
    Json page = Json::array();
    for (std::size_t i = paging.offset(); i < std::min(all.size(), paging.offset() + paging.size); ++i)
        page.push_back(all[i]);
    LoopbackReply reply = key ? said(200, {{"total_count", all.size()}, {key, page}}) : said(200, page);
    addLink(reply, ask.request, ask.address(), paging, all.size());
    return reply;
}

const PipelinePlan *planOf(const Question &ask, const std::string &name)
{
    for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project)) {
        if (endsWith(plan->file, '/' + name) || std::to_string(workflowId(*plan)) == name)
            return plan;
    }
    return nullptr;
}

std::optional<RunRecord> runOf(const Question &ask, const std::string &id)
{
    auto run = ask.world.run(idIn(id));
    if (!run || run->vendor != Vendor::GitHub || run->project != ask.project)
        return std::nullopt;
    return run;
}

// ---- reads

bool isWanted(const LoopbackRequest &request, const RunRecord &run)
{
    if (const std::string status = request.value("status"); !status.empty()) {
        const Words words = wordsOf(run.phase);
        if (words.status != status && words.conclusion != Json(status))
            return false;
    }
    if (request.has("event") && eventOf(run.cause) != request.value("event"))
        return false;
    if (request.has("actor") && run.who != request.value("actor"))
        return false;
    if (const std::string created = request.value("created"); created.rfind(">=", 0) == 0)
        return isoTime(run.createdMs) >= created.substr(2);
    return true;
}

LoopbackReply runs(const Question &ask, const PipelinePlan *plan)
{
    const Paging paging = Paging::of(ask.request);
    RunQuery query;
    query.vendor = Vendor::GitHub;
    query.project = ask.project;
    query.pipeline = plan ? plan->name : std::string();
    query.branch = ask.request.value("branch");
    query.commit = ask.request.value("head_sha");
    query.isWanted = [&ask](const RunRecord &run) { return isWanted(ask.request, run); };
    query.offset = paging.offset();
    query.limit = paging.size;
    const RunList list = ask.world.runs(query);
    // As text: a console asks for such a page all the time, and fifty runs have two whole repositories each.
    const std::string repository = repositoryBody(ask.site, ask.world, ask.project, false).dump();
    std::string page;
    for (const RunRecord &run : list.runs) {
        page += page.empty() ? "" : ",";
        page += bareRunBody(ask.site, ask.world, run).dump();
        page.back() = ','; // its brace: it goes on
        page += "\"repository\":" + repository + ",\"head_repository\":" + repository + '}';
    }
    LoopbackReply reply = said(200, Json::object());
    reply.body = "{\"total_count\":" + std::to_string(list.total) + ",\"workflow_runs\":[" + page + "]}";
    addLink(reply, ask.request, ask.address(), paging, list.total);
    return reply;
}

LoopbackReply jobs(const Question &ask, const RunRecord &run)
{
    std::vector<Json> all;
    for (const JobRun &job : run.jobs) {
        if (isListed(job))
            all.push_back(jobBody(ask.site, run, job));
    }
    return listed(ask, "jobs", all);
}

LoopbackReply pendingDeployments(const Question &ask, const RunRecord &run)
{
    Json all = Json::array();
    for (const JobRun &job : run.jobs) {
        if (isPending(job))
            all.push_back(pendingBody(ask.site, ask.world, run, job));
    }
    return said(200, all);
}

LoopbackReply approvals(const Question &ask, const RunRecord &run)
{
    Json all = Json::array();
    for (const JobRun &job : run.jobs) {
        for (const Decision &one : job.decisions)
            all.push_back(reviewBody(ask.site, ask.world, run, job, one));
    }
    return said(200, all);
}

LoopbackReply artifacts(const Question &ask, const RunRecord &run)
{
    std::vector<Json> all;
    for (const Artifact &one : ask.world.artifacts(run.id))
        all.push_back(artifactBody(ask.site, run, one));
    return listed(ask, "artifacts", all);
}

LoopbackReply checkRuns(const Question &ask, const RunRecord &run)
{
    std::vector<Json> all;
    for (const JobRun &job : run.jobs) {
        if (isListed(job))
            all.push_back(checkRunBody(ask.site, ask.world, run, job));
    }
    return listed(ask, "check_runs", all);
}

LoopbackReply annotations(const Question &ask, const std::string &id)
{
    const auto run = ask.world.runOfJob(idIn(id));
    if (!run || run->project != ask.project)
        return notFound();
    std::vector<Json> all;
    for (const Annotation &one : ask.world.annotations(run->id)) {
        if (one.job == idIn(id))
            all.push_back(annotationBody(ask.site, *run, one));
    }
    return listed(ask, nullptr, all);
}

LoopbackReply deployments(const Question &ask)
{
    return listed(
        ask, nullptr,
        deploymentBodies(ask.site, ask.world, ask.project, ask.request.value("environment"), ask.request.value("sha")));
}

LoopbackReply deploymentStatuses(const Question &ask)
{
    const auto all = deploymentStatusBodies(ask.site, ask.world, ask.project, idIn(ask.rest[1]));
    return all ? listed(ask, nullptr, *all) : notFound();
}

LoopbackReply contents(const Question &ask)
{
    std::string path;
    for (std::size_t i = 1; i < ask.rest.size(); ++i)
        path += (i > 1 ? "/" : "") + ask.rest[i];
    for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project)) {
        if (plan->file != path)
            continue;
        if (ask.request.accept.find("raw") != std::string::npos) {
            LoopbackReply reply;
            reply.contentType = "application/vnd.github.raw+json; charset=utf-8";
            reply.body = plan->definition;
            return reply;
        }
        return said(200, {{"type", "file"},
                          {"encoding", "base64"},
                          {"size", plan->definition.size()},
                          {"name", ask.rest.back()},
                          {"path", path},
                          {"content", QByteArray::fromStdString(plan->definition).toBase64().toStdString()}});
    }
    return notFound();
}

// A branch that nothing was pushed to is where the default branch is. Empty: there is no such branch.
std::string headOf(const Question &ask, const std::string &branch)
{
    for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project)) {
        if (std::find(plan->branches.begin(), plan->branches.end(), branch) == plan->branches.end())
            continue;
        for (auto commit = plan->commits.rbegin(); branch == plan->defaultBranch && commit != plan->commits.rend();
             ++commit) { // sources that are really there: the newest may not have run yet
            if (commit->atMs <= ask.world.nowMs())
                return commit->sha;
        }
        const std::string head = ask.world.headOf(Vendor::GitHub, ask.project, branch);
        return head.empty() ? ask.world.headOf(Vendor::GitHub, ask.project, plan->defaultBranch) : head;
    }
    return {};
}

// Of a branch or tag, in the form that has nothing but the commit's name.
LoopbackReply commitName(const Question &ask)
{
    std::string ref;
    for (std::size_t i = 1; i < ask.rest.size(); ++i)
        ref += (i > 1 ? "/" : "") + ask.rest[i];
    std::string commit = headOf(ask, ref);
    if (commit.empty()) {
        RunQuery query;
        query.vendor = Vendor::GitHub;
        query.project = ask.project;
        query.branch = ref;
        query.isWanted = [](const RunRecord &run) { return !run.tag.empty(); };
        query.limit = 1;
        const RunList found = ask.world.runs(query);
        commit = found.runs.empty() ? std::string() : found.runs.front().commit;
    }
    if (commit.empty())
        return refusal(422, "No commit found for SHA: " + ref);
    if (ask.request.accept.find("vnd.github.sha") == std::string::npos)
        return refusal(415, "Unsupported 'Accept' header: the practice world tells a commit's name alone.");
    LoopbackReply reply;
    reply.contentType = "application/vnd.github.sha; charset=utf-8";
    reply.body = commit;
    return reply;
}

std::string logText(const CiWorld &world, std::int64_t job)
{
    std::string text;
    for (const LogLine &line : world.log(job)) {
        static const char *const marks[] = {"", "[command]", "##[group]", "##[endgroup]", "##[warning]", "##[error]"};
        text += isoTime(line.atMs, true) + ' ' + marks[static_cast<int>(line.kind)] + line.text + '\n';
    }
    return text;
}

LoopbackReply logAddress(const Question &ask, const std::string &id)
{
    const auto run = ask.world.runOfJob(idIn(id));
    const JobRun *job = run && run->project == ask.project ? run->job(idIn(id)) : nullptr;
    if (!job || !isEnded(job->phase) || job->phase == Phase::Skipped) // no log before the end
        return notFound();
    LoopbackReply reply;
    reply.status = 302;
    reply.headers.emplace_back("Location", (ask.logHost.empty() ? ask.site.web : ask.logHost) + "/_logs/" + id);
    return reply;
}

// ---- writes

std::optional<Json> bodyOf(const LoopbackRequest &request)
{
    Json body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
    return body.is_object() ? std::optional(body) : std::nullopt;
}

LoopbackReply refusedBy(const Outcome &outcome)
{
    switch (outcome.kind) {
    case Outcome::Kind::NoSuch:
        return notFound();
    case Outcome::Kind::NotAllowed:
        return refusal(403, outcome.text.empty() ? "Must have admin rights to Repository." : outcome.text);
    default:
        return refusal(422, outcome.text.empty() ? "Validation Failed" : outcome.text);
    }
}

LoopbackReply dispatch(const Question &ask, const PipelinePlan &plan)
{
    const auto body = bodyOf(ask.request);
    if (!body || !body->contains("ref") || !body->at("ref").is_string())
        return refusal(422, "Invalid request.\n\n\"ref\" wasn't supplied.");
    for (const auto &field : body->items()) {
        if (field.key() != "ref" && field.key() != "inputs" && field.key() != "return_run_details")
            return refusal(422, "Invalid request.\n\n\"" + field.key() + "\" is not a permitted key.");
    }
    if (plan.definition.find("workflow_dispatch") == std::string::npos)
        return refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
    StartOrder order;
    order.vendor = Vendor::GitHub;
    order.project = ask.project;
    order.pipeline = plan.name;
    order.branch = body->at("ref").get<std::string>();
    if (order.branch.rfind("refs/heads/", 0) == 0)
        order.branch.erase(0, 11);
    const bool isBranch = std::find(plan.branches.begin(), plan.branches.end(), order.branch) != plan.branches.end();
    if (!isBranch) {
        const bool isTag = std::any_of(plan.releases.begin(), plan.releases.end(),
                                       [&order](const PastRelease &one) { return one.tag == order.branch; });
        if (!isTag)
            return refusal(422, "No ref found for: " + order.branch);
        order.tag = order.branch;
        order.branch.clear();
    }
    if (isBranch)
        order.commit = headOf(ask, order.branch);
    order.cause = Cause::Manual;
    order.who = ask.world.me();
    const Json inputs = body->value("inputs", Json::object());
    for (const auto &one : inputs.items()) {
        const bool isKnown = std::any_of(plan.inputs.begin(), plan.inputs.end(),
                                         [&one](const InputPlan &input) { return input.name == one.key(); });
        if (!isKnown)
            return refusal(422, "Unexpected inputs provided: [\"" + one.key() + "\"]");
        order.parameters.emplace_back(one.key(),
                                      one.value().is_string() ? one.value().get<std::string>() : one.value().dump());
    }
    const Outcome started = ask.world.start(order);
    if (!started)
        return refusedBy(started);
    if (body->value("return_run_details", false)) {
        const std::string id = std::to_string(started.run);
        return said(200, {{"workflow_run_id", started.run},
                          {"run_url", ask.site.repository(ask.project) + "/actions/runs/" + id},
                          {"html_url", ask.site.web + '/' + ask.project + "/actions/runs/" + id}});
    }
    LoopbackReply reply;
    reply.status = 204;
    return reply;
}

LoopbackReply cancel(const Question &ask, const RunRecord &run)
{
    const Outcome outcome = ask.world.cancel(run.id, ask.world.me());
    if (outcome.kind == Outcome::Kind::NotNow || outcome.kind == Outcome::Kind::Settled)
        return refusal(409, "Cannot cancel a workflow run that is completed.");
    return outcome ? said(202, Json::object()) : refusedBy(outcome);
}

LoopbackReply tooOldToRerun()
{
    return refusal(403, "Unable to retry this workflow run because it was created over a month ago");
}

LoopbackReply rerunJob(const Question &ask, const RunRecord &run, const JobRun &job)
{
    const auto now = ask.world.run(run.id);
    if (isTooOldToRerun(ask.world, run))
        return tooOldToRerun();
    if (now && !isEnded(now->phase))
        return refusal(403, "The workflow run containing this job is already running");
    const Outcome outcome = ask.world.retryJob(job.id, ask.world.me());
    if (outcome.kind == Outcome::Kind::NotNow)
        return refusal(403, "This job cannot be rerun");
    return outcome ? said(201, Json::object()) : refusedBy(outcome);
}

LoopbackReply rerun(const Question &ask, const RunRecord &run, bool failedOnly)
{
    if (isTooOldToRerun(ask.world, run))
        return tooOldToRerun();
    const Outcome outcome = ask.world.rerun(run.id, failedOnly, ask.world.me());
    if (outcome.kind == Outcome::Kind::NotNow)
        return refusal(403, "This workflow is already running");
    return outcome ? said(201, Json::object()) : refusedBy(outcome);
}

LoopbackReply review(const Question &ask, const RunRecord &run)
{
    const auto body = bodyOf(ask.request);
    const Json ids = body ? body->value("environment_ids", Json()) : Json();
    const std::string state = body ? body->value("state", std::string()) : std::string();
    const std::string comment = body ? body->value("comment", std::string()) : std::string();
    if (!ids.is_array() || ids.empty() || (state != "approved" && state != "rejected"))
        return refusal(422, "Invalid request.");
    if (comment.empty())
        return refusal(422, "Invalid request.\n\n\"comment\" wasn't supplied.");
    std::vector<const JobRun *> decided;
    for (const Json &id : ids) {
        const auto job = std::find_if(run.jobs.begin(), run.jobs.end(), [&](const JobRun &one) {
            return isPending(one) && id == Json(environmentId(ask.project, one.environment));
        });
        if (job == run.jobs.end())
            return refusal(422, "One or more environment IDs are not pending deployments of this workflow run.");
        decided.push_back(&*job);
    }
    Json deployments = Json::array();
    for (const JobRun *job : decided) {
        const Outcome outcome = ask.world.decide(job->id, {ask.world.me(), state == "approved", comment, 0});
        if (!outcome)
            return refusedBy(outcome);
        deployments.push_back(deploymentBody(ask.site, ask.world, run, *job));
    }
    return said(200, deployments);
}

// ---- which is which

LoopbackReply runAnswer(const Question &ask)
{
    const auto run = runOf(ask, ask.rest[2]);
    if (!run)
        return notFound();
    const std::string what = ask.rest.size() > 3 ? ask.rest[3] : std::string();
    if (ask.rest.size() > 4)
        return notFound();
    if (ask.isGet()) {
        if (what.empty())
            return said(200, runBody(ask.site, ask.world, *run));
        if (what == "jobs")
            return jobs(ask, *run);
        if (what == "pending_deployments")
            return pendingDeployments(ask, *run);
        if (what == "approvals")
            return approvals(ask, *run);
        if (what == "artifacts")
            return artifacts(ask, *run);
    } else if (ask.isPost()) {
        if (what == "cancel" || what == "force-cancel")
            return cancel(ask, *run);
        if (what == "rerun" || what == "rerun-failed-jobs")
            return rerun(ask, *run, what != "rerun");
        if (what == "pending_deployments")
            return review(ask, *run);
    }
    return notFound();
}

LoopbackReply workflowAnswer(const Question &ask)
{
    if (ask.rest.size() == 2) {
        std::vector<Json> all;
        for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project))
            all.push_back(workflowBody(ask.site, *plan));
        return listed(ask, "workflows", all);
    }
    const PipelinePlan *plan = planOf(ask, ask.rest[2]);
    if (!plan)
        return notFound();
    if (ask.rest.size() == 3 && ask.isGet())
        return said(200, workflowBody(ask.site, *plan));
    if (ask.is(4, {{3, "runs"}}) && ask.isGet())
        return runs(ask, plan);
    if (ask.is(4, {{3, "dispatches"}}) && ask.isPost())
        return dispatch(ask, *plan);
    return notFound();
}

LoopbackReply jobAnswer(const Question &ask)
{
    const auto run = ask.world.runOfJob(idIn(ask.rest[2]));
    const JobRun *job = run && run->project == ask.project ? run->job(idIn(ask.rest[2])) : nullptr;
    if (job && ask.isPost() && ask.is(4, {{3, "rerun"}}))
        return rerunJob(ask, *run, *job);
    if (!job || !ask.isGet())
        return notFound();
    if (ask.rest.size() == 3)
        return said(200, jobBody(ask.site, *run, *job));
    return ask.is(4, {{3, "logs"}}) ? logAddress(ask, ask.rest[2]) : notFound();
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
        return notFound();
    }
    if (!ask.isGet())
        return notFound();
    if (ask.rest[0] == "contents" && ask.rest.size() > 1)
        return contents(ask);
    if (ask.rest[0] == "commits" && ask.rest.size() > 1)
        return commitName(ask);
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
    if (request.path.rfind("/_logs/", 0) == 0)
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
    if (request.path.rfind("/_logs/", 0) == 0 && isRead) {
        LoopbackReply reply;
        reply.contentType = "text/plain; charset=utf-8";
        reply.body = logText(m_world, idIn(request.path.substr(7)));
        return reply;
    }
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
