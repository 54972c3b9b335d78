#include "ui/widgets/holdbutton.h"

#include "ui/widgets/painting.h"

#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int frameMs = 16;
constexpr qint64 comesBackWithin = 1000; // ms; keys that are down repeat every 30 to 500

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

HoldButton::HoldButton(const QString &text, ToneName tone, QWidget *parent)
    : QPushButton(text, parent)
    , m_now(systemClock())
    , m_tone(tone)
{
    m_confirmation.kind = Confirmation::Kind::Hold;
    setFocusPolicy(Qt::StrongFocus);
    setAutoDefault(false);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(text);
    setAccessibleDescription(tr("Held to act; pressing it with a screen reader asks instead."));
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &HoldButton::check);
    // Only what bypasses our own mouse and key handling ends here: a screen reader's press.
    connect(this, &QPushButton::clicked, this, [this] {
        if (!m_fingerprint.isEmpty())
            emit alternativeRequested(m_fingerprint);
    });
}

HoldButton::~HoldButton() = default;

void HoldButton::showPlan(const QByteArray &fingerprint, const Confirmation &confirmation)
{
    const bool wasHolding = isHolding();
    m_fingerprint = fingerprint;
    m_confirmation = confirmation;
    m_gate.showPlan(fingerprint, confirmation, m_now());
    afterInterrupt(wasHolding);
    updateGeometry();
    update();
}

void HoldButton::setTone(ToneName tone)
{
    m_tone = tone;
    update();
}

void HoldButton::setOutlined(bool isOutlined)
{
    m_isOutlined = isOutlined;
    update();
}

void HoldButton::setClock(std::function<qint64()> now)
{
    m_now = std::move(now);
}

bool HoldButton::asks() const
{
    return m_confirmation.kind == Confirmation::Kind::TypeName || m_confirmation.kind == Confirmation::Kind::Question;
}

void HoldButton::check()
{
    if (m_gate.advance(m_now())) {
        m_frame.stop();
        update();
        emit held(m_gate.fingerprint());
        return;
    }
    if (isHolding()) {
        update();
        awaitNext();
    } else {
        m_frame.stop();
    }
}

// A frame later, or when the hold is complete: that is acted upon at once.
void HoldButton::awaitNext()
{
    const double left = (1 - progress()) * static_cast<double>(m_confirmation.hold.count());
    m_frame.start(std::clamp(static_cast<int>(std::ceil(left)), 1, frameMs));
}

void HoldButton::afterInterrupt(bool wasHolding)
{
    if (!wasHolding || isHolding())
        return;
    m_frame.stop();
    update();
    emit holdReleased();
}

void HoldButton::press(bool isAutoRepeat)
{
    if (asks()) {
        if (!isAutoRepeat && isEnabled() && !m_fingerprint.isEmpty())
            emit alternativeRequested(m_fingerprint);
        return;
    }
    if (!isEnabled() || isHolding())
        return;
    m_gate.press(m_now(), isAutoRepeat);
    if (!isHolding())
        return;
    awaitNext();
    update();
    emit holdStarted(m_fingerprint);
    check(); // acts at once where a press is enough
}

void HoldButton::release(bool isAutoRepeat)
{
    if (isAutoRepeat)
        return;
    const bool wasHolding = isHolding();
    m_gate.release();
    afterInterrupt(wasHolding);
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
    if (!isHoldKey(event->key()))
        return QPushButton::keyPressEvent(event);
    if (event->isAutoRepeat())
        return press(true);
    m_isKeyDown = true;
    if (m_now() >= std::exchange(m_keyIsNewAt, 0))
        press(false);
}

void HoldButton::keyReleaseEvent(QKeyEvent *event)
{
    if (!isHoldKey(event->key()))
        return QPushButton::keyReleaseEvent(event);
    m_isKeyDown = m_isKeyDown && event->isAutoRepeat();
    release(event->isAutoRepeat());
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
    if (isHolding() && !rect().contains(event->pos()))
        release(false);
}

void HoldButton::focusInEvent(QFocusEvent *event)
{
    m_gate.focusGained(m_now());
    // Where a window was not active Windows tells no more that a key repeats: it comes as if it were pressed anew. That
    // it was let go elsewhere is known when it does not come.
    m_keyIsNewAt = std::exchange(m_isKeyDown, false) ? m_now() + comesBackWithin : 0;
    QPushButton::focusInEvent(event);
}

void HoldButton::focusOutEvent(QFocusEvent *event)
{
    const bool wasHolding = isHolding();
    m_isKeyDown = (m_isKeyDown || m_keyIsNewAt > m_now()) && event->reason() == Qt::ActiveWindowFocusReason;
    m_gate.focusLost();
    afterInterrupt(wasHolding);
    QPushButton::focusOutEvent(event);
}

void HoldButton::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::EnabledChange && !isEnabled()) {
        const bool wasHolding = isHolding();
        m_gate.focusLost(); // and a disabled button gets no focus back by itself
        afterInterrupt(wasHolding);
    }
    QPushButton::changeEvent(event);
}

QSize HoldButton::sizeHint() const
{
    const int hint = !showsHint() ? 0 : keyHintSize(tr("hold Enter")).width() + space::s;
    return {textWidth(TextRole::BodyStrong, text()) + hint + 2 * space::xl, 36};
}

void HoldButton::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    const Tone &ground = tone(m_tone);
    const bool stands = isEnabled() && !m_fingerprint.isEmpty();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    const QColor filled = m_isOutlined ? t.panel : ground.solid;
    const QColor words = m_isOutlined ? ground.text : ground.onSolid;
    const QColor frame = m_isOutlined ? ground.text : ground.solid;
    paintRoundedFrame(&painter, area, radius::control, stands ? filled : t.panel, stands ? frame : t.line);
    if (isHolding()) {
        QPainterPath clip;
        clip.addRoundedRect(area, radius::control, radius::control);
        painter.setClipPath(clip);
        QColor fill = words;
        fill.setAlphaF(0.28F);
        painter.fillRect(QRectF(area.left(), area.top(), area.width() * progress(), area.height()), fill);
        painter.setClipping(false);
    }
    const QColor color = stands ? words : t.textDisabled;
    const QString hint = tr("hold Enter");
    const int hintWidth = !showsHint() ? 0 : keyHintSize(hint).width() + space::s;
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
