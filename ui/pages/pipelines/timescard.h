#pragma once

#include "ui/pages/pipelines/factrows.h"
#include "ui/pages/pipelines/flakytests.h"
#include "ui/widgets/panel.h"

class QPushButton;
class QStackedLayout;

namespace signalbox
{

class ChartGroup;
class ChartView;
class ChipButton;
class PipelinesPresenter;
class RowList;
class StageTimes;

// How long the stages of the chosen run took against earlier runs; and how its pipeline does over time.
class TimesCard : public Panel
{
    Q_OBJECT
public:
    explicit TimesCard(PipelinesPresenter &presenter, QWidget *parent = nullptr);
    ~TimesCard() override;

    enum class Tab { Times, Trends };
    void setTab(Tab tab);

private:
    void build();
    void refresh();
    void showTimes();
    void showTrends();
    void showFlaky();

    PipelinesPresenter &m_presenter;
    Tab m_tab = Tab::Times;
    QList<QPushButton *> m_tabs;
    ChipButton *m_figure = nullptr;
    QStackedLayout *m_stack = nullptr;
    StageTimes *m_times = nullptr;
    ChartGroup *m_charts = nullptr;
    ChartView *m_chart = nullptr;
    FlakyTests m_flaky;
    FactsModel m_flakyRows;
    RowList *m_flakyList = nullptr;
};

} // namespace signalbox
