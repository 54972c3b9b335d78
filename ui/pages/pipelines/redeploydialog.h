#pragma once

#include "services/ports/deploymentsource.h"
#include "ui/pages/operation/plansession.h"

#include <QDialog>

namespace signalbox
{

struct ConsoleContext;

// Back to an older deployment: what will be sent, its checks, its confirmation and its outcome, in a window of its own
// beside the console. Deletes itself when closed; an operation that runs goes on.
class RedeployDialog : public QDialog
{
    Q_OBJECT
public:
    // Needs context.operations and context.pipelines.
    RedeployDialog(ConsoleContext &context, const RedeployOrder &order, const EnvironmentDeployment &target,
                   QWidget *parent);

private:
    void build(const QString &title);
    void plan();

    ConsoleContext &m_context;
    const RedeployOrder m_order;
    PlanSession m_session;
};

} // namespace signalbox
