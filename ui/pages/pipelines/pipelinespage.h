#pragma once

#include "services/ports/pipelinesource.h"
#include "ui/shell/page.h"

#include <QPointer>

#include <memory>

class QBoxLayout;
class QStackedLayout;

namespace signalbox
{

class DeploymentsCard;
class GateDialog;
class LogCard;
class Panel;
class PipelinesPresenter;
class RunHead;
class RunList;
class TestsCard;
class TimesCard;

// Every run of every pipeline, whoever's server it is; the chosen one with its stages, times, tests and log, and the
// levers: cancel, run again, start, let a job go on that waits for people.
class PipelinesPage : public Page
{
    Q_OBJECT
public:
    explicit PipelinesPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~PipelinesPage() override;

    QStringList crumbs() const override;
    // target.object.uid: a run's key; with target.hint "pipeline" a pipeline's: its newest run, with "trigger" the
    // question for a new one as well, with "deployments" what its environments got.
    void open(const NavigationTarget &target) override;
    bool focusFilter() override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void build();
    QWidget *buildDetail();
    void connectPresenter();
    void arrange();
    void order(RunOrder::Kind kind);
    void orderJob(const QString &id);
    void openGate(const QString &key);

    ConsoleContext &m_context;
    std::unique_ptr<PipelinesPresenter> m_presenter;
    QStackedLayout *m_stack = nullptr;
    RunList *m_list = nullptr;
    RunHead *m_head = nullptr;
    QBoxLayout *m_middle = nullptr;
    TimesCard *m_times = nullptr;
    TestsCard *m_tests = nullptr;
    LogCard *m_log = nullptr;
    DeploymentsCard *m_deployments = nullptr;
    QPointer<GateDialog> m_gate;
    QString m_awaitsTrigger; // a pipeline that is to be started once it is known
};

} // namespace signalbox
