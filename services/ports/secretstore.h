#pragma once

#include "services/async/stoptoken.h"
#include "services/credentials/secret.h"
#include "services/credentials/secretreference.h"

#include <QFuture>

namespace signalbox
{

struct ResolvedSecret
{
    Secret value;
    QString warning; // for people: others can read the file ...; empty: nothing to say
};

// Turns references to secrets into secrets. Thread-safe; calls return at once and every future ends with one Result.
// NotFound: there is nothing of that name; Unsupported: this kind of store cannot be had here (no desktop session): the
// sentence offers the ones that can. Nothing is cached: a rotated secret is seen at the next call.
class SecretStore
{
public:
    virtual ~SecretStore() = default;

    [[nodiscard]] virtual QFuture<Result<ResolvedSecret>> resolve(SecretReference reference, StopToken stop) = 0;
    // Writes or replaces it. Unsupported for env: and file:, which are the user's own.
    [[nodiscard]] virtual QFuture<Result<void>> keep(SecretReference reference, Secret secret, StopToken stop) = 0;
};

} // namespace signalbox
