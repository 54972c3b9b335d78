// What the page is made of, and what hears of what.
#include "models/items/roles.h"
#include "ui/delegates/releasedelegate.h"
#include "ui/pages/cluster/clusterpage.h"
#include "ui/pages/cluster/groupcards.h"
#include "ui/pages/cluster/podpanel.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace signalbox
{

QWidget *ClusterPage::buildChips()
{
    auto *row = new QWidget(this);
    row->setFixedHeight(26);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    m_cluster = new ChipButton(tr("cluster: %1"), row);
    m_cluster->setObjectName(QStringLiteral("clusterChip"));
    m_namespace = new ChipButton(tr("namespace: %1"), row);
    m_namespace->setObjectName(QStringLiteral("namespaceChip"));
    m_grouping = new ChipButton(tr("group by %1"), row);
    m_grouping->setObjectName(QStringLiteral("groupingChip"));
    m_grouping->setChoices({{QStringLiteral("node"), tr("node")},
                            {QStringLiteral("namespace"), tr("namespace")},
                            {QStringLiteral("workload"), tr("workload")}});
    m_summary = new QLabel(row);
    m_summary->setObjectName(QStringLiteral("clusterSummary"));
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setProperty("role", QStringLiteral("soft"));
    layout->addWidget(m_cluster);
    layout->addWidget(m_namespace);
    layout->addWidget(m_grouping);
    layout->addStretch();
    layout->addWidget(m_summary);
    return row;
}

Panel *ClusterPage::buildCards()
{
    // Without a frame of its own: the cards are panels themselves.
    auto *panel = new Panel({}, m_down);
    panel->setObjectName(QStringLiteral("cardsPanel"));
    panel->setFrameless(true);
    panel->setAccessibleName(tr("Pods by node"));
    m_cardsArea = new QScrollArea(panel);
    m_cardsArea->setWidgetResizable(true);
    m_cardsArea->setFrameShape(QFrame::NoFrame);
    m_cardsArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_cardsArea->setFocusPolicy(Qt::NoFocus);
    m_cards = new GroupCards(*m_presenter, m_cardsArea);
    m_cardsArea->setWidget(m_cards);
    m_cardsArea->viewport()->setAutoFillBackground(false);
    m_cards->setAutoFillBackground(false);
    panel->setContent(m_cardsArea);
    panel->setMinimumHeight(120);
    return panel;
}

Panel *ClusterPage::buildWorkloads()
{
    auto *panel = new Panel(tr("Workloads"), m_across);
    panel->setObjectName(QStringLiteral("workloadsPanel"));
    m_filter = new FilterField(tr("Filter workloads"), panel);
    m_filter->setObjectName(QStringLiteral("workloadsFilter"));
    m_filter->setFixedWidth(180);
    panel->addHeaderWidget(m_filter);
    auto *actions = new IconButton(QStringLiteral("more"), tr("What can be done with the selected workload"), panel);
    actions->setObjectName(QStringLiteral("workloadActions"));
    panel->addHeaderWidget(actions);
    m_filtered = new FilterProxy(this);
    m_filtered->setSourceModel(&m_presenter->workloads());
    m_workloads = new TableView(panel);
    m_workloads->setObjectName(QStringLiteral("workloadsTable"));
    m_workloads->setAccessibleName(tr("Workloads"));
    m_workloads->setModel(m_filtered);
    m_workloads->setSortingEnabled(true);
    m_workloads->sortByColumn(WorkloadsModel::Name, Qt::AscendingOrder);
    using Style = CellDelegate::Style;
    const Style styles[] = {Style::Name,  Style::Soft, Style::Soft, Style::Figure,
                            Style::Plain, Style::Soft, Style::Soft};
    const int widths[] = {200, 110, 104, 80, 100, 150, 124};
    for (int column = 0; column < WorkloadsModel::ColumnCount; ++column) {
        m_workloads->setItemDelegateForColumn(column, new CellDelegate(styles[column], m_workloads));
        m_workloads->setColumnWidth(column, widths[column]);
    }
    m_workloads->setStretchColumn(WorkloadsModel::State);
    m_workloads->restoreColumns(m_context.settings.state(QStringLiteral("cluster/workloads")));
    m_filter->setTarget(m_workloads);
    panel->setContent(m_workloads);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filtered->setWords(text);
        refreshPanels();
    });
    connect(actions, &QPushButton::clicked, this, [this, actions] {
        if (m_workloads->currentIndex().isValid())
            workloadMenu(m_workloads->currentIndex(), actions->mapToGlobal(QPoint(0, actions->height())));
    });
    return panel;
}

Panel *ClusterPage::buildEvents()
{
    auto *panel = new Panel(tr("Events"), m_right);
    panel->setObjectName(QStringLiteral("eventsPanel"));
    m_events = new TableView(panel);
    m_events->setObjectName(QStringLiteral("eventsTable"));
    m_events->setAccessibleName(tr("Events"));
    m_events->horizontalHeader()->hide();
    m_events->setRowHeight(eventRow);
    m_events->setModel(&m_presenter->events());
    m_events->setItemDelegateForColumn(EventsModel::Time, new CellDelegate(CellDelegate::Style::Time, m_events));
    m_events->setItemDelegateForColumn(EventsModel::Message, new EventDelegate(m_events));
    m_events->setColumnWidth(EventsModel::Time, 92);
    m_events->setStretchColumn(EventsModel::Message);
    panel->setContent(m_events);
    panel->setMinimumHeight(110);
    return panel;
}

void ClusterPage::wire()
{
    connect(m_cluster, &ChipButton::chosenChanged, m_presenter, &ClusterPresenter::setCluster);
    connect(m_namespace, &ChipButton::chosenChanged, this,
            [this](const QString &id) { m_presenter->setNamespace(id == everyNamespace ? QString() : id); });
    connect(m_grouping, &ChipButton::chosenChanged, this, [this](const QString &id) {
        m_presenter->setGrouping(id == QLatin1String("namespace")  ? PodGroups::By::Namespace
                                 : id == QLatin1String("workload") ? PodGroups::By::Workload
                                                                   : PodGroups::By::Node);
    });
    connect(m_presenter, &ClusterPresenter::clusterChanged, this, [this] {
        refreshChoices();
        refreshPanels();
        emit crumbsChanged();
    });
    connect(m_presenter, &ClusterPresenter::groupsChanged, this, [this](const QSet<QString> &groups, bool isAll) {
        m_cards->refresh(groups, isAll);
        m_pod->refresh();
        if (m_presenter->groups().groups().isEmpty() != (m_cardsPanel->state() == Panel::State::Empty))
            refreshPanels();
        refreshSummary();
    });
    connect(m_presenter, &ClusterPresenter::workloadsChanged, this, [this] {
        if (!m_wanted.name.isEmpty())
            selectWorkload(m_wanted);
        fitColumns();
        refreshPanels();
    });
    connect(m_presenter, &ClusterPresenter::eventsChanged, this, &ClusterPage::refreshPanels);
    connect(m_presenter, &ClusterPresenter::freshnessChanged, this, [this] {
        refreshPanels();
        refreshSummary();
    });
    connect(m_cards, &GroupCards::heightChanged, this, &ClusterPage::balance);
    connect(m_cards, &GroupCards::podActivated, this, &ClusterPage::showPod);
    connect(m_cards, &GroupCards::podMenuRequested, this, &ClusterPage::podMenu);
    connect(m_workloads, &TableView::menuRequested, this, &ClusterPage::workloadMenu);
    connect(m_workloads, &TableView::opened, this, [this](const QModelIndex &) {
        if (const Workload *workload = currentWorkload())
            showPod(m_presenter->worstPodOf(*workload));
    });
    connect(m_workloads->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        if (const Workload *workload = currentWorkload())
            m_presenter->askRights(workload->ref.ns);
        emit crumbsChanged();
    });
    connect(m_pod, &PodPanel::notice, this, &Page::notice);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this] {
        if (isVisible())
            refreshSummary();
    });
    const auto keep = [this](QSplitter *splitter, const QString &name) {
        connect(splitter, &QSplitter::splitterMoved, this, [this, splitter, name] {
            m_userSplit = m_userSplit || splitter == m_down;
            m_userRight = m_userRight || splitter == m_right;
            m_context.settings.setState(name, splitter->saveState());
        });
    };
    keep(m_down, QStringLiteral("cluster/down"));
    keep(m_across, QStringLiteral("cluster/across"));
    keep(m_right, QStringLiteral("cluster/right"));
    m_workloads->viewport()->installEventFilter(this);
    m_right->installEventFilter(this);
    connect(m_workloads->horizontalHeader(), &QHeaderView::sectionResized, this,
            [this] { m_context.settings.setState(QStringLiteral("cluster/workloads"), m_workloads->saveColumns()); });
}

} // namespace signalbox
