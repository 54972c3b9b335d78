#pragma once

#include "ui/shell/page.h"

#include <memory>

class QLabel;
class QListView;
class QPushButton;
class QStackedWidget;

namespace signalbox
{

class Badge;
class ChartGroup;
class ChartPanel;
class ChipButton;
class DrillListModel;
class DrillsPresenter;
class Panel;
class StatTile;
class Timeline;

// Fire drills: what can be practised, the briefing with its start, and what the attempts show. Where there is no
// practice world: what drills are, and the way to one.
class DrillsPage : public Page
{
    Q_OBJECT
public:
    explicit DrillsPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~DrillsPage() override;

    QStringList crumbs() const override;
    // The hint is the name of a drill.
    void open(const NavigationTarget &target) override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildElsewhere();
    void buildYard();
    QWidget *buildList();
    QWidget *buildBriefing();
    QWidget *buildTiles();
    QWidget *buildDebrief();
    void showRows();
    void showSelection();
    void showBriefing();
    void showStart();
    void showAttempt();
    void showChart();
    void lookAtApplication(const QString &page);

    ConsoleContext &m_context;
    std::unique_ptr<DrillsPresenter> m_presenter; // null: no practice world
    QListView *m_list = nullptr;
    DrillListModel *m_model = nullptr;
    Panel *m_briefingPanel = nullptr;
    Badge *m_where = nullptr;
    QLabel *m_briefing = nullptr;
    QLabel *m_task = nullptr;
    QLabel *m_note = nullptr;
    QPushButton *m_start = nullptr;
    StatTile *m_seen = nullptr;
    StatTile *m_restored = nullptr;
    StatTile *m_best = nullptr;
    Panel *m_debriefPanel = nullptr;
    Badge *m_verdict = nullptr;
    ChipButton *m_attempts = nullptr;
    QLabel *m_words = nullptr;
    QWidget *m_tiles = nullptr;
    Panel *m_listPanel = nullptr;
    Timeline *m_timeline = nullptr;
    ChartGroup *m_charts = nullptr;
    ChartPanel *m_chart = nullptr;
    bool m_isFilling = false;
};

} // namespace signalbox
