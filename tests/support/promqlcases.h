#pragma once

#include "services/sandbox/promql/samplestore.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

// What the sandbox's PromQL is compared by: samples with everything that is awkward, queries made at random, and what
// counts as the same answer.
namespace signalbox::test
{

struct PromqlSeries
{
    sandbox::LabelSet labels;
    std::vector<sandbox::TimedValue> samples;
};

constexpr std::int64_t promqlStartMs = 1'700'000'000'000;
constexpr std::int64_t promqlMinutes = 40;

// Forty minutes of counters that are reset, histograms, gauges with NaN and infinities at uneven times, series that end
// (staleness markers), begin late, have gaps; odd label values. Ordered by labels; always the same.
std::vector<PromqlSeries> promqlSamples();
void fill(sandbox::SampleStore &store, const std::vector<PromqlSeries> &series);

// Expressions over promqlSamples(), all within what the sandbox evaluates. The same seed makes the same ones.
class PromqlGenerator
{
public:
    explicit PromqlGenerator(unsigned seed)
        : m_random(seed)
    {}
    std::string vector(int depth);

private:
    std::size_t below(std::size_t count) { return m_random() % count; }
    std::string one(const std::vector<std::string> &choices) { return choices[below(choices.size())]; }
    std::string selector();
    std::string range();
    std::string aggregation(int depth);
    std::string binary(int depth);
    std::string number();
    std::mt19937 m_random; // its numbers are the same everywhere; those of std's distributions are not
};

// The query with some letters changed, gone or put in.
std::string damaged(std::string query, std::mt19937 &random);

// Empty: the same. Both are bodies of the query API. Numbers may differ by 1e-9 of their size, or
// 1e-15 (what is left where sums cancel out); of two errors the type
// and the text must be equal (two series that are named as duplicates may be others).
std::string difference(const nlohmann::json &expected, const nlohmann::json &found);

} // namespace signalbox::test
