#include "services/sandbox/ci/cirecord.h"

#include "services/sandbox/ci/cirecordparts.h"
#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <cctype>

namespace signalbox::sandbox::ci
{

namespace
{

bool has(const std::vector<int> &list, int value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

// The attempt in which a job's try of this attempt began.
int triedIn(const Record &record, int attempt, int job)
{
    for (int one = attempt; one > 1; --one) {
        if (has(record.extra->attempts[static_cast<std::size_t>(one) - 2].jobs, job))
            return one;
    }
    return 1;
}

// What fails of it is told beforehand, not left to chance: nothing, or one job of its first attempt.
bool isTold(const Record &record)
{
    return record.isSure || (record.extra && !record.extra->failsIn.empty());
}

// What this attempt waits for was decided long ago.
bool isTeams(const Record &record, int attempt)
{
    return attempt == 1 ? record.isPast || record.decidedMs > 0
                        : record.extra->attempts[static_cast<std::size_t>(attempt) - 2].isPast;
}

bool stops(const JobPlan &plan, const JobCourse &course)
{
    return course.end == Phase::Cancelled || course.end == Phase::Skipped ||
           (course.end == Phase::Failed && !plan.mayFail);
}

// Ends of the steps as parts of the work.
std::vector<double> stepEnds(const JobPlan &plan, std::uint64_t seed)
{
    std::vector<double> ends;
    double sum = 0;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        // The first one prepares, the last one clears up; tests and builds take the time.
        const bool isEdge = plan.steps.size() > 2 && (i == 0 || i + 1 == plan.steps.size());
        sum += (isEdge ? 0.12 : 1) * (0.5 + chance(seed, "step", i));
        ends.push_back(sum);
    }
    for (double &end : ends)
        end /= sum;
    return ends;
}

int testStep(const JobPlan &plan)
{
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        std::string lower = plan.steps[i];
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (lower.find("test") != std::string::npos)
            return static_cast<int>(i);
    }
    return static_cast<int>(plan.steps.size() / 2);
}

} // namespace

void Courses::condition(const Record &record, const JobPlan &job, JobCourse &course) const
{
    const PipelinePlan &plan = planOf(record);
    const bool isCause =
        job.onlyFor.empty() || std::find(job.onlyFor.begin(), job.onlyFor.end(), record.cause) != job.onlyFor.end();
    const bool isBranch = !job.onDefaultBranchOnly || !tagOf(record).empty() || branchOf(record) == plan.defaultBranch;
    course.isConditionMet = isCause && isBranch;
}

// Nobody is left to decide about the past: the team did.
void Courses::teamDecides(const Record &record, int index, JobCourse &course) const
{
    const PipelinePlan &plan = planOf(record);
    const GatePlan &gate = plan.jobs[static_cast<std::size_t>(index)].gate;
    const std::uint64_t seed = jobSeed(seedOf(record), course.tried, index);
    std::vector<std::string> people;
    for (const Decider &decider : gate.deciders) {
        if (decider.isGroup)
            people.insert(people.end(), decider.members.begin(), decider.members.end());
        else
            people.push_back(decider.name);
    }
    people.erase(std::remove(people.begin(), people.end(), m_plans.me), people.end());
    if (people.empty())
        people = plan.people;
    const std::int64_t usual = course.freeMs + static_cast<std::int64_t>((1 + 50 * chance(seed, "wait")) * minute);
    const std::int64_t atMs = std::max(course.freeMs + 20 * second, record.decidedMs > 0 ? record.decidedMs : usual);
    const bool approves = record.isSure || chance(seed, "reject") > 0.06;
    const std::size_t first = static_cast<std::size_t>(seed % people.size());
    for (int i = 0; i < gate.approvals; ++i) {
        const std::string &who = people[(first + static_cast<std::size_t>(i)) % people.size()];
        const std::int64_t at = atMs - (gate.approvals - 1 - i) * 8 * second;
        course.decisions.push_back(
            {who, approves, approves ? "Looks good in staging." : "Latency is up in staging.", at});
        if (!approves)
            return;
    }
    if (gate.isManual)
        course.playedBy = people[first];
    course.queuedMs = gate.approvals > 0 || gate.isManual ? atMs : course.freeMs;
}

void Courses::gate(const Record &record, int index, JobCourse &course) const
{
    const GatePlan &gate = planOf(record).jobs[static_cast<std::size_t>(index)].gate;
    if (!gate.isGate()) {
        course.queuedMs = course.freeMs;
        return;
    }
    std::int64_t openMs = course.freeMs;
    if (gate.waitSeconds > 0) {
        course.opensBySelfMs = course.freeMs + gate.waitSeconds * second;
        openMs = course.opensBySelfMs;
    }
    bool isPlayed = !gate.isManual;
    bool isTouched = false;
    int approvals = 0;
    std::int64_t rejectedMs = never;
    if (record.extra) {
        for (const GateEvent &event : record.extra->events) {
            if (event.tried != course.tried || event.job != index || event.kind == GateEvent::Kind::Cancel)
                continue;
            isTouched = true;
            openMs = std::max(openMs, event.decision.atMs);
            for (const auto &answer : event.answers)
                course.answers.push_back(answer);
            if (event.kind == GateEvent::Kind::Play) {
                isPlayed = true;
                course.playedBy = event.decision.who;
                continue;
            }
            course.decisions.push_back(event.decision);
            if (event.decision.approves)
                ++approvals;
            else
                rejectedMs = event.decision.atMs;
        }
    }
    if (!isTouched && isTeams(record, course.tried))
        teamDecides(record, index, course);
    else if (isPlayed && approvals >= gate.approvals)
        course.queuedMs = openMs;
    if (!course.decisions.empty() && !course.decisions.back().approves)
        rejectedMs = course.decisions.back().atMs;
    if (rejectedMs == never)
        return;
    // Jenkins calls it aborted; the others failed.
    course.queuedMs = never;
    course.end = planOf(record).vendor == Vendor::Jenkins ? Phase::Cancelled : Phase::Failed;
    course.finishedMs = rejectedMs;
    course.reason = "Rejected by " + course.decisions.back().who;
    if (!course.decisions.back().comment.empty())
        course.reason += ": " + course.decisions.back().comment;
}

bool Courses::fails(const Record &record, int tried, int job, std::size_t test) const
{
    const JobPlan &plan = planOf(record).jobs[static_cast<std::size_t>(job)];
    const TestPlan &one = plan.tests[test];
    if (one.isSkipped)
        return false;
    const bool isForced = tried == 1 && record.extra && record.extra->failsIn == plan.name;
    if (isForced) {
        // One that is flaky, where there is one.
        std::size_t forced = 0;
        for (std::size_t i = 0; i < plan.tests.size(); ++i) {
            if (plan.tests[i].failChance > plan.tests[forced].failChance)
                forced = i;
        }
        return test == forced;
    }
    if (isTold(record))
        return false;
    return chance(jobSeed(seedOf(record), tried, job), one.name, test) < one.failChance * (tried == 1 ? 1 : 0.2);
}

void Courses::work(const Record &record, int index, JobCourse &course) const
{
    const JobPlan &plan = planOf(record).jobs[static_cast<std::size_t>(index)];
    const std::uint64_t seed = jobSeed(seedOf(record), course.tried, index);
    course.startedMs = course.queuedMs;
    if (plan.seconds > 0)
        course.startedMs += 2 * second + static_cast<std::int64_t>(12 * chance(seed, "queue") * second);
    course.fullMs = static_cast<std::int64_t>(plan.seconds * (0.8 + 0.5 * chance(seed, "work")) * second);
    std::int64_t took = course.fullMs;
    if (!plan.startsPipeline.empty()) {
        const auto child = course.child ? m_childOf(course.child) : std::nullopt;
        course.finishedMs = child ? std::max(child->finishedMs, course.startedMs) : never;
        course.end = child ? child->end : Phase::Passed;
        return;
    }
    bool hasFailedTests = false;
    for (std::size_t i = 0; i < plan.tests.size() && !hasFailedTests; ++i)
        hasFailedTests = fails(record, course.tried, index, i);
    const bool isForced = course.tried == 1 && record.extra && record.extra->failsIn == plan.name && plan.tests.empty();
    const bool breaks =
        isForced || (!isTold(record) && chance(seed, "break") < plan.failChance * (course.tried == 1 ? 1 : 0.25));
    if (hasFailedTests) {
        course.failure = JobCourse::Failure::Tests;
        course.end = plan.failsToUnstable ? Phase::Unstable : Phase::Failed;
        course.failStep = testStep(plan);
    } else if (breaks) {
        course.failure = JobCourse::Failure::Step;
        course.end = Phase::Failed;
        course.failStep = static_cast<int>(plan.steps.size() / 2);
    }
    if (course.end == Phase::Failed) {
        const double part = stepEnds(plan, seed)[static_cast<std::size_t>(course.failStep)];
        took = static_cast<std::int64_t>(static_cast<double>(course.fullMs) * part);
    }
    course.finishedMs = course.startedMs + took;
}

// Somebody cancelled the job, or the run since its try began.
void Courses::cut(const Record &record, int attempt, int index, JobCourse &course) const
{
    std::int64_t atMs = never;
    std::string who;
    if (record.extra) {
        for (const CancelEvent &one : record.extra->cancels) {
            if (one.attempt >= course.tried && one.attempt <= attempt && one.atMs < atMs) {
                atMs = one.atMs;
                who = one.who;
            }
        }
        for (const GateEvent &one : record.extra->events) {
            if (one.kind == GateEvent::Kind::Cancel && one.job == index && one.tried == course.tried &&
                one.decision.atMs < atMs) {
                atMs = one.decision.atMs;
                who = one.decision.who;
            }
        }
    }
    if (record.isPast && !record.isSure && chance(seedOf(record), "cancel") < 0.03) {
        const auto after = static_cast<std::int64_t>((15 + 100 * chance(seedOf(record), "patience")) * second);
        if (course.tried == 1 && record.createdMs + after < atMs) {
            atMs = record.createdMs + after;
            who.clear(); // a newer one took its place
        }
    }
    if (course.finishedMs <= atMs)
        return;
    course.end = Phase::Cancelled;
    course.finishedMs = atMs;
    course.reason = who.empty() ? "Cancelled: a newer run took its place" : "Cancelled by " + who;
    course.failure = JobCourse::Failure::None;
    course.failStep = -1;
    if (course.freeMs > atMs)
        course.freeMs = never;
    if (course.queuedMs > atMs)
        course.queuedMs = never;
    if (course.startedMs > atMs)
        course.startedMs = never;
}

std::vector<JobCourse> Courses::of(const Record &record, int attempt) const
{
    const PipelinePlan &plan = planOf(record);
    std::vector<JobCourse> courses(plan.jobs.size());
    for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
        const int index = static_cast<int>(i);
        JobCourse &course = courses[i];
        course.tried = triedIn(record, attempt, index);
        course.baseMs = beginOf(record, course.tried);
        course.freeMs =
            course.baseMs + second + static_cast<std::int64_t>(2 * chance(seedOf(record), "begin") * second);
        bool isStopped = false;
        for (const std::string &need : plan.jobs[i].needs) {
            const auto at = static_cast<std::size_t>(indexOf(plan, need));
            course.freeMs = std::max(course.freeMs, courses[at].finishedMs);
            isStopped = isStopped || (courses[at].finishedMs != never && stops(plan.jobs[at], courses[at]));
        }
        if (record.extra) {
            for (const ChildRun &child : record.extra->children) {
                if (child.job == index && child.tried == course.tried)
                    course.child = child.run;
            }
        }
        condition(record, plan.jobs[i], course);
        if (isStopped || !course.isConditionMet) {
            course.end = Phase::Skipped;
            course.finishedMs = course.freeMs;
        } else if (course.freeMs != never) {
            gate(record, index, course);
            if (course.queuedMs != never)
                work(record, index, course);
        }
        cut(record, attempt, index, course);
    }
    return courses;
}

std::vector<std::int64_t> Courses::stepEndsOf(const Record &record, int job, const JobCourse &course) const
{
    std::vector<std::int64_t> ends;
    for (const double part :
         stepEnds(planOf(record).jobs[static_cast<std::size_t>(job)], jobSeed(seedOf(record), course.tried, job)))
        ends.push_back(course.startedMs + static_cast<std::int64_t>(static_cast<double>(course.fullMs) * part));
    return ends;
}

Courses::Child Courses::endOf(const Record &record) const
{
    Child end;
    end.finishedMs = 0;
    const std::vector<JobCourse> courses = of(record, record.attempts());
    const PipelinePlan &plan = planOf(record);
    bool isCancelled = false;
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const bool isOptional = plan.jobs[i].gate.isManual && plan.jobs[i].mayFail;
        if (courses[i].finishedMs == never && isOptional)
            continue;
        end.finishedMs = std::max(end.finishedMs, courses[i].finishedMs);
        isCancelled = isCancelled || courses[i].end == Phase::Cancelled;
        if (courses[i].end == Phase::Failed && !plan.jobs[i].mayFail)
            end.end = Phase::Failed;
        else if (courses[i].end == Phase::Unstable && end.end == Phase::Passed)
            end.end = Phase::Unstable;
    }
    if (isCancelled)
        end.end = Phase::Cancelled;
    return end;
}

} // namespace signalbox::sandbox::ci
