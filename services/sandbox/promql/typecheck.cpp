#include "services/sandbox/promql/syntax.h"

#include <algorithm>

namespace signalbox::sandbox
{
namespace
{

[[noreturn]] void fail(std::size_t position, const std::string &message)
{
    throw SyntaxError{position, message};
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The checks and their order are those of Prometheus' own, since the first fault found is the one that is told.
class TypeCheck
{
public:
    explicit TypeCheck(std::string_view query)
        : m_query(query)
    {}

    ValueType check(Expression &expression) const
    {
        switch (expression.kind) {
        case Expression::Kind::Aggregation:
            checkAggregation(expression);
            break;
        case Expression::Kind::Binary:
            checkBinary(expression);
            break;
        case Expression::Kind::Call:
            checkCall(expression);
            break;
        case Expression::Kind::Unary:
            checkUnary(expression);
            break;
        case Expression::Kind::Subquery:
            if (const ValueType type = check(*expression.parts[0]); type != ValueType::Vector)
                fail(expression.start, "subquery is only allowed on instant vector, got " +
                                           std::string(type == ValueType::Matrix ? "matrix" : typeName(type)) +
                                           " instead");
            break;
        case Expression::Kind::Selector:
            checkSelector(expression);
            break;
        case Expression::Kind::Range:
        case Expression::Kind::Paren:
            check(*expression.parts[0]);
            break;
        case Expression::Kind::Number:
        case Expression::Kind::String:
            break;
        }
        return expression.type();
    }

private:
    void expect(Expression &expression, ValueType wanted, const std::string &where) const
    {
        const ValueType type = check(expression);
        if (type != wanted)
            fail(expression.start, "expected type " + std::string(typeName(wanted)) + " in " + where + ", got " +
                                       std::string(typeName(type)));
    }

    void checkAggregation(Expression &expression) const
    {
        expect(*expression.parts.back(), ValueType::Vector, "aggregation expression");
        if (expression.op == TokenKind::CountValues)
            expect(*expression.parts.front(), ValueType::String, "aggregation parameter");
        else if (expression.parts.size() > 1)
            expect(*expression.parts.front(), ValueType::Scalar, "aggregation parameter");
    }

    std::size_t operatorPlace(const Expression &expression) const
    {
        std::size_t place = expression.part(0).end;
        while (place < m_query.size() && isBlank(m_query[place]))
            ++place;
        return place;
    }

    void checkBinary(Expression &expression) const
    {
        const ValueType left = check(*expression.parts[0]);
        const ValueType right = check(*expression.parts[1]);
        const bool hasScalar = left == ValueType::Scalar || right == ValueType::Scalar;
        Matching &matching = expression.matching;
        if (expression.returnsBool && !isComparison(expression.op))
            fail(operatorPlace(expression), "bool modifier can only be used on comparison operators");
        if (isComparison(expression.op) && !expression.returnsBool && left == ValueType::Scalar &&
            right == ValueType::Scalar)
            fail(operatorPlace(expression), "comparisons between scalars must use BOOL modifier");
        if (isSetOperator(expression.op) && matching.cardinality == Matching::Cardinality::OneToOne)
            matching.cardinality = Matching::Cardinality::ManyToMany;
        for (const std::string &label : matching.labels) {
            if (matching.isOn &&
                std::find(matching.include.begin(), matching.include.end(), label) != matching.include.end())
                fail(operatorPlace(expression),
                     "label " + goQuoted(label) + " must not occur in ON and GROUP clause at once");
        }
        for (std::size_t side = 0; side < 2; ++side) {
            const ValueType type = side == 0 ? left : right;
            if (type != ValueType::Scalar && type != ValueType::Vector)
                fail(expression.part(side).start,
                     "binary expression must contain only scalar and instant vector types");
        }
        if (hasScalar && !matching.labels.empty())
            fail(expression.start, "vector matching only allowed between instant vectors");
        if (!hasScalar && isSetOperator(expression.op) && matching.cardinality != Matching::Cardinality::ManyToMany)
            fail(expression.start, "no grouping allowed for " + goQuoted(operatorText(expression.op)) + " operation");
        if (hasScalar && isSetOperator(expression.op))
            fail(expression.start,
                 "set operator " + goQuoted(operatorText(expression.op)) + " not allowed in binary scalar expression");
    }

    void checkCall(Expression &expression) const
    {
        const Function &function = *expression.function;
        const auto count = static_cast<int>(expression.parts.size());
        const auto declared = static_cast<int>(function.arguments.size());
        const auto wrongCount = [&](const char *how, int wanted) {
            fail(expression.start, std::string("expected ") + how + std::to_string(wanted) +
                                       " argument(s) in call to " + goQuoted(function.name) + ", got " +
                                       std::to_string(count));
        };
        if (function.variadic == 0 && count != declared)
            wrongCount("", declared);
        const int least = declared - 1;
        if (function.variadic != 0 && count < least)
            wrongCount("at least ", least);
        if (function.variadic > 0 && count > least + function.variadic)
            wrongCount("at most ", least + function.variadic);
        for (int i = 0; i < count; ++i)
            expect(*expression.parts[static_cast<std::size_t>(i)],
                   function.arguments[static_cast<std::size_t>(std::min(i, declared - 1))],
                   "call to function " + goQuoted(function.name));
    }

    void checkUnary(Expression &expression) const
    {
        const ValueType type = check(*expression.parts[0]);
        if (type != ValueType::Scalar && type != ValueType::Vector)
            fail(expression.start,
                 "unary expression only allowed on expressions of type scalar or instant vector, got " +
                     goQuoted(typeName(type)));
    }

    static void checkSelector(const Expression &expression)
    {
        // The matcher of a name outside the braces is the last one.
        for (std::size_t i = 0; !expression.text.empty() && i + 1 < expression.matchers.size(); ++i) {
            if (expression.matchers[i].name() == "__name__")
                fail(expression.start, "metric name must not be set twice: " + goQuoted(expression.text) + " or " +
                                           goQuoted(expression.matchers[i].value()));
        }
        if (std::all_of(expression.matchers.begin(), expression.matchers.end(),
                        [](const Matcher &matcher) { return matcher.matchesEmpty(); }))
            fail(expression.start, "vector selector must contain at least one non-empty matcher");
    }

    std::string_view m_query;
};

} // namespace

std::string_view typeName(ValueType type)
{
    switch (type) {
    case ValueType::Scalar:
        return "scalar";
    case ValueType::Vector:
        return "instant vector";
    case ValueType::Matrix:
        return "range vector";
    case ValueType::String:
        return "string";
    case ValueType::None:
        return "none";
    }
    return {};
}

ValueType Expression::type() const
{
    switch (kind) {
    case Kind::Number:
        return ValueType::Scalar;
    case Kind::String:
        return ValueType::String;
    case Kind::Selector:
    case Kind::Aggregation:
        return ValueType::Vector;
    case Kind::Range:
    case Kind::Subquery:
        return ValueType::Matrix;
    case Kind::Call:
        return function->result;
    case Kind::Binary:
        return part(0).type() == ValueType::Scalar && part(1).type() == ValueType::Scalar ? ValueType::Scalar
                                                                                          : ValueType::Vector;
    case Kind::Unary:
    case Kind::Paren:
        return part(0).type();
    }
    return ValueType::None;
}

void checkTypes(Expression &expression, std::string_view query)
{
    TypeCheck(query).check(expression);
}

} // namespace signalbox::sandbox
