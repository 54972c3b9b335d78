#pragma once

#include "models/items/diffmodel.h"

#include <QStyledItemDelegate>
#include <QTableView>

class QScrollBar;

namespace signalbox
{

// The lines of a difference, as DiffModel lays them out. Long lines move under one bar of the table's own, both sides
// together. Rows cost nothing until they are painted. Ctrl+C copies the chosen lines: with their signs where they stand
// below each other, else those of the side the cursor is on.
class DiffLines : public QTableView
{
    Q_OBJECT
public:
    explicit DiffLines(QWidget *parent = nullptr);

    void setDiff(DiffModel *diff);
    void setTextScroll(QScrollBar *bar); // borrowed; hidden where nothing is too long
    int textOffset() const;              // px that all text is moved to the left
    void fit();                          // columns and bar, after another difference or layout
    void bringIntoView(const QModelIndex &index, qsizetype letter);
    QString copyText() const;
    int numberWidth() const;

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    int letterWidth() const;
    bool isSideBySide() const;

    DiffModel *m_diff = nullptr;
    QScrollBar *m_bar = nullptr;
};

// Paints one cell: a number, or a text with its sign, what is new in it and what a search found.
class DiffLineDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit DiffLineDelegate(DiffLines *lines);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    static constexpr int rowHeight = 20;
    static constexpr int signWidth = 20; // of the column with + and -, in front of the text

private:
    void paintText(QPainter *painter, const QRect &area, const QModelIndex &index, int kind) const;
    DiffLines *m_lines;
};

} // namespace signalbox
