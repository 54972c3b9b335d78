#pragma once

#include "models/items/runrow.h"

#include <QHash>
#include <QSet>

namespace signalbox
{

// What the list of runs is narrowed to.
struct RunNarrowing
{
    QStringList words;       // all of them have to occur; none has a blank
    QSet<RunFilter> filters; // empty: all
    QString connection;      // empty: all
    bool isSet() const { return !words.isEmpty() || !filters.isEmpty() || !connection.isEmpty(); }
};

// Which runs of a pipeline the list takes. Thousands are looked at for every letter that is typed: what a pipeline's
// runs have in common is looked at once, and texts that many runs have are made once.
class RunSieve
{
public:
    RunSieve() = default;
    explicit RunSieve(RunNarrowing narrowing);

    bool takes(const PipelineRef &pipeline) const;
    // Of one pipeline's.
    QList<RunRowPtr> taken(const QList<RunRowPtr> &rows);

private:
    bool has(const RunRow &row, const QString &word);
    const QString &labelOf(RunState state);
    const QString &triggerOf(const RunTrigger &trigger);

    RunNarrowing m_narrowing;
    QHash<int, QString> m_labels;
    QHash<QString, QString> m_triggers;
};

} // namespace signalbox
