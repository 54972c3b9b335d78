#pragma once

#include "models/domain/result.h"
#include "services/adapters/kubernetes/kubernetestext.h"

namespace signalbox::kubernetes
{

// For an answer that was given, but not in a form of Kubernetes' API. `what`, for people: "list of pods". `why`, for
// the log: what the parser met.
inline Error unreadableAnswer(const QString &what, const QString &why)
{
    return {ErrorKind::Protocol,
            KubernetesText::tr(
                "The server's answer (%1) is not in a form that Kubernetes writes. Look whether the address of this "
                "cluster leads to its API server, and what a proxy before it changes.")
                .arg(what),
            why};
}

} // namespace signalbox::kubernetes
