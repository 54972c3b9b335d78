#include "ui/pages/cluster/clusterpage.h"

#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "ui/pages/cluster/groupcards.h"
#include "ui/pages/cluster/podpanel.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QSplitter>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int narrowEvents = 560; // below it a message takes two lines
constexpr int leastPod = 132;     // high: what is said where no pod is chosen

QString colored(const QString &text, const QColor &color)
{
    return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(color.name(), text.toHtmlEscaped());
}

} // namespace

const QString ClusterPage::everyNamespace = QStringLiteral("*");

ClusterPage::ClusterPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    m_presenter = new ClusterPresenter(context, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
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
    m_userRight = m_right->restoreState(context.settings.state(QStringLiteral("cluster/right")));
    refreshChoices();
    m_cards->refresh({}, true);
    refreshPanels();
    refreshSummary();
}

ClusterPage::~ClusterPage() = default;

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
    QStringList parts = {tr("%1 pods").arg(plain.toString(counts.pods)).toHtmlEscaped()};
    if (counts.failing > 0)
        parts.append(colored(tr("%1 failing").arg(counts.failing), t.failing.text));
    if (counts.warning > 0)
        parts.append(colored(tr("%1 warning").arg(counts.warning), t.warning.text));
    const qsizetype least = std::max<qsizetype>(2, parts.size()); // that stay
    parts.append(tr("%1 ready").arg(plain.toString(counts.ready)).toHtmlEscaped());
    if (counts.moving > 0)
        parts.append(tr("%1 starting or stopping").arg(counts.moving).toHtmlEscaped());
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
        if (measure.idealWidth() <= room || parts.size() <= least)
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

// Without a pod there is little to say: the events have the room until one is chosen.
void ClusterPage::balanceRight()
{
    const int room = m_right->height() - m_right->handleWidth();
    if (m_userRight || room < 2 * leastPod)
        return;
    const int pod = m_pod->podUid().isEmpty() ? std::max(leastPod, room * 3 / 10) : room * 3 / 5;
    m_right->setSizes({pod, room - pod});
}

// Columns that explain give way to those that say how it stands; the first is a namespace that says the same in all
// rows.
void ClusterPage::fitColumns()
{
    const int room = m_workloads->viewport()->width();
    constexpr int namespaceWidth = 110;
    const bool hasRoom = room >= 760 + namespaceWidth;
    // Without it the same name in two namespaces would look like the same thing twice.
    const bool showsNamespace = m_presenter->ns().isEmpty() && (hasRoom || !isOneNamespace());
    const int taken = showsNamespace ? namespaceWidth : 0;
    m_workloads->setColumnHidden(WorkloadsModel::Namespace, !showsNamespace);
    m_workloads->setColumnHidden(WorkloadsModel::ManagedBy, room < 760 + taken);
    m_workloads->setColumnHidden(WorkloadsModel::Kind, room < 600 + taken);
    m_workloads->setColumnHidden(WorkloadsModel::Version, room < 460 + taken);
}

// Of all rows: of one that a filter leaves, nobody could say which namespace it is in.
bool ClusterPage::isOneNamespace() const
{
    const QList<WorkloadRow> &rows = m_presenter->workloads().rows();
    return std::all_of(rows.cbegin(), rows.cend(),
                       [&rows](const WorkloadRow &row) { return row.ref.ns == rows.first().ref.ns; });
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
    else if (watched == m_right && event->type() == QEvent::Resize)
        balanceRight();
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
    showPod({});
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
    balanceRight();
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

} // namespace signalbox
