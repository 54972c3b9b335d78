#include "ui/widgets/podgrid.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace signalbox
{

namespace
{

// A screen reader sees a list whose items are the pods; the items are made when they are asked for.
class PodGridAccessible : public QAccessibleWidget
{
public:
    explicit PodGridAccessible(QWidget *widget)
        : QAccessibleWidget(widget, QAccessible::List)
    {}
    ~PodGridAccessible() override
    {
        for (const QAccessible::Id id : std::as_const(m_items)) {
            if (id != 0)
                QAccessible::deleteAccessibleInterface(id);
        }
    }

    PodGrid *grid() const { return static_cast<PodGrid *>(widget()); }
    int childCount() const override { return static_cast<int>(grid()->cells().size()); }
    QAccessibleInterface *child(int index) const override;
    int indexOfChild(const QAccessibleInterface *item) const override;
    QAccessibleInterface *childAt(int x, int y) const override
    {
        const int index = grid()->indexAt(grid()->mapFromGlobal(QPoint(x, y)));
        return index < 0 ? nullptr : child(index);
    }
    QAccessibleInterface *focusChild() const override
    {
        return grid()->hasFocus() && grid()->currentIndex() >= 0 ? child(grid()->currentIndex()) : nullptr;
    }

private:
    mutable QList<QAccessible::Id> m_items;
};

class PodAccessible : public QAccessibleInterface, public QAccessibleActionInterface
{
public:
    PodAccessible(PodGrid *grid, int index)
        : m_grid(grid)
        , m_index(index)
    {}

    bool isValid() const override { return m_index < m_grid->cells().size(); }
    QObject *object() const override { return nullptr; }
    QWindow *window() const override { return m_grid->window()->windowHandle(); }
    QAccessibleInterface *parent() const override { return QAccessible::queryAccessibleInterface(m_grid); }
    QAccessibleInterface *child(int) const override { return nullptr; }
    QAccessibleInterface *childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface *) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    QRect rect() const override
    {
        const QRect local = m_grid->cellRect(m_index);
        return {m_grid->mapToGlobal(local.topLeft()), local.size()};
    }
    QString text(QAccessible::Text kind) const override
    {
        if (!isValid())
            return {};
        const PodCell &cell = m_grid->cells().at(m_index);
        if (kind == QAccessible::Name)
            return cell.name + QStringLiteral(", ") + healthLabel(cell.health);
        return kind == QAccessible::Description ? cell.text : QString();
    }
    void setText(QAccessible::Text, const QString &) override {}
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.focusable = true;
        state.selectable = true;
        state.focused = state.selected = m_grid->currentIndex() == m_index && m_grid->hasFocus();
        return state;
    }
    void *interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface *>(this) : nullptr;
    }
    QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString &name) override
    {
        if (name == pressAction() && isValid())
            emit m_grid->activated(m_grid->cells().at(m_index).uid);
    }
    QStringList keyBindingsForAction(const QString &) const override { return {QStringLiteral("Return")}; }
    int index() const { return m_index; }

private:
    PodGrid *m_grid;
    int m_index;
};

QAccessibleInterface *PodGridAccessible::child(int index) const
{
    if (index < 0 || index >= childCount())
        return nullptr;
    if (m_items.size() <= index)
        m_items.resize(index + 1, 0);
    if (m_items[index] == 0)
        m_items[index] = QAccessible::registerAccessibleInterface(new PodAccessible(grid(), index));
    return QAccessible::accessibleInterface(m_items[index]);
}

int PodGridAccessible::indexOfChild(const QAccessibleInterface *item) const
{
    const auto *pod = dynamic_cast<const PodAccessible *>(item);
    return pod != nullptr ? pod->index() : -1;
}

QAccessibleInterface *makeAccessible(const QString &, QObject *object)
{
    auto *grid = qobject_cast<PodGrid *>(object);
    return grid != nullptr ? new PodGridAccessible(grid) : nullptr;
}

QColor mixed(const QColor &a, const QColor &b, float share)
{
    return QColor::fromRgbF(a.redF() + (b.redF() - a.redF()) * share, a.greenF() + (b.greenF() - a.greenF()) * share,
                            a.blueF() + (b.blueF() - a.blueF()) * share);
}

QColor cellColor(const PodCell &cell)
{
    const Tokens &t = tokens();
    if (cell.health != Health::Ok)
        return stateTone(cell.health).solid;
    if (cell.load < 0)
        return t.ok.solid;
    return mixed(t.ok.solid, t.panel, 0.55F * (1.0F - std::clamp(cell.load, 0.0F, 1.0F)));
}

} // namespace

PodGrid::PodGrid(QWidget *parent)
    : QWidget(parent)
{
    static const bool isInstalled = [] {
        QAccessible::installFactory(makeAccessible);
        return true;
    }();
    Q_UNUSED(isInstalled)
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Pods"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

PodGrid::~PodGrid() = default;

void PodGrid::setCells(const QList<PodCell> &cells)
{
    if (cells == m_cells)
        return;
    const QString currentUid = m_current >= 0 && m_current < m_cells.size() ? m_cells[m_current].uid : QString();
    const bool sizeChanged = cells.size() != m_cells.size();
    m_cells = cells;
    m_hovered = -1;
    m_current = -1;
    for (qsizetype i = 0; i < m_cells.size() && !currentUid.isEmpty(); ++i) {
        if (m_cells[i].uid == currentUid)
            m_current = static_cast<int>(i);
    }
    if (sizeChanged)
        updateGeometry();
    update();
}

void PodGrid::setCurrentUid(const QString &uid)
{
    int found = -1;
    for (qsizetype i = 0; i < m_cells.size(); ++i) {
        if (m_cells[i].uid == uid)
            found = static_cast<int>(i);
    }
    if (found == m_current)
        return;
    m_current = found;
    update();
}

int PodGrid::columns(int width) const
{
    return std::max(1, (width + pitch - cellSize) / pitch);
}

QRect PodGrid::cellRect(int index) const
{
    const int perRow = columns(width());
    return {index % perRow * pitch, index / perRow * pitch, cellSize, cellSize};
}

int PodGrid::indexAt(const QPoint &point) const
{
    if (point.x() < 0 || point.y() < 0 || point.x() % pitch >= cellSize || point.y() % pitch >= cellSize)
        return -1;
    const int perRow = columns(width());
    const int column = point.x() / pitch;
    const int index = point.y() / pitch * perRow + column;
    return column < perRow && index < m_cells.size() ? index : -1;
}

int PodGrid::heightForWidth(int width) const
{
    const int perRow = columns(width);
    const int rows = static_cast<int>((m_cells.size() + perRow - 1) / perRow);
    return std::max(cellSize, rows * pitch - (pitch - cellSize));
}

QSize PodGrid::sizeHint() const
{
    const int sideways = std::clamp(static_cast<int>(m_cells.size()), 1, 22) * pitch;
    return {sideways, heightForWidth(std::max(sideways, width()))};
}

QSize PodGrid::minimumSizeHint() const
{
    return {5 * pitch, cellSize};
}

QString PodGrid::cellText(int index) const
{
    const PodCell &cell = m_cells[index];
    return cell.name + QStringLiteral("\n") + healthLabel(cell.health) +
           (cell.text.isEmpty() ? QString() : QStringLiteral(": ") + cell.text);
}

void PodGrid::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const int perRow = columns(width());
    const int firstRow = event->rect().top() / pitch;
    const int lastRow = event->rect().bottom() / pitch;
    const int first = firstRow * perRow;
    const int last = std::min(static_cast<int>(m_cells.size()), (lastRow + 1) * perRow);
    for (int i = first; i < last; ++i) {
        const PodCell &cell = m_cells[i];
        const QRect square(i % perRow * pitch, i / perRow * pitch, cellSize, cellSize);
        painter.setBrush(cellColor(cell));
        painter.drawRoundedRect(square, 2, 2);
        if (cell.health != Health::Ok)
            paintIcon(&painter, stateIconName(cell.health), QRectF(square).adjusted(2, 2, -2, -2),
                      stateTone(cell.health).onSolid);
    }
    const Tokens &t = tokens();
    if (m_hovered >= 0 && m_hovered < m_cells.size())
        paintRoundedFrame(&painter, QRectF(cellRect(m_hovered)).adjusted(-1, -1, 1, 1), 3, QColor(), t.text, 1.5);
    if (m_current >= 0 && m_current < m_cells.size())
        paintRoundedFrame(&painter, QRectF(cellRect(m_current)).adjusted(-1, -1, 1, 1), 3, QColor(),
                          hasFocus() ? t.focus : t.textSoft, 2);
}

void PodGrid::setCurrent(int index)
{
    if (index < 0 || index >= m_cells.size() || index == m_current)
        return;
    m_current = index;
    update();
    setAccessibleDescription(cellText(index));
    QAccessibleEvent focused(this, QAccessible::Focus);
    focused.setChild(index);
    QAccessible::updateAccessibility(&focused);
    emit currentChanged(m_cells[index].uid);
}

void PodGrid::keyPressEvent(QKeyEvent *event)
{
    const int perRow = columns(width());
    const int last = static_cast<int>(m_cells.size()) - 1;
    const int from = std::max(0, m_current);
    switch (event->key()) {
    case Qt::Key_Right:
        setCurrent(std::min(last, m_current + 1));
        return;
    case Qt::Key_Left:
        setCurrent(std::max(0, from - 1));
        return;
    case Qt::Key_Down:
        if (from + perRow > last) {
            focusNextChild();
            return;
        }
        setCurrent(from + perRow);
        return;
    case Qt::Key_Up:
        if (from - perRow < 0) {
            focusPreviousChild();
            return;
        }
        setCurrent(from - perRow);
        return;
    case Qt::Key_Home:
        setCurrent(0);
        return;
    case Qt::Key_End:
        setCurrent(last);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            emit activated(m_cells[m_current].uid);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void PodGrid::mousePressEvent(QMouseEvent *event)
{
    const int index = indexAt(event->pos());
    if (index < 0)
        return;
    setCurrent(index);
    if (event->button() == Qt::LeftButton)
        emit activated(m_cells[index].uid);
}

void PodGrid::mouseMoveEvent(QMouseEvent *event)
{
    const int index = indexAt(event->pos());
    if (index == m_hovered)
        return;
    m_hovered = index;
    setCursor(index >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void PodGrid::leaveEvent(QEvent *)
{
    m_hovered = -1;
    update();
}

void PodGrid::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    if (m_current < 0 && event->reason() != Qt::MouseFocusReason)
        setCurrent(0);
    update();
}

void PodGrid::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

void PodGrid::contextMenuEvent(QContextMenuEvent *event)
{
    const int index = event->reason() == QContextMenuEvent::Keyboard ? m_current : indexAt(event->pos());
    if (index < 0)
        return;
    setCurrent(index);
    const QPoint at =
        event->reason() == QContextMenuEvent::Keyboard ? mapToGlobal(cellRect(index).bottomLeft()) : event->globalPos();
    emit contextMenuRequested(m_cells[index].uid, at);
}

void PodGrid::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    updateGeometry();
}

bool PodGrid::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int index = indexAt(help->pos());
        if (index >= 0)
            QToolTip::showText(help->globalPos(), cellText(index), this, cellRect(index));
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace signalbox
