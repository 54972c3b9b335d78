#include "services/sandbox/ci/travis/travisbodies.h"

#include <algorithm>

namespace signalbox::sandbox::travis
{

namespace
{

using ci::Phase;

constexpr std::int64_t mostJobs = 1000; // of a run

Json timeBody(std::int64_t ms)
{
    return ms == 0 ? Json() : Json(ci::isoTime(ms));
}

std::string encoded(const std::string &slug)
{
    std::string text = slug;
    for (std::size_t at = text.find('/'); at != std::string::npos; at = text.find('/', at))
        text.replace(at, 1, "%2F");
    return text;
}

std::string repositoryHref(const std::string &project)
{
    return "/repo/" + std::to_string(ci::numberOf(project));
}

Json userBody(const std::string &login)
{
    const std::int64_t id = ci::numberOf(login);
    return {{"@type", "user"},
            {"@href", "/user/" + std::to_string(id)},
            {"@representation", "minimal"},
            {"id", id},
            {"login", login}};
}

Json branchBody(const std::string &project, const std::string &branch)
{
    return {{"@type", "branch"},
            {"@href", repositoryHref(project) + "/branch/" + encoded(branch)},
            {"@representation", "minimal"},
            {"name", branch}};
}

Json commitBody(const ci::RunRecord &run, const Words &words)
{
    const auto message = words.find(run.id);
    const std::string ref = run.tag.empty() ? "refs/heads/" + run.branch : "refs/tags/" + run.tag;
    return {{"@type", "commit"},
            {"@representation", "minimal"},
            {"id", ci::numberOf(run.commit)},
            {"sha", run.commit},
            {"ref", ref},
            {"message", message == words.end() ? run.subject : message->second},
            {"compare_url", "https://github.example.org/" + run.project + "/compare/" + run.commit},
            {"committed_at", timeBody(run.createdMs)}};
}

const char *eventOf(ci::Cause cause)
{
    switch (cause) {
    case ci::Cause::Push:
    case ci::Cause::Tag:
        return "push";
    case ci::Cause::PullRequest:
        return "pull_request";
    case ci::Cause::Schedule:
        return "cron";
    case ci::Cause::Manual:
    case ci::Cause::Api:
    case ci::Cause::Upstream:
        break;
    }
    return "api";
}

// In the order in which they first appear, numbered from 1.
std::vector<std::string> stagesOf(const ci::CiWorld &world, const ci::RunRecord &run)
{
    std::vector<std::string> stages;
    for (const ci::JobRun &job : run.jobs) {
        if (isMade(world, run, job) && std::find(stages.begin(), stages.end(), job.stage) == stages.end())
            stages.push_back(job.stage);
    }
    return stages;
}

Json stageBody(const ci::CiWorld &world, const ci::RunRecord &run, const std::vector<std::string> &stages,
               const std::string &name)
{
    const auto number = std::find(stages.begin(), stages.end(), name) - stages.begin() + 1;
    std::int64_t started = 0;
    std::int64_t finished = 0;
    bool haveAllEnded = true;
    std::string state = "passed";
    for (const ci::JobRun &job : run.jobs) {
        if (job.stage != name || !isMade(world, run, job))
            continue;
        started = started == 0 || (job.startedMs != 0 && job.startedMs < started) ? job.startedMs : started;
        finished = std::max(finished, job.finishedMs);
        haveAllEnded = haveAllEnded && ci::isEnded(job.phase);
        if (const std::string one = jobState(run, job); ci::isEnded(job.phase) && one != "passed" && !job.mayFail)
            state = one;
    }
    if (!haveAllEnded)
        state = started != 0 ? "started" : "created";
    return {{"@type", "stage"},
            {"@representation", "minimal"},
            {"id", run.id * mostJobs + number},
            {"number", number},
            {"name", name},
            {"state", state},
            {"started_at", timeBody(started)},
            {"finished_at", haveAllEnded ? timeBody(finished) : Json()}};
}

// Travis CI has three intervals (developer.travis-ci.com, resource cron).
const char *intervalOf(const std::string &cron)
{
    const bool anyWeekday = cron.size() >= 2 && cron.compare(cron.size() - 2, 2, " *") == 0;
    if (!anyWeekday)
        return "weekly";
    std::size_t space = cron.find(' ');
    space = space == std::string::npos ? space : cron.find(' ', space + 1);
    const bool anyDay = space == std::string::npos || cron.compare(space, 3, " * ") == 0;
    return anyDay ? "daily" : "monthly";
}

} // namespace

std::int64_t jobId(const ci::RunRecord &run, std::size_t index)
{
    return run.id * mostJobs + static_cast<std::int64_t>(index) + 1;
}

std::int64_t runOfJob(std::int64_t job)
{
    return job / mostJobs;
}

std::size_t indexOfJob(std::int64_t job)
{
    return static_cast<std::size_t>(std::max<std::int64_t>(0, job % mostJobs - 1));
}

bool isMade(const ci::CiWorld &world, const ci::RunRecord &run, const ci::JobRun &job)
{
    const ci::JobPlan &plan = world.planOf(run, job);
    const bool isCause =
        plan.onlyFor.empty() || std::find(plan.onlyFor.begin(), plan.onlyFor.end(), run.cause) != plan.onlyFor.end();
    const bool isBranch =
        !plan.onDefaultBranchOnly || !run.tag.empty() || run.branch == world.planOf(run).defaultBranch;
    return job.phase != Phase::Skipped || (isCause && isBranch);
}

std::string jobState(const ci::RunRecord &, const ci::JobRun &job)
{
    switch (job.phase) {
    case Phase::NotStarted:
        return "created";
    case Phase::Queued:
        return "queued";
    case Phase::Running:
    case Phase::Waiting: // it has no gates
        return "started";
    case Phase::Passed:
    case Phase::Unstable:
        return "passed";
    case Phase::Failed:
        return "failed";
    case Phase::Cancelled:
    case Phase::Skipped:
        break;
    }
    return "canceled";
}

std::string buildState(const ci::RunRecord &run)
{
    switch (run.phase) {
    case Phase::NotStarted:
    case Phase::Queued:
        return "created";
    case Phase::Running:
    case Phase::Waiting:
        return "started";
    case Phase::Passed:
    case Phase::Unstable:
        return "passed";
    case Phase::Failed:
        return "failed";
    case Phase::Cancelled:
    case Phase::Skipped:
        break;
    }
    return "canceled";
}

Json repositoryBody(const ci::CiWorld &world, const std::string &project, bool isStandard)
{
    Json body{{"@type", "repository"},
              {"@href", repositoryHref(project)},
              {"@representation", isStandard ? "standard" : "minimal"},
              {"id", ci::numberOf(project)},
              {"name", project.substr(project.rfind('/') + 1)},
              {"slug", project}};
    if (!isStandard)
        return body;
    const auto pipelines = world.pipelines(ci::Vendor::Travis, project);
    body["@permissions"] = {
        {"read", true},           {"activate", false},       {"deactivate", false},     {"migrate", false},
        {"star", true},           {"unstar", true},          {"create_request", true},  {"create_cron", true},
        {"create_env_var", true}, {"create_key_pair", true}, {"delete_key_pair", true}, {"admin", false}};
    body["description"] = nullptr;
    body["active"] = true;
    body["private"] = true;
    body["owner"] = {{"@type", "organization"},
                     {"id", ci::numberOf(project.substr(0, project.find('/')))},
                     {"login", project.substr(0, project.find('/'))}};
    body["default_branch"] = branchBody(project, pipelines.empty() ? "main" : pipelines.front()->defaultBranch);
    body["starred"] = false;
    return body;
}

Json buildMinimal(const ci::RunRecord &run)
{
    const bool hasEnded = ci::isEnded(run.phase);
    return {{"@type", "build"},
            {"@href", "/build/" + std::to_string(run.id)},
            {"@representation", "minimal"},
            {"id", run.id},
            {"number", std::to_string(run.number)},
            {"state", buildState(run)},
            {"duration", hasEnded && run.startedMs != 0 ? Json((run.finishedMs - run.startedMs) / 1000) : Json()},
            {"event_type", eventOf(run.cause)},
            {"previous_state", "passed"},
            {"pull_request_title", run.cause == ci::Cause::PullRequest ? Json(run.subject) : Json()},
            {"pull_request_number", run.cause == ci::Cause::PullRequest ? Json(run.number) : Json()},
            {"started_at", timeBody(run.startedMs)},
            {"finished_at", hasEnded ? timeBody(run.finishedMs) : Json()},
            {"private", true},
            {"priority", false}};
}

Json buildBody(const ci::CiWorld &world, const ci::RunRecord &run, const Words &words, bool withJobs)
{
    Json body = buildMinimal(run);
    body["@representation"] = "standard";
    body["@permissions"] = {{"read", true}, {"cancel", true}, {"restart", true}, {"prioritize", false}};
    body["updated_at"] = ci::isoTime(run.updatedMs, true);
    body["repository"] = repositoryBody(world, run.project, false);
    body["branch"] = branchBody(run.project, run.tag.empty() ? run.branch : run.tag);
    body["tag"] = run.tag.empty() ? Json()
                                  : Json{{"@type", "tag"},
                                         {"@representation", "minimal"},
                                         {"repository_id", ci::numberOf(run.project)},
                                         {"name", run.tag},
                                         {"last_build_id", run.id}};
    body["commit"] = commitBody(run, words);
    body["created_by"] = userBody(run.who.empty() ? run.author : run.who);
    body["jobs"] = Json::array();
    body["stages"] = Json::array();
    for (std::size_t i = 0; i < run.jobs.size(); ++i) {
        if (!isMade(world, run, run.jobs[i]))
            continue;
        const std::int64_t id = jobId(run, i);
        body["jobs"].push_back(withJobs ? jobBody(world, run, i, words, false)
                                        : Json{{"@type", "job"},
                                               {"@href", "/job/" + std::to_string(id)},
                                               {"@representation", "minimal"},
                                               {"id", id}});
    }
    if (const auto stages = stagesOf(world, run);
        stages.size() > 1 || (stages.size() == 1 && !stages.front().empty())) {
        for (const std::string &stage : stages)
            body["stages"].push_back(stageBody(world, run, stages, stage));
    }
    return body;
}

Json jobBody(const ci::CiWorld &world, const ci::RunRecord &run, std::size_t index, const Words &words, bool withConfig)
{
    const ci::JobRun &job = run.jobs.at(index);
    const ci::JobPlan &plan = world.planOf(run, job);
    const std::int64_t id = jobId(run, index);
    const bool isAgain = job.attempt > 1;
    Json body{{"@type", "job"},
              {"@href", "/job/" + std::to_string(id)},
              {"@representation", "standard"},
              {"@permissions",
               {{"read", true},
                {"cancel", true},
                {"restart", true},
                {"debug", false},
                {"delete_log", true},
                {"view_log", true},
                {"prioritize", false}}},
              {"id", id},
              {"private", true},
              {"restarted_at", isAgain ? timeBody(job.createdMs) : Json()},
              {"restarted_by", isAgain && !run.attemptBy.empty() ? userBody(run.attemptBy) : Json()},
              {"number", std::to_string(run.number) + '.' + std::to_string(index + 1)},
              {"state", jobState(run, job)},
              {"started_at", timeBody(job.startedMs)},
              {"finished_at", timeBody(job.finishedMs)},
              {"allow_failure", job.mayFail},
              {"created_at", ci::isoTime(run.createdMs, true)},
              {"updated_at", ci::isoTime(run.updatedMs, true)},
              {"build", buildMinimal(run)},
              {"queue", plan.runner.empty() ? "builds.linux" : plan.runner},
              {"repository", repositoryBody(world, run.project, false)},
              {"commit", commitBody(run, words)},
              {"owner", userBody(run.project.substr(0, run.project.find('/')))}};
    const auto stages = stagesOf(world, run);
    body["stage"] = job.stage.empty() ? Json() : stageBody(world, run, stages, job.stage);
    if (withConfig)
        body["config"] = {{"name", job.name}, {"os", "linux"}, {"language", "generic"}};
    return body;
}

Json cronsBody(const ci::CiWorld &world, const std::string &project)
{
    Json crons = Json::array();
    for (const ci::PipelinePlan *plan : world.pipelines(ci::Vendor::Travis, project)) {
        for (const std::string &cron : plan->crons) {
            const std::int64_t id = ci::numberOf(project + cron);
            crons.push_back({{"@type", "cron"},
                             {"@href", "/cron/" + std::to_string(id)},
                             {"@representation", "standard"},
                             {"@permissions", {{"read", true}, {"delete", true}, {"start", true}}},
                             {"id", id},
                             {"repository", repositoryBody(world, project, false)},
                             {"branch", branchBody(project, plan->defaultBranch)},
                             {"interval", intervalOf(cron)},
                             {"dont_run_if_recent_build_exists", false},
                             {"last_run", nullptr},
                             {"active", true}});
        }
    }
    return {{"@type", "crons"},
            {"@href", repositoryHref(project) + "/crons"},
            {"@representation", "standard"},
            {"@pagination", pagination(repositoryHref(project) + "/crons", 25, 0, crons.size())},
            {"crons", crons}};
}

Json requestBody(const ci::CiWorld &world, const Request &request)
{
    Json body{{"@type", "request"},
              {"@href", repositoryHref(request.project) + "/request/" + std::to_string(request.id)},
              {"@representation", "standard"},
              {"id", request.id},
              {"state", request.isSettled ? "finished" : "pending"},
              {"result", !request.isSettled ? Json() : Json(request.run != 0 ? "approved" : "rejected")},
              {"message", request.rejection.empty() ? Json() : Json(request.rejection)},
              {"repository", repositoryBody(world, request.project, false)},
              {"branch_name", request.branch},
              {"commit", nullptr},
              {"builds", Json::array()},
              {"owner", userBody(world.me())},
              {"created_at", timeBody(request.createdMs)},
              {"event_type", "api"},
              {"base_commit", nullptr},
              {"head_commit", nullptr}};
    if (const auto run = request.run != 0 ? world.run(request.run) : std::nullopt) {
        body["commit"] = commitBody(*run, {{run->id, request.message}});
        body["builds"].push_back(buildMinimal(*run));
    }
    return body;
}

// As its workers write it for a browser: folds, colours, both line ends.
std::string logText(const std::vector<ci::LogLine> &lines)
{
    const std::string cleared = "\r\x1b[0K";
    std::string text;
    std::vector<std::string> folds;
    int count = 0;
    for (const ci::LogLine &line : lines) {
        switch (line.kind) {
        case ci::LogLine::Kind::GroupBegin:
            folds.push_back("step." + std::to_string(++count));
            text += "travis_fold:start:" + folds.back() + cleared + "\x1b[33;1m" + line.text + "\x1b[0m\r\n";
            break;
        case ci::LogLine::Kind::GroupEnd:
            if (!folds.empty()) {
                text += "travis_fold:end:" + folds.back() + cleared;
                folds.pop_back();
            }
            break;
        case ci::LogLine::Kind::Command:
            text += "$ " + line.text + "\r\n";
            break;
        case ci::LogLine::Kind::Error:
            text += "\x1b[31;1m" + line.text + "\x1b[0m\r\n";
            break;
        case ci::LogLine::Kind::Warning:
            text += "\x1b[33m" + line.text + "\x1b[0m\r\n";
            break;
        case ci::LogLine::Kind::Text:
            text += line.text + "\r\n";
            break;
        }
    }
    return text;
}

Json pagination(const std::string &href, std::size_t limit, std::size_t offset, std::size_t total)
{
    const auto page = [&](std::size_t at) {
        const char joint = href.find('?') == std::string::npos ? '?' : '&';
        return Json{{"@href", href + joint + "limit=" + std::to_string(limit) + "&offset=" + std::to_string(at)},
                    {"offset", at},
                    {"limit", limit}};
    };
    const std::size_t last = total == 0 ? 0 : (total - 1) / limit * limit;
    const bool isLast = offset + limit >= total;
    return {{"limit", limit},
            {"offset", offset},
            {"count", total},
            {"is_first", offset == 0},
            {"is_last", isLast},
            {"next", isLast ? Json() : page(offset + limit)},
            {"prev", offset == 0 ? Json() : page(offset > limit ? offset - limit : 0)},
            {"first", page(0)},
            {"last", page(last)}};
}

} // namespace signalbox::sandbox::travis
