#pragma once

#include "services/async/latestonly.h"
#include "ui/pages/operation/plansession.h"
#include "ui/theme/tokens.h"

#include <QFrame>

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace signalbox
{

class ConsoleSettings;
class ElidedLabel;
class HoldButton;
class PromotionDesk;
class Prompter;
class StateSign;
namespace policy
{
struct Subject;
}

// What a plan will do in words, its confirmation, and, once it runs, where it is and what can still be done about it;
// at the end its outcome, until the operator puts it away.
class OperationBox : public QFrame
{
    Q_OBJECT
public:
    // `verb` stands on the button: "Roll back now".
    OperationBox(const QString &verb, ToneName tone, PlanSession &session, Prompter &prompter,
                 ConsoleSettings &settings, QWidget *parent = nullptr);

    void setVerb(const QString &verb, ToneName tone);
    // Shown while there is nothing to confirm: what the operator can do.
    void setIdleText(const QString &headline, const QString &text);
    // Left of the main button; shown only while nothing runs.
    void addSecondary(QPushButton *button);
    // Right of all others, whatever happens: the way back.
    void addPermanent(QPushButton *button);
    // Where there is little height: the words take the whole width, and the reason stands beside the buttons.
    void setDense(bool isDense);
    // A line that counts the plan's checks; pressed, checksWanted() asks to bring them into view.
    void setCountsChecks(bool counts);
    // Where nothing but the policy stops what goes forward: whoever cannot wait acts alone, with a reason in the
    // ledger. Borrowed; null: there is no ledger.
    void setGlass(PromotionDesk *desk) { m_desk = desk; }
    void setAsksReason(bool asks) { m_asksReason = asks; } // false: whoever shows this asks for it
    HoldButton *holdButton() const { return m_hold; }
    void focusMain(); // the keyboard goes to the button that matters now, if there is one
    QSize minimumSizeHint() const override;

signals:
    void dismissed(); // the outcome was read
    void ran();       // the first call is about to leave
    void checksWanted();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void build();
    void buildButtons();
    void arrange();
    void refresh();
    void showIdle();
    void showPlanning();
    void showFailure();
    void showConfirmation();
    void showRunning();
    void showOutcome();
    void setText(const QString &headline, const QString &text);
    void setSign(std::optional<Health> health);
    void showButtons(const QList<QPushButton *> &buttons);
    void showChecks(const Plan &plan);
    void showWayBack(const Plan &plan);
    bool isGlassOffered() const;
    void askToBreakGlass();
    void askForReason(const QString &title, const policy::Subject &there);
    void breakGlass(const policy::Subject &seen, const QString &reason);
    QString runningText() const;
    QString stoppedText(const Outcome &outcome) const;
    Health healthOfOutcome(const Outcome &outcome) const;

    PlanSession &m_session;
    Prompter &m_prompter;
    PromotionDesk *m_desk = nullptr;
    LatestOnly m_glassLook;
    QString m_glassStep;    // what is under way for a break-glass; empty: nothing
    QString m_glassProblem; // why the last one is not in the ledger
    QString m_idleHeadline;
    QString m_idleText;
    StateSign *m_sign = nullptr;
    QLabel *m_headline = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_checks = nullptr;
    QLineEdit *m_reason = nullptr;
    QProgressBar *m_progress = nullptr;
    QBoxLayout *m_outer = nullptr;
    QBoxLayout *m_words = nullptr;
    QHBoxLayout *m_buttons = nullptr;
    HoldButton *m_hold = nullptr;
    QPushButton *m_retry = nullptr;
    QPushButton *m_pause = nullptr;
    QPushButton *m_resume = nullptr;
    QPushButton *m_skip = nullptr;
    QPushButton *m_abandon = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_dismiss = nullptr;
    QPushButton *m_glass = nullptr;
    QList<QPushButton *> m_secondary;
    QList<QPushButton *> m_permanent;
    bool m_isDense = false;
    bool m_countsChecks = false;
    bool m_asksReason = true;
};

} // namespace signalbox
