#pragma once

#include "services/pipelines/pipelineserver.h"

#include <memory>

namespace signalbox
{

class HttpClient;
class SecretStore;

// A Jenkins: the projects of the config are folders, multibranch projects or jobs by their full name. `http` and
// `secrets` outlive it. GUI thread.
std::unique_ptr<PipelineServer> makeJenkins(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets);

} // namespace signalbox
