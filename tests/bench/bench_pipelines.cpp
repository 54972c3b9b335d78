// 500 pipelines of one organisation on GitHub: the first full list, what a round of polls costs, how long it keeps the
// GUI thread, and what a quiet hour takes of the hourly budget. The product's adapter, HTTP client, feed, list model
// and list against the stand-in on loopback (in this process, hence the processor time of all threads has the
// stand-in's as well); the hour is stepped through.
#include "models/items/runsmodel.h"
#include "services/pipelines/pipelinefeed.h"
#include "tests/bench/consolemeter.h"
#include "tests/bench/limits.h"
#include "tests/contract/github/githubfleet.h"
#include "tests/support/eventsuntil.h"
#include "tests/support/fakeclock.h"
#include "ui/pages/pipelines/runrows.h"
#include "ui/theme/theme.h"

#include <QElapsedTimer>

#include <cstdio>
#include <functional>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int repositories = 500;
constexpr double firstListLimitS = 60;
constexpr double countedLimit = 200;
constexpr double blockLimitMs = 16;
constexpr double roundCpuLimitMs = 2500; // 1 % of a core: a round takes 250 s

void row(const char *what, double value, const char *unit, double limit = 0)
{
    std::printf("  %-56s %9.1f %-4s", what, value, unit);
    if (limit > 0)
        std::printf(" limit %6.0f  ratio %5.2f  %s", limit, value / limit, verdict(value <= limit));
    std::printf("\n");
}

// What falls due comes as an event, as from a timer of the product: how long it keeps the thread is seen.
class EventClock : public FakeClock
{
public:
    void callAfter(std::chrono::milliseconds delay, QObject *context, std::function<void()> handler) override
    {
        FakeClock::callAfter(delay, context, [context, handler = std::move(handler)] {
            QMetaObject::invokeMethod(context, handler, Qt::QueuedConnection);
        });
    }
};

void settle(const PipelineFeed &feed)
{
    if (!test::eventsUntil([&feed] { return feed.asking() == 0; }))
        qFatal("the feed still asks after a minute");
}

// Ten pipelines say something new of a run, twenty times; the longest block of the GUI thread in it.
double longestOfChanges(MeteredApplication &application, RunStore &store, RunsModel &model)
{
    const QStringList keys = store.byKey().keys();
    int told = 0;
    const auto counted = QObject::connect(&model, &RunsModel::changed, &model, [&told] { ++told; });
    QCoreApplication::processEvents();
    application.takeBlocks();
    for (int i = 0; i < 200; i += 10) {
        for (int j = i; j < i + 10; ++j) {
            RunStore::Entry entry = *store.entry(keys[j % keys.size()]);
            if (entry.runs.isEmpty())
                continue;
            entry.runs.first().title += QStringLiteral("!");
            store.putEntry(entry);
        }
        told = 0;
        if (!test::eventsUntil([&told] { return told > 0; }))
            qFatal("the model says nothing of a change");
    }
    QObject::disconnect(counted);
    return application.takeBlocks().byCpu.cpuMs;
}

// The longest block of the GUI thread when the operator does this to the list.
double longestOf(MeteredApplication &application, RunsModel &model, const std::function<void()> &act)
{
    QCoreApplication::processEvents();
    application.takeBlocks();
    QMetaObject::invokeMethod(&model, act, Qt::QueuedConnection);
    QElapsedTimer frames; // its layout and its painting
    for (frames.start(); frames.elapsed() < 200;)
        QCoreApplication::processEvents();
    return application.takeBlocks().byCpu.cpuMs;
}

// All pipelines say that of their runs.
void sayOfAll(RunStore &store, Freshness::State state)
{
    const QStringList keys = store.byKey().keys();
    for (const QString &key : keys) {
        RunStore::Entry entry = *store.entry(key);
        entry.freshness.state = state;
        store.putEntry(entry);
    }
}

} // namespace

int main(int argc, char **argv)
{
    MeteredApplication application(argc, argv);
    const Theme theme(application);
    GitHubFleet fleet(repositories);
    if (!fleet.problem().isEmpty()) {
        std::fprintf(stderr, "bench_pipelines: %s\n", qPrintable(fleet.problem()));
        return 1;
    }
    EventClock clock;
    PipelineFeed::Timing timing;
    timing.clock = &clock;
    PipelineSet servers;
    servers.add(fleet.connection());
    RunStore store;
    PipelineFeed feed(servers, store, timing);
    RunsModel model(store);
    RunRows view;
    view.setModel(&model);
    view.resize(340, 800);
    view.show();
    feed.lookAt(true);

    application.takeBlocks();
    QElapsedTimer wall;
    wall.start();
    QMetaObject::invokeMethod(&feed, &PipelineFeed::start, Qt::QueuedConnection);
    while (feed.asking() == 0)
        QCoreApplication::processEvents();
    settle(feed);
    const double firstS = double(wall.elapsed()) / 1000;
    QElapsedTimer frames; // the list's last one
    for (frames.start(); frames.elapsed() < 500;)
        QCoreApplication::processEvents();
    const MeteredApplication::Blocks firstBlocks = application.takeBlocks();
    const int firstCounted = fleet.counted();
    std::printf("bench_pipelines: %lld pipelines, %d runs listed, answers from loopback\n",
                static_cast<long long>(store.byKey().size()), model.shownRuns());
    if (store.byKey().size() != repositories || model.shownRuns() == 0) {
        std::fprintf(stderr, "bench_pipelines: the pipelines were not listed\n");
        return 1;
    }
    row("first full list", firstS, "s", firstListLimitS);
    row("counted requests of the first list", firstCounted, "", 5000);
    row("longest block of the GUI thread in it, its processor time", firstBlocks.byCpu.cpuMs, "ms", blockLimitMs);
    std::printf("  (%d blocks over 16 ms; the longest in a %s, event %d)\n", firstBlocks.over16Ms,
                firstBlocks.byCpu.receiver, firstBlocks.byCpu.event);

    const int askedBefore = fleet.asked();
    std::vector<double> cpu;
    std::vector<double> gui;
    MeteredApplication::Block longest;
    int blocks = 0;
    const int hour = argc > 1 && qstrcmp(argv[1], "--lists") == 0 ? 250 : 3600; // the lists alone: its first round
    for (int past = 0; past < hour;) {
        const ProcessUse before = ProcessUse::now();
        for (int i = 0; i < 50 && past < hour; ++i, past += 5) { // 250 s: a round
            clock.advance(std::chrono::seconds(5));
            settle(feed);
        }
        const MeteredApplication::Blocks round = application.takeBlocks();
        cpu.push_back(ProcessUse::now().cpuMs - before.cpuMs);
        gui.push_back(round.busyMs);
        if (round.byCpu.cpuMs > longest.cpuMs)
            longest = round.byCpu;
        blocks += round.over16Ms;
    }
    row("counted requests in a quiet hour", fleet.counted() - firstCounted, "", countedLimit);
    row("requests in a quiet hour, 304s included", fleet.asked() - askedBefore, "");
    row("a round of polls, GUI thread's processor time", median(gui), "ms", roundCpuLimitMs);
    row("a round of polls, all threads and the stand-in", median(cpu), "ms");
    row("longest block of the GUI thread in a round", longest.cpuMs, "ms", blockLimitMs);
    std::printf("  (%d blocks over 16 ms in the hour; the longest in a %s, event %d; resident %.0f MB)\n", blocks,
                longest.receiver, longest.event, ProcessUse::now().rssMb);
    struct Grouping
    {
        const char *how;
        const char *what;
        RunsModel::Group group;
    };
    constexpr Grouping groupings[] = {
        {"grouped by pipeline", "what changes, by pipeline", RunsModel::Group::Pipeline},
        {"grouped by application", "what changes, by application", RunsModel::Group::Application},
        {"grouped by state", "what changes, by state", RunsModel::Group::State},
        {"not grouped any more", "what changes, one list", RunsModel::Group::None},
    };
    for (const Grouping &one : groupings) {
        row(one.how, longestOf(application, model, [&] { model.setGroup(one.group); }), "ms", blockLimitMs);
        row(one.what, longestOfChanges(application, store, model), "ms", blockLimitMs);
    }
    row("a word that fits nothing", longestOf(application, model, [&] { model.setWords(QStringLiteral("zebra")); }),
        "ms", blockLimitMs);
    row("all runs again", longestOf(application, model, [&] { model.clearFilters(); }), "ms", blockLimitMs);
    row("only what failed", longestOf(application, model, [&] { model.setFilters({RunsModel::Filter::Failed}); }), "ms",
        blockLimitMs);
    model.clearFilters();
    row("all fall silent at once", longestOf(application, model, [&] { sayOfAll(store, Freshness::State::Stale); }),
        "ms", blockLimitMs);
    model.setActive(false);
    row("all answer again, and nobody looks",
        longestOf(application, model, [&] { sayOfAll(store, Freshness::State::Live); }), "ms", blockLimitMs);
    row("the screen is opened then", longestOf(application, model, [&] { model.setActive(true); }), "ms", blockLimitMs);
    return 0;
}
