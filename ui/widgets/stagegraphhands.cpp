// What keys, mouse and wheel do to the graph of stages.
#include "ui/widgets/stagegraph.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace signalbox
{

namespace
{

constexpr double zoomStep = 1.2;

} // namespace

// Left and right go along the lines where there are some, else to the nearest column, and there to the nearest box.
int StageGraphView::neighbour(int from, Qt::Key key) const
{
    const bool isAcross = key == Qt::Key_Left || key == Qt::Key_Right;
    const int step = key == Qt::Key_Left || key == Qt::Key_Up ? -1 : 1;
    const graph::Place &here = m_layout.places[from];
    using Distance = std::tuple<bool, int, double>; // without a line, columns, rows
    int best = -1;
    Distance nearest;
    for (int i = 0; i < m_nodes.size(); ++i) {
        const graph::Place &there = m_layout.places[i];
        const int columns = (there.layer - here.layer) * step;
        if (isAcross ? columns <= 0 : columns != 0 || (there.row - here.row) * step <= 0)
            continue;
        const bool isLinked = std::any_of(m_edges.cbegin(), m_edges.cend(), [&](const graph::Edge &edge) {
            return (edge.from == from && edge.to == i) || (edge.to == from && edge.from == i);
        });
        const Distance distance{isAcross && !isLinked, columns, std::abs(there.row - here.row)};
        if (best < 0 || distance < nearest) {
            best = i;
            nearest = distance;
        }
    }
    return best;
}

// As it is drawn, for the order of the boxes says nothing of where they stand: the highest of the first column, or the
// lowest of the last. -1: there is none.
int StageGraphView::outermost(Qt::Key key) const
{
    const auto isBefore = [](const graph::Place &a, const graph::Place &b) {
        return std::pair(a.layer, a.row) < std::pair(b.layer, b.row);
    };
    const QList<graph::Place> &places = m_layout.places;
    if (places.isEmpty())
        return -1;
    const auto found = key == Qt::Key_Home ? std::min_element(places.cbegin(), places.cend(), isBefore)
                                           : std::max_element(places.cbegin(), places.cend(), isBefore);
    return int(found - places.cbegin());
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
            setCurrent(outermost(Qt::Key_Home));
        else if (const int next = neighbour(m_current, Qt::Key(key)); next >= 0)
            setCurrent(next);
        return;
    case Qt::Key_Home:
    case Qt::Key_End:
        setCurrent(outermost(Qt::Key(key)));
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
