#pragma once

#include "services/net/scope.h"

#include <functional>

namespace signalbox
{

using Environment = std::function<QString(const char *name)>;

// The proxy for an address: the endpoint's, else the environment's (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, lower case
// first, NO_PROXY with names, suffixes, addresses, networks and ports, as kubectl and other Go programs read them). The
// environment's proxy is never used for this machine itself. Empty: none. May hold credentials: never log it.
QString proxyFor(const HttpEndpoint &endpoint, const Hop &hop, const Environment &environment);

// Does NO_PROXY exempt this address?
bool isExempt(const QString &noProxy, const QString &host, int port);

} // namespace signalbox
