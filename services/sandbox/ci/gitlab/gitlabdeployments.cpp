#include "services/sandbox/ci/citries.h"
#include "services/sandbox/ci/gitlab/gitlabcall.h"

// Deployments and the decisions about them.
namespace signalbox::sandbox::ci
{

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

// doc/api/protected_environments.md, "List protected environments". One that nobody is named for is not protected.
LoopbackReply GitLabApi::Call::protectedEnvironments(const LoopbackRequest &request, const std::string &project) const
{
    if (view.access < 40) // its settings
        return refused(403, "403 Forbidden");
    std::vector<std::string> names;
    Json all = Json::array();
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitLab, project)) {
        for (const JobPlan &job : plan->jobs) {
            if (job.environment.empty() || job.gate.deciders.empty() ||
                std::find(names.begin(), names.end(), job.environment) != names.end())
                continue;
            names.push_back(job.environment);
            all.push_back({{"name", job.environment},
                           {"deploy_access_levels", levelsJson(job.gate.deciders, project)},
                           {"required_approval_count", 0},
                           {"approval_rules", Json::array()}});
        }
    }
    return paged(request, all);
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

} // namespace signalbox::sandbox::ci
