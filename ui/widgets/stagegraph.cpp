#include "ui/widgets/stagegraph.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/stagegraphreader.h"

#include <QHelpEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int highest = 234;    // of what it asks for; more is scrolled
constexpr int besideTitle = 36; // its sign and margins
constexpr int ringWidth = 6;    // of focus and frame, around a box

} // namespace

StageGraphView::StageGraphView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    installStageGraphReader();
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Stages"));
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent); // so that scrolling copies what is there already
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    horizontalScrollBar()->setSingleStep(int(columnPitch() / 4));
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
    const QList<StageBox> before = std::exchange(m_nodes, nodes);
    if (isSameGraph) { // as while a run goes on: only what is another now
        bool isRetitled = false;
        for (int i = 0; i < nodes.size(); ++i) {
            if (nodes[i] == before[i])
                continue;
            isRetitled = isRetitled || nodes[i].title != before[i].title;
            updateNode(i);
            if (nodes[i].state != before[i].state || nodes[i].title != before[i].title)
                tellStageChange(this, i);
        }
        if (isRetitled) {
            measureTitles();
            fitReadably();
        }
        return;
    }
    m_edges = edges;
    m_layout = graph::layOut(int(nodes.size()), edges);
    measureTitles();
    widenNodes();
    makePaths();
    m_words = QList<Words>(nodes.size());
    hover(-1);
    const auto same =
        std::find_if(nodes.cbegin(), nodes.cend(), [&current](const StageBox &node) { return node.id == current; });
    m_current = current.isEmpty() || same == nodes.cend() ? -1 : int(same - nodes.cbegin());
    const bool isAnother = std::none_of(before.cbegin(), before.cend(), [&nodes](const StageBox &old) {
        return std::any_of(nodes.cbegin(), nodes.cend(), [&old](const StageBox &node) { return node.id == old.id; });
    });
    if (isAnother)
        m_isZoomed = false; // a run that gets another stage stays as the operator has put it
    updateGeometry();
    fitReadably();
    viewport()->update();
    tellStagesReplaced(this, int(before.size()));
}

void StageGraphView::measureTitles()
{
    int longest = 0;
    for (const StageBox &node : std::as_const(m_nodes))
        longest = std::max(longest, textWidth(TextRole::BodyStrong, node.title));
    m_wantedNode = std::clamp<qreal>(longest + besideTitle, leastNode, mostNode);
}

bool StageGraphView::widenNodes()
{
    const qreal room = maximumViewportSize().width() - 2 * border + columnGap;
    const qreal each = m_layout.layers > 0 ? std::floor(room / m_layout.layers) - columnGap : leastNode;
    const qreal before = std::exchange(m_nodeWide, std::clamp(each, leastNode, m_wantedNode));
    return m_nodeWide != before;
}

QSizeF StageGraphView::contentSize() const
{
    if (m_nodes.isEmpty())
        return {};
    return {(m_layout.layers - 1) * columnPitch() + m_nodeWide + 2 * border,
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
    return {border + place.layer * columnPitch(), border + place.row * rowPitch, m_nodeWide, nodeHigh};
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

// From the room that is there without bars: the viewport's own would change with what is decided here.
void StageGraphView::updateBars()
{
    const QSize content = (contentSize() * m_zoom).toSize();
    const QSize room = maximumViewportSize();
    const int across = horizontalScrollBar()->sizeHint().height();
    const int down = verticalScrollBar()->sizeHint().width();
    bool isTall = content.height() > room.height();
    const bool isWide = content.width() > room.width() - (isTall ? down : 0);
    isTall = content.height() > room.height() - (isWide ? across : 0);
    const int wide = room.width() - (isTall ? down : 0);
    const int high = room.height() - (isWide ? across : 0);
    horizontalScrollBar()->setPageStep(wide);
    verticalScrollBar()->setPageStep(high);
    horizontalScrollBar()->setRange(0, std::max(0, content.width() - wide));
    verticalScrollBar()->setRange(0, std::max(0, content.height() - high));
    viewport()->update();
}

QStringList StageGraphView::titlesBefore(int index) const
{
    QStringList titles;
    for (const graph::Route &route : m_layout.routes) {
        if (route.edge.to == index)
            titles << m_nodes[route.edge.from].title;
    }
    return titles;
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
    const QSizeF room = maximumViewportSize(); // no bar is needed then
    setZoom(std::min({1.0, room.width() / content.width(), room.height() / content.height()}));
}

void StageGraphView::actualSize()
{
    setZoom(1);
}

void StageGraphView::fitReadably()
{
    if (widenNodes())
        makePaths();
    const QSizeF content = contentSize();
    if (!m_isZoomed && !content.isEmpty()) {
        const QSize room = maximumViewportSize();
        const auto zoomFor = [&content](double wide) {
            return wide / content.width() >= readable ? std::min(1.0, wide / content.width()) : 1;
        };
        m_zoom = zoomFor(room.width());
        if (content.height() * m_zoom > room.height())
            m_zoom = zoomFor(room.width() - verticalScrollBar()->sizeHint().width());
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
    if (event->type() == QEvent::StyleChange) {
        measureTitles();
        fitReadably();
        viewport()->update();
    }
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
    const int before = std::exchange(m_current, index);
    if (index >= 0) {
        showNode(index);
        tell(index);
    }
    updateNode(before);
    updateNode(index);
}

QRect StageGraphView::reachOf(int index) const
{
    return nodeRect(index).adjusted(-ringWidth, -ringWidth, ringWidth, ringWidth);
}

void StageGraphView::updateNode(int index)
{
    if (index >= 0 && index < m_nodes.size())
        viewport()->update(reachOf(index));
}

void StageGraphView::scrollContentsBy(int dx, int dy)
{
    if (!m_dragged)
        hover(-1); // what the mouse is over now is told when it moves
    viewport()->scroll(dx, dy);
}

void StageGraphView::hover(int index)
{
    if (index == m_hovered)
        return;
    viewport()->setCursor(index >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    updateNode(std::exchange(m_hovered, index));
    updateNode(index);
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

void StageGraphView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    if (m_current < 0 && !m_nodes.isEmpty()) {
        const auto chosen = std::find_if(m_nodes.cbegin(), m_nodes.cend(),
                                         [this](const StageBox &node) { return node.id == m_chosen; });
        setCurrent(chosen == m_nodes.cend() ? outermost(Qt::Key_Home) : int(chosen - m_nodes.cbegin()));
    }
    updateNode(m_current);
}

void StageGraphView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    updateNode(m_current);
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
    if (event->type() == QEvent::Leave)
        hover(-1);
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace signalbox
