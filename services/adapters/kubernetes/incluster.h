#pragma once

#include "services/adapters/kubernetes/kubeconfig.h"

namespace signalbox::kubernetes
{

// What a pod is given to speak with its own cluster as its service account, as a kubeconfig with one context. Nothing
// outside of a pod, or where no token is mounted at `folder`. Reads files.
std::optional<KubeConfig> inClusterConfig(const QString &folder);

} // namespace signalbox::kubernetes
