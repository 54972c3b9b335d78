#include "models/items/runparts.h"

#include "models/domain/freshness.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// What a view shows of it is the same; when it was heard last is not shown of what is live.
bool isShownAlike(const Freshness &a, const Freshness &b)
{
    return a.state == b.state && a.error == b.error && staleFrom(a) == staleFrom(b);
}

// Of two times when it was true; an invalid one says it still is.
QDateTime earlier(const QDateTime &a, const QDateTime &b)
{
    return !a.isValid() || (b.isValid() && b < a) ? b : a;
}

} // namespace

QString pipelineName(const RunStore::Entry &entry)
{
    const QString &title = entry.pipeline.title;
    return entry.application.isEmpty() || title.contains(entry.application) ? title : entry.application + u' ' + title;
}

bool RunParts::isNews(const RunStore::Entry &entry) const
{
    const auto known = m_parts.constFind(entry.pipeline.ref.key());
    if (known == m_parts.cend())
        return true;
    const RunStore::Entry &was = known->entry;
    return !isShownAlike(entry.freshness, was.freshness) || entry.runs != was.runs || entry.next != was.next ||
           entry.staleRuns != was.staleRuns || entry.application != was.application || entry.pipeline != was.pipeline;
}

void RunParts::take(const RunStore::Entry &entry)
{
    Part &part = m_parts[entry.pipeline.ref.key()];
    count(part, -1);
    QHash<QString, RunRowPtr> before;
    for (const RunRowPtr &row : std::as_const(part.rows))
        before.insert(row->key, row);
    const QDateTime stale = staleFrom(entry.freshness);
    const QString name = pipelineName(entry);
    QSet<QString> seen; // a page may tell a run twice when one came in between
    QList<RunRowPtr> rows;
    rows.reserve(entry.runs.size());
    for (const Run &run : entry.runs) {
        RunRow row;
        row.key = run.ref.key();
        if (seen.contains(row.key))
            continue;
        seen.insert(row.key);
        row.run = run;
        row.pipeline = name;
        row.application = entry.application;
        row.vendor = entry.pipeline.vendor;
        row.staleFrom = earlier(stale, entry.staleRuns.value(run.ref.id));
        const RunRowPtr was = before.value(row.key);
        rows.append(was && *was == row ? was : std::make_shared<const RunRow>(std::move(row)));
    }
    std::sort(rows.begin(), rows.end(), [](const RunRowPtr &a, const RunRowPtr &b) { return isLater(*a, *b); });
    part.entry = entry;
    part.rows = rows;
    part.taken = m_sieve.taken(rows);
    count(part, +1);
}

void RunParts::remove(const QString &pipeline)
{
    count(m_parts.value(pipeline), -1);
    m_parts.remove(pipeline);
}

void RunParts::keepOnly(const QHash<QString, RunStore::Entry> &entries)
{
    const QStringList known = m_parts.keys();
    for (const QString &pipeline : known) {
        if (!entries.contains(pipeline))
            remove(pipeline);
    }
}

void RunParts::narrow(const RunNarrowing &narrowing)
{
    m_sieve = RunSieve(narrowing);
    m_taken = 0;
    for (Part &part : m_parts) {
        part.taken = m_sieve.taken(part.rows);
        m_taken += int(part.taken.size());
    }
}

QStringList RunParts::withOlder() const
{
    QStringList keys;
    for (auto it = m_parts.cbegin(); it != m_parts.cend(); ++it) {
        if (!it->entry.next.isEmpty() && m_sieve.takes(it->entry.pipeline.ref))
            keys << it.key();
    }
    keys.sort();
    return keys;
}

void RunParts::count(const Part &part, int sign)
{
    m_known += sign * int(part.entry.runs.size());
    m_taken += sign * int(part.taken.size());
}

} // namespace signalbox
