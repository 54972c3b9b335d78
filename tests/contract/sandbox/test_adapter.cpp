// Our own adapter, unchanged, on a real API server and on the sandbox's, with the same expectations. Nothing here needs
// a controller: what those do is tested with the world.
#include "services/adapters/kubernetes/factory.h"
#include "services/adapters/kubernetes/lease.h"
#include "tests/support/httpwait.h"
#include "tests/support/lab.h"
#include "tests/support/sandboxcluster.h"

#include <nlohmann/json.hpp>

#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using sandbox::KubeApi;
using Json = nlohmann::json;

class TestSandboxAdapter : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<SandboxCluster> m_sandbox;
    HttpClient m_http;
    QString m_ns;

    static void servers()
    {
        QTest::addColumn<bool>("isSandbox");
        QTest::newRow("real") << false;
        QTest::newRow("sandbox") << true;
    }
    QString kubeconfig(bool isSandbox) const { return isSandbox ? m_sandbox->kubeconfig() : m_lab->kubeconfig(); }
    ClusterAccess access(bool isSandbox) const
    {
        const auto config = loadKubeConfig({kubeconfig(isSandbox)});
        return *accessFor(*config, QStringLiteral("lab-token"));
    }
    std::shared_ptr<KubeClient> client(bool isSandbox)
    {
        return std::make_shared<KubeClient>(m_http, endpointFor(access(isSandbox), {QStringLiteral("lab")}));
    }
    LabCluster::Output kubectl(bool isSandbox, const QStringList &arguments, const QByteArray &input = {}) const
    {
        const QStringList all = arguments + QStringList{QStringLiteral("-n"), m_ns};
        return isSandbox ? m_sandbox->kubectl(all, input) : m_lab->kubectl(all, input);
    }
    static Json jsonOf(const Result<HttpResponse> &answer)
    {
        return answer ? Json::parse(answer->body.cbegin(), answer->body.cend(), nullptr, false) : Json();
    }
    QByteArray path(const char *group, const char *resource, const char *name = "") const
    {
        QByteArray made = QByteArray(*group ? "/apis/" : "/api/v1") + (*group ? QByteArray(group) + "/v1" : "") +
                          "/namespaces/" + m_ns.toLatin1() + '/' + resource;
        return *name ? made + '/' + name : made;
    }
    // A Deployment that no controller acts on.
    static QByteArray paused(const char *name)
    {
        return QByteArray("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"") + name +
               "\"},\"spec\":{\"replicas\":0,\"paused\":true,\"selector\":{\"matchLabels\":{\"app\":\"" + name +
               "\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"" + name +
               "\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"registry.example/web:1\"}]}}}}";
    }

private slots:
    void initTestCase()
    {
        QString error;
        m_lab = LabCluster::shared(&error);
        QVERIFY2(m_lab, qPrintable(error));
        KubeApi::Options options;
        m_sandbox = SandboxCluster::start(&error, options);
        QVERIFY2(m_sandbox, qPrintable(error));
        m_ns = m_lab->makeNamespace(QStringLiteral("same"));
        QVERIFY(!m_ns.isEmpty());
        m_sandbox->seedShop(m_ns.toStdString());
    }

    void discoveryFindsWhatIsServed_data() { servers(); }
    void discoveryFindsWhatIsServed()
    {
        QFETCH(bool, isSandbox);
        const auto found = waitFor(client(isSandbox)->discover({}));
        QVERIFY2(found, found ? "" : qPrintable(found.error().message));
        QVERIFY(found->unavailable.isEmpty());
        QVERIFY(found->gitVersion.startsWith(QLatin1String("v1.")));
        const auto deployments = found->find(QStringLiteral("apps"), QStringLiteral("deployments"));
        QVERIFY(deployments);
        QVERIFY(deployments->subresources.contains(QStringLiteral("scale")));
        QVERIFY(deployments->subresources.contains(QStringLiteral("status")));
        QVERIFY(deployments->verbs.contains(QStringLiteral("watch")));
        const auto pods = found->find({}, QStringLiteral("pods"));
        QVERIFY(pods && pods->isNamespaced && pods->subresources.contains(QStringLiteral("log")));
        QVERIFY(!found->find({}, QStringLiteral("nodes"))->isNamespaced);
        QVERIFY(found->find(QStringLiteral("gateway.networking.k8s.io"), QStringLiteral("httproutes")));
        QVERIFY(!found->find(QStringLiteral("metrics.k8s.io"), QStringLiteral("pods")));
    }

    void everyKindBecomesLiveOrAbsentAndFollows_data() { servers(); }
    void everyKindBecomesLiveOrAbsentAndFollows()
    {
        QFETCH(bool, isSandbox);
        const auto connection =
            makeConnection(m_http, access(isSandbox),
                           {.id = QStringLiteral("lab"), .title = {}, .namespaces = {}, .hasTerminal = false});
        QObject::connect(connection->source.get(), &ClusterSource::changed, connection->store.get(),
                         &ClusterStore::apply);
        const ClusterStore &store = *connection->store;
        connection->source->start();
        for (const ClusterKind kind :
             {ClusterKind::Namespaces, ClusterKind::Nodes, ClusterKind::Deployments, ClusterKind::StatefulSets,
              ClusterKind::Services, ClusterKind::Routes, ClusterKind::ReplicaSets, ClusterKind::Pods,
              ClusterKind::Endpoints, ClusterKind::ControllerRevisions, ClusterKind::Events}) {
            QTRY_VERIFY2_WITH_TIMEOUT(store.freshness(kind).state == Freshness::State::Live,
                                      qPrintable(clusterKindName(kind)), 15000);
        }
        QVERIFY(store.namespaces().contains(m_ns));
        QVERIFY(std::abs(connection->source->info().clockSkewMs) < 2000);
        const auto isThere = [&](const QString &name) {
            return std::any_of(store.workloads().cbegin(), store.workloads().cend(),
                               [&](const Workload &one) { return one.ref.ns == m_ns && one.ref.name == name; });
        };
        QVERIFY(!isThere(QStringLiteral("follow")));
        const auto kube = client(isSandbox);
        QVERIFY(
            waitFor(kube->write("POST", path("apps", "deployments"), "application/json", paused("follow"), false, {})));
        QTRY_VERIFY(isThere(QStringLiteral("follow")));
        QVERIFY(waitFor(kube->write("DELETE", path("apps", "deployments", "follow"), {}, {}, false, {})));
        QTRY_VERIFY(!isThere(QStringLiteral("follow")));
    }

    void writesHaveConditionsAndDryRuns_data() { servers(); }
    void writesHaveConditionsAndDryRuns()
    {
        QFETCH(bool, isSandbox);
        const auto kube = client(isSandbox);
        const QByteArray all = path("apps", "deployments");
        const QByteArray one = path("apps", "deployments", "cas");
        const auto made = waitFor(kube->write("POST", all, "application/json", paused("cas"), false, {}));
        QVERIFY2(made, made ? "" : qPrintable(made.error().message));
        const Json object = jsonOf(made);
        const auto patch = [&](const Json &operations, bool isDry = false) {
            return waitFor(kube->write("PATCH", one, "application/json-patch+json",
                                       QByteArray::fromStdString(operations.dump()), isDry, {}));
        };
        const Json test = {{"op", "test"}, {"path", "/spec/template"}, {"value", object.at("spec").at("template")}};
        const Json uid = {{"op", "test"}, {"path", "/metadata/uid"}, {"value", object.at("metadata").at("uid")}};
        const Json change = {
            {"op", "replace"}, {"path", "/spec/template/spec/containers/0/image"}, {"value", "registry.example/web:2"}};
        const auto dry = patch(Json::array({uid, test, change}), true);
        QVERIFY2(dry, dry ? "" : qPrintable(dry.error().message));
        QCOMPARE(jsonOf(dry)["spec"]["template"]["spec"]["containers"][0]["image"].dump(),
                 std::string("\"registry.example/web:2\""));
        QCOMPARE(jsonOf(waitFor(kube->get(one, {})))["metadata"]["generation"].dump(), std::string("1"));
        QVERIFY(patch(Json::array({uid, test, change})));
        QCOMPARE(jsonOf(waitFor(kube->get(one, {})))["metadata"]["generation"].dump(), std::string("2"));
        const auto stale = patch(Json::array({uid, test, change})); // the template is another one now
        QVERIFY(!stale);
        QCOMPARE(stale.error().kind, ErrorKind::Invalid);
        QVERIFY(waitFor(kube->write("DELETE", one, {}, {}, false, {})));
        const auto gone = patch(Json::array({change}));
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, ErrorKind::NotFound);
    }

    void aLeaseKeepsOthersOut_data() { servers(); }
    void aLeaseKeepsOthersOut()
    {
        QFETCH(bool, isSandbox);
        KubernetesLocker mine(client(isSandbox), QStringLiteral("ann@desk/1"));
        KubernetesLocker theirs(client(isSandbox), QStringLiteral("bob@desk/2"));
        const QString app = QStringLiteral("shop");
        const auto acquire = [&](KubernetesLocker &who, bool preempt) {
            return waitFor(who.acquire(m_ns, app, QStringLiteral("shift"), preempt, {}));
        };
        const auto first = acquire(mine, false);
        QVERIFY2(first, first ? "" : qPrintable(first.error().message));
        QVERIFY(first->isShared);
        const auto refused = acquire(theirs, false);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(QLatin1String("ann@desk/1")), qPrintable(refused.error().message));
        QVERIFY(waitFor(mine.renew(m_ns, app, {})));
        const auto taken = acquire(theirs, true); // going back pre-empts
        QVERIFY(taken && taken->isShared);
        const auto renewed = waitFor(mine.renew(m_ns, app, {}));
        QVERIFY(!renewed);
        QCOMPARE(renewed.error().kind, ErrorKind::Conflict);
        QVERIFY(waitFor(theirs.release(m_ns, app, {})));
        const auto again = acquire(mine, false);
        QVERIFY(again && again->isShared);
        QVERIFY(kubectl(isSandbox, {QStringLiteral("patch"), QStringLiteral("lease"), KubernetesLocker::leaseName(app),
                                    QStringLiteral("--type=merge"), QStringLiteral("-p"),
                                    QStringLiteral("{\"spec\":{\"renewTime\":\"2020-01-01T00:00:00.000000Z\"}}")})
                    .isGood());
        const auto late = acquire(theirs, false); // its time was over
        QVERIFY(late && late->isShared);
    }

    void rightsAreAnswered_data() { servers(); }
    void rightsAreAnswered()
    {
        QFETCH(bool, isSandbox);
        const Json body = {{"apiVersion", "authorization.k8s.io/v1"},
                           {"kind", "SelfSubjectAccessReview"},
                           {"spec",
                            {{"resourceAttributes",
                              {{"verb", "patch"},
                               {"group", "apps"},
                               {"resource", "deployments"},
                               {"namespace", m_ns.toStdString()}}}}}};
        const auto answer = waitFor(client(isSandbox)->review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                                              QByteArray::fromStdString(body.dump()), {}));
        QVERIFY2(answer, answer ? "" : qPrintable(answer.error().message));
        QCOMPARE(jsonOf(answer)["status"]["allowed"].dump(), std::string("true"));
    }

    void aWrongTokenIsUnauthorized_data() { servers(); }
    void aWrongTokenIsUnauthorized()
    {
        QFETCH(bool, isSandbox);
        ClusterAccess wrong = access(isSandbox);
        wrong.token = Secret("not-a-token");
        KubeClient kube(m_http, endpointFor(wrong, {QStringLiteral("lab")}));
        const auto answer = waitFor(kube.get("/api/v1/nodes", {}));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Unauthorized);
    }
};

QTEST_GUILESS_MAIN(TestSandboxAdapter)
#include "test_adapter.moc"
