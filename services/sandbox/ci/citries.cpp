#include "services/sandbox/ci/citries.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

std::string starterOf(const CiWorld &world, const RunRecord &run, const JobRun &job)
{
    if (job.attempt <= 1)
        return run.who;
    const auto then = world.run(run.id, job.attempt);
    return then && !then->attemptBy.empty() ? then->attemptBy : run.who;
}

std::vector<DeployingTry> deployingTries(const CiWorld &world, const RunRecord &newest)
{
    std::vector<DeployingTry> all;
    for (int attempt = newest.attempt; attempt >= 1; --attempt) {
        const auto then = attempt == newest.attempt ? std::optional(newest) : world.run(newest.id, attempt);
        for (const JobRun &job : then ? then->jobs : std::vector<JobRun>()) {
            const bool isKnown =
                std::any_of(all.begin(), all.end(), [&job](const DeployingTry &one) { return one.job.id == job.id; });
            if (job.deploymentId == 0 || isKnown)
                continue;
            DeployingTry one{newest, job};
            one.run.who = starterOf(world, newest, job);
            all.push_back(std::move(one));
        }
    }
    return all;
}

std::vector<DeployingTry> deployingTries(const CiWorld &world, Vendor vendor, const std::string &project,
                                         const std::string &commit, std::size_t mostRuns)
{
    RunQuery query;
    query.vendor = vendor;
    query.project = project;
    query.commit = commit;
    query.limit = mostRuns;
    query.isWanted = [&world](const RunRecord &run) { // most runs deploy nothing
        const auto &jobs = world.planOf(run).jobs;
        return std::any_of(jobs.begin(), jobs.end(), [&run](const JobPlan &job) {
            return !job.environment.empty() && (job.onlyFor.empty() || std::find(job.onlyFor.begin(), job.onlyFor.end(),
                                                                                 run.cause) != job.onlyFor.end());
        });
    };
    std::vector<DeployingTry> all;
    for (const RunRecord &one : world.runs(query).runs) {
        if (const auto run = world.run(one.id)) {
            const auto some = deployingTries(world, *run);
            all.insert(all.end(), some.begin(), some.end());
        }
    }
    return all;
}

} // namespace signalbox::sandbox::ci
