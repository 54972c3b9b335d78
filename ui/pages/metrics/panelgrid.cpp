#include "ui/pages/metrics/panelgrid.h"

#include "services/feeds/metricfeed.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/theme/tokens.h"

#include <QGridLayout>

#include <algorithm>

namespace signalbox
{

PanelGrid::PanelGrid(ChartGroup &group, QWidget *parent)
    : QWidget(parent)
    , m_group(group)
    , m_layout(new QGridLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(space::m);
}

void PanelGrid::showPanels(const MetricFeed &feed)
{
    const QStringList ids = feed.panelIds();
    for (const QString &id : m_panels.keys()) {
        if (!ids.contains(id))
            m_panels.take(id)->deleteLater();
    }
    for (const QString &id : ids) {
        if (!m_panels.contains(id)) {
            auto *panel = new ChartPanel(m_group, this);
            panel->setEditable(true);
            panel->setMinimumHeight(216);
            connect(panel, &ChartPanel::editRequested, this, [this, id] { emit editRequested(id); });
            connect(panel, &ChartPanel::retryRequested, this, &PanelGrid::retryRequested);
            m_panels.insert(id, panel);
        }
        showPanel(feed, id);
    }
    if (ids != m_order) {
        m_order = ids;
        arrange();
    }
}

void PanelGrid::showPanel(const MetricFeed &feed, const QString &id)
{
    const PanelData *known = feed.find(id);
    if (ChartPanel *panel = m_panels.value(id); panel && known)
        panel->setData(*known);
}

int PanelGrid::plotWidth() const
{
    const int room = (width() - (m_columns - 1) * space::m) / m_columns;
    return std::max(100, room - 80);
}

void PanelGrid::resizeEvent(QResizeEvent *)
{
    const int columns = std::clamp((width() + space::m) / (narrowest + space::m), 1, 4);
    if (columns != m_columns) {
        m_columns = columns;
        arrange();
    }
    emit plotWidthChanged();
}

void PanelGrid::arrange()
{
    while (QLayoutItem *item = m_layout->takeAt(0))
        delete item; // the layout's item, not the panel
    for (int column = 0; column < 4; ++column)
        m_layout->setColumnStretch(column, column < m_columns ? 1 : 0);
    QWidget *before = nullptr;
    for (int i = 0; i < m_order.size(); ++i) {
        ChartPanel *panel = m_panels.value(m_order[i]);
        m_layout->addWidget(panel, i / m_columns, i % m_columns);
        if (before)
            QWidget::setTabOrder(before, panel);
        before = panel;
        panel->show();
    }
}

} // namespace signalbox
