#include "ui/widgets/stagegraph.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/runsign.h"
#include "ui/widgets/stagegraphreader.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr qreal nodeWide = 118;
constexpr qreal nodeHigh = 44;
constexpr qreal columnPitch = 140;
constexpr qreal rowPitch = 54;
constexpr qreal border = 8; // around all boxes
constexpr double zoomStep = 1.2;
constexpr int highest = 234; // of what it asks for; more is scrolled

} // namespace

StageGraphView::StageGraphView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    installStageGraphReader();
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Stages"));
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    horizontalScrollBar()->setSingleStep(int(columnPitch / 4));
    verticalScrollBar()->setSingleStep(int(rowPitch / 2));
}

StageGraphView::~StageGraphView() = default;

void StageGraphView::setGraph(const QList<StageBox> &nodes, const QList<graph::Edge> &edges)
{
    if (nodes == m_nodes && edges == m_edges)
        return;
    const auto isSameNode = [](const StageBox &a, const StageBox &b) { return a.id == b.id; };
    const bool isSameGraph = edges == m_edges && nodes.size() == m_nodes.size() &&
                             std::equal(nodes.cbegin(), nodes.cend(), m_nodes.cbegin(), isSameNode);
    const QString current = m_current >= 0 ? m_nodes[m_current].id : QString();
    m_nodes = nodes;
    if (isSameGraph) {
        viewport()->update();
        return;
    }
    m_edges = edges;
    m_layout = graph::layOut(int(nodes.size()), edges);
    m_hovered = -1;
    const auto same =
        std::find_if(nodes.cbegin(), nodes.cend(), [&current](const StageBox &node) { return node.id == current; });
    m_current = current.isEmpty() || same == nodes.cend() ? -1 : int(same - nodes.cbegin());
    if (m_current < 0)
        m_isZoomed = false; // another graph
    updateGeometry();
    fitReadably();
    viewport()->update();
}

QSizeF StageGraphView::contentSize() const
{
    if (m_nodes.isEmpty())
        return {};
    return {(m_layout.layers - 1) * columnPitch + nodeWide + 2 * border,
            (m_layout.rows - 1) * rowPitch + nodeHigh + 2 * border};
}

QSize StageGraphView::sizeHint() const
{
    return {640, std::clamp(int(std::ceil(contentSize().height())), int(nodeHigh + 2 * border), highest)};
}

QSize StageGraphView::minimumSizeHint() const
{
    return {200, std::min(sizeHint().height(), int(2 * rowPitch + 2 * border))};
}

QRectF StageGraphView::box(qsizetype node) const
{
    const graph::Place &place = m_layout.places[node];
    return {border + place.layer * columnPitch, border + place.row * rowPitch, nodeWide, nodeHigh};
}

// What is smaller than the viewport stands at its left, in the middle of its height.
QPointF StageGraphView::origin() const
{
    const QSizeF content = contentSize() * m_zoom;
    const qreal below = std::max(0.0, (viewport()->height() - content.height()) / 2);
    return {-qreal(horizontalScrollBar()->value()), below - verticalScrollBar()->value()};
}

QRect StageGraphView::nodeRect(int index) const
{
    const QRectF at = box(index);
    return QRectF(at.topLeft() * m_zoom + origin(), at.size() * m_zoom).toAlignedRect();
}

int StageGraphView::indexAt(const QPoint &point) const
{
    const QPointF at = (QPointF(point) - origin()) / m_zoom;
    for (qsizetype i = 0; i < m_nodes.size(); ++i) {
        if (box(i).contains(at))
            return int(i);
    }
    return -1;
}

QString StageGraphView::spoken(int index) const
{
    const StageBox &node = m_nodes[index];
    QStringList words{node.title, runStateLabel(node.state), node.detail};
    if (node.mayFail)
        words << tr("may fail");
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

void StageGraphView::updateBars()
{
    const QSize content = (contentSize() * m_zoom).toSize();
    horizontalScrollBar()->setRange(0, std::max(0, content.width() - viewport()->width()));
    verticalScrollBar()->setRange(0, std::max(0, content.height() - viewport()->height()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    verticalScrollBar()->setPageStep(viewport()->height());
    viewport()->update();
}

void StageGraphView::setZoom(double zoom, std::optional<QPointF> anchor)
{
    const double wanted = std::clamp(zoom, smallest, largest);
    const QPointF at = anchor.value_or(QPointF(viewport()->rect().center()));
    const QPointF content = (at - origin()) / m_zoom;
    m_isZoomed = true;
    m_zoom = wanted;
    updateBars();
    const QPointF moved = content * m_zoom + origin() - at;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + int(std::lround(moved.x())));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + int(std::lround(moved.y())));
    emit zoomChanged();
}

void StageGraphView::fit()
{
    const QSizeF content = contentSize();
    if (content.isEmpty())
        return;
    setZoom(std::min({1.0, viewport()->width() / content.width(), viewport()->height() / content.height()}));
}

void StageGraphView::actualSize()
{
    setZoom(1);
}

void StageGraphView::fitReadably()
{
    if (!m_isZoomed) {
        const QSizeF content = contentSize();
        const double wide = content.width() > 0 ? viewport()->width() / content.width() : 1;
        m_zoom = wide >= readable ? std::min(1.0, wide) : 1;
    }
    updateBars();
}

void StageGraphView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    fitReadably();
}

void StageGraphView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        viewport()->update();
}

void StageGraphView::showNode(int index)
{
    const QRect at = nodeRect(index).adjusted(-int(border), -int(border), int(border), int(border));
    const QRect room = viewport()->rect();
    const auto move = [](QScrollBar *bar, int before, int after) {
        if (before < 0)
            bar->setValue(bar->value() + before);
        else if (after > 0)
            bar->setValue(bar->value() + after);
    };
    move(horizontalScrollBar(), at.left() - room.left(), at.right() - room.right());
    move(verticalScrollBar(), at.top() - room.top(), at.bottom() - room.bottom());
}

void StageGraphView::setCurrent(int index)
{
    if (index == m_current || index >= m_nodes.size())
        return;
    m_current = index;
    if (index >= 0) {
        showNode(index);
        tell(index);
    }
    viewport()->update();
}

void StageGraphView::tell(int index)
{
    if (hasFocus())
        tellStageFocus(this, index);
}

void StageGraphView::setChosen(const QString &id)
{
    if (m_chosen == id)
        return;
    m_chosen = id;
    viewport()->update();
}

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

void StageGraphView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    if (m_current < 0 && !m_nodes.isEmpty()) {
        const auto chosen = std::find_if(m_nodes.cbegin(), m_nodes.cend(),
                                         [this](const StageBox &node) { return node.id == m_chosen; });
        setCurrent(chosen == m_nodes.cend() ? 0 : int(chosen - m_nodes.cbegin()));
    }
    viewport()->update();
}

void StageGraphView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

bool StageGraphView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int index = indexAt(help->pos());
        if (index < 0) {
            QToolTip::hideText();
            return true;
        }
        const QString &tip = m_nodes[index].tip;
        const QString text = tip.isEmpty() ? spoken(index) : spoken(index) + QLatin1Char('\n') + tip;
        QToolTip::showText(help->globalPos(), text, viewport(), nodeRect(index));
        return true;
    }
    if (event->type() == QEvent::Leave && m_hovered >= 0) {
        m_hovered = -1;
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
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
    m_hovered = index;
    viewport()->setCursor(index >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    viewport()->update();
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

void StageGraphView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(origin());
    painter.scale(m_zoom, m_zoom);
    paintEdges(&painter);
    const QRect room = viewport()->rect();
    for (int i = 0; i < m_nodes.size(); ++i) {
        if (room.intersects(nodeRect(i)))
            paintNode(&painter, i);
    }
}

void StageGraphView::paintEdges(QPainter *painter) const
{
    painter->setBrush(Qt::NoBrush);
    for (const graph::Route &route : m_layout.routes) {
        const QRectF from = box(route.edge.from);
        const QRectF to = box(route.edge.to);
        const bool isLit = m_nodes[route.edge.from].id == m_chosen || m_nodes[route.edge.to].id == m_chosen;
        painter->setPen(
            QPen(isLit ? tokens().textFaint : tokens().outline, 1.5, route.isBackwards ? Qt::DashLine : Qt::SolidLine));
        QPointF at =
            route.isBackwards ? QPointF(to.right(), to.center().y()) : QPointF(from.right(), from.center().y());
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
        painter->drawPath(path);
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
