#pragma once

#include "models/domain/health.h"
#include "models/items/roles.h"
#include "models/stores/ledgertable.h"

#include <QAbstractTableModel>

#include <vector>

namespace signalbox
{

// The entries of a table that a filter takes, newest first. A row is taken apart when it is looked at and not before,
// so that 100,000 of them cost a list of numbers.
class LedgerModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Time, Entry, Where, By, Proof, ColumnCount };
    enum Role {
        RowRole = FirstOwnRole, // qsizetype: place in the table
        CommitRole,             // QString, 40 digits
    };

    using QAbstractTableModel::QAbstractTableModel;

    // `table` is looked at, not kept alive: call it again before it goes. Null: nothing to show.
    void setTable(const LedgerTable *table);
    void setFilter(const LedgerFilter &filter);
    const LedgerFilter &filter() const { return m_filter; }
    // Rows were added at the end of the table: those that the filter takes appear at the top.
    void tableGrew();

    // Where there is no room for columns of their own: the entry's second line begins with who made it, and with
    // application and environment.
    void setInEntry(bool arePlaces, bool arePeople);

    const LedgerTable *table() const { return m_table; }
    qsizetype tableRow(int row) const { return static_cast<qsizetype>(m_shown[static_cast<size_t>(row)]); }
    int rowOf(qsizetype tableRow) const; // -1: the filter does not take it
    const std::vector<quint32> &shown() const { return m_shown; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const LedgerRow &at(int row) const; // the last one is kept: a view asks for many roles of one row
    QString text(const LedgerRow &row, int column) const;
    QString secondLine(const LedgerRow &row, int column) const;

    const LedgerTable *m_table = nullptr;
    LedgerFilter m_filter;
    std::vector<quint32> m_shown;
    bool m_hasPlaces = false;
    bool m_hasPeople = false;
    qsizetype m_known = 0; // rows of the table that were looked at
    mutable int m_cached = -1;
    mutable LedgerRow m_cache;
};

Health healthOf(LedgerProof proof);
// What an entry is about, in short: "8.1.9", "sha256:77b0…e41c".
QString ledgerSubject(const LedgerRow &row);

} // namespace signalbox
