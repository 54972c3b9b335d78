#pragma once

#include "models/items/runsieve.h"
#include "models/stores/runstore.h"

namespace signalbox
{

// "embedding-api release": "release" alone says little among those of ten applications.
QString pipelineName(const RunStore::Entry &entry);

// The runs of each pipeline as rows, and which of them the list takes. A run that says nothing new keeps its row.
class RunParts
{
public:
    struct Part
    {
        RunStore::Entry entry; // what the rows were made of
        QList<RunRowPtr> rows; // newest first
        QList<RunRowPtr> taken;
    };

    bool isNews(const RunStore::Entry &entry) const; // it says what is not known yet, or not so
    void take(const RunStore::Entry &entry);
    void remove(const QString &pipeline);
    void keepOnly(const QHash<QString, RunStore::Entry> &entries);
    void narrow(const RunNarrowing &narrowing);

    const QHash<QString, Part> &all() const { return m_parts; } // by the pipeline's key
    int known() const { return m_known; }                       // runs, before any filter
    int taken() const { return m_taken; }
    QStringList withOlder() const; // pipelines that the list takes; sorted

private:
    void count(const Part &part, int sign);

    QHash<QString, Part> m_parts;
    RunSieve m_sieve;
    int m_known = 0;
    int m_taken = 0;
};

} // namespace signalbox
