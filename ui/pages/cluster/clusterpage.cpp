#include "ui/pages/cluster/clusterpage.h"

#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "ui/delegates/releasedelegate.h"
#include "ui/pages/cluster/groupcards.h"
#include "ui/pages/cluster/podpanel.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QScrollArea>
#include <QSplitter>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int eventRow = 33;
constexpr int narrowEvents = 560; // below it a message takes two lines

const QString everyNamespace = QStringLiteral("*");

QString colored(const QString &text, const QColor &color)
{
    return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(color.name(), text.toHtmlEscaped());
}

} // namespace

ClusterPage::ClusterPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    m_presenter = new ClusterPresenter(context, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(18, space::l, 18, space::m);
    layout->setSpacing(space::m);
    layout->addWidget(buildChips());
    m_down = new QSplitter(Qt::Vertical, this);
    m_down->setObjectName(QStringLiteral("clusterDown"));
    m_down->setChildrenCollapsible(false);
    m_cardsPanel = buildCards();
    m_down->addWidget(m_cardsPanel);
    m_across = new QSplitter(Qt::Horizontal, m_down);
    m_across->setChildrenCollapsible(false);
    m_workloadsPanel = buildWorkloads();
    m_across->addWidget(m_workloadsPanel);
    m_right = new QSplitter(Qt::Vertical, m_across);
    m_right->setChildrenCollapsible(false);
    m_pod = new PodPanel(*m_presenter, context.prompter, m_right);
    m_eventsPanel = buildEvents();
    m_right->addWidget(m_pod);
    m_right->addWidget(m_eventsPanel);
    m_across->addWidget(m_right);
    m_across->setStretchFactor(0, 14);
    m_across->setStretchFactor(1, 11);
    m_right->setStretchFactor(0, 3);
    m_right->setStretchFactor(1, 2);
    m_down->addWidget(m_across);
    m_down->setStretchFactor(0, 0);
    m_down->setStretchFactor(1, 1);
    layout->addWidget(m_down, 1);
    setFocusProxy(m_workloads);
    wire();
    m_userSplit = m_down->restoreState(context.settings.state(QStringLiteral("cluster/down")));
    m_across->restoreState(context.settings.state(QStringLiteral("cluster/across")));
    m_right->restoreState(context.settings.state(QStringLiteral("cluster/right")));
    refreshChoices();
    m_cards->refresh({}, true);
    refreshPanels();
    refreshSummary();
}

ClusterPage::~ClusterPage() = default;

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
            m_context.settings.setState(name, splitter->saveState());
        });
    };
    keep(m_down, QStringLiteral("cluster/down"));
    keep(m_across, QStringLiteral("cluster/across"));
    keep(m_right, QStringLiteral("cluster/right"));
    m_workloads->viewport()->installEventFilter(this);
    connect(m_workloads->horizontalHeader(), &QHeaderView::sectionResized, this,
            [this] { m_context.settings.setState(QStringLiteral("cluster/workloads"), m_workloads->saveColumns()); });
}

void ClusterPage::refreshChoices()
{
    QList<ChipButton::Choice> clusters;
    for (const auto &cluster : m_context.clusters.all())
        clusters.append({cluster->id, cluster->title});
    m_cluster->setChoices(clusters);
    m_cluster->setChosen(m_presenter->clusterId());
    QList<ChipButton::Choice> namespaces = {{everyNamespace, tr("all")}};
    for (const QString &name : m_presenter->namespaces())
        namespaces.append({name, name});
    m_namespace->setChoices(namespaces);
    m_namespace->setChosen(m_presenter->ns().isEmpty() ? everyNamespace : m_presenter->ns());
    fitColumns(); // also what an earlier window of another size had hidden
    const PodGroups::By by = m_presenter->grouping();
    m_grouping->setChosen(by == PodGroups::By::Namespace  ? QStringLiteral("namespace")
                          : by == PodGroups::By::Workload ? QStringLiteral("workload")
                                                          : QStringLiteral("node"));
}

void ClusterPage::refreshSummary()
{
    if (m_cardsPanel->state() != Panel::State::Content) { // no figures without a source
        m_summary->clear();
        return;
    }
    const PodGroups::Counts counts = m_presenter->groups().counts();
    const QLocale plain(QLocale::English);
    const Tokens &t = tokens();
    QStringList parts = {tr("%1 pods").arg(plain.toString(counts.pods)),
                         tr("%1 ready").arg(plain.toString(counts.ready))};
    if (counts.moving > 0)
        parts.append(tr("%1 starting").arg(counts.moving));
    for (QString &part : parts)
        part = part.toHtmlEscaped();
    if (counts.warning > 0)
        parts.append(colored(tr("%1 warning").arg(counts.warning), t.warning.text));
    if (counts.failing > 0)
        parts.append(colored(tr("%1 failing").arg(counts.failing), t.failing.text));
    const Freshness freshness = m_presenter->podFreshness();
    const QDateTime now = AgeTicker::now();
    if (freshness.isLive()) {
        const QString age = ageText(m_presenter->lastChange(), now, true);
        parts.append(age.isEmpty() ? tr("changes arrive live") : tr("changes arrive live, last %1 ago").arg(age));
    } else if (freshness.state == Freshness::State::Stale) {
        parts.append(
            colored(tr("stale, last heard %1 ago").arg(ageText(freshness.lastHeard, now, true)), t.warning.text));
    }
    const ClusterConnection *cluster = m_presenter->cluster();
    if (cluster != nullptr && m_presenter->grouping() == PodGroups::By::Node &&
        !cluster->source->info().servesMetrics && freshness.isLive())
        parts.append(tr("no cpu or memory: metrics.k8s.io is not served"));
    // What matters stands first: the rest goes where there is no room.
    const int room = width() - 36 - (m_grouping->isVisible() ? m_grouping->geometry().right() + space::l : 0);
    QTextDocument measure;
    measure.setDefaultFont(m_summary->font());
    do {
        measure.setHtml(parts.join(QStringLiteral(" · ")));
        if (measure.idealWidth() <= room || parts.size() <= 2)
            break;
        parts.removeLast();
    } while (true);
    const QString text = parts.join(QStringLiteral(" · "));
    if (text != m_summary->text())
        m_summary->setText(text);
}

void ClusterPage::refreshPanels()
{
    const auto retry = [this] { m_presenter->retry(); };
    if (m_presenter->cluster() == nullptr) {
        const auto add = [this] {
            emit navigate({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-kubernetes")});
        };
        m_cardsPanel->showEmpty(tr("No cluster yet"), tr("Add one from the contexts of your kubeconfig."),
                                tr("Add a cluster"), add);
        m_workloadsPanel->showEmpty(tr("No workloads"), {});
        m_eventsPanel->showEmpty(tr("No events"), {});
        return;
    }
    m_cardsPanel->follow(m_presenter->podFreshness(), tr("There are no pods"), retry);
    m_workloadsPanel->follow(m_presenter->workloadFreshness(), tr("There are no workloads"), retry);
    m_eventsPanel->follow(m_presenter->eventFreshness(), tr("There are no events"), retry);
    const QString where = m_presenter->ns().isEmpty() ? tr("all namespaces") : m_presenter->ns();
    const bool isRead = m_workloadsPanel->state() == Panel::State::Content;
    m_workloadsPanel->setSubtitle(isRead ? tr("%1 in %2").arg(m_presenter->workloads().rowCount()).arg(where)
                                         : QString());
    m_eventsPanel->setSubtitle(where);
    if (m_cardsPanel->state() == Panel::State::Content && m_presenter->groups().counts().pods == 0 &&
        m_presenter->groups().groups().isEmpty())
        m_cardsPanel->showEmpty(tr("No pods in %1").arg(where),
                                tr("Choose another namespace above, or wait for a roll-out."));
    if (m_workloadsPanel->state() == Panel::State::Content && m_filtered->rowCount() == 0) {
        if (m_filter->text().isEmpty())
            m_workloadsPanel->showEmpty(tr("No workloads in %1").arg(where),
                                        tr("Deployments, StatefulSets and DaemonSets appear here."));
        else
            m_workloadsPanel->showEmpty(tr("Nothing matches \"%1\"").arg(m_filter->text()), {}, tr("Clear the filter"),
                                        [this] { m_filter->clear(); });
    }
    if (m_eventsPanel->state() == Panel::State::Content && m_presenter->events().rowCount() == 0)
        m_eventsPanel->showEmpty(tr("No events in %1").arg(where), tr("The cluster keeps them for about an hour."));
}

void ClusterPage::balance()
{
    if (m_userSplit || m_down->height() < 100)
        return;
    const int wanted = m_cards->minimumHeight() + 2;
    const int cards = std::clamp(wanted, 120, std::max(120, m_down->height() / 2 - 20));
    m_down->setSizes({cards, m_down->height() - cards - m_down->handleWidth()});
    m_across->setSizes({m_across->width() * 14 / 25, m_across->width() * 11 / 25});
}

// Columns that explain give way to those that say how it stands.
void ClusterPage::fitColumns()
{
    const int room = m_workloads->viewport()->width();
    // Without it the same name in two namespaces would look like the same thing twice.
    const bool showsNamespace = m_presenter->ns().isEmpty();
    const int taken = showsNamespace ? 110 : 0;
    m_workloads->setColumnHidden(WorkloadsModel::Namespace, !showsNamespace);
    m_workloads->setColumnHidden(WorkloadsModel::ManagedBy, room < 760 + taken);
    m_workloads->setColumnHidden(WorkloadsModel::Kind, room < 600 + taken);
    m_workloads->setColumnHidden(WorkloadsModel::Version, room < 500 + taken);
}

void ClusterPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    layout()->activate();
    balance();
    refreshSummary();
    m_events->setRowHeight(m_eventsPanel->width() < narrowEvents ? eventRow + 15 : eventRow);
}

bool ClusterPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_workloads->viewport() && event->type() == QEvent::Resize)
        fitColumns();
    return Page::eventFilter(watched, event);
}

void ClusterPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_presenter->setActive(true);
    balance();
}

void ClusterPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_presenter->setActive(false);
}

QStringList ClusterPage::crumbs() const
{
    const ClusterConnection *cluster = m_presenter->cluster();
    if (cluster == nullptr)
        return {};
    return {cluster->title, m_presenter->ns().isEmpty() ? tr("all namespaces") : m_presenter->ns()};
}

void ClusterPage::open(const NavigationTarget &target)
{
    if (!target.connection.isEmpty())
        m_presenter->setCluster(target.connection);
    const Deployed *deployed = m_context.deployed.find(target.deployedKey);
    if (deployed != nullptr)
        m_presenter->setCluster(deployed->connection);
    const QString ns = deployed != nullptr ? deployed->ns : target.ns;
    if (!ns.isEmpty() && (m_presenter->ns().isEmpty() == false || deployed != nullptr || target.object.name.isEmpty()))
        m_presenter->setNamespace(ns);
    if (target.object.kind == QLatin1String("Pod"))
        showPod(target.object.uid);
    else if (!target.object.name.isEmpty())
        selectWorkload(target.object);
    else if (deployed != nullptr && !deployed->tracks.isEmpty() && !deployed->tracks.first().workloads.isEmpty())
        selectWorkload(deployed->tracks.first().workloads.first());
}

bool ClusterPage::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
    return true;
}

bool ClusterPage::goBack()
{
    if (!m_filter->text().isEmpty()) {
        m_filter->clear();
        return true;
    }
    if (m_pod->podUid().isEmpty())
        return false;
    m_pod->showPod({});
    m_cards->setCurrentPod({});
    m_workloads->setFocus();
    return true;
}

const Workload *ClusterPage::currentWorkload() const
{
    return m_presenter->workload(m_workloads->currentIndex().data(IdRole).toString());
}

NavigationTarget ClusterPage::current() const
{
    NavigationTarget target;
    target.connection = m_presenter->clusterId();
    target.ns = m_presenter->ns();
    if (const Workload *workload = currentWorkload()) {
        target.object = workload->ref;
        target.deployedKey = m_presenter->deployedKeyOf(workload->ref);
    }
    return target;
}

QList<KeyHelp> ClusterPage::keys() const
{
    return {{tr("Arrows"), tr("Move between pods, or workloads")},
            {tr("Enter"), tr("Open the pod's log")},
            {tr("Menu"), tr("Scale, restart, pause, roll back")},
            {QStringLiteral("/"), tr("Filter workloads")},
            {tr("End"), tr("Follow the log")},
            {QStringLiteral("Ctrl C"), tr("Copy rows or lines")}};
}

void ClusterPage::showPod(const QString &uid)
{
    m_pod->showPod(uid);
    m_cards->setCurrentPod(uid);
    if (uid.isEmpty())
        return;
    GroupCard *card = m_cards->card(m_presenter->groups().groupOf(uid));
    if (card != nullptr)
        m_cardsArea->ensureWidgetVisible(card, 0, space::s);
}

void ClusterPage::selectWorkload(const ObjectRef &ref)
{
    m_wanted = ref;
    for (int row = 0; row < m_filtered->rowCount(); ++row) {
        const QModelIndex index = m_filtered->index(row, WorkloadsModel::Name);
        const Workload *workload = m_presenter->workload(index.data(IdRole).toString());
        if (workload == nullptr || !samePlace(workload->ref, ref))
            continue;
        m_wanted = {};
        m_workloads->setCurrentIndex(index);
        m_workloads->scrollTo(index);
        return;
    }
}

void ClusterPage::addAction(QMenu *menu, const QString &icon, const QString &text, const ActionRequest &request)
{
    const std::optional<QString> whyNot = m_presenter->whyNot(request);
    QAction *action = menu->addAction(themedIcon(icon), text, this, [this, request] { emit actionRequested(request); });
    action->setEnabled(!whyNot);
    if (whyNot) {
        action->setToolTip(*whyNot);
        action->setText(text + QStringLiteral("  –  ") + *whyNot);
    }
}

void ClusterPage::workloadMenu(const QModelIndex &index, const QPoint &at)
{
    const Workload *workload = m_presenter->workload(index.data(IdRole).toString());
    if (workload == nullptr)
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("workloadMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    ActionRequest request;
    request.workload = workload->ref;
    request.deployedKey = m_presenter->deployedKeyOf(workload->ref);
    request.kind = OperationKind::Rollback;
    addAction(menu, QStringLiteral("rollback"), tr("Roll back..."), request);
    request.kind = OperationKind::Restart;
    addAction(menu, QStringLiteral("restart"), tr("Restart..."), request);
    request.kind = OperationKind::Scale;
    addAction(menu, QStringLiteral("scale"), tr("Scale..."), request);
    request.kind = workload->isPaused ? OperationKind::Resume : OperationKind::Pause;
    addAction(menu, workload->isPaused ? QStringLiteral("play") : QStringLiteral("pause"),
              workload->isPaused ? tr("Resume...") : tr("Pause..."), request);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("log")), tr("Log of its worst pod"), this,
                    [this, ref = *workload] { showPod(m_presenter->worstPodOf(ref)); });
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy its name"), this,
                    [name = workload->ref.ns + QLatin1Char('/') + workload->ref.name] {
                        QGuiApplication::clipboard()->setText(name);
                    });
    menu->popup(at);
}

void ClusterPage::podMenu(const QString &uid, const QPoint &at)
{
    const Pod *pod = m_presenter->pod(uid);
    if (pod == nullptr)
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("podMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("log")), tr("Open its log"), this, [this, uid] { showPod(uid); });
    const QString owner = workloadNameOf(*pod);
    for (const WorkloadRow &row : m_presenter->workloads().rows()) {
        if (row.ref.name == owner && row.ref.ns == pod->ref.ns)
            menu->addAction(tr("Show %1").arg(owner), this, [this, ref = row.ref] { selectWorkload(ref); });
    }
    menu->addAction(
        themedIcon(QStringLiteral("copy")), tr("Copy its name"), this,
        [name = pod->ref.ns + QLatin1Char('/') + pod->ref.name] { QGuiApplication::clipboard()->setText(name); });
    menu->popup(at);
}

} // namespace signalbox
