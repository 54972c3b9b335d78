#pragma once

#include "models/domain/operation.h"

#include <chrono>

// How a plan is confirmed (DESIGN 5): by blast radius, and never harder for going back than for going on. Pure logic;
// ui/ draws the button on top of it, the command line asks by it.
namespace signalbox
{

struct Confirmation
{
    enum class Kind {
        Press,    // one press or click: the environment is not protected
        Hold,     // hold the button for `hold`
        TypeName, // type `text`, the application's name: keys cannot be held, forward
        Question, // one plain yes: keys cannot be held, back
    };
    Kind kind = Kind::Press;
    std::chrono::milliseconds hold{0}; // 800 forward, 400 back; 0 unless Hold
    QString text;                      // only for TypeName

    // For TypeName: is this what was asked for? Spaces around it do not count, case does. True for the other kinds.
    bool accepts(const QString &typed) const;
    bool operator==(const Confirmation &) const = default;
};

// `canHold`: false where keys cannot be held (screen readers, remote desktops, a terminal).
Confirmation confirmationFor(const Plan &plan, bool canHold);

// Decides when a deliberate hold is complete. Fed with what happens; times are ms of one monotonic clock.
//
//     Idle --press (real, focused, plan stands still)--> Holding --hold time--> Complete
//      ^-------- release, focus lost, plan changed ---------'
//
// Auto-repeat does not count, nor a press that began before the button had focus or before the plan stood still: such a
// press must be let go and made again.
class HoldGate
{
public:
    enum class State { Idle, Holding, Complete };

    explicit HoldGate(Confirmation confirmation = {});

    // The plan that is shown. Another fingerprint starts the hold anew and sets the new plan's confirmation; the same
    // one, read again, changes nothing. An empty fingerprint: there is no plan (being made again), no press counts.
    void showPlan(const QByteArray &fingerprint, const Confirmation &confirmation, qint64 at);
    void focusGained(qint64 at);
    void focusLost();
    void press(qint64 at, bool isAutoRepeat);
    void release();
    // True exactly once, when the hold is complete (with Press: at the press). Call it at least every frame while
    // Holding.
    bool advance(qint64 at);

    State state() const { return m_state; }
    double progress(qint64 at) const;                        // 0..1
    QByteArray fingerprint() const { return m_fingerprint; } // what was confirmed, once Complete

private:
    Confirmation m_confirmation;
    QByteArray m_fingerprint;
    State m_state = State::Idle;
    bool m_hasFocus = false;
    qint64 m_focusedAt = 0;
    qint64 m_plannedAt = 0;
    qint64 m_pressedAt = 0;
    bool m_isDown = false; // also a press that does not count
};

} // namespace signalbox
