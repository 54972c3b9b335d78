#pragma once

#include <QWidget>

class QHBoxLayout;

namespace signalbox
{

class ChecksList;
class DiffView;
class Panel;
class PlanSession;

// The checks of a plan beside what will be sent, as windows of one operation show them: skeletons while it is planned,
// and without a plan a word that the reason stands below. Follows its session by itself.
class PlanPanels : public QWidget
{
    Q_OBJECT
public:
    // Borrowed: the session lives as long as this is asked for anything.
    PlanPanels(PlanSession &session, QWidget *parent);

    void setShares(int checks, int diff); // of the width; alike unless told otherwise

private:
    void showPlan();

    PlanSession &m_session;
    QHBoxLayout *m_across = nullptr;
    Panel *m_checksPanel = nullptr;
    ChecksList *m_checks = nullptr;
    Panel *m_diffPanel = nullptr;
    DiffView *m_diff = nullptr;
};

} // namespace signalbox
