#pragma once

#include "models/domain/health.h"
#include "ui/pages/drills/drillspresenter.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>

namespace signalbox
{

// How a verdict looks: sign and tone.
Health healthOf(DrillVerdict verdict);

// The drills, in the yard's order.
class DrillListModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { RowRole = Qt::UserRole + 1 };

    using QAbstractListModel::QAbstractListModel;
    void apply(const QList<DrillRow> &rows); // the same drills only change
    int rowOf(const QString &drill) const;   // -1: none

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<DrillRow> m_rows;
};

// Sign of the last attempt, title, best time; the application and how often it was tried below.
class DrillDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace signalbox
