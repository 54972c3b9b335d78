#pragma once

#include "ui/pages/rollback/rollbackpresenter.h"

#include <QAbstractListModel>
#include <QListView>
#include <QStyledItemDelegate>

namespace signalbox
{

// Where one can go back to, in the presenter's order.
class ChoiceModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { ChoiceRole = Qt::UserRole + 1 };

    using QAbstractListModel::QAbstractListModel;
    // The fewest signals: the same ids in the same order only change.
    void apply(const QList<RollbackChoice> &choices);
    int rowOf(const QString &id) const; // -1: none

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<RollbackChoice> m_choices;
};

// A time line of revisions: dot, version, hash, badges, age; what speaks for or against it below.
class ChoiceDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::RollbackChoice)
