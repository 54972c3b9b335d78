#include "services/sandbox/promql/engine.h"

#include "services/sandbox/promql/evaluation.h"

#include <algorithm>

namespace signalbox::sandbox
{
namespace
{

std::string unsupportedOperator(const Expression &expression)
{
    switch (expression.op) {
    case TokenKind::And:
    case TokenKind::Unless:
    case TokenKind::Atan2:
        return "the operator " + goQuoted(operatorText(expression.op));
    default:
        break;
    }
    if (expression.matching.cardinality == Matching::Cardinality::ManyToOne)
        return "the modifier \"group_left\"";
    if (expression.matching.cardinality == Matching::Cardinality::OneToMany)
        return "the modifier \"group_right\"";
    return {};
}

bool isEvaluated(TokenKind aggregation)
{
    switch (aggregation) {
    case TokenKind::Sum:
    case TokenKind::Avg:
    case TokenKind::Min:
    case TokenKind::Max:
    case TokenKind::Count:
    case TokenKind::Quantile:
    case TokenKind::Topk:
        return true;
    default:
        return false;
    }
}

std::int64_t floorSteps(std::int64_t startMs, std::int64_t endMs, std::int64_t stepMs)
{
    return (endMs - startMs) / stepMs + 1;
}

QueryResult instantResult(Value value, std::int64_t atMs)
{
    QueryResult result;
    result.type = value.type;
    result.text = std::move(value.text);
    if (value.type == ValueType::Scalar)
        result.scalar = {atMs, value.scalar.front()};
    for (Row &row : value.rows) {
        if (isPresent(row.values.front()))
            result.series.push_back({std::move(row.labels), {{atMs, row.values.front()}}});
    }
    return result;
}

QueryResult rangeResult(Value value, const Steps &steps)
{
    QueryResult result;
    result.type = ValueType::Matrix;
    if (value.type == ValueType::Scalar)
        value.rows = {{{}, std::move(value.scalar)}};
    for (Row &row : value.rows) {
        ResultSeries series{std::move(row.labels), {}};
        for (std::size_t step = 0; step < steps.count; ++step) {
            if (isPresent(row.values[step]))
                series.samples.push_back({steps.at(step), row.values[step]});
        }
        if (!series.samples.empty())
            result.series.push_back(std::move(series));
    }
    std::sort(result.series.begin(), result.series.end(),
              [](const ResultSeries &a, const ResultSeries &b) { return a.labels < b.labels; });
    return result;
}

} // namespace

std::string unsupportedPart(const Expression &expression)
{
    std::string part;
    if (expression.hasAt)
        part = "the modifier \"@\"";
    else if (expression.kind == Expression::Kind::Subquery)
        part = "subqueries";
    else if (expression.kind == Expression::Kind::Call && !expression.function->isEvaluated)
        part = "the function " + goQuoted(expression.function->name);
    else if (expression.kind == Expression::Kind::Aggregation && !isEvaluated(expression.op))
        part = "the aggregation " + goQuoted(operatorText(expression.op));
    else if (expression.kind == Expression::Kind::Binary)
        part = unsupportedOperator(expression);
    for (std::size_t i = 0; i < expression.parts.size() && part.empty(); ++i)
        part = unsupportedPart(expression.part(i));
    return part;
}

Engine::Engine(const SampleStore &store)
    : Engine(store, Options())
{}

Engine::Engine(const SampleStore &store, const Options &options)
    : m_store(store)
    , m_options(options)
{}

// Reads the query and hands it, when it can be evaluated, to `evaluate`.
template <typename Evaluate>
static Engine::Outcome<QueryResult> withParsed(std::string_view query, Evaluate evaluate)
{
    auto parsed = parseExpression(query);
    if (auto *error = std::get_if<std::string>(&parsed))
        return QueryError{QueryError::Kind::BadData, std::move(*error)};
    try {
        const Expression &expression = *std::get<std::unique_ptr<Expression>>(parsed);
        if (const std::string part = unsupportedPart(expression); !part.empty())
            return QueryError{QueryError::Kind::Execution,
                              "the sandbox's PromQL does not have " + part + "; a Prometheus server does"};
        return evaluate(expression);
    } catch (QueryError &error) {
        return std::move(error);
    }
}

Engine::Outcome<QueryResult> Engine::instant(std::string_view query, std::int64_t atMs, std::int64_t timeoutMs) const
{
    return withParsed(query, [&](const Expression &expression) {
        Evaluator evaluator(m_store, m_options, {atMs, 1, 1},
                            timeoutMs > 0 ? std::min(timeoutMs, m_options.timeoutMs) : m_options.timeoutMs);
        const Expression &inner = unwrapped(expression);
        if (inner.kind != Expression::Kind::Range)
            return instantResult(evaluator.evaluate(expression), atMs);
        QueryResult result;
        result.type = ValueType::Matrix;
        result.series = evaluator.samples(inner);
        return result;
    });
}

Engine::Outcome<QueryResult> Engine::range(std::string_view query, std::int64_t startMs, std::int64_t endMs,
                                           std::int64_t stepMs, std::int64_t timeoutMs) const
{
    stepMs = std::max<std::int64_t>(stepMs, 1);
    const auto parsed = parseExpression(query);
    if (const auto *expression = std::get_if<std::unique_ptr<Expression>>(&parsed)) {
        const ValueType type = (*expression)->type();
        if (type != ValueType::Vector && type != ValueType::Scalar)
            return QueryError{QueryError::Kind::BadData, "invalid expression type " + goQuoted(typeName(type)) +
                                                             " for range query, must be Scalar or instant Vector"};
    }
    return withParsed(query, [&](const Expression &expression) {
        const Steps steps{startMs, stepMs, static_cast<std::size_t>(floorSteps(startMs, endMs, stepMs))};
        Evaluator evaluator(m_store, m_options, steps,
                            timeoutMs > 0 ? std::min(timeoutMs, m_options.timeoutMs) : m_options.timeoutMs);
        return rangeResult(evaluator.evaluate(expression), steps);
    });
}

} // namespace signalbox::sandbox
