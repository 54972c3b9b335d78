#include "ui/charts/chartgroup.h"

#include "ui/charts/chartview.h"

namespace signalbox
{
namespace
{
constexpr double smoothBudget = 6e6; // ns: under half a frame, the rest is for everybody else
} // namespace

ChartGroup::ChartGroup(QObject *parent)
    : QObject(parent)
{
    m_frame.setTimerType(Qt::PreciseTimer);
    m_frame.setInterval(frameMs);
    connect(&m_frame, &QTimer::timeout, this, &ChartGroup::drawNext);
    connect(&m_axis, &TimeAxis::changed, this, [this] {
        if (!m_axis.isLive())
            m_moving.start();
        for (const auto &view : std::as_const(m_views)) {
            if (view)
                view->update(); // the last picture, moved
        }
        // Where only time went by the pictures are as good as they were: new data has a chart drawn anew.
        const bool isOnlyLater = m_axis.isLive() && m_wasLive && m_axis.length() == m_length;
        m_wasLive = m_axis.isLive();
        m_length = m_axis.length();
        if (!isOnlyLater)
            scheduleAll();
    });
    m_moving.setSingleShot(true);
    m_moving.setInterval(restMs);
    connect(&m_moving, &QTimer::timeout, this, &ChartGroup::scheduleAll);
    connect(&m_axis, &TimeAxis::cursorChanged, this, [this] {
        for (const auto &view : std::as_const(m_views)) {
            if (view)
                view->cursorMoved();
        }
    });
}

ChartGroup::~ChartGroup() = default;

void ChartGroup::setMarkers(const QList<ChartMarker> &markers)
{
    if (markers == m_markers)
        return;
    m_markers = markers;
    for (const auto &view : std::as_const(m_views)) {
        if (view)
            view->update();
    }
}

void ChartGroup::add(ChartView *view)
{
    m_views.removeAll(nullptr);
    m_views.append(view);
}

void ChartGroup::schedule(ChartView *view)
{
    if (!m_queue.contains(view))
        m_queue.append(view);
    if (!m_frame.isActive())
        m_frame.start();
}

void ChartGroup::scheduleAll()
{
    for (const auto &view : std::as_const(m_views)) {
        if (view)
            schedule(view);
    }
}

void ChartGroup::drawNext()
{
    while (!m_queue.isEmpty()) {
        const QPointer<ChartView> view = m_queue.takeFirst();
        // A hidden chart draws when it is shown.
        if (view && view->isVisible() && view->draw())
            return;
    }
    m_frame.stop();
}

bool ChartGroup::affordsAntialiasing(qsizetype points) const
{
    return !m_moving.isActive() && static_cast<double>(points) * m_smoothCost <= smoothBudget;
}

void ChartGroup::noteDrawn(qsizetype points, bool isAntialiased, qint64 nanoseconds)
{
    if (points < 50)
        return;
    const double cost = static_cast<double>(nanoseconds) / static_cast<double>(points);
    // What was not smooth was at best this much cheaper: it may become affordable again when the machine is idle.
    const double estimate = isAntialiased ? cost : cost * 2.5;
    m_smoothCost += (estimate - m_smoothCost) * 0.2;
}

} // namespace signalbox
