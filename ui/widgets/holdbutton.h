#pragma once

#include "models/domain/confirmation.h"
#include "ui/theme/tokens.h"

#include <QPushButton>
#include <QTimer>

#include <functional>

namespace signalbox
{

// A button that acts as the plan's confirmation asks (models/domain/confirmation.h): when held with mouse, Enter or
// Space, filled from the left meanwhile; at a press where nothing is protected; or by asking
// (ui/dialogs/holdalternative.h) where keys cannot be held. A screen reader's press always asks.
class HoldButton : public QPushButton
{
    Q_OBJECT
public:
    // `tone`: failing for going back, green for going on.
    explicit HoldButton(const QString &text, ToneName tone, QWidget *parent = nullptr);
    ~HoldButton() override;

    // The plan that is confirmed, by its fingerprint; empty while none stands still: then no press counts. Another
    // fingerprint starts a hold anew.
    void showPlan(const QByteArray &fingerprint, const Confirmation &confirmation);
    QByteArray fingerprint() const { return m_fingerprint; }
    void setTone(ToneName tone);
    void setOutlined(bool isOutlined); // beside one that matters more: its tone is in the frame and the words
    // Tests own the time; call check() after moving it.
    void setClock(std::function<qint64()> now);
    void check();
    double progress() const { return m_gate.progress(m_now()); }
    bool isHolding() const { return m_gate.state() == HoldGate::State::Holding; }

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
    void awaitNext();
    void press(bool isAutoRepeat);
    void release(bool isAutoRepeat);
    void afterInterrupt(bool wasHolding);
    bool asks() const;
    bool showsHint() const { return m_confirmation.kind == Confirmation::Kind::Hold; }

    std::function<qint64()> m_now;
    HoldGate m_gate;
    Confirmation m_confirmation;
    QByteArray m_fingerprint;
    QTimer m_frame;
    ToneName m_tone;
    bool m_isOutlined = false;
    bool m_isKeyDown = false; // still, where the window was left with it
    qint64 m_keyIsNewAt = 0;  // a press before is that of a key that was down all the time
};

} // namespace signalbox
