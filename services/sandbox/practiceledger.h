#pragma once

#include "models/domain/result.h"

#include <QDateTime>
#include <QList>
#include <QString>

namespace signalbox
{
struct LedgerEntry;
}

namespace signalbox::sandbox
{

struct Catalogue;

// What the ledger of the practice world holds at its start, oldest first: the same at every start but for the times,
// which count back from `now`.
QList<LedgerEntry> practiceEntries(const Catalogue &catalogue, const QDateTime &now);
// Writes them. Blocks; any thread.
Result<void> writePracticeLedger(const Catalogue &catalogue, const QDateTime &now, const QString &path);

} // namespace signalbox::sandbox
