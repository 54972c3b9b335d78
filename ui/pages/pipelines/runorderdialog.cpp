#include "ui/pages/pipelines/runorderdialog.h"

#include "models/items/runsmodel.h"
#include "services/async/deliver.h"
#include "services/pipelines/pipelineset.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/operation/planpanels.h"
#include "ui/pages/pipelines/runparameters.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr std::chrono::milliseconds standsStill{400};

QString titleOf(const RunOrder &order, const Pipeline &pipeline, const QString &job)
{
    const QString what = order.run ? runTitle(pipeline.title, *order.run) : pipeline.title;
    switch (order.kind) {
    case RunOrder::Kind::Rerun:
        return order.job.isEmpty() ? RunOrderDialog::tr("Run %1 again").arg(what)
                                   : RunOrderDialog::tr("Run the job %1 of %2 again").arg(job, what);
    case RunOrder::Kind::RerunFailed:
        return RunOrderDialog::tr("Run what failed of %1 again").arg(what);
    case RunOrder::Kind::Cancel:
        return RunOrderDialog::tr("Cancel %1").arg(what);
    case RunOrder::Kind::Trigger:
        break;
    }
    return RunOrderDialog::tr("Start %1").arg(what);
}

} // namespace

RunOrderDialog::RunOrderDialog(ConsoleContext &context, const RunOrder &order, const Pipeline &pipeline,
                               QWidget *parent, const QString &job)
    : QDialog(parent)
    , m_context(context)
    , m_order(order)
    , m_pipeline(pipeline)
    , m_job(job.isEmpty() ? order.job : job)
    , m_session(*context.operations)
{
    setObjectName(QStringLiteral("runOrderDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(titleOf(m_order, m_pipeline, m_job));
    resize(820, order.kind == RunOrder::Kind::Trigger ? 560 : 480);
    m_settle.setSingleShot(true);
    m_settle.setInterval(standsStill);
    connect(&m_settle, &QTimer::timeout, this, &RunOrderDialog::plan);
    build();
    connect(&m_session, &PlanSession::changed, this, &RunOrderDialog::showFields);
    plan();
}

QString RunOrderDialog::verb() const
{
    switch (m_order.kind) {
    case RunOrder::Kind::Rerun:
        return m_order.job.isEmpty() ? tr("Run again") : tr("Run the job again");
    case RunOrder::Kind::RerunFailed:
        return tr("Run what failed");
    case RunOrder::Kind::Cancel:
        return tr("Cancel the run");
    case RunOrder::Kind::Trigger:
        break;
    }
    return tr("Start a run");
}

void RunOrderDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    auto *title = new QLabel(titleOf(m_order, m_pipeline, m_job), this);
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    title->setProperty("role", QStringLiteral("heading"));
    layout->addWidget(title);
    if (m_order.kind == RunOrder::Kind::Trigger) {
        auto *row = new QHBoxLayout;
        auto *label = new QLabel(tr("&Branch or tag"), this);
        m_branch = new QLineEdit(m_order.branch, this);
        m_branch->setObjectName(QStringLiteral("triggerBranch"));
        m_branch->setAccessibleName(tr("Branch or tag"));
        label->setBuddy(m_branch);
        row->addWidget(label);
        row->addWidget(m_branch, 1);
        layout->addLayout(row);
        connect(m_branch, &QLineEdit::textChanged, this, &RunOrderDialog::askAgain);
        if (!m_pipeline.parameters.isEmpty()) {
            m_parameters = new RunParameters(m_pipeline.parameters);
            connect(m_parameters, &RunParameters::changed, this, &RunOrderDialog::askAgain);
            auto *scroll = new MiddleScroll(m_parameters, this);
            scroll->setMaximumHeight(std::min(m_parameters->sizeHint().height() + 4, 190));
            layout->addWidget(scroll);
        }
    }
    layout->addWidget(new PlanPanels(m_session, this), 1);
    const ToneName tone = m_order.kind == RunOrder::Kind::Cancel ? ToneName::Failing : ToneName::Accent;
    auto *box = new OperationBox(verb(), tone, m_session, m_context.prompter, m_context.settings, this);
    box->setGlass(m_context.promotions);
    layout->addWidget(box);
    connect(box, &OperationBox::dismissed, this, &QDialog::accept);
}

void RunOrderDialog::askAgain()
{
    m_session.clear();
    m_settle.start();
}

QString RunOrderDialog::missing() const
{
    if (m_branch && m_branch->text().trimmed().isEmpty() && !m_pipeline.defaultBranch.isEmpty())
        return tr("Say which branch or tag.");
    const QString name = m_parameters ? m_parameters->missing() : QString();
    return name.isEmpty() ? QString() : tr("Fill in %1 first.").arg(name);
}

void RunOrderDialog::plan()
{
    if (m_branch)
        m_order.branch = m_branch->text().trimmed();
    if (m_parameters)
        m_order.parameters = m_parameters->values();
    if (const QString what = missing(); !what.isEmpty()) {
        m_session.fail({ErrorKind::Invalid, what, {}});
        return;
    }
    m_session.plan([&servers = *m_context.pipelines, order = m_order](const StopToken &stop) {
        PipelineServer *const server = servers.find(order.pipeline.connection);
        return server ? server->source().plan(order, stop)
                      : ready(Result<Plan>(connectionRemoved(order.pipeline.connection)));
    });
}

void RunOrderDialog::showFields()
{
    const bool isFree = !m_session.isRunning() && !m_session.hasOutcome();
    if (m_branch)
        m_branch->setEnabled(isFree);
    if (m_parameters)
        m_parameters->setEnabled(isFree);
}

} // namespace signalbox
