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
void eachTime(std::int64_t fromMs, std::int64_t toMs, const PastSpan &span, Visit visit)
{
    const std::int64_t last = std::min(toMs, span.endMs);
    for (std::int64_t at = std::max(fromMs, span.beginMs); at <= last;) {
        const std::int64_t step = stepAt(span.nowMs - at);
        const std::int64_t onGrid = (at + step - 1) / step * step;
        if (onGrid != at) {
            at = onGrid;
            continue;
        }
        visit(at);
        at += step;
    }
}

void addEnd(std::int64_t fromMs, std::int64_t toMs, const PastSpan &span, std::vector<TimedValue> &samples)
{
    const std::int64_t at = span.endMs + 1; // after every multiple of a step
    if (span.isOver && fromMs <= at && at <= toMs)
        samples.push_back({at, staleMarker()});
}

} // namespace

CounterPast::CounterPast(const Load &load, const PastSpan &span, const Growth &growth)
    : m_load(load)
    , m_span(span)
    , m_growth(growth)
{}

double CounterPast::valueAt(std::int64_t ms, const Anchors &anchors) const
{
    double exact = m_growth.perRequest * (m_load.integral(ms) - anchors.begin);
    // Anchored at the end, where the measured part takes over. Half the mean is less than the load ever falls to, so
    // that the sum never falls.
    if (m_growth.swing != 0)
        exact += m_growth.swing * m_load.mean() * 0.5 * (m_growth.wobble.integral(ms) - anchors.end);
    exact = std::clamp(exact, 0.0, m_growth.last);
    return m_growth.grain > 0 ? std::floor(exact / m_growth.grain) * m_growth.grain : exact;
}

void CounterPast::read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const
{
    const Anchors anchors{m_load.integral(m_span.beginMs),
                          m_growth.swing != 0 ? m_growth.wobble.integral(m_span.endMs) : 0};
    eachTime(fromMs, toMs, m_span, [&](std::int64_t at) { samples.push_back({at, valueAt(at, anchors)}); });
    addEnd(fromMs, toMs, m_span, samples);
}

GaugePast::GaugePast(const Load &load, const PastSpan &span, const Course &course)
    : m_load(load)
    , m_span(span)
    , m_course(course)
    , m_reference(std::max(load.rps(span.endMs), 1e-9))
{}

void GaugePast::read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const
{
    eachTime(fromMs, toMs, m_span, [&](std::int64_t at) {
        double change = m_course.sway > 0 ? m_course.sway * (m_load.rps(at) / m_reference - 1) : 0;
        if (m_course.noise > 0)
            change += m_course.noise * m_course.wobble.at(at);
        samples.push_back({at, m_course.mean * (1 + change)});
    });
    addEnd(fromMs, toMs, m_span, samples);
}

PastPieces::PastPieces(std::vector<std::shared_ptr<const PastSamples>> pieces)
    : m_pieces(std::move(pieces))
{}

void PastPieces::read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const
{
    for (const auto &piece : m_pieces)
        piece->read(fromMs, toMs, samples);
}

} // namespace signalbox::sandbox
