#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/async/latestonly.h"

#include <QFuture>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>

namespace signalbox
{

class Operation;
class OperationCenter;

// One plan on screen, from being made to its operation's outcome. Makes the plan again before it grows old or when the
// world moved, and keeps what the operator chose in it. A presenter's part: no widgets; GUI thread.
//
//   Nothing --plan()--> Planning --> Ready (operation() awaits confirmation, runs, or has ended)
//                            `-----> Failed (error(); replan() tries again)
class PlanSession : public QObject
{
    Q_OBJECT
public:
    using Planner = std::function<QFuture<Result<Plan>>(const StopToken &stop)>;
    enum class State { Nothing, Planning, Ready, Failed };
    Q_ENUM(State)

    explicit PlanSession(OperationCenter &center, QObject *parent = nullptr);
    ~PlanSession() override; // an operation that runs goes on; one that was not confirmed is discarded

    void plan(Planner planner);        // drops the earlier plan; not while an operation of this session runs
    void clear();                      // not while an operation of this session runs
    void replan();                     // same planner, newest state of the world
    void fail(const Error &error);     // there can be no plan now; not while an operation of this session runs
    void follow(Operation *operation); // shows one that was confirmed before, here or elsewhere
    void leave();                      // like clear(), and lets go of an operation that runs: it goes on
    // Only a page that is looked at keeps its plan young.
    void setActive(bool isActive);

    State state() const { return m_state; }
    bool isReplanning() const { return m_ask.isRunning(); }
    const Error &error() const { return m_error; } // of the last planning; meaningful in Failed
    Operation *operation() const;                  // null unless Ready
    bool isRunning() const;                        // journaled and not finished; the button may still be let go
    bool isUnderWay() const;                       // confirmed and not finished
    bool isFinished() const;
    bool isRefusedBeforehand() const; // a check blocked it before it could be confirmed; looked at again now and then
    bool awaitsConfirmation() const;
    bool isRenewing() const; // a newer plan is being checked: what is on screen stays until it was
    // An outcome that nobody put away yet. Whoever plans by itself has to wait for that.
    bool hasOutcome() const { return isFinished() && !isRefusedBeforehand(); }
    // What the operation gave way to, as far as this process knows; null: it did not, or nothing of it is known here.
    const Operation *successor() const;

    // The operator's words for the record. They stay when the plan is made again or for another target, until an
    // outcome was put away or the session was left.
    void setReason(const QString &reason);
    const QString &reason() const { return m_reason; }

signals:
    void changed();
    void finished(const signalbox::Outcome &outcome);

private:
    void take(const Result<Plan> &result);
    void adopt(Plan plan);
    void attach(Operation *operation);
    void operationMoved();
    void reset(const QString &reason);
    void drop();
    void setState(State state);

    OperationCenter &m_center;
    Planner m_planner;
    LatestOnly m_ask;
    State m_state = State::Nothing;
    Error m_error;
    QPointer<Operation> m_operation;
    QTimer m_renew;
    QString m_reason;
    bool m_isActive = true;
    bool m_isOurs = true;      // made here, not followed
    bool m_wasPressed = false; // the button went down for what is on screen, and did not come up too early
    bool m_isRenewal = false;
};

// Why nothing can be planned: whoever would make the plan is no longer configured.
Error connectionRemoved(const QString &id);

} // namespace signalbox
