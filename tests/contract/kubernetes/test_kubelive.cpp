#include "services/adapters/kubernetes/factory.h"
#include "tests/support/lab.h"

#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::kubernetes;
using signalbox::test::LabCluster;

namespace
{

QByteArray deploymentYaml(const QByteArray &name, const QByteArray &image, int replicas)
{
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec:\n  replicas: " + QByteArray::number(replicas) + "\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec: {containers: [{name: c, image: \"" +
           image + "\"}]}\n";
}

} // namespace

// What a cluster holds arrives in the store and follows the real API server.
class TestKubeLive : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<ClusterConnection> connectAs(const LabCluster &lab, const QString &context,
                                                 std::function<void(KubernetesClusterOptions &)> change = {})
    {
        const auto config = loadKubeConfig({lab.kubeconfig()});
        if (!config)
            return {};
        const auto access = accessFor(*config, context);
        if (!access)
            return {};
        auto connection =
            makeConnection(m_http, *access, {.id = context, .title = {}, .namespaces = {}, .hasTerminal = false});
        if (change) {
            KubernetesClusterOptions options;
            options.connection = context;
            options.contextNamespace = access->ns;
            change(options);
            connection->source = std::make_unique<KubernetesCluster>(clientOf(*connection), options);
        }
        QObject::connect(connection->source.get(), &ClusterSource::changed, connection->store.get(),
                         &ClusterStore::apply);
        return connection;
    }

    template <typename Table>
    static auto named(const Table &table, const QString &ns, const QString &name)
    {
        using T = typename Table::mapped_type;
        const auto it = std::find_if(table.cbegin(), table.cend(),
                                     [&](const T &one) { return one.ref.ns == ns && one.ref.name == name; });
        return it == table.cend() ? std::optional<T>() : std::optional<T>(*it);
    }
    static QList<Pod> podsOf(const ClusterStore &store, const QString &ns, const QString &app)
    {
        QList<Pod> pods;
        for (const Pod &pod : store.pods()) {
            if (pod.ref.ns == ns && pod.labels.value(QStringLiteral("app")) == app)
                pods.append(pod);
        }
        return pods;
    }

    HttpClient m_http;
    std::unique_ptr<LabCluster> m_lab;

private slots:
    void initTestCase()
    {
        QString error;
        m_lab = LabCluster::shared(&error);
        QVERIFY2(m_lab, qPrintable(error));
    }

    void everyKindBecomesLiveOrAbsent()
    {
        const auto connection = connectAs(*m_lab, QStringLiteral("lab-cert"));
        QVERIFY(connection);
        connection->source->start();
        for (const WatchedKind &watched : watchedKinds()) {
            QTRY_VERIFY2_WITH_TIMEOUT(connection->store->freshness(watched.kind).state == Freshness::State::Live,
                                      qPrintable(clusterKindName(watched.kind)), 15000);
        }
        QVERIFY(!connection->store->nodes().isEmpty());
        // A server that has just started makes them itself.
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->namespaces().contains(QStringLiteral("kube-system")), 15000);
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->namespaces().contains(QStringLiteral("default")), 15000);
        QCOMPARE(connection->source->info().version.left(2), QStringLiteral("v1"));
        QVERIFY(connection->source->info().servesRoutes);
        QCOMPARE(connection->source->info().servesMetrics, m_lab->isSandbox());
        QVERIFY(std::abs(connection->source->info().clockSkewMs) < 2000);
    }

    void changesArriveByThemselves()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("live"));
        QVERIFY(!ns.isEmpty());
        const auto connection = connectAs(*m_lab, QStringLiteral("lab-token"));
        connection->source->start();
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).isLive(), 15000);

        QVERIFY(m_lab->apply(deploymentYaml("web", "registry.example/web:1", 3), ns).isGood());
        QTRY_COMPARE_WITH_TIMEOUT(podsOf(*connection->store, ns, QStringLiteral("web")).size(), 3, 15000);
        const auto isHealthy = [&] { // the pods may be there before what made them
            const auto web = named(connection->store->workloads(), ns, QStringLiteral("web"));
            return web && web->health == Health::Ok;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isHealthy(), 15000);
        QVERIFY(m_lab
                    ->kubectl({QStringLiteral("-n"), ns, QStringLiteral("scale"), QStringLiteral("deployment/web"),
                               QStringLiteral("--replicas=1")})
                    .isGood());
        QTRY_COMPARE_WITH_TIMEOUT(podsOf(*connection->store, ns, QStringLiteral("web")).size(), 1, 15000);
        QVERIFY(m_lab->kubectl({QStringLiteral("delete"), QStringLiteral("namespace"), ns}).isGood());
        QTRY_VERIFY_WITH_TIMEOUT(!named(connection->store->workloads(), ns, QStringLiteral("web")), 15000);
        QTRY_VERIFY_WITH_TIMEOUT(!connection->store->namespaces().contains(ns), 15000);
    }

    void failingPodsSayWhy()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("sick"));
        const auto connection = connectAs(*m_lab, QStringLiteral("lab-token"));
        connection->source->start();
        for (const char *how : {"crash", "image-pull", "pending"})
            QVERIFY(m_lab->apply(deploymentYaml(how, QByteArray("registry.example/web:") + how, 1), ns).isGood());
        const auto reasonOf = [&](const char *app) {
            const QList<Pod> pods = podsOf(*connection->store, ns, QString::fromLatin1(app));
            return pods.isEmpty() ? QString() : pods.first().reason;
        };
        QTRY_COMPARE_WITH_TIMEOUT(reasonOf("crash"), QStringLiteral("CrashLoopBackOff"), 20000);
        QTRY_COMPARE_WITH_TIMEOUT(reasonOf("image-pull"), QStringLiteral("ImagePullBackOff"), 20000);
        QTRY_COMPARE_WITH_TIMEOUT(reasonOf("pending"), QStringLiteral("Pending"), 20000);
        // Why is told by a condition and by an Event, each of which is written after the pod.
        const auto messageOf = [&](const char *app) {
            const QList<Pod> pods = podsOf(*connection->store, ns, QString::fromLatin1(app));
            return pods.isEmpty() ? QString() : pods.first().message;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(messageOf("pending").contains(QLatin1String("Insufficient cpu")),
                                  qPrintable(messageOf("pending")), 20000);
        const auto isWarned = [&] {
            return std::any_of(connection->store->events().cbegin(), connection->store->events().cend(),
                               [&ns](const ClusterEvent &e) { return e.about.ns == ns && e.isWarning; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(isWarned(), 20000);
    }

    void readersSeeTheClusterAndTeamsTheirNamespace()
    {
        if (m_lab->isSandbox())
            QSKIP("one operator with all rights");
        QVERIFY(
            m_lab->apply(deploymentYaml("team-web", "registry.example/web:1", 1), QStringLiteral("team-a")).isGood());
        const auto reader = connectAs(*m_lab, QStringLiteral("lab-readonly"));
        reader->source->start();
        QTRY_VERIFY_WITH_TIMEOUT(reader->store->freshness(ClusterKind::Pods).isLive(), 15000);
        QVERIFY(reader->source->info().onlyNamespaces.isEmpty());

        const auto team = connectAs(*m_lab, QStringLiteral("lab-team-a"));
        team->source->start();
        QTRY_VERIFY_WITH_TIMEOUT(team->store->freshness(ClusterKind::Pods).isLive(), 15000);
        QTRY_VERIFY_WITH_TIMEOUT(team->store->freshness(ClusterKind::Deployments).isLive(), 15000);
        QTRY_COMPARE_WITH_TIMEOUT(team->store->freshness(ClusterKind::Nodes).state, Freshness::State::Denied, 15000);
        QVERIFY(team->store->freshness(ClusterKind::Nodes).error);
        QTRY_COMPARE_WITH_TIMEOUT(team->source->info().onlyNamespaces, QStringList{QStringLiteral("team-a")}, 15000);
        QTRY_VERIFY_WITH_TIMEOUT(named(team->store->workloads(), QStringLiteral("team-a"), QStringLiteral("team-web")),
                                 15000);
        for (const Workload &one : team->store->workloads())
            QCOMPARE(one.ref.ns, QStringLiteral("team-a"));
    }

    void logsAreFollowed()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("logs"));
        const auto connection = connectAs(*m_lab, QStringLiteral("lab-token"));
        connection->source->start();
        QVERIFY(m_lab->apply(deploymentYaml("web", "registry.example/web:1", 1), ns).isGood());
        const auto ready = [&] {
            const QList<Pod> pods = podsOf(*connection->store, ns, QStringLiteral("web"));
            return pods.size() == 1 && pods.first().isReady;
        };
        QTRY_VERIFY_WITH_TIMEOUT(ready(), 20000);
        LogRequest request;
        request.pod = podsOf(*connection->store, ns, QStringLiteral("web")).first().ref;
        request.container = QStringLiteral("c");
        request.tailLines = 5;
        request.follow = true;
        const auto log = connection->source->openLog(request);
        QList<LogLine> lines;
        connect(log.get(), &LogStream::linesArrived, this, [&lines](const QList<LogLine> &more) { lines += more; });
        QTRY_VERIFY_WITH_TIMEOUT(lines.size() >= 8, 15000); // five, and what comes while it is followed
        QVERIFY(lines.first().time.isValid());
        // 200 lines are there from the start in the lab; the practice world has as many as seconds went by.
        const QLatin1String first(m_lab->isSandbox() ? "line " : "line 195");
        QVERIFY2(lines.first().text.contains(first), qPrintable(lines.first().text));
    }

    void killedServerIsStaleWithinSecondsAndLiveAgainByItself()
    {
        if (m_lab->isSandbox())
            QSKIP("it has no server that could be started again");
        QString error;
        const auto lab =
            LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--no-crds")}, &error);
        QVERIFY2(lab, qPrintable(error));
        const auto connection = connectAs(*lab, QStringLiteral("lab-cert"));
        connection->source->start();
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).isLive(), 15000);
        QTRY_COMPARE_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Routes).state, Freshness::State::Absent,
                                  15000);

        QVERIFY(lab->killServer());
        QTRY_COMPARE_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).state, Freshness::State::Stale, 3000);
        QVERIFY(connection->store->freshness(ClusterKind::Pods).error);
        QVERIFY(connection->store->freshness(ClusterKind::Pods).lastHeard.isValid());
        QVERIFY2(lab->restart(&error), qPrintable(error));
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).isLive(), 60000);
        QVERIFY(lab->apply(deploymentYaml("after", "registry.example/web:1", 2), QStringLiteral("default")).isGood());
        QTRY_COMPARE_WITH_TIMEOUT(podsOf(*connection->store, QStringLiteral("default"), QStringLiteral("after")).size(),
                                  2, 20000);
    }

    void kindsThatComeLaterAreFound()
    {
        if (m_lab->isSandbox())
            QSKIP("routes are served from the start");
        QString error;
        const auto lab =
            LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("0"), QStringLiteral("--no-crds")}, &error);
        QVERIFY2(lab, qPrintable(error));
        const auto connection = connectAs(*lab, QStringLiteral("lab-cert"), [](KubernetesClusterOptions &options) {
            options.rediscoverEvery = std::chrono::milliseconds(500);
        });
        connection->source->start();
        QTRY_COMPARE_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Routes).state, Freshness::State::Absent,
                                  15000);
        const QString crds = QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/crds/gateway-api.yaml");
        QVERIFY(lab->kubectl({QStringLiteral("apply"), QStringLiteral("-f"), crds}).isGood());
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Routes).isLive(), 30000);
    }
};

QTEST_GUILESS_MAIN(TestKubeLive)
#include "test_kubelive.moc"
