#include "services/sandbox/promql/evaluation.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace signalbox::sandbox
{
namespace
{

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

double arithmetic(TokenKind op, double left, double right)
{
    switch (op) {
    case TokenKind::Add:
        return left + right;
    case TokenKind::Sub:
        return left - right;
    case TokenKind::Mul:
        return left * right;
    case TokenKind::Div:
        return left / right;
    case TokenKind::Mod:
        return std::fmod(left, right);
    default:
        return std::pow(left, right);
    }
}

bool comparison(TokenKind op, double left, double right)
{
    switch (op) {
    case TokenKind::Equal:
        return left == right;
    case TokenKind::NotEqual:
        return left != right;
    case TokenKind::Less:
        return left < right;
    case TokenKind::LessEqual:
        return left <= right;
    case TokenKind::Greater:
        return left > right;
    default:
        return left >= right;
    }
}

// The value at one step, `kept` being what a comparison without bool lets through; absent(): nothing.
double combined(const Expression &expression, double left, double right, double kept)
{
    if (!isComparison(expression.op))
        return arithmetic(expression.op, left, right);
    const bool holds = comparison(expression.op, left, right);
    if (expression.returnsBool)
        return holds ? 1 : 0;
    return holds ? kept : absent();
}

bool dropsName(const Expression &expression)
{
    return !isComparison(expression.op) || expression.returnsBool;
}

std::vector<Row> vectorAndScalar(const Expression &expression, std::vector<Row> rows, const std::vector<double> &scalar,
                                 bool isScalarLeft)
{
    std::vector<Row> result;
    for (Row &row : rows) {
        bool hasAny = false;
        for (std::size_t step = 0; step < row.values.size(); ++step) {
            double &value = row.values[step];
            if (!isPresent(value))
                continue;
            value = isScalarLeft ? combined(expression, scalar[step], value, value)
                                 : combined(expression, value, scalar[step], value);
            hasAny = hasAny || isPresent(value);
        }
        if (dropsName(expression))
            row.labels = withoutName(row.labels);
        if (hasAny)
            result.push_back(std::move(row));
    }
    return merged(std::move(result));
}

// Numbers the label sets by which rows of both sides are matched.
class Signatures
{
public:
    explicit Signatures(const Matching &matching)
        : m_matching(matching)
    {}
    std::vector<std::size_t> of(const std::vector<Row> &rows)
    {
        std::vector<std::size_t> numbers;
        for (const Row &row : rows)
            numbers.push_back(m_known.try_emplace(signature(row.labels), m_known.size()).first->second);
        return numbers;
    }
    LabelSet signature(const LabelSet &labels) const
    {
        return m_matching.isOn ? keptLabels(labels, m_matching.labels) : otherLabels(labels, m_matching.labels);
    }
    std::size_t count() const { return m_known.size(); }

private:
    const Matching &m_matching;
    LabelMap<std::size_t> m_known;
};

LabelSet resultLabels(const Expression &expression, const LabelSet &left)
{
    if (expression.matching.isOn) {
        LabelSet labels = keptLabels(left, expression.matching.labels);
        return dropsName(expression) ? withoutName(labels) : labels;
    }
    LabelSet labels = otherLabels(left, expression.matching.labels);
    const std::string_view name = labelValue(left, metricNameLabel);
    const auto &ignored = expression.matching.labels;
    const bool isNameIgnored = std::find(ignored.begin(), ignored.end(), metricNameLabel) != ignored.end();
    if (!dropsName(expression) && !name.empty() && !isNameIgnored)
        labels = labelSet([&] {
            labels.emplace_back(metricNameLabel, name);
            return std::move(labels);
        }());
    return labels;
}

[[noreturn]] void failDuplicate(const Signatures &signatures, const Row &one, const Row &other)
{
    failExecution("found duplicate series for the match group " + labelText(signatures.signature(one.labels)) +
                  " on the right hand-side of the operation: [" + labelText(one.labels) + ", " +
                  labelText(other.labels) +
                  "];many-to-many matching not allowed: matching labels must be unique on one side");
}

// One step of an operation between two vectors, one to one.
class OneToOne
{
public:
    OneToOne(const Expression &expression, const std::vector<Row> &left, const std::vector<Row> &right)
        : m_expression(expression)
        , m_left(left)
        , m_right(right)
        , m_signatures(expression.matching)
        , m_leftNumbers(m_signatures.of(left))
        , m_rightNumbers(m_signatures.of(right))
    {}

    std::vector<Row> result(std::size_t steps)
    {
        std::vector<Row> rows;
        for (const Row &row : m_left)
            rows.push_back({resultLabels(m_expression, row.labels), std::vector<double>(steps, absent())});
        for (std::size_t step = 0; step < steps; ++step)
            work(step, rows);
        std::erase_if(rows,
                      [](const Row &row) { return std::none_of(row.values.begin(), row.values.end(), isPresent); });
        return merged(std::move(rows));
    }

private:
    void work(std::size_t step, std::vector<Row> &rows)
    {
        const auto isThere = [step](const Row &row) { return isPresent(row.values[step]); };
        if (std::none_of(m_left.begin(), m_left.end(), isThere) ||
            std::none_of(m_right.begin(), m_right.end(), isThere))
            return; // with one side empty nothing is checked either
        std::vector<std::size_t> partner(m_signatures.count(), nobody);
        for (std::size_t i = 0; i < m_right.size(); ++i) {
            if (!isThere(m_right[i]))
                continue;
            std::size_t &known = partner[m_rightNumbers[i]];
            if (known != nobody)
                failDuplicate(m_signatures, m_right[i], m_right[known]);
            known = i;
        }
        std::vector<bool> isMatched(m_signatures.count());
        for (std::size_t i = 0; i < m_left.size(); ++i) {
            const std::size_t other = partner[m_leftNumbers[i]];
            if (!isThere(m_left[i]) || other == nobody)
                continue;
            const double left = m_left[i].values[step];
            const double value = combined(m_expression, left, m_right[other].values[step], left);
            if (!isPresent(value))
                continue;
            if (isMatched[m_leftNumbers[i]])
                failExecution("multiple matches for labels: many-to-one matching must be explicit "
                              "(group_left/group_right)");
            isMatched[m_leftNumbers[i]] = true;
            rows[i].values[step] = value;
        }
    }

    const Expression &m_expression;
    const std::vector<Row> &m_left;
    const std::vector<Row> &m_right;
    Signatures m_signatures;
    std::vector<std::size_t> m_leftNumbers;
    std::vector<std::size_t> m_rightNumbers;
};

// All of the left, and of the right those whose labels the left does not have at that step.
std::vector<Row> either(const Expression &expression, std::vector<Row> left, std::vector<Row> right, std::size_t steps)
{
    Signatures signatures(expression.matching);
    const auto leftNumbers = signatures.of(left);
    const auto rightNumbers = signatures.of(right);
    std::vector<bool> isTaken;
    for (std::size_t step = 0; step < steps; ++step) {
        isTaken.assign(signatures.count(), false);
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (isPresent(left[i].values[step]))
                isTaken[leftNumbers[i]] = true;
        }
        for (std::size_t i = 0; i < right.size(); ++i) {
            if (isTaken[rightNumbers[i]])
                right[i].values[step] = absent();
        }
    }
    for (Row &row : right) {
        if (std::any_of(row.values.begin(), row.values.end(), isPresent))
            left.push_back(std::move(row));
    }
    return merged(std::move(left));
}

} // namespace

Value binary(const Expression &expression, Value left, Value right, std::size_t steps)
{
    Value value;
    value.type = expression.type();
    const bool isLeftScalar = left.type == ValueType::Scalar;
    const bool isRightScalar = right.type == ValueType::Scalar;
    if (isLeftScalar && isRightScalar) {
        for (std::size_t step = 0; step < steps; ++step)
            value.scalar.push_back(combined(expression, left.scalar[step], right.scalar[step], left.scalar[step]));
    } else if (isLeftScalar) {
        value.rows = vectorAndScalar(expression, std::move(right.rows), left.scalar, true);
    } else if (isRightScalar) {
        value.rows = vectorAndScalar(expression, std::move(left.rows), right.scalar, false);
    } else if (expression.op == TokenKind::Or) {
        value.rows = either(expression, std::move(left.rows), std::move(right.rows), steps);
    } else {
        value.rows = OneToOne(expression, left.rows, right.rows).result(steps);
    }
    return value;
}

} // namespace signalbox::sandbox
