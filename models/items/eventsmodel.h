#pragma once

#include "models/domain/cluster.h"
#include "models/items/keyedrows.h"

namespace signalbox
{

struct EventRow
{
    QString uid;
    QDateTime time;
    bool isWarning = false;
    QString text;  // message, and how often
    QString about; // "Pod web-1"

    QString id() const { return uid; }
    bool operator==(const EventRow &) const = default;
};

// Newest first, at most `limit`.
QList<EventRow> eventRows(const QHash<QString, ClusterEvent> &events, const QString &ns, int limit);

class EventsModel : public KeyedRows<EventRow>
{
    Q_OBJECT
public:
    enum Column { Time, Message, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace signalbox
