#include "ui/pages/traffic/splitslider.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace signalbox
{

QString capitalised(const QString &name)
{
    return name.isEmpty() ? name : name.left(1).toUpper() + name.mid(1);
}

namespace
{

constexpr int handleWidth = 6;
constexpr int hatchWidth = 3;

} // namespace

SplitSlider::SplitSlider(QWidget *parent)
    : QSlider(Qt::Horizontal, parent)
{
    setRange(0, 100);
    setSingleStep(1);
    setPageStep(10);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::SplitHCursor);
    connect(this, &QSlider::valueChanged, this, &SplitSlider::updateName);
    updateName();
}

void SplitSlider::setTracks(const QString &stable, const QString &candidate)
{
    m_stable = stable;
    m_candidate = candidate;
    updateName();
    update();
}

void SplitSlider::setLive(int percent)
{
    m_live = percent;
    updateName();
    update();
}

void SplitSlider::setAllOrNothing(bool isAllOrNothing)
{
    m_isAllOrNothing = isAllOrNothing;
    setSingleStep(isAllOrNothing ? 100 : 1);
    setPageStep(isAllOrNothing ? 100 : 10);
    updateName();
}

void SplitSlider::updateName()
{
    setAccessibleName(tr("Share of traffic for %1").arg(m_candidate));
    setAccessibleDescription(m_live < 0 ? tr("wanted %1 %").arg(value())
                                        : tr("wanted %1 %, now %2 %").arg(value()).arg(m_live));
    setToolTip(m_isAllOrNothing ? tr("This router moves all traffic or none: press a side, or use the arrow keys")
                                : tr("Drag, or use the arrow keys: 1 %, with Page Up and Page Down 10 %"));
}

void SplitSlider::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF bar = QRectF(rect()).adjusted(2, 3, -2, -3);
    const auto placeOf = [&bar](int percent) { return bar.right() - bar.width() * percent / 100.0; };
    // What is not known to be live is only planned.
    const double wanted = placeOf(value());
    const double live = m_live < 0 ? wanted : placeOf(m_live);
    const Tone &left = trackTone(m_stable);
    const Tone &right = trackTone(m_candidate);
    QPainterPath shape;
    shape.addRoundedRect(bar, radius::control, radius::control);
    painter.setClipPath(shape);
    painter.fillRect(QRectF(bar.left(), bar.top(), live - bar.left(), bar.height()), left.solid);
    painter.fillRect(QRectF(live, bar.top(), bar.right() - live, bar.height()), right.solid);
    const QRectF moving(QPointF(std::min(wanted, live), bar.top()), QPointF(std::max(wanted, live), bar.bottom()));
    paintHatch(painter, moving, wanted < live ? right.solid : left.solid);
    const double handle = std::clamp(wanted - handleWidth / 2.0, bar.left(), bar.right() - handleWidth);
    if (isEnabled())
        painter.fillRect(QRectF(handle, bar.top(), handleWidth, bar.height()), Qt::white);
    painter.setClipping(false);

    const int shown = m_live < 0 ? value() : m_live;
    const QString share = m_live < 0 ? tr("planned: %1 %2") : tr("%1 %2");
    const QString leftText = share.arg(capitalised(m_stable)).arg(100 - shown);
    const QString rightText = share.arg(capitalised(m_candidate)).arg(shown);
    const int leftRoom = static_cast<int>(moving.left() - bar.left()) - 2 * space::s;
    const int rightRoom = static_cast<int>(bar.right() - moving.right()) - 2 * space::s;
    if (textWidth(TextRole::BodyStrong, leftText) <= leftRoom)
        paintText(&painter, QRect(static_cast<int>(bar.left()) + space::s, 0, leftRoom, height()), TextRole::BodyStrong,
                  left.onSolid, leftText);
    if (textWidth(TextRole::BodyStrong, rightText) <= rightRoom)
        paintText(&painter, QRect(static_cast<int>(moving.right()) + space::s, 0, rightRoom, height()),
                  TextRole::BodyStrong, right.onSolid, rightText, Qt::AlignRight | Qt::AlignVCenter);
    paintPlanned(painter, moving);
    if (hasFocus())
        paintFocusRing(&painter, QRectF(rect()).adjusted(1, 1, -1, -1), radius::control);
}

// What would move, on the colour of where it is.
void SplitSlider::paintHatch(QPainter &painter, const QRectF &moving, const QColor &to) const
{
    if (moving.width() < 1)
        return;
    painter.save();
    painter.setClipRect(moving, Qt::IntersectClip);
    painter.setPen(QPen(to, hatchWidth));
    for (double x = moving.left() - moving.height(); x < moving.right(); x += 4 * hatchWidth)
        painter.drawLine(QPointF(x, moving.bottom()), QPointF(x + moving.height(), moving.top()));
    painter.restore();
}

void SplitSlider::paintPlanned(QPainter &painter, const QRectF &moving) const
{
    const QString text = tr("planned: %1 %2").arg(capitalised(m_candidate)).arg(value());
    const int wide = textWidth(TextRole::BodyStrong, text) + 2 * space::s;
    if (m_live < 0 || wide + 2 * handleWidth > moving.width())
        return;
    const QRectF label(moving.center().x() - wide / 2.0, moving.top() + 3, wide, moving.height() - 6);
    paintRoundedFrame(&painter, label, radius::small, tokens().panel, tokens().line);
    paintText(&painter, label.toRect(), TextRole::BodyStrong, tokens().text, text, Qt::AlignCenter);
}

int SplitSlider::percentAt(int x) const
{
    const double part = static_cast<double>(x - 2) / std::max(1, width() - 4);
    return std::clamp(100 - static_cast<int>(std::lround(part * 100)), 0, 100);
}

void SplitSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        setValue(percentAt(event->position().toPoint().x()));
}

void SplitSlider::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons().testFlag(Qt::LeftButton))
        setValue(percentAt(event->position().toPoint().x()));
}

void SplitSlider::keyPressEvent(QKeyEvent *event)
{
    // The candidate grows to the left: the keys follow what the eye sees.
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up:
        setValue(value() + singleStep());
        return;
    case Qt::Key_Right:
    case Qt::Key_Down:
        setValue(value() - singleStep());
        return;
    default:
        QSlider::keyPressEvent(event);
    }
}

} // namespace signalbox
