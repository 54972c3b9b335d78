#include "services/feeds/readinessfeed.h"

#include "services/async/deliver.h"
#include "services/feeds/clusterset.h"

#include "tests/support/quietsource.h"

#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using test::QuietSource;
using namespace std::chrono_literals;

namespace
{

class ScriptedRollback : public RollbackProvider
{
public:
    QFuture<Result<QList<RollbackTarget>>> targets(ObjectRef, StopToken) override
    {
        return ready(Result<QList<RollbackTarget>>(QList<RollbackTarget>()));
    }
    QFuture<Result<Plan>> plan(RollbackOrder order, StopToken) override
    {
        orders << order;
        ++running;
        mostAtOnce = std::max(mostAtOnce, running);
        auto promise = std::make_shared<QPromise<Result<Plan>>>();
        promise->start();
        const QFuture<Result<Plan>> future = promise->future();
        const Result<Plan> mine = answers.value(order.workload.uid, answer);
        QTimer::singleShot(delay, this, [this, promise, mine] {
            --running;
            promise->addResult(mine);
            promise->finish();
        });
        return future;
    }

    Result<Plan> answer = Plan();
    QHash<QString, Result<Plan>> answers; // of these workloads
    QList<RollbackOrder> orders;
    std::chrono::milliseconds delay{1};
    int running = 0;
    int mostAtOnce = 0;
};

class ScriptedRouter : public TrafficRouter
{
public:
    Capabilities capabilities(const RouterRef &) const override { return Capability::Switch; }
    QFuture<Result<TrafficSplit>> split(QString, RouterRef, StopToken) override
    {
        return ready(Result<TrafficSplit>(TrafficSplit()));
    }
    QFuture<Result<Plan>> plan(TrafficOrder order, StopToken) override
    {
        orders << order;
        return ready(answer);
    }

    Result<Plan> answer = Plan();
    QList<TrafficOrder> orders;
};

Plan goodPlan()
{
    Plan plan;
    plan.to = QStringLiteral("2.14.3 (c07d9aa)");
    plan.dryRunAt = QDateTime::currentDateTimeUtc();
    plan.checks = {Check{CheckId::Rights, CheckState::Pass, QStringLiteral("You may"), {}, {}}};
    return plan;
}

Plan planWith(CheckId id, CheckState state)
{
    Plan plan = goodPlan();
    plan.checks << Check{id, state, QStringLiteral("Image"), QStringLiteral("cannot be pulled"),
                         QStringLiteral("Push it again.")};
    return plan;
}

Deployed application(const QString &name, const QStringList &tracks = {QString()})
{
    Deployed deployed;
    deployed.application = name;
    deployed.environment = QStringLiteral("production");
    deployed.connection = QStringLiteral("eu");
    deployed.ns = QStringLiteral("production");
    for (const QString &trackName : tracks) {
        Track track;
        track.name = trackName;
        track.podsReady = 2;
        track.since =
            QDateTime(QDate(2026, 11, 20), QTime(12, 0)).addDays(-deployed.tracks.size()); // the first is newest
        ObjectRef workload;
        workload.uid = name + trackName;
        track.workloads = {workload};
        deployed.tracks << track;
    }
    if (tracks.size() > 1) {
        deployed.tracks.first().share = 1;
        deployed.routers << RouterRef();
    }
    return deployed;
}

struct World
{
    ClusterSet clusters;
    DeployedStore deployed;
    ScriptedRollback *rollback = nullptr;
    ScriptedRouter *traffic = nullptr;
    ClusterStore *store = nullptr;

    World()
    {
        auto cluster = std::make_unique<ClusterConnection>();
        cluster->id = QStringLiteral("eu");
        cluster->source = std::make_unique<QuietSource>();
        cluster->store = std::make_unique<ClusterStore>();
        auto provider = std::make_unique<ScriptedRollback>();
        auto router = std::make_unique<ScriptedRouter>();
        rollback = provider.get();
        traffic = router.get();
        store = cluster->store.get();
        cluster->rollback = std::move(provider);
        cluster->traffic = std::move(router);
        clusters.add(std::move(cluster));
        rollback->answer = goodPlan();
        traffic->answer = goodPlan();
        hear(Freshness::State::Live);
    }

    void hear(Freshness::State state)
    {
        ClusterDelta delta;
        delta.freshness[ClusterKind::Pods].state = state;
        store->apply(delta);
    }
};

ReadinessFeed::Settings quickly()
{
    return {20ms, 100000ms, 50ms, 2};
}

} // namespace

class TestReadinessFeed : public QObject
{
    Q_OBJECT
private slots:
    void judges_data();
    void judges();
    void aTrackThatFailsIsAReservation_data();
    void aTrackThatFailsIsAReservation();
    void judgesErrors_data();
    void judgesErrors();
    void rehearsesWhatIsNew();
    void notBeforeTheClusterIsListed();
    void fewAtOnce();
    void whatIsProtectedComesFirst();
    void againWhenSomethingMoves();
    void notForWhatDecidesNothing();
    void againWhenARevisionIsPruned();
    void againWhenAnImageCannotBePulled();
    void whatIsLookedAtIsFresh();
    void whatIsLookedAtIsNextButWaitsForRoom();
    void asksAgainWhatCouldNotBeFound();
    void everyWorkloadHasToGoBack_data();
    void everyWorkloadHasToGoBack();
    void whatWasForgottenAsksNoFurther();
    void anotherTrackIsAWayBack();
    void theTrackIsTriedBeforeARevision_data();
    void theTrackIsTriedBeforeARevision();
    void whatCarriedAllIsTold();
    void aNewerTrackIsNone();
    void whatMovedIsNotLive();
    void whatNeverRestsIsAskedAllTheSame();
    void onDemand();
    void allAgainInTurn();
    void anOldAnswerIsNotLive();
    void whatGoesIsForgotten();
};

void TestReadinessFeed::judges_data()
{
    QTest::addColumn<Plan>("plan");
    QTest::addColumn<Health>("light");
    QTest::addColumn<QString>("wayOut");

    Plan noDryRun = goodPlan();
    noDryRun.dryRunAt = {};
    QTest::newRow("all well") << goodPlan() << Health::Ok << QString();
    QTest::newRow("no dry run") << noDryRun << Health::Warning << QString();
    QTest::newRow("image gone") << planWith(CheckId::TargetImage, CheckState::Block) << Health::Failing
                                << QStringLiteral("Push it again.");
    QTest::newRow("image doubted") << planWith(CheckId::TargetImage, CheckState::Warn) << Health::Warning
                                   << QStringLiteral("Push it again.");
    QTest::newRow("an alert fires") << planWith(CheckId::FiringAlerts, CheckState::Block) << Health::Ok << QString();
    QTest::newRow("a freeze") << planWith(CheckId::FreezeWindow, CheckState::Warn) << Health::Ok << QString();
}

void TestReadinessFeed::judges()
{
    QFETCH(Plan, plan);
    const Readiness readiness = readinessOf(plan, 84ms, QDateTime::currentDateTimeUtc());
    QTEST(readiness.light, "light");
    QTEST(readiness.wayOut, "wayOut");
    QVERIFY(!readiness.reason.isEmpty());
    QCOMPARE(readiness.to, plan.to);
    QCOMPARE(readiness.took, 84ms);
}

void TestReadinessFeed::aTrackThatFailsIsAReservation_data()
{
    QTest::addColumn<QString>("track"); // gone back to; empty: a revision
    QTest::addColumn<QString>("failing");
    QTest::addColumn<Health>("light"); // of the rehearsal
    QTest::addColumn<Health>("expected");
    const QString blue = QStringLiteral("blue");
    QTest::newRow("it fails itself") << blue << blue << Health::Ok << Health::Warning;
    QTest::newRow("and has a reservation already") << blue << blue << Health::Warning << Health::Warning;
    QTest::newRow("the one that is left fails") << blue << QStringLiteral("green") << Health::Ok << Health::Ok;
    QTest::newRow("a revision") << QString() << blue << Health::Ok << Health::Ok;
    QTest::newRow("of all tracks together") << QString() << QString() << Health::Ok << Health::Ok;
    QTest::newRow("it is closed anyway") << blue << blue << Health::Failing << Health::Failing;
    QTest::newRow("it is not known") << blue << blue << Health::Unknown << Health::Unknown;
}

void TestReadinessFeed::aTrackThatFailsIsAReservation()
{
    QFETCH(QString, track);
    QFETCH(QString, failing);
    QFETCH(Health, light);
    QFETCH(Health, expected);
    Readiness rehearsed;
    rehearsed.light = light;
    rehearsed.track = track;
    rehearsed.reason = QStringLiteral("as rehearsed");
    const Readiness now = withFigures(rehearsed, {{failing, QStringLiteral("7.2 %")}});
    QCOMPARE(now.light, expected);
    if (expected != Health::Warning) {
        QCOMPARE(now, rehearsed);
        return;
    }
    QVERIFY2(now.reason.contains(QStringLiteral("blue fails itself now: 7.2 % of its requests")),
             qPrintable(now.reason));
    QCOMPARE(now.reason.endsWith(QStringLiteral(" as rehearsed")), light == Health::Warning);
    QVERIFY(!now.wayOut.isEmpty());
}

void TestReadinessFeed::judgesErrors_data()
{
    QTest::addColumn<ErrorKind>("kind");
    QTest::addColumn<Health>("light");
    QTest::newRow("nothing kept") << ErrorKind::NotFound << Health::Failing;
    QTest::newRow("no right") << ErrorKind::Forbidden << Health::Failing;
    QTest::newRow("unreachable") << ErrorKind::Unreachable << Health::Unknown;
    QTest::newRow("too late") << ErrorKind::TimedOut << Health::Unknown;
    QTest::newRow("garbled") << ErrorKind::Protocol << Health::Unknown;
}

void TestReadinessFeed::judgesErrors()
{
    QFETCH(ErrorKind, kind);
    const Readiness readiness =
        readinessOf(Error{kind, QStringLiteral("why"), {}}, 1ms, QDateTime::currentDateTimeUtc());
    QTEST(readiness.light, "light");
    QCOMPARE(readiness.reason, QStringLiteral("why"));
}

void TestReadinessFeed::rehearsesWhatIsNew()
{
    World world;
    world.deployed.apply({application(QStringLiteral("cart"))}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QSignalSpy idle(&feed, &ReadinessFeed::idle);
    QVERIFY(!feed.find(QStringLiteral("eu|production|cart")));
    QVERIFY(idle.wait());
    const auto cart = feed.find(QStringLiteral("eu|production|cart"));
    QVERIFY(cart);
    QCOMPARE(cart->light, Health::Ok);
    QCOMPARE(world.rollback->orders.size(), 1);
    QCOMPARE(world.rollback->orders.first().workload.uid, QStringLiteral("cart"));
    QVERIFY(world.rollback->orders.first().to.isEmpty());

    world.deployed.apply({application(QStringLiteral("web"))}, {});
    QTRY_VERIFY(feed.find(QStringLiteral("eu|production|web")));
    QCOMPARE(world.rollback->orders.size(), 2);
}

void TestReadinessFeed::notBeforeTheClusterIsListed()
{
    World world;
    world.hear(Freshness::State::Loading);
    const Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTest::qWait(80);
    QVERIFY(world.rollback->orders.isEmpty());
    QVERIFY(!feed.isIdle());
    world.hear(Freshness::State::Live);
    QTRY_VERIFY(feed.find(cart.key()));
    QCOMPARE(world.rollback->orders.size(), 1);
}

void TestReadinessFeed::fewAtOnce()
{
    World world;
    world.rollback->delay = 15ms;
    QList<Deployed> many;
    for (int i = 0; i < 12; ++i)
        many << application(QStringLiteral("app%1").arg(i));
    world.deployed.apply(many, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QCOMPARE(world.rollback->orders.size(), 12);
    QCOMPARE(world.rollback->mostAtOnce, 2);
}

void TestReadinessFeed::whatIsProtectedComesFirst()
{
    World world;
    QList<Deployed> many;
    for (int i = 0; i < 8; ++i) {
        many << application(QStringLiteral("app%1").arg(i));
        many.last().isProtected = i >= 5;
    }
    world.deployed.apply(many, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QStringList first;
    for (const RollbackOrder &order : world.rollback->orders.mid(0, 3)) {
        QVERIFY(order.isRehearsal);
        first << order.workload.uid;
    }
    first.sort();
    QCOMPARE(first, QStringList({QStringLiteral("app5"), QStringLiteral("app6"), QStringLiteral("app7")}));
}

void TestReadinessFeed::againWhenSomethingMoves()
{
    World world;
    Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    world.rollback->answer = planWith(CheckId::TargetImage, CheckState::Block);
    cart.tracks.first().templateHash = QStringLiteral("5be02d1");
    world.deployed.apply({cart}, {});
    QTRY_COMPARE(feed.find(cart.key())->light, Health::Failing);
    QCOMPARE(world.rollback->orders.size(), 2);
}

void TestReadinessFeed::notForWhatDecidesNothing()
{
    World world;
    Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    cart.tracks.first().podsReady = 1;
    cart.state = QStringLiteral("1 of 2 pods ready");
    world.deployed.apply({cart}, {});
    QTest::qWait(120);
    QCOMPARE(world.rollback->orders.size(), 1);
}

void TestReadinessFeed::againWhenARevisionIsPruned()
{
    World world;
    const Deployed cart = application(QStringLiteral("cart"));
    Revision revision;
    revision.ref.uid = QStringLiteral("rs-1");
    revision.ref.ns = QStringLiteral("production");
    revision.ownerUid = QStringLiteral("cart");
    ClusterDelta delta;
    delta.revisions.upserted = {revision};
    world.store->apply(delta);
    const Deployed web = application(QStringLiteral("web"));
    world.deployed.apply({cart, web}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QCOMPARE(world.rollback->orders.size(), 2);

    revision.ready = 3; // the same revisions are kept: nothing to ask
    delta.revisions.upserted = {revision};
    world.store->apply(delta);
    QTest::qWait(80);
    QCOMPARE(world.rollback->orders.size(), 2);

    ClusterDelta gone;
    gone.revisions.removedUids = {QStringLiteral("rs-1")};
    world.store->apply(gone);
    QCOMPARE(feed.find(cart.key())->light, Health::Unknown);
    QCOMPARE(feed.find(web.key())->light, Health::Ok); // the revision was none of its
    QTRY_COMPARE(world.rollback->orders.size(), 3);
    QCOMPARE(world.rollback->orders.last().application, QStringLiteral("cart"));
}

void TestReadinessFeed::againWhenAnImageCannotBePulled()
{
    const auto event = [](const char *uid, const char *ns, const char *message) {
        ClusterEvent one;
        one.ref.uid = QString::fromLatin1(uid);
        one.about.kind = QStringLiteral("Pod");
        one.about.ns = QString::fromLatin1(ns);
        one.isWarning = true;
        one.message = QString::fromLatin1(message);
        ClusterDelta delta;
        delta.events.upserted = {one};
        return delta;
    };
    const char *const gone = "Failed to pull image \"registry.example/cart:1.0\": not found";
    World world;
    const Deployed cart = application(QStringLiteral("cart"));
    Deployed elsewhere = application(QStringLiteral("web"));
    elsewhere.ns = QStringLiteral("staging");
    elsewhere.environment = QStringLiteral("staging");
    world.deployed.apply({cart, elsewhere}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QCOMPARE(world.rollback->orders.size(), 2);

    world.store->apply(event("e-0", "production", "Back-off restarting failed container")); // no image
    QCOMPARE(feed.find(cart.key())->light, Health::Ok);
    world.rollback->answer = planWith(CheckId::TargetImage, CheckState::Block);
    world.store->apply(event("e-1", "production", gone));
    QCOMPARE(feed.find(cart.key())->light, Health::Unknown);
    QCOMPARE(feed.find(elsewhere.key())->light, Health::Ok);
    QTRY_COMPARE(feed.find(cart.key())->light, Health::Failing);
    QCOMPARE(world.rollback->orders.size(), 3);
    // The next pod, or the next try, tells nothing new.
    world.store->apply(event("e-1", "production", gone));
    world.store->apply(event("e-2", "production", gone));
    QCOMPARE(feed.find(cart.key())->light, Health::Failing);
    // Once nothing tells of it any more, another failure is news.
    ClusterDelta expired;
    expired.events.removedUids = {QStringLiteral("e-1"), QStringLiteral("e-2")};
    world.store->apply(expired);
    world.store->apply(event("e-3", "production", gone));
    QCOMPARE(feed.find(cart.key())->light, Health::Unknown);
    QTRY_COMPARE(world.rollback->orders.size(), 4);
}

void TestReadinessFeed::whatIsLookedAtIsFresh()
{
    World world;
    const Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    feed.freshen(cart.key(), 1h); // young enough
    QVERIFY(!feed.isRehearsing(cart.key()));
    QTRY_VERIFY((feed.freshen(cart.key(), 1ms), feed.isRehearsing(cart.key())));
    QTRY_COMPARE(world.rollback->orders.size(), 2);
    feed.freshen(QStringLiteral("nobody"), 0ms);
    QTRY_VERIFY(!feed.isRehearsing(cart.key()));
}

void TestReadinessFeed::whatIsLookedAtIsNextButWaitsForRoom()
{
    World world;
    QList<Deployed> all;
    for (const char *const name : {"a", "b", "c", "d", "e"})
        all << application(QString::fromLatin1(name));
    world.deployed.apply(all, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    world.rollback->orders.clear();
    world.rollback->mostAtOnce = 0;
    world.rollback->delay = 30ms;
    QSignalSpy begun(&feed, &ReadinessFeed::changed);
    feed.rehearseAll();
    QVERIFY(begun.wait()); // as many as run at once
    QString waits;
    for (const Deployed &one : all) {
        if (!feed.isRehearsing(one.key()))
            waits = one.key();
    }
    QVERIFY(!waits.isEmpty());
    feed.freshen(waits, -1ms); // however young its answer is
    QVERIFY(!feed.isRehearsing(waits));
    QTRY_VERIFY(world.rollback->orders.size() >= 3);
    QCOMPARE(world.rollback->orders[2].application, waits.section(QLatin1Char('|'), -1));
    QTRY_COMPARE(world.rollback->orders.size(), 5);
    QCOMPARE(world.rollback->mostAtOnce, 2);
}

void TestReadinessFeed::asksAgainWhatCouldNotBeFound()
{
    World world;
    world.rollback->answer = Error{ErrorKind::Unreachable, QStringLiteral("no route"), {}};
    const Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.find(cart.key()));
    QCOMPARE(feed.find(cart.key())->light, Health::Unknown);
    world.rollback->answer = goodPlan();
    QTRY_COMPARE(feed.find(cart.key())->light, Health::Ok);
}

void TestReadinessFeed::everyWorkloadHasToGoBack_data()
{
    QTest::addColumn<QStringList>("names"); // of the live track's workloads, in their order
    QTest::addColumn<QString>("broken");    // one of them
    QTest::addColumn<ErrorKind>("why");     // it has no plan; Internal: a plan whose image is gone
    QTest::addColumn<Health>("light");
    const QStringList names = {QStringLiteral("web"), QStringLiteral("worker")};
    QTest::newRow("none") << names << QString() << ErrorKind::Internal << Health::Ok;
    QTest::newRow("the second one's image is gone")
        << names << QStringLiteral("worker") << ErrorKind::Internal << Health::Failing;
    QTest::newRow("the second one's revisions are pruned")
        << names << QStringLiteral("worker") << ErrorKind::NotFound << Health::Failing;
    QTest::newRow("the second one cannot be asked")
        << names << QStringLiteral("worker") << ErrorKind::TimedOut << Health::Unknown;
    QTest::newRow("the first one") << names << QStringLiteral("web") << ErrorKind::NotFound << Health::Failing;
}

void TestReadinessFeed::everyWorkloadHasToGoBack()
{
    QFETCH(QStringList, names);
    QFETCH(QString, broken);
    QFETCH(ErrorKind, why);
    World world;
    Deployed cart = application(QStringLiteral("cart"));
    cart.tracks.first().workloads.clear();
    for (const QString &name : names) {
        ObjectRef workload;
        workload.kind = QStringLiteral("Deployment");
        workload.name = workload.uid = name;
        cart.tracks.first().workloads << workload;
    }
    if (!broken.isEmpty())
        world.rollback->answers.insert(broken, why == ErrorKind::Internal
                                                   ? Result<Plan>(planWith(CheckId::TargetImage, CheckState::Block))
                                                   : Result<Plan>(Error{why, QStringLiteral("no way"), {}}));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.find(cart.key()));
    const Readiness readiness = *feed.find(cart.key());
    QTEST(readiness.light, "light");
    QCOMPARE(world.rollback->orders.size(), names.size());
    QCOMPARE(world.rollback->mostAtOnce, 1);
    if (broken.isEmpty()) {
        QVERIFY(readiness.hadDryRun);
        for (const QString &name : names)
            QVERIFY2(readiness.to.contains(name), qPrintable(readiness.to));
    } else {
        QVERIFY2(readiness.reason.startsWith(QStringLiteral("Deployment %1: ").arg(broken)),
                 qPrintable(readiness.reason));
    }
}

void TestReadinessFeed::whatWasForgottenAsksNoFurther()
{
    World world;
    world.rollback->delay = 20ms;
    Deployed cart = application(QStringLiteral("cart"));
    ObjectRef worker;
    worker.uid = worker.name = QStringLiteral("worker");
    cart.tracks.first().workloads << worker;
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QSignalSpy begun(&feed, &ReadinessFeed::changed);
    QVERIFY(begun.wait());
    QCOMPARE(world.rollback->orders.size(), 1);
    const Deployed web = application(QStringLiteral("web"));
    world.deployed.apply({web}, {cart.key()});
    QTRY_VERIFY(feed.find(web.key())); // asked after the worker would have been
    QCOMPARE(world.rollback->orders.size(), 2);
    QCOMPARE(world.rollback->orders.last().workload.uid, QStringLiteral("web"));
}

void TestReadinessFeed::anotherTrackIsAWayBack()
{
    World world;
    world.rollback->answer = Error{ErrorKind::NotFound, QStringLiteral("no earlier revision"), {}};
    const Deployed cart = application(QStringLiteral("cart"), {QStringLiteral("green"), QStringLiteral("blue")});
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.find(cart.key()));
    QCOMPARE(feed.find(cart.key())->light, Health::Ok);
    QCOMPARE(world.traffic->orders.size(), 1);
    const TrafficOrder order = world.traffic->orders.first();
    QCOMPARE(order.direction, Direction::Back);
    QVERIFY(order.isRehearsal);
    QCOMPARE(order.steps.first().percent.value(QStringLiteral("blue")), 100);
    QCOMPARE(order.steps.first().percent.value(QStringLiteral("green")), 0);
    QVERIFY(feed.find(cart.key())->to.contains(QStringLiteral("blue")));
}

void TestReadinessFeed::theTrackIsTriedBeforeARevision_data()
{
    QTest::addColumn<double>("share"); // of green, the newer one
    QTest::addColumn<QStringList>("tracks");
    QTest::addColumn<Result<Plan>>("shift");
    QTest::addColumn<bool>("asksRevisions");
    QTest::addColumn<QString>("to");
    const QStringList greenFirst{QStringLiteral("green"), QStringLiteral("blue")};
    const QString blue = QStringLiteral("all traffic to blue ");
    QTest::newRow("all on the newer one") << 1.0 << greenFirst << Result<Plan>(goodPlan()) << false << blue;
    QTest::newRow("half of it") << 0.5 << greenFirst << Result<Plan>(goodPlan()) << false << blue;
    QTest::newRow("a little of it") << 0.1 << greenFirst << Result<Plan>(goodPlan()) << false << blue;
    QTest::newRow("with a doubt") << 0.5 << greenFirst << Result<Plan>(planWith(CheckId::Capacity, CheckState::Warn))
                                  << false << blue;
    QTest::newRow("closed") << 0.5 << greenFirst << Result<Plan>(planWith(CheckId::Capacity, CheckState::Block)) << true
                            << QStringLiteral("2.14.3 (c07d9aa)");
    QTest::newRow("none of it yet") << 0.0 << greenFirst << Result<Plan>(goodPlan()) << true
                                    << QStringLiteral("2.14.3 (c07d9aa)");
}

void TestReadinessFeed::theTrackIsTriedBeforeARevision()
{
    QFETCH(double, share);
    QFETCH(QStringList, tracks);
    QFETCH(Result<Plan>, shift);
    QFETCH(bool, asksRevisions);
    QFETCH(QString, to);
    World world;
    world.traffic->answer = shift;
    Deployed cart = application(QStringLiteral("cart"), tracks);
    cart.tracks[0].share = share;
    cart.tracks[1].share = 1 - share;
    if (share < 0.5)
        cart.tracks.swapItemsAt(0, 1); // the one with most live traffic first
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.find(cart.key()));
    QCOMPARE(feed.find(cart.key())->to, to);
    QCOMPARE(feed.find(cart.key())->track, asksRevisions ? QString() : QStringLiteral("blue"));
    QCOMPARE(!world.rollback->orders.isEmpty(), asksRevisions);
}

void TestReadinessFeed::whatCarriedAllIsTold()
{
    World world;
    Deployed cart = application(QStringLiteral("cart"), {QStringLiteral("green"), QStringLiteral("blue")});
    cart.tracks[0].share = 0;
    cart.tracks[1].share = 1;
    cart.tracks[1].podsReady = 3;
    cart.tracks[1].podsWanted = 20;
    world.deployed.apply({cart}, {}); // still starting: so few were not enough
    QVERIFY(world.deployed.carriedBy(cart.key()).isEmpty());
    cart.tracks[1].podsReady = 20;
    world.deployed.apply({cart}, {});
    cart.tracks[1].podsReady = 1; // what is left of it after a crash, all live traffic with it
    world.deployed.apply({cart}, {});
    cart.tracks[0].share = 0.5;
    cart.tracks[1].share = 0.5;
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_COMPARE(world.traffic->orders.size(), 1);
    QCOMPARE(world.traffic->orders.first().carried, (QMap<QString, int>{{QStringLiteral("blue"), 20}}));
    cart.tracks[1].templateHash = QStringLiteral("another"); // what it needs now nobody saw
    world.deployed.apply({cart}, {});
    QVERIFY(world.deployed.carriedBy(cart.key()).isEmpty());
}

void TestReadinessFeed::aNewerTrackIsNone()
{
    World world;
    world.rollback->answer = Error{ErrorKind::NotFound, QStringLiteral("no earlier revision"), {}};
    Deployed cart = application(QStringLiteral("cart"), {QStringLiteral("blue"), QStringLiteral("green")});
    std::swap(cart.tracks[0].since, cart.tracks[1].since); // green waits to take over
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.find(cart.key()));
    QCOMPARE(feed.find(cart.key())->light, Health::Failing);
    QVERIFY(world.traffic->orders.isEmpty());
}

void TestReadinessFeed::whatMovedIsNotLive()
{
    World world;
    Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QCOMPARE(feed.find(cart.key())->light, Health::Ok);
    QSignalSpy changed(&feed, &ReadinessFeed::changed);
    cart.tracks.first().templateHash = QStringLiteral("5be02d1");
    world.deployed.apply({cart}, {});
    // That there was a way back from what ran before says nothing of what runs now.
    QCOMPARE(changed.size(), 1);
    QCOMPARE(feed.find(cart.key())->light, Health::Unknown);
    QVERIFY(feed.find(cart.key())->to.isEmpty());
    QVERIFY(feed.find(cart.key())->reason != feed.find(cart.key())->wayOut);
    // Nor does an answer to a question that was asked before.
    world.rollback->delay = 60ms;
    QTRY_VERIFY(feed.isRehearsing(cart.key()));
    QList<Health> answered;
    connect(&feed, &ReadinessFeed::changed, this, [&](const QString &key) {
        if (!feed.isRehearsing(key))
            answered << feed.find(key)->light;
    });
    cart.tracks.first().templateHash = QStringLiteral("77aa001");
    world.deployed.apply({cart}, {});
    QTRY_COMPARE(answered, (QList<Health>{Health::Unknown, Health::Ok}));
    QCOMPARE(world.rollback->orders.size(), 3);
}

void TestReadinessFeed::whatNeverRestsIsAskedAllTheSame()
{
    World world;
    Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, {50ms, 100000ms, 50ms, 2});
    QTRY_VERIFY(feed.isIdle());
    int moves = 0;
    QTimer restless;
    connect(&restless, &QTimer::timeout, this, [&] {
        cart.tracks.first().templateHash = QString::number(++moves);
        world.deployed.apply({cart}, {});
    });
    restless.start(10ms);
    QTRY_COMPARE(world.rollback->orders.size(), 3);
    QVERIFY(moves > 10);
}

void TestReadinessFeed::onDemand()
{
    World world;
    const Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QSignalSpy changed(&feed, &ReadinessFeed::changed);
    feed.rehearse(cart.key());
    QVERIFY(feed.isRehearsing(cart.key()));
    feed.rehearse(cart.key()); // one at a time
    QTRY_VERIFY(!feed.isRehearsing(cart.key()));
    QCOMPARE(world.rollback->orders.size(), 2);
    QCOMPARE(changed.size(), 2);
    feed.rehearse(QStringLiteral("nobody"));
    QVERIFY(!feed.isRehearsing(QStringLiteral("nobody")));
}

void TestReadinessFeed::allAgainInTurn()
{
    World world;
    QList<Deployed> many;
    for (int i = 0; i < 12; ++i)
        many << application(QStringLiteral("app%1").arg(i));
    world.deployed.apply(many, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    QCOMPARE(world.rollback->orders.size(), 12);
    feed.rehearseAll();
    QTRY_COMPARE(world.rollback->orders.size(), 24);
    QCOMPARE(world.rollback->mostAtOnce, 2); // no burst of dry runs
}

void TestReadinessFeed::anOldAnswerIsNotLive()
{
    World world;
    const Deployed cart = application(QStringLiteral("cart"));
    world.deployed.apply({cart}, {});
    ReadinessFeed feed(world.clusters, world.deployed, {20ms, 60ms, 50ms, 2});
    QTRY_VERIFY(feed.find(cart.key()));
    world.rollback->delay = 1000000ms; // never again
    QTRY_COMPARE(feed.find(cart.key())->light, Health::Unknown);
}

void TestReadinessFeed::whatGoesIsForgotten()
{
    World world;
    const Deployed cart = application(QStringLiteral("cart"));
    const Deployed web = application(QStringLiteral("web"));
    world.deployed.apply({cart, web}, {});
    ReadinessFeed feed(world.clusters, world.deployed, quickly());
    QTRY_VERIFY(feed.isIdle());
    world.deployed.apply({}, {cart.key()});
    QVERIFY(!feed.find(cart.key()));
    feed.rehearse(web.key());
    world.clusters.remove(QStringLiteral("eu")); // while it runs
    QVERIFY(!feed.find(web.key()));
    QTest::qWait(30);
    QVERIFY(!feed.find(web.key()));
}

QTEST_GUILESS_MAIN(TestReadinessFeed)
#include "test_readinessfeed.moc"
