// A rollback that the server accepted, and one that was observed, against kubectl on the same control plane.
#include "services/adapters/kubernetes/rollback.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "tests/contract/kubernetes/opslab.h"

#include <QCoreApplication>

#include <algorithm>
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

void print(const char *what, Figures figures, const char *limit)
{
    std::printf("%-58s %8.1f ms median %8.1f ms worst   %s\n", what, figures.median(), figures.worst(), limit);
}

int fail(const QString &why)
{
    std::fprintf(stderr, "bench_rollback: %s\n", qPrintable(why));
    return 1;
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
    const double peer = undo.median();
    print("rollback accepted: Signalbox, warm connection", accepted,
          accepted.median() < peer / 2 ? "under half of kubectl's: met" : "half of kubectl's: MISSED");
    print("rollback accepted: kubectl rollout undo", undo, "(peer)");
    print("rollback observed (3 pods): Signalbox", observed, "");
    print("rollback observed (3 pods): kubectl undo and rollout status", undoObserved, "(peer)");
    print("plan with checks and dry run, before: Signalbox", planned, "");
    return 0;
}
