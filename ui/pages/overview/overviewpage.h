#pragma once

#include "ui/pages/overview/overviewpresenter.h"
#include "ui/shell/otherscreen.h"
#include "ui/shell/page.h"

class QCheckBox;
class QHBoxLayout;
class QStackedLayout;

namespace signalbox
{

class ChipButton;
class DoraTiles;
class FilterField;
class MetricRow;
class Panel;
class StatTile;
class TableView;
class Welcome;

// Every application in every environment, what needs attention, and the figures that have a source.
class OverviewPage : public Page, public OtherScreen
{
    Q_OBJECT
public:
    explicit OverviewPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~OverviewPage() override;

    QStringList crumbs() const override;
    bool focusFilter() override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;
    std::optional<PageEntry> otherScreen() const override; // the first start, while there is no cluster

protected:
    bool event(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildTiles(QWidget *parent, QHBoxLayout *row);
    void buildDora();
    void sizeDora();
    Panel *buildReleases(QWidget *parent);
    Panel *buildAttention(QWidget *parent);
    void refreshTraffic();
    void takeFocus();
    void refresh();
    void refreshTiles();
    void refreshReleases();
    void refreshAttention();
    void showActions();
    void showAction(const QModelIndex &index, QWidget *cell);
    void sizeColumns();
    void sizeRows();
    void sizePanels();
    void openCell(const QModelIndex &index);
    void openMenu(const QModelIndex &index, const QPoint &at);
    void act(const AttentionRow &row);

    ConsoleContext &m_context;
    OverviewPresenter *m_presenter = nullptr;
    QStackedLayout *m_stack = nullptr;
    Welcome *m_welcome = nullptr;
    QWidget *m_main = nullptr;
    StatTile *m_applications = nullptr;
    StatTile *m_pods = nullptr;
    StatTile *m_states = nullptr;
    StatTile *m_operations = nullptr;
    DoraTiles *m_dora = nullptr; // null: there is no ledger that could tell
    Panel *m_releases = nullptr;
    TableView *m_table = nullptr;
    ChipButton *m_order = nullptr;
    FilterField *m_filter = nullptr;
    QCheckBox *m_only = nullptr;
    Panel *m_attention = nullptr;
    TableView *m_attentionTable = nullptr;
    MetricRow *m_traffic = nullptr;
    bool m_wantsList = true; // the list has the focus as soon as it is there
};

} // namespace signalbox
