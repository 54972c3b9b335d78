#pragma once

#include "services/sandbox/kube/refusal.h"
#include "services/sandbox/kube/resourcetype.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace signalbox::sandbox
{

// RFC 6902, as the server's library understands it: a `test` for null passes where nothing is. A patch that cannot be
// applied, a failed test among them, is 422 "Invalid" without causes; one that is no patch is 400.
std::optional<Refusal> applyJsonPatch(nlohmann::json &object, const nlohmann::json &patch);
// RFC 7386
std::optional<Refusal> applyMergePatch(nlohmann::json &object, const nlohmann::json &patch);
// Kubernetes' strategic merge patch (sig-api-machinery: strategic-merge-patch.md): lists of the built-in kinds merge by
// their keys; $patch, $retainKeys, $setElementOrder and $deleteFromPrimitiveList are obeyed.
std::optional<Refusal> applyStrategicPatch(const ResourceType &type, nlohmann::json &object,
                                           const nlohmann::json &patch);

} // namespace signalbox::sandbox
