#include "ui/shell/guideoverlay.h"

#include "ui/shell/overlayrole.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int guideWidth = 360;
constexpr int frameWidth = 2;

} // namespace

GuideOverlay::GuideOverlay(QWidget *window)
    : QWidget(window)
{
    setObjectName(QStringLiteral("guideOverlay"));
    setFocusPolicy(Qt::StrongFocus);
    sayDialog(this);
    build();
    window->installEventFilter(this);
    hide();
}

void GuideOverlay::build()
{
    m_card = new QWidget(this);
    auto *layout = new QVBoxLayout(m_card);
    layout->setContentsMargins(space::l, space::m, space::l, space::l);
    layout->setSpacing(space::s);
    m_count = new QLabel(m_card);
    m_count->setObjectName(QStringLiteral("guideCount"));
    m_count->setProperty("role", QStringLiteral("faint"));
    m_title = new QLabel(m_card);
    m_title->setObjectName(QStringLiteral("guideTitle"));
    m_title->setProperty("role", QStringLiteral("heading"));
    m_title->setWordWrap(true);
    m_text = new QLabel(m_card);
    m_text->setObjectName(QStringLiteral("guideText"));
    m_text->setProperty("role", QStringLiteral("soft"));
    m_text->setWordWrap(true);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(space::s);
    const auto button = [this, buttons](const QString &text, const char *name) {
        auto *made = new QPushButton(text, m_card);
        made->setObjectName(QString::fromLatin1(name));
        made->setAutoDefault(false);
        made->setFocusPolicy(Qt::NoFocus); // the keys are the overlay's
        buttons->addWidget(made);
        return made;
    };
    m_skip = button(tr("Skip"), "guideSkip");
    m_skip->setProperty("variant", QStringLiteral("ghost"));
    m_skip->setToolTip(tr("Esc. The help button brings the guide back."));
    buttons->addStretch();
    m_back = button(tr("Back"), "guideBack");
    m_next = button(tr("Next"), "guideNext");
    m_next->setProperty("variant", QStringLiteral("primary"));
    for (QLabel *label : {m_count, m_title, m_text})
        layout->addWidget(label);
    layout->addSpacing(space::xs);
    layout->addLayout(buttons);
    connect(m_skip, &QPushButton::clicked, this, &GuideOverlay::leave);
    connect(m_back, &QPushButton::clicked, this, [this] { go(m_at - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { go(m_at + 1); });
}

void GuideOverlay::start(const QList<GuideStep> &steps)
{
    m_steps.clear();
    for (const GuideStep &each : steps) {
        const QWidget *shown = each.target ? each.target() : nullptr;
        if (shown != nullptr && shown->isVisible() && m_steps.size() < mostSteps)
            m_steps << each;
    }
    if (m_steps.isEmpty()) {
        emit finished();
        return;
    }
    if (isHidden())
        m_before = QApplication::focusWidget();
    show();
    raise();
    go(0);
    setFocus();
}

void GuideOverlay::go(int step)
{
    if (step >= m_steps.size()) {
        leave();
        return;
    }
    m_at = std::max(0, step);
    const GuideStep &shown = m_steps[m_at];
    m_count->setText(tr("%1 of %2").arg(m_at + 1).arg(m_steps.size()));
    m_title->setText(shown.title);
    m_text->setText(shown.text);
    m_back->setVisible(m_at > 0);
    m_skip->setVisible(m_at + 1 < m_steps.size());
    m_next->setText(m_at + 1 < m_steps.size() ? tr("Next") : tr("Done"));
    setAccessibleName(tr("Guide, %1 of %2: %3").arg(m_at + 1).arg(m_steps.size()).arg(shown.title));
    setAccessibleDescription(shown.text + QLatin1Char(' ') + tr("Enter goes on, Left goes back, Esc skips."));
    place();
    update();
}

QWidget *GuideOverlay::target() const
{
    return m_at >= 0 && m_at < m_steps.size() ? m_steps[m_at].target() : nullptr;
}

QRect GuideOverlay::hole() const
{
    const QWidget *shown = target();
    if (shown == nullptr || !shown->isVisible())
        return {};
    const QRect at(shown->mapTo(window(), QPoint(0, 0)) - mapTo(window(), QPoint(0, 0)), shown->size());
    return at.adjusted(-4, -4, 4, 4).intersected(rect());
}

void GuideOverlay::place()
{
    setGeometry(parentWidget()->rect());
    m_card->layout()->activate();
    const QSize size(guideWidth, m_card->layout()->heightForWidth(guideWidth));
    const QRect around = hole();
    const QRect room = rect().adjusted(space::m, space::m, -space::m, -space::m);
    // Below, above, at the right, at the left: the first place that has room; else in the middle of the target.
    const QList<QPoint> places{
        {around.left(), around.bottom() + space::m},
        {around.left(), around.top() - space::m - size.height()},
        {around.right() + space::m, around.top()},
        {around.left() - space::m - size.width(), around.top()},
    };
    // Along the target's side it may move to stay in the window.
    const auto inside = [&room, &size](QPoint at) {
        at.setX(std::clamp(at.x(), room.left(), std::max(room.left(), room.right() - size.width())));
        at.setY(std::clamp(at.y(), room.top(), std::max(room.top(), room.bottom() - size.height())));
        return at;
    };
    QRect card(QPoint(0, 0), size);
    card.moveCenter(around.isNull() ? rect().center() : around.center());
    card.moveTopLeft(inside(card.topLeft()));
    for (const QPoint &at : places) {
        const QRect wanted(inside(at), size);
        if (!around.isNull() && !wanted.intersects(around)) {
            card = wanted;
            break;
        }
    }
    m_card->setGeometry(card);
}

void GuideOverlay::leave()
{
    if (isHidden())
        return;
    m_at = -1;
    hide();
    if (m_before != nullptr && m_before->isVisible())
        m_before->setFocus();
    m_before = nullptr;
    emit finished();
}

bool GuideOverlay::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && isVisible()) {
        // After the window has laid out what is pointed at.
        QMetaObject::invokeMethod(this, &GuideOverlay::place, Qt::QueuedConnection);
    }
    return QWidget::eventFilter(watched, event);
}

// Whatever changes below the veil paints it again there, several times a second while the practice world moves: only
// what is asked for, and as plain rectangles. A path over the whole window costs a path over the whole window each
// time.
void GuideOverlay::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    const QRect around = hole();
    for (const QRect &veiled : event->region().subtracted(around))
        painter.fillRect(veiled, tokens().scrim);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!around.isNull() &&
        event->region().intersects(around.adjusted(-frameWidth, -frameWidth, frameWidth, frameWidth))) {
        QPainterPath corners;
        corners.addRect(around);
        QPainterPath clear;
        clear.addRoundedRect(around, radius::panel, radius::panel);
        painter.fillPath(corners.subtracted(clear), tokens().scrim);
        paintRoundedFrame(&painter, around, radius::panel, QColor(), tokens().focus, frameWidth);
    }
    if (event->region().intersects(m_card->geometry()))
        paintRoundedFrame(&painter, QRectF(m_card->geometry()), radius::panel, tokens().panel, tokens().outline);
}

void GuideOverlay::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Escape:
        leave();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
    case Qt::Key_Right:
        go(m_at + 1);
        return;
    case Qt::Key_Left:
    case Qt::Key_Backspace:
        go(m_at - 1);
        return;
    default:
        event->accept(); // what lies below is not meant
    }
}

void GuideOverlay::mousePressEvent(QMouseEvent *event)
{
    event->accept(); // as above: only the buttons act
}

} // namespace signalbox
