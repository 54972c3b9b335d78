#include "tests/gui/operations/operationconsole.h"

#include "services/async/deliver.h"
#include "ui/widgets/holdbutton.h"

#include <QLabel>
#include <QTest>

namespace signalbox::test
{

namespace
{

const QString cluster = QStringLiteral("prod-eu");
const QString production = QStringLiteral("production");

ObjectRef ref(const QString &kind, const QString &name)
{
    return {cluster, QStringLiteral("apps"), kind, production, name, QStringLiteral("uid-") + name};
}

Track track(const QString &name, const QString &workload, const QString &version, const QString &hash,
            std::optional<double> share, const QDateTime &since)
{
    Track made;
    made.name = name;
    made.workloads = {ref(QStringLiteral("Deployment"), workload)};
    made.version = version;
    made.templateHash = hash;
    made.podsReady = made.podsWanted = 12;
    made.share = share;
    made.since = since;
    made.health = Health::Ok;
    return made;
}

RollbackTarget target(const QString &version, const QString &hash, const QDateTime &since)
{
    RollbackTarget made;
    made.version = version;
    made.revision.templateHash = hash;
    made.revision.created = since;
    made.diff = {{DiffLine::Kind::Context, QStringLiteral("containers:")},
                 {DiffLine::Kind::Removed, QStringLiteral("image: registry.example/app:2.15.0-rc.2")},
                 {DiffLine::Kind::Added, QStringLiteral("image: registry.example/app:%1").arg(version)}};
    return made;
}

QList<RollbackTarget> targetsOf(const QDateTime &now)
{
    RollbackTarget live = target(QStringLiteral("2.15.0-rc.2"), QStringLiteral("5be02d1aa"), now.addSecs(-31 * 60));
    live.isLive = true;
    live.diff.clear();
    live.readiness = {check(CheckId::TargetExists, CheckState::Block, QStringLiteral("error rate 6.8 %, was 0.4 %"))};
    RollbackTarget good = target(QStringLiteral("2.14.3"), QStringLiteral("c07d9aa11"), now.addDays(-6));
    good.isSuggested = true;
    good.readiness = {check(CheckId::TargetImage, CheckState::Pass, QStringLiteral("image present")),
                      check(CheckId::Capacity, CheckState::Pass, QStringLiteral("12 pods warm"))};
    RollbackTarget older = target(QStringLiteral("2.14.2"), QStringLiteral("8be117033"), now.addDays(-13));
    older.readiness = {check(CheckId::TargetImage, CheckState::Pass, QStringLiteral("image present"))};
    RollbackTarget shaky = target(QStringLiteral("2.14.0"), QStringLiteral("30ffa2c55"), now.addDays(-21));
    shaky.readiness = {check(CheckId::TargetImage, CheckState::Warn, QStringLiteral("its image was not asked for"))};
    RollbackTarget gone = target(QStringLiteral("2.13.9"), QStringLiteral("d21c0b877"), now.addDays(-40));
    gone.readiness = {check(CheckId::TargetImage, CheckState::Block, QStringLiteral("its image could not be pulled"))};
    return {live, good, older, shaky, gone};
}

Plan planBase(const QString &application, const QString &environment)
{
    Plan plan;
    plan.id = QStringLiteral("01HQZX3T7Y0000000000000000");
    plan.application = application;
    plan.environment = environment;
    plan.connection = cluster;
    plan.ns = production;
    return plan;
}

} // namespace

Check check(CheckId id, CheckState state, const QString &text, const QString &detail, const QString &wayOut)
{
    return {id, state, text, detail, wayOut};
}

QFuture<Result<QList<RollbackTarget>>> FakeRollback::targets(ObjectRef workload, StopToken)
{
    asked.append(workload.name);
    if (holdsTargets) {
        auto held = std::make_shared<QPromise<Result<QList<RollbackTarget>>>>();
        held->start();
        m_heldTargets.insert(workload.name, held);
        return held->future();
    }
    if (targetsFail)
        return ready(Result<QList<RollbackTarget>>(*targetsFail));
    return ready(Result<QList<RollbackTarget>>(known.value(workload.name)));
}

void FakeRollback::giveTargets(const QString &workload, const Result<QList<RollbackTarget>> &targets)
{
    const auto held = m_heldTargets.take(workload);
    held->addResult(targets);
    held->finish();
}

QFuture<Result<Plan>> FakeRollback::plan(RollbackOrder order, StopToken)
{
    orders.append(order);
    if (holdsPlan) {
        m_heldPlan = std::make_shared<QPromise<Result<Plan>>>();
        m_heldPlan->start();
        return m_heldPlan->future();
    }
    return ready(planFails ? Result<Plan>(*planFails) : Result<Plan>(planOf(order)));
}

void FakeRollback::givePlan(const Result<Plan> &plan)
{
    m_heldPlan->addResult(plan);
    m_heldPlan->finish();
    m_heldPlan.reset();
}

Plan FakeRollback::planOf(const RollbackOrder &order) const
{
    Plan plan = planBase(order.application, order.environment);
    plan.kind = OperationKind::Rollback;
    plan.direction = Direction::Back;
    plan.isProtected = isProtected;
    plan.from = QStringLiteral("2.15.0-rc.2 (5be02d1)");
    for (const RollbackTarget &each : known.value(order.workload.name)) {
        if (each.revision.templateHash == order.to) {
            plan.to = QStringLiteral("%1 (%2)").arg(each.version, order.to.left(7));
            plan.effect = QStringLiteral("12 pods, 100 % of live traffic; that version ran for 6 days");
        }
    }
    plan.toHash = order.to;
    plan.checks = checks;
    plan.plannedAt = QDateTime(QDate(2026, 3, 4), QTime(10, 0), Qt::UTC);
    plan.dryRunAt = plan.plannedAt;
    if (firstStep)
        plan.steps.append(*firstStep);
    PlanStep step;
    step.id = QString::number(plan.steps.size() + 1);
    step.title = QStringLiteral("Write the template of %1").arg(plan.to);
    step.through = toString(order.workload);
    step.call = {cluster,
                 QStringLiteral("PATCH"),
                 QStringLiteral("/apis/apps/v1/") + order.workload.name,
                 {},
                 (order.to + suffix).toUtf8()};
    step.diff = {{DiffLine::Kind::Removed, QStringLiteral("image: registry.example/app:2.15.0-rc.2")},
                 {DiffLine::Kind::Added, QStringLiteral("image: registry.example/app:%1").arg(plan.to)}};
    step.precondition = QStringLiteral("only if the template is still 5be02d1");
    step.expected = std::chrono::seconds(45);
    plan.steps.append(step);
    return plan;
}

TrafficRouter::Capabilities FakeRouter::capabilities(const RouterRef &) const
{
    return can;
}

void FakeRouter::setShares(int blue, int green)
{
    const auto leg = [](const char *name, int weight) {
        return TrafficLeg{QString::fromLatin1(name), QStringLiteral("classifier-") + QString::fromLatin1(name), weight,
                          weight / 100.0, 12};
    };
    now.legs = {leg("blue", blue), leg("green", green)};
}

QFuture<Result<TrafficSplit>> FakeRouter::split(QString application, RouterRef router, StopToken)
{
    asked.append(application);
    if (holds.contains(application)) {
        auto held = std::make_shared<QPromise<Result<TrafficSplit>>>();
        held->start();
        m_held.insert(application, held);
        return held->future();
    }
    if (splitFails)
        return ready(Result<TrafficSplit>(*splitFails));
    TrafficSplit split = now;
    split.router = router;
    return ready(Result<TrafficSplit>(split));
}

void FakeRouter::give(const QString &application, const Result<TrafficSplit> &split)
{
    const auto held = m_held.take(application);
    held->addResult(split);
    held->finish();
}

QFuture<Result<Plan>> FakeRouter::plan(TrafficOrder order, StopToken)
{
    orders.append(order);
    return ready(planFails ? Result<Plan>(*planFails) : Result<Plan>(planOf(order)));
}

Plan FakeRouter::planOf(const TrafficOrder &order) const
{
    Plan plan = planBase(order.application, order.environment);
    plan.kind = OperationKind::TrafficShift;
    plan.direction = order.direction;
    const auto words = [](int blue, int green) { return QStringLiteral("blue %1 %, green %2 %").arg(blue).arg(green); };
    plan.from = from.isEmpty() ? words(now.legs.value(0).weight, now.legs.value(1).weight) : from;
    const QMap<QString, int> last = order.steps.last().percent;
    plan.to = words(last.value(QStringLiteral("blue")), last.value(QStringLiteral("green")));
    plan.effect = QStringLiteral("12 of 12 pods of green are ready");
    plan.checks = checks;
    plan.plannedAt = QDateTime(QDate(2026, 3, 4), QTime(10, 0), Qt::UTC);
    plan.dryRunAt = plan.plannedAt;
    if (offered) {
        plan.steps.append(*offered);
        plan.steps.last().isChosen = order.pauseReconciliation;
    }
    for (const TrafficOrder::Step &wanted : order.steps) {
        PlanStep step;
        step.id = QString::number(plan.steps.size() + 1);
        step.title = QStringLiteral("Send %1 % to green").arg(wanted.percent.value(QStringLiteral("green")));
        step.through = QStringLiteral("VirtualService production/image-classifier");
        step.call = {cluster, QStringLiteral("PATCH"), QStringLiteral("/route"), {}, step.title.toUtf8()};
        step.diff = {{DiffLine::Kind::Removed, QStringLiteral("route[0] blue   weight 75")},
                     {DiffLine::Kind::Added,
                      QStringLiteral("route[0] blue   weight %1").arg(wanted.percent.value(QStringLiteral("blue")))},
                     {DiffLine::Kind::Removed, QStringLiteral("route[1] green  weight 25")},
                     {DiffLine::Kind::Added,
                      QStringLiteral("route[1] green  weight %1").arg(wanted.percent.value(QStringLiteral("green")))}};
        step.precondition = QStringLiteral("only if the weights are still 75 and 25");
        step.dwell = wanted.dwell;
        plan.steps.append(step);
    }
    return plan;
}

OperationConsole::OperationConsole()
{
    addCluster(cluster);
    ClusterConnection &connection = *clusters.find(cluster);
    auto madeRollback = std::make_unique<FakeRollback>();
    auto madeRouter = std::make_unique<FakeRouter>();
    auto madeRunner = std::make_unique<FakeStepRunner>();
    auto madeLocker = std::make_unique<FakeLocker>();
    rollback = madeRollback.get();
    router = madeRouter.get();
    runner = madeRunner.get();
    locker = madeLocker.get();
    connection.rollback = std::move(madeRollback);
    connection.traffic = std::move(madeRouter);
    connection.runner = std::move(madeRunner);
    connection.locker = std::move(madeLocker);
    rollback->known.insert(QStringLiteral("image-classifier-blue"), targetsOf(now));
    rollback->known.insert(QStringLiteral("smart-support"), targetsOf(now));
    rollback->checks = {check(CheckId::Rights, CheckState::Pass, QStringLiteral("You may patch deployments"),
                              QStringLiteral("asked the cluster 3 s ago")),
                        check(CheckId::TargetImage, CheckState::Pass, QStringLiteral("The image is on 5 of 6 nodes")),
                        check(CheckId::OtherOwner, CheckState::Warn, QStringLiteral("Helm release classifier owns it"),
                              QStringLiteral("annotation meta.helm.sh/release-name"),
                              QStringLiteral("The next helm upgrade writes its own template again."))};
    router->checks = {check(CheckId::Capacity, CheckState::Pass, QStringLiteral("Green has capacity for 50 %"),
                            QStringLiteral("12 of 12 pods")),
                      check(CheckId::Rights, CheckState::Pass, QStringLiteral("You may patch virtualservices"))};
    router->setShares(75, 25);
    router->now.applied = TrafficSplit::Applied::CannotTell;
    router->now.readAt = now.addSecs(-4);
    deployed.apply({classifier(), support()}, {});
}

Deployed OperationConsole::classifier() const
{
    Deployed item;
    item.application = QStringLiteral("image-classifier");
    item.environment = item.ns = production;
    item.connection = cluster;
    item.team = QStringLiteral("vision team");
    item.tracks = {track(QStringLiteral("blue"), QStringLiteral("image-classifier-blue"), QStringLiteral("2.14.3"),
                         QStringLiteral("c07d9aa11"), 0.75, now.addDays(-6)),
                   track(QStringLiteral("green"), QStringLiteral("image-classifier-green"),
                         QStringLiteral("2.15.0-rc.2"), QStringLiteral("5be02d1aa"), 0.25, now.addSecs(-31 * 60))};
    RouterRef route;
    route.kind = RouterRef::Kind::VirtualService;
    route.object = ref(QStringLiteral("VirtualService"), QStringLiteral("image-classifier"));
    route.object.group = QStringLiteral("networking.istio.io");
    item.routers = {route};
    item.health = Health::Failing;
    item.state = QStringLiteral("3 of 12 pods of green crash loop");
    item.since = now.addSecs(-31 * 60);
    item.freshness = {Freshness::State::Live, now, now, std::nullopt};
    return item;
}

Deployed OperationConsole::support() const
{
    Deployed item = classifier();
    item.application = QStringLiteral("smart-support");
    item.tracks = {track({}, QStringLiteral("smart-support"), QStringLiteral("2.15.0-rc.2"),
                         QStringLiteral("5be02d1aa"), std::nullopt, now.addSecs(-31 * 60))};
    item.routers.clear();
    item.health = Health::Ok;
    item.state.clear();
    return item;
}

void OperationConsole::touchClassifier()
{
    Deployed item = classifier();
    item.team = QStringLiteral("team %1").arg(++touched);
    put(item);
}

Operation *OperationConsole::operation() const
{
    const QList<Operation *> all = operations->operations();
    return all.isEmpty() ? nullptr : all.first();
}

bool OperationConsole::reach(OperationState state, Operation *of)
{
    return QTest::qWaitFor(
        [&] {
            const Operation *const watched = of ? of : operation();
            if (!watched || watched->state() == state)
                return watched != nullptr;
            const bool waitsForDisk =
                watched->state() < OperationState::Executing || watched->state() == OperationState::Recording;
            const bool dwells = watched->state() == OperationState::Dwelling;
            if (!waitsForDisk)
                clock.advance(std::chrono::milliseconds(dwells ? 5000 : 250));
            return watched->state() == state;
        },
        10000);
}

int OperationConsole::executed() const
{
    return static_cast<int>(runner->calls.filter(QStringLiteral("execute")).size());
}

void OperationConsole::takeClock(HoldButton *button)
{
    button->setClock([this] { return holdNow; });
}

void OperationConsole::passHold(HoldButton *button, int milliseconds)
{
    holdNow += milliseconds;
    button->check();
}

void OperationConsole::press(HoldButton *button, int milliseconds)
{
    QTest::keyPress(button, Qt::Key_Return);
    passHold(button, milliseconds);
    QTest::keyRelease(button, Qt::Key_Return);
}

QString textOf(const QWidget &window, const char *name)
{
    const auto *label = visible<QLabel>(window, name);
    // A space that keeps a figure and its sign on one line reads like any other.
    return label ? label->text().replace(QChar(QChar::Nbsp), QLatin1Char(' ')) : QString();
}

} // namespace signalbox::test
