#pragma once

#include "services/sandbox/kube/kubeapi.h"

namespace signalbox::sandbox
{

class World;

// What the Kubernetes API asks the world for; `world` must outlive the API.
std::function<SandboxLogAnswer(const SandboxLogQuery &)> logHook(World &world, std::size_t cluster);
std::function<std::optional<SandboxUsage>(const std::string &ns, const std::string &name)>
usageHook(World &world, std::size_t cluster);

} // namespace signalbox::sandbox
