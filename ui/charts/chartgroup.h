#pragma once

#include "ui/charts/timeaxis.h"

#include <QElapsedTimer>
#include <QList>
#include <QPointer>
#include <QTimer>

namespace signalbox
{

class ChartView;

// The charts that share a page: their time axis, their markers, and the order in which they are drawn anew - one a
// frame, so that none of them makes a frame late. Until its turn comes a chart shows its last picture, moved to where
// it belongs.
class ChartGroup : public QObject
{
    Q_OBJECT
public:
    static constexpr int frameMs = 16;
    static constexpr int restMs = 150;

    explicit ChartGroup(QObject *parent = nullptr);
    ~ChartGroup() override;

    TimeAxis &axis() { return m_axis; }

    void setMarkers(const QList<ChartMarker> &markers); // ordered by time
    const QList<ChartMarker> &markers() const { return m_markers; }

    void add(ChartView *view);
    // To be drawn anew when its turn comes; asked twice, drawn once.
    void schedule(ChartView *view);

    // Whether smooth lines of so many points fit into what a frame has left, by what drawing took so far. Not while the
    // axis is zoomed or panned: they become smooth when it rests.
    bool affordsAntialiasing(qsizetype points) const;
    void noteDrawn(qsizetype points, bool isAntialiased, qint64 nanoseconds);

private:
    void drawNext();
    void scheduleAll();

    TimeAxis m_axis;
    QList<ChartMarker> m_markers;
    QList<QPointer<ChartView>> m_views;
    QList<QPointer<ChartView>> m_queue;
    QTimer m_frame;
    bool m_wasLive = false;     // the axis, when it changed last
    qint64 m_length = 0;        // likewise, ms
    QTimer m_moving;            // runs until the axis has rested for a moment
    double m_smoothCost = 3500; // ns a point; measured while running
};

} // namespace signalbox
