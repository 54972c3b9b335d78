#include "services/sandbox/ci/ciworld.h"

#include "services/sandbox/ci/ciworldstate.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

const JobRun *RunRecord::job(std::int64_t jobId) const
{
    const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const JobRun &one) { return one.id == jobId; });
    return found == jobs.end() ? nullptr : &*found;
}

const JobRun *RunRecord::job(std::string_view name) const
{
    const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const JobRun &one) { return one.name == name; });
    return found == jobs.end() ? nullptr : &*found;
}

CiWorld::CiWorld(const CiPlans &plans, Clock nowMs)
    : d(std::make_unique<Private>(plans, std::move(nowMs)))
{
    d->begin();
}

CiWorld::~CiWorld() = default;

void CiWorld::setDeployListener(std::function<void(const Deployment &)> listener)
{
    d->deployed = std::move(listener);
}

const CiPlans &CiWorld::plans() const
{
    return d->plans;
}

std::int64_t CiWorld::nowMs() const
{
    return d->clock();
}

const std::string &CiWorld::me() const
{
    return d->plans.me;
}

std::vector<const PipelinePlan *> CiWorld::pipelines(Vendor vendor, std::string_view project) const
{
    std::vector<const PipelinePlan *> all;
    for (const PipelinePlan &plan : d->plans.pipelines) {
        if (plan.vendor == vendor && plan.project == project)
            all.push_back(&plan);
    }
    return all;
}

std::vector<std::string> CiWorld::projects(Vendor vendor) const
{
    std::vector<std::string> all;
    for (const PipelinePlan &plan : d->plans.pipelines) {
        if (plan.vendor == vendor && std::find(all.begin(), all.end(), plan.project) == all.end())
            all.push_back(plan.project);
    }
    return all;
}

const PipelinePlan &CiWorld::planOf(const RunRecord &run) const
{
    return *d->plans.pipeline(run.vendor, run.project, run.pipeline);
}

const JobPlan &CiWorld::planOf(const RunRecord &run, const JobRun &job) const
{
    return *planOf(run).job(job.name);
}

RunList CiWorld::runs(const RunQuery &query) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    RunList list;
    for (auto it = d->records.rbegin(); it != d->records.rend(); ++it) {
        if (!d->matches(query, *it, now))
            continue;
        if (list.total >= query.offset && list.runs.size() < query.limit)
            list.runs.push_back(d->courses.seen(*it, it->attempts(), now));
        ++list.total;
    }
    return list;
}

std::optional<RunRecord> CiWorld::run(std::int64_t id, int attempt) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const Record *record = d->find(id);
    if (!record || attempt < 0 || attempt > record->attempts())
        return std::nullopt;
    return d->courses.seen(*record, attempt == 0 ? record->attempts() : attempt, now);
}

std::optional<RunRecord> CiWorld::runOfJob(std::int64_t job) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    return place ? std::optional(d->courses.seen(*place->record, place->attempt, now)) : std::nullopt;
}

std::optional<RunRecord> CiWorld::runByNumber(Vendor vendor, std::string_view project, std::string_view pipeline,
                                              std::string_view branch, int number) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    for (const Record &record : d->records) {
        const PipelinePlan &plan = d->courses.planOf(record);
        if (record.number != number || plan.vendor != vendor || plan.project != project ||
            (!pipeline.empty() && plan.name != pipeline))
            continue;
        if (branch.empty() || d->courses.branchOf(record) == branch || d->courses.tagOf(record) == branch)
            return d->courses.seen(record, record.attempts(), now);
    }
    return std::nullopt;
}

std::vector<RunRecord> CiWorld::waiting(Vendor vendor, std::string_view project) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    std::vector<RunRecord> all;
    for (auto it = d->live.rbegin(); it != d->live.rend(); ++it) {
        const Record &record = *d->find(*it);
        const PipelinePlan &plan = d->courses.planOf(record);
        if (plan.vendor != vendor || (!project.empty() && plan.project != project))
            continue;
        RunRecord run = d->courses.seen(record, record.attempts(), now);
        if (std::any_of(run.jobs.begin(), run.jobs.end(),
                        [](const JobRun &job) { return job.phase == Phase::Waiting; }))
            all.push_back(std::move(run));
    }
    return all;
}

std::string CiWorld::headOf(Vendor vendor, std::string_view project, std::string_view branch) const
{
    RunQuery query;
    query.vendor = vendor;
    query.project = project;
    query.branch = branch;
    query.limit = 1;
    const RunList list = runs(query);
    return list.runs.empty() ? std::string() : list.runs.front().commit;
}

} // namespace signalbox::sandbox::ci
