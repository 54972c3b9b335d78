#include "services/sandbox/world/metrics.h"

#include "services/sandbox/world/chance.h"
#include "services/sandbox/world/past.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace signalbox::sandbox
{

namespace
{

constexpr std::int64_t pastMs = 30 * 24 * 3600 * 1000LL;
constexpr double mebibyte = 1024 * 1024;

// Of latencyBounds, as labels have them: thousands are asked for with each scrape.
const std::string &boundText(std::size_t bound)
{
    static const auto texts = [] {
        std::array<std::string, latencyBounds.size()> made;
        for (std::size_t i = 0; i < made.size(); ++i) {
            char text[32];
            std::snprintf(text, sizeof text, "%g", latencyBounds[i]);
            made[i] = text;
        }
        return made;
    }();
    return texts[bound];
}

// What a counter's values are whole multiples of; 0: of nothing.
double grainOf(std::string_view metric)
{
    if (metric.ends_with("_sum"))
        return 0;
    return metric == "process_cpu_seconds_total" ? 0.01 : 1;
}

double firstTokenShare(double median, double bound)
{
    return logNormalShare(bound * 1000, median, 0.4);
}

} // namespace

Metrics::Metrics(ClusterState &state, Traffic &traffic, SampleStore &store)
    : m_state(state)
    , m_traffic(traffic)
    , m_store(store)
{
    describe();
}

void Metrics::describe()
{
    const auto say = [this](const char *metric, const char *type, const char *help) {
        m_store.describe(metric, {type, help, {}});
    };
    say("http_requests_total", "counter", "Requests answered, by status.");
    say("http_request_duration_seconds", "histogram", "Time to answer, of all pods of a track and zone.");
    say("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
    say("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
    say("model_agreement_ratio", "gauge", "Share of answers that agree with what turned out to be right.");
    say("vllm:num_requests_running", "gauge", "Number of requests in model execution batches.");
    say("vllm:num_requests_waiting", "gauge", "Number of requests waiting to be processed.");
    say("vllm:kv_cache_usage_perc", "gauge", "Fraction of used KV cache blocks.");
    say("vllm:generation_tokens_total", "counter", "Number of generation tokens processed.");
    say("vllm:time_to_first_token_seconds", "histogram", "Time to first token in seconds.");
    say("vllm:e2e_request_latency_seconds", "histogram", "End to end request latency in seconds.");
    say("nv_inference_request_success", "counter", "Number of successful inference requests, all batch sizes.");
    say("nv_inference_request_failure", "counter", "Number of failed inference requests, all batch sizes.");
    say("nv_inference_request_duration_us", "counter", "Cumulative inference request duration in microseconds.");
    say("nv_inference_queue_duration_us", "counter", "Cumulative inference queuing duration in microseconds.");
    say("nv_gpu_utilization", "gauge", "GPU utilization rate [0.0 - 1.0).");
    say("nv_gpu_memory_used_bytes", "gauge", "GPU used memory, in bytes.");
    say("DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %).");
    say("DCGM_FI_DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB).");
    say("DCGM_FI_DEV_GPU_TEMP", "gauge", "GPU temperature (in C).");
    say("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W).");
}

// Counters say how much they grow with each request of the whole application: that is all their past needs.
std::vector<Metrics::Value> Metrics::valuesOf(const PodRecord &pod, const PodMeter &meter) const
{
    const Behaviour &behaviour = pod.version->behaviour;
    const double total = m_traffic.load(pod.ns, pod.service->name).rps(m_state.nowMs);
    const double part = total > 0 ? meter.rps / total : 0;
    const double failing = part * meter.errorShare;
    const double seconds = behaviour.medianMs / 1000 * std::exp(behaviour.spread * behaviour.spread / 2);
    std::vector<Value> values;
    switch (pod.service->runtime) {
    case ServiceSpec::Runtime::Vllm: {
        const double running = meter.rps * meter.medianMs / 1000 * 1.1;
        const double room = behaviour.capacityRps * behaviour.medianMs / 1000;
        values.push_back({"vllm:num_requests_running", {}, std::round(std::min(running, room * 1.2))});
        values.push_back({"vllm:num_requests_waiting", {}, std::round(std::max(0.0, running - room))});
        values.push_back({"vllm:kv_cache_usage_perc", {}, std::min(1.0, 0.12 + 0.7 * running / std::max(room, 1.0))});
        values.push_back({"vllm:generation_tokens_total",
                          {},
                          std::floor(meter.answered * behaviour.tokens),
                          (part - failing) * behaviour.tokens});
        break;
    }
    case ServiceSpec::Runtime::Triton:
        values.push_back({"nv_inference_request_success", {}, std::floor(meter.answered), part - failing});
        values.push_back(
            {"nv_inference_request_failure", {}, std::floor(meter.failed + meter.rejected), failing, true});
        values.push_back(
            {"nv_inference_request_duration_us", {}, std::floor(meter.latencySeconds * 1e6), part * seconds * 1e6});
        values.push_back(
            {"nv_inference_queue_duration_us", {}, std::floor(meter.latencySeconds * 0.12e6), part * seconds * 0.12e6});
        values.push_back(
            {"nv_gpu_utilization", {}, std::min(0.99, 0.04 + meter.rps / std::max(behaviour.capacityRps, 1.0) * 0.9)});
        values.push_back({"nv_gpu_memory_used_bytes", {}, behaviour.gpuMemoryMb * mebibyte});
        break;
    case ServiceSpec::Runtime::Dcgm:
        addGpuValues(pod, values);
        break;
    case ServiceSpec::Runtime::Http:
        break;
    }
    if (pod.service->runtime == ServiceSpec::Runtime::Http || pod.service->runtime == ServiceSpec::Runtime::Vllm) {
        values.push_back({"http_requests_total", {{"code", "200"}}, std::floor(meter.answered), part - failing});
        values.push_back({"http_requests_total", {{"code", "500"}}, std::floor(meter.failed), failing, true});
        values.push_back({"http_requests_total", {{"code", "503"}}, std::floor(meter.rejected), 0.0});
    }
    values.push_back({"process_resident_memory_bytes", {}, std::floor(meter.memoryMb * 64) * mebibyte / 64});
    values.push_back(
        {"process_cpu_seconds_total", {}, std::floor(meter.cpuSeconds * 100) / 100, part * behaviour.cpuMs / 1000});
    return values;
}

// The exporter runs on every node and tells of the node's processors, whoever uses them.
void Metrics::addGpuValues(const PodRecord &pod, std::vector<Value> &values) const
{
    const auto node = m_state.nodes.find(pod.node);
    if (node == m_state.nodes.end())
        return;
    std::vector<double> busy;
    double memoryMb = 0;
    for (const auto &[uid, other] : m_state.pods) {
        if (other.node != pod.node || other.gpus == 0 || !other.version)
            continue;
        const auto meter = m_traffic.meters.find(uid);
        const double capacity = std::max(other.version->behaviour.capacityRps, 1.0);
        busy.push_back(meter == m_traffic.meters.end() ? 0 : std::min(0.98, 0.03 + meter->second.rps / capacity * 0.9));
        memoryMb = std::max(memoryMb, std::max(other.version->behaviour.gpuMemoryMb, 8000.0));
    }
    for (int i = 0; i < node->second.gpus; ++i) {
        const double use = static_cast<std::size_t>(i) < busy.size() ? busy[static_cast<std::size_t>(i)] : 0;
        const LabelSet gpu = {{"gpu", std::to_string(i)}, {"Hostname", pod.node}, {"modelName", "NVIDIA L40S"}};
        values.push_back({"DCGM_FI_DEV_GPU_UTIL", gpu, std::round(use * 100)});
        values.push_back({"DCGM_FI_DEV_FB_USED", gpu, use > 0 ? memoryMb : 420});
        values.push_back({"DCGM_FI_DEV_GPU_TEMP", gpu, std::round(34 + use * 38)});
        values.push_back({"DCGM_FI_DEV_POWER_USAGE", gpu, std::round(60 + use * 250)});
    }
}

std::vector<Metrics::Value> Metrics::valuesOf(const LatencyGroup &group, const LatencyCounts &counts) const
{
    const ServiceSpec *service = m_state.catalogue.service(group.service);
    const Version *version = service ? service->version(group.version) : nullptr;
    std::vector<Value> values;
    if (!version || service->runtime == ServiceSpec::Runtime::Triton || service->runtime == ServiceSpec::Runtime::Dcgm)
        return values;
    const bool isVllm = service->runtime == ServiceSpec::Runtime::Vllm;
    const double all = counts.buckets.back();
    const auto addHistogram = [&](const char *bucket, const char *sum, const char *count, auto valueAt,
                                  double seconds) {
        for (std::size_t i = 0; i < latencyBounds.size(); ++i)
            values.push_back({bucket, {{"le", boundText(i)}}, std::floor(valueAt(i))});
        values.push_back({bucket, {{"le", "+Inf"}}, std::floor(all)});
        values.push_back({sum, {}, seconds});
        values.push_back({count, {}, std::floor(all)});
    };
    addHistogram(
        "http_request_duration_seconds_bucket", "http_request_duration_seconds_sum",
        "http_request_duration_seconds_count", [&](std::size_t i) { return counts.buckets[i]; }, counts.sumSeconds);
    if (isVllm) {
        addHistogram(
            "vllm:e2e_request_latency_seconds_bucket", "vllm:e2e_request_latency_seconds_sum",
            "vllm:e2e_request_latency_seconds_count", [&](std::size_t i) { return counts.buckets[i]; },
            counts.sumSeconds);
        const double first = version->behaviour.firstTokenMs;
        addHistogram(
            "vllm:time_to_first_token_seconds_bucket", "vllm:time_to_first_token_seconds_sum",
            "vllm:time_to_first_token_seconds_count",
            [&](std::size_t i) { return all * firstTokenShare(first, latencyBounds[i]); }, all * first / 1000);
    }
    return values;
}

LabelSet Metrics::labelsOf(const PodRecord &pod, const Value &value) const
{
    LabelSet labels = {{"__name__", value.metric}, {"cluster", m_state.plan.name}, {"namespace", pod.ns},
                       {"job", pod.service->name}, {"app", pod.service->name},     {"team", pod.service->team},
                       {"slot", trackOf(pod)},     {"version", pod.version->tag},  {"pod", pod.name},
                       {"zone", pod.zone},         {"instance", pod.ip + ":8080"}};
    labels.insert(labels.end(), value.extra.begin(), value.extra.end());
    return labels;
}

LabelSet Metrics::labelsOf(const LatencyGroup &group, const Value &value) const
{
    LabelSet labels = {
        {"__name__", value.metric}, {"cluster", m_state.plan.name}, {"namespace", group.ns},    {"job", group.service},
        {"app", group.service},     {"slot", group.track},          {"version", group.version}, {"zone", group.zone}};
    labels.insert(labels.end(), value.extra.begin(), value.extra.end());
    return labels;
}

SeriesRef Metrics::keep(LabelSet labels, std::shared_ptr<const PastSamples> past, Pieces &pieces)
{
    const std::string name = labelText(labels);
    auto &[ref, all] = pieces[name];
    if (all.empty())
        ref = m_store.series(std::move(labels));
    all.push_back(std::move(past));
    return ref;
}

void Metrics::remember(std::int64_t nowMs)
{
    Pieces pieces;
    rememberEnded(nowMs, pieces); // first: what runs now is the last piece of its series
    rememberRunning(nowMs, pieces);
    for (auto &[name, known] : pieces) {
        auto &[ref, all] = known;
        if (all.size() == 1)
            m_store.setPast(ref, all.front());
        else
            m_store.setPast(ref, std::make_shared<PastPieces>(std::move(all)));
    }
}

void Metrics::rememberRunning(std::int64_t nowMs, Pieces &pieces)
{
    std::map<LatencyGroup, std::pair<double, std::int64_t>> groups; // requests per request of the whole, and since when
    std::map<LatencyGroup, std::int64_t> tracks;                    // without zone; since when
    for (const auto &[uid, pod] : m_state.pods) {
        if (!pod.version || !pod.isReady())
            continue;
        const Load &load = m_traffic.load(pod.ns, pod.service->name);
        const PastSpan span{std::max(pod.readySinceMs, nowMs - pastMs), nowMs - 1, nowMs, false};
        const double total = load.rps(nowMs);
        PodMeter &meter = m_traffic.meters[uid];
        const double requests = total > 0 ? meter.rps / total * load.requests(span.beginMs, nowMs) : 0;
        const Behaviour &behaviour = pod.version->behaviour;
        meter.answered = requests * (1 - meter.errorShare);
        meter.failed = requests * meter.errorShare;
        meter.rejected = 0;
        meter.cpuSeconds = requests * behaviour.cpuMs / 1000;
        meter.latencySeconds = requests * behaviour.medianMs / 1000 * std::exp(behaviour.spread * behaviour.spread / 2);
        rememberPod(pod, meter, span, 1, pieces);
        const LatencyGroup group = groupOf(pod);
        auto &[part, since] = groups[group];
        part += total > 0 ? meter.rps / total : 0;
        since = since == 0 ? pod.createdMs : std::min(since, pod.createdMs);
        if (meter.rps > 0) {
            LatencyGroup track = group;
            track.zone.clear();
            std::int64_t &first = tracks[track];
            first = first == 0 ? pod.createdMs : std::min(first, pod.createdMs);
        }
    }
    for (const auto &[group, known] : groups)
        rememberGroup(group, known.first, {std::max(known.second, nowMs - pastMs), nowMs - 1, nowMs, false}, pieces);
    for (const auto &[track, since] : tracks)
        rememberQuality(track, {std::max(since, nowMs - pastMs), nowMs - 1, nowMs, false}, pieces);
}

void Metrics::rememberEnded(std::int64_t nowMs, Pieces &pieces)
{
    const auto &ours = m_state.plan.namespaces;
    for (const ServiceSpec &service : m_state.catalogue.services) {
        for (const Placement &placement : service.placements) {
            if (std::find(ours.begin(), ours.end(), placement.ns) == ours.end() || !service.rps.contains(placement.ns))
                continue;
            for (std::size_t i = 0; i + 1 < placement.history.size(); ++i)
                rememberEnded(service, placement, i, nowMs, pieces);
        }
    }
}

// A track had the share then that it has now.
void Metrics::rememberEnded(const ServiceSpec &service, const Placement &placement, std::size_t index,
                            std::int64_t nowMs, Pieces &pieces)
{
    const auto at = [nowMs](double daysAgo) { return nowMs - static_cast<std::int64_t>(daysAgo * 24 * 3600 * 1000); };
    const PastSpan span{std::max(at(placement.history[index].daysAgo), nowMs - pastMs),
                        at(placement.history[index + 1].daysAgo), nowMs, true};
    const auto tracks = m_traffic.tracks(placement.ns, service.name);
    const auto flow = tracks.find(placement.track);
    const double share = flow == tracks.end() ? 0 : flow->second.share;
    if (share <= 0 || span.endMs <= span.beginMs)
        return;
    const bool isProduction = placement.ns == "production";
    const std::size_t zones = isProduction ? m_state.plan.zones.size() : 1;
    const Load &load = m_traffic.load(placement.ns, service.name);
    const double pods = std::max(1.0, static_cast<double>(placement.replicas) / static_cast<double>(zones));
    PodRecord pod;
    pod.ns = placement.ns;
    pod.service = &service;
    pod.version = service.version(placement.history[index].tag);
    pod.labels = Json::object();
    if (!placement.track.empty())
        pod.labels["slot"] = placement.track;
    const Behaviour &behaviour = pod.version->behaviour;
    PodMeter meter;
    meter.rps = load.rps(nowMs) * share / static_cast<double>(zones) / pods;
    meter.errorShare = behaviour.errors;
    meter.medianMs = behaviour.medianMs;
    meter.memoryMb = behaviour.memoryMb * 0.92;
    for (std::size_t zone = 0; zone < zones; ++zone) {
        const std::string number = std::to_string(index) + '/' + std::to_string(zone);
        const std::string workload = service.workloadName(placement);
        pod.zone = m_state.plan.zones[zone];
        pod.name = workload + '-' + safeName(hashOf(workload, index), 9) + '-' + safeName(hashOf(workload + number), 5);
        pod.ip = "10.65." + std::to_string(hashOf(pod.name) % 250) + '.' + std::to_string(zone + 10);
        rememberPod(pod, meter, span, pods, pieces);
        rememberGroup(groupOf(pod), share / static_cast<double>(zones), span, pieces);
    }
    LatencyGroup track = groupOf(pod);
    track.zone.clear();
    rememberQuality(track, span, pieces);
}

void Metrics::rememberGroup(const LatencyGroup &group, double part, const PastSpan &span, Pieces &pieces)
{
    const Version *version = m_state.catalogue.service(group.service)->version(group.version);
    const Behaviour &behaviour = version->behaviour;
    const Load &load = m_traffic.load(group.ns, group.service);
    LatencyCounts one;
    one.add(1, behaviour.medianMs, behaviour.spread);
    LatencyCounts counts;
    counts.add(part * load.requests(span.beginMs, span.endMs + 1), behaviour.medianMs, behaviour.spread);
    if (!span.isOver)
        m_traffic.latencies[group] = counts;
    const std::vector<Value> ones = valuesOf(group, one);
    const std::vector<Value> values = valuesOf(group, counts);
    CounterPast::Growth growth;
    growth.wobble = Wobble(m_state.catalogue.seed, latencyName(group));
    for (std::size_t i = 0; i < values.size(); ++i) {
        // valuesOf() rounds down, so the part of one request is told from the exact counts.
        double perRequest = ones[i].value;
        double slope = 0;
        const std::size_t bucket = i % (latencyBounds.size() + 3);
        if (bucket < latencyBounds.size()) {
            const bool isFirstToken = std::string_view(values[i].metric).find("first_token") != std::string_view::npos;
            perRequest =
                isFirstToken ? firstTokenShare(behaviour.firstTokenMs, latencyBounds[bucket]) : one.buckets[bucket];
            if (!isFirstToken)
                slope = logNormalSlope(latencyBounds[bucket] * 1000, behaviour.medianMs, behaviour.spread);
        }
        growth.perRequest = part * perRequest;
        growth.swing = -part * std::min(latencyNoise * slope, perRequest);
        growth.last = span.isOver ? 1e300 : values[i].value;
        growth.grain = grainOf(values[i].metric);
        const SeriesRef ref =
            keep(labelsOf(group, values[i]), std::make_shared<CounterPast>(load, span, growth), pieces);
        if (!span.isOver)
            m_groups[group].refs.push_back(ref);
    }
}

LabelSet Metrics::qualityLabels(const LatencyGroup &group) const
{
    return {{"__name__", "model_agreement_ratio"},
            {"cluster", m_state.plan.name},
            {"namespace", group.ns},
            {"job", "model-quality"},
            {"app", group.service},
            {"slot", group.track},
            {"version", group.version}};
}

void Metrics::rememberQuality(const LatencyGroup &group, const PastSpan &span, Pieces &pieces)
{
    GaugePast::Course course;
    course.mean = m_state.catalogue.service(group.service)->version(group.version)->behaviour.quality;
    course.noise = qualityNoise;
    course.wobble = Wobble(m_state.catalogue.seed, qualityName(group.ns, group.service, group.track));
    if (course.mean > 0)
        keep(qualityLabels(group), std::make_shared<GaugePast>(m_traffic.load(group.ns, group.service), span, course),
             pieces);
}

// `pods`: how many this one stands for.
void Metrics::rememberPod(const PodRecord &pod, const PodMeter &meter, const PastSpan &span, double pods,
                          Pieces &pieces)
{
    const Load &load = m_traffic.load(pod.ns, pod.service->name);
    const std::uint64_t seed = m_state.catalogue.seed;
    for (const Value &value : valuesOf(pod, meter)) {
        std::shared_ptr<const PastSamples> past;
        if (value.perRequest >= 0) {
            CounterPast::Growth growth;
            growth.perRequest = value.perRequest * pods;
            growth.wobble = Wobble(seed, errorName(pod));
            if (value.isFailure)
                growth.swing = growth.perRequest * errorNoise;
            growth.last = span.isOver ? 1e300 : value.value;
            growth.grain = grainOf(value.metric);
            past = std::make_shared<CounterPast>(load, span, growth);
        } else {
            GaugePast::Course course;
            const bool isMemory = std::string_view(value.metric).find("memory") != std::string_view::npos;
            course.mean = value.value;
            const bool hasLoad = load.mean() > 0; // an exporter tells of others' load
            course.sway = !hasLoad ? 0 : isMemory ? 0.05 : 0.8;
            course.noise = hasLoad && !isMemory ? 0 : 0.03;
            course.wobble = Wobble(seed, "use/" + pod.name);
            past = std::make_shared<GaugePast>(load, span, course);
        }
        const SeriesRef ref = keep(labelsOf(pod, value), std::move(past), pieces);
        if (!span.isOver)
            m_pods[pod.uid].refs.push_back(ref);
    }
}

void Metrics::scrape(std::int64_t nowMs)
{
    std::vector<SampleStore::Row> rows;
    scrapePods(nowMs, rows);
    scrapeGroups(nowMs, rows);
    scrapeTracks(rows);
    if (m_store.append(rows, nowMs) == rows.size())
        return;
    // A series came back after a day: its reference is dead. All are asked for anew at the next scrape.
    m_pods.clear();
    m_groups.clear();
    m_tracks.clear();
}

void Metrics::scrapePods(std::int64_t nowMs, std::vector<SampleStore::Row> &rows)
{
    const auto end = [&](PodSeries &series) {
        for (const SeriesRef &ref : series.refs)
            m_store.markStale(ref, nowMs);
        series.isStale = true;
    };
    for (auto it = m_pods.begin(); it != m_pods.end();) {
        const auto pod = m_state.pods.find(it->first);
        if (pod != m_state.pods.end() && pod->second.life.isRunning()) {
            ++it;
            continue;
        }
        if (!it->second.isStale)
            end(it->second);
        it = pod == m_state.pods.end() ? m_pods.erase(it) : std::next(it);
    }
    for (const auto &[uid, pod] : m_state.pods) {
        const auto meter = m_traffic.meters.find(uid);
        if (!pod.version || !pod.life.isRunning() || pod.ip.empty() || meter == m_traffic.meters.end())
            continue;
        PodSeries &series = m_pods[uid];
        if (meter->second.isDark) {
            if (!series.isStale)
                end(series);
            continue;
        }
        const std::vector<Value> values = valuesOf(pod, meter->second);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i == series.refs.size())
                series.refs.push_back(m_store.series(labelsOf(pod, values[i])));
            rows.push_back({series.refs[i], values[i].value});
        }
        series.isStale = false;
    }
}

void Metrics::scrapeGroups(std::int64_t nowMs, std::vector<SampleStore::Row> &rows)
{
    std::map<LatencyGroup, bool> dark; // of groups that have running pods
    for (const auto &[uid, pod] : m_state.pods) {
        if (!pod.version || !pod.life.isRunning())
            continue;
        const auto meter = m_traffic.meters.find(uid);
        bool &isDark = dark.try_emplace(m_traffic.group(pod), true).first->second;
        isDark = isDark && meter != m_traffic.meters.end() && meter->second.isDark;
    }
    for (const auto &[group, counts] : m_traffic.latencies) {
        GroupSeries &series = m_groups[group];
        const auto known = dark.find(group);
        if (known == dark.end() || known->second) {
            for (const SeriesRef &ref : series.refs) {
                if (!series.isStale)
                    m_store.markStale(ref, nowMs);
            }
            series.isStale = true;
            continue;
        }
        const std::vector<Value> values = valuesOf(group, counts);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i == series.refs.size())
                series.refs.push_back(m_store.series(labelsOf(group, values[i])));
            rows.push_back({series.refs[i], values[i].value});
        }
        series.isStale = false;
    }
}

// What is known of a track as a whole: how good its answers are, and what no pod was there to answer.
void Metrics::scrapeTracks(std::vector<SampleStore::Row> &rows)
{
    std::map<LatencyGroup, std::pair<double, double>> quality; // without zone; sum and weight
    for (const auto &[uid, pod] : m_state.pods) {
        const auto meter = m_traffic.meters.find(uid);
        if (!pod.version || !pod.isReady() || meter == m_traffic.meters.end() || meter->second.quality <= 0 ||
            meter->second.isDark || meter->second.rps <= 0)
            continue;
        LatencyGroup track = m_traffic.group(pod);
        track.zone.clear();
        auto &[sum, weight] = quality[std::move(track)];
        sum += meter->second.quality * meter->second.rps;
        weight += meter->second.rps;
    }
    for (const auto &[track, value] : quality) {
        LabelSet labels = qualityLabels(track);
        const std::string name = labelText(labels);
        const auto known = m_tracks.find(name);
        const SeriesRef ref = known == m_tracks.end() ? m_store.series(std::move(labels)) : known->second;
        m_tracks[name] = ref;
        rows.push_back({ref, std::round(value.first / value.second * 1e4) / 1e4});
    }
    for (const auto &[ns, service] : m_traffic.applications()) {
        for (const auto &[track, flow] : m_traffic.tracks(ns, service)) {
            if (flow.unserved < 1)
                continue;
            const std::string name = "unserved|" + ns + '|' + service + '|' + track;
            auto known = m_tracks.find(name);
            if (known == m_tracks.end()) {
                const SeriesRef ref = m_store.series({{"__name__", "http_requests_total"},
                                                      {"cluster", m_state.plan.name},
                                                      {"namespace", ns},
                                                      {"job", "gateway"},
                                                      {"app", service},
                                                      {"slot", track},
                                                      {"code", "503"}});
                known = m_tracks.emplace(name, ref).first;
            }
            rows.push_back({known->second, std::floor(flow.unserved)});
        }
    }
}

} // namespace signalbox::sandbox
