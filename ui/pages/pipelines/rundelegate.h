#pragma once

#include <QStyledItemDelegate>

namespace signalbox
{

// A run in the list: its sign, pipeline and number, how long it took; branch, age and trigger below. Or a heading, or
// what asks for older runs.
class RunDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace signalbox
