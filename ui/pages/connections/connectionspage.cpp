#include "ui/pages/connections/connectionspage.h"

#include "models/items/roles.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "ui/delegates/celldelegate.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/connections/connectionform.h"
#include "ui/pages/connections/connectionsmodel.h"
#include "ui/pages/connections/probelist.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

ConnectionsPage::ConnectionsPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
    layout->setSpacing(space::m);
    m_problem = new Banner(this);
    m_problem->setObjectName(QStringLiteral("workspaceProblem"));
    m_undo = new Banner(this);
    m_undo->setObjectName(QStringLiteral("removedBanner"));
    layout->addWidget(m_problem);
    layout->addWidget(m_undo);
    auto *row = new QHBoxLayout;
    row->setSpacing(14);
    auto *left = new QVBoxLayout;
    left->setSpacing(14);
    m_list = buildList();
    left->addWidget(m_list, 1);
    m_testPanel = new Panel(tr("Test"), this);
    m_testPanel->setObjectName(QStringLiteral("testPanel"));
    auto *testContent = new QWidget(m_testPanel);
    auto *testLayout = new QVBoxLayout(testContent);
    testLayout->setContentsMargins(14, space::s, 14, space::m);
    m_probe = new ProbeList(testContent);
    testLayout->addWidget(m_probe);
    testLayout->addStretch();
    m_testPanel->setContent(testContent);
    auto *closeTest = new IconButton(QStringLiteral("close"), tr("Close the test"), m_testPanel);
    m_testPanel->addHeaderWidget(closeTest);
    m_testPanel->hide();
    left->addWidget(m_testPanel);
    row->addLayout(left, 1);
    m_form = new ConnectionForm(context.connections, context.prompter, this);
    m_form->setFixedWidth(400);
    m_form->hide();
    row->addWidget(m_form);
    layout->addLayout(row, 1);
    setFocusProxy(m_table);

    connect(closeTest, &QPushButton::clicked, this, [this] {
        m_probe->stop();
        m_testPanel->hide();
    });
    connect(m_probe, &ProbeList::finished, this, [this](const ProbeReport &report) {
        m_testPanel->setSubtitle(report.isUsable ? tr("usable · %1 · as %2").arg(report.version, report.user)
                                                 : tr("not usable"));
    });
    connect(m_form, &ConnectionForm::saved, this,
            [this](const QString &title) { emit notice(tr("%1 is saved and connected.").arg(title), Health::Ok); });
    connect(m_form, &ConnectionForm::closed, this, [this] { m_table->setFocus(); });
    connect(&context.connections, &ConnectionsService::changed, this, &ConnectionsPage::refresh);
    connect(&context.clusters, &ClusterSet::added, this, &ConnectionsPage::watchClusters);
    connect(&context.metrics, &MetricSet::added, this, &ConnectionsPage::refreshSoon);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this] {
        if (isVisible())
            refresh();
    });
    m_soon.setSingleShot(true);
    m_soon.setInterval(300);
    connect(&m_soon, &QTimer::timeout, this, &ConnectionsPage::refresh);
    watchClusters();
    refresh();
}

ConnectionsPage::~ConnectionsPage() = default;

Panel *ConnectionsPage::buildList()
{
    auto *panel = new Panel(tr("Connections"), this);
    panel->setObjectName(QStringLiteral("connectionsPanel"));
    const auto button = [&](const QString &text, const QString &name, auto handler) {
        auto *made = new QPushButton(text, panel);
        made->setObjectName(name);
        made->setProperty("compact", true);
        made->setAutoDefault(false);
        panel->addHeaderWidget(made);
        connect(made, &QPushButton::clicked, this, handler);
        return made;
    };
    m_edit = button(tr("Edit"), QStringLiteral("editConnection"), [this] { editChosen(); });
    m_test = button(tr("Test"), QStringLiteral("testConnection"), [this] { testChosen(); });
    m_remove = button(tr("Remove"), QStringLiteral("removeConnection"), [this] { removeChosen(); });
    auto *server = button(tr("Add pipelines"), QStringLiteral("addServer"), [this] { m_form->addServer(); });
    server->setToolTip(tr("A Jenkins, or projects of GitHub, GitLab or Travis CI"));
    auto *prometheus =
        button(tr("Add Prometheus"), QStringLiteral("addPrometheus"), [this] { m_form->addPrometheus(); });
    auto *cluster = button(tr("Add clusters"), QStringLiteral("addCluster"), [this] { m_form->importContexts(); });
    Q_UNUSED(prometheus)
    cluster->setProperty("variant", QStringLiteral("primary"));
    m_model = new ConnectionsModel(this);
    m_table = new TableView(panel);
    m_table->setObjectName(QStringLiteral("connectionsTable"));
    m_table->setAccessibleName(tr("Connections"));
    m_table->setRowHeight(size::rowTwoLines);
    m_table->setModel(m_model);
    using Style = CellDelegate::Style;
    const Style styles[] = {Style::Name, Style::Soft, Style::Plain, Style::Figure, Style::Plain, Style::Figure};
    const int widths[] = {0, 110, 150, 150, 110, 215};
    for (int column = 0; column < ConnectionsModel::ColumnCount; ++column) {
        m_table->setItemDelegateForColumn(column, new CellDelegate(styles[column], m_table));
        if (widths[column] > 0)
            m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(ConnectionsModel::Name);
    panel->setContent(m_table);
    m_table->viewport()->installEventFilter(this);
    connect(m_table, &TableView::opened, this, &ConnectionsPage::editChosen);
    connect(m_table, &TableView::menuRequested, this, [this](const QModelIndex &, const QPoint &at) { menu(at); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, &ConnectionsPage::refreshButtons);
    return panel;
}

// The name keeps its room: what a tool tip or the form also tells gives way.
bool ConnectionsPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) {
        const int room = m_table->viewport()->width();
        m_table->setColumnHidden(ConnectionsModel::Address, room < 900);
        m_table->setColumnHidden(ConnectionsModel::User, room < 740);
        m_table->setColumnHidden(ConnectionsModel::Kind, room < 560);
    }
    return Page::eventFilter(watched, event);
}

void ConnectionsPage::watchClusters()
{
    for (const auto &cluster : m_context.clusters.all()) {
        connect(cluster->store.get(), &ClusterStore::freshnessChanged, this, &ConnectionsPage::refreshSoon,
                Qt::UniqueConnection);
        connect(cluster->source.get(), &ClusterSource::infoChanged, this, &ConnectionsPage::refreshSoon,
                Qt::UniqueConnection);
    }
    refreshSoon();
}

void ConnectionsPage::refreshSoon()
{
    if (!m_soon.isActive())
        m_soon.start();
}

void ConnectionsPage::refresh()
{
    m_model->setRows(connectionRows(m_context, AgeTicker::now()));
    const QString file = m_context.connections.workspaceFile();
    m_list->setSubtitle(file.isEmpty() ? tr("not saved in a workspace yet") : file);
    const std::optional<Error> problem = m_context.connections.problem();
    if (problem)
        m_problem->setMessage(Health::Failing, tr("The configuration could not be read."), problem->message);
    else
        m_problem->setMessage(Health::Failing, {}, {});
    m_problem->setAction(problem ? tr("Look again") : QString(), [this] { m_context.connections.rescan(); });
    if (m_model->rowCount() == 0)
        m_list->showEmpty(tr("No connections yet"), tr("Add a cluster from the contexts of your kubeconfig."),
                          tr("Add clusters"), [this] { m_form->importContexts(); });
    else
        m_list->showContent();
    refreshButtons();
}

std::optional<ConnectionConfig> ConnectionsPage::chosen() const
{
    const int row = m_table->currentIndex().row();
    if (row < 0 || row >= m_model->rowCount())
        return std::nullopt;
    return m_model->row(row).config;
}

void ConnectionsPage::refreshButtons()
{
    const bool isChosen = chosen().has_value();
    for (QPushButton *button : {m_edit, m_test, m_remove}) {
        const QString why = isChosen ? QString() : tr("Choose a connection in the list first");
        button->setEnabled(isChosen);
        button->setToolTip(why);
        button->setAccessibleDescription(why);
    }
}

void ConnectionsPage::editChosen()
{
    if (const std::optional<ConnectionConfig> config = chosen())
        m_form->edit(*config);
}

void ConnectionsPage::testChosen()
{
    const std::optional<ConnectionConfig> config = chosen();
    if (!config)
        return;
    m_testPanel->setTitle(tr("Test of %1").arg(config->title));
    m_testPanel->setSubtitle(tr("under way"));
    m_testPanel->show();
    m_probe->run(m_context.connections.probe(*config));
}

void ConnectionsPage::removeChosen()
{
    const std::optional<ConnectionConfig> config = chosen();
    if (!config)
        return;
    m_removing.run(
        this, [&](const StopToken &) { return m_context.connections.remove(config->id); },
        [this, config = *config](const Result<void> &result) {
            if (!result) {
                emit notice(result.error().message, Health::Failing);
                return;
            }
            m_undo->setMessage(Health::NotStarted, tr("%1 was removed.").arg(config.title),
                               tr("Nothing in it was changed."));
            m_undo->setAction(tr("Undo"), [this, config] {
                m_restoring.run(
                    this, [&](const StopToken &) { return m_context.connections.save(config); },
                    [this](const Result<QString> &restored) {
                        if (!restored)
                            emit notice(restored.error().message, Health::Failing);
                        else
                            m_undo->setMessage(Health::NotStarted, {}, {});
                    });
            });
        });
}

void ConnectionsPage::menu(const QPoint &at)
{
    auto *made = new QMenu(this);
    made->setAttribute(Qt::WA_DeleteOnClose);
    made->addAction(themedIcon(QStringLiteral("edit")), tr("Edit"), this, &ConnectionsPage::editChosen);
    made->addAction(themedIcon(QStringLiteral("check")), tr("Test"), this, &ConnectionsPage::testChosen);
    made->addAction(themedIcon(QStringLiteral("trash")), tr("Remove"), this, &ConnectionsPage::removeChosen);
    made->popup(at);
}

void ConnectionsPage::open(const NavigationTarget &target)
{
    const QString add = QStringLiteral("add-kubernetes");
    if (target.hint == add)
        m_form->importContexts();
    else if (target.hint.startsWith(add + QLatin1Char(':')))
        m_form->importContexts({target.hint.mid(add.size() + 1)});
    else if (target.hint == QLatin1String("add-prometheus"))
        m_form->addPrometheus();
    else if (target.hint == QLatin1String("add-server"))
        m_form->addServer();
    const int row = m_model->indexOf(target.connection);
    if (row >= 0)
        m_table->setCurrentIndex(m_model->index(row, 0));
}

bool ConnectionsPage::goBack()
{
    if (m_form->isHidden())
        return false;
    m_form->closeForm();
    return true;
}

NavigationTarget ConnectionsPage::current() const
{
    return {};
}

QList<KeyHelp> ConnectionsPage::keys() const
{
    return {
        {tr("Arrows"), tr("Choose a connection")}, {tr("Enter"), tr("Edit it")}, {tr("Menu"), tr("Test or remove it")}};
}

} // namespace signalbox
