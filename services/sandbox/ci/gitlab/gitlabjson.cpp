#include "services/sandbox/ci/gitlab/gitlabjson.h"

#include "services/sandbox/ci/citries.h"

#include <algorithm>
#include <map>

namespace signalbox::sandbox::ci::gitlab
{

namespace
{

Json timeOrNull(std::int64_t ms)
{
    return ms > 0 ? Json(isoTime(ms, true)) : Json();
}

std::string pathOf(const View &view, const std::string &project)
{
    return view.pages + '/' + project;
}

std::string lastPart(const std::string &path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

double seconds(std::int64_t from, std::int64_t to)
{
    return from > 0 && to > from ? static_cast<double>(to - from) / 1000.0 : 0.0;
}

std::string slugOf(std::string name)
{
    std::replace(name.begin(), name.end(), '/', '-');
    return name;
}

Json approvalJson(const View &view, const Decision &decision)
{
    return {{"user", userJson(view, decision.who)},
            {"status", decision.approves ? "approved" : "rejected"},
            {"created_at", timeOrNull(decision.atMs)},
            {"comment", decision.comment.empty() ? Json() : Json(decision.comment)}};
}

Json approvalsJson(const View &view, const JobRun &job)
{
    Json list = Json::array();
    for (const Decision &one : job.decisions)
        list.push_back(approvalJson(view, one));
    return list;
}

Json commitJson(const View &view, const RunRecord &run)
{
    const std::string at = isoTime(run.createdMs, true);
    const Person *author = view.world.plans().person(run.author);
    return {{"id", run.commit},
            {"short_id", run.commit.substr(0, 8)},
            {"created_at", at},
            {"parent_ids", Json::array()},
            {"title", run.subject},
            {"message", run.subject + '\n'},
            {"author_name", view.world.plans().titleOf(run.author)},
            {"author_email", author ? author->email() : "nobody@example.org"},
            {"authored_date", at},
            {"committer_name", view.world.plans().titleOf(run.author)},
            {"committer_email", author ? author->email() : "nobody@example.org"},
            {"committed_date", at},
            {"trailers", Json::object()},
            {"extended_trailers", Json::object()},
            {"web_url", pathOf(view, run.project) + "/-/commit/" + run.commit}};
}

// What a build and a bridge have in common.
Json jobBasic(const View &view, const RunRecord &run, const JobRun &job)
{
    const JobPlan &plan = view.world.planOf(run, job);
    const bool hasFailed = job.phase == Phase::Failed || job.phase == Phase::Unstable;
    const bool isRejected =
        std::any_of(job.decisions.begin(), job.decisions.end(), [](const Decision &one) { return !one.approves; });
    Json json = {{"id", job.id},
                 {"status", wordOf(run, job, plan)},
                 {"stage", job.stage},
                 {"name", job.name},
                 {"ref", refOf(run)},
                 {"tag", !run.tag.empty()},
                 {"coverage", plan.coverage > 0 && job.phase == Phase::Passed ? Json(plan.coverage) : Json()},
                 {"allow_failure", job.mayFail},
                 {"created_at", timeOrNull(job.createdMs)},
                 {"started_at", timeOrNull(job.startedMs)},
                 {"finished_at", timeOrNull(job.finishedMs)},
                 {"erased_at", Json()},
                 {"duration", seconds(job.startedMs, job.finishedMs)},
                 {"queued_duration", seconds(job.queuedMs, job.startedMs)},
                 {"user", userJson(view, job.playedBy.empty() ? starterOf(view.world, run, job) : job.playedBy)},
                 {"commit", commitJson(view, run)},
                 {"pipeline", pipelineBasic(view, run)},
                 {"web_url", pathOf(view, run.project) + "/-/jobs/" + std::to_string(job.id)},
                 {"project", {{"ci_job_token_scope_enabled", false}}}};
    if (hasFailed)
        json["failure_reason"] = isRejected ? "deployment_rejected" : "script_failure";
    return json;
}

} // namespace

std::string wordOf(Phase phase)
{
    switch (phase) {
    case Phase::NotStarted:
        return "created";
    case Phase::Queued:
        return "pending";
    case Phase::Running:
        return "running";
    case Phase::Waiting:
        return "manual";
    case Phase::Passed:
    case Phase::Unstable: // of a pipeline: detailed_status says so
        return "success";
    case Phase::Failed:
        return "failed";
    case Phase::Cancelled:
        return "canceled";
    case Phase::Skipped:
        break;
    }
    return "skipped";
}

std::string wordOf(const RunRecord &, const JobRun &job, const JobPlan &plan)
{
    if (job.phase == Phase::Unstable)
        return "failed";
    if (job.phase == Phase::Waiting && plan.gate.waitSeconds > 0 && plan.gate.approvals == 0 && !plan.gate.isManual)
        return "scheduled";
    return wordOf(job.phase);
}

std::string sourceOf(Cause cause)
{
    switch (cause) {
    case Cause::Push:
    case Cause::Tag:
        break;
    case Cause::PullRequest:
        return "merge_request_event";
    case Cause::Schedule:
        return "schedule";
    case Cause::Manual:
        return "web";
    case Cause::Api:
        return "api";
    case Cause::Upstream:
        return "parent_pipeline";
    }
    return "push";
}

std::string refOf(const RunRecord &run)
{
    return run.tag.empty() ? run.branch : run.tag;
}

std::int64_t projectId(const std::string &project)
{
    return numberOf("gitlab project " + project);
}

Json userJson(const View &view, const std::string &login)
{
    return {{"id", numberOf("gitlab user " + login)},
            {"username", login},
            {"name", view.world.plans().titleOf(login)},
            {"state", "active"},
            {"locked", false},
            {"avatar_url", Json()},
            {"web_url", view.pages + '/' + login}};
}

Json projectJson(const View &view, const std::string &project)
{
    const auto pipelines = view.world.pipelines(Vendor::GitLab, project);
    const std::string group = project.substr(0, project.rfind('/'));
    const std::size_t slash = group.rfind('/');
    const Json parent = slash == std::string::npos ? Json() : Json(numberOf("gitlab group " + group.substr(0, slash)));
    return {
        {"id", projectId(project)},
        {"namespace",
         {{"id", numberOf("gitlab group " + group)},
          {"name", lastPart(group)},
          {"path", lastPart(group)},
          {"kind", "group"},
          {"full_path", group},
          {"parent_id", parent},
          {"web_url", pathOf(view, "groups/" + group)}}},
        {"name", lastPart(project)},
        {"name_with_namespace", project},
        {"path", lastPart(project)},
        {"path_with_namespace", project},
        {"created_at", "2024-02-05T09:00:00.000Z"},
        {"default_branch", pipelines.empty() ? "main" : pipelines.front()->defaultBranch},
        {"web_url", pathOf(view, project)},
        {"archived", false},
        {"jobs_enabled", true},
        {"builds_access_level", "enabled"},
        {"allow_pipeline_trigger_approve_deployment", false},
        {"permissions",
         {{"project_access", Json()}, {"group_access", {{"access_level", view.access}, {"notification_level", 3}}}}}};
}

Json pipelineBasic(const View &view, const RunRecord &run)
{
    return {{"id", run.id},
            {"iid", run.number},
            {"project_id", projectId(run.project)},
            {"sha", run.commit},
            {"ref", refOf(run)},
            {"status", wordOf(run.phase)},
            {"source", sourceOf(run.cause)},
            {"created_at", timeOrNull(run.createdMs)},
            {"updated_at", timeOrNull(std::max(run.updatedMs, run.createdMs))},
            {"web_url", pathOf(view, run.project) + "/-/pipelines/" + std::to_string(run.id)}};
}

Json pipelineWhole(const View &view, const RunRecord &run)
{
    Json json = pipelineBasic(view, run);
    const bool hasWarnings = run.phase == Phase::Unstable;
    double coverage = 0;
    for (const JobRun &job : run.jobs)
        coverage = std::max(coverage, job.phase == Phase::Passed ? view.world.planOf(run, job).coverage : 0.0);
    const std::string word = wordOf(run.phase);
    const std::string shown = word == "success" ? "passed" : word;
    json.update({{"before_sha", std::string(40, '0')},
                 {"tag", !run.tag.empty()},
                 {"yaml_errors", Json()},
                 {"user", userJson(view, run.who)},
                 {"started_at", timeOrNull(run.startedMs)},
                 {"finished_at", timeOrNull(run.finishedMs)},
                 {"committed_at", Json()},
                 {"duration", run.finishedMs > 0 ? Json((run.finishedMs - run.startedMs) / 1000) : Json()},
                 {"queued_duration", run.startedMs > 0 ? Json((run.startedMs - run.createdMs) / 1000) : Json()},
                 {"coverage", coverage > 0 ? Json(coverage) : Json()},
                 {"detailed_status",
                  {{"icon", hasWarnings ? "status_warning" : "status_" + word},
                   {"text", hasWarnings ? "warning" : shown},
                   {"label", hasWarnings ? "passed with warnings" : shown},
                   {"group", hasWarnings ? "success-with-warnings" : word},
                   {"tooltip", shown},
                   {"has_details", true},
                   {"details_path", '/' + run.project + "/-/pipelines/" + std::to_string(run.id)},
                   {"illustration", Json()},
                   {"favicon", "/assets/ci_favicons/favicon_status_" + word + ".png"}}}});
    return json;
}

bool isBridge(const View &view, const RunRecord &run, const JobRun &job)
{
    return !view.world.planOf(run, job).startsPipeline.empty();
}

Json jobJson(const View &view, const RunRecord &run, const JobRun &job)
{
    Json json = jobBasic(view, run, job);
    Json files = Json::array();
    for (const Artifact &one : view.world.artifacts(run.id)) {
        if (one.job != job.id)
            continue;
        files.push_back(
            {{"file_type", "archive"}, {"size", one.bytes}, {"filename", one.name}, {"file_format", "zip"}});
        json["artifacts_expire_at"] = timeOrNull(one.expiresMs);
        json["artifacts_file"] = {{"filename", one.name}, {"size", one.bytes}};
    }
    json["artifacts"] = files;
    json["tag_list"] = Json::array({"docker"});
    json["archived"] = false;
    json["runner"] = Json();
    if (!job.runner.empty())
        json["runner"] = {{"id", numberOf("gitlab runner " + job.runner)},
                          {"description", job.runner},
                          {"active", true},
                          {"paused", false},
                          {"is_shared", true},
                          {"runner_type", "instance_type"},
                          {"name", "gitlab-runner"},
                          {"online", true},
                          {"status", "online"}};
    return json;
}

Json bridgeJson(const View &view, const RunRecord &run, const JobRun &job)
{
    Json json = jobBasic(view, run, job);
    json["downstream_pipeline"] = Json();
    if (job.childRun != 0) {
        if (const auto child = view.world.run(job.childRun))
            json["downstream_pipeline"] = pipelineBasic(view, *child);
    }
    return json;
}

bool hasDeployment(const JobRun &job)
{
    return job.deploymentId != 0 && !job.environment.empty() && job.phase != Phase::NotStarted &&
           job.phase != Phase::Skipped;
}

int pendingApprovals(const JobRun &job)
{
    const auto given =
        std::count_if(job.decisions.begin(), job.decisions.end(), [](const Decision &one) { return one.approves; });
    return std::max(0, job.approvalsNeeded - static_cast<int>(given));
}

// app/models/deployment.rb, sync_status_with: a manual job's is blocked since manual deployments are tracked.
std::string deploymentWord(const View &view, const RunRecord &run, const JobRun &job, const JobPlan &plan)
{
    if (job.phase == Phase::Waiting)
        return plan.gate.approvals > 0 || (view.blocksManual && plan.gate.isManual) ? "blocked" : "created";
    if (job.phase == Phase::Queued)
        return "created";
    return wordOf(run, job, plan);
}

std::string tierOf(const std::string &environment)
{
    return environment == "production" || environment == "staging" ? environment : "other";
}

Json environmentJson(const std::string &project, const std::string &name)
{
    return {{"id", numberOf("gitlab environment " + project + ' ' + name)},
            {"name", name},
            {"slug", slugOf(name)},
            {"external_url", Json()},
            {"created_at", "2024-02-05T09:00:00.000Z"},
            {"updated_at", "2024-02-05T09:00:00.000Z"}};
}

Json deploymentJson(const View &view, const RunRecord &run, const JobRun &job, bool isWhole)
{
    const JobPlan &plan = view.world.planOf(run, job);
    const std::int64_t updated = std::max({job.createdMs, job.waitingSinceMs, job.startedMs, job.finishedMs});
    Json json = {{"id", job.deploymentId},
                 {"iid", run.number},
                 {"ref", refOf(run)},
                 {"sha", run.commit},
                 {"created_at", timeOrNull(job.createdMs)},
                 {"updated_at", timeOrNull(updated)},
                 {"user", userJson(view, run.who)},
                 {"environment", environmentJson(run.project, job.environment)},
                 {"deployable", jobJson(view, run, job)},
                 {"status", deploymentWord(view, run, job, plan)}};
    if (!isWhole || plan.gate.approvals == 0)
        return json;
    json["pending_approval_count"] = pendingApprovals(job);
    json["approvals"] = approvalsJson(view, job);
    Json rule = {{"id", job.deploymentId},
                 {"user_id", Json()},
                 {"group_id", Json()},
                 {"access_level", 40},
                 {"access_level_description", "Maintainers"},
                 {"required_approvals", plan.gate.approvals},
                 {"group_inheritance_type", 0},
                 {"deployment_approvals", approvalsJson(view, job)}};
    const auto group = std::find_if(plan.gate.deciders.begin(), plan.gate.deciders.end(),
                                    [](const Decider &one) { return one.isGroup; });
    if (group != plan.gate.deciders.end()) {
        rule["group_id"] = numberOf("gitlab group " + group->name);
        rule["access_level"] = Json();
        rule["access_level_description"] = group->name;
    }
    json["approval_summary"] = {{"rules", Json::array({rule})}};
    return json;
}

namespace
{

Json caseJson(const TestResult &test)
{
    const bool hasFailed = test.state == TestResult::State::Failed;
    return {{"status", hasFailed                                  ? "failed"
                       : test.state == TestResult::State::Skipped ? "skipped"
                                                                  : "success"},
            {"name", test.name},
            {"classname", test.suite},
            {"file", test.file},
            {"execution_time", test.ms / 1000.0},
            {"system_output", hasFailed ? Json(test.message) : Json()},
            {"stack_trace", hasFailed && !test.trace.empty() ? Json(test.trace) : Json()},
            {"recent_failures", Json()}};
}

struct Suite
{
    Json cases = Json::array();
    double time = 0;
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    std::int64_t job = 0;
};

// GitLab's suites are jobs.
std::map<std::string, Suite> suitesOf(const TestResults &results, const RunRecord &run)
{
    std::map<std::string, Suite> suites;
    for (const TestResult &test : results.cases) {
        const JobRun *job = run.job(test.job);
        Suite &suite = suites[job ? job->name : test.suite];
        suite.cases.push_back(caseJson(test));
        suite.time += test.ms / 1000.0;
        suite.job = test.job;
        suite.passed += test.state == TestResult::State::Passed ? 1 : 0;
        suite.failed += test.state == TestResult::State::Failed ? 1 : 0;
        suite.skipped += test.state == TestResult::State::Skipped ? 1 : 0;
    }
    return suites;
}

Json suiteJson(const std::string &name, const Suite &suite)
{
    return {{"name", name},
            {"total_time", suite.time},
            {"total_count", suite.cases.size()},
            {"success_count", suite.passed},
            {"failed_count", suite.failed},
            {"skipped_count", suite.skipped},
            {"error_count", 0},
            {"suite_error", Json()}};
}

double timeOf(const TestResults &results)
{
    double all = 0;
    for (const TestResult &test : results.cases)
        all += test.ms / 1000.0;
    return all;
}

} // namespace

Json testReport(const TestResults &results, const RunRecord &run)
{
    Json suites = Json::array();
    for (const auto &[name, suite] : suitesOf(results, run)) {
        Json one = suiteJson(name, suite);
        one["test_cases"] = suite.cases;
        suites.push_back(one);
    }
    return {{"total_time", timeOf(results)},  {"total_count", results.cases.size()}, {"success_count", results.passed},
            {"failed_count", results.failed}, {"skipped_count", results.skipped},    {"error_count", 0},
            {"test_suites", suites}};
}

Json testSummary(const TestResults &results, const RunRecord &run)
{
    Json suites = Json::array();
    for (const auto &[name, suite] : suitesOf(results, run)) {
        Json one = suiteJson(name, suite);
        one["build_ids"] = Json::array({suite.job});
        suites.push_back(one);
    }
    return {{"total",
             {{"time", timeOf(results)},
              {"count", results.cases.size()},
              {"success", results.passed},
              {"failed", results.failed},
              {"skipped", results.skipped},
              {"error", 0},
              {"suite_error", Json()}}},
            {"test_suites", suites}};
}

// With the marks of sections as gitlab-runner writes them (doc/ci/jobs/job_logs.md).
std::string trace(const std::vector<LogLine> &lines, const JobRun &job)
{
    std::string text;
    std::vector<std::string> open;
    for (const LogLine &line : lines) {
        const std::string at = std::to_string(line.atMs / 1000);
        switch (line.kind) {
        case LogLine::Kind::GroupBegin:
            open.push_back("step_" + std::to_string(line.step) + '_' + std::to_string(open.size()));
            text += "section_start:" + at + ':' + open.back() + "\r\x1b[0K\x1b[0K\x1b[36;1m" + line.text + "\x1b[0;m\n";
            break;
        case LogLine::Kind::GroupEnd:
            if (!open.empty()) {
                text += "section_end:" + at + ':' + open.back() + "\r\x1b[0K";
                open.pop_back();
            }
            break;
        case LogLine::Kind::Command:
            text += "\x1b[32;1m$ " + line.text + "\x1b[0;m\n";
            break;
        case LogLine::Kind::Error:
            text += "\x1b[31;1m" + line.text + "\x1b[0;m\n";
            break;
        case LogLine::Kind::Warning:
            text += "\x1b[0;33m" + line.text + "\x1b[0;m\n";
            break;
        case LogLine::Kind::Text:
            text += line.text + '\n';
            break;
        }
    }
    if (job.phase == Phase::Failed || job.phase == Phase::Unstable)
        text += "\x1b[31;1mERROR: Job failed: exit code 1\n\x1b[0;m";
    else if (job.phase == Phase::Passed)
        text += "\x1b[32;1mJob succeeded\x1b[0;m\n";
    return text;
}

} // namespace signalbox::sandbox::ci::gitlab
