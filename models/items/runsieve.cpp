#include "models/items/runsieve.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

bool isHexDigit(QChar c)
{
    const char16_t lower = c.toLower().unicode();
    return (lower >= u'0' && lower <= u'9') || (lower >= u'a' && lower <= u'f');
}

} // namespace

RunSieve::Word::Word(const QString &text)
    : matcher(text, Qt::CaseInsensitive)
    , beginsNumber(text.startsWith(u'#'))
    , isHex(std::all_of(text.cbegin(), text.cend(), isHexDigit))
{
    number = beginsNumber ? text.mid(1) : text;
}

bool RunSieve::Word::isIn(const Run &run) const
{
    return (beginsNumber ? run.number.startsWith(number, Qt::CaseInsensitive) : occursIn(run.number)) ||
           occursIn(run.title) || occursIn(run.branch) || occursIn(run.tag) || (isHex && occursIn(run.commit));
}

RunSieve::RunSieve(RunNarrowing narrowing)
    : m_narrowing(std::move(narrowing))
{
    for (const QString &word : std::as_const(m_narrowing.words))
        m_words.emplace_back(word);
}

bool RunSieve::takes(const PipelineRef &pipeline) const
{
    return m_narrowing.connection.isEmpty() || pipeline.connection == m_narrowing.connection;
}

QList<RunRowPtr> RunSieve::taken(const QList<RunRowPtr> &rows)
{
    if (rows.isEmpty() || !takes(rows.first()->run.ref.pipeline))
        return {};
    const RunRow &any = *rows.first();
    std::vector<const Word *> words;
    for (const Word &word : m_words) {
        const PipelineRef &ref = any.run.ref.pipeline;
        if (!word.occursIn(any.pipeline) && !word.occursIn(any.application) && !word.occursIn(any.vendor) &&
            !word.occursIn(ref.connection) && !word.occursIn(ref.project))
            words.push_back(&word);
    }
    if (words.empty() && m_narrowing.filters.isEmpty())
        return rows;
    QList<RunRowPtr> some;
    for (const RunRowPtr &row : rows) {
        if (!m_narrowing.filters.isEmpty() && !m_narrowing.filters.contains(runFilterOf(row->run.state)))
            continue;
        if (std::all_of(words.cbegin(), words.cend(), [&](const Word *word) { return has(*row, *word); }))
            some.append(row);
    }
    return some;
}

// In what a run alone says, the texts that have to be made last.
bool RunSieve::has(const RunRow &row, const Word &word)
{
    return word.isIn(row.run) || word.occursIn(labelOf(row.run.state)) || word.occursIn(triggerOf(row.run.trigger));
}

const QString &RunSieve::labelOf(RunState state)
{
    QString &label = m_labels[static_cast<int>(state)];
    if (label.isEmpty())
        label = runStateLabel(state);
    return label;
}

const QString &RunSieve::triggerOf(const RunTrigger &trigger)
{
    m_trigger.resize(0);
    m_trigger += QChar(static_cast<char16_t>(u'0' + static_cast<int>(trigger.kind)));
    for (const QString *one : {&trigger.who, &trigger.cron, &trigger.why}) {
        m_trigger += u'|';
        m_trigger += *one;
    }
    auto known = m_triggers.find(m_trigger);
    if (known == m_triggers.end())
        known = m_triggers.insert(m_trigger, triggerText(trigger));
    return *known;
}

} // namespace signalbox
