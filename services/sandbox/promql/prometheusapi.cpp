#include "services/sandbox/promql/prometheusapi.h"

#include "services/sandbox/promql/alertrules.h"
#include "services/sandbox/promql/apiparameters.h"
#include "services/sandbox/promql/gotext.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace signalbox::sandbox
{
namespace
{

constexpr std::int64_t mostPoints = 11000;
constexpr std::int64_t earliest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max();

ApiAnswer success(const std::string &data)
{
    return {200, "application/json", R"({"status":"success","data":)" + data + '}'};
}

ApiAnswer failure(const ApiError &error)
{
    return {error.status, "application/json",
            R"({"status":"error","errorType":")" + error.type + R"(","error":)" + jsonQuoted(error.message) + '}'};
}

ApiAnswer plain(int status, const char *text)
{
    return {status, "text/plain; charset=utf-8", text};
}

std::string sampleJson(const TimedValue &sample)
{
    return '[' + apiTime(sample.ms) + ",\"" + apiNumber(sample.value) + "\"]";
}

// Values of a JSON list, each made by `write`.
template <typename List, typename Write>
std::string listJson(const List &list, Write write)
{
    std::string json = "[";
    for (const auto &item : list) {
        if (json.size() > 1)
            json += ',';
        json += write(item);
    }
    return json + ']';
}

std::string seriesJson(const ResultSeries &series, bool isMatrix)
{
    return R"({"metric":)" + labelsJson(series.labels) +
           (isMatrix ? R"(,"values":)" + listJson(series.samples, sampleJson)
                     : R"(,"value":)" + sampleJson(series.samples.front())) +
           '}';
}

std::string resultJson(const QueryResult &result)
{
    switch (result.type) {
    case ValueType::Scalar:
        return R"({"resultType":"scalar","result":)" + sampleJson(result.scalar) + '}';
    case ValueType::String:
        return R"({"resultType":"string","result":[)" + apiTime(result.scalar.ms) + ',' + jsonQuoted(result.text) +
               "]}";
    default:
        break;
    }
    const bool isMatrix = result.type == ValueType::Matrix;
    return std::string(R"({"resultType":")") + (isMatrix ? "matrix" : "vector") + R"(","result":)" +
           listJson(result.series, [isMatrix](const ResultSeries &series) { return seriesJson(series, isMatrix); }) +
           '}';
}

// A query that cannot be read is told of with the parameter's name by /query and without it by /query_range.
ApiAnswer answerOf(const Engine::Outcome<QueryResult> &outcome, bool isRange)
{
    if (const auto *result = std::get_if<QueryResult>(&outcome))
        return success(resultJson(*result));
    const QueryError &error = std::get<QueryError>(outcome);
    switch (error.kind) {
    case QueryError::Kind::BadData:
        if (isRange)
            failBadData(error.message);
        failParameter("query", error.message);
    case QueryError::Kind::Timeout:
        throw ApiError{503, "timeout", error.message};
    default:
        throw ApiError{422, "execution", error.message};
    }
}

std::int64_t timeoutMs(const Parameters &parameters)
{
    if (parameter(parameters, "timeout").empty())
        return 0;
    return std::max<std::int64_t>(durationParameter(parameters, "timeout") / 1'000'000, 1);
}

// Only /series names the parameter in what it says of a selector.
[[noreturn]] void failSelector(const std::string &message, bool isSeries)
{
    if (isSeries)
        failParameter("match[]", message);
    failBadData(message);
}

std::vector<std::vector<Matcher>> matcherSets(const Parameters &parameters, bool isSeries)
{
    std::vector<std::vector<Matcher>> sets;
    for (const auto &[name, value] : parameters) {
        if (name != "match[]")
            continue;
        auto parsed = parseSelector(value);
        if (auto *error = std::get_if<std::string>(&parsed))
            failSelector(*error, isSeries);
        auto &matchers = std::get<std::vector<Matcher>>(parsed);
        if (std::all_of(matchers.begin(), matchers.end(), [](const Matcher &one) { return one.matchesEmpty(); }))
            failSelector("match[] must contain at least one non-empty matcher", isSeries);
        sets.push_back(std::move(matchers));
    }
    return sets;
}

} // namespace

PrometheusApi::PrometheusApi(const SampleStore &store, const AlertRules *rules, std::function<std::int64_t()> nowMs)
    : PrometheusApi(store, rules, std::move(nowMs), Engine::Options())
{}

PrometheusApi::PrometheusApi(const SampleStore &store, const AlertRules *rules, std::function<std::int64_t()> nowMs,
                             const Engine::Options &options)
    : m_store(store)
    , m_rules(rules)
    , m_now(std::move(nowMs))
    , m_engine(store, options)
{}

ApiAnswer PrometheusApi::answer(std::string_view method, std::string_view path, const Parameters &parameters) const
{
    using Handler = ApiAnswer (PrometheusApi::*)(const Parameters &) const;
    struct Route
    {
        std::string_view path;
        Handler handler;
        bool takesForms;
    };
    static constexpr std::array<Route, 9> routes = {{
        {"/api/v1/query", &PrometheusApi::query, true},
        {"/api/v1/query_range", &PrometheusApi::queryRange, true},
        {"/api/v1/series", &PrometheusApi::series, true},
        {"/api/v1/labels", &PrometheusApi::labelNames, true},
        {"/api/v1/metadata", &PrometheusApi::metadata, false},
        {"/api/v1/alerts", &PrometheusApi::alerts, false},
        {"/api/v1/rules", &PrometheusApi::rules, false},
        {"/api/v1/targets", &PrometheusApi::targets, false},
        {"/api/v1/status/buildinfo", &PrometheusApi::buildInfo, false},
    }};
    const bool isGet = method == "GET";
    try {
        if (path == "/-/ready" || path == "/-/healthy")
            return !isGet               ? plain(405, "Method Not Allowed\n")
                   : path == "/-/ready" ? plain(200, "Prometheus Server is Ready.\n")
                                        : plain(200, "Prometheus Server is Healthy.\n");
        for (const Route &route : routes) {
            if (route.path == path)
                return isGet || (route.takesForms && method == "POST") ? (this->*route.handler)(parameters)
                                                                       : plain(405, "Method Not Allowed\n");
        }
        constexpr std::string_view before = "/api/v1/label/";
        constexpr std::string_view behind = "/values";
        if (path.starts_with(before) && path.ends_with(behind) && path.size() > before.size() + behind.size()) {
            if (!isGet)
                return plain(405, "Method Not Allowed\n");
            return labelValues(path.substr(before.size(), path.size() - before.size() - behind.size()), parameters);
        }
        return plain(404, "404 page not found\n");
    } catch (const ApiError &error) {
        return failure(error);
    }
}

ApiAnswer PrometheusApi::query(const Parameters &parameters) const
{
    const std::int64_t at = timeParameter(parameters, "time", m_now());
    const std::int64_t timeout = timeoutMs(parameters);
    auto outcome = m_engine.instant(parameter(parameters, "query"), at, timeout);
    if (auto *result = std::get_if<QueryResult>(&outcome))
        result->scalar.ms = at;
    return answerOf(outcome, false);
}

ApiAnswer PrometheusApi::queryRange(const Parameters &parameters) const
{
    const std::int64_t start = timeParameter(parameters, "start");
    const std::int64_t end = timeParameter(parameters, "end");
    if (end < start)
        failParameter("end", "end timestamp must not be before start time");
    const std::int64_t step = durationParameter(parameters, "step");
    if (step <= 0)
        failParameter("step", "zero or negative query resolution step widths are not accepted. Try a positive integer");
    if (static_cast<double>(end - start) * 1e6 / static_cast<double>(step) >= static_cast<double>(mostPoints + 1))
        failBadData("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
                    "(?step=XX)");
    const std::int64_t timeout = timeoutMs(parameters);
    return answerOf(m_engine.range(parameter(parameters, "query"), start, end, step / 1'000'000, timeout), true);
}

// The label sets of all match[] together, in order; of every series where there is none.
std::vector<LabelSet> PrometheusApi::matched(const Parameters &parameters, bool isSeries) const
{
    const std::int64_t start = timeParameter(parameters, "start", earliest);
    const std::int64_t end = timeParameter(parameters, "end", latest);
    auto sets = matcherSets(parameters, isSeries);
    if (sets.empty())
        sets.emplace_back();
    std::set<LabelSet> all;
    for (const auto &matchers : sets) {
        for (LabelSet &labels : m_store.labelSets(matchers, start, end))
            all.insert(std::move(labels));
    }
    return {all.begin(), all.end()};
}

ApiAnswer PrometheusApi::series(const Parameters &parameters) const
{
    if (parameter(parameters, "match[]").empty())
        failBadData("no match[] parameter provided");
    return success(listJson(matched(parameters, true), labelsJson));
}

ApiAnswer PrometheusApi::labelNames(const Parameters &parameters) const
{
    std::set<std::string> names;
    for (const LabelSet &labels : matched(parameters, false)) {
        for (const auto &label : labels)
            names.insert(label.first);
    }
    return success(listJson(names, [](const std::string &name) { return jsonQuoted(name); }));
}

ApiAnswer PrometheusApi::labelValues(std::string_view name, const Parameters &parameters) const
{
    if (!isLabelName(name))
        failBadData("invalid label name: " + goQuoted(name));
    const std::int64_t start = timeParameter(parameters, "start", earliest);
    const std::int64_t end = timeParameter(parameters, "end", latest);
    auto sets = matcherSets(parameters, false);
    if (sets.empty())
        sets.emplace_back();
    std::set<std::string> values;
    for (const auto &matchers : sets)
        values.merge(m_store.labelValues(name, matchers, start, end));
    return success(listJson(values, [](const std::string &value) { return jsonQuoted(value); }));
}

ApiAnswer PrometheusApi::metadata(const Parameters &parameters) const
{
    const std::string_view wanted = parameter(parameters, "metric");
    std::size_t limit = std::numeric_limits<std::size_t>::max();
    if (const std::string_view text = parameter(parameters, "limit"); !text.empty()) {
        const auto number = goParseFloat(text);
        if (!number || *number != std::floor(*number))
            failBadData("limit must be a number");
        limit = *number < 0 ? limit : static_cast<std::size_t>(*number);
    }
    std::string json = "{";
    for (const auto &[metric, description] : m_store.descriptions()) {
        if ((!wanted.empty() && wanted != metric) || limit == 0)
            continue;
        --limit;
        json += (json.size() > 1 ? "," : "") + jsonQuoted(metric) + R"(:[{"type":)" + jsonQuoted(description.type) +
                R"(,"help":)" + jsonQuoted(description.help) + R"(,"unit":)" + jsonQuoted(description.unit) + "}]";
    }
    return success(json + '}');
}

ApiAnswer PrometheusApi::alerts(const Parameters &) const
{
    return success(m_rules ? m_rules->alertsJson() : R"({"alerts":[]})");
}

ApiAnswer PrometheusApi::rules(const Parameters &parameters) const
{
    const std::string_view type = parameter(parameters, "type");
    if (!type.empty() && type != "alert" && type != "record")
        failParameter("type", "not supported value " + goQuoted(type));
    return success(m_rules && type != "record" ? m_rules->rulesJson() : R"({"groups":[]})");
}

// A target is what has an `up` of the last five minutes.
ApiAnswer PrometheusApi::targets(const Parameters &parameters) const
{
    const std::string_view state = parameter(parameters, "state");
    std::string json;
    const std::int64_t now = m_now();
    if (state.empty() || state == "any" || state == "active") {
        std::string error;
        const std::vector<Matcher> up = {*Matcher::make(Matcher::Kind::Equal, "__name__", "up", &error)};
        m_store.visit(up, now - 300'000, now, [&json](const LabelSet &all, const auto &samples) {
            const TimedValue &last = samples.back();
            if (isStaleMarker(last.value))
                return;
            LabelSet labels = all;
            std::erase_if(labels, [](const auto &label) { return label.first == metricNameLabel; });
            const std::string address(labelValue(labels, "instance"));
            const std::string url = jsonQuoted("http://" + address + "/metrics");
            json += std::string(json.empty() ? "" : ",") + R"({"discoveredLabels":{},"labels":)" + labelsJson(labels) +
                    R"(,"scrapePool":)" + jsonQuoted(labelValue(labels, "job")) + R"(,"scrapeUrl":)" + url +
                    R"(,"globalUrl":)" + url + R"(,"lastError":)" +
                    (last.value == 1 ? R"("")" : R"("the target did not answer")") + R"(,"lastScrape":)" +
                    jsonQuoted(rfc3339(last.ms)) + R"(,"lastScrapeDuration":0.001,"health":")" +
                    (last.value == 1 ? "up" : "down") + R"(","scrapeInterval":"15s","scrapeTimeout":"10s"})";
        });
    }
    return success(R"({"activeTargets":[)" + json + R"(],"droppedTargets":[]})");
}

ApiAnswer PrometheusApi::buildInfo(const Parameters &) const
{
    return success(R"({"version":"2.42.0","revision":"signalbox-sandbox","branch":"HEAD","buildUser":"",)"
                   R"("buildDate":"","goVersion":""})");
}

} // namespace signalbox::sandbox
