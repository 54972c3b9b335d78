#include "services/adapters/kubernetes/deltacollector.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;

namespace
{

Pod pod(const QString &name, const QString &phase = {})
{
    Pod made;
    made.ref = {QStringLiteral("c"),    {},   QStringLiteral("Pod"),
                QStringLiteral("shop"), name, QStringLiteral("uid-") + name};
    made.phase = phase;
    return made;
}

ServiceInfo service(const QString &name)
{
    ServiceInfo made;
    made.ref = {QStringLiteral("c"),    {},   QStringLiteral("Service"),
                QStringLiteral("shop"), name, QStringLiteral("uid-") + name};
    return made;
}

Freshness live()
{
    Freshness freshness;
    freshness.state = Freshness::State::Live;
    return freshness;
}

QStringList namesOf(const QList<Pod> &pods)
{
    QStringList names;
    for (const Pod &one : pods)
        names.append(one.ref.name + one.phase);
    return names;
}

} // namespace

// What lies between the workers that parse and the store.
class TestDeltaCollector : public QObject
{
    Q_OBJECT

private:
    int m_wakes = 0;
    std::unique_ptr<DeltaCollector> m_collector;
    ClusterDelta take(int most = 1000)
    {
        bool isMore = false;
        return m_collector->take(most, isMore);
    }

private slots:
    void init()
    {
        m_wakes = 0;
        m_collector = std::make_unique<DeltaCollector>([this] { ++m_wakes; });
    }

    void onlyTheNewestStateIsTold()
    {
        m_collector->upsert({pod(QStringLiteral("a"), QStringLiteral("1")), pod(QStringLiteral("b"))});
        m_collector->upsert({pod(QStringLiteral("a"), QStringLiteral("2"))});
        QCOMPARE(namesOf(take().pods.upserted), (QStringList{QStringLiteral("a2"), QStringLiteral("b")}));
        QVERIFY(take().pods.upserted.isEmpty());
    }

    void whatCameAndWentIsOnlyRemoved()
    {
        m_collector->upsert({pod(QStringLiteral("a"))});
        m_collector->remove(ClusterKind::Pods, {QStringLiteral("uid-a")});
        const ClusterDelta delta = take();
        QVERIFY(delta.pods.upserted.isEmpty());
        QCOMPARE(delta.pods.removedUids, QStringList{QStringLiteral("uid-a")});
    }

    void whatWasMadeAgainStays()
    {
        m_collector->remove(ClusterKind::Pods, {QStringLiteral("uid-a")});
        m_collector->upsert({pod(QStringLiteral("a"), QStringLiteral("new"))});
        const ClusterDelta delta = take();
        ClusterDelta applied = delta; // a store removes first
        QCOMPARE(namesOf(applied.pods.upserted), QStringList{QStringLiteral("anew")});
    }

    void portionsKeepTheOrderAndSayThatThereIsMore()
    {
        std::vector<KubeObject> many;
        for (int i = 0; i < 5; ++i)
            many.emplace_back(pod(QString::number(i)));
        m_collector->upsert(std::move(many));
        bool isMore = false;
        QCOMPARE(namesOf(m_collector->take(2, isMore).pods.upserted),
                 (QStringList{QStringLiteral("0"), QStringLiteral("1")}));
        QVERIFY(isMore);
        m_collector->upsert({pod(QStringLiteral("2"), QStringLiteral("!"))}); // in its place
        QCOMPARE(namesOf(m_collector->take(2, isMore).pods.upserted),
                 (QStringList{QStringLiteral("2!"), QStringLiteral("3")}));
        QVERIFY(isMore);
        QCOMPARE(namesOf(m_collector->take(2, isMore).pods.upserted), QStringList{QStringLiteral("4")});
        QVERIFY(!isMore);
    }

    void liveIsToldAfterAllThatWasKnownBefore()
    {
        m_collector->upsert({pod(QStringLiteral("a")), pod(QStringLiteral("b"))});
        m_collector->setFreshness(ClusterKind::Pods, live());
        bool isMore = false;
        QVERIFY(!m_collector->take(1, isMore).freshness.contains(ClusterKind::Pods));
        QVERIFY(isMore);
        QVERIFY(m_collector->take(1, isMore).freshness.contains(ClusterKind::Pods));
        QVERIFY(!isMore);
    }

    void staleIsToldAtOnce()
    {
        m_collector->upsert({pod(QStringLiteral("a")), pod(QStringLiteral("b"))});
        Freshness stale;
        stale.state = Freshness::State::Stale;
        m_collector->setFreshness(ClusterKind::Pods, stale);
        bool isMore = false;
        QCOMPARE(m_collector->take(1, isMore).freshness.value(ClusterKind::Pods).state, Freshness::State::Stale);
    }

    void wakesOnceUntilItWasTaken()
    {
        m_collector->upsert({pod(QStringLiteral("a"))});
        m_collector->upsert({pod(QStringLiteral("b"))});
        QCOMPARE(m_wakes, 1);
        bool isMore = false;
        (void)m_collector->take(1, isMore);
        m_collector->upsert({pod(QStringLiteral("c"))}); // who takes knows that there is more
        QCOMPARE(m_wakes, 1);
        (void)m_collector->take(10, isMore);
        m_collector->upsert({pod(QStringLiteral("d"))});
        QCOMPARE(m_wakes, 2);
        m_collector->close();
        (void)m_collector->take(10, isMore);
        m_collector->upsert({pod(QStringLiteral("e"))});
        QCOMPARE(m_wakes, 2);
    }

    void endpointsJoinTheirServiceInAnyOrder()
    {
        const auto slice = [](const char *uid, int ready, int all) {
            return EndpointSet{QString::fromLatin1(uid), QStringLiteral("shop"), QStringLiteral("cart"), ready, all};
        };
        m_collector->upsert({slice("s1", 2, 3)}); // before the Service itself
        QVERIFY(take().services.upserted.isEmpty());
        m_collector->upsert({service(QStringLiteral("cart"))});
        QCOMPARE(take().services.upserted.first().readyEndpoints, 2);
        m_collector->upsert({slice("s2", 1, 1)});
        ServiceInfo joined = take().services.upserted.first();
        QCOMPARE(joined.readyEndpoints, 3);
        QCOMPARE(joined.allEndpoints, 4);
        m_collector->remove(ClusterKind::Endpoints, {QStringLiteral("s1")});
        QCOMPARE(take().services.upserted.first().readyEndpoints, 1);
        m_collector->remove(ClusterKind::Endpoints, {QStringLiteral("s2")});
        QCOMPARE(take().services.upserted.first().readyEndpoints, -1); // unknown, not none
    }

    void subsetsJoinTheirVirtualService()
    {
        Route route;
        route.ref = {QStringLiteral("c"),
                     QStringLiteral("networking.istio.io"),
                     QStringLiteral("VirtualService"),
                     QStringLiteral("shop"),
                     QStringLiteral("cart"),
                     QStringLiteral("uid-vs")};
        Route::Rule rule;
        Route::Backend backend;
        backend.host = QStringLiteral("cart.shop.svc.cluster.local");
        backend.subset = QStringLiteral("v1");
        rule.backends = {backend};
        route.rules = {rule};
        m_collector->upsert({route});
        QVERIFY(take().routes.upserted.first().subsets.isEmpty());
        const Labels labels{{QStringLiteral("version"), QStringLiteral("v1")}};
        m_collector->upsert({SubsetRule{QStringLiteral("uid-dr"),
                                        QStringLiteral("shop"),
                                        QStringLiteral("cart"),
                                        {{QStringLiteral("v1"), labels}}}});
        QCOMPARE(take().routes.upserted.first().subsets.value(QStringLiteral("cart.shop.svc.cluster.local/v1")),
                 labels);
        m_collector->remove(ClusterKind::DestinationRules, {QStringLiteral("uid-dr")});
        QVERIFY(take().routes.upserted.first().subsets.isEmpty());
        m_collector->remove(ClusterKind::VirtualServices, {QStringLiteral("uid-vs")});
        QCOMPARE(take().routes.removedUids, QStringList{QStringLiteral("uid-vs")});
    }
};

QTEST_GUILESS_MAIN(TestDeltaCollector)
#include "test_deltacollector.moc"
