// The sandbox's Prometheus: what a sample costs in memory, and how long the console's own queries take over 2,000
// series and an hour in steps of 15 s.
#include "services/adapters/prometheus/metricfamilies.h"
#include "services/sandbox/promql/engine.h"
#include "tests/bench/limits.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>

using namespace signalbox;
using namespace signalbox::sandbox;

namespace
{

constexpr std::int64_t startMs = 1'700'000'000'000;
constexpr std::int64_t scrapeMs = 15'000;

struct Kind
{
    const char *metric;
    bool isCounter;
    double step;  // per scrape; of a gauge how far it sways
    bool isWhole; // its values are whole numbers
    int perPod;   // series
};
constexpr Kind kinds[] = {{"http_requests_total", true, 60, true, 3},
                          {"http_request_duration_seconds_bucket", true, 40, true, 8},
                          {"http_request_duration_seconds_sum", true, 3, false, 1},
                          {"http_request_duration_seconds_count", true, 60, true, 1},
                          {"process_cpu_seconds_total", true, 2, false, 1},
                          {"process_resident_memory_bytes", false, 4e6, true, 1},
                          {"process_open_fds", false, 3, true, 1},
                          {"DCGM_FI_DEV_GPU_UTIL", false, 20, true, 1},
                          {"vllm:gpu_cache_usage_perc", false, 0.3, false, 1},
                          {"up", false, 0, true, 1}};

struct Walk
{
    SeriesRef series;
    const Kind *kind;
    double value;
};

std::vector<Walk> makeSeries(SampleStore &store, std::size_t wanted)
{
    std::vector<Walk> walks;
    static const char *const bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.5", "1", "+Inf"};
    for (int pod = 0; walks.size() < wanted; ++pod) {
        const std::string app = "service-" + std::to_string(pod % 7);
        for (const Kind &kind : kinds) {
            for (int i = 0; i < kind.perPod && walks.size() < wanted; ++i) {
                LabelSet labels = {{"__name__", kind.metric},
                                   {"app", app},
                                   {"namespace", pod % 2 ? "production" : "staging"},
                                   {"pod", app + "-7d9f8b6c5-" + std::to_string(10000 + pod)},
                                   {"instance", "10.1.2." + std::to_string(pod) + ":8080"},
                                   {"job", "pods"},
                                   {"slot", pod % 3 ? "blue" : "green"},
                                   {"version", pod % 3 ? "1.4.0" : "1.5.0"}};
                if (kind.perPod == 3)
                    labels.emplace_back("code", i == 0 ? "200" : i == 1 ? "404" : "500");
                if (kind.perPod == 8)
                    labels.emplace_back("le", bounds[i]);
                walks.push_back({store.series(std::move(labels)), &kind, kind.isCounter ? 0 : 10 * kind.step});
            }
        }
    }
    return walks;
}

void feed(SampleStore &store, std::vector<Walk> &walks, std::int64_t fromMs, std::int64_t toMs, std::mt19937 &random)
{
    std::vector<SampleStore::Row> rows(walks.size());
    for (std::int64_t at = fromMs; at <= toMs; at += scrapeMs) {
        for (std::size_t i = 0; i < walks.size(); ++i) {
            const double chance = static_cast<double>(random() % 10'000) / 10'000;
            Walk &walk = walks[i];
            walk.value += walk.kind->step * (walk.kind->isCounter ? chance : chance - 0.5);
            rows[i] = {walk.series, walk.kind->isWhole ? std::floor(walk.value) : walk.value};
        }
        store.append(rows, at);
    }
}

double millisecondsOf(const Engine &engine, const std::string &query, std::int64_t end, std::size_t &series)
{
    std::vector<double> times;
    for (int i = 0; i < 5; ++i) {
        const auto before = std::chrono::steady_clock::now();
        const auto outcome = engine.range(query, end - 3600'000, end, scrapeMs);
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
        const auto *result = std::get_if<QueryResult>(&outcome);
        series = result ? result->series.size() : 0;
        if (!result)
            std::printf("%s: %s\n", query.c_str(), std::get<QueryError>(outcome).message.c_str());
    }
    std::sort(times.begin(), times.end());
    return times[2];
}

void measureQueries(const SampleStore &store, std::int64_t end)
{
    const Engine engine(store);
    double sum = 0;
    double most = 0;
    int count = 0;
    std::printf("%-70s %8s %8s\n", "query_range, 1 h in steps of 15 s", "series", "ms");
    for (const MetricFamily &family : builtInMetricFamilies().families) {
        FamilyBinding binding;
        binding.trackLabel = QStringLiteral("slot");
        binding.codeLabel = QStringLiteral("code");
        for (MetricPanel &panel : boundPanels(family, binding, builtInMetricFamilies().metricNames())) {
            const std::string query =
                panel.expression.replace(QStringLiteral("{window}"), QStringLiteral("1m")).toStdString();
            std::size_t series = 0;
            const double ms = millisecondsOf(engine, query, end, series);
            if (series == 0)
                continue; // of a family that is not there
            std::printf("%-70.70s %8zu %8.2f\n", query.c_str(), series, ms);
            sum += ms;
            most = std::max(most, ms);
            ++count;
        }
    }
    std::size_t series = 0;
    const double all = millisecondsOf(engine, "{__name__!=\"\"}", end, series);
    std::printf("%-70s %8zu %8.2f\n", "every series there is: {__name__!=\"\"}", series, all);
    std::printf("%d of our own queries: %.2f ms on average, %.2f at most, limit 100 ms  %s\n", count, sum / count, most,
                test::verdict(most <= 100));
}

void printUsage(const char *what, const SampleStore &store)
{
    const auto usage = store.usage();
    std::printf("%-34s %6zu series %8zu samples %7.2f MB samples, %5.2f bytes each %6.2f MB labels\n", what,
                usage.series, usage.samples, static_cast<double>(usage.chunkBytes) / 1e6,
                static_cast<double>(usage.chunkBytes) / static_cast<double>(std::max<std::size_t>(usage.samples, 1)),
                static_cast<double>(usage.labelBytes) / 1e6);
}

} // namespace

int main()
{
    std::mt19937 random(7);
    for (const Kind &kind : kinds) {
        SampleStore store;
        std::vector<Walk> walks;
        for (int i = 0; i < 20; ++i)
            walks.push_back({store.series({{"__name__", kind.metric}, {"i", std::to_string(i)}}), &kind, 0});
        feed(store, walks, startMs, startMs + 2 * 3600'000, random);
        printUsage(kind.metric, store);
    }
    SampleStore store;
    std::vector<Walk> walks = makeSeries(store, 2000);
    const std::int64_t hour = 3600'000;
    feed(store, walks, startMs, startMs + 2 * hour, random);
    printUsage("2 h at 15 s", store);
    measureQueries(store, startMs + 2 * hour);
    feed(store, walks, startMs + 2 * hour + scrapeMs, startMs + 24 * hour, random);
    printUsage("24 h, beyond 2 h every 2 min", store);
    return 0;
}
