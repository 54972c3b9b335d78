#pragma once

#include "models/domain/health.h"
#include "ui/shell/page.h"

#include <QMap>
#include <QPushButton>
#include <QWidget>

class QVBoxLayout;

namespace signalbox
{

// One line of the navigation: title, and its key or a count at the right.
class NavItem : public QPushButton
{
    Q_OBJECT
public:
    NavItem(const QString &title, int number, QWidget *parent = nullptr);
    // 0: the key is shown again. `unsure`: why there may be more than the count; it is marked then.
    void setBadge(int count, Health kind, const QString &unsure = {});
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString keyText() const; // empty: it has no key

    int m_number;
    int m_badge = 0;
    bool m_isUnsure = false;
    Health m_badgeKind = Health::Warning;
};

// The navigation at the left: pages, pinned applications, and what is set up once at the bottom.
class SideNav : public QWidget
{
    Q_OBJECT
public:
    explicit SideNav(QWidget *parent = nullptr);

    void setPages(const QList<PageEntry> &pages);
    void setCurrent(const QString &pageId);
    void setPinned(const QStringList &applications);
    void setBadge(const QString &pageId, int count, Health kind, const QString &unsure = {});
    // Between what stands at the top and what stands at the bottom; as it was laid out last.
    QRect freeRoom() const;

signals:
    void pageChosen(const QString &id);
    void applicationChosen(const QString &application);
    void unpinRequested(const QString &application);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QVBoxLayout *m_pages = nullptr;
    QWidget *m_pinnedArea = nullptr;
    QVBoxLayout *m_pinned = nullptr;
    QVBoxLayout *m_bottom = nullptr;
    QMap<QString, NavItem *> m_items;
    QString m_current; // page
};

} // namespace signalbox
