#pragma once

#include <optional>
#include <string>
#include <string_view>

// Texts as Go writes them, since Prometheus is written in Go and its answers are made with Go's formats.
namespace signalbox::sandbox
{

// One character of UTF-8; a byte that is none counts as U+FFFD of one byte, as in Go.
struct Rune
{
    char32_t code = 0;
    int size = 0; // in bytes; 0 at the end of the text
    bool isValid() const { return size > 0 && !(code == 0xfffd && size == 1); }
};
Rune runeAt(std::string_view text, std::size_t position);
void appendRune(std::string &text, char32_t code);

// %q of a text and of a character.
std::string goQuoted(std::string_view text);
std::string goQuotedRune(char32_t code);
// What a quoted PromQL string ("", '' or ``) means; nothing: not one.
std::optional<std::string> goUnquoted(std::string_view literal);

// A sample's value as the API writes it: "NaN", "+Inf", shortest digits that read back the same.
std::string apiNumber(double value);
// %v of a number.
std::string goNumber(double value);
// strconv.ParseFloat, with hexadecimal floats, "inf" and "nan"; nothing: a syntax error.
std::optional<double> goParseFloat(std::string_view text);
// Go's number syntax of PromQL: 0x1f, 017, 1e3, .5
std::optional<double> goParseNumber(std::string_view text);
// Milliseconds as seconds with at most three decimals: 1700000000.5 is written 1700000000.500.
std::string apiTime(long long ms);
// A text inside quotes of JSON.
std::string jsonQuoted(std::string_view text);

} // namespace signalbox::sandbox
