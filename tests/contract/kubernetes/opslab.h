#pragma once

#include "models/domain/operation.h"
#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/net/httpclient.h"
#include "services/ports/steprunner.h"
#include "tests/support/lab.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTest>

#include <memory>

// What the tests of operations share: clients of the real control plane, and a plan carried out step by step.
namespace signalbox::test
{

template <typename T>
Result<T> await(QFuture<Result<T>> future, int seconds = 30)
{
    QElapsedTimer timer;
    timer.start();
    while (!future.isFinished() && timer.elapsed() < seconds * 1000)
        QTest::qWait(2);
    if (!future.isFinished())
        return Error{ErrorKind::TimedOut, QStringLiteral("the test waited too long"), {}};
    return future.resultCount() > 0 ? future.result()
                                    : Result<T>(Error{ErrorKind::Internal, QStringLiteral("no result"), {}});
}

inline std::shared_ptr<kubernetes::KubeClient> clientOf(HttpClient &http, const QString &kubeconfig,
                                                        const QString &context, QString *error)
{
    const auto config = kubernetes::loadKubeConfig({kubeconfig});
    const auto access =
        config ? kubernetes::accessFor(*config, context) : Result<kubernetes::ClusterAccess>(config.error());
    if (!access) {
        *error = access.error().message;
        return nullptr;
    }
    return std::make_shared<kubernetes::KubeClient>(http, kubernetes::endpointFor(*access, {QStringLiteral("lab")}));
}

// Everything that plans read in one namespace, and what they write there. Without the right to list `hidden`, which is
// the only one missing.
inline QByteArray rulesWithout(const QString &hidden)
{
    nlohmann::json rules = nlohmann::json::array();
    for (const char *entry : {"pods", "services", "events", "endpoints", "endpointslices.discovery.k8s.io",
                              "deployments.apps", "deployments/scale.apps", "statefulsets.apps", "daemonsets.apps",
                              "replicasets.apps", "controllerrevisions.apps", "horizontalpodautoscalers.autoscaling",
                              "httproutes.gateway.networking.k8s.io", "virtualservices.networking.istio.io",
                              "destinationrules.networking.istio.io", "rollouts.argoproj.io", "canaries.flagger.app"}) {
        const QString name = QString::fromLatin1(entry);
        nlohmann::json verbs = {"get", "patch"};
        if (name != hidden)
            verbs.push_back("list");
        rules.push_back({{"apiGroups", {name.section(u'.', 1).toStdString()}},
                         {"resources", {name.section(u'.', 0, 0).toStdString()}},
                         {"verbs", verbs}});
    }
    return QByteArray::fromStdString(rules.dump());
}

// A client as a new service account of `ns` that may do what `rules` (of a Role) say there; null: `error` says why.
inline std::shared_ptr<kubernetes::KubeClient> accountClient(HttpClient &http, const LabCluster &lab, const QString &ns,
                                                             const QByteArray &rules, QString *error)
{
    static int number = 0;
    const QString name = QStringLiteral("account-%1").arg(++number);
    const QByteArray word = name.toLatin1();
    const QByteArray group = "rbac.authorization.k8s.io";
    const QByteArray metadata = "\"metadata\":{\"name\":\"" + word + "\",\"namespace\":\"" + ns.toLatin1() + "\"}";
    for (const QByteArray &object :
         {"{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\"," + metadata + "}",
          "{\"apiVersion\":\"" + group + "/v1\",\"kind\":\"Role\"," + metadata + ",\"rules\":" + rules + "}",
          "{\"apiVersion\":\"" + group + "/v1\",\"kind\":\"RoleBinding\"," + metadata +
              ",\"roleRef\":{\"apiGroup\":\"" + group + "\",\"kind\":\"Role\",\"name\":\"" + word +
              "\"},\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\"" + word + "\",\"namespace\":\"" +
              ns.toLatin1() + "\"}]}"}) {
        const auto made = lab.apply(object);
        if (!made.isGood()) {
            *error = QString::fromUtf8(made.err);
            return nullptr;
        }
    }
    const auto asked =
        lab.kubectl({QStringLiteral("create"), QStringLiteral("-f"), QStringLiteral("-"), QStringLiteral("--raw"),
                     QStringLiteral("/api/v1/namespaces/%1/serviceaccounts/%2/token").arg(ns, name)},
                    "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"metadata\":{},\"spec\":{"
                    "\"audiences\":[],\"expirationSeconds\":3600}}");
    const auto answer = nlohmann::json::parse(asked.out.toStdString(), nullptr, false);
    const std::string token =
        answer.is_object() ? answer.value(nlohmann::json::json_pointer("/status/token"), std::string()) : std::string();
    const auto config = kubernetes::loadKubeConfig({lab.kubeconfig()});
    auto access = config ? kubernetes::accessFor(*config, QStringLiteral("lab-token"))
                         : Result<kubernetes::ClusterAccess>(config.error());
    if (token.empty() || !access) {
        *error = access ? QString::fromUtf8(asked.err + asked.out) : access.error().message;
        return nullptr;
    }
    access->user = name;
    access->token = Secret(QByteArray::fromStdString(token));
    const auto client =
        std::make_shared<kubernetes::KubeClient>(http, kubernetes::endpointFor(*access, {QStringLiteral("lab")}));
    const QByteArray events = "/api/v1/namespaces/" + ns.toLatin1() + "/events?limit=1";
    if (!QTest::qWaitFor([&] { return await(client->get(events, {})).has_value(); }, 15'000)) { // roles take a moment
        *error = QStringLiteral("the server does not let %1 list events").arg(name);
        return nullptr;
    }
    return client;
}

inline QByteArray deployment(const char *name, const char *image, int replicas, const char *extra = "")
{
    return QByteArray("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"") + name +
           "\"},\"spec\":{\"replicas\":" + QByteArray::number(replicas) + ",\"selector\":{\"matchLabels\":{\"app\":\"" +
           name + "\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"" + name +
           "\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" + image + "\"}]}}" + extra + "}}";
}

// Looks until the step is decided, as an operation does.
inline Observation watched(StepRunner &runner, const PlanStep &step, const Receipt &receipt, int seconds = 40)
{
    QElapsedTimer timer;
    timer.start();
    Observation last;
    while (timer.elapsed() < seconds * 1000) {
        const auto seen = await(runner.observe(step, receipt, {}));
        if (!seen) {
            last.text = seen.error().message;
            return last;
        }
        last = *seen;
        if (last.state != Observation::State::Pending)
            return last;
        QTest::qWait(200);
    }
    return last;
}

inline const Check *checkOf(const Plan &plan, CheckId id)
{
    for (const Check &check : plan.checks) {
        if (check.id == id)
            return &check;
    }
    return nullptr;
}

inline bool isCheck(const Plan &plan, CheckId id, CheckState state)
{
    const Check *check = checkOf(plan, id);
    if (!check)
        return false;
    if (check->state != state)
        qInfo("check %s: %s (%s)", qPrintable(checkName(id)), qPrintable(check->text), qPrintable(check->detail));
    return check->state == state;
}

inline QByteArray diffText(const QList<DiffLine> &lines)
{
    QByteArray text;
    for (const DiffLine &line : lines)
        text += QByteArray(1, " -+#"[static_cast<int>(line.kind)]) + ' ' + line.text.toUtf8() + '\n';
    return text;
}

// The step's expectation cannot be met, or a call failed: says so.
#define ACCEPTED(runner, step, receipt)                                                                                \
    const auto receipt##Result = signalbox::test::await((runner).execute(step, {}));                                   \
    QVERIFY2(receipt##Result, qPrintable(receipt##Result ? QString() : receipt##Result.error().message));              \
    const signalbox::Receipt receipt = *receipt##Result

} // namespace signalbox::test
