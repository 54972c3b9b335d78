#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/http/loopbackserver.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::sandbox::ci
{

// The practice world's GitLab: the part of its REST API (v4) that is about pipelines, as documented (gitlab-org/gitlab
// doc/api/{projects,pipelines,jobs,deployments,pipeline_schedules,environments,branches,tags,protected_branches,
// protected_tags,protected_environments,group_protected_environments}.md) and as its source refuses
// (lib/api/ci/{pipelines,jobs}.rb, app/policies/ci/{build,pipeline}_policy.rb,
// ee/app/services/deployments/approval_service.rb). Any thread.
class GitLabApi
{
public:
    // Branches, or tags, of all its projects.
    struct ProtectedRef
    {
        std::string name; // "*" for any text
        bool isTag = false;
        int push = 40; // role that may push, or create the tag; 0: no one
        int merge = 40;
        std::vector<std::string> users = {}; // who may besides: logins
    };
    struct Options
    {
        std::string root; // a path before "/api/v4"; empty: none
        int requestsPerMinute = 2000;
        bool blocksManual = false; // newer servers: a manual deployment is blocked, whoever may start it
        int access = 40;           // our role in all projects and groups: 30 Developer, 40 Maintainer
        std::vector<ProtectedRef> protectedRefs = {};
        std::map<std::string, std::vector<Decider>> groupTiers =
            {}; // who may deploy to "production": of each top group
    };
    explicit GitLabApi(CiWorld &world); // which outlives it
    GitLabApi(CiWorld &world, Options options);
    ~GitLabApi();
    GitLabApi(const GitLabApi &) = delete;
    GitLabApi &operator=(const GitLabApi &) = delete;

    LoopbackReply answer(const LoopbackRequest &request);
    // "PRIVATE-TOKEN: TOKEN" or "Authorization: Bearer TOKEN" (doc/api/rest/authentication.md).
    static bool isAuthorized(const LoopbackRequest &request, const std::string &token);
    static LoopbackReply unauthorized();

private:
    struct State;
    struct Call;
    std::unique_ptr<State> d;
};

} // namespace signalbox::sandbox::ci
