// Traffic by selector, HTTPRoute and VirtualService; scale, restart, pause; Leases; a PATCH cut in the middle.
#include "services/adapters/kubernetes/lease.h"
#include "services/adapters/kubernetes/planbasics.h"
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/traffic.h"
#include "services/adapters/kubernetes/workloadactions.h"
#include "tests/contract/kubernetes/opslab.h"
#include "tests/support/cutproxy.h"

#include <QDir>

using namespace signalbox;
using namespace signalbox::test;
using kubernetes::KubeClient;
using Json = nlohmann::json;

class KubernetesTrafficTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void aSelectorSwitchesAllTraffic();
    void aTrackWithoutReadyPodsIsBlocked();
    void aSelectorTakesNoShares();
    void anHttpRouteIsShiftedInSteps();
    void anHttpRouteThatIsRefusedIsNotEffective();
    void aVirtualServiceSumsTo100();
    void weightsThatMovedAreAConflict();
    void theWayBackRestoresTheFirstWeights();
    void rolloutsAndFlaggerAreFoundAsOwners_data();
    void rolloutsAndFlaggerAreFoundAsOwners();
    void whatIsHiddenIsNeverPassed_data();
    void whatIsHiddenIsNeverPassed();
    void sharesByPodsThatAreHiddenAreNotKnown();
    void aHiddenAutoscalerIsNotNone();
    void hiddenTracksAreNotNone();
    void aWorkloadScales();
    void anAutoscalerIsNamed();
    void aWorkloadRestarts_data();
    void aWorkloadRestarts();
    void aDeploymentPausesAndResumes();
    void aLeaseKeepsOthersOut();
    void aLeaseIsOnlySharedWhereItMay();
    void aCutPatchIsUnknownUntilReadAgain_data();
    void aCutPatchIsUnknownUntilReadAgain();

private:
    void kubectl(const QStringList &arguments, const QByteArray &input = {}) const;
    void reportRoute(const QString &name, const QByteArray &status) const;
    void apply(const QByteArray &input) const
    {
        kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")}, input);
    }
    void makeTracks(const QByteArray &app, int blue, int green);
    Json object(const QString &what) const;
    RouterRef router(RouterRef::Kind kind, const QString &name, const QString &rule = {}) const;
    TrafficOrder order(const RouterRef &router, const QList<QMap<QString, int>> &steps) const;
    WorkloadOrder workload(OperationKind kind, const QString &objectKind, const QString &name) const;
    Plan planned(const TrafficOrder &order);
    Plan planned(const WorkloadOrder &order);

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<HttpClient> m_http;
    std::shared_ptr<KubeClient> m_client;
    std::unique_ptr<kubernetes::KubernetesTraffic> m_traffic;
    std::unique_ptr<kubernetes::KubernetesWorkloads> m_workloads;
    std::unique_ptr<kubernetes::KubernetesStepRunner> m_runner;
    QString m_ns;
};

void KubernetesTrafficTest::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_http = std::make_unique<HttpClient>();
    m_client = clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    QVERIFY2(m_client, qPrintable(error));
    m_traffic = std::make_unique<kubernetes::KubernetesTraffic>(m_client);
    m_workloads = std::make_unique<kubernetes::KubernetesWorkloads>(m_client);
    m_runner = std::make_unique<kubernetes::KubernetesStepRunner>(m_client);
    m_ns = m_lab->makeNamespace(QStringLiteral("traffic"));
    QVERIFY(!m_ns.isEmpty());
    makeTracks("shop", 2, 2);
}

void KubernetesTrafficTest::kubectl(const QStringList &arguments, const QByteArray &input) const
{
    const auto output = m_lab->kubectl(arguments + QStringList{QStringLiteral("-n"), m_ns}, input);
    if (!output.isGood())
        qFatal("kubectl %s: %s", qPrintable(arguments.join(u' ')), output.err.constData());
}

// What a controller writes; without --subresource, which came with kubectl 1.24.
void KubernetesTrafficTest::reportRoute(const QString &name, const QByteArray &status) const
{
    Json route = object(QStringLiteral("httproute/") + name);
    route["status"] = Json::parse(status.toStdString())["status"];
    kubectl({QStringLiteral("replace"), QStringLiteral("-f"), QStringLiteral("-"), QStringLiteral("--raw"),
             QStringLiteral("/apis/%1/namespaces/%2/httproutes/%3/status")
                 .arg(QString::fromStdString(route["apiVersion"]), m_ns, name)},
            QByteArray::fromStdString(route.dump()));
}

Json KubernetesTrafficTest::object(const QString &what) const
{
    const auto output = m_lab->kubectl(
        {QStringLiteral("get"), what, QStringLiteral("-n"), m_ns, QStringLiteral("-o"), QStringLiteral("json")});
    return Json::parse(output.out.toStdString(), nullptr, false);
}

// Deployments APP-blue and APP-green, a Service for each and one, APP, that chooses blue.
void KubernetesTrafficTest::makeTracks(const QByteArray &app, int blue, int green)
{
    for (const QByteArray track : {"blue", "green"}) {
        const QByteArray labels = "{\"app\":\"" + app + "\",\"track\":\"" + track + "\"}";
        apply("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"" + app + "-" + track +
              "\"},\"spec\":{\"replicas\":" + QByteArray::number(track == "blue" ? blue : green) +
              ",\"selector\":{\"matchLabels\":" + labels + "},\"template\":{\"metadata\":{\"labels\":" + labels +
              "},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"registry.example/" + app + ":" +
              (track == "blue" ? "1.0" : "2.0") + "\"}]}}}}");
        apply("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" + app + "-" + track +
              "\"},\"spec\":{\"selector\":" + labels + ",\"ports\":[{\"port\":80}]}}");
    }
    apply("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" + app +
          "\"},\"spec\":{\"selector\":{\"app\":\"" + app + "\",\"track\":\"blue\"},\"ports\":[{\"port\":80}]}}");
    for (const QByteArray track : {"blue", "green"})
        kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"),
                 QString::fromLatin1(app + "-" + track), QStringLiteral("--timeout=60s")});
}

RouterRef KubernetesTrafficTest::router(RouterRef::Kind kind, const QString &name, const QString &rule) const
{
    return {kind, {QStringLiteral("lab"), {}, {}, m_ns, name, {}}, rule};
}

TrafficOrder KubernetesTrafficTest::order(const RouterRef &router, const QList<QMap<QString, int>> &steps) const
{
    TrafficOrder order;
    order.connection = QStringLiteral("lab");
    order.ns = m_ns;
    order.application = QStringLiteral("shop");
    order.environment = m_ns;
    order.router = router;
    for (const auto &percent : steps)
        order.steps.append({percent, std::chrono::seconds(5)});
    return order;
}

WorkloadOrder KubernetesTrafficTest::workload(OperationKind kind, const QString &objectKind, const QString &name) const
{
    WorkloadOrder order;
    order.connection = QStringLiteral("lab");
    order.ns = m_ns;
    order.application = name;
    order.environment = m_ns;
    order.workload = {QStringLiteral("lab"), QStringLiteral("apps"), objectKind, m_ns, name, {}};
    order.kind = kind;
    return order;
}

Plan KubernetesTrafficTest::planned(const TrafficOrder &order)
{
    const auto plan = await(m_traffic->plan(order, {}));
    if (!plan)
        qFatal("plan: %s (%s)", qPrintable(plan.error().message), qPrintable(plan.error().detail));
    return *plan;
}

Plan KubernetesTrafficTest::planned(const WorkloadOrder &order)
{
    const auto plan = await(m_workloads->plan(order, {}));
    if (!plan)
        qFatal("plan: %s (%s)", qPrintable(plan.error().message), qPrintable(plan.error().detail));
    return *plan;
}

void KubernetesTrafficTest::aSelectorSwitchesAllTraffic()
{
    const RouterRef ref = router(RouterRef::Kind::ServiceSelector, QStringLiteral("shop"));
    const auto before = await(m_traffic->split(QStringLiteral("shop"), ref, {}));
    QVERIFY2(before, qPrintable(before ? QString() : before.error().message));
    QCOMPARE(before->legs.size(), 2);
    QCOMPARE(before->legs[0].track, QStringLiteral("blue"));
    QCOMPARE(before->legs[0].share.value_or(-1), 1.0);
    QCOMPARE(before->legs[1].podsReady, 2);
    const Plan plan = planned(order(ref, {{{QStringLiteral("green"), 100}, {QStringLiteral("blue"), 0}}}));
    QVERIFY(!plan.isBlocked());
    QCOMPARE(plan.kind, OperationKind::TrafficSwitch);
    QVERIFY(isCheck(plan, CheckId::Capacity, CheckState::Pass));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QCOMPARE(seen.text, QStringLiteral("2 of 2 ready pods of the target receive traffic"));
    const auto after = await(m_traffic->split(QStringLiteral("shop"), ref, {}));
    QCOMPARE(after->legs[1].share.value_or(-1), 1.0);
    const auto back = await(m_runner->reversal(plan, {plan.steps[0].id}, {}));
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    ACCEPTED(*m_runner, *back, returned);
    QCOMPARE(watched(*m_runner, *back, returned).state, Observation::State::Effective);
    QVERIFY(object(QStringLiteral("service/shop"))["spec"]["selector"] == Json({{"app", "shop"}, {"track", "blue"}}));
}

void KubernetesTrafficTest::aTrackWithoutReadyPodsIsBlocked()
{
    makeTracks("empty", 1, 0);
    const Plan plan = planned(
        order(router(RouterRef::Kind::ServiceSelector, QStringLiteral("empty")), {{{QStringLiteral("green"), 100}}}));
    QVERIFY(isCheck(plan, CheckId::Capacity, CheckState::Block));
}

void KubernetesTrafficTest::aSelectorTakesNoShares()
{
    const auto plan = await(m_traffic->plan(order(router(RouterRef::Kind::ServiceSelector, QStringLiteral("shop")),
                                                  {{{QStringLiteral("green"), 50}, {QStringLiteral("blue"), 50}}}),
                                            {}));
    QVERIFY(!plan);
    QCOMPARE(plan.error().kind, ErrorKind::Unsupported);
}

void KubernetesTrafficTest::anHttpRouteIsShiftedInSteps()
{
    apply("{\"apiVersion\":\"gateway.networking.k8s.io/"
          "v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"steps\"},\"spec\":{\"rules\":["
          "{\"matches\":[{\"path\":{\"value\":\"/"
          "\"}}],\"backendRefs\":[{\"name\":\"shop-blue\",\"port\":80},{\"name\":\"shop-green\",\"port\":80,\"weight\":"
          "0}]}]}}");
    const RouterRef ref = router(RouterRef::Kind::HttpRoute, QStringLiteral("steps"));
    const Plan plan = planned(
        order(ref, {{{QStringLiteral("green"), 5}, {QStringLiteral("blue"), 95}}, {{QStringLiteral("green"), 100}}}));
    QVERIFY(!plan.isBlocked());
    QVERIFY(plan.dryRunAt.isValid());
    QCOMPARE(plan.steps.size(), 2);
    QCOMPARE(plan.steps[0].dwell, std::chrono::seconds(5));
    QVERIFY(isCheck(plan, CheckId::Routing, CheckState::Warn));
    ACCEPTED(*m_runner, plan.steps[0], first);
    const Json backends = object(QStringLiteral("httproute/steps"))["spec"]["rules"][0]["backendRefs"];
    QVERIFY(backends[0]["weight"] == 95 && backends[1]["weight"] == 5 && backends[0]["port"] == 80);
    const Observation seen = watched(*m_runner, plan.steps[0], first);
    QCOMPARE(seen.state, Observation::State::Effective);
    QVERIFY2(!seen.isConfirmed, "no controller reported: it cannot be told");
    reportRoute(QStringLiteral("steps"),
                "{\"status\":{\"parents\":[{\"parentRef\":{\"name\":\"gw\"},\"conditions\":[{\"type\":"
                "\"Accepted\",\"status\":\"True\",\"observedGeneration\":2},"
                "{\"type\":\"ResolvedRefs\",\"status\":\"True\",\"observedGeneration\":2}]}]}}");
    ACCEPTED(*m_runner, plan.steps[1], second);
    QCOMPARE(await(m_runner->observe(plan.steps[1], second, {}))->state,
             Observation::State::Pending); // generation 3 is not seen yet
    reportRoute(QStringLiteral("steps"),
                "{\"status\":{\"parents\":[{\"parentRef\":{\"name\":\"gw\"},\"conditions\":[{\"type\":"
                "\"Accepted\",\"status\":\"True\",\"observedGeneration\":3},"
                "{\"type\":\"ResolvedRefs\",\"status\":\"True\",\"observedGeneration\":3}]}]}}");
    const Observation confirmed = watched(*m_runner, plan.steps[1], second);
    QCOMPARE(confirmed.state, Observation::State::Effective);
    QVERIFY(confirmed.isConfirmed);
    const auto split = await(m_traffic->split(QStringLiteral("shop"), ref, {}));
    QCOMPARE(split->applied, TrafficSplit::Applied::Yes);
    QCOMPARE(split->legs[1].share.value_or(-1), 1.0);
}

void KubernetesTrafficTest::anHttpRouteThatIsRefusedIsNotEffective()
{
    apply("{\"apiVersion\":\"gateway.networking.k8s.io/"
          "v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"refused\"},\"spec\":{\"rules\":["
          "{\"backendRefs\":[{\"name\":\"shop-blue\",\"port\":80,\"weight\":1},{\"name\":\"shop-green\",\"port\":80,"
          "\"weight\":0}]}]}}");
    const Plan plan = planned(order(router(RouterRef::Kind::HttpRoute, QStringLiteral("refused")),
                                    {{{QStringLiteral("green"), 50}, {QStringLiteral("blue"), 50}}}));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    reportRoute(QStringLiteral("refused"),
                "{\"status\":{\"parents\":[{\"parentRef\":{\"name\":\"gw\"},\"conditions\":[{\"type\":"
                "\"Accepted\",\"status\":\"True\",\"observedGeneration\":2},"
                "{\"type\":\"ResolvedRefs\",\"status\":\"False\",\"reason\":\"BackendNotFound\","
                "\"message\":\"no such Service\",\"observedGeneration\":2}]}]}}");
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QCOMPARE(seen.state, Observation::State::Failed);
    QVERIFY2(seen.blocker.contains(QLatin1String("BackendNotFound")), qPrintable(seen.blocker));
}

void KubernetesTrafficTest::aVirtualServiceSumsTo100()
{
    apply("{\"apiVersion\":\"networking.istio.io/"
          "v1\",\"kind\":\"DestinationRule\",\"metadata\":{\"name\":\"shop\"},\"spec\":{\"host\":\"shop\",\"subsets\":["
          "{\"name\":\"v1\",\"labels\":{\"track\":\"blue\"}},{\"name\":\"v2\",\"labels\":{\"track\":\"green\"}}]}}");
    apply("{\"apiVersion\":\"networking.istio.io/"
          "v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"shop\"},\"spec\":{\"hosts\":[\"shop\"],\"http\":["
          "{\"name\":\"admin\",\"match\":[{\"uri\":{\"prefix\":\"/"
          "admin\"}}],\"route\":[{\"destination\":{\"host\":\"shop\",\"subset\":\"v1\"}}]},"
          "{\"name\":\"main\",\"route\":[{\"destination\":{\"host\":\"shop\",\"subset\":\"v1\"},\"weight\":100},"
          "{\"destination\":{\"host\":\"shop." +
          m_ns.toLatin1() + ".svc.cluster.local\",\"subset\":\"v2\"},\"weight\":0}]}]}}");
    const RouterRef ref = router(RouterRef::Kind::VirtualService, QStringLiteral("shop"), QStringLiteral("main"));
    const Plan plan = planned(order(ref, {{{QStringLiteral("green"), 33}, {QStringLiteral("blue"), 67}}}));
    QVERIFY2(!plan.isBlocked(), "subset v1 is blue by its labels");
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Json rules = object(QStringLiteral("virtualservice/shop"))["spec"]["http"];
    QVERIFY(rules[1]["route"][0]["weight"] == 67 && rules[1]["route"][1]["weight"] == 33);
    QVERIFY(!rules[0]["route"][0].contains("weight"));
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QCOMPARE(seen.state, Observation::State::Effective);
    QVERIFY(!seen.isConfirmed);
}

void KubernetesTrafficTest::weightsThatMovedAreAConflict()
{
    apply("{\"apiVersion\":\"gateway.networking.k8s.io/"
          "v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"moved\"},\"spec\":{\"rules\":["
          "{\"backendRefs\":[{\"name\":\"shop-blue\",\"weight\":100},{\"name\":\"shop-green\",\"weight\":0}]}]}}");
    const Plan plan =
        planned(order(router(RouterRef::Kind::HttpRoute, QStringLiteral("moved")), {{{QStringLiteral("green"), 100}}}));
    kubectl({QStringLiteral("annotate"), QStringLiteral("httproute"), QStringLiteral("moved"), QStringLiteral("a=b")});
    const auto dry = await(m_runner->dryRun(plan.steps[0], {}));
    QVERIFY2(dry, "an annotation is no conflict");
    kubectl({QStringLiteral("patch"), QStringLiteral("httproute"), QStringLiteral("moved"),
             QStringLiteral("--type=json"), QStringLiteral("-p"),
             QStringLiteral("[{\"op\":\"replace\",\"path\":\"/spec/rules/0/backendRefs/1/weight\",\"value\":7}]")});
    const auto receipt = await(m_runner->execute(plan.steps[0], {}));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
}

void KubernetesTrafficTest::theWayBackRestoresTheFirstWeights()
{
    apply("{\"apiVersion\":\"gateway.networking.k8s.io/"
          "v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"back\"},\"spec\":{\"rules\":["
          "{\"backendRefs\":[{\"name\":\"shop-blue\",\"weight\":9},{\"name\":\"shop-green\",\"weight\":1}]}]}}");
    const RouterRef ref = router(RouterRef::Kind::HttpRoute, QStringLiteral("back"));
    const Plan plan = planned(order(ref, {{{QStringLiteral("green"), 25}, {QStringLiteral("blue"), 75}},
                                          {{QStringLiteral("green"), 50}, {QStringLiteral("blue"), 50}}}));
    QCOMPARE(plan.from, QStringLiteral("blue 90 %, green 10 %"));
    ACCEPTED(*m_runner, plan.steps[0], first);
    ACCEPTED(*m_runner, plan.steps[1], second);
    const auto back = await(m_runner->reversal(plan, {plan.steps[0].id, plan.steps[1].id}, {}));
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    ACCEPTED(*m_runner, *back, returned);
    const Json backends = object(QStringLiteral("httproute/back"))["spec"]["rules"][0]["backendRefs"];
    QVERIFY(backends[0]["weight"] == 9 && backends[1]["weight"] == 1);
    const Observation seen = watched(*m_runner, *back, returned);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
}

void KubernetesTrafficTest::rolloutsAndFlaggerAreFoundAsOwners_data()
{
    QTest::addColumn<QByteArray>("owner");
    QTest::addColumn<QString>("named");
    QTest::newRow("Argo Rollouts")
        << QByteArray(
               "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"owner\"},"
               "\"spec\":{\"replicas\":0,\"strategy\":{\"canary\":{\"stableService\":\"shop-blue\",\"canaryService\":"
               "\"shop-green\",\"trafficRouting\":{\"istio\":{\"virtualService\":{\"name\":\"owned\"}}}}}}}")
        << "Rollout owner";
    QTest::newRow("Flagger")
        << QByteArray(
               "{\"apiVersion\":\"flagger.app/v1beta1\",\"kind\":\"Canary\",\"metadata\":{\"name\":\"watcher\"},"
               "\"spec\":{\"targetRef\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"shop-blue\"},"
               "\"service\":{\"name\":\"owned\",\"port\":80},\"analysis\":{\"interval\":\"30s\",\"stepWeight\":10}}}")
        << "Canary watcher";
}

void KubernetesTrafficTest::rolloutsAndFlaggerAreFoundAsOwners()
{
    QFETCH(QByteArray, owner);
    QFETCH(QString, named);
    apply(
        "{\"apiVersion\":\"networking.istio.io/"
        "v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"owned\"},\"spec\":{\"hosts\":[\"owned\"],\"http\":["
        "{\"route\":[{\"destination\":{\"host\":\"shop-blue\"},\"weight\":100},{\"destination\":{\"host\":\"shop-"
        "green\"},\"weight\":0}]}]}}");
    const TrafficOrder wanted =
        order(router(RouterRef::Kind::VirtualService, QStringLiteral("owned")), {{{QStringLiteral("green"), 100}}});
    QVERIFY(isCheck(planned(wanted), CheckId::OtherOwner, CheckState::Pass)); // nobody, and all lists were read
    apply(owner);
    const Plan plan = planned(wanted);
    kubectl({QStringLiteral("delete"), QStringLiteral("-f"), QStringLiteral("-")}, owner);
    const Check *check = checkOf(plan, CheckId::OtherOwner);
    QVERIFY(check && check->state == CheckState::Block);
    QVERIFY2(check->detail.contains(named), qPrintable(check->detail));
}

void KubernetesTrafficTest::whatIsHiddenIsNeverPassed_data()
{
    QTest::addColumn<QString>("hidden"); // may be got, not listed
    QTest::addColumn<RouterRef::Kind>("kind");
    QTest::addColumn<CheckId>("id");
    using Kind = RouterRef::Kind;
    QTest::newRow("pods behind a Service") << "pods" << Kind::ServiceSelector << CheckId::Capacity;
    QTest::newRow("pods behind a route") << "pods" << Kind::HttpRoute << CheckId::Capacity;
    QTest::newRow("Services of a route") << "services" << Kind::HttpRoute << CheckId::Capacity;
    QTest::newRow("Rollouts of a route") << "rollouts.argoproj.io" << Kind::HttpRoute << CheckId::OtherOwner;
    QTest::newRow("Rollouts of a Service") << "rollouts.argoproj.io" << Kind::ServiceSelector << CheckId::OtherOwner;
    QTest::newRow("Canaries") << "canaries.flagger.app" << Kind::HttpRoute << CheckId::OtherOwner;
    QTest::newRow("StatefulSets") << "statefulsets.apps" << Kind::HttpRoute << CheckId::RolloutUnderWay;
}

// A 403 is neither "none" nor a pass: the check says what is missing and which right it takes (trap T13).
void KubernetesTrafficTest::whatIsHiddenIsNeverPassed()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    QFETCH(QString, hidden);
    QFETCH(RouterRef::Kind, kind);
    QFETCH(CheckId, id);
    apply("{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"shop\"},"
          "\"spec\":{\"rules\":[{\"backendRefs\":[{\"name\":\"shop-blue\",\"weight\":100},{\"name\":\"shop-green\","
          "\"weight\":0}]}]}}");
    const TrafficOrder wanted = order(router(kind, QStringLiteral("shop")), {{{QStringLiteral("green"), 100}}});
    QVERIFY2(isCheck(planned(wanted), id, CheckState::Pass), "with the right it is known, and fine");
    QString error;
    const auto client = accountClient(*m_http, *m_lab, m_ns, rulesWithout(hidden), &error);
    QVERIFY2(client, qPrintable(error));
    kubernetes::KubernetesTraffic traffic(client);
    const auto plan = await(traffic.plan(wanted, {}));
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    QVERIFY(isCheck(*plan, id, CheckState::Warn));
    const Check *check = checkOf(*plan, id);
    QVERIFY2(check->text.contains(QLatin1String("not yours to see")), qPrintable(check->text));
    const QString where = hidden + QLatin1String(" in ") + m_ns;
    QVERIFY2(check->detail.contains(where) && check->wayOut.contains(where), qPrintable(check->detail + check->wayOut));
    QVERIFY2(!plan->isBlocked(), "what is not known does not block a forward move by itself");
    const auto split = await(traffic.split(QStringLiteral("shop"), wanted.router, {}));
    QVERIFY2(split, qPrintable(split ? QString() : split.error().message));
    for (const TrafficLeg &leg : split->legs)
        QCOMPARE(leg.podsReady, id == CheckId::Capacity ? -1 : 2);
    QCOMPARE(split->legs[0].share.value_or(-1), 1.0);
}

// A Service that chooses all tracks divides by their pods: without the right to list them nobody knows how.
void KubernetesTrafficTest::sharesByPodsThatAreHiddenAreNotKnown()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    apply("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"both\"},\"spec\":{\"selector\":{"
          "\"app\":\"shop\"},\"ports\":[{\"port\":80}]}}");
    const TrafficOrder wanted =
        order(router(RouterRef::Kind::ServiceSelector, QStringLiteral("both")), {{{QStringLiteral("green"), 100}}});
    const auto seen = await(m_traffic->split(QStringLiteral("shop"), wanted.router, {}));
    QVERIFY2(seen, qPrintable(seen ? QString() : seen.error().message));
    QCOMPARE(seen->legs.size(), 2);
    for (const TrafficLeg &leg : seen->legs)
        QCOMPARE(leg.share.value_or(-1), 0.5);
    QCOMPARE(planned(wanted).from, QStringLiteral("blue 50 %, green 50 %"));

    QString error;
    const auto client = accountClient(*m_http, *m_lab, m_ns, rulesWithout(QStringLiteral("pods")), &error);
    QVERIFY2(client, qPrintable(error));
    kubernetes::KubernetesTraffic traffic(client);
    const auto unseen = await(traffic.split(QStringLiteral("shop"), wanted.router, {}));
    QVERIFY2(unseen, qPrintable(unseen ? QString() : unseen.error().message));
    QCOMPARE(unseen->legs.size(), 2);
    for (const TrafficLeg &leg : unseen->legs)
        QVERIFY2(!leg.share && leg.podsReady == -1, qPrintable(leg.track));
    const auto plan = await(traffic.plan(wanted, {}));
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    QVERIFY2(plan->from.contains(QLatin1String("not yours to see")), qPrintable(plan->from));
    QCOMPARE(plan->effect, QStringLiteral("100 % of live traffic goes to green"));
    QVERIFY(!isCheck(*plan, CheckId::SameState, CheckState::Block));
}

void KubernetesTrafficTest::aHiddenAutoscalerIsNotNone()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    apply("{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":\"unseen\"},"
          "\"spec\":{\"minReplicas\":2,\"maxReplicas\":9,\"scaleTargetRef\":{\"apiVersion\":\"apps/v1\",\"kind\":"
          "\"Deployment\",\"name\":\"shop-blue\"}}}");
    const QString right = QStringLiteral("horizontalpodautoscalers.autoscaling");
    QString error;
    const auto client = accountClient(*m_http, *m_lab, m_ns, rulesWithout(right), &error);
    QVERIFY2(client, qPrintable(error));
    kubernetes::KubernetesWorkloads workloads(client);
    WorkloadOrder wanted = workload(OperationKind::Scale, QStringLiteral("Deployment"), QStringLiteral("shop-blue"));
    wanted.replicas = 4;
    const auto plan = await(workloads.plan(wanted, {}));
    const Plan seeing = planned(wanted);
    kubectl({QStringLiteral("delete"), QStringLiteral("hpa"), QStringLiteral("unseen")});
    QVERIFY(isCheck(seeing, CheckId::Autoscaler, CheckState::Block));
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    QVERIFY(isCheck(*plan, CheckId::Autoscaler, CheckState::Warn));
    const Check *check = checkOf(*plan, CheckId::Autoscaler);
    QVERIFY2(check->text.contains(QLatin1String("not yours to see")), qPrintable(check->text));
    QVERIFY2(check->wayOut.contains(right), qPrintable(check->wayOut));
}

void KubernetesTrafficTest::hiddenTracksAreNotNone()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    QString error;
    const auto client = accountClient(*m_http, *m_lab, m_ns, rulesWithout(QStringLiteral("deployments.apps")), &error);
    QVERIFY2(client, qPrintable(error));
    kubernetes::KubernetesTraffic traffic(client);
    const auto split = await(
        traffic.split(QStringLiteral("shop"), router(RouterRef::Kind::ServiceSelector, QStringLiteral("shop")), {}));
    QVERIFY(!split);
    QCOMPARE(split.error().kind, ErrorKind::Forbidden);
    QVERIFY2(split.error().message.contains(QLatin1String("deployments")), qPrintable(split.error().message));
}

void KubernetesTrafficTest::aWorkloadScales()
{
    makeTracks("scaled", 1, 0);
    WorkloadOrder wanted = workload(OperationKind::Scale, QStringLiteral("Deployment"), QStringLiteral("scaled-green"));
    wanted.replicas = 2; // from 0, which the server leaves out
    Plan plan = planned(wanted);
    QVERIFY(!plan.isBlocked());
    QVERIFY(plan.steps[0].call.path.endsWith(QLatin1String("/scale")));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QCOMPARE(seen.text, QStringLiteral("2 of 2 pods ready"));
    PlanStep journaled = plan.steps[0];
    journaled.call.body.clear();
    QCOMPARE(await(m_runner->tookPlace(journaled, {})).value_or(false), true);
    wanted.replicas = 3;
    plan = planned(wanted);
    kubectl({QStringLiteral("scale"), QStringLiteral("deployment"), QStringLiteral("scaled-green"),
             QStringLiteral("--replicas=1")});
    const auto late = await(m_runner->execute(plan.steps[0], {}));
    QVERIFY(!late);
    QCOMPARE(late.error().kind, ErrorKind::Conflict);
    wanted.replicas = 1;
    QVERIFY(isCheck(planned(wanted), CheckId::SameState, CheckState::Block));
}

void KubernetesTrafficTest::anAutoscalerIsNamed()
{
    apply(QByteArray("{\"apiVersion\":\"autoscaling/") + (m_lab->isSandbox() ? "v2" : "v1") +
          "\",\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":\"shop-blue\"},\"spec\":{"
          "\"minReplicas\":2,\"maxReplicas\":9,\"scaleTargetRef\":{\"apiVersion\":\"apps/v1\","
          "\"kind\":\"Deployment\",\"name\":\"shop-blue\"}}}");
    WorkloadOrder wanted = workload(OperationKind::Scale, QStringLiteral("Deployment"), QStringLiteral("shop-blue"));
    wanted.replicas = 4;
    const Plan plan = planned(wanted);
    QVERIFY(isCheck(plan, CheckId::Autoscaler, CheckState::Block));
    QVERIFY2(checkOf(plan, CheckId::Autoscaler)->detail.contains(QLatin1String("2 to 9")),
             qPrintable(checkOf(plan, CheckId::Autoscaler)->detail));
    kubectl({QStringLiteral("delete"), QStringLiteral("hpa"), QStringLiteral("shop-blue")});
}

void KubernetesTrafficTest::aWorkloadRestarts_data()
{
    QTest::addColumn<bool>("again"); // the annotation is there already
    QTest::newRow("first time") << false;
    QTest::newRow("again") << true;
}

void KubernetesTrafficTest::aWorkloadRestarts()
{
    QFETCH(bool, again);
    if (!again)
        makeTracks("restarted", 2, 0);
    const Json before = object(QStringLiteral("deployment/restarted-blue"))["spec"]["template"];
    QCOMPARE(before["metadata"].contains("annotations"), again);
    QTest::qWait(again ? 1100 : 0); // the annotation has whole seconds
    const Plan plan =
        planned(workload(OperationKind::Restart, QStringLiteral("Deployment"), QStringLiteral("restarted-blue")));
    QVERIFY(!plan.isBlocked());
    QVERIFY(!plan.steps[0].undo);
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QCOMPARE(seen.text, QStringLiteral("2 of 2 pods ready"));
    const Json after = object(QStringLiteral("deployment/restarted-blue"))["spec"]["template"];
    QVERIFY(after["metadata"]["annotations"].contains("kubectl.kubernetes.io/restartedAt"));
    QVERIFY(after != before);
}

void KubernetesTrafficTest::aDeploymentPausesAndResumes()
{
    Plan plan = planned(workload(OperationKind::Pause, QStringLiteral("Deployment"), QStringLiteral("shop-green")));
    ACCEPTED(*m_runner, plan.steps[0], paused);
    QCOMPARE(watched(*m_runner, plan.steps[0], paused).state, Observation::State::Effective);
    QVERIFY(object(QStringLiteral("deployment/shop-green"))["spec"]["paused"] == true);
    QVERIFY(isCheck(planned(workload(OperationKind::Pause, QStringLiteral("Deployment"), QStringLiteral("shop-green"))),
                    CheckId::SameState, CheckState::Block));
    plan = planned(workload(OperationKind::Resume, QStringLiteral("Deployment"), QStringLiteral("shop-green")));
    ACCEPTED(*m_runner, plan.steps[0], resumed);
    const Observation seen = watched(*m_runner, plan.steps[0], resumed);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QVERIFY(!object(QStringLiteral("deployment/shop-green"))["spec"].contains("paused"));
    const auto daemon = await(
        m_workloads->plan(workload(OperationKind::Pause, QStringLiteral("StatefulSet"), QStringLiteral("none")), {}));
    QVERIFY(!daemon);
}

void KubernetesTrafficTest::aLeaseKeepsOthersOut()
{
    kubernetes::KubernetesLocker mine(m_client, QStringLiteral("ann@desk/1"));
    kubernetes::KubernetesLocker theirs(m_client, QStringLiteral("bob@desk/2"));
    const QString app = QStringLiteral("shop");
    auto lock = await(mine.acquire(m_ns, app, QStringLiteral("shift"), false, {}));
    QVERIFY2(lock, qPrintable(lock ? QString() : lock.error().message));
    QVERIFY(lock->isShared);
    lock = await(theirs.acquire(m_ns, app, QStringLiteral("scale"), false, {}));
    QVERIFY(!lock);
    QCOMPARE(lock.error().kind, ErrorKind::Refused);
    QVERIFY2(lock.error().message.contains(QLatin1String("ann@desk/1")), qPrintable(lock.error().message));
    QVERIFY(await(mine.renew(m_ns, app, {})));
    lock = await(theirs.acquire(m_ns, app, QStringLiteral("rollback"), true, {})); // going back pre-empts
    QVERIFY(lock && lock->isShared);
    const auto renewed = await(mine.renew(m_ns, app, {}));
    QVERIFY(!renewed);
    QCOMPARE(renewed.error().kind, ErrorKind::Conflict);
    QVERIFY(await(mine.release(m_ns, app, {}))); // not mine any more: left alone
    lock = await(mine.acquire(m_ns, app, QStringLiteral("shift"), false, {}));
    QVERIFY(!lock);
    QVERIFY(await(theirs.release(m_ns, app, {})));
    lock = await(mine.acquire(m_ns, app, QStringLiteral("shift"), false, {}));
    QVERIFY(lock && lock->isShared);
    kubectl({QStringLiteral("patch"), QStringLiteral("lease"), kubernetes::KubernetesLocker::leaseName(app),
             QStringLiteral("--type=merge"), QStringLiteral("-p"),
             QStringLiteral("{\"spec\":{\"renewTime\":\"2020-01-01T00:00:00.000000Z\"}}")});
    lock = await(theirs.acquire(m_ns, app, QStringLiteral("shift"), false, {})); // its time was over
    QVERIFY(lock && lock->isShared);
}

void KubernetesTrafficTest::aLeaseIsOnlySharedWhereItMay()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    QString error;
    kubernetes::KubernetesLocker reader(clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-readonly"), &error));
    auto lock = await(reader.acquire(m_ns, QStringLiteral("shop2"), QStringLiteral("x"), false, {}));
    QVERIFY2(lock, qPrintable(lock ? QString() : lock.error().message));
    QVERIFY(!lock->isShared);
    QVERIFY2(lock->reason.contains(QLatin1String("lease")), qPrintable(lock->reason));
    const QByteArray role = "{\"apiVersion\":\"rbac.authorization.k8s.io/"
                            "v1\",\"kind\":\"Role\",\"metadata\":{\"name\":\"signalbox\",\"namespace\":\"team-a\"},"
                            "\"rules\":[{\"apiGroups\":[\"coordination.k8s.io\"],\"resources\":[\"leases\"],\"verbs\":["
                            "\"get\",\"create\",\"update\"]}]}";
    QVERIFY(m_lab->apply(role).isGood());
    QVERIFY(m_lab
                ->apply("{\"apiVersion\":\"rbac.authorization.k8s.io/"
                        "v1\",\"kind\":\"RoleBinding\",\"metadata\":{\"name\":\"signalbox\",\"namespace\":\"team-a\"},"
                        "\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":"
                        "\"signalbox\"},\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\","
                        "\"name\":\"lab-team-a\"}]}")
                .isGood());
    kubernetes::KubernetesLocker team(clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-team-a"), &error));
    const QString app = m_ns; // one of this run's own
    QTRY_VERIFY_WITH_TIMEOUT(await(team.acquire(QStringLiteral("team-a"), app, QStringLiteral("x"), false, {}))
                                 .value_or(RemoteLock())
                                 .isShared,
                             10000);
    QVERIFY(await(team.renew(QStringLiteral("team-a"), app, {})));
    QVERIFY(await(team.release(QStringLiteral("team-a"), app, {})));
}

void KubernetesTrafficTest::aCutPatchIsUnknownUntilReadAgain_data()
{
    QTest::addColumn<CutProxy::Cut>("cut");
    QTest::addColumn<bool>("happened");
    QTest::newRow("the answer is lost") << CutProxy::Cut::BeforeClient << true;
    QTest::newRow("the call is lost") << CutProxy::Cut::BeforeServer << false;
}

void KubernetesTrafficTest::aCutPatchIsUnknownUntilReadAgain()
{
    QFETCH(CutProxy::Cut, cut);
    QFETCH(bool, happened);
    const QByteArray name = happened ? "cut-answer" : "cut-call";
    for (const char *image : {"registry.example/web:1.0", "registry.example/web:2.0"}) {
        apply(deployment(name.constData(), image, 1));
        kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"),
                 QString::fromLatin1(name), QStringLiteral("--timeout=60s")});
    }
    CutProxy proxy(m_lab->port());
    QFile config(m_lab->kubeconfig());
    QVERIFY(config.open(QIODevice::ReadOnly));
    const auto parsed = kubernetes::parseKubeConfig(
        config.readAll().replace(":" + QByteArray::number(m_lab->port()), ":" + QByteArray::number(proxy.port())),
        m_lab->kubeconfig());
    QVERIFY2(parsed, qPrintable(parsed ? QString() : parsed.error().message));
    const auto access = kubernetes::accessFor(*parsed, QStringLiteral("lab-cert"));
    QVERIFY(access);
    const auto client =
        std::make_shared<KubeClient>(*m_http, kubernetes::endpointFor(*access, {QStringLiteral("cut")}));
    kubernetes::KubernetesRollback rollback(client);
    kubernetes::KubernetesStepRunner runner(client);
    RollbackOrder wanted;
    wanted.ns = m_ns;
    wanted.application = QString::fromLatin1(name);
    wanted.workload = {QStringLiteral("cut"),        QStringLiteral("apps"),
                       QStringLiteral("Deployment"), m_ns,
                       QString::fromLatin1(name),    {}};
    const auto plan = await(rollback.plan(wanted, {}));
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    proxy.cut(cut);
    const auto receipt = await(runner.execute(plan->steps[0], {}));
    QCOMPARE(proxy.cuts(), 1);
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::OutcomeUnknown);
    const auto tookPlace = await(runner.tookPlace(plan->steps[0], {}));
    QVERIFY2(tookPlace, qPrintable(tookPlace ? QString() : tookPlace.error().message));
    QCOMPARE(*tookPlace, happened);
    const Json container =
        object(QStringLiteral("deployment/") + QString::fromLatin1(name))["spec"]["template"]["spec"]["containers"][0];
    QVERIFY((container["image"] == "registry.example/web:1.0") == happened);
}

QTEST_GUILESS_MAIN(KubernetesTrafficTest)
#include "test_traffic.moc"
