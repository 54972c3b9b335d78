#pragma once

#include "services/sandbox/promql/samplestore.h"
#include "services/sandbox/world/load.h"

namespace signalbox::sandbox
{

// When a series had samples, and how old they are: as fine as a chart of that age can show.
struct PastSpan
{
    std::int64_t beginMs = 0;
    std::int64_t endMs = 0; // the last moment of it
    std::int64_t nowMs = 0; // when the world began
    bool isOver = false;    // the series ends there: a staleness marker says so
};

// A counter that grew with the requests of an application: nothing of it is kept.
class CounterPast : public PastSamples
{
public:
    struct Growth
    {
        double perRequest = 0; // of the whole application
        double swing = 0;      // times the wobble, on top of perRequest: never more than that
        Wobble wobble;
        double last = 1e300; // never exceeded: the measured part begins with it, and a counter that falls began anew
        double grain = 1;    // values are whole multiples of it; 0: any
    };
    CounterPast(const Load &load, const PastSpan &span, const Growth &growth);
    void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const override;
    std::int64_t beginMs() const override { return m_span.beginMs; }

private:
    // What all samples of a series are reckoned from.
    struct Anchors
    {
        double begin = 0; // requests
        double end = 0;   // of the wobble
    };
    double valueAt(std::int64_t ms, const Anchors &anchors) const;

    const Load m_load;
    const PastSpan m_span;
    const Growth m_growth;
};

// A gauge that followed the load of an application around a mean.
class GaugePast : public PastSamples
{
public:
    struct Course
    {
        double mean = 0;
        double sway = 0;  // how much of the load's relative change the gauge takes part in
        double noise = 0; // how far the wobble takes it from the mean, as a part of that
        Wobble wobble;
    };
    GaugePast(const Load &load, const PastSpan &span, const Course &course);
    void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const override;
    std::int64_t beginMs() const override { return m_span.beginMs; }

private:
    const Load m_load;
    const PastSpan m_span;
    const Course m_course;
    const double m_reference; // the load at the end
};

// One after the other: a version that ran, went and came back.
class PastPieces : public PastSamples
{
public:
    explicit PastPieces(std::vector<std::shared_ptr<const PastSamples>> pieces); // oldest first, none empty
    void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const override;
    std::int64_t beginMs() const override { return m_pieces.front()->beginMs(); }

private:
    const std::vector<std::shared_ptr<const PastSamples>> m_pieces;
};

} // namespace signalbox::sandbox
