#include "models/items/alertsmodel.h"

#include "models/items/roles.h"

#include <algorithm>

namespace signalbox
{
namespace
{

QString labelsText(const Labels &labels)
{
    QStringList parts;
    for (auto it = labels.begin(); it != labels.end(); ++it) {
        if (it.key() != u"alertname")
            parts.append(it.key() + u'=' + it.value());
    }
    return parts.join(u' ');
}

QString summaryOf(const Labels &annotations)
{
    for (const char *name : {"summary", "description", "message"}) {
        if (const QString text = annotations.value(QLatin1String(name)); !text.isEmpty())
            return text.simplified();
    }
    return {};
}

// "5e-01" reads better as 0.5; what is no number stays as it came.
QString valueOf(const QString &text)
{
    bool isNumber = false;
    const double value = text.toDouble(&isNumber);
    return isNumber && !text.contains(u'n', Qt::CaseInsensitive) ? QString::number(value, 'g', 4) : text;
}

AlertRow activeRow(const Alert &alert)
{
    AlertRow row;
    row.name = alert.name;
    row.labels = labelsText(alert.labels);
    row.key = QStringLiteral("alert ") + alert.name + u' ' + row.labels;
    switch (alert.state) {
    case Alert::State::Firing:
        row.health = Health::Failing;
        row.state = AlertsModel::tr("firing");
        break;
    case Alert::State::Pending:
        row.health = Health::Warning;
        row.state = AlertsModel::tr("pending");
        break;
    case Alert::State::Unknown:
    case Alert::State::Inactive:
        row.health = Health::Unknown;
        row.state = AlertsModel::tr("unknown");
        break;
    }
    row.since = alert.activeAt;
    row.value = valueOf(alert.value);
    row.summary = summaryOf(alert.annotations);
    return row;
}

AlertRow ruleRow(const AlertRule &rule)
{
    AlertRow row;
    row.key = QStringLiteral("rule ") + rule.group + u' ' + rule.name + u' ' + labelsText(rule.labels);
    row.name = rule.name;
    row.labels = labelsText(rule.labels);
    if (rule.health == u"err") {
        row.health = Health::Warning;
        row.state = AlertsModel::tr("broken");
        row.summary = AlertsModel::tr("Cannot be evaluated: %1").arg(rule.lastError);
        row.since = rule.lastEvaluation;
    } else if (rule.health == u"ok" && rule.state == Alert::State::Unknown) {
        row.health = Health::Unknown; // whatever it is, it is not known to be calm
        row.state = AlertsModel::tr("unknown");
        row.summary = rule.expression.simplified();
    } else {
        row.health = rule.health == u"ok" ? Health::Ok : Health::Unknown;
        row.state = rule.health == u"ok" ? AlertsModel::tr("silent") : AlertsModel::tr("not evaluated");
        row.summary = rule.expression.simplified();
    }
    return row;
}

int rank(const AlertRow &row)
{
    if (row.health == Health::Failing)
        return 0;
    if (row.key.startsWith(u"alert"))
        return 1;
    return row.health == Health::Warning ? 2 : 3;
}

} // namespace

QList<AlertRow> alertRows(const QList<Alert> &alerts, const QList<AlertRule> &rules)
{
    QList<AlertRow> rows;
    QSet<QString> active;
    for (const Alert &alert : alerts) {
        if (alert.state == Alert::State::Inactive)
            continue;
        rows.append(activeRow(alert));
        active.insert(alert.name);
    }
    for (const AlertRule &rule : rules) {
        if (rule.health == u"err" || !active.contains(rule.name))
            rows.append(ruleRow(rule));
    }
    // A source may list an alert twice (replicas): ids stay unique.
    QSet<QString> seen;
    rows.removeIf([&seen](const AlertRow &row) {
        const bool isKnown = seen.contains(row.key);
        seen.insert(row.key);
        return isKnown;
    });
    std::stable_sort(rows.begin(), rows.end(), [](const AlertRow &a, const AlertRow &b) {
        const int left = rank(a);
        const int right = rank(b);
        if (left != right)
            return left < right;
        return left < 2 && a.since != b.since ? a.since < b.since : a.name < b.name;
    });
    return rows;
}

int AlertsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AlertsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const AlertRow &item = row(index.row());
    const QString texts[] = {item.name, item.state, item.since.toString(Qt::ISODate), item.value, item.summary};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return texts[index.column()];
    case Qt::ToolTipRole:
        return index.column() == Details || index.column() == Name
                   ? item.name + u'\n' + item.labels + u'\n' + item.summary
                   : QString();
    case IdRole:
        return item.id();
    case HealthRole:
        return index.column() == Name || index.column() == State ? QVariant(static_cast<int>(item.health)) : QVariant();
    case SecondLineRole:
        return index.column() == Name ? item.labels : QString();
    case TimeRole:
        return index.column() == Since ? QVariant(item.since) : QVariant();
    case SortRole:
        if (index.column() == State)
            return rank(item);
        return index.column() == Since ? QVariant(item.since) : QVariant(texts[index.column()]);
    case FilterRole:
        return QString(item.name + u' ' + item.state + u' ' + item.labels + u' ' + item.summary);
    case DimmedRole:
        return item.health == Health::Ok;
    default:
        return {};
    }
}

QVariant AlertsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Alert");
    case State:
        return tr("State");
    case Since:
        return tr("Since");
    case Value:
        return tr("Value");
    default:
        return tr("What it says");
    }
}

} // namespace signalbox
