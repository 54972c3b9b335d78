#include "ui/shell/sidenav.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int itemHeight = 35;

class Brand : public QWidget
{
public:
    using QWidget::QWidget;
    QSize sizeHint() const override { return {size::navigation, size::header}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        paintIcon(&painter, QStringLiteral("logo"), QRectF(18, 15, 24, 24), Qt::black);
        paintText(&painter, QRect(49, 0, width() - 49, 54), TextRole::Heading, tokens().text,
                  QStringLiteral("Signalbox"));
    }
};

} // namespace

NavItem::NavItem(const QString &title, int number, QWidget *parent)
    : QPushButton(title, parent)
    , m_number(number)
{
    setCheckable(true);
    setFlat(true);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAutoDefault(false);
    setAccessibleName(title);
    if (number > 0)
        setToolTip(keyText());
}

QString NavItem::keyText() const
{
    return m_number > 0 ? tr("%1 (key %2)").arg(text()).arg(m_number) : QString();
}

void NavItem::setBadge(int count, Health kind, const QString &unsure)
{
    m_badge = count;
    m_badgeKind = kind;
    m_isUnsure = !unsure.isEmpty();
    const QString name = count > 0 ? tr("%1, %2 %3").arg(text()).arg(count).arg(healthLabel(kind)) : text();
    setAccessibleName(m_isUnsure ? name + QStringLiteral(", ") + unsure : name);
    setToolTip(m_isUnsure ? (keyText() + QLatin1Char('\n') + unsure).trimmed() : keyText());
    update();
}

QSize NavItem::sizeHint() const
{
    return {size::navigation - 20, itemHeight};
}

void NavItem::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    QPainter painter(this);
    const QRect area = rect().adjusted(0, 1, 0, -1);
    if (isChecked() || underMouse() || isDown())
        // What is chosen stands out more than what the mouse is over: in the light theme panels are the lightest.
        paintRoundedFrame(&painter, area, radius::control, isChecked() == t.isDark ? t.raised : t.panel, QColor());
    if (isChecked())
        painter.fillRect(QRect(0, area.center().y() - 7, 3, 15), t.accent.text);
    const QColor color = isChecked() ? t.text : t.textSoft;
    paintText(&painter, area.adjusted(16, 0, -34, 0), TextRole::Body, color, text());
    if (m_badge > 0 || m_isUnsure) {
        const Tone &tone = stateTone(m_badge > 0 ? m_badgeKind : Health::Unknown);
        const QString count = m_badge > 99   ? QStringLiteral("99+")
                              : !m_isUnsure  ? QString::number(m_badge)
                              : m_badge == 0 ? QStringLiteral("?")
                                             : QStringLiteral("%1+").arg(m_badge);
        const int wide = std::max(18, textWidth(TextRole::Caption, count) + 11);
        const QRect pill(area.right() - 9 - wide, area.center().y() - 8, wide, 17);
        paintRoundedFrame(&painter, pill, 8.5, tone.solid, QColor());
        paintText(&painter, pill, TextRole::Caption, tone.onSolid, count, Qt::AlignCenter);
    } else if (m_number > 0) {
        paintText(&painter, area.adjusted(0, 0, -10, 0), TextRole::Small, t.textFaint, QString::number(m_number),
                  Qt::AlignRight | Qt::AlignVCenter);
    }
    if (hasFocus())
        paintFocusRing(&painter, area, radius::control);
}

SideNav::SideNav(QWidget *parent)
    : QWidget(parent)
{
    setFixedWidth(size::navigation);
    setAccessibleName(tr("Navigation"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 1, space::m);
    layout->setSpacing(0);
    auto *brand = new Brand(this);
    brand->setFixedHeight(size::header + 1);
    layout->addWidget(brand);
    const auto column = [&] {
        auto *box = new QVBoxLayout;
        box->setContentsMargins(10, 0, 10, 0);
        box->setSpacing(0);
        return box;
    };
    m_pages = column();
    layout->addLayout(m_pages);
    m_pinnedArea = new QWidget(this);
    auto *pinnedLayout = new QVBoxLayout(m_pinnedArea);
    pinnedLayout->setContentsMargins(0, space::m, 0, 0);
    pinnedLayout->setSpacing(space::xs);
    auto *heading = new QLabel(tr("Pinned"), m_pinnedArea);
    heading->setContentsMargins(19, 0, 0, 0);
    heading->setFont(signalbox::font(TextRole::Caption));
    heading->setProperty("role", QStringLiteral("soft"));
    heading->setFixedHeight(22);
    pinnedLayout->addWidget(heading);
    m_pinned = column();
    pinnedLayout->addLayout(m_pinned);
    layout->addWidget(m_pinnedArea);
    layout->addStretch(1);
    m_bottom = column();
    layout->addLayout(m_bottom);
    m_pinnedArea->hide();
}

void SideNav::setPages(const QList<PageEntry> &pages)
{
    for (const PageEntry &page : pages) {
        auto *item = new NavItem(page.title, page.number, this);
        item->setObjectName(QStringLiteral("nav-") + page.id);
        // A screen reader toggles what can be checked, without a click (QAccessibleButton::doAction()).
        connect(item, &NavItem::toggled, this, [this, id = page.id](bool isOn) {
            if (isOn == (id == m_current))
                return; // setCurrent()
            emit pageChosen(id);
            setCurrent(m_current); // where nothing came of it
        });
        (page.number > 0 ? m_pages : m_bottom)->addWidget(item);
        m_items.insert(page.id, item);
    }
}

void SideNav::setCurrent(const QString &pageId)
{
    m_current = pageId;
    for (auto it = m_items.begin(); it != m_items.end(); ++it)
        it.value()->setChecked(it.key() == m_current);
}

void SideNav::setPinned(const QStringList &applications)
{
    while (QLayoutItem *old = m_pinned->takeAt(0)) {
        if (old->widget() != nullptr)
            old->widget()->deleteLater();
        delete old;
    }
    for (const QString &application : applications) {
        auto *item = new NavItem(application, 0, m_pinnedArea);
        item->setObjectName(QStringLiteral("pinned-") + application);
        item->setCheckable(false);
        item->setAccessibleDescription(tr("Pinned application"));
        item->setContextMenuPolicy(Qt::CustomContextMenu);
        connect(item, &NavItem::clicked, this, [this, application] { emit applicationChosen(application); });
        connect(item, &QWidget::customContextMenuRequested, this, [this, application, item](const QPoint &at) {
            auto *menu = new QMenu(this);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            menu->addAction(tr("Unpin"), this, [this, application] { emit unpinRequested(application); });
            menu->popup(item->mapToGlobal(at));
        });
        m_pinned->addWidget(item);
    }
    m_pinnedArea->setVisible(!applications.isEmpty());
}

void SideNav::setBadge(const QString &pageId, int count, Health kind, const QString &unsure)
{
    if (NavItem *item = m_items.value(pageId))
        item->setBadge(count, kind, unsure);
}

QRect SideNav::freeRoom() const
{
    const int top = m_pinnedArea->isHidden() ? m_pages->geometry().bottom() : m_pinnedArea->geometry().bottom();
    const int bottom = m_bottom->geometry().top();
    return {0, top + 1, width(), std::max(0, bottom - top - 1)};
}

void SideNav::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().nav);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), tokens().line);
}

void SideNav::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Down)
        focusNextChild();
    else if (event->key() == Qt::Key_Up)
        focusPreviousChild();
    else
        QWidget::keyPressEvent(event);
}

} // namespace signalbox
