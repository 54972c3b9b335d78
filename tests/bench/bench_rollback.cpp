// A rollback that the server accepted, and one that was observed, against kubectl on the same control plane.
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "tests/bench/limits.h"
#include "tests/contract/kubernetes/opslab.h"
#include "tests/support/faultserver.h"

#include <QCoreApplication>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int rounds = 15;

struct Figures
{
    std::vector<double> ms;
    double median()
    {
        std::sort(ms.begin(), ms.end());
        return ms.empty() ? 0 : ms[ms.size() / 2];
    }
    double worst() { return ms.empty() ? 0 : *std::max_element(ms.begin(), ms.end()); }
};

double msOf(const QElapsedTimer &timer)
{
    return double(timer.nsecsElapsed()) / 1e6;
}

void print(const char *what, Figures figures, const QString &limit)
{
    std::printf("%-58s %8.1f ms median %8.1f ms worst   %s\n", what, figures.median(), figures.worst(),
                qPrintable(limit));
}

int fail(const QString &why)
{
    std::fprintf(stderr, "bench_rollback: %s\n", qPrintable(why));
    return 1;
}

// From execute() to the whole PATCH read by a server on an open connection.
Figures onTheWire(HttpClient &http)
{
    std::atomic<qint64> arrived{0};
    const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
    FaultServer server([&](Exchange &exchange) {
        arrived = now();
        exchange.answer(200, "{}", {{"Content-Type", "application/json"}});
    });
    const auto client = std::make_shared<kubernetes::KubeClient>(http, server.endpoint());
    kubernetes::KubernetesStepRunner runner(client);
    PlanStep step;
    step.call = {QStringLiteral("lab"), QStringLiteral("PATCH"),
                 QStringLiteral("/apis/apps/v1/namespaces/shop/deployments/web"),
                 QStringLiteral("application/json-patch+json"), QByteArray(16 * 1024, ' ') + "[]"};
    Figures figures;
    for (int i = 0; i < 200; ++i) {
        const qint64 start = now();
        const auto receipt = await(runner.execute(step, {}));
        if (receipt && i > 0) // the first one connects
            figures.ms.push_back(double(arrived - start) / 1e6);
    }
    return figures;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QString error;
    const auto lab = LabCluster::shared(&error);
    if (!lab)
        return fail(error);
    HttpClient http;
    const auto client = clientOf(http, lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    if (!client)
        return fail(error);
    kubernetes::KubernetesRollback rollback(client);
    kubernetes::KubernetesStepRunner runner(client);
    const QString ns = lab->makeNamespace(QStringLiteral("bench"));
    const QStringList inNs{QStringLiteral("-n"), ns};
    for (const char *image : {"registry.example/web:1.0", "registry.example/web:2.0"}) {
        lab->apply(deployment("web", image, 3), ns);
        lab->kubectl(QStringList{QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"),
                                 QStringLiteral("web"), QStringLiteral("--timeout=60s")} +
                     inNs);
    }
    RollbackOrder order;
    order.ns = ns;
    order.application = QStringLiteral("web");
    order.workload = {
        QStringLiteral("lab"), QStringLiteral("apps"), QStringLiteral("Deployment"), ns, QStringLiteral("web"), {}};

    Figures planned, accepted, observed, undo, undoObserved;
    for (int i = 0; i < rounds; ++i) {
        QElapsedTimer timer;
        timer.start();
        const auto plan = await(rollback.plan(order, {}));
        if (!plan)
            return fail(plan.error().message);
        planned.ms.push_back(msOf(timer));
        timer.start();
        auto call = runner.execute(plan->steps.last(), {});
        while (!call.isFinished())
            QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        accepted.ms.push_back(msOf(timer));
        if (!call.result())
            return fail(call.result().error().message);
        Observation seen;
        while (seen.state == Observation::State::Pending && timer.elapsed() < 60000) {
            const auto look = await(runner.observe(plan->steps.last(), *call.result(), {}));
            if (!look)
                return fail(look.error().message);
            seen = *look;
            if (seen.state == Observation::State::Pending)
                QTest::qWait(100);
        }
        if (seen.state != Observation::State::Effective)
            return fail(seen.text + QStringLiteral(" ") + seen.blocker);
        observed.ms.push_back(msOf(timer));

        timer.start();
        const auto undone = lab->kubectl(QStringList{QStringLiteral("rollout"), QStringLiteral("undo"),
                                                     QStringLiteral("deployment"), QStringLiteral("web")} +
                                         inNs);
        if (!undone.isGood())
            return fail(QString::fromUtf8(undone.err));
        undo.ms.push_back(msOf(timer));
        lab->kubectl(QStringList{QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"),
                                 QStringLiteral("web"), QStringLiteral("--timeout=60s")} +
                     inNs);
        undoObserved.ms.push_back(msOf(timer));
    }
    lab->kubectl({QStringLiteral("delete"), QStringLiteral("namespace"), ns, QStringLiteral("--wait=false")});
    const Figures wire = onTheWire(http);
    print("execute() to request read by a server, 16 KiB", wire,
          QStringLiteral("limit 5 ms  %1").arg(QLatin1String(verdict(Figures(wire).median() < 5))));
    const double peer = undo.median();
    print("rollback accepted: Signalbox, warm connection", accepted,
          QStringLiteral("limit %1 ms, half of kubectl's  %2")
              .arg(peer / 2, 0, 'f', 1)
              .arg(QLatin1String(verdict(accepted.median() < peer / 2))));
    print("rollback accepted: kubectl rollout undo", undo, QStringLiteral("(peer)"));
    print("rollback observed (3 pods): Signalbox", observed, {});
    print("rollback observed (3 pods): kubectl undo and rollout status", undoObserved, QStringLiteral("(peer)"));
    print("plan with checks and dry run, before: Signalbox", planned, {});
    return 0;
}
