#pragma once

#include "ui/shell/page.h"

#include <QDateTime>
#include <QHash>
#include <QMap>

class QListView;
class QVBoxLayout;

namespace signalbox
{

class ChecksList;
class ChipButton;
class ChoiceModel;
class DeployedPicker;
class DiffView;
class IncidentBanner;
class MetricRow;
class OperationBox;
class Panel;
class PlanSession;
class ReadinessBar;
class RollbackPresenter;
class StepsTable;
struct Deployed;
struct RollbackChoice;

// Go back to the last good version: where to, what that does, and the button that does it.
class RollbackPage : public Page
{
    Q_OBJECT
public:
    // Needs context.operations.
    explicit RollbackPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~RollbackPage() override;

    QStringList crumbs() const override;
    void open(const NavigationTarget &target) override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildChoices();
    QLayout *buildPlan();
    QWidget *buildChecks(QWidget *parent);
    void showSelection();
    void showChoices();
    void showLoadState();
    void showPlan();
    void showNoPlan();
    void showDifference(const PlanSession &session);
    void showBanner();
    void showFigures();
    QList<RollbackChoice> choicesWithFigures() const;
    void showReadiness();
    void chooseRow(int row);

    // A track that fails by its figures, until they were good for three samples in a row or it is known to get no
    // traffic. Another version in its place is still the same incident until its figures are good.
    struct Incident
    {
        QDateTime since; // the first bad sample; invalid: there is none
        QString track;
        QDateTime judgedAt;   // the newest figure that was judged
        bool isBlind = false; // nobody knows how it is now
    };
    void forgetOver(const QStringList &keys);
    Incident incidentOf(const Deployed &of);
    bool isFailing(const QString &track) const;
    QMap<QString, QString> failingShares() const;

    ConsoleContext &m_context;
    std::unique_ptr<RollbackPresenter> m_presenter;
    DeployedPicker *m_picker = nullptr;
    ChipButton *m_workload = nullptr;
    IncidentBanner *m_banner = nullptr;
    Panel *m_choicesPanel = nullptr;
    QListView *m_list = nullptr;
    ChoiceModel *m_model = nullptr;
    ReadinessBar *m_readiness = nullptr;
    MetricRow *m_metrics = nullptr;
    Panel *m_stepsPanel = nullptr;
    StepsTable *m_steps = nullptr;
    Panel *m_checksPanel = nullptr;
    ChecksList *m_checks = nullptr;
    Panel *m_diffPanel = nullptr;
    DiffView *m_diff = nullptr;
    OperationBox *m_box = nullptr;
    QHash<QString, Incident> m_incidents; // by Deployed::key()
    bool m_isFilling = false;
};

} // namespace signalbox
