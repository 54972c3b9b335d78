#pragma once

#include "models/items/runrow.h"

#include <QHash>
#include <QSet>
#include <QStringMatcher>

#include <vector>

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
    // Thousands of texts are searched for it: what its search needs is made once.
    struct Word
    {
        explicit Word(const QString &text);
        bool occursIn(const QString &text) const { return matcher.indexIn(text) >= 0; }
        bool isIn(const Run &run) const; // of what needs no text made
        QStringMatcher matcher;
        QString number;            // of a run; empty: it is none
        bool beginsNumber = false; // "#4"
        bool isHex = false;        // only such a word is in a commit
    };
    bool has(const RunRow &row, const Word &word);
    const QString &labelOf(RunState state);
    const QString &triggerOf(const RunTrigger &trigger);

    RunNarrowing m_narrowing;
    QHash<int, QString> m_labels;
    std::vector<Word> m_words;
    QHash<QString, QString> m_triggers;
    QString m_trigger; // its room is used again
};

} // namespace signalbox
