#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/commands/ledgerplace.h"
#include "app/exitstatus.h"

namespace signalbox::commands
{

// `signalbox ledger policy [--file FILE] [--signers FILE]` and `signers [--file FILE]`: prints the newest, or checks,
// shows and signs a change.
ExitStatus runLedgerPolicy(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);
// `signalbox ledger note TEXT`
ExitStatus runLedgerNote(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);
// `signalbox ledger figures`
ExitStatus runLedgerFigures(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal);

// Whether `signalbox countersign` names a change of the policy, by its commit, and no break-glass, by its entry.
bool namesPolicyChange(const cli::Arguments &arguments);
// Needs no cluster: the ledger alone says everything.
ExitStatus runPolicyCountersign(const cli::Arguments &arguments, cli::Terminal &terminal);

} // namespace signalbox::commands
