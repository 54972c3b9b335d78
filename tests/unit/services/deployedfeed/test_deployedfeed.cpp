#include "services/async/deliver.h"
#include "services/feeds/deployedfeed.h"

#include <QSignalSpy>
#include <QTest>

using namespace signalbox;

namespace
{

Workload workload(const QString &connection, const QString &ns, const QString &name, const QString &image)
{
    Workload made;
    made.ref = {connection,
                QStringLiteral("apps"),
                QStringLiteral("Deployment"),
                ns,
                name,
                QStringLiteral("uid-%1-%2-%3").arg(connection, ns, name)};
    made.images = {{QStringLiteral("c"), image}};
    made.desired = made.current = made.updated = made.ready = made.available = 1;
    return made;
}

// Its store is fed by hand.
class SilentSource : public ClusterSource
{
public:
    QString connection() const override { return {}; }
    ClusterInfo info() const override { return {}; }
    void start() override {}
    void stop() override {}
    void refresh() override {}
    QFuture<Result<QList<RightAnswer>>> rights(QList<RightQuestion>, StopToken) override
    {
        return ready(Result<QList<RightAnswer>>(QList<RightAnswer>()));
    }
    std::unique_ptr<LogStream> openLog(const LogRequest &) override { return std::make_unique<LogStream>(); }
    QFuture<Result<QHash<QString, Usage>>> podUsage(StopToken) override { return usage(); }
    QFuture<Result<QHash<QString, Usage>>> nodeUsage(StopToken) override { return usage(); }

private:
    static QFuture<Result<QHash<QString, Usage>>> usage()
    {
        return ready(Result<QHash<QString, Usage>>(QHash<QString, Usage>()));
    }
};

struct World
{
    ClusterSet clusters;
    DeployedStore deployed;
    DeployedFeed feed{clusters, deployed};
    QSignalSpy changes{&deployed, &DeployedStore::changed};

    explicit World(const QStringList &ids = {QStringLiteral("east")})
    {
        for (const QString &id : ids)
            add(id);
    }
    void add(const QString &id)
    {
        auto connection = std::make_unique<ClusterConnection>();
        connection->id = connection->title = id;
        connection->source = std::make_unique<SilentSource>();
        connection->store = std::make_unique<ClusterStore>();
        clusters.add(std::move(connection));
    }
    void put(const QString &id, const QList<Workload> &upserted, const QStringList &removed = {})
    {
        ClusterDelta delta;
        delta.workloads.upserted = upserted;
        delta.workloads.removedUids = removed;
        clusters.find(id)->store->apply(delta);
    }
    QStringList keys()
    {
        feed.flush();
        QStringList found;
        for (const Deployed &one : deployed.all())
            found.append(one.key() + QLatin1Char('=') + one.environment);
        return found;
    }
};

} // namespace

// What a cluster's store holds becomes applications by environment, and only what changed is derived again.
class TestDeployedFeed : public QObject
{
    Q_OBJECT

private slots:
    void workloadsBecomeApplicationsAMomentLater()
    {
        World world;
        world.put(QStringLiteral("east"), {workload(QStringLiteral("east"), QStringLiteral("shop"),
                                                    QStringLiteral("cart"), QStringLiteral("r/cart:1"))});
        QCOMPARE(world.changes.size(), 0); // not at each change
        QTRY_COMPARE(world.changes.size(), 1);
        QCOMPARE(world.keys(), QStringList{QStringLiteral("east|shop|cart=shop")});
        QCOMPARE(world.deployed.all().first().tracks.first().version, QStringLiteral("1"));
    }

    // A server tells of each write. Who shows nothing of what was written hears nothing.
    void whatIsAsItWasIsNoChange()
    {
        World world;
        const QString east = QStringLiteral("east");
        ClusterStore &store = *world.clusters.find(east)->store;
        Workload cart = workload(east, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1"));
        Autoscaler scaler;
        scaler.ref = {east,
                      QStringLiteral("autoscaling"),
                      QStringLiteral("HorizontalPodAutoscaler"),
                      QStringLiteral("shop"),
                      QStringLiteral("cart"),
                      QStringLiteral("uid-of-it")};
        QList<IdChanges> told;
        connect(&store, &ClusterStore::workloadsChanged, this, [&told](const IdChanges &ids) { told << ids; });
        connect(&store, &ClusterStore::autoscalersChanged, this, [&told](const IdChanges &ids) { told << ids; });
        ClusterDelta delta;
        delta.workloads.upserted = {cart};
        delta.autoscalers.upserted = {scaler};
        store.apply(delta);
        QCOMPARE(told.size(), 2);
        store.apply(delta);
        delta.workloads.removedUids = {QStringLiteral("nobody's")};
        store.apply(delta);
        QCOMPARE(told.size(), 2);

        const Workload other =
            workload(east, QStringLiteral("shop"), QStringLiteral("till"), QStringLiteral("r/till:1"));
        delta.workloads.upserted = {cart, other};
        store.apply(delta);
        QCOMPARE(told.size(), 3);
        QCOMPARE(told.last().upserted, QStringList{other.ref.uid});
        delta.workloads = {}; // removed and there again: it may be another one
        delta.workloads.removedUids = {cart.ref.uid};
        delta.workloads.upserted = {cart};
        store.apply(delta);
        QCOMPARE(told.size(), 4);
        QCOMPARE(told.last().upserted, QStringList{cart.ref.uid});
        delta.workloads = {};
        delta.workloads.isReset = true; // a list that has nothing
        store.apply(delta);
        QCOMPARE(told.size(), 5);
        QVERIFY(told.last().isReset && store.workloads().isEmpty());
    }

    void onlyTheNamespaceThatChangedIsDerivedAgain()
    {
        World world;
        const QString east = QStringLiteral("east");
        world.put(east, {workload(east, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1")),
                         workload(east, QStringLiteral("bank"), QStringLiteral("loan"), QStringLiteral("r/loan:1"))});
        world.feed.flush();
        world.changes.clear();
        world.put(east, {workload(east, QStringLiteral("bank"), QStringLiteral("loan"), QStringLiteral("r/loan:2"))});
        world.feed.flush();
        QCOMPARE(world.changes.size(), 1);
        QCOMPARE(world.changes.first().at(0).toStringList(), QStringList{QStringLiteral("east|bank|loan")});
        world.feed.flush(); // nothing is due
        QCOMPARE(world.changes.size(), 1);
    }

    void removedWorkloadsTakeTheirApplication()
    {
        World world;
        const QString east = QStringLiteral("east");
        const Workload cart =
            workload(east, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1"));
        world.put(east, {cart});
        world.feed.flush();
        world.put(east, {}, {cart.ref.uid}); // the store no longer knows where it was
        QCOMPARE(world.keys(), QStringList());
        QCOMPARE(world.changes.last().at(1).toStringList(), QStringList{QStringLiteral("east|shop|cart")});
    }

    void environmentsOfTwoClustersAreToldApart()
    {
        World world({QStringLiteral("east"), QStringLiteral("west")});
        const auto cart = [](const QString &id) {
            return workload(id, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1"));
        };
        world.put(QStringLiteral("east"), {cart(QStringLiteral("east"))});
        QCOMPARE(world.keys(), QStringList{QStringLiteral("east|shop|cart=shop")});
        world.put(QStringLiteral("west"), {cart(QStringLiteral("west"))});
        world.feed.flush(); // the first one's name has become ambiguous
        QStringList both = world.keys();
        both.sort();
        QCOMPARE(both,
                 (QStringList{QStringLiteral("east|shop|cart=east/shop"), QStringLiteral("west|shop|cart=west/shop")}));
        world.clusters.remove(QStringLiteral("west"));
        QCOMPARE(world.keys(), QStringList{QStringLiteral("east|shop|cart=shop")});
    }

    void namesThatSomebodyGaveGoBefore()
    {
        World world;
        world.feed.setEnvironmentOf([](const QString &, const QString &connection, const QString &ns) {
            return connection == QLatin1String("east") && ns == QLatin1String("shop") ? QStringLiteral("staging")
                                                                                      : QString();
        });
        const QString east = QStringLiteral("east");
        world.put(east, {workload(east, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1")),
                         workload(east, QStringLiteral("bank"), QStringLiteral("loan"), QStringLiteral("r/loan:1"))});
        QStringList all = world.keys();
        all.sort();
        QCOMPARE(all, (QStringList{QStringLiteral("east|bank|loan=bank"), QStringLiteral("east|shop|cart=staging")}));
        QVERIFY(!world.deployed.find(QStringLiteral("east|shop|cart"))->isProtected);
        QVERIFY(world.deployed.find(QStringLiteral("east|bank|loan"))->isProtected);
    }

    void brokenWatchMakesItsApplicationsStale()
    {
        World world;
        const QString east = QStringLiteral("east");
        world.put(east, {workload(east, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1"))});
        const auto tell = [&world, &east](Freshness::State state) {
            ClusterDelta delta;
            for (const ClusterKind kind : {ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets,
                                           ClusterKind::ReplicaSets, ClusterKind::Pods, ClusterKind::Services,
                                           ClusterKind::Routes, ClusterKind::VirtualServices}) {
                Freshness freshness;
                freshness.state = kind == ClusterKind::Pods ? state : Freshness::State::Live;
                delta.freshness.insert(kind, freshness);
            }
            world.clusters.find(east)->store->apply(delta);
            world.feed.flush();
            return world.deployed.all().first().freshness.state;
        };
        QCOMPARE(tell(Freshness::State::Live), Freshness::State::Live);
        QCOMPARE(tell(Freshness::State::Stale), Freshness::State::Stale);
        QCOMPARE(tell(Freshness::State::Live), Freshness::State::Live);
    }

    // Whether routes lead elsewhere is not known before they were read, whatever else may not be read.
    void whatIsStillBeingReadIsTold()
    {
        World world;
        const QString east = QStringLiteral("east");
        world.put(east,
                  {workload(east, QStringLiteral("shop"), QStringLiteral("cart-blue"), QStringLiteral("r/cart:1")),
                   workload(east, QStringLiteral("shop"), QStringLiteral("cart-green"), QStringLiteral("r/cart:2"))});
        using State = Freshness::State;
        const auto tell = [&world, &east](const QHash<ClusterKind, State> &states) {
            ClusterDelta delta;
            for (const ClusterKind kind : {ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets,
                                           ClusterKind::ReplicaSets, ClusterKind::Pods, ClusterKind::Services,
                                           ClusterKind::Routes, ClusterKind::VirtualServices}) {
                Freshness freshness;
                freshness.state = states.value(kind, State::Live);
                delta.freshness.insert(kind, freshness);
            }
            world.clusters.find(east)->store->apply(delta);
            world.feed.flush();
            return world.deployed.all().first().freshness.state;
        };
        QCOMPARE(tell({{ClusterKind::ReplicaSets, State::Denied}, {ClusterKind::Routes, State::Loading}}),
                 State::Loading);
        QCOMPARE(tell({{ClusterKind::ReplicaSets, State::Denied}}), State::Denied);
        QCOMPARE(tell({{ClusterKind::Services, State::Stale}, {ClusterKind::Routes, State::Loading}}), State::Stale);
    }

    void whichKindMayNotBeReadIsToldAnew()
    {
        World world;
        const QString east = QStringLiteral("east");
        Workload blue = workload(east, QStringLiteral("shop"), QStringLiteral("cart-blue"), QStringLiteral("r/cart:1"));
        blue.podLabels = {{QStringLiteral("color"), QStringLiteral("blue")}};
        Workload green =
            workload(east, QStringLiteral("shop"), QStringLiteral("cart-green"), QStringLiteral("r/cart:2"));
        green.podLabels = {{QStringLiteral("color"), QStringLiteral("green")}};
        ServiceInfo service;
        service.ref = {east,
                       {},
                       QStringLiteral("Service"),
                       QStringLiteral("shop"),
                       QStringLiteral("cart"),
                       QStringLiteral("uid-of-service")};
        service.selector = {{QStringLiteral("color"), QStringLiteral("green")}};
        ClusterDelta objects;
        objects.workloads.upserted = {blue, green};
        objects.services.upserted = {service};
        world.clusters.find(east)->store->apply(objects);
        const auto isAssumed = [&world, &east](ClusterKind denied) {
            ClusterDelta delta;
            for (const ClusterKind kind : {ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets,
                                           ClusterKind::ReplicaSets, ClusterKind::Pods, ClusterKind::Services,
                                           ClusterKind::Routes, ClusterKind::VirtualServices}) {
                Freshness freshness;
                freshness.state = kind == denied ? Freshness::State::Denied : Freshness::State::Live;
                delta.freshness.insert(kind, freshness);
            }
            world.clusters.find(east)->store->apply(delta);
            world.feed.flush();
            return world.deployed.all().first().isShareAssumed;
        };
        QVERIFY(!isAssumed(ClusterKind::ReplicaSets));
        QVERIFY(isAssumed(ClusterKind::VirtualServices)); // and one kind is denied, as before
        QVERIFY(isAssumed(ClusterKind::Routes));
        QVERIFY(!isAssumed(ClusterKind::ReplicaSets));
    }

    void clusterThatGoesTakesItsApplications()
    {
        World world;
        const QString east = QStringLiteral("east");
        world.put(east, {workload(east, QStringLiteral("shop"), QStringLiteral("cart"), QStringLiteral("r/cart:1"))});
        world.feed.flush();
        world.clusters.remove(east);
        QCOMPARE(world.keys(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestDeployedFeed)
#include "test_deployedfeed.moc"
