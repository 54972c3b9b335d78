#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// The practice world alone, in the foreground until Ctrl+C.
ExitStatus runSandbox(const cli::Arguments &arguments, cli::Terminal &terminal);

// The lines that lead a shell to a practice world.
QString sandboxExports(const QString &kubeconfig, const QString &workspace);
// A text as one word of the shell that people use here: quoted for sh, or for PowerShell on Windows.
QString shellQuoted(const QString &text);

} // namespace signalbox::commands
