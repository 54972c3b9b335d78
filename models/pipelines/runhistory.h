#pragma once

#include "models/pipelines/gate.h"

#include <QDate>
#include <QHash>
#include <QTimeZone>

// What past runs say: how long one takes, how much of one is left, how often they pass, which tests are new failures
// and which cannot be trusted. Pure. Lists of runs may come in any order and hold runs that go on; where too little is
// known there is no figure.
//
// Words that are used here, for all of it:
// - A run passed when it is Passed or Unstable: Unstable does not fail what comes after it. It failed when it is
// Failed.
//   Cancelled and skipped runs say nothing about what was built: they count for neither.
// - Its duration is from its first job to its end, its queue time from creation to its first job. Second and later
//   attempts (Run::attempt) count for neither: a rerun does only a part, and was created long before.
// - A median of an even number is the mean of the two in the middle.
namespace signalbox::runs
{

constexpr int fewestRuns = 3;    // for a median of a pipeline's runs
constexpr int mostRuns = 50;     // the newest that a median looks at
constexpr int mostJobRuns = 20;  // the newest that a job's median looks at
constexpr int mostTestRuns = 20; // the newest reports of a branch that flakiness is told from
constexpr int fewestChanges = 3; // of outcome, from which on a test is flaky: break and repair are two

struct UsualTimes
{
    std::optional<std::chrono::milliseconds> duration;
    std::optional<std::chrono::milliseconds> queue;
    int sample = 0;          // runs behind `duration`
    bool isOfBranch = false; // false: too few of the branch passed; of all
    bool operator==(const UsualTimes &) const = default;
};
// Medians of the newest passed runs of the branch where at least 3 are known, else of all branches. `branch` empty:
// all.
UsualTimes usualTimes(const QList<Run> &past, const QString &branch);

// What is left of a run that goes on.
struct Remaining
{
    std::chrono::milliseconds usual{0};  // from its first job to its end, or of it what was work
    std::chrono::milliseconds left{0};   // never negative
    std::chrono::milliseconds longer{0}; // than usual, so far; 0: it is not
    double share = 0;                    // 0 ... 1 of the usual time has passed
    bool isOfVendor = false;             // the vendor's own estimate: there are too few runs
    bool operator==(const Remaining &) const = default;
};
// None: it does not go on, or nothing says how long one takes. Not started: all of it is left. `waited` was no work: it
// is left out where `details` tell of at least 3 past runs how much of them was work, and then of both. Elsewhere what
// is usual has their waits in it, and so has this one. `jobs`: what leftOfJobs() says; no less is left than that.
std::optional<Remaining> remaining(const Run &run, const QList<Run> &past, const QDateTime &now,
                                   std::chrono::milliseconds waited = std::chrono::milliseconds(0),
                                   const QList<RunDetail> &details = {},
                                   std::chrono::milliseconds jobs = std::chrono::milliseconds(0));
QString remainingText(const Remaining &remaining); // "about 4 m 50 s left", "2 m longer than usual"
QString spanText(std::chrono::milliseconds span);  // "40 s", "4 m 50 s", "1 h 5 m"

// The time between its first job and its end, or `now`, in which no job of it was at work, gaps of a minute and longer.
struct StoodStill
{
    std::chrono::milliseconds span{0};
    bool isForPeople = false; // a job that waits, or one with a gate of its own, came after all of it
    bool operator==(const StoodStill &) const = default;
};
// `gates` that are known, of whatever runs. A job with an environment alone says nothing of people: its machine may be
// rare.
StoodStill stoodStill(const RunDetail &detail, const QDateTime &now, const QList<WaitingGate> &gates = {});
QString stoodStillText(const StoodStill &still); // "waited 3 h 40 m for people"; empty: it did not

struct SuccessRate
{
    int passed = 0; // unstable ones included
    int unstable = 0;
    int failed = 0;
    std::optional<double> rate() const; // 0 ... 1; none: none ended
    bool operator==(const SuccessRate &) const = default;
};
SuccessRate successRate(const QList<Run> &past);

struct JobTime
{
    std::chrono::milliseconds median{0};
    int sample = 0;
    bool operator==(const JobTime &) const = default;
};
// By Job::name: of the jobs that passed in the newest 20 of these runs, one is enough. Jobs of one run with the same
// name (a matrix without names of its own) all count.
QHash<QString, JobTime> jobTimes(const QList<RunDetail> &past);
// The most that is usually left of a job that runs now: its run ends no sooner. 0: none runs, or nothing says it.
std::chrono::milliseconds leftOfJobs(const RunDetail &detail, const QHash<QString, JobTime> &usual,
                                     const QDateTime &now);

// A run belongs to the day on which it ended.
struct Day
{
    QDate day;
    SuccessRate success;
    int cancelled = 0;
    std::optional<std::chrono::milliseconds> duration; // median of those that passed; one is enough
    std::optional<std::chrono::milliseconds> queue;    // median of all that ended
    bool operator==(const Day &) const = default;
};
// Every day from the first to the last, both inside, also those without runs; at most 400, the newest.
QList<Day> days(const QList<Run> &past, const QDate &first, const QDate &last,
                const QTimeZone &zone = QTimeZone::utc());

// A run and what its tests said.
struct TestedRun
{
    Run run;
    TestReport report;
};
QString testKey(const TestCase &test); // suite and name

// What can be said of one test from reports that list it. Several cases of one key in a report (a matrix) are one:
// failed when one of them failed, else passed when one did; skipped ones say nothing.
//
// Flaky: it both failed and passed on one commit (two runs, or attempts of one), on whatever branch; or its outcome
// changed at least 3 times within the newest 20 reports of one branch. Breaking a test and repairing it are two
// changes.
struct TestRecord
{
    QString suite;
    QString name;
    int runs = 0;         // that say it passed or failed
    int failed = 0;       // of these
    int bothOnCommit = 0; // commits on which it did both
    int changes = 0;      // of outcome, in time, on the branch where there were most
    QDateTime lastFailedAt;
    bool isFlaky() const { return bothOnCommit > 0 || changes >= fewestChanges; }
    bool operator==(const TestRecord &) const = default;
};
// Those that failed at least once, by key.
QHash<QString, TestRecord> testRecords(const QList<TestedRun> &past);
// The flaky ones, those first that contradicted themselves most: by commits, changes, share of failures, name.
QList<TestRecord> flakiest(const QList<TestedRun> &past, int most = 20);

struct JudgedTest
{
    TestCase test;
    bool isNew = false;   // failed, and not in the report before on this branch (reports list all failures)
    bool isFlaky = false; // this run's report included
    int failedInRow = 0;  // reports of the branch up to this one, without a gap
    QString since;        // number of the run at which this row began
    bool operator==(const JudgedTest &) const = default;
};
// The cases of a run's report, for reading: new failures first, then failures that stay, flaky ones after others of
// their kind, then skipped, then passed; else in the report's order. Without a report before, no failure is new.
// `past` may hold the run itself, which is left out, and later ones, which are left out for all but flakiness.
QList<JudgedTest> judged(const TestedRun &run, const QList<TestedRun> &past);

} // namespace signalbox::runs
