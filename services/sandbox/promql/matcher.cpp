#include "services/sandbox/promql/matcher.h"

#include "services/sandbox/promql/gotext.h"

#include <re2/re2.h>

namespace signalbox::sandbox
{
namespace
{

// RE2 and Go's regexp were written by the same hand: they find the same faults and name the same piece, in other words.
const char *goWords(re2::RE2::ErrorCode code)
{
    switch (code) {
    case re2::RE2::ErrorBadEscape:
        return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
    case re2::RE2::ErrorBadCharRange:
        return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
        return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
        return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
        return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
        return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
        return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
        return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
        return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
        return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
        return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
        return "invalid named capture";
    default:
        return "expression too large";
    }
}

re2::RE2::Options quiet()
{
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(false);
    return options;
}

} // namespace

std::shared_ptr<const re2::RE2> anchoredPattern(std::string_view expression, std::string *error)
{
    auto pattern = std::make_shared<const re2::RE2>("^(?:" + std::string(expression) + ")$", quiet());
    if (pattern->ok())
        return pattern;
    *error = "error parsing regexp: " + std::string(goWords(pattern->error_code()));
    if (!pattern->error_arg().empty())
        *error += ": `" + pattern->error_arg() + '`';
    return nullptr;
}

std::optional<Matcher> Matcher::make(Kind kind, std::string name, std::string value, std::string *error)
{
    Matcher matcher;
    matcher.m_kind = kind;
    matcher.m_name = std::move(name);
    matcher.m_value = std::move(value);
    if (kind == Kind::Regex || kind == Kind::NotRegex) {
        matcher.m_pattern = anchoredPattern(matcher.m_value, error);
        if (!matcher.m_pattern)
            return std::nullopt;
    }
    return matcher;
}

bool Matcher::matches(std::string_view value) const
{
    switch (m_kind) {
    case Kind::Equal:
        return value == m_value;
    case Kind::NotEqual:
        return value != m_value;
    case Kind::Regex:
        return re2::RE2::PartialMatch({value.data(), value.size()}, *m_pattern);
    case Kind::NotRegex:
        return !re2::RE2::PartialMatch({value.data(), value.size()}, *m_pattern);
    }
    return false;
}

std::string Matcher::text() const
{
    static const char *const operators[] = {"=", "!=", "=~", "!~"};
    return m_name + operators[static_cast<int>(m_kind)] + goQuoted(m_value);
}

} // namespace signalbox::sandbox
