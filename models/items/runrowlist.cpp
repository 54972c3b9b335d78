#include "models/items/runrowlist.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype mostSingly = 16; // signals; each costs a view a look at all its rows

bool isKept(const RunRowPtr &a, const RunRowPtr &b)
{
    return a == b || a->key == b->key;
}

QSet<QString> keysOf(const QList<RunRowPtr> &rows, qsizetype first, qsizetype end)
{
    QSet<QString> keys;
    keys.reserve(end - first);
    for (qsizetype i = first; i < end; ++i)
        keys.insert(rows[i]->key);
    return keys;
}

} // namespace

int RunRowList::indexOf(const QString &key) const
{
    const auto found =
        std::find_if(m_rows.cbegin(), m_rows.cend(), [&key](const RunRowPtr &row) { return row->key == key; });
    return found == m_rows.cend() ? -1 : int(found - m_rows.cbegin());
}

void RunRowList::setRows(const QList<RunRowPtr> &rows)
{
    const qsizetype most = std::min(m_rows.size(), rows.size());
    qsizetype first = 0;
    while (first < most && isKept(m_rows[first], rows[first]))
        ++first;
    qsizetype tail = 0;
    while (tail < most - first && isKept(m_rows[m_rows.size() - 1 - tail], rows[rows.size() - 1 - tail]))
        ++tail;
    const qsizetype oldEnd = m_rows.size() - tail;
    const qsizetype newEnd = rows.size() - tail;
    const QSet<QString> had = keysOf(m_rows, first, oldEnd);
    const QSet<QString> wanted = keysOf(rows, first, newEnd);
    const auto blocksOf = [first](const QList<RunRowPtr> &all, qsizetype end, const QSet<QString> &others) {
        QList<Block> blocks;
        for (qsizetype i = first; i < end; ++i) {
            if (others.contains(all[i]->key))
                continue;
            if (blocks.isEmpty() || blocks.last().last != i - 1)
                blocks.append({int(i), int(i)});
            else
                blocks.last().last = int(i);
        }
        return blocks;
    };
    const QList<Block> gone = blocksOf(m_rows, oldEnd, wanted);
    const QList<Block> added = blocksOf(rows, newEnd, had);
    qsizetype old = first;
    const bool isInOrder = std::all_of(rows.cbegin() + first, rows.cbegin() + newEnd, [&](const RunRowPtr &row) {
        if (!had.contains(row->key))
            return true;
        while (!wanted.contains(m_rows[old]->key))
            ++old;
        return m_rows[old++]->key == row->key;
    });
    if (isInOrder && gone.size() + added.size() <= mostSingly)
        change(gone, added, rows);
    else
        changeAtOnce(rows);
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
void RunRowList::changeAtOnce(const QList<RunRowPtr> &rows)
{
    QHash<QString, RunRowPtr> old;
    old.reserve(m_rows.size());
    for (const RunRowPtr &row : std::as_const(m_rows))
        old.insert(row->key, row);
    QList<RunRowPtr> kept;
    QList<RunRowPtr> added;
    QList<RunRowPtr> wanted; // with what they say still
    for (const RunRowPtr &row : rows) {
        const RunRowPtr was = old.take(row->key);
        (was ? kept : added).append(was ? was : row);
        wanted.append(was ? was : row);
    }
    const int rest = int(kept.size());
    if (!old.isEmpty()) {
        reorder(kept + old.values());
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
        const bool isSame = *m_rows[i] == *rows[i];
        m_rows[i] = rows[i];
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
}

} // namespace signalbox
