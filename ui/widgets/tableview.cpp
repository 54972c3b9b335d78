#include "ui/widgets/tableview.h"

#include "models/items/roles.h"
#include "ui/theme/tokens.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>

namespace signalbox
{

TableView::TableView(QWidget *parent)
    : QTableView(parent)
{
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setWordWrap(false);
    setCornerButtonEnabled(false);
    setTabKeyNavigation(false);
    setEditTriggers(NoEditTriggers);
    setSelectionMode(SingleSelection);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setSelectsCells(false);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(20);
    setRowHeight(size::row);
    QHeaderView *header = horizontalHeader();
    header->setFixedHeight(size::tableHeader);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setHighlightSections(false);
    header->setMinimumSectionSize(40);
    header->setSectionsMovable(false);
    connect(this, &QTableView::doubleClicked, this, &TableView::opened);
}

void TableView::setRowHeight(int pixels)
{
    m_rowHeight = pixels;
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(pixels);
    updateGeometry();
}

void TableView::setSelectsCells(bool cells)
{
    m_selectsCells = cells;
    setSelectionBehavior(cells ? SelectItems : SelectRows);
}

void TableView::setStretchColumn(int column)
{
    horizontalHeader()->setSectionResizeMode(column, QHeaderView::Stretch);
}

QString TableView::copyText() const
{
    if (model() == nullptr || selectionModel() == nullptr)
        return {};
    QModelIndexList chosen = selectionModel()->selectedIndexes();
    std::sort(chosen.begin(), chosen.end());
    QString text;
    if (m_selectsCells) {
        for (const QModelIndex &index : std::as_const(chosen))
            text += index.data(CopyRole).toString() + QLatin1Char('\n');
        return text;
    }
    QList<int> columns;
    QStringList head;
    for (int column = 0; column < model()->columnCount(); ++column) {
        if (isColumnHidden(column))
            continue;
        columns.append(column);
        head.append(model()->headerData(column, Qt::Horizontal).toString());
    }
    text = head.join(QLatin1Char('\t')) + QLatin1Char('\n');
    const QModelIndexList rows = selectionModel()->selectedRows();
    for (const QModelIndex &row : rows) {
        QStringList cells;
        for (const int column : std::as_const(columns)) {
            const QModelIndex cell = row.siblingAtColumn(column);
            const QString copied = cell.data(CopyRole).toString();
            cells.append(copied.isEmpty() ? cell.data().toString() : copied);
        }
        text += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return text;
}

QByteArray TableView::saveColumns() const
{
    return horizontalHeader()->saveState();
}

bool TableView::restoreColumns(const QByteArray &state)
{
    return !state.isEmpty() && horizontalHeader()->restoreState(state);
}

void TableView::setFitsRows(bool fits, int maximumRows)
{
    m_fitsRows = fits;
    m_maximumRows = maximumRows;
    if (fits) {
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
        setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    }
    updateGeometry();
}

QSize TableView::sizeHint() const
{
    const int rows = model() != nullptr ? std::min(m_maximumRows, model()->rowCount()) : 0;
    const int header = horizontalHeader()->isHidden() ? 0 : size::tableHeader;
    if (!m_fitsRows)
        return {400, header + 6 * m_rowHeight};
    return {400, header + std::max(1, rows) * m_rowHeight + 2};
}

QSize TableView::minimumSizeHint() const
{
    const int header = horizontalHeader()->isHidden() ? 0 : size::tableHeader;
    return {160, header + 2 * m_rowHeight};
}

void TableView::copy() const
{
    const QString text = copyText();
    if (!text.isEmpty())
        QGuiApplication::clipboard()->setText(text);
}

bool TableView::viewportEvent(QEvent *event)
{
    int row = m_hoveredRow;
    if (event->type() == QEvent::MouseMove)
        row = rowAt(static_cast<QMouseEvent *>(event)->pos().y());
    else if (event->type() == QEvent::Leave || event->type() == QEvent::Wheel)
        row = -1;
    if (row != m_hoveredRow) {
        m_hoveredRow = row;
        viewport()->update();
    }
    return QTableView::viewportEvent(event);
}

void TableView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        copy();
        return;
    }
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && currentIndex().isValid()) {
        emit opened(currentIndex());
        return;
    }
    // Letters and digits belong to the shell (1-8, /, ?), not to a search while typing.
    if (!event->text().isEmpty() && event->text().at(0).isPrint() && event->key() != Qt::Key_Space) {
        event->ignore();
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        event->ignore();
        return;
    }
    QTableView::keyPressEvent(event);
}

void TableView::contextMenuEvent(QContextMenuEvent *event)
{
    const bool isKey = event->reason() == QContextMenuEvent::Keyboard;
    const QModelIndex index = isKey ? currentIndex() : indexAt(event->pos());
    if (!index.isValid())
        return;
    emit menuRequested(index, isKey ? viewport()->mapToGlobal(visualRect(index).bottomLeft()) : event->globalPos());
}

void TableView::focusInEvent(QFocusEvent *event)
{
    QTableView::focusInEvent(event);
    if (!currentIndex().isValid() && model() != nullptr && model()->rowCount() > 0)
        setCurrentIndex(model()->index(0, 0));
}

void TableView::rowsInserted(const QModelIndex &parent, int start, int end)
{
    QTableView::rowsInserted(parent, start, end);
    if (m_fitsRows)
        updateGeometry();
}

} // namespace signalbox
