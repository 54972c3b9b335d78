#include "services/sandbox/ci/github/githubbodies.h"

#include <algorithm>
#include <sstream>

namespace signalbox::sandbox::ci::github
{

namespace
{

std::string nodeId(const std::string &what)
{
    return "N_" + std::to_string(ci::numberOf(what));
}

Json timeOrNull(std::int64_t ms)
{
    return ms > 0 ? Json(isoTime(ms)) : Json();
}

std::string headOf(const RunRecord &run)
{
    return run.branch.empty() ? run.tag : run.branch;
}

std::string runPage(const Site &site, const RunRecord &run)
{
    return site.web + '/' + run.project + "/actions/runs/" + std::to_string(run.id);
}

std::string runAddress(const Site &site, const RunRecord &run)
{
    return site.repository(run.project) + "/actions/runs/" + std::to_string(run.id);
}

Json commitBody(const CiWorld &world, const RunRecord &run)
{
    const Json who = {{"name", world.plans().titleOf(run.author)}, {"email", run.author + "@example.org"}};
    return {{"id", run.commit},       {"tree_id", run.commit},
            {"message", run.subject}, {"timestamp", isoTime(run.createdMs)},
            {"author", who},          {"committer", who}};
}

Json environmentBody(const Site &site, const std::string &project, const std::string &name)
{
    return {{"id", environmentId(project, name)},
            {"node_id", nodeId(project + '/' + name)},
            {"name", name},
            {"url", site.repository(project) + "/environments/" + name},
            {"html_url", site.web + '/' + project + "/deployments/activity_log?environments_filter=" + name}};
}

// What "jobs.<id>.uses" of the definition names: "./.github/workflows/x.yml" of this repository, at the run's commit,
// or "O/R/.github/workflows/x.yml@REF" of another one, wherever that is. Files that those call are not followed.
Json referencedBodies(const CiWorld &world, const PipelinePlan &plan, const RunRecord &run)
{
    Json all = Json::array();
    std::istringstream lines(plan.definition);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t at = line.find("uses:");
        const std::size_t from = at == std::string::npos ? at : line.find_first_not_of(" \"'", at + 5);
        if (from == std::string::npos || line.find("/.github/workflows/", from) == std::string::npos)
            continue;
        std::string path = line.substr(from, line.find_last_not_of(" \"'\r") + 1 - from);
        std::string commit = run.commit;
        if (path.rfind("./", 0) == 0) {
            path = run.project + path.substr(1) + '@' + run.commit;
        } else {
            const std::string project = path.substr(0, path.find("/.github/"));
            const std::size_t ref = path.rfind('@');
            commit = world.headOf(Vendor::GitHub, project, ref == std::string::npos ? "main" : path.substr(ref + 1));
            if (commit.empty()) // nothing ran there: a commit of its own all the same
                commit = run.commit;
        }
        all.push_back({{"path", path}, {"sha", commit}});
    }
    return all;
}

} // namespace

Words wordsOf(Phase phase)
{
    switch (phase) {
    case Phase::NotStarted:
        return {"pending", nullptr};
    case Phase::Queued:
        return {"queued", nullptr};
    case Phase::Running:
        return {"in_progress", nullptr};
    case Phase::Waiting:
        return {"waiting", nullptr};
    case Phase::Passed:
    case Phase::Unstable:
        return {"completed", "success"};
    case Phase::Failed:
        return {"completed", "failure"};
    case Phase::Cancelled:
        return {"completed", "cancelled"};
    case Phase::Skipped:
        return {"completed", "skipped"};
    }
    return {"queued", nullptr};
}

std::string eventOf(Cause cause)
{
    switch (cause) {
    case Cause::Push:
    case Cause::Tag:
        return "push";
    case Cause::PullRequest:
        return "pull_request";
    case Cause::Schedule:
        return "schedule";
    case Cause::Manual:
        return "workflow_dispatch";
    case Cause::Api:
        return "repository_dispatch";
    case Cause::Upstream:
        return "workflow_run";
    }
    return "push";
}

std::int64_t workflowId(const PipelinePlan &plan)
{
    return ci::numberOf(plan.project + '|' + plan.file);
}

std::int64_t environmentId(const std::string &project, const std::string &environment)
{
    return ci::numberOf(project + '/' + environment);
}

Json userBody(const Site &site, const CiWorld &, const std::string &login)
{
    const std::string url = site.api + "/users/" + login;
    return {{"login", login},
            {"id", ci::numberOf(login)},
            {"node_id", nodeId(login)},
            {"avatar_url", site.web + "/avatars/" + login},
            {"gravatar_id", ""},
            {"url", url},
            {"html_url", site.web + '/' + login},
            {"followers_url", url + "/followers"},
            {"following_url", url + "/following{/other_user}"},
            {"gists_url", url + "/gists{/gist_id}"},
            {"starred_url", url + "/starred{/owner}{/repo}"},
            {"subscriptions_url", url + "/subscriptions"},
            {"organizations_url", url + "/orgs"},
            {"repos_url", url + "/repos"},
            {"events_url", url + "/events{/privacy}"},
            {"received_events_url", url + "/received_events"},
            {"type", "User"},
            {"site_admin", false}};
}

Json fullUserBody(const Site &site, const CiWorld &world, const std::string &login)
{
    Json user = userBody(site, world, login);
    user.update({{"name", world.plans().titleOf(login)},
                 {"company", nullptr},
                 {"blog", nullptr},
                 {"location", nullptr},
                 {"email", login + "@example.org"},
                 {"hireable", nullptr},
                 {"bio", nullptr},
                 {"public_repos", 0},
                 {"public_gists", 0},
                 {"followers", 0},
                 {"following", 0},
                 {"created_at", "2020-01-01T00:00:00Z"},
                 {"updated_at", "2026-01-01T00:00:00Z"}});
    return user;
}

Json teamBody(const Site &site, const std::string &name)
{
    const std::string url = site.api + "/teams/" + std::to_string(ci::numberOf(name));
    return {{"id", ci::numberOf(name)},
            {"node_id", nodeId(name)},
            {"url", url},
            {"html_url", site.web + "/orgs/practice/teams/" + name},
            {"name", name},
            {"slug", name},
            {"description", nullptr},
            {"permission", "push"},
            {"members_url", url + "/members{/member}"},
            {"repositories_url", url + "/repos"},
            {"type", "organization"},
            {"parent", nullptr}};
}

Json repositoryBody(const Site &site, const CiWorld &world, const std::string &project, bool isFull)
{
    const std::string url = site.repository(project);
    const std::string page = site.web + '/' + project;
    const std::size_t slash = project.find('/');
    Json body = {{"id", ci::numberOf(project)},
                 {"node_id", nodeId(project)},
                 {"name", project.substr(slash + 1)},
                 {"full_name", project},
                 {"owner", userBody(site, world, project.substr(0, slash))},
                 {"private", true},
                 {"html_url", page},
                 {"description", nullptr},
                 {"fork", false},
                 {"url", url}};
    for (const char *name :
         {"archive",       "assignees",    "blobs",         "branches",     "collaborators", "comments",
          "commits",       "compare",      "contents",      "contributors", "deployments",   "downloads",
          "events",        "forks",        "git_commits",   "git_refs",     "git_tags",      "hooks",
          "issue_comment", "issue_events", "issues",        "keys",         "labels",        "languages",
          "merges",        "milestones",   "notifications", "pulls",        "releases",      "stargazers",
          "statuses",      "subscribers",  "subscription",  "tags",         "teams",         "trees"})
        body[std::string(name) + "_url"] = url + '/' + name;
    if (!isFull)
        return body;
    const auto plans = world.pipelines(Vendor::GitHub, project);
    for (const char *name : {"clone", "git", "ssh", "svn"})
        body[std::string(name) + "_url"] = page + ".git";
    for (const char *name : {"forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count", "watchers",
                             "watchers_count", "network_count", "subscribers_count", "size"})
        body[name] = 0;
    for (const char *name : {"has_issues", "has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads",
                             "archived", "disabled"})
        body[name] = false;
    for (const char *name : {"homepage", "language", "mirror_url", "license"})
        body[name] = nullptr;
    for (const char *name : {"pushed_at", "created_at", "updated_at"})
        body[name] = "2026-01-01T00:00:00Z";
    body["default_branch"] = plans.empty() ? "main" : plans.front()->defaultBranch;
    body["permissions"] = {{"admin", false}, {"maintain", false}, {"push", true}, {"triage", true}, {"pull", true}};
    return body;
}

Json workflowBody(const Site &site, const PipelinePlan &plan)
{
    const std::string id = std::to_string(workflowId(plan));
    return {{"id", workflowId(plan)},
            {"node_id", nodeId(plan.project + plan.file)},
            {"name", plan.name},
            {"path", plan.file},
            {"state", "active"},
            {"created_at", "2025-01-01T00:00:00Z"},
            {"updated_at", "2025-01-01T00:00:00Z"},
            {"url", site.repository(plan.project) + "/actions/workflows/" + id},
            {"html_url", site.web + '/' + plan.project + "/blob/" + plan.defaultBranch + '/' + plan.file},
            {"badge_url", site.web + '/' + plan.project + "/workflows/" + plan.name + "/badge.svg"}};
}

Json bareRunBody(const Site &site, const CiWorld &world, const RunRecord &run)
{
    const PipelinePlan &plan = world.planOf(run);
    const std::string url = runAddress(site, run);
    const Words words = wordsOf(run.phase);
    const std::string suite = std::to_string(run.id);
    Json body = {
        {"id", run.id},
        {"name", plan.name},
        {"node_id", nodeId("run" + suite)},
        {"head_branch", headOf(run)},
        {"head_sha", run.commit},
        {"path", plan.file},
        {"display_title", run.subject},
        {"run_number", run.number},
        {"event", eventOf(run.cause)},
        {"status", words.status},
        {"conclusion", words.conclusion},
        {"workflow_id", workflowId(plan)},
        {"check_suite_id", run.id},
        {"check_suite_node_id", nodeId("suite" + suite)},
        {"url", url},
        {"html_url", runPage(site, run)},
        {"pull_requests", Json::array()},
        {"created_at", isoTime(run.createdMs)},
        {"updated_at", isoTime(std::max({run.updatedMs, run.finishedMs, run.createdMs}))},
        {"actor", userBody(site, world, run.who)},
        {"triggering_actor", userBody(site, world, run.attemptBy.empty() ? run.who : run.attemptBy)},
        {"run_attempt", run.attempt},
        {"referenced_workflows", referencedBodies(world, plan, run)},
        {"run_started_at", isoTime(run.attemptMs > 0 ? run.attemptMs : run.createdMs)},
        {"jobs_url", url + "/jobs"},
        {"logs_url", url + "/logs"},
        {"check_suite_url", site.repository(run.project) + "/check-suites/" + suite},
        {"artifacts_url", url + "/artifacts"},
        {"cancel_url", url + "/cancel"},
        {"rerun_url", url + "/rerun"},
        {"previous_attempt_url", nullptr},
        {"workflow_url", site.repository(run.project) + "/actions/workflows/" + std::to_string(workflowId(plan))},
        {"head_commit", commitBody(world, run)}};
    if (run.attempt > 1)
        body["previous_attempt_url"] = url + "/attempts/" + std::to_string(run.attempt - 1);
    return body;
}

Json runBody(const Site &site, const CiWorld &world, const RunRecord &run)
{
    Json body = bareRunBody(site, world, run);
    body["repository"] = repositoryBody(site, world, run.project, false);
    body["head_repository"] = body["repository"];
    return body;
}

Json jobBody(const Site &site, const RunRecord &run, const JobRun &job)
{
    const std::string id = std::to_string(job.id);
    const Words words = wordsOf(job.phase);
    const bool hasRunner = !job.runner.empty();
    Json steps = Json::array();
    int number = 0;
    for (const StepRun &step : job.steps) {
        ++number;
        if (step.phase == Phase::NotStarted)
            continue;
        const Words said = wordsOf(step.phase);
        steps.push_back({{"name", step.name},
                         {"status", said.status == "waiting" ? "queued" : said.status},
                         {"conclusion", said.conclusion},
                         {"number", number},
                         {"started_at", timeOrNull(step.startedMs)},
                         {"completed_at", timeOrNull(step.finishedMs)}});
    }
    const std::int64_t begun = job.startedMs > 0 ? job.startedMs : job.createdMs;
    return {{"id", job.id},
            {"run_id", run.id},
            {"workflow_name", run.pipeline},
            {"head_branch", headOf(run)},
            {"run_url", runAddress(site, run)},
            {"run_attempt", job.attempt},
            {"node_id", nodeId("job" + id)},
            {"head_sha", run.commit},
            {"url", site.repository(run.project) + "/actions/jobs/" + id},
            {"html_url", runPage(site, run) + "/job/" + id},
            {"status", words.status},
            {"conclusion", words.conclusion},
            {"created_at", isoTime(job.createdMs > 0 ? job.createdMs : run.createdMs)},
            {"started_at", isoTime(begun > 0 ? begun : run.createdMs)},
            {"completed_at", timeOrNull(job.finishedMs)},
            {"name", job.name},
            {"steps", steps},
            {"check_run_url", site.repository(run.project) + "/check-runs/" + id},
            {"labels", {"ubuntu-24.04"}},
            {"runner_id", hasRunner ? Json(ci::numberOf(job.runner)) : Json()},
            {"runner_name", hasRunner ? Json(job.runner) : Json()},
            {"runner_group_id", hasRunner ? Json(2) : Json()},
            {"runner_group_name", hasRunner ? Json("GitHub Actions") : Json()}};
}

Json deploymentBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job)
{
    const std::string url = site.repository(run.project) + "/deployments/" + std::to_string(job.deploymentId);
    const std::int64_t at = job.waitingSinceMs > 0 ? job.waitingSinceMs
                            : job.startedMs > 0    ? job.startedMs
                                                   : run.createdMs;
    return {{"url", url},
            {"id", job.deploymentId},
            {"node_id", nodeId("deployment" + std::to_string(job.deploymentId))},
            {"sha", run.commit},
            {"ref", headOf(run)},
            {"task", "deploy"},
            {"payload", Json::object()},
            {"original_environment", job.environment},
            {"environment", job.environment},
            {"description", nullptr},
            {"creator", userBody(site, world, run.who)},
            {"created_at", isoTime(at)},
            {"updated_at", isoTime(at)},
            {"statuses_url", url + "/statuses"},
            {"repository_url", site.repository(run.project)}};
}

Json checkRunBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job)
{
    const std::string id = std::to_string(job.id);
    const std::string url = site.repository(run.project) + "/check-runs/" + id;
    const Words words = wordsOf(job.phase);
    const auto annotations = world.annotations(run.id, run.attempt);
    const auto count = std::count_if(annotations.begin(), annotations.end(),
                                     [&job](const Annotation &one) { return one.job == job.id; });
    Json body = {{"id", job.id},
                 {"name", job.name},
                 {"node_id", nodeId("check" + id)},
                 {"head_sha", run.commit},
                 {"external_id", id},
                 {"url", url},
                 {"html_url", runPage(site, run) + "/job/" + id},
                 {"details_url", runPage(site, run) + "/job/" + id},
                 {"status", words.status},
                 {"conclusion", words.conclusion},
                 {"started_at", timeOrNull(job.startedMs)},
                 {"completed_at", timeOrNull(job.finishedMs)},
                 {"output",
                  {{"title", nullptr},
                   {"summary", nullptr},
                   {"text", nullptr},
                   {"annotations_count", count},
                   {"annotations_url", url + "/annotations"}}},
                 {"check_suite", {{"id", run.id}}},
                 {"app", nullptr},
                 {"pull_requests", Json::array()}};
    if (job.deploymentId > 0) {
        Json deployment = deploymentBody(site, world, run, job);
        for (const char *key : {"sha", "ref", "payload", "creator"}) // deployment-simple has none of them
            deployment.erase(key);
        body["deployment"] = deployment;
    }
    return body;
}

Json annotationBody(const Site &site, const RunRecord &run, const Annotation &annotation)
{
    const char *level = annotation.level == Annotation::Level::Failure   ? "failure"
                        : annotation.level == Annotation::Level::Warning ? "warning"
                                                                         : "notice";
    const std::string file = annotation.file.empty() ? ".github" : annotation.file;
    return {{"path", file},
            {"blob_href", site.web + '/' + run.project + "/blob/" + run.commit + '/' + file},
            {"start_line", std::max(annotation.line, 1)},
            {"start_column", nullptr},
            {"end_line", std::max(annotation.line, 1)},
            {"end_column", nullptr},
            {"annotation_level", level},
            {"title", annotation.title},
            {"message", annotation.text},
            {"raw_details", nullptr}};
}

Json artifactBody(const Site &site, const RunRecord &run, const Artifact &artifact)
{
    const std::string url = site.repository(run.project) + "/actions/artifacts/" + std::to_string(artifact.id);
    return {{"id", artifact.id},
            {"node_id", nodeId("artifact" + std::to_string(artifact.id))},
            {"name", artifact.name},
            {"size_in_bytes", artifact.bytes},
            {"url", url},
            {"archive_download_url", url + "/zip"},
            {"expired", false},
            {"digest", artifact.digest},
            {"created_at", isoTime(artifact.createdMs)},
            {"expires_at", isoTime(artifact.expiresMs)},
            {"updated_at", isoTime(artifact.createdMs)},
            {"workflow_run",
             {{"id", run.id},
              {"repository_id", ci::numberOf(run.project)},
              {"head_repository_id", ci::numberOf(run.project)},
              {"head_branch", headOf(run)},
              {"head_sha", run.commit}}}};
}

bool mayDecide(const CiWorld &world, const GatePlan &gate)
{
    if (gate.approvals == 0)
        return false;
    const std::string &me = world.me();
    return gate.deciders.empty() || std::any_of(gate.deciders.begin(), gate.deciders.end(), [&me](const Decider &one) {
               return one.isGroup ? std::find(one.members.begin(), one.members.end(), me) != one.members.end()
                                  : one.name == me;
           });
}

bool isListed(const JobRun &job)
{
    return job.phase != Phase::NotStarted;
}

bool isPending(const JobRun &job)
{
    return job.isGate && job.phase == Phase::Waiting && !job.environment.empty();
}

Json pendingBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job)
{
    const GatePlan &gate = world.planOf(run, job).gate;
    Json reviewers = Json::array();
    for (const Decider &one : gate.deciders) {
        reviewers.push_back({{"type", one.isGroup ? "Team" : "User"},
                             {"reviewer", one.isGroup ? teamBody(site, one.name) : userBody(site, world, one.name)}});
    }
    return {{"environment", environmentBody(site, run.project, job.environment)},
            {"wait_timer", gate.waitSeconds / 60},
            {"wait_timer_started_at", timeOrNull(job.waitingSinceMs)},
            {"current_user_can_approve", mayDecide(world, gate)},
            {"reviewers", reviewers}};
}

Json reviewBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job,
                const Decision &decision)
{
    Json environment = environmentBody(site, run.project, job.environment);
    environment["created_at"] = "2025-01-01T00:00:00Z";
    environment["updated_at"] = "2025-01-01T00:00:00Z";
    return {{"environments", Json::array({environment})},
            {"state", decision.approves ? "approved" : "rejected"},
            {"user", userBody(site, world, decision.who)},
            {"comment", decision.comment}};
}

} // namespace signalbox::sandbox::ci::github
