#include "models/items/attentionmodel.h"

#include "models/domain/health.h"
#include "models/items/releasesmodel.h"
#include "models/items/roles.h"

#include <algorithm>

namespace signalbox
{

QString attentionActionLabel(AttentionRow::Action action)
{
    switch (action) {
    case AttentionRow::Action::Open:
        return AttentionModel::tr("Open");
    case AttentionRow::Action::RollBack:
        return AttentionModel::tr("Roll back...");
    case AttentionRow::Action::Watch:
        return AttentionModel::tr("Watch");
    }
    return {};
}

QList<AttentionRow> attentionRows(const QList<Deployed> &all)
{
    QList<AttentionRow> rows;
    for (const Deployed &deployed : all) {
        const ReleaseCell cell = releaseCell(deployed);
        if (cell.health != Health::Failing && cell.health != Health::Warning && cell.health != Health::Waiting &&
            cell.health != Health::InProgress)
            continue;
        AttentionRow row;
        row.deployedKey = deployed.key();
        row.health = cell.health;
        row.title = QStringLiteral("%1 %2").arg(deployed.application, cell.version).trimmed();
        row.since = cell.since;
        int ready = 0;
        int wanted = 0;
        for (const Track &track : deployed.tracks) {
            ready += track.podsReady;
            wanted += track.podsWanted;
        }
        QStringList parts = {deployed.environment, cell.reason};
        // "0 / 3 ready" is often the reason already.
        const bool saysReady = cell.reason.contains(AttentionModel::tr("ready"));
        if (wanted > 0 && !saysReady)
            parts.append(AttentionModel::tr("%1 of %2 pods ready").arg(ready).arg(wanted));
        parts.removeAll(QString());
        row.detail = parts.join(QStringLiteral(" · "));
        row.action = cell.health == Health::Failing      ? AttentionRow::Action::RollBack
                     : cell.health == Health::InProgress ? AttentionRow::Action::Watch
                                                         : AttentionRow::Action::Open;
        rows.append(row);
    }
    std::stable_sort(rows.begin(), rows.end(), [](const AttentionRow &a, const AttentionRow &b) {
        if (a.health != b.health)
            return a.health > b.health;
        return a.since != b.since ? a.since > b.since : a.deployedKey < b.deployedKey;
    });
    return rows;
}

int AttentionModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AttentionModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const AttentionRow &item = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == What ? item.title : attentionActionLabel(item.action);
    case Qt::AccessibleTextRole:
        if (index.column() == What)
            return QString(item.title + QStringLiteral(", ") + healthLabel(item.health) + QStringLiteral(", ") +
                           item.detail);
        return attentionActionLabel(item.action);
    case SecondLineRole:
        return index.column() == What ? item.detail : QString();
    case Qt::ToolTipRole:
        return index.column() == What ? QString(item.title + QLatin1Char('\n') + item.detail) : QString();
    case HealthRole:
        return index.column() == What ? QVariant(static_cast<int>(item.health)) : QVariant();
    case IdRole:
        return item.id();
    case CopyRole:
        return QString(item.title + QLatin1Char('\t') + healthName(item.health) + QLatin1Char('\t') + item.detail);
    default:
        return {};
    }
}

QVariant AttentionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == What ? tr("What") : tr("Action");
}

} // namespace signalbox
