#pragma once

#include "services/net/http.h"
#include "services/ports/secretstore.h"

#include <functional>
#include <utility>

namespace signalbox
{

// The header that shows a secret to a server. Thread-safe.
using SecretHeader = std::function<std::pair<QByteArray, QByteArray>(const Secret &secret)>;
SecretHeader bearerHeader();
SecretHeader basicHeader(const QString &user);

// From now on requests to this endpoint show the secret: resolved when it is needed, kept for a minute and forgotten
// when the remote refuses it. `secrets` outlives the endpoint.
void showSecret(HttpEndpoint &endpoint, const SecretReference &reference, SecretHeader header, SecretStore &secrets);

} // namespace signalbox
