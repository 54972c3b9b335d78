#include "services/adapters/gitlab/gitlabserver.h"

#include "services/adapters/gitlab/gitlabgates.h"
#include "services/adapters/gitlab/gitlabsource.h"
#include "services/adapters/gitlab/gitlabsteps.h"

namespace signalbox
{

namespace
{

class GitLabServer : public PipelineServer
{
public:
    GitLabServer(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
        : m_api(config, http, secrets)
        , m_source(m_api)
        , m_gates(m_api)
        , m_steps(m_api)
    {}

    PipelineSource &source() override { return m_source; }
    GateKeeper *gates() override { return &m_gates; }
    StepRunner &runner() override { return m_steps; }

private:
    GitLabApi m_api;
    GitLabSource m_source;
    GitLabGates m_gates;
    GitLabSteps m_steps;
};

} // namespace

std::unique_ptr<PipelineServer> makeGitLab(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    return std::make_unique<GitLabServer>(config, http, secrets);
}

} // namespace signalbox
