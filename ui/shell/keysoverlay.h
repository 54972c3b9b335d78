#pragma once

#include "ui/shell/page.h"

#include <QPointer>
#include <QWidget>

namespace signalbox
{

// `?`: the keys that work here, over the page.
class KeysOverlay : public QWidget
{
    Q_OBJECT
public:
    explicit KeysOverlay(QWidget *window);
    void open(const QString &pageTitle, const QList<KeyHelp> &pageKeys, const QList<PageEntry> &pages);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void leave();

    QString m_pageTitle;
    QList<KeyHelp> m_global;
    QList<KeyHelp> m_page;
    QPointer<QWidget> m_before;
};

} // namespace signalbox
