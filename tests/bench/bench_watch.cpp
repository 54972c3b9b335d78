// 10,000 pods on the Cluster screen while their watch brings 500 and 2,000 changes a second: how long a change takes to
// the store and to the next painted frame, and how long the GUI thread is kept by one piece of work. DESIGN 10: 50 ms
// at the 99th percentile, no block over 16 ms. The whole way is the product's own: socket, parser, store, models, page.
#include "tests/bench/consolemeter.h"
#include "tests/bench/limits.h"
#include "tests/bench/replayserver.h"
#include "ui/pages/cluster/clusterpresenter.h"
#include "ui/shell/mainwindow.h"

#include <cstdio>
#include <cstring>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int rounds = 3;
constexpr int secondsEach = 5;
constexpr double latencyLimitMs = 50;
constexpr double blockLimitMs = 16;

struct Round
{
    std::vector<double> toStore; // ms
    std::vector<double> toFrame;
    MeteredApplication::Blocks blocks;
    double cpu = 0;    // share of a core, all threads
    double guiCpu = 0; // of them the GUI thread's events
    int seen = 0;
};

class Bench
{
public:
    Bench(MeteredApplication &application, ReplayProcess &server)
        : m_application(application)
        , m_server(server)
        , m_console(application, server.kubeconfig())
    {
        NavigationTarget target;
        target.page = QStringLiteral("cluster");
        m_console.console().window().resize(1440, 900);
        m_console.console().show();
        m_console.console().window().go(target);
    }

    bool connect()
    {
        const ReplaySize size;
        auto *presenter = m_console.console().window().findChild<ClusterPresenter *>();
        if (presenter == nullptr || !m_console.waitForListing(size.pods(), 60))
            return false;
        const ClusterStore *store = m_console.cluster()->store.get();
        QObject::connect(store, &ClusterStore::podsChanged, &m_context,
                         [this, store](const IdChanges &ids) { note(ids, *store); });
        QObject::connect(presenter, &ClusterPresenter::groupsChanged, &m_context, [this] {
            m_drawn.insert(m_drawn.end(), m_stored.begin(), m_stored.end());
            m_stored.clear();
        });
        QObject::connect(&m_application, &MeteredApplication::framePainted, &m_context, [this] {
            const qint64 now = steadyNs();
            for (const qint64 sent : m_drawn)
                m_round.toFrame.push_back(double(now - sent) / 1e6);
            m_drawn.clear();
        });
        return true;
    }

    // Nothing moves but what the first listing left to do.
    void settle()
    {
        m_console.wait([] { return false; }, 3);
    }

    Round run(int perSecond)
    {
        const int count = perSecond * secondsEach;
        m_round = {};
        m_application.takeBlocks();
        const ProcessUse before = ProcessUse::now();
        const qint64 start = m_base = steadyNs();
        m_server.replay(perSecond, count, m_base);
        m_console.wait([&] { return m_round.seen >= count; }, secondsEach + 10);
        const double wall = double(steadyNs() - start) / 1e6;
        m_round.cpu = (ProcessUse::now().cpuMs - before.cpuMs) / wall;
        m_console.wait([&] { return m_round.toFrame.size() == m_round.toStore.size(); }, 1);
        m_round.blocks = m_application.takeBlocks();
        m_round.guiCpu = m_round.blocks.busyMs / wall;
        return m_round;
    }

private:
    void note(const IdChanges &ids, const ClusterStore &store)
    {
        const qint64 now = steadyNs();
        m_round.seen += static_cast<int>(ids.upserted.size() + ids.removed.size());
        for (const QString &uid : ids.upserted) {
            const auto pod = store.pods().constFind(uid);
            if (pod == store.pods().constEnd() || pod->restarts == 0)
                continue;
            const qint64 sent = m_base + pod->restarts * 1000LL;
            m_round.toStore.push_back(double(now - sent) / 1e6);
            m_stored.push_back(sent);
        }
    }

    MeteredApplication &m_application;
    ReplayProcess &m_server;
    BenchConsole m_console;
    QObject m_context;
    Round m_round;
    qint64 m_base = 0;
    std::vector<qint64> m_stored; // when sent; not yet with the widgets
    std::vector<qint64> m_drawn;  // with the widgets, not painted
};

template <typename Value>
double medianOf(const std::vector<Round> &all, Value value)
{
    std::vector<double> values;
    for (const Round &round : all)
        values.push_back(value(round));
    return median(values);
}

void row(const char *what, double value, const char *unit, double limit = 0)
{
    std::printf("  %-52s %8.1f %-4s", what, value, unit);
    if (limit > 0)
        std::printf(" limit %5.0f  %s", limit, verdict(value <= limit));
    std::printf("\n");
}

void print(int perSecond, const std::vector<Round> &all)
{
    int seen = 0;
    for (const Round &round : all)
        seen += round.seen;
    std::printf("%d changes a second (median of %d rounds of %d s; %d of %d changes seen)\n", perSecond, rounds,
                secondsEach, seen, perSecond * secondsEach * rounds);
    row("change sent to in the store, p50", medianOf(all, [](auto &r) { return quantile(r.toStore, 0.5); }), "ms");
    row("change sent to in the store, p99", medianOf(all, [](auto &r) { return quantile(r.toStore, 0.99); }), "ms");
    row("change sent to painted, p50", medianOf(all, [](auto &r) { return quantile(r.toFrame, 0.5); }), "ms");
    row("change sent to painted, p99", medianOf(all, [](auto &r) { return quantile(r.toFrame, 0.99); }), "ms",
        latencyLimitMs);
    row("longest block of the GUI thread, its processor time",
        medianOf(all, [](auto &r) { return r.blocks.byCpu.cpuMs; }), "ms", blockLimitMs);
    row("longest block of the GUI thread, by the clock", medianOf(all, [](auto &r) { return r.blocks.byWall.wallMs; }),
        "ms");
    row("processor, GUI thread", 100 * medianOf(all, [](auto &r) { return r.guiCpu; }), "%");
    row("processor, all threads", 100 * medianOf(all, [](auto &r) { return r.cpu; }), "%");
    const auto &worst = all.back().blocks;
    std::printf("  (last round: %d blocks over 16 ms; longest in %s, event %d)\n", worst.over16Ms, worst.byCpu.receiver,
                worst.byCpu.event);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 1 && std::strcmp(argv[1], "--serve") == 0)
        return serveReplay(argc, argv);
    MeteredApplication application(argc, argv);
    const ReplaySize size;
    ReplayProcess server(size);
    Bench bench(application, server);
    if (!server.isRunning() || !bench.connect()) {
        std::fprintf(stderr, "bench_watch: the replayed cluster was not listed\n");
        return 1;
    }
    bench.settle();
    std::printf("bench_watch: %d pods on %d nodes on the Cluster screen, 1440 x 900\n", size.pods(), size.nodes);
    for (const int perSecond : {500, 2000}) {
        std::vector<Round> all;
        for (int i = 0; i < rounds; ++i)
            all.push_back(bench.run(perSecond));
        print(perSecond, all);
    }
    return 0;
}
