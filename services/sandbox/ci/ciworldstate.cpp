#include "services/sandbox/ci/ciworldstate.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

std::vector<int> withDependents(const PipelinePlan &plan, std::set<int> jobs)
{
    for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
        for (const std::string &need : plan.jobs[i].needs) {
            for (const int job : jobs) {
                if (plan.jobs[static_cast<std::size_t>(job)].name == need) {
                    jobs.insert(static_cast<int>(i));
                    break;
                }
            }
        }
    }
    return {jobs.begin(), jobs.end()};
}

Parameters filled(const std::vector<InputPlan> &inputs, const Parameters &given)
{
    Parameters all;
    for (const InputPlan &input : inputs) {
        const auto found =
            std::find_if(given.begin(), given.end(), [&](const auto &one) { return one.first == input.name; });
        const bool isHidden = input.kind == InputPlan::Kind::Hidden;
        all.emplace_back(input.name, isHidden ? std::string() : found == given.end() ? input.value : found->second);
    }
    return all;
}

Record *CiWorld::Private::find(std::int64_t id)
{
    const auto found = std::lower_bound(records.begin(), records.end(), id,
                                        [](const Record &one, std::int64_t value) { return one.id < value; });
    return found == records.end() || found->id != id ? nullptr : &*found;
}

std::optional<CiWorld::Private::JobPlace> CiWorld::Private::findJob(std::int64_t job)
{
    const std::int64_t rest = job % idsOfRun - 1;
    JobPlace place;
    place.record = find(job / idsOfRun);
    if (!place.record || rest < 0)
        return std::nullopt;
    const PipelinePlan &plan = courses.planOf(*place.record);
    place.index = static_cast<int>(rest % 50);
    place.tried = static_cast<int>(rest / 50) + 1;
    if (place.index >= static_cast<int>(plan.jobs.size()))
        return std::nullopt;
    for (int attempt = place.record->attempts(); attempt > 0; --attempt) {
        const int tried = courses.of(*place.record, attempt)[static_cast<std::size_t>(place.index)].tried;
        if (plan.vendor != Vendor::Travis && tried != place.tried)
            continue;
        place.tried = tried;
        place.attempt = attempt;
        return place;
    }
    return std::nullopt;
}

JobRun CiWorld::Private::jobAt(const JobPlace &place, std::int64_t now) const
{
    return courses.seen(*place.record, place.attempt, now).jobs[static_cast<std::size_t>(place.index)];
}

// Without jobs; cheap for those that ended.
RunRecord CiWorld::Private::brief(Record &record, std::int64_t now)
{
    if (record.endPhase == Phase::NotStarted || live.contains(record.id)) {
        RunRecord run = courses.seen(record, record.attempts(), now);
        record.endPhase = isEnded(run.phase) ? run.phase : Phase::NotStarted;
        run.jobs.clear();
        return run;
    }
    RunRecord run = courses.outline(record, record.attempts());
    run.phase = record.endPhase;
    return run;
}

bool CiWorld::Private::matches(const RunQuery &query, Record &record, std::int64_t now)
{
    const PipelinePlan &plan = courses.planOf(record);
    if (plan.vendor != query.vendor || (!query.project.empty() && plan.project != query.project) ||
        (!query.pipeline.empty() && plan.name != query.pipeline))
        return false;
    if (!query.branch.empty() && courses.branchOf(record) != query.branch && courses.tagOf(record) != query.branch)
        return false;
    if (!query.commit.empty() && courses.commitOf(record) != query.commit)
        return false;
    return !query.isWanted || query.isWanted(brief(record, now));
}

void CiWorld::Private::changed(Record &record)
{
    record.endPhase = Phase::NotStarted;
    record.wakeMs = 0;
    live.insert(record.id);
    // The run that waits for this one.
    Record *parent = record.extra ? find(record.extra->parentRun) : nullptr;
    if (parent)
        changed(*parent);
}

} // namespace signalbox::sandbox::ci
