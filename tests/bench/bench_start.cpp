// How long the programs take to start, and what the console costs while nothing happens. DESIGN 10: 300 ms to the first
// paint with 50 applications' data from a local server; idle under 1 % of a core and 90 MB.
#include "tests/bench/consolemeter.h"
#include "tests/bench/limits.h"
#include "tests/bench/replayserver.h"
#include "ui/shell/mainwindow.h"

#include <QProcess>
#include <QTableView>
#include <QTemporaryDir>
#include <QThread>

#include <cstdio>
#include <cstring>
#include <memory>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int rounds = 11;
constexpr int idleSeconds = 20;
constexpr int demoSettleSeconds = 60;    // its world rolls out, its ledger is proven
constexpr ReplaySize world{3, 50, 2, 6}; // 50 applications in three namespaces

// bench_start --console KUBECONFIG START: the console as its main() makes it. Prints milliseconds since START to the
// first painted frame and to the first one with all applications.
int showConsole(int argc, char **argv)
{
    MeteredApplication application(argc, argv);
    const qint64 start = QCoreApplication::arguments().value(3).toLongLong();
    BenchConsole bench(application, QCoreApplication::arguments().value(2));
    double first = 0;
    double whole = 0;
    QObject::connect(&application, &MeteredApplication::framePainted, &bench.console(), [&] {
        const double now = double(steadyNs() - start) / 1e6;
        if (first == 0)
            first = now;
        const auto *table = bench.console().window().findChild<QTableView *>(QStringLiteral("releasesTable"));
        if (whole == 0 && table != nullptr && table->isVisible() && table->model()->rowCount() >= world.applications)
            whole = now;
    });
    bench.console().window().resize(1440, 900);
    bench.console().show();
    if (!bench.wait([&] { return whole > 0; }, 20))
        return 1;
    std::printf("%.1f %.1f\n", first, whole);
    return 0;
}

void row(const char *what, double value, const char *unit, double limit)
{
    std::printf("  %-58s %8.1f %-3s", what, value, unit);
    if (limit > 0)
        std::printf(" limit %5.0f  %s", limit, verdict(value <= limit));
    std::printf("\n");
    std::fflush(stdout);
}

void timeProgram(const char *what, const QString &program, const QStringList &arguments)
{
    std::vector<double> wall, peak;
    for (int i = 0; i < rounds; ++i) {
        const MeasuredRun run = runMeasured(program, arguments);
        if (run.status != 0) {
            std::printf("  %-58s ended with status %d\n", what, run.status);
            return;
        }
        wall.push_back(run.wallMs);
        peak.push_back(run.peakRssMb);
    }
    std::printf("  %-58s %8.1f ms  %6.0f MiB\n", what, median(wall), median(peak));
    std::fflush(stdout);
}

void timeConsole(const QString &kubeconfig)
{
    std::vector<double> first, whole;
    for (int i = 0; i < rounds; ++i) {
        const MeasuredRun run = runMeasured(QCoreApplication::applicationFilePath(),
                                            {QStringLiteral("--console"), kubeconfig, QStringLiteral("{start}")});
        const QList<QByteArray> numbers = run.out.trimmed().split(' ');
        if (run.status != 0 || numbers.size() != 2)
            continue;
        first.push_back(numbers[0].toDouble());
        whole.push_back(numbers[1].toDouble());
    }
    if (first.size() < rounds)
        std::printf("  (%d of %d starts of the console counted)\n", int(first.size()), rounds);
    if (first.empty())
        return;
    row("signalbox-console: first painted frame", median(first), "ms", 300);
    row("signalbox-console: all 50 applications painted", median(whole), "ms", 300);
}

// A console in a process of its own, with data of its own.
std::unique_ptr<QProcess> startConsole(const QTemporaryDir &folder, const QStringList &arguments)
{
    auto console = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SIGNALBOX_DATA"), folder.path());
    console->setProcessEnvironment(environment);
    console->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    console->start(QStringLiteral(SIGNALBOX_CONSOLE_PROGRAM), arguments);
    if (!console->waitForStarted())
        return nullptr;
    return console;
}

void endConsole(QProcess &console)
{
    console.terminate();
    if (!console.waitForFinished(5000))
        console.kill();
    console.waitForFinished(1000);
}

// Part of a core, in per cent, while it is left alone.
double idleShare(const QProcess &console)
{
    const double before = ProcessUse::now(console.processId()).cpuMs;
    QThread::sleep(idleSeconds);
    return (ProcessUse::now(console.processId()).cpuMs - before) / (10.0 * idleSeconds);
}

void watchIdle(ReplayProcess &server)
{
    const QTemporaryDir folder;
    const auto console = startConsole(folder, {QStringLiteral("--kubeconfig"), server.kubeconfig()});
    if (!console)
        return;
    QThread::sleep(5);
    if (console->state() != QProcess::Running) {
        std::printf("  signalbox-console ended at its start\n");
        return;
    }
    row("idle, nothing changes: processor, part of a core", idleShare(*console), "%", 1);
    server.replay(2, 2 * (idleSeconds + 2), steadyNs());
    row("idle, two pods change every second: processor", idleShare(*console), "%", 1);
    const ProcessUse use = ProcessUse::now(console->processId());
    row("idle: resident memory", use.rssMb, "MiB", 90);
    row("highest resident memory until then", use.peakRssMb, "MiB", 0);
    endConsole(*console);
}

// With the practice world in the same process: its servers, its people and its ledger.
void watchDemo()
{
    const QTemporaryDir folder;
    const auto console = startConsole(folder, {QStringLiteral("--demo")});
    if (!console)
        return;
    QThread::sleep(demoSettleSeconds);
    if (console->state() != QProcess::Running) {
        std::printf("  signalbox-console --demo ended at its start\n");
        return;
    }
    row("idle on the demo: processor, part of a core", idleShare(*console), "%", 1);
    row("idle on the demo: resident memory", ProcessUse::now(console->processId()).rssMb, "MiB", 90);
    endConsole(*console);
}

} // namespace

int main(int argc, char **argv)
{
    const auto isMode = [&](const char *mode) { return argc > 1 && std::strcmp(argv[1], mode) == 0; };
    if (isMode("--serve"))
        return serveReplay(argc, argv);
    if (isMode("--console"))
        return showConsole(argc, argv);
    const QCoreApplication application(argc, argv);
    ReplayProcess server(world);
    if (!server.isRunning()) {
        std::fprintf(stderr, "bench_start: the replay server did not start\n");
        return 1;
    }
    std::printf("bench_start: %d applications, %d Deployments, %d pods (median of %d starts)\n", world.applications,
                world.deployments(), world.pods(), rounds);
    const QString signalbox = QStringLiteral(SIGNALBOX_PROGRAM);
    const QStringList on{QStringLiteral("--kubeconfig"), server.kubeconfig()};
    const QString kubectl = QStringLiteral("kubectl");
    timeProgram("signalbox --version", signalbox, {QStringLiteral("--version")});
    timeProgram("kubectl version --client (peer)", kubectl, {QStringLiteral("version"), QStringLiteral("--client")});
    timeProgram("signalbox status", signalbox, QStringList{QStringLiteral("status")} + on);
    timeProgram(
        "kubectl get deployments,replicasets,pods -A (peer)", kubectl,
        on + QStringList{QStringLiteral("get"), QStringLiteral("deployments,replicasets,pods"), QStringLiteral("-A")});
    timeConsole(server.kubeconfig());
    watchIdle(server);
    watchDemo();
    return 0;
}
