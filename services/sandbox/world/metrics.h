#pragma once

#include "services/sandbox/promql/samplestore.h"
#include "services/sandbox/world/past.h"
#include "services/sandbox/world/traffic.h"

namespace signalbox::sandbox
{

// What Prometheus would have scraped from one cluster: counters, histograms and gauges in the families that the program
// looks for (resources/metric-families.json). The last thirty days are there from the start, of what runs and of what
// ran before it: they are computed from the load, not kept.
class Metrics
{
public:
    Metrics(ClusterState &state, Traffic &traffic, SampleStore &store);

    // Gives the pods that run now their past. Before the first scrape.
    void remember(std::int64_t nowMs);
    // One scrape of everything that is not dark.
    void scrape(std::int64_t nowMs);
    static constexpr std::int64_t periodMs = 5000;

private:
    struct PodSeries
    {
        std::vector<SeriesRef> refs; // in the order in which valuesOf() names the values
        bool isStale = false;
    };
    struct GroupSeries
    {
        std::vector<SeriesRef> refs;
        bool isStale = false;
    };
    struct Value
    {
        const char *metric;
        LabelSet extra;
        double value;
        double perRequest = -1; // a counter's growth with each request of the application; below 0: a gauge
        bool isFailure = false;
    };

    std::vector<Value> valuesOf(const PodRecord &pod, const PodMeter &meter) const;
    void addGpuValues(const PodRecord &pod, std::vector<Value> &values) const;
    std::vector<Value> valuesOf(const LatencyGroup &group, const LatencyCounts &counts) const;
    LabelSet labelsOf(const PodRecord &pod, const Value &value) const;
    LabelSet labelsOf(const LatencyGroup &group, const Value &value) const;
    using Pieces = std::map<std::string, std::pair<SeriesRef, std::vector<std::shared_ptr<const PastSamples>>>>;
    void rememberPod(const PodRecord &pod, const PodMeter &meter, const PastSpan &span, double pods, Pieces &pieces);
    void rememberGroup(const LatencyGroup &group, double part, const PastSpan &span, Pieces &pieces);
    void rememberQuality(const LatencyGroup &group, const PastSpan &span, Pieces &pieces);
    void rememberRunning(std::int64_t nowMs, Pieces &pieces);
    void rememberEnded(std::int64_t nowMs, Pieces &pieces);
    void rememberEnded(const ServiceSpec &service, const Placement &placement, std::size_t index, std::int64_t nowMs,
                       Pieces &pieces);
    SeriesRef keep(LabelSet labels, std::shared_ptr<const PastSamples> past, Pieces &pieces);
    LabelSet qualityLabels(const LatencyGroup &group) const;
    void scrapePods(std::int64_t nowMs, std::vector<SampleStore::Row> &rows);
    void scrapeGroups(std::int64_t nowMs, std::vector<SampleStore::Row> &rows);
    void scrapeTracks(std::vector<SampleStore::Row> &rows);
    void describe();

    ClusterState &m_state;
    Traffic &m_traffic;
    SampleStore &m_store;
    std::map<std::string, PodSeries> m_pods; // by uid
    std::map<LatencyGroup, GroupSeries> m_groups;
    std::map<std::string, SeriesRef> m_tracks; // by what is counted
};

} // namespace signalbox::sandbox
