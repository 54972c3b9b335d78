#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox gate APP ENV --digest D | --commit C [--wait 30m] [--ledger DIR|URL]`: reads the ledger and nothing else.
ExitStatus runGate(const cli::Arguments &arguments, cli::Terminal &terminal);

} // namespace signalbox::commands
