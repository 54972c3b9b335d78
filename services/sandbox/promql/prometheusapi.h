#pragma once

#include "services/sandbox/promql/engine.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::sandbox
{

class AlertRules;

// Decoded names and values of a request. Where a name comes twice the first counts, but for match[].
using Parameters = std::vector<std::pair<std::string, std::string>>;

// "a=b&c=%20d": of an address behind the question mark or of a form. A + is a space; a broken %XX stands as it is.
Parameters formParameters(std::string_view encoded);

struct ApiAnswer
{
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
};

// Prometheus' HTTP API, version 1, without the HTTP: /api/v1/query, query_range, series, labels, label/NAME/values,
// metadata, alerts, rules, targets, status/buildinfo, and /-/ready, /-/healthy. Answers and errors are those of
// Prometheus 2.42. Thread-safe as long as `store` and `rules` live.
class PrometheusApi
{
public:
    // `rules` may be null: there are none. `nowMs` is asked from any thread.
    PrometheusApi(const SampleStore &store, const AlertRules *rules, std::function<std::int64_t()> nowMs);
    PrometheusApi(const SampleStore &store, const AlertRules *rules, std::function<std::int64_t()> nowMs,
                  const Engine::Options &options);

    // `path` is decoded and begins with /; `parameters` are those of a form in the body, then those of the address.
    ApiAnswer answer(std::string_view method, std::string_view path, const Parameters &parameters) const;

private:
    ApiAnswer query(const Parameters &parameters) const;
    ApiAnswer queryRange(const Parameters &parameters) const;
    ApiAnswer series(const Parameters &parameters) const;
    ApiAnswer labelNames(const Parameters &parameters) const;
    ApiAnswer labelValues(std::string_view name, const Parameters &parameters) const;
    ApiAnswer metadata(const Parameters &parameters) const;
    ApiAnswer alerts(const Parameters &parameters) const;
    ApiAnswer rules(const Parameters &parameters) const;
    ApiAnswer targets(const Parameters &parameters) const;
    ApiAnswer buildInfo(const Parameters &parameters) const;
    std::vector<LabelSet> matched(const Parameters &parameters, bool isSeries) const;

    const SampleStore &m_store;
    const AlertRules *m_rules;
    std::function<std::int64_t()> m_now;
    Engine m_engine;
};

} // namespace signalbox::sandbox
