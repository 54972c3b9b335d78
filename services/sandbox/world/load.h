#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::sandbox
{

// How many requests an application gets: a mean with a day, a week and a restlessness of its own. Smooth, and its
// integral known exactly, so that counters of a month ago need not be kept: they are computed.
class Load
{
public:
    Load() = default;
    // `what` makes two applications differ ("production/recommender").
    Load(double meanRps, std::uint64_t seed, const std::string &what);

    double mean() const { return m_mean; }
    double rps(std::int64_t ms) const;
    // From one moment to another.
    double requests(std::int64_t fromMs, std::int64_t toMs) const;
    double integral(std::int64_t ms) const; // of requests, from some moment on

private:
    double m_mean = 0;
    std::shared_ptr<const std::array<double, 8>> m_phases; // thousands of series have a copy; null: no requests
};

// Restlessness that looks like chance and is known exactly: at any time, and as an integral, so that a past which is
// computed and a present which is played are of one piece. Between -1 and 1, around 0.
class Wobble
{
public:
    Wobble() = default;
    // `what` makes two differ ("production/recommender/blue latency").
    Wobble(std::uint64_t seed, std::string_view what);

    double at(std::int64_t ms) const;
    double integral(std::int64_t ms) const; // over seconds, from some moment on

private:
    double phase(std::size_t wave) const;
    std::uint64_t m_hash = 0;
};

// How many of `expected` happen: a Poisson variable, `chance` of 0..1 decides.
double poisson(double expected, double chance);

// The part of a log-normal's values at or below `x`.
double logNormalShare(double x, double median, double sigma);
// By how much it falls as the median rises by a small part of itself.
double logNormalSlope(double x, double median, double sigma);

} // namespace signalbox::sandbox
