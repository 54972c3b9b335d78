#pragma once

#include "models/items/runparts.h"

#include <vector>

namespace signalbox
{

// The runs that are taken in the order in which they are listed: newest first, or so in groups with a heading before
// each; and what asks for older ones.
class RunGroups
{
public:
    QList<RunRowPtr> rows(RunParts &parts, RunGroup group);

private:
    struct Bucket
    {
        QString key;
        QString title;
        int rank = 0;          // among the others
        QString pipeline = {}; // of one pipeline's runs: its key
        QList<RunRowPtr> runs = {};
    };
    int rankOf(const QString &title) const;
    void rankTitles(QStringList titles);
    // By the number of the part: its bucket. Of states, which are not a part's: empty.
    std::vector<int> bucketsOfParts(const RunParts &parts, RunGroup group, std::vector<Bucket> &buckets);

    QStringList m_titles; // sorted
    QHash<QString, int> m_ranks;
};

} // namespace signalbox
