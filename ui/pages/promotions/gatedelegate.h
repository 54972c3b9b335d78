#pragma once

#include <QStyledItemDelegate>

namespace signalbox
{

// A vendor's gate in the inbox.
class GateDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    static int rowHeight();
    // The gate that is shown in a window of its own, by its key; empty: none is. Where the keyboard is tells the view.
    void setShown(const QString &key) { m_shown = key; }
    const QString &shown() const { return m_shown; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    QString m_shown;
};

} // namespace signalbox
