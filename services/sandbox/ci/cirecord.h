#pragma once

#include "services/sandbox/ci/ciworld.h"

#include <limits>

// What CiWorld keeps of a run, and how the rest follows from it.
namespace signalbox::sandbox::ci
{

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

struct Attempt
{
    std::int64_t atMs = 0;
    std::string who;
    std::vector<int> jobs; // indices in the plan that are tried again; the others keep their try
    bool isPast = false;   // the team's, long ago
    // Among the runs' ids, taken when it began: what it makes is newer than what newer runs made. 0: the run's own.
    std::int64_t serial = 0;
};

struct GateEvent
{
    enum class Kind { Decision, Play, Cancel };
    Kind kind = Kind::Decision;
    int tried = 1; // attempt in which the job's try began
    int job = 0;   // index in the plan
    Decision decision;
    Parameters answers;
};

struct CancelEvent
{
    int attempt = 1;
    std::int64_t atMs = 0;
    std::string who;
};

struct ChildRun
{
    int tried = 1;
    int job = 0;
    std::int64_t run = 0;
};

// What few runs have.
struct RecordExtra
{
    std::string branch; // of neither the plan's branches nor releases
    std::string tag;
    std::string commit;
    std::string subject;
    std::string who;
    std::string cron;
    std::string failsIn;
    std::int64_t againAfterMs = 0; // Scene::againAfterSeconds
    Parameters parameters;
    std::int64_t parentRun = 0;
    std::vector<Attempt> attempts; // from the second
    std::vector<GateEvent> events;
    std::vector<CancelEvent> cancels;
    std::vector<ChildRun> children;
    std::vector<std::int64_t> deployed; // jobs whose deployment was told
};

// One run; a month has thousands, so it is small.
struct Record
{
    std::int64_t id = 0;
    std::int64_t createdMs = 0;
    std::uint64_t commitSeed = 0; // commit, subject and author are made of it
    std::int64_t decidedMs = 0;   // when somebody of the team approved its gates; 0: see isPast
    int number = 0;
    std::int16_t plan = 0;
    std::int16_t branch = -1;  // in the plan
    std::int16_t release = -1; // in the plan
    Cause cause = Cause::Push;
    bool isPast = false; // the team settled its gates long ago
    bool isSure = false; // nothing fails
    std::unique_ptr<RecordExtra> extra;
    std::int64_t wakeMs = 0; // while it goes on: nothing of it changes by itself before
    // Once it ended, of the newest attempt; forgotten with a new one.
    Phase endPhase = Phase::NotStarted;

    RecordExtra &more();
    int attempts() const { return extra ? static_cast<int>(extra->attempts.size()) + 1 : 1; }
};

// One job's course in one attempt, as far as nobody interferes: the future too.
struct JobCourse
{
    enum class Failure { None, Tests, Step };
    int tried = 1;
    bool isConditionMet = true;
    std::int64_t baseMs = 0;     // its try's attempt began
    std::int64_t freeMs = never; // what it needs ended
    std::int64_t opensBySelfMs = 0;
    std::int64_t queuedMs = never;
    std::int64_t startedMs = never;
    std::int64_t finishedMs = never;
    std::int64_t fullMs = 0; // of its work, had it not failed
    Phase end = Phase::Passed;
    Failure failure = Failure::None;
    int failStep = -1;
    std::string reason;
    std::vector<Decision> decisions;
    std::string playedBy;
    Parameters answers;
    std::int64_t child = 0;
};

// Ids of jobs tell their run, the attempt of their try (but for Travis, where a restart keeps them) and their index.
constexpr std::int64_t idsOfRun = 1000;
constexpr int mostAttempts = 20;
std::int64_t jobIdOf(Vendor vendor, std::int64_t run, int tried, int index);
// Deployments are numbered as they are made, whatever run makes them.
std::int64_t deploymentIdOf(const Record &record, int tried, std::int64_t job, int index);

// The planned course of runs.
class Courses
{
public:
    struct Child
    {
        Phase end = Phase::Passed;
        std::int64_t finishedMs = never;
    };
    using ChildOf = std::function<std::optional<Child>(std::int64_t run)>; // none: it is gone
    Courses(const CiPlans &plans, ChildOf childOf);

    std::vector<JobCourse> of(const Record &record, int attempt) const;
    // What others see of it at a time.
    RunRecord seen(const Record &record, int attempt, std::int64_t nowMs) const;
    // The same without what needs its jobs: their times, its phase.
    RunRecord outline(const Record &record, int attempt) const;
    // The end of its newest attempt, as far as nobody interferes.
    Child endOf(const Record &record) const;
    bool fails(const Record &record, int tried, int job, std::size_t test) const;
    // When its steps would end, had nothing stopped them; it started.
    std::vector<std::int64_t> stepEndsOf(const Record &record, int job, const JobCourse &course) const;
    std::uint64_t seedOf(const Record &record) const;
    const PipelinePlan &planOf(const Record &record) const;
    std::string commitOf(const Record &record) const;
    std::string branchOf(const Record &record) const;
    std::string tagOf(const Record &record) const;

private:
    void condition(const Record &record, const JobPlan &job, JobCourse &course) const;
    void gate(const Record &record, int index, JobCourse &course) const;
    void teamDecides(const Record &record, int index, JobCourse &course) const;
    void work(const Record &record, int index, JobCourse &course) const;
    void cut(const Record &record, int attempt, int index, JobCourse &course) const;
    std::vector<StepRun> seenSteps(const Record &record, int index, const JobCourse &course, std::int64_t nowMs) const;
    JobRun seenJob(const Record &record, const std::vector<JobCourse> &courses, int index, std::int64_t nowMs) const;
    void describe(const Record &record, RunRecord &run) const;

    const CiPlans &m_plans;
    ChildOf m_childOf;
    std::vector<std::int64_t> m_estimates; // by plan
};

// Of all jobs together.
Phase phaseOf(const PipelinePlan &plan, const std::vector<JobRun> &jobs);

} // namespace signalbox::sandbox::ci
