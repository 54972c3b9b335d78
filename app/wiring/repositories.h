#pragma once

#include "services/adapters/git/gitsource.h"
#include "services/workspace/workspacefile.h"

namespace signalbox
{

// A repository of the workspace, ready for a GitSource. Reads the CA file. Invalid names the line.
Result<GitSourceConfig> gitSourceConfigOf(const WorkspaceRepository &repository, const WorkspaceFile &file);
// One named on the command line: no credential but what ssh has.
Result<GitSourceConfig> gitSourceConfigOf(const QString &address);

} // namespace signalbox
