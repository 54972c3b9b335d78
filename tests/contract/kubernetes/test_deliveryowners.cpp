// Flagger Canaries and Argo Rollouts that name a Deployment are shown before it is rolled back, scaled, restarted or
// set to an image: on a real API server, with the official definitions of both.
#include "services/adapters/kubernetes/deployer.h"
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/workloadactions.h"
#include "tests/contract/kubernetes/opslab.h"

#include <QDir>
#include <QFile>

using namespace signalbox;
using namespace signalbox::test;
using kubernetes::KubeClient;
using Json = nlohmann::json;

class DeliveryOwnersTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void kindsThatAreAbsentAreNoError();
    void theDefinitionsAreInForce();
    void everyPlanTellsTheController_data();
    void everyPlanTellsTheController();
    void aListThatIsHiddenIsTold_data();
    void aListThatIsHiddenIsTold();

private:
    Plan planned(const QString &operation, const std::shared_ptr<KubeClient> &client) const;
    QByteArray make(const QByteArray &object) const; // what is wrong; empty: made

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<HttpClient> m_http;
    std::shared_ptr<KubeClient> m_client;
    QString m_ns;
};

namespace
{

const QStringList operations{QStringLiteral("rollback"), QStringLiteral("scale"), QStringLiteral("restart"),
                             QStringLiteral("set-image")};
constexpr char canary[] =
    "{\"apiVersion\":\"flagger.app/v1beta1\",\"kind\":\"Canary\",\"metadata\":{\"name\":\"watch\"},"
    "\"spec\":{\"targetRef\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":"
    "\"web\"},\"service\":{\"port\":80},\"analysis\":{\"interval\":\"1m\",\"threshold\":5,\"iterations\":10}}}";
constexpr char rollout[] = "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":"
                           "\"steer\"},\"spec\":{\"workloadRef\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
                           "\"name\":\"web\",\"scaleDown\":\"onsuccess\"},\"selector\":{\"matchLabels\":{\"app\":"
                           "\"web\"}},\"strategy\":{\"canary\":{}}}}";

} // namespace

void DeliveryOwnersTest::initTestCase()
{
    const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
    if (contracts.isEmpty() || !QDir(contracts).exists())
        QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
    QString error; // one of its own: the shared one has schemas that accept anything under these names
    m_lab = LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--no-crds")}, &error);
    QVERIFY2(m_lab, qPrintable(error));
    m_http = std::make_unique<HttpClient>();
    m_client = clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    QVERIFY2(m_client, qPrintable(error));
    m_ns = m_lab->makeNamespace(QStringLiteral("delivery"));
    for (const char *image : {"registry.example/web:1.0", "registry.example/web:2.0"}) {
        const QByteArray wrong = make(deployment("web", image, 1));
        QVERIFY2(wrong.isEmpty(), wrong.constData());
        const auto done =
            m_lab->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/web"),
                            QStringLiteral("-n"), m_ns, QStringLiteral("--timeout=60s")});
        QVERIFY2(done.isGood(), done.err);
    }
}

QByteArray DeliveryOwnersTest::make(const QByteArray &object) const
{
    const auto made = m_lab->apply(object, m_ns);
    return made.isGood() ? QByteArray() : object + '\n' + made.err + ' ';
}

Plan DeliveryOwnersTest::planned(const QString &operation, const std::shared_ptr<KubeClient> &client) const
{
    const auto fill = [this](auto &order) {
        order.connection = QStringLiteral("lab");
        order.ns = m_ns;
        order.application = QStringLiteral("web");
        order.environment = m_ns;
        order.workload = {QStringLiteral("lab"),        QStringLiteral("apps"),
                          QStringLiteral("Deployment"), m_ns,
                          QStringLiteral("web"),        {}};
    };
    kubernetes::KubernetesRollback rollback(client);
    kubernetes::KubernetesWorkloads workloads(client);
    kubernetes::KubernetesDeployer deployer(client);
    RollbackOrder back;
    WorkloadOrder change;
    SetImageOrder release;
    fill(back);
    fill(change);
    fill(release);
    change.kind = operation == QLatin1String("scale") ? OperationKind::Scale : OperationKind::Restart;
    change.replicas = 3;
    release.tag = QStringLiteral("1.0");
    release.digest = QStringLiteral("sha256:") + QString(64, u'a');
    const auto plan = await(operation == QLatin1String("rollback")    ? rollback.plan(back, {})
                            : operation == QLatin1String("set-image") ? deployer.plan(release, {})
                                                                      : workloads.plan(change, {}));
    if (!plan)
        qFatal("plan of %s: %s", qPrintable(operation), qPrintable(plan.error().message));
    return *plan;
}

void DeliveryOwnersTest::kindsThatAreAbsentAreNoError()
{
    for (const QString &operation : operations) {
        const Plan plan = planned(operation, m_client);
        QVERIFY(isCheck(plan, CheckId::OtherOwner, CheckState::Pass));
    }
}

void DeliveryOwnersTest::theDefinitionsAreInForce()
{
    const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
    for (const char *file : {"/flagger/crd.yaml", "/argo-rollouts/rollout-crd.yaml"}) {
        QFile crd(contracts + QLatin1String(file));
        QVERIFY(crd.open(QIODevice::ReadOnly));
        // An empty text as default is null to an old server.
        const QByteArray yaml = crd.readAll().replace("default: \"\"\n", "default: \"unnamed\"\n");
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
    QTRY_VERIFY_WITH_TIMEOUT(await(m_client->discover({}, true))
                                 ->find(QStringLiteral("flagger.app"), QStringLiteral("canaries"))
                                 .has_value(),
                             20000);
    const auto refused = m_lab->apply(QByteArray(canary).replace("\"Deployment\"", "\"Pod\""), m_ns);
    QVERIFY2(!refused.isGood(), "the official schema is in force: a Canary cannot target a Pod");
}

void DeliveryOwnersTest::everyPlanTellsTheController_data()
{
    QTest::addColumn<QByteArray>("object");
    QTest::addColumn<QString>("resource");
    QTest::addColumn<QString>("told"); // %1: the namespace
    QTest::newRow("Flagger") << QByteArray(canary) << "canary/watch"
                             << "Canary %1/watch (targetRef Deployment/web)";
    QTest::newRow("Argo Rollouts") << QByteArray(rollout) << "rollout.argoproj.io/steer"
                                   << "Rollout %1/steer (workloadRef Deployment/web, scaleDown onsuccess)";
}

void DeliveryOwnersTest::everyPlanTellsTheController()
{
    QFETCH(QByteArray, object);
    QFETCH(QString, resource);
    QFETCH(QString, told);
    const QByteArray wrong = make(object);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
    for (const QString &operation : operations) {
        const Plan plan = planned(operation, m_client);
        QVERIFY2(isCheck(plan, CheckId::OtherOwner, CheckState::Warn), qPrintable(operation));
        const Check *check = checkOf(plan, CheckId::OtherOwner);
        QVERIFY2(check->detail.contains(told.arg(m_ns)), qPrintable(operation + u' ' + check->detail));
    }
    const auto gone = m_lab->kubectl({QStringLiteral("delete"), resource, QStringLiteral("-n"), m_ns});
    QVERIFY2(gone.isGood(), gone.err);
    QVERIFY(isCheck(planned(operations.first(), m_client), CheckId::OtherOwner, CheckState::Pass));
}

void DeliveryOwnersTest::aListThatIsHiddenIsTold_data()
{
    QTest::addColumn<QString>("hidden");
    QTest::newRow("Canaries") << "canaries.flagger.app";
    QTest::newRow("Rollouts") << "rollouts.argoproj.io";
}

void DeliveryOwnersTest::aListThatIsHiddenIsTold()
{
    QFETCH(QString, hidden);
    QString error;
    const auto client = accountClient(*m_http, *m_lab, m_ns, rulesWithout(hidden), &error);
    QVERIFY2(client, qPrintable(error));
    for (const QString &operation : operations) {
        const Plan plan = planned(operation, client);
        QVERIFY2(isCheck(plan, CheckId::OtherOwner, CheckState::Warn), qPrintable(operation));
        const Check *check = checkOf(plan, CheckId::OtherOwner);
        const QString where = hidden + QLatin1String(" in ") + m_ns;
        QVERIFY2(check->detail.contains(where) && check->wayOut.contains(where),
                 qPrintable(operation + u' ' + check->detail));
    }
}

QTEST_GUILESS_MAIN(DeliveryOwnersTest)
#include "test_deliveryowners.moc"
