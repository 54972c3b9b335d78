#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/world/json.h"

// What the practice world's runs look like as GitLab's answers (lib/api/entities).
namespace signalbox::sandbox::ci::gitlab
{

struct View
{
    const CiWorld &world;
    std::string pages; // where web_url leads
    bool blocksManual = false;
    int access = 40; // our role
};

std::string wordOf(Phase phase);                                                  // of a pipeline
std::string wordOf(const RunRecord &run, const JobRun &job, const JobPlan &plan); // of a job: "scheduled" for a timer
std::string sourceOf(Cause cause);
std::string refOf(const RunRecord &run);
std::int64_t projectId(const std::string &project);

Json userJson(const View &view, const std::string &login);
Json projectJson(const View &view, const std::string &project);
Json pipelineBasic(const View &view, const RunRecord &run);
Json pipelineWhole(const View &view, const RunRecord &run);
Json jobJson(const View &view, const RunRecord &run, const JobRun &job);
Json bridgeJson(const View &view, const RunRecord &run, const JobRun &job);
bool isBridge(const View &view, const RunRecord &run, const JobRun &job);

// A job's deployment: only jobs with an environment that had their turn have one.
bool hasDeployment(const JobRun &job);
std::string deploymentWord(const View &view, const RunRecord &run, const JobRun &job, const JobPlan &plan);
Json deploymentJson(const View &view, const RunRecord &run, const JobRun &job, bool isWhole);
// Approvals that are missing.
int pendingApprovals(const JobRun &job);

Json testReport(const TestResults &results, const RunRecord &run);
Json testSummary(const TestResults &results, const RunRecord &run);
Json environmentJson(const std::string &project, const std::string &name);
std::string tierOf(const std::string &environment);
std::string trace(const std::vector<LogLine> &lines, const JobRun &job);

} // namespace signalbox::sandbox::ci::gitlab
