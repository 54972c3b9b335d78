#pragma once

#include <QTableView>

#include <functional>

namespace signalbox
{

// A table as every screen wants it: rows of one height without a grid, hover, arrows and Enter, Ctrl+C copies the
// selected rows as tab-separated text, columns sort by click. Cells are drawn by CellDelegate or one of its kind.
class TableView : public QTableView
{
    Q_OBJECT
public:
    explicit TableView(QWidget *parent = nullptr);

    void setRowHeight(int pixels);
    int hoveredRow() const { return m_hoveredRow; }
    // Whole rows (the default) or single cells.
    void setSelectsCells(bool cells);
    bool selectsCells() const { return m_selectsCells; }
    // A column that takes what is left; the others keep their width.
    void setStretchColumn(int column);

    QString copyText() const; // of the selection, with a header line
    QByteArray saveColumns() const;
    bool restoreColumns(const QByteArray &state);
    // Grows with its rows instead of scrolling, at most to `maximumRows`.
    void setFitsRows(bool fits, int maximumRows = 1000);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public slots:
    void copy() const;

signals:
    void opened(const QModelIndex &index); // Enter or double click
    void menuRequested(const QModelIndex &index, const QPoint &globalPosition);

protected:
    bool viewportEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void rowsInserted(const QModelIndex &parent, int start, int end) override;

private:
    int m_hoveredRow = -1;
    int m_rowHeight = 36;
    int m_maximumRows = 1000;
    bool m_selectsCells = false;
    bool m_fitsRows = false;
};

} // namespace signalbox
