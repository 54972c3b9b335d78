#pragma once

#include "models/domain/result.h"
#include "models/stores/ledgertable.h"
#include "services/async/stoptoken.h"
#include "services/ledger/verify/chainverifier.h"
#include "services/ledger/view/entryreader.h"
#include "services/ledger/view/ledgersummary.h"

#include <QFuture>

#include <functional>

namespace signalbox
{

enum class LedgerFormat { Csv, Json, Pdf };

// What is to be read of a ledger, verified as it is read.
struct LedgerQuestion
{
    QString path;
    ledger::VerifyOptions verify;
    LedgerFilter filter;
    std::function<void(qsizetype verified, qsizetype written)> progress = {}; // from any thread, now and then
};

// Verifies the whole chain, then hands over the entries that the filter takes, oldest first. `begin` comes before all
// of them. Errors: those of verifying, Cancelled, and what either function gives back. Blocks: for a worker.
Result<LedgerSummary> readLedger(const LedgerQuestion &question, const StopToken &stop,
                                 const std::function<Result<void>(const LedgerSummary &)> &begin,
                                 const std::function<Result<void>(ledger::ReadEntry &)> &take);

struct LedgerExported
{
    LedgerSummary summary;
    qsizetype entries = 0;
};

// Writes them to `file`, whole or not at all: CSV (RFC 4180, UTF-8, times in UTC) or JSON
// (resources/ledger-export.schema.json). In CSV a text that a spreadsheet would take for a formula has an apostrophe
// in front. Blocks: for a worker. A Pdf is the window's: Unsupported here.
Result<LedgerExported> exportLedger(LedgerFormat format, const LedgerQuestion &question, const QString &file,
                                    const StopToken &stop);

// The same on a worker.
[[nodiscard]] QFuture<Result<LedgerExported>> exportLedgerLater(LedgerFormat format, LedgerQuestion question,
                                                                QString file, StopToken stop);

// One field of a CSV file, quoted where it has to be.
QByteArray csvField(const QString &text);

} // namespace signalbox
