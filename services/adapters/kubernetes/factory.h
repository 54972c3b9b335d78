#pragma once

#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/kubernetescluster.h"
#include "services/feeds/clusterset.h"

#include <functional>

// Puts the pieces of one Kubernetes connection together. The only header of this folder that `app` needs.
namespace signalbox::kubernetes
{

struct ConnectionOptions
{
    QString id;
    QString title;                              // empty: the context's name
    QStringList namespaces;                     // only these; empty: what may be read
    bool hasTerminal = false;                   // for exec plugins that ask questions
    std::function<bool()> isTerminalTaken = {}; // by somebody else now; asked on any thread
};

// Source and store, not started yet; what routes, rolls back and runs steps is added by its own makers below the same
// client. `http` outlives the connection. GUI thread.
std::unique_ptr<ClusterConnection> makeConnection(HttpClient &http, const ClusterAccess &access,
                                                  const ConnectionOptions &options);

// The client that a connection made here speaks through.
std::shared_ptr<KubeClient> clientOf(const ClusterConnection &connection);

} // namespace signalbox::kubernetes
