#include "models/stores/clusterstore.h"
#include "services/adapters/kubernetes/kubernetescluster.h"
#include "tests/support/faultserver.h"

#include <QTest>

#include <atomic>
#include <mutex>
#include <set>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace std::chrono_literals;
using signalbox::test::Exchange;
using signalbox::test::FaultServer;

namespace
{

const HttpHeaders isJson{{"Content-Type", "application/json"}};

QByteArray resource(const char *name, const char *kind, bool isNamespaced = true)
{
    return QByteArray("{\"name\":\"") + name + "\",\"kind\":\"" + kind +
           "\",\"namespaced\":" + (isNamespaced ? "true" : "false") + ",\"verbs\":[\"list\",\"watch\",\"get\"]}";
}

QByteArray list(const QByteArray &items)
{
    return "{\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" + items + "]}";
}

QByteArray object(const QByteArray &name, const QByteArray &ns = {})
{
    return "{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"" + ns + "\",\"uid\":\"uid-" + ns + name +
           "\",\"resourceVersion\":\"5\"},\"status\":{\"phase\":\"Running\"}}";
}

// A small API server: pods, services, nodes and namespaces; who may read what is scripted.
class Server
{
public:
    Server()
        : m_server([this](Exchange &exchange) { answer(exchange); })
    {}
    FaultServer &http() { return m_server; }
    bool wasListed(const QByteArray &path)
    {
        const std::lock_guard lock(m_mutex);
        return m_listed.count(path) > 0;
    }

    std::atomic<bool> namespacesAreListed = true;
    std::atomic<bool> hasBank = true;
    std::atomic<bool> isSilent = false; // accepts, and answers nothing more
    std::atomic<bool> refusesVersion = false;
    std::atomic<int> versions = 0; // signs of life asked for
    std::atomic<bool> reviewsAreComplete = true;
    std::atomic<bool> hasApps = false;
    std::atomic<bool> appsAreDown = false;   // the group is there, but what is in it cannot be read
    std::atomic<bool> groupsAreDown = false; // not even the list of groups can
    std::atomic<bool> hasDeployments = true; // in that group
    std::atomic<int> appsAsked = 0;

private:
    void answer(Exchange &exchange)
    {
        const QByteArray path = exchange.target.split('?').first();
        if (path == "/version")
            ++versions;
        if (path == "/apis/apps/v1")
            ++appsAsked;
        if (isSilent) {
            exchange.stall();
            return;
        }
        if (path == "/version")
            exchange.answer(refusesVersion ? 403 : 200, "{\"gitVersion\":\"v1.30.0\"}", isJson);
        else if (path == "/api")
            exchange.answer(200, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}", isJson);
        else if (path == "/apis" && groupsAreDown)
            exchange.answer(500, "{}", isJson);
        else if (path == "/apis")
            exchange.answer(200,
                            QByteArray("{\"kind\":\"APIGroupList\",\"groups\":[") +
                                (hasApps ? "{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/v1\"}]}" : "") +
                                "]}",
                            isJson);
        else if (path == "/apis/apps/v1" && appsAreDown)
            exchange.answer(500, "{}", isJson);
        else if (path == "/apis/apps/v1")
            exchange.answer(200,
                            "{\"kind\":\"APIResourceList\",\"groupVersion\":\"apps/v1\",\"resources\":[" +
                                (hasDeployments ? resource("deployments", "Deployment") : QByteArray()) + "]}",
                            isJson);
        else if (path == "/api/v1")
            exchange.answer(200,
                            "{\"kind\":\"APIResourceList\",\"groupVersion\":\"v1\",\"resources\":[" +
                                resource("pods", "Pod") + ',' + resource("services", "Service") + ',' +
                                resource("endpoints", "Endpoints") + ',' + resource("nodes", "Node", false) + ',' +
                                resource("namespaces", "Namespace", false) + "]}",
                            isJson);
        else if (exchange.method == "POST")
            review(exchange);
        else if (exchange.target.contains("watch=1"))
            watch(exchange);
        else
            lists(exchange, path);
    }

    // Pods may be read in shop and bank, Services in none.
    void review(Exchange &exchange)
    {
        exchange.answer(201,
                        QByteArray("{\"status\":{\"incomplete\":") + (reviewsAreComplete ? "false" : "true") +
                            ",\"resourceRules\":[{\"verbs\":[\"get\",\"list\",\"watch\"],\"apiGroups\":[\"\"],"
                            "\"resources\":[\"pods\"]}"
                            "],\"nonResourceRules\":[]}}",
                        isJson);
    }

    void watch(Exchange &exchange)
    {
        exchange.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (!exchange.isEnding()) {
            if (exchange.stall(50ms))
                return;
        }
    }

    void lists(Exchange &exchange, const QByteArray &path)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_listed.insert(path);
        }
        if (path == "/api/v1/namespaces" && namespacesAreListed)
            exchange.answer(200, list(object("shop") + (hasBank ? ',' + object("bank") : QByteArray())), isJson);
        else if (path == "/api/v1/namespaces/shop/pods")
            exchange.answer(200, list(object("cart", "shop")), isJson);
        else if (path == "/api/v1/namespaces/bank/pods")
            exchange.answer(200, list(object("loan", "bank")), isJson);
        else if (path == "/apis/apps/v1/deployments")
            exchange.answer(200, list({}), isJson);
        else
            exchange.answer(
                403,
                "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Forbidden\",\"message\":\"no\",\"code\":403}",
                isJson);
    }

    std::mutex m_mutex;
    std::set<QByteArray> m_listed;
    FaultServer m_server; // goes first
};

struct Bench
{
    Server server;
    HttpClient http;
    ClusterStore store;
    std::unique_ptr<KubernetesCluster> cluster;

    explicit Bench(std::function<void(Server &, KubernetesClusterOptions &)> change = {})
    {
        KubernetesClusterOptions options;
        options.connection = QStringLiteral("c");
        options.contextNamespace = QStringLiteral("shop");
        options.timings.backoffStart = 20ms;
        options.timings.backoffCap = 100ms;
        if (change)
            change(server, options);
        cluster =
            std::make_unique<KubernetesCluster>(std::make_shared<KubeClient>(http, server.http().endpoint()), options);
        QObject::connect(cluster.get(), &ClusterSource::changed, &store, &ClusterStore::apply);
        cluster->start();
    }
    QStringList pods() const
    {
        QStringList names;
        for (const Pod &pod : store.pods())
            names.append(pod.ref.ns + QLatin1Char('/') + pod.ref.name);
        names.sort();
        return names;
    }
    Freshness::State state(ClusterKind kind) const { return store.freshness(kind).state; }
};

} // namespace

// A cluster as a whole against a server that refuses, falls silent, or lacks what newer ones have.
class TestKubeCluster : public QObject
{
    Q_OBJECT

private slots:
    void clusterThatMayNotBeListedIsReadByNamespace()
    {
        Bench bench;
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Live, 15000);
        QTRY_COMPARE(bench.pods(), (QStringList{QStringLiteral("bank/loan"), QStringLiteral("shop/cart")}));
        QCOMPARE(bench.cluster->info().onlyNamespaces, (QStringList{QStringLiteral("bank"), QStringLiteral("shop")}));
        // What the review does not allow is not asked for, and is denied with the reason, not empty.
        QTRY_COMPARE(bench.state(ClusterKind::Services), Freshness::State::Denied);
        QVERIFY(bench.store.freshness(ClusterKind::Services).error);
        QVERIFY(!bench.server.wasListed("/api/v1/namespaces/shop/services"));
        QTRY_COMPARE(bench.state(ClusterKind::Nodes), Freshness::State::Denied); // has no namespace to fall back to
    }

    void incompleteReviewIsTriedInstead()
    {
        Bench bench([](Server &server, KubernetesClusterOptions &) { server.reviewsAreComplete = false; });
        QTRY_VERIFY_WITH_TIMEOUT(bench.server.wasListed("/api/v1/namespaces/shop/services"), 15000);
        QTRY_COMPARE(bench.pods().size(), 2);
        QTRY_COMPARE(bench.state(ClusterKind::Services), Freshness::State::Denied);
    }

    void withoutNamespacesTheContextsOwnIsRead()
    {
        Bench bench([](Server &server, KubernetesClusterOptions &) { server.namespacesAreListed = false; });
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Live, 15000);
        QTRY_COMPARE(bench.pods(), QStringList{QStringLiteral("shop/cart")});
        QCOMPARE(bench.cluster->info().onlyNamespaces, QStringList{QStringLiteral("shop")});
        QVERIFY(!bench.server.wasListed("/api/v1/namespaces/bank/pods"));
    }

    void namespaceThatGoesTakesWhatWasInIt()
    {
        Bench bench;
        QTRY_COMPARE_WITH_TIMEOUT(bench.pods().size(), 2, 15000);
        bench.server.hasBank = false;
        bench.cluster->refresh();
        QTRY_COMPARE_WITH_TIMEOUT(bench.pods(), QStringList{QStringLiteral("shop/cart")}, 15000);
        QTRY_COMPARE(bench.cluster->info().onlyNamespaces, QStringList{QStringLiteral("shop")});
    }

    void namespacesOfTheWorkspaceAreTheOnlyOnes()
    {
        Bench bench([](Server &, KubernetesClusterOptions &options) { options.namespaces = {QStringLiteral("bank")}; });
        QTRY_COMPARE_WITH_TIMEOUT(bench.pods(), QStringList{QStringLiteral("bank/loan")}, 15000);
        QVERIFY(!bench.server.wasListed("/api/v1/pods")); // not even asked
    }

    // A connection that is dead without a word: no watch ends, nothing comes.
    void silentServerIsStaleAndLiveAgainWhenItSpeaks()
    {
        Bench bench([](Server &, KubernetesClusterOptions &options) {
            options.probeEvery = 100ms;
            options.probePatience = 300ms;
            options.timings.openPatience = 500ms; // what was asked in the silence is lost
        });
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Live, 15000);
        bench.server.isSilent = true;
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Stale, 5000);
        QVERIFY(bench.store.freshness(ClusterKind::Pods).error);
        QVERIFY2(bench.store.freshness(ClusterKind::Pods).error->message.contains(QLatin1String("has not answered")),
                 qPrintable(bench.store.freshness(ClusterKind::Pods).error->message));
        QCOMPARE(bench.pods().size(), 2); // what was known stays, with its age
        bench.server.isSilent = false;
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Live, 15000);
    }

    void quietServerThatAnswersStaysLive_data()
    {
        QTest::addColumn<bool>("refuses");
        QTest::newRow("tells its version") << false;
        QTest::newRow("refuses to") << true; // a sign of life too
    }
    void quietServerThatAnswersStaysLive()
    {
        QFETCH(bool, refuses);
        Bench bench([](Server &, KubernetesClusterOptions &options) {
            options.probeEvery = 100ms;
            options.probePatience = 2s;
        });
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Live, 15000);
        bench.server.refusesVersion = refuses;
        const int before = bench.server.versions;
        bool wasStale = false;
        QObject::connect(&bench.store, &ClusterStore::freshnessChanged, &bench.store,
                         [&] { wasStale = wasStale || bench.state(ClusterKind::Pods) == Freshness::State::Stale; });
        QTRY_VERIFY_WITH_TIMEOUT(bench.server.versions >= before + 4, 10000);
        QVERIFY(!wasStale);
    }

    // Deployments that could not be asked for look like those of an empty cluster, were they said to be absent.
    void whatCouldNotBeAskedAtTheStartIsUnknownUntilItCan_data()
    {
        QTest::addColumn<bool>("groups");
        QTest::addColumn<QString>("where");
        QTest::newRow("one group") << false << "apps/v1";
        QTest::newRow("the list of groups") << true << "/apis";
    }
    void whatCouldNotBeAskedAtTheStartIsUnknownUntilItCan()
    {
        QFETCH(bool, groups);
        QFETCH(QString, where);
        Bench bench([groups](Server &server, KubernetesClusterOptions &) {
            server.hasApps = true;
            server.appsAreDown = !groups;
            server.groupsAreDown = groups;
        });
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Pods), Freshness::State::Live, 15000);
        QTRY_COMPARE(bench.state(ClusterKind::Deployments), Freshness::State::Failed);
        const auto error = bench.store.freshness(ClusterKind::Deployments).error;
        QVERIFY(error);
        QVERIFY2(error->message.contains(where), qPrintable(error->message));
        // Another group is not in doubt because of this one.
        QTRY_COMPARE(bench.state(ClusterKind::Rollouts), groups ? Freshness::State::Failed : Freshness::State::Absent);
        bench.server.appsAreDown = false;
        bench.server.groupsAreDown = false;
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Deployments), Freshness::State::Live, 15000);
        QTRY_COMPARE(bench.state(ClusterKind::StatefulSets), Freshness::State::Absent);
        QTRY_COMPARE(bench.state(ClusterKind::Rollouts), Freshness::State::Absent);
    }

    // A server knows a new group before all of its kinds; the list of groups is the same then as later.
    void kindThatComesAfterItsGroupIsFound()
    {
        Bench bench([](Server &server, KubernetesClusterOptions &options) {
            server.hasDeployments = false;
            options.rediscoverEvery = 50ms;
        });
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Deployments), Freshness::State::Absent, 15000);
        bench.server.hasApps = true;
        QTRY_VERIFY_WITH_TIMEOUT(bench.server.appsAsked >= 4, 15000); // the change of groups is dealt with
        QCOMPARE(bench.state(ClusterKind::Deployments), Freshness::State::Absent);
        bench.server.hasDeployments = true;
        QTRY_COMPARE_WITH_TIMEOUT(bench.state(ClusterKind::Deployments), Freshness::State::Live, 15000);
    }

    void serverWithoutEndpointSlicesIsAskedForEndpoints()
    {
        Bench bench;
        QTRY_VERIFY_WITH_TIMEOUT(bench.server.wasListed("/api/v1/endpoints"), 15000);
    }
};

QTEST_GUILESS_MAIN(TestKubeCluster)
#include "test_kubecluster.moc"
