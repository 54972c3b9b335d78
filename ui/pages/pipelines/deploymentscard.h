#pragma once

#include "services/async/latestonly.h"
#include "services/ports/deploymentsource.h"
#include "ui/pages/pipelines/factrows.h"
#include "ui/widgets/panel.h"

#include <QTimer>

#include <chrono>

class QPushButton;

namespace signalbox
{

class ChipButton;
class PipelinesPresenter;
class RowList;
struct ConsoleContext;

// What the vendor deployed to an environment of the chosen run's project, and the way back to one of these. Hidden for
// vendors that keep no environments.
class DeploymentsCard : public Panel
{
    Q_OBJECT
public:
    DeploymentsCard(ConsoleContext &context, PipelinesPresenter &presenter, QWidget *parent = nullptr);
    ~DeploymentsCard() override;

    void focusList();
    void setActive(bool isActive); // asks only while it is looked at
    void askAgain();               // every minute; while an answer is awaited the list says how old it is

private:
    void build();
    void follow();          // the chosen run's project
    void askEnvironments(); // then
    void takeEnvironments(const QStringList &names);
    void askDeployments(); // of the chosen one
    void take(const EnvironmentDeployments &told);
    void fail(const Error &error);
    bool isHeldBack(); // nothing is to be asked now
    void noteLimit(const Error &error);
    void tick();
    bool isOlderThan(std::chrono::seconds age) const; // what is shown
    void noteOld();                                   // and ask
    void showRows();
    void showChosen();
    void goBack();
    DeploymentSource *source() const; // null: none keeps environments
    const EnvironmentDeployment *chosen() const;
    QString likelyOf(const QStringList &environments) const;

    ConsoleContext &m_context;
    PipelinesPresenter &m_presenter;
    PipelineRef m_project;
    QString m_application;
    QStringList m_environments;
    bool m_hasEnvironments = false; // the server said which, be it none
    EnvironmentDeployments m_told;
    LatestOnly m_ask;
    QTimer m_again;
    bool m_isActive = false;
    ChipButton *m_environment = nullptr;
    QPushButton *m_back = nullptr;
    FactsModel m_rows;
    RowList *m_list = nullptr;
};

} // namespace signalbox
