#include "ui/widgets/holdbutton.h"

#include "ui/widgets/painting.h"

#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>

namespace signalbox
{

namespace
{

constexpr int forwardMs = 800;
constexpr int backMs = 400;

bool isHoldKey(int key)
{
    return key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space;
}

std::function<qint64()> systemClock()
{
    QElapsedTimer timer;
    timer.start();
    return [timer] { return timer.elapsed(); };
}

} // namespace

HoldButton::HoldButton(const QString &text, Kind kind, QWidget *parent)
    : QPushButton(text, parent)
    , m_gesture([this] { return m_now(); })
    , m_now(systemClock())
    , m_kind(kind)
    , m_tone(kind == Kind::Back ? ToneName::Failing : ToneName::Green)
{
    setKind(kind);
    setFocusPolicy(Qt::StrongFocus);
    setAutoDefault(false);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(text);
    m_frame.setInterval(16);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &HoldButton::check);
    // Only what bypasses our own mouse and key handling ends here: a screen reader's press.
    connect(this, &QPushButton::clicked, this, [this] {
        if (!m_gesture.fingerprint().isEmpty())
            emit alternativeRequested(m_gesture.fingerprint());
    });
}

HoldButton::~HoldButton() = default;

void HoldButton::setKind(Kind kind)
{
    m_kind = kind;
    m_gesture.setDuration(kind == Kind::Back ? backMs : forwardMs);
    setAccessibleDescription(
        kind == Kind::Back ? tr("Hold Enter, Space or the mouse button for 0.4 seconds. Pressing asks a question.")
                           : tr("Hold Enter, Space or the mouse button for 0.8 seconds. Pressing asks for the "
                                "application's name."));
}

void HoldButton::setFingerprint(const QByteArray &fingerprint)
{
    const bool wasHolding = m_gesture.isHolding();
    m_gesture.setFingerprint(fingerprint);
    afterInterrupt(wasHolding);
}

void HoldButton::setTone(ToneName tone)
{
    m_tone = tone;
    update();
}

void HoldButton::setAsksInstead(bool asks)
{
    m_asksInstead = asks;
    updateGeometry();
    update();
}

void HoldButton::setClock(std::function<qint64()> now)
{
    m_now = std::move(now);
}

void HoldButton::check()
{
    if (m_gesture.check()) {
        m_frame.stop();
        update();
        emit held(m_gesture.fingerprint());
        return;
    }
    if (m_gesture.isHolding())
        update();
    else
        m_frame.stop();
}

void HoldButton::afterInterrupt(bool wasHolding)
{
    if (!wasHolding || m_gesture.isHolding())
        return;
    m_frame.stop();
    update();
    emit holdReleased();
}

void HoldButton::press(bool isAutoRepeat)
{
    if (m_asksInstead) {
        if (!isAutoRepeat && isEnabled() && !m_gesture.fingerprint().isEmpty())
            emit alternativeRequested(m_gesture.fingerprint());
        return;
    }
    if (!m_gesture.press(isAutoRepeat))
        return;
    m_frame.start();
    update();
    emit holdStarted(m_gesture.fingerprint());
}

void HoldButton::release(bool isAutoRepeat)
{
    if (!m_gesture.release(isAutoRepeat))
        return;
    m_frame.stop();
    update();
    emit holdReleased();
}

bool HoldButton::event(QEvent *event)
{
    // Enter and Space are ours here, whatever shortcut or default button stands by.
    if (event->type() == QEvent::ShortcutOverride && isHoldKey(static_cast<QKeyEvent *>(event)->key())) {
        event->accept();
        return true;
    }
    return QPushButton::event(event);
}

void HoldButton::keyPressEvent(QKeyEvent *event)
{
    if (isHoldKey(event->key()))
        press(event->isAutoRepeat());
    else
        QPushButton::keyPressEvent(event);
}

void HoldButton::keyReleaseEvent(QKeyEvent *event)
{
    if (isHoldKey(event->key()))
        release(event->isAutoRepeat());
    else
        QPushButton::keyReleaseEvent(event);
}

void HoldButton::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        press(false);
}

void HoldButton::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        release(false);
}

void HoldButton::mouseMoveEvent(QMouseEvent *event)
{
    if (m_gesture.isHolding() && !rect().contains(event->pos()))
        release(false);
}

void HoldButton::focusInEvent(QFocusEvent *event)
{
    m_gesture.setFocused(true);
    QPushButton::focusInEvent(event);
}

void HoldButton::focusOutEvent(QFocusEvent *event)
{
    const bool wasHolding = m_gesture.isHolding();
    m_gesture.setFocused(false);
    afterInterrupt(wasHolding);
    QPushButton::focusOutEvent(event);
}

void HoldButton::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::EnabledChange) {
        const bool wasHolding = m_gesture.isHolding();
        m_gesture.setEnabled(isEnabled());
        afterInterrupt(wasHolding);
    }
    QPushButton::changeEvent(event);
}

QSize HoldButton::sizeHint() const
{
    const int hint = m_asksInstead ? 0 : keyHintSize(tr("hold Enter")).width() + space::s;
    return {textWidth(TextRole::BodyStrong, text()) + hint + 2 * space::xl, 36};
}

void HoldButton::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    const Tone &ground = tone(m_tone);
    const bool stands = isEnabled() && !m_gesture.fingerprint().isEmpty();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    paintRoundedFrame(&painter, area, radius::control, stands ? ground.solid : t.panel, stands ? ground.solid : t.line);
    if (m_gesture.isHolding()) {
        QPainterPath clip;
        clip.addRoundedRect(area, radius::control, radius::control);
        painter.setClipPath(clip);
        QColor fill = ground.onSolid;
        fill.setAlphaF(0.28F);
        painter.fillRect(QRectF(area.left(), area.top(), area.width() * m_gesture.progress(), area.height()), fill);
        painter.setClipping(false);
    }
    const QColor color = stands ? ground.onSolid : t.textDisabled;
    const QString hint = tr("hold Enter");
    const int hintWidth = m_asksInstead ? 0 : keyHintSize(hint).width() + space::s;
    const int wanted = textWidth(TextRole::BodyStrong, text());
    const int textRoom = std::min(wanted, width() - hintWidth - 2 * space::s);
    const int left = (width() - textRoom - hintWidth) / 2;
    paintText(&painter, QRect(left, 0, textRoom + 1, height()), TextRole::BodyStrong, color, text());
    if (hintWidth > 0) {
        const QSize hintSize = keyHintSize(hint);
        paintKeyHint(&painter, QRect(QPoint(left + textRoom + space::s, (height() - hintSize.height()) / 2), hintSize),
                     hint, color, color);
    }
    if (hasFocus())
        paintFocusRing(&painter, QRectF(rect()), radius::control);
}

} // namespace signalbox
