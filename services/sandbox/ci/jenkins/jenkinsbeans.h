#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/ci/jenkins/jenkinstree.h"

#include <optional>
#include <string>
#include <vector>

// What the core exports of folders, jobs, runs and the queue (hudson.model's beans).
namespace signalbox::sandbox::ci::jenkins
{

struct View
{
    const CiWorld &world;
    std::string root; // where pages are: "https://jenkins.example.org", no slash at the end
};

std::string encodedSegment(const std::string &text);
// "feature%2Fx": what the job of a branch is called.
std::string branchJob(const std::string &branch);

// A place in the tree of items.
struct Item
{
    enum class Kind { Root, Folder, MultiBranch, Branch };
    Kind kind = Kind::Root;
    std::string fullName; // "search/search-ranker/main"
    std::string project;  // of MultiBranch and Branch: the plan's
    std::string branch;   // or tag
    const PipelinePlan *plan = nullptr;
};
std::optional<Item> itemAt(const View &view, const std::vector<std::string> &names);
std::vector<Item> childrenOf(const View &view, const Item &item);
std::string pathOf(const Item &item); // "/job/search/job/search-ranker/job/main"

bool isInQueue(const RunRecord &run);                                                // it has not begun
bool wasUnqueued(const RunRecord &run);                                              // and never will
std::optional<RunRecord> runOf(const View &view, const Item &item, int number);      // none: not begun counts as none
std::vector<RunRecord> runsOf(const View &view, const Item &item, int from, int to); // newest first

Json parameterDefinition(const InputPlan &input);
Json itemJson(const View &view, const Item &item, const Tree *tree, int depth = 0);
// `tree`: what costs a look of its own is left out where it is not asked for; null: everything is.
Json runJson(const View &view, const Item &item, const RunRecord &run, const Tree *tree = nullptr);
Json queueJson(const View &view, const Item &item, const RunRecord &run);
Json testJson(const TestResults &results);
Json coverageJson(double linePercent); // of the plugin Coverage
Json jacocoJson(double linePercent);
std::string coberturaClass(bool isCobertura); // else the Code Coverage API before 4.0
Json coberturaJson(double linePercent, bool isCobertura);
std::string configXml(const Item &item); // of a job
std::optional<Item> itemOfRun(const View &view, const RunRecord &run);

} // namespace signalbox::sandbox::ci::jenkins
