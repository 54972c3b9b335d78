#pragma once

#include "services/ledger/ledgerentry.h"
#include "services/operations/journal.h"

namespace signalbox
{

// The ledger's entry for an operation that the journal has closed. The same journal lines always make the same entry,
// so that writing it again at the next start finds it there.
LedgerEntry outcomeEntry(const JournalClosed &closed);

} // namespace signalbox
