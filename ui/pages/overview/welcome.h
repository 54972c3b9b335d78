#pragma once

#include "ui/shell/page.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace signalbox
{

class ConnectionsService;
class ContextList;

// The first page while there is no cluster: the contexts found on this machine, another kubeconfig, a workspace, and
// the practice world.
class Welcome : public QWidget
{
    Q_OBJECT
public:
    explicit Welcome(ConnectionsService &connections, QWidget *parent = nullptr);
    void setOffersPractice(bool offers);
    void setOffersWorkspace(bool offers);
    void setProblem(const QString &problem); // why the kubeconfig or the workspace could not be read; empty: none
    void lookIn(const QString &kubeconfig);  // lists its contexts besides those that kubectl would find

    static PageEntry screen(); // its title and its help: it makes no page
    static QList<KeyHelp> keys();

signals:
    void openFileRequested();
    void openWorkspaceRequested();
    void practiceRequested();

protected:
    void focusInEvent(QFocusEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    QWidget *buildOthers();
    QWidget *buildPractice();
    void showProblem();

    QString m_problem;
    QString m_listProblem;
    QLabel *m_problemLabel = nullptr;
    QWidget *m_card = nullptr;
    ContextList *m_contexts = nullptr;
    QPushButton *m_workspace = nullptr;
    QWidget *m_practice = nullptr;
};

} // namespace signalbox
