// Plans and looks on an API server of which a part is broken: going back waits for a right and a target, no more.
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/traffic.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTest>

#include <mutex>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace
{

constexpr int hangs = 0; // as a status code

Json faultJson(const char *text) // with ' for "
{
    return Json::parse(QByteArray(text).replace('\'', '"').toStdString());
}

QByteArray bytesOf(const Json &value)
{
    return QByteArray::fromStdString(value.dump());
}

Json listOfAll(const QList<Json> &items)
{
    Json list = {{"kind", "List"}, {"items", Json::array()}};
    for (const Json &item : items)
        list["items"].push_back(item);
    return list;
}

Json podTemplate(const char *image)
{
    Json made = faultJson("{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'web'}]}}");
    made["spec"]["containers"][0]["image"] = image;
    return made;
}

Json replicaSet(const char *name, const char *revision, const char *image)
{
    Json made = faultJson("{'metadata':{'namespace':'shop','labels':{'app':'web'},'ownerReferences':[{'kind':"
                          "'Deployment','name':'web','uid':'u1','controller':true}]},'spec':{'replicas':0}}");
    made["metadata"]["name"] = std::string("web-") + name;
    made["metadata"]["uid"] = name;
    made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = revision;
    made["metadata"]["labels"]["pod-template-hash"] = name;
    made["spec"]["template"] = podTemplate(image);
    made["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = name;
    return made;
}

const QByteArray deploymentPath = "/apis/apps/v1/namespaces/shop/deployments/web";
const QByteArray podsOfShop = "/api/v1/namespaces/shop/pods";
const QByteArray reviewsPath = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

// What the API server holds, and what of it is broken.
class BrokenWorld
{
public:
    BrokenWorld()
    {
        offer("/api/v1", {{"pods", "Pod"}, {"events", "Event"}, {"services", "Service"}});
        offer("/apis/apps/v1", {{"deployments", "Deployment"}, {"replicasets", "ReplicaSet"}});
        offer("/apis/autoscaling/v2", {{"horizontalpodautoscalers", "HorizontalPodAutoscaler"}});
        offer("/apis/argoproj.io/v1alpha1", {{"rollouts", "Rollout"}});
        offer("/apis/flagger.app/v1beta1", {{"canaries", "Canary"}});
        offer("/apis/kustomize.toolkit.fluxcd.io/v1", {{"kustomizations", "Kustomization"}});
        offer("/apis/gateway.networking.k8s.io/v1", {{"httproutes", "HTTPRoute"}});
        m_answers["/version"] = {{"gitVersion", "v1.31.0"}};
        m_answers["/api"] = faultJson("{'kind':'APIVersions','versions':['v1']}");
        Json &deployment = m_answers[deploymentPath];
        deployment = faultJson(
            "{'kind':'Deployment','metadata':{'name':'web','namespace':'shop','uid':'u1','generation':2,"
            "'resourceVersion':'5'},'spec':{'replicas':1,'selector':{'matchLabels':{'app':'web'}}},'status':"
            "{'observedGeneration':2,'replicas':1,'updatedReplicas':1,'availableReplicas':1,'readyReplicas':1}}");
        deployment["spec"]["template"] = podTemplate("r.example/web:2.0");
        m_answers["/apis/apps/v1/namespaces/shop/replicasets"] = listOfAll(
            {replicaSet("aaaaaaaa", "1", "r.example/web:1.0"), replicaSet("bbbbbbbb", "2", "r.example/web:2.0")});
        m_answers[reviewsPath] = faultJson("{'status':{'allowed':true}}");
    }

    // Of any answer, from any thread.
    void set(const QByteArray &path, const Json &answer)
    {
        const std::lock_guard lock(m_mutex);
        m_answers[path] = answer;
    }
    Json get(const QByteArray &path)
    {
        const std::lock_guard lock(m_mutex);
        return m_answers.value(path);
    }
    void smash(const QByteArray &path, int code)
    {
        const std::lock_guard lock(m_mutex);
        m_broken[path] = code;
    }
    // The next request only.
    void smashOnce(const QByteArray &path, int code)
    {
        const std::lock_guard lock(m_mutex);
        m_brokenOnce[path] = code;
    }
    void mend(const QByteArray &path)
    {
        const std::lock_guard lock(m_mutex);
        m_broken.remove(path);
    }
    // To a PATCH, tried or not: the answer, or its refusal.
    void setPatched(int code, const Json &object)
    {
        const std::lock_guard lock(m_mutex);
        m_patchCode = code;
        m_patched = object;
    }

    // The next PATCHes come late: before each the object there is replaced, and its test fails.
    void changeBeforePatches(const QByteArray &path, const QList<Json> &objects)
    {
        const std::lock_guard lock(m_mutex);
        m_changed = path;
        m_changes = objects;
    }

    // It is deleted before each PATCH of it, and there again for who reads it anew (a cache of the server).
    void setFlickering(const QByteArray &path)
    {
        const std::lock_guard lock(m_mutex);
        m_flickering = path;
    }

    void serve(Exchange &exchange)
    {
        const QByteArray path = exchange.target.split('?').first();
        int code = 404;
        Json answer;
        {
            const std::lock_guard lock(m_mutex);
            if (m_brokenOnce.contains(path)) {
                code = m_brokenOnce.take(path);
            } else if (m_broken.contains(path)) {
                code = m_broken[path];
            } else if (exchange.method == "PATCH" && path == m_flickering) {
                m_brokenOnce[path] = 404;
            } else if (exchange.method == "PATCH" && !m_changes.isEmpty()) {
                code = 422;
                m_answers[m_changed] = m_changes.takeFirst();
                if (m_answers[m_changed].is_null())
                    m_answers.remove(m_changed);
            } else if (exchange.method == "PATCH") {
                code = m_patchCode;
                answer = m_patched.is_null() ? m_answers.value(path) : m_patched;
            } else if (m_answers.contains(path)) {
                code = 200;
                answer = m_answers[path];
            }
        }
        if (code == hangs)
            exchange.stall();
        else
            exchange.answer(code, bytesOf(code < 300 ? answer : refusal(code)), {{"Content-Type", "application/json"}});
    }

private:
    static Json refusal(int code)
    {
        return {{"kind", "Status"}, {"status", "Failure"}, {"message", "it is broken"}, {"code", code}};
    }
    void offer(const QByteArray &groupVersion, const QList<std::pair<const char *, const char *>> &kinds)
    {
        Json list = {{"kind", "APIResourceList"}, {"resources", Json::array()}};
        for (const auto &[resource, kind] : kinds) {
            list["resources"].push_back({{"name", resource},
                                         {"kind", kind},
                                         {"namespaced", true},
                                         {"verbs", {"get", "list", "watch", "patch"}}});
            m_answers[groupVersion + "/namespaces/shop/" + resource] = listOfAll({});
        }
        m_answers[groupVersion] = list;
        if (!groupVersion.startsWith("/apis/"))
            return;
        Json &groups = m_answers["/apis"];
        if (groups.is_null())
            groups = {{"kind", "APIGroupList"}, {"groups", Json::array()}};
        const QByteArray name = groupVersion.mid(6);
        groups["groups"].push_back({{"name", name.left(name.indexOf('/')).toStdString()},
                                    {"versions", Json::array({{{"groupVersion", name.toStdString()}}})}});
    }

    std::mutex m_mutex; // of what follows
    QHash<QByteArray, Json> m_answers;
    QHash<QByteArray, int> m_broken;
    QHash<QByteArray, int> m_brokenOnce;
    QByteArray m_flickering;
    QByteArray m_changed;
    QList<Json> m_changes;
    int m_patchCode = 200;
    Json m_patched;
};

const Check *checkIn(const Plan &plan, CheckId id)
{
    for (const Check &check : plan.checks) {
        if (check.id == id)
            return &check;
    }
    return nullptr;
}

} // namespace

class TestPlanFaults : public QObject
{
    Q_OBJECT

    std::unique_ptr<BrokenWorld> m_world;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<FaultServer> m_server;
    std::shared_ptr<KubeClient> m_client;
    std::unique_ptr<KubernetesStepRunner> m_runner;

    Result<Plan> rollback(bool isRehearsal = false, bool pausesReconciliation = false)
    {
        KubernetesRollback provider(m_client);
        RollbackOrder order;
        order.connection = QStringLiteral("lab");
        order.ns = QStringLiteral("shop");
        order.application = QStringLiteral("web");
        order.environment = QStringLiteral("shop");
        order.workload = {order.connection, QStringLiteral("apps"), QStringLiteral("Deployment"),
                          order.ns,         QStringLiteral("web"),  {}};
        order.to = QStringLiteral("1");
        order.isRehearsal = isRehearsal;
        order.pauseReconciliation = pausesReconciliation;
        return waitFor(provider.plan(order, {}), 20'000);
    }
    PlanStep rollbackStep()
    {
        const Result<Plan> plan = rollback();
        if (!plan)
            qFatal("plan: %s", qPrintable(plan.error().message));
        return plan->steps.last();
    }

private slots:
    void init()
    {
        m_world = std::make_unique<BrokenWorld>();
        m_http = std::make_unique<HttpClient>();
        m_server = std::make_unique<FaultServer>([this](Exchange &exchange) { m_world->serve(exchange); });
        m_client = std::make_shared<KubeClient>(*m_http, m_server->endpoint());
        m_runner = std::make_unique<KubernetesStepRunner>(m_client);
    }
    void cleanup()
    {
        m_runner.reset();
        m_client.reset();
        m_http.reset();
        m_server.reset();
    }

    void bystandersKeepNobodyFromGoingBack_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("code");
        QTest::addColumn<CheckId>("id");
        QTest::addColumn<CheckState>("state");
        QTest::addColumn<QString>("words"); // of the check's text or detail
        const QByteArray shop = "/namespaces/shop/";
        const auto row = [](const char *name, const QByteArray &path, int code, CheckId id, CheckState state,
                            const char *words) {
            QTest::newRow(name) << path << code << id << state << QString::fromUtf8(words);
        };
        const QByteArray scalers = "/apis/autoscaling/v2" + shop + "horizontalpodautoscalers";
        row("events fail", "/api/v1" + shop + "events", 500, CheckId::TargetImage, CheckState::Warn,
            "the events of its namespace could not be read");
        row("events hang", "/api/v1" + shop + "events", hangs, CheckId::TargetImage, CheckState::Warn,
            "the events of its namespace could not be read");
        row("pods fail", podsOfShop, 500, CheckId::TargetImage, CheckState::Warn, "Pods could not be listed");
        row("pods hang", podsOfShop, hangs, CheckId::TargetImage, CheckState::Warn, "Pods could not be listed");
        row("autoscalers fail", scalers, 500, CheckId::Autoscaler, CheckState::Pass, "could not be listed");
        row("autoscalers hang", scalers, hangs, CheckId::Autoscaler, CheckState::Pass, "could not be listed");
        row("Rollouts hang", "/apis/argoproj.io/v1alpha1" + shop + "rollouts", hangs, CheckId::OtherOwner,
            CheckState::Warn, "rollouts.argoproj.io");
        row("Flux fails", "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps", 500,
            CheckId::OtherOwner, CheckState::Warn, "it is broken");
        row("Flux hangs", "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps", hangs,
            CheckId::OtherOwner, CheckState::Warn, "kustomize.toolkit.fluxcd.io");
        row("rights hang", reviewsPath, hangs, CheckId::Rights, CheckState::Warn,
            "The server does not say whether you may do this");
        row("rights fail", reviewsPath, 500, CheckId::Rights, CheckState::Warn,
            "The server does not say whether you may do this");
    }
    void bystandersKeepNobodyFromGoingBack()
    {
        QFETCH(QByteArray, path);
        QFETCH(int, code);
        QFETCH(CheckId, id);
        QFETCH(CheckState, state);
        QFETCH(QString, words);
        Json deployment = m_world->get(deploymentPath);
        if (path.contains("kustomize")) {
            deployment["metadata"]["labels"] = faultJson("{'kustomize.toolkit.fluxcd.io/name':'apps',"
                                                         "'kustomize.toolkit.fluxcd.io/namespace':'flux-system'}");
            m_world->set(deploymentPath, deployment);
        }
        m_world->smash(path, code);
        QElapsedTimer timer;
        timer.start();
        const Result<Plan> plan = rollback();
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(timer.elapsed() < 12'000, "each such question has 2 s");
        const Check *check = checkIn(*plan, id);
        QVERIFY(check);
        QVERIFY2(check->state == state, qPrintable(check->text));
        const QString told = check->text + u'\n' + check->detail;
        QVERIFY2(told.contains(words), qPrintable(told));
        for (const Check &other : plan->checks)
            QVERIFY2(other.state != CheckState::Block, qPrintable(other.text));
        QVERIFY(!plan->steps.isEmpty());
    }

    // Somebody who goes back now asks once; a rehearsal has the time to ask again, as everything else does.
    void aRehearsalTakesItsTime_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<CheckId>("id");
        QTest::addColumn<QString>("words");
        QTest::newRow("pods") << podsOfShop << CheckId::TargetImage << QStringLiteral("Pods could not be listed");
        QTest::newRow("autoscalers") << QByteArray("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers")
                                     << CheckId::Autoscaler << QStringLiteral("could not be listed");
    }
    void aRehearsalTakesItsTime()
    {
        QFETCH(QByteArray, path);
        QFETCH(CheckId, id);
        QFETCH(QString, words);
        for (const bool isRehearsal : {false, true}) {
            m_world->smashOnce(path, 503);
            const Result<Plan> plan = rollback(isRehearsal);
            QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
            const Check *check = checkIn(*plan, id);
            QVERIFY(check);
            const QString told = check->text + u'\n' + check->detail;
            QVERIFY2(told.contains(words) == !isRehearsal, qPrintable(told));
        }
    }

    // What kinds the server has was told before: nobody waits for it to be told again.
    void goingBackDoesNotWaitForDiscovery()
    {
        m_client = std::make_shared<KubeClient>(*m_http, m_server->endpoint(), DiscoveryLife{0ms, 0ms});
        const Result<Plan> first = rollback();
        QVERIFY2(first, qPrintable(first ? QString() : first.error().message));
        QVERIFY(!checkIn(*first, CheckId::Freshness)->detail.contains(QLatin1String("asked again")));
        for (const char *path : {"/version", "/api", "/apis", "/api/v1", "/apis/apps/v1"})
            m_world->smash(path, hangs);
        const Result<Plan> plan = rollback();
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->steps.size(), first->steps.size());
        const Check *check = checkIn(*plan, CheckId::Freshness);
        QCOMPARE(check->state, CheckState::Pass);
        QVERIFY2(check->detail.contains(QLatin1String("it is being asked again")), qPrintable(check->detail));
    }

    // "No" is told by the server; what is no answer is not taken for one.
    void noAnswerIsNotARefusal_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<CheckState>("state");
        QTest::newRow("empty") << QByteArray("{}") << CheckState::Warn;
        QTest::newRow("without allowed") << QByteArray("{\"status\":{}}") << CheckState::Warn;
        QTest::newRow("a text") << QByteArray("{\"status\":{\"allowed\":\"true\"}}") << CheckState::Warn;
        QTest::newRow("no") << QByteArray("{\"status\":{\"allowed\":false}}") << CheckState::Block;
        QTest::newRow("denied") << QByteArray("{\"status\":{\"allowed\":true,\"denied\":true}}") << CheckState::Block;
        QTest::newRow("yes") << QByteArray("{\"status\":{\"allowed\":true}}") << CheckState::Pass;
    }
    void noAnswerIsNotARefusal()
    {
        QFETCH(QByteArray, answer);
        m_world->set(reviewsPath, Json::parse(answer.toStdString()));
        const Result<Plan> plan = rollback();
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const Check *check = checkIn(*plan, CheckId::Rights);
        QVERIFY(check);
        QTEST(check->state, "state");
    }

    void allToStableNeedsNoBystander_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("code");
        QTest::addColumn<CheckId>("id");
        QTest::newRow("Rollouts fail") << QByteArray("/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts") << 500
                                       << CheckId::OtherOwner;
        QTest::newRow("Canaries hang") << QByteArray("/apis/flagger.app/v1beta1/namespaces/shop/canaries") << hangs
                                       << CheckId::OtherOwner;
        QTest::newRow("pods fail") << podsOfShop << 500 << CheckId::Capacity;
        QTest::newRow("pods hang") << podsOfShop << hangs << CheckId::Capacity;
        QTest::newRow("workloads fail") << QByteArray("/apis/apps/v1/namespaces/shop/deployments") << 500
                                        << CheckId::RolloutUnderWay;
    }
    void allToStableNeedsNoBystander()
    {
        QFETCH(QByteArray, path);
        QFETCH(int, code);
        QFETCH(CheckId, id);
        m_world->set("/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/web",
                     faultJson("{'kind':'HTTPRoute','metadata':{'uid':'r','namespace':'shop','name':'web','generation':"
                               "1},'spec':{'rules':[{'backendRefs':[{'name':'web-stable','weight':50},{'name':"
                               "'web-canary','weight':50}]}]}}"));
        m_world->set("/api/v1/namespaces/shop/services",
                     listOfAll({faultJson("{'metadata':{'namespace':'shop','name':'web-stable'},'spec':{'selector':"
                                          "{'app':'web','track':'stable'}}}"),
                                faultJson("{'metadata':{'namespace':'shop','name':'web-canary'},'spec':{'selector':"
                                          "{'app':'web','track':'canary'}}}")}));
        m_world->set(podsOfShop,
                     listOfAll({faultJson("{'metadata':{'name':'p'},'status':{'conditions':[{'type':'Ready',"
                                          "'status':'True'}]}}")}));
        m_world->smash(path, code);
        KubernetesTraffic traffic(m_client);
        TrafficOrder order;
        order.connection = QStringLiteral("lab");
        order.ns = QStringLiteral("shop");
        order.application = QStringLiteral("web");
        order.environment = QStringLiteral("shop");
        order.router.kind = RouterRef::Kind::HttpRoute;
        order.router.object.kind = QStringLiteral("HTTPRoute");
        order.router.object.name = QStringLiteral("web");
        order.direction = Direction::Back;
        order.steps = {{{{QStringLiteral("stable"), 100}, {QStringLiteral("canary"), 0}}, {}}};
        const Result<Plan> plan = waitFor(traffic.plan(order, {}), 12'000);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const Check *check = checkIn(*plan, id);
        QVERIFY(check);
        QVERIFY2(check->state == CheckState::Warn, qPrintable(check->text));
        QVERIFY2(!check->text.contains(QLatin1String("not yours")), qPrintable(check->text));
        QVERIFY2(check->detail.contains(QLatin1String("could not be listed")), qPrintable(check->detail));
        QVERIFY(!plan->steps.isEmpty());
    }

    void aFailedTestOfADryRunIsAConflict()
    {
        const PlanStep step = rollbackStep();
        m_world->setPatched(422, {});
        const Result<void> refused = waitFor(m_runner->dryRun(step, {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused); // the object is as it was: it is not the test that failed
        Json deployment = m_world->get(deploymentPath);
        deployment["spec"]["template"] = podTemplate("r.example/web:3.0");
        m_world->set(deploymentPath, deployment);
        const Result<void> moved = waitFor(m_runner->dryRun(step, {}));
        QVERIFY(!moved);
        QCOMPARE(moved.error().kind, ErrorKind::Conflict);
        QVERIFY2(moved.error().message.contains(QLatin1String("spec.template")), qPrintable(moved.error().message));
    }

    // A failed test and an invalid object have the same answer, 422: only the object tells them apart.
    void whatMovedWhilePlannedIsReadAgain_data()
    {
        QTest::addColumn<QStringList>("images"); // that it is given while it is planned; empty text: it is deleted
        QTest::addColumn<QString>("from");       // of the plan; empty: there is none
        QTest::addColumn<QString>("kind");       // of the error
        QTest::addColumn<QString>("words");
        QTest::addColumn<int>("patches");
        const QString image = QStringLiteral("r.example/web:");
        QTest::newRow("not") << QStringList() << QStringLiteral("2.0 (bbbbbbbb)") << QString() << QString() << 1;
        QTest::newRow("once") << QStringList{image + u'3'} << QStringLiteral("3") << QString() << QString() << 2;
        QTest::newRow("over and over") << QStringList{image + u'3', image + u'4', image + u'5'} << QString()
                                       << QStringLiteral("conflict") << QStringLiteral("at spec.template while") << 2;
        QTest::newRow("deleted") << QStringList{QString()} << QString() << QStringLiteral("notFound")
                                 << QStringLiteral("no such thing") << 1;
    }
    void whatMovedWhilePlannedIsReadAgain()
    {
        QFETCH(QStringList, images);
        QFETCH(QString, from);
        QFETCH(QString, kind);
        QFETCH(QString, words);
        QFETCH(int, patches);
        QList<Json> changes;
        for (const QString &image : images) {
            Json changed = m_world->get(deploymentPath);
            changed["spec"]["template"] = podTemplate(image.toUtf8().constData());
            changes.append(image.isEmpty() ? Json() : changed);
        }
        m_world->changeBeforePatches(deploymentPath, changes);
        const Result<Plan> plan = rollback();
        int asked = 0;
        for (const FaultServer::Record &request : m_server->requests())
            asked += request.method == "PATCH" ? 1 : 0;
        QCOMPARE(asked, patches);
        if (from.isEmpty()) {
            QVERIFY(!plan);
            QCOMPARE(errorKindName(plan.error().kind), kind);
            QVERIFY2(plan.error().message.contains(words), qPrintable(plan.error().message));
            return;
        }
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->from, from);
        QCOMPARE(checkIn(*plan, CheckId::DryRun)->state, CheckState::Pass);
    }

    // It would only have been paused: nobody who goes back waits for what is gone.
    void aHelperThatIsGoneKeepsNobodyFromGoingBack()
    {
        const QByteArray flux = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps";
        Json deployment = m_world->get(deploymentPath);
        deployment["metadata"]["labels"] = faultJson("{'kustomize.toolkit.fluxcd.io/name':'apps',"
                                                     "'kustomize.toolkit.fluxcd.io/namespace':'flux-system'}");
        m_world->set(deploymentPath, deployment);
        m_world->set(flux, faultJson("{'kind':'Kustomization','metadata':{'namespace':'flux-system','name':'apps',"
                                     "'uid':'k'},'spec':{'interval':'1m'}}"));
        const Result<Plan> whole = rollback(false, true);
        QVERIFY2(whole, qPrintable(whole ? QString() : whole.error().message));
        QCOMPARE(whole->steps.size(), 2);
        m_world->setFlickering(flux);
        const Result<Plan> plan = rollback(false, true);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->steps.size(), 1);
        QCOMPARE(plan->steps.first().expectation.object.kind, QStringLiteral("Deployment"));
        const Check *check = checkIn(*plan, CheckId::OtherOwner);
        QVERIFY(check);
        QCOMPARE(check->state, CheckState::Warn);
        QVERIFY2(check->text.contains(QLatin1String("flux-system/apps was deleted")), qPrintable(check->text));
        for (const Check &other : plan->checks)
            QVERIFY2(other.state != CheckState::Block, qPrintable(other.text));
    }

    // One cluster has many addresses: two programs are kept apart by what is the same at all of them.
    void aPlanTellsWhichNamespaceItIsFor_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("told");
        QTest::newRow("read") << 200 << QStringLiteral("@7c1e-4f");
        QTest::newRow("not ours to read") << 403 << QString();
        QTest::newRow("another answer") << 404 << QString();
        QTest::newRow("no answer") << hangs << QString();
    }
    void aPlanTellsWhichNamespaceItIsFor()
    {
        QFETCH(int, status);
        const QByteArray path = "/api/v1/namespaces/shop";
        m_world->set(path, faultJson("{'kind':'Namespace','metadata':{'name':'shop','uid':'7c1e-4f'}}"));
        if (status != 200)
            m_world->smash(path, status);
        const auto asked = [this, &path] {
            int count = 0;
            for (const FaultServer::Record &request : m_server->requests())
                count += request.target == path ? 1 : 0;
            return count;
        };
        QVERIFY(rollback(true));
        QCOMPARE(asked(), 0); // a rehearsal holds nothing
        const Result<Plan> plan = rollback();
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QTEST(plan->server, "told");
        QCOMPARE(asked(), 1);
        for (const Check &check : plan->checks)
            QVERIFY2(check.state != CheckState::Block, qPrintable(check.text));
    }

    // The object is as it was read: the server itself does not want the change, and says why.
    void aRefusalOfTheDryRunStaysACheck()
    {
        m_world->setPatched(422, {});
        const Result<Plan> plan = rollback();
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const Check *check = checkIn(*plan, CheckId::DryRun);
        QCOMPARE(check->state, CheckState::Block);
        QVERIFY2(check->detail.contains(QLatin1String("it is broken")), qPrintable(check->detail));
    }

    void oneNotFoundIsNoDeletion()
    {
        const PlanStep step = rollbackStep();
        const auto look = [&] { return waitFor(m_runner->observe(step, {}, {})).value_or(Observation()); };
        m_world->smash(deploymentPath, 404);
        QCOMPARE(look().state, Observation::State::Pending);
        m_world->mend(deploymentPath);
        m_world->smash(podsOfShop, 403);
        QVERIFY(!look().text.contains(QLatin1String("not found")));
        m_world->smash(deploymentPath, 404);
        QElapsedTimer timer;
        timer.start();
        const Observation first = look();
        QCOMPARE(first.state, Observation::State::Pending);
        QVERIFY2(first.text.contains(QLatin1String("not found")), qPrintable(first.text));
        QTRY_COMPARE_WITH_TIMEOUT(look().state, Observation::State::Failed, 10'000);
        QVERIFY(timer.elapsed() >= 1'900);
        QVERIFY2(look().text.contains(QLatin1String("was deleted")), qPrintable(look().text));
    }

    // A webhook or a default of the server adds to a template that the dry run did not tell of.
    void theTemplateThatTheServerTookCounts()
    {
        m_world->smash(podsOfShop, 403); // the object's own status tells how it fares
        m_world->setPatched(500, {});
        const PlanStep step = rollbackStep();
        Json taken = m_world->get(deploymentPath);
        taken["spec"]["template"] = podTemplate("r.example/web:1.0");
        taken["spec"]["template"]["spec"]["restartPolicy"] = "Always";
        m_world->setPatched(200, taken);
        const Result<Receipt> receipt = waitFor(m_runner->execute(step, {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QVERIFY2(!receipt->state.contains("restartPolicy"), "a fingerprint, no values");
        m_world->set(deploymentPath, taken);
        const Result<Observation> seen = waitFor(m_runner->observe(step, *receipt, {}));
        QVERIFY2(seen, qPrintable(seen ? QString() : seen.error().message));
        QVERIFY2(seen->state == Observation::State::Effective, qPrintable(seen->text));
        taken["spec"]["template"] = podTemplate("r.example/web:2.0");
        m_world->set(deploymentPath, taken);
        const Result<Observation> after = waitFor(m_runner->observe(step, *receipt, {}));
        QVERIFY(after);
        QCOMPARE(after->state, Observation::State::Failed);
        QVERIFY2(after->text.contains(QLatin1String("earlier template")), qPrintable(after->text));
    }

    // The dry run hung and the answer was lost: nobody told what the server adds to what is sent.
    void aWriteWhoseAnswerWasLostIsFoundByWhatItSets_data()
    {
        QTest::addColumn<QByteArray>("image");
        QTest::addColumn<QString>("added"); // a member of the pod's spec
        QTest::addColumn<QString>("tookPlace");
        QTest::addColumn<Observation::State>("state");
        const QString told = QStringLiteral("yes");
        QTest::newRow("as sent") << QByteArray("r.example/web:1.0") << QString() << told
                                 << Observation::State::Effective;
        QTest::newRow("with a default") << QByteArray("r.example/web:1.0") << QStringLiteral("restartPolicy") << told
                                        << Observation::State::Effective;
        QTest::newRow("not") << QByteArray("r.example/web:2.0") << QString() << QStringLiteral("no")
                             << Observation::State::Failed;
        QTest::newRow("somebody else's") << QByteArray("r.example/web:9.0") << QStringLiteral("restartPolicy")
                                         << QStringLiteral("conflict") << Observation::State::Failed;
    }
    void aWriteWhoseAnswerWasLostIsFoundByWhatItSets()
    {
        QFETCH(QByteArray, image);
        QFETCH(QString, added);
        QFETCH(Observation::State, state);
        m_world->smash(podsOfShop, 403);
        m_world->setPatched(500, {});
        PlanStep step = rollbackStep();
        step.call.body.clear(); // as the journal has it after a crash
        QVERIFY2(!step.expectation.data.contains("r.example"), "the journal keeps no values");
        Json live = m_world->get(deploymentPath);
        live["spec"]["template"] = podTemplate(image.constData());
        if (!added.isEmpty())
            live["spec"]["template"]["spec"][added.toStdString()] = "Always";
        m_world->set(deploymentPath, live);
        const Result<bool> took = waitFor(m_runner->tookPlace(step, {}));
        QTEST(took ? (*took ? QStringLiteral("yes") : QStringLiteral("no")) : errorKindName(took.error().kind),
              "tookPlace");
        const Result<Observation> seen = waitFor(m_runner->observe(step, {}, {}));
        QVERIFY2(seen, qPrintable(seen ? QString() : seen.error().message));
        QVERIFY2(seen->state == state, qPrintable(seen->text));
    }
};

QTEST_GUILESS_MAIN(TestPlanFaults)
#include "test_planfaults.moc"
