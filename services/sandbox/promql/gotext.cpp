#include "services/sandbox/promql/gotext.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#if !defined(__cpp_lib_to_chars) && defined(_LIBCPP_VERSION)
#include <locale>
#include <sstream>
#endif

namespace signalbox::sandbox
{
namespace
{

// Nothing where it is not a number from end to end, or too large or small for one.
std::optional<double> wholeNumber(std::string_view text, std::chars_format format)
{
    double value = 0;
#if !defined(__cpp_lib_to_chars) && defined(_LIBCPP_VERSION)
    // libc++'s from_chars reads whole numbers alone before its version 20, and on macOS before 26.
    std::istringstream stream((format == std::chars_format::hex ? "0x" : "") + std::string(text));
    stream.imbue(std::locale::classic());
    stream >> std::noskipws >> value;
    if (stream.fail() || stream.peek() != std::istringstream::traits_type::eof())
        return std::nullopt;
#else
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format);
    if (end != text.data() + text.size() || error != std::errc())
        return std::nullopt;
#endif
    return value;
}

constexpr char hexDigits[] = "0123456789abcdef";

void appendHex(std::string &text, char32_t code, int digits)
{
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        text += hexDigits[(code >> shift) & 0xf];
}

int continuationBytes(unsigned char lead)
{
    return lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : -1;
}

// Go escapes what unicode.IsPrint denies. The ranges of it that may be met in a query: controls, separators other than
// the plain space, formats, surrogates, private use.
bool isPrintable(char32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa1) || code == 0xad || code > 0x10ffff)
        return false;
    return !((code >= 0x2000 && code <= 0x200f) || (code >= 0x2028 && code <= 0x202f) ||
             (code >= 0x205f && code <= 0x206f) || code == 0x3000 || code == 0x1680 || code == 0xfeff ||
             (code >= 0xd800 && code <= 0xf8ff) || (code & 0xfffe) == 0xfffe || code >= 0xe0000);
}

void appendEscaped(std::string &text, Rune rune, unsigned char byte, char quote)
{
    if (rune.code == static_cast<char32_t>(quote) || rune.code == '\\') {
        text += '\\';
        text += static_cast<char>(rune.code);
        return;
    }
    if (!rune.isValid()) {
        text += "\\x";
        appendHex(text, byte, 2);
        return;
    }
    if (isPrintable(rune.code)) {
        appendRune(text, rune.code);
        return;
    }
    static constexpr char known[] = "\a\b\f\n\r\t\v";
    static constexpr char names[] = "abfnrtv";
    for (int i = 0; i < 7; ++i) {
        if (rune.code == static_cast<char32_t>(known[i])) {
            text += '\\';
            text += names[i];
            return;
        }
    }
    text += rune.code < 0x80 ? "\\x" : rune.code < 0x10000 ? "\\u" : "\\U";
    appendHex(text, rune.code, rune.code < 0x80 ? 2 : rune.code < 0x10000 ? 4 : 8);
}

std::string formatted(double value, std::chars_format format)
{
    std::array<char, 400> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

std::optional<double> special(double value)
{
    return std::isnan(value) || std::isinf(value) ? std::optional<double>(value) : std::nullopt;
}

std::string specialText(double value)
{
    return std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

std::optional<double> parseSpecial(std::string_view text)
{
    const bool isNegative = !text.empty() && text.front() == '-';
    const bool hasSign = !text.empty() && (isNegative || text.front() == '+');
    std::string word;
    for (const char c : text.substr(hasSign ? 1 : 0))
        word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (word == "nan" && !hasSign)
        return std::numeric_limits<double>::quiet_NaN();
    if (word == "inf" || word == "infinity")
        return isNegative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return std::nullopt;
}

// The code behind a backslash; moves `position` past it.
std::optional<bool> unescape(std::string_view body, std::size_t &position, char quote, std::string &text)
{
    const char c = position < body.size() ? body[position++] : '\0';
    static constexpr char known[] = "\a\b\f\n\r\t\v\\";
    static constexpr std::string_view names = "abfnrtv\\";
    if (const auto place = names.find(c); place != std::string_view::npos) {
        text += known[place];
        return true;
    }
    if (c == quote) {
        text += c;
        return true;
    }
    const bool isOctal = c >= '0' && c <= '7';
    const int digits = isOctal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0)
        return std::nullopt;
    const std::size_t from = isOctal ? position - 1 : position;
    if (from + static_cast<std::size_t>(digits) > body.size())
        return std::nullopt;
    unsigned code = 0;
    const char *const begin = body.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + digits, code, isOctal ? 8 : 16);
    if (error != std::errc() || end != begin + digits || code > 0x10ffff || (isOctal && code > 255))
        return std::nullopt;
    position = from + static_cast<std::size_t>(digits);
    if (isOctal || c == 'x')
        text += static_cast<char>(code);
    else
        appendRune(text, code);
    return true;
}

} // namespace

Rune runeAt(std::string_view text, std::size_t position)
{
    if (position >= text.size())
        return {};
    const auto lead = static_cast<unsigned char>(text[position]);
    if (lead < 0x80)
        return {lead, 1};
    const int more = continuationBytes(lead);
    if (more < 0 || position + static_cast<std::size_t>(more) >= text.size())
        return {0xfffd, 1};
    char32_t code = lead & (0x3f >> more);
    for (int i = 1; i <= more; ++i) {
        const auto next = static_cast<unsigned char>(text[position + static_cast<std::size_t>(i)]);
        if ((next & 0xc0) != 0x80)
            return {0xfffd, 1};
        code = (code << 6) | (next & 0x3f);
    }
    const bool isTooLong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (isTooLong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return {0xfffd, 1};
    return {code, more + 1};
}

void appendRune(std::string &text, char32_t code)
{
    const auto byte = [&text](char32_t bits) { text += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0 | (code >> 6));
        byte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        byte(0xe0 | (code >> 12));
        byte(0x80 | ((code >> 6) & 0x3f));
        byte(0x80 | (code & 0x3f));
    } else {
        byte(0xf0 | (code >> 18));
        byte(0x80 | ((code >> 12) & 0x3f));
        byte(0x80 | ((code >> 6) & 0x3f));
        byte(0x80 | (code & 0x3f));
    }
}

std::string goQuoted(std::string_view text)
{
    std::string quoted = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const Rune rune = runeAt(text, i);
        appendEscaped(quoted, rune, static_cast<unsigned char>(text[i]), '"');
        i += static_cast<std::size_t>(rune.size);
    }
    return quoted + '"';
}

std::string goQuotedRune(char32_t code)
{
    if (code > 0x10ffff) // an end of input, which Go prints as the replacement character
        code = 0xfffd;
    std::string quoted = "'";
    appendEscaped(quoted, {code, 4}, 0, '\'');
    return quoted + '\'';
}

std::optional<std::string> goUnquoted(std::string_view literal)
{
    if (literal.size() < 2 || literal.front() != literal.back())
        return std::nullopt;
    const char quote = literal.front();
    const std::string_view body = literal.substr(1, literal.size() - 2);
    if (quote == '`')
        return body.find('`') == std::string_view::npos ? std::optional(std::string(body)) : std::nullopt;
    if (quote != '"' && quote != '\'')
        return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < body.size();) {
        const char c = body[i++];
        if (c == quote || c == '\n')
            return std::nullopt;
        if (c != '\\')
            text += c;
        else if (!unescape(body, i, quote, text))
            return std::nullopt;
    }
    return text;
}

std::string apiNumber(double value)
{
    if (special(value))
        return specialText(value);
    const double size = std::abs(value);
    const bool isPlain = size == 0 || (size >= 1e-6 && size < 1e21);
    return formatted(value, isPlain ? std::chars_format::fixed : std::chars_format::scientific);
}

std::string goNumber(double value)
{
    if (special(value))
        return specialText(value);
    const double size = std::abs(value);
    const bool isPlain = size == 0 || (size >= 1e-4 && size < 1e6);
    return formatted(value, isPlain ? std::chars_format::fixed : std::chars_format::scientific);
}

std::optional<double> goParseFloat(std::string_view text)
{
    if (const auto word = parseSpecial(text))
        return word;
    const bool isNegative = !text.empty() && text.front() == '-';
    if (!text.empty() && (isNegative || text.front() == '+'))
        text.remove_prefix(1);
    auto format = std::chars_format::general;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        if (text.find_first_of("pP") == std::string_view::npos)
            return std::nullopt; // Go wants the exponent
        text.remove_prefix(2);
        format = std::chars_format::hex;
    }
    if (text.empty() || text.front() == '-' || text.find_first_not_of("0123456789abcdefABCDEFpP.+-") < text.size())
        return std::nullopt;
    const auto value = wholeNumber(text, format);
    return value && isNegative ? -*value : value;
}

std::optional<double> goParseNumber(std::string_view text)
{
    const bool isHex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const bool isOctal =
        !isHex && text.size() > 1 && text[0] == '0' && text.find_first_not_of("01234567") == std::string_view::npos;
    const std::string_view digits = isHex ? text.substr(2) : text;
    long long whole = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole,
                                              isHex     ? 16
                                              : isOctal ? 8
                                                        : 10);
    const bool isWhole = error == std::errc() && end == digits.data() + digits.size();
    if (isWhole && (isHex || isOctal || text.front() != '0' || text.size() == 1))
        return static_cast<double>(whole);
    return goParseFloat(text);
}

std::string apiTime(long long ms)
{
    const bool isNegative = ms < 0;
    const unsigned long long size =
        isNegative ? 0ULL - static_cast<unsigned long long>(ms) : static_cast<unsigned long long>(ms);
    std::string text = (isNegative ? "-" : "") + std::to_string(size / 1000);
    if (const auto fraction = size % 1000) {
        const std::string digits = std::to_string(fraction);
        text += '.' + std::string(3 - digits.size(), '0') + digits;
    }
    return text;
}

std::string jsonQuoted(std::string_view text)
{
    std::string quoted = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const Rune rune = runeAt(text, i);
        const char c = text[i];
        if (!rune.isValid()) {
            quoted += "\\ufffd";
        } else if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (rune.code < 0x20) {
            quoted += c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : "\\u00";
            if (c != '\n' && c != '\r' && c != '\t')
                appendHex(quoted, rune.code, 2);
        } else {
            quoted.append(text.substr(i, static_cast<std::size_t>(rune.size)));
        }
        i += static_cast<std::size_t>(rune.size);
    }
    return quoted + '"';
}

} // namespace signalbox::sandbox
