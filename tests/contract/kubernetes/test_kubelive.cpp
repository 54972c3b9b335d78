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
        QVERIFY(connection->store->namespaces().contains(QStringLiteral("kube-system")));
        QCOMPARE(connection->source->info().version.left(2), QStringLiteral("v1"));
        QVERIFY(connection->source->info().servesRoutes);
        QVERIFY(!connection->source->info().servesMetrics);
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
        QTRY_VERIFY_WITH_TIMEOUT(named(connection->store->workloads(), ns, QStringLiteral("web"))->health == Health::Ok,
                                 15000);
        QVERIFY(m_lab
                    ->kubectl({QStringLiteral("-n"), ns, QStringLiteral("scale"), QStringLiteral("deployment/web"),
                               QStringLiteral("--replicas=1")})
                    .isGood());
        QTRY_COMPARE_WITH_TIMEOUT(podsOf(*connection->store, ns, QStringLiteral("web")).size(), 1, 15000);
        QVERIFY(m_lab->kubectl({QStringLiteral("delete"), QStringLiteral("namespace"), ns}).isGood());
        QTRY_VERIFY_WITH_TIMEOUT(!named(connection->store->workloads(), ns, QStringLiteral("web")), 15000);
        QTRY_VERIFY_WITH_TIMEOUT(!connection->store->namespaces().contains(ns), 15000);
    }
};

QTEST_GUILESS_MAIN(TestKubeLive)
#include "test_kubelive.moc"
