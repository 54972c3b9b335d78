#pragma once

#include "services/operations/operationstates.h"
#include "ui/pages/operation/plansession.h"

#include <QObject>

namespace signalbox
{

class ConsoleSettings;
class HoldButton;
class Prompter;

// The button is down, or may go down.
bool isConfirming(OperationState state);

// Lets a hold button confirm the plan of a session: the key going down takes locks and journals, a complete hold sends
// the first call. Keeps the button's fingerprint that of the plan that stands still. Owned by the button.
class HoldBinding : public QObject
{
    Q_OBJECT
public:
    HoldBinding(HoldButton *button, PlanSession &session, Prompter &prompter, ConsoleSettings &settings);

signals:
    void ran(); // the first call is about to leave

private:
    void refresh();
    QString whyNot() const;
    void askInstead(const QByteArray &fingerprint);

    HoldButton *m_button;
    PlanSession &m_session;
    Prompter &m_prompter;
    ConsoleSettings &m_settings;
};

} // namespace signalbox
