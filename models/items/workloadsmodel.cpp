#include "models/items/workloadsmodel.h"

#include "models/domain/health.h"
#include "models/items/roles.h"

#include <algorithm>

namespace signalbox
{

namespace
{

QString versionOf(const Workload &workload)
{
    const QString label = workload.podLabels.value(QStringLiteral("app.kubernetes.io/version"));
    if (!label.isEmpty())
        return label;
    if (!workload.images.isEmpty()) {
        const QString tag = imageTag(workload.images.first().image);
        if (!tag.isEmpty())
            return tag;
        const QString digest = imageDigest(workload.images.first().image);
        if (!digest.isEmpty())
            return digest.section(QLatin1Char(':'), 1).left(7);
    }
    return workload.templateHash.left(7);
}

QString readyText(const WorkloadRow &row)
{
    const auto figure = [](int count) { return count < 0 ? QStringLiteral("?") : QString::number(count); };
    return figure(row.ready) + QStringLiteral(" / ") + figure(row.desired);
}

} // namespace

QString managerLabel(const Manager &manager)
{
    switch (manager.kind) {
    case Manager::Kind::ArgoCd:
        return QStringLiteral("Argo CD");
    case Manager::Kind::Flux:
        return QStringLiteral("Flux");
    case Manager::Kind::Helm:
        return QStringLiteral("Helm");
    case Manager::Kind::Rollouts:
        return QStringLiteral("Argo Rollouts");
    case Manager::Kind::Flagger:
        return QStringLiteral("Flagger");
    case Manager::Kind::Autoscaler:
    case Manager::Kind::Other:
        break;
    }
    return manager.name;
}

// A step back makes the kept revision the newest again, so that what should run is the one with the highest number:
// "Revision" of ControllerRevision in the Kubernetes API reference.
QHash<QString, qint64> newestRevisions(const QHash<QString, Revision> &revisions)
{
    QHash<QString, qint64> newest;
    for (const Revision &revision : revisions) {
        qint64 &number = newest[revision.ownerUid];
        number = std::max(number, revision.number);
    }
    return newest;
}

WorkloadRow workloadRow(const Workload &workload, qint64 newest)
{
    WorkloadRow row;
    row.ref = workload.ref;
    row.kind = workload.ref.kind;
    row.ready = workload.ready;
    row.desired = workload.desired;
    row.version = versionOf(workload);
    row.health = workload.health;
    row.isPaused = workload.isPaused;
    row.state = workload.state;
    const QString revision = workload.revision.isEmpty() && newest > 0 ? QString::number(newest) : workload.revision;
    if (row.state.isEmpty() && !revision.isEmpty())
        row.state = WorkloadsModel::tr("rev %1").arg(revision);
    else if (row.state.isEmpty() && workload.health == Health::Ok)
        row.state = WorkloadsModel::tr("rolled out");
    QStringList names;
    for (const Manager &manager : workload.managers)
        names.append(managerLabel(manager));
    names.removeDuplicates();
    row.managers = names.join(QStringLiteral(", "));
    return row;
}

int WorkloadsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant WorkloadsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const WorkloadRow &item = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole: {
        if (role == Qt::AccessibleTextRole && index.column() == Name)
            return QString(item.ref.name + QStringLiteral(", ") + healthLabel(item.health));
        const QString texts[] = {item.ref.name, item.ref.ns, item.kind,    readyText(item),
                                 item.version,  item.state,  item.managers};
        return texts[index.column()];
    }
    case Qt::ToolTipRole:
        if (index.column() == Name)
            return QString(item.ref.ns + QLatin1Char('/') + item.ref.name + QStringLiteral(": ") +
                           healthLabel(item.health));
        return {};
    case IdRole:
        return item.id();
    case HealthRole:
        return index.column() == Name ? QVariant(static_cast<int>(item.health)) : QVariant();
    case SortRole:
        if (index.column() == State)
            return -static_cast<int>(item.health);
        if (index.column() == Ready)
            return item.desired <= 0 ? 1.0 : static_cast<double>(item.ready) / item.desired;
        return data(index, Qt::DisplayRole);
    case FilterRole:
        return QString(item.ref.ns + QLatin1Char(' ') + item.ref.name + QLatin1Char(' ') + item.kind +
                       QLatin1Char(' ') + item.version + QLatin1Char(' ') + item.state + QLatin1Char(' ') +
                       item.managers + QLatin1Char(' ') + healthName(item.health));
    case CopyRole:
        return data(index, Qt::DisplayRole);
    default:
        return {};
    }
}

QVariant WorkloadsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section >= ColumnCount)
        return {};
    const QString titles[] = {tr("Name"),    tr("Namespace"), tr("Kind"),      tr("Ready"),
                              tr("Version"), tr("State"),     tr("Managed by")};
    return titles[section];
}

} // namespace signalbox
