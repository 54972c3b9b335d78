#include "services/sandbox/ci/github/githubanswers.h"
#include "services/sandbox/ci/github/githubdeployments.h"

namespace signalbox::sandbox::ci::github
{

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

} // namespace signalbox::sandbox::ci::github
