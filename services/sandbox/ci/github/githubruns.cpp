#include "services/sandbox/ci/github/githubanswers.h"
#include "services/sandbox/ci/github/githubdeployments.h"

namespace signalbox::sandbox::ci::github
{

namespace
{

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

LoopbackReply rerun(const Question &ask, const RunRecord &run, bool failedOnly)
{
    if (isTooOldToRerun(ask.world, run))
        return tooOldToRerun();
    const Outcome outcome = ask.world.rerun(run.id, failedOnly, ask.world.me());
    if (outcome.kind == Outcome::Kind::NotNow)
        return refusal(403, "This workflow is already running");
    return outcome ? said(201, Json::object()) : refusedBy(outcome);
}

// ".../runs/RUN/attempts/N", its jobs and its logs: read only, of the newest as of those before.
LoopbackReply attemptAnswer(const Question &ask, const RunRecord &newest)
{
    const std::int64_t number = idIn(ask.rest[4]);
    if (!ask.isGet() || number < 1 || number > newest.attempt)
        return notFound();
    const auto run = ask.world.run(newest.id, static_cast<int>(number));
    if (!run)
        return notFound();
    if (ask.rest.size() == 5)
        return said(200, runBody(ask.site, ask.world, *run));
    if (ask.is(6, {{5, "jobs"}}))
        return jobs(ask, *run);
    return ask.is(6, {{5, "logs"}}) ? runLogAddress(ask, *run) : notFound();
}

} // namespace

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

LoopbackReply runAnswer(const Question &ask)
{
    const auto run = runOf(ask, ask.rest[2]);
    if (!run)
        return notFound();
    const std::string what = ask.rest.size() > 3 ? ask.rest[3] : std::string();
    if (ask.rest.size() > 4)
        return what == "attempts" ? attemptAnswer(ask, *run) : notFound();
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
        if (what == "logs")
            return runLogAddress(ask, *run);
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

} // namespace signalbox::sandbox::ci::github
