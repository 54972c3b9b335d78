#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/commands/ledgerplace.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox ledger share`: one round with the remote; `status`: what is known here, and who would sign.
ExitStatus runLedgerShare(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);

// `signalbox ledger init`: begins to sign, with the operator as the first admin, and shares that.
ExitStatus runLedgerInit(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);

// After a command wrote to the ledger: sends it, for a few seconds at most, and says so when that did not work.
void sendWritten(TeamLedger &ledger, cli::Terminal &terminal);

} // namespace signalbox::commands
