#include "services/adapters/gitlab/gitlabserver.h"

#include "services/adapters/gitlab/gitlabdeployments.h"
#include "services/adapters/gitlab/gitlabgates.h"
#include "services/adapters/gitlab/gitlabsource.h"
#include "services/adapters/gitlab/gitlabsteps.h"

namespace signalbox
{

std::unique_ptr<PipelineServer> makeGitLab(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    const auto api = std::make_shared<GitLabApi>(config, http, secrets);
    return pipelineServerOf(api, std::make_unique<GitLabSource>(*api), std::make_unique<GitLabGates>(*api),
                            std::make_unique<GitLabSteps>(*api), std::make_unique<GitLabDeployments>(*api));
}

} // namespace signalbox
