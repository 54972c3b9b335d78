#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/commands/ledgerplace.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox ledger key`: the line of allowed_signers for the key that signs here; with --create of a new one, which is
// then kept in the keychain.
ExitStatus runLedgerKey(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);

} // namespace signalbox::commands
