#include "models/items/eventsmodel.h"

#include "models/items/roles.h"

#include <algorithm>

namespace signalbox
{

namespace
{

QDateTime lastOf(const ClusterEvent &event)
{
    return event.last.isValid() ? event.last : event.first;
}

EventRow eventRow(const ClusterEvent &event)
{
    EventRow row;
    row.uid = event.ref.uid;
    row.time = lastOf(event);
    row.isWarning = event.isWarning;
    row.text = event.message.simplified();
    if (row.text.isEmpty())
        row.text = event.reason;
    if (event.count > 1)
        row.text += EventsModel::tr(" (%1 times)").arg(event.count);
    // Many messages do not say whom they are about.
    if (!event.about.name.isEmpty() && !row.text.contains(event.about.name))
        row.text += QStringLiteral(" · ") + event.about.name;
    row.about = event.about.kind + QLatin1Char(' ') + event.about.name;
    return row;
}

} // namespace

QList<EventRow> eventRows(const QHash<QString, ClusterEvent> &events, const QString &ns, int limit)
{
    QList<const ClusterEvent *> chosen;
    for (const ClusterEvent &event : events) {
        if (ns.isEmpty() || event.ref.ns == ns || event.about.ns == ns)
            chosen.append(&event);
    }
    const auto newer = [](const ClusterEvent *a, const ClusterEvent *b) {
        const QDateTime left = lastOf(*a);
        const QDateTime right = lastOf(*b);
        return left != right ? left > right : a->ref.uid < b->ref.uid;
    };
    const auto middle = chosen.begin() + std::min<qsizetype>(limit, chosen.size());
    std::partial_sort(chosen.begin(), middle, chosen.end(), newer);
    QList<EventRow> rows;
    for (auto it = chosen.begin(); it != middle; ++it)
        rows.append(eventRow(**it));
    return rows;
}

int EventsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant EventsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const EventRow &item = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == Message ? item.text : item.time.toString(Qt::ISODate);
    case Qt::AccessibleTextRole:
        return index.column() == Message ? item.about + QStringLiteral(": ") + item.text
                                         : item.time.toString(Qt::ISODate);
    case Qt::ToolTipRole:
        return index.column() == Message ? QVariant(QString(item.about + QLatin1Char('\n') + item.text)) : QVariant();
    case IdRole:
        return item.id();
    case HealthRole:
        if (index.column() != Message)
            return {};
        return static_cast<int>(item.isWarning ? Health::Warning : Health::Ok);
    case TimeRole:
        return index.column() == Time ? QVariant(item.time) : QVariant();
    case FilterRole:
        return QString(item.about + QLatin1Char(' ') + item.text);
    default:
        return {};
    }
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Time ? tr("Time") : tr("Event");
}

} // namespace signalbox
