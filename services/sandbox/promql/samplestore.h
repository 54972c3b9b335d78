#pragma once

#include "services/sandbox/promql/labelset.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::sandbox
{

class Matcher;

// One sample. Times are milliseconds since 1970, UTC.
struct TimedValue
{
    std::int64_t ms = 0;
    double value = 0;
};

// The NaN by which Prometheus marks that a series has ended (pod gone, target down): from there on an instant query
// does not look back past it. Compare with isStaleMarker(), never with ==.
double staleMarker();
bool isStaleMarker(double value);

// Names one series of a SampleStore. Cheap to keep; goes dead when all samples of the series have aged out.
struct SeriesRef
{
    std::uint32_t slot = 0xffffffff;
    std::uint32_t generation = 0;
    bool operator==(const SeriesRef &) const = default;
};

// Samples of a past that is computed rather than kept. The same times must give the same values at every call; calls
// come from any thread, with the store locked: do not call the store back.
class PastSamples
{
public:
    virtual ~PastSamples() = default;
    // Appends the samples of [fromMs, toMs], oldest first.
    virtual void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const = 0;
    virtual std::int64_t beginMs() const = 0; // of the first one
};

// The samples of the practice world, in compressed chunks: times as differences of differences, values as XOR against
// the one before (the "Gorilla" scheme that Prometheus uses too), 120 samples a chunk. Measured over the world's kinds
// of series: services/sandbox/promql/README.md has the bytes a sample.
// Resolution: everything of the last `fineMs`; of what is older the last sample of each `coarseStepMs` (below the five
// minutes that instant queries look back, so that they see no gaps) and every staleness marker; beyond `keepMs`
// nothing, by whole chunks (up to four hours later). A series without samples is forgotten.
// All functions may be called from any thread.
class SampleStore
{
public:
    struct Options
    {
        std::int64_t fineMs = 2 * 3600 * 1000LL;
        std::int64_t coarseStepMs = 120 * 1000LL;
        std::int64_t keepMs = 24 * 3600 * 1000LL;
    };
    struct Row // of one scrape
    {
        SeriesRef series;
        double value = 0;
    };
    struct Description // of a metric, for /api/v1/metadata
    {
        std::string type; // counter gauge histogram summary
        std::string help;
        std::string unit;
    };
    struct Usage
    {
        std::size_t series = 0;
        std::size_t samples = 0;
        std::size_t chunkBytes = 0; // the samples
        std::size_t labelBytes = 0; // series and label texts, about
    };
    using Visitor = std::function<void(const LabelSet &labels, const std::vector<TimedValue> &samples)>;

    SampleStore();
    explicit SampleStore(const Options &options);
    ~SampleStore();
    SampleStore(const SampleStore &) = delete;
    SampleStore &operator=(const SampleStore &) = delete;

    // The series with these labels, made if it is not there. Sorting and empty values are seen to here.
    SeriesRef series(LabelSet labels);

    // False: not taken, because the time is not after the series' newest sample, or the reference has gone dead (ask
    // series() again).
    bool append(SeriesRef series, std::int64_t ms, double value);
    // One scrape: all with the same time, under one lock. How many were taken.
    std::size_t append(const std::vector<Row> &rows, std::int64_t ms);
    // The series ends here.
    bool markStale(SeriesRef series, std::int64_t ms);
    // What lies before the series' first stored sample; null: nothing again.
    void setPast(SeriesRef series, std::shared_ptr<const PastSamples> past);

    void describe(const std::string &metric, Description description);
    std::map<std::string, Description> descriptions() const;

    // Thins and drops what has aged at this time. append() does it by itself as time goes on.
    void trim(std::int64_t nowMs);

    // Every series that matches and has samples in [fromMs, toMs], ordered by labels, with those samples, staleness
    // markers included. Meanwhile nobody can append: the visitor must be short and not call back.
    void visit(const std::vector<Matcher> &matchers, std::int64_t fromMs, std::int64_t toMs,
               const Visitor &visitor) const;
    // The same without looking at the samples: labels of series that may have some in the range.
    std::vector<LabelSet> labelSets(const std::vector<Matcher> &matchers, std::int64_t fromMs, std::int64_t toMs) const;
    // The values that one label has in them.
    std::set<std::string> labelValues(std::string_view name, const std::vector<Matcher> &matchers, std::int64_t fromMs,
                                      std::int64_t toMs) const;

    Usage usage() const;

private:
    struct Data;
    std::unique_ptr<Data> d;
};

} // namespace signalbox::sandbox
