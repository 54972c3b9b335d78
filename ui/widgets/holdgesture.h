#pragma once

#include <QByteArray>

#include <functional>

namespace signalbox
{

// The rule of a deliberate hold, without widgets. A press counts only when it began after the button had focus and
// after the plan (named by its fingerprint) stood still; auto-repeat never counts; lost focus or another fingerprint
// ends the hold, and the press that was under way is spent: it has to be let go and begun anew.
//
//     Idle --press--> Holding --duration--> Done
//      ^                 |                   |
//      |                 | focus lost, fingerprint changed
//      +---release----- Spent <--------------+
class HoldGesture
{
public:
    enum class State { Idle, Holding, Spent };

    // `now` is monotonic, in milliseconds.
    explicit HoldGesture(std::function<qint64()> now, int durationMs = 800);

    void setDuration(int milliseconds); // 800 forward, 400 back; ends a hold under way
    int duration() const { return m_duration; }
    void setFingerprint(const QByteArray &fingerprint); // empty: no plan stands
    QByteArray fingerprint() const { return m_fingerprint; }
    void setFocused(bool isFocused);
    void setEnabled(bool isEnabled);

    bool press(bool isAutoRepeat);   // true: a hold begins
    bool release(bool isAutoRepeat); // true: a hold that was under way ended too early
    // To be called while holding: true once, when the time is full.
    bool check();

    State state() const { return m_state; }
    bool isHolding() const { return m_state == State::Holding; }
    double progress() const; // 0..1

private:
    bool interrupt(); // true: a hold was under way

    std::function<qint64()> m_now;
    int m_duration;
    QByteArray m_fingerprint;
    bool m_isFocused = false;
    bool m_isEnabled = true;
    bool m_isDown = false; // whatever began it
    qint64 m_since = 0;
    State m_state = State::Idle;
};

} // namespace signalbox
