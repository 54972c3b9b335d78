#include "models/items/runparts.h"

#include "models/domain/freshness.h"

#include <algorithm>
#include <limits>

namespace signalbox
{

namespace
{

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
    if (part.number < 0)
        part.number = m_numbers++;
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
    if (part.rows != rows) // another row, or elsewhere
        m_misplaced.insert(part.number);
    part.rows = rows;
    part.taken = m_sieve.taken(rows);
    count(part, +1);
}

void RunParts::remove(const QString &pipeline)
{
    const auto gone = m_parts.constFind(pipeline);
    if (gone == m_parts.cend())
        return;
    count(*gone, -1);
    m_misplaced.insert(gone->number);
    m_parts.erase(gone);
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

// As isLater().
bool RunParts::isBefore(const Placed &a, const Placed &b)
{
    return a.at != b.at ? a.at > b.at : a.row->key < b.row->key;
}

void RunParts::place()
{
    if (m_misplaced.isEmpty())
        return;
    std::erase_if(m_order,
                  [this](const Placed &one) { return m_misplaced.contains(one.part); }); // their rows may be gone
    const auto rest = std::ptrdiff_t(m_order.size());
    for (const Part &part : std::as_const(m_parts)) {
        if (!m_misplaced.contains(part.number))
            continue;
        for (const RunRowPtr &row : part.rows) {
            const QDateTime &at = row->run.createdAt;
            m_order.push_back(
                {at.isValid() ? at.toMSecsSinceEpoch() : std::numeric_limits<qint64>::min(), row.get(), part.number});
        }
    }
    std::sort(m_order.begin() + rest, m_order.end(), isBefore);
    std::inplace_merge(m_order.begin(), m_order.begin() + rest, m_order.end(), isBefore);
    m_misplaced.clear();
}

std::vector<RunParts::Listed> RunParts::newestFirst()
{
    place();
    struct Rest
    {
        QList<RunRowPtr>::const_iterator next; // of what is taken, in the same order
        QList<RunRowPtr>::const_iterator end;
    };
    std::vector<Rest> rests(static_cast<size_t>(m_numbers));
    for (const Part &part : std::as_const(m_parts))
        rests[size_t(part.number)] = {part.taken.cbegin(), part.taken.cend()};
    std::vector<Listed> all;
    all.reserve(size_t(m_taken));
    for (const Placed &one : m_order) {
        Rest &rest = rests[size_t(one.part)];
        if (rest.next != rest.end && rest.next->get() == one.row)
            all.push_back({&*rest.next++, one.part});
    }
    return all;
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
