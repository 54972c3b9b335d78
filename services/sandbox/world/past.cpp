#include "services/sandbox/world/past.h"

#include <algorithm>
#include <cmath>

namespace signalbox::sandbox
{

namespace
{

// As fine as a chart of that age can show, and always below what a rate of that chart looks back over.
std::int64_t stepAt(std::int64_t ageMs)
{
    if (ageMs <= 2 * 3600 * 1000LL)
        return 10'000;
    return ageMs <= 24 * 3600 * 1000LL ? 60'000 : 300'000;
}

// The times of samples in [from, to]: multiples of the step, so that every query meets the same ones.
template <typename Visit>
void eachTime(std::int64_t fromMs, std::int64_t toMs, std::int64_t endMs, Visit visit)
{
    for (std::int64_t at = fromMs; at <= toMs;) {
        const std::int64_t step = stepAt(endMs - at);
        const std::int64_t onGrid = (at + step - 1) / step * step;
        if (onGrid != at) {
            at = onGrid;
            continue;
        }
        visit(at);
        at += step;
    }
}

} // namespace

CounterPast::CounterPast(const Load &load, double perRequest, std::int64_t beginMs, std::int64_t endMs, double last,
                         double grain)
    : m_load(load)
    , m_perRequest(perRequest)
    , m_begin(beginMs)
    , m_end(endMs)
    , m_last(last)
    , m_grain(grain)
{}

double CounterPast::valueAt(std::int64_t ms) const
{
    const double exact = m_perRequest * m_load.requests(m_begin, ms);
    return std::min(m_grain > 0 ? std::floor(exact / m_grain) * m_grain : exact, m_last);
}

void CounterPast::read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const
{
    eachTime(std::max(fromMs, m_begin), std::min(toMs, m_end), m_end, [&](std::int64_t at) {
        samples.push_back({at, valueAt(at)});
    });
}

GaugePast::GaugePast(const Load &load, double mean, double sway, std::int64_t beginMs, std::int64_t endMs)
    : m_load(load)
    , m_mean(mean)
    , m_sway(sway)
    , m_reference(std::max(load.rps(endMs), 1e-9))
    , m_begin(beginMs)
    , m_end(endMs)
{}

void GaugePast::read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const
{
    eachTime(std::max(fromMs, m_begin), std::min(toMs, m_end), m_end, [&](std::int64_t at) {
        const double change = m_sway > 0 ? m_sway * (m_load.rps(at) / m_reference - 1) : 0;
        samples.push_back({at, m_mean * (1 + change)});
    });
}

} // namespace signalbox::sandbox
