#include "services/sandbox/ci/cirecord.h"

#include "services/sandbox/ci/cirecordparts.h"
#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <array>

namespace signalbox::sandbox::ci
{

std::vector<StepRun> Courses::seenSteps(const Record &record, int index, const JobCourse &course,
                                        std::int64_t nowMs) const
{
    const JobPlan &job = planOf(record).jobs[static_cast<std::size_t>(index)];
    const bool hasStarted = course.startedMs <= nowMs;
    const bool hasEnded = course.finishedMs <= nowMs;
    const bool isCut = course.end == Phase::Failed || course.end == Phase::Cancelled;
    std::vector<std::int64_t> ends(job.steps.size(), never);
    if (hasStarted)
        ends = stepEndsOf(record, index, course);
    if (!isCut)
        ends.back() = course.finishedMs; // a child decides that, or rounding
    std::vector<StepRun> steps;
    std::int64_t beginMs = course.startedMs;
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
        StepRun step;
        step.name = job.steps[i];
        const bool isAfterFailure = course.end == Phase::Failed && static_cast<int>(i) > course.failStep;
        if (hasStarted && beginMs <= nowMs && beginMs < std::max(course.finishedMs, course.startedMs + 1) &&
            !isAfterFailure) {
            const std::int64_t endMs = std::min(ends[i], course.finishedMs);
            step.startedMs = beginMs;
            step.finishedMs = endMs <= nowMs ? endMs : 0;
            if (!step.finishedMs)
                step.phase = Phase::Running;
            else if (static_cast<int>(i) == course.failStep)
                step.phase = course.end;
            else
                step.phase =
                    course.end == Phase::Cancelled && endMs == course.finishedMs ? Phase::Cancelled : Phase::Passed;
        } else if (hasEnded) {
            step.phase = Phase::Skipped;
        }
        beginMs = ends[i];
        steps.push_back(std::move(step));
    }
    return steps;
}

JobRun Courses::seenJob(const Record &record, const std::vector<JobCourse> &courses, int index,
                        std::int64_t nowMs) const
{
    const PipelinePlan &plan = planOf(record);
    const JobPlan &job = plan.jobs[static_cast<std::size_t>(index)];
    const JobCourse &course = courses[static_cast<std::size_t>(index)];
    const std::uint64_t seed = jobSeed(seedOf(record), course.tried, index);
    const auto known = [nowMs](std::int64_t ms) { return ms <= nowMs ? ms : 0; };
    JobRun seen;
    seen.id = jobIdOf(plan.vendor, record.id, course.tried, index);
    seen.name = job.name;
    seen.stage = job.stage;
    for (const std::string &need : job.needs) {
        const int at = indexOf(plan, need);
        seen.needs.push_back(jobIdOf(plan.vendor, record.id, courses[static_cast<std::size_t>(at)].tried, at));
    }
    seen.attempt = course.tried;
    seen.createdMs = course.baseMs;
    seen.environment = job.environment;
    seen.mayFail = job.mayFail;
    seen.isGate = job.gate.isGate();
    seen.approvalsNeeded = job.gate.approvals;
    seen.isManual = job.gate.isManual;
    if (!job.environment.empty())
        seen.deploymentId = deploymentIdOf(record, course.tried, seen.id, index);
    const bool hasEnded = course.finishedMs <= nowMs;
    if (course.end != Phase::Skipped || !hasEnded) {
        if (seen.isGate && course.isConditionMet && course.end != Phase::Skipped) {
            seen.waitingSinceMs = known(course.freeMs);
            seen.opensBySelfAtMs = seen.waitingSinceMs ? course.opensBySelfMs : 0;
        }
        seen.queuedMs = known(course.queuedMs);
        seen.startedMs = known(course.startedMs);
    }
    seen.finishedMs = known(course.finishedMs);
    for (const Decision &decision : course.decisions) {
        if (decision.atMs <= nowMs)
            seen.decisions.push_back(decision);
    }
    if (course.queuedMs <= nowMs || record.extra)
        seen.playedBy = course.playedBy;
    seen.answers = course.answers;
    if (seen.startedMs) {
        seen.runner = job.runner + '-' + safeName(seed, 5);
        seen.childRun = course.child;
    }
    if (hasEnded) {
        seen.phase = course.end;
        seen.reason = course.reason;
    } else {
        seen.phase = seen.startedMs        ? Phase::Running
                     : seen.queuedMs       ? Phase::Queued
                     : seen.waitingSinceMs ? Phase::Waiting
                                           : Phase::NotStarted;
    }
    seen.steps = seenSteps(record, index, course, nowMs);
    return seen;
}

RunRecord Courses::seen(const Record &record, int attempt, std::int64_t nowMs) const
{
    const PipelinePlan &plan = planOf(record);
    RunRecord run = outline(record, attempt);
    const std::vector<JobCourse> courses = of(record, attempt);
    std::int64_t lastMs = 0;
    run.updatedMs = run.attemptMs;
    for (std::size_t i = 0; i < courses.size(); ++i) {
        run.jobs.push_back(seenJob(record, courses, static_cast<int>(i), nowMs));
        const JobRun &job = run.jobs.back();
        if (job.startedMs && job.attempt == attempt && (!run.startedMs || job.startedMs < run.startedMs))
            run.startedMs = job.startedMs;
        lastMs = std::max(lastMs, job.finishedMs);
        for (const std::int64_t ms : {job.waitingSinceMs, job.queuedMs, job.startedMs, job.finishedMs})
            run.updatedMs = std::max(run.updatedMs, ms);
        for (const Decision &decision : job.decisions)
            run.updatedMs = std::max(run.updatedMs, decision.atMs);
        const JobPlan &jobPlan = plan.jobs[i];
        if (jobPlan.publishes && job.phase == Phase::Passed && !plan.repository.empty()) {
            const std::string version = run.tag.empty() ? run.commit.substr(0, 12) : run.tag;
            run.releases.push_back(plan.repository + ':' + (version.starts_with('v') ? version.substr(1) : version));
        }
    }
    if (record.extra) {
        for (const CancelEvent &cancel : record.extra->cancels) {
            if (cancel.attempt == attempt)
                run.cancelledBy = cancel.who;
        }
    }
    run.phase = phaseOf(plan, run.jobs);
    if (isEnded(run.phase))
        run.finishedMs = std::max(lastMs, run.attemptMs);
    for (const JobRun &job : run.jobs) {
        if (run.reason.empty() && isEnded(run.phase) && run.phase == job.phase)
            run.reason = job.reason;
    }
    return run;
}

Phase phaseOf(const PipelinePlan &plan, const std::vector<JobRun> &jobs)
{
    std::vector<bool> isIdle(jobs.size()); // it waits for somebody who need not come, or for such a one
    std::array<int, 9> counts{};
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const JobPlan &job = plan.jobs[i];
        const bool isOptional = job.gate.isManual && job.mayFail && jobs[i].phase == Phase::Waiting;
        bool needsIdle = false;
        for (const std::string &need : job.needs)
            needsIdle = needsIdle || isIdle[static_cast<std::size_t>(indexOf(plan, need))];
        isIdle[i] = isOptional || (jobs[i].phase == Phase::NotStarted && needsIdle);
        if (!isIdle[i] && !(jobs[i].phase == Phase::Failed && job.mayFail))
            ++counts.at(static_cast<std::size_t>(jobs[i].phase));
        else if (!isIdle[i])
            ++counts.at(static_cast<std::size_t>(Phase::Passed));
    }
    const auto any = [&](Phase phase) { return counts.at(static_cast<std::size_t>(phase)) > 0; };
    if (any(Phase::Running))
        return Phase::Running;
    if (any(Phase::Queued))
        return any(Phase::Passed) || any(Phase::Failed) ? Phase::Running : Phase::Queued;
    if (any(Phase::Waiting))
        return Phase::Waiting;
    if (any(Phase::NotStarted))
        return any(Phase::Passed) ? Phase::Running : Phase::Queued;
    for (const Phase phase : {Phase::Cancelled, Phase::Failed, Phase::Unstable, Phase::Passed}) {
        if (any(phase))
            return phase;
    }
    return Phase::Skipped;
}

} // namespace signalbox::sandbox::ci
