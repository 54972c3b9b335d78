#pragma once

#include "services/sandbox/promql/samplestore.h"
#include "services/sandbox/promql/syntax.h"

#include <variant>

namespace signalbox::sandbox
{

struct ResultSeries
{
    LabelSet labels;
    std::vector<TimedValue> samples;
};

struct QueryResult
{
    ValueType type = ValueType::Vector;
    std::vector<ResultSeries> series; // vector: one sample each; matrix
    TimedValue scalar;
    std::string text; // of type String
};

struct QueryError
{
    enum class Kind { BadData, Execution, Timeout };
    Kind kind = Kind::Execution;
    std::string message;
};

// Evaluates PromQL over a SampleStore: the part that services/sandbox/promql/README.md names, with the results that
// Prometheus 2.42 has on the same samples (tests/contract/sandbox compares them). What Prometheus cannot read is
// refused in its words; what it can and the sandbox cannot is refused as such, never answered with a made-up number.
// Thread-safe: a query keeps nothing.
class Engine
{
public:
    struct Options
    {
        std::int64_t lookBackMs = 5 * 60 * 1000;
        std::size_t maxValues = 20'000'000; // worked out in one query, series times steps, before it is refused
        std::int64_t timeoutMs = 120 * 1000;
    };
    template <typename T>
    using Outcome = std::variant<T, QueryError>;

    explicit Engine(const SampleStore &store);
    Engine(const SampleStore &store, const Options &options);

    Outcome<QueryResult> instant(std::string_view query, std::int64_t atMs, std::int64_t timeoutMs = 0) const;
    // Values at startMs, startMs + stepMs ... up to endMs.
    Outcome<QueryResult> range(std::string_view query, std::int64_t startMs, std::int64_t endMs, std::int64_t stepMs,
                               std::int64_t timeoutMs = 0) const;

private:
    const SampleStore &m_store;
    Options m_options;
};

} // namespace signalbox::sandbox
