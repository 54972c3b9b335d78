#include "ui/shell/drilleye.h"

#include "models/items/releasesmodel.h"
#include "models/items/roles.h"
#include "ui/charts/chartpanel.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QHeaderView>
#include <QPaintEvent>

#include <algorithm>

namespace signalbox
{

namespace
{

// A chart that says "no data" is painted by its panel, any other by the view in it.
const ChartPanel *chartPanelOf(const QWidget *painted)
{
    for (const QWidget *one = painted; one != nullptr; one = one->parentWidget()) {
        if (const auto *panel = qobject_cast<const ChartPanel *>(one))
            return panel;
    }
    return nullptr;
}

} // namespace

DrillEye::DrillEye(DrillYard &yard, QObject *parent)
    : QObject(parent)
    , m_yard(yard)
{
    m_yard.setScreen(true);
    connect(&m_yard, &DrillYard::progressChanged, this, &DrillEye::followDrill);
    followDrill();
}

DrillEye::~DrillEye()
{
    m_yard.setScreen(false);
}

void DrillEye::followDrill()
{
    const DrillProgress progress = m_yard.progress();
    const bool isOpen = progress.phase == DrillProgress::Phase::Running;
    if (isOpen == m_isOpen)
        return;
    m_isOpen = isOpen;
    if (!isOpen) {
        qApp->removeEventFilter(this);
        return;
    }
    for (const DrillInfo &info : m_yard.drills()) {
        if (info.name == progress.drill)
            m_key = info.deployedKey();
    }
    qApp->installEventFilter(this);
}

bool DrillEye::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::Paint || !watched->isWidgetType())
        return false;
    const auto *painted = static_cast<const QWidget *>(watched);
    if (!painted->isVisible() || painted->window()->isMinimized())
        return false;
    if (const auto *view = qobject_cast<const QAbstractItemView *>(painted->parentWidget())) {
        // A header is a view of the table's whole model and says of no row where it is.
        if (view->viewport() == painted && qobject_cast<const QHeaderView *>(view) == nullptr)
            lookAt(*view, *static_cast<const QPaintEvent *>(event));
    } else if (const ChartPanel *panel = chartPanelOf(painted)) {
        DrillSight sight;
        sight.chart = panel->data();
        if (!sight.chart.panel.id.isEmpty())
            m_yard.shown(sight);
    }
    return false;
}

void DrillEye::lookAt(const QAbstractItemView &view, const QPaintEvent &event)
{
    const QAbstractItemModel *model = view.model();
    if (model == nullptr)
        return;
    const QModelIndex root = view.rootIndex();
    const QModelIndex first = view.indexAt(event.rect().topLeft() + QPoint(1, 1));
    for (int row = std::max(0, first.row()); row < model->rowCount(root); ++row) {
        if (view.visualRect(model->index(row, 0, root)).top() > event.rect().bottom())
            break; // it may go on for thousands
        for (int column = 0; column < model->columnCount(root); ++column)
            tell(view, event, model->index(row, column, root));
    }
}

void DrillEye::tell(const QAbstractItemView &view, const QPaintEvent &event, const QModelIndex &index)
{
    const QString id = index.data(IdRole).toString();
    const bool isOfIt = id.contains(u'\n' + m_key + u'\n'); // of its errors: see errorAttentionRows()
    const bool isOurs = index.data(ReleasesModel::KeyRole).toString() == m_key || id == m_key || isOfIt;
    const QVariant health = index.data(HealthRole);
    if (!isOurs || !health.isValid() || !event.region().intersects(view.visualRect(index)))
        return;
    DrillSight sight;
    sight.health = static_cast<Health>(health.toInt());
    m_yard.shown(sight);
}

} // namespace signalbox
