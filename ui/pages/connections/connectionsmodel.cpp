#include "ui/pages/connections/connectionsmodel.h"

#include "models/items/roles.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "services/pipelines/pipelinefeed.h"
#include "ui/widgets/partlyread.h"
#include "ui/widgets/timetext.h"

namespace signalbox
{

namespace
{

const QList<ClusterKind> kinds = {ClusterKind::Nodes,        ClusterKind::Pods,       ClusterKind::Deployments,
                                  ClusterKind::StatefulSets, ClusterKind::DaemonSets, ClusterKind::ReplicaSets,
                                  ClusterKind::Services};

void describe(ConnectionRow &row, const Freshness &freshness, const QDateTime &now)
{
    row.problem = freshness.error ? freshness.error->message : QString();
    const QString age = ageText(freshness.lastHeard, now, true);
    switch (freshness.state) {
    case Freshness::State::Loading:
        row.health = Health::InProgress;
        row.state = ConnectionsModel::tr("loading");
        break;
    case Freshness::State::Live:
        row.health = Health::Ok;
        row.state = row.config.kind != ConnectionConfig::Kind::Kubernetes && !age.isEmpty()
                        ? ConnectionsModel::tr("%1 old").arg(age)
                        : ConnectionsModel::tr("live");
        break;
    case Freshness::State::Stale:
        row.health = Health::Warning;
        row.state = ConnectionsModel::tr("stale, %1 old").arg(age);
        break;
    case Freshness::State::Failed:
        row.health = Health::Failing;
        row.state = ConnectionsModel::tr("not reachable");
        break;
    case Freshness::State::Denied:
        row.health = Health::Warning;
        row.state = ConnectionsModel::tr("may not be read in full");
        break;
    case Freshness::State::Absent:
        row.health = Health::Unknown;
        row.state = ConnectionsModel::tr("nothing to read");
        break;
    }
}

} // namespace

QList<ConnectionRow> connectionRows(const ConsoleContext &context, const QDateTime &now)
{
    QList<ConnectionRow> rows;
    for (const ConnectionConfig &config : context.connections.connections()) {
        ConnectionRow row;
        row.config = config;
        row.verifiesTls = !config.skipsTlsVerification;
        row.address = config.address;
        row.state = ConnectionsModel::tr("not connected");
        if (const ClusterConnection *cluster = context.clusters.find(config.id)) {
            const ClusterInfo info = cluster->source->info();
            describe(row, cluster->store->worstFreshness(kinds), now);
            row.version = info.version;
            row.user = info.user;
            row.address = info.server;
            row.verifiesTls = info.verifiesTls;
        } else if (const MetricSource *source = context.metrics.find(config.id)) {
            describe(row, source->freshness(), now);
        } else if (context.runs && context.runs->store().server(config.id)) {
            const RunStore &store = context.runs->store();
            describe(row, store.worstOf(config.id), now); // as in the status bar
            if (const QString partly = partlyReadText(store, config.id); !partly.isEmpty()) {
                row.health = Health::Warning;
                row.state = partly;
            }
        }
        rows.append(row);
    }
    return rows;
}

int ConnectionsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ConnectionsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ConnectionRow &item = row(index.row());
    switch (role) {
    case Qt::DisplayRole: {
        const QString tls = item.verifiesTls ? QString() : tr(" · TLS not verified");
        const QString texts[] = {item.config.title, connectionKindLabel(item.config.kind),
                                 item.state + tls,  item.version,
                                 item.user,         item.address};
        const QString &text = texts[index.column()];
        const bool isTold = index.column() == Version || index.column() == User; // by some systems
        return isTold && text.isEmpty() ? QStringLiteral("\u2014") : text;
    }
    case Qt::AccessibleTextRole:
        if (index.column() == Name)
            return QString(item.config.title + QStringLiteral(", ") + healthLabel(item.health) + QStringLiteral(", ") +
                           item.state);
        return data(index, Qt::DisplayRole);
    case SecondLineRole: {
        if (index.column() != Name)
            return {};
        if (hasPipelines(item.config.kind) && !item.config.projects.isEmpty())
            return item.config.projects.join(QStringLiteral(", "));
        if (item.config.kind != ConnectionConfig::Kind::Kubernetes)
            return item.config.address;
        QString text = item.config.context.isEmpty() ? tr("current context") : item.config.context;
        if (!item.config.kubeconfig.isEmpty())
            text += QStringLiteral(" · ") + item.config.kubeconfig;
        if (item.config.isDiscovered)
            text += QStringLiteral(" · ") + tr("found, not saved");
        return text;
    }
    case Qt::ToolTipRole:
        return item.problem;
    case HealthRole:
        return index.column() == Name
                   ? QVariant(static_cast<int>(item.verifiesTls ? item.health : worse(item.health, Health::Warning)))
                   : QVariant();
    case IdRole:
        return item.id();
    default:
        return {};
    }
}

QVariant ConnectionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Name"), tr("Kind"), tr("State"), tr("Version"), tr("User"), tr("Address")};
    return titles[section];
}

} // namespace signalbox
