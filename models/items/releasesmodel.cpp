#include "models/items/releasesmodel.h"

#include "models/domain/health.h"
#include "models/domain/sharetext.h"
#include "models/items/filterproxy.h"
#include "models/items/roles.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

QString sharesText(const QList<ReleaseCell::Share> &shares)
{
    QStringList parts;
    for (const ReleaseCell::Share &share : shares)
        parts.append(share.track + QLatin1Char(' ') + shareText(share.share));
    return parts.join(QStringLiteral(", "));
}

bool matches(const ReleaseRow &row, const QStringList &words)
{
    QString text = row.application + QLatin1Char(' ') + row.team;
    for (auto it = row.cells.begin(); it != row.cells.end(); ++it)
        text += QLatin1Char(' ') + it.key() + QLatin1Char(' ') + it->version + QLatin1Char(' ') + it->hash +
                QLatin1Char(' ') + it->reason + QLatin1Char(' ') + healthName(it->health);
    return std::all_of(words.begin(), words.end(),
                       [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

void sortRows(QList<ReleaseRow> &rows, ReleasesModel::Order order)
{
    std::stable_sort(rows.begin(), rows.end(), [order](const ReleaseRow &a, const ReleaseRow &b) {
        if (order == ReleasesModel::Order::ByTeam && a.team != b.team) {
            if (a.team.isEmpty() != b.team.isEmpty())
                return b.team.isEmpty(); // those without a team last
            return compareNaturally(a.team, b.team) < 0;
        }
        if (order == ReleasesModel::Order::ByState && a.worst() != b.worst())
            return a.worst() > b.worst();
        return compareNaturally(a.application, b.application) < 0;
    });
}

QList<ReleaseRow> withHeadings(const QList<ReleaseRow> &rows)
{
    QList<ReleaseRow> result;
    for (const ReleaseRow &row : rows) {
        if (result.isEmpty() || result.last().team != row.team) {
            ReleaseRow heading;
            heading.team = row.team;
            result.append(heading);
        }
        result.append(row);
    }
    return result;
}

QString wayBackText(const Readiness &readiness)
{
    QString text = readiness.to.isEmpty() ? ReleasesModel::tr("Way back: %1").arg(readiness.reason)
                                          : ReleasesModel::tr("Way back to %1: %2").arg(readiness.to, readiness.reason);
    if (!readiness.wayOut.isEmpty())
        text += QStringLiteral(" → ") + readiness.wayOut;
    return text;
}

// "3 ahead of production", "the same commit as in production".
QString aheadText(const ReleaseCell &cell)
{
    if (!cell.ahead)
        return {};
    QStringList words;
    if (cell.ahead->ahead > 0)
        words << ReleasesModel::tr("%1 ahead of %2").arg(cell.ahead->ahead).arg(cell.aheadOf);
    if (cell.ahead->behind > 0)
        words << ReleasesModel::tr("%1 behind %2").arg(cell.ahead->behind).arg(cell.aheadOf);
    return words.isEmpty() ? ReleasesModel::tr("the same commit as in %1").arg(cell.aheadOf)
                           : ReleasesModel::tr("commits: %1").arg(words.join(QStringLiteral(", ")));
}

QString aheadSign(const std::optional<Distance> &distance)
{
    if (!distance)
        return {};
    QStringList words;
    if (distance->ahead > 0)
        words << QStringLiteral("▸ %1").arg(distance->ahead);
    if (distance->behind > 0)
        words << QStringLiteral("◂ %1").arg(distance->behind);
    return words.isEmpty() ? QStringLiteral("=") : words.join(QLatin1Char(' '));
}

} // namespace

ReleaseCell releaseCell(const Deployed &deployed)
{
    ReleaseCell cell;
    cell.deployedKey = deployed.key();
    cell.health = deployed.health;
    cell.since = deployed.since;
    cell.reason = deployed.state;
    cell.isStale = !deployed.freshness.isLive();
    cell.isProtected = deployed.isProtected;
    if (deployed.tracks.isEmpty())
        return cell;
    const Track &live = deployed.tracks.first();
    cell.version = live.version;
    cell.hash = live.templateHash.left(7);
    if (live.since.isValid()) // of the version beside it: another track's may be newer
        cell.since = live.since;
    for (const Track &track : deployed.tracks) {
        if (track.share && !track.name.isEmpty())
            cell.shares.append({track.name, *track.share});
    }
    // In the same order wherever it is drawn: the standing track first.
    std::stable_sort(cell.shares.begin(), cell.shares.end(),
                     [](const auto &a, const auto &b) { return a.track < b.track; });
    if (cell.reason.isEmpty() && deployed.tracks.size() > 1) {
        for (qsizetype i = 1; i < deployed.tracks.size(); ++i) {
            const Track &other = deployed.tracks[i];
            if (other.share && *other.share > 0 && *other.share < 1) {
                cell.reason = ReleasesModel::tr("%1 %2 at %3").arg(other.name, other.version, shareText(*other.share));
                cell.health = worse(cell.health, Health::InProgress);
                break;
            }
        }
    }
    return cell;
}

bool ReleaseRow::needsAttention() const
{
    return std::any_of(cells.begin(), cells.end(), [](const ReleaseCell &cell) { return cell.needsAttention(); });
}

Health ReleaseRow::worst() const
{
    Health result = Health::NotStarted;
    for (const ReleaseCell &cell : cells)
        result = worse(result, cell.health);
    return result;
}

void ReleasesModel::setAllRead(bool isAllRead)
{
    if (std::exchange(m_isAllRead, isAllRead) == isAllRead || rowCount() == 0 || m_environments.isEmpty())
        return;
    emit dataChanged(index(0, FirstEnvironment), index(rowCount() - 1, columnCount() - 1), {AbsentRole});
}

void ReleasesModel::show(const QList<Deployed> &all, const QStringList &environments, Order order, bool onlyAttention,
                         const QString &filter)
{
    QMap<QString, ReleaseRow> byApplication;
    for (const Deployed &deployed : all) {
        const qsizetype place = environments.indexOf(deployed.environment);
        ReleaseRow &row = byApplication[deployed.application];
        row.application = deployed.application;
        if (row.team.isEmpty())
            row.team = deployed.team;
        ReleaseCell cell = releaseCell(deployed);
        if (const auto readiness = m_readinessOf ? m_readinessOf(cell.deployedKey) : std::nullopt) {
            cell.wayBack = cell.isStale ? Health::Unknown : readiness->light; // nor does it know what moved since
            cell.wayBackText = wayBackText(*readiness);
        }
        if (m_aheadOf && place >= 0 && place + 1 < environments.size()) {
            cell.ahead = m_aheadOf(deployed.application, deployed.environment);
            cell.aheadOf = cell.ahead ? environments.at(place + 1) : QString();
        }
        row.cells.insert(deployed.environment, cell);
    }
    m_applications = static_cast<int>(byApplication.size());
    const QStringList words = filter.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    QList<ReleaseRow> rows;
    for (const ReleaseRow &row : std::as_const(byApplication)) {
        if ((!onlyAttention || row.needsAttention()) && matches(row, words))
            rows.append(row);
    }
    sortRows(rows, order);
    setEnvironments(environments);
    setRows(order == Order::ByTeam ? withHeadings(rows) : rows);
}

void ReleasesModel::setEnvironments(const QStringList &environments)
{
    for (int i = static_cast<int>(m_environments.size()) - 1; i >= 0; --i) {
        if (environments.contains(m_environments[i]))
            continue;
        beginRemoveColumns({}, FirstEnvironment + i, FirstEnvironment + i);
        m_environments.removeAt(i);
        endRemoveColumns();
    }
    for (int i = 0; i < environments.size(); ++i) {
        if (i < m_environments.size() && m_environments[i] == environments[i])
            continue;
        const int from = static_cast<int>(m_environments.indexOf(environments[i]));
        if (from >= 0) {
            beginMoveColumns({}, FirstEnvironment + from, FirstEnvironment + from, {}, FirstEnvironment + i);
            m_environments.move(from, i);
            endMoveColumns();
        } else {
            beginInsertColumns({}, FirstEnvironment + i, FirstEnvironment + i);
            m_environments.insert(i, environments[i]);
            endInsertColumns();
        }
    }
}

int ReleasesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : FirstEnvironment + static_cast<int>(m_environments.size());
}

QVariant ReleasesModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ReleaseRow &item = row(index.row());
    if (role == HeadingRole)
        return item.isHeading();
    if (role == LinesRole) {
        bool hasBoth = false;
        for (const ReleaseCell &cell : item.cells)
            hasBoth = hasBoth || (!cell.reason.isEmpty() && !cell.shares.isEmpty());
        return item.isHeading() ? 0 : hasBoth ? 3 : 2;
    }
    if (index.column() == Application)
        return applicationData(item, role);
    return cellData(item, environmentOf(index.column()), role);
}

QVariant ReleasesModel::applicationData(const ReleaseRow &item, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case CopyRole:
        if (item.isHeading())
            return item.team.isEmpty() ? tr("no team") : item.team;
        return item.application;
    case Qt::AccessibleTextRole:
        if (item.isHeading())
            return tr("Team %1").arg(item.team.isEmpty() ? tr("not named") : item.team);
        return QString(item.application + QStringLiteral(", ") + healthLabel(item.worst()));
    case SecondLineRole:
        return item.isHeading() ? QString() : item.team;
    case IdRole:
        return item.id();
    default:
        return {};
    }
}

QVariant ReleasesModel::cellData(const ReleaseRow &item, const QString &environment, int role) const
{
    const auto it = item.cells.constFind(environment);
    if (it == item.cells.constEnd()) {
        if (role == Qt::AccessibleTextRole && !item.isHeading())
            return tr("not in %1").arg(environment);
        if (role == AbsentRole && !item.isHeading() && m_isAllRead)
            return tr("— not deployed");
        return {};
    }
    const ReleaseCell &cell = *it;
    switch (role) {
    case Qt::DisplayRole:
        return cell.version;
    case Qt::AccessibleTextRole: {
        QStringList parts = {
            environment, cell.version, healthLabel(cell.health), cell.reason, sharesText(cell.shares), aheadText(cell)};
        parts.removeAll(QString());
        return parts.join(QStringLiteral(", "));
    }
    case Qt::ToolTipRole: {
        QString tip = environment + QStringLiteral(": ") + cell.version + QLatin1Char(' ') + cell.hash +
                      QStringLiteral("\n") + healthLabel(cell.health);
        if (!cell.reason.isEmpty())
            tip += QStringLiteral(": ") + cell.reason;
        if (!cell.shares.isEmpty())
            tip += QStringLiteral("\n") + sharesText(cell.shares);
        if (cell.ahead)
            tip += QStringLiteral("\n") + aheadText(cell);
        if (cell.wayBack)
            tip += QStringLiteral("\n") + cell.wayBackText;
        return tip;
    }
    case CopyRole:
        return QString(item.application + QLatin1Char('\t') + environment + QLatin1Char('\t') + cell.version +
                       QLatin1Char('\t') + cell.hash + QLatin1Char('\t') + healthName(cell.health) + QLatin1Char('\t') +
                       cell.reason);
    case HashRole:
        return cell.hash;
    case HealthRole:
        return static_cast<int>(cell.health);
    case TimeRole:
        return cell.since;
    case KeyRole:
        return cell.deployedKey;
    case ReasonRole:
        return cell.reason;
    case SharesRole: {
        QVariantList list;
        for (const ReleaseCell::Share &share : cell.shares)
            list.append(QVariant(QVariantList{share.track, share.share}));
        return list;
    }
    case AheadRole:
        return aheadSign(cell.ahead);
    case StaleRole:
        return cell.isStale;
    case WayBackRole:
        return cell.wayBack ? QVariant(static_cast<int>(*cell.wayBack)) : QVariant();
    default:
        return {};
    }
}

QVariant ReleasesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == TracksRole) {
        QSet<QString> names;
        const QString environment = environmentOf(section);
        for (const ReleaseRow &item : rows()) {
            for (const ReleaseCell::Share &share : item.cells.value(environment).shares)
                names.insert(share.track);
        }
        QStringList sorted = names.values();
        sorted.sort();
        return sorted;
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Application ? tr("Application") : environmentOf(section);
}

Qt::ItemFlags ReleasesModel::flags(const QModelIndex &index) const
{
    if (index.isValid() && row(index.row()).isHeading())
        return Qt::ItemNeverHasChildren;
    return QAbstractTableModel::flags(index);
}

} // namespace signalbox
