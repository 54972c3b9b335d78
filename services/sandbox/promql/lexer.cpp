#include "services/sandbox/promql/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::sandbox
{
namespace
{

constexpr std::string_view decimal = "0123456789";
constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";

constexpr std::array<std::pair<std::string_view, TokenKind>, 30> words = {{
    {"and", TokenKind::And},
    {"or", TokenKind::Or},
    {"unless", TokenKind::Unless},
    {"atan2", TokenKind::Atan2},
    {"sum", TokenKind::Sum},
    {"avg", TokenKind::Avg},
    {"count", TokenKind::Count},
    {"min", TokenKind::Min},
    {"max", TokenKind::Max},
    {"group", TokenKind::Group},
    {"stddev", TokenKind::Stddev},
    {"stdvar", TokenKind::Stdvar},
    {"topk", TokenKind::Topk},
    {"bottomk", TokenKind::Bottomk},
    {"count_values", TokenKind::CountValues},
    {"quantile", TokenKind::Quantile},
    {"offset", TokenKind::Offset},
    {"by", TokenKind::By},
    {"without", TokenKind::Without},
    {"on", TokenKind::On},
    {"ignoring", TokenKind::Ignoring},
    {"group_left", TokenKind::GroupLeft},
    {"group_right", TokenKind::GroupRight},
    {"bool", TokenKind::Bool},
    {"start", TokenKind::Start},
    {"end", TokenKind::Finish},
    {"inf", TokenKind::Number},
    {"nan", TokenKind::Number},
    {"", TokenKind::End},
    {"", TokenKind::End},
}};

constexpr std::array<std::pair<std::string_view, TokenKind>, 12> symbols = {{
    {"+", TokenKind::Add},
    {"-", TokenKind::Sub},
    {"*", TokenKind::Mul},
    {"/", TokenKind::Div},
    {"%", TokenKind::Mod},
    {"^", TokenKind::Pow},
    {"==", TokenKind::Equal},
    {"!=", TokenKind::NotEqual},
    {"<", TokenKind::Less},
    {"<=", TokenKind::LessEqual},
    {">", TokenKind::Greater},
    {">=", TokenKind::GreaterEqual},
}};

bool isSpace(char32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool isDigit(char32_t c)
{
    return c >= '0' && c <= '9';
}
bool isAlpha(char32_t c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isAlphaNumeric(char32_t c)
{
    return isAlpha(c) || isDigit(c);
}

bool isKeyword(TokenKind kind)
{
    return kind >= TokenKind::Offset && kind <= TokenKind::Bool;
}
bool isOperator(TokenKind kind)
{
    return kind >= TokenKind::EqualRegex && kind <= TokenKind::Unless;
}

// U+0071 'q'
std::string unicodeText(char32_t c)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string hex;
    for (char32_t rest = c; rest > 0 || hex.size() < 4; rest >>= 4)
        hex.insert(hex.begin(), digits[rest & 0xf]);
    std::string text = "U+" + hex + " '";
    appendRune(text, c);
    return text + '\'';
}

// The first ten characters, quoted.
std::string shortened(std::string_view text)
{
    std::size_t end = 0;
    for (int i = 0; i < 10 && end < text.size(); ++i)
        end += static_cast<std::size_t>(runeAt(text, end).size);
    return goQuoted(text.substr(0, end)) + "...";
}

} // namespace

bool isAggregation(TokenKind kind)
{
    return kind >= TokenKind::Sum && kind <= TokenKind::Quantile;
}

bool isComparison(TokenKind kind)
{
    return kind >= TokenKind::Equal && kind <= TokenKind::GreaterEqual;
}

bool isSetOperator(TokenKind kind)
{
    return kind == TokenKind::And || kind == TokenKind::Or || kind == TokenKind::Unless;
}

std::string_view operatorText(TokenKind kind)
{
    for (const auto &[text, symbol] : symbols) {
        if (symbol == kind)
            return text;
    }
    for (const auto &[text, word] : words) {
        if (word == kind)
            return text;
    }
    return {};
}

std::string Token::described() const
{
    switch (kind) {
    case TokenKind::End:
        return "end of input";
    case TokenKind::Identifier:
        return "identifier " + goQuoted(text);
    case TokenKind::MetricIdentifier:
        return "metric identifier " + goQuoted(text);
    case TokenKind::At: // a token Prometheus forgot to name
        return "\"<Item 57385>\" <op:@>";
    default:
        break;
    }
    const std::string value(text);
    if (isKeyword(kind))
        return '<' + value + '>';
    if (isOperator(kind))
        return "<op:" + value + '>';
    if (isAggregation(kind))
        return "<aggr:" + value + '>';
    const std::string_view name = kind == TokenKind::String     ? "string "
                                  : kind == TokenKind::Number   ? "number "
                                  : kind == TokenKind::Duration ? "duration "
                                                                : "";
    return std::string(name) + (text.size() > 10 ? shortened(text) : goQuoted(text));
}

char32_t Lexer::take()
{
    const Rune rune = runeAt(m_input, m_position);
    m_width = static_cast<std::size_t>(rune.size);
    m_position += m_width;
    return rune.size == 0 ? endOfInput : rune.code;
}

char32_t Lexer::peek() const
{
    const Rune rune = runeAt(m_input, m_position);
    return rune.size == 0 ? endOfInput : rune.code;
}

bool Lexer::accept(std::string_view valid)
{
    const char32_t c = peek();
    if (c >= 0x80 || valid.find(static_cast<char>(c)) == std::string_view::npos)
        return false;
    take();
    return true;
}

void Lexer::acceptRun(std::string_view valid)
{
    while (accept(valid)) {
    }
}

Token Lexer::made(TokenKind kind)
{
    const Token token{kind, m_start, m_input.substr(m_start, m_position - m_start)};
    m_start = m_position;
    return token;
}

void Lexer::fail(const std::string &message) const
{
    throw SyntaxError{m_start, message};
}

// Spaces and comments. True: there were some.
bool Lexer::skipBlank()
{
    const std::size_t before = m_position;
    for (;;) {
        while (isSpace(peek()))
            take();
        if (peek() != '#')
            break;
        while (peek() != '\n' && peek() != '\r' && peek() != endOfInput)
            take();
    }
    m_start = m_position;
    return m_position != before;
}

Token Lexer::next()
{
    if (m_isAtEnd)
        return made(TokenKind::End);
    if (m_wantsDuration) {
        m_wantsDuration = false;
        return bracketDuration();
    }
    skipBlank();
    return m_isBraceOpen ? insideBraces() : statement();
}

Token Lexer::statement()
{
    const char32_t c = take();
    if (c == endOfInput) {
        if (m_parens != 0)
            fail("unclosed left parenthesis");
        if (m_isBracketOpen)
            fail("unclosed left bracket");
        m_isAtEnd = true;
        return made(TokenKind::End);
    }
    if (isDigit(c) || (c == '.' && isDigit(peek()))) {
        back();
        return number();
    }
    if (c == '"' || c == '\'' || c == '`')
        return string(c);
    if (isAlpha(c) || c == ':') {
        if (!m_isBracketOpen) {
            back();
            return word();
        }
        if (m_hasColon)
            fail("unexpected colon " + goQuotedRune(c));
        m_hasColon = true;
        return made(TokenKind::Colon);
    }
    return symbol(c);
}

Token Lexer::symbol(char32_t c)
{
    switch (c) {
    case ',':
        return made(TokenKind::Comma);
    case '*':
        return made(TokenKind::Mul);
    case '/':
        return made(TokenKind::Div);
    case '%':
        return made(TokenKind::Mod);
    case '+':
        return made(TokenKind::Add);
    case '-':
        return made(TokenKind::Sub);
    case '^':
        return made(TokenKind::Pow);
    case '@':
        return made(TokenKind::At);
    case '=':
        return equals();
    case '!': {
        const char32_t following = take();
        if (following != '=')
            fail("unexpected character after '!': " + goQuotedRune(following));
        return made(TokenKind::NotEqual);
    }
    case '<':
        return made(accept("=") ? TokenKind::LessEqual : TokenKind::Less);
    case '>':
        return made(accept("=") ? TokenKind::GreaterEqual : TokenKind::Greater);
    default:
        return bracket(c);
    }
}

Token Lexer::equals()
{
    if (accept("="))
        return made(TokenKind::Equal);
    if (peek() == '~')
        fail("unexpected character after '=': " + goQuotedRune(peek()));
    return made(TokenKind::Assign);
}

Token Lexer::bracket(char32_t c)
{
    switch (c) {
    case '(':
        ++m_parens;
        return made(TokenKind::LeftParen);
    case ')': {
        const Token token = made(TokenKind::RightParen);
        if (--m_parens < 0)
            fail("unexpected right parenthesis " + goQuotedRune(c));
        return token;
    }
    case '{':
        m_isBraceOpen = true;
        return made(TokenKind::LeftBrace);
    case '[': {
        if (m_isBracketOpen)
            fail("unexpected left bracket " + goQuotedRune(c));
        m_hasColon = false;
        const Token token = made(TokenKind::LeftBracket);
        while (isSpace(peek()))
            take();
        m_start = m_position;
        m_isBracketOpen = true;
        m_wantsDuration = true;
        return token;
    }
    case ']':
        if (!m_isBracketOpen)
            fail("unexpected right bracket " + goQuotedRune(c));
        m_isBracketOpen = false;
        return made(TokenKind::RightBracket);
    default:
        fail("unexpected character: " + goQuotedRune(c));
    }
}

// Keywords are plain identifiers here.
Token Lexer::insideBraces()
{
    const char32_t c = take();
    if (c == endOfInput)
        fail("unexpected end of input inside braces");
    if (isAlpha(c)) {
        while (isAlphaNumeric(peek()))
            take();
        return made(TokenKind::Identifier);
    }
    switch (c) {
    case ',':
        return made(TokenKind::Comma);
    case '"':
    case '\'':
    case '`':
        return string(c);
    case '=':
        return made(accept("~") ? TokenKind::EqualRegex : TokenKind::Assign);
    case '!': {
        const char32_t following = take();
        if (following != '~' && following != '=')
            fail("unexpected character after '!' inside braces: " + goQuotedRune(following));
        return made(following == '~' ? TokenKind::NotEqualRegex : TokenKind::NotEqual);
    }
    case '{':
        fail("unexpected left brace " + goQuotedRune(c));
    case '}':
        m_isBraceOpen = false;
        return made(TokenKind::RightBrace);
    default:
        fail("unexpected character inside braces: " + goQuotedRune(c));
    }
}

Token Lexer::word()
{
    while (isAlphaNumeric(peek()) || peek() == ':')
        take();
    const std::string_view text = m_input.substr(m_start, m_position - m_start);
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const auto &[name, kind] : words) {
        if (!name.empty() && name == lower)
            return made(kind);
    }
    return made(text.find(':') == std::string_view::npos ? TokenKind::Identifier : TokenKind::MetricIdentifier);
}

Token Lexer::number()
{
    if (scanNumber())
        return made(TokenKind::Number);
    if (acceptRestOfDuration()) {
        back();
        return made(TokenKind::Duration);
    }
    fail("bad number or duration syntax: " + goQuoted(m_input.substr(m_start, m_position - m_start)));
}

Token Lexer::bracketDuration()
{
    if (scanNumber())
        fail("missing unit character in duration");
    if (!acceptRestOfDuration())
        fail("bad duration syntax: " + goQuoted(m_input.substr(m_start, m_position - m_start)));
    back();
    return made(TokenKind::Duration);
}

bool Lexer::scanNumber()
{
    std::string_view digits = decimal;
    if (accept("0") && accept("xX"))
        digits = hexadecimal;
    acceptRun(digits);
    if (accept("."))
        acceptRun(digits);
    if (accept("eE")) {
        accept("+-");
        acceptRun(decimal);
    }
    return !isAlphaNumeric(peek());
}

// Takes the character behind the duration too.
bool Lexer::acceptRestOfDuration()
{
    if (!accept("smhdwy"))
        return false;
    accept("s"); // of ms; hs and the like are found when the duration is read
    while (accept(decimal)) {
        acceptRun(decimal);
        if (!accept("smhdw"))
            return false;
        accept("s");
    }
    return !isAlphaNumeric(take());
}

Token Lexer::string(char32_t quote)
{
    const bool isRaw = quote == '`';
    for (;;) {
        const Rune rune = runeAt(m_input, m_position);
        const char32_t c = take();
        if (c == quote)
            return made(TokenKind::String);
        if (c == endOfInput || (c == '\n' && !isRaw))
            fail(isRaw ? "unterminated raw string" : "unterminated quoted string");
        if (!rune.isValid() || c == 0xfffd)
            fail("invalid UTF-8 rune");
        if (c == '\\' && !isRaw)
            escape(quote);
    }
}

void Lexer::escape(char32_t quote)
{
    char32_t c = take();
    if (c == quote || (c < 0x80 && std::string_view("abfnrtv\\").find(static_cast<char>(c)) < 8))
        return;
    if (c == endOfInput)
        fail("escape sequence not terminated");
    const bool isOctal = c >= '0' && c <= '7';
    int digits = isOctal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0)
        fail("unknown escape sequence " + unicodeText(c));
    const char32_t base = isOctal ? 8 : 16;
    const char32_t most = isOctal || c == 'x' ? 255 : 0x10ffff;
    if (!isOctal)
        c = take();
    char32_t code = 0;
    for (; digits > 0; --digits) {
        const auto place = c < 0x80
                               ? std::string_view("0123456789abcdef").find(static_cast<char>(c | (c >= 'A' ? 32 : 0)))
                               : std::string_view::npos;
        if (place >= base) {
            if (c == endOfInput)
                fail("escape sequence not terminated");
            fail("illegal character " + unicodeText(c) + " in escape sequence");
        }
        code = code * base + static_cast<char32_t>(place);
        if (digits > 1)
            c = take();
    }
    if (code > most || (code >= 0xd800 && code < 0xe000))
        fail("escape sequence is an invalid Unicode code point");
}

} // namespace signalbox::sandbox
