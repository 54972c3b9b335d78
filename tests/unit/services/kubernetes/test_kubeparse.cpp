#include "services/adapters/kubernetes/parse.h"
#include "services/adapters/kubernetes/values.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;

namespace
{

QByteArray dataFile(const QString &name)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/kubernetes/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

ParsedKind parsedKind(ClusterKind kind, const char *group, const char *version, const char *name)
{
    return {kind, QStringLiteral("lab"), QString::fromLatin1(group), QString::fromLatin1(version),
            QString::fromLatin1(name)};
}

// The objects of a recorded list by name, or a failure that says why.
template <typename T>
QMap<QString, T> recorded(const QString &file, const ParsedKind &kind)
{
    ObjectParser parser(kind);
    const Result<ListPage> page = parser.parseList(dataFile(file));
    if (!page) {
        QTest::qFail(qPrintable(page.error().message), __FILE__, __LINE__);
        return {};
    }
    QMap<QString, T> byName;
    for (const KubeObject &object : page->objects)
        byName.insert(std::get<T>(object).ref.name, std::get<T>(object));
    return byName;
}

const ParsedKind pods = parsedKind(ClusterKind::Pods, "", "v1", "Pod");

} // namespace

class TestKubeParse : public QObject
{
    Q_OBJECT
private slots:
    void podsShowWhatKubectlShows()
    {
        const auto byName = recorded<Pod>(QStringLiteral("pods.json"), pods);
        const QList<QByteArray> lines = dataFile(QStringLiteral("pods.kubectl.txt")).trimmed().split('\n');
        QCOMPARE(lines.size(), 12);
        for (const QByteArray &line : lines) {
            const QList<QByteArray> columns = line.split(' ');
            QVERIFY2(byName.contains(QString::fromLatin1(columns[0])), line.constData());
            const Pod pod = byName.value(QString::fromLatin1(columns[0]));
            QCOMPARE(QStringLiteral("%1/%2").arg(pod.readyContainers).arg(pod.containers),
                     QString::fromLatin1(columns[1]));
            QCOMPARE(pod.reason, QString::fromLatin1(columns[2]));
            QCOMPARE(QString::number(pod.restarts), QString::fromLatin1(columns[3]));
        }
    }

    void podStatusFollowsItsContainers_data()
    {
        QTest::addColumn<QString>("reason");
        QTest::addColumn<QString>("columns");
        QTest::addColumn<Health>("health");
        const auto s = [](const char *text) { return QString::fromLatin1(text); };
        QTest::newRow("init-crash") << s("Init:CrashLoopBackOff") << s("0/1 3") << Health::Failing;
        QTest::newRow("init-step") << s("Init:1/2") << s("0/1 0") << Health::InProgress;
        QTest::newRow("init-exit") << s("Init:ExitCode:3") << s("0/1 1") << Health::Failing;
        QTest::newRow("init-signal") << s("Init:Signal:9") << s("0/1 0") << Health::Failing;
        QTest::newRow("terminating") << s("Terminating") << s("1/1 0") << Health::InProgress;
        QTest::newRow("node-lost") << s("Unknown") << s("1/1 0") << Health::Unknown;
        QTest::newRow("evicted") << s("Evicted") << s("0/1 0") << Health::Failing;
        QTest::newRow("oom") << s("OOMKilled") << s("0/1 2") << Health::Failing;
        QTest::newRow("exit-code") << s("ExitCode:7") << s("0/1 0") << Health::Failing;
        QTest::newRow("config-error") << s("CreateContainerConfigError") << s("0/1 0") << Health::Failing;
        QTest::newRow("done-but-one-runs") << s("NotReady") << s("1/2 0") << Health::InProgress;
        QTest::newRow("gated") << s("SchedulingGated") << s("0/1 0") << Health::Warning;
        QTest::newRow("sidecar") << s("Running") << s("2/2 1") << Health::Ok;
        QTest::newRow("empty-status") << s("") << s("0/1 0") << Health::Failing;
        QTest::newRow("creating") << s("ContainerCreating") << s("0/1 0") << Health::InProgress;
    }
    void podStatusFollowsItsContainers()
    {
        QFETCH(QString, reason);
        QFETCH(QString, columns);
        const Pod pod =
            recorded<Pod>(QStringLiteral("pods-made.json"), pods).value(QString::fromLatin1(QTest::currentDataTag()));
        QCOMPARE(pod.reason, reason);
        QCOMPARE(QStringLiteral("%1/%2 %3").arg(pod.readyContainers).arg(pod.containers).arg(pod.restarts), columns);
        QTEST(pod.health, "health");
    }

    void podKeepsItsOwnerImagesAndReasons()
    {
        const auto byName = recorded<Pod>(QStringLiteral("pods.json"), pods);
        const Pod web = byName.value(QStringLiteral("web-7df4fd7476-k8jw4"));
        QCOMPARE(web.ownerKind, QStringLiteral("ReplicaSet"));
        QCOMPARE(web.ownerName, QStringLiteral("web-7df4fd7476"));
        QCOMPARE(web.images.size(), 2);
        QCOMPARE(web.images[0].image, QStringLiteral("registry.example/web:1.4.0"));
        QCOMPARE(web.labels.value(QStringLiteral("app.kubernetes.io/version")), QStringLiteral("1.4.0"));
        QVERIFY(web.node.startsWith(QLatin1String("node-")));
        QVERIFY(web.created.isValid());
        QVERIFY(
            byName.value(QStringLiteral("pend-8654fcbcf7-mp2jk")).message.contains(QLatin1String("Insufficient cpu")));
        QVERIFY(byName.value(QStringLiteral("pull-76767896d5-mfq9l"))
                    .message.contains(QLatin1String("registry.example/web:image-pull")));
    }

    void workloadsSayHowTheyAre()
    {
        const auto deployments = recorded<Workload>(QStringLiteral("deployments.json"),
                                                    parsedKind(ClusterKind::Deployments, "apps", "v1", "Deployment"));
        const Workload web = deployments.value(QStringLiteral("web"));
        QCOMPARE(web.health, Health::Ok);
        QCOMPARE(web.revision, QStringLiteral("1"));
        QCOMPARE(web.desired, 2);
        QCOMPARE(web.ready, 2);
        QCOMPARE(web.images[0].image, QStringLiteral("registry.example/web:1.4.0"));
        QCOMPARE(web.selector.value(QStringLiteral("app.kubernetes.io/name")), QStringLiteral("web"));
        QCOMPARE(web.managers.size(), 1);
        QCOMPARE(web.managers[0].name, QStringLiteral("Helm release rec/web"));
        const Workload crash = deployments.value(QStringLiteral("crash"));
        QCOMPARE(crash.health, Health::Failing);
        QVERIFY2(crash.state.contains(QLatin1String("deadline of 5 s")), qPrintable(crash.state));
        const Workload pull = deployments.value(QStringLiteral("pull"));
        QCOMPARE(pull.health, Health::InProgress);
        QCOMPARE(pull.state, QStringLiteral("rolling out: 0 / 1 ready"));

        const auto sets = recorded<Workload>(QStringLiteral("statefulsets.json"),
                                             parsedKind(ClusterKind::StatefulSets, "apps", "v1", "StatefulSet"));
        QCOMPARE(sets.value(QStringLiteral("db")).ready, 2);
        QCOMPARE(sets.value(QStringLiteral("db")).health, Health::Ok);
        QVERIFY(sets.value(QStringLiteral("db")).templateHash.startsWith(QLatin1String("db-")));
        const auto daemons = recorded<Workload>(QStringLiteral("daemonsets.json"),
                                                parsedKind(ClusterKind::DaemonSets, "apps", "v1", "DaemonSet"));
        QCOMPARE(daemons.value(QStringLiteral("agent")).desired, 4);
        QCOMPARE(daemons.value(QStringLiteral("agent")).health, Health::Ok);
        const auto rollouts = recorded<Workload>(
            QStringLiteral("rollouts.json"), parsedKind(ClusterKind::Rollouts, "argoproj.io", "v1alpha1", "Rollout"));
        const Workload roll = rollouts.value(QStringLiteral("roll"));
        QCOMPARE(roll.health, Health::Waiting);
        QCOMPARE(roll.state, QStringLiteral("paused: CanaryPauseStep"));
        QCOMPARE(roll.templateHash, QStringLiteral("6d8f"));
    }

    void revisionsKnowTheirOwnerAndHash()
    {
        const auto sets = recorded<Revision>(QStringLiteral("replicasets.json"),
                                             parsedKind(ClusterKind::ReplicaSets, "apps", "v1", "ReplicaSet"));
        const Revision web = sets.value(QStringLiteral("web-7df4fd7476"));
        QCOMPARE(web.number, 1);
        QCOMPARE(web.templateHash, QStringLiteral("7df4fd7476"));
        QCOMPARE(web.changeCause, QStringLiteral("release 1.4.0"));
        QCOMPARE(web.replicas, 2);
        QCOMPARE(web.ready, 2);
        QVERIFY(!web.ownerUid.isEmpty());
        const auto kept =
            recorded<Revision>(QStringLiteral("controllerrevisions.json"),
                               parsedKind(ClusterKind::ControllerRevisions, "apps", "v1", "ControllerRevision"));
        QCOMPARE(kept.size(), 2);
        for (const Revision &one : kept) {
            QCOMPARE(one.number, 1);
            QVERIFY(!one.templateHash.isEmpty());
            QCOMPARE(one.images.size(), 1);
            QVERIFY(!one.ownerUid.isEmpty());
        }
    }

    void routesKeepWeightsRulesAndConditions()
    {
        const Route http =
            recorded<Route>(QStringLiteral("httproutes.json"),
                            parsedKind(ClusterKind::Routes, "gateway.networking.k8s.io", "v1", "HTTPRoute"))
                .value(QStringLiteral("web"));
        QCOMPARE(http.apiVersion, QStringLiteral("gateway.networking.k8s.io/v1"));
        QCOMPARE(http.hosts, QStringList{QStringLiteral("web.example")});
        QCOMPARE(http.rules.size(), 2);
        QCOMPARE(http.rules[0].name, QStringLiteral("canary-header"));
        QVERIFY(!http.rules[0].isCatchAll);
        QCOMPARE(http.rules[0].backends[0].weight, 1);
        QVERIFY(http.rules[1].isCatchAll);
        QCOMPARE(http.rules[1].backends[0].weight, 90);
        QCOMPARE(http.rules[1].backends[0].ns, QStringLiteral("rec"));
        QCOMPARE(http.rules[1].backends[1].ns, QStringLiteral("other"));
        QCOMPARE(http.conditions.size(), 2);
        QCOMPARE(http.conditions[1].reason, QStringLiteral("BackendNotFound"));
        QCOMPARE(http.conditionsGeneration, QStringLiteral("1"));

        const Route istio =
            recorded<Route>(QStringLiteral("virtualservices.json"),
                            parsedKind(ClusterKind::VirtualServices, "networking.istio.io", "v1", "VirtualService"))
                .value(QStringLiteral("web"));
        QCOMPARE(istio.rules.size(), 2);
        QCOMPARE(istio.rules[0].name, QStringLiteral("primary"));
        QCOMPARE(istio.rules[0].backends[1].subset, QStringLiteral("green"));
        QCOMPARE(istio.rules[0].backends[1].weight, 25);
        QCOMPARE(istio.rules[0].backends[1].ns, QStringLiteral("rec"));
        QCOMPARE(istio.rules[1].protocol, QStringLiteral("tcp"));
        QCOMPARE(istio.rules[1].index, 0);
        QCOMPARE(istio.rules[1].backends[0].weight, 100);
    }

    void servicesEndpointsAndAutoscalersAreRead()
    {
        const auto services = recorded<ServiceInfo>(QStringLiteral("services.json"),
                                                    parsedKind(ClusterKind::Services, "", "v1", "Service"));
        QCOMPARE(services.value(QStringLiteral("web")).selector.size(), 1);
        QCOMPARE(services.value(QStringLiteral("web")).managers[0].name, QStringLiteral("Application argocd/shop"));
        for (const auto &[file, kind] :
             {std::pair{"endpointslices.json", "EndpointSlice"}, std::pair{"endpoints.json", "Endpoints"}}) {
            ObjectParser parser(parsedKind(ClusterKind::Endpoints, "", "v1", kind));
            const Result<ListPage> page = parser.parseList(dataFile(QString::fromLatin1(file)));
            QVERIFY(page);
            QCOMPARE(page->objects.size(), size_t(1));
            const auto set = std::get<EndpointSet>(page->objects[0]);
            QCOMPARE(set.service, QStringLiteral("web"));
            QCOMPARE(set.ready, 2);
            QCOMPARE(set.all, 2);
        }
        // v2 has v2beta2's form under a new name.
        for (const auto &[file, version] : {std::pair{"hpas-v1.json", "v1"}, std::pair{"hpas-v2beta2.json", "v2beta2"},
                                            std::pair{"hpas-v2beta2.json", "v2"}}) {
            const Autoscaler scaler =
                recorded<Autoscaler>(QString::fromLatin1(file), parsedKind(ClusterKind::Autoscalers, "autoscaling",
                                                                           version, "HorizontalPodAutoscaler"))
                    .value(QStringLiteral("web"));
            QCOMPARE(scaler.target.kind, QStringLiteral("Deployment"));
            QCOMPARE(scaler.target.group, QStringLiteral("apps"));
            QCOMPARE(scaler.minReplicas, 2);
            QCOMPARE(scaler.maxReplicas, 9);
        }
    }

    void eventsOfAllVersionsSayTheSame()
    {
        const auto core = recorded<ClusterEvent>(QStringLiteral("events-core.json"),
                                                 parsedKind(ClusterKind::Events, "", "v1", "Event"));
        QVERIFY(core.size() >= 5);
        for (const auto &[file, version] :
             {std::pair{"events-v1.json", "v1"}, std::pair{"events-v1beta1.json", "v1beta1"}}) {
            auto other = recorded<ClusterEvent>(QString::fromLatin1(file),
                                                parsedKind(ClusterKind::Events, "events.k8s.io", version, "Event"));
            QCOMPARE(other.keys(), core.keys());
            for (auto it = core.cbegin(); it != core.cend(); ++it) {
                other[it.key()].ref.group.clear();
                other[it.key()].about.group = it->about.group;
                QCOMPARE(other.value(it.key()).message, it->message);
                QVERIFY(!it->source.isEmpty());
                QVERIFY(other.value(it.key()) == *it);
            }
        }
    }

    void nodesAndNamespacesAreRead()
    {
        const auto nodes =
            recorded<Node>(QStringLiteral("nodes.json"), parsedKind(ClusterKind::Nodes, "", "v1", "Node"));
        QCOMPARE(nodes.size(), 2);
        const Node node = nodes.value(QStringLiteral("node-000"));
        QCOMPARE(node.cpuCapacity, 32.0);
        QCOMPARE(node.memoryCapacity, 128.0 * 1024 * 1024 * 1024);
        QCOMPARE(node.zone, QStringLiteral("zone-a"));
        QCOMPARE(node.version, QStringLiteral("v1.20.2"));
        QCOMPARE(node.health, Health::Ok);
        ObjectParser parser(parsedKind(ClusterKind::Namespaces, "", "v1", "Namespace"));
        const Result<ListPage> page = parser.parseList(dataFile(QStringLiteral("namespaces.json")));
        QVERIFY(page);
        QVERIFY(page->objects.size() >= 5);
    }

    void listTellsItsVersionAndWhetherItGoesOn()
    {
        ObjectParser parser(parsedKind(ClusterKind::Events, "", "v1", "Event"));
        const Result<ListPage> page = parser.parseList(dataFile(QStringLiteral("events-core.json")));
        QVERIFY(page);
        QVERIFY(!page->continueToken.isEmpty());
        QCOMPARE(page->resourceVersion, QStringLiteral("471"));
    }

    void equalLabelSetsShareTheirMemory()
    {
        const auto byName = recorded<Pod>(QStringLiteral("pods.json"), pods);
        const Pod a = byName.value(QStringLiteral("web-7df4fd7476-k8jw4"));
        const Pod b = byName.value(QStringLiteral("web-7df4fd7476-xzc98"));
        QVERIFY(a.labels.isSharedWith(b.labels));
        QCOMPARE(a.ref.ns.constData(), b.ref.ns.constData());
        QCOMPARE(a.images.constData(), b.images.constData());
    }

    void watchLinesAreRead_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("read");
        const QByteArray pod =
            QByteArrayLiteral("{\"metadata\":{\"name\":\"a\",\"uid\":\"u1\",\"resourceVersion\":\"7\"}}");
        const auto s = [](const char *text) { return QString::fromLatin1(text); };
        QTest::newRow("added") << "{\"type\":\"ADDED\",\"object\":" + pod + "}" << s("0 7 u1 0");
        QTest::newRow("modified") << "{\"type\":\"MODIFIED\",\"object\":" + pod + "}" << s("1 7 u1 0");
        QTest::newRow("deleted, keys the other way round")
            << "{\"object\":" + pod + ",\"type\":\"DELETED\"}" << s("2 7 u1 0");
        QTest::newRow("bookmark") << QByteArrayLiteral(
                                         "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":{"
                                         "\"resourceVersion\":\"99\",\"creationTimestamp\":null}}}")
                                  << s("3 99 - 0");
        QTest::newRow("error") << QByteArrayLiteral(
                                      "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"status\":\"Failure\","
                                      "\"message\":\"too old\",\"reason\":\"Expired\",\"code\":410}}")
                               << s("4  - 410");
        QTest::newRow("cut off") << QByteArrayLiteral("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",")
                                 << s("protocol");
        QTest::newRow("two in one line") << "{\"type\":\"ADDED\",\"object\":" + pod + "}{\"type\":\"ADDED\"}"
                                         << s("protocol");
        QTest::newRow("html") << QByteArrayLiteral("<html>Bad gateway</html>") << s("protocol");
        QTest::newRow("unknown type") << "{\"type\":\"RENAMED\",\"object\":" + pod + "}" << s("protocol");
        QTest::newRow("no type") << "{\"object\":" + pod + "}" << s("protocol");
        QTest::newRow("a list") << QByteArrayLiteral("[1,2]") << s("protocol");
        QTest::newRow("empty") << QByteArray() << s("protocol");
        QTest::newRow("broken UTF-8") << QByteArrayLiteral(
                                             "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\xff\xfe\"}}}")
                                      << s("protocol");
        QTest::newRow("wrong types are absent fields")
            << QByteArrayLiteral("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":5,\"uid\":\"u1\",\"labels\":[]"
                                 ",\"generation\":\"x\"},\"spec\":null,\"status\":{\"containerStatuses\":{}}}}")
            << s("0  u1 0");
    }
    void watchLinesAreRead()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, read);
        ObjectParser parser(pods);
        const Result<WatchLine> parsed = parser.parseWatchLine(line, line.size());
        QString shown;
        if (parsed) {
            shown = QStringLiteral("%1 %2 %3 %4")
                        .arg(static_cast<int>(parsed->type))
                        .arg(parsed->resourceVersion, parsed->object ? uidOf(*parsed->object) : QStringLiteral("-"))
                        .arg(parsed->code);
        } else {
            shown = errorKindName(parsed.error().kind);
            QVERIFY(parsed.error().message.contains(QLatin1String("pods")));
        }
        QCOMPARE(shown, read);
        // A parser that met garbage goes on working.
        QVERIFY(parser.parseList(dataFile(QStringLiteral("pods.json"))));
    }

    void brokenListsAreErrors_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("why");
        const QByteArray whole = dataFile(QStringLiteral("pods.json"));
        const QString broken; // simdjson's word
        const QString other = QStringLiteral("it has no items or no resourceVersion (%1 bytes)");
        QTest::newRow("empty") << QByteArray() << broken;
        QTest::newRow("html") << QByteArrayLiteral("<html></html>") << broken;
        QTest::newRow("cut off") << whole.left(whole.size() / 2) << broken;
        QTest::newRow("a Status instead of a list")
            << QByteArrayLiteral("{\"kind\":\"Status\",\"metadata\":{},\"status\":\"Failure\"}") << other;
        QTest::newRow("no version") << QByteArrayLiteral("{\"metadata\":{},\"items\":[]}") << other;
    }
    void brokenListsAreErrors()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, why);
        ObjectParser parser(pods);
        const Result<ListPage> page = parser.parseList(json);
        QVERIFY(!page);
        QCOMPARE(page.error().kind, ErrorKind::Protocol);
        QCOMPARE(page.error().message,
                 QStringLiteral("The server's answer (list of pods) is not in a form that Kubernetes writes. Look "
                                "whether the address of this cluster leads to its API server, and what a proxy before "
                                "it changes."));
        const QString size = QStringLiteral(" (%1 bytes)").arg(json.size());
        QVERIFY2(page.error().detail.endsWith(size), qPrintable(page.error().detail));
        QVERIFY(page.error().detail.size() > size.size()); // it names a reason
        QVERIFY(why.isEmpty() || page.error().detail == why.arg(json.size()));
    }

    void quantities_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<double>("value");
        const double none = -4711;
        QTest::newRow("100m") << QByteArray("100m") << 0.1;
        QTest::newRow("250n") << QByteArray("250n") << 250e-9;
        QTest::newRow("15u") << QByteArray("15u") << 15e-6;
        QTest::newRow("2") << QByteArray("2") << 2.0;
        QTest::newRow("1.5") << QByteArray("1.5") << 1.5;
        QTest::newRow(".5") << QByteArray(".5") << 0.5;
        QTest::newRow("128Mi") << QByteArray("128Mi") << 134217728.0;
        QTest::newRow("3Ki") << QByteArray("3Ki") << 3072.0;
        QTest::newRow("4k") << QByteArray("4k") << 4000.0;
        QTest::newRow("2M") << QByteArray("2M") << 2e6;
        QTest::newRow("12e3") << QByteArray("12e3") << 12000.0;
        QTest::newRow("1E") << QByteArray("1E") << 1e18;
        QTest::newRow("1E2") << QByteArray("1E2") << 100.0;
        QTest::newRow("5e-1") << QByteArray("5e-1") << 0.5;
        QTest::newRow("-1") << QByteArray("-1") << -1.0;
        QTest::newRow("empty") << QByteArray("") << none;
        QTest::newRow("Mi alone") << QByteArray("Mi") << none;
        QTest::newRow("unknown unit") << QByteArray("5Zi") << none;
        QTest::newRow("words") << QByteArray("lots") << none;
        QTest::newRow("1e") << QByteArray("1e") << none;
    }
    void quantities()
    {
        QFETCH(QByteArray, text);
        QFETCH(double, value);
        const double read = parseQuantity({text.constData(), size_t(text.size())}).value_or(-4711);
        QVERIFY2(qFuzzyCompare(read, value), qPrintable(QString::number(read)));
    }

    void times_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("iso");
        const auto s = [](const char *text) { return QString::fromLatin1(text); };
        QTest::newRow("seconds") << QByteArray("2026-11-21T07:40:56Z") << s("2026-11-21T07:40:56.000Z");
        QTest::newRow("microseconds") << QByteArray("2026-11-21T07:40:56.123456Z") << s("2026-11-21T07:40:56.123Z");
        QTest::newRow("nanoseconds") << QByteArray("2024-02-29T23:59:59.999999999Z") << s("2024-02-29T23:59:59.999Z");
        QTest::newRow("offset") << QByteArray("2026-01-01T01:30:00+02:00") << s("2025-12-31T23:30:00.000Z");
        QTest::newRow("no such day") << QByteArray("2026-02-30T00:00:00Z") << QString();
        QTest::newRow("no zone") << QByteArray("2026-11-21T07:40:56") << QString();
        QTest::newRow("null") << QByteArray("") << QString();
        QTest::newRow("garbage") << QByteArray("yesterday at half past nine") << QString();
    }
    void times()
    {
        QFETCH(QByteArray, text);
        const QDateTime read = parseTime({text.constData(), size_t(text.size())});
        QTEST(read.isValid() ? read.toString(Qt::ISODateWithMs) : QString(), "iso");
    }
};

QTEST_GUILESS_MAIN(TestKubeParse)
#include "test_kubeparse.moc"
