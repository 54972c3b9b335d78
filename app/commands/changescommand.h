#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox changes APP --from REL --to REL [--files] [--diff PATH]`: needs a repository and no cluster.
ExitStatus runChanges(const cli::Arguments &arguments, cli::Terminal &terminal);
// For completion: tags, newest first, then branches, of what was fetched last. Asks no remote.
QStringList releaseNames(const cli::Arguments &given);

} // namespace signalbox::commands
