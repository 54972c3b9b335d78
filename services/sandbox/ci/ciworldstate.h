#pragma once

#include "services/sandbox/ci/ciarrivals.h"
#include "services/sandbox/ci/cirecord.h"

#include <deque>
#include <map>
#include <mutex>
#include <queue>
#include <set>

// What CiWorld keeps. Its functions stand by what they do: ciworldtime.cpp lets time go on, ciworldstate.cpp finds,
// ciorders.cpp takes what people want, ciresults.cpp tells what a run left.
namespace signalbox::sandbox::ci
{

struct Later
{
    bool operator()(const Arrival &a, const Arrival &b) const { return a.atMs > b.atMs; }
};
using ArrivalQueue = std::priority_queue<Arrival, std::vector<Arrival>, Later>;

// These jobs of a plan and all that needs one of them.
std::vector<int> withDependents(const PipelinePlan &plan, std::set<int> jobs);
// All inputs with what was given or else their own value; a hidden one's value is forgotten.
Parameters filled(const std::vector<InputPlan> &inputs, const Parameters &given);

// Everything but the clock and the listener is for who holds the mutex.
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
    void tryAgain(Record &record, std::int64_t afterMs);
    std::int64_t advance();
    void process(ArrivalQueue &queue, std::int64_t nowMs);
    void spawn(Record &record, std::int64_t nowMs, ArrivalQueue &queue);
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
    void note(const JobPlace &place, GateEvent::Kind kind, Decision decision, Parameters answers);
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

} // namespace signalbox::sandbox::ci
