#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox ledger verify | log | path`: reads the ledger on this machine (or the one of --ledger) and asks no remote.
ExitStatus runLedger(const cli::Arguments &arguments, cli::Terminal &terminal);

} // namespace signalbox::commands
