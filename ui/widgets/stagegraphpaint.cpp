// How the graph of stages is drawn: only what lies in the region that asks for it.
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/runsign.h"
#include "ui/widgets/stagegraph.h"

#include <QPaintEvent>
#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qreal edgeWidth = 1.5;

} // namespace

void StageGraphView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(origin());
    painter.scale(m_zoom, m_zoom);
    const QRectF asked = event->rect();
    paintEdges(&painter, QRectF((asked.topLeft() - origin()) / m_zoom, asked.size() / m_zoom));
    for (int i = 0; i < m_nodes.size(); ++i) {
        if (event->region().intersects(nodeRect(i).adjusted(-4, -4, 4, 4)))
            paintNode(&painter, i);
    }
}

// From box to box through the places that its layers keep free for it. At zoom 1.
QPainterPath StageGraphView::pathOf(const graph::Route &route) const
{
    const QRectF from = box(route.edge.from);
    const QRectF to = box(route.edge.to);
    QPointF at = route.isBackwards ? QPointF(to.right(), to.center().y()) : QPointF(from.right(), from.center().y());
    const QPointF end =
        route.isBackwards ? QPointF(from.left(), from.center().y()) : QPointF(to.left(), to.center().y());
    QPainterPath path(at);
    const auto curveTo = [&](const QPointF &next) {
        const qreal middle = (at.x() + next.x()) / 2;
        path.cubicTo(QPointF(middle, at.y()), QPointF(middle, next.y()), next);
        at = next;
    };
    for (const QPointF &bend : route.bends) {
        const qreal y = border + bend.y() * rowPitch + nodeHigh / 2;
        curveTo({border + bend.x() * columnPitch, y});
        at = {border + bend.x() * columnPitch + nodeWide, y};
        path.lineTo(at);
    }
    curveTo(end);
    return path;
}

void StageGraphView::paintEdges(QPainter *painter, const QRectF &room) const
{
    painter->setBrush(Qt::NoBrush);
    for (qsizetype i = 0; i < m_paths.size(); ++i) {
        // A straight one has no height: it would intersect nothing.
        if (!m_paths[i].controlPointRect().adjusted(-edgeWidth, -edgeWidth, edgeWidth, edgeWidth).intersects(room))
            continue;
        const graph::Route &route = m_layout.routes[i];
        const bool isLit = m_nodes[route.edge.from].id == m_chosen || m_nodes[route.edge.to].id == m_chosen;
        painter->setPen(QPen(isLit ? tokens().textFaint : tokens().outline, edgeWidth,
                             route.isBackwards ? Qt::DashLine : Qt::SolidLine));
        painter->drawPath(m_paths[i]);
    }
}

void StageGraphView::paintNode(QPainter *painter, int index) const
{
    const Tokens &t = tokens();
    const StageBox &node = m_nodes[index];
    const QRectF at = box(index);
    const bool isChosen = node.id == m_chosen;
    const Health health = healthOf(node.state);
    const bool isQuiet = health == Health::NotStarted || health == Health::Unknown;
    const QColor ground = isChosen ? t.selected : index == m_hovered ? t.line : t.raised;
    paintRoundedFrame(painter, at, radius::panel, ground, isQuiet ? t.outline : runStateTone(node.state).text,
                      isChosen ? 2.2 : 1.5);
    if (index == m_current && hasFocus())
        paintFocusRing(painter, at.adjusted(-3, -3, 3, 3), radius::panel + 3);
    paintRunState(painter, node.state, QRectF(at.left() + 10, at.top() + 8, 10, 15));
    if (m_zoom < 0.35)
        return; // its sign and frame tell; words would be dust
    const int left = int(at.left()) + 27;
    const int room = int(at.right()) - left - 7;
    const bool isBelow = !node.detail.isEmpty();
    paintText(painter, QRect(left, int(at.top()) + (isBelow ? 5 : 13), room, 18), TextRole::BodyStrong,
              isQuiet ? t.textSoft : t.text, node.title);
    paintText(painter, QRect(left, int(at.top()) + 23, room, 16), TextRole::Small, t.textSoft, node.detail);
    if (node.progress < 0)
        return;
    const QRectF track(at.left() + 8, at.bottom() - 5, at.width() - 16, 2);
    painter->fillRect(track, t.line);
    painter->fillRect(QRectF(track.topLeft(), QSizeF(track.width() * std::min(node.progress, 1.0), track.height())),
                      runStateTone(node.state).solid);
}

} // namespace signalbox
