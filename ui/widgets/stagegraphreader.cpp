#include "ui/widgets/stagegraphreader.h"

#include "ui/widgets/stagegraph.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QWindow>

#include <algorithm>

namespace signalbox
{

namespace
{

class StageGraphAccessible : public QAccessibleWidget
{
public:
    explicit StageGraphAccessible(QWidget *widget)
        : QAccessibleWidget(widget, QAccessible::List)
    {}
    ~StageGraphAccessible() override
    {
        for (const QAccessible::Id id : std::as_const(m_items)) {
            if (id != 0)
                QAccessible::deleteAccessibleInterface(id);
        }
    }

    StageGraphView *graph() const { return static_cast<StageGraphView *>(widget()); }
    int childCount() const override { return int(graph()->nodes().size()); }
    QAccessibleInterface *child(int index) const override;
    int indexOfChild(const QAccessibleInterface *item) const override;
    QAccessibleInterface *childAt(int x, int y) const override
    {
        const int index = graph()->indexAt(graph()->viewport()->mapFromGlobal(QPoint(x, y)));
        return index < 0 ? nullptr : child(index);
    }
    QAccessibleInterface *focusChild() const override
    {
        return graph()->hasFocus() && graph()->currentIndex() >= 0 ? child(graph()->currentIndex()) : nullptr;
    }

private:
    mutable QList<QAccessible::Id> m_items;
};

class StageAccessible : public QAccessibleInterface, public QAccessibleActionInterface
{
public:
    StageAccessible(StageGraphView *graph, int index)
        : m_graph(graph)
        , m_index(index)
    {}

    bool isValid() const override { return m_index < m_graph->nodes().size(); }
    QObject *object() const override { return nullptr; }
    QWindow *window() const override { return m_graph->window()->windowHandle(); }
    QAccessibleInterface *parent() const override { return QAccessible::queryAccessibleInterface(m_graph); }
    QAccessibleInterface *child(int) const override { return nullptr; }
    QAccessibleInterface *childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface *) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    QRect rect() const override
    {
        if (!isValid())
            return {};
        const QRect local = m_graph->nodeRect(m_index);
        return {m_graph->viewport()->mapToGlobal(local.topLeft()), local.size()};
    }
    QString text(QAccessible::Text kind) const override
    {
        if (!isValid())
            return {};
        if (kind == QAccessible::Name)
            return m_graph->spoken(m_index);
        if (kind != QAccessible::Description)
            return {};
        // Who does not see the lines hears where they come from.
        QStringList words{m_graph->nodes()[m_index].tip};
        if (const QStringList before = m_graph->titlesBefore(m_index); !before.isEmpty())
            words << StageGraphView::tr("after %1").arg(before.join(QStringLiteral(", ")));
        words.removeAll(QString());
        return words.join(u'\n');
    }
    void setText(QAccessible::Text, const QString &) override {}
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.focusable = true;
        state.selectable = true;
        state.focused = isValid() && m_graph->currentIndex() == m_index && m_graph->hasFocus();
        state.selected = isValid() && m_graph->nodes()[m_index].id == m_graph->chosen();
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
            emit m_graph->activated(m_graph->nodes()[m_index].id);
    }
    QStringList keyBindingsForAction(const QString &) const override { return {QStringLiteral("Return")}; }
    int index() const { return m_index; }

private:
    StageGraphView *m_graph;
    int m_index;
};

QAccessibleInterface *StageGraphAccessible::child(int index) const
{
    if (index < 0 || index >= childCount())
        return nullptr;
    if (m_items.size() <= index)
        m_items.resize(index + 1, 0);
    if (m_items[index] == 0)
        m_items[index] = QAccessible::registerAccessibleInterface(new StageAccessible(graph(), index));
    return QAccessible::accessibleInterface(m_items[index]);
}

int StageGraphAccessible::indexOfChild(const QAccessibleInterface *item) const
{
    const auto *stage = dynamic_cast<const StageAccessible *>(item);
    return stage != nullptr ? stage->index() : -1;
}

QAccessibleInterface *makeStageGraphAccessible(const QString &, QObject *object)
{
    auto *graph = qobject_cast<StageGraphView *>(object);
    return graph != nullptr ? new StageGraphAccessible(graph) : nullptr;
}

} // namespace

void installStageGraphReader()
{
    static const bool isInstalled = [] {
        QAccessible::installFactory(makeStageGraphAccessible);
        return true;
    }();
    Q_UNUSED(isInstalled)
}

void tellStageFocus(StageGraphView *graph, int index)
{
    if (!QAccessible::isActive())
        return;
    QAccessibleEvent event(graph, QAccessible::Focus);
    event.setChild(index);
    QAccessible::updateAccessibility(&event);
}

void tellStageChange(StageGraphView *graph, int index)
{
    if (!QAccessible::isActive())
        return;
    QAccessibleEvent event(graph, QAccessible::NameChanged);
    event.setChild(index);
    QAccessible::updateAccessibility(&event);
}

// A box's place is its identity for a screen reader: those that stay have another name, and the rest came or went.
void tellStagesReplaced(StageGraphView *graph, int before)
{
    if (!QAccessible::isActive())
        return;
    const int now = int(graph->nodes().size());
    for (int i = 0; i < std::min(before, now); ++i)
        tellStageChange(graph, i);
    for (int i = before; i < now; ++i) {
        QAccessibleEvent event(graph, QAccessible::ObjectCreated);
        event.setChild(i);
        QAccessible::updateAccessibility(&event);
    }
    if (before == now)
        return;
    QAccessibleEvent event(graph, QAccessible::ObjectReorder);
    QAccessible::updateAccessibility(&event);
}

} // namespace signalbox
