#pragma once

#include "ui/pages/cluster/clusterpresenter.h"
#include "ui/shell/page.h"

class QLabel;
class QMenu;
class QScrollArea;
class QSplitter;

namespace signalbox
{

class ChipButton;
class FilterField;
class GroupCards;
class Panel;
class PodPanel;
class TableView;

// One cluster: nodes with their pods, workloads, the chosen pod's log, events.
class ClusterPage : public Page
{
    Q_OBJECT
public:
    explicit ClusterPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~ClusterPage() override;

    QStringList crumbs() const override;
    void open(const NavigationTarget &target) override;
    bool focusFilter() override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    static constexpr int eventRow = 33;
    static const QString everyNamespace; // the choice, as an id

    QWidget *buildChips();
    Panel *buildCards();
    Panel *buildWorkloads();
    Panel *buildEvents();
    void wire();
    void refreshChoices();
    void refreshSummary();
    void refreshPanels();
    void balance();
    void balanceRight();
    void fitColumns();
    bool isOneNamespace() const;
    void showPod(const QString &uid);
    void selectWorkload(const ObjectRef &ref);
    void workloadMenu(const QModelIndex &index, const QPoint &at);
    void podMenu(const QString &uid, const QPoint &at);
    void addAction(QMenu *menu, const QString &icon, const QString &text, const ActionRequest &request);
    const Workload *currentWorkload() const;

    ConsoleContext &m_context;
    ClusterPresenter *m_presenter = nullptr;
    FilterProxy *m_filtered = nullptr;
    ChipButton *m_cluster = nullptr;
    ChipButton *m_namespace = nullptr;
    ChipButton *m_grouping = nullptr;
    QLabel *m_summary = nullptr;
    Panel *m_cardsPanel = nullptr;
    QScrollArea *m_cardsArea = nullptr;
    GroupCards *m_cards = nullptr;
    QSplitter *m_down = nullptr;
    QSplitter *m_across = nullptr;
    QSplitter *m_right = nullptr;
    Panel *m_workloadsPanel = nullptr;
    TableView *m_workloads = nullptr;
    FilterField *m_filter = nullptr;
    PodPanel *m_pod = nullptr;
    Panel *m_eventsPanel = nullptr;
    TableView *m_events = nullptr;
    ObjectRef m_wanted; // to be selected as soon as it is there
    bool m_userSplit = false;
    bool m_userRight = false;
};

} // namespace signalbox
