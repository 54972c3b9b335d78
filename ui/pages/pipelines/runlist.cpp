#include "ui/pages/pipelines/runlist.h"

#include "models/items/roles.h"
#include "ui/pages/pipelines/lognote.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/pages/pipelines/runrows.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr int wideList = 340;
constexpr int narrowList = 304; // the chips stand side by side

constexpr RunsModel::Filter offered[] = {RunsModel::Filter::Running, RunsModel::Filter::Waiting,
                                         RunsModel::Filter::Failed, RunsModel::Filter::Passed,
                                         RunsModel::Filter::Other};

QString groupChoice()
{
    return QStringLiteral("pipelines/group");
}

RunsModel::Group groupNamed(const QString &id)
{
    return id == QLatin1String("pipeline")      ? RunsModel::Group::Pipeline
           : id == QLatin1String("state")       ? RunsModel::Group::State
           : id == QLatin1String("application") ? RunsModel::Group::Application
                                                : RunsModel::Group::None;
}

} // namespace

RunList::RunList(PipelinesPresenter &presenter, ConsoleSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_presenter(presenter)
    , m_settings(settings)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_panel = new Panel(tr("Runs"), this);
    m_panel->setObjectName(QStringLiteral("runsPanel"));
    layout->addWidget(m_panel);
    // The tools stay in reach whatever the list's state is: without them nobody gets out of a filter that fits nothing.
    auto *content = new QWidget(m_panel);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, 0, 0, 1);
    down->setSpacing(0);
    m_list = new RunRows(content);
    m_list->setObjectName(QStringLiteral("runsList"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setModel(&m_presenter.runs());
    down->addWidget(m_list, 1);
    m_hidden = new LogNote(QStringLiteral("runHidden"), QStringLiteral("soft"), content);
    m_hidden->addButton(QStringLiteral("runHiddenShowAll"), tr("Show all"), [this] { showAll(); });
    down->addWidget(m_hidden);
    m_panel->setContent(content);
    layout->insertWidget(0, buildTools());
    layout->setSpacing(space::s);
    m_filter->setTarget(m_list);
    setNarrow(false);
    connect(&m_presenter.runs(), &RunsModel::aboutToChange, this, &RunList::rememberPlace);
    connect(&m_presenter.runs(), &RunsModel::changed, this, [this] {
        followSelection();
        keepPlace();
        offerConnections();
        showState();
    });
    connect(&m_presenter, &PipelinesPresenter::selectionChanged, this, [this] {
        followSelection();
        showHidden();
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &RunList::chooseRow);
    connect(m_list, &RowList::opened, this, &RunList::openRow);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex &index) {
        if (index.data(RunsModel::MoreRole).toBool())
            openRow(index);
    });
    paintAsItAges(m_list->viewport());
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, &RunList::paintThoseThatRun);
    connectTools();
    offerConnections();
    followSelection();
    showState();
}

RunList::~RunList() = default;

QWidget *RunList::buildTools()
{
    auto *tools = new QWidget(this);
    auto *down = new QVBoxLayout(tools);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(space::s);
    m_filter = new FilterField(tr("Filter runs"), tools);
    m_filter->setObjectName(QStringLiteral("runsFilter"));
    down->addWidget(m_filter);
    auto *chips = new QHBoxLayout;
    chips->setSpacing(space::xs);
    for (const RunsModel::Filter filter : offered) {
        auto *chip = new QPushButton(RunsModel::filterLabel(filter), tools);
        chip->setObjectName(QStringLiteral("runsState%1").arg(static_cast<int>(filter)));
        chip->setProperty("variant", QStringLiteral("chip"));
        chip->setCheckable(true);
        chip->setAutoDefault(false);
        chip->setToolTip(tr("Only runs of the states that are chosen"));
        m_states.append(chip);
        chips->addWidget(chip);
    }
    chips->addStretch();
    down->addLayout(chips);
    m_connection = new ChipButton(QStringLiteral("%1"), m_panel);
    m_connection->setObjectName(QStringLiteral("runsConnection"));
    m_connection->setPurpose(tr("Server"));
    m_connection->setToolTip(tr("Whose runs are listed"));
    m_group = new ChipButton(QStringLiteral("%1"), m_panel);
    m_group->setObjectName(QStringLiteral("runsGroup"));
    m_group->setPurpose(tr("Order"));
    m_group->setToolTip(tr("How runs are grouped"));
    m_group->setChoices({{QStringLiteral("none"), tr("newest first")},
                         {QStringLiteral("pipeline"), tr("by pipeline")},
                         {QStringLiteral("state"), tr("by state")},
                         {QStringLiteral("application"), tr("by application")}});
    m_panel->addHeaderWidget(m_group);
    m_panel->addHeaderWidget(m_connection);
    return tools;
}

void RunList::connectTools()
{
    RunsModel &model = m_presenter.runs();
    connect(m_filter, &QLineEdit::textChanged, this, [&model](const QString &text) { model.setWords(text); });
    connect(m_group, &ChipButton::chosenChanged, this, [this, &model](const QString &id) {
        m_settings.setChoice(groupChoice(), id);
        model.setGroup(groupNamed(id));
    });
    m_group->setChosen(m_settings.choice(groupChoice(), QStringLiteral("none")));
    model.setGroup(groupNamed(m_group->chosen()));
    connect(m_connection, &ChipButton::chosenChanged, this, [&model](const QString &id) { model.setConnection(id); });
    for (qsizetype i = 0; i < m_states.size(); ++i) {
        connect(m_states[i], &QPushButton::clicked, this, [this, i, &model](bool isChosen) {
            QSet<RunsModel::Filter> filters = model.filters();
            if (isChosen)
                filters.insert(offered[i]);
            else
                filters.remove(offered[i]);
            model.setFilters(filters);
        });
    }
}

void RunList::setNarrow(bool isNarrow)
{
    setFixedWidth(isNarrow ? narrowList : wideList);
}

bool RunList::clearFilters()
{
    if (!m_presenter.runs().isNarrowed())
        return false;
    m_filter->clear();
    m_connection->setChosen({});
    m_presenter.runs().clearFilters();
    showFilters();
    return true;
}

void RunList::offerConnections()
{
    QList<ChipButton::Choice> choices{{QString(), tr("all")}};
    QStringList vendors;
    const RunStore &store = m_presenter.store();
    const QStringList connections = store.connections();
    for (const QString &connection : connections) {
        const RunStore::Server *const server = store.server(connection);
        choices.append({connection, server->title.isEmpty() ? connection : server->title});
        const QString vendor = server->vendor.section(QLatin1Char(' '), 0, 0);
        if (!vendor.isEmpty() && !vendors.contains(vendor))
            vendors << vendor;
    }
    m_connection->setChoices(choices);
    m_connection->setChosen(m_presenter.runs().connection());
    m_connection->setVisible(connections.size() > 1);
    // Beside the chips there is no room for the names of several: their number is whole.
    m_panel->setSubtitle(connections.size() > 1 ? tr("%1 servers").arg(connections.size()) : vendors.value(0));
}

void RunList::showFilters()
{
    for (qsizetype i = 0; i < m_states.size(); ++i)
        m_states[i]->setChecked(m_presenter.runs().filters().contains(offered[i]));
}

void RunList::showHidden()
{
    m_hidden->say(m_presenter.isHidden() ? tr("The run shown is hidden by the filter.") : QString());
}

// Nobody who asks for what is hidden wants to look for it.
void RunList::showAll()
{
    clearFilters();
    m_list->setFocus(Qt::OtherFocusReason);
    m_list->scrollTo(m_list->currentIndex());
}

void RunList::showState()
{
    showFilters();
    showHidden();
    const RunsModel &model = m_presenter.runs();
    const Freshness freshness = model.freshness();
    if (model.knownRuns() > 0 && model.shownRuns() > 0) {
        m_panel->showContent();
    } else if (model.knownRuns() > 0) {
        m_panel->showEmpty(tr("Nothing fits the filter"), tr("Esc clears it."), tr("Show all"), [this] { showAll(); });
    } else if (m_presenter.store().connections().isEmpty()) {
        m_panel->showEmpty(tr("No server with pipelines"),
                           tr("Add one in Connections: Jenkins, GitHub, GitLab or Travis CI, with its address and the "
                              "projects to follow."),
                           tr("Add one..."), [this] { emit connectionsWanted(); });
    } else if (freshness.state == Freshness::State::Live || freshness.state == Freshness::State::Stale) {
        m_panel->showEmpty(tr("No runs yet"), tr("The pipelines of these servers did not run, or keep no runs."));
    } else {
        m_panel->follow(freshness, tr("No runs"), [this] { m_presenter.refresh(); });
        return;
    }
    const bool isStale = freshness.state == Freshness::State::Stale && model.knownRuns() > 0;
    m_panel->setStale(isStale ? (freshness.lastHeard.isValid() ? freshness.lastHeard : freshness.since) : QDateTime(),
                      freshness.error ? freshness.error->message : QString());
}

// What is at the top stays there, unless it is the very top: then what is newest is looked at.
void RunList::rememberPlace()
{
    m_isFilling = true;
    m_list->setAutoScroll(false); // to the neighbour of the current row, should that go
    m_topId.clear();
    if (m_list->verticalScrollBar()->value() == 0)
        return;
    const QModelIndex top = m_list->indexAt(QPoint(4, 1));
    m_topId = top.data(IdRole).toString();
    m_topOffset = m_list->visualRect(top).top();
}

void RunList::keepPlace()
{
    m_isFilling = false;
    m_list->setAutoScroll(true);
    if (m_topId.isEmpty())
        return;
    const int row = m_presenter.runs().indexOf(m_topId);
    if (row < 0)
        return;
    const int top = m_list->visualRect(m_presenter.runs().index(row, 0)).top(); // lays out what is to be, first
    QScrollBar *const bar = m_list->verticalScrollBar();
    bar->setValue(bar->value() + top - m_topOffset);
}

// Of what is in sight, each second.
void RunList::paintThoseThatRun()
{
    if (!m_list->isVisible())
        return;
    const QRect seen = m_list->viewport()->rect();
    QModelIndex index = m_list->indexAt(QPoint(4, 1));
    for (int row = index.row(); index.isValid(); index = index.siblingAtRow(++row)) {
        const QRect at = m_list->visualRect(index);
        if (at.top() > seen.bottom())
            return;
        const auto shown = index.data(RunsModel::RowRole).value<RunRow>();
        if (shown.kind == RunRow::Kind::Run && !isEnded(shown.run.state) && !shown.staleFrom.isValid())
            m_list->viewport()->update(at);
    }
}

void RunList::followSelection()
{
    RunsModel &model = m_presenter.runs();
    const int row = model.rowOf(m_presenter.selected());
    const QModelIndex wanted = row >= 0 ? model.index(row, 0) : QModelIndex();
    if (m_list->currentIndex() == wanted)
        return;
    const bool wasFilling = std::exchange(m_isFilling, true);
    const int place = m_list->verticalScrollBar()->value();
    m_list->setCurrentIndex(wanted);
    if (!wanted.isValid())
        m_list->clearSelection(); // the view marked the neighbour of what went
    if (wasFilling)               // data came: nobody asked to be taken elsewhere
        m_list->verticalScrollBar()->setValue(place);
    m_isFilling = wasFilling;
}

void RunList::chooseRow(const QModelIndex &index)
{
    if (m_isFilling || !index.isValid() || index.data(RunsModel::MoreRole).toBool())
        return;
    if (!index.data(RunsModel::HeadingRole).toBool())
        m_presenter.select(index.data(IdRole).toString());
}

void RunList::openRow(const QModelIndex &index)
{
    const auto row = index.data(RunsModel::RowRole).value<RunRow>();
    if (row.kind == RunRow::Kind::More)
        m_presenter.loadMore(row.more);
    else if (row.kind == RunRow::Kind::Run)
        emit opened();
}

} // namespace signalbox
