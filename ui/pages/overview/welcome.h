#pragma once

#include <QWidget>

class QLabel;

namespace signalbox
{

// The first page while there is no cluster: says how to add one, and offers the practice world.
class Welcome : public QWidget
{
    Q_OBJECT
public:
    explicit Welcome(QWidget *parent = nullptr);
    void setOffersPractice(bool offers);
    void setProblem(const QString &problem); // why the kubeconfig or the workspace could not be read; empty: none

signals:
    void addClusterRequested();
    void openFileRequested();
    void rescanRequested();
    void practiceRequested();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QWidget *buildPractice();

    QLabel *m_problem = nullptr;
    QWidget *m_card = nullptr;
    QWidget *m_practice = nullptr;
};

} // namespace signalbox
