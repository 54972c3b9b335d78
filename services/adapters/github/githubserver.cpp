#include "services/adapters/github/githubserver.h"

#include "services/adapters/github/githubgates.h"
#include "services/adapters/github/githubsource.h"
#include "services/adapters/github/githubsteps.h"

namespace signalbox
{

namespace
{

class GitHubServer : public PipelineServer
{
public:
    GitHubServer(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
        : m_client(config, http, secrets)
        , m_source(m_client, config.projects)
        , m_gates(m_client, config.projects)
        , m_steps(m_client)
    {}

    PipelineSource &source() override { return m_source; }
    GateKeeper *gates() override { return &m_gates; }
    StepRunner &runner() override { return m_steps; }

private:
    github::GitHubClient m_client;
    github::GitHubSource m_source;
    github::GitHubGates m_gates;
    github::GitHubSteps m_steps;
};

} // namespace

std::unique_ptr<PipelineServer> makeGitHub(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    return std::make_unique<GitHubServer>(config, http, secrets);
}

} // namespace signalbox
