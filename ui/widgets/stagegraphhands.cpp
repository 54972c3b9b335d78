// What keys, mouse and wheel do to the graph of stages.
#include "ui/widgets/stagegraph.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr double zoomStep = 1.2;

} // namespace

// Left and right go along the lines where there are some, else to the nearest box of the next column.
int StageGraphView::neighbour(int from, Qt::Key key) const
{
    const bool isAcross = key == Qt::Key_Left || key == Qt::Key_Right;
    const int step = key == Qt::Key_Left || key == Qt::Key_Up ? -1 : 1;
    const graph::Place &here = m_layout.places[from];
    int best = -1;
    double nearest = 0;
    for (int i = 0; i < m_nodes.size(); ++i) {
        const graph::Place &there = m_layout.places[i];
        double distance = 0;
        if (isAcross) {
            if ((there.layer - here.layer) * step <= 0)
                continue;
            const bool isLinked = std::any_of(m_edges.cbegin(), m_edges.cend(), [&](const graph::Edge &edge) {
                return (edge.from == from && edge.to == i) || (edge.to == from && edge.from == i);
            });
            distance =
                (isLinked ? 0 : 1000) + 100 * std::abs(there.layer - here.layer) + std::abs(there.row - here.row);
        } else {
            if (there.layer != here.layer || (there.row - here.row) * step <= 0)
                continue;
            distance = std::abs(there.row - here.row);
        }
        if (best < 0 || distance < nearest) {
            best = i;
            nearest = distance;
        }
    }
    return best;
}

void StageGraphView::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (m_current < 0)
            setCurrent(0);
        else if (const int next = neighbour(m_current, Qt::Key(key)); next >= 0)
            setCurrent(next);
        return;
    case Qt::Key_Home:
        setCurrent(0);
        return;
    case Qt::Key_End:
        setCurrent(int(m_nodes.size()) - 1);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_current >= 0)
            emit activated(m_nodes[m_current].id);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        setZoom(m_zoom * zoomStep);
        return;
    case Qt::Key_Minus:
        setZoom(m_zoom / zoomStep);
        return;
    case Qt::Key_0:
        actualSize();
        return;
    case Qt::Key_F:
        if (event->modifiers() == Qt::NoModifier) {
            fit();
            return;
        }
        break;
    default:
        break;
    }
    event->ignore();
}

void StageGraphView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return event->ignore();
    m_dragged = event->position().toPoint();
    m_hasMoved = false;
}

void StageGraphView::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    if (m_dragged) {
        const QPoint by = at - *m_dragged;
        if (!m_hasMoved && by.manhattanLength() < 6)
            return;
        m_hasMoved = true;
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - by.x());
        verticalScrollBar()->setValue(verticalScrollBar()->value() - by.y());
        m_dragged = at;
        return;
    }
    const int index = indexAt(at);
    if (index == m_hovered)
        return;
    viewport()->setCursor(index >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    hover(index);
}

void StageGraphView::mouseReleaseEvent(QMouseEvent *event)
{
    const bool isClick = m_dragged && !m_hasMoved && event->button() == Qt::LeftButton;
    m_dragged.reset();
    const int index = isClick ? indexAt(event->position().toPoint()) : -1;
    if (index < 0)
        return;
    setCurrent(index);
    emit activated(m_nodes[index].id);
}

void StageGraphView::wheelEvent(QWheelEvent *event)
{
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        setZoom(m_zoom * std::pow(zoomStep, event->angleDelta().y() / 120.0), event->position());
        event->accept();
        return;
    }
    const bool isUpright = std::abs(event->angleDelta().y()) > std::abs(event->angleDelta().x());
    // Where all of it is in sight the page scrolls instead.
    if ((isUpright ? verticalScrollBar() : horizontalScrollBar())->maximum() == 0) {
        event->ignore();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

} // namespace signalbox
