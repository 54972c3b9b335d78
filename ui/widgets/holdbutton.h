#pragma once

#include "ui/theme/tokens.h"
#include "ui/widgets/holdgesture.h"

#include <QPushButton>
#include <QTimer>

namespace signalbox
{

// A button that acts when held: mouse, Enter or Space, filled from the left meanwhile. A click by a screen reader, and
// every press where keys cannot be held, asks for the alternative instead (ui/dialogs/holdalternative.h).
class HoldButton : public QPushButton
{
    Q_OBJECT
public:
    enum class Kind { Forward, Back }; // 800 ms in the track's green, 400 ms in red

    explicit HoldButton(const QString &text, Kind kind, QWidget *parent = nullptr);
    ~HoldButton() override;

    void setKind(Kind kind);
    // Of the plan that is confirmed; empty while none stands still. A change starts a hold anew.
    void setFingerprint(const QByteArray &fingerprint);
    QByteArray fingerprint() const { return m_gesture.fingerprint(); }
    void setTone(ToneName tone);
    // Operator's setting: ask instead of hold.
    void setAsksInstead(bool asks);
    // Tests own the time; call check() after moving it.
    void setClock(std::function<qint64()> now);
    void check();
    double progress() const { return m_gesture.progress(); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void holdStarted(const QByteArray &fingerprint); // the key is down: journal now
    void holdReleased();                             // too early, or interrupted
    void held(const QByteArray &fingerprint);        // act
    void alternativeRequested(const QByteArray &fingerprint);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void press(bool isAutoRepeat);
    void release(bool isAutoRepeat);
    void afterInterrupt(bool wasHolding);

    HoldGesture m_gesture;
    std::function<qint64()> m_now;
    QTimer m_frame;
    Kind m_kind;
    ToneName m_tone;
    bool m_asksInstead = false;
};

} // namespace signalbox
