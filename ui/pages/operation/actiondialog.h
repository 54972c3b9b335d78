#pragma once

#include "services/ports/rollbackprovider.h"
#include "ui/pages/operation/plansession.h"

#include <QDialog>

class QCheckBox;
class QSpinBox;

namespace signalbox
{

class OperationBox;
struct ConsoleContext;

// Scale, restart, pause or resume one workload: what will be sent, its checks, its confirmation and its outcome, in a
// window of its own beside the console. Deletes itself when closed; an operation that runs goes on.
class ActionDialog : public QDialog
{
    Q_OBJECT
public:
    // Needs context.operations. `order.replicas` of a Scale may be -1: then `replicasNow` is where the box starts.
    ActionDialog(ConsoleContext &context, WorkloadOrder order, int replicasNow, QWidget *parent);

private:
    void build(int replicas);
    void plan();
    void showPlan();
    void choosePause(bool isChosen);
    void showPause();
    QString verb() const;

    ConsoleContext &m_context;
    WorkloadOrder m_order;
    PlanSession m_session;
    QSpinBox *m_replicas = nullptr;
    QCheckBox *m_pause = nullptr;
    OperationBox *m_box = nullptr;
};

} // namespace signalbox
