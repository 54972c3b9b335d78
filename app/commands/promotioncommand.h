#pragma once

#include "app/commands/command.h"
#include "app/commands/promotiontext.h"
#include "app/commands/steering.h"
#include "app/commands/vendorgates.h"

#include <QPointer>
#include <QTimer>

namespace signalbox
{
class LedgerDesk;
class Operation;
} // namespace signalbox

namespace signalbox::commands
{

// What the commands of promotions share: the desk, and leaving only when everything is recorded.
class PromotionCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;
    ~PromotionCommand() override;

protected:
    LedgerDesk &desk();
    // The open or decided promotion that is meant by an id or the beginning of one.
    Result<policy::PromotionCard> cardNamed(const policy::PromotionBoard &board, const QString &id) const;
    // A protected environment: by --confirm, or the application's name is typed. `go` once, or the command has failed.
    void confirm(const QString &application, const QString &environment, std::function<void()> go);
    void tellProblems(const policy::PromotionBoard &board);
    // What was written, in words or as JSON, with what became of the promotion it is about (null: of none); leaves.
    void leaveWritten(const QString &entry, const QString &text, const policy::PromotionCard *card = nullptr);
    void leave(ExitStatus status); // once outcomes and journal are written
};

// `signalbox approvals [APP] [--all]`
class ApprovalsCommand : public PromotionCommand
{
    Q_OBJECT
public:
    using PromotionCommand::PromotionCommand;

protected:
    bool needsClusters() const override { return !session().clusters().all().empty(); }
    void listed() override;

private:
    void readLedger(const FoundGates &gates);
    void tell(const policy::PromotionBoard &board, const QList<PolicyChangeCard> &changes, const FoundGates &gates);
};

// What one promotion is named for: `signalbox approve | reject | break-glass | close-claim ID`, and
// `signalbox break-glass APP ENV` for changes by hand.
class DecideCommand : public PromotionCommand
{
    Q_OBJECT
public:
    enum class What { Approve, Reject, BreakGlass, CloseClaim };
    DecideCommand(What what, Context context, QObject *parent = nullptr);

protected:
    void listed() override;

private:
    void breakGlassAt(const policy::Subject &seen);
    void decide(const policy::PromotionCard &card);
    QFuture<Result<QString>> write(const SeenPromotion &seen);
    policy::Permission permission(const policy::PromotionCard &card) const;
    QString doneText(const QString &entry) const;
    What m_what;
};

// `signalbox hold APP ENV`, `signalbox lift ENTRY` and `signalbox countersign ENTRY`
class StopCommand : public PromotionCommand
{
    Q_OBJECT
public:
    enum class What { Hold, Lift, Countersign };
    StopCommand(What what, Context context, QObject *parent = nullptr);

protected:
    void listed() override;

private:
    QFuture<Result<QString>> write();
    What m_what;
};

// `signalbox promote APP --to ENV`: asks for it; with --wait stays until it was carried out, and carries it out.
//
//   draft -> (dry run: plan, end) -> (--wait: plan, or the gate that no run has come to yet) -> request ->
//   (--break-glass: act alone) -> (no --wait: end) -> wait
//   -> claim, carry out what was shown -> outcome
class PromoteCommand : public PromotionCommand
{
    Q_OBJECT
public:
    using PromotionCommand::PromotionCommand;
    void interrupt() override;
    static Result<PromotionOrder> orderOf(const cli::Arguments &arguments);

protected:
    void listed() override;

private:
    void takeDraft(const PromotionDraft &draft);
    void lookForIt(const PromotionDraft &draft);
    void takeUp(const policy::PromotionCard &card, const QString &me);
    void showPlan(const PromotionDraft &draft);
    void showGate(const PromotionDraft &draft, const Error &none);
    void confirmDraft(const PromotionDraft &draft);
    void ask(const PromotionDraft &draft);
    void wait();
    void lookAgain();
    void look(const policy::PromotionBoard &board);
    bool breaksGlass(const policy::PromotionCard &card); // true: it does so, has failed to, or looks again first
    void carryOut(const policy::PromotionCard &card);
    void follow(Operation *operation);
    void confirmShown();
    void leaveIt(const QString &why); // it is not what was confirmed any more
    void showProgress();
    void noteOutcome(const Outcome &outcome);
    void tell(ExitStatus status);

    PromotionReport m_report;
    QString m_promotion;
    Plan m_seen;                  // with --wait: what was shown before anything was asked for, and confirmed
    bool m_isGateAwaited = false; // no run had come to the gate when it was confirmed: m_seen is its first plan
    QPointer<Operation> m_operation;
    QPointer<Steering> m_steering; // from the first call to the outcome
    QTimer m_again;
    int m_unknownLooks = 0; // at which only what is not known stood against it
    bool m_isLooking = false;
    bool m_isInterrupted = false;
};

} // namespace signalbox::commands
