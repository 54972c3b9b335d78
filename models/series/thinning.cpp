#include "models/series/thinning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

namespace signalbox
{
namespace
{

bool earlier(const Sample &sample, qint64 time)
{
    return sample.time < time;
}

// Collects the samples of one column of pixels of one run and hands on those worth drawing.
class Column
{
public:
    void add(const Sample &sample)
    {
        if (m_count++ == 0) {
            m_first = m_last = m_lowest = m_highest = sample;
            return;
        }
        m_last = sample;
        if (sample.value < m_lowest.value)
            m_lowest = sample;
        if (sample.value > m_highest.value)
            m_highest = sample;
    }

    void flushTo(SampleRun &run)
    {
        if (m_count == 0)
            return;
        Sample kept[] = {m_first, m_lowest, m_highest, m_last};
        if (m_lowest.time > m_highest.time)
            std::swap(kept[1], kept[2]);
        for (const Sample &sample : kept) {
            if (run.isEmpty() || sample.time > run.last().time)
                run.append(sample);
        }
        m_count = 0;
    }

private:
    Sample m_first, m_last, m_lowest, m_highest;
    int m_count = 0;
};

bool isUsable(const ThinningRequest &request)
{
    return request.end > request.start && request.pixels > 0;
}

bool isHoleBetween(const Sample &before, const Sample &after, qint64 stepMs)
{
    return stepMs > 0 && (after.time - before.time) * 2 > stepMs * 3;
}

int columnOf(qint64 time, const ThinningRequest &request)
{
    const double place = static_cast<double>(time - request.start) / static_cast<double>(request.end - request.start);
    return static_cast<int>(std::floor(place * request.pixels));
}

} // namespace

QList<SampleRun> thinned(const QList<Sample> &samples, const ThinningRequest &request)
{
    QList<SampleRun> runs;
    if (!isUsable(request) || samples.isEmpty())
        return runs;
    auto first = std::lower_bound(samples.cbegin(), samples.cend(), request.start, earlier);
    auto last = std::lower_bound(samples.cbegin(), samples.cend(), request.end + 1, earlier);
    if (first != samples.cbegin())
        --first;
    if (last != samples.cend())
        ++last;

    SampleRun run;
    Column column;
    int present = std::numeric_limits<int>::min();
    const Sample *before = nullptr;
    const auto endRun = [&] {
        column.flushTo(run);
        // What lies outside only leads to the edge; alone it is not to be seen.
        const bool isVisible = !run.isEmpty() && run.last().time >= request.start && run.first().time <= request.end;
        if (isVisible)
            runs.append(run);
        run.clear();
        before = nullptr;
    };
    for (auto it = first; it != last; ++it) {
        if (!std::isfinite(it->value)) {
            endRun();
            continue;
        }
        if (before && isHoleBetween(*before, *it, request.stepMs))
            endRun();
        if (const int place = columnOf(it->time, request); place != present) {
            column.flushTo(run);
            present = place;
        }
        column.add(*it);
        before = &*it;
    }
    endRun();
    return runs;
}

QList<QList<BandColumn>> band(const QList<QList<Sample>> &series, const ThinningRequest &request)
{
    QList<QList<BandColumn>> runs;
    if (!isUsable(request))
        return runs;
    // A column narrower than the step would alternate between values and nothing.
    ThinningRequest grid = request;
    const qint64 span = request.end - request.start;
    if (request.stepMs > 0)
        grid.pixels = static_cast<int>(std::clamp<qint64>(span / request.stepMs, 1, request.pixels));
    std::vector<std::vector<double>> columns(static_cast<std::size_t>(grid.pixels) + 1);
    for (const QList<Sample> &samples : series) {
        const auto first = std::lower_bound(samples.cbegin(), samples.cend(), grid.start, earlier);
        const auto last = std::lower_bound(samples.cbegin(), samples.cend(), grid.end + 1, earlier);
        for (auto it = first; it != last; ++it) {
            if (std::isfinite(it->value))
                columns[static_cast<std::size_t>(std::clamp(columnOf(it->time, grid), 0, grid.pixels))].push_back(
                    it->value);
        }
    }
    QList<BandColumn> run;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::vector<double> &values = columns[i];
        if (values.empty()) {
            if (!run.isEmpty())
                runs.append(std::exchange(run, {}));
            continue;
        }
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        BandColumn column;
        column.time = grid.start + span * static_cast<qint64>(i) / grid.pixels;
        column.low = *low;
        column.high = *high;
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        column.median = *middle;
        run.append(column);
    }
    if (!run.isEmpty())
        runs.append(run);
    return runs;
}

std::optional<ValueRange> valueRange(const QList<Sample> &samples, qint64 start, qint64 end)
{
    const auto first = std::lower_bound(samples.cbegin(), samples.cend(), start, earlier);
    std::optional<ValueRange> range;
    for (auto it = first; it != samples.cend() && it->time <= end; ++it) {
        if (!std::isfinite(it->value))
            continue;
        if (!range)
            range = ValueRange{it->value, it->value};
        range->low = std::min(range->low, it->value);
        range->high = std::max(range->high, it->value);
    }
    return range;
}

std::optional<Sample> sampleAt(const QList<Sample> &samples, qint64 time, qint64 tolerance)
{
    const auto after = std::lower_bound(samples.cbegin(), samples.cend(), time, earlier);
    std::optional<Sample> nearest;
    const auto consider = [&](const Sample &sample) {
        const qint64 distance = std::abs(sample.time - time);
        if (distance <= tolerance && (!nearest || distance < std::abs(nearest->time - time)))
            nearest = sample;
    };
    if (after != samples.cend())
        consider(*after);
    if (after != samples.cbegin())
        consider(*std::prev(after));
    if (nearest && !std::isfinite(nearest->value))
        return std::nullopt;
    return nearest;
}

} // namespace signalbox
