#include "services/sandbox/ci/gitlab/gitlabcall.h"

// Runs and their jobs: lists, and what people do to them.
namespace signalbox::sandbox::ci
{

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
        Parameters given = run->parameters;
        {
            const std::lock_guard lock(state.mutex);
            if (const auto sent = state.variables.find(run->id); sent != state.variables.end())
                given = sent->second;
        }
        Json all = Json::array();
        for (const auto &[name, value] : given)
            all.push_back({{"variable_type", "env_var"}, {"key", name}, {"value", value}, {"raw", false}});
        return paged(request, all);
    }
    // app/policies/ci/pipeline_policy.rb, protected_ref
    if (request.method == "POST" && isIn(what, {"retry", "cancel"}) && !mayUpdate(*run))
        return refused(403, "403 Forbidden");
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
    const Parameters given = order.parameters;
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitLab, project)) {
        if (!plan->isChild) {
            eraseUnknown(order.parameters, plan->inputs);
            break;
        }
    }
    // lib/gitlab/ci/pipeline/chain/validate/abilities.rb
    if (!mayUpdate(ref, !order.tag.empty()))
        return replied(400,
                       {{"message",
                         {{"base", Json::array({"You do not have sufficient permission to run a pipeline on '" + ref +
                                                "'. Please select a different branch or contact your "
                                                "administrator for assistance."})}}}});
    const Outcome made = world.start(order);
    if (made.kind == Outcome::Kind::NoSuch)
        return replied(400, {{"message", {{"base", Json::array({"Reference not found"})}}}});
    if (!made)
        return replied(400, {{"message", {{"base", Json::array({made.text})}}}});
    {
        const std::lock_guard lock(state.mutex);
        state.variables[made.run] = given;
    }
    return replied(201, pipelineWhole(view, *world.run(made.run)));
}

LoopbackReply GitLabApi::Call::play(const LoopbackRequest &request, const Place &place)
{
    const auto now = world.runOfJob(place.job.id);
    const JobRun *job = now ? now->job(place.job.id) : nullptr;
    if (!job || job->phase != Phase::Waiting || !job->isManual)
        return refused(400, "400 Bad request - Unplayable Job");
    if (pendingApprovals(*job) > 0) // app/models/ee/ci/build.rb: not playable while it waits for approvals
        return refused(400, "400 Bad request - Unplayable Job");
    // app/policies/ci/build_policy.rb: a protected environment decides alone, else the branch or tag does
    const JobPlan &plan = world.planOf(place.run, place.job);
    const bool isOfEnvironment =
        !plan.environment.empty() &&
        (!plan.gate.deciders.empty() || state.options.groupTiers.count(tierOf(plan.environment)) > 0);
    if (isOfEnvironment ? !mayDeploy(plan.environment) : !mayUpdate(place.run))
        return refused(403, "403 Forbidden");
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
    if (isIn(what, {"retry", "cancel"}) && !mayUpdate(place->run))
        return refused(403, "403 Forbidden");
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

} // namespace signalbox::sandbox::ci
