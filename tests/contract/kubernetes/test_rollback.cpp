// Rollback of each kind on a real API server, compared with what kubectl makes of it.
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "tests/contract/kubernetes/opslab.h"

#include <QProcess>

using namespace signalbox;
using namespace signalbox::test;
using kubernetes::KubeClient;
using Json = nlohmann::json;

class KubernetesRollbackTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void everyKindEndsAsWithKubectl_data();
    void everyKindEndsAsWithKubectl();
    void aBrokenImageIsNotEffective_data();
    void aBrokenImageIsNotEffective();
    void anOrderedStatefulSetWaitsForItsStuckPod();
    void aCrashLoopIsNotEffective();
    void aMovedTemplateIsAConflict_data();
    void aMovedTemplateIsAConflict();
    void aScaleOrAnnotationInBetweenIsNone();
    void aNewObjectOfThatNameIsAConflict();
    void revisionsAreAddressedByNumberOrHash();
    void thePresentRevisionIsBlocked();
    void readersAreTold();
    void hiddenRevisionsAreNotNone_data();
    void hiddenRevisionsAreNotNone();
    void nodesTellWhetherTheyHoldTheImage();
    void aPausedDeploymentIsResumedAfterwards();
    void argoCdIsPausedFirst();
    void fluxIsSuspendedFirst_data();
    void fluxIsSuspendedFirst();
    void theWayBackRestoresTheTemplate();
    void tookPlaceTellsFromTheJournalAlone();
    void secretsStayOutOfDifferenceAndJournal();

private:
    QString makeDeployment(int replicas, const QStringList &images, const char *extra = "");
    QString makeWorkload(const QString &kind, int replicas, const QStringList &images, const QByteArray &extra = {});
    int podsOf(const QString &kind, int replicas) const
    {
        return kind == QLatin1String("DaemonSet") ? m_lab->nodes() : replicas;
    }
    ObjectRef ref(const QString &kind, const QString &name) const;
    RollbackOrder order(const QString &kind, const QString &name, const QString &to = {}) const;
    Json object(const QString &what, const QString &ns = {}) const;
    void kubectl(const QStringList &arguments, const QByteArray &input = {}) const;
    bool isSeenToFail(const QString &image, const QByteArray &app) const;
    Plan planned(const RollbackOrder &order);

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<HttpClient> m_http;
    std::shared_ptr<KubeClient> m_client;
    std::unique_ptr<kubernetes::KubernetesRollback> m_rollback;
    std::unique_ptr<kubernetes::KubernetesStepRunner> m_runner;
    QString m_ns;
};

void KubernetesRollbackTest::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_http = std::make_unique<HttpClient>();
    m_client = clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    QVERIFY2(m_client, qPrintable(error));
    m_rollback = std::make_unique<kubernetes::KubernetesRollback>(m_client);
    m_runner = std::make_unique<kubernetes::KubernetesStepRunner>(m_client);
    m_ns = m_lab->makeNamespace(QStringLiteral("rollback"));
    QVERIFY(!m_ns.isEmpty());
}

void KubernetesRollbackTest::kubectl(const QStringList &arguments, const QByteArray &input) const
{
    const auto output = m_lab->kubectl(arguments + QStringList{QStringLiteral("-n"), m_ns}, input);
    if (!output.isGood())
        qFatal("kubectl %s: %s", qPrintable(arguments.join(u' ')), output.err.constData());
}

Json KubernetesRollbackTest::object(const QString &what, const QString &ns) const
{
    const auto output = m_lab->kubectl({QStringLiteral("get"), what, QStringLiteral("-n"), ns.isEmpty() ? m_ns : ns,
                                        QStringLiteral("-o"), QStringLiteral("json")});
    return Json::parse(output.out.toStdString(), nullptr, false);
}

ObjectRef KubernetesRollbackTest::ref(const QString &kind, const QString &name) const
{
    return {QStringLiteral("lab"), QStringLiteral("apps"), kind, m_ns, name, {}};
}

RollbackOrder KubernetesRollbackTest::order(const QString &kind, const QString &name, const QString &to) const
{
    RollbackOrder order;
    order.connection = QStringLiteral("lab");
    order.ns = m_ns;
    order.application = name;
    order.environment = m_ns;
    order.workload = ref(kind, name);
    order.to = to;
    return order;
}

Plan KubernetesRollbackTest::planned(const RollbackOrder &order)
{
    const auto plan = await(m_rollback->plan(order, {}));
    if (!plan)
        qFatal("plan: %s (%s)", qPrintable(plan.error().message), qPrintable(plan.error().detail));
    return *plan;
}

// Whether a pod of the image waits for it, or to be started again.
bool KubernetesRollbackTest::isSeenToFail(const QString &image, const QByteArray &app) const
{
    for (const Json &pod : object(QStringLiteral("pods")).value("items", Json::array())) {
        if (pod.value(Json::json_pointer("/metadata/labels/app"), std::string()) != app.toStdString())
            continue;
        for (const Json &status : pod["status"].value("containerStatuses", Json::array())) {
            const std::string reason = status.value(Json::json_pointer("/state/waiting/reason"), std::string());
            if (QString::fromStdString(status.value("image", std::string())) == image &&
                (reason.find("ImagePull") != std::string::npos || reason.find("CrashLoop") != std::string::npos))
                return true;
        }
    }
    return false;
}

// A Deployment of a fresh name that went through `images`, fully rolled out but for those that cannot.
QString KubernetesRollbackTest::makeDeployment(int replicas, const QStringList &images, const char *extra)
{
    static int number = 0;
    const QString name = QStringLiteral("web%1").arg(++number);
    for (const QString &image : images) {
        kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
                deployment(name.toLatin1().constData(), image.toLatin1().constData(), replicas, extra));
        if (!image.contains(QLatin1String(":image-pull")) && !image.contains(QLatin1String(":crash")))
            kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"), name,
                     QStringLiteral("--timeout=60s")});
        else if (!QTest::qWaitFor([&] { return isSeenToFail(image, name.toLatin1()); }, 30'000))
            qFatal("no pod was seen to fail with %s", qPrintable(image));
    }
    return name;
}

// The same of any kind; `extra` is put into its spec.
QString KubernetesRollbackTest::makeWorkload(const QString &kind, int replicas, const QStringList &images,
                                             const QByteArray &extra)
{
    if (kind == QLatin1String("Deployment"))
        return makeDeployment(replicas, images, extra.constData());
    static int number = 0;
    const QString name = QStringLiteral("%1-%2").arg(kind.toLower()).arg(++number);
    const QByteArray spec =
        kind == QLatin1String("DaemonSet")
            ? QByteArray("\"updateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":4}},")
            : "\"serviceName\":\"x\",\"replicas\":" + QByteArray::number(replicas) + ',';
    const QByteArray word = name.toLatin1();
    for (const QString &image : images) {
        kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
                "{\"apiVersion\":\"apps/v1\",\"kind\":\"" + kind.toLatin1() + "\",\"metadata\":{\"name\":\"" + word +
                    "\"},\"spec\":{" + spec + extra + "\"selector\":{\"matchLabels\":{\"app\":\"" + word +
                    "\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"" + word +
                    "\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" + image.toLatin1() + "\"}]}}}}");
        if (!image.contains(QLatin1String(":image-pull")))
            kubectl({QStringLiteral("rollout"), QStringLiteral("status"), kind.toLower(), name,
                     QStringLiteral("--timeout=90s")});
        else if (!QTest::qWaitFor([&] { return isSeenToFail(image, word); }, 30'000))
            qFatal("no pod was seen to fail with %s", qPrintable(image));
    }
    return name;
}

void KubernetesRollbackTest::everyKindEndsAsWithKubectl_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QByteArray>("spec"); // between selector and template
    QTest::newRow("Deployment") << "Deployment" << QByteArray("\"replicas\":3,");
    QTest::newRow("StatefulSet") << "StatefulSet" << QByteArray("\"replicas\":3,\"serviceName\":\"x\",");
    QTest::newRow("DaemonSet")
        << "DaemonSet"
        << QByteArray("\"updateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":4}},");
}

void KubernetesRollbackTest::everyKindEndsAsWithKubectl()
{
    QFETCH(QString, kind);
    QFETCH(QByteArray, spec);
    const QStringList twins{QStringLiteral("ours-") + kind.toLower(), QStringLiteral("theirs-") + kind.toLower()};
    for (const QString &name : twins) {
        for (const QByteArray env : {"{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"GONE\",\"value\":\"x\"}",
                                     "{\"name\":\"A\",\"value\":\"2\"}"}) {
            const QByteArray yaml =
                "{\"apiVersion\":\"apps/v1\",\"kind\":\"" + kind.toLatin1() + "\",\"metadata\":{\"name\":\"" +
                name.toLatin1() + "\"},\"spec\":{" + spec + "\"selector\":{\"matchLabels\":{\"app\":\"" +
                name.toLatin1() + "\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"" + name.toLatin1() +
                "\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"registry.example/web:" +
                (env.contains("GONE") ? "1.0" : "2.0") + "\",\"env\":[" + env + "]}]}}}}";
            kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")}, yaml);
            kubectl({QStringLiteral("rollout"), QStringLiteral("status"), kind.toLower(), name,
                     QStringLiteral("--timeout=90s")});
        }
    }
    kubectl({QStringLiteral("rollout"), QStringLiteral("undo"), kind.toLower(), twins[1]});

    const Plan plan = planned(order(kind, twins[0], QStringLiteral("1")));
    QVERIFY(!plan.isBlocked());
    QVERIFY(plan.dryRunAt.isValid());
    QCOMPARE(plan.steps.size(), 1);
    QVERIFY2(diffText(plan.steps[0].diff).contains("registry.example/web:1.0"), diffText(plan.steps[0].diff));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + u' ' + seen.blocker));
    QVERIFY2(seen.text.contains(QStringLiteral("%1 of %1").arg(podsOf(kind, 3))), qPrintable(seen.text));

    std::string templates[2];
    for (int i : {0, 1}) {
        Json pod = object(kind.toLower() + u'/' + twins[i])["spec"]["template"];
        templates[i] = pod.dump();
        for (size_t at = templates[i].find(twins[i].toStdString()); at != std::string::npos;
             at = templates[i].find(twins[i].toStdString()))
            templates[i].replace(at, static_cast<size_t>(twins[i].size()), "NAME");
    }
    QCOMPARE(QByteArray::fromStdString(templates[0]), QByteArray::fromStdString(templates[1]));
}

void KubernetesRollbackTest::aBrokenImageIsNotEffective_data()
{
    QTest::addColumn<QString>("kind");
    for (const char *kind : {"Deployment", "StatefulSet", "DaemonSet"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void KubernetesRollbackTest::aBrokenImageIsNotEffective()
{
    QFETCH(QString, kind);
    const bool isStateful = kind == QLatin1String("StatefulSet"); // an ordered one would not get past its first pod
    const QString name = makeWorkload(
        kind, 3, {QStringLiteral("registry.example/web:image-pull"), QStringLiteral("registry.example/web:2.0")},
        isStateful ? QByteArray("\"podManagementPolicy\":\"Parallel\",") : QByteArray());
    const Plan plan = planned(order(kind, name, QStringLiteral("1")));
    QVERIFY2(isCheck(plan, CheckId::TargetImage, CheckState::Block), "the cluster saw that image fail");
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QCOMPARE(seen.state, Observation::State::Failed);
    QCOMPARE(seen.text, QStringLiteral("0 of %1 pods ready").arg(podsOf(kind, 3)));
    QVERIFY2(seen.blocker.startsWith(QLatin1String("ImagePullBackOff: registry.example/web:image-pull")),
             qPrintable(seen.blocker));
}

// The controller waits for the stuck pod for ever; the operator is told which one to delete, before and after.
void KubernetesRollbackTest::anOrderedStatefulSetWaitsForItsStuckPod()
{
    const QString kind = QStringLiteral("StatefulSet");
    const QString name = makeWorkload(
        kind, 2, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:image-pull")});
    const QString stuck = name + QStringLiteral("-1");
    const Plan plan = planned(order(kind, name, QStringLiteral("1")));
    QVERIFY(isCheck(plan, CheckId::RolloutUnderWay, CheckState::Warn));
    const QString wayOut = checkOf(plan, CheckId::RolloutUnderWay)->wayOut;
    QVERIFY2(wayOut.contains(stuck), qPrintable(wayOut));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    Observation seen;
    const auto isTold = [&] {
        seen = await(m_runner->observe(plan.steps[0], receipt, {})).value_or(Observation());
        return seen.blocker.contains(QLatin1String("delete that pod"));
    };
    QTRY_VERIFY2_WITH_TIMEOUT(isTold(), qPrintable(seen.text + seen.blocker), 20'000);
    QCOMPARE(seen.state, Observation::State::Pending);
    QCOMPARE(seen.text, QStringLiteral("1 of 2 pods ready"));
    QVERIFY2(seen.blocker.contains(stuck) && seen.blocker.contains(QLatin1String("Image")), qPrintable(seen.blocker));
    kubectl({QStringLiteral("delete"), QStringLiteral("pod"), stuck, QStringLiteral("--wait=false")});
    seen = watched(*m_runner, plan.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QCOMPARE(seen.text, QStringLiteral("2 of 2 pods ready"));
}

void KubernetesRollbackTest::aCrashLoopIsNotEffective()
{
    const QString name =
        makeDeployment(2, {QStringLiteral("registry.example/web:crash"), QStringLiteral("registry.example/web:2.0")});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name, QStringLiteral("1")));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QCOMPARE(seen.state, Observation::State::Failed);
    QCOMPARE(seen.text, QStringLiteral("0 of 2 pods ready"));
    QVERIFY2(seen.blocker.startsWith(QLatin1String("CrashLoopBackOff")), qPrintable(seen.blocker));
}

void KubernetesRollbackTest::aMovedTemplateIsAConflict_data()
{
    aBrokenImageIsNotEffective_data();
}

void KubernetesRollbackTest::aMovedTemplateIsAConflict()
{
    QFETCH(QString, kind);
    const QString name =
        makeWorkload(kind, 1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const Plan plan = planned(order(kind, name));
    kubectl({QStringLiteral("set"), QStringLiteral("image"), kind.toLower() + u'/' + name,
             QStringLiteral("web=registry.example/web:3.0")});
    const auto receipt = await(m_runner->execute(plan.steps[0], {}));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
    QVERIFY2(receipt.error().message.contains(QLatin1String("spec.template")), qPrintable(receipt.error().message));
    QVERIFY(object(kind.toLower() + u'/' + name)["spec"]["template"]["spec"]["containers"][0]["image"] ==
            Json("registry.example/web:3.0"));
}

void KubernetesRollbackTest::aScaleOrAnnotationInBetweenIsNone()
{
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name));
    kubectl({QStringLiteral("scale"), QStringLiteral("deployment"), name, QStringLiteral("--replicas=2")});
    kubectl({QStringLiteral("annotate"), QStringLiteral("deployment"), name,
             QStringLiteral("argocd.argoproj.io/tracking-id=shop:apps/Deployment:x/y")});
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    const Observation seen = watched(*m_runner, plan.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text));
    QCOMPARE(seen.text, QStringLiteral("2 of 2 pods ready"));
    const Json now = object(QStringLiteral("deployment/") + name);
    QVERIFY2(now["metadata"]["annotations"].contains("argocd.argoproj.io/tracking-id"),
             "kubectl would have dropped it (trap T4)");
}

void KubernetesRollbackTest::aNewObjectOfThatNameIsAConflict()
{
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name));
    kubectl({QStringLiteral("delete"), QStringLiteral("deployment"), name});
    kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
            deployment(name.toLatin1().constData(), "registry.example/web:2.0", 1));
    const auto receipt = await(m_runner->execute(plan.steps[0], {}));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
    QVERIFY2(receipt.error().message.contains(QLatin1String("made again")), qPrintable(receipt.error().message));
}

void KubernetesRollbackTest::revisionsAreAddressedByNumberOrHash()
{
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0"),
                           QStringLiteral("registry.example/web:3.0")});
    const auto targets = await(m_rollback->targets(ref(QStringLiteral("Deployment"), name), {}));
    QVERIFY(targets);
    QCOMPARE(targets->size(), 3);
    QCOMPARE((*targets)[0].revision.number, 3);
    QVERIFY((*targets)[0].isLive);
    QVERIFY((*targets)[1].isSuggested);
    QCOMPARE((*targets)[2].version, QStringLiteral("1.0"));
    const QString hash = (*targets)[2].revision.templateHash;
    QCOMPARE(planned(order(QStringLiteral("Deployment"), name, hash.left(6))).toHash, hash);
    QCOMPARE(planned(order(QStringLiteral("Deployment"), name, QStringLiteral("1"))).toHash, hash);
    const auto unknown = await(m_rollback->plan(order(QStringLiteral("Deployment"), name, QStringLiteral("9")), {}));
    QVERIFY(!unknown);
    QCOMPARE(unknown.error().kind, ErrorKind::NotFound);
    QVERIFY2(unknown.error().message.contains(hash.left(10)), "it says what is kept");
}

void KubernetesRollbackTest::thePresentRevisionIsBlocked()
{
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name, QStringLiteral("2")));
    QVERIFY(isCheck(plan, CheckId::SameState, CheckState::Block));
}

void KubernetesRollbackTest::readersAreTold()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    QString error;
    kubernetes::KubernetesRollback reader(
        clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-readonly"), &error));
    const auto plan = await(reader.plan(order(QStringLiteral("Deployment"), name), {}));
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    QVERIFY(isCheck(*plan, CheckId::Rights, CheckState::Block));
    QVERIFY2(checkOf(*plan, CheckId::Rights)->text.contains(QLatin1String("patch deployments.apps")),
             qPrintable(checkOf(*plan, CheckId::Rights)->text));
    QVERIFY(!plan->dryRunAt.isValid());
}

void KubernetesRollbackTest::hiddenRevisionsAreNotNone_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("hidden"); // may be got, not listed
    QTest::newRow("Deployment") << "Deployment"
                                << "replicasets.apps";
    QTest::newRow("StatefulSet") << "StatefulSet"
                                 << "controllerrevisions.apps";
    QTest::newRow("DaemonSet") << "DaemonSet"
                               << "controllerrevisions.apps";
}

void KubernetesRollbackTest::hiddenRevisionsAreNotNone()
{
    if (m_lab->isSandbox())
        QSKIP("one operator with all rights");
    QFETCH(QString, kind);
    QFETCH(QString, hidden);
    const QString name =
        makeWorkload(kind, 2, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    QString error;
    const auto client = accountClient(*m_http, *m_lab, m_ns, rulesWithout(hidden), &error);
    QVERIFY2(client, qPrintable(error));
    kubernetes::KubernetesRollback rollback(client);
    const auto targets = await(rollback.targets(ref(kind, name), {}));
    const auto plan = await(rollback.plan(order(kind, name), {}));
    for (const Error &told : {targets ? Error{} : targets.error(), plan ? Error{} : plan.error()}) {
        QCOMPARE(told.kind, ErrorKind::Forbidden);
        QVERIFY2(told.message.contains(hidden.section(u'.', 0, 0)), qPrintable(told.message));
    }
    // Whoever may not see them still sees the end of a roll-out, as kubectl's rollout status does.
    const Plan seeing = planned(order(kind, name));
    ACCEPTED(*m_runner, seeing.steps[0], receipt);
    kubernetes::KubernetesStepRunner runner(client);
    const Observation seen = watched(runner, seeing.steps[0], receipt);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + u' ' + seen.blocker));
    QCOMPARE(seen.text, QStringLiteral("%1 of %1 pods ready").arg(podsOf(kind, 2)));
}

void KubernetesRollbackTest::nodesTellWhetherTheyHoldTheImage()
{
    const QString old = QStringLiteral("registry.example/held-%1:1.0").arg(m_ns);
    const QString name = makeDeployment(1, {old, QStringLiteral("registry.example/held:2.0")});
    const auto planWith = [&](const char *context) { // anew each time: the nodes' answer is kept for a while
        QString error;
        kubernetes::KubernetesRollback rollback(
            clientOf(*m_http, m_lab->kubeconfig(), QString::fromLatin1(context), &error));
        const auto plan = await(rollback.plan(order(QStringLiteral("Deployment"), name), {}));
        return plan ? *plan : Plan();
    };
    const auto imageCheckOf = [&](const Plan &plan) {
        const Check *check = checkOf(plan, CheckId::TargetImage);
        return check ? *check : Check();
    };
    QTRY_COMPARE_WITH_TIMEOUT(imageCheckOf(planWith("lab-cert")).state, CheckState::Pass, 20'000);
    const Check held = imageCheckOf(planWith("lab-cert"));
    QVERIFY2(held.text.contains(QStringLiteral(" of %1 nodes hold the image").arg(m_lab->nodes())),
             qPrintable(held.text));
    QVERIFY2(held.detail.contains(old), qPrintable(held.detail));
    if (m_lab->isSandbox())
        return; // its one operator may list nodes
    // Who may not list nodes is told so.
    const QString there = QStringLiteral("team-a");
    for (const char *image : {"registry.example/held:1.0", "registry.example/held:2.0"}) {
        const auto applied = m_lab->kubectl(
            {QStringLiteral("apply"), QStringLiteral("-n"), there, QStringLiteral("-f"), QStringLiteral("-")},
            deployment("held", image, 1));
        QVERIFY2(applied.isGood(), applied.err.constData());
        m_lab->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("-n"), there,
                        QStringLiteral("deployment"), QStringLiteral("held"), QStringLiteral("--timeout=60s")});
    }
    QString error;
    kubernetes::KubernetesRollback member(clientOf(*m_http, m_lab->kubeconfig(), QStringLiteral("lab-team-a"), &error));
    RollbackOrder ours = order(QStringLiteral("Deployment"), QStringLiteral("held"));
    ours.ns = there;
    ours.workload.ns = there;
    const auto plan = await(member.plan(ours, {}));
    m_lab->kubectl(
        {QStringLiteral("delete"), QStringLiteral("deployment"), QStringLiteral("held"), QStringLiteral("-n"), there});
    QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
    QCOMPARE(imageCheckOf(*plan).state, CheckState::Warn);
    QVERIFY2(imageCheckOf(*plan).detail.contains(QLatin1String("the nodes' images are not yours to see")),
             qPrintable(imageCheckOf(*plan).detail));
}

void KubernetesRollbackTest::aPausedDeploymentIsResumedAfterwards()
{
    const QString name =
        makeDeployment(2, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    kubectl({QStringLiteral("rollout"), QStringLiteral("pause"), QStringLiteral("deployment"), name});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name));
    QVERIFY(isCheck(plan, CheckId::Paused, CheckState::Warn));
    QVERIFY(!plan.isBlocked());
    QCOMPARE(plan.steps.size(), 2);
    QVERIFY(plan.steps[1].isOptional);
    ACCEPTED(*m_runner, plan.steps[0], first);
    const Observation written = watched(*m_runner, plan.steps[0], first);
    QCOMPARE(written.state, Observation::State::Effective);
    QVERIFY2(written.text.contains(QLatin1String("no pod has it")), qPrintable(written.text));
    ACCEPTED(*m_runner, plan.steps[1], second);
    const Observation seen = watched(*m_runner, plan.steps[1], second);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QCOMPARE(seen.text, QStringLiteral("2 of 2 pods ready"));
    QVERIFY(object(QStringLiteral("deployment/") + name)["spec"]["template"]["spec"]["containers"][0]["image"] ==
            Json("registry.example/web:1.0"));
}

void KubernetesRollbackTest::argoCdIsPausedFirst()
{
    const auto crd = m_lab->kubectl({QStringLiteral("apply"), QStringLiteral("-f"),
                                     QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/crds/argocd.yaml")});
    QVERIFY2(crd.isGood(), crd.err);
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("wait"), QStringLiteral("--for=condition=Established"),
                           QStringLiteral("crd/applications.argoproj.io")})
                .isGood());
    QVERIFY(await(m_client->discover({}, true)));
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const QByteArray app =
        "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Application\",\"metadata\":{\"name\":\"" +
        m_ns.toLatin1() +
        "\"},\"spec\":{\"project\":\"default\",\"syncPolicy\":{\"automated\":{\"prune\":true,\"selfHeal\":true},"
        "\"retry\":{\"limit\":2}}}}";
    kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
            app); // in a namespace that is not Argo CD's own
    kubectl({QStringLiteral("annotate"), QStringLiteral("deployment"), name,
             QStringLiteral("argocd.argoproj.io/tracking-id=%1:apps/Deployment:%1/%2").arg(m_ns, name)});
    RollbackOrder wanted = order(QStringLiteral("Deployment"), name);
    Plan plan = planned(wanted);
    QCOMPARE(plan.steps.size(), 2);
    QVERIFY(plan.steps[0].isOptional && !plan.steps[0].isChosen);
    QVERIFY(isCheck(plan, CheckId::OtherOwner, CheckState::Warn));
    wanted.pauseReconciliation = true;
    plan = planned(wanted);
    QVERIFY(plan.steps[0].isChosen);
    QVERIFY(isCheck(plan, CheckId::OtherOwner, CheckState::Pass));
    ACCEPTED(*m_runner, plan.steps[0], paused);
    QCOMPARE(watched(*m_runner, plan.steps[0], paused).state, Observation::State::Effective);
    const Json policy = object(QStringLiteral("applications.argoproj.io/") + m_ns)["spec"]["syncPolicy"];
    QVERIFY(!policy.contains("automated"));
    QVERIFY(policy["retry"]["limit"] == 2);
    ACCEPTED(*m_runner, plan.steps[1], receipt);
    QCOMPARE(watched(*m_runner, plan.steps[1], receipt).state, Observation::State::Effective);
    QVERIFY(plan.steps[0].undo);
    PlanStep undo = plan.steps[0];
    undo.call = *undo.undo;
    ACCEPTED(*m_runner, undo, undone);
    QVERIFY(object(QStringLiteral("applications.argoproj.io/") + m_ns)["spec"]["syncPolicy"]["automated"] ==
            Json({{"prune", true}, {"selfHeal", true}}));
}

void KubernetesRollbackTest::fluxIsSuspendedFirst_data()
{
    QTest::addColumn<QString>("resource"); // of the object that manages it
    QTest::addColumn<QByteArray>("owner");
    QTest::addColumn<QString>("label"); // by which it marks what it writes
    QTest::newRow("Kustomization") << "kustomizations.kustomize.toolkit.fluxcd.io"
                                   << QByteArray("{\"apiVersion\":\"kustomize.toolkit.fluxcd.io/v1\",\"kind\":"
                                                 "\"Kustomization\",\"metadata\":{\"name\":\"apps\"},\"spec\":{"
                                                 "\"interval\":\"1m\",\"prune\":true}}")
                                   << "kustomize.toolkit.fluxcd.io";
    QTest::newRow("HelmRelease that corrects drift")
        << "helmreleases.helm.toolkit.fluxcd.io"
        << QByteArray("{\"apiVersion\":\"helm.toolkit.fluxcd.io/v2\",\"kind\":\"HelmRelease\",\"metadata\":{\"name\":"
                      "\"apps\"},\"spec\":{\"interval\":\"1m\",\"driftDetection\":{\"mode\":\"enabled\"}}}")
        << "helm.toolkit.fluxcd.io";
}

void KubernetesRollbackTest::fluxIsSuspendedFirst()
{
    QFETCH(QString, resource);
    QFETCH(QByteArray, owner);
    QFETCH(QString, label);
    const auto crd = m_lab->kubectl({QStringLiteral("apply"), QStringLiteral("-f"),
                                     QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/crds/flux.yaml")});
    QVERIFY2(crd.isGood(), crd.err);
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("wait"), QStringLiteral("--for=condition=Established"),
                           QStringLiteral("crd/") + resource})
                .isGood());
    QVERIFY(await(m_client->discover({}, true)));
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")}, owner);
    kubectl({QStringLiteral("label"), QStringLiteral("deployment"), name, label + QStringLiteral("/name=apps"),
             label + QStringLiteral("/namespace=") + m_ns});
    RollbackOrder wanted = order(QStringLiteral("Deployment"), name);
    wanted.pauseReconciliation = true;
    const Plan plan = planned(wanted);
    QCOMPARE(plan.steps.size(), 2);
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    QVERIFY(object(resource + QStringLiteral("/apps"))["spec"]["suspend"] == true);
    PlanStep undo = plan.steps[0];
    undo.call = *undo.undo;
    ACCEPTED(*m_runner, undo, undone);
    QVERIFY(!object(resource + QStringLiteral("/apps"))["spec"].contains("suspend"));
}

void KubernetesRollbackTest::theWayBackRestoresTheTemplate()
{
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const Json before = object(QStringLiteral("deployment/") + name)["spec"]["template"];
    const Plan plan = planned(order(QStringLiteral("Deployment"), name));
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    kubectl({QStringLiteral("scale"), QStringLiteral("deployment"), name, QStringLiteral("--replicas=2")});
    const auto back = await(m_runner->reversal(plan, {plan.steps[0].id}, {}));
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    QVERIFY2(diffText(back->diff).contains("+ "), "it shows what it does");
    ACCEPTED(*m_runner, *back, returned);
    const Observation seen = watched(*m_runner, *back, returned);
    QVERIFY2(seen.state == Observation::State::Effective, qPrintable(seen.text + seen.blocker));
    QVERIFY(object(QStringLiteral("deployment/") + name)["spec"]["template"] == before);
}

void KubernetesRollbackTest::tookPlaceTellsFromTheJournalAlone()
{
    const QString name =
        makeDeployment(1, {QStringLiteral("registry.example/web:1.0"), QStringLiteral("registry.example/web:2.0")});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name));
    PlanStep journaled = plan.steps[0];
    journaled.call.body.clear();
    journaled.undo.reset();
    journaled.diff.clear();
    auto happened = await(m_runner->tookPlace(journaled, {}));
    QVERIFY(happened);
    QCOMPARE(*happened, false);
    ACCEPTED(*m_runner, plan.steps[0], receipt);
    happened = await(m_runner->tookPlace(journaled, {}));
    QVERIFY(happened);
    QCOMPARE(*happened, true);
    QCOMPARE(watched(*m_runner, journaled, {}).state, Observation::State::Effective);
    // As a webhook does it: more than was sent, and all that was sent.
    kubectl(
        {QStringLiteral("patch"), QStringLiteral("deployment"), name, QStringLiteral("--type=merge"),
         QStringLiteral("-p"),
         QStringLiteral("{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"hook.example/by\":\"it\"}}}}}")});
    happened = await(m_runner->tookPlace(journaled, {}));
    QVERIFY2(happened, qPrintable(happened ? QString() : happened.error().message));
    QCOMPARE(*happened, true);
    QCOMPARE(watched(*m_runner, journaled, {}).state, Observation::State::Effective);
    kubectl({QStringLiteral("set"), QStringLiteral("image"), QStringLiteral("deployment/") + name,
             QStringLiteral("web=registry.example/web:3.0")});
    QVERIFY2(!await(m_runner->tookPlace(journaled, {})), "a third state tells neither");
}

void KubernetesRollbackTest::secretsStayOutOfDifferenceAndJournal()
{
    const QString name = makeDeployment(1, {QStringLiteral("registry.example/web:1.0")});
    kubectl({QStringLiteral("set"), QStringLiteral("env"), QStringLiteral("deployment/") + name,
             QStringLiteral("DB_PASSWORD=hunter2"), QStringLiteral("LEVEL=debug")});
    const Plan plan = planned(order(QStringLiteral("Deployment"), name, QStringLiteral("1")));
    const QByteArray diff = diffText(plan.steps[0].diff);
    QVERIFY2(diff.contains("DB_PASSWORD") && diff.contains("(hidden)") && diff.contains("debug"), diff);
    QVERIFY(!diff.contains("hunter2"));
    QVERIFY(!plan.steps[0].expectation.data.contains("hunter2"));
}

QTEST_GUILESS_MAIN(KubernetesRollbackTest)
#include "test_rollback.moc"
