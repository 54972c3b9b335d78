#include "ui/pages/operation/trackverdict.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

namespace signalbox
{

namespace
{

constexpr double timesStable = 3;
constexpr int inARow = 3;
// Whoever drains reports at most a handful of samples: it must not be half of what is usual.
constexpr std::size_t mostUsual = 15;
constexpr std::size_t leastUsual = 3;
constexpr std::size_t leastGuessed = 5; // where nobody knows since when it gets no traffic
constexpr int newestLeftOut = 3;
constexpr qint64 weighedMs = 5 * 60 * 1000;
constexpr double leastRequests = 30;
constexpr double oneAlone = 1.5; // one request, as a rate and its extrapolation may make it out to be

// What a figure has to be away from the stable one, however small that is.
double leastDistance(const MetricPanel &panel)
{
    if (panel.id != QLatin1String("errors"))
        return 0;
    return panel.unit == QLatin1String("percent") ? 1.0 : panel.unit == QLatin1String("ratio") ? 0.01 : 0;
}

// What one failed request of one in all is in a panel's unit.
double whole(const MetricPanel &panel)
{
    return panel.unit == QLatin1String("percent") ? 100.0 : 1.0;
}

bool isComparable(const MetricPanel &panel)
{
    return panel.higherIsWorse &&
           (panel.id == QLatin1String("errors") || panel.id.startsWith(QLatin1String("latency")));
}

const ChartSeries *seriesOf(const PanelData &data, const QString &track)
{
    const auto found = std::find_if(data.series.begin(), data.series.end(),
                                    [&track](const ChartSeries &series) { return series.track == track; });
    return found == data.series.end() ? nullptr : &*found;
}

// The newest one that is not younger than `time`.
std::optional<double> valueAt(const ChartSeries *series, qint64 time)
{
    if (!series)
        return std::nullopt;
    const auto after = std::upper_bound(series->samples.begin(), series->samples.end(), time,
                                        [](qint64 at, const Sample &sample) { return at < sample.time; });
    const auto last = std::find_if(std::make_reverse_iterator(after), series->samples.rend(),
                                   [](const Sample &sample) { return std::isfinite(sample.value); });
    return last == series->samples.rend() ? std::nullopt : std::optional(last->value);
}

// It reports nothing any more while others do.
bool hasEnded(const PanelData &data, const ChartSeries &series)
{
    const auto last = std::find_if(series.samples.rbegin(), series.samples.rend(),
                                   [](const Sample &sample) { return std::isfinite(sample.value); });
    if (last == series.samples.rend())
        return true;
    qint64 newest = last->time;
    for (const ChartSeries &other : data.series) {
        if (!other.samples.isEmpty())
            newest = std::max(newest, other.samples.last().time);
    }
    return newest - last->time > 2 * std::max<qint64>(data.stepMs, 1000);
}

struct Span
{
    qint64 before = std::numeric_limits<qint64>::max();
    int leftOut = 0; // the newest
    std::size_t least = leastUsual;
    std::size_t most = mostUsual;
};

// Of the newest in the span.
std::optional<double> medianOf(const ChartSeries &series, const Span &span)
{
    std::vector<double> last;
    int toLeaveOut = span.leftOut;
    for (auto it = series.samples.rbegin(); it != series.samples.rend() && last.size() < span.most; ++it) {
        if (!std::isfinite(it->value) || it->time >= span.before || toLeaveOut-- > 0)
            continue;
        last.push_back(it->value);
    }
    if (last.empty() || last.size() < span.least)
        return std::nullopt;
    const auto middle = last.begin() + static_cast<std::ptrdiff_t>((last.size() - 1) / 2);
    std::nth_element(last.begin(), middle, last.end());
    return *middle;
}

// The figures a track is judged by, sample by sample.
class Beside
{
public:
    Beside(const PanelData &data, const TrackMeasure &measure)
        : m_reference(measure.reference)
    {
        const ChartSeries *const series = measure.track.isEmpty() ? nullptr : seriesOf(data, measure.track);
        if (!series)
            return;
        const bool isEnded = hasEnded(data, *series);
        if (!isEnded && !measure.isIdle)
            m_series = series;
        else if (isEnded && !m_reference)
            m_reference = usualFigureOf(data, measure.track);
    }
    std::optional<double> at(qint64 time) const
    {
        const std::optional<double> seen = valueAt(m_series, time);
        return seen ? seen : m_reference;
    }

private:
    const ChartSeries *m_series = nullptr;
    std::optional<double> m_reference;
};

struct Requests
{
    double all = 0;
    double failed = 0; // where the figures are shares of failed ones
};

// Behind the figures of the last minutes. None: not known.
std::optional<Requests> requestsBehind(const PanelData &data, const ChartSeries &figures, const PanelData *requests)
{
    if (!requests || requests->freshness.state != Freshness::State::Live || data.stepMs <= 0)
        return std::nullopt;
    const ChartSeries *const rates = seriesOf(*requests, figures.track);
    if (!rates || figures.samples.isEmpty())
        return std::nullopt;
    const bool isErrors = leastDistance(data.panel) > 0;
    const qint64 from = figures.samples.last().time - weighedMs;
    Requests behind;
    bool isKnown = false;
    for (auto it = figures.samples.rbegin(); it != figures.samples.rend() && it->time > from; ++it) {
        const std::optional<double> rate = valueAt(rates, it->time);
        if (!rate || !std::isfinite(it->value))
            continue;
        isKnown = true;
        const double count = *rate * static_cast<double>(data.stepMs) / 1000;
        behind.all += count;
        behind.failed += isErrors ? count * it->value / whole(data.panel) : 0;
    }
    return isKnown ? std::optional(behind) : std::nullopt;
}

// With fewer a single failed request would be over the limit.
double requestsNeeded(const MetricPanel &panel, const std::optional<double> &limit)
{
    const bool isErrors = leastDistance(panel) > 0;
    return isErrors && limit && *limit > 0 ? std::max(leastRequests, whole(panel) / *limit) : leastRequests;
}

TrackVerdict weighed(TrackVerdict verdict, const MetricPanel &panel, const std::optional<double> &limit,
                     const Requests &behind)
{
    if (behind.all >= requestsNeeded(panel, limit))
        return verdict;
    if (verdict.health == Health::Ok) {
        verdict.health = Health::Unknown;
        verdict.tooFew = behind.all;
    } else if (verdict.health == Health::Failing && behind.failed < oneAlone) {
        verdict.health = Health::Warning;
        verdict.since = {};
        verdict.isBeginSeen = false;
    }
    return verdict;
}

} // namespace

bool isOfRequests(const MetricPanel &panel)
{
    return isComparable(panel);
}

bool isJudged(const MetricPanel &panel)
{
    return panel.limit || isComparable(panel);
}

std::optional<double> limitOf(const MetricPanel &panel, std::optional<double> stable)
{
    if (panel.limit || !isComparable(panel) || !stable)
        return panel.limit;
    const double limit = std::max(timesStable * *stable, *stable + leastDistance(panel));
    return limit > 0 ? std::optional(limit) : std::nullopt;
}

Health verdictOf(const MetricPanel &panel, double value, std::optional<double> stable)
{
    const std::optional<double> limit = limitOf(panel, stable);
    if (!limit || !std::isfinite(value))
        return Health::Unknown;
    if (panel.higherIsWorse ? value > *limit : value < *limit)
        return Health::Failing;
    MetricPanel compared = panel;
    compared.limit.reset();
    const std::optional<double> usual = limitOf(compared, stable);
    if (usual && value > (*stable + *usual) / 2)
        return Health::Warning;
    return Health::Ok;
}

TrackVerdict verdictOf(const PanelData &data, const QString &track, const TrackMeasure &measure,
                       const PanelData *requests)
{
    const ChartSeries *const series = seriesOf(data, track);
    if (!series || data.freshness.state != Freshness::State::Live || !latestSample(data, *series))
        return {};
    const Beside beside(data, measure.track == track ? TrackMeasure() : measure);
    const auto timeOf = [](const Sample &sample) { return QDateTime::fromMSecsSinceEpoch(sample.time, Qt::UTC); };
    TrackVerdict verdict;
    int bad = 0;          // of the newest, in a row
    bool isInARow = true; // every sample so far was bad
    int good = 0;         // in a row, anywhere
    QDateTime newestGood; // of those
    for (auto it = series->samples.rbegin(); it != series->samples.rend() && !verdict.wellAt.isValid(); ++it) {
        if (!std::isfinite(it->value)) // a hole says nothing
            continue;
        const Health health = verdictOf(data.panel, it->value, beside.at(it->time));
        if (!verdict.judgedAt.isValid()) {
            if (health == Health::Unknown)
                return {};
            verdict.health = health;
            verdict.judgedAt = timeOf(*it);
        }
        if (health == Health::Failing) {
            good = 0;
            if (isInARow) {
                ++bad;
                verdict.since = timeOf(*it);
            }
            continue;
        }
        if (isInARow) {
            verdict.isBeginSeen = bad > 0 && health != Health::Unknown;
            isInARow = false;
        }
        if (health == Health::Unknown)
            break;
        if (++good == 1)
            newestGood = timeOf(*it);
        if (good == inARow)
            verdict.wellAt = newestGood;
    }
    if (bad > 0 && bad < inARow) {
        verdict.health = Health::Warning;
        verdict.since = {};
        verdict.isBeginSeen = false;
    }
    const auto behind = isOfRequests(data.panel) ? requestsBehind(data, *series, requests) : std::nullopt;
    return behind ? weighed(verdict, data.panel, limitOf(data.panel, beside.at(verdict.judgedAt.toMSecsSinceEpoch())),
                            *behind)
                  : verdict;
}

std::optional<double> figureOf(const PanelData &data, const TrackMeasure &measure)
{
    return Beside(data, measure).at(std::numeric_limits<qint64>::max());
}

std::optional<double> usualFigureOf(const PanelData &data, const QString &track)
{
    const ChartSeries *const series = seriesOf(data, track);
    return series ? medianOf(*series, Span()) : std::nullopt;
}

std::optional<double> figureBeforeIdle(const PanelData &data, const QString &track, const QDateTime &idleSince)
{
    const ChartSeries *const series = seriesOf(data, track);
    if (!series || hasEnded(data, *series))
        return std::nullopt;
    if (idleSince.isValid()) {
        Span own;
        own.before = idleSince.toMSecsSinceEpoch();
        if (const std::optional<double> seen = medianOf(*series, own))
            return seen;
    }
    if (leastDistance(data.panel) <= 0)
        return std::nullopt;
    Span all;
    all.leftOut = newestLeftOut;
    all.least = leastGuessed;
    all.most = std::numeric_limits<std::size_t>::max();
    return medianOf(*series, all);
}

bool isKnownIdle(const Deployed &deployed, const Track &track)
{
    return deployed.tracks.size() > 1 && deployed.freshness.isLive() && track.share && *track.share <= 0;
}

bool isKnownIdle(const Deployed &deployed, const QString &track)
{
    return std::any_of(deployed.tracks.begin(), deployed.tracks.end(),
                       [&](const Track &each) { return each.name == track && isKnownIdle(deployed, each); });
}

QString stableTrackOf(const Deployed &deployed)
{
    const Track *stable = nullptr;
    qsizetype live = 0;
    for (const Track &track : deployed.tracks) {
        if (track.share.value_or(1) <= 0)
            continue;
        ++live;
        if (!stable || track.since < stable->since)
            stable = &track;
    }
    if (!stable)
        return {};
    const Track *before = nullptr; // the newest that is older
    for (const Track &track : deployed.tracks) {
        const bool isOlder = track.since.isValid() && track.since < stable->since;
        if (isOlder && (!before || before->since < track.since))
            before = &track;
    }
    return live == 1 && before ? before->name : stable->name;
}

QString verdictWord(Health verdict)
{
    switch (verdict) {
    case Health::Ok:
        return QCoreApplication::translate("TrackVerdict", "pass");
    case Health::Warning:
        return QCoreApplication::translate("TrackVerdict", "watch");
    case Health::Failing:
        return QCoreApplication::translate("TrackVerdict", "fail");
    default:
        return {};
    }
}

} // namespace signalbox
