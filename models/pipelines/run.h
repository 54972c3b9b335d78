#pragma once

#include "models/domain/health.h"

#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QUrl>

#include <chrono>
#include <optional>

// Pipelines as every vendor has them: a pipeline has runs, a run has jobs that need each other, a job has steps and a
// log. Values; times are UTC, an invalid one was not told. What a vendor does not tell is empty, never made up.
namespace signalbox
{

enum class RunState {
    NotStarted, // it waits for others of the run
    Queued,     // it waits for a machine
    Running,
    Waiting,  // for people: a gate
    Passed,   //
    Unstable, // it ended, with failures that do not fail it (Jenkins UNSTABLE, a failure that is allowed)
    Failed,
    Cancelled, // by people, or because a newer one took its place
    Skipped,   // its condition was not met
    Unknown,   // the vendor says a word this version does not know
};
QString runStateName(RunState state);  // "passed", "notStarted" ...: stable, for --json
QString runStateLabel(RunState state); // for people and screen readers
// Cancelled and Skipped are NotStarted there: neither good nor bad.
Health healthOf(RunState state);
bool isEnded(RunState state); // Passed, Unstable, Failed, Cancelled, Skipped

enum class TriggerKind { Push, Tag, PullRequest, Schedule, Manual, Api, Upstream, Unknown };
QString triggerKindName(TriggerKind kind); // "push", "pullRequest" ...

// Who or what began a run, and why.
struct RunTrigger
{
    TriggerKind kind = TriggerKind::Unknown;
    QString who;  // the vendor's name of a person or machine
    QString why;  // the vendor's words: a cause, an event; not the commit's subject
    QString cron; // of Schedule, as written: "0 */6 * * *"; empty: not said
    bool operator==(const RunTrigger &) const = default;
};
QString triggerText(const RunTrigger &trigger); // "push by dev-a", "schedule 0 */6 * * *"

// `project` and `pipeline` are the adapter's own words, stable over restarts: "acme/cart" and a workflow's file for
// GitHub, "team/cart/main" and nothing for Jenkins.
struct PipelineRef
{
    QString connection; // id in the workspace
    QString project;
    QString pipeline; // empty: the project has one
    QString key() const { return connection + u'|' + project + u'|' + pipeline; }
    bool operator==(const PipelineRef &) const = default;
};

// What whoever starts a run, or decides a gate, may fill in.
struct RunParameter
{
    enum class Kind { Text, Choice, Flag, Hidden }; // Hidden: a password; never shown, kept or journaled
    QString name;
    Kind kind = Kind::Text;
    QString about;
    QString value; // the default; empty for Hidden
    QStringList choices;
    bool isRequired = false;
    bool operator==(const RunParameter &) const = default;
};

struct Pipeline
{
    PipelineRef ref;
    QString vendor; // "GitHub Actions", "Jenkins"
    QString title;  // "release" of acme/cart
    QString defaultBranch;
    QUrl page; // of the vendor, for a browser
    bool isEnabled = true;
    std::optional<bool> canTrigger; // none: not told
    QString whyNotTrigger;          // for people
    QList<RunParameter> parameters; // of a trigger
    QStringList schedules;          // cron texts, as written
    QString whyNoSchedules;         // for people, where the server does not let us read them; empty: they were read
    bool operator==(const Pipeline &) const = default;
};

struct RunRef
{
    PipelineRef pipeline;
    QString id; // the adapter's own
    QString key() const { return pipeline.key() + u'|' + id; }
    bool operator==(const RunRef &) const = default;
};

struct Run
{
    RunRef ref;
    QString number;  // for people: "412"
    int attempt = 1; // a rerun under the same number raises it
    QString title;   // the commit's subject, or what the pipeline calls it
    RunState state = RunState::Unknown;
    QString reason; // why it is so, where the vendor says it
    RunTrigger trigger;
    QString branch; // empty for a tag
    QString tag;
    QString commit; // full
    QDateTime createdAt;
    QDateTime startedAt;     // of the first job; invalid: it has not
    bool isQueueTold = true; // false: one time stands for creation and start, since nothing tells them apart
    QDateTime finishedAt;    // invalid: it goes on
    std::optional<std::chrono::milliseconds> estimate; // the vendor's own, from begin to end
    QUrl page;
    // As the vendor counts them, where that is not what lies between the times above: of a run whose jobs ran again,
    // the time between its tries is no work. None: the times say it.
    std::optional<std::chrono::milliseconds> queuedFor;
    std::optional<std::chrono::milliseconds> workedFor;
    std::optional<QDateTime> againSince; // it goes on after it had ended; invalid: since when is not told
    bool operator==(const Run &) const = default;
};
// From creation to its first job; none: not told.
std::optional<std::chrono::milliseconds> queueTime(const Run &run);
// From its first job, or the first that ran again, to its end, or to `now`; none: it did not start, or nothing tells
// it.
std::optional<std::chrono::milliseconds> duration(const Run &run, const QDateTime &now);

// Whether starting it asks for a deliberate confirmation: what runs on the default branch or on a tag may release.
bool isProtected(const Pipeline &pipeline, const std::optional<Run> &run, const QString &branch);

struct JobStep
{
    QString id; // empty: it has no log of its own
    QString name;
    RunState state = RunState::Unknown;
    QDateTime startedAt;
    QDateTime finishedAt;
    bool operator==(const JobStep &) const = default;
};

struct RunAnnotation
{
    enum class Level { Notice, Warning, Failure };
    Level level = Level::Notice;
    QString job; // id; empty: of the run
    QString title;
    QString text;
    QString file;
    int line = 0;
    bool operator==(const RunAnnotation &) const = default;
};

// One node of the graph: a stage's branch, a job.
struct Job
{
    QString id; // within the run
    QString name;
    QString stage;     // of vendors that have both; empty: none
    QStringList needs; // ids of jobs of this run
    RunState state = RunState::Unknown;
    QString reason;
    bool mayFail = false; // its failure does not fail the run
    bool hasLog = false;  // there is one to ask for now
    int attempt = 1;
    QDateTime createdAt;
    QDateTime startedAt;
    QDateTime finishedAt;
    QString runner; // the machine, as the vendor names it
    QString environment;
    QList<JobStep> steps;
    std::optional<RunRef> downstream; // the run it started
    QUrl page;
    bool operator==(const Job &) const = default;
};

struct RunArtifact
{
    QString name;
    qint64 bytes = -1; // -1: not told
    QString digest;
    QDateTime expiresAt;
    QUrl page;
    bool operator==(const RunArtifact &) const = default;
};

// Of people, at a gate of the run, also in an earlier attempt of it. What its server does not tell is empty.
struct RunDecision
{
    QString who;
    bool approves = false;
    QString environment; // empty: not told
    QDateTime at;        // invalid: not told
    bool operator==(const RunDecision &) const = default;
};

// A run looked at closely.
struct RunDetail
{
    Run run;
    QList<Job> jobs;   // in the vendor's order
    QString graphNote; // how `needs` was found where the vendor does not tell it; empty: it does
    QString note;      // what this server cannot tell, and why
    QList<RunArtifact> artifacts;
    QList<RunAnnotation> annotations;
    QStringList releases; // it made: image references or versions, as the vendor says them
    bool canRerun = false;
    bool canRerunFailed = false; // only what failed
    bool canCancel = false;
    QString whyNot; // for those that are false: the missing right, or its state; for people
    QDateTime readAt;
    bool canRerunJob = false; // one job of it that ended, alone (RunOrder::job)
    // That were taken: the oldest first, or as the server lists them where it tells no times; empty: none, or it tells
    // none.
    QList<RunDecision> decisions = {};
    // How many attempts the server still tells one by one (PipelineSource::attempt); 1: only this one. `run.attempt`
    // says which of them this is.
    int attempts = 1;
    bool operator==(const RunDetail &) const = default;
};
// Whether it ran again since: nothing can be done with this attempt any more.
inline bool isEarlierAttempt(const RunDetail &detail)
{
    return detail.run.attempt < detail.attempts;
}

struct TestCase
{
    enum class State { Passed, Failed, Skipped };
    QString suite;
    QString name;
    State state = State::Passed;
    std::chrono::milliseconds took{0};
    QString message; // of a failure
    QString trace;
    bool operator==(const TestCase &) const = default;
};

struct TestReport
{
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    QList<TestCase> cases;          // failed ones always; others as far as the vendor gives them
    bool isCut = false;             // there are more
    std::optional<double> coverage; // per cent of lines, where reported
    QDateTime readAt;
    QString note; // for people, what could not be read of it and why
    bool operator==(const TestReport &) const = default;
};

// Newest first.
struct RunPage
{
    QList<Run> runs;
    QString next; // what RunQuery::after takes; empty: these were the last
    QDateTime readAt;
    bool operator==(const RunPage &) const = default;
};

// What a server still lets us ask, as it says itself.
struct RequestBudget
{
    int limit = 0;
    int remaining = 0;
    QDateTime resetsAt;
    int counted = 0; // requests of ours that counted, in the last hour
    bool operator==(const RequestBudget &) const = default;
};

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::RunRef)
