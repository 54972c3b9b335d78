#pragma once

#include "models/items/runsieve.h"
#include "models/stores/runstore.h"

#include <vector>

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
        int number = -1; // its own as long as it is known; below numbers()
    };
    // A run that the list takes, and whose it is.
    struct Listed
    {
        const RunRowPtr *row;
        int part; // Part::number
    };

    bool isNews(const RunStore::Entry &entry) const; // it says what is not known yet, or not so
    void take(const RunStore::Entry &entry);
    void remove(const QString &pipeline);
    void narrow(const RunNarrowing &narrowing);

    const QHash<QString, Part> &all() const { return m_parts; } // by the pipeline's key
    // What is taken of all of them, newest first; valid until the next change. Only the runs of pipelines that said
    // something new are sorted in, whatever the list is narrowed to.
    std::vector<Listed> newestFirst();
    int numbers() const { return m_numbers; }
    int known() const { return m_known; } // runs, before any filter
    int taken() const { return m_taken; }
    QStringList withOlder() const; // pipelines that the list takes; sorted

private:
    // What is compared lies side by side.
    struct Placed
    {
        qint64 at = 0; // ms; the earliest where it is not known
        const RunRow *row = nullptr;
        int part = 0;
    };
    static bool isBefore(const Placed &a, const Placed &b);
    void count(const Part &part, int sign);
    void place();

    QHash<QString, Part> m_parts;
    std::vector<Placed> m_order; // all runs, taken or not
    QSet<int> m_misplaced;       // numbers of parts whose rows in it are not theirs any more
    int m_numbers = 0;
    RunSieve m_sieve;
    int m_known = 0;
    int m_taken = 0;
};

} // namespace signalbox
