#include "services/sandbox/ci/github/githubdeployments.h"

#include "services/sandbox/ci/citries.h"

#include <algorithm>

namespace signalbox::sandbox::ci::github
{

namespace
{

constexpr std::size_t mostDeployingRuns = 60;
constexpr std::int64_t keptMs = 30LL * 24 * 3600 * 1000;

std::vector<DeployingTry> triesOf(const CiWorld &world, const std::string &project, const std::string &commit = {})
{
    auto all = deployingTries(world, Vendor::GitHub, project, commit, mostDeployingRuns);
    std::erase_if(all, [](const DeployingTry &one) { return !isListed(one.job); });
    return all;
}

// A newer one of the environment that succeeded makes it inactive.
std::int64_t inactiveSince(const std::vector<DeployingTry> &all, const JobRun &job)
{
    std::int64_t since = 0;
    for (const DeployingTry &one : all) {
        const bool isLater = one.job.environment == job.environment && one.job.phase == Phase::Passed &&
                             one.job.finishedMs > job.finishedMs;
        if (isLater && (since == 0 || one.job.finishedMs < since))
            since = one.job.finishedMs;
    }
    return since;
}

Json statusBody(const Site &site, const CiWorld &world, const DeployingTry &of, int index, const char *state,
                std::int64_t atMs)
{
    const std::string deployment =
        site.repository(of.run.project) + "/deployments/" + std::to_string(of.job.deploymentId);
    const std::int64_t id = of.job.deploymentId * 10 + index;
    const std::string log = site.web + '/' + of.run.project + "/actions/runs/" + std::to_string(of.run.id) + "/job/" +
                            std::to_string(of.job.id);
    return {{"url", deployment + "/statuses/" + std::to_string(id)},
            {"id", id},
            {"node_id", "DES_" + std::to_string(id)},
            {"state", state},
            {"creator", userBody(site, world, of.run.who)},
            {"description", ""},
            {"environment", of.job.environment},
            {"target_url", log},
            {"created_at", isoTime(atMs)},
            {"updated_at", isoTime(atMs)},
            {"deployment_url", deployment},
            {"repository_url", site.repository(of.run.project)},
            {"environment_url", ""},
            {"log_url", log}};
}

} // namespace

std::vector<Json> environmentBodies(const Site &site, const CiWorld &world, const std::string &project)
{
    std::vector<std::string> names;
    for (const PipelinePlan *plan : world.pipelines(Vendor::GitHub, project)) {
        for (const JobPlan &job : plan->jobs) {
            if (!job.environment.empty() && std::find(names.begin(), names.end(), job.environment) == names.end())
                names.push_back(job.environment);
        }
    }
    std::vector<Json> all;
    for (const std::string &name : names) {
        const std::int64_t id = environmentId(project, name);
        all.push_back({{"id", id},
                       {"node_id", "EN_" + std::to_string(id)},
                       {"name", name},
                       {"url", site.repository(project) + "/environments/" + name},
                       {"html_url", site.web + '/' + project + "/deployments/activity_log?environments_filter=" + name},
                       {"created_at", "2025-01-01T00:00:00Z"},
                       {"updated_at", "2025-01-01T00:00:00Z"}});
    }
    return all;
}

std::vector<Json> deploymentBodies(const Site &site, const CiWorld &world, const std::string &project,
                                   const std::string &environment, const std::string &commit)
{
    auto tries = triesOf(world, project, commit);
    // As ids go: a newer run may deploy earlier than a try of an older one.
    std::stable_sort(tries.begin(), tries.end(), [](const DeployingTry &a, const DeployingTry &b) {
        return a.job.deploymentId > b.job.deploymentId;
    });
    std::vector<Json> all;
    for (const DeployingTry &one : tries) {
        if (environment.empty() || one.job.environment == environment)
            all.push_back(deploymentBody(site, world, one.run, one.job));
    }
    return all;
}

std::optional<std::vector<Json>> deploymentStatusBodies(const Site &site, const CiWorld &world,
                                                        const std::string &project, std::int64_t deployment)
{
    const std::vector<DeployingTry> tries = triesOf(world, project);
    const auto found = std::find_if(tries.begin(), tries.end(), [deployment](const DeployingTry &one) {
        return one.job.deploymentId == deployment;
    });
    if (found == tries.end())
        return std::nullopt;
    const JobRun &job = found->job;
    std::vector<Json> all;
    const auto add = [&](int index, const char *state, std::int64_t atMs) {
        if (atMs > 0)
            all.insert(all.begin(), statusBody(site, world, *found, index, state, atMs));
    };
    add(0, "pending", job.waitingSinceMs);
    add(1, "queued", job.queuedMs);
    add(2, "in_progress", job.startedMs);
    if (isEnded(job.phase)) {
        add(3,
            job.phase == Phase::Passed      ? "success"
            : job.phase == Phase::Cancelled ? "error"
                                            : "failure",
            job.finishedMs);
        if (job.phase == Phase::Passed)
            add(4, "inactive", inactiveSince(tries, job));
    }
    return all;
}

bool isTooOldToRerun(const CiWorld &world, const RunRecord &run)
{
    return world.nowMs() - run.createdMs > keptMs;
}

} // namespace signalbox::sandbox::ci::github
