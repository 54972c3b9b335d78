// What keys and mouse do to the rows of a log.
#include "ui/widgets/loglinesview.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>

namespace signalbox
{

void LogLinesView::pressedAt(int, bool) {}

bool LogLinesView::pressed(QKeyEvent *)
{
    return false;
}

void LogLinesView::keyPressEvent(QKeyEvent *event)
{
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const int page = verticalScrollBar()->pageStep();
    const int from = m_cursor >= 0 ? rowOf(m_cursor) : firstVisibleLine();
    if (pressed(event)) {
        event->accept();
    } else if (event->matches(QKeySequence::Copy)) {
        copy();
    } else if (event->matches(QKeySequence::SelectAll)) {
        selectAll();
    } else if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
        select(from + (event->key() == Qt::Key_Down ? 1 : -1), extend);
    } else if (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown) {
        select(from + (event->key() == Qt::Key_PageDown ? page : -page), extend);
    } else if (event->key() == Qt::Key_Home) {
        select(0, extend);
    } else if (event->key() == Qt::Key_End) {
        select(rowCount() - 1, extend);
        setFollows(true);
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        QScrollBar *bar = horizontalScrollBar();
        bar->setValue(bar->value() + (event->key() == Qt::Key_Right ? bar->singleStep() : -bar->singleStep()));
    } else {
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    if (rowCount() > 0)
        emit touched();
}

void LogLinesView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || rowCount() == 0)
        return;
    const int row = rowAt(event->pos());
    select(row, event->modifiers().testFlag(Qt::ShiftModifier));
    pressedAt(row, event->pos().x() < gutterWidth() + mostIndented * 2 * m_charWidth + foldWidth);
    emit touched();
}

void LogLinesView::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons().testFlag(Qt::LeftButton) && rowCount() > 0)
        select(rowAt(event->pos()), true);
}

} // namespace signalbox
