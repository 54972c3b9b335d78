#pragma once

#include "models/domain/application.h"
#include "models/items/keyedrows.h"

namespace signalbox
{

// Something the operator should look at, and what can be done about it.
struct AttentionRow
{
    enum class Action { Open, RollBack, Watch };

    QString deployedKey;
    Health health = Health::Warning;
    QString title;
    QString detail;
    QDateTime since;
    Action action = Action::Open;

    QString id() const { return deployedKey; }
    bool operator==(const AttentionRow &) const = default;
};
QString attentionActionLabel(AttentionRow::Action action);

// The worst first: failing, then waiting, warning, in progress.
QList<AttentionRow> attentionRows(const QList<Deployed> &all);

class AttentionModel : public KeyedRows<AttentionRow>
{
    Q_OBJECT
public:
    enum Column { What, Action, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace signalbox
