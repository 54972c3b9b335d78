#include "ui/pages/operation/planpanels.h"

#include "services/operations/operation.h"
#include "ui/pages/operation/checkslist.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/plansession.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

// How many of its calls left; a refused one counts: it was sent.
int sentOf(const Operation &operation)
{
    const QList<StepOutcome> steps = operation.stepOutcomes();
    return static_cast<int>(
        std::count_if(steps.begin(), steps.end(), [](const StepOutcome &step) { return step.sentAt.isValid(); }));
}

} // namespace

PlanPanels::PlanPanels(PlanSession &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_across(new QHBoxLayout(this))
{
    m_across->setContentsMargins(0, 0, 0, 0);
    m_across->setSpacing(space::m);
    m_checksPanel = new Panel(tr("Checks"), this);
    auto *inner = new QWidget;
    auto *down = new QVBoxLayout(inner);
    down->setContentsMargins(space::l, space::m, space::l, space::m);
    m_checks = new ChecksList(inner);
    down->addWidget(m_checks);
    down->addStretch();
    m_checksPanel->setContent(new MiddleScroll(inner, m_checksPanel));
    m_diffPanel = new Panel(tr("What will be sent"), this);
    m_diff = new DiffView(m_diffPanel);
    m_diffPanel->setContent(m_diff->inset(m_diffPanel));
    m_across->addWidget(m_checksPanel);
    m_across->addWidget(m_diffPanel);
    setShares(1, 1);
    connect(&session, &PlanSession::changed, this, &PlanPanels::showPlan);
    showPlan();
}

void PlanPanels::setShares(int checks, int diff)
{
    m_across->setStretchFactor(m_checksPanel, checks);
    m_across->setStretchFactor(m_diffPanel, diff);
}

void PlanPanels::showPlan()
{
    const Operation *const operation = m_session.operation();
    for (Panel *const panel : {m_checksPanel, m_diffPanel}) {
        if (operation)
            panel->showContent();
        else if (m_session.state() == PlanSession::State::Planning)
            panel->showLoading(3);
        else
            panel->showEmpty(tr("No plan"), tr("See below why."));
    }
    const int sent = operation ? sentOf(*operation) : 0;
    const bool isPast = sent > 0 && (operation->isFinished() || sent >= operation->chosenSteps().size());
    m_diffPanel->setTitle(isPast ? tr("What was sent") : tr("What will be sent"));
    if (!operation)
        return;
    m_checks->show(operation->plan().checks);
    if (isPast)
        m_diff->show(operation->plan(), 0, sent); // what was stopped before its call changed nothing
    else
        m_diff->show(operation->plan());
}

} // namespace signalbox
