#include "services/adapters/jenkins/jenkinsserver.h"

#include "services/adapters/jenkins/jenkinsgates.h"
#include "services/adapters/jenkins/jenkinssource.h"
#include "services/adapters/jenkins/jenkinssteps.h"

namespace signalbox
{

namespace
{

class JenkinsServer : public PipelineServer
{
public:
    JenkinsServer(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
        : m_client(config, http, secrets)
        , m_source(config, m_client)
        , m_gates(config, m_client)
        , m_steps(m_client)
    {}

    PipelineSource &source() override { return m_source; }
    GateKeeper *gates() override { return &m_gates; }
    StepRunner &runner() override { return m_steps; }

private:
    jenkins::JenkinsClient m_client;
    jenkins::JenkinsSource m_source;
    jenkins::JenkinsGates m_gates;
    jenkins::JenkinsSteps m_steps;
};

} // namespace

std::unique_ptr<PipelineServer> makeJenkins(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    return std::make_unique<JenkinsServer>(config, http, secrets);
}

} // namespace signalbox
