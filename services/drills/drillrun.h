#pragma once

#include "services/drills/appstate.h"
#include "services/ports/drillyard.h"

namespace signalbox::drills
{

// What one look at the practice world found.
struct DrillLook
{
    std::int64_t nowMs = 0; // the world's time
    bool isBad = false;
    bool isSign = false;
    AppState state;
};

// One attempt at a scenario, told what is seen and done, and when (the world's time, ms). It ends by itself when the
// trouble is over or the time is, by a stand-down where that decides, or when it is abandoned. No I/O.
class DrillRun
{
public:
    // `first` is the look at the world as it was prepared. `hasScreen`: a window tells what it painted (shown()), and
    // the first sign is what it was; else it is that of the metrics.
    DrillRun(const Scenario &scenario, const DrillLook &first, bool hasScreen = false);

    void faultBegan(std::int64_t nowMs);
    void look(const DrillLook &look);
    void shown(std::int64_t nowMs, const DrillSight &sight);
    void acknowledge(std::int64_t nowMs);
    void standDown(std::int64_t nowMs);
    void abandon(std::int64_t nowMs);

    bool isOver() const { return m_isOver; }
    bool isSeen() const { return m_seenMs.has_value(); }
    std::int64_t beganMs() const { return m_beganMs; }
    std::optional<std::int64_t> firstBadMs() const { return m_badMs; }
    // Complete once it is over, but for the id.
    const Debrief &debrief() const { return m_debrief; }

private:
    using Kind = DrillMoment::Kind;
    using Mark = DrillMoment::Mark;
    struct Pending // a roll-out whose outcome is not known yet
    {
        QString workload;
        QString tag;
        bool isStuckTold = false;
    };

    void add(Kind kind, std::int64_t nowMs, const QString &text, Mark mark = Mark::None);
    void firstBad(std::int64_t nowMs);
    void firstSign(std::int64_t nowMs, const QString &text);
    void notice(std::int64_t nowMs); // it counts as seen from now on
    void takeActions(const DrillLook &look);
    void judge(const DrillAction &action, const DrillLook &look);
    void followRollouts(const DrillLook &look);
    void checkRecovery(const DrillLook &look);
    bool isRecovered(const DrillLook &look) const;
    const Rule *ruleFor(const DrillAction &action) const;
    void finish(std::int64_t nowMs, DrillVerdict verdict, const QString &words);
    void finishRestored(std::int64_t nowMs);
    void finishLate(std::int64_t nowMs);

    Scenario m_scenario;
    std::int64_t m_beganMs = 0;
    AppState m_state;
    std::vector<Pending> m_pending;
    bool m_isFaulty = false;
    bool m_isBad = false;
    bool m_hasActed = false;
    bool m_hasScreen = false;
    bool m_hasSign = false;
    bool m_wasAlarming = false; // a row said so before there was a fault
    std::optional<std::int64_t> m_inMetricsMs;
    bool m_hasCalledEarly = false;
    std::optional<std::int64_t> m_badMs;
    std::optional<std::int64_t> m_seenMs;
    std::optional<std::int64_t> m_recoveringMs; // since when it has been well again
    std::optional<std::int64_t> m_restoredMs;
    bool m_isOver = false;
    Debrief m_debrief;
};

} // namespace signalbox::drills
