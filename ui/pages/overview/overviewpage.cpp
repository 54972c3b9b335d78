#include "ui/pages/overview/overviewpage.h"

#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "services/ports/connections.h"
#include "ui/delegates/releasedelegate.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/operation/metricrow.h"
#include "ui/pages/overview/doratiles.h"
#include "ui/pages/overview/welcome.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedLayout>
#include <QStyle>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int headingHeight = 28;
constexpr int attentionRowHeight = 57;
constexpr int leastActions = 12;  // rows whose buttons are there however low the table is
constexpr int leastForDora = 780; // of a window of 900: below that the releases need the height more

QString unreadText(const OverviewPresenter::Unread &unread)
{
    QStringList sentences;
    if (!unread.servers.isEmpty())
        sentences << OverviewPage::tr("What waits for you at %1 is not known now.")
                         .arg(unread.servers.join(QStringLiteral(", ")));
    if (unread.areGatesAwaited)
        sentences << OverviewPage::tr("Gates at vendors are being read.");
    if (unread.isLedger)
        sentences << OverviewPage::tr("The ledger is not read, so promotions may wait that are not listed.");
    if (!unread.alerts.isEmpty())
        sentences << OverviewPage::tr("Alerts of %1 are not known now.").arg(unread.alerts.join(QStringLiteral(", ")));
    return sentences.join(QLatin1Char(' '));
}

// A delegate that leaves the row's ground to the base and the button to an index widget.
class ActionDelegate : public CellDelegate
{
public:
    explicit ActionDelegate(QObject *parent)
        : CellDelegate(Style::Plain, parent)
    {}

protected:
    void paintCell(QPainter *, const QRect &, const QStyleOptionViewItem &, const QModelIndex &) const override {}
};

} // namespace

OverviewPage::OverviewPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    m_presenter = new OverviewPresenter(context, this);
    m_stack = new QStackedLayout(this);
    m_welcome = new Welcome(context.connections, this);
    m_main = new QWidget(this);
    auto *layout = new QVBoxLayout(m_main);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
    layout->setSpacing(14);
    auto *tiles = new QHBoxLayout;
    tiles->setSpacing(14);
    buildTiles(m_main, tiles);
    layout->addLayout(tiles);
    buildDora();
    if (m_dora)
        layout->addWidget(m_dora);
    m_releases = buildReleases(m_main);
    m_attention = buildAttention(m_main);
    layout->addWidget(m_releases, 100);
    m_traffic = new MetricRow(context.metrics, context.operations, {QStringLiteral("requests")}, m_main);
    m_traffic->setObjectName(QStringLiteral("trafficChart"));
    m_traffic->setAlwaysShown();
    m_traffic->setHistory(&context.clusters, context.entries);
    auto *bottom = new QHBoxLayout;
    bottom->setSpacing(14);
    bottom->addWidget(m_attention, 5);
    bottom->addWidget(m_traffic, 4);
    layout->addLayout(bottom, 1);
    m_stack->addWidget(m_main);
    m_stack->addWidget(m_welcome);
    setFocusProxy(m_table);

    connect(m_presenter, &OverviewPresenter::changed, this, &OverviewPage::refresh);
    connect(m_presenter, &OverviewPresenter::failingChanged, this,
            [this](int failing) { emit badgeChanged(failing, Health::Failing); });
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this, last = QDateTime()]() mutable {
        const QDateTime now = AgeTicker::now();
        if (!isVisible() || (last.isValid() && last.secsTo(now) < 15))
            return;
        last = now;
        m_table->viewport()->update();
    });
    m_welcome->setOffersPractice(static_cast<bool>(m_context.openPractice));
    connect(m_welcome, &Welcome::practiceRequested, this, [this] {
        if (!m_context.openPractice())
            m_welcome->setProblem(tr("The practice world could not be started. Try signalbox-console --demo in a "
                                     "terminal: it says why."));
    });
    connect(m_welcome, &Welcome::openFileRequested, this, [this] {
        m_context.prompter.askFile(this, tr("Open a kubeconfig file"), tr("All files (*)"),
                                   [this](const QString &path) {
                                       if (!path.isEmpty())
                                           m_welcome->lookIn(path);
                                   });
    });
    m_welcome->setOffersWorkspace(static_cast<bool>(m_context.openWorkspace));
    connect(m_welcome, &Welcome::openWorkspaceRequested, this, [this] {
        m_context.prompter.askFile(this, tr("Open a workspace"), tr("Workspaces (*.yaml *.yml *.json);;All files (*)"),
                                   [this](const QString &path) {
                                       if (!path.isEmpty() && !m_context.openWorkspace(path))
                                           m_welcome->setProblem(
                                               tr("%1 could not be opened. Try signalbox-console -w with it in a "
                                                  "terminal: it says why.")
                                                   .arg(path));
                                   });
    });
    refresh();
    // Whoever makes the page listens once it is made; and what fails by then changes perhaps no more.
    QTimer::singleShot(0, this, [this] { emit badgeChanged(m_presenter->failing(), Health::Failing); });
}

OverviewPage::~OverviewPage() = default;

void OverviewPage::buildTiles(QWidget *parent, QHBoxLayout *row)
{
    m_applications = new StatTile(tr("Applications"), parent);
    m_applications->setObjectName(QStringLiteral("tileApplications"));
    m_pods = new StatTile(tr("Pods ready"), parent);
    m_pods->setObjectName(QStringLiteral("tilePods"));
    m_states = new StatTile(tr("Need attention"), parent);
    m_states->setObjectName(QStringLiteral("tileStates"));
    m_operations = new StatTile(tr("Operations today"), parent);
    m_operations->setObjectName(QStringLiteral("tileOperations"));
    for (StatTile *tile : {m_applications, m_pods, m_states, m_operations})
        row->addWidget(tile);
}

void OverviewPage::buildDora()
{
    if (!m_context.entries)
        return;
    m_dora = new DoraTiles(*m_context.entries, m_context.settings, m_main);
    m_dora->hide();
    connect(m_dora, &DoraTiles::definitionWanted, this, [this](DoraMetric metric) {
        NavigationTarget target;
        target.page = QStringLiteral("ledger");
        target.hint = QStringLiteral("dora:") + doraName(metric);
        emit navigate(target);
    });
}

void OverviewPage::sizeDora()
{
    if (m_dora)
        m_dora->setVisible(height() >= leastForDora);
}

Panel *OverviewPage::buildReleases(QWidget *parent)
{
    auto *panel = new Panel(tr("Releases by environment"), parent);
    panel->setObjectName(QStringLiteral("releasesPanel"));
    m_filter = new FilterField(tr("Filter applications"), panel);
    m_filter->setObjectName(QStringLiteral("releasesFilter"));
    m_filter->setMinimumWidth(90); // gives way to a stale panel's age
    m_filter->setMaximumWidth(190);
    m_order = new ChipButton(QStringLiteral("%1"), panel);
    m_order->setObjectName(QStringLiteral("releasesOrder"));
    m_order->setChoices({{QStringLiteral("team"), tr("group by team")},
                         {QStringLiteral("name"), tr("sort by name")},
                         {QStringLiteral("state"), tr("worst first")}});
    m_order->setChosen(m_context.settings.choice(QStringLiteral("overview/order"), QStringLiteral("name")));
    m_only = new QCheckBox(tr("only what needs attention"), panel);
    m_only->setObjectName(QStringLiteral("releasesOnly"));
    m_only->setChecked(m_presenter->showsOnlyAttention());
    panel->addHeaderWidget(m_filter);
    panel->addHeaderWidget(m_order);
    panel->addHeaderWidget(m_only);
    m_table = new TableView(panel);
    m_table->setObjectName(QStringLiteral("releasesTable"));
    m_table->setAccessibleName(tr("Releases by environment"));
    m_table->setHorizontalHeader(new ReleasesHeader(m_table));
    m_table->setSelectsCells(true);
    m_table->setRowHeight(size::rowTwoLines);
    m_table->setModel(&m_presenter->releases());
    m_table->setItemDelegate(new ReleaseDelegate(m_table));
    m_table->setItemDelegateForColumn(ReleasesModel::Application, new ApplicationDelegate(m_table));
    m_filter->setTarget(m_table);
    panel->setContent(m_table);
    connect(m_filter, &QLineEdit::textChanged, m_presenter, &OverviewPresenter::setFilter);
    connect(m_only, &QCheckBox::toggled, m_presenter, &OverviewPresenter::setOnlyAttention);
    connect(m_order, &ChipButton::chosenChanged, this, [this](const QString &id) {
        m_presenter->setOrder(id == QLatin1String("team")    ? ReleasesModel::Order::ByTeam
                              : id == QLatin1String("state") ? ReleasesModel::Order::ByState
                                                             : ReleasesModel::Order::ByName);
    });
    connect(m_table, &TableView::opened, this, &OverviewPage::openCell);
    connect(m_table, &TableView::menuRequested, this, &OverviewPage::openMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] { emit crumbsChanged(); });
    ReleasesModel &model = m_presenter->releases();
    connect(&model, &QAbstractItemModel::columnsInserted, this, &OverviewPage::sizeColumns);
    connect(&model, &QAbstractItemModel::columnsRemoved, this, &OverviewPage::sizeColumns);
    return panel;
}

Panel *OverviewPage::buildAttention(QWidget *parent)
{
    auto *panel = new Panel(tr("Needs attention"), parent);
    panel->setObjectName(QStringLiteral("attentionPanel"));
    m_attentionTable = new TableView(panel);
    m_attentionTable->setObjectName(QStringLiteral("attentionTable"));
    m_attentionTable->setAccessibleName(tr("Needs attention"));
    m_attentionTable->horizontalHeader()->hide();
    m_attentionTable->setRowHeight(attentionRowHeight);
    m_attentionTable->setModel(&m_presenter->attention());
    m_attentionTable->setItemDelegateForColumn(AttentionModel::What,
                                               new CellDelegate(CellDelegate::Style::Name, m_attentionTable));
    m_attentionTable->setItemDelegateForColumn(AttentionModel::Action, new ActionDelegate(m_attentionTable));
    m_attentionTable->setColumnWidth(AttentionModel::Action, 140);
    m_attentionTable->setStretchColumn(AttentionModel::What);
    panel->setContent(m_attentionTable);
    connect(m_attentionTable, &TableView::opened, this,
            [this](const QModelIndex &index) { act(m_presenter->attention().row(index.row())); });
    connect(m_attentionTable->verticalScrollBar(), &QScrollBar::valueChanged, this, &OverviewPage::showActions);
    m_attentionTable->viewport()->installEventFilter(this);
    return panel;
}

QStringList OverviewPage::crumbs() const
{
    QStringList names;
    for (const auto &cluster : m_context.clusters.all())
        names.append(cluster->title);
    if (names.size() > 3)
        return {tr("%1 clusters").arg(names.size())};
    return names.isEmpty() ? QStringList() : QStringList{names.join(QStringLiteral(", "))};
}

bool OverviewPage::focusFilter()
{
    if (m_stack->currentWidget() != m_main)
        return false;
    m_filter->setFocus();
    m_filter->selectAll();
    return true;
}

bool OverviewPage::goBack()
{
    if (m_filter->text().isEmpty())
        return false;
    m_filter->clear();
    return true;
}

NavigationTarget OverviewPage::current() const
{
    NavigationTarget target;
    if (m_attentionTable->hasFocus() && m_attentionTable->currentIndex().isValid())
        target.deployedKey = m_presenter->attention().row(m_attentionTable->currentIndex().row()).deployedKey;
    else
        target.deployedKey = m_table->currentIndex().data(ReleasesModel::KeyRole).toString();
    return target;
}

std::optional<PageEntry> OverviewPage::otherScreen() const
{
    return m_stack->currentWidget() == m_welcome ? std::optional(Welcome::screen()) : std::nullopt;
}

QList<KeyHelp> OverviewPage::keys() const
{
    if (m_stack->currentWidget() == m_welcome)
        return Welcome::keys();
    return {{tr("Arrows"), tr("Move between releases")},
            {tr("Enter"), tr("Open its traffic, rollback or cluster")},
            {tr("Menu"), tr("What can be done with it")},
            {QStringLiteral("Ctrl C"), tr("Copy version, hash and state")},
            {QStringLiteral("/"), tr("Filter applications")}};
}

void OverviewPage::refresh()
{
    const bool isEmpty = m_presenter->needsWelcome();
    if (const std::optional<Error> problem = m_context.connections.problem())
        m_welcome->setProblem(problem->message);
    else if (isEmpty && m_presenter->readFailure())
        m_welcome->setProblem(m_presenter->readFailure()->message);
    else
        m_welcome->setProblem({});
    m_stack->setCurrentWidget(isEmpty ? static_cast<QWidget *>(m_welcome) : m_main);
    setFocusProxy(isEmpty ? static_cast<QWidget *>(m_welcome) : m_table);
    refreshTiles();
    refreshReleases();
    refreshAttention();
    refreshTraffic();
    emit crumbsChanged(); // clusters come and go
}

void OverviewPage::refreshTiles()
{
    const OverviewPresenter::Figures &figures = m_presenter->figures();
    const QLocale plain(QLocale::English);
    const Freshness freshness = m_presenter->freshness();
    const bool isKnown = freshness.state != Freshness::State::Loading && freshness.state != Freshness::State::Failed;
    const QString unknown = QStringLiteral("–");
    m_applications->setFigure(
        isKnown ? plain.toString(figures.applications) : unknown,
        m_context.clusters.all().size() == 1
            ? tr("in %1 environments").arg(figures.environments)
            : tr("in %1 environments of %2 clusters").arg(figures.environments).arg(m_context.clusters.all().size()));
    const bool allReady = figures.pods == figures.podsReady;
    const bool arePodsKnown = isKnown && figures.arePodsOurs;
    m_pods->setFigure(arePodsKnown ? tr("%1 / %2").arg(plain.toString(figures.podsReady), plain.toString(figures.pods))
                                   : unknown,
                      !isKnown               ? tr("not read yet")
                      : !figures.arePodsOurs ? tr("not all are yours to see")
                      : allReady             ? tr("all that should be")
                                 : tr("%1 not ready").arg(plain.toString(figures.pods - figures.podsReady)));
    if (arePodsKnown && figures.pods > 0)
        m_pods->setShare(static_cast<double>(figures.podsReady) / static_cast<double>(figures.pods),
                         allReady ? ToneName::Ok : ToneName::Warning);
    else
        m_pods->setShare(-1, ToneName::Ok);
    const int attention = figures.failing + figures.warning;
    m_states->setFigure(isKnown ? plain.toString(attention) : unknown,
                        tr("%1 failing · %2 · %3 moving")
                            .arg(figures.failing)
                            .arg(tr("%n warning(s)", nullptr, figures.warning))
                            .arg(figures.moving),
                        figures.failing > 0   ? ToneName::Failing
                        : figures.warning > 0 ? ToneName::Warning
                                              : ToneName::Neutral);
    for (StatTile *tile : {m_applications, m_pods, m_states})
        tile->setStale(freshness.state == Freshness::State::Stale);
    m_operations->setVisible(figures.hasOperations);
    m_operations->setFigure(
        plain.toString(figures.operationsToday),
        tr("%1 running · %2 not done").arg(figures.operationsRunning).arg(figures.operationsNotDone));
}

void OverviewPage::refreshReleases()
{
    const OverviewPresenter::Figures &figures = m_presenter->figures();
    m_releases->setSubtitle(
        tr("%1 applications · %2 environments").arg(figures.applications).arg(figures.environments));
    m_releases->follow(m_presenter->freshness(), tr("This cluster has no workloads to show"),
                       [this] { m_presenter->retry(); });
    if (m_releases->state() == Panel::State::Content && m_presenter->releases().rowCount() == 0) {
        if (figures.applications == 0)
            m_releases->showEmpty(
                tr("No applications yet"),
                tr("They are found by their workloads: Deployments, StatefulSets and DaemonSets with the "
                   "recommended labels, an app label, or by name."));
        else
            m_releases->showEmpty(tr("Nothing to show"), tr("No application matches the filter."), tr("Show all"),
                                  [this] {
                                      m_filter->clear();
                                      m_only->setChecked(false);
                                  });
    }
    sizeColumns();
    sizeRows();
    sizePanels();
    takeFocus();
}

// While there is nothing to list, the window hands the focus to what comes first: the filter, or this page's line of
// the navigation. It is meant for the list; where somebody went in the meantime stays.
void OverviewPage::takeFocus()
{
    if (!m_wantsList || !m_table->isVisible() || m_presenter->releases().rowCount() == 0)
        return;
    m_wantsList = false;
    const QWidget *focus = window()->focusWidget();
    if (focus == nullptr || !focus->isVisible() || (focus == m_filter && m_filter->text().isEmpty()) ||
        focus->objectName() == QLatin1String("nav-overview"))
        m_table->setFocus(Qt::OtherFocusReason);
}

void OverviewPage::refreshAttention()
{
    AttentionModel &model = m_presenter->attention();
    int moving = 0;  // shown, but it needs nobody
    int waiting = 0; // for the operator's word
    for (int row = 0; row < model.rowCount(); ++row) {
        moving += model.row(row).health == Health::InProgress ? 1 : 0;
        waiting += model.row(row).action == AttentionRow::Action::Review ? 1 : 0;
    }
    QStringList words; // all rows first: what follows says how many of them
    if (model.rowCount() > 0)
        words << QString::number(model.rowCount());
    if (waiting > 0)
        words << tr("%1 waiting for you").arg(waiting);
    if (moving > 0)
        words << tr("%1 moving").arg(moving);
    const OverviewPresenter::Unread &unread = m_presenter->unread();
    if (!unread.servers.isEmpty() || unread.areGatesAwaited)
        words << tr("gates not of every server");
    if (unread.isLedger)
        words << tr("the ledger is not read");
    if (!unread.alerts.isEmpty())
        words << tr("alerts not of every source");
    m_attention->setSubtitle(words.join(QStringLiteral(" · ")));
    if (model.rowCount() == 0 && unread.isNothing())
        m_attention->showEmpty(
            tr("Nothing needs attention"),
            tr("Failing, warning and moving releases and alerts appear here, and what waits for you."));
    else if (model.rowCount() == 0)
        m_attention->showEmpty(tr("Nothing that is known needs attention"), unreadText(unread));
    else
        m_attention->showContent();
    const Freshness freshness = m_presenter->freshness();
    const bool isStale = freshness.state == Freshness::State::Stale;
    m_attention->setStale(isStale ? freshness.lastHeard.isValid() ? freshness.lastHeard : freshness.since : QDateTime(),
                          freshness.error ? freshness.error->message : QString());
    showActions();
    sizePanels();
    emit badgeChanged(m_presenter->failing(), Health::Failing);
}

// The buttons of the rows in sight: hundreds of gates may wait, and a button takes longer to make than all else of its
// row. Those that were made before stay, and follow their rows.
void OverviewPage::showActions()
{
    const AttentionModel &model = m_presenter->attention();
    const int first = std::max(0, m_attentionTable->rowAt(0));
    const int end = first + std::max(leastActions, m_attentionTable->viewport()->height() / attentionRowHeight + 2);
    for (int row = 0; row < model.rowCount(); ++row) {
        const QModelIndex index = model.index(row, AttentionModel::Action);
        QWidget *const cell = m_attentionTable->indexWidget(index);
        if (cell != nullptr || (row >= first && row < end))
            showAction(index, cell);
    }
}

void OverviewPage::showAction(const QModelIndex &index, QWidget *cell)
{
    const AttentionRow &item = m_presenter->attention().row(index.row());
    auto *button = cell != nullptr ? cell->findChild<QPushButton *>() : nullptr;
    if (button == nullptr) {
        cell = new QWidget;
        auto *layout = new QHBoxLayout(cell);
        layout->setContentsMargins(0, 0, 14, 1);
        layout->addStretch();
        button = new QPushButton(cell);
        button->setAutoDefault(false);
        layout->addWidget(button);
        m_attentionTable->setIndexWidget(index, cell);
        connect(button, &QPushButton::clicked, this, [this, key = QPersistentModelIndex(index)] {
            if (key.isValid())
                act(m_presenter->attention().row(key.row()));
        });
    }
    button->setText(attentionActionLabel(item.action));
    const QString variant = item.action == AttentionRow::Action::RollBack ? QStringLiteral("dangerOutline")
                            : item.action == AttentionRow::Action::Review ? QStringLiteral("primary")
                                                                          : QString();
    if (button->property("variant").toString() != variant) {
        button->setProperty("variant", variant);
        button->style()->unpolish(button);
        button->style()->polish(button);
    }
    button->setAccessibleName(attentionActionLabel(item.action) + QLatin1Char(' ') + item.title);
}

bool OverviewPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_attentionTable->viewport() && event->type() == QEvent::Resize)
        showActions();
    return Page::eventFilter(watched, event);
}

// The traffic of the last environment in release order, all its applications together; of its largest namespace, where
// it has several, and then it says so.
void OverviewPage::refreshTraffic()
{
    const QStringList environments = m_presenter->releases().environments();
    const QString environment = environments.isEmpty() ? QString() : environments.last();
    QMap<QString, int> namespaces;
    for (const Deployed &one : m_context.deployed.all()) {
        if (one.environment == environment)
            ++namespaces[one.ns];
    }
    MetricSubject subject;
    const auto largest = std::max_element(namespaces.cbegin(), namespaces.cend());
    if (largest != namespaces.cend())
        subject.ns = largest.key();
    QList<Deployed> marked;
    for (const Deployed &one : m_context.deployed.all()) {
        if (one.environment != environment || one.ns != subject.ns)
            continue;
        marked.append(one);
        for (const Track &track : one.tracks) {
            const auto known = std::find_if(subject.tracks.begin(), subject.tracks.end(),
                                            [&track](const MetricTrack &other) { return other.name == track.name; });
            MetricTrack &all = known != subject.tracks.end() ? *known : subject.tracks.emplaceBack(track.name);
            for (const ObjectRef &workload : track.workloads)
                all.workloads.append(workload.name);
        }
    }
    for (MetricTrack &track : subject.tracks)
        track.workloads.sort();
    std::sort(subject.tracks.begin(), subject.tracks.end(),
              [](const MetricTrack &a, const MetricTrack &b) { return a.name < b.name; });
    m_traffic->setTitle(environment.isEmpty()   ? tr("Traffic")
                        : namespaces.size() < 2 ? tr("Traffic in %1").arg(environment)
                                                : tr("Traffic in %1, namespace %2").arg(environment, subject.ns));
    m_traffic->setSubject(subject, marked);
}

void OverviewPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_traffic->setActive(true);
    m_presenter->setLooked(true);
}

void OverviewPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_traffic->setActive(false);
    m_presenter->setLooked(false);
}

// The table gets what its rows need as long as two lines of what needs attention stay in sight.
void OverviewPage::sizePanels()
{
    const int rows = std::max(1, m_presenter->attention().rowCount());
    const int least = size::panelHeader + std::min(2, rows) * attentionRowHeight + 10;
    int table = size::panelHeader + size::tableHeader + 12;
    for (int row = 0; row < m_presenter->releases().rowCount(); ++row)
        table += m_table->rowHeight(row);
    if (m_table->horizontalScrollBar()->isVisible())
        table += m_table->horizontalScrollBar()->height();
    m_attention->setMinimumHeight(std::max(110, least));
    m_releases->setMinimumHeight(180);
    m_releases->setMaximumHeight(m_releases->state() == Panel::State::Content ? std::max(180, table) : QWIDGETSIZE_MAX);
}

void OverviewPage::sizeColumns()
{
    QHeaderView *header = m_table->horizontalHeader();
    const int columns = m_presenter->releases().columnCount();
    header->setSectionResizeMode(QHeaderView::Fixed);
    const int room = std::max(400, m_table->viewport()->width());
    const int first = std::clamp(room / (columns + 1), 170, 260);
    const int each = columns > 1 ? std::max(200, (room - first) / (columns - 1)) : 0;
    header->resizeSection(ReleasesModel::Application, columns > 1 ? first : room);
    for (int column = 1; column < columns; ++column) {
        const bool isLast = column == columns - 1;
        header->resizeSection(column, isLast ? std::max(each, room - first - each * (columns - 2)) : each);
    }
}

void OverviewPage::sizeRows()
{
    const ReleasesModel &model = m_presenter->releases();
    for (int row = 0; row < model.rowCount(); ++row) {
        const int lines = model.data(model.index(row, 0), ReleasesModel::LinesRole).toInt();
        m_table->verticalHeader()->resizeSection(row, lines == 0   ? headingHeight
                                                      : lines == 3 ? size::rowTwoLines + 13
                                                                   : size::rowTwoLines);
    }
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    sizeDora();
    layout()->activate();
    sizeColumns();
}

bool OverviewPage::event(QEvent *event)
{
    if (event->type() == QEvent::Show || event->type() == QEvent::LayoutRequest)
        sizeColumns();
    return Page::event(event);
}

void OverviewPage::openCell(const QModelIndex &index)
{
    QString key = index.data(ReleasesModel::KeyRole).toString();
    if (key.isEmpty() && index.column() == ReleasesModel::Application) {
        // The name stands for its worst environment.
        const ReleaseRow &row = m_presenter->releases().row(index.row());
        Health worst = Health::NotStarted;
        for (const ReleaseCell &cell : row.cells) {
            if (key.isEmpty() || cell.health > worst) {
                key = cell.deployedKey;
                worst = cell.health;
            }
        }
    }
    const Deployed *deployed = m_context.deployed.find(key);
    if (deployed == nullptr)
        return;
    const Health health = releaseCell(*deployed).health;
    const bool splits = deployed->tracks.size() > 1 && !deployed->routers.isEmpty();
    const QString page = health == Health::Failing ? QStringLiteral("rollback")
                         : splits                  ? QStringLiteral("traffic")
                                                   : QStringLiteral("cluster");
    emit navigate({page, key, deployed->connection, deployed->ns, {}, {}});
}

void OverviewPage::openMenu(const QModelIndex &index, const QPoint &at)
{
    const QString key = index.data(ReleasesModel::KeyRole).toString();
    const Deployed *deployed = m_context.deployed.find(key);
    if (deployed == nullptr)
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto go = [this, key, connection = deployed->connection, ns = deployed->ns](const QString &page) {
        emit navigate({page, key, connection, ns, {}, {}});
    };
    menu->addAction(tr("Open its traffic"), this, [go] { go(QStringLiteral("traffic")); });
    menu->addAction(tr("Roll back..."), this, [go] { go(QStringLiteral("rollback")); });
    menu->addAction(tr("Open in the cluster"), this, [go] { go(QStringLiteral("cluster")); });
    menu->addSeparator();
    const bool isPinned = m_context.settings.pinnedApplications().contains(deployed->application);
    menu->addAction(isPinned ? tr("Unpin %1").arg(deployed->application) : tr("Pin %1").arg(deployed->application),
                    this, [this, application = deployed->application, isPinned] {
                        m_context.settings.setPinned(application, !isPinned);
                    });
    menu->addAction(tr("Copy"), m_table, &TableView::copy);
    menu->popup(at);
}

void OverviewPage::act(const AttentionRow &row)
{
    if (row.action == AttentionRow::Action::Review) {
        NavigationTarget target;
        target.page = QStringLiteral("promotions");
        target.object.uid = row.gate.isEmpty() ? row.promotion : row.gate;
        target.hint = row.gate.isEmpty() ? QString() : QStringLiteral("gate");
        emit navigate(target);
        return;
    }
    if (!row.alert.isEmpty() && row.deployedKey.isEmpty()) {
        emit navigate({QStringLiteral("metrics"), {}, row.connection, {}, {}, {}});
        return;
    }
    const Deployed *deployed = m_context.deployed.find(row.deployedKey);
    if (deployed == nullptr)
        return;
    QString page = QStringLiteral("cluster");
    if (row.action == AttentionRow::Action::RollBack)
        page = QStringLiteral("rollback");
    else if (row.action == AttentionRow::Action::Watch && deployed->tracks.size() > 1)
        page = QStringLiteral("traffic");
    emit navigate({page, row.deployedKey, deployed->connection, deployed->ns, {}, {}});
}

} // namespace signalbox
