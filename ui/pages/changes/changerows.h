#pragma once

#include <QListView>
#include <QStyledItemDelegate>

namespace signalbox
{

// One commit: its hash, what it says, by whom and when, what it merged or took back, and its lines once they are
// counted.
class CommitDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    static constexpr int rowHeight = 50;
};

// One file: how it changed, its path with the name never cut off, and its lines.
class ChangedFileDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    static constexpr int rowHeight = 30;
};

// A list as the screens want it: rows of one height, hover, arrows; Enter opens, Ctrl+C copies CopyRole, letters go on
// to the shell.
class RowList : public QListView
{
    Q_OBJECT
public:
    explicit RowList(QWidget *parent = nullptr);

signals:
    void opened(const QModelIndex &index); // Enter or double click

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
};

} // namespace signalbox
