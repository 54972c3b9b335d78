#include "services/adapters/kubernetes/discovery.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/nodeimages.h"
#include "services/adapters/kubernetes/rights.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTest>

#include <atomic>
#include <mutex>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

QByteArray status(int code, const char *reason, const char *message)
{
    return QByteArray("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"") + message +
           "\",\"reason\":\"" + reason + "\",\"code\":" + QByteArray::number(code) + "}";
}

const HttpHeaders json{{"Content-Type", "application/json"}};

// Answers by target; what it does not know is 404.
FaultServer::Handler book(QHash<QByteArray, std::pair<int, QByteArray>> answers)
{
    return [answers = std::move(answers)](Exchange &exchange) {
        const auto found = answers.constFind(exchange.target);
        if (found == answers.cend())
            exchange.answer(404, status(404, "NotFound", "the server could not find the requested resource"), json);
        else
            exchange.answer(found->first, found->second, json);
    };
}

QByteArray resources(const char *list)
{
    return QByteArray("{\"kind\":\"APIResourceList\",\"resources\":[") + list + "]}";
}

// A server with pods, Deployments and metrics; the codes with which it tells of the latter two.
QHash<QByteArray, std::pair<int, QByteArray>> discoveryOf(int apps, int metrics)
{
    const auto listed = [](int code, const char *list) {
        return std::pair(code, code == 200 ? resources(list) : status(code, "InternalError", "no backend"));
    };
    return {
        {"/version", {200, "{\"gitVersion\":\"v1.31.0\"}"}},
        {"/api", {200, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}"}},
        {"/apis",
         {200,
          "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/v1\"}]},"
          "{\"name\":\"metrics.k8s.io\",\"versions\":[{\"groupVersion\":\"metrics.k8s.io/v1beta1\"}]}]}"}},
        {"/api/v1", listed(200, "{\"name\":\"pods\",\"kind\":\"Pod\",\"namespaced\":true,\"verbs\":[]}")},
        {"/apis/apps/v1",
         listed(apps, "{\"name\":\"deployments\",\"kind\":\"Deployment\",\"namespaced\":true,\"verbs\":[]}")},
        {"/apis/metrics.k8s.io/v1beta1",
         listed(metrics, "{\"name\":\"pods\",\"kind\":\"PodMetrics\",\"namespaced\":true,\"verbs\":[]}")},
    };
}

} // namespace

class TestKubeClient : public QObject
{
    Q_OBJECT

    std::unique_ptr<HttpClient> m_http;

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
        m_http = std::make_unique<HttpClient>();
    }
    void cleanup() { m_http.reset(); }

    void requestsHaveNamesForPeople_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *method, const char *target, const char *text) {
            QTest::newRow(text) << QByteArray(method) << QByteArray(target) << s(text);
        };
        row("GET", "/api/v1/pods?limit=500", "list pods");
        row("GET", "/api/v1/namespaces/shop/pods", "list pods in shop");
        row("GET", "/api/v1/namespaces", "list namespaces");
        row("GET", "/api/v1/namespaces/shop", "read namespaces shop");
        row("GET", "/apis/apps/v1/deployments?watch=1&resourceVersion=5", "watch deployments");
        row("GET", "/apis/apps/v1/namespaces/shop/deployments/cart", "read deployments shop/cart");
        row("PATCH", "/apis/apps/v1/namespaces/shop/deployments/cart/scale?dryRun=All",
            "change deployments/scale shop/cart");
        row("GET", "/api/v1/namespaces/shop/pods/x/log?follow=1", "read pods/log shop/x");
        row("POST", "/api/v1/namespaces/shop/configmaps", "create configmaps in shop");
        row("DELETE", "/api/v1/nodes/n1", "delete nodes n1");
        row("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "ask for our rights");
        row("GET", "/version", "read the server's version");
        row("GET", "/apis/apps/v1", "discover what the server offers");
        row("GET", "/api", "discover what the server offers");
    }
    void requestsHaveNamesForPeople()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, target);
        QTEST(describeRequest(method, target), "text");
    }

    void refusalsBecomeErrors_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("401") << 401 << status(401, "Unauthorized", "Unauthorized") << s("unauthorized")
                             << s("The server does not accept our credential to list pods in shop: Unauthorized. It "
                                  "may have expired: log in again, "
                                  "or check the user of this context in the kubeconfig.");
        QTest::newRow("403") << 403 << status(403, "Forbidden", "pods is forbidden.") << s("forbidden")
                             << s("You may not list pods in shop: pods is forbidden. Ask whoever manages the cluster's "
                                  "roles for this right.");
        QTest::newRow("404") << 404 << QByteArray() << s("notFound")
                             << s("The server could not list pods in shop: there is no such thing. Look whether it was "
                                  "deleted or renamed.");
        QTest::newRow("410") << 410 << status(410, "Expired", "too old resource version") << s("conflict")
                             << s("The server could not list pods in shop: that version is too old: too old resource "
                                  "version. It has to be read again "
                                  "from the start.");
        QTest::newRow("422") << 422 << status(422, "Invalid", "the server rejected our request") << s("invalid")
                             << s("The server refused to list pods in shop, for what it was given is not valid or no "
                                  "longer holds: the server rejected "
                                  "our request.");
        QTest::newRow("500, no Status")
            << 500 << QByteArray("boom\n\n at x") << s("unreachable")
            << s("The server failed to list pods in shop: boom at x. Try again; if it lasts, look at the API server.");
        QTest::newRow("418") << 418 << QByteArray("{\"message\":7}") << s("protocol")
                             << s("The server refused to list pods in shop.");
    }
    void refusalsBecomeErrors()
    {
        QFETCH(int, code);
        QFETCH(QByteArray, body);
        FaultServer server([&](Exchange &exchange) { exchange.answer(code, body, json); });
        KubeClient kube(*m_http, server.endpoint());
        const auto answer = waitFor(kube.get("/api/v1/namespaces/shop/pods", {}));
        QVERIFY(!answer.has_value());
        QTEST(errorKindName(answer.error().kind), "kind");
        QTEST(answer.error().message, "sentence");
        if (code == 410)
            QCOMPARE(answer.error().detail, s("expired"));
    }

    // A rollback is planned while the nodes are asked for their images: one that hangs must not hold it up.
    void whatOnlyHelpsIsNotWaitedForLong()
    {
        FaultServer server([](Exchange &exchange) { exchange.stall(); });
        const auto kube = std::make_shared<KubeClient>(*m_http, server.endpoint());
        QElapsedTimer clock;
        clock.start();
        const auto answer = waitFor(kube->get("/api/v1/nodes", {}, std::chrono::milliseconds(200)));
        QVERIFY(!answer.has_value());
        QCOMPARE(answer.error().kind, ErrorKind::TimedOut);
        QVERIFY2(clock.elapsed() < 1500, QByteArray::number(clock.elapsed()).constData());
        QCOMPARE(server.requests().size(), 1);

        NodeImageReader nodes;
        clock.start();
        const auto images = waitFor(nodes.read(kube, {}));
        QVERIFY(images.has_value());
        QVERIFY(!images->isKnown);
        QVERIFY2(clock.elapsed() < 4000, QByteArray::number(clock.elapsed()).constData());
        QCOMPARE(server.requests().size(), 2);
    }

    // Rehearsals of many applications begin together: the nodes are asked once, and who gives up harms no one else.
    void nodesAreAskedOnceForAllWhoWait()
    {
        FaultServer server([](Exchange &exchange) {
            exchange.stall(std::chrono::milliseconds(200));
            exchange.answer(200,
                            "{\"metadata\":{},\"items\":[{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":"
                            "\"True\"}],\"images\":[{\"names\":[\"r.example/x:1\"]}]}}]}",
                            json);
        });
        const auto kube = std::make_shared<KubeClient>(*m_http, server.endpoint());
        NodeImageReader nodes;
        StopSource givesUp;
        const auto first = nodes.read(kube, givesUp.get_token());
        const auto second = nodes.read(kube, {});
        const auto third = nodes.read(kube, {});
        givesUp.request_stop();
        const auto stopped = waitFor(first);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, ErrorKind::Cancelled);
        for (const auto &reading : {second, third, nodes.read(kube, {})}) {
            const auto images = waitFor(reading);
            QVERIFY(images);
            QCOMPARE(images->nodes, 1);
            QCOMPARE(images->holders.value(s("r.example/x:1")), 1);
        }
        QCOMPARE(server.requests().size(), 1);
    }

    void aWebPageIsNoAnswer_data()
    {
        QTest::addColumn<int>("code");
        QTest::newRow("login page") << 200;
        QTest::newRow("proxy's error") << 502;
        QTest::newRow("not found") << 404;
    }
    void aWebPageIsNoAnswer()
    {
        QFETCH(int, code);
        FaultServer server([&](Exchange &exchange) {
            exchange.answer(code, "<html>Sign in</html>", {{"Content-Type", "text/html; charset=utf-8"}});
        });
        KubeClient kube(*m_http, server.endpoint());
        const QString expected = QStringLiteral(
            "127.0.0.1:%1 answered with a web page (HTTP %2) where a Kubernetes API server was expected, so we could "
            "not %3. Check the server address of this cluster in the kubeconfig, and the proxy.");
        const auto listed = waitFor(kube.get("/api/v1/pods", {}));
        QVERIFY(!listed.has_value());
        QCOMPARE(listed.error().kind, ErrorKind::Protocol);
        QCOMPARE(listed.error().message, expected.arg(server.port()).arg(code).arg(s("list pods")));
        const auto discovered = waitFor(kube.discover({}));
        QVERIFY(!discovered.has_value());
        QCOMPARE(discovered.error().kind, ErrorKind::Protocol);
        const auto watched = waitFor(kube.stream("/api/v1/pods?watch=1", {}, {}).finished);
        QVERIFY(!watched.has_value());
        QCOMPARE(watched.error().message, expected.arg(server.port()).arg(code).arg(s("watch pods")));
    }

    void aServerThatIsDownIsUnreachable()
    {
        auto server = std::make_unique<FaultServer>([](Exchange &exchange) { exchange.answer(200); });
        KubeClient kube(*m_http, server->endpoint());
        server.reset();
        const auto answer = waitFor(kube.discover({}), 20'000);
        QVERIFY(!answer.has_value());
        QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
    }

    void aFailedWriteIsAnUnknownOutcomeAndNeverSentTwice_data()
    {
        QTest::addColumn<int>("code"); // 0: cut off
        QTest::addColumn<bool>("dryRun");
        QTest::addColumn<QString>("kind");
        QTest::newRow("500") << 500 << false << s("outcomeUnknown");
        QTest::newRow("503") << 503 << false << s("outcomeUnknown");
        QTest::newRow("504") << 504 << false << s("outcomeUnknown");
        QTest::newRow("cut off") << 0 << false << s("outcomeUnknown");
        QTest::newRow("500, dry run") << 500 << true << s("unreachable");
        QTest::newRow("429") << 429 << false << s("rateLimited");
        QTest::newRow("409") << 409 << false << s("conflict");
        QTest::newRow("a redirect did not do it") << 302 << false << s("protocol");
        QTest::newRow("a redirect accepted nothing") << 307 << true << s("protocol");
    }
    void aFailedWriteIsAnUnknownOutcomeAndNeverSentTwice()
    {
        QFETCH(int, code);
        QFETCH(bool, dryRun);
        FaultServer server([&](Exchange &exchange) {
            if (code == 0)
                exchange.reset();
            else
                exchange.answer(code, status(code, "Some", "some words"), json);
        });
        KubeClient kube(*m_http, server.endpoint());
        const auto answer = waitFor(kube.write("PATCH", "/api/v1/namespaces/shop/services/web",
                                               "application/json-patch+json", "[]", dryRun, {}));
        QVERIFY(!answer.has_value());
        QTEST(errorKindName(answer.error().kind), "kind");
        QCOMPARE(server.requests().size(), 1);
        const auto request = server.requests().first();
        QCOMPARE(request.target, QByteArray("/api/v1/namespaces/shop/services/web?fieldManager=signalbox") +
                                     (dryRun ? "&dryRun=All" : ""));
        QCOMPARE(request.header("Content-Type"), QByteArray("application/json-patch+json"));
        QCOMPARE(request.header("Accept"), QByteArray("application/json"));
        QVERIFY(request.header("User-Agent").startsWith("signalbox/"));
    }

    void aReadIsTriedAgain()
    {
        FaultServer server([](Exchange &exchange) {
            if (exchange.numberOnConnection + exchange.connection == 2)
                exchange.answer(503, status(503, "ServiceUnavailable", "starting"), json);
            else
                exchange.answer(200, "{}", json);
        });
        KubeClient kube(*m_http, server.endpoint());
        QVERIFY(waitFor(kube.get("/api/v1/pods", {})).has_value());
        QCOMPARE(server.requests().size(), 2);
    }

    void theServersClockIsCompared()
    {
        FaultServer server([](Exchange &exchange) {
            const QByteArray date =
                QLocale::c()
                    .toString(QDateTime::currentDateTimeUtc().addSecs(90), s("ddd, dd MMM yyyy hh:mm:ss"))
                    .toLatin1() +
                " GMT";
            exchange.answer(200, "{}", {{"Content-Type", "application/json"}, {"Date", date}});
        });
        KubeClient kube(*m_http, server.endpoint());
        QCOMPARE(kube.clockSkewMs(), 0);
        QVERIFY(waitFor(kube.get("/version", {})).has_value());
        QVERIFY2(qAbs(kube.clockSkewMs() - 90'000) < 1500, qPrintable(QString::number(kube.clockSkewMs())));
    }

    void versionsAreOrdered()
    {
        QStringList versions{s("v1alpha1"), s("v2beta1"), s("v1"),        s("odd"),    s("v10"),
                             s("v2"),       s("v1beta2"), s("v11alpha2"), s("v1beta1")};
        std::sort(versions.begin(), versions.end(), isBetterVersion);
        QCOMPARE(versions.join(u' '), s("v10 v2 v1 v2beta1 v1beta2 v1beta1 v11alpha2 v1alpha1 odd"));
    }

    void aFailingGroupDoesNotFailTheRest()
    {
        FaultServer server(book({
            {"/version", {200, "{\"gitVersion\":\"v1.31.0\"}"}},
            {"/api", {200, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}"}},
            {"/apis",
             {200, "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/"
                   "v1\"},{\"groupVersion\":\"apps/v1beta1\"}]},"
                   "{\"name\":\"metrics.k8s.io\",\"versions\":[{\"groupVersion\":\"metrics.k8s.io/v1beta1\"}]},7]}"}},
            {"/api/v1",
             {200,
              resources(
                  "{\"name\":\"pods\",\"kind\":\"Pod\",\"namespaced\":true,\"verbs\":[\"get\",\"watch\"]},"
                  "{\"name\":\"pods/log\",\"kind\":\"Pod\",\"namespaced\":true,\"verbs\":[\"get\"]},{\"name\":7},3")}},
            {"/apis/apps/v1",
             {200, resources("{\"name\":\"deployments\",\"kind\":\"Deployment\",\"namespaced\":true,\"verbs\":[]}")}},
            {"/apis/apps/v1beta1",
             {200, resources("{\"name\":\"deployments\",\"kind\":\"Deployment\",\"namespaced\":true,\"verbs\":[]}")}},
            {"/apis/metrics.k8s.io/v1beta1", {500, status(500, "InternalError", "no backend")}},
        }));
        KubeClient kube(*m_http, server.endpoint());
        const auto found = waitFor(kube.discover({}));
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        QCOMPARE(found->gitVersion, s("v1.31.0"));
        QCOMPARE(found->find(s(""), s("pods"))->subresources, QStringList{s("log")});
        QCOMPARE(found->find(s("apps"), s("deployments"))->version, s("v1"));
        QCOMPARE(found->find(s("apps"), s("deployments"), {s("v2"), s("v1beta1")})->version, s("v1beta1"));
        QVERIFY(!found->find(s("apps"), s("daemonsets")));
        QVERIFY(found->isUncertain(s("metrics.k8s.io")));
        QCOMPARE(found->unavailable.size(), 1);
        QVERIFY(found->unavailable.value(s("metrics.k8s.io/v1beta1")).contains(s("no backend")));
        const qsizetype asked = server.requests().size();
        QVERIFY(waitFor(kube.discover({})).has_value());
        QCOMPARE(server.requests().size(), asked); // kept
        QVERIFY(waitFor(kube.discover({}, true)).has_value());
        QVERIFY(server.requests().size() > asked);
    }

    // Behind one group hangs a server: who plans a way back is told what is known, and it is asked again meanwhile.
    void whatIsKnownIsNotWaitedFor()
    {
        std::atomic<bool> isHanging = false;
        const auto good = book(discoveryOf(200, 500));
        FaultServer server([&](Exchange &exchange) {
            if (isHanging)
                exchange.stall();
            else
                good(exchange);
        });
        KubeClient kube(*m_http, server.endpoint(), {.whole = 0ms, .partial = 0ms});
        const auto first = waitFor(kube.discover({}));
        QVERIFY2(first.has_value(), first ? "" : qPrintable(first.error().message));
        QVERIFY(!first->isLastKnown);
        QVERIFY(first->isUncertain(s("metrics.k8s.io")));
        isHanging = true;
        const qsizetype asked = server.requests().size();
        for (int i = 0; i < 3; ++i) { // no answer comes from the server any more
            const auto known = waitFor(kube.discover({}), 2000);
            QVERIFY2(known.has_value(), known ? "" : qPrintable(known.error().message));
            QVERIFY(known->isLastKnown);
            QCOMPARE(known->askedAt, first->askedAt);
            QVERIFY(known->find(s("apps"), s("deployments")));
        }
        QTRY_COMPARE(server.requests().size(), asked + 3); // /version, /api, /apis: asked anew, and once
    }

    void whatPlansNeedStaysKnown()
    {
        std::atomic<int> appsCode = 200;
        FaultServer server([&](Exchange &exchange) { book(discoveryOf(appsCode, 200))(exchange); });
        KubeClient kube(*m_http, server.endpoint(), {.whole = 0ms, .partial = 0ms});
        appsCode = 500;
        auto found = waitFor(kube.discover({}));
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        QVERIFY(!found->find(s("apps"), s("deployments")));
        QVERIFY(found->find(s("metrics.k8s.io"), s("pods")));
        appsCode = 200; // nothing was known of it: that is waited for
        found = waitFor(kube.discover({}));
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        QVERIFY(!found->isLastKnown);
        QVERIFY(found->find(s("apps"), s("deployments")));
        QVERIFY(!found->isUncertain(s("apps")));
        appsCode = 500;
        found = waitFor(kube.discover({}, true));
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        QVERIFY(found->isUncertain(s("apps")));
        QCOMPARE(found->find(s("apps"), s("deployments")).value_or(ApiResource()).version, s("v1"));
    }

    void discoveryThatIsRefusedSaysWhy()
    {
        FaultServer server(
            [](Exchange &exchange) { exchange.answer(401, status(401, "Unauthorized", "Unauthorized"), json); });
        KubeClient kube(*m_http, server.endpoint());
        const auto found = waitFor(kube.discover({}));
        QVERIFY(!found.has_value());
        QCOMPARE(found.error().kind, ErrorKind::Unauthorized);
    }

    void garbageInDiscoveryIsAnError()
    {
        FaultServer server([](Exchange &exchange) { exchange.answer(200, "{\"kind\":\"Else\"", json); });
        KubeClient kube(*m_http, server.endpoint());
        const auto found = waitFor(kube.discover({}));
        QVERIFY(!found.has_value());
        QCOMPARE(found.error().kind, ErrorKind::Protocol);
        QCOMPARE(found.error().message,
                 s("The server's answer (what it offers) is not in a form that Kubernetes writes. Look whether the "
                   "address of this cluster leads to its API server, and what a proxy before it changes."));
        QCOMPARE(found.error().detail, s("no APIVersions: {\"kind\":\"Else\""));
    }

    void leavingEndsDiscovery()
    {
        FaultServer server([](Exchange &exchange) { exchange.stall(); });
        auto kube = std::make_unique<KubeClient>(*m_http, server.endpoint());
        const auto answer = kube->discover({});
        kube.reset();
        const auto end = waitFor(answer);
        QVERIFY(!end.has_value());
        QCOMPARE(end.error().kind, ErrorKind::Cancelled);
    }

    void aRefusedStreamIsAnErrorAndSilent()
    {
        FaultServer server(
            [](Exchange &exchange) { exchange.answer(410, status(410, "Expired", "too old resource version"), json); });
        KubeClient kube(*m_http, server.endpoint());
        std::atomic<int> calls = 0;
        const HttpSink sink{[&](const HttpResponse &) { return ++calls, true; },
                            [&](QByteArrayView) { return ++calls, true; }};
        const auto end = waitFor(kube.stream("/api/v1/pods?watch=1&resourceVersion=1", sink, {}).finished);
        QVERIFY(!end.has_value());
        QCOMPARE(end.error().detail, s("expired"));
        QVERIFY(end.error().message.contains(s("too old resource version")));
        QCOMPARE(calls.load(), 0);
    }

    void aLogHasAConnectionOfItsOwn_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<int>("connection");
        QTest::newRow("log") << QByteArray("/api/v1/namespaces/shop/pods/web/log?follow=true") << 2;
        QTest::newRow("watch") << QByteArray("/api/v1/pods?watch=1") << 1;
    }
    void aLogHasAConnectionOfItsOwn()
    {
        QFETCH(QByteArray, target);
        FaultServer server([](Exchange &exchange) { exchange.answer(200, "{}", json); });
        KubeClient kube(*m_http, server.endpoint());
        QVERIFY(waitFor(kube.get("/api/v1/pods", {})).has_value()); // stays open
        QVERIFY(waitFor(kube.stream(target, {}, {}).finished).has_value());
        QTEST(server.requests().last().connection, "connection");
    }

    void reviewsAreJudged_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("verdict"); // "yes", "no", "error"
        QTest::newRow("allowed") << QByteArray("{\"status\":{\"allowed\":true,\"reason\":\"RBAC\"}}") << s("yes");
        QTest::newRow("not") << QByteArray("{\"status\":{\"allowed\":false}}") << s("no");
        QTest::newRow("denied wins") << QByteArray("{\"status\":{\"allowed\":true,\"denied\":true}}") << s("no");
        QTest::newRow("a text is no yes") << QByteArray("{\"status\":{\"allowed\":\"true\"}}") << s("error");
        QTest::newRow("no status") << QByteArray("{}") << s("error");
        QTest::newRow("a list") << QByteArray("[]") << s("error");
        QTest::newRow("cut off") << QByteArray("{\"status\":{\"allo") << s("error");
    }
    void reviewsAreJudged()
    {
        QFETCH(QByteArray, body);
        const auto answer = parseReview(body);
        const QString verdict = !answer ? s("error") : answer->isAllowed ? s("yes") : s("no");
        QTEST(verdict, "verdict");
    }

    void oneRefusedQuestionFailsTheBatch()
    {
        FaultServer server([](Exchange &exchange) {
            if (exchange.body.contains("nodes"))
                exchange.answer(500, status(500, "InternalError", "no"), json);
            else
                exchange.answer(201, "{\"status\":{\"allowed\":true}}", json);
        });
        KubeClient kube(*m_http, server.endpoint());
        RightsReviewer reviewer(kube);
        const RightQuestion pods{s("list"), {}, s("pods"), {}, {}, {}};
        const RightQuestion nodes{s("list"), {}, s("nodes"), {}, {}, {}};
        QVERIFY(!waitFor(reviewer.ask({pods, nodes}, {})).has_value());
        QVERIFY(waitFor(reviewer.ask({pods, pods}, {})).has_value());
        QCOMPARE(server.requests().size(), 2); // the good answer was kept
        reviewer.forget();
        QVERIFY(waitFor(reviewer.ask({pods, pods}, {})).has_value());
        QCOMPARE(server.requests().size(), 3);
        QVERIFY(waitFor(reviewer.ask({}, {}))->isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestKubeClient)
#include "test_kubeclient.moc"
