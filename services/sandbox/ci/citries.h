#pragma once

#include "services/sandbox/ci/ciworld.h"

// What became of jobs that deploy, over all attempts of their run: vendors keep each try's deployment.
namespace signalbox::sandbox::ci
{

struct DeployingTry
{
    RunRecord run; // in its newest attempt; `who`: who asked for this try
    JobRun job;
};

// Of jobs with an environment, the newest first.
std::vector<DeployingTry> deployingTries(const CiWorld &world, const RunRecord &newest);
// Those of the newest runs (at most `mostRuns` that have such jobs are looked at); `commit` empty: all.
std::vector<DeployingTry> deployingTries(const CiWorld &world, Vendor vendor, const std::string &project,
                                         const std::string &commit, std::size_t mostRuns);
// Who asked for the attempt in which this try began.
std::string starterOf(const CiWorld &world, const RunRecord &run, const JobRun &job);

} // namespace signalbox::sandbox::ci
