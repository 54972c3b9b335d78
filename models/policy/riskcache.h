#pragma once

#include "models/policy/risk.h"

#include <QHash>
#include <QString>

#include <atomic>

namespace signalbox::policy
{

// Figures that were worked out before. One holds for the same promotion, asked about the same changes, learnt from the
// same entries, told in the same language and within the same hour on the walls of its zone: the model sees no more of
// the time than that, but for entries of the future, which the next hour takes in. Whoever has other entries than
// before calls forget(). One thread at a time.
class RiskCache
{
public:
    // As riskOf().
    RiskFigure of(const QString &promotion, const RiskQuestion &question, const Entries &entries);
    void forget() { m_kept.clear(); }
    // How many were worked out so far. Any thread.
    int computed() const { return m_computed; }

private:
    struct Kept
    {
        RiskQuestion question; // `at`: the hour
        qsizetype entries = 0; // how many
        QString words;
        RiskFigure figure;
    };
    QHash<QString, Kept> m_kept; // by promotion
    std::atomic<int> m_computed{0};
};

} // namespace signalbox::policy
