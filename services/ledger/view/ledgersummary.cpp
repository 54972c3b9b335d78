#include "services/ledger/view/ledgersummary.h"

#include "services/ledger/verify/verdict.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct LedgerSummaryText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerSummary)
};

QString hexOf(const std::optional<git::ObjectId> &id)
{
    return id ? QString::fromLatin1(id->hex()) : QString();
}

} // namespace

LedgerSummary summaryOf(const ledger::ChainVerdict &chain, const QDateTime &verifiedAt)
{
    LedgerSummary summary;
    summary.path = chain.path;
    summary.tip = hexOf(chain.tip);
    summary.start = hexOf(chain.start);
    summary.policyCommit = hexOf(chain.policyCommit);
    summary.workspace = chain.workspace;
    summary.good = chain.good;
    summary.pending = chain.pending;
    summary.notSigned = chain.notSigned;
    summary.bad = chain.bad;
    summary.isPinned = chain.isPinned;
    summary.problems = chain.problems;
    summary.notes = chain.notes;
    summary.verifiedAt = verifiedAt;
    return summary;
}

QString verdictSentence(const LedgerSummary &summary)
{
    if (summary.tip.isEmpty())
        return LedgerSummaryText::tr("The ledger is empty.");
    if (!summary.isSigned() && summary.problems.isEmpty() && summary.bad == 0)
        return LedgerSummaryText::tr("The ledger is not signed: nothing proves who wrote its entries.");
    if (!summary.isWhole())
        return summary.bad > 0
                   ? LedgerSummaryText::tr("Do not rely on this ledger: %1 of %2 entries cannot be trusted.")
                         .arg(summary.bad)
                         .arg(summary.total())
                   : LedgerSummaryText::tr("Do not rely on this ledger: %1")
                         .arg(summary.problems.join(QLatin1Char(' ')));
    return summary.isPinned
               ? LedgerSummaryText::tr("Every entry since it began to be signed is proven.")
               : LedgerSummaryText::tr("Every entry since it began to be signed is proven, if the first admin is.");
}

} // namespace signalbox
