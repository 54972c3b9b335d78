#pragma once

#include "services/pipelines/pipelineserver.h"

namespace signalbox
{

class HttpClient;
class SecretStore;

// Travis CI, hosted (https://api.travis-ci.com) or Enterprise (https://travis.example.com/api). It has no gates: a
// stage waits for nobody. `http` and `secrets` outlive it. GUI thread.
std::unique_ptr<PipelineServer> makeTravis(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets);

} // namespace signalbox
