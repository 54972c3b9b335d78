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
