#include "services/sandbox/promql/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace signalbox::sandbox
{
namespace
{

// Rows that belong together, by number, in the order in which their first one comes.
struct Grouped
{
    std::vector<LabelSet> labels;
    std::vector<std::vector<std::size_t>> members;
};

Grouped grouped(const Expression &expression, const std::vector<Row> &rows)
{
    Grouped groups;
    LabelMap<std::size_t> known;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        LabelSet labels = expression.isWithout ? otherLabels(rows[i].labels, expression.grouping)
                                               : keptLabels(rows[i].labels, expression.grouping);
        const auto [it, isNew] = known.try_emplace(std::move(labels), groups.labels.size());
        if (isNew) {
            groups.labels.push_back(it->first);
            groups.members.emplace_back();
        }
        groups.members[it->second].push_back(i);
    }
    return groups;
}

double sumOf(const std::vector<double> &values)
{
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum;
}

double averageOf(const std::vector<double> &values)
{
    double mean = 0;
    double count = 0;
    for (const double value : values) {
        ++count;
        if (std::isinf(mean) && ((std::isinf(value) && (mean > 0) == (value > 0)) || std::isfinite(value)))
            continue;
        mean = count == 1 ? value : mean + (value / count - mean / count);
    }
    return mean;
}

double smallestOf(const std::vector<double> &values)
{
    double least = values.front();
    for (const double value : values) {
        if (least > value || std::isnan(least))
            least = value;
    }
    return least;
}

double largestOf(const std::vector<double> &values)
{
    double most = values.front();
    for (const double value : values) {
        if (most < value || std::isnan(most))
            most = value;
    }
    return most;
}

double one(TokenKind op, double parameter, std::vector<double> &values)
{
    switch (op) {
    case TokenKind::Sum:
        return sumOf(values);
    case TokenKind::Avg:
        return averageOf(values);
    case TokenKind::Min:
        return smallestOf(values);
    case TokenKind::Max:
        return largestOf(values);
    case TokenKind::Count:
        return static_cast<double>(values.size());
    default:
        return quantileOf(parameter, values);
    }
}

std::size_t placesOf(double parameter)
{
    constexpr double most = 9223372036854775807.0;
    if (!(parameter < most && parameter >= -most))
        failExecution("Scalar value " + goNumber(parameter) + " overflows int64");
    return parameter < 1 ? 0 : static_cast<std::size_t>(parameter);
}

// Largest first; what is not a number comes last.
bool isAhead(double a, double b)
{
    return !std::isnan(a) && (std::isnan(b) || a > b);
}

std::vector<Row> largest(const Grouped &groups, std::vector<Row> rows, const std::vector<double> &parameter,
                         std::size_t steps)
{
    std::vector<std::vector<double>> kept(rows.size(), std::vector<double>(steps, absent()));
    std::vector<std::size_t> order; // of the first step, which is an instant query's only one
    for (std::size_t step = 0; step < steps; ++step) {
        const std::size_t places = placesOf(parameter[step]);
        for (const auto &members : groups.members) {
            std::vector<std::size_t> present;
            std::copy_if(members.begin(), members.end(), std::back_inserter(present),
                         [&](std::size_t i) { return isPresent(rows[i].values[step]); });
            std::stable_sort(present.begin(), present.end(), [&](std::size_t a, std::size_t b) {
                return isAhead(rows[a].values[step], rows[b].values[step]);
            });
            present.resize(std::min(places, present.size()));
            for (const std::size_t i : present)
                kept[i][step] = rows[i].values[step];
            if (steps == 1)
                order.insert(order.end(), present.begin(), present.end());
        }
    }
    std::vector<Row> result;
    if (steps > 1) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (std::any_of(kept[i].begin(), kept[i].end(), isPresent))
                order.push_back(i);
        }
    }
    for (const std::size_t i : order)
        result.push_back({std::move(rows[i].labels), std::move(kept[i])});
    return result;
}

} // namespace

double quantileOf(double quantile, std::vector<double> &values)
{
    if (values.empty() || std::isnan(quantile))
        return std::numeric_limits<double>::quiet_NaN();
    if (quantile < 0)
        return -std::numeric_limits<double>::infinity();
    if (quantile > 1)
        return std::numeric_limits<double>::infinity();
    std::sort(values.begin(), values.end(),
              [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; }); // not a number comes first
    const double rank = quantile * static_cast<double>(values.size() - 1);
    const auto lower = static_cast<std::size_t>(std::max(0.0, std::floor(rank)));
    const std::size_t upper = std::min(values.size() - 1, lower + 1);
    const double weight = rank - std::floor(rank);
    return values[lower] * (1 - weight) + values[upper] * weight;
}

std::vector<Row> aggregated(const Expression &expression, std::vector<Row> rows, const std::vector<double> &parameter,
                            std::size_t steps)
{
    const Grouped groups = grouped(expression, rows);
    if (expression.op == TokenKind::Topk)
        return largest(groups, std::move(rows), parameter, steps);
    std::vector<Row> result;
    std::vector<double> values;
    for (std::size_t group = 0; group < groups.labels.size(); ++group) {
        Row row{groups.labels[group], std::vector<double>(steps, absent())};
        for (std::size_t step = 0; step < steps; ++step) {
            values.clear();
            for (const std::size_t i : groups.members[group]) {
                if (isPresent(rows[i].values[step]))
                    values.push_back(rows[i].values[step]);
            }
            if (!values.empty())
                row.values[step] = one(expression.op, parameter.empty() ? 0 : parameter[step], values);
        }
        result.push_back(std::move(row));
    }
    return result;
}

} // namespace signalbox::sandbox
