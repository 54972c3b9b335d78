#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox ledger verify | log | path | status`: reads the ledger on this machine (or the one of --ledger) and asks
// no remote. `share` and `init` are in ledgersharecommand.h.
ExitStatus runLedger(const cli::Arguments &arguments, cli::Terminal &terminal);

} // namespace signalbox::commands
