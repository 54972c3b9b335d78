#pragma once

#include "models/series/paneldata.h"
#include "services/ports/drillyard.h"

namespace signalbox
{

// A scenario with what became of the attempts at it.
struct DrillRow
{
    DrillInfo info;
    int attempts = 0;
    std::optional<Debrief> last;
    std::optional<Debrief> best;
    bool isUnderWay = false;
    bool operator==(const DrillRow &) const = default;
};

// What the Drills page shows: the scenarios, the chosen one, one attempt at it, and how the attempts got faster.
class DrillsPresenter : public QObject
{
    Q_OBJECT
public:
    // `yard` must outlive it.
    explicit DrillsPresenter(DrillYard &yard, QObject *parent = nullptr);

    QList<DrillRow> rows() const { return m_rows; }
    DrillRow selected() const;
    void select(const QString &name);            // a drill
    QList<Debrief> attempts() const;             // at the chosen one, newest first
    std::optional<Debrief> shownAttempt() const; // the one that was chosen, else the newest
    void selectAttempt(const QString &id);

    DrillProgress progress() const { return m_yard.progress(); }
    // Why the chosen drill cannot be started; none: it can.
    std::optional<QString> whyNotStart() const;
    void start();

    // Seconds to see and to restore, of the attempts that passed: a fast wrong way is no progress. The others are
    // marked by how they ended.
    PanelData chart() const;
    QList<ChartMarker> chartMarkers() const; // ordered by time
    bool hasCurve() const;                   // two attempts passed
    MetricRange chartRange() const;

signals:
    void rowsChanged();
    void selectionChanged(); // the drill, the attempt, or what is known of either
    void progressChanged();
    void problemOccurred(const QString &text); // the drill could not be started; the yard's own the console tells

private:
    void refresh();

    DrillYard &m_yard;
    QList<DrillRow> m_rows;
    QString m_selected;
    QString m_attempt; // empty: the newest
};

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::DrillRow)
