#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/http/loopbackserver.h"

#include <memory>
#include <string>

namespace signalbox::sandbox::ci
{

// The practice world's Jenkins: what its core, Pipeline: REST API, Blue Ocean, JUnit and the input step answer and
// refuse about pipelines. Sources: jenkinsci/jenkins (hudson.model.*, jenkins.model.ParameterizedJobMixIn,
// hudson.security.csrf.CrumbFilter, hudson.model.Failure), pipeline-stage-view-plugin (rest-api: endpoints.RunAPI),
// pipeline-input-step-plugin (InputAction, InputStepExecution), blueocean-plugin (blueocean-rest/README.md). Any
// thread.
class JenkinsApi
{
public:
    enum class Crumbs {
        Off,         // no protection: there is no issuer (404)
        ForSessions, // API tokens need none (2.96 and later)
        Always       // whatever one shows
    };
    enum class CoveragePlugin { Coverage, Jacoco, Cobertura, OldCoverageApi };
    struct Options
    {
        std::string pages; // where its pages are said to be; empty: where it is asked
        std::string user;  // whose token it is; empty: the world's own
        Crumbs crumbs = Crumbs::ForSessions;
        bool hasBlueOcean = true;
        bool hasStageView = true;
        bool tellsInputs = true; // Pipeline: Input Step 460 and later
        bool mayStop = true;     // Job/Cancel
        bool hasCoverage = true;
        bool mayConfigure = true;            // Job/Configure or Job/ExtendedRead
        std::string coverageId = "coverage"; // of the report, as its step was told; Coverage only
        CoveragePlugin coveragePlugin = CoveragePlugin::Coverage;
    };
    explicit JenkinsApi(CiWorld &world); // which outlives it
    JenkinsApi(CiWorld &world, Options options);
    ~JenkinsApi();
    JenkinsApi(const JenkinsApi &) = delete;
    JenkinsApi &operator=(const JenkinsApi &) = delete;

    LoopbackReply answer(const LoopbackRequest &request);
    // "Authorization: Basic USER:TOKEN" (jenkins.io/doc/book/system-administration/authenticating-scripted-clients).
    static bool isAuthorized(const LoopbackRequest &request, const std::string &token);
    static LoopbackReply unauthorized();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::sandbox::ci
