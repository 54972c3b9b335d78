#include "ui/shell/headerbar.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/painting.h"

#include <QHBoxLayout>
#include <QPainter>

namespace signalbox
{

// Looks like the field it opens.
class HeaderBar::SearchButton : public QPushButton
{
public:
    explicit SearchButton(QWidget *parent)
        : QPushButton(parent)
    {
        setObjectName(QStringLiteral("searchField"));
        setFixedSize(300, 33);
        setCursor(Qt::IBeamCursor);
        setAccessibleName(HeaderBar::tr("Search or run a command"));
        setToolTip(HeaderBar::tr("Every page, application, workload, pod and command (Ctrl+K)"));
        setAutoDefault(false);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &t = tokens();
        QPainter painter(this);
        paintRoundedFrame(&painter, rect(), radius::control, t.panel, underMouse() ? t.outline : t.line);
        paintText(&painter, rect().adjusted(11, 0, -70, 0), TextRole::Body, t.textFaint, accessibleName());
        const QString keys = QStringLiteral("Ctrl K");
        const QSize hint = keyHintSize(keys);
        paintKeyHint(&painter, QRect(QPoint(width() - hint.width() - 10, (height() - hint.height()) / 2), hint), keys,
                     t.textSoft, t.outline);
        if (hasFocus())
            paintFocusRing(&painter, rect(), radius::control);
    }
};

class HeaderBar::RollbackButton : public QPushButton
{
public:
    explicit RollbackButton(QWidget *parent)
        : QPushButton(parent)
    {
        setObjectName(QStringLiteral("rollbackButton"));
        setText(HeaderBar::tr("Roll back..."));
        setAccessibleName(text());
        setCursor(Qt::PointingHandCursor);
        setAutoDefault(false);
        setFixedSize(textWidth(TextRole::BodyStrong, text()) + keyHintSize(keys()).width() + 37, 34);
    }
    static QString keys() { return QStringLiteral("Ctrl Shift R"); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &t = tokens();
        QPainter painter(this);
        const QColor color = isEnabled() ? t.failing.text : t.textDisabled;
        const QColor ground = underMouse() && isEnabled() ? t.failing.soft : QColor();
        paintRoundedFrame(&painter, rect(), radius::control, ground, isEnabled() ? color : t.line);
        paintText(&painter, rect().adjusted(14, 0, 0, 0), TextRole::BodyStrong, color, text());
        const QSize hint = keyHintSize(keys());
        paintKeyHint(&painter, QRect(QPoint(width() - hint.width() - 13, (height() - hint.height()) / 2), hint), keys(),
                     color, isEnabled() ? color : t.line);
        if (hasFocus())
            paintFocusRing(&painter, rect(), radius::control);
    }
};

HeaderBar::HeaderBar(QWidget *parent)
    : QWidget(parent)
{
    setFixedHeight(size::header);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(18, 0, 18, 1);
    layout->setSpacing(space::m);
    layout->addStretch();
    m_search = new SearchButton(this);
    m_rollback = new RollbackButton(this);
    layout->addWidget(m_search);
    layout->addWidget(m_rollback);
    auto *help = new IconButton(QStringLiteral("help"), tr("Help: this screen, the guide (F1)"), this);
    help->setObjectName(QStringLiteral("helpButton"));
    layout->addWidget(help);
    m_help = help;
    connect(help, &QPushButton::clicked, this, &HeaderBar::helpRequested);
    connect(m_search, &QPushButton::clicked, this, &HeaderBar::paletteRequested);
    connect(m_rollback, &QPushButton::clicked, this, &HeaderBar::rollbackRequested);
}

void HeaderBar::setCrumbs(const QString &page, const QStringList &rest)
{
    m_page = page;
    m_rest = rest;
    m_rest.removeAll(QString());
    setAccessibleName(crumbText());
    update();
}

QString HeaderBar::crumbText() const
{
    return (QStringList{m_page} + m_rest).join(QStringLiteral(" / "));
}

void HeaderBar::setRollback(bool isEnabled, const QString &whyNot)
{
    m_rollback->setEnabled(isEnabled);
    m_rollback->setToolTip(isEnabled ? tr("Go back to an earlier version (Ctrl+Shift+R)") : whyNot);
    m_rollback->setAccessibleDescription(m_rollback->toolTip());
}

void HeaderBar::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.ground);
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.line);
    const int right = m_search->geometry().left() - space::l;
    QRect room(18, 0, right - 18, height() - 1);
    room.setLeft(room.left() + paintText(&painter, room, TextRole::Heading, t.text, m_page));
    if (!m_rest.isEmpty()) {
        QFont plain = signalbox::font(TextRole::Heading);
        plain.setWeight(QFont::Normal);
        painter.setFont(plain);
        painter.setPen(t.textSoft);
        const QString rest = QStringLiteral(" / ") + m_rest.join(QStringLiteral(" / "));
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(plain).elidedText(rest, Qt::ElideRight, room.width()));
    }
}

} // namespace signalbox
