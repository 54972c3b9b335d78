#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"
#include "services/ledger/view/ledgerexport.h"

namespace signalbox::commands
{

// `signalbox ledger verify | log | export | path | status`: reads the ledger on this machine (or the one of --ledger)
// and asks no remote. `share` and `init` are in ledgersharecommand.h.
ExitStatus runLedger(const cli::Arguments &arguments, cli::Terminal &terminal);

// What `signalbox ledger export` was asked for.
struct LedgerExportWish
{
    LedgerFormat format = LedgerFormat::Csv;
    LedgerQuestion question;
    QString file; // absolute
};
Result<LedgerExportWish> ledgerExportWish(const cli::Arguments &arguments);

// A PDF is drawn by the window's program: whether one is asked for, and what that program is to be given.
bool exportsLedgerPdf(const cli::Arguments &arguments);
QStringList ledgerReportArguments(const cli::Arguments &arguments, const LedgerExportWish &wish);

} // namespace signalbox::commands
