#pragma once

#include "services/sandbox/promql/samplestore.h"
#include "services/sandbox/world/load.h"

namespace signalbox::sandbox
{

// A counter that grew with the requests of an application: nothing of it is kept.
class CounterPast : public PastSamples
{
public:
    // From `beginMs` (0 there) to `endMs`, `perRequest` for each request, in whole `grain`s (0: any value). It never
    // exceeds `last`, with which the measured part begins: a counter that falls counts as one that began anew.
    CounterPast(const Load &load, double perRequest, std::int64_t beginMs, std::int64_t endMs, double last,
                double grain = 1);
    void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const override;
    std::int64_t beginMs() const override { return m_begin; }
    double valueAt(std::int64_t ms) const;

private:
    const Load m_load;
    const double m_perRequest;
    const std::int64_t m_begin;
    const std::int64_t m_end;
    const double m_last;
    const double m_grain;
};

// A gauge that followed the load of an application around a mean.
class GaugePast : public PastSamples
{
public:
    // `sway`: how much of the load's relative change the gauge takes part in.
    GaugePast(const Load &load, double mean, double sway, std::int64_t beginMs, std::int64_t endMs);
    void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const override;
    std::int64_t beginMs() const override { return m_begin; }

private:
    const Load m_load;
    const double m_mean;
    const double m_sway;
    const double m_reference; // the load at the end
    const std::int64_t m_begin;
    const std::int64_t m_end;
};

} // namespace signalbox::sandbox
