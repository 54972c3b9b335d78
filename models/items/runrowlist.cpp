#include "models/items/runrowlist.h"

#include <QHash>
#include <QTimer>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr qsizetype mostSingly = 16;    // signals; each costs a view a look at all its rows
constexpr qsizetype mostDropped = 1000; // in one go

bool isKept(const RunRowPtr &a, const RunRowPtr &b)
{
    return a == b || a->key == b->key;
}

} // namespace

int RunRowList::indexOf(const QString &key) const
{
    const auto found =
        std::find_if(m_rows.cbegin(), m_rows.cend(), [&key](const RunRowPtr &row) { return row->key == key; });
    return found == m_rows.cend() ? -1 : int(found - m_rows.cbegin());
}

// What says nothing new is the very same row: the few others alone are looked for by their keys.
RunRowList::Match RunRowList::matched(const QList<RunRowPtr> &rows) const
{
    Match match{std::vector<int>(size_t(rows.size()), -1), std::vector<bool>(size_t(m_rows.size()), false)};
    const auto keep = [&match](qsizetype old, qsizetype now) {
        match.from[size_t(now)] = int(old);
        match.isKept[size_t(old)] = true;
    };
    const qsizetype most = std::min(m_rows.size(), rows.size());
    qsizetype first = 0;
    for (; first < most && isKept(m_rows[first], rows[first]); ++first)
        keep(first, first);
    qsizetype oldEnd = m_rows.size();
    qsizetype newEnd = rows.size();
    for (; oldEnd > first && newEnd > first && isKept(m_rows[oldEnd - 1], rows[newEnd - 1]); --oldEnd, --newEnd)
        keep(oldEnd - 1, newEnd - 1);
    QHash<const RunRow *, qsizetype> places;
    places.reserve(oldEnd - first);
    for (qsizetype i = first; i < oldEnd; ++i)
        places.insert(m_rows[i].get(), i);
    std::vector<qsizetype> others;
    for (qsizetype i = first; i < newEnd; ++i) {
        if (const auto place = places.constFind(rows[i].get()); place != places.cend())
            keep(*place, i);
        else
            others.push_back(i);
    }
    if (others.empty())
        return match;
    QHash<QString, qsizetype> byKey;
    for (qsizetype i = first; i < oldEnd; ++i) {
        if (!match.isKept[size_t(i)])
            byKey.insert(m_rows[i]->key, i);
    }
    for (const qsizetype i : others) {
        if (const auto place = byKey.constFind(rows[i]->key); place != byKey.cend())
            keep(*place, i);
    }
    return match;
}

void RunRowList::setRows(const QList<RunRowPtr> &rows)
{
    const Match match = matched(rows);
    const auto blocksOf = [](size_t size, const auto &isIn) {
        QList<Block> blocks;
        for (size_t i = 0; i < size; ++i) {
            if (!isIn(i))
                continue;
            if (blocks.isEmpty() || blocks.last().last != int(i) - 1)
                blocks.append({int(i), int(i)});
            else
                blocks.last().last = int(i);
        }
        return blocks;
    };
    const QList<Block> gone = blocksOf(match.isKept.size(), [&match](size_t i) { return !match.isKept[i]; });
    const QList<Block> added = blocksOf(match.from.size(), [&match](size_t i) { return match.from[i] < 0; });
    int last = -1;
    const bool isInOrder = std::all_of(match.from.cbegin(), match.from.cend(),
                                       [&last](int from) { return from < 0 || from > std::exchange(last, from); });
    if (isInOrder && gone.size() + added.size() <= mostSingly)
        change(gone, added, rows);
    else
        changeAtOnce(match, rows);
    announceChanged(rows);
}

void RunRowList::change(const QList<Block> &gone, const QList<Block> &added, const QList<RunRowPtr> &rows)
{
    for (auto block = gone.crbegin(); block != gone.crend(); ++block) {
        beginRemoveRows({}, block->first, block->last);
        m_rows.remove(block->first, block->last - block->first + 1);
        endRemoveRows();
    }
    for (const Block &block : added) {
        beginInsertRows({}, block.first, block.last);
        m_rows.insert(block.first, block.last - block.first + 1, RunRowPtr());
        std::copy(rows.cbegin() + block.first, rows.cbegin() + block.last + 1, m_rows.begin() + block.first);
        endInsertRows();
    }
}

// What goes is put behind the rest and removed there, what comes is added there; two changes of the order at most.
void RunRowList::changeAtOnce(const Match &match, const QList<RunRowPtr> &rows)
{
    QList<RunRowPtr> kept;
    QList<RunRowPtr> added;
    QList<RunRowPtr> wanted; // with what they say still
    wanted.reserve(rows.size());
    for (qsizetype i = 0; i < rows.size(); ++i) {
        const int from = match.from[size_t(i)];
        (from < 0 ? added : kept).append(from < 0 ? rows[i] : m_rows.at(from));
        wanted.append(from < 0 ? rows[i] : m_rows.at(from));
    }
    QList<RunRowPtr> gone;
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        if (!match.isKept[size_t(i)])
            gone.append(m_rows.at(i));
    }
    const int rest = int(kept.size());
    if (!gone.isEmpty()) {
        reorder(kept + gone);
        beginRemoveRows({}, rest, int(m_rows.size()) - 1);
        m_rows = kept;
        endRemoveRows();
    }
    if (!added.isEmpty()) {
        beginInsertRows({}, rest, rest + int(added.size()) - 1);
        m_rows.append(added);
        endInsertRows();
    }
    reorder(wanted);
}

void RunRowList::reorder(const QList<RunRowPtr> &rows)
{
    if (m_rows == rows)
        return;
    emit layoutAboutToBeChanged();
    const QModelIndexList from = persistentIndexList();
    QHash<const RunRow *, int> places;
    for (const QModelIndex &index : from)
        places.insert(m_rows[index.row()].get(), -1);
    for (qsizetype i = 0; !places.isEmpty() && i < rows.size(); ++i) {
        if (const auto place = places.find(rows[i].get()); place != places.end())
            *place = int(i);
    }
    QModelIndexList to;
    for (const QModelIndex &index : from)
        to.append(this->index(places.value(m_rows[index.row()].get()), index.column()));
    m_rows = rows;
    changePersistentIndexList(from, to);
    emit layoutChanged();
}

void RunRowList::announceChanged(const QList<RunRowPtr> &rows)
{
    QList<Block> blocks;
    for (qsizetype i = 0; i < rows.size(); ++i) {
        if (m_rows[i] == rows[i])
            continue;
        // A heading is made anew each time; a run has another row only when it says something else.
        const bool isSame = m_rows[i]->kind != RunRow::Kind::Run && *m_rows[i] == *rows[i];
        m_replaced.append(std::exchange(m_rows[i], rows[i]));
        if (isSame)
            continue;
        if (blocks.isEmpty() || blocks.last().last != i - 1)
            blocks.append({int(i), int(i)});
        else
            blocks.last().last = int(i);
    }
    if (blocks.size() > mostSingly)
        blocks = {{blocks.first().first, blocks.last().last}};
    for (const Block &block : std::as_const(blocks))
        emit dataChanged(index(block.first, 0), index(block.last, 0));
    dropSome();
}

void RunRowList::dropSome()
{
    m_replaced.resize(std::max<qsizetype>(0, m_replaced.size() - mostDropped));
    if (!m_replaced.isEmpty())
        QTimer::singleShot(0, this, &RunRowList::dropSome);
}

} // namespace signalbox
