// How the graph of stages is drawn: only what lies in the region that asks for it, frames copied and words shaped
// before. Nothing of it is kept by box: what is drawn is what the boxes say now.
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/runsign.h"
#include "ui/widgets/stagegraph.h"

#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace signalbox
{

namespace
{

constexpr double worded = 0.45; // words would be dust below: 13 pixels become 6

} // namespace

void StageGraphView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    const QRegion &asked = event->region();
    for (const QRect &rect : asked)
        painter.fillRect(rect.adjusted(-1, -1, 1, 1), tokens().panel); // no pixel is left where a screen has 1.25
    painter.setRenderHint(QPainter::Antialiasing);
    paintEdges(&painter, asked);
    for (int i = 0; i < m_nodes.size(); ++i) {
        if (asked.intersects(reachOf(i)))
            paintNode(&painter, i);
    }
}

// From box to box through the places that its layers keep free for it. At zoom 1.
QPainterPath StageGraphView::pathOf(const graph::Route &route) const
{
    const QRectF from = box(route.edge.from);
    const QRectF to = box(route.edge.to);
    // Its ends are below the frames, which stand on whole pixels.
    const QRectF &first = route.isBackwards ? to : from;
    const QRectF &last = route.isBackwards ? from : to;
    QPointF at(first.right() - 1, first.center().y());
    const QPointF end(last.left() + 1, last.center().y());
    QPainterPath path(at);
    const auto curveTo = [&](const QPointF &next) {
        const qreal middle = (at.x() + next.x()) / 2;
        path.cubicTo(QPointF(middle, at.y()), QPointF(middle, next.y()), next);
        at = next;
    };
    for (const QPointF &bend : route.bends) {
        const qreal y = border + bend.y() * rowPitch + nodeHigh / 2;
        curveTo({border + bend.x() * columnPitch(), y});
        at = {border + bend.x() * columnPitch() + m_nodeWide, y};
        path.lineTo(at);
    }
    curveTo(end);
    return path;
}

// In the middle between their columns, on a whole pixel at zoom 1.
QPainterPath StageGraphView::barPath(const QList<int> &from, const QList<int> &to) const
{
    const qreal x = box(from.first()).right() + (columnPitch() - m_nodeWide) / 2 + 0.5;
    QPainterPath path;
    qreal top = box(from.first()).center().y();
    qreal bottom = top;
    const auto add = [&](qreal edge, qreal y) {
        path.moveTo(edge, y);
        path.lineTo(x, y);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
    };
    for (const int node : from)
        add(box(node).right() - 1, box(node).center().y());
    for (const int node : to)
        add(box(node).left() + 1, box(node).center().y());
    path.moveTo(x, top);
    path.lineTo(x, bottom);
    return path;
}

void StageGraphView::makePaths()
{
    m_bars = graph::barsOf(m_layout);
    m_barPaths.clear();
    for (const graph::Bar &bar : std::as_const(m_bars))
        m_barPaths.append(barPath(bar.from, bar.to));
    m_paths.clear();
    for (const graph::Route &route : std::as_const(m_layout.routes)) {
        // All lines that leave a column with a bar belong to it.
        const int layer = m_layout.places[route.edge.from].layer;
        const bool isBarred =
            std::any_of(m_bars.cbegin(), m_bars.cend(), [layer](const graph::Bar &bar) { return bar.layer == layer; });
        m_paths.append(isBarred && !route.isBackwards ? QPainterPath() : pathOf(route));
    }
}

void StageGraphView::paintEdges(QPainter *painter, const QRegion &asked) const
{
    QList<QRectF> rooms; // of the content
    for (const QRect &rect : asked)
        rooms.append(QRectF((rect.topLeft() - origin()) / m_zoom, QSizeF(rect.size()) / m_zoom));
    // Whole pixels, as many as the zoom gives: lines of one pixel take a third of the time of wider ones.
    const qreal wide = std::max(1.0, std::floor(m_zoom * painter->device()->devicePixelRatioF()));
    const qreal reach = (wide + 1) / m_zoom; // a straight one has no height: it would intersect nothing
    const auto draw = [&](const QPainterPath &path, bool isLit, Qt::PenStyle style) {
        const QRectF around = path.controlPointRect().adjusted(-reach, -reach, reach, reach);
        if (path.isEmpty() || std::none_of(rooms.cbegin(), rooms.cend(),
                                           [&around](const QRectF &room) { return room.intersects(around); }))
            return;
        QPen pen(isLit ? tokens().textFaint : tokens().outline, isLit ? wide + 1 : wide, style);
        pen.setCosmetic(true);
        painter->setPen(pen);
        painter->drawPath(path);
    };
    painter->save();
    painter->translate(origin());
    painter->scale(m_zoom, m_zoom);
    painter->setBrush(Qt::NoBrush);
    for (qsizetype i = 0; i < m_paths.size(); ++i) {
        const graph::Route &route = m_layout.routes[i];
        const bool isLit = m_nodes[route.edge.from].id == m_chosen || m_nodes[route.edge.to].id == m_chosen;
        draw(m_paths[i], isLit, route.isBackwards ? Qt::DashLine : Qt::SolidLine);
    }
    for (qsizetype i = 0; i < m_bars.size(); ++i) {
        draw(m_barPaths[i], false, Qt::SolidLine);
        for (const int node : m_bars[i].from) {
            if (m_nodes[node].id == m_chosen)
                draw(barPath({node}, m_bars[i].to), true, Qt::SolidLine);
        }
        for (const int node : m_bars[i].to) {
            if (m_nodes[node].id == m_chosen)
                draw(barPath(m_bars[i].from, {node}), true, Qt::SolidLine);
        }
    }
    painter->restore();
}

void StageGraphView::paintNode(QPainter *painter, int index)
{
    const StageBox &node = m_nodes[index];
    const QSizeF size(m_nodeWide, nodeHigh);
    const double ratio = painter->device()->devicePixelRatioF();
    const bool hasWords = m_zoom >= worded;
    const QPointF corner = box(index).topLeft() * m_zoom + origin();
    // On whole pixels of the screen: a picture is copied as it is.
    const QPointF at(std::round(corner.x() * ratio) / ratio, std::round(corner.y() * ratio) / ratio);
    painter->drawPixmap(
        at, m_frames.picture({node.state, node.id == m_chosen, index == m_hovered, hasWords}, size, m_zoom, ratio));
    if (index == m_current && hasFocus())
        paintFocusRing(painter, QRectF(at, size * m_zoom).adjusted(-3, -3, 3, 3), radius::panel * m_zoom + 3);
    if (!hasWords)
        return; // its sign and frame tell
    painter->save();
    painter->translate(at);
    painter->scale(m_zoom, m_zoom);
    paintWords(painter, index);
    painter->restore();
}

// At zoom 1, in its box.
void StageGraphView::paintWords(QPainter *painter, int index)
{
    const Tokens &t = tokens();
    const StageBox &node = m_nodes[index];
    const Health health = healthOf(node.state);
    const bool isQuiet = health == Health::NotStarted || health == Health::Unknown;
    constexpr qreal left = 27;
    const qreal room = m_nodeWide - left - 7;
    Words &words = m_words[index];
    words.title.paint(painter, QRectF(left, node.detail.isEmpty() ? 13 : 5, room, 18), TextRole::BodyStrong,
                      isQuiet ? t.textSoft : t.text, node.title);
    words.detail.paint(painter, QRectF(left, 23, room, 16), TextRole::Small, t.textSoft, node.detail);
    if (node.progress < 0)
        return;
    const QRectF track(8, nodeHigh - 5, m_nodeWide - 16, 2);
    painter->fillRect(track, t.line);
    painter->fillRect(QRectF(track.topLeft(), QSizeF(track.width() * std::min(node.progress, 1.0), track.height())),
                      runStateTone(node.state).solid);
}

} // namespace signalbox
