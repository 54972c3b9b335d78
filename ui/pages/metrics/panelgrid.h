#pragma once

#include "ui/charts/chartgroup.h"

#include <QMap>
#include <QWidget>

class QGridLayout;

namespace signalbox
{

class ChartPanel;
class MetricFeed;

// Charts side by side, as many in a row as have room; one per panel of the feed, kept while the panel stays.
class PanelGrid : public QWidget
{
    Q_OBJECT
public:
    static constexpr int narrowest = 360;

    PanelGrid(ChartGroup &group, QWidget *parent = nullptr);

    void showPanels(const MetricFeed &feed);
    void showPanel(const MetricFeed &feed, const QString &id);
    ChartPanel *find(const QString &id) const { return m_panels.value(id); } // null: none
    int columns() const { return m_columns; }
    int plotWidth() const; // of one chart, for the step

signals:
    void editRequested(const QString &id);
    void retryRequested();
    void plotWidthChanged();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void arrange();

    ChartGroup &m_group;
    QGridLayout *m_layout = nullptr;
    QStringList m_order;
    QMap<QString, ChartPanel *> m_panels;
    int m_columns = 1;
};

} // namespace signalbox
