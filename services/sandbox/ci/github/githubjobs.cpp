#include "services/sandbox/ci/github/githubanswers.h"
#include "services/sandbox/ci/github/githubdeployments.h"

#include <set>

namespace signalbox::sandbox::ci::github
{

namespace
{

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

} // namespace

LoopbackReply jobs(const Question &ask, const RunRecord &run)
{
    std::vector<Json> all;
    for (const JobRun &job : run.jobs) {
        if (isListed(job))
            all.push_back(jobBody(ask.site, run, job));
    }
    return listed(ask, "jobs", all);
}

// "filter": those of the newest attempt, or of all.
LoopbackReply checkRuns(const Question &ask, const RunRecord &run)
{
    const int oldest = ask.request.value("filter") == "all" ? 1 : run.attempt;
    std::vector<Json> all;
    std::set<std::int64_t> seen; // what did not run again is in several attempts
    for (int attempt = run.attempt; attempt >= oldest; --attempt) {
        const auto then = attempt == run.attempt ? std::optional(run) : ask.world.run(run.id, attempt);
        for (const JobRun &job : then ? then->jobs : std::vector<JobRun>()) {
            if (isListed(job) && seen.insert(job.id).second)
                all.push_back(checkRunBody(ask.site, ask.world, *then, job));
        }
    }
    return listed(ask, "check_runs", all);
}

LoopbackReply annotations(const Question &ask, const std::string &id)
{
    const auto run = ask.world.runOfJob(idIn(id));
    if (!run || run->project != ask.project)
        return notFound();
    std::vector<Json> all;
    for (const Annotation &one : ask.world.annotations(run->id, run->attempt)) {
        if (one.job == idIn(id))
            all.push_back(annotationBody(ask.site, *run, one));
    }
    return listed(ask, nullptr, all);
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
    return ask.is(4, {{3, "logs"}}) ? jobLogAddress(ask, *job) : notFound();
}

} // namespace signalbox::sandbox::ci::github
