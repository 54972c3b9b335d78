#include "services/sandbox/ci/ciworld.h"

#include "services/sandbox/ci/ciarrivals.h"
#include "services/sandbox/ci/cilog.h"
#include "services/sandbox/ci/cirecord.h"
#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <queue>
#include <set>

namespace signalbox::sandbox::ci
{

namespace
{

constexpr std::int64_t dayMs = 86'400'000;
constexpr std::int64_t pastMs = 30 * dayMs;
constexpr std::int64_t freshMs = 3 * 3'600'000; // what began since may go on
constexpr std::int64_t mostSleepMs = 2 * dayMs; // nobody asked: no more than that is made up for

struct Later
{
    bool operator()(const Arrival &a, const Arrival &b) const { return a.atMs > b.atMs; }
};
using Queue = std::priority_queue<Arrival, std::vector<Arrival>, Later>;

Outcome refused(Outcome::Kind kind, std::string text, std::int64_t run = 0)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.text = std::move(text);
    outcome.run = run;
    return outcome;
}

Outcome unknown(const char *what)
{
    return refused(Outcome::Kind::NoSuch, std::string("There is no such ") + what + '.');
}

bool isAmong(const std::vector<Decider> &deciders, const std::string &who)
{
    if (deciders.empty())
        return true;
    return std::any_of(deciders.begin(), deciders.end(), [&](const Decider &one) {
        return one.isGroup ? std::find(one.members.begin(), one.members.end(), who) != one.members.end()
                           : one.name == who;
    });
}

// What is wrong with it; empty: nothing.
std::string problemOf(const std::vector<InputPlan> &inputs, const Parameters &given)
{
    for (const auto &[name, value] : given) {
        const auto found =
            std::find_if(inputs.begin(), inputs.end(), [&](const InputPlan &one) { return one.name == name; });
        if (found == inputs.end())
            return "Unexpected input: " + name;
        if (found->kind == InputPlan::Kind::Choice &&
            std::find(found->choices.begin(), found->choices.end(), value) == found->choices.end())
            return "Input " + name + " is not one of its choices: " + value;
        if (found->kind == InputPlan::Kind::Flag && value != "true" && value != "false")
            return "Input " + name + " is neither true nor false: " + value;
    }
    for (const InputPlan &input : inputs) {
        if (input.isRequired && input.value.empty() && parameterOf(given, input.name).empty())
            return "Required input is missing: " + input.name;
    }
    return {};
}

// All of them; a hidden one's value is forgotten.
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

// And all that needs one of them.
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

} // namespace

struct CiWorld::Private
{
    struct JobPlace
    {
        Record *record = nullptr;
        int tried = 1;
        int index = 0;
        int attempt = 1; // the last that has this try
    };

    Private(const CiPlans &somePlans, Clock someClock)
        : plans(somePlans)
        , clock(std::move(someClock))
        , courses(plans, [this](std::int64_t id) -> std::optional<Courses::Child> {
            const Record *child = find(id);
            return child ? std::optional(courses.endOf(*child)) : std::nullopt;
        })
    {}

    void begin();
    std::int64_t advance();
    void process(Queue &queue, std::int64_t nowMs);
    void spawn(Record &record, std::int64_t nowMs, Queue &queue);
    void tellDeployments(Record &record, std::int64_t nowMs);
    std::int64_t nextChange(const Record &record, std::int64_t nowMs) const;
    Record &add(const Arrival &arrival);
    void applyScene(Record &record, const Arrival &arrival);
    void takeCommit(Record &record);
    int nextNumber(const Record &record);

    Record *find(std::int64_t id);
    std::optional<JobPlace> findJob(std::int64_t job);
    JobRun jobAt(const JobPlace &place, std::int64_t nowMs) const;
    RunRecord brief(Record &record, std::int64_t nowMs);
    bool matches(const RunQuery &query, Record &record, std::int64_t nowMs);
    void changed(Record &record);
    Outcome again(Record &record, std::vector<int> jobs, const std::string &who, std::int64_t nowMs);
    void stop(Record &record, const std::string &who, std::int64_t nowMs);
    std::vector<TestResult> testsOf(const Record &record, int tried, int index, std::int64_t job) const;

    const CiPlans &plans;
    Clock clock;
    std::function<void(const Deployment &)> deployed; // null: nobody wants to know
    std::mutex mutex;
    Courses courses;
    std::deque<Record> records;  // ids rise
    std::set<std::int64_t> live; // they have not ended
    std::map<std::string, int> numbers;
    std::map<std::string, std::uint64_t> heads; // by project and branch: a commit's seed
    std::int64_t nextId = 41'300'000;
    std::int64_t nowMs = 0;
};

Record *CiWorld::Private::find(std::int64_t id)
{
    const auto found = std::lower_bound(records.begin(), records.end(), id,
                                        [](const Record &one, std::int64_t value) { return one.id < value; });
    return found == records.end() || found->id != id ? nullptr : &*found;
}

void CiWorld::Private::begin()
{
    nowMs = clock();
    Queue queue;
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
    // Some of what failed was tried again at once.
    for (Record &record : records) {
        if (!record.isPast || chance(courses.seedOf(record), "again") > 0.12)
            continue;
        const RunRecord run = courses.seen(record, 1, nowMs);
        if (run.phase != Phase::Failed)
            continue;
        std::set<int> failed;
        for (std::size_t i = 0; i < run.jobs.size(); ++i) {
            if (run.jobs[i].phase == Phase::Failed)
                failed.insert(static_cast<int>(i));
        }
        Attempt attempt;
        attempt.atMs = run.finishedMs + 90'000;
        attempt.who = run.author;
        attempt.jobs = withDependents(courses.planOf(record), failed);
        attempt.isPast = true;
        // A child of it would be newer than all that is there.
        const bool hasChild = std::any_of(attempt.jobs.begin(), attempt.jobs.end(), [&](int job) {
            return !courses.planOf(record).jobs[static_cast<std::size_t>(job)].startsPipeline.empty();
        });
        if (hasChild)
            continue;
        record.more().attempts.push_back(std::move(attempt));
    }
}

std::int64_t CiWorld::Private::advance()
{
    const std::int64_t now = std::max(clock(), nowMs);
    Queue queue;
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

void CiWorld::Private::process(Queue &queue, std::int64_t now)
{
    while (!queue.empty()) {
        const Arrival arrival = queue.top();
        queue.pop();
        spawn(add(arrival), now, queue);
    }
}

// What its jobs have started by now.
void CiWorld::Private::spawn(Record &record, std::int64_t now, Queue &queue)
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

Outcome CiWorld::Private::again(Record &record, std::vector<int> jobs, const std::string &who, std::int64_t now)
{
    if (record.attempts() >= mostAttempts)
        return refused(Outcome::Kind::NotNow, "This run was started again too often.", record.id);
    record.more().attempts.push_back({now, who, std::move(jobs)});
    changed(record);
    Outcome outcome;
    outcome.run = record.id;
    return outcome;
}

void CiWorld::Private::stop(Record &record, const std::string &who, std::int64_t now)
{
    if (courses.endOf(record).finishedMs <= now)
        return;
    for (const ChildRun &child : record.more().children) {
        if (Record *one = find(child.run))
            stop(*one, who, now);
    }
    record.more().cancels.push_back({record.attempts(), now, who});
    changed(record);
}

std::vector<TestResult> CiWorld::Private::testsOf(const Record &record, int tried, int index, std::int64_t job) const
{
    const JobPlan &plan = courses.planOf(record).jobs[static_cast<std::size_t>(index)];
    std::vector<TestResult> all;
    for (std::size_t i = 0; i < plan.tests.size(); ++i) {
        const TestPlan &test = plan.tests[i];
        TestResult result;
        result.job = job;
        result.suite = test.suite;
        result.name = test.name;
        result.file = test.file;
        const double pace = 0.7 + 0.7 * chance(courses.seedOf(record), test.name, static_cast<std::uint64_t>(tried));
        result.ms = test.isSkipped ? 0 : static_cast<int>(test.ms * pace);
        if (test.isSkipped) {
            result.state = TestResult::State::Skipped;
        } else if (courses.fails(record, tried, index, i)) {
            result.state = TestResult::State::Failed;
            result.message = "AssertionError: assert 0.862 >= 0.9";
            result.trace =
                "    def " + test.name +
                "(client):\n        answer = client.ask(QUESTION)\n>       assert "
                "answer.score >= 0.9\nE       AssertionError: assert 0.862 >= 0.9\nE        +  where 0.862 = "
                "Answer(score=0.862).score\n\n" +
                test.file + ":" + std::to_string(20 + numberOf(test.name) % 90) + ": AssertionError";
        }
        all.push_back(std::move(result));
    }
    return all;
}

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

std::vector<LogLine> CiWorld::log(std::int64_t job) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return {};
    const Record &record = *place->record;
    const PipelinePlan &plan = d->courses.planOf(record);
    const RunRecord run = d->courses.seen(record, place->attempt, now);
    const JobRun &seen = run.jobs[static_cast<std::size_t>(place->index)];
    if (!seen.startedMs)
        return {};
    const JobCourse course = d->courses.of(record, place->attempt)[static_cast<std::size_t>(place->index)];
    LogSubject subject{plan,
                       plan.jobs[static_cast<std::size_t>(place->index)],
                       run,
                       seen,
                       d->testsOf(record, place->tried, place->index, job),
                       mixed(d->courses.seedOf(record) ^ static_cast<std::uint64_t>(job)),
                       now,
                       course.fullMs,
                       d->courses.stepEndsOf(record, place->index, course)};
    return writeLog(subject);
}

TestResults CiWorld::tests(std::int64_t id) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    TestResults results;
    const Record *record = d->find(id);
    if (!record)
        return results;
    const std::vector<JobCourse> courses = d->courses.of(*record, record->attempts());
    const PipelinePlan &plan = d->courses.planOf(*record);
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const JobCourse &course = courses[i];
        const bool hasRun =
            course.end == Phase::Passed || course.end == Phase::Unstable || course.failure == JobCourse::Failure::Tests;
        if (course.finishedMs > now || !hasRun)
            continue;
        const int index = static_cast<int>(i);
        const std::int64_t job = jobIdOf(plan.vendor, record->id, course.tried, index);
        for (TestResult &one : d->testsOf(*record, course.tried, index, job)) {
            ++(one.state == TestResult::State::Passed   ? results.passed
               : one.state == TestResult::State::Failed ? results.failed
                                                        : results.skipped);
            results.cases.push_back(std::move(one));
        }
        if (plan.jobs[i].coverage > 0) {
            const double noise = chance(d->courses.seedOf(*record), "coverage", i) - 0.5;
            results.coverage = static_cast<double>(static_cast<int>((plan.jobs[i].coverage + noise) * 100)) / 100;
        }
    }
    return results;
}

std::vector<Annotation> CiWorld::annotations(std::int64_t id) const
{
    const TestResults results = tests(id);
    const auto seen = run(id);
    std::vector<Annotation> all;
    if (!seen)
        return all;
    for (const TestResult &test : results.cases) {
        if (test.state == TestResult::State::Failed)
            all.push_back({Annotation::Level::Failure, test.job, test.suite + '.' + test.name, test.message, test.file,
                           static_cast<int>(20 + numberOf(test.name) % 90)});
    }
    for (const JobRun &job : seen->jobs) {
        if (job.phase == Phase::Failed && job.startedMs)
            all.push_back({Annotation::Level::Failure, job.id, job.name, "Process completed with exit code 1.", {}, 0});
        if (job.phase >= Phase::Passed && job.startedMs && numberOf(job.name + seen->commit) % 5 == 0)
            all.push_back({Annotation::Level::Warning, job.id, "Base image",
                           "The base image is not pinned by its digest.", "Dockerfile", 1});
    }
    return all;
}

std::vector<Artifact> CiWorld::artifacts(std::int64_t id) const
{
    std::vector<Artifact> all;
    const auto seen = run(id);
    if (!seen)
        return all;
    for (const JobRun &job : seen->jobs) {
        if (job.phase != Phase::Passed && job.phase != Phase::Unstable)
            continue;
        for (const std::string &name : planOf(*seen, job).artifacts) {
            Artifact one;
            one.id = job.id * 8 + static_cast<std::int64_t>(all.size());
            one.job = job.id;
            one.name = name;
            one.bytes = 2048 + numberOf(name + seen->commit) % 40'000'000;
            one.digest = "sha256:";
            for (std::uint64_t part = 0; part < 4; ++part)
                one.digest += etagOf(name + seen->commit + std::to_string(part)).substr(1, 16);
            one.createdMs = job.finishedMs;
            one.expiresMs = job.finishedMs + 90 * dayMs;
            all.push_back(std::move(one));
        }
    }
    return all;
}

Outcome CiWorld::start(const StartOrder &order)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    int index = -1;
    for (std::size_t i = 0; i < d->plans.pipelines.size() && index < 0; ++i) {
        const PipelinePlan &plan = d->plans.pipelines[i];
        if (plan.vendor == order.vendor && plan.project == order.project &&
            (order.pipeline.empty() ? !plan.isChild : plan.name == order.pipeline))
            index = static_cast<int>(i);
    }
    if (index < 0)
        return unknown("pipeline");
    const PipelinePlan &plan = d->plans.pipelines[static_cast<std::size_t>(index)];
    if (plan.isChild)
        return refused(Outcome::Kind::NotAllowed, "Only jobs of its project start this pipeline.");
    const std::string branch = order.tag.empty() && order.branch.empty() ? plan.defaultBranch : order.branch;
    const auto known = std::find(plan.branches.begin(), plan.branches.end(), branch);
    const auto release = std::find_if(plan.releases.begin(), plan.releases.end(),
                                      [&](const PastRelease &one) { return one.tag == order.tag; });
    const bool isNewTag = order.cause == Cause::Tag && !order.tag.empty();
    if (order.tag.empty() ? known == plan.branches.end() : release == plan.releases.end() && !isNewTag)
        return unknown(order.tag.empty() ? "branch" : "tag");
    if (const std::string problem = problemOf(plan.inputs, order.parameters); !problem.empty())
        return refused(Outcome::Kind::Wrong, problem);
    Arrival arrival;
    arrival.atMs = now;
    arrival.plan = index;
    arrival.cause = order.cause;
    arrival.branch = order.tag.empty() ? static_cast<int>(known - plan.branches.begin()) : -1;
    if (!order.tag.empty() && release != plan.releases.end())
        arrival.release = static_cast<int>(release - plan.releases.begin());
    Record &record = d->add(arrival);
    RecordExtra &extra = record.more();
    extra.who = order.who;
    extra.commit = order.commit;
    extra.tag = order.tag;
    extra.parameters = filled(plan.inputs, order.parameters);
    Outcome outcome;
    outcome.run = record.id;
    return outcome;
}

Outcome CiWorld::rerun(std::int64_t id, bool failedOnly, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    Record *record = d->find(id);
    if (!record)
        return unknown("run");
    const RunRecord seen = d->courses.seen(*record, record->attempts(), now);
    if (!isEnded(seen.phase))
        return refused(Outcome::Kind::NotNow, "This run is still going on.", id);
    std::set<int> jobs;
    const std::vector<JobCourse> courses = d->courses.of(*record, record->attempts());
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const Phase end = courses[i].end;
        const bool isBad = end == Phase::Failed || end == Phase::Cancelled || end == Phase::Unstable;
        if (!failedOnly || isBad)
            jobs.insert(static_cast<int>(i));
    }
    if (jobs.empty())
        return refused(Outcome::Kind::NotNow, "No job of this run failed.", id);
    return d->again(*record, withDependents(d->courses.planOf(*record), std::move(jobs)), who, now);
}

Outcome CiWorld::retryJob(std::int64_t job, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    if (!isEnded(seen.phase) || seen.phase == Phase::Skipped || place->attempt != place->record->attempts())
        return refused(Outcome::Kind::NotNow, "This job cannot be tried again now.", place->record->id);
    Outcome outcome =
        d->again(*place->record, withDependents(d->courses.planOf(*place->record), {place->index}), who, now);
    if (outcome)
        outcome.job = jobIdOf(d->courses.planOf(*place->record).vendor, place->record->id, place->record->attempts(),
                              place->index);
    return outcome;
}

Outcome CiWorld::playJob(std::int64_t job, const std::string &who, const Parameters &answers)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    const GatePlan &gate = d->courses.planOf(*place->record).jobs[static_cast<std::size_t>(place->index)].gate;
    const auto approvals =
        std::count_if(seen.decisions.begin(), seen.decisions.end(), [](const Decision &one) { return one.approves; });
    const std::int64_t run = place->record->id;
    if (!seen.isManual)
        return refused(Outcome::Kind::NotNow, "This job starts by itself.", run);
    if (!seen.playedBy.empty()) {
        Outcome outcome = refused(Outcome::Kind::Settled, "This job was started by " + seen.playedBy + '.', run);
        outcome.who = seen.playedBy;
        outcome.approved = true;
        return outcome;
    }
    if (seen.phase != Phase::Waiting || place->attempt != place->record->attempts())
        return refused(Outcome::Kind::NotNow, "This job does not wait.", run);
    if (approvals < gate.approvals)
        return refused(Outcome::Kind::NotNow, "This job waits for approvals.", run);
    if (gate.approvals == 0 && !isAmong(gate.deciders, who))
        return refused(Outcome::Kind::NotAllowed, who + " may not start this job.", run);
    if (const std::string problem = problemOf(gate.inputs, answers); !problem.empty())
        return refused(Outcome::Kind::Wrong, problem, run);
    GateEvent event;
    event.kind = GateEvent::Kind::Play;
    event.tried = place->tried;
    event.job = place->index;
    event.decision = {who, true, {}, now};
    event.answers = filled(gate.inputs, answers);
    place->record->more().events.push_back(std::move(event));
    d->changed(*place->record);
    Outcome outcome;
    outcome.run = run;
    outcome.job = job;
    return outcome;
}

Outcome CiWorld::cancel(std::int64_t id, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    Record *record = d->find(id);
    if (!record)
        return unknown("run");
    if (isEnded(d->courses.seen(*record, record->attempts(), now).phase))
        return refused(Outcome::Kind::NotNow, "This run has ended.", id);
    d->stop(*record, who, now);
    Outcome outcome;
    outcome.run = id;
    return outcome;
}

Outcome CiWorld::cancelJob(std::int64_t job, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    if (isEnded(seen.phase))
        return refused(Outcome::Kind::NotNow, "This job has ended.", place->record->id);
    if (Record *child = seen.childRun ? d->find(seen.childRun) : nullptr)
        d->stop(*child, who, now);
    GateEvent event;
    event.kind = GateEvent::Kind::Cancel;
    event.tried = place->tried;
    event.job = place->index;
    event.decision = {who, false, {}, now};
    place->record->more().events.push_back(std::move(event));
    d->changed(*place->record);
    Outcome outcome;
    outcome.run = place->record->id;
    outcome.job = job;
    return outcome;
}

Outcome CiWorld::decide(std::int64_t job, const Decision &decision, const Parameters &answers)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    const GatePlan &gate = d->courses.planOf(*place->record).jobs[static_cast<std::size_t>(place->index)].gate;
    const std::int64_t run = place->record->id;
    if (gate.approvals == 0)
        return refused(Outcome::Kind::NotNow, "This job waits for nobody's approval.", run);
    const auto approvals =
        std::count_if(seen.decisions.begin(), seen.decisions.end(), [](const Decision &one) { return one.approves; });
    const auto own = std::find_if(seen.decisions.begin(), seen.decisions.end(),
                                  [&](const Decision &one) { return one.who == decision.who; });
    const bool isSettled = approvals >= gate.approvals || (!seen.decisions.empty() && !seen.decisions.back().approves);
    if (isSettled || own != seen.decisions.end()) {
        const Decision &last = isSettled ? seen.decisions.back() : *own;
        Outcome outcome = refused(Outcome::Kind::Settled,
                                  last.who + (last.approves ? " has approved this." : " has rejected this."), run);
        outcome.who = last.who;
        outcome.approved = last.approves;
        return outcome;
    }
    if (seen.phase != Phase::Waiting || place->attempt != place->record->attempts())
        return refused(Outcome::Kind::NotNow, "This job does not wait for approval.", run);
    if (!isAmong(gate.deciders, decision.who))
        return refused(Outcome::Kind::NotAllowed, decision.who + " may not decide this.", run);
    const std::string problem = decision.approves ? problemOf(gate.inputs, answers) : std::string();
    if (!problem.empty())
        return refused(Outcome::Kind::Wrong, problem, run);
    GateEvent event;
    event.tried = place->tried;
    event.job = place->index;
    event.decision = decision;
    event.decision.atMs = now;
    if (decision.approves)
        event.answers = filled(gate.inputs, answers);
    place->record->more().events.push_back(std::move(event));
    d->changed(*place->record);
    Outcome outcome;
    outcome.run = run;
    outcome.job = job;
    return outcome;
}

bool CiWorld::remove(std::int64_t id)
{
    const std::lock_guard lock(d->mutex);
    d->advance();
    const Record *record = d->find(id);
    if (!record)
        return false;
    d->live.erase(id);
    d->records.erase(d->records.begin() +
                     (std::lower_bound(d->records.begin(), d->records.end(), id,
                                       [](const Record &one, std::int64_t value) { return one.id < value; }) -
                      d->records.begin()));
    return true;
}

} // namespace signalbox::sandbox::ci
