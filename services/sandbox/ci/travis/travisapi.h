#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/ci/travis/travisbodies.h"
#include "services/sandbox/http/loopbackserver.h"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

// The practice world's Travis CI: what of its API version 3 has to do with builds. Sources: developer.travis-ci.com and
// travis-ci/travis-api (services, their specifications, error types, pages, limits). Like the real one it gives no
// ETags, and answers a write before it acts on it. Any thread.
class TravisApi
{
public:
    explicit TravisApi(ci::CiWorld &world); // which outlives it

    LoopbackReply answer(const LoopbackRequest &request);
    // "Authorization: token T"; the API of version 2 took `token="T"` too.
    static bool isAuthorized(const LoopbackRequest &request, const std::string &token);
    static LoopbackReply unauthorized(); // "access denied"

    // A request for a build becomes one after so long; travis-ci does it in a queue.
    void setRequestDelay(std::int64_t ms) { m_requestDelayMs = ms; }

private:
    using Parts = std::vector<std::string>; // of the path, decoded
    LoopbackReply read(const Parts &parts, const LoopbackRequest &request);
    LoopbackReply write(const Parts &parts, const LoopbackRequest &request);
    LoopbackReply readRepository(const std::string &project, const Parts &parts, const LoopbackRequest &request);
    LoopbackReply builds(const std::string &project, const LoopbackRequest &request);
    LoopbackReply repositories(const LoopbackRequest &request);
    LoopbackReply requestList(const std::string &project, const LoopbackRequest &request);
    LoopbackReply createRequest(const std::string &project, const LoopbackRequest &request);
    LoopbackReply changeBuild(const ci::RunRecord &run, const std::string &action);
    LoopbackReply changeJob(const ci::RunRecord &run, std::size_t index, const std::string &action);
    LoopbackReply log(const ci::RunRecord &run, std::size_t index, bool asText) const;
    // Requests whose time came.
    void settle();
    travis::Words words() const; // under the lock
    std::optional<ci::RunRecord> runOf(const std::string &id) const;
    std::string projectOf(const std::string &slugOrId) const; // empty: none

    ci::CiWorld &m_world;
    std::mutex m_mutex;
    std::vector<travis::Request> m_requests; // oldest first
    std::int64_t m_requestDelayMs = 1500;
};

} // namespace signalbox::sandbox
