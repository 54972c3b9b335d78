#pragma once

#include <QStyledItemDelegate>

namespace signalbox
{

// A promotion in the inbox, or the heading above some.
class InboxDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintHeading(QPainter *painter, const QRect &area, const QModelIndex &index) const;
    void paintOpen(QPainter *painter, const QRect &area, const QModelIndex &index) const;
    void paintDecided(QPainter *painter, const QRect &area, const QModelIndex &index) const;
};

} // namespace signalbox
