#pragma once

#include "app/wiring/session.h"
#include "services/async/serialqueue.h"
#include "services/ports/connections.h"

namespace signalbox
{

// Tests a connection step by step, without touching the one that may be open: read the configuration, reach the remote,
// ask its version, ask what the operator may read. `connection` is the config as the workspace would hold it.
std::unique_ptr<ConnectionProbe> makeProbe(Session &session, SerialQueue &files, const ConnectionConfig &config,
                                           const WorkspaceConnection &connection,
                                           const std::optional<WorkspaceFile> &workspace);

} // namespace signalbox
