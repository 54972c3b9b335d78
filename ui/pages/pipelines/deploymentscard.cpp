#include "ui/pages/pipelines/deploymentscard.h"

#include "models/stores/runstore.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/pipelines/pipelineset.h"
#include "services/pipelines/redeploytarget.h"
#include "services/ports/promotiondesk.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/pages/pipelines/redeploydialog.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/timetext.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace signalbox
{

namespace
{

constexpr std::chrono::seconds askedAgain{60};
constexpr std::chrono::seconds answeredWithin{15}; // more: the computer slept, or the server does

FactRow rowOf(const EnvironmentDeployment &one)
{
    FactRow row;
    row.key = one.id;
    row.sign = healthOf(one.state);
    row.title = one.title.isEmpty() ? deployedText(one) : deployedText(one) + QStringLiteral("  ") + one.title;
    QStringList facts{DeploymentsCard::tr("deployment %1: %2").arg(one.id, runStateLabel(one.state))};
    if (!one.who.isEmpty())
        facts << DeploymentsCard::tr("by %1").arg(one.who);
    if (!one.jobName.isEmpty())
        facts << one.jobName;
    if (!one.reason.isEmpty())
        facts << one.reason;
    row.detail = facts.join(QStringLiteral(" · "));
    row.figure = ageText(one.finishedAt.isValid() ? one.finishedAt : one.at, AgeTicker::now());
    if (one.isLive)
        row.marks.append({DeploymentsCard::tr("live"), Health::Ok});
    row.page = one.page;
    return row;
}

} // namespace

DeploymentsCard::DeploymentsCard(ConsoleContext &context, PipelinesPresenter &presenter, QWidget *parent)
    : Panel(tr("Deployments"), parent)
    , m_context(context)
    , m_presenter(presenter)
{
    setObjectName(QStringLiteral("deploymentsPanel"));
    m_again.setInterval(askedAgain);
    connect(&m_again, &QTimer::timeout, this, &DeploymentsCard::askAgain);
    build();
    connect(&presenter, &PipelinesPresenter::changed, this, &DeploymentsCard::follow);
    connect(&presenter, &PipelinesPresenter::selectionChanged, this, &DeploymentsCard::follow);
    if (context.operations)
        connect(context.operations, &OperationCenter::finished, this, [this](const Operation *operation) {
            if (operation->plan().connection == m_project.connection && operation->plan().ns == m_project.project)
                askEnvironments(); // it may have made one
        });
    connect(context.pipelines, &PipelineSet::aboutToRemove, this, [this](const QString &connection) {
        if (connection != m_project.connection)
            return;
        m_ask.cancel();
        m_project = {};
        hide();
    });
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, &DeploymentsCard::tick);
    hide();
    follow();
}

DeploymentsCard::~DeploymentsCard() = default;

void DeploymentsCard::build()
{
    m_environment = new ChipButton(QStringLiteral("%1"), this);
    m_environment->setObjectName(QStringLiteral("deploymentsEnvironment"));
    m_environment->setPurpose(tr("Environment"));
    connect(m_environment, &ChipButton::chosenChanged, this, [this] {
        m_told = {};
        m_rows.setRows({});
        setStale({});
        showLoading(3);
        askDeployments();
    });
    addHeaderWidget(m_environment);
    m_back = new QPushButton(tr("Go back to this..."), this);
    m_back->setObjectName(QStringLiteral("redeployButton"));
    m_back->setAutoDefault(false);
    connect(m_back, &QPushButton::clicked, this, &DeploymentsCard::goBack);
    addHeaderWidget(m_back);
    m_list = new RowList(this);
    m_list->setObjectName(QStringLiteral("deploymentsList"));
    m_list->setAccessibleName(tr("Deployments"));
    m_list->setModel(&m_rows);
    m_list->setItemDelegate(new FactDelegate(m_list));
    connect(m_list, &RowList::opened, this, &DeploymentsCard::goBack);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &DeploymentsCard::showChosen);
    setContent(m_list);
    showChosen();
}

DeploymentSource *DeploymentsCard::source() const
{
    PipelineServer *const server = m_context.pipelines->find(m_project.connection);
    return server ? server->deployments() : nullptr;
}

void DeploymentsCard::setActive(bool isActive)
{
    if (m_isActive == isActive)
        return;
    m_isActive = isActive;
    if (!isActive) {
        m_again.stop();
        m_ask.cancel();
        return;
    }
    m_again.start();
    if (isOlderThan(askedAgain)) {
        noteOld();
        return;
    }
    showChosen();
    askEnvironments();
}

bool DeploymentsCard::isOlderThan(std::chrono::seconds age) const
{
    return m_told.readAt.isValid() && m_told.readAt.addDuration(age) < AgeTicker::now();
}

// Nobody asked meanwhile: what is live may be another one now, until the answer says so.
void DeploymentsCard::noteOld()
{
    setStale(m_told.readAt);
    showChosen();
    askEnvironments();
}

// The timer that asks stands still while the computer sleeps.
void DeploymentsCard::tick()
{
    if (isVisible())
        showRows();
    if (m_isActive && !isStale() && isOlderThan(askedAgain + answeredWithin))
        noteOld();
}

// Asking once more would silence the answer that is awaited, for ever where a server takes longer than a minute.
void DeploymentsCard::askAgain()
{
    if (!m_ask.isRunning()) {
        askDeployments();
        return;
    }
    if (m_told.all.isEmpty())
        return;
    setStale(m_told.readAt, tr("The server has not answered for a minute."));
    showChosen();
}

void DeploymentsCard::focusList()
{
    if (!isHidden())
        m_list->setFocus(Qt::ShortcutFocusReason);
}

void DeploymentsCard::follow()
{
    const RunStore::Entry *const entry = m_presenter.entry();
    if (!entry) {
        // Of a project that is not followed, or none: what is here is of another one. Also before it is read.
        const auto ref = m_presenter.selectedRef();
        const bool isSame =
            ref && ref->pipeline.connection == m_project.connection && ref->pipeline.project == m_project.project;
        if (!m_presenter.selected().isEmpty() && !isSame) {
            m_ask.cancel();
            m_project = {};
            hide();
        }
        return;
    }
    const PipelineRef project{entry->pipeline.ref.connection, entry->pipeline.ref.project, {}};
    m_application = entry->application.isEmpty() ? project.project : entry->application;
    if (project == m_project)
        return;
    m_project = project;
    m_ask.cancel();
    m_environments.clear();
    m_hasEnvironments = false;
    m_told = {};
    m_rows.setRows({});
    setStale({});
    m_environment->hide();
    showLoading(3);
    showChosen();
    setVisible(source() != nullptr);
    askEnvironments();
}

// What the chosen run deploys to last, else what is named like what counts most.
QString DeploymentsCard::likelyOf(const QStringList &environments) const
{
    QString likely;
    const std::optional<RunDetail> detail = m_presenter.detail();
    for (const Job &job : detail ? detail->jobs : QList<Job>()) {
        if (environments.contains(job.environment))
            likely = job.environment;
    }
    for (const QString &name : environments) {
        if (likely.isEmpty() && isProtectedByName(name))
            likely = name;
    }
    return likely.isEmpty() ? environments.value(0) : likely;
}

// The server asked somebody of us for patience: until that is over what is here stays, and says that it is old.
bool DeploymentsCard::isHeldBack()
{
    const auto wait = m_context.runs->patience(m_project.connection);
    if (wait.count() <= 0)
        return false;
    m_ask.cancel();
    if (m_told.environment != m_environment->chosen()) { // of another one
        m_told = {};
        m_rows.setRows({});
    }
    PipelineServer *const server = m_context.pipelines->find(m_project.connection);
    fail(notAskedInTime(server ? server->source().title() : m_project.connection, wait));
    return true;
}

void DeploymentsCard::askEnvironments()
{
    DeploymentSource *const from = source();
    if (!from || !m_isActive || isHeldBack())
        return;
    m_ask.run( // what is shown stays until the answer
        this, [this, from](const StopToken &stop) { return from->environments(m_project.project, stop); },
        [this](const Result<QStringList> &names) {
            if (names) {
                takeEnvironments(*names);
            } else {
                noteLimit(names.error());
                fail(names.error());
            }
        });
}

void DeploymentsCard::takeEnvironments(const QStringList &names)
{
    m_environments = names;
    const bool isKnown = std::exchange(m_hasEnvironments, true);
    if (!names.contains(m_told.environment)) {
        m_told = {};
        m_rows.setRows({});
        setStale({});
    }
    m_environment->setVisible(!names.isEmpty());
    if (names.isEmpty()) {
        showEmpty(tr("No environments"),
                  tr("A job that names its environment makes one: then its deployments are listed here."));
        showChosen();
        return;
    }
    QList<ChipButton::Choice> choices;
    for (const QString &name : names)
        choices.append({name, name});
    const QString before = m_environment->chosen();
    m_environment->setChoices(choices);
    m_environment->setChosen(isKnown && names.contains(before) ? before : likelyOf(names));
    askDeployments();
}

void DeploymentsCard::askDeployments()
{
    DeploymentSource *const from = source();
    if (!from || !m_isActive)
        return;
    if (m_environments.isEmpty()) {
        askEnvironments();
        return;
    }
    if (isHeldBack())
        return;
    const QString environment = m_environment->chosen();
    if (m_told.environment != environment && state() != State::Error)
        showLoading(3);
    m_ask.run(
        this,
        [this, from, environment](const StopToken &stop) {
            return from->deployments(m_project.project, environment, stop);
        },
        [this](const Result<EnvironmentDeployments> &told) {
            if (told) {
                take(*told);
            } else {
                noteLimit(told.error());
                fail(told.error());
            }
        });
}

// It holds for all that is asked of this server.
void DeploymentsCard::noteLimit(const Error &error)
{
    if (error.kind == ErrorKind::RateLimited)
        m_context.runs->bePatient(m_project.connection, error.retryAfter);
}

void DeploymentsCard::fail(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        return;
    if (!m_told.all.isEmpty()) { // what was read stays, and says since when it is old
        setStale(m_told.readAt, error.message);
        showChosen();
        return;
    }
    setStale({});
    showError(tr("The deployments cannot be read"), error, QDateTime::currentDateTimeUtc(), [this] {
        showLoading(3);
        askDeployments();
    });
    showChosen();
}

void DeploymentsCard::take(const EnvironmentDeployments &told)
{
    m_told = told;
    setStale({});
    showRows();
    if (told.all.isEmpty())
        showEmpty(tr("Nothing was deployed to %1").arg(told.environment),
                  tr("The first job that deploys there makes the first entry."));
    else
        showContent();
    showChosen();
}

void DeploymentsCard::showRows()
{
    QList<FactRow> rows;
    for (const EnvironmentDeployment &one : m_told.all)
        rows.append(rowOf(one));
    m_rows.setRows(rows);
}

const EnvironmentDeployment *DeploymentsCard::chosen() const
{
    const QModelIndex index = m_list->currentIndex();
    const QString id = index.isValid() ? m_rows.row(index.row()).key : QString();
    for (const EnvironmentDeployment &one : m_told.all) {
        if (!id.isEmpty() && one.id == id)
            return &one;
    }
    return nullptr;
}

void DeploymentsCard::showChosen()
{
    const EnvironmentDeployment *const one = chosen();
    const QString why = !one                    ? tr("Choose a deployment first.")
                        : !m_context.operations ? tr("This window changes nothing.")
                        : isStale()             ? tr("This list is old: wait until the server says what is live now.")
                                                : one->whyNot;
    m_back->setEnabled(why.isEmpty());
    m_back->setToolTip(why);
    m_back->setAccessibleDescription(why);
}

void DeploymentsCard::goBack()
{
    const EnvironmentDeployment *const one = chosen();
    if (!one || !m_back->isEnabled())
        return;
    RedeployOrder order;
    order.pipeline = m_project;
    order.environment = m_told.environment;
    order.to = one->id;
    order.application = m_application;
    order.isProtected = m_context.promotions ? m_context.promotions->protects(order.application, order.environment)
                                             : isProtectedByName(order.environment);
    auto *dialog = new RedeployDialog(m_context, order, *one, window());
    dialog->show();
}

} // namespace signalbox
