#include "services/sandbox/world/load.h"

#include "services/sandbox/world/chance.h"

#include <cmath>

namespace signalbox::sandbox
{

namespace
{

constexpr double pi = 3.14159265358979323846;

struct Wave
{
    double seconds;
    double height; // of the mean; their sum stays below one
};
constexpr Wave waves[6] = {{86400, 0.24}, {43200, 0.07}, {604800, 0.05}, {3180, 0.03}, {677, 0.02}, {97, 0.015}};

// Counted from here, to keep the numbers small enough for exact differences.
constexpr std::int64_t originMs = 1'767'225'600'000; // 2026-01-01

} // namespace

Load::Load(double meanRps, std::uint64_t seed, const std::string &what)
    : m_mean(meanRps)
{
    // The day and the week are people's, hence nearly the same for all; the rest is each one's own.
    for (int i = 0; i < 6; ++i)
        m_phases[i] =
            (i < 3 ? 0.15 : 1.0) * 2 * pi * chance(seed, what, static_cast<std::uint64_t>(i)) - (i < 3 ? 2 : 0);
}

double Load::rps(std::int64_t ms) const
{
    const double seconds = static_cast<double>(ms - originMs) / 1000;
    double factor = 1;
    for (int i = 0; i < 6; ++i)
        factor += waves[i].height * std::sin(2 * pi * seconds / waves[i].seconds + m_phases[i]);
    return m_mean * factor;
}

double Load::integral(std::int64_t ms) const
{
    const double seconds = static_cast<double>(ms - originMs) / 1000;
    double sum = seconds;
    for (int i = 0; i < 6; ++i) {
        const double omega = 2 * pi / waves[i].seconds;
        sum -= waves[i].height / omega * std::cos(omega * seconds + m_phases[i]);
    }
    return m_mean * sum;
}

double Load::requests(std::int64_t fromMs, std::int64_t toMs) const
{
    return integral(toMs) - integral(fromMs);
}

double logNormalShare(double x, double median, double sigma)
{
    if (x <= 0)
        return 0;
    return 0.5 * std::erfc(-std::log(x / median) / (std::max(sigma, 1e-6) * std::sqrt(2.0)));
}

} // namespace signalbox::sandbox
