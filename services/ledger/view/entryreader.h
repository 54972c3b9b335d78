#pragma once

#include "models/policy/standing.h"
#include "models/stores/ledgertable.h"
#include "services/async/stoptoken.h"
#include "services/ledger/ledgerentry.h"
#include "services/ledger/verify/verdict.h"

#include <functional>
#include <optional>
#include <vector>

namespace signalbox::ledger
{

// An entry and what is in it.
struct ReadEntry
{
    LedgerRow row;
    std::optional<LedgerEntry> entry; // none: it is no entry, or cannot be read
    QByteArray bytes;                 // as they are in the repository; empty where there is no entry
    qint64 position = 0;              // in the chain, from 1
};

// The row of an entry whose content is not looked at.
LedgerRow rowOf(const EntryVerdict &verdict, LedgerProof proof);
void describe(const LedgerEntry &entry, LedgerRow &row); // adds what is in it

// As the policy's decisions and the DORA figures read it; none: it is not proven, or they do not.
std::optional<policy::SignedRecord> provenRecord(const ReadEntry &read);

// Reads the content of judged entries, several at a time, and hands them over in their order. `before`: how many stand
// in front of the first one. False from `take` ends it. Blocks: for a worker. Errors: of the repository, Cancelled.
Result<void> readEntries(const QString &path, const std::vector<EntryVerdict> &verdicts, qsizetype before,
                         const StopToken &stop, const std::function<bool(ReadEntry &&)> &take);

// The newest entries of a ledger as they stand there, oldest first, with nothing judged: to show something while it
// is. Blocks: for a worker.
Result<std::vector<LedgerRow>> newestUnproven(const QString &path, qsizetype count, const StopToken &stop);

} // namespace signalbox::ledger
