// A plan of steps in the operator's hands, from the operation down to the weights on a real API server.
#include "services/adapters/kubernetes/lease.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/traffic.h"
#include "services/operations/operationcenter.h"
#include "tests/contract/kubernetes/opslab.h"
#include "tests/support/stays.h"

#include <QTemporaryDir>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using S = OperationState;

class KubernetesTrafficStepsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void everyCommandIsSeenInTheWeights();
    void aPausedDwellDoesNotGoOnByItself();
    void cleanup();
    void cleanupTestCase();

private:
    QString weights() const; // "blue/green"
    TrafficOrder order(const QList<int> &green, std::chrono::seconds dwell) const;
    Operation *begun(const QList<int> &green, std::chrono::seconds dwell);
    bool reaches(Operation *operation, S state) const;

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<HttpClient> m_http;
    std::shared_ptr<kubernetes::KubeClient> m_client;
    std::unique_ptr<kubernetes::KubernetesTraffic> m_traffic;
    std::unique_ptr<kubernetes::KubernetesStepRunner> m_runner;
    std::unique_ptr<kubernetes::KubernetesLocker> m_locker;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<OperationCenter> m_center;
    QString m_ns;
};

void KubernetesTrafficStepsTest::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_http = std::make_unique<HttpClient>();
    m_client = clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    QVERIFY2(m_client, qPrintable(error));
    m_traffic = std::make_unique<kubernetes::KubernetesTraffic>(m_client);
    m_runner = std::make_unique<kubernetes::KubernetesStepRunner>(m_client);
    m_locker = std::make_unique<kubernetes::KubernetesLocker>(m_client);
    m_ns = m_lab->makeNamespace(QStringLiteral("steps"));
    QVERIFY(!m_ns.isEmpty());
    for (const QByteArray name : {"cart-blue", "cart-green"}) {
        QVERIFY(m_lab->apply(deployment(name.constData(), "registry.example/cart:1.0", 1), m_ns).isGood());
        const auto made =
            m_lab->apply("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" + name +
                             "\"},\"spec\":{\"selector\":{\"app\":\"" + name + "\"},\"ports\":[{\"port\":80}]}}",
                         m_ns);
        QVERIFY2(made.isGood(), made.err);
    }
    for (const char *name : {"cart-blue", "cart-green"})
        QVERIFY(m_lab
                    ->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"),
                               QString::fromLatin1(name), QStringLiteral("-n"), m_ns, QStringLiteral("--timeout=60s")})
                    .isGood());
    m_folder = std::make_unique<QTemporaryDir>();
    OperationCenter::Settings settings;
    settings.dataFolder = m_folder->path();
    m_center = std::make_unique<OperationCenter>(
        [this](const QString &) -> std::optional<OperationPorts> {
            return OperationPorts{m_runner.get(), m_locker.get()};
        },
        settings);
}

QString KubernetesTrafficStepsTest::weights() const
{
    const auto output = m_lab->kubectl({QStringLiteral("get"), QStringLiteral("httproute/cart"), QStringLiteral("-n"),
                                        m_ns, QStringLiteral("-o"),
                                        QStringLiteral("jsonpath={.spec.rules[0].backendRefs[0].weight}/"
                                                       "{.spec.rules[0].backendRefs[1].weight}")});
    return QString::fromLatin1(output.out);
}

TrafficOrder KubernetesTrafficStepsTest::order(const QList<int> &green, std::chrono::seconds dwell) const
{
    TrafficOrder order;
    order.connection = QStringLiteral("lab");
    order.ns = m_ns;
    order.application = QStringLiteral("cart");
    order.environment = m_ns;
    order.router = {RouterRef::Kind::HttpRoute, {QStringLiteral("lab"), {}, {}, m_ns, QStringLiteral("cart"), {}}, {}};
    for (const int percent : green)
        order.steps.append({{{QStringLiteral("green"), percent}, {QStringLiteral("blue"), 100 - percent}}, dwell});
    return order;
}

// From 100 % blue, confirmed; its first step is under way.
Operation *KubernetesTrafficStepsTest::begun(const QList<int> &green, std::chrono::seconds dwell)
{
    const auto route = m_lab->apply("{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":\"HTTPRoute\","
                                    "\"metadata\":{\"name\":\"cart\"},\"spec\":{\"rules\":[{\"backendRefs\":["
                                    "{\"name\":\"cart-blue\",\"port\":80,\"weight\":100},"
                                    "{\"name\":\"cart-green\",\"port\":80,\"weight\":0}]}]}}",
                                    m_ns);
    if (!route.isGood())
        qFatal("%s", route.err.constData());
    const auto plan = await(m_traffic->plan(order(green, dwell), {}));
    if (!plan)
        qFatal("plan: %s", qPrintable(plan.error().message));
    const auto operation = m_center->create(*plan);
    if (!operation)
        qFatal("operation: %s", qPrintable(operation.error().message));
    if (!(*operation)->start() || !reaches(*operation, S::AwaitingConfirmation) ||
        !(*operation)->confirm((*operation)->plan().fingerprint()))
        qFatal("the operation did not begin");
    return *operation;
}

bool KubernetesTrafficStepsTest::reaches(Operation *operation, S state) const
{
    const bool is = QTest::qWaitFor([&] { return operation->state() == state; }, 30'000);
    if (!is)
        qInfo("state %d instead of %d: %s", static_cast<int>(operation->state()), static_cast<int>(state),
              operation->outcome() ? qPrintable(operation->outcome()->message) : "");
    return is;
}

void KubernetesTrafficStepsTest::everyCommandIsSeenInTheWeights()
{
    Operation *operation = begun({10, 25, 50, 100}, 1h);
    QVERIFY(reaches(operation, S::Dwelling));
    QCOMPARE(weights(), QStringLiteral("90/10"));

    QVERIFY(operation->canSkip() && operation->skipDwell());
    QTRY_COMPARE_WITH_TIMEOUT(weights(), QStringLiteral("75/25"), 20'000);
    QVERIFY(reaches(operation, S::Dwelling));

    QVERIFY(operation->canPause() && operation->pause());
    QVERIFY(reaches(operation, S::Paused));
    QCOMPARE(weights(), QStringLiteral("75/25"));

    QVERIFY(operation->canResume() && operation->resume());
    QVERIFY(reaches(operation, S::Dwelling));
    QCOMPARE(weights(), QStringLiteral("75/25"));
    QVERIFY(operation->pause() && reaches(operation, S::Paused));
    QVERIFY(operation->skipDwell()); // the operator's own word, from a pause too
    QTRY_COMPARE_WITH_TIMEOUT(weights(), QStringLiteral("50/50"), 20'000);
    QVERIFY(reaches(operation, S::Dwelling));

    QVERIFY(operation->canAbandon() && operation->abandon());
    QVERIFY(reaches(operation, S::Finished));
    QCOMPARE(weights(), QStringLiteral("100/0"));
    QVERIFY2(operation->outcome()->kind == OutcomeKind::Abandoned, qPrintable(operation->outcome()->message));
    QCOMPARE(operation->stepOutcomes().size(), 3); // the fourth was never begun
    const auto split = await(m_traffic->split(QStringLiteral("cart"), order({0}, 0s).router, {}));
    QVERIFY(split);
    QCOMPARE(split->legs[0].share.value_or(-1), 1.0);
}

void KubernetesTrafficStepsTest::aPausedDwellDoesNotGoOnByItself()
{
    Operation *operation = begun({10, 100}, 4s);
    QVERIFY(reaches(operation, S::Dwelling));
    QVERIFY(operation->pause());
    QVERIFY(reaches(operation, S::Paused));
    QVERIFY(stays([operation] { return operation->state() == S::Paused; }, 5s)); // longer than the whole dwell
    QCOMPARE(weights(), QStringLiteral("90/10"));
    QVERIFY(operation->resume());
    QTRY_COMPARE_WITH_TIMEOUT(weights(), QStringLiteral("0/100"), 30'000);
    QVERIFY(reaches(operation, S::Finished));
    QVERIFY2(operation->outcome()->kind == OutcomeKind::Done, qPrintable(operation->outcome()->message));
}

void KubernetesTrafficStepsTest::cleanup()
{
    for (Operation *operation : m_center->operations())
        operation->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(m_center->runningCount() == 0 && m_center->isIdle(), 30'000);
}

void KubernetesTrafficStepsTest::cleanupTestCase()
{
    m_center.reset(); // borrows the runner
}

QTEST_GUILESS_MAIN(KubernetesTrafficStepsTest)
#include "test_trafficsteps.moc"
