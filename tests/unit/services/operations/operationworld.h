#pragma once

#include "services/operations/operationcenter.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakesteprunner.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>

// What the tests of operations share: plans, and one center on a folder of its own with a runner that a test scripts.
namespace signalbox::test
{

inline Observation pending(const QString &text, const QString &blocker = {})
{
    return FakeStepRunner::seen(Observation::State::Pending, text, blocker);
}
inline Observation effective(const QString &text)
{
    return FakeStepRunner::seen(Observation::State::Effective, text);
}
inline Error error(ErrorKind kind, const char *text)
{
    return {kind, QString::fromLatin1(text), {}};
}

// A dwell of a minute after each step but the last.
inline Plan planOf(int steps, Direction direction = Direction::Forward,
                   const QString &application = QStringLiteral("cart"))
{
    Plan plan;
    plan.id = QStringLiteral("01HQZX3T7Y0000000000000000");
    plan.kind = direction == Direction::Back ? OperationKind::Rollback : OperationKind::TrafficShift;
    plan.direction = direction;
    plan.application = application;
    plan.environment = QStringLiteral("shop");
    plan.connection = QStringLiteral("east");
    plan.ns = QStringLiteral("shop");
    plan.from = QStringLiteral("1.0");
    plan.to = QStringLiteral("1.1");
    plan.plannedAt = QDateTime(QDate(2026, 3, 4), QTime(10, 0), Qt::UTC);
    plan.dryRunAt = plan.plannedAt;
    for (int i = 1; i <= steps; ++i) {
        PlanStep step;
        step.id = QString::number(i);
        step.title = QStringLiteral("step %1").arg(i);
        step.call = {
            plan.connection, QStringLiteral("PATCH"), QStringLiteral("/route"), {}, "{\"secret\":\"hunter2\"}"};
        step.diff = {{DiffLine::Kind::Added, QStringLiteral("value: hunter2")}};
        step.expectation.kind = QStringLiteral("route-weights");
        step.expectation.data = "{\"weight\":25}";
        step.dwell = std::chrono::seconds(i < steps ? 60 : 0);
        step.deadline = std::chrono::seconds(60);
        plan.steps.append(step);
    }
    return plan;
}

// The first step is on another object, as a reconciliation that is paused first.
inline Plan planWithPausedReconciliation(int steps)
{
    Plan plan = planOf(steps);
    PlanStep &first = plan.steps.first();
    first.title = QStringLiteral("Pause the sync");
    first.undoTitle = QStringLiteral("Let it sync again");
    first.call.path = QStringLiteral("/owner");
    first.undo = first.call;
    first.isOptional = true;
    first.dwell = std::chrono::seconds(0);
    return plan;
}

struct World
{
    using State = OperationState;
    using Edge = std::pair<OperationState, OperationEvent>;

    QTemporaryDir folder;
    FakeClock clock;
    FakeStepRunner runner;
    FakeLocker locker;
    std::unique_ptr<OperationCenter> center;
    QString connection = QStringLiteral("east"); // the only one there is ...
    QString server;                              // ... and where it leads
    Operation *operation = nullptr;
    QList<Edge> edges;

    explicit World(const QString &dataFolder = {})
    {
        const auto ports = [this](const QString &asked) -> std::optional<OperationPorts> {
            if (asked != connection)
                return std::nullopt;
            return OperationPorts{&runner, &locker, server};
        };
        OperationCenter::Settings settings;
        settings.dataFolder = dataFolder.isEmpty() ? folder.path() : dataFolder;
        center = std::make_unique<OperationCenter>(ports, settings, &clock);
    }

    Operation *create(const Plan &plan)
    {
        operation = *center->create(plan);
        QObject::connect(operation, &Operation::transitioned, operation,
                         [this](OperationState from, OperationEvent event, OperationState) {
                             edges.append({from, event});
                         });
        return operation;
    }
    // The disk answers from another thread: waits for it without moving the clock.
    bool reach(State state, Operation *of = nullptr)
    {
        Operation *watched = of ? of : operation;
        return QTest::qWaitFor([&] { return watched->state() == state; }, 10000);
    }
    bool toConfirmation() { return operation->start() && reach(State::AwaitingConfirmation); }
    bool confirm() { return operation->confirm(operation->plan().fingerprint()); }
    // As far as the first call.
    bool run(const Plan &plan)
    {
        create(plan);
        return toConfirmation() && confirm() && QTest::qWaitFor([this] { return operation->stepIndex() == 0; }, 10000);
    }
    // Lets timers fall due second by second, until the state is reached. States that wait for the disk alone do not
    // need it.
    bool advanceTo(State state, int seconds = 150)
    {
        for (int passed = 0; passed <= seconds && operation->state() != state; ++passed) {
            const State now = operation->state();
            if (now == State::Preflight || now == State::Journaling || now == State::Recording)
                (void)QTest::qWaitFor([&] { return operation->state() != now; }, 10000);
            else
                clock.advance(std::chrono::seconds(1));
        }
        return operation->state() == state;
    }
    OutcomeKind ending() const { return operation->outcome()->kind; }
    QString message() const { return operation->outcome()->message; }
};

} // namespace signalbox::test
