#pragma once

#include "ui/shell/page.h"

#include <QPointer>
#include <QWidget>

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace signalbox
{

// `?` and F1: what the screen shows, what its signs and colours mean, and the keys that work here, over the page. Esc,
// `?`, F1, Enter and a click beside it close it; arrows and Page Up and Down scroll.
class HelpOverlay : public QWidget
{
    Q_OBJECT
public:
    explicit HelpOverlay(QWidget *window);
    // `pages`: what the number keys lead to.
    void open(const PageEntry &page, const QList<KeyHelp> &pageKeys, const QList<PageEntry> &pages);
    void leave();

signals:
    void guideRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void build();
    void place();
    void fill(const ScreenHelp &help, const QList<KeyHelp> &here, const QList<KeyHelp> &everywhere);

    QWidget *m_card = nullptr;
    QLabel *m_title = nullptr;
    QScrollArea *m_scroll = nullptr;
    QPointer<QWidget> m_content;
    QPointer<QWidget> m_before; // had the focus
};

} // namespace signalbox
