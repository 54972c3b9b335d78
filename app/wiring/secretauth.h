#pragma once

#include "app/wiring/sources.h"
#include "services/net/http.h"
#include "services/ports/secretstore.h"

#include <memory>

namespace signalbox
{

// The endpoint of a metric source, its credential resolved when it is needed, kept for a minute and forgotten when the
// remote refuses it. `secrets` outlives it.
std::shared_ptr<const HttpEndpoint> endpointFor(const MetricSpec &spec, SecretStore &secrets);

} // namespace signalbox
