// 10,000 pods, from the start of the program to the last of them on the Cluster screen, beside `kubectl get pods -A` on
// the same server. DESIGN 10: under half of its time and memory, and below 200 MB.
//   bench_pods             a real control plane with 10,000 pods in it (2 to 4 minutes to fill)
//   bench_pods --replay    an API server that answers both from memory
#include "tests/bench/consolemeter.h"
#include "tests/bench/limits.h"
#include "tests/bench/replayserver.h"
#include "tests/support/lab.h"
#include "ui/pages/cluster/clusterpresenter.h"
#include "ui/shell/mainwindow.h"

#include <cstdio>
#include <cstring>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int rounds = 5;
constexpr double memoryLimitMb = 200;

// In a process of its own, so that its memory is the console's: bench_pods --measure KUBECONFIG PODS START. Prints
// milliseconds since START to all rows in the store and to all painted, the peak so far, and what it holds 3 s later.
int measure(int argc, char **argv)
{
    MeteredApplication application(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    const qint64 start = words.value(4).toLongLong();
    const int pods = words.value(3).toInt();
    const auto sinceStart = [start] { return double(steadyNs() - start) / 1e6; };
    BenchConsole bench(application, words.value(2));
    NavigationTarget target;
    target.page = QStringLiteral("cluster");
    bench.console().window().resize(1440, 900);
    bench.console().show();
    bench.console().window().go(target);
    auto *presenter = bench.console().window().findChild<ClusterPresenter *>();
    double stored = 0;
    double painted = 0;
    bool isGiven = false; // to the widgets, all of them
    QObject::connect(presenter, &ClusterPresenter::groupsChanged, presenter,
                     [&] { isGiven = presenter->groups().counts().pods >= pods; });
    QObject::connect(&application, &MeteredApplication::framePainted, presenter, [&] {
        if (isGiven && painted == 0)
            painted = sinceStart();
    });
    QObject::connect(&bench.console().session().clusters(), &ClusterSet::added, presenter, [&] {
        const ClusterStore *store = bench.cluster()->store.get();
        QObject::connect(store, &ClusterStore::podsChanged, presenter, [&, store] {
            if (stored == 0 && store->pods().size() >= pods)
                stored = sinceStart();
        });
    });
    if (!bench.wait([&] { return painted > 0; }, 100))
        return 1;
    const ProcessUse then = ProcessUse::now();
    bench.wait([] { return false; }, 3);
    const ProcessUse later = ProcessUse::now();
    std::printf("%.1f %.1f %.1f %.1f %.1f %.0f\n", stored, painted, then.peakRssMb, later.peakRssMb, later.rssMb,
                then.cpuMs);
    return 0;
}

struct Figures
{
    std::vector<double> stored, painted, peak, rss, cpu;
    std::vector<double> peerWall, peerPeak, peerCpu;
};

bool runRound(const QString &kubeconfig, int pods, Figures &figures)
{
    const MeasuredRun ours =
        runMeasured(QCoreApplication::applicationFilePath(),
                    {QStringLiteral("--measure"), kubeconfig, QString::number(pods), QStringLiteral("{start}")});
    const QList<QByteArray> numbers = ours.out.trimmed().split(' ');
    const MeasuredRun peer = runMeasured(
        QStringLiteral("kubectl"), {QStringLiteral("--kubeconfig"), kubeconfig, QStringLiteral("get"),
                                    QStringLiteral("pods"), QStringLiteral("-A"), QStringLiteral("--no-headers")});
    const qsizetype lines = peer.out.count('\n');
    if (ours.status != 0 || numbers.size() != 6 || peer.status != 0 || lines < pods) {
        std::fprintf(stderr, "bench_pods: Signalbox ended with %d, kubectl with %d and %lld of %d pods\n", ours.status,
                     peer.status, static_cast<long long>(lines), pods);
        return false;
    }
    figures.stored.push_back(numbers[0].toDouble());
    figures.painted.push_back(numbers[1].toDouble());
    figures.peak.push_back(numbers[3].toDouble());
    figures.rss.push_back(numbers[4].toDouble());
    figures.cpu.push_back(numbers[5].toDouble());
    figures.peerWall.push_back(peer.wallMs);
    figures.peerPeak.push_back(peer.peakRssMb);
    figures.peerCpu.push_back(peer.cpuMs);
    return true;
}

void row(const char *what, double ours, double peer, const char *unit, double limit)
{
    std::printf("  %-44s %9.0f %-3s", what, ours, unit);
    if (peer > 0)
        std::printf(" kubectl %8.0f %-3s", peer, unit);
    if (limit > 0)
        std::printf(" limit %7.0f  %s", limit, verdict(ours <= limit));
    std::printf("\n");
}

int race(const QString &kubeconfig, const char *server)
{
    const int pods = ReplaySize().pods();
    Figures all;
    for (int i = 0; i < rounds; ++i) {
        if (!runRound(kubeconfig, pods, all))
            return 1;
    }
    std::printf("bench_pods: %d pods on %s, kubectl get pods -A in turn (median of %d)\n", pods, server, rounds);
    const double peerWall = median(all.peerWall);
    const double peerPeak = median(all.peerPeak);
    row("program start to all rows in the store", median(all.stored), peerWall, "ms", 0);
    row("program start to all painted", median(all.painted), peerWall, "ms", peerWall / 2);
    row("peak memory (resident)", median(all.peak), peerPeak, "MiB", peerPeak / 2);
    row("memory 3 s later (resident)", median(all.rss), 0, "MiB", memoryLimitMb);
    row("processor time until painted", median(all.cpu), median(all.peerCpu), "ms", 0);
    return 0;
}

int onReplay()
{
    const ReplayProcess server((ReplaySize()));
    return server.isRunning() ? race(server.kubeconfig(), "a replayed API server (http)") : 1;
}

} // namespace

int main(int argc, char **argv)
{
    const auto isMode = [&](const char *mode) { return argc > 1 && std::strcmp(argv[1], mode) == 0; };
    if (isMode("--serve"))
        return serveReplay(argc, argv);
    if (isMode("--measure"))
        return measure(argc, argv);
    const QCoreApplication application(argc, argv);
    if (isMode("--replay"))
        return onReplay();
    QString error;
    const auto lab = LabCluster::own({QStringLiteral("--nodes"), QStringLiteral("40")}, &error);
    if (!lab) {
        std::printf("bench_pods: no control plane here (%s)\n", qPrintable(error));
        return onReplay();
    }
    const ReplaySize size;
    const auto text = [](int number) { return QString::number(number); };
    const auto seeded =
        runProgram(QStringLiteral("python3"),
                   {QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/seed.py"),
                    QStringLiteral("--namespaces"), text(size.namespaces), QStringLiteral("--deployments"),
                    text(size.applications), QStringLiteral("--replicas"), text(size.replicas)},
                   {}, 660,
                   {QStringLiteral("K8S_LAB_DIR=") + lab->directory(),
                    QStringLiteral("K8S_LAB_PORT=") + QString::number(lab->port())});
    if (!seeded.isGood()) {
        std::fprintf(stderr, "bench_pods: the control plane could not be filled: %s\n", seeded.err.constData());
        return 1;
    }
    return race(lab->kubeconfig(), "a real control plane (1.20, TLS)");
}
