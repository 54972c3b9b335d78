#pragma once

#include <cstdint>
#include <string>

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

    double rps(std::int64_t ms) const;
    // From one moment to another.
    double requests(std::int64_t fromMs, std::int64_t toMs) const;

private:
    double integral(std::int64_t ms) const;

    double m_mean = 0;
    double m_phases[6] = {};
};

// The part of a log-normal's values at or below `x`.
double logNormalShare(double x, double median, double sigma);

} // namespace signalbox::sandbox
