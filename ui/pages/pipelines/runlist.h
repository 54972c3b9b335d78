#pragma once

#include "models/items/runsmodel.h"

#include <QWidget>

class QPushButton;

namespace signalbox
{

class ChipButton;
class ConsoleSettings;
class FilterField;
class LogNote;
class Panel;
class PipelinesPresenter;
class RowList;

// The left of the Pipelines screen: all runs, narrowed and grouped. Choosing a row chooses the presenter's run, and the
// other way round. What comes in above leaves in sight what was in sight. A run that is shown stays so when the filter
// does not take it any more: a line says that, and no other takes its place until somebody chooses one.
class RunList : public QWidget
{
    Q_OBJECT
public:
    RunList(PipelinesPresenter &presenter, ConsoleSettings &settings, QWidget *parent = nullptr);
    ~RunList() override;

    RowList &list() { return *m_list; }
    FilterField &filter() { return *m_filter; }
    void setNarrow(bool isNarrow);
    bool clearFilters(); // false: there was none

signals:
    void opened(); // Enter on a run
    void connectionsWanted();

private:
    QWidget *buildTools();
    void connectTools();
    void offerConnections();
    void showState();
    void showFilters();
    void showHidden();
    void showAll();
    void rememberPlace();
    void keepPlace();
    void paintThoseThatRun();
    void followSelection();
    void chooseRow(const QModelIndex &index);
    void openRow(const QModelIndex &index);

    PipelinesPresenter &m_presenter;
    ConsoleSettings &m_settings;
    Panel *m_panel = nullptr;
    FilterField *m_filter = nullptr;
    ChipButton *m_group = nullptr;
    ChipButton *m_connection = nullptr;
    QList<QPushButton *> m_states;
    RowList *m_list = nullptr;
    LogNote *m_hidden = nullptr; // the run that is shown is not listed
    QString m_topId;             // of the row at the top, with how far it is scrolled out
    int m_topOffset = 0;
    bool m_isFilling = false;
};

} // namespace signalbox
