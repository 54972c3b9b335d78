#pragma once

#include "models/items/runrow.h"

#include <QAbstractTableModel>

#include <vector>

namespace signalbox
{

// Thousands of rows with stable keys that turns a new list into few signals, as KeyedRows does, and into few of them
// where much is other as well: what comes or goes in many places, or in another order, is told at once. Never a reset.
class RunRowList : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_rows.size()); }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 1; }
    const RunRow &row(int index) const { return *m_rows.at(index); }
    int indexOf(const QString &key) const; // -1: none

protected:
    void setRows(const QList<RunRowPtr> &rows);

private:
    struct Block
    {
        int first = 0;
        int last = 0;
    };
    // Which of the rows are the same.
    struct Match
    {
        std::vector<int> from;    // by the new row's place: the old one's; -1: it comes
        std::vector<bool> isKept; // by the old row's place; false: it goes
    };
    Match matched(const QList<RunRowPtr> &rows) const;
    void change(const QList<Block> &gone, const QList<Block> &added, const QList<RunRowPtr> &rows);
    void changeAtOnce(const Match &match, const QList<RunRowPtr> &rows);
    void reorder(const QList<RunRowPtr> &rows);
    void announceChanged(const QList<RunRowPtr> &rows);
    void dropSome();

    QList<RunRowPtr> m_rows;
    QList<RunRowPtr> m_replaced; // rows that nothing shows any more: freeing thousands takes longer than listing them
};

} // namespace signalbox
