#pragma once

#include "services/operations/journal.h"
#include "services/operations/locallocks.h"
#include "services/operations/operation.h"

#include <QPointer>
#include <QSet>

namespace signalbox
{

// The machinery behind one Operation: the commands, what is done on entering each state, and the answers that come
// back. An answer belongs to the epoch (the stay in one state) it was asked in; a later one is dropped.
// operationrun.cpp: transitions, commands, ending. operationprepare.cpp: checks, locks, journal. operationsteps.cpp:
// calls, looks, dwell, taking back.
class OperationRun : public QObject
{
public:
    using State = OperationState;
    using Event = OperationEvent;

    OperationRun(Operation *operation, Plan plan, Operation::Environment environment);

    // Commands, as in Operation.
    bool start(Operation::Mode mode);
    bool replacePlan(const Plan &plan);
    bool renewPlan(const Plan &plan);
    bool prepare(const QByteArray &fingerprint);
    bool release();
    bool confirm(const QByteArray &fingerprint);
    bool pause();
    bool resume();
    bool skipDwell();
    bool abandon();
    bool cancel();
    bool preempt(const QString &by);
    void loseConnection(const QString &reason);

    bool isPlanExpired() const;
    bool holdsLock() const;
    bool hasStepsToCome() const;
    std::chrono::milliseconds dwellRemaining() const;
    std::chrono::milliseconds deadlineRemaining() const;
    QString title() const;
    // "Left as it is until somebody ends it: ..., to end it: ..."
    static QString leftAsItIs(const PlanStep &step);

    Operation *q;
    Operation::Environment env;
    Plan plan;
    QString id;
    QString key;          // Operation::key()
    QStringList lockKeys; // among the programs of this machine
    State state = State::Planned;
    Operation::Mode mode = Operation::Mode::Real;
    QList<PlanStep> steps; // the chosen ones, once confirmed
    int index = -1;
    std::optional<Observation> observation;
    QList<StepOutcome> stepOutcomes;
    QString pauseReason;
    QStringList warnings;
    QDateTime problemSince;
    JournalIntent intent; // once asked for
    Outcome outcome;
    bool reachedRecording = false;
    bool isReleasing = false;  // the remote lock is being given back
    bool wasJournaled = false; // an intent was asked for; an outcome or a withdrawal must follow

private:
    struct Wanted // asked for where it cannot be done yet
    {
        bool release = false;
        bool confirm = false;
        bool cancel = false;
        bool pause = false;
        bool abandon = false;
        std::optional<Plan> plan;
        std::optional<QString> preemptBy;
    };
    struct Preparation // what Journaling waits for
    {
        bool hasLocal = false;
        bool hasRemote = false;
        bool hasJournal = false;
        std::optional<Error> remoteRefusal;
        std::optional<Error> journalFailure;
    };

    // Leaves the state by the table; false where the event means nothing in it.
    bool fire(Event event);
    void enter(State entered);
    void enterArmed();
    void enterObserving();
    // Ends the operation by an edge to Recording or Finished.
    bool end(Event event, OutcomeKind kind, const QString &message, ErrorKind errorKind = ErrorKind::Internal);
    bool isConfirmed(OutcomeKind kind) const;
    bool endPreempted(Event event);
    bool endCancelled();
    void record();
    void withdraw();
    void warn(const QString &warning);
    template <typename Handler>
    void after(std::chrono::milliseconds delay, Handler handler); // unless the state is left before
    template <typename T, typename Handler>
    void answer(const QFuture<Result<T>> &future, Handler handler, ErrorKind lostAs = ErrorKind::Internal);

    void runPreflight();
    template <typename Handler>
    void askPolicy(const Plan &of, Handler handler); // found: QList<Check>
    void addPolicy(Plan &to, const QList<Check> &found);
    void takePolicy(const QList<Check> &found);
    void tryRenewedDryRun(const Plan &renewed);
    void askDryRun();
    void noteDryRun(const Result<void> &result);
    void finishPreflight();
    bool isHurried(const Plan &of) const;
    QStringList lockPlaces() const;
    bool wantsDryRun(const Plan &of) const;
    void tryRenewal(const Plan &renewed);
    void takeRenewal(const Plan &renewed);
    Plan asChosen(Plan renewed) const; // steps and words as they are now
    void takeLocks();
    void waitForWay();
    void acquireLocal();
    void prepareRest();
    void fillIntent();
    void acquireRemote();
    void checkPrepared();
    void refusePreparation(Event event, const Error &error);
    void giveUpPreparing();
    void releaseLocks();
    void keepLocks();
    void watchLocal();
    void renewRemote();
    void confirmNow();

    bool isReversing() const;
    const PlanStep &step() const; // of the present state: a plan's, or the reversal
    void sendNext();
    void send();
    void noteReceipt(const Receipt &receipt);
    void noteRefusal(const Error &error);
    void resolve();
    void noteResolved(const Result<bool> &tookPlace);
    void look();
    void noteLook(const Result<Observation> &result);
    void noteEffective();
    void noteDeadline();
    void beginDwell();
    void tick();
    void planReversal();
    QList<QStringList> doneByObject() const; // step ids, the object written last first
    QString notEffectiveText() const;
    QString effectText(const QString &done, const QString &written) const;
    QString doneSoFar() const;  // " Step 1 of 3 was done and stays." or nothing
    QString lastDone() const;   // names it, for both
    QString doneByThen() const; // the same where whoever it gave way to takes it back
    // What steps on other objects left switched off (a paused reconciliation), and how to end it; or nothing.
    QString stillInPlace() const;
    StepOutcome &currentOutcome();
    QStringList doneStepIds() const;

    quint64 m_epoch = 0;
    QSet<QString> m_policyTexts;           // of the checks that the policy gave this plan and those before it
    quint64 m_renewal = 0;                 // the newest plan that is checked behind the one shown
    std::optional<quint64> m_renewalEpoch; // while it is
    Wanted m_wanted;
    Preparation m_ready;
    bool m_hasLocalLock = false;
    bool m_asksRemote = false; // acquire() was called and not yet given back
    quint64 m_lockEpoch = 0;   // while locks are held
    qint64 m_preparingSince = 0;
    bool m_isRenewWarned = false;
    StopSource m_stop; // for reads; a call that left is never stopped

    Receipt m_receipt;
    PlanStep m_reversal;
    QList<QStringList> m_toReverse; // one list of step ids an object; the first is being taken back
    QStringList m_takenBack;        // step ids, seen to be
    QList<StepOutcome> m_reversalOutcomes;
    qint64 m_sentAt = 0; // monotonic
    std::optional<Error> m_lookError;
    qint64 m_lookedAt = 0; // monotonic; of `observation`
    std::chrono::milliseconds m_nextLook{0};
    qint64 m_resolvingSince = 0;
    std::optional<qint64> m_notTakenSince;
    std::chrono::milliseconds m_dwellLeft{0};
    qint64 m_tickedAt = 0; // monotonic
    QDateTime m_tickedWall;
    std::chrono::milliseconds m_tickDelay{0};
};

} // namespace signalbox
