#include "services/sandbox/promql/evaluation.h"

#include <algorithm>
#include <limits>

namespace signalbox::sandbox
{
namespace
{

// What a function of a range gives at every step of the query. The window moves on with the steps.
bool workOut(const std::vector<TimedValue> &samples, const Steps &steps, std::int64_t rangeMs, std::int64_t offsetMs,
             RangeFunction function, std::vector<double> &values)
{
    bool hasAny = false;
    std::size_t first = 0;
    std::size_t behind = 0;
    for (std::size_t step = 0; step < steps.count; ++step) {
        const std::int64_t end = steps.at(step) - offsetMs;
        const std::int64_t start = end - rangeMs;
        while (behind < samples.size() && samples[behind].ms <= end)
            ++behind;
        while (first < behind && samples[first].ms < start)
            ++first;
        if (first == behind)
            continue;
        values[step] = function({std::span(samples).subspan(first, behind - first), start, end});
        hasAny = hasAny || isPresent(values[step]);
    }
    return hasAny;
}

// Then no two of its series can look the same without their name, and nobody need compare them.
bool isOfOneMetric(const Expression &selector)
{
    return std::any_of(selector.matchers.begin(), selector.matchers.end(), [](const Matcher &matcher) {
        return matcher.kind() == Matcher::Kind::Equal && matcher.name() == metricNameLabel && !matcher.value().empty();
    });
}

} // namespace

std::size_t LabelSetHash::operator()(const LabelSet &labels) const
{
    std::size_t hash = labels.size();
    const std::hash<std::string_view> one;
    for (const auto &[name, value] : labels) {
        hash = (hash ^ one(name)) * 0x9e3779b97f4a7c15ULL;
        hash = (hash ^ (hash >> 31) ^ one(value)) * 0x9e3779b97f4a7c15ULL;
    }
    return hash;
}

void failExecution(const std::string &message)
{
    throw QueryError{QueryError::Kind::Execution, message};
}

LabelSet keptLabels(const LabelSet &labels, const std::vector<std::string> &names)
{
    LabelSet kept;
    for (const auto &label : labels) {
        if (std::find(names.begin(), names.end(), label.first) != names.end())
            kept.push_back(label);
    }
    return kept;
}

LabelSet otherLabels(const LabelSet &labels, const std::vector<std::string> &names)
{
    LabelSet others;
    for (const auto &label : labels) {
        if (label.first != metricNameLabel && std::find(names.begin(), names.end(), label.first) == names.end())
            others.push_back(label);
    }
    return others;
}

LabelSet withoutName(const LabelSet &labels)
{
    return otherLabels(labels, {});
}

std::vector<Row> merged(std::vector<Row> rows)
{
    LabelMap<std::size_t> known;
    std::vector<Row> result;
    for (Row &row : rows) {
        const auto [it, isNew] = known.try_emplace(row.labels, result.size());
        if (isNew) {
            result.push_back(std::move(row));
            continue;
        }
        std::vector<double> &values = result[it->second].values;
        for (std::size_t step = 0; step < values.size(); ++step) {
            if (!isPresent(row.values[step]))
                continue;
            if (isPresent(values[step]))
                failExecution("vector cannot contain metrics with the same labelset");
            values[step] = row.values[step];
        }
    }
    return result;
}

const Expression &unwrapped(const Expression &expression)
{
    const Expression *inner = &expression;
    while (inner->kind == Expression::Kind::Paren)
        inner = inner->parts[0].get();
    return *inner;
}

Evaluator::Evaluator(const SampleStore &store, const Engine::Options &options, const Steps &steps,
                     std::int64_t timeoutMs)
    : m_store(store)
    , m_options(options)
    , m_steps(steps)
    , m_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs))
{}

void Evaluator::spend(std::size_t rows)
{
    m_values += rows * m_steps.count;
    if (m_values > m_options.maxValues)
        failExecution("query processing would load too many samples into memory in query execution");
    checkTime();
}

void Evaluator::checkTime() const
{
    if (std::chrono::steady_clock::now() > m_deadline)
        throw QueryError{QueryError::Kind::Timeout, "query timed out in expression evaluation"};
}

Value Evaluator::evaluate(const Expression &expression)
{
    checkTime();
    Value value;
    value.type = expression.type();
    switch (expression.kind) {
    case Expression::Kind::Number:
        value.scalar.assign(m_steps.count, expression.number);
        return value;
    case Expression::Kind::String:
        value.text = expression.text;
        return value;
    case Expression::Kind::Paren:
        return evaluate(expression.part(0));
    case Expression::Kind::Selector:
        value.rows = select(expression);
        return value;
    case Expression::Kind::Unary:
        return unary(expression);
    case Expression::Kind::Call:
        return call(expression);
    case Expression::Kind::Aggregation: {
        std::vector<double> parameter;
        if (expression.parts.size() > 1)
            parameter = evaluate(expression.part(0)).scalar;
        value.rows = aggregated(expression, evaluate(*expression.parts.back()).rows, parameter, m_steps.count);
        spend(value.rows.size());
        return value;
    }
    case Expression::Kind::Binary: {
        Value left = evaluate(expression.part(0));
        Value right = evaluate(expression.part(1));
        value = binary(expression, std::move(left), std::move(right), m_steps.count);
        spend(value.rows.size());
        return value;
    }
    case Expression::Kind::Range:
    case Expression::Kind::Subquery:
        break;
    }
    failExecution("the sandbox does not evaluate this expression");
}

std::vector<Row> Evaluator::select(const Expression &selector)
{
    std::vector<Row> rows;
    const std::int64_t lookBack = m_options.lookBackMs;
    const std::int64_t first = m_steps.at(0) - selector.offsetMs;
    const std::int64_t last = m_steps.at(m_steps.count - 1) - selector.offsetMs;
    m_store.visit(selector.matchers, first - lookBack, last, [&](const LabelSet &labels, const auto &samples) {
        spend(1);
        Row row{labels, std::vector<double>(m_steps.count, absent())};
        bool hasAny = false;
        std::size_t behind = 0;
        for (std::size_t step = 0; step < m_steps.count; ++step) {
            const std::int64_t now = m_steps.at(step) - selector.offsetMs;
            while (behind < samples.size() && samples[behind].ms <= now)
                ++behind;
            if (behind > 0 && samples[behind - 1].ms >= now - lookBack) {
                row.values[step] = samples[behind - 1].value;
                hasAny = hasAny || isPresent(row.values[step]);
            }
        }
        if (hasAny)
            rows.push_back(std::move(row));
    });
    return rows;
}

std::vector<Row> Evaluator::overRange(const Expression &call)
{
    const Expression &range = unwrapped(call.part(0));
    const Expression &selector = range.part(0);
    const RangeFunction function = rangeFunction(call.function->name);
    std::vector<Row> rows;
    std::vector<TimedValue> fresh;
    const std::int64_t first = m_steps.at(0) - selector.offsetMs;
    const std::int64_t last = m_steps.at(m_steps.count - 1) - selector.offsetMs;
    m_store.visit(selector.matchers, first - range.rangeMs, last, [&](const LabelSet &labels, const auto &samples) {
        spend(1);
        fresh.clear();
        std::copy_if(samples.begin(), samples.end(), std::back_inserter(fresh),
                     [](const TimedValue &sample) { return !isStaleMarker(sample.value); });
        Row row{withoutName(labels), std::vector<double>(m_steps.count, absent())};
        if (workOut(fresh, m_steps, range.rangeMs, selector.offsetMs, function, row.values))
            rows.push_back(std::move(row));
    });
    if (isOfOneMetric(selector))
        return rows;
    LabelMap<bool> known;
    for (const Row &row : rows) {
        if (!known.try_emplace(row.labels, true).second)
            failExecution("vector cannot contain metrics with the same labelset");
    }
    return rows;
}

Value Evaluator::call(const Expression &expression)
{
    Value value;
    value.type = expression.function->result;
    const std::string_view name = expression.function->name;
    if (name == "histogram_quantile") {
        const std::vector<double> quantile = evaluate(expression.part(0)).scalar;
        value.rows = histogramQuantile(quantile, evaluate(expression.part(1)).rows, m_steps.count);
        spend(value.rows.size());
    } else if (name == "label_replace") {
        value.rows = labelReplace(expression, evaluate(expression.part(0)).rows);
    } else {
        value.rows = overRange(expression);
    }
    return value;
}

Value Evaluator::unary(const Expression &expression)
{
    Value value = evaluate(expression.part(0));
    if (expression.op == TokenKind::Add)
        return value;
    for (double &number : value.scalar)
        number = -number;
    LabelMap<bool> known;
    for (Row &row : value.rows) {
        row.labels = withoutName(row.labels);
        if (!known.try_emplace(row.labels, true).second)
            failExecution("vector cannot contain metrics with the same labelset");
        for (double &number : row.values)
            number = isPresent(number) ? -number : number;
    }
    return value;
}

std::vector<ResultSeries> Evaluator::samples(const Expression &range)
{
    const Expression &selector = range.part(0);
    const std::int64_t end = m_steps.at(0) - selector.offsetMs;
    std::vector<ResultSeries> all;
    m_store.visit(selector.matchers, end - range.rangeMs, end, [&](const LabelSet &labels, const auto &samples) {
        ResultSeries series{labels, {}};
        std::copy_if(samples.begin(), samples.end(), std::back_inserter(series.samples),
                     [](const TimedValue &sample) { return !isStaleMarker(sample.value); });
        m_values += series.samples.size();
        spend(0);
        if (!series.samples.empty())
            all.push_back(std::move(series));
    });
    return all;
}

} // namespace signalbox::sandbox
