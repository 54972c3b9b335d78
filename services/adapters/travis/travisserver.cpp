#include "services/adapters/travis/travisserver.h"

#include "services/adapters/travis/travisjudge.h"
#include "services/adapters/travis/travissource.h"
#include "services/adapters/travis/travissteps.h"

namespace signalbox
{

std::unique_ptr<PipelineServer> makeTravis(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets)
{
    const RestClient client(config, http, secrets, travis::tokenHeader(), travis::travisHeaders(),
                            travis::judgeFor(config.url.host()));
    const travis::Reads reads(client);
    return pipelineServerOf(
        nullptr,
        std::make_unique<TravisSource>(reads, config.title.isEmpty() ? client.host() : config.title, config.projects),
        nullptr, std::make_unique<TravisSteps>(reads));
}

} // namespace signalbox
