#include "services/pipelines/runpages.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace signalbox
{

namespace
{

QSet<QString> idsOf(const QList<Run> &runs)
{
    QSet<QString> ids;
    for (const Run &run : runs)
        ids.insert(run.ref.id);
    return ids;
}

// Where what is known goes on behind what a page tells; its end: the two do not meet.
qsizetype behindOldestKnown(const QList<Run> &known, const QList<Run> &page)
{
    QHash<QString, qsizetype> places;
    for (qsizetype i = 0; i < known.size(); ++i)
        places.insert(known[i].ref.id, i);
    const auto oldest =
        std::find_if(page.crbegin(), page.crend(), [&places](const Run &run) { return places.contains(run.ref.id); });
    return oldest == page.crend() ? known.size() : places.value(oldest->ref.id) + 1;
}

// What is said of single runs is said only as long as no page brings them.
void forgetStale(RunStore::Entry &entry)
{
    if (entry.staleRuns.isEmpty())
        return;
    const QSet<QString> older = idsOf(entry.runs.mid(entry.newest));
    entry.staleRuns.removeIf([&older](const auto &one) { return !older.contains(one.key()); });
}

} // namespace

// By place, not by time: GitHub's time of a run that began again is that of its last attempt, while its pages go by
// creation. What stood before the oldest run both have, and is not on the page, was deleted.
void mergeNewest(RunStore::Entry &entry, const RunPage &page)
{
    const QSet<QString> fresh = idsOf(page.runs);
    QList<Run> runs = page.runs;
    const qsizetype behind = page.next.isEmpty() ? entry.runs.size() : behindOldestKnown(entry.runs, page.runs);
    for (qsizetype i = behind; i < entry.runs.size() && runs.size() < mostKnownRuns; ++i) {
        if (!fresh.contains(entry.runs[i].ref.id))
            runs.append(entry.runs[i]);
    }
    if (runs.size() <= page.runs.size())
        entry.next = page.next;
    entry.runs = runs;
    entry.newest = static_cast<int>(page.runs.size());
    forgetStale(entry);
}

bool appendOlder(RunStore::Entry &entry, const RunPage &page)
{
    const QSet<QString> have = idsOf(entry.runs);
    const qsizetype before = entry.runs.size();
    for (const Run &run : page.runs) {
        if (!have.contains(run.ref.id))
            entry.runs.append(run);
    }
    entry.next = entry.runs.size() >= mostKnownRuns ? QString() : page.next;
    return entry.runs.size() > before;
}

bool isOlder(const RunStore::Entry &entry, const QString &id)
{
    const auto first = entry.runs.cbegin() + std::min<qsizetype>(entry.runs.size(), entry.newest);
    return std::any_of(first, entry.runs.cend(), [&id](const Run &run) { return run.ref.id == id; });
}

QStringList openOlder(const RunStore::Entry &entry)
{
    QStringList ids;
    for (qsizetype i = entry.newest; i < entry.runs.size(); ++i) {
        if (!isEnded(entry.runs[i].state))
            ids.append(entry.runs[i].ref.id);
    }
    return ids;
}

bool isOlderRunning(const RunStore::Entry &entry)
{
    const auto first = entry.runs.cbegin() + std::min<qsizetype>(entry.runs.size(), entry.newest);
    return std::any_of(first, entry.runs.cend(), [](const Run &run) {
        return !isEnded(run.state) && run.state != RunState::Waiting && run.state != RunState::Unknown;
    });
}

Behind mergeBehind(RunStore::Entry &entry, const RunPage &page, const QSet<QString> &newer)
{
    QHash<QString, qsizetype> places; // on the page
    for (qsizetype i = 0; i < page.runs.size(); ++i)
        places.insert(page.runs[i].ref.id, i);
    const auto isListed = [&places](const Run &run) { return places.contains(run.ref.id); };
    const auto first = std::find_if(entry.runs.cbegin(), entry.runs.cend(), isListed);
    if (first == entry.runs.cend())
        return Behind::Lost;
    const auto last = std::find_if(entry.runs.crbegin(), entry.runs.crend(), isListed);
    const qsizetype from = first - entry.runs.cbegin();
    const qsizetype to = entry.runs.crend() - last; // behind it
    const bool isEnd = page.next.isEmpty() || to == entry.runs.size();
    QList<Run> runs = entry.runs.mid(0, from);
    for (qsizetype i = from; i < to; ++i) {
        const auto place = places.constFind(entry.runs[i].ref.id);
        if (i < entry.newest || newer.contains(entry.runs[i].ref.id))
            runs.append(entry.runs[i]);
        else if (place != places.constEnd())
            runs.append(page.runs[*place]);
        if (i >= entry.newest)
            entry.staleRuns.remove(entry.runs[i].ref.id);
    }
    // Where the page is the last, nothing is left behind it.
    const qsizetype kept = page.next.isEmpty() ? std::max<qsizetype>(entry.newest - to, 0) : -1;
    entry.runs = runs + entry.runs.mid(to, kept);
    return isEnd ? Behind::Through : Behind::GoesOn;
}

void noteUnread(RunStore::Entry &entry, const QDateTime &readAt)
{
    for (qsizetype i = entry.newest; i < entry.runs.size(); ++i) {
        const QString &id = entry.runs[i].ref.id;
        if (isEnded(entry.runs[i].state) && !entry.staleRuns.contains(id))
            entry.staleRuns.insert(id, readAt);
    }
}

void mergeAlone(RunStore::Entry &entry, const QString &id, const Result<RunDetail> &read, const QDateTime &knownAt)
{
    const auto found =
        std::find_if(entry.runs.begin(), entry.runs.end(), [&id](const Run &run) { return run.ref.id == id; });
    if (found == entry.runs.end())
        return;
    if (read) {
        *found = read->run;
        entry.staleRuns.remove(id);
    } else if (read.error().kind == ErrorKind::NotFound) {
        entry.runs.erase(found);
        entry.staleRuns.remove(id);
    } else {
        entry.staleRuns.insert(id, knownAt);
    }
}

} // namespace signalbox
