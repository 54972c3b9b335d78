#pragma once

#include "models/domain/result.h"

#include <QByteArray>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the practice world's pipelines consist of, as resources/sandbox-pipelines.json tells it: which vendor runs them,
// their jobs, gates and tests, and how often something goes wrong. Data only; times are seconds unless named otherwise.
namespace signalbox::sandbox::ci
{

enum class Vendor { Jenkins, GitHub, GitLab, Travis };
enum class Cause { Push, Tag, PullRequest, Schedule, Manual, Api, Upstream };
std::string_view vendorName(Vendor vendor); // "jenkins"
std::string_view causeName(Cause cause);    // "pullRequest"

// What whoever starts a run, or decides a gate, may fill in.
struct InputPlan
{
    enum class Kind { Text, Choice, Flag, Hidden };
    std::string name;
    Kind kind = Kind::Text;
    std::string about;
    std::string value;                // the default: "true" and "false" for a Flag, empty for Hidden
    std::vector<std::string> choices; // of Choice
    bool isRequired = false;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;          // name, value
std::string parameterOf(const Parameters &parameters, std::string_view name); // empty: not there

struct Decider
{
    std::string name;
    bool isGroup = false;
    std::vector<std::string> members; // of a group: logins
};

// A job with a gate waits before its own work begins: until enough people approve, its timer is up, and it was played
// (isManual), whichever of these it has. It goes on in the same job.
struct GatePlan
{
    std::string message;           // "Deploy to production?"
    std::vector<Decider> deciders; // who may; empty: everybody
    int approvals = 0;             // 0: nobody is asked
    bool isManual = false;         // somebody must play it
    int waitSeconds = 0;           // it opens by itself after them
    std::vector<InputPlan> inputs;

    bool isGate() const { return approvals > 0 || isManual || waitSeconds > 0; }
};

struct TestPlan
{
    std::string suite; // "tests.test_ranking"
    std::string name;
    std::string file; // "tests/test_ranking.py"
    int ms = 10;
    double failChance = 0; // a flaky one's
    bool isSkipped = false;
};

struct JobPlan
{
    std::string name; // as people see it: "test (3.12)"
    std::string key;  // in the definition file: "test"; the name where that is the same
    std::string stage;
    std::vector<std::string> needs; // names of jobs before it in the plan
    int seconds = 60;               // its work, usually
    std::vector<std::string> steps; // names; never empty
    std::string log;                // what its log looks like: "cpp", "pytest", "docker", "deploy", "plain"
    std::string environment;
    std::string runner; // "ubuntu-24.04"
    GatePlan gate;
    std::vector<Cause> onlyFor;       // it is skipped in runs of other causes; empty: of none
    bool onDefaultBranchOnly = false; // or for a tag
    bool mayFail = false;             // its failure does not fail the run
    double failChance = 0;            // besides its tests
    std::vector<TestPlan> tests;
    bool failsToUnstable = false;       // failed tests make it Unstable (Jenkins), not Failed
    double coverage = 0;                // per cent of lines it measures; 0: it does not
    std::string startsPipeline;         // of the same project: a child run, which it waits for
    bool publishes = false;             // when it passed there is a release: an image
    std::vector<std::string> artifacts; // names of files it leaves
};

// A run that the world begins with, besides its past: it goes on, waits or failed when somebody looks first.
struct Scene
{
    Cause cause = Cause::Push;
    std::string branch; // empty with a tag: the tag's; else the default branch
    std::string tag;
    std::string who;
    std::string subject;
    int secondsAgo = 0;
    std::string failsIn; // a job that fails for sure; empty: none does
    // So long after it failed, what failed is run again, and passes: it has two attempts. 0: nobody does that.
    int againAfterSeconds = 0;
};

struct PastRelease
{
    std::string tag; // "v1.44.0"
    std::string subject;
    std::string commit;       // empty: made of the seed
    double stagedDaysAgo = 0; // its run began just before
    double daysAgo = 0;       // when it reached production; 0: it waits for that
};

struct CommitPlan // of the sources that the practice world really has
{
    std::string sha; // 40 hexadecimal digits
    std::string subject;
    std::string who;
    std::int64_t atMs = 0;
};

// One pipeline of one project; a project may have several.
struct PipelinePlan
{
    Vendor vendor = Vendor::Jenkins;
    std::string project;     // "growth/recommender"
    std::string name;        // "release"; for people
    std::string file;        // ".github/workflows/release.yml", "Jenkinsfile"
    std::string definition;  // that file's text
    std::string application; // of the catalogue; empty: none
    std::string repository;  // "registry.example.org/growth/recommender": where releases go
    std::string defaultBranch = "main";
    std::vector<std::string> branches; // the default one first
    std::vector<std::string> people;   // logins of those who commit
    std::vector<std::string> subjects; // of commits
    std::vector<std::string> crons;    // "17 3 * * *"
    std::vector<InputPlan> inputs;     // of a start by hand
    bool isChild = false;              // only jobs of other pipelines of the project start it
    double runsPerDay = 0;             // in the past, on average, besides crons and releases
    std::vector<JobPlan> jobs;
    std::vector<PastRelease> releases; // oldest first: a run for each tag
    std::vector<CommitPlan> commits;   // oldest first; empty: runs have commits made of the seed
    std::vector<Scene> scenes;

    const JobPlan *job(std::string_view name) const; // null: none
};

struct Person
{
    std::string login;
    std::string title; // "Priya Raman"
    std::string email() const { return login + "@example.org"; }
};

struct CiPlans
{
    std::uint64_t seed = 0;
    std::string me; // login of who practises
    std::vector<Person> people;
    std::vector<PipelinePlan> pipelines;

    const PipelinePlan *pipeline(Vendor vendor, std::string_view project, std::string_view name) const; // null: none
    const Person *person(std::string_view login) const;                                                 // null: nobody
    std::string titleOf(std::string_view login) const; // the login itself where nobody has it
};

// The text of a file that the document names; empty: there is none.
using TextOf = std::function<QByteArray(const QString &name)>;
// Strict: an unknown word, a missing one, a job that needs one that is not before it: errors that name their place.
Result<CiPlans> parsePlans(const QByteArray &json, const QString &fileName, const TextOf &textOf);
// Those built into the program, with the releases that the catalogue's history has.
const CiPlans &builtInPlans();

} // namespace signalbox::sandbox::ci
