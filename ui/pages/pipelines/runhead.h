#pragma once

#include "services/ports/pipelinesource.h"
#include "ui/widgets/panel.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace signalbox
{

class Badge;
class ElidedLabel;
class PipelinesPresenter;
class StageGraphView;

// The chosen run: what it is, how long it still takes, what can be done with it, and its stages as a graph.
class RunHead : public Panel
{
    Q_OBJECT
public:
    explicit RunHead(PipelinesPresenter &presenter, QWidget *parent = nullptr);
    ~RunHead() override;

    StageGraphView &graph() { return *m_graph; }
    void setNarrow(bool isNarrow); // how long it takes stands below its title

signals:
    void orderWanted(signalbox::RunOrder::Kind kind);
    void jobOrderWanted(const QString &id); // this job again, alone
    void jobOpened(const QString &id);
    void gateWanted(const QString &key); // at which the chosen job waits

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void placeTime();
    QWidget *buildTop();
    QWidget *buildFacts();
    QWidget *buildButtons();
    QPushButton *button(const QString &text, const char *name, RunOrder::Kind kind);
    void refresh();
    void showRun(const Run &run);
    void showTime();
    void showButtons();
    void showGraph();
    void showNotes();
    void walkOn(bool isRead);
    void openNode(const QString &id);
    void showWays();
    void askRerun();
    void showAttempt(const Run &run);
    void askAttempt();

    PipelinesPresenter &m_presenter;
    QGridLayout *m_top = nullptr;
    ElidedLabel *m_title = nullptr;
    ElidedLabel *m_where = nullptr;
    Badge *m_trigger = nullptr;
    Badge *m_attempt = nullptr;
    QPushButton *m_attempts = nullptr; // which of them is shown; hidden where there is one
    ElidedLabel *m_time = nullptr;
    ElidedLabel *m_subject = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_rerun = nullptr;
    QPushButton *m_start = nullptr;
    QString m_walksTo;              // the run to which the keys went on from the graph; read, it has them again
    QPushButton *m_up = nullptr;    // to the run that started this one, as one came
    QPushButton *m_below = nullptr; // to the run that the chosen job started
    StageGraphView *m_graph = nullptr;
    QLabel *m_note = nullptr;
    bool m_isNarrow = false;
    bool m_isTimeLong = false; // it had no room beside the title once, for this run at this width
    bool m_isTimeBelow = false;
};

} // namespace signalbox
