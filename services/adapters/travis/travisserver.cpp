#include "services/adapters/travis/travisserver.h"

#include "services/adapters/travis/travisjudge.h"
#include "services/adapters/travis/travissource.h"
#include "services/adapters/travis/travissteps.h"

namespace signalbox
{

namespace
{

class TravisServer : public PipelineServer
{
public:
    TravisServer(const travis::Reads &reads, const QString &title, const QStringList &projects)
        : m_source(reads, title, projects)
        , m_steps(reads)
    {}

    PipelineSource &source() override { return m_source; }
    GateKeeper *gates() override { return nullptr; }
    StepRunner &runner() override { return m_steps; }

private:
    TravisSource m_source;
    TravisSteps m_steps;
};

} // namespace

std::unique_ptr<PipelineServer> makeTravis(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    const RestClient client(config, http, secrets, travis::tokenHeader(), travis::travisHeaders(),
                            travis::judgeFor(config.url.host()));
    return std::make_unique<TravisServer>(travis::Reads(client), config.title.isEmpty() ? client.host() : config.title,
                                          config.projects);
}

} // namespace signalbox
