#pragma once

#include "ui/charts/chartgroup.h"
#include "ui/pages/metrics/consolepanelsettings.h"
#include "ui/shell/page.h"

#include <QTimer>

#include <memory>

class QLabel;
class QPushButton;
class QScrollArea;
class QStackedLayout;

namespace signalbox
{

class AlertsModel;
class ChipButton;
class FilterField;
class FilterProxy;
class MetricsPresenter;
class Panel;
class PanelGrid;
class QueryEditor;
class RangePicker;
class TableView;

// Charts of one application in one environment over one time axis, and the alerts and rules of their source.
class MetricsPage : public Page
{
    Q_OBJECT
public:
    // `panels`: where own queries are kept; null: among the operator's settings.
    explicit MetricsPage(ConsoleContext &context, PanelSettings *panels = nullptr, QWidget *parent = nullptr);
    ~MetricsPage() override;

    MetricsPresenter &presenter() { return *m_presenter; }
    ChartGroup &charts() { return m_group; }

    QStringList crumbs() const override;
    void open(const NavigationTarget &target) override;
    bool focusFilter() override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *buildToolbar();
    QWidget *buildBody();
    Panel *buildAlerts();
    void connectPresenter();
    void connectHistory();
    void refresh();
    void refreshChoices();
    void refreshAge();
    void refreshAlerts();
    void chooseApplication(const QString &key);
    void edit(const MetricPanel &panel);
    void exportCsv();

    ConsoleContext &m_context;
    ConsolePanelSettings m_ownPanels;
    ChartGroup m_group;
    MetricsPresenter *m_presenter = nullptr;
    QTimer m_second;
    QTimer m_settled; // the axis came to rest: ask for what is visible

    ChipButton *m_application = nullptr;
    ChipButton *m_source = nullptr;
    ChipButton *m_interval = nullptr;
    RangePicker *m_range = nullptr;
    QPushButton *m_live = nullptr;
    QLabel *m_age = nullptr;
    QStackedLayout *m_stack = nullptr;
    Panel *m_message = nullptr;
    QScrollArea *m_scroll = nullptr;
    PanelGrid *m_grid = nullptr;
    Panel *m_alerts = nullptr;
    AlertsModel *m_alertsModel = nullptr;
    FilterProxy *m_alertsProxy = nullptr;
    TableView *m_alertsTable = nullptr;
    FilterField *m_filter = nullptr;
};

} // namespace signalbox
