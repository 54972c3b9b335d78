#pragma once

#include "services/adapters/kubernetes/kubeconfig.h"
#include "services/ports/connections.h"
#include "services/workspace/workspacefile.h"

#include <optional>

// Connections as the screen has them and as files have them: the screen knows no workspace, the workspace no screen.
namespace signalbox
{

// A connection of the file, as the screen shows it.
ConnectionConfig configOf(const WorkspaceConnection &connection, const WorkspaceFile &file);
// As `file` will have it; what the screen does not show stays as it is there. None: there is no workspace yet.
WorkspaceConnection writtenConnection(const ConnectionConfig &config, const std::optional<WorkspaceFile> &file);
// "prod-eu-2": made of what is wanted, and not among those that are taken.
QString freeId(const QString &wanted, const QStringList &taken);
// What a kubeconfig offers to be chosen.
QList<ContextInfo> contextsOf(const kubernetes::KubeConfig &config);

} // namespace signalbox
