#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/world/json.h"

#include <map>
#include <string>
#include <vector>

// The bodies of Travis CI's answers (travis-ci/travis-api, lib/travis/api/v3/renderer).
namespace signalbox::sandbox::travis
{

struct Request // for a build, by the API
{
    std::int64_t id = 0;
    std::string project;
    std::string branch;
    std::string message;
    std::int64_t createdMs = 0;
    bool isSettled = false;
    std::int64_t run = 0; // 0: it was rejected
    std::string rejection;
};

// Commit messages that requests brought along, by run.
using Words = std::map<std::int64_t, std::string>;

// A job keeps its id over restarts: it is made of its run's and its place in the plan.
std::int64_t jobId(const ci::RunRecord &run, std::size_t index);
std::int64_t runOfJob(std::int64_t job);
std::size_t indexOfJob(std::int64_t job);
// Jobs whose condition was not met are not made at all.
bool isMade(const ci::CiWorld &world, const ci::RunRecord &run, const ci::JobRun &job);

std::string buildState(const ci::RunRecord &run);
std::string jobState(const ci::RunRecord &run, const ci::JobRun &job);

Json repositoryBody(const ci::CiWorld &world, const std::string &project, bool isStandard);
Json buildBody(const ci::CiWorld &world, const ci::RunRecord &run, const Words &words, bool withJobs);
Json buildMinimal(const ci::RunRecord &run);
Json jobBody(const ci::CiWorld &world, const ci::RunRecord &run, std::size_t index, const Words &words,
             bool withConfig);
Json cronsBody(const ci::CiWorld &world, const std::string &project);
Json requestBody(const ci::CiWorld &world, const Request &request);
std::string logText(const std::vector<ci::LogLine> &lines);

// "@pagination" of a list at `href`.
Json pagination(const std::string &href, std::size_t limit, std::size_t offset, std::size_t total);

} // namespace signalbox::sandbox::travis
