#include "services/sandbox/promql/samplestore.h"

#include "services/sandbox/promql/chunk.h"
#include "services/sandbox/promql/matcher.h"
#include "services/sandbox/promql/symboltable.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace signalbox::sandbox
{
namespace
{

constexpr std::uint64_t staleBits = 0x7ff0000000000002ULL;
constexpr std::int64_t trimEveryMs = 60 * 1000;
using SymbolPair = std::pair<std::uint32_t, std::uint32_t>;

struct Series
{
    std::uint32_t generation = 0;
    bool isUsed = false;
    std::uint32_t metric = SymbolTable::none; // symbol of __name__'s value
    std::vector<SymbolPair> labels;           // as LabelSet is sorted
    std::vector<Chunk> coarse;                // oldest first, all before `fine`
    std::vector<Chunk> fine;                  // the last one is being written
    std::shared_ptr<const PastSamples> past;

    bool hasSamples() const { return !coarse.empty() || !fine.empty(); }
    std::int64_t firstMs() const
    {
        return !coarse.empty() ? coarse.front().firstMs()
               : !fine.empty() ? fine.front().firstMs()
                               : std::numeric_limits<std::int64_t>::max();
    }
    std::int64_t lastMs() const
    {
        return !fine.empty()     ? fine.back().lastMs()
               : !coarse.empty() ? coarse.back().lastMs()
                                 : std::numeric_limits<std::int64_t>::min();
    }
};

std::size_t hashOf(const std::vector<SymbolPair> &labels)
{
    std::uint64_t hash = 1469598103934665603ULL;
    for (const auto &[name, value] : labels)
        hash = (hash ^ ((std::uint64_t(name) << 32) | value)) * 1099511628211ULL;
    return static_cast<std::size_t>(hash ^ (hash >> 29));
}

// A matcher with what it said of each value, so that a regular expression runs once a value.
class Remembered
{
public:
    Remembered(const Matcher &matcher, const SymbolTable &symbols)
        : m_matcher(matcher)
        , m_symbols(symbols)
        , m_name(symbols.find(matcher.name()))
        , m_matchesEmpty(matcher.matchesEmpty())
    {}
    bool matches(const Series &series)
    {
        const auto it = std::find_if(series.labels.begin(), series.labels.end(),
                                     [this](const SymbolPair &label) { return label.first == m_name; });
        return it == series.labels.end() ? m_matchesEmpty : matchesValue(it->second);
    }
    bool matchesValue(std::uint32_t value)
    {
        const auto [known, isNew] = m_known.try_emplace(value, false);
        if (isNew)
            known->second = m_matcher.matches(m_symbols.text(value));
        return known->second;
    }
    bool isOfMetric() const { return m_matcher.name() == metricNameLabel && !m_matchesEmpty; }

private:
    const Matcher &m_matcher;
    const SymbolTable &m_symbols;
    std::uint32_t m_name;
    bool m_matchesEmpty;
    std::unordered_map<std::uint32_t, bool> m_known;
};

} // namespace

double staleMarker()
{
    return std::bit_cast<double>(staleBits);
}

bool isStaleMarker(double value)
{
    return std::bit_cast<std::uint64_t>(value) == staleBits;
}

struct SampleStore::Data
{
    Options options;
    mutable std::shared_mutex mutex;
    SymbolTable symbols;
    std::vector<Series> slots;
    std::vector<std::uint32_t> freeSlots;
    std::unordered_multimap<std::size_t, std::uint32_t> byLabels;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> byMetric;
    std::map<std::string, Description> descriptions;
    std::int64_t newestMs = std::numeric_limits<std::int64_t>::min();
    std::int64_t trimmedMs = std::numeric_limits<std::int64_t>::min();

    Series *alive(SeriesRef ref)
    {
        if (ref.slot >= slots.size() || !slots[ref.slot].isUsed || slots[ref.slot].generation != ref.generation)
            return nullptr;
        return &slots[ref.slot];
    }

    std::uint32_t make(std::vector<SymbolPair> labels, std::uint32_t metric, std::size_t hash)
    {
        auto slot = static_cast<std::uint32_t>(slots.size());
        if (freeSlots.empty()) {
            slots.emplace_back();
        } else {
            slot = freeSlots.back();
            freeSlots.pop_back();
        }
        Series &series = slots[slot];
        series.isUsed = true;
        series.metric = metric;
        series.labels = std::move(labels);
        byLabels.emplace(hash, slot);
        byMetric[metric].push_back(slot);
        return slot;
    }

    void forget(std::uint32_t slot)
    {
        Series &series = slots[slot];
        const auto [begin, end] = byLabels.equal_range(hashOf(series.labels));
        byLabels.erase(std::find_if(begin, end, [slot](const auto &entry) { return entry.second == slot; }));
        std::erase(byMetric[series.metric], slot);
        if (byMetric[series.metric].empty())
            byMetric.erase(series.metric);
        for (const auto &[name, value] : series.labels) {
            symbols.release(name);
            symbols.release(value);
        }
        Series empty;
        empty.generation = series.generation + 1;
        series = std::move(empty);
        freeSlots.push_back(slot);
    }

    bool append(Series &series, std::int64_t ms, double value)
    {
        if (series.hasSamples() && ms <= series.lastMs())
            return false;
        if (series.fine.empty() || series.fine.back().isFull()) {
            if (!series.fine.empty()) {
                series.fine.back().shrink();
                if (newestMs - series.fine.back().lastMs() > options.fineMs)
                    thin(series, newestMs);
            }
            series.fine.emplace_back();
        }
        series.fine.back().append(ms, value);
        newestMs = std::max(newestMs, ms);
        return true;
    }

    // Chunks that have aged become coarse: of each step its last sample stays, and every staleness marker.
    void thin(Series &series, std::int64_t nowMs)
    {
        const auto isOld = [&](const Chunk &chunk) { return nowMs - chunk.lastMs() > options.fineMs; };
        const auto end = std::find_if_not(series.fine.begin(), series.fine.end(), isOld);
        if (end == series.fine.begin())
            return;
        std::vector<TimedValue> samples;
        if (!series.coarse.empty() && !series.coarse.back().isFull()) {
            series.coarse.back().read(0, std::numeric_limits<std::int64_t>::max(), samples);
            series.coarse.pop_back();
        }
        for (auto chunk = series.fine.begin(); chunk != end; ++chunk)
            chunk->read(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), samples);
        series.fine.erase(series.fine.begin(), end);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const bool isLast = i + 1 == samples.size() ||
                                samples[i + 1].ms / options.coarseStepMs != samples[i].ms / options.coarseStepMs;
            if (!isLast && !isStaleMarker(samples[i].value))
                continue;
            if (series.coarse.empty() || series.coarse.back().isFull())
                series.coarse.emplace_back();
            series.coarse.back().append(samples[i].ms, samples[i].value);
        }
        for (Chunk &chunk : series.coarse)
            chunk.shrink();
    }

    void trim(std::int64_t nowMs)
    {
        trimmedMs = nowMs;
        for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
            Series &series = slots[slot];
            if (!series.isUsed || !series.hasSamples())
                continue;
            thin(series, nowMs);
            const auto isGone = [&](const Chunk &chunk) { return nowMs - chunk.lastMs() > options.keepMs; };
            std::erase_if(series.coarse, isGone);
            std::erase_if(series.fine, isGone);
            if (!series.hasSamples())
                forget(slot);
        }
    }

    void trimIfDue()
    {
        if (trimmedMs == std::numeric_limits<std::int64_t>::min())
            trimmedMs = newestMs;
        if (newestMs - trimmedMs >= trimEveryMs)
            trim(newestMs);
    }

    LabelSet labelsOf(const Series &series) const
    {
        LabelSet labels;
        labels.reserve(series.labels.size());
        for (const auto &[name, value] : series.labels)
            labels.emplace_back(symbols.text(name), symbols.text(value));
        return labels;
    }

    // Slots that match, in no order.
    std::vector<std::uint32_t> matching(const std::vector<Matcher> &matchers) const
    {
        std::vector<Remembered> remembered;
        remembered.reserve(matchers.size());
        for (const Matcher &matcher : matchers)
            remembered.emplace_back(matcher, symbols);
        std::vector<std::uint32_t> found;
        for (const auto &entry : byMetric) {
            const std::uint32_t metric = entry.first;
            const bool isWanted = std::all_of(remembered.begin(), remembered.end(), [&](Remembered &matcher) {
                return !matcher.isOfMetric() || (metric != SymbolTable::none && matcher.matchesValue(metric));
            });
            if (!isWanted)
                continue;
            for (const std::uint32_t slot : entry.second) {
                if (std::all_of(remembered.begin(), remembered.end(),
                                [&](Remembered &matcher) { return matcher.matches(slots[slot]); }))
                    found.push_back(slot);
            }
        }
        return found;
    }

    static bool overlaps(const Series &series, std::int64_t fromMs, std::int64_t toMs)
    {
        const std::int64_t first = series.past ? std::min(series.past->beginMs(), series.firstMs()) : series.firstMs();
        const std::int64_t last = series.hasSamples() ? series.lastMs() : std::numeric_limits<std::int64_t>::max();
        return (series.past || series.hasSamples()) && first <= toMs && last >= fromMs;
    }

    static void read(const Series &series, std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples)
    {
        samples.clear();
        if (series.past && fromMs < series.firstMs())
            series.past->read(fromMs, std::min(toMs, series.firstMs() - 1), samples);
        for (const Chunk &chunk : series.coarse)
            chunk.read(fromMs, toMs, samples);
        for (const Chunk &chunk : series.fine)
            chunk.read(fromMs, toMs, samples);
    }

    // As their label sets are ordered. Most of what two have in common is the same symbols, whose texts need no look.
    bool isBefore(const Series &a, const Series &b) const
    {
        const auto [left, right] = std::mismatch(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end());
        if (left == a.labels.end() || right == b.labels.end())
            return left == a.labels.end() && right != b.labels.end();
        if (left->first != right->first)
            return symbols.text(left->first) < symbols.text(right->first);
        return symbols.text(left->second) < symbols.text(right->second);
    }

    // Slots that match and overlap, ordered by labels.
    std::vector<std::uint32_t> sorted(const std::vector<Matcher> &matchers, std::int64_t fromMs,
                                      std::int64_t toMs) const
    {
        std::vector<std::uint32_t> all = matching(matchers);
        std::erase_if(all, [&](std::uint32_t slot) { return !overlaps(slots[slot], fromMs, toMs); });
        std::sort(all.begin(), all.end(),
                  [this](std::uint32_t a, std::uint32_t b) { return isBefore(slots[a], slots[b]); });
        return all;
    }
};

SampleStore::SampleStore()
    : SampleStore(Options())
{}

SampleStore::SampleStore(const Options &options)
    : d(std::make_unique<Data>())
{
    d->options = options;
}

SampleStore::~SampleStore() = default;

SeriesRef SampleStore::series(LabelSet labels)
{
    labels = labelSet(std::move(labels));
    const std::unique_lock lock(d->mutex);
    std::vector<SymbolPair> symbols;
    symbols.reserve(labels.size());
    std::uint32_t metric = SymbolTable::none;
    for (const auto &[name, value] : labels) {
        symbols.emplace_back(d->symbols.acquire(name), d->symbols.acquire(value));
        if (name == metricNameLabel)
            metric = symbols.back().second;
    }
    const std::size_t hash = hashOf(symbols);
    const auto [begin, end] = d->byLabels.equal_range(hash);
    for (auto it = begin; it != end; ++it) {
        if (d->slots[it->second].labels == symbols) {
            for (const auto &[name, value] : symbols) { // the series holds them already
                d->symbols.release(name);
                d->symbols.release(value);
            }
            return {it->second, d->slots[it->second].generation};
        }
    }
    const std::uint32_t slot = d->make(std::move(symbols), metric, hash);
    return {slot, d->slots[slot].generation};
}

bool SampleStore::append(SeriesRef series, std::int64_t ms, double value)
{
    return append({{series, value}}, ms) == 1;
}

std::size_t SampleStore::append(const std::vector<Row> &rows, std::int64_t ms)
{
    const std::unique_lock lock(d->mutex);
    std::size_t taken = 0;
    for (const Row &row : rows) {
        Series *series = d->alive(row.series);
        if (series && d->append(*series, ms, row.value))
            ++taken;
    }
    d->trimIfDue();
    return taken;
}

bool SampleStore::markStale(SeriesRef series, std::int64_t ms)
{
    return append(series, ms, staleMarker());
}

void SampleStore::setPast(SeriesRef ref, std::shared_ptr<const PastSamples> past)
{
    const std::unique_lock lock(d->mutex);
    if (Series *series = d->alive(ref))
        series->past = std::move(past);
}

void SampleStore::describe(const std::string &metric, Description description)
{
    const std::unique_lock lock(d->mutex);
    d->descriptions[metric] = std::move(description);
}

std::map<std::string, SampleStore::Description> SampleStore::descriptions() const
{
    const std::shared_lock lock(d->mutex);
    return d->descriptions;
}

void SampleStore::trim(std::int64_t nowMs)
{
    const std::unique_lock lock(d->mutex);
    d->trim(nowMs);
}

void SampleStore::visit(const std::vector<Matcher> &matchers, std::int64_t fromMs, std::int64_t toMs,
                        const Visitor &visitor) const
{
    const std::shared_lock lock(d->mutex);
    std::vector<TimedValue> samples;
    for (const std::uint32_t slot : d->sorted(matchers, fromMs, toMs)) {
        Data::read(d->slots[slot], fromMs, toMs, samples);
        if (!samples.empty())
            visitor(d->labelsOf(d->slots[slot]), samples);
    }
}

std::vector<LabelSet> SampleStore::labelSets(const std::vector<Matcher> &matchers, std::int64_t fromMs,
                                             std::int64_t toMs) const
{
    const std::shared_lock lock(d->mutex);
    std::vector<LabelSet> all;
    for (const std::uint32_t slot : d->sorted(matchers, fromMs, toMs))
        all.push_back(d->labelsOf(d->slots[slot]));
    return all;
}

std::set<std::string> SampleStore::labelValues(std::string_view name, const std::vector<Matcher> &matchers,
                                               std::int64_t fromMs, std::int64_t toMs) const
{
    const std::shared_lock lock(d->mutex);
    const std::uint32_t symbol = d->symbols.find(name);
    std::unordered_set<std::uint32_t> found;
    for (const std::uint32_t slot : d->matching(matchers)) {
        const Series &series = d->slots[slot];
        const auto label = std::find_if(series.labels.begin(), series.labels.end(),
                                        [symbol](const SymbolPair &one) { return one.first == symbol; });
        if (label != series.labels.end() && Data::overlaps(series, fromMs, toMs))
            found.insert(label->second);
    }
    std::set<std::string> values;
    for (const std::uint32_t value : found)
        values.emplace(d->symbols.text(value));
    return values;
}

SampleStore::Usage SampleStore::usage() const
{
    const std::shared_lock lock(d->mutex);
    Usage usage;
    usage.labelBytes = d->symbols.bytes();
    for (const Series &series : d->slots) {
        if (!series.isUsed)
            continue;
        ++usage.series;
        usage.labelBytes += sizeof(Series) + series.labels.capacity() * sizeof(SymbolPair) + 64;
        for (const auto *chunks : {&series.coarse, &series.fine}) {
            usage.chunkBytes += chunks->capacity() * sizeof(Chunk);
            for (const Chunk &chunk : *chunks) {
                usage.samples += chunk.count();
                usage.chunkBytes += chunk.bytes();
            }
        }
    }
    return usage;
}

} // namespace signalbox::sandbox
