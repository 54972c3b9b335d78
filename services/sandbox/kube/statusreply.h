#pragma once

#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/kube/refusal.h"

#include <nlohmann/json_fwd.hpp>

namespace signalbox::sandbox
{

// The Status object of a refusal, as it stands in answers and in ERROR events of watches.
nlohmann::json statusOf(const Refusal &refusal);
LoopbackReply refusedReply(const Refusal &refusal);
LoopbackReply jsonReply(const nlohmann::json &body, int status = 200);
LoopbackReply textReply(std::string body, int status = 200); // text/plain

Refusal unsupportedMediaType(const std::string &accepted);
Refusal noSuchResource(); // 404 for a resource that is not served
Refusal methodNotAllowed();

} // namespace signalbox::sandbox
