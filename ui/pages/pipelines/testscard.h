#pragma once

#include "ui/pages/pipelines/factrows.h"
#include "ui/pages/pipelines/judgedtests.h"
#include "ui/widgets/panel.h"

class QLabel;
class QPushButton;

namespace signalbox
{

class PipelinesPresenter;
class RowList;

// What came out of the chosen run: its tests (new failures first, flaky ones marked), what it left, what it said.
class TestsCard : public Panel
{
    Q_OBJECT
public:
    explicit TestsCard(PipelinesPresenter &presenter, QWidget *parent = nullptr);
    ~TestsCard() override;

    enum class Tab { Tests, Artifacts, Notes };
    void setTab(Tab tab);

protected:
    void changeEvent(QEvent *event) override;

private:
    class Bar;
    void build();
    void refresh();
    void showStale();
    void showNothing();
    void showTests();
    void showArtifacts();
    void showNotes();
    void showCounts();
    void openRow(const QModelIndex &index);
    QPushButton *addTab(Tab tab, const char *name);

    PipelinesPresenter &m_presenter;
    JudgedTests m_judged;
    Tab m_tab = Tab::Tests;
    QList<QPushButton *> m_tabs;
    QWidget *m_summary = nullptr;
    QLabel *m_counts = nullptr;
    Bar *m_bar = nullptr;
    QLabel *m_coverage = nullptr;
    FactsModel m_rows;
    RowList *m_list = nullptr;
};

} // namespace signalbox
