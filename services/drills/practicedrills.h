#pragma once

#include "services/drills/debriefbook.h"
#include "services/drills/drillrun.h"
#include "services/ports/drillyard.h"

#include <QTimer>

#include <memory>

namespace signalbox::sandbox
{
class Sandbox;
}

namespace signalbox::drills
{

class Stage;

// Drills in the practice world of this process. Looks at it on a worker, twice a second while a drill is under way and
// not at all otherwise; debriefs go to the data folder (DebriefBook) and outlive the world.
class PracticeDrills : public DrillYard
{
    Q_OBJECT
public:
    struct Options
    {
        QString dataFolder; // where the debriefs are kept
        double pace = 1;    // how much faster than the wall's the world's clock runs
    };
    // The world must be as it was at its start, and must outlive this.
    PracticeDrills(sandbox::Sandbox &world, Options options, QObject *parent = nullptr);
    ~PracticeDrills() override;

    QList<DrillInfo> drills() const override;
    DrillProgress progress() const override { return m_progress; }
    std::optional<Debrief> debrief() const override { return m_debrief; }
    QList<Debrief> history() const override { return m_history; }
    Result<void> start(const QString &name) override;
    void acknowledge() override;
    void standDown() override;
    void abandon() override;
    void setScreen(bool isWatched) override { m_hasScreen = isWatched; }
    void shown(const DrillSight &sight) override;

private:
    void tick();
    struct Seen
    {
        DrillLook look;
        QString waitsFor; // while it is prepared; empty: ready
    };
    void take(const Seen &seen);
    void showPreparing(const Seen &seen);
    void countDown(const DrillLook &look);
    void begin(const DrillLook &first);
    void showRunning(const DrillLook &look);
    void advanceFaults(std::int64_t nowMs);
    void finish();
    void stopDrill();
    void setProgress(const DrillProgress &progress);
    bool isUnderWay() const { return m_progress.isUnderWay(); }
    void readHistory();
    void record(const Debrief &debrief);

    sandbox::Sandbox &m_world;
    Options m_options;
    std::unique_ptr<Stage> m_stage;
    DebriefBook m_book;
    SerialQueue m_queue; // after what its work uses
    QTimer m_timer;
    const Scenario *m_scenario = nullptr; // of the drill under way
    std::optional<DrillRun> m_run;
    struct Injected
    {
        DrillFault fault;
        int number = 0; // 0: not yet
        std::int64_t sinceMs = 0;
        bool isEnded = false;
    };
    std::vector<Injected> m_faults;
    bool m_hasScreen = false;
    bool m_isLooking = false;
    int m_attempt = 0; // answers of an earlier one are ignored
    std::int64_t m_preparingSinceMs = 0;
    std::int64_t m_countdownSinceMs = 0;
    DrillProgress m_progress;
    std::optional<Debrief> m_debrief;
    QList<Debrief> m_history;
};

} // namespace signalbox::drills
