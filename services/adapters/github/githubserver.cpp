#include "services/adapters/github/githubserver.h"

#include "services/adapters/github/githubdeployments.h"
#include "services/adapters/github/githubgates.h"
#include "services/adapters/github/githubsource.h"
#include "services/adapters/github/githubsteps.h"

namespace signalbox
{

std::unique_ptr<PipelineServer> makeGitHub(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    using namespace github;
    const auto client = std::make_shared<GitHubClient>(config, http, secrets);
    return pipelineServerOf(client, std::make_unique<GitHubSource>(*client, config.projects),
                            std::make_unique<GitHubGates>(*client, config.projects),
                            std::make_unique<GitHubSteps>(*client), std::make_unique<GitHubDeployments>(*client));
}

} // namespace signalbox
