#pragma once

#include "services/sandbox/ci/ciworld.h"

namespace signalbox::sandbox::ci
{

inline constexpr std::int64_t noonMs = 1'772'452'800'000; // 2026-03-02T12:00:00Z, a Monday
inline constexpr std::int64_t minuteMs = 60'000;

// A world at a time that only the test moves.
struct HeldWorld
{
    std::int64_t nowMs = noonMs;
    CiWorld world{builtInPlans(), [this] { return nowMs; }};

    RunRecord run(std::int64_t id) { return world.run(id).value_or(RunRecord()); }
    RunRecord startOf(const char *project, Vendor vendor, const char *pipeline = "", Cause cause = Cause::Manual)
    {
        StartOrder order;
        order.vendor = vendor;
        order.project = project;
        order.pipeline = pipeline;
        order.cause = cause;
        order.who = "hana.kim";
        return run(world.start(order).run);
    }
    // A minute a step, until it has that phase; false after a day.
    bool waitFor(std::int64_t id, Phase phase)
    {
        for (int i = 0; i < 1440; ++i, nowMs += 10'000) {
            if (run(id).phase == phase)
                return true;
        }
        return false;
    }
    // The one that waits at the gate of its production job.
    RunRecord waitingRun(Vendor vendor, const char *project)
    {
        const auto all = world.waiting(vendor, project);
        return all.empty() ? RunRecord() : all.front();
    }
};

inline const JobRun &waitingJob(const RunRecord &run)
{
    static const JobRun none;
    for (const JobRun &job : run.jobs) {
        if (job.phase == Phase::Waiting)
            return job;
    }
    return none;
}

inline std::string told(const RunRecord &run)
{
    std::string text = std::to_string(run.id) + ' ' + run.commit + ' ' + run.subject + ' ' + run.who + ' ' +
                       std::string(phaseName(run.phase)) + ' ' + std::to_string(run.finishedMs) + '\n';
    for (const JobRun &job : run.jobs) {
        text += std::to_string(job.id) + ' ' + job.name + ' ' + std::string(phaseName(job.phase)) + ' ' +
                std::to_string(job.startedMs) + ' ' + std::to_string(job.finishedMs) + ' ' + job.runner + '\n';
    }
    return text;
}

inline RunQuery everything(Vendor vendor)
{
    RunQuery query;
    query.vendor = vendor;
    query.limit = 100'000;
    return query;
}

} // namespace signalbox::sandbox::ci
