#pragma once

#include "services/pipelines/pipelineserver.h"

namespace signalbox
{

class HttpClient;
class SecretStore;

// A GitLab server, gitlab.com or one's own. `config.url` is the server's address, with or without "/api/v4"; the token
// is `config.bearer`. `http` and `secrets` outlive it.
std::unique_ptr<PipelineServer> makeGitLab(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets);

} // namespace signalbox
