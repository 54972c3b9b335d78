#pragma once

#include "models/domain/drill.h"
#include "models/domain/health.h"
#include "models/domain/result.h"
#include "models/series/paneldata.h"

#include <QObject>

namespace signalbox
{

// What a window has just painted of the application that is practised with: one of its charts, or a row or card with
// its state.
struct DrillSight
{
    PanelData chart;                 // of a chart; no panel's id: of a row
    Health health = Health::Unknown; // of a row
};

// Where fire drills take place: offers scenarios, breaks the practice world by them, watches what the operator does by
// whatever means (this window, a terminal, kubectl), and keeps the debriefs. One drill at a time. GUI thread; no call
// blocks.
class DrillYard : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~DrillYard() override;

    virtual QList<DrillInfo> drills() const = 0;
    virtual DrillProgress progress() const = 0;
    virtual std::optional<Debrief> debrief() const = 0; // of the drill that was over last, until the next one begins
    virtual QList<Debrief> history() const = 0;         // oldest first; empty until it was read

    // Prepares the world for it, counts down, begins. An unknown name or a drill under way is refused.
    virtual Result<void> start(const QString &name) = 0;
    virtual void acknowledge() = 0; // "I see it"
    virtual void standDown() = 0;   // "a false alarm: nothing is to be done"
    virtual void abandon() = 0;     // no verdict; kept all the same once it was running

    // A window watches from now on, or no longer: the first sign of a drill that begins is then what it painted, and
    // not what could have been read off the metrics.
    virtual void setScreen(bool isWatched) = 0;
    virtual void shown(const DrillSight &sight) = 0; // while a drill is running

signals:
    void progressChanged(); // at most a few times a second
    void over(const signalbox::Debrief &debrief);
    void recorded(); // the debrief is in the ledger
    void historyChanged();
    void problemOccurred(const signalbox::Error &problem); // the history could not be read or written: not fatal
};

} // namespace signalbox
