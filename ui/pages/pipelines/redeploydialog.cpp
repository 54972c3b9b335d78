#include "ui/pages/pipelines/redeploydialog.h"

#include "services/async/deliver.h"
#include "services/pipelines/pipelineset.h"
#include "services/pipelines/redeploytarget.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/operation/planpanels.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"

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
    layout->addWidget(new PlanPanels(m_session, this), 1);
    auto *box =
        new OperationBox(tr("Go back"), ToneName::Accent, m_session, m_context.prompter, m_context.settings, this);
    box->setGlass(m_context.promotions);
    layout->addWidget(box);
    connect(box, &OperationBox::dismissed, this, &QDialog::accept);
}

void RedeployDialog::plan()
{
    m_session.plan([&servers = *m_context.pipelines, order = m_order](const StopToken &stop) {
        PipelineServer *const server = servers.find(order.pipeline.connection);
        return server && server->deployments() ? server->deployments()->plan(order, stop)
                                               : ready(Result<Plan>(connectionRemoved(order.pipeline.connection)));
    });
}

} // namespace signalbox
