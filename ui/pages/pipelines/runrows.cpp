#include "ui/pages/pipelines/runrows.h"

#include "ui/pages/pipelines/rundelegate.h"

#include <QAccessible>

namespace signalbox
{

namespace
{

constexpr int mostOneByOne = 64; // rows that changed

} // namespace

RunRows::RunRows(QWidget *parent)
    : RowList(parent)
{
    setUniformItemSizes(false); // headings are lower
    setItemDelegate(new RunDelegate(this));
}

// A row keeps its height whatever it says: what changed is painted again. QListView would lay out all of its rows for
// it (qlistview.cpp, QListModeViewBase::dataChanged).
void RunRows::dataChanged(const QModelIndex &topLeft, const QModelIndex &bottomRight, const QList<int> &roles)
{
    if (bottomRight.row() - topLeft.row() < mostOneByOne) {
        // NOLINTNEXTLINE(bugprone-parent-virtual-call)
        QAbstractItemView::dataChanged(topLeft, bottomRight, roles);
        return;
    }
    // It looks for the place of each of them, and thousands take it longer than a frame (qabstractitemview.cpp).
    viewport()->update();
    if (QAccessible::isActive()) {
        QAccessibleTableModelChangeEvent told(this, QAccessibleTableModelChangeEvent::DataChanged);
        told.setFirstRow(topLeft.row());
        told.setLastRow(bottomRight.row());
        told.setFirstColumn(topLeft.column());
        told.setLastColumn(bottomRight.column());
        QAccessible::updateAccessibility(&told);
    }
}

// The keyboard that comes here chooses nothing: what is shown was chosen, also where the filter hides it.
void RunRows::focusInEvent(QFocusEvent *event)
{
    // QAbstractItemView takes its first row as long as nobody ever set a current one (qabstractitemview.cpp,
    // currentIndexSet); "none" counts as set.
    if (!currentIndex().isValid())
        setCurrentIndex({});
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): RowList's takes its first row
    QListView::focusInEvent(event);
}

} // namespace signalbox
