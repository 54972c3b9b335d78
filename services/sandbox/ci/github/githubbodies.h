#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/world/json.h"

#include <string>

// The bodies of GitHub's answers: fields and their order of presence as the official description has them.
namespace signalbox::sandbox::ci::github
{

// Where the addresses in answers lead.
struct Site
{
    std::string api; // "https://127.0.0.1:4711/api/v3"
    std::string web; // "https://127.0.0.1:4711"
    std::string repository(const std::string &project) const { return api + "/repos/" + project; }
};

struct Words
{
    std::string status;
    Json conclusion; // null while it is not completed
};
Words wordsOf(Phase phase);
std::string eventOf(Cause cause);
std::int64_t workflowId(const PipelinePlan &plan);
std::int64_t environmentId(const std::string &project, const std::string &environment);

Json userBody(const Site &site, const CiWorld &world, const std::string &login);
Json fullUserBody(const Site &site, const CiWorld &world, const std::string &login);
Json teamBody(const Site &site, const std::string &name);
Json repositoryBody(const Site &site, const CiWorld &world, const std::string &project, bool isFull);
Json workflowBody(const Site &site, const PipelinePlan &plan);
// Without its repository, which is larger than all the rest and the same for every run of a page.
Json bareRunBody(const Site &site, const CiWorld &world, const RunRecord &run);
Json runBody(const Site &site, const CiWorld &world, const RunRecord &run);
Json jobBody(const Site &site, const RunRecord &run, const JobRun &job);
Json checkRunBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job);
Json annotationBody(const Site &site, const RunRecord &run, const Annotation &annotation);
Json artifactBody(const Site &site, const RunRecord &run, const Artifact &artifact);
Json pendingBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job);
Json reviewBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job,
                const Decision &decision);
Json deploymentBody(const Site &site, const CiWorld &world, const RunRecord &run, const JobRun &job);

bool mayDecide(const CiWorld &world, const GatePlan &gate);
// Jobs that GitHub has on its list: those that do not wait for others.
bool isListed(const JobRun &job);
bool isPending(const JobRun &job);

} // namespace signalbox::sandbox::ci::github
