#pragma once

#include "services/async/latestonly.h"
#include "services/ports/promotiondesk.h"

#include <QDialog>
#include <QTimer>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace signalbox
{

class HoldButton;
class Panel;
class RulesList;
struct ConsoleContext;

// Asks that a release may go on: which application, where to, which release. Shows what the request would say and what
// the policy answers before anything is signed. Where it shall start by itself once it is approved, the plan is shown,
// too, and the button has to be held: what is on screen then is what will be done, or the operator is asked again.
// While others change the world it is worked out anew behind what is shown, which stays, and a hold with it, unless it
// is another thing by now. Deletes itself when closed.
class RequestDialog : public QDialog
{
    Q_OBJECT
public:
    // Needs context.promotions. What is given is chosen at first; both may be empty.
    RequestDialog(ConsoleContext &context, const QString &application, const QString &environment, QWidget *parent);

    void reject() override; // not while a signature is on its way: what becomes of it is told here
    bool eventFilter(QObject *watched, QEvent *event) override;

signals:
    void requested(const QString &promotion);

private:
    void build();
    QLayout *buildFields();
    QWidget *buildAnswer();
    QWidget *buildStarts(); // by itself, once it is approved
    QLayout *buildButtons();
    void fillEnvironments(const QString &wanted);
    void outdate();
    void worldMoved();
    void draft();
    void show(const Result<PromotionDraft> &draft);
    void showFailed(const Error &error);
    void showProblem(const QString &text);
    void showChanged(const QString &text);
    void letItBeRead();
    void rehearse();        // where it shall start by itself
    void rehearseQuietly(); // the plan that is shown stays until there is another
    void showPlan(const Result<Plan> &plan);
    void refreshButtons();
    QByteArray fingerprint() const; // of draft and plan; empty: it cannot be asked for so now
    void askInstead(const QByteArray &seen);
    void requestHeld(const QByteArray &seen);
    void request(const std::optional<Plan> &startsAs);
    void setSending(bool isSending);

    ConsoleContext &m_context;
    QComboBox *m_application = nullptr;
    QComboBox *m_environment = nullptr;
    QLineEdit *m_release = nullptr;
    QLineEdit *m_reason = nullptr;
    QLabel *m_summary = nullptr;
    QLabel *m_warnings = nullptr;
    QLabel *m_changed = nullptr; // what is not any more as it was shown
    QLabel *m_problem = nullptr;
    Panel *m_panel = nullptr;
    RulesList *m_rules = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_request = nullptr;
    QCheckBox *m_starts = nullptr;
    QLabel *m_effect = nullptr; // of the plan
    HoldButton *m_hold = nullptr;
    QTimer m_settle;
    QTimer m_reading; // what would be signed is another thing since less than that: no press counts
    LatestOnly m_ask;
    LatestOnly m_rehearse;
    std::optional<Plan> m_plan;            // what is on screen, of m_draft
    std::optional<PromotionDraft> m_draft; // what is on screen; none: it is not what the fields say
    QStringList m_moved;                   // since the fields were changed
    QString m_refused;                     // why the last request was not written; until a field changes
    bool m_isSending = false;
    bool m_isMoving = false;     // the world moved while it was worked out
    bool m_isPressStale = false; // the mouse went down on what is not shown any more
};

} // namespace signalbox
