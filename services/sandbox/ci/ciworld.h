#pragma once

#include "services/sandbox/ci/ciplans.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::sandbox::ci
{

enum class Phase { NotStarted, Queued, Running, Waiting, Passed, Unstable, Failed, Cancelled, Skipped };
bool isEnded(Phase phase);               // Passed and all after it
std::string_view phaseName(Phase phase); // "notStarted"

// Times are Unix milliseconds; 0: that did not happen (yet).
struct StepRun
{
    std::string name;
    Phase phase = Phase::NotStarted;
    std::int64_t startedMs = 0;
    std::int64_t finishedMs = 0;
};

struct Decision
{
    std::string who;
    bool approves = false;
    std::string comment;
    std::int64_t atMs = 0;
};

struct JobRun
{
    std::int64_t id = 0; // unique in the world; the same as long as it is the same try of the job
    std::string name;    // as in the plan
    std::string stage;
    std::vector<std::int64_t> needs; // ids of jobs of this run
    Phase phase = Phase::NotStarted;
    int attempt = 1;    // of the run in which this try of it began
    std::string reason; // why it ended as it did: "The job has exceeded ..."; empty: by itself
    std::int64_t createdMs = 0;
    std::int64_t queuedMs = 0;  // since when it waits for a machine: nothing else holds it
    std::int64_t startedMs = 0; // of its own work
    std::int64_t finishedMs = 0;
    std::string runner; // the machine's name, once it started
    std::string environment;
    std::int64_t deploymentId = 0; // of a job with an environment
    std::vector<StepRun> steps;
    // Its gate; the plan says more.
    bool isGate = false;
    std::int64_t waitingSinceMs = 0;  // the gate's wait began
    std::int64_t opensBySelfAtMs = 0; // a timer's end
    int approvalsNeeded = 0;
    std::vector<Decision> decisions; // oldest first
    bool isManual = false;
    std::string playedBy; // who played it; empty: nobody did
    Parameters answers;   // what was filled in at the gate
    bool mayFail = false;
    std::int64_t childRun = 0; // the run it started
};

struct RunRecord
{
    std::int64_t id = 0; // unique in the world
    int number = 0;      // for people: per project and branch for Jenkins, else per pipeline (GitHub) or project
    int attempt = 1;
    Vendor vendor = Vendor::Jenkins;
    std::string project;
    std::string pipeline; // the plan's name
    std::string branch;   // empty for a tag
    std::string tag;
    std::string commit; // 40 hexadecimal digits
    std::string subject;
    std::string author; // login: of the commit
    Cause cause = Cause::Push;
    std::string who;             // login: who or what began it
    std::string cron;            // of Cause::Schedule
    std::int64_t parentRun = 0;  // of Cause::Upstream
    Phase phase = Phase::Queued; // of all its jobs together
    std::string reason;
    std::int64_t createdMs = 0;
    std::int64_t attemptMs = 0; // when this attempt began; createdMs for the first
    std::int64_t startedMs = 0; // of this attempt: its first job
    std::int64_t finishedMs = 0;
    std::int64_t updatedMs = 0;  // when its state changed last
    std::int64_t estimateMs = 0; // what runs of this pipeline usually take
    std::string attemptBy;       // login: who asked for this attempt
    std::string cancelledBy;
    std::vector<JobRun> jobs;          // in the plan's order
    Parameters parameters;             // hidden ones have no value
    std::vector<std::string> releases; // "registry.example.org/growth/recommender:1.45.0", once published

    const JobRun *job(std::int64_t id) const;       // null: none
    const JobRun *job(std::string_view name) const; // null: none
};

struct LogLine
{
    // Command: what a step runs, as a shell would echo it. GroupBegin and GroupEnd enclose lines that may be folded.
    enum class Kind { Text, Command, GroupBegin, GroupEnd, Warning, Error };
    std::int64_t atMs = 0;
    Kind kind = Kind::Text;
    int step = 0;     // index in JobRun::steps
    std::string text; // may have ANSI colours; no line end
};

struct TestResult
{
    enum class State { Passed, Failed, Skipped };
    std::int64_t job = 0;
    std::string suite;
    std::string name;
    std::string file;
    State state = State::Passed;
    int ms = 0;
    std::string message; // of a failure: one line
    std::string trace;
};

struct TestResults
{
    std::vector<TestResult> cases; // of jobs that ended
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    std::optional<double> coverage; // per cent
};

struct Annotation
{
    enum class Level { Notice, Warning, Failure };
    Level level = Level::Notice;
    std::int64_t job = 0;
    std::string title;
    std::string text;
    std::string file;
    int line = 0;
};

struct Artifact
{
    std::int64_t id = 0;
    std::int64_t job = 0;
    std::string name;
    std::int64_t bytes = 0;
    std::string digest; // "sha256:..."
    std::int64_t createdMs = 0;
    std::int64_t expiresMs = 0;
};

// What became of an order.
struct Outcome
{
    enum class Kind {
        Ok,
        NoSuch,     // no such pipeline, run, job, branch
        Settled,    // somebody decided it before: `who`, and `approved` what
        NotNow,     // its state does not allow that: `text`
        NotAllowed, // `who` gave the order and may not: `text`
        Wrong,      // a value that the plan does not take: `text`
    };
    Kind kind = Kind::Ok;
    std::int64_t run = 0; // it is about; of a start: the new one
    std::int64_t job = 0; // of a retry: the new try
    std::string who;
    bool approved = false;
    std::string text; // for people, English as vendors' own

    explicit operator bool() const { return kind == Kind::Ok; }
};

struct StartOrder
{
    Vendor vendor = Vendor::Jenkins;
    std::string project;
    std::string pipeline; // empty: the project's first
    std::string branch;   // empty, and no tag: the default one
    std::string tag;
    std::string commit; // empty: the newest
    Cause cause = Cause::Manual;
    std::string who;
    Parameters parameters; // those that are missing get the plan's values
};

// A job brings a tagged release somewhere, and will succeed at it.
struct Deployment
{
    std::string application;
    std::string environment;
    std::string tag;
    std::string subject; // of the run
};

struct RunQuery
{
    Vendor vendor = Vendor::Jenkins;
    std::string project;                             // empty: all
    std::string pipeline;                            // empty: all
    std::string branch;                              // empty: all; a run for a tag has the tag here, as vendors do
    std::string commit;                              // empty: all
    std::function<bool(const RunRecord &)> isWanted; // more conditions; null: none. It sees no jobs
    std::size_t offset = 0;
    std::size_t limit = 50;
};

struct RunList
{
    std::vector<RunRecord> runs; // newest first
    std::size_t total = 0;       // that match
};

// The state behind the practice world's stand-ins for vendors' CI servers: a month of runs, those that go on, and what
// people do to them. Any thread; answers are copies. It has no thread: time goes on when somebody asks, and what a run
// is follows from its record, the seed and the time alone, so the past costs a few bytes a run and the same seed tells
// the same story.
class CiWorld
{
public:
    using Clock = std::function<std::int64_t()>; // Unix milliseconds, never back
    // The plans outlive it.
    CiWorld(const CiPlans &plans, Clock nowMs);
    ~CiWorld();
    CiWorld(const CiWorld &) = delete;
    CiWorld &operator=(const CiWorld &) = delete;

    // Called when such a job of a run that goes on began, by whoever asks the world next and inside of that: it must
    // not ask back. Set before anybody else asks.
    void setDeployListener(std::function<void(const Deployment &)> listener);

    const CiPlans &plans() const;
    std::int64_t nowMs() const;
    // The login of whoever holds the practice world's token.
    const std::string &me() const;

    // Those of one project in the plans' order; children too.
    std::vector<const PipelinePlan *> pipelines(Vendor vendor, std::string_view project) const;
    std::vector<std::string> projects(Vendor vendor) const; // each once, in the plans' order
    const PipelinePlan &planOf(const RunRecord &run) const;
    const JobPlan &planOf(const RunRecord &run, const JobRun &job) const;

    RunList runs(const RunQuery &query) const;
    // With jobs; attempt 0: the newest.
    std::optional<RunRecord> run(std::int64_t id, int attempt = 0) const;
    // The run that has this job, in the attempt that has it last.
    std::optional<RunRecord> runOfJob(std::int64_t job) const;
    // By the number for people; `branch` for Jenkins, whose numbers are a branch's.
    std::optional<RunRecord> runByNumber(Vendor vendor, std::string_view project, std::string_view pipeline,
                                         std::string_view branch, int number) const;
    // Those of the newest runs (at most some hundred looked at) that wait for people: gates that nobody settled.
    std::vector<RunRecord> waiting(Vendor vendor, std::string_view project) const;
    // The newest commit of a branch; empty: no such branch.
    std::string headOf(Vendor vendor, std::string_view project, std::string_view branch) const;

    // As far as written now; a job's earlier tries keep theirs.
    std::vector<LogLine> log(std::int64_t job) const;
    // Of one attempt; 0: the newest.
    TestResults tests(std::int64_t run, int attempt = 0) const;
    std::vector<Annotation> annotations(std::int64_t run, int attempt = 0) const;
    std::vector<Artifact> artifacts(std::int64_t run) const;

    Outcome start(const StartOrder &order);
    // The same run, one attempt more: all of it, or what failed or was cancelled and what needs that. NotNow while it
    // goes on.
    Outcome rerun(std::int64_t run, bool failedOnly, const std::string &who);
    // One job that ran and ended, and what needs it: an attempt more of the run, which may still go on.
    Outcome retryJob(std::int64_t job, const std::string &who);
    // A manual job that waits.
    Outcome playJob(std::int64_t job, const std::string &who, const Parameters &answers = {});
    Outcome cancel(std::int64_t run, const std::string &who);
    Outcome cancelJob(std::int64_t job, const std::string &who);
    // At the gate of a job. A rejection ends it; the run fails by it.
    Outcome decide(std::int64_t job, const Decision &decision, const Parameters &answers = {}); // its atMs is ours

    // Forgets a run, as somebody with the rights may.
    bool remove(std::int64_t run);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

// A number that is always the same for a text, as vendors give to projects, workflows, environments, people; positive,
// under 2^31.
std::int64_t numberOf(std::string_view text);
// For a body: "\"...\"", as an ETag header has it.
std::string etagOf(std::string_view body);
// "2026-03-01T08:30:00Z", with ".123" before the Z where `withMs`; empty for 0.
std::string isoTime(std::int64_t ms, bool withMs = false);

} // namespace signalbox::sandbox::ci
