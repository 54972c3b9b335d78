#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/commands/ledgerplace.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox ledger import`: brings what this machine's own ledger has into the shared one that the workspace names by
// now. The own one is only read.
ExitStatus runLedgerImport(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);

} // namespace signalbox::commands
