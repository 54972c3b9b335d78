#pragma once

#include "app/wiring/session.h"
#include "services/async/serialqueue.h"
#include "services/ports/connections.h"

namespace signalbox
{

// Reads the kubeconfig, logs in, asks what the server serves and what the operator may do there.
std::unique_ptr<ConnectionProbe> makeKubernetesProbe(Session &session, SerialQueue &files,
                                                     const WorkspaceConnection &connection, const WorkspaceFile &file);

} // namespace signalbox
