#include "services/sandbox/promql/evaluation.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace signalbox::sandbox
{
namespace
{

struct Bucket
{
    double upper = 0;
    double count = 0;
};

// Buckets with the same bound are one; counts, which come from a hundred scrapes at slightly different times, only
// rise.
void tidy(std::vector<Bucket> &buckets)
{
    std::vector<Bucket> tidied;
    for (const Bucket &bucket : buckets) {
        if (!tidied.empty() && tidied.back().upper == bucket.upper)
            tidied.back().count += bucket.count;
        else
            tidied.push_back(bucket);
    }
    double most = tidied.front().count;
    for (Bucket &bucket : tidied) {
        if (bucket.count > most)
            most = bucket.count;
        else if (bucket.count < most)
            bucket.count = most;
    }
    buckets = std::move(tidied);
}

double bucketQuantile(double quantile, std::vector<Bucket> &buckets)
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (std::isnan(quantile))
        return nan;
    if (quantile < 0 || quantile > 1)
        return quantile < 0 ? -infinity : infinity;
    std::stable_sort(buckets.begin(), buckets.end(),
                     [](const Bucket &a, const Bucket &b) { return a.upper < b.upper; });
    if (buckets.back().upper != infinity)
        return nan;
    tidy(buckets);
    const double observations = buckets.back().count;
    if (buckets.size() < 2 || observations == 0)
        return nan;
    double rank = quantile * observations;
    // The first bucket whose count reaches the rank; a plain search from the left would differ on NaN.
    std::size_t low = 0;
    std::size_t high = buckets.size() - 1;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (buckets[middle].count >= rank)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == buckets.size() - 1)
        return buckets[buckets.size() - 2].upper;
    if (low == 0 && buckets[0].upper <= 0)
        return buckets[0].upper;
    double start = 0;
    double count = buckets[low].count;
    if (low > 0) {
        start = buckets[low - 1].upper;
        count -= buckets[low - 1].count;
        rank -= buckets[low - 1].count;
    }
    return start + (buckets[low].upper - start) * (rank / count);
}

// Go's Regexp.Expand: $1, ${1}, $name, ${name}, $$; of $1x the name is "1x", which there is not: nothing.
std::string expanded(std::string_view text, const re2::RE2 &pattern, const std::vector<re2::StringPiece> &groups)
{
    const auto isWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    const auto valueOf = [&](std::string_view name) -> std::string_view {
        std::size_t index = groups.size();
        if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            index = name.size() < 6 ? std::stoul(std::string(name)) : groups.size();
        } else if (const auto it = pattern.NamedCapturingGroups().find(std::string(name));
                   it != pattern.NamedCapturingGroups().end()) {
            index = static_cast<std::size_t>(it->second);
        }
        if (index >= groups.size() || groups[index].data() == nullptr)
            return {};
        return {groups[index].data(), groups[index].size()};
    };
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '$') {
            result += text[i++];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '$') {
            result += '$';
            i += 2;
            continue;
        }
        const bool isBraced = i + 1 < text.size() && text[i + 1] == '{';
        const std::size_t from = i + (isBraced ? 2 : 1);
        std::size_t end = from;
        while (end < text.size() && isWord(text[end]))
            ++end;
        if (end == from || (isBraced && (end == text.size() || text[end] != '}'))) {
            result += text[i++]; // not a reference: the sign stands for itself
            continue;
        }
        result += valueOf(text.substr(from, end - from));
        i = end + (isBraced ? 1 : 0);
    }
    return result;
}

} // namespace

std::vector<Row> histogramQuantile(const std::vector<double> &quantile, const std::vector<Row> &rows, std::size_t steps)
{
    struct Histogram
    {
        LabelSet labels;
        std::vector<std::pair<double, std::size_t>> members; // upper bound, row
    };
    std::vector<Histogram> histograms;
    LabelMap<std::size_t> known;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto upper = goParseFloat(labelValue(rows[i].labels, "le"));
        if (!upper)
            continue;
        LabelSet key = rows[i].labels; // the name too: two metrics are two histograms
        std::erase_if(key, [](const auto &label) { return label.first == "le"; });
        const auto [it, isNew] = known.try_emplace(key, histograms.size());
        if (isNew)
            histograms.push_back({withoutName(key), {}});
        histograms[it->second].members.emplace_back(*upper, i);
    }
    std::vector<Row> result;
    std::vector<Bucket> buckets;
    for (Histogram &histogram : histograms) {
        Row row{std::move(histogram.labels), std::vector<double>(steps, absent())};
        bool hasAny = false;
        for (std::size_t step = 0; step < steps; ++step) {
            buckets.clear();
            for (const auto &[upper, i] : histogram.members) {
                if (isPresent(rows[i].values[step]))
                    buckets.push_back({upper, rows[i].values[step]});
            }
            if (!buckets.empty()) {
                row.values[step] = bucketQuantile(quantile[step], buckets);
                hasAny = true;
            }
        }
        if (hasAny)
            result.push_back(std::move(row));
    }
    return merged(std::move(result));
}

std::vector<Row> labelReplace(const Expression &call, std::vector<Row> rows)
{
    const auto argument = [&call](std::size_t i) -> const std::string & { return unwrapped(call.part(i)).text; };
    const std::string &target = argument(1);
    const std::string &replacement = argument(2);
    const std::string &source = argument(3);
    std::string error;
    const auto pattern = anchoredPattern(argument(4), &error);
    if (!pattern)
        failExecution("invalid regular expression in label_replace(): " + argument(4));
    if (!isLabelName(target))
        failExecution("invalid destination label name in label_replace(): " + target);
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(pattern->NumberOfCapturingGroups()) + 1);
    for (Row &row : rows) {
        const std::string value(labelValue(row.labels, source));
        if (!pattern->Match(value, 0, value.size(), re2::RE2::UNANCHORED, groups.data(),
                            static_cast<int>(groups.size())))
            continue;
        LabelSet labels = std::move(row.labels);
        labels.emplace_back(target, expanded(replacement, *pattern, groups));
        row.labels = labelSet(std::move(labels));
    }
    return merged(std::move(rows));
}

} // namespace signalbox::sandbox
