#pragma once

#include "services/operations/operation.h"
#include "services/ports/rollbackprovider.h"
#include "services/ports/trafficrouter.h"
#include "tests/support/consoleworld.h"
#include "tests/support/fakesteprunner.h"

#include <QHash>

#include <memory>

class QWidget;

// A console world whose one cluster can also be changed: what plans are made of is scripted, operations are real.
namespace signalbox
{
class HoldButton;
}

namespace signalbox::test
{

Check check(CheckId id, CheckState state, const QString &text, const QString &detail = {}, const QString &wayOut = {});

class FakeRollback : public RollbackProvider
{
public:
    QFuture<Result<QList<RollbackTarget>>> targets(ObjectRef workload, StopToken stop) override;
    QFuture<Result<Plan>> plan(RollbackOrder order, StopToken stop) override;

    // Answers a question that was held back.
    void giveTargets(const QString &workload, const Result<QList<RollbackTarget>> &targets);
    void givePlan(const Result<Plan> &plan);

    QHash<QString, QList<RollbackTarget>> known; // by workload's name
    std::optional<Error> targetsFail;
    std::optional<Error> planFails;
    QList<Check> checks;
    std::optional<PlanStep> firstStep; // offered before the rollback itself
    QString suffix;                    // in the plan's body: another one is another plan
    bool isProtected = true;
    bool holdsTargets = false;
    bool holdsPlan = false;
    QStringList asked; // workloads
    QList<RollbackOrder> orders;
    Plan planOf(const RollbackOrder &order) const;

private:
    QHash<QString, std::shared_ptr<QPromise<Result<QList<RollbackTarget>>>>> m_heldTargets;
    std::shared_ptr<QPromise<Result<Plan>>> m_heldPlan;
};

class FakeRouter : public TrafficRouter
{
public:
    Capabilities capabilities(const RouterRef &router) const override;
    QFuture<Result<TrafficSplit>> split(QString application, RouterRef router, StopToken stop) override;
    QFuture<Result<Plan>> plan(TrafficOrder order, StopToken stop) override;

    void setShares(int blue, int green);
    void give(const QString &application, const Result<TrafficSplit> &split);

    Capabilities can = Capabilities(Capability::Split) | Capability::Switch | Capability::Verify;
    TrafficSplit now;
    std::optional<Error> splitFails;
    std::optional<Error> planFails;
    QList<Check> checks;
    std::optional<PlanStep> offered; // optional step before the change: pauses who would write it back
    QString from;                    // the plan's words of what is, in place of the split's
    QStringList holds;               // applications whose split is not answered before give()
    QStringList asked;               // applications
    QList<TrafficOrder> orders;
    Plan planOf(const TrafficOrder &order) const;

private:
    QHash<QString, std::shared_ptr<QPromise<Result<TrafficSplit>>>> m_held;
};

class OperationConsole : public ConsoleWorld
{
public:
    // Cluster "prod-eu" with image-classifier (blue 75 %, green 25 %, failing unless told otherwise) and smart-support
    // (one track) in production.
    OperationConsole();

    Deployed classifier() const;
    Deployed support() const;
    void put(const Deployed &item) { deployed.apply({item}, {}); }
    void touchClassifier();       // something that decides nothing moves in it
    Operation *operation() const; // the newest
    // Lets the disk answer and timers fall due until it is so.
    bool reach(OperationState state, Operation *of = nullptr);
    int executed() const; // calls that left

    // Presses with a clock of the button's own; held for so many ms of it.
    void press(HoldButton *button, int milliseconds);
    void passHold(HoldButton *button, int milliseconds);
    void takeClock(HoldButton *button);

    FakeRollback *rollback = nullptr;
    FakeRouter *router = nullptr;
    FakeStepRunner *runner = nullptr;
    FakeLocker *locker = nullptr;
    qint64 holdNow = 1000;
    int touched = 0;
};

QString textOf(const QWidget &window, const char *name); // of the label of that name; empty when it is not visible
template <typename T>
T *visible(const QWidget &window, const char *name)
{
    for (T *each : window.findChildren<T *>(QLatin1String(name))) {
        if (each->isVisibleTo(&window))
            return each;
    }
    return nullptr;
}

} // namespace signalbox::test
