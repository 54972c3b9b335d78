#include "services/sandbox/promql/syntax.h"

#include <array>
#include <limits>
#include <utility>

namespace signalbox::sandbox
{

std::optional<std::int64_t> parseDurationMs(std::string_view text, std::string *error)
{
    static constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> units = {{{"y", 365LL * 86400000},
                                                                                        {"w", 7LL * 86400000},
                                                                                        {"d", 86400000},
                                                                                        {"h", 3600000},
                                                                                        {"m", 60000},
                                                                                        {"s", 1000},
                                                                                        {"ms", 1}}};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1000000; // Go counts nanoseconds
    if (text == "0")
        return 0;
    if (text.empty()) {
        *error = "empty duration string";
        return std::nullopt;
    }
    std::int64_t sum = 0;
    std::size_t unit = 0;
    bool isTooLong = false;
    for (std::size_t i = 0; i < text.size();) {
        std::int64_t count = 0;
        const std::size_t from = i;
        for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
            count = count > most ? count : count * 10 + (text[i] - '0');
        const std::size_t digits = i;
        while (i < text.size() && text[i] >= 'a' && text[i] <= 'z')
            ++i;
        const std::string_view name = text.substr(digits, i - digits);
        while (unit < units.size() && units[unit].first != name)
            ++unit;
        if (digits == from || unit == units.size()) {
            *error = "not a valid duration string: " + goQuoted(text);
            return std::nullopt;
        }
        isTooLong = isTooLong || count > most / units[unit].second;
        sum += isTooLong ? 0 : count * units[unit].second;
        isTooLong = isTooLong || sum > most;
        ++unit;
    }
    if (isTooLong) {
        *error = "duration out of range";
        return std::nullopt;
    }
    return sum;
}

} // namespace signalbox::sandbox
