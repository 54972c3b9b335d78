#include "tests/contract/drills/drilloperator.h"

#include "services/operations/operation.h"
#include "services/ports/trafficrouter.h"
#include "services/sandbox/promql/engine.h"

#include <QTest>

namespace signalbox::test
{

using namespace drills;

DrillOperator::DrillOperator() = default;
DrillOperator::~DrillOperator()
{
    m_drills.reset();
    m_session.reset();
}

bool DrillOperator::open()
{
    auto started = sandbox::Sandbox::start(pace);
    if (!started)
        return false;
    m_world = std::move(*started);
    m_drills = std::make_unique<PracticeDrills>(*m_world, PracticeDrills::Options{dataFolder(), pace});
    SourceOptions options;
    options.workspace = m_world->workspaceFile();
    const auto sources = findSources(options);
    if (!sources)
        return false;
    m_session = std::make_unique<Session>(Session::Options{false, m_folder.filePath(QStringLiteral("data"))});
    m_session->open(*sources);
    return QTest::qWaitFor([this] { return m_session->listing() == Session::Listing::Complete; }, 30'000);
}

DrillInfo DrillOperator::info() const
{
    for (const DrillInfo &one : m_drills->drills()) {
        if (one.name == m_drill)
            return one;
    }
    return {};
}

bool DrillOperator::begin(const QString &drill)
{
    m_drill = drill;
    if (!m_drills->start(drill))
        return false;
    return QTest::qWaitFor([this] { return m_drills->progress().phase == DrillProgress::Phase::Running; }, 60'000);
}

bool DrillOperator::see()
{
    // An eye on the metrics: what the scenario says can be seen, asked of the world as the console asks.
    const Scenario *scenario = nullptr;
    for (const Scenario &one : builtInScenarios()) {
        if (one.info.name == m_drill)
            scenario = &one;
    }
    const sandbox::Engine engine(m_world->samples());
    const auto isShown = [&] {
        const auto answer = engine.instant(scenario->sign.query, m_world->nowMs());
        const auto *result = std::get_if<sandbox::QueryResult>(&answer);
        return result && result->series.empty() == scenario->sign.whenEmpty;
    };
    const bool isSeen = QTest::qWaitFor(
        [&] {
            if (!isShown())
                return false;
            m_drills->acknowledge();
            return m_drills->progress().isSeen;
        },
        20'000);
    QTest::qWait(150); // some looks of the drill's
    return isSeen;
}

template <typename T>
std::optional<T> DrillOperator::wait(const QFuture<Result<T>> &future) const
{
    if (!QTest::qWaitFor([&future] { return future.isFinished(); }, 20'000) || future.resultCount() == 0) {
        qWarning("no answer within 20 s");
        return std::nullopt;
    }
    const Result<T> result = future.result();
    if (!result) {
        qWarning("%s", qPrintable(result.error().message));
        return std::nullopt;
    }
    return *result;
}

const Deployed *DrillOperator::deployed() const
{
    return m_session->deployed().find(info().deployedKey());
}

bool DrillOperator::goBackTo(const QString &track)
{
    return shift(track, 100, Direction::Back);
}

bool DrillOperator::goOn(const QString &track, int percent)
{
    return shift(track, percent, Direction::Forward);
}

bool DrillOperator::shift(const QString &track, int percent, Direction direction)
{
    const Deployed *where = deployed();
    if (!where || where->routers.isEmpty())
        return false;
    TrafficOrder order;
    order.connection = where->connection;
    order.ns = where->ns;
    order.application = where->application;
    order.environment = where->environment;
    // Some routes have rules that are nobody's to shift: the first one divides the traffic.
    order.router = *std::min_element(where->routers.begin(), where->routers.end(),
                                     [](const RouterRef &a, const RouterRef &b) { return a.rule < b.rule; });
    QMap<QString, int> shares;
    for (const Track &one : where->tracks)
        shares.insert(one.name, one.name == track ? percent : 100 - percent);
    order.steps = {{shares, std::chrono::seconds(0)}};
    order.direction = direction;
    ClusterConnection *cluster = m_session->clusters().find(where->connection);
    const auto plan = wait<Plan>(cluster->traffic->plan(order, StopToken{}));
    return plan && carryOut(*plan, false);
}

RollbackOrder DrillOperator::rollbackOrder(const Deployed &where) const
{
    RollbackOrder order;
    order.connection = where.connection;
    order.ns = where.ns;
    order.application = where.application;
    order.environment = where.environment;
    order.workload = where.tracks.first().workloads.first();
    return order;
}

QString DrillOperator::suggested() const
{
    const Deployed *where = deployed();
    if (!where)
        return {};
    RollbackProvider &rollback = *m_session->clusters().find(where->connection)->rollback;
    const RollbackOrder order = rollbackOrder(*where);
    const auto targets = wait<QList<RollbackTarget>>(rollback.targets(order.workload, StopToken{}));
    const auto plan = wait<Plan>(rollback.plan(order, StopToken{}));
    for (const RollbackTarget &target : targets.value_or(QList<RollbackTarget>())) {
        if (plan && target.isSuggested && target.revision.templateHash == plan->toHash)
            return target.version;
    }
    return {};
}

bool DrillOperator::rollBack(const QString &to)
{
    const Deployed *where = deployed();
    if (!where)
        return false;
    ClusterConnection *cluster = m_session->clusters().find(where->connection);
    RollbackOrder order = rollbackOrder(*where);
    const auto targets = wait<QList<RollbackTarget>>(cluster->rollback->targets(order.workload, StopToken{}));
    if (!targets)
        return false;
    for (const RollbackTarget &target : *targets) {
        if (target.version == to)
            order.to = target.revision.templateHash;
    }
    if (order.to.isEmpty()) {
        qWarning("no revision of %s", qPrintable(to));
        return false;
    }
    const auto plan = wait<Plan>(cluster->rollback->plan(order, StopToken{}));
    return plan && carryOut(*plan, true);
}

bool DrillOperator::restart()
{
    const Deployed *where = deployed();
    if (!where)
        return false;
    WorkloadOrder order;
    order.connection = where->connection;
    order.ns = where->ns;
    order.application = where->application;
    order.environment = where->environment;
    order.workload = where->tracks.first().workloads.first();
    const auto plan = wait<Plan>(m_session->clusters().find(where->connection)->workloads->plan(order, StopToken{}));
    return plan && carryOut(*plan, true);
}

// As the window and the command line do it. A long one is left to itself once its call was taken.
bool DrillOperator::carryOut(const Plan &plan, bool isLong)
{
    const auto created = m_session->operations().create(plan);
    if (!created) {
        qWarning("%s", qPrintable(created.error().message));
        return false;
    }
    Operation *operation = *created;
    operation->start();
    const bool isReady = QTest::qWaitFor(
        [operation] { return operation->state() == OperationState::AwaitingConfirmation || operation->isFinished(); },
        20'000);
    if (!isReady || operation->isFinished() || !operation->confirm(operation->plan().fingerprint())) {
        qWarning("%s: %s", qPrintable(operation->title()),
                 operation->outcome() ? qPrintable(operation->outcome()->message) : "not ready");
        return false;
    }
    const auto isTaken = [operation] {
        const auto steps = operation->stepOutcomes();
        return !steps.isEmpty() && steps.first().acceptedAt.isValid();
    };
    if (!QTest::qWaitFor([&] { return operation->isFinished() || (isLong && isTaken()); }, 20'000))
        return false;
    return !operation->isFinished() || operation->outcome()->kind == OutcomeKind::Done;
}

bool DrillOperator::isStuck() const
{
    return !readAppState(m_world->store(0), info()).tagsNotPulled.empty();
}

bool DrillOperator::waitForEnd(int seconds)
{
    return QTest::qWaitFor([this] { return m_drills->progress().phase == DrillProgress::Phase::Over; }, seconds * 1000);
}

} // namespace signalbox::test
