#pragma once

#include "services/sandbox/promql/lexer.h"
#include "services/sandbox/promql/matcher.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::sandbox
{

enum class ValueType { None, Scalar, Vector, Matrix, String };
std::string_view typeName(ValueType type); // "instant vector"

// A function of PromQL. All of Prometheus 2.42's are known by their arguments, so that a wrong call gets Prometheus'
// own words; those the sandbox evaluates are marked.
struct Function
{
    std::string_view name;
    std::vector<ValueType> arguments;
    int variadic = 0; // how many of the last may be left out or repeated; -1: any number
    ValueType result = ValueType::Vector;
    bool isEvaluated = false;
};
const Function *findFunction(std::string_view name);

// Which series of two sides belong together.
struct Matching
{
    enum class Cardinality { OneToOne, ManyToOne, OneToMany, ManyToMany };
    Cardinality cardinality = Cardinality::OneToOne;
    bool isOn = false;
    std::vector<std::string> labels;
    std::vector<std::string> include; // of group_left, group_right
};

struct Expression
{
    enum class Kind { Number, String, Selector, Range, Subquery, Call, Aggregation, Binary, Unary, Paren };

    Kind kind = Kind::Number;
    std::size_t start = 0; // place in the query, in bytes
    std::size_t end = 0;
    std::vector<std::unique_ptr<Expression>> parts; // operands, arguments; of an aggregation (parameter and) operand

    double number = 0;
    std::string text;              // of a string; a selector's metric name outside the braces
    std::vector<Matcher> matchers; // of a selector
    std::int64_t offsetMs = 0;     // of selector, range (on its selector too) and subquery
    std::int64_t rangeMs = 0;
    bool hasAt = false;
    const Function *function = nullptr;
    TokenKind op = TokenKind::End; // binary, unary, aggregation
    bool returnsBool = false;
    bool isWithout = false;
    std::vector<std::string> grouping;
    Matching matching;

    ValueType type() const;
    const Expression &part(std::size_t index) const { return *parts[index]; }
};

// Reads and checks a query. The error is Prometheus' own: "1:5: parse error: unknown function with name \"foo\"".
std::variant<std::unique_ptr<Expression>, std::string> parseExpression(std::string_view query);
// The same for what stands in match[].
std::variant<std::vector<Matcher>, std::string> parseSelector(std::string_view text);
// "1h30m" in milliseconds, as Prometheus reads durations; nothing: `error` says why.
std::optional<std::int64_t> parseDurationMs(std::string_view text, std::string *error);

// Throws a SyntaxError for types that do not fit; for the parser.
void checkTypes(Expression &expression, std::string_view query);

} // namespace signalbox::sandbox
