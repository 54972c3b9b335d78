// Our adapters on the practice world, with a proxy between them that holds every request and answer against the
// official descriptions (tests/lab/openapi).
#include "services/adapters/kubernetes/factory.h"
#include "services/adapters/kubernetes/lease.h"
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/traffic.h"
#include "services/adapters/prometheus/prometheusmetrics.h"
#include "tests/contract/kubernetes/opslab.h"
#include "tests/support/checkingproxy.h"
#include "tests/support/practiceprogram.h"

#include <QDir>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using Json = nlohmann::json;

class SandboxContractsTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void kubernetesAnswersFitItsDescription();
    void kubectlsTrafficFitsItToo();
    void aWrongAnswerIsSeen();
    void prometheusAnswersFitItsDescription();

private:
    QString writeDescription(const std::function<void(Json &)> &change, const QString &name);
    std::unique_ptr<CheckingProxy> kubernetesProxy(const QString &description, QString *error);
    QByteArray configThrough(const CheckingProxy &proxy) const;
    ClusterAccess accessThrough(const CheckingProxy &proxy) const;
    void carryOut(KubernetesStepRunner &runner, const Plan &plan, int seconds);

    QString m_contracts;
    QTemporaryDir m_folder;
    Json m_description;
    std::unique_ptr<PracticeProgram> m_practice;
    HttpClient m_http;
};

void SandboxContractsTest::initTestCase()
{
    m_contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
    if (m_contracts.isEmpty() || !QDir(m_contracts).exists())
        QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
    QString error;
    const auto lab = LabCluster::shared(&error);
    QVERIFY2(lab, qPrintable(error));
    const auto said = lab->kubectl({QStringLiteral("get"), QStringLiteral("--raw"), QStringLiteral("/openapi/v2")});
    QVERIFY2(said.isGood(), said.err);
    m_description = Json::parse(said.out.toStdString());
    QVERIFY(m_description.at("definitions").size() > 300);
    m_practice = PracticeProgram::start(&error);
    QVERIFY2(m_practice, qPrintable(error));
}

QString SandboxContractsTest::writeDescription(const std::function<void(Json &)> &change, const QString &name)
{
    Json description = m_description;
    change(description);
    QFile file(m_folder.filePath(name));
    const std::string text = description.dump();
    return file.open(QIODevice::WriteOnly) && file.write(text.data(), qint64(text.size())) > 0 ? file.fileName()
                                                                                               : QString();
}

std::unique_ptr<CheckingProxy> SandboxContractsTest::kubernetesProxy(const QString &description, QString *error)
{
    const QString here = QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/openapi/");
    return CheckingProxy::start({QStringLiteral("--description"), description, QStringLiteral("--newer"),
                                 here + QStringLiteral("kubernetes-newer.json"), QStringLiteral("--crd"),
                                 m_contracts + QStringLiteral("/gateway-api/httproutes.yaml")},
                                m_practice->cluster("practice-prod"), m_practice->caFile(), error);
}

QByteArray SandboxContractsTest::configThrough(const CheckingProxy &proxy) const
{
    QByteArray text = m_practice->kubeconfig();
    text.replace(m_practice->cluster("practice-prod").toString().toUtf8(), proxy.address());
    text.replace(m_practice->caPem().toBase64(), proxy.certificate().toBase64());
    return text;
}

ClusterAccess SandboxContractsTest::accessThrough(const CheckingProxy &proxy) const
{
    return *accessFor(*parseKubeConfig(configThrough(proxy), QStringLiteral("practice")),
                      QStringLiteral("practice-prod"));
}

void SandboxContractsTest::carryOut(KubernetesStepRunner &runner, const Plan &plan, int seconds)
{
    QVERIFY(!plan.isBlocked());
    ACCEPTED(runner, plan.steps[0], receipt);
    const Observation seen = watched(runner, plan.steps[0], receipt, seconds);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
}

void SandboxContractsTest::kubernetesAnswersFitItsDescription()
{
    QString error;
    const auto proxy = kubernetesProxy(writeDescription([](Json &) {}, QStringLiteral("as-it-is.json")), &error);
    QVERIFY2(proxy, qPrintable(error));
    const auto connection =
        makeConnection(m_http, accessThrough(*proxy),
                       {.id = QStringLiteral("lab"), .title = {}, .namespaces = {}, .hasTerminal = false});
    QObject::connect(connection->source.get(), &ClusterSource::changed, connection->store.get(), &ClusterStore::apply);
    connection->source->start();
    for (const ClusterKind kind : {ClusterKind::Nodes, ClusterKind::Deployments, ClusterKind::StatefulSets,
                                   ClusterKind::Services, ClusterKind::Routes, ClusterKind::ReplicaSets,
                                   ClusterKind::Pods, ClusterKind::ControllerRevisions, ClusterKind::Events}) {
        QTRY_VERIFY2_WITH_TIMEOUT(connection->store->freshness(kind).isLive(), qPrintable(clusterKindName(kind)),
                                  60000);
    }
    const auto client = clientOf(*connection);
    KubernetesStepRunner runner(client);
    TrafficOrder shift;
    shift.connection = QStringLiteral("lab");
    shift.ns = QStringLiteral("production");
    shift.application = QStringLiteral("recommender");
    shift.environment = shift.ns;
    shift.router = {RouterRef::Kind::HttpRoute, {QStringLiteral("lab"), {}, {}, shift.ns, shift.application, {}}, {}};
    shift.steps.append({{{QStringLiteral("green"), 10}, {QStringLiteral("blue"), 90}}, std::chrono::seconds(1)});
    const auto shifted = await(KubernetesTraffic(client).plan(shift, {}));
    QVERIFY2(shifted, qPrintable(shifted ? QString() : shifted.error().message));
    carryOut(runner, *shifted, 40);
    RollbackOrder back;
    back.connection = QStringLiteral("lab");
    back.ns = shift.ns;
    back.application = QStringLiteral("fraud-scorer");
    back.environment = back.ns;
    back.workload = {QStringLiteral("lab"),
                     QStringLiteral("apps"),
                     QStringLiteral("Deployment"),
                     back.ns,
                     QStringLiteral("fraud-scorer-blue"),
                     {}};
    const auto planned = await(KubernetesRollback(client).plan(back, {}));
    QVERIFY2(planned, qPrintable(planned ? QString() : planned.error().message));
    carryOut(runner, *planned, 120);
    KubernetesLocker locker(client, QStringLiteral("ann@desk/1"));
    QVERIFY(await(locker.acquire(shift.ns, shift.application, QStringLiteral("shift"), false, {})));
    QVERIFY(await(locker.release(shift.ns, shift.application, {})));

    QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations"));
    for (const auto &[kind, least] :
         {std::pair("Pod", 40), std::pair("Deployment", 10), std::pair("ReplicaSet", 20), std::pair("Node", 20),
          std::pair("Service", 5), std::pair("Event", 10), std::pair("HTTPRoute", 3), std::pair("StatefulSet", 1),
          std::pair("Lease", 1), std::pair("APIResourceList", 3), std::pair("SelfSubjectAccessReview", 2),
          std::pair("ControllerRevision", 2)}) {
        QVERIFY2(proxy->checked(kind) >= least,
                 qPrintable(QStringLiteral("%1 of %2").arg(proxy->checked(kind)).arg(QLatin1String(kind))));
    }
}

// What operators type beside the console; refusals are answers, too.
void SandboxContractsTest::kubectlsTrafficFitsItToo()
{
    QString error;
    const auto proxy = kubernetesProxy(writeDescription([](Json &) {}, QStringLiteral("for-kubectl.json")), &error);
    QVERIFY2(proxy, qPrintable(error));
    QFile config(m_folder.filePath(QStringLiteral("kubectl-config")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(configThrough(*proxy));
    config.close();
    const QStringList common{QStringLiteral("--kubeconfig"), config.fileName(),
                             QStringLiteral("--context"),    QStringLiteral("practice-prod"),
                             QStringLiteral("--namespace"),  QStringLiteral("production")};
    constexpr bool isRefused = false;
    const std::pair<const char *, bool> commands[] = {
        {"get nodes", true},
        {"get deploy,rs,pods,svc,events", true},
        {"get deploy,httproutes -o json", true},
        {"describe deploy fraud-scorer-blue", true},
        {"describe svc -l app.kubernetes.io/name=fraud-scorer", true},
        {"logs deploy/fraud-scorer-blue --tail=3", true},
        {"rollout status deploy/fraud-scorer-blue --timeout=60s", true},
        {"rollout history deploy/fraud-scorer-blue", true},
        {"scale deploy/fraud-scorer-green --replicas=3", true},
        {"patch deploy fraud-scorer-blue -p {\"metadata\":{\"annotations\":{\"checked\":\"yes\"}}}", true},
        {"set image deploy/fraud-scorer-blue *=registry.example/none:1", true},
        {"rollout undo deploy/fraud-scorer-blue", true},
        {"get deploy none", isRefused},                                                  // 404
        {"create deployment fraud-scorer-blue --image=registry.example/x:1", isRefused}, // 409
        {"patch deploy fraud-scorer-blue -p {\"spec\":{\"replicas\":-1}}", isRefused},   // 422
    };
    for (const auto &[command, isGood] : commands) {
        const auto said = runProgram(QStringLiteral("kubectl"), common + QString::fromLatin1(command).split(u' '), {},
                                     120, {QStringLiteral("HOME=") + m_folder.path()});
        QVERIFY2(said.isGood() == isGood, (QByteArray(command) + ": " + said.out + said.err).constData());
    }
    QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations"));
    for (const char *kind : {"Pod", "Deployment", "ReplicaSet", "Scale", "Status"})
        QVERIFY2(proxy->checked(kind) > 0, kind);
}

// The proxy itself: a description that the answers cannot fit.
void SandboxContractsTest::aWrongAnswerIsSeen()
{
    QString error;
    const auto proxy = kubernetesProxy(writeDescription(
                                           [](Json &description) {
                                               Json &node =
                                                   description["definitions"]["io.k8s.api.core.v1.NodeSystemInfo"];
                                               node["properties"].erase("kubeletVersion");
                                               description["paths"].erase("/api/v1/namespaces");
                                           },
                                           QStringLiteral("wrong.json")),
                                       &error);
    QVERIFY2(proxy, qPrintable(error));
    KubeClient client(m_http, endpointFor(accessThrough(*proxy), {QStringLiteral("lab")}));
    QVERIFY(await(client.get("/api/v1/nodes", {})));
    QVERIFY(await(client.get("/api/v1/namespaces?nonsense=1", {})));
    const QByteArray violations = proxy->text("violations");
    QVERIFY2(violations.contains("kubeletVersion"), violations);
    QVERIFY2(violations.contains("not in the description"), violations);
}

void SandboxContractsTest::prometheusAnswersFitItsDescription()
{
    QString error;
    const auto proxy = CheckingProxy::start(
        {QStringLiteral("--description"), m_contracts + QStringLiteral("/prometheus/prometheus-v1.json")},
        m_practice->prometheus(), m_practice->caFile(), &error);
    QVERIFY2(proxy, qPrintable(error));
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = QStringLiteral("practice");
    endpoint->base = QUrl(QString::fromUtf8(proxy->address()));
    endpoint->noProxy = true;
    endpoint->caPem = proxy->certificate();
    endpoint->authorise = [token = m_practice->token()](const StopToken &) {
        return QtFuture::makeReadyFuture(Result<HttpHeaders>(HttpHeaders{{"Authorization", "Bearer " + token}}));
    };
    PrometheusMetrics metrics(m_http, endpoint);
    const MetricSubject subject{QStringLiteral("recommender"),
                                QStringLiteral("production"),
                                {{QStringLiteral("blue"), {QStringLiteral("recommender-blue")}, {}},
                                 {QStringLiteral("green"), {QStringLiteral("recommender-green")}, {}}}};
    const auto panels = await(metrics.suggestPanels(subject, {}));
    QVERIFY2(panels, qPrintable(panels ? QString() : panels.error().message));
    QVERIFY(panels->size() >= 3);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const MetricPanel &panel : *panels) {
        const QString expression = QString(panel.expression).replace(QStringLiteral("{window}"), QStringLiteral("5m"));
        for (const int hours : {1, 24, 7 * 24}) {
            const auto answer =
                await(metrics.range({expression, now.addSecs(-3600 * hours), now, hours * 3600 * 1000 / 60}, {}));
            QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
            QVERIFY2(!answer->series.isEmpty(), qPrintable(expression));
        }
    }
    QVERIFY(await(metrics.alerts({})));
    QVERIFY(await(metrics.rules({})));
    QVERIFY(!await(metrics.instant(QStringLiteral("up{"), {}, {})));
    QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations"));
    QVERIFY(proxy->checked("status 200") >= 10);
    QVERIFY(proxy->checked("status 400") >= 1);
}

QTEST_GUILESS_MAIN(SandboxContractsTest)
#include "test_contracts.moc"
