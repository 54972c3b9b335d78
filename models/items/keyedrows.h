#pragma once

#include <QAbstractTableModel>
#include <QDebug>
#include <QHash>
#include <QList>
#include <QSet>

#include <utility>

namespace signalbox
{

// A table of rows with stable ids that turns a new list into the fewest row signals: gone rows are removed, new ones
// inserted and moved ones moved (runs of neighbours at once), and rows that differ are announced as changed. Never a
// reset. Row needs `QString id() const` and operator==; of rows with one id the first is shown.
template <typename Row>
class KeyedRows : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    const QList<Row> &rows() const { return m_rows; }
    const Row &row(int index) const { return m_rows.at(index); }
    int indexOf(const QString &id) const
    {
        for (qsizetype i = 0; i < m_rows.size(); ++i) {
            if (m_rows[i].id() == id)
                return static_cast<int>(i);
        }
        return -1;
    }

protected:
    void setRows(const QList<Row> &given)
    {
        const QList<Row> rows = withoutDoubles(given);
        removeGone(rows);
        insertAndMove(rows);
        announceChanged(rows);
    }

private:
    // Two rows of one id could be told apart by nobody, nor be moved past each other.
    QList<Row> withoutDoubles(const QList<Row> &given)
    {
        QSet<QString> ids;
        ids.reserve(given.size());
        for (const Row &row : given)
            ids.insert(row.id());
        if (ids.size() == given.size())
            return given;
        if (!std::exchange(m_hasWarned, true)) // not with each poll
            qWarning() << metaObject()->className() << "was given" << given.size() << "rows with" << ids.size()
                       << "ids: of each id only the first is shown";
        QList<Row> rows;
        rows.reserve(ids.size());
        for (const Row &row : given) {
            if (ids.remove(row.id()))
                rows.append(row);
        }
        return rows;
    }

    void removeGone(const QList<Row> &rows)
    {
        QSet<QString> wanted;
        wanted.reserve(rows.size());
        for (const Row &row : rows)
            wanted.insert(row.id());
        for (int last = static_cast<int>(m_rows.size()) - 1; last >= 0; --last) {
            if (wanted.contains(m_rows[last].id()))
                continue;
            int first = last;
            while (first > 0 && !wanted.contains(m_rows[first - 1].id()))
                --first;
            beginRemoveRows({}, first, last);
            m_rows.remove(first, last - first + 1);
            endRemoveRows();
            last = first;
        }
    }

    void insertAndMove(const QList<Row> &rows)
    {
        QSet<QString> known;
        known.reserve(m_rows.size());
        for (const Row &row : std::as_const(m_rows))
            known.insert(row.id());
        for (int at = 0; at < rows.size(); ++at) {
            if (at < m_rows.size() && m_rows[at].id() == rows[at].id())
                continue;
            if (known.contains(rows[at].id())) {
                moveHere(rows[at].id(), at);
                continue;
            }
            int end = at + 1;
            while (end < rows.size() && !known.contains(rows[end].id()))
                ++end;
            beginInsertRows({}, at, end - 1);
            m_rows.insert(at, end - at, Row());
            for (int i = at; i < end; ++i)
                m_rows[i] = rows[i];
            endInsertRows();
            at = end - 1;
        }
    }

    void moveHere(const QString &id, int at)
    {
        int from = at + 1;
        while (from < m_rows.size() && m_rows[from].id() != id)
            ++from;
        if (from >= m_rows.size())
            return;
        beginMoveRows({}, from, from, {}, at);
        m_rows.move(from, at);
        endMoveRows();
    }

    void announceChanged(const QList<Row> &rows)
    {
        for (int i = 0; i < rows.size(); ++i) {
            if (m_rows[i] == rows[i])
                continue;
            int end = i;
            while (end < rows.size() && !(m_rows[end] == rows[end])) {
                m_rows[end] = rows[end];
                ++end;
            }
            emit dataChanged(index(i, 0), index(end - 1, columnCount() - 1));
            i = end;
        }
    }

    QList<Row> m_rows;
    bool m_hasWarned = false; // of doubles
};

} // namespace signalbox
