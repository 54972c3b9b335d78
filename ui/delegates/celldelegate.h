#pragma once

#include "ui/theme/tokens.h"

#include <QStyledItemDelegate>

namespace signalbox
{

// Draws a cell from roles (models/items/roles.h) and nothing else: ground for hover and selection, a hairline below,
// the focus ring of the current cell, then sign, text and second line.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    enum class Style {
        Name,   // sign, strong text, soft second line
        Plain,  // text
        Soft,   // what explains
        Figure, // monospaced
        Badge,  // text as a badge in the tone of the row's health
        Time,   // clock time of TimeRole, monospaced
        Age,    // age of TimeRole, right
    };

    explicit CellDelegate(Style style, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;

protected:
    // `area` is the cell without its margins.
    virtual void paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const;
    // Width the content asks for, without margins.
    virtual int wantedWidth(const QModelIndex &index) const;

    static constexpr int margin = 14;

private:
    void paintGround(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;

    Style m_style;
};

} // namespace signalbox
