#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"
#include "models/domain/result.h"

namespace signalbox::commands
{

// Lists the fire drills and the attempts at them, or plays one in this terminal. In the window it is the program's own
// console that plays (opensDrillWindow()).
ExitStatus runDrill(const cli::Arguments &arguments, cli::Terminal &terminal);
// `signalbox drill NAME` without --terminal or --history: a window is asked for.
bool opensDrillWindow(const cli::Arguments &arguments);
// NAME is a drill; else an Invalid error that names those there are.
Result<void> checkDrill(const cli::Arguments &arguments);

} // namespace signalbox::commands
