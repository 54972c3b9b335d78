#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/http/loopbackserver.h"

#include <memory>
#include <string>

namespace signalbox::sandbox::ci
{

// The practice world's GitLab: the part of its REST API (v4) that is about pipelines, as documented (gitlab-org/gitlab
// doc/api/{projects,pipelines,jobs,deployments,pipeline_schedules,environments}.md) and as its source refuses
// (lib/api/ci/{pipelines,jobs}.rb, ee/app/services/deployments/approval_service.rb). Any thread.
class GitLabApi
{
public:
    struct Options
    {
        std::string root; // a path before "/api/v4"; empty: none
        int requestsPerMinute = 2000;
        bool blocksManual = false; // newer servers: a manual deployment is blocked, whoever may start it
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
