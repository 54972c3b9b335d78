#include "services/sandbox/world/load.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <cmath>
#include <iterator>

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
constexpr Wave waves[8] = {{86400, 0.24}, {43200, 0.07}, {604800, 0.05}, {3180, 0.03},
                           {677, 0.02},   {97, 0.015},   {41, 0.01},     {17, 0.008}};
constexpr Wave restlessWaves[6] = {{2700, 0.20}, {1130, 0.20}, {470, 0.20}, {190, 0.18}, {83, 0.13}, {37, 0.09}};

// Counted from here, to keep the numbers small enough for exact differences.
constexpr std::int64_t originMs = 1'767'225'600'000; // 2026-01-01

} // namespace

Load::Load(double meanRps, std::uint64_t seed, const std::string &what)
    : m_mean(meanRps)
{
    // The day and the week are people's, hence nearly the same for all; the rest is each one's own.
    std::array<double, 8> phases{};
    for (std::size_t i = 0; i < phases.size(); ++i)
        phases[i] = (i < 3 ? 0.15 : 1.0) * 2 * pi * chance(seed, what, i) - (i < 3 ? 2 : 0);
    m_phases = std::make_shared<const std::array<double, 8>>(phases);
}

double Load::rps(std::int64_t ms) const
{
    if (!m_phases)
        return 0;
    const double seconds = static_cast<double>(ms - originMs) / 1000;
    double factor = 1;
    for (std::size_t i = 0; i < std::size(waves); ++i)
        factor += waves[i].height * std::sin(2 * pi * seconds / waves[i].seconds + (*m_phases)[i]);
    return m_mean * factor;
}

double Load::integral(std::int64_t ms) const
{
    if (!m_phases)
        return 0;
    const double seconds = static_cast<double>(ms - originMs) / 1000;
    double sum = seconds;
    for (std::size_t i = 0; i < std::size(waves); ++i) {
        const double omega = 2 * pi / waves[i].seconds;
        sum -= waves[i].height / omega * std::cos(omega * seconds + (*m_phases)[i]);
    }
    return m_mean * sum;
}

double Load::requests(std::int64_t fromMs, std::int64_t toMs) const
{
    return integral(toMs) - integral(fromMs);
}

Wobble::Wobble(std::uint64_t seed, std::string_view what)
    : m_hash(hashOf(what, seed))
{}

double Wobble::phase(std::size_t wave) const
{
    return 2 * pi * static_cast<double>(mixed(m_hash + wave) >> 11) * 0x1.0p-53;
}

double Wobble::at(std::int64_t ms) const
{
    const double seconds = static_cast<double>(ms - originMs) / 1000;
    double sum = 0;
    for (std::size_t i = 0; i < std::size(restlessWaves); ++i)
        sum += restlessWaves[i].height * std::sin(2 * pi * seconds / restlessWaves[i].seconds + phase(i));
    return sum;
}

double Wobble::integral(std::int64_t ms) const
{
    const double seconds = static_cast<double>(ms - originMs) / 1000;
    double sum = 0;
    for (std::size_t i = 0; i < std::size(restlessWaves); ++i) {
        const double omega = 2 * pi / restlessWaves[i].seconds;
        sum -= restlessWaves[i].height / omega * std::cos(omega * seconds + phase(i));
    }
    return sum;
}

double poisson(double expected, double chance)
{
    if (expected <= 0)
        return 0;
    if (expected > 40) { // as good as normal; the logistic's quantile is close enough to it
        const double p = std::clamp(chance, 1e-6, 1 - 1e-6);
        return std::max(0.0, std::round(expected + std::sqrt(expected) * 0.5513 * std::log(p / (1 - p))));
    }
    double part = std::exp(-expected);
    double sum = part;
    int count = 0;
    while (chance > sum && count < 200) {
        part *= expected / ++count;
        sum += part;
    }
    return count;
}

double logNormalShare(double x, double median, double sigma)
{
    if (x <= 0)
        return 0;
    return 0.5 * std::erfc(-std::log(x / median) / (std::max(sigma, 1e-6) * std::sqrt(2.0)));
}

double logNormalSlope(double x, double median, double sigma)
{
    if (x <= 0)
        return 0;
    const double spread = std::max(sigma, 1e-6);
    const double z = std::log(x / median) / spread;
    return std::exp(-z * z / 2) / std::sqrt(2 * pi) / spread;
}

} // namespace signalbox::sandbox
