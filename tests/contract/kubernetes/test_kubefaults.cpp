// What goes wrong with a real API server over time, and what it leaves out: compacted history, credentials that end,
// logs of what is gone, resource usage behind another server, no EndpointSlices.
#include "services/adapters/kubernetes/factory.h"
#include "services/adapters/kubernetes/rollback.h"
#include "tests/support/cutproxy.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"
#include "tests/support/lab.h"
#include "tests/support/testcertificates.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QFile>
#include <QLoggingCategory>
#include <QScopeGuard>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <mutex>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QByteArray deploymentYaml(const QByteArray &name, const QByteArray &image, int replicas)
{
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec:\n  replicas: " + QByteArray::number(replicas) + "\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec: {containers: [{name: c, image: \"" +
           image + "\"}]}\n";
}

// etcd 3.4's own JSON gateway.
Json etcd(const LabCluster &lab, const QString &call, const Json &body)
{
    const auto output = runProgram(QStringLiteral("curl"),
                                   {QStringLiteral("-s"), QStringLiteral("--noproxy"), QStringLiteral("*"),
                                    QStringLiteral("--data-binary"), QStringLiteral("@-"),
                                    QStringLiteral("http://127.0.0.1:%1/v3/kv/%2").arg(lab.port() + 1).arg(call)},
                                   QByteArray::fromStdString(body.dump()));
    return Json::parse(output.out.toStdString(), nullptr, false);
}

// All history up to now is gone, as five minutes later on any cluster.
bool compact(const LabCluster &lab)
{
    const Json range = etcd(lab, QStringLiteral("range"), {{"key", "AA=="}});
    if (!range.is_object() || !range.contains("header"))
        return false;
    const std::string revision = range["header"]["revision"];
    const Json done = etcd(lab, QStringLiteral("compaction"), {{"revision", revision}, {"physical", true}});
    return done.is_object() && done.contains("header");
}

Json jsonOf(const Result<HttpResponse> &answer)
{
    return answer ? Json::parse(answer->body.toStdString(), nullptr, false) : Json();
}

void write(const QString &file, const QByteArray &content)
{
    QFile output(file);
    QVERIFY2(output.open(QIODevice::WriteOnly | QIODevice::Truncate), qPrintable(file));
    output.write(content);
}

} // namespace

class TestKubeFaults : public QObject
{
    Q_OBJECT
private:
    Result<ClusterAccess> accessOf(const LabCluster &lab, const QString &context) const
    {
        const auto config = loadKubeConfig({lab.kubeconfig()});
        return config ? accessFor(*config, context) : Result<ClusterAccess>(config.error());
    }
    std::unique_ptr<ClusterConnection> connectTo(const LabCluster &lab, const ClusterAccess &access)
    {
        auto connection = makeConnection(
            m_http, access, {.id = QStringLiteral("lab"), .title = {}, .namespaces = {}, .hasTerminal = false});
        connect(connection->source.get(), &ClusterSource::changed, connection->store.get(), &ClusterStore::apply);
        Q_UNUSED(lab)
        return connection;
    }
    std::unique_ptr<ClusterConnection> connectTo(const LabCluster &lab)
    {
        const auto access = accessOf(lab, QStringLiteral("lab-cert"));
        return access ? connectTo(lab, *access) : nullptr;
    }
    static QList<Pod> podsOf(const ClusterStore &store, const QString &ns)
    {
        QList<Pod> pods;
        for (const Pod &pod : store.pods()) {
            if (pod.ref.ns == ns)
                pods.append(pod);
        }
        return pods;
    }

    // What reflectors say of their watches, until the guard goes.
    static auto listenToWatches()
    {
        QLoggingCategory::setFilterRules(QStringLiteral("signalbox.services.kubernetes.watch.debug=true"));
        static QtMessageHandler before = nullptr;
        before = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &context, const QString &text) {
            if (qstrcmp(context.category, "signalbox.services.kubernetes.watch") == 0)
                s_watchLog += text.toUtf8() + '\n';
            else
                before(type, context, text);
        });
        return qScopeGuard([] {
            qInstallMessageHandler(before);
            QLoggingCategory::setFilterRules({});
        });
    }

    static inline QByteArray s_watchLog;
    HttpClient m_http;
    std::unique_ptr<LabCluster> m_lab;

private slots:
    void initTestCase()
    {
        QString error;
        m_lab = LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("2"), QStringLiteral("--no-crds")}, &error);
        QVERIFY2(m_lab, qPrintable(error));
    }

    // A list that takes longer than the server keeps its history.
    void aContinueTokenOfCompactedHistoryIsExpired()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("pages"));
        QVERIFY(m_lab->apply(deploymentYaml("web", "registry.example/web:1", 3), ns).isGood());
        const auto connection = connectTo(*m_lab);
        const auto client = clientOf(*connection);
        const QByteArray pods = "/api/v1/namespaces/" + ns.toLatin1() + "/pods?limit=1";
        QTRY_COMPARE_WITH_TIMEOUT(jsonOf(waitFor(client->get(pods, {})))["metadata"].count("continue"), size_t(1),
                                  20000);
        const Json first = jsonOf(waitFor(client->get(pods, {})))["metadata"];
        const std::string token = first["continue"];
        const QByteArray moment = QByteArray::fromStdString(first["resourceVersion"].get<std::string>());
        QVERIFY(m_lab
                    ->kubectl({QStringLiteral("-n"), ns, QStringLiteral("annotate"), QStringLiteral("deployment/web"),
                               QStringLiteral("moved=on")})
                    .isGood());
        QVERIFY(compact(*m_lab));
        const QByteArray more = pods + "&continue=" + encoded(QString::fromStdString(token));
        auto next = waitFor(client->get(more, {}));
        if (next) { // newer servers page through a copy of their own, for as long as they run: the same moment still
            QCOMPARE(QByteArray::fromStdString(jsonOf(next)["metadata"]["resourceVersion"].get<std::string>()), moment);
            QVERIFY(m_lab->killServer());
            QString error;
            QVERIFY2(m_lab->restart(&error), qPrintable(error));
            next = waitFor(client->get(more, {}));
        }
        QVERIFY(!next);
        QCOMPARE(next.error().detail, QStringLiteral("expired"));
        QCOMPARE(next.error().kind, ErrorKind::Conflict); // what the reflector lists anew for
    }

    // Cut off while the server's history is compacted: the version to resume from is gone.
    void aWatchFromCompactedHistoryListsAgain()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("history"));
        QVERIFY(m_lab->apply(deploymentYaml("stays", "registry.example/web:1", 2), ns).isGood());
        QVERIFY(m_lab->apply(deploymentYaml("goes", "registry.example/web:1", 2), ns).isGood());
        const auto connection = connectTo(*m_lab);
        const auto client = clientOf(*connection);
        connection->source->start();
        QTRY_COMPARE_WITH_TIMEOUT(podsOf(*connection->store, ns).size(), 4, 30000);
        const QString before = QString::fromStdString(
            jsonOf(waitFor(client->get("/api/v1/pods?limit=1", {})))["metadata"]["resourceVersion"]);
        // The server goes away, and comes back with the watch's version below all it knows.
        QVERIFY(m_lab
                    ->kubectl({QStringLiteral("-n"), ns, QStringLiteral("delete"), QStringLiteral("deployment/goes"),
                               QStringLiteral("--wait=false")})
                    .isGood());
        QVERIFY(m_lab->killServer());
        QTRY_COMPARE_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).state, Freshness::State::Stale, 5000);
        QVERIFY(compact(*m_lab));
        QString error;
        QVERIFY2(m_lab->restart(&error), qPrintable(error));
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).isLive(), 60000);
        QTRY_COMPARE_WITH_TIMEOUT(podsOf(*connection->store, ns).size(), 2, 30000);
        for (const Pod &pod : podsOf(*connection->store, ns))
            QVERIFY2(pod.ref.name.startsWith(QLatin1String("stays")), qPrintable(pod.ref.name));

        // And that is what the server says to that version: 410 inside a 200 stream, or as the answer itself.
        std::mutex mutex;
        QByteArray seen;
        HttpSink sink;
        sink.data = [&](QByteArrayView bytes) {
            const std::lock_guard lock(mutex);
            seen.append(bytes);
            return true;
        };
        const auto stream =
            client->stream("/api/v1/pods?watch=1&timeoutSeconds=5&resourceVersion=" + before.toLatin1(), sink, {});
        const auto end = waitFor(stream.finished);
        const std::lock_guard lock(mutex);
        QVERIFY2((!end && end.error().detail == QLatin1String("expired")) || seen.contains("\"code\":410"),
                 end ? seen.left(400).constData() : qPrintable(end.error().message));
    }

    // Cut off for a while on a server that goes on: what happened meanwhile is no longer in its history, and comes by a
    // list, once. (Without a cache of its own, which would still know, as after any longer while.)
    void aWatchThatMissedCompactedHistoryLosesNothing()
    {
        QString error;
        const auto lab = LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--no-crds"),
                                          QStringLiteral("--api-flag"), QStringLiteral("--watch-cache=false")},
                                         &error);
        QVERIFY2(lab, qPrintable(error));
        const QString ns = lab->makeNamespace(QStringLiteral("cut"));
        QVERIFY(lab->apply(deploymentYaml("stays", "registry.example/web:1", 2), ns).isGood());
        QVERIFY(lab->apply(deploymentYaml("goes", "registry.example/web:1", 2), ns).isGood());
        CutProxy relay(lab->port());
        auto access = *accessOf(*lab, QStringLiteral("lab-cert"));
        access.server.setPort(relay.port());
        const auto connection = connectTo(*lab, access);
        QStringList gone; // names of pods that left the store
        connect(connection->source.get(), &ClusterSource::changed, this,
                [&gone](const ClusterDelta &delta) { gone += delta.pods.removedUids; });
        s_watchLog.clear();
        const auto quiet = listenToWatches();
        connection->source->start();
        const auto ready = [&](const char *app) {
            const QList<Pod> pods = podsOf(*connection->store, ns);
            return std::count_if(pods.begin(), pods.end(), [app](const Pod &pod) {
                return pod.isReady && pod.labels.value(QStringLiteral("app")) == QLatin1String(app);
            });
        };
        QTRY_VERIFY_WITH_TIMEOUT(ready("stays") == 2 && ready("goes") == 2, 30000);
        QStringList kept;
        for (const Pod &pod : podsOf(*connection->store, ns)) {
            if (pod.labels.value(QStringLiteral("app")) == QLatin1String("stays"))
                kept.append(pod.ref.uid);
        }

        relay.setDown(true);
        QTRY_COMPARE_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).state, Freshness::State::Stale, 5000);
        const auto kubectl = [&](const QStringList &arguments) {
            return lab->kubectl(QStringList{QStringLiteral("-n"), ns} + arguments);
        };
        QVERIFY(kubectl({QStringLiteral("delete"), QStringLiteral("deployment/goes")}).isGood());
        QVERIFY(kubectl({QStringLiteral("wait"), QStringLiteral("--for=delete"), QStringLiteral("pod"),
                         QStringLiteral("-l"), QStringLiteral("app=goes"), QStringLiteral("--timeout=60s")})
                    .isGood());
        QVERIFY(lab->apply(deploymentYaml("comes", "registry.example/web:1", 1), ns).isGood());
        QVERIFY(kubectl({QStringLiteral("scale"), QStringLiteral("deployment/stays"), QStringLiteral("--replicas=3")})
                    .isGood());
        for (const char *name : {"deployment/comes", "deployment/stays"})
            QVERIFY(kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QString::fromLatin1(name),
                             QStringLiteral("--timeout=60s")})
                        .isGood());
        QVERIFY(compact(*lab));
        QCOMPARE(ready("goes"), 2); // greyed, but still what was seen last
        QVERIFY(!s_watchLog.contains("\"pods\" watch expired"));

        relay.setDown(false);
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Pods).isLive(), 60000);
        QTRY_VERIFY_WITH_TIMEOUT(ready("stays") == 3 && ready("comes") == 1, 10000);
        QCOMPARE(podsOf(*connection->store, ns).size(), 4);
        QVERIFY2(s_watchLog.contains("\"pods\" watch expired"), s_watchLog.constData()); // it was a 410 indeed
        for (const QString &uid : std::as_const(kept)) {
            QVERIFY(!gone.contains(uid)); // no row that stayed went and came back
            QVERIFY(connection->store->pods().contains(uid));
        }
        QCOMPARE(gone.size(), QSet<QString>(gone.begin(), gone.end()).size());
        // And it goes on watching: what comes now comes by itself.
        QVERIFY(kubectl({QStringLiteral("scale"), QStringLiteral("deployment/comes"), QStringLiteral("--replicas=2")})
                    .isGood());
        QTRY_COMPARE_WITH_TIMEOUT(ready("comes"), 2, 15000);
    }

    // A token that the server itself ends: bound to an object that is deleted.
    void aTokenThatEndsIsToldAndItsFileReadAgain()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("token"));
        const auto kubectl = [&](const QStringList &arguments, const QByteArray &input = {}) {
            return m_lab->kubectl(QStringList{QStringLiteral("-n"), ns} + arguments, input);
        };
        QVERIFY(kubectl({QStringLiteral("create"), QStringLiteral("rolebinding"), QStringLiteral("view"),
                         QStringLiteral("--clusterrole=view"), QStringLiteral("--serviceaccount=%1:default").arg(ns)})
                    .isGood());
        const auto newToken = [&](const QString &secret) -> QByteArray {
            (void)kubectl({QStringLiteral("create"), QStringLiteral("secret"), QStringLiteral("generic"), secret});
            const QString uid =
                QString::fromUtf8(kubectl({QStringLiteral("get"), QStringLiteral("secret"), secret,
                                           QStringLiteral("-o"), QStringLiteral("jsonpath={.metadata.uid}")})
                                      .out);
            const Json request = {{"apiVersion", "authentication.k8s.io/v1"},
                                  {"kind", "TokenRequest"},
                                  {"spec",
                                   {{"expirationSeconds", 600},
                                    {"boundObjectRef",
                                     {{"apiVersion", "v1"},
                                      {"kind", "Secret"},
                                      {"name", secret.toStdString()},
                                      {"uid", uid.toStdString()}}}}}};
            const auto made = kubectl({QStringLiteral("create"), QStringLiteral("--raw"),
                                       QStringLiteral("/api/v1/namespaces/%1/serviceaccounts/default/token").arg(ns),
                                       QStringLiteral("-f"), QStringLiteral("-")},
                                      QByteArray::fromStdString(request.dump()));
            const Json answer = Json::parse(made.out.toStdString(), nullptr, false);
            return answer.is_object() ? QByteArray::fromStdString(answer["status"]["token"]) : QByteArray();
        };
        QTemporaryDir dir;
        auto access = *accessOf(*m_lab, QStringLiteral("lab-token-file"));
        access.tokenFile = dir.filePath(QStringLiteral("token"));
        QByteArray first; // the account comes a moment after its namespace
        QTRY_VERIFY_WITH_TIMEOUT(!(first = newToken(QStringLiteral("one"))).isEmpty(), 10000);
        write(access.tokenFile, first);
        const auto connection = connectTo(*m_lab, access);
        const auto client = clientOf(*connection);
        const QByteArray pods = "/api/v1/namespaces/" + ns.toLatin1() + "/pods?limit=1";
        QTRY_VERIFY_WITH_TIMEOUT(waitFor(client->get(pods, {})).has_value(), 10000);

        QVERIFY(kubectl({QStringLiteral("delete"), QStringLiteral("secret"), QStringLiteral("one")}).isGood());
        // The server itself remembers for ten seconds that it was good.
        QTRY_VERIFY_WITH_TIMEOUT(!waitFor(client->get(pods, {})).has_value(), 40000);
        const auto refused = waitFor(client->get(pods, {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unauthorized);
        QVERIFY2(refused.error().message.contains(QLatin1String("does not accept our credential")),
                 qPrintable(refused.error().message));
        QVERIFY(!refused.error().message.contains(QString::fromLatin1(first)));
        write(access.tokenFile, newToken(QStringLiteral("two")));
        QTRY_VERIFY_WITH_TIMEOUT(waitFor(client->get(pods, {})).has_value(), 10000);
    }

    void theLogOfACrashedContainerIsRead()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("previous"));
        QVERIFY(m_lab->apply(deploymentYaml("bad", "registry.example/web:crash", 1), ns).isGood());
        QVERIFY(m_lab->apply(deploymentYaml("good", "registry.example/web:1", 1), ns).isGood());
        const auto connection = connectTo(*m_lab);
        connection->source->start();
        const auto podOf = [&](const char *app) {
            for (const Pod &pod : podsOf(*connection->store, ns)) {
                const bool isSettled = pod.isReady || pod.reason == QLatin1String("CrashLoopBackOff");
                if (isSettled && pod.labels.value(QStringLiteral("app")) == QLatin1String(app))
                    return pod.ref;
            }
            return ObjectRef();
        };
        QTRY_VERIFY_WITH_TIMEOUT(!podOf("bad").name.isEmpty() && !podOf("good").name.isEmpty(), 30000);
        LogRequest request;
        request.container = QStringLiteral("c");
        request.previous = true;
        request.tailLines = 3;
        request.pod = podOf("bad");
        QList<LogLine> lines;
        bool hasEnded = false;
        const auto log = connection->source->openLog(request);
        connect(log.get(), &LogStream::linesArrived, this, [&lines](const QList<LogLine> &more) { lines += more; });
        connect(log.get(), &LogStream::ended, this, [&hasEnded] { hasEnded = true; });
        QTRY_VERIFY_WITH_TIMEOUT(hasEnded, 15000);
        QCOMPARE(lines.size(), 3);
        QVERIFY2(lines.last().text.contains(QLatin1String("panic: no route to the database")),
                 qPrintable(lines.last().text));

        // One that never ended has no log of before: the kubelet's words arrive.
        request.pod = podOf("good");
        std::optional<Error> failure;
        const auto none = connection->source->openLog(request);
        connect(none.get(), &LogStream::failed, this, [&failure](const Error &error) { failure = error; });
        QTRY_VERIFY_WITH_TIMEOUT(failure.has_value(), 15000);
        QVERIFY2(failure->message.contains(QLatin1String("previous terminated container \"c\"")),
                 qPrintable(failure->message));
    }

    // metrics-server stands behind the API server's aggregation: its official format, through the real proxying.
    void resourceUsageIsReadThroughTheAggregator()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("usage"));
        QVERIFY(m_lab->apply(deploymentYaml("web", "registry.example/web:1", 1), ns).isGood());
        const auto connection = connectTo(*m_lab);
        connection->source->start();
        const auto pod = [&] { return podsOf(*connection->store, ns).value(0); };
        QTRY_VERIFY_WITH_TIMEOUT(pod().isReady, 30000);
        const QByteArray podName = pod().ref.name.toLatin1();
        // kubernetes.io/docs/reference/external-api/metrics.v1beta1
        const TestAuthority authority("metrics");
        FaultServer server(
            [&](Exchange &exchange) {
                const HttpHeaders isJson{{"Content-Type", "application/json"}};
                if (exchange.target.contains("/pods")) {
                    exchange.answer(
                        200,
                        "{\"kind\":\"PodMetricsList\",\"apiVersion\":\"metrics.k8s.io/v1beta1\",\"metadata\":{},"
                        "\"items\":[{\"metadata\":{\"name\":\"" +
                            podName + "\",\"namespace\":\"" + ns.toLatin1() +
                            "\",\"creationTimestamp\":\"2026-01-01T10:00:00Z\"},\"timestamp\":\"2026-01-01T09:59:42Z\","
                            "\"window\":\"15.2s\",\"containers\":[{\"name\":\"c\",\"usage\":{\"cpu\":\"12345678n\","
                            "\"memory\":\"20Mi\"}},{\"name\":\"sidecar\",\"usage\":{\"cpu\":\"5m\",\"memory\":"
                            "\"512Ki\"}}]}]}",
                        isJson);
                } else if (exchange.target.contains("/nodes")) {
                    exchange.answer(
                        200,
                        "{\"kind\":\"NodeMetricsList\",\"apiVersion\":\"metrics.k8s.io/v1beta1\",\"metadata\":{},"
                        "\"items\":[{\"metadata\":{\"name\":\"node-000\"},\"timestamp\":\"2026-01-01T09:59:42Z\","
                        "\"window\":\"10s\",\"usage\":{\"cpu\":\"1500m\",\"memory\":\"2Gi\"}}]}",
                        isJson);
                } else {
                    exchange.answer(200,
                                    "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":\"metrics."
                                    "k8s.io/v1beta1\","
                                    "\"resources\":[{\"name\":\"nodes\",\"singularName\":\"\",\"namespaced\":false,"
                                    "\"kind\":\"NodeMetrics\","
                                    "\"verbs\":[\"get\",\"list\"]},{\"name\":\"pods\",\"singularName\":\"\","
                                    "\"namespaced\":true,\"kind\":"
                                    "\"PodMetrics\",\"verbs\":[\"get\",\"list\"]}]}",
                                    isJson);
                }
            },
            ServerTls{authority.issue("metrics", {QStringLiteral("localhost")}), {}});
        // An ExternalName is how a service outside the cluster is aggregated.
        const QByteArray service =
            "apiVersion: v1\nkind: Service\nmetadata: {name: metrics, namespace: " + ns.toLatin1() +
            "}\nspec: {type: ExternalName, externalName: localhost, ports: [{port: " +
            QByteArray::number(server.port()) +
            "}]}\n---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: "
            "v1beta1.metrics.k8s.io}\nspec: {group: metrics.k8s.io, version: v1beta1, "
            "groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: "
            "{name: metrics, namespace: " +
            ns.toLatin1() + ", port: " + QByteArray::number(server.port()) + "}}\n";
        const auto groups = m_lab->kubectl({QStringLiteral("api-versions")});
        if (groups.isGood() && !groups.out.contains("apiregistration.k8s.io/"))
            QSKIP("this server has no aggregation layer");
        const auto applied = m_lab->apply(service);
        QVERIFY2(applied.isGood(), applied.err.constData());
        const auto client = clientOf(*connection);
        QTRY_VERIFY_WITH_TIMEOUT(waitFor(client->get("/apis/metrics.k8s.io/v1beta1/nodes", {})).has_value(), 30000);
        const auto fresh = connectTo(*m_lab); // discovers it from the start
        fresh->source->start();
        QTRY_VERIFY_WITH_TIMEOUT(fresh->source->info().servesMetrics, 30000);
        QTRY_VERIFY_WITH_TIMEOUT(fresh->store->freshness(ClusterKind::Pods).isLive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(fresh->store->freshness(ClusterKind::Nodes).isLive(), 30000);
        const auto pods = waitFor(fresh->source->podUsage({}));
        QVERIFY2(pods, pods ? "" : qPrintable(pods.error().message));
        QCOMPARE(pods->size(), 1);
        const Usage used = pods->value(pod().ref.uid);
        QVERIFY2(qAbs(used.cpu - 0.017345678) < 1e-9, qPrintable(QString::number(used.cpu, 'g', 12)));
        QCOMPARE(used.memory, 20.0 * 1024 * 1024 + 512 * 1024);
        QCOMPARE(used.at, QDateTime(QDate(2026, 1, 1), QTime(9, 59, 42), Qt::UTC));
        const auto nodes = waitFor(fresh->source->nodeUsage({}));
        QVERIFY(nodes);
        QCOMPARE(nodes->size(), 1);
        QCOMPARE(nodes->begin()->cpu, 1.5);
        (void)m_lab->kubectl(
            {QStringLiteral("delete"), QStringLiteral("apiservice"), QStringLiteral("v1beta1.metrics.k8s.io")});
    }

    // Every write of Deployments waits for it, dry runs included: the plan of going back does not.
    void aWebhookThatHangsDoesNotHoldUpGoingBack()
    {
        const QString ns = m_lab->makeNamespace(QStringLiteral("hook"));
        QVERIFY(m_lab->apply(deploymentYaml("web", "registry.example/web:1", 1), ns).isGood());
        QVERIFY(m_lab->apply(deploymentYaml("web", "registry.example/web:2", 1), ns).isGood());
        const TestAuthority authority("hook");
        std::atomic<int> asked = 0;
        FaultServer server(
            [&asked](Exchange &exchange) {
                ++asked;
                exchange.stall();
            },
            ServerTls{authority.issue("hook", {QStringLiteral("127.0.0.1")}), {}});
        const QByteArray hook =
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: "
            "hangs}\n"
            "webhooks:\n- name: hangs.example.com\n  admissionReviewVersions: [v1]\n  sideEffects: None\n"
            "  failurePolicy: Ignore\n  timeoutSeconds: 20\n  namespaceSelector: {matchLabels: {hangs: here}}\n"
            "  rules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}]\n"
            "  clientConfig: {url: \"https://127.0.0.1:" +
            QByteArray::number(server.port()) + "/\", caBundle: " + authority.caPem().toBase64() + "}\n";
        const auto applied = m_lab->apply(hook);
        QVERIFY2(applied.isGood(), applied.err.constData());
        QVERIFY(m_lab->kubectl({QStringLiteral("label"), QStringLiteral("namespace"), ns, QStringLiteral("hangs=here")})
                    .isGood());
        const auto connection = connectTo(*m_lab);
        KubernetesRollback rollback(clientOf(*connection));
        RollbackOrder order;
        order.connection = QStringLiteral("lab");
        order.ns = ns;
        order.application = QStringLiteral("web");
        order.environment = ns;
        order.workload = {
            order.connection, QStringLiteral("apps"), QStringLiteral("Deployment"), ns, QStringLiteral("web"), {}};
        const auto planned = [&]() -> std::optional<Plan> { // the API server hears of the hook a moment later
            QElapsedTimer timer;
            timer.start();
            const auto plan = waitFor(rollback.plan(order, {}), 15'000);
            return plan && timer.elapsed() < 8000 && asked > 0 ? std::optional(*plan) : std::nullopt;
        };
        std::optional<Plan> plan;
        QTRY_VERIFY_WITH_TIMEOUT((plan = planned()).has_value(), 60000);
        (void)m_lab->kubectl(
            {QStringLiteral("delete"), QStringLiteral("validatingwebhookconfiguration"), QStringLiteral("hangs")});
        const auto dryRun = std::find_if(plan->checks.begin(), plan->checks.end(),
                                         [](const Check &check) { return check.id == CheckId::DryRun; });
        QVERIFY(dryRun != plan->checks.end());
        QCOMPARE(dryRun->state, CheckState::Warn);
        QCOMPARE(dryRun->text, QStringLiteral("The dry run was not answered in time"));
        QVERIFY(!plan->isBlocked());
        QVERIFY(!plan->dryRunAt.isValid());
        QVERIFY(plan->steps.last().undo.has_value()); // planned from what was read
    }

    void aServerWithoutEndpointSlicesHasEndpoints()
    {
        QStringList without; // every version of the group that this server has
        for (const QByteArray &version : m_lab->kubectl({QStringLiteral("api-versions")}).out.split('\n')) {
            if (version.startsWith("discovery.k8s.io/"))
                without += QString::fromLatin1(version) + QStringLiteral("=false");
        }
        QVERIFY(!without.isEmpty());
        QString error;
        const auto lab =
            LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--no-crds"),
                             QStringLiteral("--api-flag"), QStringLiteral("--runtime-config=") + without.join(u',')},
                            &error);
        QVERIFY2(lab, qPrintable(error));
        const auto connection = connectTo(*lab);
        const auto client = clientOf(*connection);
        const auto discovery = waitFor(client->discover({}));
        QVERIFY(discovery);
        QVERIFY(!discovery->find(QStringLiteral("discovery.k8s.io"), QStringLiteral("endpointslices")));
        connection->source->start();
        QVERIFY(
            lab->apply(deploymentYaml("web", "registry.example/web:1", 3) +
                           "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, "
                           "ports: [{port: 80}]}\n",
                       QStringLiteral("default"))
                .isGood());
        QTRY_VERIFY_WITH_TIMEOUT(connection->store->freshness(ClusterKind::Endpoints).isLive(), 30000);
        const auto web = [&] {
            for (const ServiceInfo &service : connection->store->services()) {
                if (service.ref.name == QLatin1String("web"))
                    return service;
            }
            return ServiceInfo();
        };
        QTRY_COMPARE_WITH_TIMEOUT(web().readyEndpoints, 3, 30000);
    }
};

QTEST_GUILESS_MAIN(TestKubeFaults)
#include "test_kubefaults.moc"
