#pragma once

#include <QDateTime>
#include <QString>
#include <QStringList>

namespace signalbox::ledger
{
struct ChainVerdict;
}

namespace signalbox
{

// What is said of a ledger as a whole. A value; ids are hexadecimal, empty: there is none.
struct LedgerSummary
{
    QString path;
    QString tip;
    QString start;        // the commit with which it began to be signed
    QString policyCommit; // whose policy is in force
    QString workspace;
    qsizetype good = 0;
    qsizetype pending = 0;
    qsizetype notSigned = 0;
    qsizetype bad = 0;
    bool isPinned = false;
    QStringList problems;
    QStringList notes;
    QDateTime verifiedAt; // UTC

    qsizetype total() const { return good + pending + notSigned + bad; }
    bool isSigned() const { return !start.isEmpty(); }
    // As ledger::ChainVerdict::isWhole().
    bool isWhole() const { return isSigned() && bad == 0 && problems.isEmpty(); }
    bool operator==(const LedgerSummary &) const = default;
};

LedgerSummary summaryOf(const ledger::ChainVerdict &chain, const QDateTime &verifiedAt);
// The one line that answers the question: is all of it proven?
QString verdictSentence(const LedgerSummary &summary);

} // namespace signalbox
