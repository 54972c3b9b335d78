#include "services/sandbox/ci/ciworldstate.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

namespace
{

constexpr std::int64_t dayMs = 86'400'000;
constexpr std::int64_t pastMs = 30 * dayMs;
constexpr std::int64_t freshMs = 3 * 3'600'000; // what began since may go on
constexpr std::int64_t mostSleepMs = 2 * dayMs; // nobody asked: no more than that is made up for

} // namespace

void CiWorld::Private::begin()
{
    nowMs = clock();
    ArrivalQueue queue;
    for (Arrival &one : firstArrivals(plans, nowMs))
        queue.push(std::move(one));
    for (Arrival &one : arrivals(plans, nowMs - pastMs, nowMs - freshMs, true))
        queue.push(std::move(one));
    for (Arrival &one : arrivals(plans, nowMs - freshMs, nowMs, false))
        queue.push(std::move(one));
    process(queue, nowMs);
    // What was brought somewhere before is there.
    for (const std::int64_t id : live)
        tellDeployments(*find(id), nowMs);
    // Some of what failed was tried again at once, and what a scene says is.
    for (Record &record : records) {
        const std::int64_t told = record.extra ? record.extra->againAfterMs : 0;
        if (told > 0)
            tryAgain(record, told);
        else if (record.isPast && chance(courses.seedOf(record), "again") <= 0.12)
            tryAgain(record, 90'000);
    }
}

// What failed of its only attempt, and what needs that, by its author. Nothing where it did not fail, or where that
// would be yet to come.
void CiWorld::Private::tryAgain(Record &record, std::int64_t afterMs)
{
    const RunRecord run = courses.seen(record, 1, nowMs);
    if (run.phase != Phase::Failed || run.finishedMs + afterMs > nowMs)
        return;
    std::set<int> failed;
    for (std::size_t i = 0; i < run.jobs.size(); ++i) {
        if (run.jobs[i].phase == Phase::Failed)
            failed.insert(static_cast<int>(i));
    }
    Attempt attempt;
    attempt.atMs = run.finishedMs + afterMs;
    attempt.who = run.author;
    attempt.jobs = withDependents(courses.planOf(record), failed);
    attempt.isPast = record.isPast;
    // A child of it would be newer than all that is there.
    const bool hasChild = std::any_of(attempt.jobs.begin(), attempt.jobs.end(), [&](int job) {
        return !courses.planOf(record).jobs[static_cast<std::size_t>(job)].startsPipeline.empty();
    });
    if (!hasChild)
        record.more().attempts.push_back(std::move(attempt));
}

std::int64_t CiWorld::Private::advance()
{
    const std::int64_t now = std::max(clock(), nowMs);
    ArrivalQueue queue;
    if (now > nowMs) {
        for (Arrival &one : arrivals(plans, std::max(nowMs, now - mostSleepMs), now, false))
            queue.push(std::move(one));
    }
    nowMs = now;
    for (const std::int64_t id : live) {
        Record &record = *find(id);
        if (record.wakeMs <= now)
            spawn(record, now, queue);
    }
    process(queue, now);
    for (auto it = live.begin(); it != live.end();) {
        Record &record = *find(*it);
        if (record.wakeMs > now) {
            ++it;
            continue;
        }
        tellDeployments(record, now);
        const bool hasEnded = courses.endOf(record).finishedMs <= now;
        record.wakeMs = hasEnded ? 0 : nextChange(record, now);
        it = hasEnded ? live.erase(it) : std::next(it);
    }
    return now;
}

std::int64_t CiWorld::Private::nextChange(const Record &record, std::int64_t now) const
{
    std::int64_t nextMs = never;
    for (const JobCourse &course : courses.of(record, record.attempts())) {
        for (const std::int64_t ms : {course.startedMs, course.finishedMs}) {
            if (ms > now)
                nextMs = std::min(nextMs, ms);
        }
    }
    return nextMs;
}

void CiWorld::Private::process(ArrivalQueue &queue, std::int64_t now)
{
    while (!queue.empty()) {
        const Arrival arrival = queue.top();
        queue.pop();
        spawn(add(arrival), now, queue);
    }
}

// What its jobs have started by now.
void CiWorld::Private::spawn(Record &record, std::int64_t now, ArrivalQueue &queue)
{
    const PipelinePlan &plan = courses.planOf(record);
    const auto starts = [](const JobPlan &job) { return !job.startsPipeline.empty(); };
    if (std::none_of(plan.jobs.begin(), plan.jobs.end(), starts))
        return;
    const std::vector<JobCourse> all = courses.of(record, record.attempts());
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!starts(plan.jobs[i]) || all[i].child || all[i].startedMs > now)
            continue;
        Arrival child;
        child.atMs = all[i].startedMs;
        child.cause = Cause::Upstream;
        child.branch = record.branch;
        child.isPast = record.isPast;
        child.isSure = record.isSure;
        child.parent = record.id;
        child.tried = all[i].tried;
        child.job = static_cast<int>(i);
        for (std::size_t k = 0; k < plans.pipelines.size(); ++k) {
            const PipelinePlan &one = plans.pipelines[k];
            if (one.vendor == plan.vendor && one.project == plan.project && one.name == plan.jobs[i].startsPipeline)
                child.plan = static_cast<int>(k);
        }
        queue.push(std::move(child));
    }
}

void CiWorld::Private::tellDeployments(Record &record, std::int64_t now)
{
    const PipelinePlan &plan = courses.planOf(record);
    const std::string tag = courses.tagOf(record);
    if (tag.empty() || plan.application.empty())
        return;
    const std::vector<JobCourse> all = courses.of(record, record.attempts());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string &environment = plan.jobs[i].environment;
        if (environment.empty() || all[i].end != Phase::Passed || all[i].startedMs > now)
            continue;
        const std::int64_t job = record.id * idsOfRun + all[i].tried * 50 + static_cast<std::int64_t>(i);
        std::vector<std::int64_t> &told = record.more().deployed;
        if (std::find(told.begin(), told.end(), job) != told.end())
            continue;
        told.push_back(job);
        if (deployed)
            deployed({plan.application, environment, tag, courses.outline(record, record.attempts()).subject});
    }
}

int CiWorld::Private::nextNumber(const Record &record)
{
    const PipelinePlan &plan = courses.planOf(record);
    std::string counter = std::string(vendorName(plan.vendor)) + '|' + plan.project;
    if (plan.vendor == Vendor::Jenkins)
        counter += '|' + courses.branchOf(record) + '|' + courses.tagOf(record);
    else if (plan.vendor == Vendor::GitHub)
        counter += '|' + plan.name;
    return ++numbers[counter];
}

void CiWorld::Private::takeCommit(Record &record)
{
    const bool isNew = record.cause == Cause::Push || record.cause == Cause::PullRequest || record.cause == Cause::Tag;
    std::uint64_t &head = heads[courses.planOf(record).project + '|' + courses.branchOf(record)];
    if (isNew || head == 0)
        head = mixed(static_cast<std::uint64_t>(record.id));
    record.commitSeed = head;
}

void CiWorld::Private::applyScene(Record &record, const Arrival &arrival)
{
    const Scene &scene = *arrival.scene;
    const PipelinePlan &plan = courses.planOf(record);
    RecordExtra &extra = record.more();
    extra.who = scene.who;
    extra.subject = scene.subject;
    extra.failsIn = scene.failsIn;
    extra.againAfterMs = scene.againAfterSeconds * 1000LL;
    extra.tag = scene.tag;
    const auto branch = std::find(plan.branches.begin(), plan.branches.end(), scene.branch);
    record.branch = !scene.tag.empty()              ? -1
                    : branch == plan.branches.end() ? 0
                                                    : static_cast<std::int16_t>(branch - plan.branches.begin());
    extra.parameters = filled(plan.inputs, {});
}

Record &CiWorld::Private::add(const Arrival &arrival)
{
    Record record;
    nextId += 1 + static_cast<std::int64_t>(mixed(static_cast<std::uint64_t>(nextId)) % 9);
    record.id = nextId;
    record.createdMs = arrival.atMs;
    record.decidedMs = arrival.decidedMs;
    record.plan = static_cast<std::int16_t>(arrival.plan);
    record.branch = static_cast<std::int16_t>(arrival.branch);
    record.release = static_cast<std::int16_t>(arrival.release);
    record.cause = arrival.cause;
    record.isPast = arrival.isPast;
    record.isSure = arrival.isSure;
    if (!arrival.cron.empty())
        record.more().cron = arrival.cron;
    if (arrival.scene)
        applyScene(record, arrival);
    if (Record *parent = arrival.parent ? find(arrival.parent) : nullptr) {
        parent->more().children.push_back({arrival.tried, arrival.job, record.id});
        RecordExtra &extra = record.more();
        const RunRecord seen = courses.seen(*parent, parent->attempts(), nowMs);
        extra.parentRun = parent->id;
        extra.who = seen.who;
        extra.commit = seen.commit;
        extra.subject = seen.subject;
        extra.branch = seen.branch;
        extra.tag = seen.tag;
        record.branch = -1;
    }
    takeCommit(record);
    record.number = nextNumber(record);
    records.push_back(std::move(record));
    Record &kept = records.back();
    if (!kept.isPast)
        live.insert(kept.id);
    return kept;
}

} // namespace signalbox::sandbox::ci
