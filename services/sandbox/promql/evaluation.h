#pragma once

#include "services/sandbox/promql/engine.h"

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <unordered_map>

// What the parts of the engine share; nobody else includes it. A query is worked out node by node over all its steps at
// once: a row is one series with a value, or none, for every step. A QueryError is thrown within the engine only.
namespace signalbox::sandbox
{

struct Row
{
    LabelSet labels;
    std::vector<double> values; // one a step; absent() where the series has none
};

// "No value" at a step. The staleness marker serves: it never gets past a selector.
inline double absent()
{
    return staleMarker();
}
inline bool isPresent(double value)
{
    return !isStaleMarker(value);
}

struct Value
{
    ValueType type = ValueType::Vector;
    std::vector<double> scalar; // one a step
    std::vector<Row> rows;
    std::string text;
};

struct Steps
{
    std::int64_t startMs = 0;
    std::int64_t stepMs = 1;
    std::size_t count = 1;
    std::int64_t at(std::size_t step) const { return startMs + static_cast<std::int64_t>(step) * stepMs; }
};

struct LabelSetHash
{
    std::size_t operator()(const LabelSet &labels) const;
};
template <typename T>
using LabelMap = std::unordered_map<LabelSet, T, LabelSetHash>;

[[noreturn]] void failExecution(const std::string &message);

// Labels with these names, or without these and the metric's name.
LabelSet keptLabels(const LabelSet &labels, const std::vector<std::string> &names);
LabelSet otherLabels(const LabelSet &labels, const std::vector<std::string> &names);
LabelSet withoutName(const LabelSet &labels);

// One row for each label set. Two values for the same labels at the same step are Prometheus' error.
std::vector<Row> merged(std::vector<Row> rows);

// A window of samples, oldest first, without staleness markers; never empty.
struct Window
{
    std::span<const TimedValue> samples;
    std::int64_t startMs = 0;
    std::int64_t endMs = 0;
};
using RangeFunction = double (*)(const Window &window); // absent(): no result
RangeFunction rangeFunction(std::string_view name);     // null: none of this name

std::vector<Row> aggregated(const Expression &expression, std::vector<Row> rows, const std::vector<double> &parameter,
                            std::size_t steps);
Value binary(const Expression &expression, Value left, Value right, std::size_t steps);
std::vector<Row> histogramQuantile(const std::vector<double> &quantile, const std::vector<Row> &rows,
                                   std::size_t steps);
std::vector<Row> labelReplace(const Expression &call, std::vector<Row> rows);

// The quantile of a sorted-in-place list, as both quantile() and its kin work it out.
double quantileOf(double quantile, std::vector<double> &values);

// Names the first thing that the sandbox does not evaluate; empty: it can all.
std::string unsupportedPart(const Expression &expression);

const Expression &unwrapped(const Expression &expression); // without parentheses around it

class Evaluator
{
public:
    Evaluator(const SampleStore &store, const Engine::Options &options, const Steps &steps, std::int64_t timeoutMs);

    Value evaluate(const Expression &expression);
    // The samples themselves, for an instant query of a range.
    std::vector<ResultSeries> samples(const Expression &range);

private:
    void spend(std::size_t rows);
    void checkTime() const;
    std::vector<Row> select(const Expression &selector);
    std::vector<Row> overRange(const Expression &call);
    Value call(const Expression &expression);
    Value unary(const Expression &expression);

    const SampleStore &m_store;
    const Engine::Options &m_options;
    Steps m_steps;
    std::size_t m_values = 0;
    std::chrono::steady_clock::time_point m_deadline;
};

} // namespace signalbox::sandbox
