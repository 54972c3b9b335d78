#include "ui/shell/keysoverlay.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int columnWidth = 390;
constexpr int lineHeight = 28;

void paintColumn(QPainter *painter, const QPoint &corner, const QString &title, const QList<KeyHelp> &keys)
{
    const Tokens &t = tokens();
    paintText(painter, QRect(corner.x(), corner.y(), columnWidth, 24), TextRole::Title, t.text, title);
    int top = corner.y() + 34;
    for (const KeyHelp &key : keys) {
        const QSize hint = keyHintSize(key.keys);
        paintKeyHint(painter, QRect(QPoint(corner.x(), top + 4), hint), key.keys, t.text, t.outline);
        paintText(painter, QRect(corner.x() + std::max(120, hint.width() + 10), top, columnWidth - 130, lineHeight - 2),
                  TextRole::Body, t.textSoft, key.what);
        top += lineHeight;
    }
}

} // namespace

KeysOverlay::KeysOverlay(QWidget *window)
    : QWidget(window)
{
    setObjectName(QStringLiteral("keysOverlay"));
    setFocusPolicy(Qt::StrongFocus);
    window->installEventFilter(this);
    hide();
}

void KeysOverlay::open(const QString &pageTitle, const QList<KeyHelp> &pageKeys, const QList<PageEntry> &pages)
{
    m_pageTitle = pageTitle;
    m_page = pageKeys;
    m_global.clear();
    for (const PageEntry &page : pages) {
        if (page.number > 0)
            m_global.append({QString::number(page.number), page.title});
    }
    m_global.append({QStringLiteral("Ctrl K"), tr("Find anything, run anything")});
    m_global.append({QStringLiteral("Ctrl Shift R"), tr("Roll back")});
    m_global.append({QStringLiteral("Ctrl J"), tr("Running requests")});
    m_global.append({QStringLiteral("/"), tr("Filter")});
    m_global.append({tr("Arrows, Enter"), tr("Move in lists, open")});
    m_global.append({QStringLiteral("Ctrl C"), tr("Copy what is selected")});
    m_global.append({QStringLiteral("Esc"), tr("Back")});
    m_global.append({QStringLiteral("?"), tr("These keys")});
    QStringList spoken;
    for (const KeyHelp &key : m_global + m_page)
        spoken.append(key.keys + QStringLiteral(": ") + key.what);
    setAccessibleName(tr("Keys"));
    setAccessibleDescription(spoken.join(QStringLiteral(". ")));
    m_before = QApplication::focusWidget();
    setGeometry(parentWidget()->rect());
    show();
    raise();
    setFocus();
}

void KeysOverlay::leave()
{
    hide();
    if (m_before != nullptr)
        m_before->setFocus();
}

bool KeysOverlay::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && isVisible())
        setGeometry(parentWidget()->rect());
    return QWidget::eventFilter(watched, event);
}

void KeysOverlay::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().scrim);
    const int columns = m_page.isEmpty() ? 1 : 2;
    const int rows = static_cast<int>(std::max(m_global.size(), m_page.size()));
    const QSize wanted(columns * columnWidth + 2 * space::xxl, rows * lineHeight + 34 + 2 * space::xl + space::l);
    const QRect box(QPoint((width() - wanted.width()) / 2, (height() - wanted.height()) / 2), wanted);
    paintRoundedFrame(&painter, box, radius::panel, tokens().panel, tokens().outline);
    const QPoint corner = box.topLeft() + QPoint(space::xxl, space::xl);
    paintColumn(&painter, corner, tr("Everywhere"), m_global);
    if (columns == 2)
        paintColumn(&painter, corner + QPoint(columnWidth, 0), m_pageTitle, m_page);
}

void KeysOverlay::keyPressEvent(QKeyEvent *)
{
    leave(); // any key
}

void KeysOverlay::mousePressEvent(QMouseEvent *)
{
    leave();
}

} // namespace signalbox
