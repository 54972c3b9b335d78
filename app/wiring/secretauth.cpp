#include "app/wiring/secretauth.h"

#include "services/net/secretheader.h"

namespace signalbox
{

std::shared_ptr<const HttpEndpoint> endpointFor(const MetricSpec &spec, SecretStore &secrets)
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = spec.id;
    endpoint->base = spec.url;
    endpoint->caPem = spec.caPem;
    endpoint->insecureSkipVerify = spec.insecureSkipTlsVerify;
    if (spec.bearer)
        showSecret(*endpoint, *spec.bearer, bearerHeader(), secrets);
    else if (spec.basicPassword)
        showSecret(*endpoint, *spec.basicPassword, basicHeader(spec.basicUser), secrets);
    return endpoint;
}

} // namespace signalbox
