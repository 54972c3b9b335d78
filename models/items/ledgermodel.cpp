#include "models/items/ledgermodel.h"

#include "models/policy/records.h"

#include <algorithm>

namespace signalbox
{

Health healthOf(LedgerProof proof)
{
    switch (proof) {
    case LedgerProof::Good:
        return Health::Ok;
    case LedgerProof::Pending:
        return Health::Waiting;
    case LedgerProof::NotSigned:
        return Health::Unknown;
    case LedgerProof::Bad:
        return Health::Failing;
    case LedgerProof::Checking:
        break;
    }
    return Health::InProgress;
}

QString ledgerSubject(const LedgerRow &row)
{
    return row.version.isEmpty() ? policy::shortDigest(row.digest) : row.version;
}

void LedgerModel::setTable(const LedgerTable *table)
{
    beginResetModel();
    m_table = table;
    m_cached = -1;
    m_shown = table ? table->find(m_filter) : std::vector<quint32>();
    m_known = table ? table->size() : 0;
    endResetModel();
}

void LedgerModel::setFilter(const LedgerFilter &filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    setTable(m_table);
}

void LedgerModel::tableGrew()
{
    if (m_table == nullptr)
        return;
    const std::vector<quint32> more = m_table->find(m_filter, m_known);
    m_known = m_table->size();
    if (more.empty())
        return;
    beginInsertRows({}, 0, static_cast<int>(more.size()) - 1);
    m_cached = -1;
    m_shown.insert(m_shown.begin(), more.begin(), more.end());
    endInsertRows();
}

void LedgerModel::setInEntry(bool arePlaces, bool arePeople)
{
    if (arePlaces == m_hasPlaces && arePeople == m_hasPeople)
        return;
    m_hasPlaces = arePlaces;
    m_hasPeople = arePeople;
    if (rowCount() > 0)
        emit dataChanged(index(0, Entry), index(rowCount() - 1, Entry), {SecondLineRole});
}

int LedgerModel::rowOf(qsizetype tableRow) const
{
    // From high to low.
    const auto found =
        std::lower_bound(m_shown.begin(), m_shown.end(), static_cast<quint32>(tableRow), std::greater<>());
    return found != m_shown.end() && *found == tableRow ? static_cast<int>(found - m_shown.begin()) : -1;
}

const LedgerRow &LedgerModel::at(int row) const
{
    if (row != m_cached) {
        m_cache = m_table->row(tableRow(row));
        m_cached = row;
    }
    return m_cache;
}

int LedgerModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int LedgerModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString LedgerModel::text(const LedgerRow &row, int column) const
{
    switch (column) {
    case Time:
        return row.time().toString(Qt::ISODate);
    case Entry:
        return ledgerTitle(row);
    case Where:
        return row.application;
    case By:
        return row.person();
    case Proof:
        return ledgerProofText(row.proof);
    default:
        return {};
    }
}

QString LedgerModel::secondLine(const LedgerRow &row, int column) const
{
    switch (column) {
    case Entry: {
        QStringList parts{ledgerSubject(row), row.words.simplified()};
        if (m_hasPlaces)
            parts = QStringList{row.application, row.environment} + parts;
        if (m_hasPeople)
            parts.prepend(row.person());
        parts.removeAll(QString());
        return parts.join(QStringLiteral(" · "));
    }
    case Where:
        return row.environment;
    case By:
        return row.signer.isEmpty() ? (row.author.isEmpty() ? QString() : tr("says the entry")) : row.key;
    case Proof:
        return row.reason;
    default:
        return {};
    }
}

QVariant LedgerModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || m_table == nullptr || index.row() >= rowCount())
        return {};
    const LedgerRow &row = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case SecondLineRole:
        return secondLine(row, index.column());
    case Qt::AccessibleTextRole: {
        const QString second = secondLine(row, index.column());
        const QString first = text(row, index.column());
        return second.isEmpty() ? first : QStringLiteral("%1, %2").arg(first, second);
    }
    case Qt::ToolTipRole:
        if (index.column() == Proof)
            return row.reason;
        return index.column() == Entry ? row.words : QString();
    case HealthRole:
        return index.column() == Proof ? QVariant(static_cast<int>(healthOf(row.proof))) : QVariant();
    case TimeRole:
        return index.column() == Time ? QVariant(row.time()) : QVariant();
    case IdRole:
        return row.commit;
    case CommitRole:
        return row.commit;
    case RowRole:
        return QVariant::fromValue<qlonglong>(tableRow(index.row()));
    default:
        return {};
    }
}

QVariant LedgerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    const QString titles[] = {tr("Time"), tr("Entry"), tr("Where"), tr("By"), tr("Proof")};
    return titles[section];
}

} // namespace signalbox
