#pragma once

#include "services/net/httpclient.h"
#include "services/pipelines/pipelineserver.h"
#include "services/ports/secretstore.h"

#include <memory>

namespace signalbox
{

// github.com ("https://api.github.com") or a company's own server ("https://HOST/api/v3"). GUI thread; `http` and
// `secrets` outlive it.
std::unique_ptr<PipelineServer> makeGitHub(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets);

} // namespace signalbox
