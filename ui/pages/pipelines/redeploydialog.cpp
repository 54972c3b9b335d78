#include "ui/pages/pipelines/redeploydialog.h"

#include "services/async/deliver.h"
#include "services/operations/operation.h"
#include "services/pipelines/pipelineset.h"
#include "services/pipelines/redeploytarget.h"
#include "ui/pages/operation/checkslist.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox
{

RedeployDialog::RedeployDialog(ConsoleContext &context, const RedeployOrder &order, const EnvironmentDeployment &target,
                               QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_order(order)
    , m_session(*context.operations)
{
    setObjectName(QStringLiteral("redeployDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    const QString title =
        tr("Take %1 in %2 back to %3").arg(order.application, order.environment, deployedText(target));
    setWindowTitle(title);
    resize(820, 480);
    build(title);
    connect(&m_session, &PlanSession::changed, this, &RedeployDialog::showPlan);
    plan();
}

void RedeployDialog::build(const QString &title)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    auto *heading = new QLabel(title, this);
    heading->setTextFormat(Qt::PlainText);
    heading->setWordWrap(true);
    heading->setProperty("role", QStringLiteral("heading"));
    layout->addWidget(heading);
    auto *panels = new QWidget(this);
    auto *across = new QHBoxLayout(panels);
    across->setContentsMargins(0, 0, 0, 0);
    across->setSpacing(space::m);
    m_checksPanel = new Panel(tr("Checks"), panels);
    auto *inner = new QWidget;
    auto *down = new QVBoxLayout(inner);
    down->setContentsMargins(space::l, space::m, space::l, space::m);
    m_checks = new ChecksList(inner);
    down->addWidget(m_checks);
    down->addStretch();
    m_checksPanel->setContent(new MiddleScroll(inner, m_checksPanel));
    m_diffPanel = new Panel(tr("What will be sent"), panels);
    m_diff = new DiffView(m_diffPanel);
    m_diffPanel->setContent(m_diff->inset(m_diffPanel));
    across->addWidget(m_checksPanel, 1);
    across->addWidget(m_diffPanel, 1);
    layout->addWidget(panels, 1);
    auto *box =
        new OperationBox(tr("Go back"), ToneName::Accent, m_session, m_context.prompter, m_context.settings, this);
    layout->addWidget(box);
    connect(box, &OperationBox::dismissed, this, &QDialog::accept);
}

void RedeployDialog::plan()
{
    m_session.plan([&servers = *m_context.pipelines, order = m_order](const StopToken &stop) {
        PipelineServer *const server = servers.find(order.pipeline.connection);
        return server && server->deployments()
                   ? server->deployments()->plan(order, stop)
                   : ready(Result<Plan>(Error{ErrorKind::Unreachable,
                                              tr("The connection %1 was removed. Add it again in Connections.")
                                                  .arg(order.pipeline.connection),
                                              {}}));
    });
}

void RedeployDialog::showPlan()
{
    const Operation *const operation = m_session.operation();
    for (Panel *panel : {m_checksPanel, m_diffPanel}) {
        if (operation)
            panel->showContent();
        else if (m_session.state() == PlanSession::State::Planning)
            panel->showLoading(3);
        else
            panel->showEmpty(tr("No plan"), tr("See below why."));
    }
    if (!operation)
        return;
    m_checks->show(operation->plan().checks);
    m_diff->show(operation->plan());
}

} // namespace signalbox
