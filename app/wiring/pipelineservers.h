#pragma once

#include "app/wiring/sources.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"

#include <memory>
#include <vector>

namespace signalbox
{

// The adapter of the vendor. `http` and `secrets` outlive it.
std::unique_ptr<PipelineServer> makePipelineServer(const PipelineSpec &spec, HttpClient &http, SecretStore &secrets);

} // namespace signalbox
