#include "services/sandbox/promql/evaluation.h"

#include <cmath>

namespace signalbox::sandbox
{
namespace
{

// rate, increase and delta: what happened between the first and the last sample, stretched to the window's ends unless
// the series seems to begin or end inside it. A counter is not stretched to before it was zero.
double extrapolated(const Window &window, bool isCounter, bool isRate)
{
    const auto samples = window.samples;
    if (samples.size() < 2)
        return absent();
    const TimedValue &first = samples.front();
    const TimedValue &last = samples.back();
    double result = last.value - first.value;
    if (isCounter) {
        double before = first.value;
        for (const TimedValue &sample : samples.subspan(1)) {
            if (sample.value < before) // it was reset
                result += before;
            before = sample.value;
        }
    }
    double toStart = static_cast<double>(first.ms - window.startMs) / 1000;
    const double toEnd = static_cast<double>(window.endMs - last.ms) / 1000;
    const double sampled = static_cast<double>(last.ms - first.ms) / 1000;
    const double between = sampled / static_cast<double>(samples.size() - 1);
    if (isCounter && result > 0 && first.value >= 0)
        toStart = std::min(toStart, sampled * (first.value / result));
    const double threshold = between * 1.1;
    double stretched = sampled;
    stretched += toStart < threshold ? toStart : between / 2;
    stretched += toEnd < threshold ? toEnd : between / 2;
    double factor = stretched / sampled;
    if (isRate)
        factor /= static_cast<double>(window.endMs - window.startMs) / 1000;
    return result * factor;
}

double rate(const Window &window)
{
    return extrapolated(window, true, true);
}

double increase(const Window &window)
{
    return extrapolated(window, true, false);
}

double delta(const Window &window)
{
    return extrapolated(window, false, false);
}

double irate(const Window &window)
{
    if (window.samples.size() < 2)
        return absent();
    const TimedValue &last = window.samples.back();
    const TimedValue &before = window.samples[window.samples.size() - 2];
    const double change = last.value < before.value ? last.value : last.value - before.value;
    return change / (static_cast<double>(last.ms - before.ms) / 1000);
}

// A running mean with Kahan's (Neumaier's) compensation.
double averageOverTime(const Window &window)
{
    double mean = 0;
    double compensation = 0;
    double count = 0;
    for (const TimedValue &sample : window.samples) {
        ++count;
        if (std::isinf(mean)) {
            const bool isSameInfinity = std::isinf(sample.value) && (mean > 0) == (sample.value > 0);
            if (isSameInfinity || std::isfinite(sample.value))
                continue;
        }
        const double increment = sample.value / count - mean / count;
        const double sum = mean + increment;
        if (std::abs(mean) >= std::abs(increment))
            compensation += (mean - sum) + increment;
        else
            compensation += (increment - sum) + mean;
        mean = sum;
    }
    return std::isinf(mean) ? mean : mean + compensation;
}

double maximumOverTime(const Window &window)
{
    double most = window.samples.front().value;
    for (const TimedValue &sample : window.samples) {
        if (sample.value > most || std::isnan(most))
            most = sample.value;
    }
    return most;
}

double countOverTime(const Window &window)
{
    return static_cast<double>(window.samples.size());
}

} // namespace

RangeFunction rangeFunction(std::string_view name)
{
    static const std::map<std::string_view, RangeFunction> all = {{"rate", rate},
                                                                  {"increase", increase},
                                                                  {"delta", delta},
                                                                  {"irate", irate},
                                                                  {"avg_over_time", averageOverTime},
                                                                  {"max_over_time", maximumOverTime},
                                                                  {"count_over_time", countOverTime}};
    const auto it = all.find(name);
    return it == all.end() ? nullptr : it->second;
}

} // namespace signalbox::sandbox
