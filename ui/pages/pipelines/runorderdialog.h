#pragma once

#include "services/ports/pipelinesource.h"
#include "ui/pages/operation/plansession.h"

#include <QDialog>
#include <QTimer>

class QLineEdit;

namespace signalbox
{

class RunParameters;
struct ConsoleContext;

// Runs again, cancels or starts a run: what will be sent, its checks, its confirmation and its outcome, in a window of
// its own beside the console. Deletes itself when closed; an operation that runs goes on.
class RunOrderDialog : public QDialog
{
    Q_OBJECT
public:
    // Needs context.operations and context.pipelines.
    // `job`: the name of order.job.
    RunOrderDialog(ConsoleContext &context, const RunOrder &order, const Pipeline &pipeline, QWidget *parent,
                   const QString &job = {});

private:
    void build();
    void askAgain(); // another branch or parameter: planned when it stands still
    void plan();
    void showFields();
    QString verb() const;
    QString missing() const; // what has to be filled in first; empty: nothing

    ConsoleContext &m_context;
    RunOrder m_order;
    const Pipeline m_pipeline;
    const QString m_job;
    PlanSession m_session;
    QTimer m_settle;
    QLineEdit *m_branch = nullptr;
    RunParameters *m_parameters = nullptr;
};

} // namespace signalbox
