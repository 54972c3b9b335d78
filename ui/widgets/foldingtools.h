#pragma once

#include <QList>
#include <QWidget>

class QMenu;
class QPushButton;

namespace signalbox
{

class IconButton;

// A row of buttons for the header of a Panel. Where it is too narrow for all of them, those that are switches and may
// fold go into a menu at its end, so that no button is cut and no panel becomes wider than its place.
class FoldingTools : public QWidget
{
    Q_OBJECT
public:
    explicit FoldingTools(QWidget *parent = nullptr);

    void add(QWidget *tool);             // always there
    void addSwitch(QPushButton *button); // checkable, with a text; folds
    bool isFolded() const { return m_isFolded; }

    QSize sizeHint() const override;        // all of it
    QSize minimumSizeHint() const override; // folded

protected:
    bool event(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    int widthOf(bool isFolded) const;
    void fold();
    void fill();

    QList<QWidget *> m_tools;
    QList<QPushButton *> m_switches;
    IconButton *m_more = nullptr;
    QMenu *m_menu = nullptr;
    bool m_isFolded = false;
};

} // namespace signalbox
