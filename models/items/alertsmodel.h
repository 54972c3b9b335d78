#pragma once

#include "models/domain/metric.h"
#include "models/items/keyedrows.h"

namespace signalbox
{

// An active alert, or a rule that has none.
struct AlertRow
{
    QString key;
    QString name;
    Health health = Health::Unknown; // failing: fires; warning: pending or cannot be evaluated; ok: silent
    QString state;                   // "firing" "pending" "silent" "broken"
    QString labels;                  // "slot=green severity=page"
    QDateTime since;
    QString value; // as the source gives it
    QString summary;

    QString id() const { return key; }
    bool operator==(const AlertRow &) const = default;
};

// Firing first, then pending, then rules that cannot be evaluated, then the silent ones; longest first.
QList<AlertRow> alertRows(const QList<Alert> &alerts, const QList<AlertRule> &rules);

class AlertsModel : public KeyedRows<AlertRow>
{
    Q_OBJECT
public:
    enum Column { Name, State, Since, Value, Details, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace signalbox
