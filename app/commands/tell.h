#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// Says what went wrong after the program's name, and with --json as a document too. Gives the status back, so that a
// command can return it.
ExitStatus tell(const Error &error, ExitStatus status, bool isJson, cli::Terminal &terminal);
ExitStatus tell(const Error &error, ExitStatus status, const cli::Arguments &arguments, cli::Terminal &terminal);
ExitStatus tell(const Error &error, const cli::Arguments &arguments, cli::Terminal &terminal);

} // namespace signalbox::commands
