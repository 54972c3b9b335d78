#include "models/items/runsieve.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

bool occurs(const QString &text, const QString &word)
{
    return text.contains(word, Qt::CaseInsensitive);
}

} // namespace

RunSieve::RunSieve(RunNarrowing narrowing)
    : m_narrowing(std::move(narrowing))
{}

bool RunSieve::takes(const PipelineRef &pipeline) const
{
    return m_narrowing.connection.isEmpty() || pipeline.connection == m_narrowing.connection;
}

QList<RunRowPtr> RunSieve::taken(const QList<RunRowPtr> &rows)
{
    if (rows.isEmpty() || !takes(rows.first()->run.ref.pipeline))
        return {};
    const RunRow &any = *rows.first();
    QStringList words = m_narrowing.words;
    words.removeIf([&any](const QString &word) {
        return occurs(any.pipeline, word) || occurs(any.application, word) || occurs(any.vendor, word) ||
               occurs(any.run.ref.pipeline.connection, word) || occurs(any.run.ref.pipeline.project, word);
    });
    if (words.isEmpty() && m_narrowing.filters.isEmpty())
        return rows;
    QList<RunRowPtr> some;
    for (const RunRowPtr &row : rows) {
        if (!m_narrowing.filters.isEmpty() && !m_narrowing.filters.contains(runFilterOf(row->run.state)))
            continue;
        if (std::all_of(words.cbegin(), words.cend(), [&](const QString &word) { return has(*row, word); }))
            some.append(row);
    }
    return some;
}

// In what a run alone says, the texts that have to be made last.
bool RunSieve::has(const RunRow &row, const QString &word)
{
    const Run &run = row.run;
    return occurs(run.title, word) || occurs(run.branch, word) || occurs(run.tag, word) || occurs(run.commit, word) ||
           occurs(QLatin1Char('#') + run.number, word) || occurs(labelOf(run.state), word) ||
           occurs(triggerOf(run.trigger), word);
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
    const QString key =
        QString::number(static_cast<int>(trigger.kind)) + u'|' + trigger.who + u'|' + trigger.cron + u'|' + trigger.why;
    auto known = m_triggers.find(key);
    if (known == m_triggers.end())
        known = m_triggers.insert(key, triggerText(trigger));
    return *known;
}

} // namespace signalbox
