#include "services/sandbox/promql/syntax.h"

#include <algorithm>
#include <array>

namespace signalbox::sandbox
{
namespace
{

using Kind = Expression::Kind;
using Node = std::unique_ptr<Expression>;

bool isMetricWord(TokenKind kind)
{
    return kind == TokenKind::Identifier || kind == TokenKind::MetricIdentifier || isAggregation(kind) ||
           isSetOperator(kind) || kind == TokenKind::By || kind == TokenKind::Without || kind == TokenKind::Offset ||
           kind == TokenKind::Start || kind == TokenKind::Finish;
}

// Words that may name a label in by (...); `without` is not among them, in Prometheus either.
bool isLabelWord(TokenKind kind)
{
    return (isMetricWord(kind) && kind != TokenKind::Without) || kind == TokenKind::Bool || kind == TokenKind::On ||
           kind == TokenKind::Ignoring || kind == TokenKind::GroupLeft || kind == TokenKind::GroupRight ||
           kind == TokenKind::Atan2;
}

int precedence(TokenKind op)
{
    switch (op) {
    case TokenKind::Or:
        return 1;
    case TokenKind::And:
    case TokenKind::Unless:
        return 2;
    case TokenKind::Add:
    case TokenKind::Sub:
        return 4;
    case TokenKind::Mul:
    case TokenKind::Div:
    case TokenKind::Mod:
    case TokenKind::Atan2:
        return 5;
    case TokenKind::Pow:
        return 6;
    default:
        return isComparison(op) ? 3 : 0;
    }
}
constexpr int unaryPrecedence = 5;

bool takesParameter(TokenKind aggregation)
{
    return aggregation == TokenKind::Topk || aggregation == TokenKind::Bottomk ||
           aggregation == TokenKind::CountValues || aggregation == TokenKind::Quantile;
}

// "1:5: parse error: ..."
std::string located(std::string_view query, const SyntaxError &error)
{
    const std::string_view before = query.substr(0, std::min(error.position, query.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t lineBreak = before.rfind('\n');
    const std::size_t column = before.size() + (lineBreak == std::string_view::npos ? 1 : 0) -
                               (lineBreak == std::string_view::npos ? 0 : lineBreak);
    return std::to_string(line) + ':' + std::to_string(column) + ": parse error: " + error.message;
}

// Reads as Prometheus' yacc grammar does. Where that grammar names what it was reading ("... in aggregation") it is the
// innermost construct that has a word for it: m_contexts. Tokens are taken from the lexer no earlier than needed, since
// of a fault in the grammar and one in the letters behind it the former is told.
class Parser
{
public:
    explicit Parser(std::string_view query)
        : m_lexer(query)
    {}

    Node wholeExpression()
    {
        if (peek().kind == TokenKind::End)
            throw SyntaxError{0, "no expression found in input"};
        Node node = expression(1);
        expectEnd();
        return node;
    }

    Node wholeSelector()
    {
        Node node = selector();
        expectEnd();
        return node;
    }

private:
    const Token &peek()
    {
        if (!m_next)
            m_next = m_lexer.next();
        return *m_next;
    }

    Token take()
    {
        const Token token = peek();
        m_next.reset();
        switch (token.kind) {
        case TokenKind::RightBrace:
        case TokenKind::RightParen:
        case TokenKind::RightBracket:
        case TokenKind::Duration:
        case TokenKind::Number:
            m_lastClosing = token.end();
            break;
        default:
            break;
        }
        return token;
    }

    bool takeIf(TokenKind kind)
    {
        if (peek().kind != kind)
            return false;
        take();
        return true;
    }

    [[noreturn]] void unexpected(std::string_view context, std::string_view expected)
    {
        std::string message = "unexpected " + peek().described();
        if (!context.empty())
            message += " in " + std::string(context);
        if (!expected.empty())
            message += ", expected " + std::string(expected);
        throw SyntaxError{peek().position, message};
    }
    [[noreturn]] void unexpected() { unexpected(m_aggregations > 0 ? "aggregation" : "", ""); }

    void expectEnd()
    {
        if (peek().kind != TokenKind::End)
            unexpected();
    }

    // Trees are walked by recursion; one so large that the stack is in danger nobody means.
    Node made(Kind kind, std::size_t start, std::size_t end)
    {
        if (++m_nodes > 1000)
            throw SyntaxError{0, "the sandbox does not read expressions as long as this"};
        auto node = std::make_unique<Expression>();
        node->kind = kind;
        node->start = start;
        node->end = end;
        return node;
    }

    struct Depth
    {
        explicit Depth(Parser &parser)
            : m_parser(parser)
        {
            if (++m_parser.m_depth > 200)
                throw SyntaxError{0, "the sandbox does not read expressions nested this deep"};
        }
        ~Depth() { --m_parser.m_depth; }
        Parser &m_parser;
    };

    Node expression(int least)
    {
        const Depth depth(*this);
        Node left = operand();
        for (;;) {
            const int strength = precedence(peek().kind);
            if (strength == 0 || strength < least)
                return left;
            const Token op = take();
            Node node = made(Kind::Binary, left->start, 0);
            node->op = op.kind;
            modifiers(*node);
            Node right = expression(op.kind == TokenKind::Pow ? strength : strength + 1);
            node->end = right->end;
            node->parts.push_back(std::move(left));
            node->parts.push_back(std::move(right));
            left = std::move(node);
        }
    }

    // bool, on, ignoring, group_left, group_right
    void modifiers(Expression &node)
    {
        node.returnsBool = takeIf(TokenKind::Bool);
        if (peek().kind != TokenKind::On && peek().kind != TokenKind::Ignoring)
            return;
        node.matching.isOn = take().kind == TokenKind::On;
        node.matching.labels = groupingLabels();
        const TokenKind group = peek().kind;
        if (group != TokenKind::GroupLeft && group != TokenKind::GroupRight)
            return;
        take();
        node.matching.cardinality =
            group == TokenKind::GroupLeft ? Matching::Cardinality::ManyToOne : Matching::Cardinality::OneToMany;
        if (peek().kind == TokenKind::LeftParen)
            node.matching.include = groupingLabels();
    }

    std::vector<std::string> groupingLabels()
    {
        std::vector<std::string> labels;
        if (peek().kind != TokenKind::LeftParen)
            unexpected("grouping opts", "\"(\"");
        take();
        if (takeIf(TokenKind::RightParen))
            return labels;
        for (;;) {
            const Token &label = peek();
            if (!isLabelWord(label.kind) || label.text.find(':') != std::string_view::npos)
                unexpected("grouping opts", "label");
            labels.emplace_back(take().text);
            const bool hasComma = takeIf(TokenKind::Comma);
            if (takeIf(TokenKind::RightParen))
                return labels;
            if (!hasComma)
                unexpected("grouping opts", "\",\" or \")\"");
        }
    }

    Node operand()
    {
        if (peek().kind == TokenKind::Add || peek().kind == TokenKind::Sub) {
            const Token sign = take();
            Node inner = expression(unaryPrecedence + 1);
            if (inner->kind == Kind::Number) {
                inner->number = sign.kind == TokenKind::Sub ? -inner->number : inner->number;
                inner->start = sign.position;
                return inner;
            }
            Node node = made(Kind::Unary, sign.position, inner->end);
            node->op = sign.kind;
            node->parts.push_back(std::move(inner));
            return node;
        }
        return postfixed(primary());
    }

    Node postfixed(Node node)
    {
        for (;;) {
            switch (peek().kind) {
            case TokenKind::Offset:
                take();
                offset(*node);
                break;
            case TokenKind::At:
                take();
                at(*node);
                break;
            case TokenKind::LeftBracket:
                node = bracketed(std::move(node));
                break;
            default:
                return node;
            }
        }
    }

    std::int64_t duration()
    {
        const Token token = take();
        std::string error;
        const auto ms = parseDurationMs(token.text, &error);
        if (!ms)
            throw SyntaxError{token.position, error};
        if (*ms == 0)
            throw SyntaxError{token.position, "duration must be greater than 0"};
        return *ms;
    }

    void offset(Expression &node)
    {
        const bool isNegative = takeIf(TokenKind::Sub);
        if (peek().kind != TokenKind::Duration)
            unexpected("offset", "duration");
        const std::int64_t ms = duration();
        if (node.kind != Kind::Selector && node.kind != Kind::Range && node.kind != Kind::Subquery)
            throw SyntaxError{node.start, "offset modifier must be preceded by an instant vector selector or range "
                                          "vector selector or a subquery"};
        Expression &target = node.kind == Kind::Range ? *node.parts[0] : node;
        if (target.offsetMs != 0)
            throw SyntaxError{node.start, "offset may not be set multiple times"};
        target.offsetMs = isNegative ? -ms : ms;
        node.offsetMs = target.offsetMs;
        node.end = m_lastClosing;
    }

    void at(Expression &node)
    {
        const bool isWord = peek().kind == TokenKind::Start || peek().kind == TokenKind::Finish;
        if (isWord) {
            take();
            if (!takeIf(TokenKind::LeftParen) || !takeIf(TokenKind::RightParen))
                unexpected("@", "timestamp");
        } else {
            const bool hasSign = takeIf(TokenKind::Sub) || takeIf(TokenKind::Add);
            static_cast<void>(hasSign);
            if (peek().kind != TokenKind::Number)
                unexpected("@", "timestamp");
            number(take());
        }
        if (node.kind != Kind::Selector && node.kind != Kind::Range && node.kind != Kind::Subquery)
            throw SyntaxError{node.start, "@ modifier must be preceded by an instant vector selector or range vector "
                                          "selector or a subquery"};
        Expression &target = node.kind == Kind::Range ? *node.parts[0] : node;
        if (target.hasAt)
            throw SyntaxError{node.start, "@ <timestamp> may not be set multiple times"};
        target.hasAt = true;
        node.hasAt = true;
        node.end = m_lastClosing;
    }

    Node bracketed(Node inner)
    {
        const Token open = take();
        if (peek().kind != TokenKind::Duration)
            unexpected("subquery selector", "duration");
        const std::int64_t range = duration();
        if (takeIf(TokenKind::Colon))
            return subquery(std::move(inner), range);
        if (!takeIf(TokenKind::RightBracket))
            unexpected("subquery or range", "\":\" or \"]\"");
        const char *const problem = inner->kind != Kind::Selector ? "ranges only allowed for vector selectors"
                                    : inner->offsetMs != 0        ? "no offset modifiers allowed before range"
                                    : inner->hasAt                ? "no @ modifiers allowed before range"
                                                                  : nullptr;
        if (problem)
            throw SyntaxError{open.position, problem};
        Node node = made(Kind::Range, inner->start, m_lastClosing);
        node->rangeMs = range;
        node->parts.push_back(std::move(inner));
        return node;
    }

    Node subquery(Node inner, std::int64_t range)
    {
        const bool hasStep = peek().kind == TokenKind::Duration;
        if (hasStep)
            duration();
        if (!takeIf(TokenKind::RightBracket))
            unexpected("subquery selector", hasStep ? "\"]\"" : "duration or \"]\"");
        Node node = made(Kind::Subquery, inner->start, m_lastClosing);
        node->rangeMs = range;
        node->parts.push_back(std::move(inner));
        return node;
    }

    double number(const Token &token)
    {
        const auto value = goParseNumber(token.text);
        if (!value)
            throw SyntaxError{token.position, "error parsing number: strconv.ParseFloat: parsing " +
                                                  goQuoted(token.text) + ": invalid syntax"};
        return *value;
    }

    std::string unquoted(const Token &token)
    {
        auto text = goUnquoted(token.text);
        if (!text)
            throw SyntaxError{token.position, "error unquoting string " + goQuoted(token.text) + ": invalid syntax"};
        return *std::move(text);
    }

    Node primary()
    {
        const Token first = peek();
        switch (first.kind) {
        case TokenKind::Number: {
            take();
            Node node = made(Kind::Number, first.position, first.end());
            node->number = number(first);
            return node;
        }
        case TokenKind::String: {
            take();
            Node node = made(Kind::String, first.position, first.end());
            node->text = unquoted(first);
            return node;
        }
        case TokenKind::LeftParen: {
            take();
            Node inner = expression(1);
            if (peek().kind != TokenKind::RightParen)
                unexpected();
            Node node = made(Kind::Paren, first.position, take().end());
            node->parts.push_back(std::move(inner));
            return node;
        }
        default:
            return named();
        }
    }

    // A selector, a call or an aggregation.
    Node named()
    {
        if (!isMetricWord(peek().kind))
            return selector();
        const Token name = take();
        const TokenKind following = peek().kind;
        if (isAggregation(name.kind) &&
            (following == TokenKind::LeftParen || following == TokenKind::By || following == TokenKind::Without))
            return aggregation(name);
        if (name.kind == TokenKind::Identifier && following == TokenKind::LeftParen)
            return call(name);
        return selectorOf(name);
    }

    Node aggregation(const Token &name)
    {
        ++m_aggregations;
        Node node = made(Kind::Aggregation, name.position, 0);
        node->op = name.kind;
        const bool isBefore = grouping(*node);
        if (peek().kind != TokenKind::LeftParen)
            unexpected();
        node->parts = arguments();
        if (!isBefore)
            grouping(*node);
        --m_aggregations;
        node->end = m_lastClosing;
        const std::size_t count = node->parts.size();
        const std::size_t wanted = takesParameter(name.kind) ? 2 : 1;
        if (count == 0)
            throw SyntaxError{name.position, "no arguments for aggregate expression provided"};
        if (count != wanted)
            throw SyntaxError{name.position, "wrong number of arguments for aggregate expression provided, expected " +
                                                 std::to_string(wanted) + ", got " + std::to_string(count)};
        return node;
    }

    bool grouping(Expression &node)
    {
        const TokenKind kind = peek().kind;
        if (kind != TokenKind::By && kind != TokenKind::Without)
            return false;
        take();
        node.isWithout = kind == TokenKind::Without;
        node.grouping = groupingLabels();
        return true;
    }

    Node call(const Token &name)
    {
        Node node = made(Kind::Call, name.position, 0);
        node->parts = arguments();
        node->end = m_lastClosing;
        node->function = findFunction(name.text);
        if (!node->function)
            throw SyntaxError{name.position, "unknown function with name " + goQuoted(name.text)};
        return node;
    }

    std::vector<Node> arguments()
    {
        std::vector<Node> all;
        take(); // (
        if (takeIf(TokenKind::RightParen))
            return all;
        for (;;) {
            all.push_back(expression(1));
            if (takeIf(TokenKind::RightParen))
                return all;
            if (peek().kind != TokenKind::Comma)
                unexpected();
            const Token comma = take();
            if (!startsExpression(peek().kind))
                throw SyntaxError{comma.position, "trailing commas not allowed in function call args"};
        }
    }

    static bool startsExpression(TokenKind kind)
    {
        return isMetricWord(kind) || kind == TokenKind::Number || kind == TokenKind::String ||
               kind == TokenKind::LeftParen || kind == TokenKind::LeftBrace || kind == TokenKind::Add ||
               kind == TokenKind::Sub;
    }

    Node selector()
    {
        if (isMetricWord(peek().kind))
            return selectorOf(take());
        if (peek().kind != TokenKind::LeftBrace)
            unexpected();
        Node node = made(Kind::Selector, peek().position, 0);
        node->matchers = labelMatchers();
        node->end = m_lastClosing;
        return node;
    }

    Node selectorOf(const Token &name)
    {
        Node node = made(Kind::Selector, name.position, name.end());
        node->text = std::string(name.text);
        if (peek().kind == TokenKind::LeftBrace) {
            node->matchers = labelMatchers();
            node->end = m_lastClosing;
        }
        std::string error;
        node->matchers.push_back(*Matcher::make(Matcher::Kind::Equal, "__name__", node->text, &error));
        return node;
    }

    std::vector<Matcher> labelMatchers()
    {
        std::vector<Matcher> matchers;
        take(); // {
        for (;;) {
            if (takeIf(TokenKind::RightBrace))
                return matchers;
            if (peek().kind != TokenKind::Identifier)
                unexpected("label matching", "identifier or \"}\"");
            matchers.push_back(labelMatcher());
            if (takeIf(TokenKind::Comma))
                continue;
            if (peek().kind != TokenKind::RightBrace)
                unexpected("label matching", "\",\" or \"}\"");
        }
    }

    Matcher labelMatcher()
    {
        static constexpr std::array<TokenKind, 4> operators = {TokenKind::Assign, TokenKind::NotEqual,
                                                               TokenKind::EqualRegex, TokenKind::NotEqualRegex};
        const Token label = take();
        const auto op = std::find(operators.begin(), operators.end(), peek().kind);
        if (op == operators.end())
            unexpected("label matching", "label matching operator");
        take();
        if (peek().kind != TokenKind::String)
            unexpected("label matching", "string");
        std::string error;
        auto matcher = Matcher::make(static_cast<Matcher::Kind>(op - operators.begin()), std::string(label.text),
                                     unquoted(take()), &error);
        if (!matcher)
            throw SyntaxError{label.position, error};
        return *std::move(matcher);
    }

    Lexer m_lexer;
    std::optional<Token> m_next;
    std::size_t m_lastClosing = 0;
    int m_aggregations = 0; // being read
    int m_depth = 0;
    int m_nodes = 0;
};

} // namespace

std::variant<std::unique_ptr<Expression>, std::string> parseExpression(std::string_view query)
{
    try {
        Node node = Parser(query).wholeExpression();
        checkTypes(*node, query);
        return node;
    } catch (const SyntaxError &error) {
        return located(query, error);
    }
}

std::variant<std::vector<Matcher>, std::string> parseSelector(std::string_view text)
{
    try {
        return std::move(Parser(text).wholeSelector()->matchers);
    } catch (const SyntaxError &error) {
        return located(text, error);
    }
}

} // namespace signalbox::sandbox
