#pragma once

#include "app/exitstatus.h"
#include "services/ledger/verify/verdict.h"
#include "services/ledger/view/ledgerexport.h"

#include <QString>

// What `signalbox ledger` prints. Times are UTC.
namespace signalbox::commands
{

QString ledgerPathJson(const QString &path, bool isThere);
QString ledgerVerdictText(const ledger::ChainVerdict &chain);
QString ledgerVerdictJson(const ledger::ChainVerdict &chain, ExitStatus status);
// The newest `count` entries (0: all), newest first, each with what proves it.
QString ledgerLogText(const ledger::ChainVerdict &chain, qsizetype count);
QString ledgerLogJson(const ledger::ChainVerdict &chain, qsizetype count, ExitStatus status);

QString ledgerExportJson(const LedgerExported &done, const QString &file, ExitStatus status);

} // namespace signalbox::commands
