#pragma once

#include "services/ledger/view/ledgerexport.h"

namespace signalbox
{

// Writes the report for auditors to `file`, whole or not at all: A4, text that can be searched, times in UTC. Blocks:
// for a worker; needs a QGuiApplication. Errors as those of exportLedger().
Result<LedgerExported> writeLedgerPdf(const LedgerQuestion &question, const QString &file, const StopToken &stop);

// The same on a worker.
[[nodiscard]] QFuture<Result<LedgerExported>> writeLedgerPdfLater(LedgerQuestion question, QString file,
                                                                  StopToken stop);

} // namespace signalbox
