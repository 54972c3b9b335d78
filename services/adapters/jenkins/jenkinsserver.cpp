#include "services/adapters/jenkins/jenkinsserver.h"

#include "services/adapters/jenkins/jenkinsgates.h"
#include "services/adapters/jenkins/jenkinssource.h"
#include "services/adapters/jenkins/jenkinssteps.h"

namespace signalbox
{

std::unique_ptr<PipelineServer> makeJenkins(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    using namespace jenkins;
    const auto client = std::make_shared<JenkinsClient>(config, http, secrets);
    return pipelineServerOf(client, std::make_unique<JenkinsSource>(config, *client),
                            std::make_unique<JenkinsGates>(config, *client), std::make_unique<JenkinsSteps>(*client));
}

} // namespace signalbox
