#pragma once

#include "models/series/paneldata.h"

#include <QObject>

#include <optional>

namespace signalbox
{

// The one time axis of all charts of a page, with the cross-hair on it: what one chart zooms, pans or points at, all
// do. Times are ms since the epoch. GUI thread.
class TimeAxis : public QObject
{
    Q_OBJECT
public:
    static constexpr qint64 shortestMs = 10 * 1000;

    explicit TimeAxis(QObject *parent = nullptr);

    // What is shown unless the operator zooms or pans; forgets zoom and pan.
    void setRange(const MetricRange &range, qint64 now);
    // The present time: moves a live axis on.
    void advance(qint64 now);

    qint64 start() const { return m_end - m_length; }
    qint64 end() const { return m_end; }
    qint64 length() const { return m_length; }
    bool isLive() const { return m_base.isLive() && !m_isMoved; }
    bool isMoved() const { return m_isMoved; } // zoomed or panned
    MetricRange visible() const;               // to be asked for

    void zoom(double factor, qint64 anchor); // below 1: closer; `anchor` stays where it is
    void zoomTo(qint64 start, qint64 end);
    void pan(qint64 milliseconds); // positive: later
    void reset();

    std::optional<qint64> cursor() const { return m_cursor; }
    void setCursor(std::optional<qint64> time);

signals:
    void changed(); // what is visible
    void cursorChanged();

private:
    void move(qint64 start, qint64 length);

    MetricRange m_base;
    qint64 m_now = 0;
    qint64 m_end = 0;
    qint64 m_length = 15 * 60 * 1000;
    bool m_isMoved = false;
    std::optional<qint64> m_cursor;
};

} // namespace signalbox
