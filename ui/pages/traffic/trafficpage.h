#pragma once

#include "ui/shell/page.h"

class QCheckBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace signalbox
{

class ChecksList;
class ChipButton;
class DeployedPicker;
class DiffView;
class HoldButton;
class MetricRow;
class Operation;
class OperationBox;
class Panel;
class PlanSession;
class SplitRing;
class SplitSlider;
class StageStrip;
class TrackCard;
class TrafficPresenter;

// Blue and green, how live traffic is divided between them, and the lever that moves it.
class TrafficPage : public Page
{
    Q_OBJECT
public:
    // Needs context.operations.
    explicit TrafficPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~TrafficPage() override;

    QStringList crumbs() const override;
    void open(const NavigationTarget &target) override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildSplit();
    QWidget *buildOrder();
    QWidget *buildChange(QWidget *parent);
    void buildBoxes();
    void buildWayBack();
    void showSelection();
    void showSplit();
    void showNothingToRoute();
    void showOrder();
    void showPlans();
    void showPauses();
    void showTense(const PlanSession &session);
    void showTracks();
    void showBoxes();
    void showShare();
    void showWhatIsLeft(const PlanSession &session);
    void showPresets();
    void takeStages();

    ConsoleContext &m_context;
    std::unique_ptr<TrafficPresenter> m_presenter;
    DeployedPicker *m_picker = nullptr;
    ChipButton *m_router = nullptr;
    ChipButton *m_candidate = nullptr;
    Panel *m_splitPanel = nullptr;
    TrackCard *m_stableCard = nullptr;
    TrackCard *m_candidateCard = nullptr;
    SplitRing *m_ring = nullptr;
    SplitSlider *m_slider = nullptr;
    StageStrip *m_strip = nullptr;
    MetricRow *m_metrics = nullptr;
    QWidget *m_order = nullptr;
    QHBoxLayout *m_presetRow = nullptr;
    QList<std::pair<int, QPushButton *>> m_presets; // per cent
    QCheckBox *m_pause = nullptr;
    QCheckBox *m_inSteps = nullptr;
    QLineEdit *m_stages = nullptr;
    QLabel *m_example = nullptr;
    QLabel *m_stagesProblem = nullptr;
    Panel *m_checksPanel = nullptr;
    ChecksList *m_checks = nullptr;
    Panel *m_diffPanel = nullptr;
    DiffView *m_diff = nullptr;
    OperationBox *m_box = nullptr;
    HoldButton *m_allBack = nullptr;
    OperationBox *m_backBox = nullptr;
};

} // namespace signalbox
