#include "services/sandbox/ci/cirecord.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace signalbox::sandbox::ci
{

namespace
{

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;

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

std::int64_t beginOf(const Record &record, int attempt)
{
    return attempt == 1 ? record.createdMs : record.extra->attempts[static_cast<std::size_t>(attempt) - 2].atMs;
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

int indexOf(const PipelinePlan &plan, const std::string &name)
{
    for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
        if (plan.jobs[i].name == name)
            return static_cast<int>(i);
    }
    return -1;
}

std::string hexadecimal(std::uint64_t seed, std::size_t length)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    while (text.size() < length) {
        seed = mixed(seed);
        for (int i = 0; i < 16 && text.size() < length; ++i)
            text += digits[(seed >> (i * 4)) & 15];
    }
    return text;
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

std::uint64_t jobSeed(std::uint64_t seed, int tried, int index)
{
    return mixed(seed ^ mixed(static_cast<std::uint64_t>(tried) * 64 + static_cast<std::uint64_t>(index)));
}

} // namespace

RecordExtra &Record::more()
{
    if (!extra)
        extra = std::make_unique<RecordExtra>();
    return *extra;
}

std::int64_t jobIdOf(Vendor vendor, std::int64_t run, int tried, int index)
{
    return run * idsOfRun + (vendor == Vendor::Travis ? 0 : (tried - 1) * 50) + index + 1;
}

Courses::Courses(const CiPlans &plans, ChildOf childOf)
    : m_plans(plans)
    , m_childOf(std::move(childOf))
{
    for (const PipelinePlan &plan : plans.pipelines) {
        std::vector<std::int64_t> ends;
        std::int64_t last = 0;
        for (const JobPlan &job : plan.jobs) {
            std::int64_t free = 2 * second;
            for (const std::string &need : job.needs)
                free = std::max(free, ends[static_cast<std::size_t>(indexOf(plan, need))]);
            ends.push_back(free + 10 * second + job.seconds * second);
            last = std::max(last, ends.back());
        }
        m_estimates.push_back(last);
    }
}

const PipelinePlan &Courses::planOf(const Record &record) const
{
    return m_plans.pipelines[static_cast<std::size_t>(record.plan)];
}

std::uint64_t Courses::seedOf(const Record &record) const
{
    return mixed(m_plans.seed ^ static_cast<std::uint64_t>(record.id));
}

std::string Courses::branchOf(const Record &record) const
{
    if (record.branch >= 0)
        return planOf(record).branches[static_cast<std::size_t>(record.branch)];
    return record.extra ? record.extra->branch : std::string();
}

std::string Courses::tagOf(const Record &record) const
{
    if (record.release >= 0)
        return planOf(record).releases[static_cast<std::size_t>(record.release)].tag;
    return record.extra ? record.extra->tag : std::string();
}

std::string Courses::commitOf(const Record &record) const
{
    if (record.extra && !record.extra->commit.empty())
        return record.extra->commit;
    const PipelinePlan &plan = planOf(record);
    if (record.release >= 0) {
        const PastRelease &release = plan.releases[static_cast<std::size_t>(record.release)];
        return release.commit.empty() ? hexadecimal(hashOf(plan.project + release.tag, m_plans.seed), 40)
                                      : release.commit;
    }
    const std::string *newest = nullptr;
    if (branchOf(record) == plan.defaultBranch) {
        for (const CommitPlan &commit : plan.commits) {
            if (commit.atMs <= record.createdMs)
                newest = &commit.sha;
        }
    }
    return newest ? *newest : hexadecimal(mixed(m_plans.seed ^ record.commitSeed), 40);
}

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
    if (record.isSure)
        return false;
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
        isForced || (!record.isSure && chance(seed, "break") < plan.failChance * (course.tried == 1 ? 1 : 0.25));
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
        seen.deploymentId = seen.id * 3 + 1;
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

void Courses::describe(const Record &record, RunRecord &run) const
{
    const PipelinePlan &plan = planOf(record);
    run.branch = branchOf(record);
    run.tag = tagOf(record);
    run.commit = commitOf(record);
    run.author = plan.people[static_cast<std::size_t>(mixed(record.commitSeed) % plan.people.size())];
    run.subject = plan.subjects[static_cast<std::size_t>(mixed(record.commitSeed + 1) % plan.subjects.size())];
    run.who = record.cause == Cause::Schedule ? "ci" : run.author;
    for (const CommitPlan &commit : plan.commits) {
        if (commit.sha == run.commit) {
            run.subject = commit.subject;
            run.author = commit.who;
        }
    }
    if (record.release >= 0)
        run.subject = plan.releases[static_cast<std::size_t>(record.release)].subject;
    if (!record.extra)
        return;
    if (!record.extra->subject.empty())
        run.subject = record.extra->subject;
    if (!record.extra->who.empty())
        run.who = record.extra->who;
    run.cron = record.extra->cron;
    run.parentRun = record.extra->parentRun;
    run.parameters = record.extra->parameters;
}

RunRecord Courses::outline(const Record &record, int attempt) const
{
    const PipelinePlan &plan = planOf(record);
    RunRecord run;
    run.id = record.id;
    run.number = record.number;
    run.attempt = attempt;
    run.vendor = plan.vendor;
    run.project = plan.project;
    run.pipeline = plan.name;
    run.cause = record.cause;
    run.createdMs = record.createdMs;
    run.attemptMs = beginOf(record, attempt);
    run.estimateMs = m_estimates[static_cast<std::size_t>(record.plan)];
    describe(record, run);
    run.attemptBy = attempt == 1 ? run.who : record.extra->attempts[static_cast<std::size_t>(attempt) - 2].who;
    return run;
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
