#include "ui/pages/metrics/metricspage.h"

#include "models/items/alertsmodel.h"
#include "models/items/filterproxy.h"
#include "models/items/roles.h"
#include "models/series/axis.h"
#include "services/feeds/clusterset.h"
#include "services/ledger/view/ledgerfeed.h"
#include "services/operations/operationcenter.h"
#include "services/ports/connections.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/delegates/celldelegate.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/metrics/metricspresenter.h"
#include "ui/pages/metrics/panelgrid.h"
#include "ui/pages/metrics/queryeditor.h"
#include "ui/pages/metrics/rangepicker.h"
#include "ui/pages/operation/markers.h"
#include "ui/shell/consolesettings.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QStackedLayout>
#include <QStyle>

namespace signalbox
{
namespace
{

constexpr int settleMs = 250;

void setRole(QLabel *label, const QString &role)
{
    if (label->property("role").toString() == role)
        return;
    label->setProperty("role", role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

QPushButton *namedChip(const QString &text, const QString &name, QWidget *parent)
{
    auto *button = new QPushButton(text, parent);
    button->setObjectName(name);
    button->setProperty("variant", QStringLiteral("chip"));
    return button;
}

} // namespace

MetricsPage::MetricsPage(ConsoleContext &context, PanelSettings *panels, QWidget *parent)
    : Page(parent)
    , m_context(context)
    , m_ownPanels(context.settings)
    , m_presenter(new MetricsPresenter(context.metrics, context.deployed,
                                       panels           ? *panels
                                       : context.panels ? *context.panels
                                                        : m_ownPanels,
                                       this))
{
    setObjectName(QStringLiteral("metricsPage"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, 0);
    layout->setSpacing(space::m);
    layout->addWidget(buildToolbar());
    layout->addWidget(buildBody(), 1);

    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, [this] {
        m_group.axis().advance(QDateTime::currentMSecsSinceEpoch());
        refreshAge();
    });
    m_settled.setSingleShot(true);
    m_settled.setInterval(settleMs);
    connect(&m_settled, &QTimer::timeout, this, [this] { m_presenter->feed().setRange(m_group.axis().visible()); });
    m_group.axis().setRange(m_range->range(), QDateTime::currentMSecsSinceEpoch());
    connectPresenter();

    const QString last = context.settings.choice(QStringLiteral("metrics/application"));
    m_presenter->chooseApplication(context.deployed.find(last) ? last : m_presenter->likelyApplication());
    refresh();
}

MetricsPage::~MetricsPage() = default;

QWidget *MetricsPage::buildToolbar()
{
    auto *bar = new QWidget(this);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    m_application = new ChipButton(tr("application"), bar);
    m_application->setObjectName(QStringLiteral("application"));
    m_source = new ChipButton(tr("source"), bar);
    m_source->setObjectName(QStringLiteral("source"));
    m_range = new RangePicker(bar);
    m_live = namedChip(tr("Back to live"), QStringLiteral("live"), bar);
    m_live->hide();
    m_age = new QLabel(bar);
    m_age->setObjectName(QStringLiteral("age"));
    m_interval = new ChipButton(tr("refresh"), bar);
    m_interval->setObjectName(QStringLiteral("interval"));
    m_interval->setChoices({{QStringLiteral("1"), tr("1 s")},
                            {QStringLiteral("2"), tr("2 s")},
                            {QStringLiteral("5"), tr("5 s")},
                            {QStringLiteral("15"), tr("15 s")},
                            {QStringLiteral("60"), tr("60 s")}});
    const QString interval = m_context.settings.choice(QStringLiteral("metrics/interval"), QStringLiteral("5"));
    m_interval->setChosen(interval);
    m_presenter->feed().setInterval(interval.toInt() * 1000);
    QPushButton *add = namedChip(tr("Add query"), QStringLiteral("addQuery"), bar);
    QPushButton *csv = namedChip(tr("Export CSV"), QStringLiteral("exportCsv"), bar);
    csv->setToolTip(tr("What is visible, as comma-separated values in UTC"));

    row->addWidget(m_application);
    row->addWidget(m_source);
    row->addWidget(m_range);
    row->addWidget(m_live);
    row->addStretch();
    row->addWidget(m_age);
    row->addWidget(m_interval);
    row->addWidget(add);
    row->addWidget(csv);

    connect(m_application, &ChipButton::chosenChanged, this, &MetricsPage::chooseApplication);
    connect(m_source, &ChipButton::chosenChanged, m_presenter, &MetricsPresenter::chooseSource);
    connect(m_interval, &ChipButton::chosenChanged, this, [this](const QString &seconds) {
        m_context.settings.setChoice(QStringLiteral("metrics/interval"), seconds);
        m_presenter->feed().setInterval(seconds.toInt() * 1000);
    });
    connect(m_range, &RangePicker::rangeChosen, this,
            [this](const MetricRange &range) { m_group.axis().setRange(range, QDateTime::currentMSecsSinceEpoch()); });
    connect(m_live, &QPushButton::clicked, this, [this] { m_group.axis().reset(); });
    connect(add, &QPushButton::clicked, this, [this] { edit(m_presenter->newPanel()); });
    connect(csv, &QPushButton::clicked, this, &MetricsPage::exportCsv);
    return bar;
}

QWidget *MetricsPage::buildBody()
{
    auto *body = new QWidget(this);
    m_stack = new QStackedLayout(body);
    m_message = new Panel({}, body);
    m_message->setObjectName(QStringLiteral("metricsMessage"));
    m_stack->addWidget(m_message);

    m_scroll = new QScrollArea(body);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto *content = new QWidget;
    content->setObjectName(QStringLiteral("scrollContent"));
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, space::l);
    column->setSpacing(space::m);
    m_grid = new PanelGrid(m_group, content);
    column->addWidget(m_grid);
    column->addWidget(buildAlerts(), 1);
    m_scroll->setWidget(content);
    m_stack->addWidget(m_scroll);
    return body;
}

Panel *MetricsPage::buildAlerts()
{
    m_alerts = new Panel(tr("Alerts and rules"));
    m_alerts->setObjectName(QStringLiteral("alerts"));
    m_alertsModel = new AlertsModel(this);
    m_alertsProxy = new FilterProxy(this);
    m_alertsProxy->setSourceModel(m_alertsModel);
    m_alertsTable = new TableView(m_alerts);
    m_alertsTable->setObjectName(QStringLiteral("alertsTable"));
    m_alertsTable->setAccessibleName(tr("Alerts and rules"));
    m_alertsTable->setModel(m_alertsProxy);
    m_alertsTable->setRowHeight(size::rowTwoLines);
    m_alertsTable->setFitsRows(true, 12);
    using Style = CellDelegate::Style;
    const std::pair<int, Style> styles[] = {{AlertsModel::Name, Style::Name},
                                            {AlertsModel::State, Style::Badge},
                                            {AlertsModel::Since, Style::Age},
                                            {AlertsModel::Value, Style::Figure},
                                            {AlertsModel::Details, Style::Soft}};
    for (const auto &[columnIndex, style] : styles)
        m_alertsTable->setItemDelegateForColumn(columnIndex, new CellDelegate(style, m_alertsTable));
    const int widths[] = {300, 110, 90, 100, 300};
    for (int i = 0; i < AlertsModel::ColumnCount; ++i)
        m_alertsTable->setColumnWidth(i, widths[i]);
    m_alertsTable->setStretchColumn(AlertsModel::Details);
    m_alertsTable->sortByColumn(AlertsModel::State, Qt::AscendingOrder);
    m_filter = new FilterField(tr("Filter alerts"), m_alerts);
    m_filter->setTarget(m_alertsTable);
    m_filter->setFixedWidth(220);
    connect(m_filter, &QLineEdit::textChanged, m_alertsProxy, &FilterProxy::setWords);
    m_alerts->addHeaderWidget(m_filter);
    m_alerts->setContent(m_alertsTable);
    m_alerts->setMinimumHeight(180);
    return m_alerts;
}

void MetricsPage::connectPresenter()
{
    MetricFeed &feed = m_presenter->feed();
    connect(m_presenter, &MetricsPresenter::changed, this, &MetricsPage::refresh);
    connect(m_presenter, &MetricsPresenter::markersChanged, this,
            [this] { m_group.setMarkers(m_presenter->markers()); });
    connect(&feed, &MetricFeed::panelsChanged, this, [this] { m_grid->showPanels(m_presenter->feed()); });
    connect(&feed, &MetricFeed::panelChanged, this, [this](const QString &id) {
        m_grid->showPanel(m_presenter->feed(), id);
        refreshAge();
    });
    connect(&feed, &MetricFeed::alertsChanged, this, &MetricsPage::refreshAlerts);
    connect(&m_group.axis(), &TimeAxis::changed, this, [this] {
        m_live->setVisible(m_group.axis().isMoved());
        if (m_group.axis().visible() != m_presenter->feed().range())
            m_settled.start();
    });
    connect(m_grid, &PanelGrid::plotWidthChanged, this, [this] { m_presenter->feed().setWidth(m_grid->plotWidth()); });
    connect(m_grid, &PanelGrid::retryRequested, this, [this] { m_presenter->feed().refresh(); });
    connect(m_grid, &PanelGrid::editRequested, this, [this](const QString &id) {
        if (const MetricPanel *panel = m_presenter->panel(id))
            edit(*panel);
    });
    connect(&m_context.connections, &ConnectionsService::changed, m_presenter, &MetricsPresenter::settingsChanged);
    connectHistory();
}

// What the charts mark besides the present roll-outs.
void MetricsPage::connectHistory()
{
    const auto mark = [this] {
        QList<ChartMarker> told;
        if (const Deployed *one = m_context.deployed.find(m_presenter->application())) {
            if (const ClusterConnection *cluster = m_context.clusters.find(one->connection))
                told = earlierMarkers(*one, *cluster->store);
            if (m_context.entries != nullptr)
                told += recordedMarkers(*one, m_context.entries->table(), m_context.operations);
        }
        if (m_context.operations != nullptr)
            told += operationMarkers(*m_context.operations, m_presenter->application());
        m_presenter->setOperationMarkers(told);
    };
    if (m_context.operations != nullptr) {
        connect(m_context.operations, &OperationCenter::changed, this, [this, mark](Operation *operation) {
            if (operation->key() == m_presenter->application())
                mark();
        });
    }
    if (m_context.entries != nullptr) {
        connect(m_context.entries, &LedgerFeed::tableReplaced, this, mark);
        connect(m_context.entries, &LedgerFeed::tableGrew, this, mark);
    }
    connect(&m_context.deployed, &DeployedStore::changed, this, mark);
    connect(m_presenter, &MetricsPresenter::applicationChosen, this, mark);
}

void MetricsPage::refresh()
{
    refreshChoices();
    m_group.setMarkers(m_presenter->markers());
    using State = MetricsPresenter::State;
    switch (m_presenter->state()) {
    case State::NoSource:
        m_message->showEmpty(
            tr("No metrics yet"),
            tr("Add the Prometheus that watches your applications; its panels are found by themselves."),
            tr("Add Prometheus"), [this] {
                NavigationTarget target;
                target.page = QStringLiteral("connections");
                target.hint = QStringLiteral("add-prometheus");
                emit navigate(target);
            });
        break;
    case State::Searching:
        m_message->showLoading(8);
        break;
    case State::Failed:
        m_message->showError(tr("The metrics could not be searched"), m_presenter->error(), m_presenter->since(),
                             [this] { m_presenter->searchAgain(); });
        break;
    case State::NoPanels:
        m_message->showEmpty(
            tr("no data: nothing known about %1").arg(m_presenter->applicationText()),
            tr("%1 has none of the metrics this program knows for this application. Write a query of your own.")
                .arg(m_presenter->source()->title()),
            tr("Add query"), [this] { edit(m_presenter->newPanel()); });
        break;
    case State::Ready:
        break;
    }
    m_stack->setCurrentWidget(m_presenter->state() == State::Ready ? static_cast<QWidget *>(m_scroll) : m_message);
    refreshAge();
    emit crumbsChanged();
}

void MetricsPage::refreshChoices()
{
    QList<ChipButton::Choice> applications;
    for (const MetricsPresenter::Choice &choice : m_presenter->applications())
        applications.append({choice.id, choice.text});
    m_application->setChoices(applications);
    m_application->setChosen(m_presenter->application());
    QList<ChipButton::Choice> sources;
    for (const MetricsPresenter::Choice &choice : m_presenter->sources())
        sources.append({choice.id, choice.text});
    m_source->setChoices(sources);
    m_source->setVisible(sources.size() > 1);
    if (m_presenter->source())
        m_source->setChosen(m_presenter->source()->connection());
}

void MetricsPage::refreshAge()
{
    const auto age = m_presenter->meanAge(QDateTime::currentDateTimeUtc());
    const bool isOld = age && *age > 3 * std::max<qint64>(m_presenter->feed().interval(), m_presenter->feed().stepMs());
    m_age->setText(!age    ? QString()
                   : isOld ? tr("▲ data %1 old").arg(spanText(*age))
                           : tr("data %1 old").arg(spanText(*age)));
    m_age->setToolTip(tr("Mean age of what the panels show. A new point comes every %1.")
                          .arg(spanText(m_presenter->feed().stepMs())));
    setRole(m_age, isOld ? QStringLiteral("warning") : QStringLiteral("faint"));
}

void MetricsPage::refreshAlerts()
{
    const MetricFeed &feed = m_presenter->feed();
    const QList<AlertRow> rows = alertRows(feed.alerts(), feed.rules());
    m_alertsModel->setRows(rows);
    const auto firing =
        std::count_if(rows.begin(), rows.end(), [](const AlertRow &row) { return row.health == Health::Failing; });
    const Freshness &freshness = feed.alertFreshness();
    const bool isKnown = freshness.isLive() || freshness.state == Freshness::State::Stale; // else rules at most
    m_alerts->setSubtitle(!isKnown     ? QString()
                          : firing > 0 ? tr("%1 firing · %2 in all").arg(firing).arg(rows.size())
                                       : tr("%1 rules, none firing").arg(rows.size()));
    if (rows.isEmpty() && freshness.isLive()) {
        m_alerts->setStale({});
        m_alerts->showEmpty(tr("No alerting rules"), tr("This source has no alerting rules configured."));
        return;
    }
    m_alerts->follow(freshness, tr("No alerting rules"), [this] { m_presenter->feed().refresh(); });
}

void MetricsPage::chooseApplication(const QString &key)
{
    m_context.settings.setChoice(QStringLiteral("metrics/application"), key);
    m_presenter->chooseApplication(key);
}

void MetricsPage::edit(const MetricPanel &panel)
{
    auto *editor = new QueryEditor(panel, m_presenter->isOwn(panel.id), m_presenter->feed().range(), this);
    connect(editor, &QueryEditor::previewRequested, m_presenter, &MetricsPresenter::preview);
    connect(m_presenter, &MetricsPresenter::previewed, editor, &QueryEditor::showPreview);
    const auto finish = [this, editor](const Result<void> &result) {
        if (result)
            editor->accept();
        else
            emit notice(result.error().message, Health::Failing);
    };
    connect(editor, &QueryEditor::saveRequested, this,
            [this, finish](const MetricPanel &edited) { finish(m_presenter->savePanel(edited)); });
    connect(editor, &QueryEditor::removeRequested, this,
            [this, finish](const QString &id) { finish(m_presenter->removePanel(id)); });
    editor->open();
}

void MetricsPage::exportCsv()
{
    const QString name = QStringLiteral("metrics-%1.csv")
                             .arg(QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss")));
    const qint64 start = m_group.axis().start();
    const qint64 end = m_group.axis().end();
    m_context.prompter.askSaveFile(this, tr("Export what is visible"), name, [this, start, end](const QString &path) {
        if (path.isEmpty())
            return;
        QSaveFile file(path);
        const QByteArray text = m_presenter->csv(start, end).toUtf8();
        if (file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit())
            emit notice(tr("Saved %1").arg(path), Health::Ok);
        else
            emit notice(tr("%1 could not be written: %2. Choose another place.").arg(path, file.errorString()),
                        Health::Failing);
    });
}

QStringList MetricsPage::crumbs() const
{
    return m_presenter->applicationText().split(QStringLiteral(" / "));
}

void MetricsPage::open(const NavigationTarget &target)
{
    if (!target.deployedKey.isEmpty())
        m_presenter->chooseApplication(target.deployedKey);
    m_presenter->chooseSource(target.connection); // that of an application is its cluster's: then it stays
    refresh();
}

bool MetricsPage::focusFilter()
{
    m_scroll->ensureWidgetVisible(m_filter);
    m_filter->setFocus(Qt::ShortcutFocusReason);
    return true;
}

bool MetricsPage::goBack()
{
    if (!m_filter->text().isEmpty()) {
        m_filter->clear();
        return true;
    }
    if (!m_group.axis().isMoved())
        return false;
    m_group.axis().reset();
    return true;
}

NavigationTarget MetricsPage::current() const
{
    NavigationTarget target;
    target.page = QStringLiteral("metrics");
    target.deployedKey = m_presenter->application();
    if (const MetricSource *source = m_presenter->source())
        target.connection = source->connection();
    return target;
}

QList<KeyHelp> MetricsPage::keys() const
{
    return {{QStringLiteral("+ −"), tr("zoom the charts")},
            {QStringLiteral("← →"), tr("move the charts in time")},
            {QStringLiteral("Ctrl+← →"), tr("move the cross-hair")},
            {QStringLiteral("0"), tr("back to the chosen range")},
            {QStringLiteral("Ctrl+C"), tr("copy the values of a chart")},
            {QStringLiteral("E"), tr("edit the query of the chart in focus")}};
}

void MetricsPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_group.axis().advance(QDateTime::currentMSecsSinceEpoch());
    m_presenter->setActive(true);
    m_second.start();
}

void MetricsPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_presenter->setActive(false);
    m_second.stop();
}

void MetricsPage::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_E && event->modifiers() == Qt::NoModifier) {
        for (QWidget *widget = focusWidget(); widget; widget = widget->parentWidget()) {
            if (auto *panel = qobject_cast<ChartPanel *>(widget))
                return edit(panel->data().panel);
        }
    }
    Page::keyPressEvent(event);
}

} // namespace signalbox
