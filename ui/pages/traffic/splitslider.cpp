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
    const double split = bar.right() - bar.width() * value() / 100.0;
    const Tone &left = trackTone(m_stable);
    const Tone &right = trackTone(m_candidate);
    QPainterPath shape;
    shape.addRoundedRect(bar, radius::control, radius::control);
    painter.setClipPath(shape);
    painter.fillRect(QRectF(bar.left(), bar.top(), split - bar.left(), bar.height()), left.solid);
    painter.fillRect(QRectF(split, bar.top(), bar.right() - split, bar.height()), right.solid);
    if (m_live >= 0 && m_live != value()) {
        const double live = bar.right() - bar.width() * m_live / 100.0;
        painter.setPen(QPen(left.onSolid, 1.5, Qt::DashLine));
        painter.drawLine(QPointF(live, bar.top()), QPointF(live, bar.bottom()));
    }
    const double handle = std::clamp(split - handleWidth / 2.0, bar.left(), bar.right() - handleWidth);
    if (isEnabled())
        painter.fillRect(QRectF(handle, bar.top(), handleWidth, bar.height()), Qt::white);
    painter.setClipping(false);

    const QString leftText = tr("%1 %2").arg(capitalised(m_stable)).arg(100 - value());
    const QString rightText = tr("%1 %2").arg(capitalised(m_candidate)).arg(value());
    const int leftRoom = static_cast<int>(split - bar.left()) - 2 * space::s;
    const int rightRoom = static_cast<int>(bar.right() - split) - 2 * space::s;
    if (textWidth(TextRole::BodyStrong, leftText) <= leftRoom)
        paintText(&painter, QRect(static_cast<int>(bar.left()) + space::s, 0, leftRoom, height()), TextRole::BodyStrong,
                  left.onSolid, leftText);
    if (textWidth(TextRole::BodyStrong, rightText) <= rightRoom)
        paintText(&painter, QRect(static_cast<int>(split) + space::s, 0, rightRoom, height()), TextRole::BodyStrong,
                  right.onSolid, rightText, Qt::AlignRight | Qt::AlignVCenter);
    if (hasFocus())
        paintFocusRing(&painter, QRectF(rect()).adjusted(1, 1, -1, -1), radius::control);
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
