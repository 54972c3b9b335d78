#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"

// What the commands of app/cli/grammar.h do.
namespace signalbox::commands
{

// -w, --kubeconfig, --context, --demo, checked as far as no file is needed.
Result<void> checkSource(const cli::Arguments &arguments);
// Runs one command to its end, in the event loop.
ExitStatus run(const cli::Arguments &arguments, cli::Terminal &terminal);
// For shell completion: from the kubeconfig or the workspace, and from the last answers (a short question when there is
// none). Answers within two seconds; empty rather than late.
QStringList completionNames(cli::ValueKind kind, const cli::Arguments &given);

} // namespace signalbox::commands
