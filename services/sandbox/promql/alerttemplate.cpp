#include "services/sandbox/promql/alerttemplate.h"

#include "services/sandbox/promql/gotext.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace signalbox::sandbox
{
namespace
{

// %.4g
std::string fourDigits(double value)
{
    if (!std::isfinite(value))
        return apiNumber(value);
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 4);
    return {buffer.data(), end.ptr};
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

std::string scaledUp(double value, std::string_view prefixes)
{
    std::string unit;
    for (const char prefix : prefixes) {
        if (std::abs(value) < 1000)
            break;
        unit = prefix;
        value /= 1000;
    }
    return fourDigits(value) + unit;
}

std::string scaledDown(double value, std::string_view space)
{
    std::string unit;
    for (const char prefix : std::string_view("munpfazy")) {
        if (std::abs(value) >= 1)
            break;
        unit = prefix;
        value *= 1000;
    }
    return fourDigits(value) + std::string(space) + unit;
}

} // namespace

std::string humanized(double value)
{
    if (value == 0 || !std::isfinite(value))
        return fourDigits(value);
    return std::abs(value) >= 1 ? scaledUp(value, "kMGTPEZY") : scaledDown(value, "");
}

std::string humanizedPercentage(double value)
{
    return fourDigits(value * 100) + '%';
}

std::string humanizedDuration(double seconds)
{
    if (!std::isfinite(seconds))
        return fourDigits(seconds);
    if (seconds == 0)
        return fourDigits(seconds) + 's';
    if (std::abs(seconds) < 1)
        return scaledDown(seconds, "") + 's';
    const std::string sign = seconds < 0 ? "-" : "";
    seconds = std::abs(seconds);
    const auto whole = static_cast<std::int64_t>(seconds);
    const auto text = [](std::int64_t count, const char *unit) { return std::to_string(count) + unit; };
    const std::string minutes = text(whole / 60 % 60, "m ") + text(whole % 60, "s");
    if (whole >= 86400)
        return sign + text(whole / 86400, "d ") + text(whole / 3600 % 24, "h ") + minutes;
    if (whole >= 3600)
        return sign + text(whole / 3600, "h ") + minutes;
    if (whole >= 60)
        return sign + minutes;
    return sign + fourDigits(seconds) + 's';
}

std::optional<AlertTemplate::Part> AlertTemplate::reference(std::string_view inside)
{
    constexpr std::string_view labels = "$labels.";
    inside = trimmed(inside);
    if (inside.starts_with(labels) && inside.find_first_of(" |") == std::string_view::npos)
        return Label{std::string(inside.substr(labels.size()))};
    const std::size_t pipe = inside.find('|');
    if (trimmed(inside.substr(0, pipe)) != "$value")
        return std::nullopt;
    if (pipe == std::string_view::npos)
        return Format::Plain;
    const std::string_view function = trimmed(inside.substr(pipe + 1));
    if (function == "humanize")
        return Format::Humanize;
    if (function == "humanizePercentage")
        return Format::Percentage;
    if (function == "humanizeDuration")
        return Format::Duration;
    return std::nullopt;
}

std::optional<AlertTemplate> AlertTemplate::parse(std::string_view text, std::string *error)
{
    AlertTemplate made;
    while (!text.empty()) {
        const std::size_t open = text.find("{{");
        if (open != 0)
            made.m_parts.emplace_back(std::string(text.substr(0, open)));
        if (open == std::string_view::npos)
            break;
        const std::size_t close = text.find("}}", open);
        const auto part =
            close == std::string_view::npos ? std::nullopt : reference(text.substr(open + 2, close - open - 2));
        if (!part) {
            *error = "the sandbox cannot read the template " +
                     goQuoted(text.substr(open, close == std::string_view::npos ? close : close - open + 2)) +
                     "; it knows {{ $labels.NAME }}, {{ $value }} and {{ $value | humanize }}, humanizePercentage, "
                     "humanizeDuration";
            return std::nullopt;
        }
        made.m_parts.push_back(*part);
        text.remove_prefix(close + 2);
    }
    return made;
}

std::string AlertTemplate::expanded(const LabelSet &labels, double value) const
{
    std::string text;
    for (const Part &part : m_parts) {
        if (const auto *plain = std::get_if<std::string>(&part)) {
            text += *plain;
        } else if (const auto *label = std::get_if<Label>(&part)) {
            text += labelValue(labels, label->name);
        } else {
            switch (std::get<Format>(part)) {
            case Format::Plain:
                text += goNumber(value);
                break;
            case Format::Humanize:
                text += humanized(value);
                break;
            case Format::Percentage:
                text += humanizedPercentage(value);
                break;
            case Format::Duration:
                text += humanizedDuration(value);
                break;
            }
        }
    }
    return text;
}

} // namespace signalbox::sandbox
