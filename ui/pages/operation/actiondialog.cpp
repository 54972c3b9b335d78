#include "ui/pages/operation/actiondialog.h"

#include "services/feeds/clusterset.h"
#include "services/operations/operation.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/operation/planpanels.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/holdbutton.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

QString titleOf(const WorkloadOrder &order)
{
    const QString what = toString(order.workload);
    switch (order.kind) {
    case OperationKind::Scale:
        return ActionDialog::tr("Scale %1").arg(what);
    case OperationKind::Restart:
        return ActionDialog::tr("Restart %1").arg(what);
    case OperationKind::Pause:
        return ActionDialog::tr("Pause %1").arg(what);
    default:
        return ActionDialog::tr("Resume %1").arg(what);
    }
}

} // namespace

ActionDialog::ActionDialog(ConsoleContext &context, WorkloadOrder order, int replicasNow, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_order(std::move(order))
    , m_session(*context.operations)
{
    setObjectName(QStringLiteral("actionDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(titleOf(m_order));
    resize(820, 480);
    if (m_order.kind == OperationKind::Scale && m_order.replicas < 0)
        m_order.replicas = std::max(0, replicasNow);
    build(m_order.replicas);
    connect(&m_session, &PlanSession::changed, this, &ActionDialog::showPlan);
    plan();
}

QString ActionDialog::verb() const
{
    switch (m_order.kind) {
    case OperationKind::Scale:
        return tr("Scale to %1").arg(m_order.replicas);
    case OperationKind::Restart:
        return tr("Restart");
    case OperationKind::Pause:
        return tr("Pause");
    default:
        return tr("Resume");
    }
}

void ActionDialog::build(int replicas)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    auto *top = new QHBoxLayout;
    auto *title = new QLabel(titleOf(m_order), this);
    title->setProperty("role", QStringLiteral("heading"));
    top->addWidget(title);
    top->addStretch();
    if (m_order.kind == OperationKind::Scale) {
        auto *label = new QLabel(tr("&Replicas"), this);
        m_replicas = new QSpinBox(this);
        m_replicas->setObjectName(QStringLiteral("replicas"));
        m_replicas->setAccessibleName(tr("Replicas"));
        m_replicas->setRange(0, 10000);
        m_replicas->setValue(replicas);
        label->setBuddy(m_replicas);
        top->addWidget(label);
        top->addWidget(m_replicas);
        // Planned when the number stands still, not at each digit.
        auto *settle = new QTimer(this);
        settle->setSingleShot(true);
        settle->setInterval(std::chrono::milliseconds(400));
        connect(settle, &QTimer::timeout, this, &ActionDialog::plan);
        connect(m_replicas, &QSpinBox::valueChanged, this, [this, settle](int wanted) {
            m_order.replicas = wanted;
            m_session.clear();
            settle->start();
        });
    }
    layout->addLayout(top);

    layout->addWidget(new PlanPanels(m_session, this), 1);

    m_pause = new QCheckBox(this);
    m_pause->setObjectName(QStringLiteral("pauseReconciliation"));
    m_pause->setToolTip(
        tr("Else the change may be written back within seconds. It stays paused until somebody ends it; "
           "the outcome says how."));
    m_pause->hide();
    connect(m_pause, &QCheckBox::clicked, this, &ActionDialog::choosePause);
    layout->addWidget(m_pause);
    m_box = new OperationBox(verb(), ToneName::Accent, m_session, m_context.prompter, m_context.settings, this);
    m_box->setGlass(m_context.promotions);
    layout->addWidget(m_box);
    connect(m_box, &OperationBox::dismissed, this, &QDialog::accept);
}

void ActionDialog::plan()
{
    m_box->setVerb(verb(), ToneName::Accent);
    m_session.plan([&clusters = m_context.clusters, order = m_order](const StopToken &stop) {
        const ClusterConnection *const connection = clusters.find(order.connection);
        return connection && connection->workloads ? connection->workloads->plan(order, stop)
                                                   : ready(Result<Plan>(connectionRemoved(order.connection)));
    });
}

// What can be left out of these plans is the pause of whoever would write the change back.
void ActionDialog::choosePause(bool isChosen)
{
    Operation *const operation = m_session.operation();
    for (const PlanStep &step : operation ? operation->plan().steps : QList<PlanStep>()) {
        if (step.isOptional)
            operation->chooseStep(step.id, isChosen);
    }
}

void ActionDialog::showPause()
{
    QStringList titles;
    bool isChosen = true;
    const Operation *const operation = m_session.operation();
    for (const PlanStep &step : operation ? operation->plan().steps : QList<PlanStep>()) {
        if (!step.isOptional)
            continue;
        titles << step.title;
        isChosen = isChosen && step.isChosen;
    }
    m_pause->setVisible(!titles.isEmpty());
    m_pause->setText(tr("First: %1").arg(titles.join(tr(", "))));
    m_pause->setChecked(isChosen && !titles.isEmpty());
    m_pause->setEnabled(m_session.awaitsConfirmation());
}

void ActionDialog::showPlan()
{
    if (m_replicas)
        m_replicas->setEnabled(!m_session.isRunning());
    showPause();
}

} // namespace signalbox
