#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"
#include "services/ledger/verify/chainverifier.h"

namespace signalbox::commands
{

// `signalbox ledger verify | log | path`: reads the ledger on this machine (or the one of --ledger) and asks no remote.
ExitStatus runLedger(const cli::Arguments &arguments, cli::Terminal &terminal);

// --first-admin and --at-least, as every command that verifies a ledger takes them.
Result<ledger::VerifyOptions> ledgerOptionsOf(const cli::Arguments &arguments);

} // namespace signalbox::commands
