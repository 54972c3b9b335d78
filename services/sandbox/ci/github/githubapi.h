#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/http/loopbackserver.h"

#include <mutex>
#include <string>

namespace signalbox::sandbox::ci
{

// The part of GitHub's REST API (2022-11-28) that runs, gates and their files need, over the world's pipelines.
// Source: github/rest-api-description, api.github.com.json; what it refuses and in which words: GitHub Docs, "REST API
// endpoints for GitHub Actions", "Troubleshooting the REST API". Below "/" as github.com has it and below "/api/v3" as
// a company's own server does. Any thread.
class GitHubApi
{
public:
    explicit GitHubApi(CiWorld &world); // which outlives it

    LoopbackReply answer(const LoopbackRequest &request);
    static LoopbackReply unauthorized();
    // "Bearer TOKEN" or "token TOKEN"; the address of a log, which is another host's with GitHub, takes none.
    static bool isAuthorized(const LoopbackRequest &request, const std::string &token);

    // Answers that may be asked for until the hour is over; for tests.
    void setRemaining(int remaining);
    // Where logs lie: "https://HOST:PORT"; empty: here.
    void setLogHost(std::string host) { m_logHost = std::move(host); }

private:
    LoopbackReply route(const LoopbackRequest &request, const std::string &path);
    void addLimits(LoopbackReply &reply);

    CiWorld &m_world;
    std::string m_logHost;
    std::mutex m_lock; // of the limit
    int m_remaining = 5000;
    std::int64_t m_resetMs = 0;
};

} // namespace signalbox::sandbox::ci
