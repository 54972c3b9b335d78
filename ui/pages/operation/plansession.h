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
    ~PlanSession() override; // an operation that runs goes on; one that was never confirmed is discarded

    void plan(Planner planner); // drops the earlier plan; not while an operation of this session runs
    void clear();
    void replan(); // same planner, newest state of the world
    // Only a page that is looked at keeps its plan young.
    void setActive(bool isActive);

    State state() const { return m_state; }
    bool isReplanning() const { return m_ask.isRunning(); }
    const Error &error() const { return m_error; } // of the last planning; meaningful in Failed
    Operation *operation() const;                  // null unless Ready
    bool isRunning() const;                        // journaled and not finished
    bool isFinished() const;
    bool isRefusedBeforehand() const; // a check blocked it, nothing was sent; looked at again now and then
    bool awaitsConfirmation() const;

signals:
    void changed();
    void finished(const signalbox::Outcome &outcome);

private:
    void take(const Result<Plan> &result);
    void adopt(const Plan &plan);
    void drop();
    void setState(State state);

    OperationCenter &m_center;
    Planner m_planner;
    LatestOnly m_ask;
    State m_state = State::Nothing;
    Error m_error;
    QPointer<Operation> m_operation;
    QTimer m_renew;
    bool m_isActive = true;
};

} // namespace signalbox
