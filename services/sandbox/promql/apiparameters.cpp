#include "services/sandbox/promql/apiparameters.h"

#include "services/sandbox/promql/gotext.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace signalbox::sandbox
{
namespace
{

constexpr std::int64_t farPastMs = -9'000'000'000'000'000;
constexpr std::int64_t farFutureMs = 9'000'000'000'000'000;

std::string decoded(std::string_view text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
            plain += static_cast<char>(code);
            i += 2;
        } else {
            plain += text[i] == '+' ? ' ' : text[i];
        }
    }
    return plain;
}

// Takes so many digits and the character behind them, unless that is 0.
std::optional<int> digits(std::string_view &text, std::size_t count, char behind)
{
    int value = 0;
    if (text.size() < count + (behind ? 1 : 0))
        return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    if (behind && text[count] != behind)
        return std::nullopt;
    text.remove_prefix(count + (behind ? 1 : 0));
    return value;
}

// Takes ".5" as 500.
std::int64_t fraction(std::string_view &text)
{
    if (text.size() < 2 || text[0] != '.' || text[1] < '0' || text[1] > '9')
        return 0;
    text.remove_prefix(1);
    std::int64_t ms = 0;
    for (int weight = 100; !text.empty() && text[0] >= '0' && text[0] <= '9'; weight /= 10) {
        ms += weight * (text[0] - '0');
        text.remove_prefix(1);
    }
    return ms;
}

// "Z" or "+02:00", in minutes.
std::optional<int> zone(std::string_view text)
{
    if (text == "Z")
        return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-'))
        return std::nullopt;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = digits(text, 2, ':');
    const auto minutes = hours ? digits(text, 2, 0) : std::nullopt;
    if (!minutes || *hours > 23 || *minutes > 59)
        return std::nullopt;
    return sign * (*hours * 60 + *minutes);
}

std::optional<std::int64_t> parseRfc3339(std::string_view text)
{
    std::array<int, 6> parts{};
    static constexpr std::array<std::pair<int, char>, 6> form = {
        {{4, '-'}, {2, '-'}, {2, 'T'}, {2, ':'}, {2, ':'}, {2, 0}}};
    for (std::size_t i = 0; i < form.size(); ++i) {
        const auto part = digits(text, static_cast<std::size_t>(form[i].first), form[i].second);
        if (!part)
            return std::nullopt;
        parts[i] = *part;
    }
    const std::int64_t ms = fraction(text);
    const auto minutesEast = zone(text);
    const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                           std::chrono::month(static_cast<unsigned>(parts[1])),
                                           std::chrono::day(static_cast<unsigned>(parts[2]))};
    if (!minutesEast || !date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
        return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + parts[3]) * 60 + parts[4] - *minutesEast) * 60000 + parts[5] * 1000 + ms;
}

std::optional<std::int64_t> parseTime(std::string_view text)
{
    if (const auto seconds = goParseFloat(text)) {
        if (!std::isfinite(*seconds))
            return std::nullopt;
        const double ms = std::round(*seconds * 1000);
        return static_cast<std::int64_t>(std::clamp(ms, double(farPastMs), double(farFutureMs)));
    }
    return parseRfc3339(text);
}

} // namespace

Parameters formParameters(std::string_view encoded)
{
    Parameters parameters;
    while (!encoded.empty()) {
        const std::size_t end = std::min(encoded.find('&'), encoded.size());
        const std::string_view one = encoded.substr(0, end);
        const std::size_t equals = std::min(one.find('='), one.size());
        if (!one.empty())
            parameters.emplace_back(decoded(one.substr(0, equals)),
                                    decoded(one.substr(std::min(equals + 1, one.size()))));
        encoded.remove_prefix(std::min(end + 1, encoded.size()));
    }
    return parameters;
}

void failBadData(const std::string &message)
{
    throw ApiError{400, "bad_data", message};
}

void failParameter(std::string_view name, const std::string &message)
{
    failBadData("invalid parameter " + goQuoted(name) + ": " + message);
}

std::string_view parameter(const Parameters &parameters, std::string_view name)
{
    for (const auto &[key, value] : parameters) {
        if (key == name)
            return value;
    }
    return {};
}

std::int64_t timeParameter(const Parameters &parameters, std::string_view name)
{
    const std::string_view text = parameter(parameters, name);
    const auto ms = parseTime(text);
    if (!ms)
        failParameter(name, "cannot parse " + goQuoted(text) + " to a valid timestamp");
    return *ms;
}

std::int64_t timeParameter(const Parameters &parameters, std::string_view name, std::int64_t otherwise)
{
    const std::string_view text = parameter(parameters, name);
    if (text.empty())
        return otherwise;
    const auto ms = parseTime(text);
    if (!ms)
        failParameter(name, "Invalid time value for '" + std::string(name) + "': cannot parse " + goQuoted(text) +
                                " to a valid timestamp");
    return *ms;
}

std::int64_t durationParameter(const Parameters &parameters, std::string_view name)
{
    const std::string_view text = parameter(parameters, name);
    if (const auto seconds = goParseFloat(text)) {
        const double ns = *seconds * 1e9;
        if (ns > 9223372036854775807.0 || ns < -9223372036854775808.0)
            failParameter(name, "cannot parse " + goQuoted(text) + " to a valid duration. It overflows int64");
        return std::isnan(ns) ? 0 : static_cast<std::int64_t>(ns);
    }
    std::string error;
    const auto ms = parseDurationMs(text, &error);
    if (!ms)
        failParameter(name, "cannot parse " + goQuoted(text) + " to a valid duration");
    return *ms * 1'000'000;
}

std::string rfc3339(std::int64_t ms)
{
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds(ms)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss<milliseconds> clock(time - day);
    const auto padded = [](std::int64_t value, std::size_t width) {
        const std::string text = std::to_string(value);
        return std::string(text.size() < width ? width - text.size() : 0, '0') + text;
    };
    std::string text = padded(static_cast<int>(date.year()), 4) + '-' + padded(static_cast<unsigned>(date.month()), 2) +
                       '-' + padded(static_cast<unsigned>(date.day()), 2) + 'T' + padded(clock.hours().count(), 2) +
                       ':' + padded(clock.minutes().count(), 2) + ':' + padded(clock.seconds().count(), 2);
    if (clock.subseconds().count() != 0) {
        text += '.' + padded(clock.subseconds().count(), 3);
        while (text.back() == '0')
            text.pop_back();
    }
    return text + 'Z';
}

std::string labelsJson(const LabelSet &labels)
{
    std::string json = "{";
    for (const auto &[name, value] : labels) {
        if (json.size() > 1)
            json += ',';
        json += jsonQuoted(name) + ':' + jsonQuoted(value);
    }
    return json + '}';
}

} // namespace signalbox::sandbox
