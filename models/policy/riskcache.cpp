#include "models/policy/riskcache.h"

namespace signalbox::policy
{

RiskFigure RiskCache::of(const QString &promotion, const RiskQuestion &question, const Entries &entries)
{
    RiskQuestion key = question;
    key.at = riskHour(question);
    const QString words = riskModelText(); // tells the language
    const auto known = m_kept.constFind(promotion);
    if (known != m_kept.constEnd() && known->entries == entries.size() && known->words == words &&
        known->question == key)
        return known->figure;
    const RiskFigure figure = riskOf(question, entries);
    ++m_computed;
    m_kept.insert(promotion, {key, entries.size(), words, figure});
    return figure;
}

} // namespace signalbox::policy
