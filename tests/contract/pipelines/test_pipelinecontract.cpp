// What every adapter for a server with pipelines owes its port, the same for all four vendors: over HTTPS, on stand-ins
// that know what is true.
#include "services/pipelines/pipelineserver.h"
#include "tests/contract/pipelines/vendorstand.h"
#include "tests/support/httpwait.h"

#include <QSet>
#include <QTest>

#include <mutex>

using namespace signalbox;
using namespace signalbox::test;
namespace ci = signalbox::sandbox::ci;
using std::chrono::seconds;

namespace
{

const char *const connectionId = "ci";

// Carries a plan out as an operation would, and lets the world's time go on between two looks.
Result<Observation> carryOut(VendorStand &stand, const Plan &plan)
{
    StepRunner &runner = stand.server().runner();
    Observation last;
    for (const PlanStep &step : plan.steps) {
        const Result<Receipt> receipt = waitFor(runner.execute(step, {}));
        if (!receipt)
            return receipt.error();
        for (int look = 0; look < 60; ++look) {
            const Result<Observation> seen = waitFor(runner.observe(step, *receipt, {}));
            if (!seen)
                return seen.error();
            last = *seen;
            if (seen->state != Observation::State::Pending)
                break;
            stand.pass(seconds(4));
        }
        if (last.state != Observation::State::Effective)
            return last;
        const Result<bool> tookPlace = waitFor(runner.tookPlace(step, {}));
        if (!tookPlace)
            return tookPlace.error();
        if (!*tookPlace)
            return Error{ErrorKind::Internal, QStringLiteral("done, and yet it did not take place"), {}};
    }
    return last;
}

QByteArray stateNameOf(ci::Phase phase)
{
    const std::string_view name = ci::phaseName(phase);
    return QByteArray(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace

class PipelineContractTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase_data();
    void init();
    void cleanup() { m_stand.reset(); }

    void pipelinesAreListed();
    void runsComeInPages();
    void detailsFitTogether();
    void logsAreWhatWasWritten();
    void attemptsAreKeptOrSaidNotToBe();
    void strangersAreTold();
    void whatIsGoneIsTold();
    void aRunIsCancelled();
    void whatFailedGoesAgain();
    void oneJobGoesAgainOrIsRefused();
    void aRunIsStarted();
    void aGateIsOpened();
    void aGateIsShut();
    void somebodyWasFaster();
    void planningChangesNothing();

private:
    PipelineSource &source() { return m_stand->server().source(); }
    ci::CiWorld &world() { return m_stand->world(); }
    QList<Pipeline> pipelines();
    QList<Run> newest(const Pipeline &pipeline, int atLeast);
    // The first pipeline that people may start; no value: none may.
    std::optional<Pipeline> startable();
    std::optional<Run> begun(const Pipeline &pipeline);
    RunOrder orderOf(RunOrder::Kind kind, const Pipeline &pipeline, const std::optional<Run> &run);
    std::optional<WaitingGate> gate();
    std::optional<ci::RunRecord> recordOf(const Pipeline &pipeline, const Run &run);
    ci::RunList recordsOf(const Pipeline &pipeline, std::size_t limit);

    std::unique_ptr<VendorStand> m_stand;
};

void PipelineContractTest::initTestCase_data()
{
    QTest::addColumn<QByteArray>("vendor");
    for (const char *vendor : {"jenkins", "github", "gitlab", "travis"})
        QTest::newRow(vendor) << QByteArray(vendor);
}

void PipelineContractTest::init()
{
    QFETCH_GLOBAL(QByteArray, vendor);
    m_stand = std::make_unique<VendorStand>(vendor);
    QString why;
    QVERIFY2(m_stand->isUp(&why), qPrintable(why));
}

QList<Pipeline> PipelineContractTest::pipelines()
{
    const auto all = waitFor(source().pipelines({}));
    if (!all)
        qWarning("%s", qPrintable(all.error().message));
    return all ? *all : QList<Pipeline>();
}

QList<Run> PipelineContractTest::newest(const Pipeline &pipeline, int atLeast)
{
    QList<Run> runs;
    RunQuery query;
    query.pipeline = pipeline.ref;
    query.count = 20;
    for (int page = 0; page < 20 && runs.size() < atLeast; ++page) {
        const auto some = waitFor(source().runs(query, {}));
        if (!some) {
            qWarning("%s", qPrintable(some.error().message));
            return {};
        }
        runs += some->runs;
        if (some->next.isEmpty())
            break;
        query.after = some->next;
    }
    return runs;
}

std::optional<Pipeline> PipelineContractTest::startable()
{
    for (const Pipeline &pipeline : pipelines()) {
        if (pipeline.canTrigger.value_or(true) && pipeline.isEnabled && !newest(pipeline, 1).isEmpty())
            return pipeline;
    }
    return std::nullopt;
}

RunOrder PipelineContractTest::orderOf(RunOrder::Kind kind, const Pipeline &pipeline, const std::optional<Run> &run)
{
    RunOrder order;
    order.kind = kind;
    order.pipeline = pipeline.ref;
    order.run = run;
    order.branch = pipeline.defaultBranch;
    order.application = QStringLiteral("recommender");
    order.reason = QStringLiteral("because");
    return order;
}

// What the stand-in's world has of the same: by commit and creation, since numbers mean something else to each vendor.
std::optional<ci::RunRecord> PipelineContractTest::recordOf(const Pipeline &pipeline, const Run &run)
{
    ci::RunQuery query;
    query.vendor = m_stand->vendor();
    query.commit = run.commit.toStdString();
    query.limit = 400;
    Q_UNUSED(pipeline)
    for (const ci::RunRecord &record : world().runs(query).runs) {
        if (std::abs(record.createdMs - run.createdAt.toMSecsSinceEpoch()) < 1000)
            return world().run(record.id);
    }
    return std::nullopt;
}

std::optional<WaitingGate> PipelineContractTest::gate()
{
    GateKeeper *const keeper = m_stand->server().gates();
    if (!keeper)
        return std::nullopt;
    const auto all = waitFor(keeper->waiting({}), 20'000);
    if (!all) {
        qWarning("%s", qPrintable(all.error().message));
        return std::nullopt;
    }
    for (const WaitingGate &one : *all) {
        if (one.mayDecide.value_or(true))
            return one;
    }
    return std::nullopt;
}

// ---- reading

void PipelineContractTest::pipelinesAreListed()
{
    const QList<Pipeline> all = pipelines();
    QVERIFY(!all.isEmpty());
    QSet<QString> keys;
    for (const Pipeline &pipeline : all) {
        QCOMPARE(pipeline.ref.connection, QString::fromLatin1(connectionId));
        QVERIFY(!pipeline.ref.project.isEmpty());
        QVERIFY(!pipeline.title.isEmpty());
        QVERIFY(!pipeline.vendor.isEmpty());
        QVERIFY2(!keys.contains(pipeline.ref.key()), qPrintable(pipeline.ref.key()));
        keys.insert(pipeline.ref.key());
    }
    // The same again, in the same order; Jenkins' schedules are read behind the first answer.
    const auto withoutSchedules = [](QList<Pipeline> list) {
        for (Pipeline &one : list) {
            one.schedules.clear();
            one.whyNoSchedules.clear();
        }
        return list;
    };
    QCOMPARE(withoutSchedules(pipelines()), withoutSchedules(all));
}

void PipelineContractTest::runsComeInPages()
{
    bool hasPages = false;
    for (const Pipeline &pipeline : pipelines()) {
        const QList<Run> runs = newest(pipeline, 45);
        hasPages = hasPages || runs.size() > 20;
        QSet<QString> ids;
        for (qsizetype i = 0; i < runs.size(); ++i) {
            const Run &run = runs.at(i);
            QVERIFY2(!ids.contains(run.ref.id), qPrintable(run.ref.id)); // no run twice, not even over a page's end
            ids.insert(run.ref.id);
            QCOMPARE(run.ref.pipeline, pipeline.ref);
            QVERIFY(!run.number.isEmpty());
            QVERIFY(run.createdAt.isValid());
            QVERIFY(run.state != RunState::Unknown);
            QVERIFY(i == 0 || run.createdAt <= runs.at(i - 1).createdAt); // newest first
            QVERIFY(!run.finishedAt.isValid() || !run.startedAt.isValid() || run.finishedAt >= run.startedAt);
            QVERIFY(!run.finishedAt.isValid() || isEnded(run.state)); // lists may not tell when it ended
        }
    }
    QVERIFY(hasPages);
}

void PipelineContractTest::detailsFitTogether()
{
    int looked = 0;
    int edges = 0;
    for (const Pipeline &pipeline : pipelines()) {
        for (const Run &run : newest(pipeline, 3).mid(0, 3)) {
            const auto detail = waitFor(source().run(run.ref, {}), 20'000);
            QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
            ++looked;
            QCOMPARE(detail->run.ref, run.ref);
            QCOMPARE(detail->run.number, run.number);
            QVERIFY(detail->readAt.isValid());
            QSet<QString> ids;
            for (const Job &job : detail->jobs) {
                QVERIFY2(!ids.contains(job.id), qPrintable(job.id));
                ids.insert(job.id);
            }
            for (const Job &job : detail->jobs) {
                QVERIFY(!job.name.isEmpty());
                edges += static_cast<int>(job.needs.size());
                for (const QString &need : job.needs)
                    QVERIFY2(ids.contains(need), qPrintable(job.name + QStringLiteral(" needs ") + need));
                if (isEnded(detail->run.state))
                    QVERIFY2(isEnded(job.state) || job.state == RunState::NotStarted,
                             qPrintable(job.name + u' ' + runStateName(job.state)));
            }
            if (const auto record = recordOf(pipeline, run); record && !run.commit.isEmpty()) {
                const QByteArray truth = stateNameOf(record->phase);
                QCOMPARE(runStateName(detail->run.state).toLatin1(), truth);
            }
        }
    }
    QVERIFY(looked > 0);
    QVERIFY(edges > 0);
}

void PipelineContractTest::logsAreWhatWasWritten()
{
    int logs = 0;
    for (const Pipeline &pipeline : pipelines()) {
        for (const Run &run : newest(pipeline, 4).mid(0, 4)) {
            if (!isEnded(run.state))
                continue;
            const auto detail = waitFor(source().run(run.ref, {}), 20'000);
            QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
            for (const Job &job : detail->jobs) {
                if (!job.hasLog || job.state != RunState::Passed)
                    continue;
                std::mutex lock;
                QByteArray text;
                LogQuery query;
                query.run = run.ref;
                query.job = job.id;
                const auto take = [&](const QByteArray &bytes) {
                    const std::lock_guard guard(lock);
                    text += bytes;
                };
                const auto end = waitFor(source().log(query, take, {}), 20'000);
                QVERIFY2(end, end ? "" : qPrintable(end.error().message));
                QVERIFY(end->isComplete);
                const std::lock_guard guard(lock);
                QVERIFY2(!text.trimmed().isEmpty(), qPrintable(job.name));
                ++logs;
            }
        }
    }
    QVERIFY(logs > 0);
}

// The newest attempt is what the run is; a server that keeps none one by one says so.
void PipelineContractTest::attemptsAreKeptOrSaidNotToBe()
{
    const Pipeline pipeline = pipelines().value(0);
    const Run run = newest(pipeline, 1).value(0);
    const auto detail = waitFor(source().run(run.ref, {}), 20'000);
    QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
    QVERIFY(!isEarlierAttempt(*detail));
    const auto attempt = waitFor(source().attempt(run.ref, detail->run.attempt, {}), 20'000);
    if (m_stand->vendor() == ci::Vendor::GitHub) {
        QVERIFY2(attempt, attempt ? "" : qPrintable(attempt.error().message));
        QCOMPARE(detail->attempts, detail->run.attempt);
        QCOMPARE(attempt->run.ref, run.ref);
    } else {
        QCOMPARE(detail->attempts, 1);
        QVERIFY(!attempt);
        QCOMPARE(attempt.error().kind, ErrorKind::Unsupported);
        QVERIFY2(attempt.error().message.contains(source().vendor()), qPrintable(attempt.error().message));
    }
}

// ---- what is refused

void PipelineContractTest::strangersAreTold()
{
    const Pipeline pipeline = pipelines().value(0);
    const auto stranger = m_stand->stranger();
    RunQuery query;
    query.pipeline = pipeline.ref;
    const auto runs = waitFor(stranger->source().runs(query, {}));
    QVERIFY(!runs);
    QCOMPARE(runs.error().kind, ErrorKind::Unauthorized);
    QVERIFY(!runs.error().message.isEmpty());
    QVERIFY(!runs.error().message.contains(QStringLiteral("wrong-token")));
}

void PipelineContractTest::whatIsGoneIsTold()
{
    const Pipeline pipeline = pipelines().value(0);
    QList<Run> runs = newest(pipeline, 2);
    QVERIFY(!runs.isEmpty());
    Run ended;
    for (const Run &run : std::as_const(runs)) {
        if (isEnded(run.state))
            ended = run;
    }
    QVERIFY(!ended.ref.id.isEmpty());
    const auto record = recordOf(pipeline, ended);
    QVERIFY(record);
    QVERIFY(world().remove(record->id));
    const auto detail = waitFor(source().run(ended.ref, {}));
    QVERIFY(!detail);
    QCOMPARE(detail.error().kind, ErrorKind::NotFound);
}

// ---- operations

std::optional<Run> PipelineContractTest::begun(const Pipeline &pipeline)
{
    const QList<Run> before = newest(pipeline, 1);
    const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Trigger, pipeline, std::nullopt), {}));
    if (!plan) {
        qWarning("%s", qPrintable(plan.error().message));
        return std::nullopt;
    }
    const auto seen = carryOut(*m_stand, *plan);
    if (!seen || seen->state != Observation::State::Effective) {
        qWarning("%s", qPrintable(seen ? seen->text + u' ' + seen->blocker : seen.error().message));
        return std::nullopt;
    }
    for (const Run &run : newest(pipeline, 20)) {
        if (before.isEmpty() || run.createdAt > before.first().createdAt)
            return run;
    }
    return std::nullopt;
}

void PipelineContractTest::aRunIsStarted()
{
    const auto pipeline = startable();
    QVERIFY(pipeline);
    const auto run = begun(*pipeline);
    QVERIFY(run);
    QVERIFY2(run->trigger.kind == TriggerKind::Manual || run->trigger.kind == TriggerKind::Api,
             qPrintable(triggerKindName(run->trigger.kind)));
}

void PipelineContractTest::aRunIsCancelled()
{
    const auto pipeline = startable();
    QVERIFY(pipeline);
    const auto run = begun(*pipeline);
    QVERIFY(run);
    QVERIFY(!isEnded(run->state));
    const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, *pipeline, run), {}));
    QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
    QCOMPARE(plan->kind, OperationKind::CancelRun);
    QCOMPARE(plan->direction, Direction::Back);
    QVERIFY(!plan->isBlocked());
    const auto seen = carryOut(*m_stand, *plan);
    QVERIFY2(seen, seen ? "" : qPrintable(seen.error().message));
    QCOMPARE(seen->state, Observation::State::Effective);
    const auto detail = waitFor(source().run(run->ref, {}));
    QVERIFY(detail);
    QCOMPARE(detail->run.state, RunState::Cancelled);
    // What ended cannot be cancelled: the plan is blocked, or there is none, with a reason.
    const auto again = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, *pipeline, detail->run), {}));
    QVERIFY(!again || std::any_of(again->checks.cbegin(), again->checks.cend(),
                                  [](const Check &check) { return check.state != CheckState::Pass; }));
}

void PipelineContractTest::whatFailedGoesAgain()
{
    // Not every run can: one that had a password as a parameter cannot be repeated, a GitLab repeats what failed only.
    std::optional<Plan> plan;
    QStringList whyNot;
    for (const Pipeline &one : pipelines()) {
        for (const Run &run : newest(one, 60)) {
            if (plan || run.state != RunState::Failed)
                continue;
            for (RunOrder::Kind kind : {RunOrder::Kind::Rerun, RunOrder::Kind::RerunFailed}) {
                const auto made = waitFor(source().plan(orderOf(kind, one, run), {}));
                if (made && !made->isBlocked()) {
                    plan = *made;
                    break;
                }
                if (!made) {
                    whyNot.append(made.error().message);
                    continue;
                }
                for (const Check &check : made->checks) {
                    if (check.state == CheckState::Block)
                        whyNot.append(check.text + u' ' + check.detail);
                }
            }
        }
    }
    QVERIFY2(plan, qPrintable(whyNot.mid(0, 6).join(u'\n')));
    QCOMPARE(plan->kind, OperationKind::RerunRun);
    QCOMPARE(plan->direction, Direction::Forward);
    QVERIFY(!plan->steps.isEmpty());
    const auto seen = carryOut(*m_stand, *plan);
    QVERIFY2(seen, seen ? "" : qPrintable(seen.error().message));
    QVERIFY2(seen->state == Observation::State::Effective, qPrintable(seen->text + u' ' + seen->blocker));
}

// An order about one job is never one about the whole run.
void PipelineContractTest::oneJobGoesAgainOrIsRefused()
{
    int planned = 0;
    int refused = 0;
    QStringList whyNot;
    for (const Pipeline &one : pipelines()) {
        for (const Run &run : newest(one, 6).mid(0, 6)) {
            if (planned > 0 || !isEnded(run.state))
                continue;
            const auto detail = waitFor(source().run(run.ref, {}), 20'000);
            QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
            for (const Job &job : detail->jobs) {
                if (!isEnded(job.state) || !job.startedAt.isValid())
                    continue;
                RunOrder order = orderOf(RunOrder::Kind::Rerun, one, detail->run);
                order.job = job.id;
                const auto plan = waitFor(source().plan(order, {}));
                if (!detail->canRerunJob) {
                    QVERIFY(!plan || plan->isBlocked());
                    if (!plan && plan.error().kind == ErrorKind::Unsupported)
                        ++refused;
                    continue;
                }
                if (!plan || plan->isBlocked()) {
                    whyNot.append(plan ? job.name : plan.error().message);
                    continue;
                }
                ++planned;
                QCOMPARE(plan->kind, OperationKind::RerunRun);
                QCOMPARE(plan->steps.size(), 1);
                QVERIFY2(plan->steps.first().call.path.contains(QLatin1Char('/') + job.id + QLatin1Char('/')),
                         qPrintable(plan->steps.first().call.path));
            }
        }
    }
    const bool isJenkins = m_stand->vendor() == ci::Vendor::Jenkins;
    QVERIFY2(isJenkins ? refused > 0 && planned == 0 : planned > 0, qPrintable(whyNot.mid(0, 6).join(u'\n')));
}

void PipelineContractTest::planningChangesNothing()
{
    const auto pipeline = startable();
    QVERIFY(pipeline);
    const QList<Run> before = newest(*pipeline, 3).mid(0, 3);
    QVERIFY(!before.isEmpty());
    for (RunOrder::Kind kind : {RunOrder::Kind::Trigger, RunOrder::Kind::Rerun, RunOrder::Kind::Cancel}) {
        const auto plan = waitFor(source().plan(
            orderOf(kind, *pipeline, kind == RunOrder::Kind::Trigger ? std::nullopt : std::optional(before.first())),
            {}));
        Q_UNUSED(plan) // there may be none for a run in this state
    }
    QCOMPARE(newest(*pipeline, 3).first().ref, before.first().ref);
}

// ---- gates

void PipelineContractTest::aGateIsOpened()
{
    if (!m_stand->server().gates())
        return; // the vendor has none
    const auto waiting = gate();
    QVERIFY(waiting);
    QCOMPARE(waiting->connection, QString::fromLatin1(connectionId));
    QVERIFY(!waiting->title.isEmpty());
    QVERIFY(waiting->since.isValid());
    GateOrder order;
    order.gate = *waiting;
    order.comment = QStringLiteral("looks good");
    order.application = QStringLiteral("recommender");
    order.environment = waiting->environment;
    for (const RunParameter &parameter : waiting->parameters)
        order.parameters.insert(parameter.name, parameter.value);
    const auto plan = waitFor(m_stand->server().gates()->plan(order, {}));
    QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
    QCOMPARE(plan->kind, OperationKind::DecideGate);
    QCOMPARE(plan->direction, Direction::Forward);
    const auto seen = carryOut(*m_stand, *plan);
    QVERIFY2(seen, seen ? "" : qPrintable(seen.error().message));
    QVERIFY2(seen->state == Observation::State::Effective, qPrintable(seen->text + u' ' + seen->blocker));
    const auto after = waitFor(m_stand->server().gates()->waiting({}), 20'000);
    QVERIFY(after);
    if (waiting->needed <= 1) {
        for (const WaitingGate &one : *after)
            QVERIFY(one.key() != waiting->key());
    }
}

void PipelineContractTest::aGateIsShut()
{
    if (!m_stand->server().gates())
        return;
    const auto waiting = gate();
    QVERIFY(waiting);
    if (!waiting->canReject)
        return;
    GateOrder order;
    order.gate = *waiting;
    order.approves = false;
    order.comment = QStringLiteral("not today");
    order.application = QStringLiteral("recommender");
    const auto plan = waitFor(m_stand->server().gates()->plan(order, {}));
    QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
    QCOMPARE(plan->direction, Direction::Back);
    const auto seen = carryOut(*m_stand, *plan);
    QVERIFY2(seen, seen ? "" : qPrintable(seen.error().message));
    QVERIFY2(seen->state == Observation::State::Effective, qPrintable(seen->text + u' ' + seen->blocker));
}

void PipelineContractTest::somebodyWasFaster()
{
    if (!m_stand->server().gates())
        return;
    const auto waiting = gate();
    QVERIFY(waiting);
    GateOrder order;
    order.gate = *waiting;
    order.comment = QStringLiteral("looks good");
    order.application = QStringLiteral("recommender");
    for (const RunParameter &parameter : waiting->parameters)
        order.parameters.insert(parameter.name, parameter.value);
    const auto plan = waitFor(m_stand->server().gates()->plan(order, {}));
    QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
    // Everybody who waits is answered by somebody else, in the world itself.
    bool isDecided = false;
    for (const std::string &project : world().projects(m_stand->vendor())) {
        for (const ci::RunRecord &run : world().waiting(m_stand->vendor(), project)) {
            for (const ci::JobRun &job : run.jobs) {
                if (job.phase != ci::Phase::Waiting)
                    continue;
                for (const ci::Person &person : world().plans().people) {
                    ci::Decision decision;
                    decision.who = person.login;
                    decision.approves = false;
                    if (person.login != world().me() && world().decide(job.id, decision))
                        isDecided = true;
                }
            }
        }
    }
    QVERIFY(isDecided);
    const auto receipt = waitFor(m_stand->server().runner().execute(plan->steps.first(), {}));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
    QVERIFY(!receipt.error().message.isEmpty());
}

QTEST_GUILESS_MAIN(PipelineContractTest)
#include "test_pipelinecontract.moc"
