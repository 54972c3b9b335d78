#pragma once

#include "services/ledger/view/ledgerexport.h"

namespace signalbox
{

// What `signalbox ledger export --format pdf` has this program do.
struct LedgerReportRun
{
    LedgerQuestion question;
    QString file;
    bool isJson = false; // tells about it as one JSON document
};

// Writes the report and says so on standard output; no window is opened. The exit status.
int runLedgerReport(const LedgerReportRun &run);

} // namespace signalbox
