#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>

namespace signalbox
{

// What came back from a call that was accepted.
struct Receipt
{
    QDateTime sentAt;
    QDateTime acceptedAt;
    QByteArray state; // adapter's own (JSON): what the world looks like right after, for observe() and reversal()
};

// Carries out the steps of the plans that its own adapter made. Calls come from the GUI thread, return at once and end
// with one Result. execute() is never retried: an answer that was lost is OutcomeUnknown, a failed precondition
// Conflict (the adapter re-reads to tell a conflict from a refusal).
class StepRunner
{
public:
    virtual ~StepRunner() = default;

    // The remote's own dry run of the call; Unsupported where it has none.
    [[nodiscard]] virtual QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) = 0;
    // `step.call`, with its preconditions. A stop cannot call back what has left.
    [[nodiscard]] virtual QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) = 0;
    // One look: is the expectation met, failed for good, or still pending? The caller repeats it until the deadline.
    [[nodiscard]] virtual QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) = 0;
    // Has the call of this step taken place? For answers that were lost and for crashes: re-reads, never repeats.
    // true/false where the remote's state tells; an error where it cannot be told. After a crash the step comes from
    // the journal, which keeps neither bodies nor differences (a pod template's variables may be secret): call.body,
    // undo and diff are empty then. It must be told from call.method, call.path and the expectation, whose `data` is
    // journaled whole and so must hold hashes, weights and uids, never a variable's value. The same holds for
    // observe(), whose receipt is empty then. Unreachable and the like: asked again later.
    [[nodiscard]] virtual QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) = 0;
    // A step that restores what was before the steps done so far (in their order), planned from the state now.
    [[nodiscard]] virtual QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) = 0;
    // Whether the remote has the very object that this step is about: the one with its uid, not one of its name. From
    // the journal, as with tookPlace(). Unsupported: such steps name none.
    [[nodiscard]] virtual QFuture<Result<bool>> hasObject(PlanStep step, StopToken stop)
    {
        Q_UNUSED(step)
        Q_UNUSED(stop)
        return QtFuture::makeReadyFuture(Result<bool>(Error{ErrorKind::Unsupported, {}, {}}));
    }
};

// Holds an application and environment for one operation across operators (a Kubernetes Lease); where the right does
// not exist the lock is `isShared == false` and says why, which is a warning, not an error.
struct RemoteLock
{
    bool isShared = false;
    QString reason;
    QString holder; // who has it, when it was not granted
};
class RemoteLocker
{
public:
    virtual ~RemoteLocker() = default;
    // Refused, with the holder, when somebody else has it and `preempt` is false.
    [[nodiscard]] virtual QFuture<Result<RemoteLock>> acquire(QString ns, QString application, QString purpose,
                                                              bool preempt, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<void>> renew(QString ns, QString application, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<void>> release(QString ns, QString application, StopToken stop) = 0;
};

} // namespace signalbox
