// What we write into HTTPRoutes and VirtualServices, held against the official schemas on a real API server.
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/traffic.h"
#include "tests/contract/kubernetes/opslab.h"

#include <QDir>

using namespace signalbox;
using namespace signalbox::test;
using kubernetes::KubeClient;
using Json = nlohmann::json;

class RouteContractsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void weightsFitTheSchema_data();
    void weightsFitTheSchema();
    void theSchemaRefusesWhatDoesNotFit();

private:
    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<HttpClient> m_http;
    std::shared_ptr<KubeClient> m_client;
    QString m_ns;
};

void RouteContractsTest::initTestCase()
{
    const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
    if (contracts.isEmpty() || !QDir(contracts).exists())
        QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
    QString error; // one of its own: the shared one has schemas that accept anything under these names
    m_lab = LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("0"), QStringLiteral("--no-crds")}, &error);
    QVERIFY2(m_lab, qPrintable(error));
    for (const char *file : {"/gateway-api/httproutes.yaml", "/istio/networking-crds.yaml"}) {
        QFile crd(contracts + QLatin1String(file));
        QVERIFY(crd.open(QIODevice::ReadOnly));
        QByteArray yaml;
        for (const QByteArray &line :
             crd.readAll().split('\n')) { // an empty text as default is null to a server of 1.20
            if (line.trimmed() != "default: \"\"")
                yaml += line + '\n';
        }
        // Rules of newer servers (CEL) are unknown to an old one and dropped by it.
        const auto made = m_lab->kubectl(
            {QStringLiteral("create"), QStringLiteral("--validate=false"), QStringLiteral("-f"), QStringLiteral("-")},
            yaml);
        QVERIFY2(made.isGood(), made.err);
    }
    // kubectl wait gives up at once on a definition that has no conditions yet, hence more than one try.
    const auto established = [this] {
        return m_lab->kubectl({QStringLiteral("wait"), QStringLiteral("--for=condition=Established"),
                               QStringLiteral("--timeout=30s"), QStringLiteral("crd"), QStringLiteral("--all")});
    };
    QTRY_VERIFY_WITH_TIMEOUT(established().isGood(), 60000);
    m_http = std::make_unique<HttpClient>();
    m_client = clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    QVERIFY2(m_client, qPrintable(error));
    m_ns = m_lab->makeNamespace(QStringLiteral("contract"));
}

void RouteContractsTest::weightsFitTheSchema_data()
{
    QTest::addColumn<RouterRef::Kind>("kind");
    QTest::addColumn<QByteArray>("object");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("where");
    QTest::newRow("HTTPRoute v1")
        << RouterRef::Kind::HttpRoute
        << QByteArray(
               "{\"apiVersion\":\"gateway.networking.k8s.io/"
               "v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"r\"},\"spec\":{\"parentRefs\":[{\"name\":\"gw\"}],"
               "\"rules\":[{\"backendRefs\":[{\"name\":\"web-blue\",\"port\":80},{\"name\":\"web-green\",\"port\":80,"
               "\"weight\":0}]}]}}")
        << "httproute/r"
        << "/spec/rules/0/backendRefs";
    QTest::newRow("VirtualService v1, http")
        << RouterRef::Kind::VirtualService
        << QByteArray("{\"apiVersion\":\"networking.istio.io/"
                      "v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"v\"},\"spec\":{\"hosts\":[\"web\"],"
                      "\"http\":[{\"route\":[{\"destination\":{\"host\":\"web-blue\"},\"weight\":100},{\"destination\":"
                      "{\"host\":\"web-green\"},\"weight\":0}]}]}}")
        << "virtualservice/v"
        << "/spec/http/0/route";
    QTest::newRow("VirtualService v1beta1, tcp")
        << RouterRef::Kind::VirtualService
        << QByteArray(
               "{\"apiVersion\":\"networking.istio.io/"
               "v1beta1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"t\"},\"spec\":{\"hosts\":[\"web\"],"
               "\"tcp\":[{\"route\":[{\"destination\":{\"host\":\"web-blue\"},\"weight\":100},{\"destination\":{"
               "\"host\":\"web-green\"},\"weight\":0}]}]}}")
        << "virtualservice/t"
        << "/spec/tcp/0/route";
}

void RouteContractsTest::weightsFitTheSchema()
{
    QFETCH(RouterRef::Kind, kind);
    QFETCH(QByteArray, object);
    QFETCH(QString, name);
    QFETCH(QString, where);
    const auto made = m_lab->apply(object, m_ns);
    QVERIFY2(made.isGood(), made.err);
    kubernetes::KubernetesTraffic traffic(m_client);
    kubernetes::KubernetesStepRunner runner(m_client);
    TrafficOrder order;
    order.ns = m_ns;
    order.router = {kind, {QStringLiteral("lab"), {}, {}, m_ns, name.section(u'/', 1), {}}, {}};
    order.steps = {{{{QStringLiteral("green"), 10}, {QStringLiteral("blue"), 90}}, {}},
                   {{{QStringLiteral("green"), 100}}, {}}};
    const auto plan = await(traffic.plan(order, {}));
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    QVERIFY2(plan->dryRunAt.isValid(), "every step passes the schema in the server's dry run");
    for (const PlanStep &step : plan->steps) {
        ACCEPTED(runner, step, receipt);
    }
    const auto output = m_lab->kubectl(
        {QStringLiteral("get"), name, QStringLiteral("-n"), m_ns, QStringLiteral("-o"), QStringLiteral("json")});
    const Json live = Json::parse(output.out.toStdString());
    const Json &legs = live.at(Json::json_pointer(where.toStdString()));
    QVERIFY(legs[0]["weight"] == 0 && legs[1]["weight"] == 100);
    const auto back = await(runner.reversal(*plan, {plan->steps[0].id, plan->steps[1].id}, {}));
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    ACCEPTED(runner, *back, returned);
}

void RouteContractsTest::theSchemaRefusesWhatDoesNotFit()
{
    const auto refused = m_lab->kubectl(
        {QStringLiteral("patch"), QStringLiteral("httproute"), QStringLiteral("r"), QStringLiteral("-n"), m_ns,
         QStringLiteral("--type=json"), QStringLiteral("-p"),
         QStringLiteral("[{\"op\":\"add\",\"path\":\"/spec/rules/0/backendRefs/0/weight\",\"value\":1000001}]")});
    QVERIFY2(!refused.isGood(), "the schema is in force: a weight above 1,000,000 is refused");
}

QTEST_GUILESS_MAIN(RouteContractsTest)
#include "test_routecontracts.moc"
