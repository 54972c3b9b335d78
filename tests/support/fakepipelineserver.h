#pragma once

#include "services/async/deliver.h"
#include "services/pipelines/pipelineserver.h"
#include "tests/support/fakesteprunner.h"

#include <QHash>
#include <QPromise>
#include <QSet>

#include <deque>
#include <memory>
#include <utility>

namespace signalbox::test
{

// A server with pipelines that knows what a test puts in and answers at once, or when it is told to.
class FakePipelines : public PipelineSource
{
public:
    explicit FakePipelines(QString connection)
        : m_connection(std::move(connection))
    {}

    QString connection() const override { return m_connection; }
    QString title() const override { return m_connection + QStringLiteral(".example"); }
    QString vendor() const override { return QStringLiteral("Example CI"); }

    QFuture<Result<QList<Pipeline>>> pipelines(StopToken) override
    {
        ++pipelineAsks;
        return ready(trouble ? Result<QList<Pipeline>>(*trouble) : Result<QList<Pipeline>>(known));
    }
    QFuture<Result<RunPage>> runs(RunQuery query, StopToken) override
    {
        queries.append(query);
        if (trouble)
            return ready(Result<RunPage>(*trouble));
        const QList<Run> &all = runsOf[query.pipeline.key()];
        const qsizetype from = query.after.toInt();
        RunPage page;
        page.runs = all.mid(from, pageSize);
        page.next = from + pageSize < all.size() ? QString::number(from + pageSize) : QString();
        page.readAt = QDateTime::currentDateTimeUtc();
        if (holdsOlder && from > 0) {
            auto promise = std::make_shared<QPromise<Result<RunPage>>>();
            promise->start();
            m_held.append({promise, page});
            return promise->future();
        }
        return ready(Result<RunPage>(page));
    }
    QFuture<Result<RunDetail>> run(RunRef run, StopToken) override
    {
        ++detailAsks;
        if (trouble)
            return ready(Result<RunDetail>(*trouble));
        const auto found = details.constFind(run.id);
        if (found == details.constEnd())
            return ready(Result<RunDetail>(Error{ErrorKind::NotFound, QStringLiteral("no such run"), {}}));
        RunDetail detail = *found;
        detail.readAt = QDateTime::currentDateTimeUtc();
        return ready(Result<RunDetail>(detail));
    }
    QFuture<Result<RunDetail>> attempt(RunRef run, int attempt, StopToken stop) override
    {
        attemptAsks.append(attempt);
        if (trouble)
            return ready(Result<RunDetail>(*trouble));
        const auto found = earlier.constFind({run.id, attempt});
        return found == earlier.constEnd() ? PipelineSource::attempt(run, attempt, stop)
                                           : ready(Result<RunDetail>(*found));
    }
    QFuture<Result<TestReport>> tests(RunRef run, StopToken) override
    {
        ++testAsks;
        if (testTrouble)
            return ready(Result<TestReport>(*testTrouble));
        const auto found = reports.constFind(run.id);
        if (found == reports.constEnd())
            return ready(
                Result<TestReport>(Error{ErrorKind::NotFound, QStringLiteral("The run reports no tests."), {}}));
        return ready(Result<TestReport>(*found));
    }
    QFuture<Result<LogEnd>> log(LogQuery query, LogTaker taker, StopToken) override
    {
        logQueries.append(query);
        const QByteArray text = logs.value(query.job);
        if (const qsizetype cut = logCuts.take(query.job); cut > 0) {
            taker(text.left(cut).mid(query.from));
            return ready(
                Result<LogEnd>(Error{ErrorKind::Unreachable, QStringLiteral("The connection was closed."), {}}));
        }
        taker(text.mid(query.from));
        if (!query.follow || !openLogs.contains(query.job))
            return ready(Result<LogEnd>(LogEnd{text.size(), true, {}}));
        auto promise = std::make_shared<QPromise<Result<LogEnd>>>();
        promise->start();
        m_following.append({query.job, std::move(taker), promise});
        return promise->future();
    }
    // What a job writes now, also to those that were told to stop: a connection may bring some more.
    void writeLog(const QString &job, const QByteArray &bytes)
    {
        logs[job] += bytes;
        for (const Following &one : m_following) {
            if (one.job == job)
                one.taker(bytes);
        }
    }
    QFuture<Result<Plan>> plan(RunOrder order, StopToken) override
    {
        orders.append(order);
        Plan plan;
        plan.kind = order.kind == RunOrder::Kind::Cancel    ? OperationKind::CancelRun
                    : order.kind == RunOrder::Kind::Trigger ? OperationKind::TriggerRun
                                                            : OperationKind::RerunRun;
        plan.id = QStringLiteral("01J%1").arg(orders.size(), 23, 10, QLatin1Char('0'));
        plan.direction = order.kind == RunOrder::Kind::Cancel ? Direction::Back : Direction::Forward;
        plan.application = order.application;
        plan.environment = QStringLiteral("pipelines");
        plan.connection = m_connection;
        plan.ns = order.pipeline.project;
        plan.isProtected = order.isProtected;
        plan.from = order.run ? QStringLiteral("run %1").arg(order.run->number) : QString();
        plan.to = order.run ? QStringLiteral("run %1").arg(order.run->number) : order.branch;
        plan.effect = QStringLiteral("all jobs of it");
        plan.reason = order.reason;
        plan.plannedAt = QDateTime::currentDateTimeUtc();
        PlanStep step;
        step.id = QStringLiteral("1");
        step.title = QStringLiteral("Ask for it");
        step.through = title();
        step.call = {m_connection, QStringLiteral("POST"), QStringLiteral("/runs"), {}, {}};
        step.expectation.kind = QStringLiteral("run-changed");
        plan.steps = {step};
        return ready(Result<Plan>(plan));
    }
    std::optional<RequestBudget> budget() const override { return left; }
    bool canBeginAgain() const override { return beginsAgain; }
    void tellBudget(const RequestBudget &budget)
    {
        left = budget;
        emit budgetChanged();
    }

    qsizetype held() const { return m_held.size(); }
    void giveHeld() // as they were when they were asked for
    {
        for (const auto &[promise, page] : std::exchange(m_held, {})) {
            promise->addResult(Result<RunPage>(page));
            promise->finish();
        }
    }

    QList<Pipeline> known;
    QHash<QString, QList<Run>> runsOf;                 // by pipeline, newest first
    QHash<QString, RunDetail> details;                 // by run
    QHash<std::pair<QString, int>, RunDetail> earlier; // by run and attempt
    QHash<QString, TestReport> reports;
    QHash<QString, QByteArray> logs;   // by job
    QHash<QString, qsizetype> logCuts; // by job: the next reading breaks off after so many bytes
    QSet<QString> openLogs;            // jobs whose log goes on while it is followed
    qsizetype pageSize = 30;
    bool beginsAgain = true;
    bool holdsOlder = false;          // pages behind the newest are answered by giveHeld()
    std::optional<Error> trouble;     // what every read answers
    std::optional<Error> testTrouble; // what every reading of tests answers
    std::optional<RequestBudget> left;
    int pipelineAsks = 0;
    int detailAsks = 0;
    int testAsks = 0;
    QList<int> attemptAsks;
    QList<RunQuery> queries;
    QList<LogQuery> logQueries;
    QList<RunOrder> orders;

private:
    struct Following
    {
        QString job;
        LogTaker taker;
        std::shared_ptr<QPromise<Result<LogEnd>>> promise;
    };
    const QString m_connection;
    QList<Following> m_following;
    QList<std::pair<std::shared_ptr<QPromise<Result<RunPage>>>, RunPage>> m_held;
};

class FakeGates : public GateKeeper
{
public:
    explicit FakeGates(QString connection)
        : m_connection(std::move(connection))
    {}
    QString connection() const override { return m_connection; }
    QFuture<Result<QList<WaitingGate>>> waiting(StopToken) override
    {
        ++asks;
        return ready(trouble ? Result<QList<WaitingGate>>(*trouble) : Result<QList<WaitingGate>>(gates));
    }
    QString unread() const override { return left; }
    void lookAt(const RunRef &run) override { looks.append(run); }
    QFuture<Result<WaitingGate>> optional(QString id, StopToken) override
    {
        for (const WaitingGate &one : optionals) {
            if (one.id == id)
                return ready(Result<WaitingGate>(one));
        }
        return ready(Result<WaitingGate>(Error{ErrorKind::NotFound, {}, id}));
    }
    QFuture<Result<Plan>> plan(GateOrder order, StopToken) override
    {
        orders.append(order);
        if (trouble)
            return ready(Result<Plan>(*trouble));
        Plan plan;
        plan.kind = OperationKind::DecideGate;
        plan.id = QStringLiteral("01G%1").arg(orders.size(), 23, 10, QLatin1Char('0'));
        plan.direction = order.approves ? Direction::Forward : Direction::Back;
        plan.application = order.application;
        plan.environment = order.environment;
        plan.connection = m_connection;
        plan.ns = order.gate.run.pipeline.project;
        plan.isProtected = order.isProtected;
        plan.from = QStringLiteral("waiting");
        plan.to = order.approves ? QStringLiteral("approved") : QStringLiteral("rejected");
        plan.effect = QStringLiteral("run %1").arg(order.gate.runNumber);
        plan.reason = order.reason;
        plan.plannedAt = QDateTime::currentDateTimeUtc();
        PlanStep step;
        step.id = QStringLiteral("1");
        step.title = order.approves ? QStringLiteral("Approve it") : QStringLiteral("Reject it");
        step.through = m_connection;
        step.call = {m_connection, QStringLiteral("POST"), QStringLiteral("/gates/") + order.gate.id, {}, {}};
        for (auto it = order.parameters.cbegin(); it != order.parameters.cend(); ++it)
            step.call.body += QStringLiteral("%1=%2;").arg(it.key(), it.value()).toUtf8();
        step.expectation.kind = QStringLiteral("gate-decided");
        plan.steps = {step};
        return ready(Result<Plan>(plan));
    }

    QString left; // unread()
    QList<WaitingGate> gates;
    QList<WaitingGate> optionals; // given by their ids alone
    QList<RunRef> looks;
    QList<GateOrder> orders;
    std::optional<Error> trouble; // what every question answers
    int asks = 0;

private:
    const QString m_connection;
};

class FakeDeployments : public DeploymentSource
{
public:
    explicit FakeDeployments(QString connection)
        : m_connection(std::move(connection))
    {}
    QFuture<Result<QStringList>> environments(QString, StopToken) override
    {
        ++asks;
        return ready(trouble ? Result<QStringList>(*trouble) : Result<QStringList>(names));
    }
    QFuture<Result<EnvironmentDeployments>> deployments(QString, QString environment, StopToken) override
    {
        ++asks;
        if (isSilent) {
            auto promise = std::make_shared<QPromise<Result<EnvironmentDeployments>>>();
            promise->start();
            m_silent.append(promise);
            return promise->future();
        }
        EnvironmentDeployments told;
        told.environment = environment;
        told.all = known.value(environment);
        told.readAt = readAt.isValid() ? readAt : QDateTime::currentDateTimeUtc();
        return ready(trouble ? Result<EnvironmentDeployments>(*trouble) : Result<EnvironmentDeployments>(told));
    }
    QFuture<Result<Plan>> plan(RedeployOrder order, StopToken) override
    {
        orders.append(order);
        Plan plan;
        plan.kind = OperationKind::RerunRun;
        plan.direction = Direction::Back;
        plan.id = QStringLiteral("01D%1").arg(orders.size(), 23, 10, QLatin1Char('0'));
        plan.application = order.application;
        plan.environment = order.environment;
        plan.places = {order.environment};
        plan.connection = m_connection;
        plan.ns = order.pipeline.project;
        plan.isProtected = order.isProtected;
        plan.from = QStringLiteral("what is live");
        plan.to = order.to;
        plan.reason = order.reason;
        plan.plannedAt = QDateTime::currentDateTimeUtc();
        PlanStep step;
        step.id = QStringLiteral("1");
        step.title = QStringLiteral("Deploy it again");
        step.through = m_connection;
        step.call = {m_connection, QStringLiteral("POST"), QStringLiteral("/deployments/") + order.to, {}, {}};
        step.expectation.kind = QStringLiteral("redeployed");
        plan.steps = {step};
        return ready(Result<Plan>(plan));
    }

    QStringList names;
    QHash<QString, QList<EnvironmentDeployment>> known; // by environment
    QDateTime readAt;                                   // invalid: as it is asked
    QList<RedeployOrder> orders;
    std::optional<Error> trouble;
    bool isSilent = false; // what was deployed is never answered
    int asks = 0;

private:
    const QString m_connection;
    QList<std::shared_ptr<QPromise<Result<EnvironmentDeployments>>>> m_silent;
};

class FakePipelineServer : public PipelineServer
{
public:
    explicit FakePipelineServer(const QString &connection, bool hasGates = true)
        : fakeSource(connection)
        , fakeGates(connection)
        , m_hasGates(hasGates)
    {}
    PipelineSource &source() override { return fakeSource; }
    GateKeeper *gates() override { return m_hasGates ? &fakeGates : nullptr; }
    StepRunner &runner() override { return fakeRunner; }
    DeploymentSource *deployments() override { return fakeDeployments.get(); }

    FakePipelines fakeSource;
    FakeGates fakeGates;
    FakeStepRunner fakeRunner;
    std::unique_ptr<FakeDeployments> fakeDeployments; // null: it keeps no environments

private:
    const bool m_hasGates;
};

// A pipeline of `project`, and a run of it that began `minutesAgo` and, where it ended, took a minute.
inline Pipeline pipelineOf(const QString &connection, const QString &project, const QString &title)
{
    Pipeline pipeline;
    pipeline.ref = {connection, project, title};
    pipeline.vendor = QStringLiteral("Example CI");
    pipeline.title = title;
    pipeline.defaultBranch = QStringLiteral("main");
    pipeline.canTrigger = true;
    return pipeline;
}
inline Run runOf(const Pipeline &pipeline, int number, RunState state, int minutesAgo)
{
    Run run;
    run.ref = {pipeline.ref, QString::number(number)};
    run.number = QString::number(number);
    run.title = QStringLiteral("Change %1").arg(number);
    run.state = state;
    run.trigger = {TriggerKind::Push, QStringLiteral("dev-a"), {}, {}};
    run.branch = QStringLiteral("main");
    run.commit = QString(40, QLatin1Char('a'));
    run.createdAt = QDateTime::currentDateTimeUtc().addSecs(-60 * minutesAgo);
    run.startedAt = run.createdAt.addSecs(5);
    if (isEnded(state))
        run.finishedAt = run.startedAt.addSecs(60);
    return run;
}

// Waits since `minutesAgo` in the run, for `environment`.
inline WaitingGate gateOf(const Run &run, const QString &id, const QString &environment, int minutesAgo)
{
    WaitingGate gate;
    gate.connection = run.ref.pipeline.connection;
    gate.vendor = QStringLiteral("Example CI");
    gate.id = id;
    gate.run = run.ref;
    gate.runNumber = run.number;
    gate.title = QStringLiteral("Deploy to %1?").arg(environment);
    gate.environment = environment;
    gate.branch = run.branch;
    gate.commit = run.commit;
    gate.deciders = {{QStringLiteral("ops"), true}};
    gate.mayDecide = true;
    gate.since = QDateTime::currentDateTimeUtc().addSecs(-60 * minutesAgo);
    gate.readAt = QDateTime::currentDateTimeUtc();
    return gate;
}

} // namespace signalbox::test
