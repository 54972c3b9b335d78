#pragma once

#include "services/ledger/view/ledgerexport.h"

#include <QStringList>

namespace signalbox
{

// What an auditor is given to read: every promotion with who asked, approved and carried it out, and how it ended; what
// else was done; what proves it. Values.
struct LedgerReport
{
    LedgerSummary summary;
    LedgerFilter filter;
    QStringList policy; // the rules in force, a sentence each; empty: there are none
    struct Promotion
    {
        LedgerRow request;      // without a commit where it is not in the report's time
        QList<LedgerRow> steps; // approvals, rejections, break-glass, claim, outcome; oldest first
    };
    QList<Promotion> promotions; // oldest first
    QList<LedgerRow> others;     // what belongs to no promotion
    qsizetype entries = 0;
};

// Verifies and reads. Blocks: for a worker. Errors as those of readLedger().
Result<LedgerReport> readReport(const LedgerQuestion &question, const StopToken &stop);

// The policy.yaml of a commit of the ledger, a sentence a rule. Errors: of the repository, Invalid.
Result<QStringList> policyInWords(const QString &path, const QString &commit);

} // namespace signalbox
