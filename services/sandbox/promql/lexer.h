#pragma once

#include "services/sandbox/promql/gotext.h"

#include <string>
#include <string_view>

namespace signalbox::sandbox
{

enum class TokenKind {
    End,
    Identifier,       // foo
    MetricIdentifier, // foo:bar
    Number,
    Duration,
    String,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    Assign, // =
    EqualRegex,
    NotEqualRegex,
    At,
    // Binary operators.
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equal,
    NotEqual, // a matching operator too
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Unless,
    // Aggregations.
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    Topk,
    Bottomk,
    CountValues,
    Quantile,
    // Keywords.
    Offset,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Bool,
    Start,
    Finish, // the word "end"
};

bool isAggregation(TokenKind kind);
bool isComparison(TokenKind kind);
bool isSetOperator(TokenKind kind);
std::string_view operatorText(TokenKind kind); // "+", "and", "topk"

struct Token
{
    TokenKind kind = TokenKind::End;
    std::size_t position = 0; // in bytes
    std::string_view text;

    std::size_t end() const { return position + text.size(); }
    std::string described() const; // as Prometheus names it in "unexpected ..."
};

// What is wrong with a query, and where. Thrown within the parser; parseExpression() turns it into a value.
struct SyntaxError
{
    std::size_t position = 0;
    std::string message;
};

// The tokens of PromQL, one at a time, with the places and words of Prometheus' own lexer for its errors: a query is
// read from the left and the first thing wrong is what is said. `input` must outlive the lexer and its tokens.
class Lexer
{
public:
    explicit Lexer(std::string_view input)
        : m_input(input)
    {}
    Token next(); // throws SyntaxError

private:
    static constexpr char32_t endOfInput = 0xffffffff;
    char32_t take();
    char32_t peek() const;
    void back() { m_position -= m_width; }
    bool accept(std::string_view valid);
    void acceptRun(std::string_view valid);
    Token made(TokenKind kind);
    [[noreturn]] void fail(const std::string &message) const;

    bool skipBlank();
    Token statement();
    Token symbol(char32_t c);
    Token insideBraces();
    Token word();
    Token number();
    Token bracketDuration();
    Token string(char32_t quote);
    void escape(char32_t quote);
    bool scanNumber();
    bool acceptRestOfDuration();
    Token equals();
    Token bracket(char32_t c);

    std::string_view m_input;
    std::size_t m_position = 0;
    std::size_t m_start = 0; // of the token being read
    std::size_t m_width = 0; // of the last character taken
    int m_parens = 0;
    bool m_isBraceOpen = false;
    bool m_isBracketOpen = false;
    bool m_wantsDuration = false; // right after [
    bool m_hasColon = false;
    bool m_isAtEnd = false;
};

} // namespace signalbox::sandbox
