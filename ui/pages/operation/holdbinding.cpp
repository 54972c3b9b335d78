#include "ui/pages/operation/holdbinding.h"

#include "services/operations/operation.h"
#include "ui/dialogs/holdalternative.h"
#include "ui/shell/consolesettings.h"
#include "ui/widgets/holdbutton.h"

namespace signalbox
{

bool isConfirming(OperationState state)
{
    return state == OperationState::AwaitingConfirmation || state == OperationState::Journaling ||
           state == OperationState::Armed;
}

HoldBinding::HoldBinding(HoldButton *button, PlanSession &session, Prompter &prompter, ConsoleSettings &settings)
    : QObject(button)
    , m_button(button)
    , m_session(session)
    , m_prompter(prompter)
    , m_settings(settings)
{
    connect(&m_session, &PlanSession::changed, this, &HoldBinding::refresh);
    connect(&m_settings, &ConsoleSettings::changed, this, &HoldBinding::refresh);
    connect(m_button, &HoldButton::holdStarted, this, [this](const QByteArray &fingerprint) {
        if (Operation *operation = m_session.operation())
            operation->prepare(fingerprint);
    });
    connect(m_button, &HoldButton::holdReleased, this, [this] {
        if (Operation *operation = m_session.operation())
            operation->release();
    });
    connect(m_button, &HoldButton::held, this, [this](const QByteArray &fingerprint) {
        Operation *const operation = m_session.operation();
        if (operation && operation->confirm(fingerprint))
            emit ran();
    });
    connect(m_button, &HoldButton::alternativeRequested, this, &HoldBinding::askInstead);
    refresh();
}

void HoldBinding::refresh()
{
    const Operation *const operation = m_session.operation();
    const bool canConfirm = operation && isConfirming(operation->state());
    // Never disabled: without a plan it does nothing, and who went to it with the keyboard stays on it until there is
    // one. A press that began before that does not count.
    if (canConfirm)
        m_button->showPlan(operation->plan().fingerprint(), operation->confirmation(!m_settings.asksInsteadOfHold()));
    else
        m_button->showPlan({}, {});
    const QString why = canConfirm ? QString() : whyNot();
    m_button->setToolTip(why);
    m_button->setAccessibleDescription(why.isEmpty() ? tr("Held to act; pressing it with a screen reader asks instead.")
                                                     : tr("Not available: %1").arg(why));
}

QString HoldBinding::whyNot() const
{
    const Operation *const operation = m_session.operation();
    switch (m_session.state()) {
    case PlanSession::State::Nothing:
        return tr("There is nothing to change.");
    case PlanSession::State::Planning:
        return tr("The plan is being made.");
    case PlanSession::State::Failed:
        return m_session.error().message;
    case PlanSession::State::Ready:
        break;
    }
    if (operation && operation->outcome())
        return operation->outcome()->message;
    return m_session.isUnderWay() ? tr("It is under way.") : tr("The plan is being checked.");
}

void HoldBinding::askInstead(const QByteArray &fingerprint)
{
    const Operation *const operation = m_session.operation();
    if (!operation)
        return;
    const Plan &plan = operation->plan();
    askInsteadOfHold(m_prompter, m_button->window(), operation->direction(), plan.application, operation->title(),
                     QStringLiteral("%1 → %2\n%3").arg(plan.from, plan.to, plan.effect), m_button->text(),
                     [this, fingerprint](bool accepted) {
                         Operation *const asked = m_session.operation();
                         if (accepted && asked && asked->confirm(fingerprint))
                             emit ran();
                     });
}

} // namespace signalbox
