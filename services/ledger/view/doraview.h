#pragma once

#include "models/dora.h"
#include "services/async/stoptoken.h"
#include "services/ledger/verify/chainverifier.h"
#include "services/ledger/view/ledgersummary.h"

#include <QSet>

#include <array>
#include <optional>

namespace signalbox
{

// The DORA figures of a time, and how they went. Values.
struct DoraView
{
    DoraQuestion question;
    QList<DoraFigure> figures; // in the order of DoraMetric
    struct Point
    {
        QDateTime at;                                  // the end of its window
        std::array<std::optional<double>, 4> values{}; // by DoraMetric, as in DoraFigure; none: too little data
        bool operator==(const Point &) const = default;
    };
    QList<Point> trend; // each over the `windowDays` before it
    int windowDays = 28;
    qsizetype proven = 0;     // entries the figures could be computed from
    QDateTime coveredFrom;    // the oldest of them; invalid: none
    QStringList environments; // in which promotions were observed, in alphabetical order
    bool operator==(const DoraView &) const = default;
};

// What the figures need of proven entries and nothing more. Fed in the chain's order; one thread.
class DoraRecords
{
public:
    void clear();
    void add(policy::SignedRecord record);
    DoraView view(const DoraQuestion &question, const StopToken &stop) const;

private:
    QString shared(const QString &text);

    policy::Entries m_entries;
    QSet<QString> m_texts;
    QSet<QString> m_environments;
    qsizetype m_proven = 0;
    QDateTime m_first;
};

// The figures of a ledger, proven anew from its first entry on, and what is to be said of it.
struct LedgerFigures
{
    LedgerSummary summary;
    DoraView view;
};
// On a worker. Errors as of ledger::verifyChain().
[[nodiscard]] QFuture<Result<LedgerFigures>> ledgerFiguresLater(QString path, ledger::VerifyOptions options,
                                                                DoraQuestion question, StopToken stop);

} // namespace signalbox
